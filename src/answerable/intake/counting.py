"""How calls rung and calls recorded are laid side by side, day by day and line by line (I8).

The record's own count is a fold: every ``CallRung`` is counted in the quarter of an hour of UTC in
which it happened. A day of any town, also one of 23 or 25 hours, begins and ends on such a quarter,
so the count of a day needs no zone until somebody asks for it. The line's count comes from outside,
by ``CountLine``. Both are compared by an alarm on the next day, and again whenever either changes.

Lines are compared one by one: a ring that one line lost is not made up for by one too many on
another.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator

import msgspec

from answerable.intake import words as w
from answerable.kernel.alarms import Alarms
from answerable.kernel.event import Command, Event
from answerable.kernel.refusals import Refusal, TooLongAgo, Unknown
from answerable.kernel.room import Context, Decision
from answerable.kernel.steps import Steps
from answerable.towns.model import QUARTER_US, Town

ALARM = "\t"
"""Begins the name of a day's alarm; no incident has a number with a tabulator in it."""
US = 1_000_000
DAY_QUARTERS = 96
LATE_DAYS_MAX = 400
"""So far back a count may come, as far as a call may be entered late."""
KEPT_DAYS = LATE_DAYS_MAX + 100
"""So far back calls are held by the quarter of an hour."""
COUNT = Steps(
    "count",
    first="new",
    last=frozenset({"agrees", "explained"}),
    table={
        ("new", w.LineCounted): "counted",
        ("new", w.CountMissed): "missing",
        ("counted", w.LineCounted): "counted",
        ("counted", w.CountsAgreed): "agrees",
        ("counted", w.CountDiffered): "differs",
        ("missing", w.LineCounted): "counted",
        ("missing", w.DifferenceExplained): "explained",
        ("differs", w.LineCounted): "counted",
        ("differs", w.CountsAgreed): "agrees",
        ("differs", w.CountDiffered): "differs",
        ("differs", w.DifferenceExplained): "explained",
        ("explained", w.LineCounted): "counted",
        ("explained", w.CountsAgreed): "agrees",
        ("explained", w.CountDiffered): "differs",
        ("agrees", w.LineCounted): "counted",
        ("agrees", w.CountDiffered): "differs",
    },
)
"""The life of the count of one line on one day. A difference cannot rest until it is explained."""
OPEN = frozenset({"differs", "missing"})
"""The states in which a count is a matter for the supervisor."""


class LineDay(msgspec.Struct):
    """The count of a line on a day: its state, its counter, and the record's when compared."""

    state: str = COUNT.first
    rung: int | None = None
    recorded: int = 0


class Day(msgspec.Struct):
    """A day of the town (UTC microseconds from and until) and the counts of its lines."""

    from_us: int
    until_us: int
    compared: bool = False
    lines: dict[str, LineDay] = {}


class Counts(msgspec.Struct):
    """What is counted: rings by line and quarter, answers by quarter, and the days compared.

    ``matters`` are the day and line of every count that a supervisor has to look into;
    ``awaits`` is the day whose counts are compared next, "" until a line has ever been counted;
    ``compared_us`` the end of the last day that was (UTC microseconds); ``moved`` how often any
    figure has changed, so that whoever keeps one knows when to look again.
    """

    rung: dict[str, dict[int, int]] = {}
    answered: dict[int, int] = {}
    days: dict[str, Day] = {}
    lines: list[str] = []
    matters: list[tuple[str, str]] = []
    awaits: str = ""
    compared_us: int = 0
    moved: int = 0
    sweep_at: int = 0

    def recorded(self, line: str, from_us: int, until_us: int) -> int:
        """Return how many calls of a line rang in a span, by the record."""
        return _within(self.rung.get(line, {}), from_us, until_us)

    def answered_in(self, from_us: int, until_us: int) -> int:
        """Return how many calls were answered in a span, by the record."""
        return _within(self.answered, from_us, until_us)

    def lines_in(self, from_us: int, until_us: int) -> list[str]:
        """Return the lines on which calls of a span rang."""
        return [line for line in self.rung if self.recorded(line, from_us, until_us)]


