"""What is adopted, rung, suspended, resumed and extended, and every refusal read as a whole."""

from __future__ import annotations

import pytest

from answerable.kernel.refusals import NotAllowed, Unknown, WrongStep
from answerable.standards import rules
from answerable.standards.definition import read_standard
from answerable.standards.rules import LIFE
from answerable.standards.words import (
    AdoptStandard,
    AlreadyAdopted,
    BeforeThat,
    ClockExtended,
    ClockResumed,
    ClockSuspended,
    ExtendClock,
    NotAStandard,
    NotDue,
    PastDue,
    ResumeClock,
    RingClock,
    StandardAdopted,
    SuspendClock,
    TooManyStandards,
    TooShort,
)
from tests.standards.bench import ERRANDS, SYSTEM, T0, US, Bench


@pytest.fixture
def bench() -> Bench:
    return Bench(ERRANDS).tell("Sent", 0)


# -- adoption --------------------------------------------------------------------------------


def test_a_standard_is_adopted_word_for_word():
    bench = Bench()
    [event] = bench.did(AdoptStandard, text=ERRANDS)
    assert isinstance(event, StandardAdopted)
    assert event.definition == read_standard(ERRANDS)
    assert (event.standard, event.edition, event.from_us) == ("errands", 1, T0)
    assert len(event.digest) == 64


def test_a_decoded_definition_is_adopted_like_its_text():
    by_text, by_definition = Bench(), Bench()
    [one] = by_text.did(AdoptStandard, text=ERRANDS)
    [other] = by_definition.did(AdoptStandard, definition=read_standard(ERRANDS))
    assert one == other


def test_the_same_text_is_not_adopted_twice(bench):
    refusal = bench.refused(AdoptStandard, text="# a remark\n" + ERRANDS)
    assert isinstance(refusal, AlreadyAdopted)
    assert refusal.text() == (
        "Not adopted: errands. The same text is in force already, as edition 1 "
        f"(digest {refusal.digest}). Nothing needs to be done; change the text first if it "
        "should hold differently."
    )


def test_a_text_that_is_no_standard_is_refused_with_place_and_remedy():
    refusal = Bench().refused(AdoptStandard, text=ERRANDS.replace("limit_s = 30", "limit_s = 0"))
    assert isinstance(refusal, NotAStandard)
    assert refusal.text() == (
        "Not adopted: the text. clock 1 (sign), key limit_s: expected `float` > 0.0. "
        "Give the limit in seconds, more than 0."
    )


@pytest.mark.parametrize("fields", [{}, {"text": "x", "definition": read_standard(ERRANDS)}])
def test_either_a_text_or_a_definition_is_adopted(fields):
    refusal = Bench().refused(AdoptStandard, **fields)
    assert isinstance(refusal, NotAStandard)
    assert "both a text and a definition, or neither" in refusal.text()


def test_there_is_a_limit_on_the_number_of_promises(bench, monkeypatch):
    monkeypatch.setattr(rules, "CLOCKS_MAX", 5)
    refusal = bench.refused(AdoptStandard, text=ERRANDS.replace("errands", "others"))
    assert isinstance(refusal, TooManyStandards)
    assert refusal.text() == (
        "Not adopted: others. The centre would keep 6 different promises; it can keep 5. "
        "Put several promises into one, or keep the rare ones in another centre's record."
    )


# -- ringing ---------------------------------------------------------------------------------


def test_only_the_system_rings(bench):
    assert isinstance(bench.refused(RingClock, clock=bench.number("sign")), NotAllowed)


def test_a_clock_does_not_ring_before_its_limit(bench):
    number = bench.number("sign")
    refusal = bench.until(20).refused(RingClock, clock=number, actor=SYSTEM)
    assert isinstance(refusal, NotDue)
    assert refusal.text() == (
        f"Not rung: sign, clock {number}. It is due in 10.0 s. "
        "Leave ringing to the alarm; it comes by itself."
    )


