"""A limit that the start event says: the clock is due at that date, whatever the seconds are."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

import answerable.dispatch.words
import answerable.intake.words  # noqa: F401 - the shelf uses their events
from answerable.kernel.hub import Hub
from answerable.kernel.ids import SeededIds
from answerable.standards import words as c
from answerable.standards.definition import digest_of
from answerable.standards.examples import run_text
from answerable.standards.foretell import foretell
from answerable.standards.kept import kept_table
from answerable.standards.shelf import shelf, shelf_standard
from answerable.standards.state import State
from answerable.standards.views import running
from answerable.standards.words import ClockExtended, ClockResumed, ClockSuspended, Standard
from tests.standards.bench import T0, US, Bench, rooms
from tests.standards.toyroom.words import Sent

TEXT = """
name = "by the date set"
source = "the toy room"
[[clock]]
name = "come"
starts = "toyroom.Sent"
stops = "toyroom.Came"
voids = "toyroom.Over"
revives = {"toyroom.Again" = "toyroom.Over"}
due = "due_us"
target = 0.9
rings = ["ask where", {after_s = 30, do = "escalate supervisor"}]
"""


def at(seconds: float) -> int:
    """Return an instant of the bench in microseconds."""
    return T0 + round(seconds * US)


def sent(due_s: float, now_s: float = 0, **fields: Any) -> Bench:
    """Return a bench where a runner was sent who must be there by a date."""
    return Bench(TEXT).tell("Sent", now_s, due_us=at(due_s), **fields)


@pytest.mark.parametrize(("came_s", "state"), [(99, "kept"), (100, "kept"), (100.5, "broken")])
def test_the_date_of_the_start_event_is_the_limit(came_s: float, state: str) -> None:
    bench = sent(100, now_s=40).tell("Came", came_s)
    assert bench.one("come") == (state, came_s - 40)
    [line] = bench.lines("come")
    assert line.limit_s == 60


def test_each_clock_has_the_date_of_its_own_start() -> None:
    bench = sent(100).tell("Sent", 10, due_us=at(400), unit="E2")
    assert [(one.unit, one.due_us, one.limit_s) for one in running(bench.state)] == [
        ("E1", at(100), 100),
        ("E2", at(400), 390),
    ]


def test_it_rings_at_its_date_and_later_for_what_follows() -> None:
    bench = sent(100, now_s=40).until(200)
    assert bench.rings("come") == [(100, 1, ("ask where",)), (130, 2, ("escalate supervisor",))]


def test_a_start_that_says_no_date_starts_no_clock() -> None:
    assert Bench(TEXT).tell("Sent").lines("come") == []


def test_a_date_before_the_start_leaves_no_time_and_rings_at_once() -> None:
    bench = sent(10, now_s=40).until(40)
    assert bench.rings("come") == [(40, 1, ("ask where",))]
    assert bench.tell("Came", 41).one("come") == ("broken", 1)


def test_time_it_stood_still_and_time_it_was_given_move_the_date() -> None:
    bench = sent(100).until(20)
    bench.did(c.SuspendClock, clock=bench.number("come"), reason="the road is closed")
    bench.until(50)
    [resumed] = bench.did(c.ResumeClock, clock=bench.number("come"))
    assert isinstance(resumed, ClockResumed)
    assert resumed.due_us == at(130)
    [extended] = bench.did(c.ExtendClock, clock=bench.number("come"), by_s=20, reason="it is far")
    assert isinstance(extended, ClockExtended)
    assert extended.due_us == at(150)
    assert bench.tell("Came", 150).one("come") == ("kept", 150)


def test_one_microsecond_past_the_moved_date_is_late() -> None:
    bench = sent(100).until(20)
    [stood] = bench.did(c.SuspendClock, clock=bench.number("come"), reason="the road is closed")
    assert isinstance(stood, ClockSuspended)
    bench.until(50)
    bench.did(c.ResumeClock, clock=bench.number("come"))
    assert bench.tell("Came", 130 + 1e-6).one("come")[0] == "broken"


def test_the_date_stays_when_the_start_is_corrected() -> None:
    bench = sent(100, now_s=40).correct("Sent", 40, 10)
    assert [(one.due_us, one.limit_s) for one in running(bench.state)] == [(at(100), 90)]
    assert bench.tell("Came", 100).one("come") == ("kept", 90)


def test_a_start_corrected_past_its_date_leaves_no_time() -> None:
    bench = sent(100, now_s=40).correct("Sent", 40, 50)
    bench.tell("Came", 60).correct("Sent", 50, 20)
    assert bench.one("come") == ("kept", 40)
    assert sent(45, now_s=40).correct("Sent", 40, 42).lines("come")[0].limit_s == 3


def test_a_start_entered_late_is_judged_by_the_date_it_says() -> None:
    bench = Bench(TEXT).tell("Sent", 0, due_us=at(500)).tell("Came", 90)
    bench.tell("Sent", 95, unit="E1", at_s=50, due_us=at(80))
    lines = bench.lines("come")
    assert [(line.state, line.limit_s) for line in lines] == [("kept", 500), ("broken", 30)]


def test_a_void_taken_back_leaves_the_date_as_it_was() -> None:
    bench = sent(100).tell("Over", 20).tell("Again", 30)
    assert [one.due_us for one in running(bench.state)] == [at(100)]
    assert bench.tell("Came", 101).one("come")[0] == "broken"


def test_a_call_keeps_its_date_when_its_incident_and_its_kind_become_known() -> None:
    text = TEXT.replace("Sent", "Rung").replace('revives = {"toyroom.Again" = "toyroom.Over"}', "")
    bench = Bench(text.replace("Came", "Asked").replace('voids = "toyroom.Over"', ""))
    bench.tell("Rung", 0, call="C", due_us=at(100))
    bench.tell("Rung", 1, call="D", due_us=at(40))
    bench.tell("Asked", 60, call="C", kind="fire", area_class="core")
    bench.tell("Asked", 61, incident="B", call="D", kind="fire", area_class="core")
    assert [(c.call, c.state, c.limit_s) for c in bench.lines()] == [
        ("C", "kept", 100),
        ("D", "broken", 39),
    ]


def test_its_date_is_told_before_it_begins() -> None:
    bench = Bench(TEXT)
    event = Sent(incident="A", unit="E1", due_us=at(90))
    [begins] = foretell(bench.state, event).begins
    assert (begins.due_us, begins.left_s(at(30)), begins.left_s(at(99))) == (at(90), 60, 0)
    assert foretell(bench.state, Sent(incident="A", unit="E1")).begins == ()


def test_the_table_states_no_seconds_for_it() -> None:
    bench = sent(100).tell("Came", 50)
    [row] = kept_table(bench.state, by=())
    assert (row.limit_s, row.kept, row.share, row.met) == (None, 1, 1.0, True)


def test_a_restart_knows_the_dates() -> None:
    bench = sent(100, now_s=40).tell("Sent", 50, due_us=at(70), unit="E2").tell("Came", 60)
    other = Hub(rooms(), bench.store, clock=bench.clock, ids=SeededIds(1))
    other.start()
    assert other.rooms.pack(other.state) == bench.packed()
    again = msgspec.msgpack.decode(msgspec.msgpack.encode(bench.state), type=State)
    assert [one.due_us for one in running(again)] == [at(70)]


def test_an_example_may_last_days_and_say_a_date() -> None:
    example = """
[[example]]
name = "three days"
until = 2020-09-16T09:00:00Z
events = [
  {at = 08:00:00, event = "toyroom.Sent", incident = "A", unit = "E1",\
   due_us = 2020-09-15T09:00:00Z},
  {at = 08:00:00, event = "toyroom.Sent", incident = "B", unit = "E1", due_us = 09:00:00},
  {at = 2020-09-15T11:00:00+02:00, event = "toyroom.Came", incident = "A", unit = "E1"},
]
expect = [
  {clock = "come", incident = "A", state = "kept", took_s = 176400, rang = []},
  {clock = "come", incident = "B", state = "ringing", rang = ["ask where", "escalate supervisor"]},
]
"""
    assert run_text(TEXT + example) == []
    assert run_text(TEXT + example.replace("11:00:00+02", "11:00:01+02")) != []


def test_what_was_adopted_before_there_were_dates_keeps_its_digest() -> None:
    for name in shelf():
        standard = shelf_standard(name)
        body = msgspec.to_builtins(standard)
        timed = [clock for clock in body["clocks"] if "limit_s" in clock]
        assert all("due" not in clock for clock in timed)
        assert digest_of(msgspec.convert(body, Standard)) == digest_of(standard)
