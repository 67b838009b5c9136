"""The hashes of a growing tree, level by level, each level one flat row of bytes.

Only complete nodes stand in the rows: node ``i`` of level ``k`` covers the leaves from ``i * 2**k``
to ``(i + 1) * 2**k``, and never changes once it is there. What lies over an incomplete right edge
depends on the size of the tree, and is the affair of ``proofs.View``.

``LogTree`` is the same for a record of any length: it keeps the levels from 8 up (a quarter of a
byte an event), the last, incomplete tile, and the leaf tiles that were asked for last; other leaf
tiles are read again, and must give the hash that stands above them.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable

from answerable.record.refusals import damaged
from answerable.record.tree import HASH_BYTES

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
PAIR = 2 * HASH_BYTES
TILES_KEPT = 256
"""Leaf tiles held in memory, 16 kB each."""

_sha256 = hashlib.sha256


class Levels:
    """All complete nodes over leaves, which are given as hashes joined together."""

    def __init__(self, leaves: bytes = b"") -> None:
        self._rows = [bytearray()]
        self.extend(leaves)

    @property
    def size(self) -> int:
        """The number of leaves."""
        return len(self._rows[0]) // HASH_BYTES

    def extend(self, leaves: bytes) -> None:
        """Take in more leaves; about one hash a leaf."""
        assert len(leaves) % HASH_BYTES == 0, "leaves are whole hashes"
        below = self._rows[0]
        below += leaves
        for level in range(1, self.size.bit_length()):
            if level == len(self._rows):
                self._rows.append(bytearray())
            row = self._rows[level]
            first, last = 2 * len(row), len(below) - len(below) % PAIR
            row += b"".join(
                [_sha256(b"\1" + below[at : at + PAIR]).digest() for at in range(first, last, PAIR)]
            )
            below = row

    def node(self, level: int, index: int) -> bytes:
        """Return the hash of a complete node."""
        at = index * HASH_BYTES
        return bytes(self._rows[level][at : at + HASH_BYTES])

    def row(self, level: int) -> bytearray:
        """Return all nodes of a level, joined together; nobody else may change it."""
        return self._rows[level] if level < len(self._rows) else bytearray()


class LogTree:
    """The complete nodes over a record's leaves, most leaf tiles read only when needed."""

    def __init__(self, read: Callable[[int, int], bytes], tops: bytes = b"") -> None:
        """``read(first, count)`` returns leaves by index; ``tops`` are nodes of level 8 known."""
        self._read = read
        self._upper = Levels(tops)
        self._tail = Levels()
        self._tiles: OrderedDict[int, Levels] = OrderedDict()

    @property
    def size(self) -> int:
        """The number of leaves taken in."""
        return self._upper.size * TILE_WIDTH + self._tail.size

    @property
    def tops(self) -> bytearray:
        """The nodes of level 8, one for every full leaf tile."""
        return self._upper.row(0)

    def extend(self, leaves: bytes) -> None:
        """Take in more leaves."""
        at = 0
        while at < len(leaves):
            room = (TILE_WIDTH - self._tail.size) * HASH_BYTES
            self._tail.extend(leaves[at : at + room])
            at += room
            if self._tail.size == TILE_WIDTH:
                self._keep(self._upper.size, self._tail)
                self._upper.extend(self._tail.node(TILE_HEIGHT, 0))
                self._tail = Levels()

    def node(self, level: int, index: int) -> bytes:
        """Return the hash of a complete node. Raises RecordDamaged where leaves were altered."""
        if level >= TILE_HEIGHT:
            return self._upper.node(level - TILE_HEIGHT, index)
        above = TILE_HEIGHT - level
        return self.leaf_tile(index >> above).node(level, index & ((1 << above) - 1))

    def hashes(self, level: int, first: int, count: int) -> bytes:
        """Return nodes of level ``8 * level``, which is how tiles are counted, joined together."""
        if level == 0:
            row, first = self.leaf_tile(first // TILE_WIDTH).row(0), first % TILE_WIDTH
        else:
            row = self._upper.row((level - 1) * TILE_HEIGHT)
        return bytes(row[first * HASH_BYTES : (first + count) * HASH_BYTES])

    def leaf_tile(self, number: int) -> Levels:
        """Return the levels 0 to 8 of a leaf tile. Raises RecordDamaged."""
        if number == self._upper.size:
            return self._tail
        if (held := self._tiles.get(number)) is not None:
            self._tiles.move_to_end(number)
            return held
        tile = Levels(self._read(number * TILE_WIDTH, TILE_WIDTH))
        if tile.size != TILE_WIDTH or tile.node(TILE_HEIGHT, 0) != self._upper.node(0, number):
            first = number * TILE_WIDTH + 1
            raise damaged("served", f"the leaves of positions {first} to {first + 255} are others")
        self._keep(number, tile)
        return tile

    def _keep(self, number: int, tile: Levels) -> None:
        self._tiles[number] = tile
        if len(self._tiles) > TILES_KEPT:
            self._tiles.popitem(last=False)
