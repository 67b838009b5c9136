"""Putting a record back from the streams of a chain, into a folder of its own.

The tables are made by this program's own statements: a backup brings rows, never a schema. One that
brings a table or a column that this program does not have, or lacks one that it must have, is said
to be so.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

from answerable.record import RECORD_FILE, opening
from answerable.record.backup.frames import BLOCK, END, FILE, PART, ROWS, TABLE, WHOLE, Frame
from answerable.record.backup.refusals import DIFFERS, NOT_MADE, UNREADABLE, Hollow
from answerable.record.backup.taking import (
    GROWING,
    KEYS_FILES,
    Table,
    blocks_of,
    census,
    tables_of,
)

LEAST_FREE = 64 * 1024 * 1024
"""Free bytes that are left to the disk of the scratch place: a running centre may be on it."""
LOOK_EVERY = 64
"""Frames between two looks at the free space."""
PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")


class Putting:
    """A record on its way back. Feed it every file of a chain in order, then ``finish``."""

    def __init__(self, folder: Path, record: str) -> None:
        """Begin in an empty folder; ``record`` is the file's name, "" where only files come."""
        self.folder = folder
        self.files: dict[str, str] = {}
        self.counts: dict[str, list[int]] = {}
        self._db = _begun(folder / record) if record else None
        self._tables = {one.name: one for one in tables_of(self._db)} if self._db else {}
        self._seen: set[str] = set()
        self._table: Table | None = None
        self._insert = ""
        self._file: tuple[str, str, Any] | None = None
        self._looked = 0

    def feed(self, frames: Iterable[Frame]) -> None:
        """Take the frames of one file. Raises Hollow, sqlite3.Error or OSError."""
        self._seen.clear()
        for name in self.files:  # those of this file take their place, or there are none any more
            (self.folder / name).unlink()
        self.files.clear()
        takes: dict[str, Callable[..., None]] = {
            TABLE: self._begin_table, WHOLE: self._empty, BLOCK: self._clear, ROWS: self._rows,
            FILE: self._begin_file, PART: self._part, END: self._end,
        }  # fmt: skip
        if self._db:
            self._db.execute("BEGIN")
        for name, *values in frames:
            take = takes.get(name)
            if take is None:
                raise Hollow(UNREADABLE, f"it holds a {name!r}, which this program does not know")
            self._look()
            take(*values)
        if self._db:
            self._db.execute("COMMIT")

    def _look(self) -> None:
        self._looked += 1
        if self._looked % LOOK_EVERY == 1:
            place = os.statvfs(self.folder)
            if place.f_bavail * place.f_frsize < LEAST_FREE:
                raise Hollow(NOT_MADE, "the disk of the scratch place is full; name another")

    # -- tables ------------------------------------------------------------------------------

    def _begin_table(self, name: str, columns: list[str]) -> None:
        table = self._tables.get(name)
        if table is None or set(table.columns) != set(columns):
            missing = set(table.columns) - set(columns) if table else set()
            what = (
                f"lacks {', '.join(sorted(missing))}" if missing else "is unknown to this program"
            )
            raise Hollow(DIFFERS, f"its table {name} {what}")
        self._table = table
        self._seen.add(name)
        names = ", ".join(f'"{column}"' for column in columns)
        holes = ", ".join("?" * len(columns))
        self._insert = f'INSERT INTO "{name}" ({names}) VALUES ({holes})'  # noqa: S608

    def _known(self) -> tuple[sqlite3.Connection, Table]:
        if self._db is None or self._table is None:
            raise Hollow(UNREADABLE, "rows stand where no table was begun")
        return self._db, self._table

    def _empty(self) -> None:
        db, table = self._known()
        db.execute(f'DELETE FROM "{table.name}"')  # noqa: S608 - a table of this program

    def _clear(self, first: int, last: int) -> None:
        db, table = self._known()
        column = table.key[0]
        db.execute(
            f'DELETE FROM "{table.name}" WHERE "{column}" BETWEEN ? AND ?',  # noqa: S608
            (first, last),
        )

    def _rows(self, rows: list[list[Any]]) -> None:
        db, _table = self._known()
        db.executemany(self._insert, rows)

    # -- files -------------------------------------------------------------------------------

    def _begin_file(self, name: str, digest: str) -> None:
        self._close_file()
        if not name or name.startswith(".") or not set(name) <= PLAIN:
            raise Hollow(UNREADABLE, f"it names a file {name!r}, which is no plain name")
        of_keys = name in KEYS_FILES
        if name.startswith((RECORD_FILE, "restored")) or of_keys is bool(self._tables):
            raise Hollow(UNREADABLE, f"it brings a file {name}, which has no place in it")
        path = self.folder / name
        path.unlink(missing_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        file = open(descriptor, "wb")  # noqa: SIM115 - it is closed with its last part
        self._file = (name, digest, file)

    def _part(self, content: bytes) -> None:
        if self._file is None:
            raise Hollow(UNREADABLE, "a part of a file stands where none was begun")
        self._file[2].write(content)

    def _close_file(self) -> None:
        """Sync the file that was put back last, and compare it."""
        if self._file is None:
            return
        name, digest, file = self._file
        file.flush()
        os.fsync(file.fileno())
        file.close()
        self._file = None
        with (self.folder / name).open("rb") as back:
            found = hashlib.file_digest(back, "sha256").hexdigest()
        if found != digest:
            raise Hollow(DIFFERS, f"the file {name} is not the one that was taken")
        self.files[name] = found

    # -- the end -----------------------------------------------------------------------------

    def _end(self, counts: dict[str, list[int]], digests: dict[str, str]) -> None:
        self._close_file()
        if missing := sorted(self._tables.keys() - self._seen):
            raise Hollow(DIFFERS, f"the table {missing[0]} is not in it")
        if missing := sorted(digests.keys() - self.files.keys()):
            raise Hollow(DIFFERS, f"the file {missing[0]} is not in it")
        self.counts = counts

    def cut(self, at: int) -> int:
        """Cut the record after the last whole batch at or before a position; return its size."""
        assert self._db is not None, "keys have no positions"
        found = self._db.execute("SELECT max(size) FROM heads WHERE size <= ?", (at,)).fetchone()
        size = int(found[0] or 0)
        for table in self._tables.values():
            if table.by_position and (table.name in GROWING or "position" in table.key[:1]):
                column = table.key[0]
                self._db.execute(
                    f'DELETE FROM "{table.name}" WHERE "{column}" > ?',  # noqa: S608
                    (size,),
                )
        self.counts = census(self._db)
        return size

    def compare(self, blocks: dict[str, list[str]]) -> None:
        """Raise Hollow where the rows that are here are not those that were counted."""
        assert self._db is not None, "keys have no tables"
        here = census(self._db)
        for name, (rows, *values) in self.counts.items():
            back, *values_back = here.get(name, [0])
            if back != rows:
                raise Hollow(DIFFERS, f"the table {name} came back with {back} of {rows} rows")
            if values_back != values:
                raise Hollow(DIFFERS, f"the table {name} came back with columns that are empty")
        for name, digests in blocks.items():
            found = [block.digest for block in blocks_of(self._db, self._tables[name])]
            if found != digests:
                raise Hollow(DIFFERS, f"the rows of the table {name} are not those of the record")

    def finish(self) -> None:
        """Make the indexes, sync the file and let go of it."""
        if self._db is None:
            return
        for statement in _indexes():
            self._db.execute(statement)
        path = self._db.execute("PRAGMA database_list").fetchone()[2]
        self.close()
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def close(self) -> None:
        """Let go of everything, whether it is whole or not."""
        if self._file is not None:
            with suppress(OSError):
                self._file[2].close()
            self._file = None
        if self._db is not None:
            self._db.close()
            self._db = None


def _indexes() -> list[str]:
    return [text for text in opening.CREATE if text.upper().startswith("CREATE INDEX")]


def _begun(path: Path) -> sqlite3.Connection:
    """Make an empty record without its indexes, not synced before it is finished."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode = OFF")
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA cache_size = -65536")
    db.execute("BEGIN")
    for statement in opening.CREATE:
        if statement not in _indexes():
            db.execute(statement)
    db.execute("DELETE FROM meta")
    db.execute(f"PRAGMA application_id = {opening.APPLICATION_ID}")
    db.execute(f"PRAGMA user_version = {opening.FORMAT}")
    db.execute("COMMIT")
    return db
