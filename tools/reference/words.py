"""Pages of the words: commands, events, refusals, and the lives drawn from the STEPS tables."""

from __future__ import annotations

import re
import typing
from typing import Any

import msgspec

from answerable.kernel.event import Command, Event
from answerable.kernel.refusals import KERNEL_REFUSALS, Refusal
from answerable.kernel.room import Room, Rooms
from answerable.record.refusals import AppendRefusal, OpenRefusal
from answerable.standards.words import Standard
from answerable.towns.model import TownFile
from answerable.towns.words import FileDigest
from tools.reference.plain import (
    default_in_words,
    join,
    keys_table,
    marks_in_words,
    purpose,
    table,
    type_in_words,
)
from tools.reference.settings import structs_in

STRUCT = re.compile(r"\]\(#(\w+)\)")
PAGE_OF = {
    struct.__name__.lower(): page
    for cls, page in ((TownFile, "town.md"), (Standard, "standard.md"))
    for struct in structs_in(cls)
}
"""The page on which a struct of a file is explained; one of no file stands with the commands."""


def commands_page(rooms: Rooms) -> str:
    """Every command of every room: what it asks for, its fields, who is given it."""
    parts = [
        "# Commands",
        "A command asks for events. It is sent as one tagged JSON object to `POST /api/commands`: "
        '`{"type": "intake.AnswerCall", "key": "…", …}`. The same key twice is recorded once. '
        "Every command also has these two fields:",
        fields_table(Command),
    ]
    for room in rooms.rooms:
        parts.append(f"## {room.name}")
        for command in room.commands:
            parts += [f"### {command.tag}", purpose(command), fields_table(command, own=True)]
            parts.append(f"Given to: {_given(rooms, command.tag)}.")
    for struct in (FileDigest,):
        parts += [f"## {struct.__name__}", purpose(struct), keys_table(struct)]
    return join(*parts)


def _linked(hint: Any) -> str:
    """Return a type in words; a struct leads to the page of the file that it stands in."""
    text = type_in_words(hint)
    for name in STRUCT.findall(text):
        text = text.replace(f"(#{name})", f"({PAGE_OF.get(name, 'commands.md')}#{name})")
    return text


def _given(rooms: Rooms, tag: str) -> str:
    roles = [role for role, rights in rooms.authority.roles.items() if tag in rights.commands]
    return ", ".join(roles) or "nobody"


def fields_table(cls: type[msgspec.Struct], *, own: bool = False) -> str:
    """Return the fields of a command or refusal; ``own`` leaves out those of every command."""
    hints = typing.get_type_hints(cls, include_extras=True)
    skip = set(Command.__struct_fields__) if own else set()
    rows = [
        (f"`{f.name}`", _linked(hints[f.name]), default_in_words(f))
        for f in msgspec.structs.fields(cls)
        if f.name not in skip
    ]
    return table(("field", "what it is", "if it is left out"), rows)


def events_page(rooms: Rooms) -> str:
    """Every event of every room: what it says, its version, its fields and their marks."""
    parts = [
        "# Events",
        "An event is one fact: nothing in it is ever changed. Each field has a mark. **Open** may "
        "be published, **inside** is for staff, **sealed** is a person's words, name, number or "
        "exact door: the log holds a salted commitment in its place. In the sentence an event "
        "says, a part in square brackets is left out when a field inside it is empty.",
    ]
    for room in rooms.rooms:
        parts.append(f"## {room.name}")
        for event in room.events:
            parts += [
                f"### {event.tag}",
                purpose(event),
                f"Version {event.version}. Says: *{event.said}*",
                _event_fields(event),
            ]
    return join(*parts)


def _event_fields(event: type[Event]) -> str:
    hints = typing.get_type_hints(event, include_extras=True)
    rows = [
        (f"`{f.name}`", marks_in_words(hints[f.name]), _linked(hints[f.name]),
         default_in_words(f))
        for f in msgspec.structs.fields(event)
    ]  # fmt: skip
    return table(("field", "mark", "what it is", "if it is left out"), rows)


def refusals_page(rooms: Rooms) -> str:
    """Every refusal, in the order in which it is checked: three sentences and a code."""
    parts = [
        "# Refusals",
        "A refusal says what was not done, because of what, and what to do instead: the same words "
        "on the page, in the API (status 409, with the code; 403 for `kernel.NotAllowed`) and on "
        "the command line (exit code 1). They are checked in the order of this page: first those "
        "of the kernel, then those of the room.",
        "## kernel",
        *(_refusal(refusal) for refusal in KERNEL_REFUSALS),
    ]
    for room in rooms.rooms:
        if room.refusals:
            parts += [f"## {room.name}", *(_refusal(refusal) for refusal in room.refusals)]
    parts += [
        "## record",
        "The record refuses to open (exit code 2 on the command line) or to accept a batch (status "
        "503; nothing of the batch was written). Their sentences name the file at hand.",
        table(("code", "when"), [(f"`{c.code}`", purpose(c)) for c in record_refusals()]),
    ]
    return join(*parts)


def record_refusals() -> list[type[OpenRefusal] | type[AppendRefusal]]:
    """Return what the record refuses, to open first and then to accept."""
    return [*OpenRefusal.__subclasses__(), *AppendRefusal.__subclasses__()]


def _refusal(refusal: type[Refusal]) -> str:
    return join(
        f"### {refusal.code}",
        purpose(refusal),
        f"> {refusal.not_done} {refusal.because} {refusal.instead}",
    )


def lives_page(rooms: Rooms) -> str:
    """The life of everything that has one, drawn from the table that decides it."""
    parts = [
        "# Lives",
        "Each of these is drawn from the very table that permits and refuses (`STEPS` in a room's "
        "`rules.py`). A state that cannot be reached or left is an error when the program starts.",
    ]
    for room in rooms.rooms:
        parts += [_lives(room)]
    return join(*parts)


def _lives(room: Room[Any]) -> str:
    if not room.steps:
        return ""
    parts = [f"## {room.name}"]
    for name, steps in room.steps.items():
        rows = [
            (f"`{state}`", event.__name__, f"`{to}`") for (state, event), to in steps.table.items()
        ]
        parts += [
            f"### {room.name}: {name}",
            f"```mermaid\n{steps.diagram()}\n```",
            table(("in state", "this event", "leads to"), rows),
        ]
    return join(*parts)


def authority_page(rooms: Rooms) -> str:
    """Who may do, see and open what."""
    roles = rooms.authority.roles
    given = [
        (f"`{tag}`", *("yes" if tag in rights.commands else "" for rights in roles.values()))
        for tag in rooms.commands
    ]
    names = sorted({page for rights in roles.values() for page in rights.pages})
    opened = [
        (f"`{page}`", *("yes" if page in rights.pages else "" for rights in roles.values()))
        for page in names
    ]
    seen = [
        (role, ", ".join(sorted(mark.value for mark in rights.sees)) or "nothing")
        for role, rights in roles.items()
    ]
    return join(
        "# Authority",
        "From `authority.toml`. What is not given here is denied: there is no inheritance, no "
        "alias and no wildcard. `system` is what reactions and alarms act as.",
        "## Commands",
        table(("command", *roles), given),
        "## Pages",
        table(("page", *roles), opened),
        "## Fields they see",
        table(("role", "marks"), seen),
    )
