"""Every refusal is provoked by a test, has three sentences, and its own code."""

from __future__ import annotations

import re

import msgspec
import pytest

from answerable.kernel.event import Mark, Open, Sealed, marks_of
from answerable.kernel.refusals import KERNEL_REFUSALS, Refusal
from answerable.rooms import product
from tests.house.provoked import Provoked
from tests.kernel.toy import words as toy
from tests.kernel.toy_centre import centre, rooms, tell

ALL = [*KERNEL_REFUSALS, *product().refusals.values()]
HOLE = re.compile(r"\{(\w+)\}")
NOT_DONE = re.compile(r"(Not|Nothing|Nobody) ")


def faults_of(refusal: type[Refusal]) -> list[str]:
    """Return what is wrong with the words of a refusal."""
    faults = []
    for name in ("not_done", "because", "instead"):
        text = getattr(refusal, name)
        if not text:
            faults.append(f"{name} is empty")
        faults += [
            f"{name} names {hole}, which it does not have"
            for hole in HOLE.findall(text)
            if hole not in refusal.__struct_fields__
        ]
    if not NOT_DONE.match(refusal.not_done):
        faults.append("not_done must begin with what was not done")
    if not refusal.__doc__:
        faults.append("it has no docstring")
    if Mark.SEALED in marks_of(refusal).values():
        faults.append("a sealed value would be shown")
    return faults


@pytest.mark.parametrize("refusal", ALL, ids=lambda cls: cls.code)
def test_a_refusal_has_three_sentences_over_its_own_fields(refusal):
    assert faults_of(refusal) == []


def test_every_refusal_has_its_own_code():
    codes = [cls.code for cls in ALL]
    assert len(set(codes)) == len(codes)


@pytest.mark.last
def test_every_refusal_is_provoked_by_a_test(provoked: Provoked):
    if provoked.partial:
        pytest.skip(f"looks back over the whole suite; {provoked.partial}")
    assert provoked.never(product()) == []


@pytest.mark.last
def test_every_refusal_of_the_record_and_of_the_door_is_provoked_by_a_test(provoked: Provoked):
    if provoked.partial:
        pytest.skip(f"looks back over the whole suite; {provoked.partial}")
    assert provoked.never_raised() == []


# -- the rules are shown to catch ------------------------------------------------------------


class Mumbled(Refusal, frozen=True, kw_only=True):
    not_done = "Sorry."
    because = "{what} is {colour}."
    what: Open[str]
    who: Sealed[str]


def test_a_refusal_that_says_nothing_is_caught():
    assert faults_of(Mumbled) == [
        "because names colour, which it does not have",
        "instead is empty",
        "not_done must begin with what was not done",
        "it has no docstring",
        "a sealed value would be shown",
    ]


def test_a_refusal_nobody_provokes_is_caught(monkeypatch):
    watch = Provoked()
    assert "toy.BoxExists" in watch.never(rooms())
    hub = centre()
    monkeypatch.setattr(hub, "do", watch.noting(hub.do))
    tell(hub, toy.MakeBox(key="make", box="b1"))
    assert "toy.BoxExists" in watch.never(rooms())
    tell(hub, toy.MakeBox(key="again", box="b1"))
    assert "toy.BoxExists" not in watch.never(rooms())


def test_part_of_the_suite_is_not_blamed_for_what_it_does_not_run(tmp_path):
    watch = Provoked()
    watch.collected({tmp_path})
    assert "are not run" in watch.partial


def test_the_three_sentences_are_what_a_person_reads():
    refusal = toy.BoxExists(box="b1")
    assert msgspec.structs.asdict(refusal) == {"box": "b1"}
    assert refusal.text() == "Not made: box b1. There is one already. Choose another name."