def test_a_clock_that_has_rung_for_everything_rings_no_more(bench):
    number = bench.number("sign")
    refusal = bench.until(70).refused(RingClock, clock=number, actor=SYSTEM)
    assert isinstance(refusal, NotDue)
    assert "It has rung for all it had to." in refusal.text()


@pytest.mark.parametrize(
    ("command", "fields"),
    [
        (SuspendClock, {"reason": "why not"}),
        (ResumeClock, {}),
        (ExtendClock, {"by_s": 5, "reason": "why not"}),
        (RingClock, {"actor": SYSTEM}),
    ],
)
def test_a_clock_that_is_not_open_is_unknown(bench, command, fields):
    refusal = bench.refused(command, clock="9:999", **fields)
    assert isinstance(refusal, Unknown)
    assert "There is no open clock 9:999." in refusal.text()


# -- standing still --------------------------------------------------------------------------


def test_a_suspended_clock_does_not_ring_and_its_time_does_not_count(bench):
    number = bench.number("sign")
    [event] = bench.until(10).did(SuspendClock, clock=number, reason="bridge is up")
    assert isinstance(event, ClockSuspended)
    assert (event.incident, event.unit, event.promise) == ("A", "E1", "sign")
    bench.until(55)
    assert bench.rings("sign") == []
    [event] = bench.until(60).did(ResumeClock, clock=number)
    assert isinstance(event, ClockResumed)
    assert event.due_us == T0 + 80 * US
    bench.tell("Signed", 79)
    [line] = bench.lines("sign")
    assert (line.state, line.rang) == ("kept", False)


def test_a_resumed_clock_rings_at_its_moved_limit(bench):
    number = bench.number("sign")
    bench.until(10).did(SuspendClock, clock=number, reason="bridge is up")
    bench.until(60).did(ResumeClock, clock=number)
    bench.until(200).tell("Signed")
    assert [at for at, _, _ in bench.rings("sign")] == [80, 110]
    assert bench.one("sign")[0] == "broken"


def test_a_clock_stopped_while_suspended_counts_what_ran_before(bench):
    bench.until(29).did(SuspendClock, clock=bench.number("sign"), reason="bridge is up")
    bench.tell("Signed", 500)
    assert bench.one("sign")[0] == "kept"


def test_a_ringing_clock_is_not_suspended_but_can_be_extended(bench):
    number = bench.number("sign")
    refusal = bench.until(31).refused(SuspendClock, clock=number, reason="bridge is up")
    assert isinstance(refusal, WrongStep)
    assert refusal.text() == (
        f"Not done: ClockSuspended for clock {number}. It is ringing. "
        "Possible now: ClockRang, ClockExtended, StoppedInTime, StoppedLate, FellAway."
    )


def test_a_clock_is_not_suspended_after_its_limit_even_before_it_rings(bench):
    number = bench.number("sign")
    bench.clock.set(T0 + 33 * US)
    refusal = bench.refused(SuspendClock, clock=number, reason="bridge is up")
    assert isinstance(refusal, PastDue)
    assert refusal.text() == (
        f"Not suspended: sign, clock {number}. Its limit passed 3 s before that. "
        "Extend it, with the reason, or have it stopped."
    )


def test_a_clock_does_not_stand_still_before_it_started(bench):
    number = bench.number("sign")
    refusal = bench.until(5).refused(SuspendClock, clock=number, reason="bridge is up", at_s=-2)
    assert isinstance(refusal, BeforeThat)
    assert refusal.text() == (
        f"Not suspended: sign, clock {number}. The time given lies 2 s before the clock started. "
        "Give the true time; it cannot be earlier than that."
    )


def test_a_clock_does_not_run_on_before_it_stood_still(bench):
    number = bench.number("sign")
    bench.until(10).did(SuspendClock, clock=number, reason="bridge is up")
    refusal = bench.refused(ResumeClock, clock=number, at_s=7)
    assert isinstance(refusal, BeforeThat)
    assert "Not resumed: sign" in refusal.text()
    assert "3 s before the clock stood still" in refusal.text()


