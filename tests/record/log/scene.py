"""A record on a disk that grows, and the log over it."""

from __future__ import annotations

import hashlib
import json
import shutil
import sqlite3
from pathlib import Path

from answerable.kernel.event import Row
from answerable.kernel.store import Head
from answerable.record.log.keys import KEYS_FILE, LogKeys, keys_at_start
from answerable.record.log.publisher import Publisher
from answerable.record.log.tiles import TILE_WIDTH, Tile, entries_in
from answerable.record.sqlite import SqliteStore

ORIGIN = "town.example/log"
AT_US = 1_585_854_000_000_000


class Log:
    """A record in a folder, its keys, and a publisher that can be killed and begun again."""

    def __init__(self, folder: Path) -> None:
        self.record = folder / "record.sqlite"
        self.store = SqliteStore.open(self.record)
        self.keys: LogKeys = keys_at_start(folder / KEYS_FILE, ORIGIN, AT_US)
        self.publisher = Publisher.open(self.record, self.keys)

    def add(self, count: int, said: str = "") -> Head:
        """Record some events; returns the head the store acknowledged."""
        first = self.store.head().size + 1
        return self.store.append([self.row(first + n, said) for n in range(count)])

    def row(self, position: int, said: str = "") -> Row:
        """Return a row as the store takes it."""
        body = json.dumps({"call": f"c{position}{said}", "line": "7"}).encode()
        veil = hashlib.sha256(b"%d" % position).digest()
        return Row(
            position, f"call:c{position}", "intake.CallRung", 1, position, position, "lee",
            f"key-{position}", self.store.epoch, body, body.index(b","), veil,
        )  # fmt: skip

    def grow(self, count: int) -> None:
        """Record some events and publish them."""
        assert self.publisher.publish(self.add(count))

    def restart(self) -> None:
        """Begin the publisher again, as after a crash."""
        self.publisher.close()
        self.publisher = Publisher.open(self.record, self.keys)

    def leaf(self, position: int) -> bytes:
        """Return the leaf of an event, from the entry bundle that is served."""
        index, width = divmod(position - 1, TILE_WIDTH)
        count = min(TILE_WIDTH, self.publisher.size - index * TILE_WIDTH)
        entry = entries_in(self.publisher.tile(Tile(None, index, count)))[width]
        return hashlib.sha256(b"\0" + entry).digest()

    def older_copy(self, place: Path) -> None:
        """Copy the record's file, as a backup would; ``put_back`` takes it again."""
        with sqlite3.connect(self.record) as here, sqlite3.connect(place) as there:
            here.backup(there)
        here.close()
        there.close()

    def put_back(self, place: Path) -> None:
        """Put an older copy in the place of the record, as somebody might after a disk failed."""
        self.publisher.close()
        self.store.close()
        for file in self.record.parent.glob("record.sqlite-*"):
            file.unlink()
        self.record.with_name("record.sqlite.mark").unlink()
        shutil.copy(place, self.record)
        self.store = SqliteStore.open(self.record)

    def close(self) -> None:
        """Let go of everything."""
        self.publisher.close()
        self.store.close()
