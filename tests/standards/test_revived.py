"""A void that is taken back: the clock runs on as it stood, and rings for what it had not rung."""

from __future__ import annotations

import pytest

from answerable.dispatch import merge_words as m
from answerable.dispatch import words as d
from answerable.intake import join_words as j
from answerable.intake import words as i
from answerable.kernel.hub import Hub
from answerable.kernel.ids import SeededIds
from answerable.standards import words as c
from answerable.standards.definition import BadStandard, read_standard
from answerable.standards.views import every_clock, running_for
from tests.story import US, Centre, centre

TEXT = """
name = "ours"
source = "a test"
[[clock]]
name = "come"
starts = "intake.IncidentOpened"
stops = "dispatch.UnitArrived"
voids = ["dispatch.IncidentMerged", "dispatch.IncidentClosed"]
revives = {"dispatch.IncidentUnmerged" = "dispatch.IncidentMerged"}
limit_s = 60
rings = ["first", {after_s = 60, do = "second"}]
"""


@pytest.fixture
def town() -> Centre:
    made = centre().duty("E1")
    made.done(c.AdoptStandard, role="system", text=TEXT)
    return made


def state_of(town: Centre, incident: str) -> str:
    [clock] = [one for one in every_clock(town.state("standards")) if one.incident == incident]
    return clock.state


def rung(town: Centre, incident: str) -> list[int]:
    return [e.stage for e in town.events() if isinstance(e, c.ClockRang) and e.incident == incident]


def merge(town: Centre, incident: str, into: str, **at: int) -> None:
    town.done(m.MergeIncident, incident=incident, into=into, reason="same", **at)


def unmerge(town: Centre, incident: str) -> None:
    town.done(m.UnmergeIncident, incident=incident, reason="not the same")


def same_after_restart(town: Centre) -> None:
    live = town.hub.rooms.pack(town.hub.state)
    other = Hub(town.hub.rooms, town.store, clock=town.clock, ids=SeededIds(1), town=town.town)
    other.start()
    assert other.rooms.pack(other.state) == live
    assert other.next_alarm_us() == town.hub.next_alarm_us()


def test_a_clock_runs_on_from_its_first_start_once_the_void_is_taken_back(town):
    first, second = town.incident(), town.incident()
    due_us = running_for(town.state("standards"), first)[0].due_us
    town.tick(20)
    merge(town, first, second)
    assert state_of(town, first) == "void"
    town.tick(10)
    unmerge(town, first)
    assert running_for(town.state("standards"), first)[0].due_us == due_us
    same_after_restart(town)
    town.tick(20)
    town.done(d.SendUnit, incident=first, unit="E1")
    town.done(d.Arrive, incident=first, unit="E1")
    assert state_of(town, first) == "kept"
    same_after_restart(town)


def test_a_clock_whose_limit_passed_meanwhile_rings_at_once(town):
    first, second = town.incident(), town.incident()
    merge(town, first, second)
    town.tick(65)
    assert rung(town, first) == []
    unmerge(town, first)
    town.tick(0)
    assert rung(town, first) == [1]
    town.tick(60)
    assert rung(town, first) == [1, 2]
    same_after_restart(town)


def test_what_had_rung_before_it_was_merged_does_not_ring_again(town):
    first, second = town.incident(), town.incident()
    town.tick(61)
    merge(town, first, second)
    town.tick(1)
    unmerge(town, first)
    town.tick(5)
    assert state_of(town, first) == "ringing"
    assert rung(town, first) == [1]
    town.tick(60)
    assert rung(town, first) == [1, 2]


def test_what_had_rung_does_not_ring_again_where_the_merge_is_entered_late(town):
    first, second = town.incident(), town.incident()
    early_us = town.clock.now_us() + 30 * US
    town.tick(61)
    merge(town, first, second, at=early_us)
    unmerge(town, first)
    town.tick(5)
    assert rung(town, first) == [1]
    same_after_restart(town)


