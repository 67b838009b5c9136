"""Making a town's basemap from an OpenStreetMap file.

``write_basemap`` writes ``basemap.pmtiles`` (PMTiles 3, vector tiles, gzip) into the town's folder.
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import shapely

from answerable.towns.basemap import kinds, packing, tilemaker
from answerable.towns.basemap.coast import Box, beyond
from answerable.towns.basemap.reading import Sheet, Survey, survey
from answerable.towns.basemap.report import FILE, BasemapRefused, Progress, Report, Way, quiet
from answerable.towns.basemap.tiling import Level, world

OWN = "own layers"
READ_SHARE = 0.4
"""How much of the work reading is, roughly, for whoever waits."""


def write_basemap(
    source: Path,
    folder: Path,
    *,
    way: Way = "auto",
    buildings: bool = True,
    bounds: Box | None = None,
    progress: Progress = quiet,
) -> Report:
    """Write ``basemap.pmtiles`` into ``folder`` from ``source`` (.osm.pbf, .osm, .osm.gz).

    ``bounds`` (west, south, east, north, WGS84 degrees) is the town, and a little around it is
    drawn too; None takes what the file says it covers, or else where its streets are. Without
    ``buildings`` the file is smaller. Equal input gives equal bytes where our own layers are drawn.
    Raises BasemapRefused, whose three sentences say what to do; then nothing is left behind and
    an older basemap stays as it was.
    """
    began_s = time.monotonic()
    if not source.is_file():
        raise BasemapRefused(
            f"Not made: the basemap. There is no file {source}. "
            "Give the path of an .osm.pbf, .osm or .osm.gz file."
        )
    tool = tilemaker.found(way)
    read = survey(source, bounds, lambda share: progress("reading the map", share * READ_SHARE))
    if not buildings:
        read.sheets["buildings"] = Sheet()
    outer = with_sea(read)
    drawn_by, tiles = _made(tool, way, read, outer, progress)
    with packing.put_in_place(folder) as path:
        packing.pack(path, tiles, outer, packing.metadata(drawn_by))
        size_bytes = path.stat().st_size
    progress("done", 1.0)
    return Report(
        path=folder / FILE, way=drawn_by, tiles=len(tiles), size_bytes=size_bytes,
        took_s=round(time.monotonic() - began_s, 2),
        zoom_min=kinds.ZOOM_MIN, zoom_max=kinds.ZOOM_MAX, bounds=read.box,
        features={name: len(sheet.shapes) for name, sheet in read.sheets.items()},
        notes=tuple(read.notes),
    )  # fmt: skip


def _made(
    tool: str, way: Way, read: Survey, outer: Box, progress: Progress
) -> tuple[str, tilemaker.Tiles]:
    """Return who drew the tiles, and the tiles; where tilemaker fails, our own layers step in.

    Raises BasemapRefused where tilemaker was asked for by name and failed.
    """
    if not tool:
        return OWN, make_own(read.sheets, progress)
    progress(f"tilemaker {tool}", READ_SHARE)
    try:
        return f"tilemaker {tool}", tilemaker.make(read.sheets, outer)
    except tilemaker.Failed as error:
        if way == "tilemaker":
            raise BasemapRefused(
                f"Not made: the basemap. tilemaker failed: {error}. "
                "Let our own layers be drawn, which need no tilemaker."
            ) from error
        read.notes.append(f"tilemaker failed ({error}), so our own layers were drawn.")
        return OWN, make_own(read.sheets, progress)


def make_own(drawn: dict[str, Sheet], progress: Progress) -> tilemaker.Tiles:
    """Draw the tiles ourselves; return them by zoom, column, row."""
    sheets = {name: in_world(sheet) for name, sheet in drawn.items()}
    tiles: tilemaker.Tiles = {}
    levels = range(kinds.ZOOM_MIN, kinds.ZOOM_MAX + 1)
    for zoom in levels:
        done = sum(2.0 ** (z - kinds.ZOOM_MAX - 1) for z in levels if z < zoom)
        progress(f"drawing zoom {zoom}", READ_SHARE + (1 - READ_SHARE) * done)
        for (x, y), tile in Level(sheets, zoom).encoded():
            tiles[(zoom, x, y)] = tile
    return tiles


def with_sea(read: Survey) -> Box:
    """Add the sea to the water, also beyond the box; return the box with what lies beyond."""
    if not read.sea:
        return read.box
    west, south, east, north = read.box
    wide, tall = east - west, north - south
    outer = (west - wide, max(south - tall, -85.0), east + wide, min(north + tall, 85.0))
    parts = [*read.sea, *beyond(read.sea, read.box, outer)]
    for part in shapely.get_parts(shapely.unary_union(parts)):
        read.sheets["water"].add(part, kinds.Drawn("water", (), kinds.ZOOM_MIN))
    return outer


def in_world(sheet: Sheet) -> Sheet:
    """Return a layer in world places instead of degrees."""
    shapes = np.array(sheet.shapes, dtype=object)
    if len(shapes):
        shapes = shapely.transform(shapes, world)
    return Sheet(list(shapes), sheet.attributes, sheet.zooms)
