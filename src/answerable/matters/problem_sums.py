"""What is counted of a problem: calls of whole days, what was to be expected, whether it stopped.

Pure functions of a problem's state and its town. The rules decide on them and the page shows them,
so that what somebody reads is what is decided on. A day is a day of the town's own calendar; the
day on which a problem was opened belongs neither to what came before nor to what is tested, for
only a part of it does.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from answerable.matters.problem_looks import LOOK_DAYS, level
from answerable.matters.problem_state import OPEN, Problem
from answerable.matters.repeats.expectation import Expectation, season
from answerable.matters.repeats.stopped import Verdict, stopped
from answerable.towns.model import Town

DAY = datetime.timedelta(days=1)
US = 1_000_000
STILL_MAX = 400
"""Days ahead that are looked through for the day on which the test would say that it stopped."""


class Tested(NamedTuple):
    """The test of whole days, from the last intervention to yesterday."""

    days: list[datetime.date]
    seen: list[int]
    expected: list[float]
    verdict: Verdict


class Look(NamedTuple):
    """The last look: its number in the problem's life, its level, what it said, when the next is.

    Before the first one ``level`` is that of the first, and the test is what is known so far.
    """

    nth: int
    level: float
    test: Tested
    next: datetime.date


class Sums(NamedTuple):
    """What a report says of the days from ``first`` to ``last``; see ``problem_words``."""

    first: str
    last: str
    calls: int
    days: tuple[int, ...]
    before: int | None
    expected: float | None
    done: int
    open_steps: int
    late: int
    notes: int


def day_of(town: Town, at_us: int) -> datetime.date:
    """Return the town's day of an instant (UTC microseconds)."""
    return town.local(at_us).date()


def midnight_us(town: Town, day: datetime.date) -> int:
    """Return the instant at which a day of the town begins (UTC microseconds)."""
    local = datetime.datetime.combine(day, datetime.time(), town.zone)
    return round(local.timestamp()) * US


def days_between(first: datetime.date, last: datetime.date) -> list[datetime.date]:
    """Return the days from the first to the last, none where the last comes before it."""
    return [first + n * DAY for n in range((last - first).days + 1)]


def next_week_us(town: Town, at_us: int) -> int:
    """Return the start of the Monday before which at least one whole day has passed."""
    day = day_of(town, at_us) + 2 * DAY
    return midnight_us(town, day + (-day.weekday() % 7) * DAY)


def next_month_us(town: Town, at_us: int) -> int:
    """Return the start of the month before which at least a whole week has passed."""
    day = day_of(town, at_us) + 8 * DAY
    if day.day > 1:
        day = (day.replace(day=1) + 32 * DAY).replace(day=1)
    return midnight_us(town, day)


def per_day(problem: Problem, town: Town, days: Sequence[datetime.date]) -> list[int]:
    """Return the calls of each day: those before it was a problem, and those since."""
    counted = Counter(day_of(town, c.at_us) for c in problem.calls.values() if problem.counts(c))
    if problem.history:
        first = datetime.date.fromisoformat(problem.history_first)
        counted.update({first + n * DAY: calls for n, calls in enumerate(problem.history)})
    return [counted[day] for day in days]


def short(p: float) -> float:
    """Return a probability with two figures that count."""
    return float(f"{p:.2g}")


def known(problem: Problem, days: Sequence[datetime.date]) -> bool:
    """Say whether the calls of all of some days are known."""
    return bool(problem.history_first) and all(
        day.isoformat() >= problem.history_first for day in days
    )


def usual(problem: Problem) -> Expectation | None:
    """Return what is usual at the place, None where the days before were not counted or are none.

    The day on which the problem was opened is the last of the history, and is left out.
    """
    whole = problem.history[:-1]
    if not problem.counted or not whole:
        return None
    first = datetime.date.fromisoformat(problem.history_first)
    return season([first + n * DAY for n in range(len(whole))], whole)


def quiet_from(problem: Problem, town: Town) -> datetime.date:
    """Return the day after the last intervention, or after it was opened where there was none.

    A step that is taken up again does not bring back the days before it was done: which days are
    tested would be somebody's choice.
    """
    return day_of(town, problem.quiet_us) + DAY


