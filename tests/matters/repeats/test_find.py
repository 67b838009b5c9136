"""What is found: the exact rule counted by hand, the three classes, and the words that say why."""

from __future__ import annotations

import math
from datetime import date, timedelta

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.matters.repeats.calls import Call, Calls, Spot, day_of
from answerable.matters.repeats.events import Sort, events_of
from answerable.matters.repeats.exact import enough, hits
from answerable.matters.repeats.find import find, found
from answerable.matters.repeats.said import Finding
from answerable.towns.repeating import RepeatsFile, packaged_repeats
from tests.story import T0, ZONE

from .conftest import SMALL

MINUTE = 60_000_000
DAY = 1_440 * MINUTE
RULES = msgspec.structs.replace(packaged_repeats(), scan=SMALL)
HYDE, TURK = "200 Block of Hyde St", "Hyde St / Turk St"


def record(*rows: tuple[str, str, float], reports: int = 1, lasted: int = 30) -> Calls:
    """Return incidents: place, kind, days before the story begins."""
    spots = {HYDE: Spot(-122.41, 37.78, "Middle"), TURK: Spot(-122.42, 37.79, "Rim")}
    made = (
        Call(place, kind, at := T0 - int(ago * DAY), at + lasted * MINUTE, reports)
        for place, kind, ago in rows
    )
    return Calls.gathered(made, ZONE, spots)


def history(days: int, every: int, place: str = "Fell St") -> list[tuple[str, str, float]]:
    """Return a call every so many days, so that a record is so long."""
    return [(place, "Other", float(ago)) for ago in range(0, days, every)]


def test_the_rule_is_met_and_says_so_with_what_is_usual():
    noise = [(HYDE, "Noise Party", ago) for ago in (0.1, 2, 5, 9, 13)]
    before = [(HYDE, "Noise Party", 14.5 + 10 * n) for n in range(10)]
    (one,) = find(record(*noise, *before, *history(115, 30)), T0, RULES)
    assert (one.place, one.cause, one.seen, one.days, one.sort) == (
        HYDE,
        "noise",
        5,
        14,
        Sort.KEEPS,
    )
    assert one.usual == pytest.approx(1.4, abs=0.15)
    assert one.because[0].text() == (
        f"5 calls of noise at {HYDE} in 14 days; usual there: {one.usual:.1f}. The rule: 3 in 14 "
        "days."
    )
    assert (one.lon, one.lat, one.area) == (-122.41, 37.78, "Middle")
    assert one.kinds == ("Noise Party",)
    assert sum(one.last) == 5 + 8
    assert one.last[-1] == 1


def test_one_less_than_the_rule_is_not_found():
    two = [(HYDE, "Noise Party", ago) for ago in (1, 2)]
    assert find(record(*two), T0, RULES) == []
    assert len(find(record(*two, (HYDE, "Noise Party", 3)), T0, RULES)) == 1


def test_what_happened_before_the_days_of_the_rule_does_not_count():
    old = [(HYDE, "Noise Party", ago) for ago in (1, 2, 14)]
    assert find(record(*old), T0, RULES) == []


def test_what_is_usual_is_not_said_before_it_is_known():
    short = [(HYDE, "Noise Party", ago) for ago in (1, 2, 3)]
    (one,) = find(record(*short, *history(30, 3)), T0, RULES)
    assert one.usual is None
    assert one.because[0].template == Finding.RULE_NEW
    assert "shorter than 28 days" in one.because[0].text()


def test_a_place_on_its_way_to_a_rule_is_found_in_a_record_that_has_just_begun():
    ten = [(HYDE, "Medical Incident", 0.05 + 0.1 * n) for n in range(10)]
    (one,) = find(record(*ten), T0, RULES)
    assert (one.seen, one.days, one.rule, one.early) == (10, 2, False, True)
    assert one.because[0].text() == (
        f"10 calls of medical at {HYDE} so far; days of record there are: 2. If it goes on like "
        "that, the rule is met: 20 in 14 days."
    )
    assert find(record(*ten[:9]), T0, RULES) == []
    assert find(record(*ten, *history(15, 14)), T0, RULES) == []
    all_ = msgspec.structs.replace(RULES, early_share=1.0)
    assert find(record(*ten), T0, all_) == []
    twenty = [(HYDE, "Medical Incident", 0.05 * n) for n in range(20)]
    (met,) = find(record(*twenty), T0, RULES)
    assert (met.rule, met.early, met.days) == (True, False, 14)


def test_what_is_met_stands_before_what_is_on_its_way():
    ten = [(HYDE, "Medical Incident", 0.05 + 0.1 * n) for n in range(10)]
    noise = [(TURK, "Noise Party", ago) for ago in (0.1, 0.4, 0.8)]
    assert [one.early for one in find(record(*ten, *noise), T0, RULES)] == [False, True]


