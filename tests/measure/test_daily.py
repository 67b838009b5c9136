"""Days are counted as weeks are, and the days asked for are never those that are forgotten."""

from __future__ import annotations

import datetime
import random

import pytest

from answerable.followup import back_words as b
from answerable.intake import words as i
from answerable.kernel.event import Event, Recorded, Row
from answerable.measure import asked as a
from answerable.measure import daily as d
from answerable.measure import satisfaction as s

FIRST = datetime.date(2020, 1, 1)
AT_US = 1_585_854_000_000_000


def recorded(*events: Event) -> list[Recorded]:
    return [
        Recorded(Row(at, "", one.tag, 1, AT_US + at, AT_US + at, "desk", "k", 1, b""), one)
        for at, one in enumerate(events, 1)
    ]


def day(nth: int) -> str:
    return (FIRST + datetime.timedelta(days=nth)).isoformat()


def callers(days: list[int], seed: int = 1) -> list[Recorded]:
    """Return callers who were due on some days; most of them answer, with a mark of some kind."""
    chance, told = random.Random(seed), []
    for nth, on in enumerate(days):
        incident, call = f"I{nth}", f"C{nth}"
        told += [
            i.IncidentOpened(incident=incident, kind="Medical", priority="3", address="1 MAIN ST",
                             neighborhood=chance.choice(("Mission", "Marina"))),
            b.CallBackDue(incident=incident, call=call, day=day(on), from_us=0, kind="Medical"),
        ]  # fmt: skip
        if chance.random() < 0.8:
            mark = chance.randint(1, 5)
            told.append(b.CallBackAnswered(incident=incident, call=call, overall=mark))
    return recorded(*told)


def folded(events: list[Recorded], first: str = "", last: str = "") -> d.Daily:
    made = d.Daily(first=first, last=last)
    d.add(made, events)
    return made


@pytest.mark.parametrize("by", ["unit", "area", "kind", "week"])
def test_over_whole_weeks_it_says_what_the_view_by_weeks_says(by):
    monday = 5  # 6 January 2020
    events = callers([monday + n % 28 for n in range(200)])
    weekly = a.Asked()
    for one in events:
        if one.row.kind in a.evolve.table:
            a.evolve.table[one.row.kind](weekly, one.event, one.row)
    found = d.report(folded(events, day(monday), day(monday + 27)), by)
    expected = s.report(weekly, sorted(weekly.weeks), by)
    assert (found.whole, found.groups, found.ways) == (
        expected.whole, expected.groups, expected.ways,
    )  # fmt: skip
    assert found.whole.callers == 200


def test_days_asked_for_are_there_however_long_the_record_goes_on():
    events = callers([n // 2 for n in range(1_500)])
    assert d.report(folded(events, day(3), day(9))).whole.callers == 14
    usual = folded(events)
    assert d.span(usual) == (day(722), day(749))
    assert d.report(usual).whole.callers == 2 * d.USUAL
    assert len(usual.weeks) == d.DAYS


def test_who_is_due_on_another_day_after_all_counts_on_that_one_only():
    due = [b.CallBackDue(incident="I1", call="C1", day=day(nth), from_us=0, kind="Medical")
           for nth in (0, 5)]  # fmt: skip
    assert d.report(folded(recorded(*due), day(0), day(4))).whole.callers == 0
    assert d.report(folded(recorded(*due), day(0), day(5))).whole.callers == 1


def test_a_record_that_asked_nobody_has_no_days():
    assert d.span(folded([])) == ("", "")
    assert d.report(folded([])).whole.callers == 0
