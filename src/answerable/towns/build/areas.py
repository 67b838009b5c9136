"""Areas: given polygons, else the map's administrative areas or places, else one around all.

Their class of place (1-3-5: core, near, outer) follows from how dense the streets are: for each
junction, the junctions in the square kilometre around it; for an area, the middle one of its
junctions' numbers. `CORE` and more is core, `NEAR` and more near. It is a rule to begin with, and
``areas.toml`` says so: the lists are edited by hand.
"""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from answerable.place.areas import AreaClass
from answerable.place.roads import RoadGraph
from answerable.place.snap import Plane
from answerable.towns.build.options import BuildRefused
from answerable.towns.build.shapes import only_polygons, polygon_of
from answerable.towns.build.source import Node, OsmData, Relation
from answerable.towns.build.streets import other_names

AREAS_MIN, AREAS_MAX = 4, 60
GIVEN_MAX = 2_000
COVERED = 0.5
"""A level whose areas hold less than this share of the junctions is no division of the town."""
PLACES = ("borough", "suburb", "quarter", "neighbourhood", "town", "village", "city_block")
CORE, NEAR = 100, 60  # junctions in the square kilometre around
CELL_M = 1000 / 3
HULL_M = 300.0
SHOW = "Give a GeoJSON FeatureCollection of polygons with a name, in degrees (WGS 84)"


class Area(msgspec.Struct, frozen=True):
    """An area: its names and its polygon (WGS 84 degrees)."""

    name: str
    shape: BaseGeometry
    zh: str = ""
    en: str = ""


class Divided(msgspec.Struct, frozen=True):
    """The areas by name, where they are from, and what had to be left out."""

    areas: tuple[Area, ...]
    source: str
    incomplete: int = 0
    """Areas of the map that the extract cuts: half a boundary encloses nothing."""


class _Feature(msgspec.Struct, frozen=True):
    geometry: msgspec.Raw
    properties: dict[str, object] | None = None


class _Collection(msgspec.Struct, frozen=True):
    features: list[_Feature]


def areas_of_file(path: Path, roads: RoadGraph) -> Divided:
    """Read areas from a GeoJSON file; BuildRefused where they are not, or lie elsewhere."""
    try:
        read = msgspec.json.decode(path.read_bytes(), type=_Collection).features
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BuildRefused(f"the areas in {path} cannot be read: {error}", SHOW) from error
    if not 0 < len(read) <= GIVEN_MAX:
        raise BuildRefused(f"{path} holds {len(read)} areas, not 1 to {GIVEN_MAX}", SHOW)
    areas = []
    for number, feature in enumerate(read, 1):
        try:
            areas.append(_of_feature(feature))
        except (ValueError, shapely.GEOSException) as error:
            raise BuildRefused(f"in {path} feature {number} is wrong: {error}", SHOW) from error
    merged = _merged(areas)
    if not _inside(merged, roads).any():
        west, south, east, north = shapely.total_bounds([a.shape for a in merged]).round(2)
        raise BuildRefused(
            f"no street lies in the areas of {path.name}: they go from {west}, {south} to {east}, "
            f"{north}, the streets from {_box(roads)}",
            "Give the areas and the roads of the same town, longitude first",
        )
    return Divided(merged, path.name)


def _of_feature(feature: _Feature) -> Area:
    told = {key: str(value) for key, value in (feature.properties or {}).items() if value}
    if not told.get("name"):
        raise ValueError("it has no name")
    shape = shapely.from_geojson(bytes(feature.geometry).decode())
    polygons = None if shape is None else only_polygons(shapely.make_valid(shape))
    if polygons is None:
        raise ValueError(f"{told['name'][:60]} is no polygon, or an empty one")
    return Area(told["name"], polygons, told.get("zh", ""), told.get("en", ""))


def _box(roads: RoadGraph) -> str:
    west, east = float(roads.lon.min()), float(roads.lon.max())
    return f"{west:.2f}, {roads.lat.min():.2f} to {east:.2f}, {roads.lat.max():.2f}"


