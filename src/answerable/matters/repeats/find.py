"""Everything that is found of a record up to a moment: by the exact rule and by the scan.

    find(calls, now_us, rules) -> list[Repeat]

A place and cause that both find is one finding with two reasons. The surest come first: those of
the scan by their probability, then those of the rule by how far they are above what is usual.
Kinds that are left out are counted, never found.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import msgspec
import numpy as np

from answerable.matters.repeats import exact, scan
from answerable.matters.repeats.calls import Calls, Ints, day_of
from answerable.matters.repeats.events import (
    Events,
    Sort,
    causes_of,
    evenly,
    events_of,
    sort_of,
)
from answerable.matters.repeats.said import Finding, Why
from answerable.matters.repeats.scan import Progress, streams_of
from answerable.matters.repeats.stopped import shown
from answerable.matters.repeats.zones import Zones, zones_of
from answerable.towns.repeating import RepeatsFile

DAYS_SHOWN = 91
"""Days of a place's events that go with a finding, for its small chart."""


class Reason(msgspec.Struct, frozen=True):
    """One reason: a template of ``said`` and what fills it."""

    template: str
    values: dict[str, str | int]

    def text(self) -> str:
        """Return the reason in English."""
        return Why(self.template, self.values).text()


class Repeat(msgspec.Struct, frozen=True, kw_only=True):
    """A place that keeps calling: where, what, how often, how often is usual, and why it is here.

    ``seen`` events in ``days`` days up to the moment asked for; ``usual`` None where nobody knows;
    ``p`` None where the scan did not find it. ``rule`` is met, or ``early``: on its way to be, in a
    record that is shorter than it. ``around`` are further places of a cluster.
    ``last`` counts the place's own events of the cause, a number a day, today last.
    """

    place: str
    cause: str
    sort: Sort
    seen: int
    days: int
    usual: float | None
    because: tuple[Reason, ...]
    p: float | None = None
    rule: bool = False
    early: bool = False
    lon: float | None = None
    lat: float | None = None
    area: str = ""
    around: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    reports: int = 0
    last: tuple[int, ...] = ()

    @property
    def above(self) -> float:
        """Return how many more there are than usual."""
        return self.seen - (self.usual or 0.0)


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """All that was found, and what it was found in."""

    at_us: int
    first_us: int
    incidents: int
    events: int
    left_out: int
    places: int
    repeats: tuple[Repeat, ...]
    scanned: bool
    """Whether the record was long enough for the scan."""
    days: int
    """Days of record there were, up to as many as what is usual is learnt from."""


def find(calls: Calls, now_us: int, rules: RepeatsFile) -> list[Repeat]:
    """Return the places that keep calling at a moment."""
    return list(found(calls, now_us, rules).repeats)


def found(
    calls: Calls, now_us: int, rules: RepeatsFile, seed: int = 1, progress: Progress | None = None
) -> Found:
    """Return what ``find`` does, and what it was found in."""
    today = day_of(now_us, calls.zone)
    calls = calls.until(now_us)
    calls = calls.taken(calls.day > today - rules.history_days)
    _cause, left_out = causes_of(calls, rules)
    events = events_of(calls, rules)
    first = int(calls.day[0]) if len(calls) else today
    days = today - first + 1
    making = _Making(calls, events, today, first, rules)
    making.by_rule()
    scanned = days >= rules.scan.history_days
    if scanned:
        making.by_scan(seed, progress)
    return Found(
        at_us=now_us,
        first_us=int(calls.at_us[0]) if len(calls) else now_us,
        incidents=len(calls),
        events=len(events),
        left_out=left_out,
        places=len(np.unique(calls.place)),
        repeats=making.sorted(),
        scanned=scanned,
        days=days,
    )