def _within(quarters: dict[int, int], from_us: int, until_us: int) -> int:
    return sum(quarters.get(q, 0) for q in range(from_us // QUARTER_US, until_us // QUARTER_US))


# -- the record's own count ------------------------------------------------------------------


def rang(counts: Counts, line: str, at_us: int, by: int = 1) -> None:
    """Count a ring, or with ``by`` -1 take it out again."""
    quarter = at_us // QUARTER_US
    counts.moved += 1
    _count(counts.rung.setdefault(line, {}), quarter, by)
    if quarter >= counts.sweep_at:
        counts.sweep_at = quarter + DAY_QUARTERS
        _sweep(counts, quarter - KEPT_DAYS * DAY_QUARTERS)


def answered(counts: Counts, at_us: int, by: int = 1) -> None:
    """Count an answer, or with ``by`` -1 take it out again."""
    counts.moved += 1
    _count(counts.answered, at_us // QUARTER_US, by)


def _count(quarters: dict[int, int], quarter: int, by: int) -> None:
    number = quarters.get(quarter, 0) + by
    if number:
        quarters[quarter] = number
    else:
        quarters.pop(quarter, None)


def _sweep(counts: Counts, before: int) -> None:
    """Forget quarters that no count can be about any more."""
    for quarters in (*counts.rung.values(), counts.answered):
        for quarter in [q for q in quarters if q < before]:
            del quarters[quarter]


def late(counts: Counts, moments_us: Iterable[int], position: int) -> list[Command]:
    """Return what is to be compared again because a ring came into a day that was compared."""
    moments = [at_us for at_us in moments_us if at_us < counts.compared_us]
    if not moments:
        return []
    return [
        w.CompareCounts(key=f"compare:{name}:{position}", day=name)
        for name, day in counts.days.items()
        if day.compared and any(day.from_us <= at_us < day.until_us for at_us in moments)
    ]


# -- days ------------------------------------------------------------------------------------


def instant(town: Town, day: datetime.date, clock: datetime.time = datetime.time()) -> int:
    """Return when a wall clock of the town shows a time on a day, UTC microseconds.

    A time that a change of the clocks leaves out is the moment of the change.
    """
    return int(datetime.datetime.combine(day, clock, town.zone).timestamp()) * US


def span(town: Town, day: datetime.date) -> tuple[int, int]:
    """Return when a day of the town begins and ends, UTC microseconds."""
    return instant(town, day), instant(town, day + datetime.timedelta(days=1))


def due(town: Town, day: datetime.date) -> int:
    """Return from when on the counts of a day are compared, UTC microseconds."""
    clock = datetime.time.fromisoformat(town.file.counts_by)
    return instant(town, day + datetime.timedelta(days=1), clock)


def _read_day(command: w.CountLine | w.CompareCounts) -> datetime.date | w.NoSuchDay:
    try:
        return datetime.date.fromisoformat(command.day)
    except ValueError:
        return w.NoSuchDay(day=command.day)


# -- decisions -------------------------------------------------------------------------------


def count_line(counts: Counts, command: w.CountLine, ctx: Context[Town]) -> Decision:
    """Decide on a line's counter; what comes late is compared at once."""
    day = _read_day(command)
    if isinstance(day, Refusal):
        return day
    today = ctx.town.local(ctx.now_us).date()
    if day >= today:
        return w.DayNotOver(day=command.day, until=f"{command.day} 24:00")
    if (today - day).days > LATE_DAYS_MAX:
        days = (today - day).days
        return TooLongAgo(command=command.tag, days=days, days_max=LATE_DAYS_MAX)
    known = counts.days.get(command.day)
    held = known.lines.get(command.line) if known else None
    if held is not None and held.rung == command.rung:
        return w.CountKnown(day=command.day, rung=command.rung)
    from_us, until_us = (known.from_us, known.until_us) if known else span(ctx.town, day)
    counted = w.LineCounted(
        day=command.day, line=command.line, rung=command.rung, from_us=from_us, until_us=until_us,
        due_us=due(ctx.town, day),
    )  # fmt: skip
    if not counts.awaits or command.day >= counts.awaits:
        return [counted]
    recorded = counts.recorded(command.line, from_us, until_us)
    return [counted, _verdict(command.day, command.line, command.rung, recorded)]


def _verdict(day: str, line: str, rung: int, recorded: int) -> w.CountsAgreed | w.CountDiffered:
    if rung == recorded:
        return w.CountsAgreed(day=day, line=line, recorded=recorded)
    return w.CountDiffered(day=day, line=line, rung=rung, recorded=recorded)


def compare_counts(counts: Counts, command: w.CompareCounts, ctx: Context[Town]) -> Decision:
    """Compare a day whose time has come, or one that was compared and may have changed."""
    day = _read_day(command)
    if isinstance(day, Refusal):
        return day
    known = counts.days.get(command.day)
    if known is not None and known.compared:
        lines = dict.fromkeys([*known.lines, *counts.lines_in(known.from_us, known.until_us)])
        return list(_verdicts(counts, command.day, known, list(lines)))
    if command.day != counts.awaits:
        return Unknown(command=command.tag, what="day to compare", name=command.day)
    from_us, until_us = (known.from_us, known.until_us) if known else span(ctx.town, day)
    known = known or Day(from_us, until_us)
    after = day + datetime.timedelta(days=1)
    compared = w.DayCompared(
        day=command.day, from_us=from_us, until_us=until_us, next_day=after.isoformat(),
        due_us=due(ctx.town, after),
    )  # fmt: skip
    waited = dict.fromkeys([*known.lines, *counts.lines, *counts.lines_in(from_us, until_us)])
    return [compared, *_verdicts(counts, command.day, known, list(waited))]


def _verdicts(counts: Counts, name: str, day: Day, lines: list[str]) -> Iterator[Event]:
    """Yield what is new about the counts of a day."""
    for line in lines:
        held = day.lines.get(line) or LineDay()
        recorded = counts.recorded(line, day.from_us, day.until_us)
        if held.rung is None:
            if held.state == COUNT.first:
                yield w.CountMissed(day=name, line=line, recorded=recorded)
        elif held.state == "counted" or held.recorded != recorded:
            yield _verdict(name, line, held.rung, recorded)


def explain(counts: Counts, command: w.ExplainDifference) -> Decision:
    """Decide on the explanation of a difference."""
    day = counts.days.get(command.day)
    held = day.lines.get(command.line) if day else None
    what = f"the count of {command.day}"
    if held is None:
        return Unknown(command=command.tag, what="count", name=command.day)
    event = w.DifferenceExplained(day=command.day, line=command.line, reason=command.reason)
    return COUNT.refuse(held.state, type(event), what) or [event]


def retire(counts: Counts, command: w.RetireLine) -> Decision:
    """Decide that a line is used no more."""
    if command.line not in counts.lines:
        return Unknown(command=command.tag, what="counted line", name=command.line or "–")
    return [w.LineRetired(line=command.line, reason=command.reason)]


# -- evolve ----------------------------------------------------------------------------------


def counted(counts: Counts, event: w.LineCounted, alarms: Alarms) -> None:
    """Take up a line's counter; the first one ever begins the chain of daily comparisons."""
    day = counts.days.setdefault(event.day, Day(event.from_us, event.until_us))
    held = day.lines.setdefault(event.line, LineDay())
    held.rung = event.rung
    _step(counts, held, event)
    if event.line not in counts.lines:
        counts.lines.append(event.line)
    if not counts.awaits:
        counts.awaits = event.day
        alarms.set(ALARM + event.day, event.due_us)
    elif event.day < counts.awaits:
        _compared(counts, day)


def _step(counts: Counts, held: LineDay, event: w.CountEvent) -> None:
    """Take a count to its next state, and keep the list of those that need somebody."""
    counts.moved += 1
    held.state = COUNT.after(held.state, event)
    matter = (event.day, event.line)
    if (held.state in OPEN) != (matter in counts.matters):
        (counts.matters.append if held.state in OPEN else counts.matters.remove)(matter)


def _compared(counts: Counts, day: Day) -> None:
    counts.moved += 1
    day.compared = True
    counts.compared_us = max(counts.compared_us, day.until_us)


def judged(counts: Counts, event: w.CountEvent) -> None:
    """Take up what came of a comparison, or its explanation."""
    held = counts.days[event.day].lines.setdefault(event.line, LineDay())
    _step(counts, held, event)
    if isinstance(event, w.CountsAgreed | w.CountDiffered | w.CountMissed):
        held.recorded = event.recorded


def compared(counts: Counts, event: w.DayCompared, alarms: Alarms) -> None:
    """Note that a day was compared, and wait for the next one."""
    _compared(counts, counts.days.setdefault(event.day, Day(event.from_us, event.until_us)))
    counts.awaits = event.next_day
    alarms.cancel(ALARM + event.day)
    alarms.set(ALARM + event.next_day, event.due_us)


def retired(counts: Counts, event: w.LineRetired) -> None:
    """Wait for no more counts of a line."""
    counts.lines.remove(event.line)


def ring(name: str, due_us: int) -> w.CompareCounts:
    """Return what a day's alarm asks for."""
    day = name.removeprefix(ALARM)
    return w.CompareCounts(key=f"compare:{day}:{due_us}", day=day, at=due_us)
