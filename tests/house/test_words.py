"""Words are whole: frozen, keyword-only, documented, each with a step, an arm and a right."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import msgspec
import pytest

from answerable.kernel.event import Command, Event, Open
from answerable.rooms import authority, product
from tools.reference.http import CONSOLE

ROOMS = product()
EVENTS = list(ROOMS.events.values())
COMMANDS = list(ROOMS.commands.values())
REFUSALS = list(ROOMS.refusals.values())
DECIDED = tomllib.loads((Path(__file__).parent / "decided.toml").read_text(encoding="utf-8"))
HOLE = re.compile(r"\{(\w+)\}")


def faults_of(cls: type[msgspec.Struct]) -> list[str]:
    """Return what is wrong with the shape of a command, event or refusal."""
    faults = []
    if not cls.__struct_config__.frozen:
        faults.append("it is not frozen")
    try:
        cls(object())
    except TypeError as error:
        if "positional" not in str(error):
            faults.append("its fields are not keyword-only")
    else:
        faults.append("its fields are not keyword-only")
    if not (cls.__doc__ or "").strip() or cls.__doc__ == cls.__bases__[0].__doc__:
        faults.append("it has no docstring of its own")
    if issubclass(cls, Event):
        faults += _sentence_faults(cls)
    return faults


def _sentence_faults(event: type[Event]) -> list[str]:
    if not event.said:
        return ["it says nothing"]
    holes = [hole for hole in HOLE.findall(event.said) if hole not in event.__struct_fields__]
    return [f"it says {hole}, which it does not have" for hole in holes]


@pytest.mark.parametrize("cls", [*COMMANDS, *EVENTS, *REFUSALS], ids=lambda cls: cls.__name__)
def test_a_word_is_frozen_keyword_only_and_says_what_it_is(cls):
    assert faults_of(cls) == []


@pytest.mark.parametrize("event", EVENTS, ids=lambda cls: cls.tag)
def test_every_event_is_a_step_of_some_life_or_is_said_not_to_be(event):
    stepping = {
        step.tag
        for room in ROOMS.rooms
        for steps in room.steps.values()
        for (_, step) in steps.table
    }
    assert (event.tag in stepping) != (event.tag in DECIDED["not_a_step"])


def test_every_step_is_taken_by_a_known_event():
    for room in ROOMS.rooms:
        for steps in room.steps.values():
            strange = {step.tag for (_, step) in steps.table} - set(ROOMS.events)
            assert strange <= set(DECIDED["stands_for_others"])


@pytest.mark.parametrize("event", EVENTS, ids=lambda cls: cls.tag)
def test_every_event_changes_the_state_of_its_own_room_or_is_said_not_to(event):
    room = next(room for room in ROOMS.rooms if room.name == event.tag.partition(".")[0])
    taken = event.tag in room.arms.table or room.arms.every is not None
    assert taken != (event.tag in DECIDED["changes_nothing"])


def undecided(commands: set[str], given: set[str], kept_back: set[str]) -> set[str]:
    """Return the commands that are neither given to a role nor kept back, or both."""
    return (commands - given - kept_back) | (given & kept_back) | (kept_back - commands)


def test_every_command_is_given_to_a_role_or_kept_back_on_purpose():
    given = {tag for rights in authority().roles.values() for tag in rights.commands}
    assert undecided(set(ROOMS.commands), given, set(DECIDED["kept_back"])) == set()


def test_every_page_is_given_to_a_role_and_no_role_is_given_a_page_there_is_not():
    given = {page for rights in authority().roles.values() for page in rights.pages}
    assert given == pages_asked_for()


def pages_asked_for(folder: Path = CONSOLE) -> set[str]:
    """Return the names of the pages that the console asks the table of rights about."""
    asked: set[str] = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args:
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                page = {"may_open": node.args[-1], "frame": node.args[0]}.get(name)
                if isinstance(page, ast.Constant):
                    asked.add(page.value)
    return asked


# -- the rules are shown to catch ------------------------------------------------------------


class Loose(Event):
    what: Open[str]


class Mutable(Event, kw_only=True):
    """It can be changed."""

    said = "The {colour} box."
    what: Open[str]


def test_a_word_that_is_not_whole_is_caught():
    assert "its fields are not keyword-only" in faults_of(Loose)
    assert "it says nothing" in faults_of(Loose)
    assert faults_of(Mutable) == ["it says colour, which it does not have"]


def test_a_struct_that_is_not_frozen_is_caught():
    class Plain(msgspec.Struct, kw_only=True):
        """It can be changed."""

        what: str

    assert faults_of(Plain) == ["it is not frozen"]


def test_an_undecided_command_is_caught():
    assert undecided({"a", "b"}, {"a"}, set()) == {"b"}
    assert undecided({"a", "b"}, {"a"}, {"b"}) == set()
    assert undecided({"a"}, {"a"}, {"a"}) == {"a"}
    assert undecided({"a"}, {"a"}, {"gone"}) == {"gone"}


def test_a_page_nobody_is_given_is_seen(tmp_path):
    (tmp_path / "pages.py").write_text('may_open(front, session, "attic")\nself.frame("cellar")')
    assert pages_asked_for(tmp_path) == {"attic", "cellar"}


def test_commands_carry_their_key_and_time():
    assert Command.__struct_fields__ == ("key", "at")