class _Making:
    """Gathers findings, one a place and cause."""

    def __init__(
        self, calls: Calls, events: Events, today: int, first: int, rules: RepeatsFile
    ) -> None:
        self.calls, self.events, self.rules = calls, events, rules
        self.today, self.first, self.held = today, first, today - first + 1
        self.found: dict[tuple[int, int], Repeat] = {}

    def by_rule(self) -> None:
        """Find by the exact rule, and what was one event with many calls."""
        for hit in exact.hits(self.events, self.today, self.rules, self.held):
            events, rule = self.events.taken(hit.rows), self.rules.causes[hit.cause]
            days = min(hit.days, self.held)
            if len(events) >= exact.enough(rule, self.held, self.rules):
                usual = exact.usual_of(self.events, hit, self.first, self.today, self.rules)
                because = (
                    self._of_rule(hit, len(events), usual),
                    *self._of_many(events, hit),
                    *self._of_sort(events, days),
                )
                sort = sort_of(events, days, self.rules)
            else:
                events = events.taken(np.array([int(np.argmax(events.reports))]))
                usual, because, sort = None, self._of_many(events, hit), Sort.ONE
            met = len(events) >= rule.calls
            early = sort is not Sort.ONE and not met
            self.found[hit.place, hit.cause] = self._repeat(
                hit.place, hit.cause, events, days if early else hit.days, usual, because, sort,
                rule=met, early=early,
            )  # fmt: skip

    def by_scan(self, seed: int, progress: Progress | None) -> None:
        """Find by the scan; what the rule found already gets its reasons."""
        scan_ = self.rules.scan
        streams = streams_of(self.events, self._zones(), self.today, scan_)
        for cluster in scan.scanned(streams, scan_, seed, progress):
            inside = np.flatnonzero(
                np.isin(self.events.place, cluster.places)
                & (self.events.cause == cluster.cause)
                & (self.today - self.events.day < cluster.days)
            )
            events = self.events.taken(inside)
            place = self._foremost(cluster, events)
            known = self.found.get((place, cluster.cause))
            rest = [one for one in known.because if one.template != Finding.AGAIN] if known else []
            because = (self._of_scan(cluster), *rest, *self._of_sort(events, cluster.days))
            self.found[place, cluster.cause] = self._repeat(
                place, cluster.cause, events, cluster.days, cluster.usual, because,
                sort_of(events, cluster.days, self.rules), rule=known is not None and known.rule,
                early=known is not None and known.early, p=cluster.p,
                around=tuple(one for one in cluster.places if one != place),
            )  # fmt: skip

    def _zones(self) -> Callable[[Ints], Zones]:
        scan_, spots = self.rules.scan, self.calls.spots
        return lambda places: zones_of(places, spots, scan_.radius_m, scan_.places)

    def _foremost(self, cluster: scan.Cluster, events: Events) -> int:
        """Return the place of a cluster that has most of its events, the nearest of equal ones."""
        counts = [int((events.place == place).sum()) for place in cluster.places]
        return cluster.places[counts.index(max(counts))]

    def _of_rule(self, hit: exact.Hit, seen: int, usual: float | None) -> Reason:
        rule = self.rules.causes[hit.cause]
        told: dict[str, str | int] = {
            "seen": seen, "cause": rule.code, "place": self.calls.places[hit.place],
            "days": hit.days, "calls": rule.calls,
        }  # fmt: skip
        if seen < rule.calls:
            return Reason(Finding.EARLY, told | {"held": self.held})
        if usual is None:
            return Reason(Finding.RULE_NEW, told | {"least": self.rules.usual_days})
        return Reason(Finding.RULE, told | {"usual": f"{usual:.1f}"})

    def _of_scan(self, cluster: scan.Cluster) -> Reason:
        told: dict[str, str | int] = {
            "seen": cluster.seen, "cause": self.rules.causes[cluster.cause].code,
            "days": cluster.days, "usual": f"{cluster.usual:.1f}", "p": shown(cluster.p),
        }  # fmt: skip
        if len(cluster.places) == 1:
            return Reason(Finding.SCAN, told)
        around: dict[str, str | int] = {
            "around": len(cluster.places) - 1, "radius": f"{self.rules.scan.radius_m:g}",
        }  # fmt: skip
        return Reason(Finding.SCAN_AROUND, told | around)

    def _of_sort(self, events: Events, days: int) -> tuple[Reason, ...]:
        """Return what makes events such that came again after handling."""
        if sort_of(events, days, self.rules) is not Sort.AGAIN:
            return ()
        told: dict[str, str | int] = {
            "again": int(events.again.sum()), "hours": f"{self.rules.again_h:g}",
            "evenly": f"{evenly(len(events), days, self.rules):.1f}",
        }  # fmt: skip
        return (Reason(Finding.AGAIN, told),)

    def _of_many(self, events: Events, hit: exact.Hit) -> tuple[Reason, ...]:
        """Return that one event had many calls, where one had."""
        most = int(np.argmax(events.reports))
        if int(events.reports[most]) < self.rules.many:
            return ()
        told: dict[str, str | int] = {
            "reports": int(events.reports[most]), "cause": self.rules.causes[hit.cause].code,
            "place": self.calls.places[hit.place],
            "day": date.fromordinal(int(events.day[most])).isoformat(),
        }  # fmt: skip
        return (Reason(Finding.MANY, told),)

    def _repeat(
        self, place: int, cause: int, events: Events, days: int, usual: float | None,
        because: tuple[Reason, ...], sort: Sort, *, rule: bool, early: bool,
        p: float | None = None, around: tuple[int, ...] = (),
    ) -> Repeat:  # fmt: skip
        spot = self.calls.spots[place]
        here = (self.events.place == place) & (self.events.cause == cause)
        ago = self.today - self.events.day[here & (self.today - self.events.day < DAYS_SHOWN)]
        last = np.bincount(ago, minlength=DAYS_SHOWN)[::-1]
        return Repeat(
            place=self.calls.places[place], cause=self.rules.causes[cause].code,
            sort=sort, seen=len(events), days=days, usual=usual,
            because=because, p=p, rule=rule, early=early, lon=spot.lon, lat=spot.lat,
            area=spot.area, around=tuple(self.calls.places[other] for other in around),
            kinds=self._kinds(place, cause, days), reports=int(events.reports.sum()),
            last=tuple(last.tolist()),
        )  # fmt: skip

    def _kinds(self, place: int, cause: int, days: int) -> tuple[str, ...]:
        """Return the kinds of the incidents, the most frequent first."""
        code = self.rules.causes[cause].code
        inside = (self.calls.place == place) & (self.today - self.calls.day < days)
        counts = np.bincount(self.calls.kind[inside], minlength=len(self.calls.kinds))
        named = [self.calls.kinds[at] for at in np.argsort(-counts, kind="stable") if counts[at]]
        of_cause = [(kind, self.rules.cause_of(kind)) for kind in named]
        return tuple(kind for kind, its in of_cause if its is not None and its.code == code)

    def sorted(self) -> tuple[Repeat, ...]:
        """Return the findings, the surest first."""
        return tuple(
            sorted(
                self.found.values(),
                key=lambda one: (
                    one.p is None, one.p or 0.0, one.early, -one.above, one.place, one.cause
                ),
            )
        )  # fmt: skip
