"""Is the town whole? The largest part in which everything reaches everything, and what is beside.

Nothing is ever timed to or from a junction outside the largest part. A piece that is not joined to
it at all (an island, the far side of an unmapped bridge, a corner cut off by the extract's edge)
is told with its size and place.
"""

from __future__ import annotations

import msgspec
import numpy as np

from answerable.place.roads import Ints, RoadGraph, joined_parts

TOLD_MAX = 10
LARGE = 0.05
"""A piece with this share of the junctions, or more, is told to everybody who sees times."""


class Piece(msgspec.Struct, frozen=True):
    """A piece of road that does not touch the largest part."""

    junctions: int
    km: float
    lon: float
    lat: float
    street: str
    """The name of its longest named street, "" where none has one."""


class Pieces(msgspec.Struct, frozen=True):
    """How the town's roads hang together."""

    junctions: int
    in_largest: int
    km: float
    km_outside: float
    one_way_only: int
    """Junctions joined to the largest part that cannot be both reached and left."""
    apart: int
    """How many pieces are not joined to it."""
    largest_apart: tuple[Piece, ...]

    @property
    def torn(self) -> tuple[Piece, ...]:
        """The pieces so large that the town must be said to be in pieces."""
        return tuple(p for p in self.largest_apart if p.junctions >= LARGE * self.junctions)


def pieces_of(roads: RoadGraph) -> Pieces:
    """Say how the roads hang together."""
    part = joined_parts(roads)
    main = part[int(roads.usable.argmax())]
    length_km = roads.segment_length_m / 1000
    inside = roads.usable[roads.segment_begin] & roads.usable[roads.segment_end]
    sizes = np.bincount(part)
    others = [int(p) for p in np.argsort(-sizes, kind="stable") if p != main and sizes[p]]
    return Pieces(
        junctions=roads.nodes,
        in_largest=int(roads.usable.sum()),
        km=round(float(length_km.sum()), 1),
        km_outside=round(float(length_km[~inside].sum()), 1),
        one_way_only=int((~roads.usable & (part == main)).sum()),
        apart=len(others),
        largest_apart=tuple(_piece(roads, part, p) for p in others[:TOLD_MAX]),
    )


def _piece(roads: RoadGraph, part: Ints, number: int) -> Piece:
    inside = part == number
    segments = np.flatnonzero(inside[roads.segment_begin])
    named = [int(s) for s in segments if roads.name(int(s))]
    longest = max(named, key=lambda s: float(roads.segment_length_m[s]), default=None)
    return Piece(
        junctions=int(inside.sum()),
        km=round(float(roads.segment_length_m[segments].sum()) / 1000, 2),
        lon=round(float(np.median(roads.lon[inside])), 5),
        lat=round(float(np.median(roads.lat[inside])), 5),
        street="" if longest is None else roads.name(longest),
    )
