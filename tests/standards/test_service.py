"""The clocks over the service's real rooms: intake and dispatch, through the whole product."""

from __future__ import annotations

from answerable.dispatch import words as d
from answerable.intake import words as i
from answerable.kernel.authority import SYSTEM
from answerable.kernel.hub import Accepted
from answerable.standards.adopting import adoptions
from answerable.standards.views import clocks_of, kept_table, running_for
from tests.dispatch.reporting import reporting_town
from tests.story import PLACE, T0, US, Centre, make

A = "200930001"
CORE = {**PLACE, "kind": "Fire", "lon": -122.47}


def centre(*standards: str) -> Centre:
    """A centre that has adopted standards, with E1 and E2 on duty and incident A opened."""
    one = Centre(town=reporting_town())
    for command in adoptions(standards, one.hub.state["standards"]):
        assert isinstance(one.hub.do(command, SYSTEM), Accepted)
    one.hub.commit()
    for unit in ("E1", "E2"):
        tell(one, d.PutOnDuty, unit=unit, unit_type="ENGINE")
    tell(one, i.OpenIncident, incident=A, **CORE)
    return one


def tell(one: Centre, command, after_s: float = 0, role: str = "supervisor", **fields):
    from answerable.kernel.authority import Actor

    until_us = one.clock.now_us() + int(after_s * US)
    while (due := one.hub.next_alarm_us()) is not None and due <= until_us:
        one.clock.set(due)
        one.hub.ring(due)
    one.clock.set(until_us)
    outcome = one.hub.do(make(command, fields), Actor("somebody", role))
    assert isinstance(outcome, Accepted), outcome
    one.hub.commit()


def states(one: Centre) -> dict[str, str]:
    return {line.name: line.state for line in clocks_of(one.hub.state["standards"], A)}


def rings(one: Centre) -> list[str]:
    rows = [row for row in one.store.rows() if row.kind == "standards.ClockRang"]
    return [one.hub.rooms.decode(row).promise for row in rows]


def test_one_three_five_times_a_unit_from_its_dispatch_to_its_report():
    one = centre("one-three-five")
    tell(one, d.SendUnit, incident=A, unit="E1")
    tell(one, d.Acknowledge, after_s=25, incident=A, unit="E1")
    tell(one, d.GoEnRoute, after_s=5, incident=A, unit="E1")
    tell(one, d.Arrive, after_s=40, incident=A, unit="E1")
    assert states(one) == {"sign for it": "kept", "arrive, core": "broken",
                           "report back": "running"}  # fmt: skip
    tell(one, d.ReportBack, after_s=900, incident=A, unit="E1", code="out")
    assert states(one)["report back"] == "kept"
    assert rings(one) == ["arrive, core"]
    assert one.hub.state["standards"].alarms.due == {}


def test_a_corrected_arrival_is_worked_into_its_clock():
    one = centre("one-three-five")
    tell(one, d.SendUnit, incident=A, unit="E1")
    tell(one, d.GoEnRoute, after_s=20, incident=A, unit="E1")
    tell(one, d.Arrive, after_s=50, incident=A, unit="E1")
    assert states(one)["arrive, core"] == "broken"
    arrived = one.clock.now_us()
    tell(one, d.CorrectTime, after_s=60, incident=A, unit="E1", step="UnitArrived",
         to=arrived - 15 * US, reason="keyed late")  # fmt: skip
    [line] = [x for x in clocks_of(one.hub.state["standards"], A) if x.name == "arrive, core"]
    assert (line.state, line.end_us - line.start_us, line.rang) == ("kept", 55 * US, True)


def test_a_unit_cancelled_on_the_way_leaves_no_clock_behind():
    one = centre("one-three-five", "nfpa-1225-1710")
    tell(one, d.SendUnit, incident=A, unit="E1")
    tell(one, d.CancelUnit, after_s=10, incident=A, unit="E1", reason="nearer unit free")
    assert {s for n, s in states(one).items() if n != "first unit sent"} == {"void"}
    assert running_for(one.hub.state["standards"], A) == []


def test_b5_a_reopened_incident_is_acted_on_by_nothing_unrecorded():
    one = centre("one-three-five", "uk-999")
    tell(one, d.SendUnit, incident=A, unit="E1")
    tell(one, d.CancelUnit, after_s=10, incident=A, unit="E1", reason="nothing to do")
    tell(one, d.CloseIncident, after_s=5, incident=A, outcome="no trace")
    tell(one, d.ReopenIncident, after_s=600, incident=A, reason="called again")
    before = one.hub.position
    tell(one, d.PutOnDuty, after_s=7200, unit="E3", unit_type="ENGINE")
    assert [row.kind for row in one.store.rows(before)] == ["dispatch.UnitOnDuty"]


def test_the_first_unit_sent_is_timed_from_the_answer_of_the_call():
    one = centre("nfpa-1225-1710")
    tell(one, i.RingCall, call="C1", role="line")
    tell(one, i.AnswerCall, after_s=4, call="C1")
    tell(one, i.OpenIncident, after_s=30, incident="200930002", call="C1", **CORE)  # fmt: skip
    tell(one, d.SendUnit, after_s=20, incident="200930002", unit="E1")
    lines = {x.name: x for x in clocks_of(one.hub.state["standards"], "200930002")}
    assert (lines["answer"].state, lines["first unit sent"].state) == ("kept", "kept")
    assert lines["first unit sent"].end_us - lines["first unit sent"].start_us == 50 * US
    [row] = [x for x in kept_table(one.hub.state["standards"]) if x.name == "first unit sent"]
    assert (row.area_class, row.kind, row.kept) == ("core", "Fire", 1)


def test_i5_the_clocks_are_the_same_after_a_restart():
    one = centre("one-three-five", "nfpa-1225-1710", "uk-999", "nena-sta-020")
    tell(one, d.SendUnit, incident=A, unit="E1")
    tell(one, d.GoEnRoute, after_s=100, incident=A, unit="E1")
    live = one.hub.rooms.pack(one.hub.state)
    one.hub.save_snapshot()
    assert one.restart(use_snapshot=False).hub.rooms.pack(one.hub.state) == live
    assert one.restart().hub.rooms.pack(one.hub.state) == live


def test_stories_begin_on_a_full_second():
    assert T0 % US == 0
