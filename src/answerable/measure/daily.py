"""What callers said over any span of days: the figures of ``satisfaction``, added up by day.

A centre's own view keeps weeks, because a page asks for those. Whoever reads a record through may
ask for any days: ``Daily`` is the same fold, with a day where the view has a week.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable

from answerable.kernel.event import Recorded
from answerable.measure import asked as a
from answerable.measure import satisfaction as s

DAYS = 420
"""Days that are kept: sixty weeks, as the view keeps."""
SPAN_MAX = 400
"""Days that may be asked for at once; fewer than are kept, so that none of them is forgotten."""
USUAL = 28
"""Days that are meant where none are named."""


class Daily(a.Asked):
    """The cells by day. Days before ``first`` and after ``last`` (2020-04-02) are not counted."""

    first: str = ""
    last: str = ""

    def bucket(self, day: str) -> str:
        """Return the name that a day is added up under: its own."""
        return day

    def keeps(self, bucket: str) -> bool:
        """Say whether a day is wanted."""
        return self.first <= bucket and (not self.last or bucket <= self.last)

    def most(self) -> int:
        """Return how many days are kept, the newest."""
        return DAYS


def add(daily: Daily, events: Iterable[Recorded]) -> None:
    """Fold committed events, in place."""
    for one in events:
        arm = a.evolve.table.get(one.row.kind)
        if arm is not None:
            arm(daily, one.event, one.row)


def span(daily: Daily) -> tuple[str, str]:
    """Return first and last day of what is told: those asked for, else the last four weeks.

    Both are "" where nobody was to be asked at all.
    """
    last = daily.last or max(daily.weeks, default="")
    if daily.first or not last:
        return daily.first if last else "", last
    usual = datetime.date.fromisoformat(last) - datetime.timedelta(days=USUAL - 1)
    return usual.isoformat(), last


def report(daily: Daily, by: s.By = "unit", few: int = s.FEW) -> s.Report:
    """Return the report over the days of ``span``; its ``weeks`` are those days, or by week."""
    first, last = span(daily)
    days = [day for day in sorted(daily.weeks) if first <= day <= last]
    if by != "week":
        return s.report(daily, days, by, few)
    weeks: dict[str, dict[str, a.Vector]] = {}
    for day in days:
        week = a.week_of(day)
        weeks[week] = s.added_up((weeks.get(week, {}), daily.weeks[day]))
    return s.report(a.Asked(weeks=weeks), sorted(weeks), by, few)
