"""What of OpenStreetMap is drawn, in which layer, from which zoom: one table for both ways.

tilemaker is only given what was chosen here. Left out on purpose: shops, trees, parking, heights,
everything that decorates and helps nobody to find a door.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

ZOOM_MIN, ZOOM_MAX = 8, 14
Attributes = tuple[tuple[str, str | int], ...]
Tags = Mapping[str, str]

LAYERS = (
    "water", "landuse", "buildings", "waterways", "railways", "boundaries", "streets",
    "places", "landmarks", "houses",
)  # fmt: skip
"""Every layer, in the order in which they are written."""

WOODS = frozenset({"forest", "orchard", "vineyard"})
GRASS = frozenset(
    {"grass", "recreation_ground", "village_green", "cemetery", "allotments", "meadow"}
)
GREEN = {
    "landuse": WOODS | GRASS,
    "leisure": frozenset({"park", "garden", "golf_course", "pitch", "common"}),
    "natural": frozenset({"wood", "scrub", "heath", "grassland", "wetland"}),
}
BUILT = {"landuse": frozenset({"residential", "commercial", "retail", "civil"})}
INDUSTRIAL = {
    "landuse": frozenset({"industrial", "railway", "port", "quarry", "depot"}),
    "aeroway": frozenset({"aerodrome", "runway"}),
}
LANDUSE = (("green", GREEN), ("industrial", INDUSTRIAL), ("built", BUILT))

STREETS: dict[str, tuple[str, int]] = {
    "motorway": ("motorway", 8), "trunk": ("motorway", 8), "primary": ("main", 8),
    "secondary": ("main", 9), "tertiary": ("main", 9), "unclassified": ("street", 10),
    "residential": ("street", 10), "living_street": ("street", 11), "pedestrian": ("street", 11),
    "road": ("street", 11), "service": ("lane", 13), "track": ("lane", 13),
    "busway": ("lane", 13), "footway": ("path", 14), "path": ("path", 14),
    "cycleway": ("path", 14), "steps": ("path", 14), "bridleway": ("path", 14),
}  # fmt: skip
"""The class of a ``highway`` and the zoom from which it is drawn; a ``_link`` is as its street."""

BYWAYS = frozenset({"parking_aisle", "driveway", "drive-through"})
PLACES: dict[str, tuple[int, int]] = {
    "city": (0, 8), "town": (1, 8), "village": (2, 9), "suburb": (3, 11), "borough": (3, 11),
    "island": (4, 11), "hamlet": (4, 12), "quarter": (4, 12), "neighbourhood": (5, 13),
    "locality": (6, 14), "square": (6, 14),
}  # fmt: skip
"""The rank of a ``place`` (the lowest keeps its room) and the zoom from which it is drawn."""

WATERWAYS = {"river": ("river", 9), "canal": ("river", 11), "stream": ("stream", 13)}
RAILWAYS = {
    "rail": ("rail", 9), "narrow_gauge": ("rail", 10), "funicular": ("rail", 13),
    "light_rail": ("tram", 12), "tram": ("tram", 13), "subway": ("tram", 13),
}  # fmt: skip
LEVEL_ZOOM = {2: 8, 3: 8, 4: 8, 5: 9, 6: 9, 7: 10, 8: 11}
"""Administrative levels that are drawn: from the state down to the commune."""

NAMES_FROM = {"motorway": 11, "main": 11, "street": 13, "lane": 14, "path": 14}
"""The zoom from which a street of a class carries its name."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What becomes of one thing of the map: its layer, what is said of it, from which zoom."""

    layer: str
    attributes: Attributes
    zoom: int


def names(tags: Tags) -> Attributes:
    """Return the local name, and the English and Chinese ones where they say something else."""
    local = tags.get("name", "").strip()
    english = tags.get("name:en", "").strip()
    chinese = (tags.get("name:zh-Hans") or tags.get("name:zh") or "").strip()
    said = [("name", local or english or chinese)]
    said += [("name:en", english)] if english != local else []
    said += [("name:zh", chinese)] if chinese != local else []
    return tuple((key, name[:80]) for key, name in said if name)