def test_more_time_and_time_stood_still_are_not_lost(town):
    first, second = town.incident(), town.incident()
    [clock] = running_for(town.state("standards"), first)
    number = clock.number
    who = {"role": "supervisor", "clock": number}
    town.done(c.ExtendClock, by_s=30.0, reason="fog", **who)
    town.done(c.SuspendClock, reason="fog", **who)
    town.tick(10)
    town.done(c.ResumeClock, **who)
    due_us = running_for(town.state("standards"), first)[0].due_us
    assert due_us == clock.due_us + 40 * US
    merge(town, first, second)
    unmerge(town, first)
    [again] = running_for(town.state("standards"), first)
    assert (again.number, again.due_us, again.limit_s) == (number, due_us, 90)
    same_after_restart(town)


def test_only_the_void_it_was_made_for_is_taken_back(town):
    first, second = town.incident(), town.incident()
    town.done(d.CloseIncident, incident=first, outcome="over")
    town.done(d.ReopenIncident, incident=first, reason="again")
    merge(town, first, second)
    unmerge(town, first)
    town.tick(600)
    assert state_of(town, first) == "void"


def test_an_end_before_its_start_stays_no_time_at_all(town):
    town.tick(60)
    first, second = town.incident(), town.incident()
    early_us = town.clock.now_us() - 30 * US
    town.done(d.SendUnit, incident=first, unit="E1", at=early_us)
    town.done(d.Arrive, incident=first, unit="E1", at=early_us)
    town.done(d.ClearUnit, incident=first, unit="E1")
    assert state_of(town, first) == "void"
    merge(town, first, second)
    unmerge(town, first)
    assert state_of(town, first) == "void"
    same_after_restart(town)


def test_merged_twice_and_taken_back_once_is_void(town):
    first, second = town.incident(), town.incident()
    for _ in range(2):
        merge(town, first, second)
        unmerge(town, first)
    assert state_of(town, first) == "running"
    merge(town, first, second)
    assert state_of(town, first) == "void"
    same_after_restart(town)


def test_a_stop_entered_late_counts_by_its_true_time_also_after_a_void_was_taken_back(town):
    first, second = town.incident(), town.incident()
    town.done(d.SendUnit, incident=first, unit="E1")
    town.tick(30)
    early_us = town.clock.now_us()
    town.tick(60)
    town.done(d.CancelUnit, incident=first, unit="E1", reason="same fire")
    merge(town, first, second)
    unmerge(town, first)
    town.done(d.SendUnit, incident=first, unit="E1", at=early_us)
    town.done(d.Arrive, incident=first, unit="E1", at=early_us + US)
    assert state_of(town, first) == "kept"
    same_after_restart(town)


def test_the_clocks_of_a_call_count_under_the_incident_it_is_about_now():
    town = centre().duty("E1").adopt("nfpa-1225-1710")
    town.done(i.AnswerCall, call="C1")
    first = town.incident(call="C1", kind="Fire")
    town.done(j.DetachCall, call="C1", reason="no fire")
    second = town.incident(call="C1", kind="Medical")
    town.done(d.SendUnit, incident=first, unit="E1")
    clocks = [one for one in every_clock(town.state("standards")) if one.call == "C1"]
    assert [(one.name, one.state, one.incident) for one in clocks] == [
        ("first unit sent", "running", second)
    ]
    assert town.state("standards").known[first].call == ""


@pytest.mark.parametrize(
    ("revives", "problem"),
    [
        ('{"dispatch.IncidentUnmerged" = "dispatch.IncidentReopened"}', "does not void the clock"),
        ('{"dispatch.IncidentClosed" = "dispatch.IncidentMerged"}', "has another role"),
        ('{"dispatch.Nothing" = "dispatch.IncidentMerged"}', "there is no event dispatch.Nothing"),
        ('{"dispatch.UnitOnDuty" = "dispatch.IncidentMerged"}', "does not say which incident"),
    ],
)
def test_a_standard_that_takes_back_what_it_cannot_is_refused(revives, problem):
    text = "\n".join(
        f"revives = {revives}" if line.startswith("revives") else line for line in TEXT.splitlines()
    )
    with pytest.raises(BadStandard) as refused:
        read_standard(text)
    assert "key revives" in str(refused.value) or "by" in str(refused.value)
    assert problem in str(refused.value)
