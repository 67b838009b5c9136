"""Reading an OpenStreetMap file into what is drawn: shapes with their layer, words and zoom."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry as Shape

from answerable.towns.basemap import kinds
from answerable.towns.basemap.coast import Box, sea
from answerable.towns.basemap.report import BasemapRefused

if TYPE_CHECKING:
    from osmium import geom
    from osmium.osm import Area, Node, Way

PIP_LINE = "pip install 'answerable[osm]'"
WANTED_KEYS = (
    "highway", "railway", "waterway", "natural", "landuse", "leisure", "aeroway", "building",
    "place", "amenity", "healthcare", "addr:housenumber", "boundary",
)  # fmt: skip
MARGIN_DEGREES, MARGIN_SHARE = 0.01, 0.1
"""How far around a town's streets is drawn: a tenth of its size, a kilometre at the least."""
STRAY_SHARE = 0.002
"""Where a file does not say its box, this share of street ends may lie outside on each side."""


@dataclass(slots=True)
class Sheet:
    """One layer: shapes (WGS84 degrees), and beside each what is said of it, and its zoom."""

    shapes: list[Shape] = field(default_factory=list)
    attributes: list[kinds.Attributes] = field(default_factory=list)
    zooms: list[int] = field(default_factory=list)

    def add(self, shape: Shape, drawn: kinds.Drawn) -> None:
        """Add a thing."""
        self.shapes.append(shape)
        self.attributes.append(drawn.attributes)
        self.zooms.append(drawn.zoom)


@dataclass(slots=True)
class Survey:
    """Everything read from one file."""

    box: Box
    sheets: dict[str, Sheet]
    sea: list[Shape] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def osm() -> ModuleType:
    """Return the library that reads OpenStreetMap files. Raises BasemapRefused without it."""
    try:
        import mapbox_vector_tile  # noqa: F401 - the three come and go together
        import osmium
        import pmtiles  # noqa: F401
    except ImportError as error:
        raise BasemapRefused(
            f"Not made: the basemap. {error.name} is not installed, and maps cannot be read "
            f"without it. Install it with {PIP_LINE} and do this again."
        ) from error
    library: ModuleType = osmium
    return library


def survey(source: Path, bounds: Box | None, tell: Callable[[float], None]) -> Survey:
    """Read ``source``. Raises BasemapRefused for what is no map, or a map of nothing."""
    osmium = osm()
    try:
        gathered = _gather(osmium, source, tell)
        said = _header_box(osmium, source)
    except (RuntimeError, OSError, ValueError) as error:
        raise BasemapRefused(
            f"Not made: the basemap. {source} cannot be read as OpenStreetMap data: {error}. "
            "Give a whole .osm.pbf, .osm or .osm.gz file; osmium fileinfo -e says whether it is."
        ) from error
    sheets, coast = gathered
    if not sheets["streets"].shapes:
        raise BasemapRefused(
            f"Not made: the basemap. There is no street in {source}. "
            "Give a file that was cut with its highways."
        )
    box = _around(bounds, said) if bounds else said or _street_box(sheets["streets"].shapes)
    found, note = sea(coast, box)
    _cut(sheets, box)
    if not sheets["streets"].shapes:
        raise BasemapRefused(
            f"Not made: the basemap. No street of {source} lies in {_written(box)}. "
            "Give a box (west, south, east, north) that the file covers."
        )
    return Survey(box, sheets, found, [note] if note else [])


def _written(box: Box) -> str:
    return ", ".join(f"{value:.4f}" for value in box)


def _gather(
    osmium: ModuleType, source: Path, tell: Callable[[float], None]
) -> tuple[dict[str, Sheet], list[Shape]]:
    """Read every thing that is drawn, and the coast, in the order of the file."""
    levels = _levels(osmium, source)
    tell(0.1)
    sheets = {name: Sheet() for name in kinds.LAYERS}
    coast: list[Shape] = []
    shapes = osmium.geom.WKBFactory()
    keys = osmium.filter.KeyFilter(*WANTED_KEYS)
    # Ways that are only members of a boundary carry no tag of it, so no filter lets them pass.
    processor = osmium.FileProcessor(source).with_areas(keys).with_locations()
    for seen, thing in enumerate(processor, 1):
        if seen % 20_000 == 0:
            tell(0.1 + 0.8 * seen / (seen + 200_000))
        if thing.is_node():
            if thing.tags:
                _take_node(sheets, thing)
        elif thing.is_way():
            _take_way(sheets, coast, thing, levels.get(thing.id))
        elif thing.is_area() and thing.tags:
            _take_area(sheets, thing, shapes)
    tell(1.0)
    return sheets, coast


def _levels(osmium: ModuleType, source: Path) -> dict[int, int]:
    """Return the highest administrative level (lowest number) each boundary way is part of."""
    found: dict[int, int] = {}
    for relation in osmium.FileProcessor(source, osmium.osm.RELATION):
        level = relation.tags.get("admin_level", "")
        if relation.tags.get("boundary") != "administrative" or not level.isdecimal():
            continue
        for member in relation.members:
            if member.type == "w":
                found[member.ref] = min(int(level), found.get(member.ref, 99))
    return found


