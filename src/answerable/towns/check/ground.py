"""Checks of the ground: streets in one piece, stations on them, areas that divide the town."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt
import shapely

from answerable.place.errors import PlaceError
from answerable.place.hublabels import read_labels
from answerable.place.roads import CLASSES as ROAD_CLASSES
from answerable.place.roads import RoadGraph
from answerable.place.snap import Plane, Snapper
from answerable.towns import files as f
from answerable.towns.check.alike import alike
from answerable.towns.check.finding import Finding, Place, finding
from answerable.towns.check.given import PAGE, Given, texts

PIECES_SHARE = 0.1
"""A town a tenth of whose junctions cannot be driven to is in pieces."""
PIECE_JUNCTIONS = 40
"""A smaller piece is a yard or a car park; a larger one is worth a word."""
OVERLAP_SHARE = 0.05
"""Areas that share so much of the smaller one do not divide the town."""
OFF_ROADS_M = 250.0
CUT_OFF_M = 150.0
SHORE_M = 250.0
USUAL = {"factor": (0.4, 3.0), "start_s": (0.0, 400.0)}


def check_centre(given: Given) -> Iterator[Finding]:
    """Find a centre of the map that lies outside the streets."""
    roads, centre = given.roads, given.town.get("centre")
    if roads is None or not (isinstance(centre, list) and len(centre) == 2):
        return
    if not all(isinstance(part, int | float) for part in centre):
        return
    west, east = float(roads.lon.min()), float(roads.lon.max())
    south, north = float(roads.lat.min()), float(roads.lat.max())
    if not (west <= centre[0] <= east and south <= centre[1] <= north):
        box = f"between {west:.3f}, {south:.3f} and {east:.3f}, {north:.3f}"
        at = given.place(f.TOWN, "centre")
        yield finding("centre-off-map", f.TOWN.name, at, lon=centre[0], lat=centre[1], box=box)


# -- streets ---------------------------------------------------------------------------------


def check_pieces(given: Given) -> Iterator[Finding]:
    """Find pieces of the streets that cannot be driven to from the rest."""
    if (roads := given.roads) is None:
        return
    for part in pieces(roads):
        if len(part) < PIECE_JUNCTIONS and len(part) < PIECES_SHARE * roads.nodes:
            break
        node = int(part[0])
        share = len(part) / roads.nodes
        values = {
            "count": len(part), "all": roads.nodes, "share": f"{100 * share:.0f}",
            "lon": f"{roads.lon[node]:.5f}", "lat": f"{roads.lat[node]:.5f}",
            "street": _street_at(roads, node),
        }  # fmt: skip
        code = "roads-in-pieces" if share >= PIECES_SHARE else "piece-cut-off"
        yield finding(code, f.STREETS.name, **values)


def pieces(roads: RoadGraph) -> list[npt.NDArray[np.int64]]:
    """Return the junctions off the main part of the streets, piece by piece, the largest first.

    Junctions belong together where a street that may be driven joins them, whatever its direction;
    junctions with no such street (a path's) are left out.
    """
    driven = roads.segment_class != ROAD_CLASSES.index("path")
    a, b = roads.segment_begin[driven], roads.segment_end[driven]
    off = ~roads.usable[a] & ~roads.usable[b]
    a, b = a[off].astype(np.int64), b[off].astype(np.int64)
    label = np.arange(roads.nodes)
    while True:  # the lowest number of the neighbours spreads until nothing changes
        low = np.minimum(label[a], label[b])
        before = label.copy()
        np.minimum.at(label, a, low)
        np.minimum.at(label, b, low)
        label = label[label]
        if (label == before).all():
            break
    nodes = np.unique(np.concatenate([a, b]))
    groups: dict[int, list[int]] = {}
    for node in nodes.tolist():
        groups.setdefault(int(label[node]), []).append(node)
    found = [np.array(group) for group in groups.values()]
    return sorted(found, key=lambda part: (-len(part), int(part[0])))


def _street_at(roads: RoadGraph, node: int) -> str:
    """Return the name of a street at a junction; "" where none has one."""
    for segment in np.flatnonzero((roads.segment_begin == node) | (roads.segment_end == node)):
        if name := roads.name(int(segment)):
            return name
    return ""


def check_labels(given: Given) -> Iterator[Finding]:
    """Find prepared travel times that belong to other streets."""
    if given.roads is None or not given.has(f.LABELS):
        return
    try:
        labels = read_labels(given.folder / f.LABELS.name)
    except (PlaceError, BadZipFile) as error:
        because = error.because if isinstance(error, PlaceError) else str(error)
        yield finding("labels-broken", f.LABELS.name, because=because.rstrip("."))
        return
    if labels.checksum != given.roads.checksum:
        yield finding("labels-misfit", f.LABELS.name)


def check_calibration(given: Given) -> Iterator[Finding]:
    """Find a calibration that makes no driving time, or none that crews have driven."""
    told = {key: given.calibration.get(key) for key in USUAL}
    numbers = {
        key: float(value)
        for key, value in told.items()
        if isinstance(value, int | float) and not isinstance(value, bool)
    }
    if len(numbers) < len(USUAL):
        return
    factor, start_s = numbers["factor"], numbers["start_s"]
    if not (0 < factor < math.inf and 0 <= start_s < math.inf):
        at = given.place(f.CALIBRATION, "factor" if not 0 < factor < math.inf else "start_s")
        values = {"factor": factor, "start_s": start_s}
        yield finding("calibration-absurd", f.CALIBRATION.name, at, **values)
        return
    for key, (low, high) in USUAL.items():
        if not low <= numbers[key] <= high:
            at, usual = given.place(f.CALIBRATION, key), f"usual is {low:g} to {high:g}"
            values2 = {"key": key, "value": f"{numbers[key]:g}", "usual": usual}
            yield finding("calibration-odd", f.CALIBRATION.name, at, **values2)


# -- stations --------------------------------------------------------------------------------


def check_stations(given: Given) -> Iterator[Finding]:
    """Find stations away from the streets, and units whose station is not there."""
    ids: dict[str, int] = {}
    for at, feature in given.stations:
        station = feature["properties"]["id"]
        if station in ids:
            values = {"station": station, "first": ids[station]}
            yield finding("double-station", f.STATIONS.name, at, **values)
        ids.setdefault(station, at.line)
    if given.has(f.STATIONS) and not ids and not given.doubtful(f.STATIONS):
        yield finding("no-stations", f.STATIONS.name, Place(1))
    yield from _on_the_roads(given)
    yield from _homes(given, ids)


def _on_the_roads(given: Given) -> Iterator[Finding]:
    if given.roads is None or not given.stations:
        return
    try:
        snapper = Snapper(given.roads)
    except PlaceError:
        return  # no street can be driven at all: told as pieces
    drawn = _drivable(given.roads, snapper.plane)
    for at, feature in given.stations:
        lon, lat = feature["geometry"]["coordinates"]
        station = feature["properties"]["id"]
        try:
            usable_m = snapper.snap(lon, lat).distance_m
        except PlaceError as error:
            values = {"path": f"station {station}", "because": error.because, "page": PAGE}
            yield finding("wrong-value", f.STATIONS.name, at, **values)
            continue
        point = shapely.Point(*snapper.plane.xy(lon, lat))
        any_m = float(drawn.query_nearest(point, return_distance=True, all_matches=False)[1][0])
        values2 = {"station": station, "metres": f"{usable_m:.0f}"}
        if any_m > OFF_ROADS_M:
            yield finding("station-off-roads", f.STATIONS.name, at, **values2)
        elif usable_m > any_m + CUT_OFF_M:
            yield finding("station-cut-off", f.STATIONS.name, at, **values2)


def _drivable(roads: RoadGraph, plane: Plane) -> shapely.STRtree:
    """Return all streets that are driven, of the main part or not."""
    driven = roads.segment_class != ROAD_CLASSES.index("path")
    sizes = np.diff(roads.line_start)
    points = plane.points(roads.line_lon, roads.line_lat)[np.repeat(driven, sizes)]
    which = np.repeat(np.arange(int(driven.sum())), sizes[driven])
    return shapely.STRtree(shapely.linestrings(points, indices=which))


def _homes(given: Given, stations: dict[str, int]) -> Iterator[Finding]:
    """Yield units whose station is not there, or is another one elsewhere."""
    own: dict[str, str] = {}
    for line in given.units:
        own.setdefault(line.values["unit"], line.values["station"])
    for part, lines in ((f.UNITS, given.units), (f.HOMES, given.homes)):
        for line in lines:
            unit, station = line.values["unit"], line.values["station"]
            if station and station not in stations and not given.doubtful(f.STATIONS):
                values = {"unit": unit, "station": station, "like": alike(station, stations)}
                yield finding("unknown-station", part.name, line.place, **values)
    for line in given.homes:
        unit, station = line.values["unit"], line.values["station"]
        if given.units and unit not in own:
            values = {"unit": unit, "like": alike(unit, own)}
            yield finding("unknown-unit", f.HOMES.name, line.place, **values)
        elif own.get(unit) and own[unit] != station:
            values = {"unit": unit, "station": station, "other": own[unit]}
            yield finding("two-homes", f.HOMES.name, line.place, **values)


# -- areas -----------------------------------------------------------------------------------


def check_areas(given: Given) -> Iterator[Finding]:
    """Find areas that are no good polygons, overlap, or leave stations and classes out."""
    names: dict[str, int] = {}
    good: list[tuple[str, Place, shapely.Geometry]] = []
    for at, feature in given.polygons:
        name = feature["properties"]["name"]
        if not name:
            yield finding("unnamed-area", f.POLYGONS.name, at)
            continue
        if name in names:
            yield finding("double-area", f.POLYGONS.name, at, area=name, first=names[name])
        names.setdefault(name, at.line)
        shape, because = _polygon(feature["geometry"])
        if because:
            yield finding("bad-polygon", f.POLYGONS.name, at, area=name, because=because)
        else:
            good.append((name, at, shape))
    yield from _overlaps(good)
    yield from _stations_outside(given, good)
    yield from _classes(given, names)


def _polygon(geometry: object) -> tuple[shapely.Geometry, str]:
    """Return a geometry and "", or an empty one and what is wrong with it."""
    try:
        shape = shapely.from_geojson(json.dumps(geometry))
    except shapely.GEOSException as error:
        return shapely.Polygon(), str(error).rstrip(".")
    if not shapely.is_valid(shape):
        return shapely.Polygon(), str(shapely.is_valid_reason(shape)).lower()
    return shape, "" if shape.area > 0 else "it has no area"


def _overlaps(good: list[tuple[str, Place, shapely.Geometry]]) -> Iterator[Finding]:
    shapes = [shape for _n, _a, shape in good]
    if len(shapes) < 2:
        return
    for i, j in sorted(shapely.STRtree(shapes).query(shapes, predicate="intersects").T.tolist()):
        if i >= j or good[i][0] == good[j][0]:
            continue
        share = shapes[i].intersection(shapes[j]).area / min(shapes[i].area, shapes[j].area)
        if share > OVERLAP_SHARE:
            values = {"area": good[i][0], "other": good[j][0], "share": f"{100 * share:.0f}"}
            yield finding("areas-overlap", f.POLYGONS.name, good[j][1], **values)


def _stations_outside(
    given: Given, good: list[tuple[str, Place, shapely.Geometry]]
) -> Iterator[Finding]:
    if not good:
        return
    shapes = np.array([shape for _n, _a, shape in good], dtype=object)
    west, south, east, north = shapely.total_bounds(shapes)
    plane = Plane((west + east) / 2, (south + north) / 2)
    flat = shapely.transform(shapes, lambda at: plane.points(at[:, 0], at[:, 1]))
    for at, feature in given.stations:
        lon, lat = feature["geometry"]["coordinates"]
        on_earth = abs(lon) <= 180 and abs(lat) <= 90
        if on_earth and shapely.distance(flat, shapely.Point(*plane.xy(lon, lat))).min() > SHORE_M:
            station = feature["properties"]["id"]
            yield finding("station-outside", f.STATIONS.name, at, station=station)


def _classes(given: Given, names: dict[str, int]) -> Iterator[Finding]:
    listed: dict[str, str] = {}
    classes = given.classes.get("area_class")
    for area_class, members in (classes if isinstance(classes, dict) else {}).items():
        for index, area in texts(members):
            at = given.place(f.CLASSES, "area_class", area_class, index)
            values = {"area": area, "area_class": area_class}
            if area not in names and given.has(f.POLYGONS) and not given.doubtful(f.POLYGONS):
                like = alike(area, names)
                yield finding("unknown-area", f.CLASSES.name, at, like=like, **values)
            if listed.setdefault(area, area_class) != area_class:
                other = listed[area]
                yield finding("area-in-two-classes", f.CLASSES.name, at, other=other, **values)
    if isinstance(classes, dict):
        for area in names:
            if area not in listed:
                at = given.place(f.CLASSES, "area_class")
                yield finding("area-unclassed", f.CLASSES.name, at, area=area)
