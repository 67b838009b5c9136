"""What the making of a basemap asks of its caller, and what it says when it is done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import msgspec

FILE = "basemap.pmtiles"
"""The name of the basemap in a town's folder."""

Way = Literal["auto", "own", "tilemaker"]
"""Who makes the tiles: Debian's tilemaker, our own layers, or whichever there is."""

Progress = Callable[[str, float], None]
"""Told what is being done, and how far it is: 0.0 to 1.0 of the whole."""


class BasemapRefused(Exception):
    """No basemap was made; the three sentences say what to do."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """What was made. Bounds are west, south, east, north in WGS84 degrees."""

    path: Path
    way: str
    """Who made the tiles, with the version: "tilemaker 2.2.0" or "own layers"."""
    tiles: int
    size_bytes: int
    took_s: float
    zoom_min: int
    zoom_max: int
    bounds: tuple[float, float, float, float]
    features: dict[str, int]
    """How many things of each layer were drawn from; empty where tilemaker counted for itself."""
    notes: tuple[str, ...] = ()
    """What the reader of the map should know, each a sentence: guessed coasts, left-out shapes."""


def quiet(doing: str, share: float) -> None:
    """Tell nobody how far the work is."""
