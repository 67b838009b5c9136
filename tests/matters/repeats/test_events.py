"""Separate events: what is one event, what came again after handling, and by cause."""

from __future__ import annotations

import msgspec
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from answerable.matters.repeats.calls import Call, Calls, day_of
from answerable.matters.repeats.events import Sort, causes_of, evenly, events_of, sort_of
from answerable.towns.repeating import RepeatsFile, packaged_repeats
from tests.story import T0, ZONE

MINUTE = 60_000_000
HOUR, DAY = 60 * MINUTE, 1_440 * MINUTE
RULES = packaged_repeats()


def calls(*rows: tuple[str, str, int, int] | tuple[str, str, int, int, int]) -> Calls:
    """Return incidents: place, kind, minutes since the story began, minutes it lasted, calls."""
    return Calls.gathered(
        (
            Call(place, kind, T0 + at * MINUTE, T0 + (at + lasted) * MINUTE if lasted else 0,
                 more[0] if more else 1)
            for place, kind, at, lasted, *more in rows
        ),
        ZONE,
    )  # fmt: skip


def test_two_within_minutes_are_one_event_and_its_callers_are_added():
    found = events_of(calls(("A", "Alarms", 0, 30, 2), ("A", "Alarms", 19, 5, 3)), RULES)
    assert len(found) == 1
    assert (int(found.reports[0]), int(found.incidents[0])) == (5, 2)
    assert int(found.over_us[0]) == T0 + 30 * MINUTE


def test_what_comes_later_or_elsewhere_or_of_another_cause_is_another_event():
    rows = [("A", "Alarms", 0, 30), ("A", "Alarms", 21, 5), ("B", "Alarms", 5, 5),
            ("A", "Medical", 5, 5)]  # fmt: skip
    assert len(events_of(calls(*rows), RULES)) == 4


def test_it_came_again_after_handling_only_once_the_former_was_over():
    def again(*rows: tuple[str, str, int, int]) -> list[bool]:
        return events_of(calls(*rows), RULES).again.tolist()

    assert again(("A", "Alarms", 0, 30), ("A", "Alarms", 90, 5)) == [False, True]
    assert again(("A", "Alarms", 0, 200), ("A", "Alarms", 90, 5)) == [False, False]
    assert again(("A", "Alarms", 0, 30), ("A", "Alarms", 30 + 1_441, 5)) == [False, False]
    assert again(("A", "Alarms", 0, 0), ("A", "Alarms", 90, 5)) == [False, False]


def test_kinds_that_lead_to_a_home_are_counted_and_left_out():
    record = calls(("A", "Domestic Viol", 0, 5), ("A", "Suicide Attempt", 99, 5), ("A", "x", 1, 1))
    causes, left_out = causes_of(record, RULES)
    assert left_out == 2
    assert sorted(causes.tolist())[:2] == [-1, -1]
    assert len(events_of(record, RULES)) == 1


def test_a_kind_has_the_first_cause_that_fits():
    named = {
        "Elevator / Escalator Rescue": "lift", "Alarms": "alarm", "Noise Party": "noise",
        "DUI": "drink", "Citizen Dispute": "dispute", "Traffic Collision": "traffic",
        "Medical Incident": "medical", "Outside Fire": "fire", "Vehicle fire": "traffic",
        "Trespassing": "premises", "Water Rescue": "other", "Theft-Vehicle": "premises",
    }  # fmt: skip
    assert {kind: RULES.cause_of(kind).code for kind in named} == named
    assert RULES.cause_of("Domestic Viol") is None


def test_often_soon_after_the_former_is_again_after_handling_and_busy_alone_is_not():
    soon = [("A", "Alarms", 10_000 * n + 300 * m, 5) for n in range(3) for m in range(3)]
    assert sort_of(events_of(calls(*soon), RULES), 30, RULES) is Sort.AGAIN
    apart = [("A", "Alarms", 3_000 * n, 5) for n in range(9)]
    assert sort_of(events_of(calls(*apart), RULES), 30, RULES) is Sort.KEEPS
    busy = [("A", "Alarms", 400 * n, 5) for n in range(100)]
    found = events_of(calls(*busy), RULES)
    assert found.again.sum() == 99
    assert sort_of(found, 7, RULES) is Sort.KEEPS


def test_an_even_spread_is_as_a_simulation_has_it():
    rng = np.random.default_rng(4)
    days, events, soon = 30, 9, []
    for _run in range(400):
        at = np.sort(rng.uniform(0, days, events))
        soon.append(int((np.diff(at) <= 1).sum()))
    assert abs(evenly(events, days, RULES) - float(np.mean(soon))) < 0.35


ROWS = st.lists(
    st.tuples(
        st.sampled_from("ABC"), st.sampled_from(["Alarms", "Medical", "Domestic Viol"]),
        st.integers(0, 300), st.integers(0, 60),
    ),
    max_size=40,
)  # fmt: skip


def plainly(rows: list[tuple[str, str, int, int]], rules: RepeatsFile) -> list[tuple[int, int]]:
    """Return the events as one would by hand: when each began, and how many called."""
    found = []
    for place in "ABC":
        for code in {one.code for one in rules.causes}:
            here = sorted(
                at for where, kind, at, _lasted in rows
                if where == place and (its := rules.cause_of(kind)) and its.code == code
            )  # fmt: skip
            last = None
            for at in here:
                if last is None or at - last > rules.same_min:
                    found.append([at, 0])
                found[-1][1] += 1
                last = at
    return sorted((at, count) for at, count in found)


@given(ROWS)
def test_events_are_those_one_finds_by_hand(rows: list[tuple[str, str, int, int]]) -> None:
    found = events_of(calls(*rows), RULES)
    quick = sorted(
        ((int(at) - T0) // MINUTE, int(count))
        for at, count in zip(found.at_us, found.reports, strict=True)
    )
    assert quick == plainly(rows, RULES)
    assert found.at_us.tolist() == sorted(found.at_us.tolist())


def test_a_day_is_the_towns_also_when_its_clocks_change():
    changed = [int(np.datetime64(text, "us").astype(int)) for text in
               ("2018-11-04T06:59:59", "2018-11-04T07:00:00", "2018-11-05T07:59:59",
                "2018-11-05T08:00:00")]  # fmt: skip
    days = [day_of(at, ZONE) for at in changed]
    assert np.diff(days).tolist() == [1, 0, 1]


def test_what_was_not_over_at_a_moment_was_going_on_then():
    record = calls(("A", "Alarms", 0, 60), ("A", "Alarms", 100, 60))
    then = record.until(T0 + 30 * MINUTE)
    assert (len(then), then.over_us.tolist()) == (1, [0])
    assert record.until(T0 + DAY).over_us.tolist() == record.over_us.tolist()


def test_a_wider_window_of_sameness_joins_more():
    rules = msgspec.structs.replace(RULES, same_min=100.0)
    record = calls(("A", "Alarms", 0, 5), ("A", "Alarms", 90, 5), ("A", "Alarms", 180, 5))
    assert (len(events_of(record, RULES)), len(events_of(record, rules))) == (3, 1)
