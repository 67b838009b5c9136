"""The exact rule: so many separate events of a cause at one place within so many days.

It is a count, so it is never wrong about what it says; whether the count is remarkable is said
beside it: what was usual there before, learnt from the days before the window (``expectation``).
Every place with its events is looked at once; sorting is all it costs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from answerable.matters.repeats.calls import Ints
from answerable.matters.repeats.events import Events
from answerable.matters.repeats.expectation import season
from answerable.towns.repeating import RepeatsFile


@dataclass(frozen=True)
class Hit:
    """A place and a cause whose rule is met: rows of its events within the days of the rule."""

    place: int
    cause: int
    days: int
    rows: Ints


def hits(events: Events, today: int, rules: RepeatsFile) -> Iterator[Hit]:
    """Yield where the rule of a cause is met, or one event was reported by many.

    ``today`` is as ``toordinal`` counts; the days of a rule end with it, itself among them.
    """
    days = np.array([cause.days for cause in rules.causes])[events.cause]
    inside = np.flatnonzero((today - events.day < days) & (events.day <= today))
    groups = inside[np.lexsort((inside, events.cause[inside], events.place[inside]))]
    place, cause = events.place[groups], events.cause[groups]
    begins = np.flatnonzero(np.diff(place, prepend=-1).astype(bool) | np.diff(cause, prepend=-1)
                            .astype(bool))  # fmt: skip
    for rows in np.split(groups, begins[1:]) if len(groups) else ():
        rule = rules.causes[int(events.cause[rows[0]])]
        if len(rows) >= rule.calls or int(events.reports[rows].max()) >= rules.many:
            yield Hit(int(events.place[rows[0]]), int(events.cause[rows[0]]), rule.days, rows)


def usual_of(events: Events, hit: Hit, first: int, today: int, rules: RepeatsFile) -> float | None:
    """Return what is usual at a place in as many days, None where the record is too short.

    ``first`` is the first day of the record. It is learnt from the days before the window alone.
    """
    until = today - hit.days
    begin = max(first, until - rules.history_days + 1)
    span = until - begin + 1
    if span < rules.usual_days:
        return None
    here = (events.place == hit.place) & (events.cause == hit.cause)
    before = events.day[here & (events.day >= begin) & (events.day <= until)] - begin
    history = np.bincount(before, minlength=span).tolist()
    usual = season([date.fromordinal(begin + day) for day in range(span)], history)
    return sum(usual.over(date.fromordinal(until + 1 + day) for day in range(hit.days)))