@given(
    st.integers(2, 40), st.integers(1, 60), st.integers(1, 80), st.sampled_from([0.2, 0.5, 1.0]),
    st.sampled_from([0.01, 0.05, 0.3]),
)  # fmt: skip
def test_enough_for_the_way_is_as_a_plain_sum_of_chances_says(calls, days, held, share, alpha):
    """Never below the share, never above the rule, and rare at the rule's own pace."""
    rule = msgspec.structs.replace(RULES.causes[0], calls=calls, days=days)
    rules = msgspec.structs.replace(RULES, early_share=share, early_alpha=alpha)
    needed = enough(rule, held, rules)
    if held >= days:
        assert needed == calls
        return
    assert needed <= calls
    assert needed == calls or needed >= max(3, share * calls)
    assert needed == calls or _or_more(needed, calls * held / days) <= alpha + 1e-12
    if max(3, share * calls) <= needed - 1:
        assert _or_more(needed - 1, calls * held / days) > alpha - 1e-12


def _or_more(count: int, mean: float) -> float:
    """Return the probability of so many calls or more, term by term."""
    term, fewer = math.exp(-mean), 0.0
    for number in range(count):
        fewer += term
        term *= mean / (number + 1)
    return 1 - fewer


def test_it_happens_again_after_handling():
    again = [(HYDE, "Alarms", ago + part) for ago in (2, 12, 22) for part in (0.0, 0.2)]
    (one,) = find(record(*again, *history(40, 8)), T0, RULES)
    assert one.sort is Sort.AGAIN
    assert one.because[-1].text() == (
        "3 of them came within 24 hours after the former was over; spread evenly, 0.9 would."
    )


def test_one_event_that_many_reported_is_its_own_class():
    (one,) = find(record((HYDE, "Outside Fire", 1.0), reports=7), T0, RULES)
    assert (one.sort, one.seen, one.reports, one.rule) == (Sort.ONE, 1, 7, False)
    day = date.fromordinal(day_of(T0 - DAY, ZONE))
    assert one.because[0].text() == f"7 calls about one event of fire at {HYDE}, on {day}."


def test_a_fire_whose_callers_were_not_put_together_is_one_event_all_the_same():
    rows = [(HYDE, "Outside Fire", 1.0 - n / 1_440) for n in range(6)]
    (one,) = find(record(*rows), T0, RULES)
    assert (one.sort, one.reports) == (Sort.ONE, 6)


def test_what_leads_to_a_home_is_never_a_place_and_always_counted():
    rows = [(HYDE, "Domestic Viol", float(ago)) for ago in range(10)]
    answer = found(record(*rows), T0, RULES)
    assert (answer.repeats, answer.left_out, answer.incidents) == ((), 10, 10)


def test_the_scan_and_the_rule_make_one_finding_with_both_reasons():
    rng = np.random.default_rng(3)
    quiet = [
        (f"{n}00 Block of Fell St", "Outside Fire", float(ago))
        for n, ago in zip(rng.integers(1, 30, 300), rng.uniform(0, 120, 300), strict=True)
    ]
    lately = [(HYDE, "Outside Fire", 0.1 * n) for n in range(1, 8)]
    answer = found(record(*quiet, *lately), T0, RULES)
    assert answer.scanned
    one = answer.repeats[0]
    assert (one.place, one.rule, one.p) == (HYDE, True, 0.01)
    assert [reason.template for reason in one.because][:2] == [Finding.SCAN, Finding.RULE]
    assert len([r for r in answer.repeats if (r.place, r.cause) == (HYDE, "fire")]) == 1


def test_a_short_record_is_not_scanned_and_says_so():
    assert not found(record(*history(40, 2)), T0, RULES).scanned


def test_an_empty_record_has_no_finding():
    answer = found(record(), T0, RULES)
    assert (answer.repeats, answer.incidents, answer.days) == ((), 0, 1)


def test_what_comes_after_the_moment_asked_for_is_not_known_then():
    rows = [(HYDE, "Noise Party", float(ago)) for ago in (1, 2, 3)]
    assert find(record(*rows), T0 - 2 * DAY - DAY // 2, RULES) == []


ROWS = st.lists(
    st.tuples(
        st.sampled_from([HYDE, TURK, "Fell St"]),
        st.sampled_from(["Alarms", "Noise Party", "Outside Fire"]), st.integers(0, 45 * 24),
    ),
    max_size=60,
)  # fmt: skip


def counted(calls: Calls, rules: RepeatsFile, today: int) -> set[tuple[str, str, int]]:
    """Return where the rule is met, counted by hand: place, cause, events."""
    events = events_of(calls, rules)
    met = set()
    for place in range(len(calls.places)):
        for number, rule in enumerate(rules.causes):
            first = date.fromordinal(today) - timedelta(days=rule.days - 1)
            count = sum(
                1 for at in range(len(events))
                if events.place[at] == place and events.cause[at] == number
                and first <= date.fromordinal(int(events.day[at])) <= date.fromordinal(today)
            )  # fmt: skip
            if count >= rule.calls:
                met.add((calls.places[place], rule.code, count))
    return met


@settings(max_examples=80, deadline=None)
@given(ROWS)
def test_the_rule_is_met_where_a_count_by_hand_says_so(rows: list[tuple[str, str, int]]) -> None:
    calls = record(*((place, kind, hours / 24) for place, kind, hours in rows))
    today = day_of(T0, ZONE)
    events = events_of(calls, RULES)
    quick = {
        (calls.places[hit.place], RULES.causes[hit.cause].code, len(hit.rows))
        for hit in hits(events, today, RULES)
        if len(hit.rows) >= RULES.causes[hit.cause].calls
    }
    assert quick == counted(calls, RULES, today)