def line(tags: Tags) -> Drawn | None:
    """Return how a way is drawn as a line, or None."""
    if highway := tags.get("highway"):
        return street(highway, tags)
    if railway := RAILWAYS.get(tags.get("railway", "")):
        return track(railway, tags)
    if waterway := WATERWAYS.get(tags.get("waterway", "")):
        hidden = tags.get("tunnel", "no") != "no" or tags.get("area") == "yes"
        kind, zoom = waterway
        return None if hidden else Drawn("waterways", (("kind", kind), *names(tags)), zoom)
    return None


def street(highway: str, tags: Tags) -> Drawn | None:
    """Return how a street is drawn, or None for what is no way: a bus stop, a site, an area."""
    known = STREETS.get(highway.removesuffix("_link"))
    if known is None or tags.get("area") == "yes" or tags.get("footway") == "sidewalk":
        return None
    kind, zoom = known
    if highway == "service" and tags.get("service") in BYWAYS:
        zoom = 14
    under = tags.get("tunnel", "no") not in ("no", "building_passage")
    said = [("kind", kind), *([("tunnel", "yes")] if under else []), *names(tags)]
    return Drawn("streets", tuple(said), zoom)


def track(known: tuple[str, int], tags: Tags) -> Drawn | None:
    """Return how a railway is drawn; sidings late, tunnels not at all."""
    kind, zoom = known
    if tags.get("tunnel", "no") != "no":
        return None
    siding = "service" in tags
    return Drawn("railways", (("kind", "siding" if siding else kind),), 14 if siding else zoom)


def boundary(level: str) -> Drawn | None:
    """Return how a boundary of an administrative level is drawn, or None for a lesser one."""
    zoom = LEVEL_ZOOM.get(int(level)) if level.isdecimal() else None
    return None if zoom is None else Drawn("boundaries", (("level", int(level)),), zoom)


def water(tags: Tags) -> bool:
    """Say whether an area is water."""
    return (
        tags.get("natural") == "water"
        or tags.get("waterway") in ("riverbank", "dock")
        or tags.get("landuse") in ("reservoir", "basin")
    )


def area(tags: Tags) -> list[Drawn]:
    """Return how an area is drawn: one thing may be a building in a layer and a name in another."""
    if "building" in tags:
        return [] if tags["building"] == "no" else [Drawn("buildings", (), 14)]
    if water(tags):
        return [Drawn("water", (), 8)]
    for kind, wanted in LANDUSE:
        if any(tags.get(key) in values for key, values in wanted.items()):
            return [Drawn("landuse", (("kind", kind),), 8 if kind == "green" else 10)]
    return []


def point(tags: Tags) -> list[Drawn]:
    """Return what is written at the point of a thing: names of places, hospitals, doors."""
    found = []
    said = names(tags)
    if said and (place := PLACES.get(tags.get("place", ""))):
        rank, zoom = place
        kind = tags["place"]
        found.append(Drawn("places", (("kind", kind), ("rank", rank), *said), zoom))
    elif said and water(tags):
        found.append(Drawn("places", (("kind", "water"), ("rank", 5), *said), 12))
    if landmark := mark(tags):
        kind, zoom = landmark
        found.append(Drawn("landmarks", (("kind", kind), *said), zoom))
    if number := tags.get("addr:housenumber", "").strip():
        found.append(Drawn("houses", (("number", number[:12]),), 14))
    return found


def mark(tags: Tags) -> tuple[str, int] | None:
    """Return the kind of landmark a thing is, or None."""
    if tags.get("amenity") == "hospital" or tags.get("healthcare") == "hospital":
        return "hospital", 8
    if tags.get("railway") == "station" and tags.get("station") != "subway" and "name" in tags:
        return "station", 12
    return None


def shown(layer: str, attributes: Attributes, zoom: int) -> Attributes:
    """Return what is said at a zoom: street names wait until there is room for them."""
    if layer not in ("streets", "waterways"):
        return attributes
    kind = str(attributes[0][1])
    if zoom >= NAMES_FROM.get(kind, 12):
        return attributes
    return tuple(pair for pair in attributes if not pair[0].startswith("name"))
