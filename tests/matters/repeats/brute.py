"""The scan statistic as its definition says, place by place and day by day: slow and plain."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, hypot, log, radians

from answerable.matters.repeats.calls import Spot
from answerable.towns.repeating import Scan


@dataclass(frozen=True)
class Event:
    """One event: where, and on which day (as ``toordinal`` counts)."""

    place: int
    day: int


def circles(places: Sequence[int], spots: Sequence[Spot], scan: Scan) -> list[tuple[int, ...]]:
    """Return every place with its nearest, its two nearest ... within the radius."""
    known = [spots[p].lat for p in places if spots[p].lat is not None]
    middle = sum(known) / len(known) if known else 0.0

    def flat(place: int) -> tuple[float, float] | None:
        spot = spots[place]
        if spot.lon is None or spot.lat is None:
            return None
        return spot.lon * 111_195.0 * cos(radians(middle)), spot.lat * 111_195.0

    found = []
    for place in places:
        here, near = flat(place), []
        for other in places:
            there = flat(other)
            if other == place or here is None or there is None:
                continue
            far = hypot(there[0] - here[0], there[1] - here[1])
            if far <= scan.radius_m:
                near.append((far, other))
        inside = [place, *(other for _far, other in sorted(near))][: scan.places]
        found += [tuple(inside[: count + 1]) for count in range(len(inside))]
    return found


def strongest(
    events: Sequence[Event], spots: Sequence[Spot], today: int, scan: Scan
) -> tuple[float, tuple[int, ...], int]:
    """Return the strongest candidate of one cause: its ratio, its places, its length in days."""
    total = len(events)
    best: tuple[float, tuple[int, ...], int] = (0.0, (), 0)
    places = sorted({one.place for one in events})
    for zone in circles(places, spots, scan):
        for length in scan.lengths_days:
            days = range(today - length + 1, today + 1)
            seen = sum(one.place in zone and one.day in days for one in events)
            usual = 0.0
            for day in days:
                alike = [one for one in events if one.day % 7 == day % 7]
                here = sum(one.place in zone for one in alike)
                that_day = sum(one.day == day for one in alike)
                usual += here * that_day / len(alike) if alike else 0.0
            if seen < scan.least or seen <= usual:
                continue
            value = seen * log(seen / usual)
            if total > seen:
                value += (total - seen) * log((total - seen) / (total - usual))
            if value > best[0] + 1e-12:
                best = (value, zone, length)
    return best
