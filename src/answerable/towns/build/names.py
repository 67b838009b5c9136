"""Names and house numbers of the map, for the gazetteer: ``addresses.csv.gz``, ``places.csv.gz``.

``addresses.csv.gz`` has the columns street, number, lon, lat; ``places.csv.gz`` has name, zh, en,
alt, kind, lon, lat. UTF-8 with a first line of these names, one thing a line, sorted, positions in
degrees to six decimals. `docs/howto/build-a-town.md` tells both.
"""

from __future__ import annotations

import csv
import gzip
import io
import itertools
import re
from collections.abc import Iterable

import msgspec
import shapely

from answerable.towns.build.shapes import middle_of
from answerable.towns.build.source import Node, OsmData, Tags, Way, located
from answerable.towns.build.streets import other_names

ADDRESSES_FILE, PLACES_FILE = "addresses.csv.gz", "places.csv.gz"
ADDRESS_COLUMNS = ("street", "number", "lon", "lat")
PLACE_COLUMNS = ("name", "zh", "en", "alt", "kind", "lon", "lat")
NAME_MAX = 120
"""A name longer than this is a sentence, and nobody says it on the telephone."""
BETWEEN_MAX = 1_000
"""House numbers made on one interpolation line, at most."""

KINDS = (
    "amenity", "shop", "tourism", "leisure", "healthcare", "emergency", "railway", "aeroway",
    "public_transport", "aerialway", "historic", "office", "craft", "natural", "waterway",
    "man_made", "bridge", "place", "building", "landuse", "boundary",
)  # fmt: skip
"""A named thing is of the kind that the first of these tags says."""
ONLY = {
    "highway": (
        "bus_stop", "motorway_junction", "services", "rest_area",
        "pedestrian", "footway", "path", "steps", "cycleway", "bridleway",
    ),
    "boundary": ("administrative", "national_park", "protected_area"),
}  # fmt: skip
"""Of these tags only these values make a place: driven streets have names of their own."""
NEVER = {
    "railway": ("rail", "tram", "light_rail", "subway", "narrow_gauge", "disused", "abandoned"),
    "natural": ("coastline", "tree_row", "scrub"),
    "amenity": ("bench", "waste_basket", "vending_machine", "parking_space"),
    "emergency": ("yes", "no", "private", "official", "designated", "destination"),
    "bridge": ("no",),
    "building": ("no",),
}
"""Values that make no place: a bench is nowhere to be sent to."""
PERSONAL = {
    "amenity": ("doctors", "dentist"),
    "healthcare": ("doctor", "dentist", "physician", "psychotherapist", "midwife", "therapist"),
    "office": ("lawyer", "notary", "accountant", "tax_advisor"),
    "historic": ("tomb", "grave"),
    "building": (
        "house", "detached", "semidetached_house", "bungalow", "villa", "cabin", "hut", "farm",
        "houseboat", "static_caravan", "residential",
    ),
}  # fmt: skip
"""Never taken, whatever else they are: named after whoever lives, works or lies there, and nothing
here finds people."""


class Named(msgspec.Struct, frozen=True, order=True):
    """A named place. Position in WGS 84 degrees."""

    name: str
    zh: str
    en: str
    alt: str
    kind: str
    lon: float
    lat: float


class Address(msgspec.Struct, frozen=True, order=True):
    """A house number of a street. Position in WGS 84 degrees."""

    street: str
    number: str
    lon: float
    lat: float


class Addresses(msgspec.Struct):
    """The addresses, and what was counted."""

    rows: list[Address]
    interpolated: int = 0
    without_street: int = 0
    lines_left_out: int = 0
    """Interpolation lines without two numbers to count between."""


def kind_of(tags: Tags) -> str:
    """Return the kind of place, "" where it is none: the tag's value, or its key for "yes"."""
    if any(tags.get(key, "") in values for key, values in PERSONAL.items()):
        return ""
    if "highway" in tags:
        return tags["highway"] if tags["highway"] in ONLY["highway"] else ""
    for key in KINDS:
        value = tags.get(key, "")
        if value and value not in NEVER.get(key, ()) and value in ONLY.get(key, (value,)):
            return key if value == "yes" else value
    return ""


