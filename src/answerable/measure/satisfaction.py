"""What callers thought of it, with how sure that is: never one number without the others.

For a span of weeks, all together or by unit, area, kind or week: how many callers there were, how
many were barred from being asked (and why), reached, and answered; and of each question the share
who were satisfied (4 or 5 of 5) with its interval of 95 %. Where fewer than ``FEW`` answered a
question, no share is told: it would say more about those few than about the service.

The interval is about chance alone. Those who answer are not a random draw of those who called, so
the shares reached and answered stand beside every share, and are part of it.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal

import msgspec

from answerable.followup.back_words import QUESTIONS
from answerable.measure import asked as a
from answerable.measure.interval import wilson

FEW = 10
"""Below so many answers to a question its share is "too few"."""
By = Literal["unit", "area", "kind", "week"]


class Share(msgspec.Struct, frozen=True):
    """Of one question: who answered, how many of them satisfied and unhappy, and the interval.

    ``share``, ``low`` and ``high`` (0 to 1) are None where it is too few.
    """

    question: str
    given: int
    satisfied: int
    unhappy: int
    share: float | None = None
    low: float | None = None
    high: float | None = None


class Group(msgspec.Struct, frozen=True):
    """One group of callers: how many, what became of asking them, and what they said.

    ``waiting`` are those who are still to be asked; with the others it adds up to ``callers``.
    """

    name: str
    callers: int
    barred: int
    reached: int
    answered: int
    declined: int
    unreachable: int
    waiting: int
    tries: int
    wants: int
    shares: tuple[Share, ...]

    def share(self, question: str) -> Share:
        """Return what was said to one question."""
        return self.shares[QUESTIONS.index(question)]

    @property
    def to_ask(self) -> int:
        """How many could be asked: all but those barred."""
        return self.callers - self.barred


class Report(msgspec.Struct, frozen=True):
    """A report. ``weeks`` are the Mondays it spans; ``barred`` by reason, ``ways`` of answering."""

    weeks: tuple[str, ...]
    by: str
    whole: Group
    groups: tuple[Group, ...]
    barred: dict[str, int]
    ways: dict[str, int]
    few: int = FEW


def share_of(question: str, given: int, satisfied: int, unhappy: int, few: int = FEW) -> Share:
    """Return the share of one question with its interval, or without where it is too few."""
    if given < max(few, 1):
        return Share(question, given, satisfied, unhappy)
    low, high = wilson(satisfied, given)
    return Share(question, given, satisfied, unhappy, satisfied / given, low, high)


def group_of(name: str, cell: Sequence[int], few: int = FEW) -> Group:
    """Return a group as its vector of counts says."""
    ended = cell[a.BARRED] + cell[a.REACHED] + cell[a.UNREACHABLE]
    shares = (
        share_of(
            question, cell[a.place_of(question, a.GIVEN)],
            cell[a.place_of(question, a.SATISFIED)], cell[a.place_of(question, a.UNHAPPY)], few,
        )
        for question in QUESTIONS
    )  # fmt: skip
    return Group(
        name=name, callers=cell[a.CALLERS], barred=cell[a.BARRED], reached=cell[a.REACHED],
        answered=cell[a.ANSWERED], declined=cell[a.DECLINED], unreachable=cell[a.UNREACHABLE],
        waiting=cell[a.CALLERS] - ended, tries=cell[a.TRIES], wants=cell[a.WANTS],
        shares=tuple(shares),
    )  # fmt: skip


def span(asked: a.Asked, until: str, weeks: int) -> tuple[str, ...]:
    """Return the Mondays of so many weeks up to the one of a day, as far as any are kept."""
    last = datetime.date.fromisoformat(a.week_of(until))
    found = ((last - datetime.timedelta(weeks=n)).isoformat() for n in reversed(range(weeks)))
    return tuple(week for week in found if week in asked.weeks)


def report(asked: a.Asked, weeks: Sequence[str], by: By = "unit", few: int = FEW) -> Report:
    """Return the report over some weeks; the groups with most callers come first."""
    summed = added_up(asked.weeks[week] for week in weeks if week in asked.weeks)
    if by == "week":
        groups = [group_of(w, asked.weeks[w][a.ALL], few) for w in weeks if w in asked.weeks]
    else:
        groups = [group_of(name, cell, few) for name, cell in _named(summed, by)]
        groups.sort(key=lambda one: (-one.callers, one.name))
    return Report(
        weeks=tuple(weeks), by=by, few=few,
        whole=group_of("", summed.get(a.ALL, [0] * a.LENGTH), few),
        groups=tuple(one for one in groups if one.callers),
        barred={name: cell[a.BARRED] for name, cell in _named(summed, "barred")},
        ways={name: cell[a.ANSWERED] for name, cell in _named(summed, "way")},
    )  # fmt: skip


def added_up(weeks: Iterable[dict[str, a.Vector]]) -> dict[str, a.Vector]:
    """Return the cells of several weeks, or days, as one."""
    total: dict[str, a.Vector] = {}
    for week in weeks:
        for name, cell in week.items():
            kept = total.get(name)
            if kept is None:
                total[name] = list(cell)
            else:
                for at, count in enumerate(cell):
                    kept[at] += count
    return total


def _named(cells: dict[str, a.Vector], sort: str) -> Iterator[tuple[str, a.Vector]]:
    for key, cell in sorted(cells.items()):
        named, tab, name = key.partition("\t")
        if tab and named == sort and cell[a.CALLERS]:
            yield name, cell
