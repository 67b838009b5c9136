"""The files of a town's folder: what each is for, whether it is needed, and what it holds.

The one list that the checker, the schemas and the reference page are made from.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from answerable.place.areas import AreasFile
from answerable.place.calibrate import Calibration
from answerable.place.roads import StreetsFile
from answerable.towns.following import FollowingFile
from answerable.towns.holidays import HolidaysFile
from answerable.towns.load import (
    FOLLOWING_FILE,
    HOLIDAYS_FILE,
    MATTERS_FILE,
    NARRATIVE_FILE,
    OUTCOMES_FILE,
    QUESTIONS_FILE,
    REFERRAL_FILE,
    RETENTION_FILE,
    SUPPORT_FILE,
    TOWN_FILE,
    UNITS_FILE,
)
from answerable.towns.model import Code, TownFile
from answerable.towns.narrative import NarrativeFile, QuestionsFile
from answerable.towns.outcomes import OutcomesFile
from answerable.towns.referring import ReferralFile
from answerable.towns.repeating import REPEATS_FILE, RepeatsFile
from answerable.towns.retention import RetentionFile
from answerable.towns.supporting import SupportFile
from answerable.towns.terms import MattersFile

Form = Literal["TOML", "GeoJSON", "gzipped GeoJSON", "CSV", "gzipped CSV", "NumPy archive", "other"]
Degrees = tuple[float, float]


class StationProperties(msgspec.Struct, frozen=True):
    """What the file says of a station; further properties are kept out of the way."""

    id: Code
    name: str
    battalion: str = ""


class StationPoint(msgspec.Struct, frozen=True, tag_field="type", tag="Point"):
    """Where a station stands: longitude, latitude (WGS 84)."""

    coordinates: Degrees


class StationFeature(msgspec.Struct, frozen=True, tag_field="type", tag="Feature"):
    """One station."""

    properties: StationProperties
    geometry: StationPoint


class StationsFile(msgspec.Struct, frozen=True, tag_field="type", tag="FeatureCollection"):
    """What ``stations.geojson`` holds."""

    features: tuple[StationFeature, ...]


class AreaProperties(msgspec.Struct, frozen=True):
    """What the file says of an area; further properties are kept out of the way."""

    name: str


class Polygon(msgspec.Struct, frozen=True, tag_field="type", tag="Polygon"):
    """An area of one piece: its border, then its holes, each a closed line."""

    coordinates: list[list[Degrees]]


class MultiPolygon(msgspec.Struct, frozen=True, tag_field="type", tag="MultiPolygon"):
    """An area of several pieces."""

    coordinates: list[list[list[Degrees]]]


class AreaFeature(msgspec.Struct, frozen=True, tag_field="type", tag="Feature"):
    """One area."""

    properties: AreaProperties
    geometry: Polygon | MultiPolygon


class AreaPolygons(msgspec.Struct, frozen=True, tag_field="type", tag="FeatureCollection"):
    """What ``neighborhoods.geojson`` holds."""

    features: tuple[AreaFeature, ...]


class UnitRow(msgspec.Struct, frozen=True):
    """A line of ``units.csv``. ``station`` may be empty; ``skills`` are parted by spaces."""

    unit: Code
    unit_type: Code
    station: str
    skills: str


class HomeRow(msgspec.Struct, frozen=True):
    """A line of ``unit_homes.csv``: the station a unit stands at when nothing else is known."""

    unit: Code
    station: Code


class BattalionRow(msgspec.Struct, frozen=True):
    """A line of ``battalions.csv``: the battalion that answers at a junction of the streets."""

    junction: int
    battalion: Code


class NameRow(msgspec.Struct, frozen=True):
    """A line of ``names.csv``: a name in use here, and what it means.

    Either ``means`` says it in words the gazetteer finds, or ``lon`` and ``lat`` (WGS84 degrees).
    """

    name: Code
    means: str
    kind: str
    lon: float | str
    lat: float | str


class TownPart(msgspec.Struct, frozen=True):
    """One file of a town's folder. ``struct`` is what it holds, or what a line of it holds."""

    name: str
    about: str
    form: Form
    needed: bool = False
    struct: type[msgspec.Struct] | None = None
    without: str = ""
    """What a town without it does."""

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns of a CSV file; () for any other."""
        if self.struct is None or self.form != "CSV":
            return ()
        return self.struct.__struct_encode_fields__


TOWN = TownPart(
    TOWN_FILE, "the town's names, zone, kinds of incident, types of unit and run cards", "TOML",
    True, TownFile,
)  # fmt: skip
UNITS = TownPart(UNITS_FILE, "the units that can be sent", "CSV", True, UnitRow)
STREETS = TownPart(
    "streets.geojson.gz", "the streets, drawn and driven", "gzipped GeoJSON", True, StreetsFile
)
POLYGONS = TownPart(
    "neighborhoods.geojson", "the areas of the town, by name", "GeoJSON", True, AreaPolygons
)
CLASSES = TownPart("areas.toml", "the 1-3-5 class of each area", "TOML", True, AreasFile)
STATIONS = TownPart(
    "stations.geojson", "the stations", "GeoJSON", False, StationsFile,
    "units stand at junctions picked by their names",
)  # fmt: skip
HOMES = TownPart(
    "unit_homes.csv", "the home station of each unit", "CSV", False, HomeRow,
    "a unit stands at its station of units.csv, or at one picked by its name",
)  # fmt: skip
BATTALIONS = TownPart(
    "battalions.csv", "the battalion of each junction", "CSV", False, BattalionRow,
    "a call counts for the battalion of the station that is nearest by road",
)  # fmt: skip
LABELS = TownPart(
    "hub_labels.npz", "travel times prepared from the streets", "NumPy archive", False, None,
    "every start works them out anew, which takes some seconds more",
)  # fmt: skip
CALIBRATION = TownPart(
    "calibration.toml", "how much longer real runs take than free flow", "TOML", False, Calibration,
    "travel times are free flow: no traffic, no start",
)  # fmt: skip
HOLIDAYS = TownPart(
    HOLIDAYS_FILE, "holidays and the days of the weekend", "TOML", False, HolidaysFile,
    "only Saturdays and Sundays are free",
)  # fmt: skip
RETENTION = TownPart(
    RETENTION_FILE, "how long words are kept, by kind and end", "TOML", False, RetentionFile,
    "nothing is erased, archived or destroyed by itself",
)  # fmt: skip
NARRATIVE = TownPart(
    NARRATIVE_FILE, "which kind and priority a caller's words mean, and why", "TOML", False,
    NarrativeFile, "nothing is proposed while a call is taken",
)  # fmt: skip
QUESTIONS = TownPart(
    QUESTIONS_FILE, "what is asked of callers by kind, and what is read out to them", "TOML", False,
    QuestionsFile, "the form for taking a call asks nothing",
)  # fmt: skip
FOLLOWING = TownPart(
    FOLLOWING_FILE, "who is asked afterwards, when, and what", "TOML", False, FollowingFile,
    "callers are asked as the product comes: default_following.toml",
)  # fmt: skip
OUTCOMES = TownPart(
    OUTCOMES_FILE, "what crews report, by kind and agency, and which of them owe a report", "TOML",
    False, OutcomesFile, "no crew owes a report, and what it reports is in its own words",
)  # fmt: skip
REFERRAL = TownPart(
    REFERRAL_FILE, "to whom what is not the town's own to do is referred, and what they see of it",
    "TOML", False, ReferralFile, "nothing is referred to anybody",
)  # fmt: skip
MATTERS = TownPart(
    MATTERS_FILE, "kinds of tracked matters with their terms, results, grades of roles",
    "TOML", False, MattersFile, "matters are of the kinds that come with the product",
)  # fmt: skip
SUPPORT = TownPart(
    SUPPORT_FILE, "what help units can ask for, who gives it, who signs it, and how soon", "TOML",
    False, SupportFile, "units ask for the kinds of help that come with the product",
)  # fmt: skip
REPEATS = TownPart(
    REPEATS_FILE, "when a place keeps calling: causes, their rules, and the scan", "TOML", False,
    RepeatsFile, "places are found by the rules that come with the product",
)  # fmt: skip
PAST = TownPart(
    "past_calls.csv.gz", "incidents of an earlier time by place, for repeat places", "gzipped CSV",
    False, None, "repeat places are looked for in the centre's own record alone",
)  # fmt: skip
CALLS = TownPart(
    "calls.csv.gz", "recorded calls for the demo", "gzipped CSV", False, None,
    "'answerable demo' makes calls up",
)  # fmt: skip
MAPPING = TownPart(
    "mapping.toml", "what the columns of the town's call records mean", "TOML", False, None,
    "'answerable replay' needs --mapping",
)  # fmt: skip
BASEMAP = TownPart(
    "basemap.pmtiles", "the base map", "other", False, None,
    "the map shows the streets alone",
)  # fmt: skip
ADDRESSES = TownPart(
    "addresses.csv.gz", "house numbers of the map", "gzipped CSV", False, None,
    "a place is found by street, crossing and name, not by house number",
)  # fmt: skip
NAMED = TownPart(
    "places.csv.gz", "named places of the map", "gzipped CSV", False, None,
    "a place is found by street and crossing, not by the name of a school or a station",
)  # fmt: skip
BLOCKS = TownPart(
    "blocks.csv.gz", "where the blocks of streets lie", "gzipped CSV", False,
    None, "a block is found by its street and crossings alone",
)  # fmt: skip
OWN_NAMES = TownPart(
    "names.csv", "what people here call places", "CSV", False, NameRow,
    "a place is found by the map's names alone",
)  # fmt: skip
REPORT = TownPart(
    "build.json", "what the town was built from, and what was left out", "other", False, None,
    "the town was not made by 'answerable town build'",
)  # fmt: skip

PARTS: tuple[TownPart, ...] = (
    TOWN, UNITS, STREETS, POLYGONS, CLASSES, STATIONS, HOMES, BATTALIONS, LABELS, CALIBRATION,
    HOLIDAYS, RETENTION, NARRATIVE, QUESTIONS, OUTCOMES,
    FOLLOWING, REFERRAL, MATTERS, SUPPORT, REPEATS, PAST, CALLS, MAPPING, BASEMAP, ADDRESSES,
    NAMED, BLOCKS, OWN_NAMES, REPORT,
)  # fmt: skip


def schema_of(part: TownPart) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a file, of a line of it for CSV; {} where it has none."""
    if part.struct is None:
        return {}
    schema: dict[str, Any] = msgspec.json.schema(part.struct)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": part.name,
        "description": f"{part.about} ({part.form})",
    } | schema