def places_of(data: OsmData) -> list[Named]:
    """Return the named places of a map, sorted; exits of motorways under their number too."""
    found = set()
    for thing in data.tagged():
        kind, name = kind_of(thing.tags), thing.tags.get("name", "")
        exit_number = thing.tags.get("ref", "") if kind == "motorway_junction" else ""
        if thing.tags.get("bridge:name"):
            kind, name = "bridge", thing.tags["bridge:name"]
        if not kind or not (name or exit_number) or len(name) > NAME_MAX:
            continue
        at = middle_of(data, thing)
        if at is None:
            continue
        others = other_names(thing.tags, name)
        if exit_number:
            label = f"Exit {exit_number}"
            others["alt"] = ";".join(filter(None, (others["alt"], label if name else "")))
            name = name or label
        found.add(Named(name, others["zh"], others["en"], others["alt"], kind, *_kept(at)))
    return sorted(found)


def _kept(at: tuple[float, float]) -> tuple[float, float]:
    return round(at[0], 6), round(at[1], 6)


def addresses_of(data: OsmData) -> Addresses:
    """Return the house numbers of a map, and those between them where it says so."""
    streets = _streets_by_relation(data)
    found: set[Address] = set()
    out = Addresses([])
    for thing in data.tagged():
        if "addr:housenumber" not in thing.tags:
            continue
        kind = "n" if isinstance(thing, Node) else "w" if isinstance(thing, Way) else "r"
        street = street_of(thing.tags) or streets.get((kind, thing.id), "")
        at = middle_of(data, thing)
        if not street:
            out.without_street += 1
        elif at and len(street) <= NAME_MAX:
            numbers = numbers_of(thing.tags["addr:housenumber"])
            found.update(Address(street, number, *_kept(at)) for number in numbers)
    known = {(one.street, one.number) for one in found}
    for way in data.ways.values():
        if "addr:interpolation" in way.tags:
            between = _between(data, way, streets)
            out.lines_left_out += between is None
            new = [a for a in between or () if (a.street, a.number) not in known]
            out.interpolated += len(new)
            found.update(new)
    out.rows = sorted(found)
    return out


def street_of(tags: Tags) -> str:
    """Return the street (or the village, where houses are numbered by village) of an address."""
    return tags.get("addr:street", "") or tags.get("addr:place", "")


def numbers_of(told: str) -> list[str]:
    """Return the single house numbers of "12;14" or "12, 14"."""
    return [number.strip() for number in re.split(r"[;,]", told) if 0 < len(number.strip()) <= 20]


def _streets_by_relation(data: OsmData) -> dict[tuple[str, int], str]:
    """Return the street of what relations of type associatedStreet or street say it of."""
    return {
        (member.type, member.ref): relation.tags.get("name", "")
        for relation in data.relations.values()
        if relation.tags.get("type") in ("associatedStreet", "street")
        for member in relation.members
        if member.role in ("house", "address", "addr:houselink")
    }


def _between(data: OsmData, way: Way, streets: dict[tuple[str, int], str]) -> list[Address] | None:
    """Return the numbers between those at the nodes of a line; None where there are not two.

    Spread evenly along the line: every second number for even and odd, every one for all, every
    n-th for a number. Letters are not counted through.
    """
    step = {"even": 2, "odd": 2, "all": 1}.get(way.tags["addr:interpolation"])
    if step is None and way.tags["addr:interpolation"].isdigit():
        step = int(way.tags["addr:interpolation"])
    ends = []
    for at, ref in enumerate(way.refs):
        node = data.nodes.get(ref)
        number = node.tags.get("addr:housenumber", "") if node and located(way.line[at]) else ""
        if node and number.isdigit():
            ends.append((at, int(number), street_of(node.tags) or streets.get(("n", ref), "")))
    if not step or len(ends) < 2:
        return None
    made: list[Address] = []
    for (a, low, street), (b, high, other) in itertools.pairwise(ends):
        name = street_of(way.tags) or street or other
        if name and a < b and abs(high - low) // step <= BETWEEN_MAX:
            made += _spread(way.line[a : b + 1], name, low, high, step)
    return made


def _spread(
    line: tuple[tuple[float, float], ...], street: str, low: int, high: int, step: int
) -> Iterable[Address]:
    points = [point for point in line if located(point)]
    drawn = shapely.LineString(points)
    forward = 1 if high >= low else -1
    for number in range(low + forward * step, high, forward * step):
        at = drawn.interpolate((number - low) / (high - low), normalized=True)
        yield Address(street, str(number), *_kept((at.x, at.y)))


def packed(columns: tuple[str, ...], rows: Iterable[msgspec.Struct]) -> bytes:
    """Return rows as gzipped CSV, the same bytes for the same rows."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(msgspec.structs.astuple(row) for row in rows)
    return gzip.compress(text.getvalue().encode(), 9, mtime=0)
