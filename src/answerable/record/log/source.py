"""Where the log reads the record: leaves for its tiles, rows for its entries. It never writes.

For a record on a disk it is a connection of its own, beside the one that writes: what it sees is
committed, and reading takes nothing from whoever records.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any, Protocol

from answerable.kernel.event import Row
from answerable.kernel.store import Store
from answerable.record.entry import COLUMNS, leaf_of
from answerable.record.reading import connect_reader
from answerable.record.refusals import read_refusal
from answerable.record.statements import load

SQL = load("log")
Leaved = tuple[Row, bytes]


class Source(Protocol):
    """What a publisher reads of a record."""

    def leaves(self, first: int, count: int) -> bytes:
        """Return the leaf hashes of the entries from index ``first``, joined together."""
        ...

    def rows(self, first: int, count: int) -> list[Leaved]:
        """Return the rows of the entries from index ``first``, each with its stored leaf."""
        ...

    def close(self) -> None:
        """Let go of the record."""
        ...


class SqliteSource:
    """A record's file, read beside its writer; any one thread at a time may use it."""

    def __init__(self, path: Path) -> None:
        """Open it. Raises NoRecord or another StoreRefusal."""
        self.path = path
        self._db = connect_reader(path, any_thread=True)

    def leaves(self, first: int, count: int) -> bytes:
        """Return leaf hashes. Raises a StoreRefusal where the file cannot be read.

        SQLite joins them, so that the interpreter is let go once for all of them, not at every row:
        a busy event loop beside is held up a quarter as long. Measured; and an order other than
        that of positions, which SQLite does not promise, would not give the record's head.
        """
        return bytes.fromhex(self._fetch("leaves", first, count)[0][0] or "")

    def rows(self, first: int, count: int) -> list[Leaved]:
        """Return rows with their leaves. Raises a StoreRefusal where the file cannot be read."""
        found = self._fetch("rows", first, count)
        return [(Row._make(one[:COLUMNS]), one[COLUMNS]) for one in found]

    def _fetch(self, name: str, first: int, count: int) -> list[tuple[Any, ...]]:
        try:
            return self._db.execute(SQL[name], (first, count)).fetchall()
        except sqlite3.ProgrammingError:
            raise  # closed: a fault of the caller, not of the file
        except sqlite3.Error as error:
            raise read_refusal(error, self.path, f"the log's {name} from {first + 1}") from error

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()


class StoreSource:
    """A store itself: for records in memory, which tests and simulations have."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def leaves(self, first: int, count: int) -> bytes:
        """Return leaf hashes."""
        return b"".join(map(leaf_of, self._store.rows(first, count)))

    def rows(self, first: int, count: int) -> list[Leaved]:
        """Return rows with their leaves."""
        return [(row, leaf_of(row)) for row in self._store.rows(first, count)]

    def close(self) -> None:
        """There is nothing to let go of."""
