"""Shapes of things in the map: polygons from closed ways and from relations' outer lines."""

from __future__ import annotations

import shapely
from shapely.geometry.base import BaseGeometry

from answerable.towns.build.source import Node, OsmData, Relation, Thing, Way, located

Point = tuple[float, float]
OUTER, INNER = ("outer", "", "exclave", "outline"), ("inner", "enclave")


def polygon_of(data: OsmData, thing: Thing) -> BaseGeometry | None:
    """Return the polygon of a closed way or a relation; None where it has none."""
    if isinstance(thing, Relation):
        return polygon_of_relation(data, thing)
    return polygon_of_way(thing) if isinstance(thing, Way) else None


def middle_of(data: OsmData, thing: Thing) -> Point | None:
    """Return where a thing is pointed at; None where the file has no position of it."""
    if isinstance(thing, Node):
        return thing.lon, thing.lat
    if isinstance(thing, Way):
        return middle_of_way(thing)
    return middle_of_relation(data, thing)


def polygon_of_way(way: Way) -> BaseGeometry | None:
    """Return the polygon of a closed way that the file has whole; None for any other."""
    if not way.closed or not way.whole:
        return None
    shape = shapely.make_valid(shapely.Polygon(way.line))
    return only_polygons(shape)


def polygon_of_relation(data: OsmData, relation: Relation) -> BaseGeometry | None:
    """Return the polygon that a relation's member ways enclose.

    None where the file lacks one of them or they do not close: an extract cut at its edge keeps
    half a boundary, and half a boundary encloses nothing.
    """
    outer = _rings(data, relation, OUTER)
    if outer is None or outer.is_empty:
        return None
    inner = _rings(data, relation, INNER)
    return only_polygons(outer.difference(inner) if inner is not None else outer)


def _rings(data: OsmData, relation: Relation, roles: tuple[str, ...]) -> BaseGeometry | None:
    lines = []
    for member in relation.members:
        if member.type != "w" or member.role not in roles:
            continue
        way = data.ways.get(member.ref)
        if way is None or not way.whole or len(way.line) < 2:
            return None
        lines.append(shapely.LineString(way.line))
    polygons, cuts, dangles, invalid = shapely.polygonize_full(lines)
    if not all(part.is_empty for part in (cuts, dangles, invalid)):
        return None
    return shapely.union_all(list(polygons.geoms)) if lines else None


def only_polygons(shape: BaseGeometry) -> BaseGeometry | None:
    """Return the polygons of a shape as one, without loose lines; None where there are none."""
    parts = [p for p in shapely.get_parts(shape).tolist() if p.geom_type == "Polygon"]
    nested = [p for p in shapely.get_parts(shape).tolist() if p.geom_type == "MultiPolygon"]
    parts += [p for many in nested for p in shapely.get_parts(many).tolist()]
    whole = shapely.union_all(parts) if parts else None
    return None if whole is None or whole.is_empty else whole


def middle_of_way(way: Way) -> Point | None:
    """Return the middle of a way: of its polygon's surface where it is closed, else of its line."""
    points = [point for point in way.line if located(point)]
    if not points:
        return None
    if way.closed and way.whole:
        middle = shapely.Polygon(way.line).centroid
        if not middle.is_empty:
            return middle.x, middle.y
    if len(points) == 1:
        return points[0]
    at = shapely.LineString(points).interpolate(0.5, normalized=True)
    return at.x, at.y


def middle_of_relation(data: OsmData, relation: Relation) -> Point | None:
    """Return the middle of a relation: of its polygon, else of what the file has of its members."""
    shape = polygon_of_relation(data, relation)
    if shape is not None:
        return shape.centroid.x, shape.centroid.y
    ways = [data.ways[m.ref] for m in relation.members if m.type == "w" and m.ref in data.ways]
    points = [point for way in ways for point in way.line if located(point)]
    if not points:
        return None
    centre = shapely.MultiPoint(points).envelope.centroid
    return centre.x, centre.y
