"""From a position on the earth to the junction a crew would drive to.

A position belongs to the nearest drivable street (the drawn line), and is taken to the nearer end
of that street: calls lie on block faces or crossings, so the street matters more than the bare
nearest junction, which may belong to the street behind. Distances are in metres on a plane fitted
to the town (error below 0.1 % over 50 km).

A position on a larger piece of road that is joined to nothing else (an island, the far side of a
bridge that the map lacks) is marked `far` too: a time to the nearest street across the water would
be made up.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from answerable.place.errors import PlaceError
from answerable.place.roads import CLASSES, Floats, Ints, RoadGraph, joined_parts

FAR_M = 500.0
CUT_OFF_JUNCTIONS = 25
"""A piece of road with so many junctions is a place of its own, not a fault of the map."""
M_PER_DEGREE = 6_371_008.8 * math.pi / 180


@dataclass(frozen=True, slots=True)
class Snap:
    """A position taken to the roads: which junction, how far the street is, whether too far."""

    node: int
    distance_m: float  # from the position to the street it was taken to
    far: bool  # farther than `FAR_M` from any street, or cut off: no time to here means anything
    segment: int  # the street
    node_m: float  # from the position to the junction, straight


def checked(lon: float, lat: float) -> tuple[float, float]:
    """Return the position if it is on the earth, else refuse with PlaceError."""
    try:
        x, y = float(lon), float(lat)
    except (TypeError, ValueError, OverflowError):
        x = y = math.nan
    if -180 <= x <= 180 and -90 <= y <= 90:
        return x, y
    raise PlaceError(
        "Position not used",
        f"longitude {lon!s:.40}, latitude {lat!s:.40} is not a position on the earth",
        "Give longitude from -180 to 180 and latitude from -90 to 90, in degrees",
    )


class Plane:
    """Degrees to metres around one middle latitude (equirectangular)."""

    def __init__(self, lon: float, lat: float) -> None:
        self.lon, self.lat = lon, lat
        self.x_m = M_PER_DEGREE * math.cos(math.radians(lat))

    def xy(self, lon: float, lat: float) -> tuple[float, float]:
        """Return metres east and north of the middle."""
        return (lon - self.lon) * self.x_m, (lat - self.lat) * M_PER_DEGREE

    def points(self, lon: Floats, lat: Floats) -> Floats:
        """Return many positions in metres, as rows of east and north."""
        return np.column_stack([(lon - self.lon) * self.x_m, (lat - self.lat) * M_PER_DEGREE])


class Snapper:
    """Finds the street and the junction of a position; built once for a town."""

    def __init__(self, roads: RoadGraph, far_m: float = FAR_M) -> None:
        self.roads = roads
        self.far_m = far_m
        self.plane = Plane(float(np.median(roads.lon)), float(np.median(roads.lat)))
        usable = roads.usable[roads.segment_begin] & roads.usable[roads.segment_end]
        self._segments = np.flatnonzero(usable & (roads.segment_class != CLASSES.index("path")))
        if not len(self._segments):
            raise PlaceError(
                "Positions cannot be taken to the roads",
                "no street joins two junctions that can reach each other",
                "Check the one-way marks of the streets file",
            )
        self._tree = self._tree_of(self._segments)
        cut_off = self._cut_off()
        self._cut_off_tree = self._tree_of(cut_off) if len(cut_off) else None

    def _tree_of(self, segments: npt.NDArray[np.intp]) -> shapely.STRtree:
        """Return the drawn lines of some segments, ready to be asked for the nearest."""
        sizes = np.diff(self.roads.line_start)
        wanted = np.zeros(self.roads.segments, np.bool_)
        wanted[segments] = True
        every = self.plane.points(self.roads.line_lon, self.roads.line_lat)
        points = every[np.repeat(wanted, sizes)]
        which = np.repeat(np.arange(len(segments)), sizes[segments])
        return shapely.STRtree(shapely.linestrings(points, indices=which))

    def _cut_off(self) -> npt.NDArray[np.intp]:
        """Return the drivable segments of the larger pieces that are not joined to the rest."""
        part: Ints = joined_parts(self.roads)
        sizes = np.bincount(part)
        sizes[part[int(self.roads.usable.argmax())]] = 0
        driven = self.roads.segment_class != CLASSES.index("path")
        apart = sizes[part[self.roads.segment_begin]] >= CUT_OFF_JUNCTIONS
        return np.flatnonzero(driven & apart)

    def _is_cut_off(self, point: shapely.Point, distance_m: float) -> bool:
        """Say whether a street of a piece apart is nearer than the nearest that can be reached."""
        if self._cut_off_tree is None:
            return False
        nearest = self._cut_off_tree.query_nearest(
            point, max_distance=max(distance_m, 1e-9), return_distance=True, all_matches=False
        )[1]
        return len(nearest) > 0 and float(nearest[0]) < distance_m

    def snap(self, lon: float, lat: float) -> Snap:
        """Return the street and junction nearest to a position; PlaceError off the earth."""
        return self.snap_many([(lon, lat)])[0]

    def snap_many(self, positions: Sequence[tuple[float, float]]) -> list[Snap]:
        """Return the street and junction nearest to each position; PlaceError off the earth.

        To ask for a thousand together costs a third of asking for each.
        """
        at = [self.plane.xy(*checked(lon, lat)) for lon, lat in positions]
        points = shapely.points(at)
        (asked, nearest), distances_m = self._tree.query_nearest(
            points, return_distance=True, all_matches=True
        )
        order = np.lexsort((nearest, asked))  # of streets equally near: the first of the file
        first = order[np.unique(asked[order], return_index=True)[1]]
        streets = self._segments[nearest[first]].tolist()
        return [
            self._snapped(x, y, point, segment, distance_m)
            for (x, y), point, segment, distance_m in zip(
                at, points, streets, distances_m[first].tolist(), strict=True
            )
        ]

    def _snapped(
        self, x: float, y: float, point: shapely.Point, segment: int, distance_m: float
    ) -> Snap:
        """Return what is known of a position once its street is found."""
        ends = (int(self.roads.segment_begin[segment]), int(self.roads.segment_end[segment]))
        node_m, node = min((self._node_m(x, y, end), end) for end in ends)
        far = distance_m > self.far_m or self._is_cut_off(point, distance_m)
        return Snap(node, distance_m, far, segment, node_m)

    def _node_m(self, x: float, y: float, node: int) -> float:
        east, north = self.plane.xy(float(self.roads.lon[node]), float(self.roads.lat[node]))
        return math.hypot(x - east, y - north)
