"""Where made-up calls lie: on the town's own streets, as often as real ones on such streets."""

from __future__ import annotations

import functools

import numpy as np

from answerable.place.roads import CLASSES
from answerable.place.snap import Plane
from answerable.place.town_places import Places
from answerable.place.travel import UnitBuckets
from answerable.towns.made_up.profile import Floats, Profile

CROSSING_M = 35.0
"""Nearer than this to a junction, a call is said to be at the crossing."""


class Spot:
    """A position on a street: its degrees, its words, the junction a crew drives to."""

    __slots__ = ("area", "lat", "lon", "node", "text")

    def __init__(self, lon: float, lat: float, text: str, node: int, area: str) -> None:
        self.lon, self.lat, self.text, self.node, self.area = lon, lat, text, node, area


class Ground:
    """The streets of a town, weighted, and the road times from where its units stand."""

    def __init__(self, places: Places, profile: Profile) -> None:
        """Weigh every street that can be reached: its length times the rate of such streets."""
        self._places = places
        roads = places.roads
        usable = roads.usable[roads.segment_begin] & roads.usable[roads.segment_end]
        self._segments = np.flatnonzero(usable & (roads.segment_class != CLASSES.index("path")))
        weights = np.array([self._weight(int(one), profile) for one in self._segments])
        self._reach: Floats = np.cumsum(weights / weights.sum())
        self._plane = Plane(float(np.median(roads.lon)), float(np.median(roads.lat)))

    def _weight(self, segment: int, profile: Profile) -> float:
        roads = self._places.roads
        lon, lat = roads.line(segment)
        middle = len(lon) // 2
        area = self._places.areas.at(float(lon[middle]), float(lat[middle])).area_class
        rates = getattr(profile.streets, area)
        rate: float = rates.of(CLASSES[int(roads.segment_class[segment])])
        return float(roads.segment_length_m[segment]) * rate + 1e-9

    def spot(self, chance: float, along: float) -> Spot:
        """Return the place two chances (0 to 1) stand for: which street, and where on it."""
        roads = self._places.roads
        at = min(int(np.searchsorted(self._reach, chance)), len(self._segments) - 1)
        segment = int(self._segments[at])
        lon, lat = roads.line(segment)
        points = self._plane.points(lon, lat)
        metres = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
        where = along * metres[-1]
        x, y = float(np.interp(where, metres, lon)), float(np.interp(where, metres, lat))
        end = where > metres[-1] / 2
        node = int(roads.segment_end[segment] if end else roads.segment_begin[segment])
        near = (metres[-1] - where if end else where) < CROSSING_M
        area = self._places.areas.at(x, y).neighborhood
        text = self._text(segment, node if near else None) or area or "a street without a name"
        return Spot(round(x, 6), round(y, 6), text, node, area)

    def _text(self, segment: int, node: int | None) -> str:
        """Return a street by its name, with the one it crosses at a junction."""
        name = self._places.roads.name(segment)
        if node is None or not name:
            return name
        other = next((one for one in self._names_at(node) if one != name), "")
        return f"{name} / {other}" if other else name

    def _names_at(self, node: int) -> list[str]:
        out = self._places.roads.out
        arcs = range(int(out.start[node]), int(out.start[node + 1]))
        names = {self._places.roads.name(int(out.segment[arc])) for arc in arcs}
        return sorted(names - {""})

    # -- road times --------------------------------------------------------------------------

    @functools.cached_property
    def _stands(self) -> UnitBuckets:
        return UnitBuckets(self._places.travel)

    def post(self, unit: str) -> int:
        """Note where a unit stands when it is free: its station; returns the junction."""
        node = self._places.posting(unit)
        self._stands.put(node, node)
        return node

    def times_to(self, node: int) -> dict[int | str, float]:
        """Return the seconds to a junction from every place a unit stands at."""
        times = self._stands.times_to(node)
        return dict(zip(self._stands.units, times.tolist(), strict=True))
