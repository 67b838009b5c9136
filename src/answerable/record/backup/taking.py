"""Reading a record for a backup, beside its one writer, without keeping it from anything.

What may change (sealed values, side tables, the other files) is read in one short read transaction,
which also fixes the position up to which the backup goes. Events never change, so they are read
after it a page at a time; a long backup keeps no write-ahead log from being folded in.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from answerable.kernel.store import Head as TreeHead
from answerable.record.backup.frames import BLOCK, END, FILE, PART, ROWS, TABLE, WHOLE, Frames
from answerable.record.backup.refusals import DIFFERS, BackupRefused, Hollow
from answerable.record.log.keys import KEYS_FILE
from answerable.record.mark import read_mark
from answerable.record.opening import SQL
from answerable.record.reading import connect_reader

DERIVED = frozenset({"snapshots", "aside"})
"""Tables that are made again from the events, and so are in no backup."""
GROWING = frozenset({"events", "heads"})
"""Tables whose rows never change: an increment has those behind the position before it."""
KEYS_FILES = (KEYS_FILE, "vault.db")
"""What has a cycle of its own: the key that signs the log, and the keys of what is sealed."""
BLOCK_ROWS = 2_048
"""Positions that make a block of a table whose rows may change or go."""
PAGE = 1_024
PART_BYTES = 192 * 1024
SQLITE_MAGIC = b"SQLite format 3\0"

_packed = msgspec.msgpack.Encoder().encode


class Table(NamedTuple):
    """A table of the record: its columns without generated ones, and the key it is ordered by."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    by_position: bool

    @property
    def select(self) -> str:
        """The statement that reads it, up to its WHERE."""
        columns = ", ".join(f'"{name}"' for name in self.columns)
        return f'SELECT {columns} FROM "{self.name}"'  # noqa: S608 - names of the schema

    @property
    def order(self) -> str:
        """How its rows are ordered."""
        return "ORDER BY " + ", ".join(f'"{name}"' for name in self.key)

    @property
    def blocks(self) -> bool:
        """Whether it is compared block by block, its key beginning with a number."""
        return self.by_position and self.name not in GROWING


def tables_of(db: sqlite3.Connection) -> list[Table]:
    """Return every table of a record that is not made from the others."""
    names = db.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' "
        "ESCAPE '\\' ORDER BY name"
    ).fetchall()
    return [_table(db, name) for (name,) in names if name not in DERIVED]


def _table(db: sqlite3.Connection, name: str) -> Table:
    found = db.execute(f'PRAGMA table_xinfo("{name}")').fetchall()
    columns = tuple(one[1] for one in found if one[6] == 0)  # 6: hidden or generated
    keys = sorted((one[5], one[1], one[2]) for one in found if one[5])
    key = tuple(column for _, column, _ in keys) or ("rowid",)
    return Table(name, columns, key, bool(keys) and keys[0][2].upper() == "INTEGER")


def census(db: sqlite3.Connection) -> dict[str, list[int]]:
    """Return how many rows each table has, and in how many of them each column has a value.

    It asks the schema by itself, not ``tables_of``: what reading and putting back were to overlook
    alike is counted here all the same. Events are counted only; their leaves prove their columns.
    """
    counted = {}
    for (name,) in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
        if name in DERIVED or name.startswith("sqlite_"):
            continue
        found = db.execute(f'SELECT * FROM "{name}" LIMIT 0').description  # noqa: S608
        columns = () if name == "events" else tuple(f'count("{one[0]}")' for one in found)
        wanted = ", ".join(("count(*)", *columns))
        counted[name] = list(db.execute(f'SELECT {wanted} FROM "{name}"').fetchone())  # noqa: S608
    return counted


class Block(NamedTuple):
    """The rows of a range of positions, and their digest."""

    number: int
    digest: str
    rows: list[tuple[Any, ...]]


def blocks_of(db: sqlite3.Connection, table: Table) -> Iterator[Block]:
    """Yield a table's blocks in order, empty ones too."""
    (last,) = db.execute(f'SELECT max("{table.key[0]}") FROM "{table.name}"').fetchone()  # noqa: S608
    number = 0
    while last is not None and number * BLOCK_ROWS <= last:
        rows = db.execute(
            f'{table.select} WHERE "{table.key[0]}" BETWEEN ? AND ? {table.order}',
            ends_of(number),
        ).fetchall()
        yield Block(number, hashlib.sha256(_packed(rows)).hexdigest()[:32] if rows else "", rows)
        number += 1


def ends_of(number: int) -> tuple[int, int]:
    """Return the first and the last position of a block."""
    return number * BLOCK_ROWS, number * BLOCK_ROWS + BLOCK_ROWS - 1


