"""From calls to findings, against the same done by hand: midnights, clock changes, ties, gaps."""

from __future__ import annotations

import datetime
import math
from collections import defaultdict
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from answerable.matters.repeats.calls import Call, Calls, day_of, days_of
from answerable.matters.repeats.events import Sort
from answerable.matters.repeats.find import find
from answerable.towns.repeating import packaged_repeats

from .conftest import SMALL

US, MINUTE, HOUR = 1_000_000, 60_000_000, 3_600_000_000
LIMITS = {"alarm": (4, 6), "noise": (2, 3), "medical": (3, 2)}
"""Events within days: so few that what random calls come to lies about them."""
RULES = msgspec.structs.replace(
    packaged_repeats(), scan=msgspec.structs.replace(SMALL, history_days=400), again_h=6.0,
    causes=tuple(
        msgspec.structs.replace(one, calls=LIMITS[one.code][0], days=LIMITS[one.code][1])
        for one in packaged_repeats().causes if one.code in LIMITS
    ),
)  # fmt: skip
ZONES = ["America/Los_Angeles", "America/Sao_Paulo", "Australia/Lord_Howe", "Asia/Kathmandu"]
CHANGES = {
    "America/Los_Angeles": ("2018-03-11", "2018-11-04"), "Asia/Kathmandu": ("2018-06-01",),
    "America/Sao_Paulo": ("2018-02-17", "2018-02-18", "2018-11-04"),
    "Australia/Lord_Howe": ("2018-04-01", "2018-10-07"),
}  # fmt: skip
"""Days on which clocks change: at two, at midnight, and by half an hour; and a zone with none."""
STEPS = [0, 1, -1, MINUTE, 19 * MINUTE, 20 * MINUTE, 20 * MINUTE + 1, HOUR, 6 * HOUR, -HOUR]
"""Microseconds from a midnight: the very moment, just before, and at the edges of the rules."""


def midnight_us(zone: str, day: datetime.date) -> int:
    local = datetime.datetime.combine(day, datetime.time(), ZoneInfo(zone))
    return round(local.timestamp()) * US


@st.composite
def records(draw: st.DrawFn) -> tuple[str, list[Call], int]:
    """Return a zone, calls about its clock changes and midnights, and when they are looked at."""
    zone = draw(st.sampled_from(ZONES))
    middle = datetime.date.fromisoformat(draw(st.sampled_from(CHANGES[zone])))
    moments = st.builds(
        lambda days, step: midnight_us(zone, middle + datetime.timedelta(days=days)) + step,
        st.integers(-30, 3) | st.integers(-2, 1),
        st.sampled_from(STEPS) | st.integers(0, 24 * HOUR),
    )  # fmt: skip
    places = draw(st.sampled_from([["A"], ["A", "B", "C"]]))
    calls = st.builds(
        lambda place, kind, at_us, lasted, reports: Call(
            place, kind, at_us, at_us + lasted if lasted else 0, reports
        ),
        st.sampled_from(places), st.sampled_from(["Alarms", "Noise Party", "Medical", "Abuse"]),
        moments, st.sampled_from([0, 1, MINUTE, 30 * MINUTE, 5 * HOUR]), st.integers(1, 3),
    )  # fmt: skip
    return zone, draw(st.lists(calls, max_size=40)), draw(moments)


class Seen(NamedTuple):
    """What a finding says, as far as it can be counted by hand."""

    place: str
    cause: str
    sort: Sort
    seen: int
    days: int
    rule: bool
    early: bool
    reports: int
    last: tuple[int, ...]


class Plain(NamedTuple):
    """One event by hand."""

    day: datetime.date
    reports: int
    again: bool