def areas_of_map(data: OsmData, roads: RoadGraph, title: str) -> Divided:
    """Return the map's areas: the level that divides the town best, else one around its streets.

    Of the levels with 4 to 60 areas which together hold at least half of the junctions, the one
    that holds the most counts (to the percent), of equals the one with the most areas.
    """
    levels, incomplete = _levels(data)
    best: tuple[int, int, str, tuple[Area, ...]] = (0, 0, "", ())
    for level, areas in sorted(levels.items()):
        merged = _merged(areas)
        inside = _inside(merged, roads)
        held = tuple(a for a, mine in zip(merged, inside, strict=True) if mine.any())
        share = round(100 * float(inside.any(axis=0).mean()))
        if AREAS_MIN <= len(held) <= AREAS_MAX and share >= 100 * COVERED:
            best = max(best, (share, len(held), level, held), key=lambda b: b[:2])
    if best[3]:
        return Divided(best[3], f"the map: {best[2]}", incomplete)
    return Divided((Area(title, _hull(roads)),), "one area around the streets", incomplete)


def _levels(data: OsmData) -> tuple[dict[str, list[Area]], int]:
    """Return the map's polygons by level: ``admin_level`` of boundaries, kind of places."""
    levels: dict[str, list[Area]] = {}
    incomplete = 0
    for thing in data.tagged():
        level = "" if isinstance(thing, Node) else _level(thing.tags)
        shape = polygon_of(data, thing) if level else None
        if shape is not None:
            names = other_names(thing.tags, thing.tags["name"])
            area = Area(thing.tags["name"], shape, names["zh"], names["en"])
            levels.setdefault(level, []).append(area)
        elif level and isinstance(thing, Relation):
            incomplete += 1
    return levels, incomplete


def _level(tags: dict[str, str]) -> str:
    if not tags or not tags.get("name"):
        return ""
    if tags.get("boundary") == "administrative" and tags.get("admin_level", "").isdigit():
        return f"boundary=administrative, admin_level={int(tags['admin_level']):02d}"
    return "place=" + tags["place"] if tags.get("place") in PLACES else ""


def _merged(areas: list[Area]) -> tuple[Area, ...]:
    """Return the areas by name, those of one name as one."""
    named: dict[str, list[Area]] = {}
    for area in areas:
        named.setdefault(area.name, []).append(area)
    return tuple(
        Area(name, shapely.union_all([a.shape for a in same]), same[0].zh, same[0].en)
        for name, same in sorted(named.items())
    )


def _inside(areas: tuple[Area, ...], roads: RoadGraph) -> npt.NDArray[np.bool_]:
    """Return which junctions that can be reached lie in which area: one row for each area."""
    lon, lat = roads.lon[roads.usable], roads.lat[roads.usable]
    return np.array([shapely.contains_xy(area.shape, lon, lat) for area in areas])


def _hull(roads: RoadGraph) -> BaseGeometry:
    plane = Plane(float(np.median(roads.lon)), float(np.median(roads.lat)))
    usable = np.repeat(roads.usable[roads.segment_begin], np.diff(roads.line_start))
    points = plane.points(roads.line_lon[usable], roads.line_lat[usable])
    around = shapely.MultiPoint(points).convex_hull.buffer(HULL_M, quad_segs=2)
    back = np.array([plane.x_m, (plane.xy(plane.lon, plane.lat + 1))[1]])
    return shapely.transform(around, lambda at: at / back + np.array([plane.lon, plane.lat]))


def density(roads: RoadGraph) -> npt.NDArray[np.float64]:
    """Return for each junction how many are in the square kilometre around it.

    That is the nine cells of a third of a kilometre around its own, on a grid from the south-west.
    """
    plane = Plane(float(np.median(roads.lon)), float(np.median(roads.lat)))
    cell = np.floor(plane.points(roads.lon, roads.lat) / CELL_M).astype(np.int64)
    cell -= cell.min(axis=0) - 1
    grid = np.zeros(cell.max(axis=0) + 2)
    np.add.at(grid, (cell[:, 0], cell[:, 1]), 1)
    around = [
        grid[cell[:, 0] + east, cell[:, 1] + north] for east in (-1, 0, 1) for north in (-1, 0, 1)
    ]
    total: npt.NDArray[np.float64] = np.sum(around, axis=0)
    return total


def densities(divided: Divided, roads: RoadGraph) -> dict[str, float]:
    """Return the density of each area: of its junctions' numbers the middle one, 0 without any."""
    near = density(roads)[roads.usable]
    inside = _inside(divided.areas, roads)
    return {
        area.name: round(float(np.median(near[mine])), 1) if mine.any() else 0.0
        for area, mine in zip(divided.areas, inside, strict=True)
    }


def class_of_density(per_km2: float) -> AreaClass:
    """Return the class of place for a density of junctions."""
    return "core" if per_km2 >= CORE else "near" if per_km2 >= NEAR else "outer"
