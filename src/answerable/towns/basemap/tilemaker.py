"""Debian's tilemaker as the maker of the tiles, where it is installed.

It is given only what ``kinds.py`` decided to draw, already cut, with the sea: so its map has the
same layers and the same words as ours. What it returns is looked at before it is believed.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from importlib.resources import as_file, files
from pathlib import Path

import shapely
from shapely import Polygon

from answerable.towns.basemap import kinds
from answerable.towns.basemap.coast import Box
from answerable.towns.basemap.reading import Sheet, osm
from answerable.towns.basemap.report import BasemapRefused, Way

NAME = "tilemaker"
MAJOR = 2
"""The version ``profile.lua`` is written for: Debian 12 has 2.2.0; 3 calls Lua in another way."""
ASK_S, WORK_S = 20, 1800
GZIP = b"\x1f\x8b"
Tiles = dict[tuple[int, int, int], bytes]


class Failed(Exception):
    """tilemaker made nothing that can be used; the words say what it said."""


def found(way: Way) -> str:
    """Return tilemaker's version, or "" where our own layers are to be drawn.

    Raises BasemapRefused where it was asked for by name and cannot be had.
    """
    if way == "own":
        return ""
    version = _version()
    if version.partition(".")[0] == str(MAJOR):
        return version
    if way == "tilemaker":
        why = f"there is {version}, not {MAJOR}" if version else "it is not installed"
        raise BasemapRefused(
            f"Not made: the basemap. tilemaker was asked for, and {why}. "
            "Install it with apt-get install tilemaker, or let our own layers be drawn."
        )
    return ""


def _version() -> str:
    path = shutil.which(NAME)
    if path is None:
        return ""
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        told = subprocess.run(  # noqa: S603 - a program of the system, no shell
            [path, "--help"], capture_output=True, timeout=ASK_S, check=False
        )
        said = re.search(rb"tilemaker v?(\d+\.\d+(?:\.\d+)?)", told.stdout + told.stderr)
        return said[1].decode() if said else ""
    return ""


def make(sheets: dict[str, Sheet], box: Box) -> Tiles:
    """Return the tiles of what is drawn. Raises Failed for whatever cannot be believed."""
    with tempfile.TemporaryDirectory(prefix="answerable-map-") as folder:
        source, target = Path(folder) / "drawn.osm.pbf", Path(folder) / "tiles.mbtiles"
        write_drawn(sheets, box, source)
        _run(source, target)
        return dict(read_tiles(target))


def _steady() -> list[str]:
    """Return what runs a program at the same addresses each time, where the system lets us.

    tilemaker draws shapes that are alike in the order of their addresses, which Linux shuffles.
    """
    path = shutil.which("setarch")
    if path is None:
        return []
    words = [path, "--addr-no-randomize"]
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        told = subprocess.run(  # noqa: S603 - a program of the system, no shell
            [*words, path, "--version"], capture_output=True, timeout=ASK_S, check=False
        )
        return words if told.returncode == 0 else []
    return []


def _run(source: Path, target: Path) -> None:
    here = files("answerable.towns.basemap")
    with as_file(here / "profile.json") as config, as_file(here / "profile.lua") as profile:
        # Several threads bring the shapes of a tile in the order in which they finish.
        words = [*_steady(), shutil.which(NAME) or NAME, "--threads", "1", "--input", source,
                 "--output", target, "--config", config, "--process", profile]  # fmt: skip
        try:
            told = subprocess.run(  # noqa: S603 - a program of the system, no shell
                [str(word) for word in words], capture_output=True, timeout=WORK_S,
                check=False, cwd=source.parent,
            )  # fmt: skip
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Failed(str(error)) from error
    if told.returncode != 0:
        said = (told.stderr or told.stdout).decode("utf-8", "replace").strip().splitlines()
        raise Failed(f"it ended with {told.returncode}: {said[-1][:200] if said else 'no word'}")


def read_tiles(path: Path) -> Iterator[tuple[tuple[int, int, int], bytes]]:
    """Yield the tiles of an mbtiles file by zoom, column, row. Raises Failed for garbage."""
    import gzip

    import mapbox_vector_tile

    count = 0
    try:
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as file:
            for zoom, x, up, raw in file.execute(
                "SELECT zoom_level, tile_column, tile_row, tile_data FROM tiles"
                " ORDER BY zoom_level, tile_column, tile_row"
            ):
                if not bytes(raw).startswith(GZIP):
                    raise Failed(f"tile {zoom}/{x}/{up} is not compressed")
                if count == 0:
                    mapbox_vector_tile.decode(gzip.decompress(raw))
                count += 1
                yield (zoom, x, 2**zoom - 1 - up), bytes(raw)
    except Failed:
        raise
    except Exception as error:  # whatever a file that is no map makes its readers say
        raise Failed(f"its file cannot be read: {error}") from error
    if count == 0:
        raise Failed("its file holds no tile")


# -- what it is given ----------------------------------------------------------------------------


class Pen:
    """Writes shapes as OpenStreetMap things, numbered from one."""

    def __init__(self, path: Path, box: Box) -> None:
        """Open the file; ``box`` is what it says it covers."""
        self._osm = osm()
        header = self._osm.io.Header()
        west, south, east, north = box
        header.add_box(self._osm.osm.Box(west, south, east, north))
        header.set("generator", "answerable")
        self._writer = self._osm.SimpleWriter(str(path), header=header)
        self._nodes: list[tuple[float, float, dict[str, str]]] = []
        self._ways: list[tuple[list[int], dict[str, str]]] = []
        self._sets: list[tuple[list[tuple[int, str]], dict[str, str]]] = []

    def point(self, x: float, y: float, tags: dict[str, str]) -> int:
        """Add a point; return its number."""
        self._nodes.append((x, y, tags))
        return len(self._nodes)

    def line(self, points: Iterable[tuple[float, float]], tags: dict[str, str]) -> int:
        """Add a line; return its number. A closed one ends in the point it began with."""
        pairs = [(float(x), float(y)) for x, y in points]
        closed = len(pairs) > 3 and pairs[0] == pairs[-1]
        numbers = [self.point(x, y, {}) for x, y in (pairs[:-1] if closed else pairs)]
        self._ways.append((numbers + numbers[:1] if closed else numbers, tags))
        return len(self._ways)

    def area(self, polygon: Polygon, tags: dict[str, str]) -> None:
        """Add an area; one with holes becomes a multipolygon."""
        filled = tags | {"filled": "yes"}
        if not polygon.interiors:
            self.line(polygon.exterior.coords, filled)
            return
        members = [(self.line(polygon.exterior.coords, {}), "outer")]
        members += [(self.line(ring.coords, {}), "inner") for ring in polygon.interiors]
        self._sets.append((members, filled | {"type": "multipolygon"}))

    def close(self) -> None:
        """Write everything, points first, as readers of such files expect."""
        mutable = self._osm.osm.mutable
        for number, (x, y, tags) in enumerate(self._nodes, 1):
            self._writer.add_node(mutable.Node(id=number, version=1, location=(x, y), tags=tags))
        for number, (nodes, tags) in enumerate(self._ways, 1):
            self._writer.add_way(mutable.Way(id=number, version=1, nodes=nodes, tags=tags))
        for number, (members, tags) in enumerate(self._sets, 1):
            held = [("w", way, role) for way, role in members]
            self._writer.add_relation(
                mutable.Relation(id=number, version=1, members=held, tags=tags)
            )
        self._writer.close()


def write_drawn(sheets: dict[str, Sheet], box: Box, path: Path) -> None:
    """Write what is drawn (WGS84 degrees) as an .osm.pbf in which each thing names its layer."""
    pen = Pen(path, box)
    for name, sheet in sheets.items():
        for shape, said, zoom in zip(sheet.shapes, sheet.attributes, sheet.zooms, strict=True):
            tags = {key: str(value) for key, value in said}
            tags |= {"layer": name, "zoom": str(zoom)}
            if name in ("streets", "waterways"):
                tags["named"] = str(kinds.NAMES_FROM.get(tags["kind"], 12))
            for part in shapely.get_parts(shape):
                if part.geom_type == "Point":
                    pen.point(part.x, part.y, tags)
                elif part.geom_type == "LineString":
                    pen.line(part.coords, tags)
                elif part.geom_type == "Polygon":
                    pen.area(part, tags)
    pen.close()
