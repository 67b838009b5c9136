"""Tiles: in what pieces the tree and its entries are served, and by what addresses.

A tile holds 256 hashes of one level (every eighth level of the tree), or 256 entries with their
lengths; the last one of a level holds fewer and says how many. What an address stands for never
changes. Source: C2SP tlog-tiles.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from answerable.record.entry import ENTRY_BYTES
from answerable.record.log.levels import TILE_WIDTH

ENTRIES = "entries"
LEVEL_MAX = 63
INDEX_MAX = 1 << 55
"""Tiles of a level: more entries than this many times 256 no record has."""
PATH = re.compile(
    r"(?P<level>entries|0|[1-9][0-9]?)/"
    r"(?P<index>(?:x[0-9]{3}/)*[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)
LENGTH = ENTRY_BYTES.to_bytes(2, "big")


class Tile(msgspec.Struct, frozen=True):
    """Which tile: ``level`` None for entries; ``width`` is 256 for a full one."""

    level: int | None
    index: int
    width: int = TILE_WIDTH

    @property
    def path(self) -> str:
        """The end of its address, after ``/tile/``."""
        level = ENTRIES if self.level is None else str(self.level)
        part = "" if self.width == TILE_WIDTH else f".p/{self.width}"
        return f"{level}/{index_path(self.index)}{part}"

    @classmethod
    def parse(cls, path: str) -> Tile | None:
        """Return the tile of the end of an address; None where it is in no one spelling of it."""
        found = PATH.fullmatch(path)
        if found is None or len(path) > 60:
            return None
        index = int(found["index"].replace("/", "").replace("x", ""))
        level = None if found["level"] == ENTRIES else int(found["level"])
        width = int(found["width"] or TILE_WIDTH)
        tile = cls(level, index, width)
        fits = (level or 0) <= LEVEL_MAX and index < INDEX_MAX
        return tile if fits and tile.path == path else None

    def is_in(self, size: int) -> bool:
        """Say whether a tree of ``size`` leaves has it, whole or as part of a larger one."""
        return self.index * TILE_WIDTH + self.width <= size >> (8 * (self.level or 0))


def index_path(index: int) -> str:
    """Return the number of a tile as its address has it: 1234067 is x001/x234/067."""
    text = str(index)
    text = text.zfill(-(-len(text) // 3) * 3)
    *above, last = (text[at : at + 3] for at in range(0, len(text), 3))
    return "/".join((*(f"x{part}" for part in above), last))


def tiles_of(size: int) -> Iterable[Tile]:
    """Yield every tile of hashes that a tree of ``size`` leaves has."""
    for level in range(LEVEL_MAX + 1):
        count = size >> (8 * level)
        if not count:
            return
        full, rest = divmod(count, TILE_WIDTH)
        yield from (Tile(level, index) for index in range(full))
        if rest:
            yield Tile(level, full, rest)


def bundle(entries: Iterable[bytes]) -> bytes:
    """Return entries of 64 bytes as an entry bundle has them, each with its length before it."""
    return b"".join(LENGTH + entry for entry in entries)


def entries_in(data: bytes) -> list[bytes]:
    """Return the entries of a bundle. Raises ValueError where a length does not fit."""
    found, at = [], 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if end > len(data) or at + 2 > len(data):
            raise ValueError("the last entry of the bundle is cut short")
        found.append(data[at + 2 : end])
        at = end
    return found
