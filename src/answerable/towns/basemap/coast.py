"""The sea. OpenStreetMap does not draw it: it draws the coast, with the water on the right hand.

The coast is closed along the edge of the town's box. Beyond that box nothing is known; so that the
map does not end in a wall of land, the sea goes on outside as it was at the edge.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import shapely
from shapely import LineString, MultiLineString, Polygon
from shapely.geometry.base import BaseGeometry

Box = tuple[float, float, float, float]
GAP_SHARE = 0.12
"""An end of the coast this close to the edge (share of the box) is led to it; others are not."""


def sea(coast: Sequence[BaseGeometry], box: Box) -> tuple[list[BaseGeometry], str]:
    """Return the sea inside ``box`` as polygons, and a sentence where none could be made.

    ``coast`` are lines in WGS84 degrees, water on their right, as OpenStreetMap has them.
    """
    lines = [one for one in coast if not one.is_empty]
    if not lines:
        return [], ""
    inside = _inside(lines, box)
    if not inside:
        return [], ""
    ends = [_led_to_edge(line, box) for line in inside]
    if any(line is None for line in ends):
        return [], (
            "The coast breaks off inside the map, so no sea is drawn: "
            "cut the file with whole ways to have it."
        )
    whole = shapely.unary_union([*ends, shapely.box(*box).exterior])
    faces = shapely.get_parts(shapely.polygonize([whole]))
    wet = _wet([line for line in ends if line is not None], faces)
    return [face for face, is_wet in zip(faces, wet, strict=True) if is_wet], ""


def _inside(lines: Sequence[BaseGeometry], box: Box) -> list[LineString]:
    merged = shapely.line_merge(MultiLineString(list(lines)), directed=True)
    parts = shapely.get_parts(shapely.clip_by_rect(shapely.get_parts(merged), *box))
    joined = shapely.line_merge(MultiLineString([p for p in parts if p.length]), directed=True)
    return [part for part in shapely.get_parts(joined) if part.length > 0]


def _led_to_edge(line: LineString, box: Box) -> LineString | None:
    """Return a line whose two ends lie on the edge of the box; None where one is far from it."""
    if line.is_closed:
        return line
    edge = shapely.box(*box).exterior
    limit = GAP_SHARE * min(box[2] - box[0], box[3] - box[1])
    points = list(line.coords)
    for end, place in ((0, 0), (-1, len(points) + 1)):
        tip = shapely.Point(points[end])
        if edge.distance(tip) > limit:
            return None
        onto = edge.interpolate(edge.project(tip))
        points.insert(place, (onto.x, onto.y))
    return LineString(points)


def _wet(lines: Sequence[LineString], faces: np.ndarray) -> list[bool]:
    """Say of each face whether more of the coast beside it has it on the right than on the left."""
    tree = shapely.STRtree(faces)
    balance = np.zeros(len(faces))
    for line in lines:
        a, b = np.asarray(line.coords)[:-1, :2], np.asarray(line.coords)[1:, :2]
        along = b - a
        length = np.hypot(along[:, 0], along[:, 1])
        keep = length > 0
        a, along, length = a[keep], along[keep], length[keep]
        right = np.column_stack((along[:, 1], -along[:, 0])) / length[:, None] * 1e-7
        for sign in (1, -1):
            beside = shapely.points(a + along / 2 + sign * right)
            which, face = tree.query(beside, predicate="within")
            np.add.at(balance, face, sign * length[which])
    return [bool(value > 0) for value in balance]


def beyond(faces: Sequence[BaseGeometry], box: Box, outer: Box) -> list[BaseGeometry]:
    """Return the sea between ``box`` and ``outer``: as it was at the nearest point of the edge."""
    west, south, east, north = box
    found: list[BaseGeometry] = []
    for face in faces:
        for (x0, y0), (x1, y1), spread in (
            ((west, south), (east, south), lambda x, y: (x, outer[1])),
            ((west, north), (east, north), lambda x, y: (x, outer[3])),
            ((west, south), (west, north), lambda x, y: (outer[0], y)),
            ((east, south), (east, north), lambda x, y: (outer[2], y)),
        ):
            along = face.intersection(LineString([(x0, y0), (x1, y1)]))
            for part in shapely.get_parts(along):
                if part.geom_type == "LineString" and part.length > 0:
                    p, q = part.coords[0], part.coords[-1]
                    found.append(Polygon([p, q, spread(*q), spread(*p)]))
        for x, far_x in ((west, outer[0]), (east, outer[2])):
            for y, far_y in ((south, outer[1]), (north, outer[3])):
                if face.intersects(shapely.Point(x, y)):
                    found.append(shapely.box(min(x, far_x), min(y, far_y),
                                             max(x, far_x), max(y, far_y)))  # fmt: skip
    return found
