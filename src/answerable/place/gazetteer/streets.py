"""Streets as things one can be on: where they run, where they cross, what lies between.

A street is what one name joins: segments that share a junction, or whose parts come within
`GAP_M` of each other (the two carriageways of an avenue, a street broken by a park). The
Hauptstrasse of one village is another street than that of the next.
"""

import functools
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np
import shapely

from answerable.place.roads import Floats, RoadGraph
from answerable.place.snap import M_PER_DEGREE, Plane

GAP_M = 1_000.0
SAME_CORNER_M = 60.0
"""Junctions of one crossing: the corners where divided streets meet."""
NEARLY_M = 150.0
"""How far apart two streets may pass and still be said to cross: a square, a broken corner."""
ALONGSIDE = 0.85
"""Of two streets that run more nearly the same way than this (cosine) neither crosses the other."""


class Street(NamedTuple):
    """A street: its name, its segments and its junctions."""

    id: int
    name: str
    segments: tuple[int, ...]
    nodes: frozenset[int]


class Corner(NamedTuple):
    """Where two streets meet, or nearly: position (degrees), junction, distance between them."""

    lon: float
    lat: float
    node: int
    apart_m: float


class Streets:
    """All named streets of a town."""

    def __init__(self, roads: RoadGraph) -> None:
        self.roads = roads
        self.plane = Plane(float(np.median(roads.lon)), float(np.median(roads.lat)))
        self.at = self.plane.points(roads.lon, roads.lat)
        self.all: tuple[Street, ...] = tuple(_streets(roads, self.at))
        self.by_name: dict[str, list[Street]] = defaultdict(list)
        self._of_node: dict[int, set[str]] = defaultdict(set)
        for street in self.all:
            self.by_name[street.name].append(street)
            for node in street.nodes:
                self._of_node[node].add(street.name)
        self.lines = functools.lru_cache(maxsize=2048)(self._lines)

    def _lines(self, street: int) -> tuple[shapely.LineString, ...]:
        return tuple(
            shapely.LineString(self.plane.points(*self.roads.line(segment)))
            for segment in self.all[street].segments
        )

    def degrees(self, x: float, y: float) -> tuple[float, float]:
        """Return the longitude and latitude of a point of the plane (metres)."""
        return self.plane.lon + x / self.plane.x_m, self.plane.lat + y / M_PER_DEGREE

    def corners_of(self, street: int) -> Floats:
        """Return the junctions of a street as points of the plane."""
        return self.at[sorted(self.all[street].nodes)]

    def corners(self, one: Street, other: Street) -> list[Corner]:
        """Return where two streets cross; where they never do, where they nearly do."""
        shared = one.nodes & other.nodes
        if shared:
            return [self._corner(group) for group in self._groups(sorted(shared))]
        mine, theirs = sorted(one.nodes), sorted(other.nodes)
        gaps = np.hypot(*(self.at[mine][:, None, :] - self.at[theirs][None, :, :]).T).T
        row, column = np.unravel_index(int(gaps.argmin()), gaps.shape)
        apart_m = float(gaps[row, column])
        if apart_m > NEARLY_M:
            return []
        node, there = mine[int(row)], theirs[int(column)]
        if abs(float(self._way(one, node) @ self._way(other, there))) > ALONGSIDE:
            return []
        middle = (self.at[node] + self.at[there]) / 2
        return [Corner(*self.degrees(*map(float, middle)), node, apart_m)]

    def _way(self, street: Street, node: int) -> Floats:
        """Return the direction of a street at one of its junctions."""
        begin, end = self.roads.segment_begin, self.roads.segment_end
        here = next(s for s in street.segments if node in (int(begin[s]), int(end[s])))
        way: Floats = self.at[int(end[here])] - self.at[int(begin[here])]
        return way / (math.hypot(*way) + 1e-9)

    def _groups(self, nodes: list[int]) -> Iterator[list[int]]:
        """Yield junctions that are corners of one crossing."""
        left = list(nodes)
        while left:
            group = [left.pop(0)]
            for node in list(left):
                if any(math.dist(self.at[node], self.at[held]) <= SAME_CORNER_M for held in group):
                    group.append(node)
                    left.remove(node)
            yield group

    def _corner(self, group: list[int]) -> Corner:
        middle = self.at[group].mean(axis=0)
        node = min(group, key=lambda n: (math.dist(self.at[n], middle), n))
        return Corner(*self.degrees(*map(float, middle)), node, 0.0)

    def middle(self, street: Street) -> tuple[float, float]:
        """Return the point of the street nearest to the middle of its junctions."""
        return self.onto(street, *self.degrees(*map(float, self.at[sorted(street.nodes)].mean(0))))

    def onto(self, street: Street, lon: float, lat: float) -> tuple[float, float]:
        """Return the point of a street nearest to a position."""
        lines = self.lines(street.id)
        point = shapely.Point(*self.plane.xy(lon, lat))
        line = lines[int(np.argmin(shapely.distance(lines, point)))]
        found = line.interpolate(line.project(point))
        return self.degrees(found.x, found.y)

    def distance_m(self, street: Street, lon: float, lat: float) -> float:
        """Return how far a position is from a street."""
        point = shapely.Point(*self.plane.xy(lon, lat))
        return float(np.min(shapely.distance(self.lines(street.id), point)))

    def length_m(self, street: Street) -> float:
        """Return how far the street's junctions lie apart at most, along east and north."""
        span = np.ptp(self.at[sorted(street.nodes)], axis=0)
        return float(np.hypot(*span))

    def between(self, street: Street, lon: float, lat: float) -> tuple[str, str]:
        """Return the streets that bound the block of a position, "" where there is none."""
        lines = self.lines(street.id)
        point = shapely.Point(*self.plane.xy(lon, lat))
        near = int(np.argmin(shapely.distance(lines, point)))
        here = street.segments[near]
        begin, end = int(self.roads.segment_begin[here]), int(self.roads.segment_end[here])
        return self._crossing_name(begin, street.name), self._crossing_name(end, street.name)

    def _crossing_name(self, node: int, besides: str) -> str:
        return min(self._of_node[node] - {besides}, default="")


