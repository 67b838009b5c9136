"""What lies around a place: the nearest others within a radius, as nested circles.

A candidate of the scan is a place alone, with its nearest neighbour, with its two nearest, and so
on. A place whose position nobody knows is a candidate alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from answerable.matters.repeats.calls import Floats, Ints, Spot

Number = TypeVar("Number", np.int32, np.float64)
DEGREE_M = 111_195.0
"""A degree of latitude, metres (sphere of 6,371 km)."""


@dataclass(frozen=True)
class Zones:
    """The circles of some places.

    ``places`` are their numbers; ``near`` holds for each the slots of those around it, itself
    first, filled up with a slot behind the last; ``real`` says which circles there are.
    """

    places: Ints
    near: Ints
    real: npt.NDArray[np.bool_]

    def gathered(self, values: npt.NDArray[Number]) -> npt.NDArray[Number]:
        """Return sums over circles: runs x places x lengths to runs x places x circles x lengths.

        A circle that is not there has the sum of the one before it, and so is never stronger.
        """
        padded = np.concatenate([values, np.zeros_like(values[:, :1])], axis=1)
        gathered: npt.NDArray[Number] = padded[:, self.near]
        return np.cumsum(gathered, axis=2, out=gathered)

    def members(self, middle: int, around: int) -> tuple[int, ...]:
        """Return the numbers of the places of a circle, its middle first."""
        return tuple(self.places[self.near[middle, : around + 1]].tolist())


def zones_of(places: Ints, spots: Sequence[Spot], radius_m: float, most: int) -> Zones:
    """Return the circles around some places: within a radius (metres), so many at most."""
    x, y = flat([spots[place] for place in places.tolist()])
    near = np.full((len(places), most), len(places), np.int64)
    cells = _cells(x, y, radius_m)
    for slot in range(len(places)):
        found = _around(slot, x, y, cells, radius_m)[:most]
        near[slot, : len(found)] = found
    used = int((near < len(places)).sum(axis=1).max(initial=1))
    near = near[:, :used]
    return Zones(places, near, near < len(places))


def flat(spots: Sequence[Spot]) -> tuple[Floats, Floats]:
    """Return positions as metres east and north of their middle; not-a-number where unknown."""
    lon = np.array([np.nan if spot.lon is None else spot.lon for spot in spots], np.float64)
    lat = np.array([np.nan if spot.lat is None else spot.lat for spot in spots], np.float64)
    known = lat[~np.isnan(lat)]
    middle = float(known.mean()) if len(known) else 0.0
    return lon * DEGREE_M * cos(radians(middle)), lat * DEGREE_M


def _cells(x: Floats, y: Floats, radius_m: float) -> dict[tuple[int, int], list[int]]:
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    for slot in np.flatnonzero(~np.isnan(x)).tolist():
        cells[_cell(x[slot], y[slot], radius_m)].append(slot)
    return cells


def _cell(x: float, y: float, radius_m: float) -> tuple[int, int]:
    side = max(radius_m, 1.0)
    return int(x // side), int(y // side)


def _around(
    slot: int, x: Floats, y: Floats, cells: dict[tuple[int, int], list[int]], radius_m: float
) -> list[int]:
    """Return a place and those around it, the nearest first, equally near ones as they stand."""
    if np.isnan(x[slot]):
        return [slot]
    column, line = _cell(x[slot], y[slot], radius_m)
    close = [
        other
        for dx in (-1, 0, 1)
        for dy in (-1, 0, 1)
        for other in cells.get((column + dx, line + dy), ())
    ]
    there = np.asarray(close)
    far = np.hypot(x[there] - x[slot], y[there] - y[slot])
    within = far <= radius_m
    there, far = there[within], far[within]
    far[there == slot] = -1.0  # itself first, before another at the same spot
    return [int(there[at]) for at in np.lexsort((there, far))]
