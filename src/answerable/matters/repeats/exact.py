"""The exact rule: so many separate events of a cause at one place within so many days.

It is a count, so it is never wrong about what it says; whether the count is remarkable is said
beside it: what was usual there before, learnt from the days before the window (``expectation``).
Every place with its events is looked at once; sorting is all it costs.

A record that has just begun is shorter than a rule looks back, and finds nothing for weeks. So a
place may be *on its way* to a rule: it has a good share of the calls that the rule asks for
(``early_share``, so that a rule that is high on purpose stays high), and so many that a place whose
calls come at the rule's own pace, as a Poisson process, would have them in at most ``early_alpha``
of cases. It ends where the record is long enough, or so many would be the rule itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from answerable.matters.repeats.calls import Ints
from answerable.matters.repeats.events import Events
from answerable.matters.repeats.expectation import season
from answerable.matters.repeats.stopped import at_most
from answerable.towns.repeating import Cause, RepeatsFile

EARLY_LEAST = 3
"""Fewer events than this are never on their way to anything."""


@dataclass(frozen=True)
class Hit:
    """A place and a cause whose rule is met: rows of its events within the days of the rule."""

    place: int
    cause: int
    days: int
    rows: Ints


def enough(rule: Cause, held: int | None, rules: RepeatsFile) -> int:
    """Return how many events a place needs to be found, in a record of so many days (None: long).

    As many as the rule asks for, or fewer where the record is shorter than the rule.
    """
    if held is None or held >= rule.days:
        return rule.calls
    pace = rule.calls * held / rule.days
    early = max(EARLY_LEAST, math.ceil(rule.calls * rules.early_share))
    while early < rule.calls and 1 - at_most(early - 1, pace) > rules.early_alpha:
        early += 1
    return min(early, rule.calls)


def hits(events: Events, today: int, rules: RepeatsFile, held: int | None = None) -> Iterator[Hit]:
    """Yield where the rule of a cause is met or nearly so, or one event was reported by many.

    ``today`` is as ``toordinal`` counts; the days of a rule end with it, itself among them.
    ``held`` is how many days of record there are.
    """
    needed = [enough(cause, held, rules) for cause in rules.causes]
    days = np.array([cause.days for cause in rules.causes])[events.cause]
    inside = np.flatnonzero((today - events.day < days) & (events.day <= today))
    groups = inside[np.lexsort((inside, events.cause[inside], events.place[inside]))]
    place, causes = events.place[groups], events.cause[groups]
    begins = np.flatnonzero(np.diff(place, prepend=-1).astype(bool) | np.diff(causes, prepend=-1)
                            .astype(bool))  # fmt: skip
    for rows in np.split(groups, begins[1:]) if len(groups) else ():
        cause = int(events.cause[rows[0]])
        if len(rows) >= needed[cause] or int(events.reports[rows].max()) >= rules.many:
            yield Hit(int(events.place[rows[0]]), cause, rules.causes[cause].days, rows)


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