def test_only_a_suspended_clock_is_resumed(bench):
    assert isinstance(bench.refused(ResumeClock, clock=bench.number("sign")), WrongStep)


def test_what_is_worked_in_late_leaves_out_the_time_a_clock_stood_still(bench):
    number = bench.number("sign")
    bench.until(10).did(SuspendClock, clock=number, reason="bridge is up")
    bench.until(60).did(ResumeClock, clock=number)
    bench.tell("Came", 95).tell("Signed", 99, at_s=75)
    [line] = bench.lines("sign")
    assert (line.state, line.end_us - line.start_us) == ("kept", 75 * US)


# -- more time -------------------------------------------------------------------------------


def test_an_extended_clock_rings_later_and_says_that_it_was_extended(bench):
    [event] = bench.until(10).did(
        ExtendClock, clock=bench.number("sign"), by_s=20, reason="long stairs"
    )
    assert isinstance(event, ClockExtended)
    assert event.due_us == T0 + 50 * US
    bench.tell("Signed", 45)
    [line] = bench.lines("sign")
    assert (line.state, line.extended, line.rang, line.limit_s) == ("kept", True, False, 50)


def test_a_ringing_clock_that_is_extended_runs_and_rings_again_from_its_first_stage(bench):
    number = bench.number("sign")
    bench.until(31).did(ExtendClock, clock=number, by_s=10, reason="long stairs")
    assert bench.one("sign") == ("running", None)
    bench.until(200)
    assert [(at, stage) for at, stage, _ in bench.rings("sign")] == [(30, 1), (40, 1), (70, 2)]


def test_a_suspended_clock_can_be_extended_and_stays_suspended(bench):
    number = bench.number("sign")
    bench.until(10).did(SuspendClock, clock=number, reason="bridge is up")
    bench.until(100).did(ExtendClock, clock=number, by_s=5, reason="long stairs")
    assert bench.one("sign") == ("suspended", None)
    bench.did(ResumeClock, clock=number)
    bench.until(200)
    assert [at for at, _, _ in bench.rings("sign")] == [125, 155]


def test_an_extension_that_ends_in_the_past_is_refused(bench):
    number = bench.number("sign")
    refusal = bench.until(50).refused(ExtendClock, clock=number, by_s=15, reason="long stairs")
    assert isinstance(refusal, TooShort)
    assert refusal.text() == (
        f"Not extended: sign, clock {number}. 15 s more would still end 5 s ago. "
        "Give more than 20 s."
    )


# -- the table -------------------------------------------------------------------------------


def test_the_life_of_a_clock_has_six_states_and_three_ends():
    assert set(LIFE.states) == {"running", "ringing", "suspended", "kept", "broken", "void"}
    assert LIFE.last == {"kept", "broken", "void"}


def test_every_event_of_the_room_has_a_sentence(bench):
    from answerable.kernel.event import fill

    bench.until(10).did(SuspendClock, clock=bench.number("come"), reason="bridge is up")
    bench.did(ResumeClock, clock=bench.number("come"))
    bench.did(ExtendClock, clock=bench.number("come"), by_s=20, reason="long stairs")
    bench.until(30)
    said = [
        fill(type(event).said, {name: getattr(event, name) for name in event.__struct_fields__})
        for row in bench.store.rows()
        if row.kind.startswith("standards.")
        for event in [bench.hub.rooms.decode(row)]
    ]
    assert said == [
        "The standard errands was adopted (edition 1): the toy room. "
        "When its clocks ring, people are only shown: ask where.",
        "The clock stands still: come (errands) of E1: bridge is up.",
        "The clock runs on: come (errands) of E1.",
        "The clock was given 20 s more: come (errands) of E1: long stairs.",
        "The clock rang: sign (errands) of E1 was not done within 30 s. Now: remind unit.",
    ]
