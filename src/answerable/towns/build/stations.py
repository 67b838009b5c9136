"""Stations: those that the map shows, or those of a GeoJSON file that is given instead.

Four types are known: ``fire_station``, ``police``, ``ambulance_station``, ``hospital``. The map
often has one station twice, as a building and as a point in it: of one type, within `SAME_M` of
each other, they are taken for one, the named one for the name.
"""

from __future__ import annotations

import math
from pathlib import Path

import msgspec
import shapely

from answerable.place.snap import Plane
from answerable.towns.build.options import BuildRefused
from answerable.towns.build.shapes import Point, middle_of
from answerable.towns.build.source import OsmData, Tags
from answerable.towns.build.streets import other_names

TYPES = ("fire_station", "ambulance_station", "police", "hospital")
WORDS = {
    "fire_station": ("Fire station", "消防站"),
    "ambulance_station": ("Ambulance station", "急救站"),
    "police": ("Police station", "派出所"),
    "hospital": ("Hospital", "医院"),
}
LETTERS = {"fire_station": "FS", "ambulance_station": "AS", "police": "PS", "hospital": "HO"}
"""What their numbers begin with: two letters, so that none is taken for a unit's name."""
ALIASES = {"fire": "fire_station", "ambulance": "ambulance_station", "ems": "ambulance_station"}
SAME_M = 150.0
STATIONS_MAX = 5_000
SHOW = (
    "Give a GeoJSON FeatureCollection whose features are points or polygons with the properties "
    f"id, name and type (one of {', '.join(TYPES)})"
)


class Station(msgspec.Struct, frozen=True):
    """A station. Position in WGS 84 degrees."""

    id: str
    type: str
    name: str
    lon: float
    lat: float
    zh: str = ""
    en: str = ""


class Found(msgspec.Struct, frozen=True):
    """The stations, where they are from, and how many things of the map were the same one."""

    stations: tuple[Station, ...]
    source: str
    same: int = 0


def station_type(tags: Tags) -> str:
    """Return the type of station that a thing of the map is, "" for none."""
    amenity, emergency = tags.get("amenity", ""), tags.get("emergency", "")
    if "ambulance_station" in (amenity, emergency):
        return "ambulance_station"
    if amenity in ("fire_station", "police", "hospital"):
        return amenity
    if emergency == "fire_station":
        return "fire_station"
    return "hospital" if tags.get("healthcare") == "hospital" else ""


class _Seen(msgspec.Struct, frozen=True):
    """A thing of the map that is a station: the order of these is the order of their numbers."""

    type: str
    tags: Tags
    at: Point

    @property
    def name(self) -> str:
        return self.tags.get("name", "")


def stations_of_map(data: OsmData) -> Found:
    """Return the stations that the map shows, by type and in the order of the map."""
    seen = []
    for thing in data.tagged():
        kind = station_type(thing.tags)
        at = middle_of(data, thing) if kind else None
        if at:
            seen.append(_Seen(kind, thing.tags, at))
    kept = _without_same(seen)
    stations = [
        _station(one, number)
        for kind in TYPES
        for number, one in enumerate((k for k in kept if k.type == kind), 1)
    ]
    return Found(tuple(stations), "the map", len(seen) - len(kept))


def _without_same(seen: list[_Seen]) -> list[_Seen]:
    """Drop what is the same station as another: those with a name stay before those without."""
    kept: list[_Seen] = []
    for one in sorted(seen, key=lambda s: not s.name):
        if not any(_same(one, other) for other in kept):
            kept.append(one)
    return [one for one in seen if any(one is other for other in kept)]


def _same(one: _Seen, other: _Seen) -> bool:
    """Say whether two things of the map are one station: near, and not of two names."""
    if one.type != other.type or (one.name and other.name and one.name != other.name):
        return False
    plane = Plane(*one.at)
    far_m = math.dist(plane.xy(*one.at), plane.xy(*other.at))
    return far_m <= (4 * SAME_M if one.name and one.name == other.name else SAME_M)


def _station(seen: _Seen, number: int) -> Station:
    words, zh = WORDS[seen.type]
    names = other_names(seen.tags, seen.name)
    return Station(
        id=f"{LETTERS[seen.type]}{number:02d}",
        type=seen.type,
        name=seen.name or f"{words} {number}",
        lon=round(seen.at[0], 6),
        lat=round(seen.at[1], 6),
        zh=names["zh"] if seen.name else f"{zh} {number}",
        en=names["en"],
    )


class _Feature(msgspec.Struct, frozen=True):
    geometry: msgspec.Raw
    properties: dict[str, object] | None = None


class _Collection(msgspec.Struct, frozen=True):
    features: list[_Feature]


def stations_of_file(path: Path) -> Found:
    """Read the stations of a GeoJSON file; BuildRefused naming the first feature that is wrong."""
    try:
        read = msgspec.json.decode(path.read_bytes(), type=_Collection).features
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BuildRefused(f"the stations in {path} cannot be read: {error}", SHOW) from error
    if len(read) > STATIONS_MAX:
        raise BuildRefused(f"{path} holds more than {STATIONS_MAX} stations", SHOW)
    stations: dict[str, Station] = {}
    for number, feature in enumerate(read, 1):
        try:
            station = _of_feature(feature, number)
            if station.id in stations:
                raise ValueError(f"the id {station.id} is there twice")
        except (ValueError, shapely.GEOSException) as error:
            raise BuildRefused(f"in {path} feature {number} is wrong: {error}", SHOW) from error
        stations[station.id] = station
    return Found(tuple(stations[key] for key in sorted(stations)), path.name)


def _of_feature(feature: _Feature, number: int) -> Station:
    """Return the station of a feature; ValueError saying what it lacks."""
    told = {key: str(value) for key, value in (feature.properties or {}).items() if value}
    kind = ALIASES.get(told.get("type", ""), told.get("type", ""))
    if kind not in TYPES:
        raise ValueError(f"its type is '{told.get('type', '')}', not one of {', '.join(TYPES)}")
    shape = shapely.from_geojson(bytes(feature.geometry).decode())
    if shape is None or shape.is_empty:
        raise ValueError("it has no position")
    at = shape if shape.geom_type == "Point" else shape.representative_point()
    if not (-180 <= at.x <= 180 and -90 <= at.y <= 90):
        raise ValueError(f"{at.x}, {at.y} is no longitude and latitude in degrees")
    name = told.get("name") or f"{WORDS[kind][0]} {number}"
    station = told.get("id") or f"{LETTERS[kind]}{number:02d}"
    if len(station) > 32 or "," in station:
        raise ValueError(f"the id '{station[:40]}' is longer than 32 signs or holds a comma")
    return Station(
        station, kind, name, round(at.x, 6), round(at.y, 6), told.get("zh", ""), told.get("en", "")
    )
