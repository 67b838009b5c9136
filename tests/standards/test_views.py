"""What pages read: running clocks, an incident's clocks, and exactly how promises were kept."""

from __future__ import annotations

import numpy as np
import pytest

from answerable.standards.kept import GROUPS, kept_table
from answerable.standards.views import (
    VIEWS,
    clocks_of,
    running,
    running_for,
    running_of_unit,
    standards,
)
from answerable.standards.words import AdoptStandard, ExtendClock, ResumeClock, SuspendClock
from tests.standards.bench import ERRANDS, T0, US, Bench

LONG = """
name = "long errands"
source = "the toy room"
[[clock]]
name = "answer"
zh = "接听"
starts = "toyroom.Rung"
stops = "toyroom.Asked"
limit_s = 10
"""


@pytest.fixture
def bench() -> Bench:
    return Bench(ERRANDS, LONG)


def row(bench: Bench, name: str, by: tuple[str, ...] = ()):
    [found] = [one for one in kept_table(bench.state, by=by) if one.name == name]
    return found


def test_what_ends_soonest_stands_first(bench):
    bench.tell("Sent", 0, unit="E1").tell("Sent", 5, unit="E2").tell("Signed", 8, unit="E1")
    assert [(x.name, x.unit, (x.due_us - T0) / US) for x in running(bench.state)] == [
        ("sign", "E2", 35),
        ("come", "E1", 60),
        ("come", "E2", 65),
        ("somebody there", "", 120),
    ]
    assert len(running(bench.state, limit=2)) == 2


def test_clocks_are_found_by_incident_by_its_call_and_by_unit(bench):
    bench.tell("Rung", 0, call="7").tell("Rung", 0, call="8").tell("Sent", 1, incident="B")
    assert [x.name for x in running_for(bench.state, "A")] == []
    bench.tell("Asked", 2, incident="A", call="7").tell("Sent", 3, incident="A")
    assert [x.name for x in running_for(bench.state, "A")] == ["sign", "come", "somebody there"]
    assert [x.incident for x in running_of_unit(bench.state, "E1")] == ["B", "A", "B", "A"]
    assert next((x.name, x.state, x.call) for x in clocks_of(bench.state, "A")) == (
        "answer", "kept", "7",
    )  # fmt: skip
    assert clocks_of(bench.state, "nowhere") == []


def test_an_incidents_clocks_say_where_in_the_record_they_began_and_ended(bench):
    bench.tell("Sent", 0).tell("Signed", 5)
    kinds = {one.position: one.kind for one in bench.store.rows()}
    [line] = bench.lines("sign")
    assert (kinds[line.started_at], kinds[line.ended_at]) == ("toyroom.Sent", "toyroom.Signed")
    [clock] = [one for one in running(bench.state) if one.name == "come"]
    assert clock.started_at == line.started_at


def test_a_running_clock_says_for_what_it_has_rung(bench):
    bench.tell("Sent", 0).until(61)
    [clock] = [one for one in running(bench.state) if one.name == "sign"]
    assert (clock.state, clock.consequences) == ("ringing", ("remind unit", "escalate supervisor"))


def test_a_suspended_clock_shows_what_it_has_left(bench):
    bench.tell("Sent", 0).until(12)
    bench.did(SuspendClock, clock=bench.number("sign"), reason="bridge is up")
    bench.until(500)
    [clock] = [one for one in running(bench.state) if one.name == "sign"]
    assert (clock.state, (clock.due_us - clock.since_us) / US) == ("suspended", 18)


def test_titles_come_in_two_languages(bench):
    bench.tell("Rung", 0, call="7").tell("Sent", 1)
    assert [(x.name, x.zh) for x in running(bench.state)][:2] == [
        ("answer", "接听"),
        ("sign", "sign"),
    ]


def test_standards_in_force_are_listed_with_source_and_edition(bench):
    bench.did(AdoptStandard, text=ERRANDS.replace("target = 0.9", "target = 0.8"))
    assert [(x.name, x.source, x.edition) for x in standards(bench.state)] == [
        ("errands", "the toy room", 2),
        ("long errands", "the toy room", 1),
    ]


def test_every_clock_is_counted_once_in_one_of_six_states(bench):
    bench.tell("Sent", 0, unit="E1").tell("Sent", 0, unit="E2").tell("Sent", 0, unit="E3")
    bench.tell("Sent", 0, unit="E4").tell("Sent", 0, unit="E5")
    bench.tell("Signed", 10, unit="E1").tell("CalledOff", 12, unit="E2")
    numbers = {run.rest: n for n, run in bench.state.runs().items() if run.clock == 0}
    bench.did(SuspendClock, clock=numbers["E3"], reason="bridge is up")
    bench.tell("Signed", 40, unit="E4")
    bench.tell("Sent", 45, unit="E6")
    found = row(bench, "sign")
    assert (found.started, found.running, found.ringing, found.suspended) == (6, 1, 1, 1)
    assert (found.kept, found.broken, found.void) == (1, 1, 1)
    assert (found.rang, found.kept_after_ringing, found.void_after_ringing) == (2, 0, 0)