def named(name: str) -> bool:
    """Say whether a street's name is one that people say."""
    return bool(name) and not name.lower().startswith("unnamed")


def _streets(roads: RoadGraph, at: Floats) -> Iterator[Street]:
    of_name: dict[int, list[int]] = defaultdict(list)
    for segment, name in enumerate(roads.segment_name.tolist()):
        if named(roads.names[name]):
            of_name[name].append(segment)
    number = 0
    for name, segments in sorted(of_name.items()):
        for part in _near_parts(_joined_parts(roads, segments), roads, at):
            nodes = frozenset(_ends(roads, part))
            yield Street(number, roads.names[name], tuple(sorted(part)), nodes)
            number += 1


def _ends(roads: RoadGraph, segments: Iterable[int]) -> Iterator[int]:
    for segment in segments:
        yield int(roads.segment_begin[segment])
        yield int(roads.segment_end[segment])


def _joined_parts(roads: RoadGraph, segments: list[int]) -> list[list[int]]:
    """Group segments that share junctions."""
    held: dict[int, int] = {}
    groups: dict[int, list[int]] = {}
    for segment in segments:
        touched = {held[node] for node in _ends(roads, [segment]) if node in held}
        home = min(touched, default=segment)
        group = groups.setdefault(home, [])
        group.append(segment)
        for other in touched - {home}:
            group += groups.pop(other)
        for node in _ends(roads, group if len(touched) > 1 else [segment]):
            held[node] = home
    return list(groups.values())


def _near_parts(groups: list[list[int]], roads: RoadGraph, at: Floats) -> Iterator[list[int]]:
    """Join groups whose junctions come near each other."""
    left = [(group, at[sorted(set(_ends(roads, group)))]) for group in groups]
    while left:
        group, points = left.pop(0)
        grown = True
        while grown:
            grown = False
            for other in list(left):
                if _gap_m(points, other[1]) <= GAP_M:
                    left.remove(other)
                    group, points = group + other[0], np.concatenate([points, other[1]])
                    grown = True
        yield group


def _gap_m(one: Floats, other: Floats) -> float:
    gaps = one[:, None, :] - other[None, :, :]
    return float(np.hypot(gaps[..., 0], gaps[..., 1]).min())
