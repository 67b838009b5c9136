"""The engine over the real hub: what starts, ends, rings, and what true times make of it."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from answerable.standards.words import AdoptStandard, ClockRang
from tests.standards.bench import ERRANDS, T0, US, Bench


@pytest.fixture
def bench() -> Bench:
    return Bench(ERRANDS)


# -- start, stop, void -----------------------------------------------------------------------


def test_a_clock_stopped_within_its_limit_is_kept(bench):
    bench.tell("Sent", 0).tell("Signed", 25)
    assert bench.one("sign") == ("kept", 25)
    assert bench.one("come") == ("running", None)


def test_a_clock_stopped_exactly_at_its_limit_is_kept(bench):
    bench.tell("Sent", 0).tell("Signed", 29).tell("Came", 60)
    assert bench.one("come") == ("kept", 60)


def test_a_clock_stopped_late_is_broken_and_says_how_long_it_took(bench):
    bench.tell("Sent", 0).tell("Signed", 31)
    assert bench.one("sign") == ("broken", 31)


def test_any_of_several_stops_will_do(bench):
    bench.tell("Sent", 0).tell("Came", 20)
    assert bench.one("sign") == ("kept", 20)
    assert bench.one("come") == ("kept", 20)


def test_a_void_leaves_a_clock_neither_kept_nor_broken(bench):
    bench.tell("Sent", 0).tell("CalledOff", 10).until(500)
    assert bench.one("sign") == ("void", 10)
    assert bench.rings("sign") == []


def test_each_unit_of_an_incident_has_its_own_clock(bench):
    bench.tell("Sent", 0, unit="E1").tell("Sent", 5, unit="E2").tell("Signed", 8, unit="E2")
    assert bench.one("sign", unit="E1") == ("running", None)
    assert bench.one("sign", unit="E2") == ("kept", 3)


def test_an_event_that_names_only_the_incident_voids_the_clocks_of_all_its_units(bench):
    bench.tell("Sent", 0, unit="E1").tell("Sent", 0, unit="E2").tell("Over", 9)
    assert [line.state for line in bench.lines("sign")] == ["void", "void"]
    assert [line.state for line in bench.lines("somebody there")] == ["void"]


def test_a_clock_of_the_incident_counts_from_the_first_start_to_the_first_stop(bench):
    bench.tell("Sent", 0, unit="E1").tell("Sent", 5, unit="E2").tell("Came", 50, unit="E2")
    bench.tell("Came", 70, unit="E1").tell("Sent", 80, unit="E3")
    assert bench.one("somebody there") == ("kept", 50)


def test_a_repeated_start_does_not_begin_the_promise_anew(bench):
    bench.tell("Sent", 0).tell("Sent", 20).tell("Signed", 35)
    assert bench.one("sign") == ("broken", 35)


def test_a_unit_sent_again_after_it_was_called_off_gets_another_clock(bench):
    bench.tell("Sent", 0).tell("CalledOff", 10).tell("Sent", 100).tell("Signed", 120)
    assert [(x.state, x.start_us - T0) for x in bench.lines("sign")] == [
        ("void", 0),
        ("kept", 100 * US),
    ]


def test_where_looks_at_the_event_the_incident_and_the_unit():
    text = """
name = "t"
source = "s"
[[clock]]
name = "big"
starts = "toyroom.Sent"
stops = "toyroom.Came"
limit_s = 5
where.size = ["big", "huge"]
[[clock]]
name = "core fire"
starts = "toyroom.Sent"
stops = "toyroom.Came"
limit_s = 5
where.area_class = "core"
where.kind = "Fire"
"""
    bench = Bench(text)
    bench.tell("Asked", 0, incident="A", kind="Fire", area_class="core")
    bench.tell("Asked", 0, incident="B", kind="Fire", area_class="outer")
    bench.tell("Sent", 1, incident="A", size="small").tell("Sent", 1, incident="B", size="huge")
    assert [(x.name, x.incident) for x in bench.lines()] == [("core fire", "A"), ("big", "B")]


def test_a_call_is_timed_to_what_happens_to_the_incident_it_led_to():
    text = """