def said_of(thing: Node | Way | Area) -> dict[str, str]:
    """Return the tags of a thing of the map."""
    return {tag.k: tag.v for tag in thing.tags}


def _take_node(sheets: dict[str, Sheet], node: Node) -> None:
    for drawn in kinds.point(said_of(node)):
        sheets[drawn.layer].add(shapely.Point(node.location.lon, node.location.lat), drawn)


def _take_way(sheets: dict[str, Sheet], coast: list[Shape], way: Way, level: int | None) -> None:
    tags = said_of(way)
    drawn = kinds.line(tags) if tags else None
    edge = _boundary(tags, level)
    on_coast = tags.get("natural") == "coastline"
    if drawn is None and edge is None and not on_coast:
        return
    for line in _lines(way):
        if on_coast:
            coast.append(line)
        for one in (drawn, edge):
            if one is not None:
                sheets[one.layer].add(line, one)


def _boundary(tags: kinds.Tags, level: int | None) -> kinds.Drawn | None:
    own = tags.get("admin_level", "") if tags.get("boundary") == "administrative" else ""
    levels = [int(own)] if own.isdecimal() else []
    levels += [level] if level is not None else []
    if not levels or tags.get("maritime") == "yes":
        return None
    return kinds.boundary(str(min(levels)))


def _lines(way: Way) -> Iterator[Shape]:
    """Yield the stretches of a way between the places where a cut file has lost its nodes."""
    points: list[tuple[float, float]] = []
    for node in way.nodes:
        if node.location.valid():
            here = (node.location.lon, node.location.lat)
            if not points or points[-1] != here:
                points.append(here)
            continue
        if len(points) > 1:
            yield shapely.LineString(points)
        points = []
    if len(points) > 1:
        yield shapely.LineString(points)


def _take_area(sheets: dict[str, Sheet], area: Area, shapes: geom.WKBFactory) -> None:
    tags = said_of(area)
    filled, written = kinds.area(tags), kinds.point(tags)
    if not filled and not written:
        return
    try:
        shape = shapely.from_wkb(shapes.create_multipolygon(area))
    except RuntimeError:  # a ring that is none: the map goes on without it
        return
    for drawn in filled:
        sheets[drawn.layer].add(shape, drawn)
    if written:
        inside = shape.representative_point()
        for drawn in written:
            sheets[drawn.layer].add(inside, drawn)


def _header_box(osmium: ModuleType, source: Path) -> Box | None:
    """Return the box a file says it covers, or None."""
    with osmium.io.Reader(str(source)) as reader:
        box = reader.header().box()
    if not box.valid() or box.size() <= 0 or box.size() > 100:
        return None
    low, high = box.bottom_left, box.top_right
    return (low.lon, low.lat, high.lon, high.lat)


def _around(bounds: Box, said: Box | None) -> Box:
    """Return a town's box with a margin, as far as the file goes."""
    margin = max(MARGIN_DEGREES, MARGIN_SHARE * max(bounds[2] - bounds[0], bounds[3] - bounds[1]))
    wide = (bounds[0] - margin, bounds[1] - margin, bounds[2] + margin, bounds[3] + margin)
    if said is None or not shapely.box(*wide).intersects(shapely.box(*said)):
        return wide
    return (max(wide[0], said[0]), max(wide[1], said[1]),
            min(wide[2], said[2]), min(wide[3], said[3]))  # fmt: skip


def _street_box(streets: list[Shape]) -> Box:
    """Return the box of the streets, without the few that lie far outside."""
    points = shapely.get_coordinates(streets)
    low = np.quantile(points, STRAY_SHARE, axis=0)
    high = np.quantile(points, 1 - STRAY_SHARE, axis=0)
    margin = (high - low) * 0.02 + 0.001
    west, south = low - margin
    east, north = high + margin
    return (float(west), float(south), float(east), float(north))


def _cut(sheets: dict[str, Sheet], box: Box) -> None:
    """Cut everything to the box; what lies outside is dropped."""
    for sheet in sheets.values():
        shapes = np.array(sheet.shapes, dtype=object)
        if not len(shapes):
            continue
        bounds = shapely.bounds(shapes)
        out = (bounds[:, 0] < box[0]) | (bounds[:, 1] < box[1])
        out |= (bounds[:, 2] > box[2]) | (bounds[:, 3] > box[3])
        shapes[out] = shapely.clip_by_rect(shapes[out], *box)
        kept = np.flatnonzero(~shapely.is_empty(shapes))
        sheet.shapes = [shapes[i] for i in kept]
        sheet.attributes = [sheet.attributes[i] for i in kept]
        sheet.zooms = [sheet.zooms[i] for i in kept]
