"""I8: calls rung minus calls recorded is 0 per day, and the figure is published.

The line counts by itself, outside the program; the record counts what it holds. Whatever is lost
between the two is seen the next morning, is a matter until somebody explains it, and stands on the
public page. Every fault below is planted, and seen.
"""

from __future__ import annotations

import datetime
import random
from collections import Counter

import pytest

from answerable.intake import counting
from answerable.intake import words as i
from answerable.intake.rules import ROOM
from answerable.intake.views import days
from answerable.kernel.hub import Accepted
from tests.story import US, Centre, at_local

HOUR_S = 3600
BEFORE_SUMMER_TIME_ENDS = at_local("2018-11-02T18:00:00")
DAYS = ("2018-11-03", "2018-11-04", "2018-11-05")
"""The middle one has 25 hours."""


class Line:
    """A line of the exchange: it rings, and counts that by itself."""

    def __init__(self, town: Centre, name: str, seed: int) -> None:
        self.town, self.name, self.chance = town, name, random.Random(seed)
        self.rung: Counter[str] = Counter()

    def ring(self, *, reaches: bool = True) -> None:
        """Ring once; a call that does not reach the program was counted all the same."""
        self.rung[f"{self.town.town.local(self.town.clock.now_us()):%Y-%m-%d}"] += 1
        if reaches:
            outcome = self.town.do(i.RingCall, role="line", line=self.name)
            assert isinstance(outcome, Accepted)

    def tell(self, day: str, twice: bool = False) -> None:
        """Tell the counter of a day, as the adapter does after midnight."""
        rung = self.rung[day] * (2 if twice else 1)
        self.town.done(i.CountLine, role="line", day=day, line=self.name, rung=rung)


def three_days(town: Centre, lost: frozenset[int] = frozenset(), twice: str = "") -> list[Line]:
    """Let two lines ring at random for three days, one of 25 hours; every night they tell.

    Of the rings, those numbered in ``lost`` never reach the program; the counter of the day
    ``twice`` counts double.
    """
    town.stand_at(BEFORE_SUMMER_TIME_ENDS)
    lines = [Line(town, "110", 1), Line(town, "119", 2)]
    chance, rings, told = random.Random(7), 0, {"2018-11-02"}
    while (today := f"{town.town.local(town.clock.now_us()):%Y-%m-%d}") <= "2018-11-06":
        for day in sorted({"2018-11-02", *DAYS} - told):
            if day < today:
                told.add(day)
                for line in lines:
                    line.tell(day, twice=day == twice)
        if today <= DAYS[-1]:
            chance.choice(lines).ring(reaches=rings not in lost)
            rings += 1
        town.tick(chance.randint(60, 2 * HOUR_S))
    return lines


def states(town: Centre) -> dict[str, str]:
    """Return the published state of the three days."""
    counts = town.state("intake").counts
    shown = days(counts, town.town, town.clock.now_us(), 9)
    return {one.day: one.state for one in shown if one.day in DAYS}


def test_the_difference_of_every_day_is_nought_and_is_published(town):
    lines = three_days(town)
    counts = town.state("intake").counts
    shown = {one.day: one for one in days(counts, town.town, town.clock.now_us(), 9)}
    for day in DAYS:
        rung = sum(line.rung[day] for line in lines)
        assert rung > 10
        assert (shown[day].rung, shown[day].recorded, shown[day].apart) == (rung, rung, 0)
        assert shown[day].state == "agrees"
    assert counts.matters == []


def test_the_records_own_count_is_what_its_rows_say(town):
    three_days(town)
    rows = Counter(
        f"{town.town.local(row.happened_at):%Y-%m-%d}"
        for row in town.store.rows()
        if row.kind == i.CallRung.tag
    )
    counts = town.state("intake").counts
    shown = {one.day: one.recorded for one in days(counts, town.town, town.clock.now_us(), 9)}
    assert {day: shown[day] for day in DAYS} == {day: rows[day] for day in DAYS}


def test_a_call_that_never_reached_the_program_is_seen_on_its_day(town):
    three_days(town, lost=frozenset({25}))
    found = [day for day, state in states(town).items() if state == "differs"]
    assert len(found) == 1
    assert [day for day, _line in town.state("intake").counts.matters] == found


def test_a_counter_that_counts_twice_is_seen(town):
    three_days(town, twice="2018-11-04")
    assert states(town) == {
        "2018-11-03": "agrees", "2018-11-04": "differs", "2018-11-05": "agrees"
    }  # fmt: skip


def test_a_call_that_the_records_count_drops_is_seen(town, monkeypatch):
    real, dropped = counting.rang, []

    def forgetful(counts, line, at_us, by=1):
        if len(dropped) < 1 and at_us > at_local("2018-11-04T12:00:00"):
            dropped.append(at_us)
            return
        real(counts, line, at_us, by)

    monkeypatch.setattr(counting, "rang", forgetful)
    three_days(town)
    assert dropped
    assert states(town)["2018-11-04"] == "differs"


def test_an_event_dropped_from_the_fold_is_seen(town, monkeypatch):
    arm, seen = ROOM.arms.table[i.CallRung.tag], []

    def deaf(state, event, row):
        seen.append(row.position)
        arm(state, event, row)
        if len(seen) == 30:
            counting.rang(state.counts, event.line, row.happened_at, -1)

    monkeypatch.setitem(ROOM.arms.table, i.CallRung.tag, deaf)
    town.restart()
    three_days(town)
    assert len(seen) > 30
    assert "differs" in states(town).values()


@pytest.mark.parametrize("silent", DAYS)
def test_a_day_whose_counter_does_not_come_is_never_taken_for_a_good_one(town, silent):
    real = Line.tell
    town.stand_at(BEFORE_SUMMER_TIME_ENDS)
    try:
        Line.tell = lambda self, day, twice=False: None if day == silent else real(self, day)
        three_days(town)
    finally:
        Line.tell = real
    expected = "missing" if silent != DAYS[0] else "not counted"
    assert states(town)[silent] == expected


def test_all_of_it_is_the_same_after_a_restart(town):
    three_days(town, lost=frozenset({9}), twice="2018-11-05")
    before = states(town)
    packed = town.hub.rooms.pack(town.hub.state)
    town.restart(use_snapshot=False)
    assert states(town) == before
    assert town.hub.rooms.pack(town.hub.state) == packed


def test_no_day_of_the_year_loses_an_hour_or_has_one_twice(town):
    day, end = datetime.date(2018, 1, 1), datetime.date(2019, 1, 1)
    at_us = counting.span(town.town, day)[0]
    while day < end:
        from_us, until_us = counting.span(town.town, day)
        assert from_us == at_us
        at_us, day = until_us, day + datetime.timedelta(days=1)
    assert at_us - counting.span(town.town, datetime.date(2018, 1, 1))[0] == 365 * 24 * 3600 * US
