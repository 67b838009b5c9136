"""The couriers' book: how far each hook was told, the letter in hand, and the dead letters.

One SQLite file beside the record. It holds positions and reasons, never an event: a letter is
written from the record again each time. It is not synced at every line (``synchronous=NORMAL``):
what a power cut takes from its end is told once more, with the same id, and a receiver passes over
what it has. A lost book begins anew at the position at which a hook was registered.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from answerable.exchange.hooks.letters import Letter, Target
from answerable.record.private import make_private

BOOK_FILE = "hooks.sqlite"
APPLICATION_ID = 0x416E7348
"""``AnsH`` in ASCII."""
FORMAT = 1
DEAD_MAX = 1_000
"""Dead letters kept of one hook; the oldest give way."""
TABLES = (
    """CREATE TABLE hooks (hook TEXT PRIMARY KEY, credential TEXT NOT NULL,
       position INTEGER NOT NULL, failures INTEGER NOT NULL DEFAULT 0,
       acts INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID""",
    """CREATE TABLE letters (hook TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
       state TEXT NOT NULL, tries INTEGER NOT NULL, next_us INTEGER NOT NULL, why TEXT NOT NULL,
       PRIMARY KEY (hook, first)) STRICT, WITHOUT ROWID""",
)


class BadBook(Exception):
    """The book cannot be used; three sentences say why and what to do."""


class Standing(NamedTuple):
    """How a hook stands: told up to a position, failures in a row, and acts taken up."""

    position: int
    failures: int
    acts: int


class Book:
    """The book of all hooks. One thread owns it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    @classmethod
    def open(cls, path: Path | None) -> Book:
        """Open a book or begin one; ``None`` keeps it in memory. Raises BadBook."""
        try:
            if path is not None:
                make_private(path)
            connection = sqlite3.connect(path or ":memory:", isolation_level=None, timeout=5)
            _prepare(connection)
        except (sqlite3.Error, OSError) as error:
            raise BadBook(
                f"Not told: the hooks. Their book {path} cannot be used ({error}). "
                "Move it away and start again; hooks are then told once more what they had."
            ) from error
        return cls(connection)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    # -- hooks -------------------------------------------------------------------------------

    def standing(self, target: Target) -> Standing:
        """Return how a hook stands; one that is new, or another of that name, begins here."""
        found = self._db.execute(
            "SELECT position, failures, acts FROM hooks WHERE hook = ? AND credential = ?",
            (target.hook, target.credential),
        ).fetchone()
        if found:
            return Standing(*found)
        self.forget(target.hook)
        self._db.execute(
            "INSERT INTO hooks (hook, credential, position) VALUES (?, ?, ?)",
            (target.hook, target.credential, target.since),
        )
        return Standing(target.since, 0, 0)

    def hooks(self) -> list[str]:
        """Return the names of all hooks that the book knows."""
        return [hook for (hook,) in self._db.execute("SELECT hook FROM hooks")]

    def forget(self, hook: str) -> None:
        """Forget a hook with all its letters."""
        for table in ("letters", "hooks"):
            self._db.execute(f"DELETE FROM {table} WHERE hook = ?", (hook,))  # noqa: S608

    def reach(self, hook: str, position: int) -> None:
        """Note that there is nothing to tell up to a position."""
        self._db.execute("UPDATE hooks SET position = ? WHERE hook = ?", (position, hook))

    def took_up(self, hook: str, position: int) -> None:
        """Note that acts about a hook are taken up as far as a position."""
        self._db.execute("UPDATE hooks SET acts = ? WHERE hook = ?", (position, hook))

    # -- letters -----------------------------------------------------------------------------

    def in_hand(self, hook: str) -> Letter | None:
        """Return the letter to deliver next: one to be tried again, or the one in hand."""
        found = self._db.execute(
            "SELECT hook, first, last, state, tries, next_us, why FROM letters"
            " WHERE hook = ? AND state != 'dead' ORDER BY state, first LIMIT 1",
            (hook,),
        ).fetchone()
        return Letter(*found) if found else None

    def take(self, letter: Letter) -> None:
        """Take a new letter in hand, so that it is the same one after a restart."""
        self._db.execute("INSERT INTO letters VALUES (?, ?, ?, ?, ?, ?, ?)", letter)

    def delivered(self, letter: Letter) -> None:
        """Note that a letter came through: the hook is told up to its end."""
        with self._whole():
            self._drop(letter)
            self._db.execute(
                "UPDATE hooks SET position = max(position, ?), failures = 0 WHERE hook = ?",
                (letter.last, letter.hook),
            )

    def failed(self, letter: Letter, why: str, next_us: int) -> None:
        """Note a failed try and when the next is due."""
        with self._whole():
            self._db.execute(
                "UPDATE letters SET tries = tries + 1, why = ?, next_us = ?"
                " WHERE hook = ? AND first = ?",
                (why, next_us, letter.hook, letter.first),
            )
            self._fail(letter.hook)

    def died(self, letter: Letter, why: str) -> None:
        """Put a letter with the dead ones; what comes after it follows."""
        with self._whole():
            self._db.execute(
                "UPDATE letters SET state = 'dead', tries = tries + 1, why = ?"
                " WHERE hook = ? AND first = ?",
                (why, letter.hook, letter.first),
            )
            self._db.execute(
                "UPDATE hooks SET position = max(position, ?) WHERE hook = ?",
                (letter.last, letter.hook),
            )
            self._fail(letter.hook)
            self._db.execute(
                "DELETE FROM letters WHERE hook = ? AND state = 'dead' AND first NOT IN"
                " (SELECT first FROM letters WHERE hook = ? AND state = 'dead'"
                " ORDER BY first DESC LIMIT ?)",
                (letter.hook, letter.hook, DEAD_MAX),
            )

    def _fail(self, hook: str) -> None:
        self._db.execute("UPDATE hooks SET failures = failures + 1 WHERE hook = ?", (hook,))

    def _drop(self, letter: Letter) -> None:
        self._db.execute(
            "DELETE FROM letters WHERE hook = ? AND first = ?", (letter.hook, letter.first)
        )

    # -- dead letters ------------------------------------------------------------------------

    def dead(self, hook: str, most: int = DEAD_MAX) -> list[Letter]:
        """Return the dead letters of a hook, the oldest first."""
        found = self._db.execute(
            "SELECT hook, first, last, state, tries, next_us, why FROM letters"
            " WHERE hook = ? AND state = 'dead' ORDER BY first LIMIT ?",
            (hook, most),
        )
        return [Letter(*row) for row in found]

    def count_dead(self, hook: str) -> int:
        """Return how many letters of a hook are dead."""
        found = self._db.execute(
            "SELECT count(*) FROM letters WHERE hook = ? AND state = 'dead'", (hook,)
        ).fetchone()
        return int(found[0])

    def retry(self, hook: str, firsts: tuple[int, ...]) -> None:
        """Have dead letters tried again; none named: all. The hook is tried at once."""
        with self._whole():
            for letter in self._named(hook, firsts):
                self._db.execute(
                    "UPDATE letters SET state = 'again', tries = 0, next_us = 0"
                    " WHERE hook = ? AND first = ?",
                    (hook, letter.first),
                )
            self._db.execute("UPDATE hooks SET failures = 0 WHERE hook = ?", (hook,))
            self._db.execute("UPDATE letters SET next_us = 0 WHERE hook = ?", (hook,))

    def drop(self, hook: str, firsts: tuple[int, ...]) -> None:
        """Drop dead letters; none named: all."""
        with self._whole():
            for letter in self._named(hook, firsts):
                self._drop(letter)

    def _named(self, hook: str, firsts: tuple[int, ...]) -> Iterator[Letter]:
        yield from (one for one in self.dead(hook) if not firsts or one.first in firsts)

    def _whole(self) -> _Whole:
        return _Whole(self._db)


class _Whole:
    """A transaction: all of it or none."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def __enter__(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._db.execute("COMMIT" if kind is None else "ROLLBACK")


def _prepare(connection: sqlite3.Connection) -> None:
    """Make the tables of a new book. Raises sqlite3.Error for a file that is another one."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    marked = connection.execute("PRAGMA application_id").fetchone()[0]
    if (marked, version) not in ((0, 0), (APPLICATION_ID, FORMAT)):
        raise sqlite3.DatabaseError("it is no book of this program")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    if version == 0:
        with _Whole(connection):
            for table in TABLES:
                connection.execute(table)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            connection.execute(f"PRAGMA user_version = {FORMAT}")