def test_the_share_counts_a_ringing_clock_as_not_kept_and_a_void_one_not_at_all(bench):
    for unit in ("E1", "E2", "E3"):
        bench.tell("Sent", 0, unit=unit)
    bench.tell("Signed", 10, unit="E1").tell("CalledOff", 12, unit="E2").until(35)
    found = row(bench, "sign")
    assert (found.share, found.target, found.met) == (0.5, 0.9, False)
    bench.tell("Signed", unit="E3", at_s=20)
    found = row(bench, "sign")
    assert (found.share, found.met, found.kept_after_ringing) == (1.0, True, 1)


def test_a_void_after_the_limit_is_counted_apart(bench):
    bench.tell("Sent", 0).until(35).tell("CalledOff")
    found = row(bench, "sign")
    assert (found.void, found.void_after_ringing, found.share) == (1, 1, None)


def test_quantiles_are_exact_over_every_single_duration(bench):
    seconds = [3, 9.5, 1.25, 29, 31, 44, 8, 8, 17, 0]
    for number, took_s in enumerate(seconds):
        bench.tell("Sent", number * 100, unit=f"E{number}")
        bench.tell("Signed", number * 100 + took_s, unit=f"E{number}")
    found = row(bench, "sign")
    expected = np.quantile(seconds, [0.5, 0.9, 0.95, 0.8])
    got = [found.p50_s, found.p90_s, found.p95_s, found.percentile_s]
    assert np.allclose(np.array(got, dtype=float), expected, rtol=0, atol=1e-9)
    assert (found.kept, found.broken, found.percentile) == (8, 2, 80)


def test_time_a_clock_stood_still_is_not_in_the_quantiles(bench):
    bench.tell("Sent", 0).until(10)
    bench.did(SuspendClock, clock=bench.number("sign"), reason="bridge is up")
    bench.until(110).did(ResumeClock, clock=bench.number("sign"))
    bench.tell("Signed", 115)
    found = row(bench, "sign")
    assert (found.p50_s, found.kept, found.stood_still) == (15, 1, 1)


def test_extended_clocks_are_counted(bench):
    bench.tell("Sent", 0)
    bench.did(ExtendClock, clock=bench.number("sign"), by_s=30, reason="long stairs")
    bench.tell("Signed", 50)
    found = row(bench, "sign")
    assert (found.extended, found.kept, found.limit_s) == (1, 1, 30)


def test_a_correction_replaces_the_earlier_value_in_the_table(bench):
    bench.tell("Sent", 0).tell("Signed", 40)
    assert (row(bench, "sign").broken, row(bench, "sign").p50_s) == (1, 40)
    bench.correct("Signed", 40, 22)
    found = row(bench, "sign")
    assert (found.started, found.kept, found.broken, found.p50_s) == (1, 1, 0, 22)


def test_the_table_is_split_by_area_class_and_kind(bench):
    for incident, kind, area in (("A", "Fire", "core"), ("B", "Fire", "outer"), ("C", "Cat", "")):
        bench.tell("Asked", incident=incident, kind=kind, area_class=area)
        bench.tell("Sent", incident=incident).tell("Signed", incident=incident)

    def counts(by):
        return [
            (x.area_class, x.kind, x.started)
            for x in kept_table(bench.state, by=by, standard="errands")
            if x.name == "sign"
        ]

    assert counts(GROUPS) == [("", "Cat", 1), ("core", "Fire", 1), ("outer", "Fire", 1)]
    assert counts(("kind",)) == [("", "Cat", 1), ("", "Fire", 2)]
    assert counts(("area_class",)) == [("", "", 1), ("core", "", 1), ("outer", "", 1)]
    assert counts(()) == [("", "", 3)]
    with pytest.raises(ValueError, match="area_class or kind"):
        kept_table(bench.state, by=("unit",))


def test_a_promise_nobody_has_started_has_one_row_of_zeros(bench):
    found = row(bench, "answer", GROUPS)
    assert (found.started, found.share, found.met, found.p50_s) == (0, None, None, None)


def test_a_replaced_promise_keeps_its_row_as_long_as_it_has_a_past(bench):
    bench.tell("Sent", 0)
    bench.did(AdoptStandard, text=ERRANDS.replace("limit_s = 30\n", "limit_s = 5\n"))
    rows = [x for x in kept_table(bench.state, by=()) if x.name == "sign"]
    assert [(x.limit_s, x.edition, x.in_force, x.started) for x in rows] == [
        (30, 1, False, 1),
        (5, 2, True, 0),
    ]


def test_there_is_no_second_copy_of_the_clocks():
    assert VIEWS == ()