name = "t"
source = "s"
[[clock]]
name = "ring to runner"
starts = "toyroom.Rung"
stops = "toyroom.Sent"
limit_s = 60
"""
    bench = Bench(text)
    bench.tell("Rung", 0, call="7").tell("Asked", 20, call="7", kind="Fire", area_class="core")
    assert bench.lines()[0].incident == "A"
    bench.tell("Sent", 50).tell("Sent", 90, unit="E2")
    assert bench.one("ring to runner") == ("kept", 50)
    [cell] = [cell for cell in bench.state.cells if cell.kind]
    assert (cell.area_class, cell.kind, len(cell.states)) == ("core", "Fire", 1)


def test_an_event_no_clock_waits_for_changes_nothing(bench):
    before = bench.state.latest_us
    bench.tell("Weather", 5)
    assert bench.state.latest_us == before
    assert bench.state._plans["toyroom.Weather"] is None


# -- ringing ---------------------------------------------------------------------------------


def test_a_clock_not_stopped_rings_at_its_limit_and_then_after_each_delay(bench):
    bench.tell("Sent", 0).until(100)
    assert bench.rings("sign") == [
        (30, 1, ("remind unit",)),
        (60, 2, ("escalate supervisor",)),
    ]
    assert bench.rings("come") == [(60, 1, ("ask where",))]
    assert bench.one("sign") == ("ringing", None)


def test_a_clock_stopped_while_it_rings_is_broken_and_rings_no_more(bench):
    bench.tell("Sent", 0).tell("Signed", 40).until(100)
    assert bench.one("sign") == ("broken", 40)
    assert [stage for _, stage, _ in bench.rings("sign")] == [1]


def test_a_clock_without_consequences_still_rings(bench):
    bench.tell("Sent", 0).until(1000)
    assert bench.rings("somebody there") == [(120, 1, ())]


def test_a_ring_names_its_standard_promise_and_subject_in_a_sentence(bench):
    bench.tell("Sent", 0).until(30)
    rows = [row for row in bench.store.rows() if row.kind == "standards.ClockRang"]
    event = bench.hub.rooms.decode(rows[0])
    assert isinstance(event, ClockRang)
    assert (event.standard, event.promise, event.incident, event.unit, event.limit_s) == (
        "errands", "sign", "A", "E1", 30.0,
    )  # fmt: skip
    assert rows[0].stream == "incident:A"
    assert rows[0].actor == "system"


# -- true times ------------------------------------------------------------------------------


def test_a_clock_that_rang_is_kept_after_all_when_its_true_stop_was_in_time(bench):
    bench.tell("Sent", 0).until(50).tell("Signed", at_s=20)
    [line] = bench.lines("sign")
    assert (line.state, line.rang) == ("kept", True)
    assert bench.one("sign") == ("kept", 20)


def test_a_stop_entered_late_counts_instead_of_a_later_one_entered_before_it(bench):
    bench.tell("Sent", 0).tell("Came", 50).tell("Signed", 55, at_s=12)
    assert bench.one("sign") == ("kept", 12)
    assert bench.one("come") == ("kept", 50)


def test_a_void_entered_late_counts_when_it_truly_came_first(bench):
    bench.tell("Sent", 0).tell("Signed", 45).tell("CalledOff", 50, at_s=10)
    assert bench.one("sign") == ("void", 10)


def test_a_start_entered_late_begins_at_its_true_time_and_finds_its_stop(bench):
    bench.tell("Sent", 0, unit="E1").tell("Came", 40, unit="E2")
    bench.tell("Sent", 50, at_s=15, unit="E2")
    assert bench.one("come", unit="E2") == ("kept", 25)


def test_a_first_start_entered_late_lengthens_the_incidents_clock(bench):
    bench.tell("Sent", 10, unit="E1").tell("Sent", 20, at_s=4, unit="E2")
    bench.tell("Came", 100, unit="E1")
    assert bench.one("somebody there") == ("kept", 96)


def test_a_stop_that_lies_before_the_start_is_void_until_a_true_one_is_there(bench):
    bench.tell("Sent", 100).tell("Signed", 101, at_s=90)
    assert bench.one("sign") == ("void", -10)
    bench.tell("Came", 120)
    assert bench.one("sign") == ("kept", 20)


def test_a_late_stop_of_an_earlier_job_leaves_the_present_clock_alone(bench):
    bench.tell("Sent", 0).tell("CalledOff", 50).tell("Sent", 100)
    bench.tell("Signed", 105, at_s=20)
    assert [line.state for line in bench.lines("sign")] == ["kept", "running"]


def test_a_stop_between_a_void_and_the_next_start_ends_the_clock_that_runs(bench):
    bench.tell("Sent", 0).tell("CalledOff", 20).tell("Sent", 100)
    bench.tell("Signed", 101, at_s=99).until(500)
    assert [line.state for line in bench.lines("sign")] == ["void", "void"]
    assert bench.rings("sign") == []


def test_a_stop_after_what_was_kept_had_fallen_away_ends_the_clock_that_runs(bench):
    bench.tell("Sent", 0).tell("Signed", 10).tell("CalledOff", 20).tell("Sent", 100)
    bench.tell("Signed", 101, at_s=99).until(500)
    assert [line.state for line in bench.lines("sign")] == ["kept", "void"]
    assert bench.rings("sign") == []


def test_a_further_stop_of_a_job_that_was_kept_leaves_the_present_clock_alone(bench):
    bench.tell("Sent", 0).tell("Signed", 10).tell("CalledOff", 50).tell("Sent", 100)
    bench.tell("Came", 105, at_s=40)
    assert [line.state for line in bench.lines("sign")] == ["kept", "running"]


def test_the_next_jobs_stop_is_never_the_end_of_the_job_before(bench):
    bench.tell("Sent", 50).tell("CalledOff", 60).tell("Sent", 100).tell("Signed", 110)
    bench.correct("CalledOff", 60, 40)
    assert [line.state for line in bench.lines("sign")] == ["void", "kept"]


def test_a_corrected_stop_replaces_the_earlier_value(bench):
    bench.tell("Sent", 0).tell("Signed", 40).correct("Signed", 40, 28)
    assert bench.one("sign") == ("kept", 28)
    bench.correct("Signed", 28, 33)
    assert bench.one("sign") == ("broken", 33)


def test_a_corrected_start_moves_an_open_clock_and_its_alarm(bench):
    bench.tell("Sent", 10).correct("Sent", 10, 4).until(34)
    assert bench.rings("sign") == [(34, 1, ("remind unit",))]
    bench.tell("Signed", 36)
    assert bench.one("sign") == ("broken", 32)


def test_a_clock_that_rang_too_early_runs_again_when_its_start_is_corrected(bench):
    bench.tell("Sent", 0).until(31).correct("Sent", 0, 20)
    assert bench.one("sign") == ("running", None)
    bench.until(60)
    assert [at for at, _, _ in bench.rings("sign")] == [30, 50]


def test_a_corrected_start_is_worked_into_an_ended_clock(bench):
    bench.tell("Sent", 0).tell("Signed", 35).correct("Sent", 0, 10)
    assert bench.one("sign") == ("kept", 25)


def test_correcting_the_first_arrival_lets_the_second_be_the_first(bench):
    bench.tell("Sent", 0, unit="E1").tell("Sent", 0, unit="E2")
    bench.tell("Came", 50, unit="E1").tell("Came", 70, unit="E2")
    bench.correct("Came", 50, 90, unit="E1")
    assert bench.one("somebody there") == ("kept", 70)
    assert bench.one("come", unit="E1") == ("broken", 90)


def test_correcting_the_time_of_a_step_no_clock_knows_changes_nothing(bench):
    bench.tell("Sent", 0).tell("Signed", 10)
    before = [bytes(cell.rows) for cell in bench.state.cells]
    bench.correct("Signed", 99, 5).correct("Weather", 1, 2).correct("Signed", 10, 5, incident="Z")
    assert [bytes(cell.rows) for cell in bench.state.cells] == before


# -- what must always hold -------------------------------------------------------------------


def test_b5_no_timer_acts_on_a_reopened_incident_unrecorded(bench):
    bench.tell("Sent", 0).until(31).tell("Over", 40).tell("Again", 50)
    recorded = bench.hub.position
    bench.until(10_000)
    assert bench.hub.position == recorded
    assert bench.state.alarms.due == {}
    bench.tell("Sent", 10_001).until(10_031)
    assert [row.kind for row in bench.store.rows(recorded)] == [
        "toyroom.Sent",
        "standards.ClockRang",
    ]


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles", "Asia/Shanghai"])
def test_b8_the_servers_zone_and_a_clock_change_alter_no_duration(zone, monkeypatch):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    town = ZoneInfo("America/Los_Angeles")
    sent = datetime(2018, 11, 4, 1, 59, 50, tzinfo=town, fold=0)
    signed = datetime(2018, 11, 4, 1, 0, 15, tzinfo=town, fold=1)
    began = datetime(1970, 1, 1, tzinfo=UTC)
    sent_s, signed_s = ((t.astimezone(UTC) - began).total_seconds() for t in (sent, signed))
    bench = Bench(ERRANDS)
    shift = T0 / US - sent_s
    bench.tell("Sent", sent_s - T0 / US + shift).tell("Signed", signed_s - T0 / US + shift)
    assert bench.one("sign") == ("kept", 25)
    del os.environ["TZ"]
    time.tzset()


def test_i5_live_state_is_the_state_of_a_replay_and_of_a_snapshot(bench):
    bench.tell("Sent", 0).until(40).tell("Signed", at_s=20).tell("Sent", 50, unit="E2")
    bench.hub.save_snapshot()
    saved = bench.hub.position
    bench.tell("Came", 60).correct("Came", 60, 55).tell("Came", 90, unit="E2")
    live = bench.packed()
    assert bench.hub.start(use_snapshot=False) == bench.hub.position
    assert bench.packed() == live
    assert bench.hub.start(use_snapshot=True) == bench.hub.position - saved
    assert bench.packed() == live


def test_a_changed_standard_holds_for_clocks_that_start_afterwards(bench):
    bench.tell("Sent", 0)
    bench.did(AdoptStandard, text=ERRANDS.replace("limit_s = 30\n", "limit_s = 5\n"))
    bench.tell("Sent", 1, unit="E2").until(8).tell("Signed", 9).tell("Signed", 9, unit="E2")
    assert bench.one("sign", unit="E1") == ("kept", 9)
    assert bench.one("sign", unit="E2") == ("broken", 8)


def test_a_promise_that_did_not_change_keeps_its_number_in_a_new_edition(bench):
    bench.did(AdoptStandard, text=ERRANDS.replace("limit_s = 30\n", "limit_s = 5\n"))
    assert [p.clock.name for p in bench.state.clocks] == ["sign", "come", "somebody there", "sign"]
    assert bench.state.standards["errands"].clocks == (3, 1, 2)
    assert bench.state.standards["errands"].edition == 2
