"""What pages read of the counts: one figure a day, and one a line. No decisions.

A figure is made when it is asked for, so that a call entered late is in it at once.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator

import msgspec

from answerable.intake.counting import Counts, Day, span
from answerable.towns.model import QUARTER_US, Town

WORST = ("differs", "missing", "counted", "explained", "agrees")
"""The states of a line's count, the one that most needs somebody first: a day has the worst."""
NOT_COUNTED = "not counted"
"""The state of a day of which no line has told its counter and none was waited for."""


class LineFigure(msgspec.Struct, frozen=True):
    """A line on a day: its own counter (None: not told), the calls recorded, the state."""

    line: str
    rung: int | None
    recorded: int
    state: str


class DayFigure(msgspec.Struct, frozen=True):
    """A day of the town: what its lines counted, what the record has, and how that stands.

    ``rung`` is None where a line has not told its counter. ``apart`` adds up what every line is
    off by, up or down, so that one line does not make up for another.
    """

    day: str
    rung: int | None
    recorded: int
    answered: int
    apart: int | None
    state: str
    lines: tuple[LineFigure, ...] = ()


def figure(counts: Counts, town: Town, day: datetime.date) -> DayFigure:
    """Return the figure of a day."""
    name = day.isoformat()
    known = counts.days.get(name)
    from_us, until_us = (known.from_us, known.until_us) if known else span(town, day)
    lines = tuple(_lines(counts, known or Day(from_us, until_us)))
    recorded = sum(one.recorded for one in lines)
    told = [one.rung for one in lines if one.rung is not None]
    whole = len(told) == len(lines) and bool(known and known.lines)
    states = {one.state for one in lines if one.state}
    return DayFigure(
        day=name,
        rung=sum(told) if whole else None,
        recorded=recorded,
        answered=counts.answered_in(from_us, until_us),
        apart=sum(abs((one.rung or 0) - one.recorded) for one in lines) if whole else None,
        state=next((state for state in WORST if state in states), NOT_COUNTED),
        lines=lines,
    )


def _lines(counts: Counts, day: Day) -> Iterator[LineFigure]:
    for line in dict.fromkeys([*day.lines, *counts.lines_in(day.from_us, day.until_us)]):
        recorded = counts.recorded(line, day.from_us, day.until_us)
        held = day.lines.get(line)
        if held is None:
            yield LineFigure(line, None, recorded, "")
        else:
            yield LineFigure(line, held.rung, recorded, held.state)


def days(counts: Counts, town: Town, now_us: int, most: int) -> Iterator[DayFigure]:
    """Yield the figures of the days that are over, the newest first, at most ``most``.

    It ends at the first day of which anything is held.
    """
    held = [day.from_us for day in counts.days.values()]
    held += [min(one) * QUARTER_US for one in (*counts.rung.values(), counts.answered) if one]
    if not held:
        return
    first = town.local(min(held)).date()
    day = town.local(now_us).date()
    for _ in range(most):
        day -= datetime.timedelta(days=1)
        if day < first:
            return
        yield figure(counts, town, day)
