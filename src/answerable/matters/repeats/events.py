"""From incidents to separate events, and what class of repetition they are.

Several incidents of a cause at a place may be one event: a second was opened a few minutes after
the first, because somebody else called and the two were not put together. The rule and the scan
count *events*; how many called about each is kept beside, and makes the third class.

- *keeps happening*: separate events, one after the other;
- *happens again after handling*: at least a share of them came soon after the former was over, and
  more than would if they were spread evenly, so what was done there did not last;
- *one event reported many times*: no rule is met, but one event had many calls.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from answerable.matters.repeats.calls import Calls, Ints
from answerable.towns.repeating import RepeatsFile

MINUTE_US, HOUR_US = 60_000_000, 3_600_000_000
AGAIN_ALPHA = 0.05
"""Chance below which "soon after the former" is more than an even spread would bring."""


class Sort(StrEnum):
    """The three classes."""

    KEEPS = "keeps happening"
    AGAIN = "happens again after handling"
    ONE = "one event reported many times"


@dataclass(frozen=True)
class Events:
    """Separate events as columns, sorted by ``at_us``: ``cause`` indexes the rules' causes.

    ``over_us`` is when the last of its incidents was over, 0 where one is not yet. ``again`` marks
    those that came soon after the former event of the cause at the place was over.
    """

    place: Ints
    cause: Ints
    at_us: Ints
    over_us: Ints
    day: Ints
    reports: Ints
    incidents: Ints
    again: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        """Return how many events there are."""
        return len(self.at_us)

    def taken(self, chosen: npt.NDArray[np.bool_] | Ints) -> Events:
        """Return some of the events."""
        return Events(
            self.place[chosen], self.cause[chosen], self.at_us[chosen], self.over_us[chosen],
            self.day[chosen], self.reports[chosen], self.incidents[chosen], self.again[chosen],
        )  # fmt: skip


def causes_of(calls: Calls, rules: RepeatsFile) -> tuple[Ints, int]:
    """Return the cause of each incident (-1: none), and how many are of a kind left out."""
    index = {one.code: at for at, one in enumerate(rules.causes)}
    named = [rules.cause_of(kind) for kind in calls.kinds]
    of_kind = [index[one.code] if one else -1 for one in named]
    left_out = [rules.is_left_out(kind) for kind in calls.kinds]
    if not len(calls):
        return np.zeros(0, np.int64), 0
    causes: Ints = np.asarray(of_kind, np.int64)[calls.kind]
    return causes, int(np.asarray(left_out, bool)[calls.kind].sum())


def events_of(calls: Calls, rules: RepeatsFile) -> Events:
    """Return the separate events of incidents; kinds that are left out make none."""
    causes, _left = causes_of(calls, rules)
    kept = causes >= 0
    calls, causes = calls.taken(kept), causes[kept]
    order = np.lexsort((calls.at_us, causes, calls.place))
    place, cause, at = calls.place[order], causes[order], calls.at_us[order]
    same = np.zeros(len(at), bool)
    same[1:] = (place[1:] == place[:-1]) & (cause[1:] == cause[:-1])
    joined = same.copy()
    joined[1:] &= np.diff(at) <= rules.same_min * MINUTE_US
    rows = Events(place, cause, at, calls.over_us[order], calls.day[order], calls.reports[order],
                  np.ones(len(at), np.int64), same)  # fmt: skip
    return _grouped(rows, np.flatnonzero(~joined), rules)


def _grouped(rows: Events, first: Ints, rules: RepeatsFile) -> Events:
    """Return a row an event from a row an incident; ``first`` are those that begin one."""
    if not len(first):
        return rows
    known = np.minimum.reduceat(rows.over_us, first) > 0
    over = np.where(known, np.maximum.reduceat(rows.over_us, first), 0)
    same, at = rows.again[first], rows.at_us[first]
    again = np.zeros(len(first), bool)
    since = at[1:] - over[:-1]
    again[1:] = same[1:] & known[:-1] & (since >= 0) & (since <= rules.again_h * HOUR_US)
    grouped = Events(
        rows.place[first], rows.cause[first], at, over, rows.day[first],
        np.add.reduceat(rows.reports, first), np.add.reduceat(rows.incidents, first), again,
    )  # fmt: skip
    return grouped.taken(np.argsort(at, kind="stable"))


def evenly(events: int, days: int, rules: RepeatsFile) -> float:
    """Return how many of some events would come soon after the former if they were spread evenly.

    Evenly: as a Poisson process of the same rate; the first has no former.
    """
    soon = 1 - math.exp(-events / days * rules.again_h / 24)
    return (events - 1) * soon


def sort_of(events: Events, days: int, rules: RepeatsFile) -> Sort:
    """Return the class of separate events in some days: whether what was done there lasted."""
    again, count = int(events.again.sum()), len(events)
    if count < 2 or again < rules.again_share * (count - 1):
        return Sort.KEEPS
    chance = evenly(count, days, rules) / (count - 1)
    return Sort.AGAIN if at_least(again, count - 1, chance) <= AGAIN_ALPHA else Sort.KEEPS


def at_least(count: int, of: int, share: float) -> float:
    """Return the probability of ``count`` or more successes in ``of`` with chance ``share``."""
    chances = (math.comb(of, i) * share**i * (1 - share) ** (of - i) for i in range(count, of + 1))
    return math.fsum(chances)