def by_hand(zone: str, calls: list[Call], now_us: int) -> set[Seen]:
    """Return the findings one makes with paper and a calendar."""

    def day(at_us: int) -> datetime.date:
        moment = datetime.datetime.fromtimestamp(at_us // US, datetime.UTC)
        return moment.astimezone(ZoneInfo(zone)).date()

    today, known = day(now_us), [call for call in calls if call.at_us <= now_us]
    if not known:
        return set()
    held = (today - min(day(call.at_us) for call in known)).days + 1
    found = set()
    for (place, code), rows in grouped(known).items():
        events = joined(rows, now_us, day)
        rule = RULES.cause(code)
        assert rule is not None
        lately = [one for one in events if 0 <= (today - one.day).days < rule.days]
        last = tuple(
            sum((today - one.day).days == ago for one in events) for ago in range(90, -1, -1)
        )
        many = [one for one in lately if one.reports >= RULES.many]
        if len(lately) >= (wanted := needed(rule.calls, rule.days, held)):
            days = min(held, rule.days)
            early = len(lately) < rule.calls
            found.add(Seen(
                place, code, sort(lately, days), len(lately), days if early else rule.days,
                not early, early, sum(one.reports for one in lately), last,
            ))  # fmt: skip
        elif many:
            assert wanted > len(lately)
            most = max(one.reports for one in many)
            found.add(Seen(place, code, Sort.ONE, 1, rule.days, False, False, most, last))
    return found


def grouped(calls: list[Call]) -> dict[tuple[str, str], list[Call]]:
    groups: dict[tuple[str, str], list[Call]] = defaultdict(list)
    for call in sorted(calls, key=lambda one: one.at_us):
        if cause := RULES.cause_of(call.kind):
            groups[call.place, cause.code].append(call)
    return groups


def joined(rows: list[Call], now_us: int, day) -> list[Plain]:
    """Return separate events: those minutes apart are one, and it is over when its last is."""
    events: list[Plain] = []
    over_us, group = 0, [rows[0]]

    def close(group: list[Call]) -> None:
        nonlocal over_us
        since = group[0].at_us - over_us
        again = bool(events) and over_us > 0 and 0 <= since <= RULES.again_h * HOUR
        events.append(Plain(day(group[0].at_us), sum(one.reports for one in group), again))
        ends = [one.over_us if one.over_us <= now_us else 0 for one in group]
        over_us = max(ends) if all(ends) else 0

    for row in rows[1:]:
        if row.at_us - group[-1].at_us > RULES.same_min * MINUTE:
            close(group)
            group = []
        group.append(row)
    close(group)
    return events


def needed(calls: int, days: int, held: int) -> int:
    if held >= days:
        return calls
    early, pace = max(3, math.ceil(calls / 2)), calls * held / days
    while early < calls:
        fewer = sum(math.exp(-pace) * pace**i / math.factorial(i) for i in range(early))
        if 1 - fewer <= RULES.early_alpha:
            break
        early += 1
    return min(early, calls)


def sort(events: list[Plain], days: int) -> Sort:
    count, again = len(events), sum(one.again for one in events)
    if count < 2 or again < RULES.again_share * (count - 1):
        return Sort.KEEPS
    share = 1 - math.exp(-count / days * RULES.again_h / 24)
    chance = sum(
        math.comb(count - 1, i) * share**i * (1 - share) ** (count - 1 - i)
        for i in range(again, count)
    )
    return Sort.AGAIN if chance <= 0.05 else Sort.KEEPS


ALARMS = [Call("A", "Alarms", midnight_us(ZONES[0], datetime.date(2018, 11, 4)) + step, 0, 1)
          for step in (-1, 20 * MINUTE, 3 * HOUR, 25 * HOUR - 1)]  # fmt: skip
"""One of the day before, three of the day of twenty-five hours, the last in its last moment."""

EDGE = [Call("A", "Noise Party", midnight_us("Asia/Kathmandu", datetime.date(2018, 6, 1)) + step)
        for step in (0, 20 * MINUTE, 40 * MINUTE + 1)]  # fmt: skip
"""The second is exactly as late as one event allows, the third a microsecond later."""
BEGAN = midnight_us("Asia/Kathmandu", datetime.date(2018, 6, 6))
LONG = [
    Call("B", "Medical", BEGAN - 120 * HOUR),
    *(Call("A", "Alarms", at := BEGAN + hour * HOUR, at + 9 * HOUR) for hour in range(4)),
]
"""Each began while the former was not over, so none came again after handling."""


@settings(max_examples=250, deadline=None)
@given(records())
@example(("Asia/Kathmandu", EDGE, EDGE[-1].at_us))
@example(("Asia/Kathmandu", LONG, BEGAN + 20 * HOUR))
@example((ZONES[0], ALARMS, ALARMS[-1].at_us))
@example((ZONES[0], [*ALARMS, *ALARMS], ALARMS[-1].at_us))
def test_what_is_found_is_what_one_finds_by_hand(record: tuple[str, list[Call], int]) -> None:
    zone, calls, now_us = record
    gathered = Calls.gathered(calls, ZoneInfo(zone))
    quick = {
        Seen(one.place, one.cause, one.sort, one.seen, one.days, one.rule, one.early, one.reports,
             one.last)
        for one in find(gathered, now_us, RULES)
    }  # fmt: skip
    assert quick == by_hand(zone, calls, now_us)


def test_the_harness_has_findings_of_every_class_to_compare():
    """A comparison of nothing with nothing would hold too."""
    rng, seen = np.random.default_rng(2), set()
    begin = midnight_us(ZONES[0], datetime.date(2018, 11, 4))
    for _record in range(150):
        count = int(rng.integers(4, 40))
        calls = [
            Call("A", "Alarms", at := begin - int(rng.integers(0, 9)) * 24 * HOUR
                 + int(rng.integers(0, 5)) * 2 * HOUR, at + 30 * MINUTE, int(rng.integers(1, 4)))
            for _call in range(count)
        ]  # fmt: skip
        seen |= {(one.sort, one.early) for one in by_hand(ZONES[0], calls, begin + 24 * HOUR)}
    assert {(Sort.KEEPS, False), (Sort.AGAIN, False)} <= seen


@given(
    st.sampled_from([*ZONES, "Europe/Vaduz", "America/Havana", "America/St_Johns", "UTC"]),
    st.lists(st.integers(631_152_000 * US, 2_000_000_000 * US), max_size=20),
)
def test_a_day_is_the_one_the_calendar_of_the_zone_says(name: str, moments: list[int]) -> None:
    zone = ZoneInfo(name)
    plain = [
        datetime.datetime.fromtimestamp(at // US, datetime.UTC).astimezone(zone).toordinal()
        for at in moments
    ]
    assert days_of(np.asarray(moments, np.int64), zone).tolist() == plain
    assert [day_of(at, zone) for at in moments] == plain


@pytest.mark.parametrize("name", ZONES)
def test_the_moment_of_midnight_is_of_the_day_it_begins(name: str) -> None:
    for text in CHANGES[name]:
        day = datetime.date.fromisoformat(text)
        at_us = midnight_us(name, day)
        assert day_of(at_us, ZoneInfo(name)) == day.toordinal()
        assert day_of(at_us - 1, ZoneInfo(name)) == day.toordinal() - 1
