"""B5: no timer acts on a reopened incident, or on anything, unrecorded.

In TicketsCAD a stale timer silently closed a reopened call again, and the audit had no word of it.
"""

from __future__ import annotations

import pytest

from answerable.dispatch import report_words as r
from answerable.dispatch import words as w
from answerable.planning.invariants.batch import BY_ITSELF
from answerable.standards.views import running_for
from answerable.standards.words import ClockRang
from tests.dispatch.reporting import reporting_town
from tests.story import US, Centre
from tests.walk import begun, seeded, walk

DAY_S = 86_400

BY_ALARMS = {ClockRang.tag, "intake.IncidentOpened", *BY_ITSELF} - {"dispatch.UnitSent"}
"""What passing time may bring about: promises that ring, what was booked, what waited, and telling
people; no unit is sent and none is put back by it."""


def reopened(town: Centre) -> str:
    """An incident that was served, closed and taken up again, under every standard there is."""
    town.adopt().duty("E1", "E2")
    incident = town.incident()
    for command in (w.SendUnit, w.Acknowledge, w.GoEnRoute, w.Arrive, w.ClearUnit):
        town.tick(10).done(command, incident=incident, unit="E1")
    town.tick(10).done(w.CloseIncident, incident=incident, outcome="fire out")
    town.tick(600).done(w.ReopenIncident, incident=incident, reason="smoke again")
    return incident


def test_a_reopened_incident_stays_open_however_long_it_takes(town):
    incident = reopened(town)
    for _ in range(3):
        town.tick(DAY_S)
        assert town.board.incidents[incident].state == "open"
    closed = [e for e in town.events() if isinstance(e, w.IncidentClosed)]
    assert len(closed) == 1


def test_a_clock_from_before_the_closing_does_not_act_on_the_reopened_incident(town):
    town.adopt("one-three-five").duty("E1")
    incident = town.incident()
    town.done(w.SendUnit, incident=incident, unit="E1")
    assert running_for(town.state("standards"), incident)
    town.tick(5).done(w.CancelUnit, incident=incident, unit="E1", reason="false alarm")
    town.done(w.CloseIncident, incident=incident, outcome="false alarm")
    town.done(w.ReopenIncident, incident=incident, reason="not false")
    before = town.hub.position
    town.tick(DAY_S)
    assert not running_for(town.state("standards"), incident)
    assert [r.kind for r in town.store.rows(before) if r.kind != ClockRang.tag] == []
    assert not [e for e in town.events() if isinstance(e, ClockRang) and e.incident == incident]


def asked_again() -> tuple[Centre, str]:
    """A closed incident whose report went back, and whose opening again is asked for."""
    town = Centre(town=reporting_town()).adopt().duty("E1")
    incident = town.incident(kind="Fire")
    for command in (w.SendUnit, w.Acknowledge, w.GoEnRoute, w.Arrive):
        town.tick(10).done(command, incident=incident, unit="E1")
    town.tick(10).done(w.ReportBack, incident=incident, unit="E1", code="out")
    town.tick(10).done(w.ClearUnit, incident=incident, unit="E1")
    town.tick(10).done(w.CloseIncident, incident=incident, outcome="fire out")
    town.tick(60).done(r.ReturnReport, incident=incident, unit="E1", reason="which floor")
    town.tick(60).done(r.AskReopening, incident=incident, reason="smoke again")
    return town, incident


def test_what_is_asked_for_is_neither_granted_nor_declined_by_time():
    town, incident = asked_again()
    before = town.hub.position
    for _ in range(3):
        town.tick(DAY_S)
        assert town.board.line(incident).state == "reopening asked"
    rows = list(town.store.rows(before))
    assert {row.actor for row in rows} <= {"system"}
    assert {row.kind for row in rows} <= BY_ALARMS
    assert "complete the report" in {
        event.promise for event in town.events() if isinstance(event, ClockRang)
    }


def test_a_clock_that_rings_over_a_reopening_that_was_granted_is_in_the_record():
    town, incident = asked_again()
    town.done(r.GrantReopening, role="supervisor", incident=incident, reason="an engine is near")
    before = town.hub.position
    town.tick(DAY_S)
    assert town.board.incidents[incident].state == "open"
    assert {row.kind for row in town.store.rows(before)} <= BY_ALARMS
    town.done(w.ReportBack, incident=incident, unit="E1", code="nothing")
    at = town.hub.position
    town.tick(DAY_S)
    assert [row.kind for row in town.store.rows(at) if row.kind == "dispatch.IncidentClosed"] == []


@pytest.mark.parametrize("seed", range(4))
def test_passing_time_changes_nothing_that_is_not_in_the_record(seed):
    town = begun(Centre().adopt())
    for part in range(6):
        walk(town, seeded(seed * 10 + part, 25))
        before, at = town.hub.rooms.pack(town.hub.state), town.hub.position
        town.clock.set(town.clock.now_us() + 7 * US)
        assert town.hub.rooms.pack(town.hub.state) == before, "the clock alone changed the state"
        town.tick(600)
        rows = list(town.store.rows(at))
        assert {row.actor for row in rows} <= {"system"}
        assert {row.kind for row in rows} <= BY_ALARMS
        if not rows:
            assert town.hub.rooms.pack(town.hub.state) == before


def test_what_rang_is_the_same_after_a_restart(town):
    incident = reopened(town)
    town.done(w.SendUnit, incident=incident, unit="E2")
    town.tick(31)
    shown = [repr(clock) for clock in running_for(town.state("standards"), incident)]
    assert shown
    due_us = town.hub.next_alarm_us()
    town.restart()
    assert [repr(clock) for clock in running_for(town.state("standards"), incident)] == shown
    assert town.hub.next_alarm_us() == due_us
