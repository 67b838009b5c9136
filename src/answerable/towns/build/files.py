"""The files of a built town, as text: streets, areas, stations, units and ``town.toml``.

Every function returns the same bytes for the same data.
"""

from __future__ import annotations

import gzip
import json
import math

import msgspec
import numpy as np
import shapely

from answerable.place.areas import AreaClass
from answerable.place.roads import RoadGraph
from answerable.towns.build.areas import CORE, NEAR, Divided, class_of_density
from answerable.towns.build.defaults import Defaults
from answerable.towns.build.stations import Station
from answerable.towns.build.streets import Segment
from answerable.towns.model import UnitSpec

ODBL = "© OpenStreetMap contributors (ODbL)"
SCREEN_PX, TILE_PX = 700, 512
Json = dict[str, object]


def streets_file(segments: list[Segment]) -> bytes:
    """Return ``streets.geojson.gz``, as ``place/roads.py`` describes it."""
    features = [
        {
            "type": "Feature",
            "properties": segment.told,
            "geometry": {"type": "LineString", "coordinates": segment.line},
        }
        for segment in segments
    ]
    whole = {"type": "FeatureCollection", "features": features}
    return gzip.compress(msgspec.json.encode(whole), 9, mtime=0)


def _collection(features: list[Json]) -> str:
    rows = ",\n".join(json.dumps(f, ensure_ascii=False, separators=(",", ":")) for f in features)
    return f'{{"type":"FeatureCollection","features":[\n{rows}\n]}}\n'


def areas_geojson(divided: Divided) -> str:
    """Return ``neighborhoods.geojson``: one feature an area, about a metre exact."""
    features: list[Json] = []
    for area in divided.areas:
        shape = shapely.set_precision(area.shape, 1e-5)
        told = {"name": area.name, "zh": area.zh, "en": area.en}
        geometry = json.loads(shapely.to_geojson(shape if not shape.is_empty else area.shape))
        features.append({
            "type": "Feature",
            "properties": {key: value for key, value in told.items() if value},
            "geometry": {"type": geometry["type"], "coordinates": _short(geometry["coordinates"])},
        })  # fmt: skip
    return _collection(features)


def _short(at: object) -> object:
    """Return coordinates with five decimals, whatever their nesting."""
    return [_short(one) for one in at] if isinstance(at, list) else round(float(str(at)), 5)


def stations_geojson(stations: tuple[Station, ...]) -> str:
    """Return ``stations.geojson``: points with id, name, type and the other names."""
    features: list[Json] = []
    for one in stations:
        told = {"id": one.id, "name": one.name, "type": one.type, "zh": one.zh, "en": one.en}
        features.append({
            "type": "Feature",
            "properties": {key: value for key, value in told.items() if value},
            "geometry": {"type": "Point", "coordinates": [one.lon, one.lat]},
        })  # fmt: skip
    return _collection(features)


def units_csv(units: tuple[UnitSpec, ...]) -> str:
    """Return ``units.csv``."""
    rows = [f"{u.unit},{u.unit_type},{u.station},{' '.join(u.skills)}\n" for u in units]
    return "unit,unit_type,station,skills\n" + "".join(rows)


def homes_csv(units: tuple[UnitSpec, ...]) -> str:
    """Return ``unit_homes.csv``."""
    return "unit,station\n" + "".join(f"{u.unit},{u.station}\n" for u in units)


def areas_toml(dense: dict[str, float]) -> str:
    """Return ``areas.toml``: the class of each area, by the density of its junctions."""
    listed: dict[AreaClass, list[str]] = {"core": [], "near": [], "outer": []}
    for name, per_km2 in dense.items():
        listed[class_of_density(per_km2)].append(f"    {quoted(name)},  # {per_km2:g}")
    rule = f"core has {CORE} junctions or more in the square kilometre around, near {NEAR} or more"
    text = f"""\
# The 1-3-5 class of each area: "core" one minute, "near" three, "outer" five.
# Chosen by a rule, as a start: for each junction, how many there are in the square kilometre around
# it; the number behind an area's name is the middle one of its junctions. Edit the lists freely:
# what stands here is what counts.

chosen = {quoted(f"chosen by the build: {rule}")}

[area_class]
"""
    for kind, names in listed.items():
        text += f"{kind} = [\n" + "".join(f"{name}\n" for name in names) + "]\n"
    return text


def quoted(text: str) -> str:
    """Return a TOML string (JSON's are valid ones, but for DEL)."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _inline(value: object) -> str:
    """Return a TOML value of a table, a list or a scalar; what is empty or usual is left out."""
    if isinstance(value, dict):
        told = {k: v for k, v in value.items() if v and (k, v) != ("count", 1)}
        return "{ " + ", ".join(f"{key} = {_inline(one)}" for key, one in told.items()) + " }"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return quoted(value) if isinstance(value, str) else str(value)


def _table(name: str, row: msgspec.Struct) -> str:
    told = msgspec.to_builtins(row)
    lines = [f"{key} = {_inline(value)}" for key, value in told.items() if value]
    return f"\n[[{name}]]\n" + "\n".join(lines) + "\n"


class TownText(msgspec.Struct, frozen=True, kw_only=True):
    """What ``town.toml`` is made from, besides the defaults."""

    name: str
    title: dict[str, str]
    zone: str
    centre: tuple[float, float]
    zoom: float
    attribution: tuple[str, ...]
    notes: tuple[dict[str, str], ...]
    hospitals: tuple[str, ...]


def town_toml(town: TownText, defaults: Defaults) -> str:
    """Return ``town.toml``."""
    text = f"""\
# {town.title["en"]}: made by `answerable town build` (see BUILD.md), and yours to edit.
# Kinds, run cards, priorities and units are made up for a start: no map holds them.
# `answerable town check` says whether the folder is whole after a change.
name = {quoted(town.name)}
title = {_inline(town.title)}
languages = ["en", "zh"]
zone = {quoted(town.zone)}
centre = [{town.centre[0]}, {town.centre[1]}]
zoom = {town.zoom}
priorities = {_inline(defaults.priorities)}
urgent = {_inline(defaults.urgent)}
standards = {_inline(defaults.standards)}
hospitals = {_inline(town.hospitals)}
"""
    for key, values in (("attribution", town.attribution), ("notes", town.notes)):
        text += f"{key} = [\n" + "".join(f"  {_inline(value)},\n" for value in values) + "]\n"
    for key, rows in (
        ("unit_types", defaults.unit_types),
        ("agencies", defaults.agencies),
        ("kinds", defaults.kinds),
        ("run_cards", defaults.run_cards),
    ):
        text += "".join(_table(key, row) for row in rows)
    return text + _table("sending", defaults.sending).replace("[[sending]]", "[sending]")


def view_of(roads: RoadGraph) -> tuple[tuple[float, float], float]:
    """Return the middle of the town and the zoom at which all of it is seen."""
    lon, lat = roads.lon[roads.usable], roads.lat[roads.usable]
    west, east, south, north = lon.min(), lon.max(), lat.min(), lat.max()
    middle = (round(float((west + east) / 2), 5), round(float((south + north) / 2), 5))
    stretch = 1 / math.cos(math.radians(middle[1]))
    span = max(float(east - west), float(north - south) * stretch, 1e-3)
    zoom = math.log2(SCREEN_PX / TILE_PX * 360 / span)
    return middle, float(np.clip(round(zoom, 1), 3, 16))
