"""I3: every open clock stops, is suspended with a reason, or rings."""

from __future__ import annotations

import pytest

from answerable.dispatch import words as w
from answerable.standards.rules import LIFE
from answerable.standards.views import every_clock, running
from answerable.standards.words import ClockRang, ClockSuspended, ResumeClock, SuspendClock
from tests.story import US, Centre
from tests.walk import begun, seeded, walk


def explained(town: Centre) -> int:
    """Fail unless every open clock is not due yet, has rung, or stands still for a reason.

    What a correction has made due rings at once. Returns how many are open.
    """
    town.tick(0)
    rang: set[str] = set()
    why: dict[str, str] = {}
    for event in town.events():
        if isinstance(event, ClockRang):
            rang.add(event.clock)
        elif isinstance(event, ClockSuspended):
            why[event.clock] = event.reason
    clocks = running(town.state("standards"))
    for clock in clocks:
        if clock.state == "running":
            assert clock.due_us > town.clock.now_us(), f"{clock.name} passed its limit in silence"
        elif clock.state == "ringing":
            assert clock.number in rang
        else:
            assert clock.state == "suspended"
            assert len(why[clock.number]) >= 2
    return len(clocks)


@pytest.mark.parametrize("seed", range(6))
def test_no_open_clock_passes_its_limit_in_silence(seed):
    town = begun(Centre().adopt())
    open_clocks = 0
    for part in range(8):
        walk(town, seeded(seed * 10 + part, 25))
        open_clocks += explained(town)
        town.tick((0, 40, 200, 3600)[part % 4])
        explained(town)
    assert open_clocks, "the walk started no clock"


def test_after_long_enough_every_open_clock_has_rung_or_stands_still():
    town = begun(Centre().adopt())
    walk(town, seeded(3, 150))
    town.tick(40 * 86_400)
    explained(town)
    assert {clock.state for clock in running(town.state("standards"))} <= {"ringing", "suspended"}


def test_a_stopped_clock_rings_no_more(town):
    town.adopt("one-three-five").duty("E1")
    incident = town.incident()
    town.done(w.SendUnit, incident=incident, unit="E1")
    town.tick(5).done(w.Acknowledge, incident=incident, unit="E1")
    town.tick(5).done(w.Arrive, incident=incident, unit="E1")
    town.tick(5).done(w.ReportBack, incident=incident, unit="E1", outcome="small fire")
    town.done(w.ClearUnit, incident=incident, unit="E1")
    assert running(town.state("standards")) == []
    before = town.hub.position
    town.tick(86_400)
    assert town.hub.position == before
    assert {clock.state for clock in every_clock(town.state("standards"))} == {"kept"}


def test_a_suspended_clock_stands_still_for_its_reason_and_rings_after_it_runs_on(town):
    town.adopt("one-three-five").duty("E1")
    incident = town.incident()
    town.done(w.SendUnit, incident=incident, unit="E1")
    number = next(c.number for c in running(town.state("standards")) if c.name == "sign for it")
    town.tick(10).done(SuspendClock, role="supervisor", clock=number, reason="radio is down")
    town.tick(3600)
    explained(town)
    assert number not in {e.clock for e in town.events() if isinstance(e, ClockRang)}
    town.done(ResumeClock, role="supervisor", clock=number)
    due_us = next(c.due_us for c in running(town.state("standards")) if c.number == number)
    assert due_us == town.clock.now_us() + 20 * US
    town.restart().tick(20)
    assert number in {e.clock for e in town.events() if isinstance(e, ClockRang)}


def test_no_state_of_a_clock_is_without_a_way_on_or_an_end():
    for state in LIFE.states:
        assert state in LIFE.last or LIFE.possible(state)
    assert {"running", "ringing", "suspended"} & LIFE.last == set()


def test_a_clock_whose_start_was_corrected_and_corrected_back_rings_again(town):
    town.adopt("one-three-five").duty("E1")
    incident = town.incident()
    town.done(w.SendUnit, incident=incident, unit="E1")
    sent_us = town.clock.now_us()
    town.tick(40)
    fix = {"role": "supervisor", "incident": incident, "unit": "E1", "step": "UnitSent"}
    town.done(w.CorrectTime, to=sent_us + 35 * US, reason="radio log", **fix)
    explained(town)
    town.tick(5).done(w.CorrectTime, to=sent_us, reason="other log", **fix)
    town.tick(1)
    explained(town)
    explained(town.restart().tick(1))