class Source:
    """A record that is being backed up. Make it, ``put`` it into frames, close it."""

    def __init__(self, path: Path, companions: Mapping[str, Path | bytes]) -> None:
        """Fix the moment of the backup. Raises a StoreRefusal, BackupRefused or Hollow.

        ``companions`` are further files, or their bytes, by the name they are put back under.
        """
        self.path = path
        mark = read_mark(path)  # before the reading begins, so that it cannot be ahead of it
        self._db = connect_reader(path)
        try:
            self._db.execute("BEGIN")
            self.tables = tables_of(self._db)
            self.head = self._head()
            self.record = self._first_leaf()
            if mark is not None and mark.size > self.head.size:
                raise Hollow(
                    DIFFERS,
                    f"{mark.size} events were acknowledged and the record has {self.head.size}; "
                    "run 'answerable fsck' on it",
                )
        except BaseException:
            self._db.close()
            raise
        self._companions = companions
        self.counts: dict[str, list[int]] = {}
        self.blocks: dict[str, list[str]] = {}
        self.digests: dict[str, str] = {}

    def close(self) -> None:
        """Let go of the record."""
        self._db.close()

    def measure(self) -> None:
        """Count the rows of every table, and hash those that may change block by block."""
        self.counts = census(self._db)
        self.blocks = {
            one.name: [block.digest for block in blocks_of(self._db, one)]
            for one in self.tables
            if one.blocks
        }

    def _head(self) -> TreeHead:
        found = self._db.execute("SELECT size, root FROM heads ORDER BY size DESC LIMIT 1")
        size, root = found.fetchone() or (0, b"")
        if not size:
            raise BackupRefused(
                f"Not backed up: the record {self.path}. There is nothing in it yet. "
                "Start the centre once, or check the data folder."
            )
        return TreeHead(size, root)

    def _first_leaf(self) -> str:
        """Return what tells this record from every other: its first leaf has a random veil."""
        (leaf,) = self._db.execute("SELECT leaf FROM events WHERE position = 1").fetchone() or (
            b"",
        )
        return bytes(leaf).hex()

    def root_at(self, size: int) -> str:
        """Return the root of the record's first ``size`` events, "" where no head is kept there."""
        found = self._db.execute("SELECT root FROM heads WHERE size = ?", (size,)).fetchone()
        return bytes(found[0]).hex() if found else ""

    def put(self, frames: Frames, since: int, before: Mapping[str, list[str]]) -> str:
        """Write what came since a position; ``before`` are the blocks of the backup before.

        Returns the SHA-256 of the file.
        """
        for table in self.tables:
            if table.name not in GROWING:
                self._put_changing(frames, table, before.get(table.name))
        for name, what in self._companions.items():
            self._put_file(frames, name, what)
        self._db.execute("COMMIT")  # from here on only what never changes is read
        for table in self.tables:
            if table.name in GROWING:
                self._put_growing(frames, table, since)
        frames.put(END, self.counts, self.digests)
        return frames.end()

    def _put_changing(self, frames: Frames, table: Table, before: list[str] | None) -> None:
        frames.put(TABLE, table.name, table.columns)
        if not table.blocks or before is None:
            frames.put(WHOLE)
            for rows in _pages(self._db.execute(f"{table.select} {table.order}")):
                frames.put(ROWS, rows)
            return
        for block in blocks_of(self._db, table):
            if block.number >= len(before) or before[block.number] != block.digest:
                frames.put(BLOCK, *ends_of(block.number))
                frames.put(ROWS, block.rows)
        for number in range(len(self.blocks[table.name]), len(before)):
            frames.put(BLOCK, *ends_of(number))

    def _put_growing(self, frames: Frames, table: Table, since: int) -> None:
        """Write the rows behind ``since`` up to the moment of the backup, a page at a time."""
        frames.put(TABLE, table.name, table.columns)
        if since == 0:
            frames.put(WHOLE)
        at = table.columns.index(table.key[0])
        page = f'{table.select} WHERE "{table.key[0]}" > ? AND "{table.key[0]}" <= ? {table.order}'
        while rows := self._db.execute(f"{page} LIMIT ?", (since, self.head.size, PAGE)).fetchall():
            frames.put(ROWS, rows)
            since = rows[-1][at]

    def _put_file(self, frames: Frames, name: str, what: Path | bytes) -> None:
        content = what if isinstance(what, bytes) else read_whole(what)
        if content is None:
            return
        self.digests[name] = hashlib.sha256(content).hexdigest()
        put_content(frames, name, content)


def erasures(path: Path) -> int:
    """Return the number of the last erasure that a record was ordered. Raises a StoreRefusal."""
    with closing(connect_reader(path)) as db:
        return int(db.execute(SQL["last_erasure"]).fetchone()[0] or 0)


def put_content(frames: Frames, name: str, content: bytes) -> None:
    """Write a file into frames."""
    frames.put(FILE, name, hashlib.sha256(content).hexdigest())
    for at in range(0, len(content), PART_BYTES):
        frames.put(PART, content[at : at + PART_BYTES])


def read_whole(path: Path) -> bytes | None:
    """Return a file, an SQLite database as of one moment and without its free pages; None: none.

    Free pages of a database can still hold what was deleted, so they never go into a backup.
    Raises OSError or sqlite3.Error.
    """
    try:
        with path.open("rb") as file:
            begin = file.read(len(SQLITE_MAGIC))
    except FileNotFoundError:
        return None
    if begin != SQLITE_MAGIC:
        return path.read_bytes()
    with (
        closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=5)) as db,
        closing(sqlite3.connect(":memory:")) as copy,
    ):
        db.backup(copy)
        copy.execute("VACUUM")
        return copy.serialize()


def _pages(rows: Iterator[tuple[Any, ...]]) -> Iterator[list[tuple[Any, ...]]]:
    page: list[tuple[Any, ...]] = []
    for row in rows:
        page.append(row)
        if len(page) == PAGE:
            yield page
            page = []
    if page:
        yield page
