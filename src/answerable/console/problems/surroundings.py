"""The place of a problem and its calls, on the streets around it, drawn as SVG.

Streets are the town's own. A ring stands where incidents say they were (a block or a crossing, as
they are recorded), larger where there were more, with the count beside it.
"""

from __future__ import annotations

import functools
import gzip
import itertools
import json
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from markupsafe import Markup, escape

from answerable.console.chart import street_features

WIDE, HIGH = 360, 250
"""The drawing, in its own units."""
HALF_M = 330.0
"""So far the drawing reaches to the left and right of the place, metres."""
M_PER_DEGREE = 111_320.0
NAMES_MAX = 9
APART = 34.0
"""So far apart stand two names, units of the drawing."""

Point = tuple[float, float]


class Street(NamedTuple):
    """One street of a town: its name, its rank, its points, and what they lie between (degrees)."""

    name: str
    rank: int
    points: Sequence[Point]
    west: float
    south: float
    east: float
    north: float


@functools.cache
def streets(folder: Path) -> tuple[Street, ...]:
    """Return the streets of a town, joined by name; read once. Takes a second for a large town."""
    path = folder / "streets.geojson.gz"
    if not path.exists():
        return ()
    found = street_features(json.loads(gzip.decompress(path.read_bytes())))
    return tuple(_street(one["properties"], one["geometry"]["coordinates"]) for one in found)


def _street(told: dict[str, Any], points: Sequence[Point]) -> Street:
    lons, lats = [p[0] for p in points], [p[1] for p in points]
    between = min(lons), min(lats), max(lons), max(lats)
    return Street(told.get("n", ""), told["c"], points, *between)


class Window:
    """From degrees to the drawing: the place in its middle, north up."""

    def __init__(self, lon: float, lat: float) -> None:
        self.lon, self.lat = lon, lat
        self.per_m = WIDE / (2 * HALF_M)
        self.across = M_PER_DEGREE * math.cos(math.radians(lat)) * self.per_m
        self.down = M_PER_DEGREE * self.per_m

    def at(self, lon: float, lat: float) -> Point:
        """Return where a position stands in the drawing."""
        return WIDE / 2 + (lon - self.lon) * self.across, HIGH / 2 - (lat - self.lat) * self.down

    def holds(self, point: Point, margin: float = 0.0) -> bool:
        """Say whether a point lies in the drawing, or so far outside."""
        x, y = point
        return -margin <= x <= WIDE + margin and -margin <= y <= HIGH + margin


def drawn(folder: Path, lon: float, lat: float, calls: Iterable[Point], words: str) -> Markup:
    """Return the drawing of a place and its calls (longitude, latitude of each)."""
    window = Window(lon, lat)
    lines = _near(streets(folder), window)
    names: list[Point] = [(WIDE / 2, HIGH / 2)]
    parts = [
        Markup('<svg class="around" viewBox="0 0 {} {}" role="img" aria-label="{}">').format(
            WIDE, HIGH, words
        ),
        *(
            Markup('<path class="street s{}" d="{}"/>').format(rank, _path(points))
            for _name, rank, points in lines
        ),
        *_named(lines, window, names),
        *_rings(Counter(calls), window),
        _scale(window),
        Markup("</svg>"),
    ]
    return Markup("").join(parts)


def _near(all_of: Iterable[Street], window: Window) -> list[tuple[str, int, list[Point]]]:
    """Return the parts of streets that cross the drawing: name, rank, points."""
    west, east = (window.lon + side * WIDE / window.across for side in (-1, 1))
    south, north = (window.lat + side * HIGH / window.down for side in (-1, 1))
    return [
        (one.name, one.rank, part)
        for one in all_of
        if one.east >= west and one.west <= east and one.north >= south and one.south <= north
        for part in _parts([window.at(*p) for p in one.points], window)
    ]


def _parts(points: Sequence[Point], window: Window) -> Iterable[list[Point]]:
    """Yield the stretches of a line that lie in or beside the drawing."""
    part: list[Point] = []
    for one, other in itertools.pairwise(points):
        middle = ((one[0] + other[0]) / 2, (one[1] + other[1]) / 2)
        if any(window.holds(p, WIDE) for p in (one, middle, other)):
            part = part or [one]
            part.append(other)
        elif part:
            yield part
            part = []
    if part:
        yield part


def _path(points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _named(
    lines: Sequence[tuple[str, int, list[Point]]], window: Window, taken: list[Point]
) -> Iterable[Markup]:
    """Yield the names of the streets, each once, on its longest stretch in the drawing."""
    best: dict[str, tuple[float, Point, Point]] = {}
    for name, _rank, points in lines:
        inside = [p for p in points if window.holds(p, -12)]
        if name and len(inside) > 1:
            reach = math.dist(inside[0], inside[-1])
            if reach > best.get(name, (50.0,))[0]:
                best[name] = (reach, inside[0], inside[-1])
    for name, (_reach, one, other) in sorted(best.items(), key=lambda item: -item[1][0]):
        spot = _free(one, other, taken)
        if spot is None or len(taken) > NAMES_MAX:
            continue
        taken.append(spot)
        (x1, y1), (x2, y2) = (one, other) if one[0] <= other[0] else (other, one)
        turn = math.degrees(math.atan2(y2 - y1, x2 - x1))
        yield Markup(
            '<text class="name" transform="translate({:.1f} {:.1f}) rotate({:.0f})">{}</text>'
        ).format(*spot, turn, escape(name))


def _free(one: Point, other: Point, taken: Sequence[Point]) -> Point | None:
    """Return a point of a stretch that is apart from what stands there already."""
    for share in (0.25, 0.75, 0.5, 0.15, 0.85):
        spot = (one[0] + share * (other[0] - one[0]), one[1] + share * (other[1] - one[1]))
        if all(math.dist(spot, there) > APART for there in taken):
            return spot
    return None


def _rings(calls: Counter[Point], window: Window) -> Iterable[Markup]:
    """Yield a ring for each position with calls, and how many; close ones share a ring."""
    rings: list[tuple[Point, int]] = []
    for (lon, lat), count in sorted(calls.items(), key=lambda item: (-item[1], item[0])):
        spot = window.at(lon, lat)
        near = next((n for n, (at, _c) in enumerate(rings) if math.dist(at, spot) < APART), None)
        if near is not None:
            rings[near] = (rings[near][0], rings[near][1] + count)
        elif window.holds(spot):
            rings.append((spot, count))
    for (x, y), count in rings:
        radius = min(24.0, 7.0 + 1.6 * math.sqrt(count))
        yield Markup(
            '<circle class="ring" cx="{:.1f}" cy="{:.1f}" r="{:.1f}"/>'
            '<text class="count" x="{:.1f}" y="{:.1f}">{}</text>'
        ).format(x, y, radius, x, y + 4, count)


def _scale(window: Window) -> Markup:
    """Return a bar of a hundred metres."""
    long = 100 * window.per_m
    return Markup(
        '<path class="scale" d="M10 {0}v4h{1:.1f}v-4"/><text x="{2:.1f}" y="{3}">100 m</text>'
    ).format(HIGH - 14, long, 16 + long, HIGH - 9)