def tested(problem: Problem, town: Town, now_us: int) -> Tested | None:
    """Return what the test says now; None where nothing is known of the days before."""
    expectation = usual(problem)
    if expectation is None:
        return None
    days = days_between(quiet_from(problem, town), day_of(town, now_us) - DAY)
    seen, expected = per_day(problem, town, days), expectation.over(days)
    verdict = stopped(expected, seen, learnt=expectation.seen)
    return Tested(days, seen, expected, verdict)


def looked(problem: Problem, town: Town, now_us: int) -> Look | None:
    """Return what the last look said; None where nothing is known of the days before.

    Until the first one it is too early, whatever the days say.
    """
    test, expectation = tested(problem, town, now_us), usual(problem)
    if test is None or expectation is None:
        return None
    first, here = quiet_from(problem, town), len(test.days) // LOOK_DAYS
    nth, after = problem.looks + here, first + (here + 1) * LOOK_DAYS * DAY
    if not here:
        return Look(nth, level(nth + 1), test, after)
    allowed, days = level(nth), here * LOOK_DAYS
    expected, seen = test.expected[:days], test.seen[:days]
    verdict = stopped(expected, seen, allowed, learnt=expectation.seen)
    return Look(nth, allowed, Tested(test.days[:days], seen, expected, verdict), after)


def still(problem: Problem, town: Town, now_us: int) -> int:
    """Return how many more days without a call would show that it stopped, 0 where it has.

    Only a look shows it, so the looks to come are gone through. ``STILL_MAX`` where none of them
    does: a place that called so little before may never show it.
    """
    expectation, test = usual(problem), tested(problem, town, now_us)
    look = looked(problem, town, now_us)
    if expectation is None or test is None or look is None:
        return STILL_MAX
    if look.test.verdict.state == "stopped" == test.verdict.state:
        return 0
    last = test.days[-1] if test.days else quiet_from(problem, town) - DAY
    ahead = expectation.over(days_between(last + DAY, last + STILL_MAX * DAY))
    begun = len(test.days) % LOOK_DAYS
    for nth, more in enumerate(range(LOOK_DAYS - begun, STILL_MAX, LOOK_DAYS), look.nth + 1):
        expected, seen = [*test.expected, *ahead[:more]], [*test.seen, *[0] * more]
        verdict = stopped(expected, seen, level(nth), learnt=expectation.seen)
        if verdict.state == "stopped":
            return more
    return STILL_MAX


def watched(problem: Problem, town: Town, now_us: int) -> tuple[float, int]:
    """Return the calls expected and seen since the watch began; today counts as a whole day."""
    expectation = usual(problem)
    days = days_between(day_of(town, problem.watch_us), day_of(town, now_us))
    seen = sum(
        1 for c in problem.calls.values() if problem.counts(c) and c.at_us >= problem.watch_us
    )
    return (sum(expectation.over(days)) if expectation else 0.0), seen


def sums(problem: Problem, town: Town, first: datetime.date, last: datetime.date) -> Sums:
    """Return what a report says of some whole days, ``first`` and ``last`` among them."""
    days = days_between(first, last)
    seen = per_day(problem, town, days)
    earlier = [day - len(days) * DAY for day in days]
    expectation = usual(problem)
    from_us, until_us = midnight_us(town, first), midnight_us(town, last + DAY)
    steps = problem.steps.values()
    waiting = [step for step in steps if step.state == OPEN]
    return Sums(
        first=first.isoformat(),
        last=last.isoformat(),
        calls=sum(seen),
        days=tuple(seen),
        before=sum(per_day(problem, town, earlier)) if known(problem, earlier) else None,
        expected=round(sum(expectation.over(days)), 1) if expectation else None,
        done=sum(1 for step in steps if from_us <= step.done_us < until_us),
        open_steps=len(waiting),
        late=sum(1 for step in waiting if step.due_us < until_us),
        notes=sum(1 for at_us in problem.noted if from_us <= at_us < until_us),
    )
