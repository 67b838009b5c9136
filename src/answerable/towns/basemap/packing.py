"""The PMTiles file: tiles in the order of their numbers, and a head that says what they hold."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from answerable.towns.basemap import kinds
from answerable.towns.basemap.coast import Box
from answerable.towns.basemap.report import FILE, BasemapRefused

ATTRIBUTION = "© OpenStreetMap contributors (ODbL)"
FIELDS: dict[str, dict[str, str]] = {
    "water": {},
    "landuse": {"kind": "String"},
    "buildings": {},
    "waterways": {"kind": "String", "name": "String"},
    "railways": {"kind": "String"},
    "boundaries": {"level": "Number"},
    "streets": {"kind": "String", "name": "String", "tunnel": "String"},
    "places": {"kind": "String", "name": "String", "rank": "Number"},
    "landmarks": {"kind": "String", "name": "String"},
    "houses": {"number": "String"},
}
"""What is said in each layer; every layer with a name may also have name:en and name:zh."""
TRANSLATED = {"name:en": "String", "name:zh": "String"}


def metadata(way: str) -> dict[str, Any]:
    """Return what a PMTiles file says of itself, TileJSON's vector layers with it."""
    return {
        "name": "basemap",
        "description": f"Basemap of an Answerable town, made by {way}",
        "attribution": ATTRIBUTION,
        "type": "baselayer",
        "vector_layers": [
            {
                "id": layer,
                "fields": FIELDS[layer] | (TRANSLATED if "name" in FIELDS[layer] else {}),
                "minzoom": kinds.ZOOM_MIN,
                "maxzoom": kinds.ZOOM_MAX,
            }
            for layer in kinds.LAYERS
        ],
    }


def pack(
    path: Path, tiles: dict[tuple[int, int, int], bytes], box: Box, told: dict[str, Any]
) -> None:
    """Write tiles (by zoom, column, row) as a PMTiles file; ``box`` is what they cover."""
    from pmtiles.tile import Compression, TileType, zxy_to_tileid
    from pmtiles.writer import Writer

    header = {
        "tile_type": TileType.MVT,
        "tile_compression": Compression.GZIP,
        "min_lon_e7": round(box[0] * 1e7), "min_lat_e7": round(box[1] * 1e7),
        "max_lon_e7": round(box[2] * 1e7), "max_lat_e7": round(box[3] * 1e7),
        "center_zoom": kinds.ZOOM_MIN + 3,
        "center_lon_e7": round((box[0] + box[2]) * 5e6),
        "center_lat_e7": round((box[1] + box[3]) * 5e6),
    }  # fmt: skip
    with path.open("wb") as file:
        writer: Any = Writer(file)  # type: ignore[no-untyped-call]
        for number, address in sorted((zxy_to_tileid(*address), address) for address in tiles):
            writer.write_tile(number, tiles[address])
        writer.finalize(header, told)


@contextlib.contextmanager
def put_in_place(folder: Path) -> Iterator[Path]:
    """Yield a path to write to; when all went well it becomes the town's basemap at one stroke.

    Raises BasemapRefused where the folder cannot be written.
    """
    temporary = None
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder, prefix=".basemap-", suffix=".tmp")
        os.close(handle)
        temporary = Path(name)
        yield temporary
        temporary.chmod(0o644)
        os.replace(temporary, folder / FILE)
    except OSError as error:
        raise BasemapRefused(
            f"Not made: the basemap. {folder} cannot be written: {error.strerror or error}. "
            "Make room or give another folder, and do this again."
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
