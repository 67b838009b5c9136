"""The record in one SQLite file: what a centre runs on until it needs PostgreSQL.

A batch is one transaction, committed on the caller's thread with the WAL synced before ``append``
returns. An error up to COMMIT is rolled back and is a ``CannotRecord``: nothing was written. An
error of COMMIT itself is a ``CommitFailed``: what a crash would find on the disk is not known, so
the store accepts nothing more and the process has to start again.
"""

from __future__ import annotations

import contextlib
import logging
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from answerable.kernel.event import Row, SealedValue
from answerable.kernel.store import CannotRecord, CommitFailed, Head, LaidAside, Snapshot
from answerable.record import opening, snapshots, tree
from answerable.record.batch import Batch
from answerable.record.disk import LOCAL, Disk
from answerable.record.entry import COLUMNS, proves
from answerable.record.lock import WriterLock
from answerable.record.mark import Mark
from answerable.record.refusals import (
    Fenced,
    append_refusal,
    damaged,
    no_space,
    not_writable,
    open_refusal,
    read_refusal,
)
from answerable.record.sealing import keeps
from answerable.record.tree import Frontier

SQL = opening.SQL
PEAKS_EVERY = 1024
"""A head keeps its frontier each time the size passes a multiple of this."""
CHUNK = 1024
SNAPSHOTS_KEPT = 2
RESERVE_BYTES = 32 * 1024 * 1024
"""Free space below which nothing more is accepted: a full disk is met before a transaction."""
ROOMY = 4
"""Reserves of free space above which one look a batch is enough."""

log = logging.getLogger("answerable.record")

_row = partial(tuple.__new__, Row)  # what Row._make does, without a Python frame


class SqliteStore:
    """A durable, ordered, hashed log of rows in one file. One thread owns it."""

    def __init__(
        self,
        path: Path,
        connection: sqlite3.Connection,
        lock: WriterLock,
        mark: Mark,
        tip: tuple[Frontier, int, int],
    ) -> None:
        self.path = path
        self._db = connection
        self._lock = lock
        self._mark = mark
        self._frontier, self._last_us, self._epoch = tip
        self._unknown = ""
        self._free_bytes = 0

    # -- opening -----------------------------------------------------------------------------

    @classmethod
    def open(cls, path: Path | str, *, create: bool = True, disk: Disk = LOCAL) -> SqliteStore:
        """Open a record as its one writer; ``create`` makes a new one where there is none.

        ``disk`` is what lies under it; only drills give another than the machine's own.
        Raises a StoreRefusal: NoRecord, NotWritable, RecordInUse, NotARecord, NewerFormat,
        RecordDamaged or NotDurable. The file is then as it was.
        """
        path = Path(path).absolute()
        opening.prepare_place(path, create=create)
        with contextlib.ExitStack() as undo:
            lock = WriterLock(path)
            undo.callback(lock.release)
            try:
                connection = opening.connect(path, disk)
                undo.callback(connection.close)
                tip = _begin_epoch(connection, path, disk.read_mark(path), create)
                mark = disk.open_mark(path)
                disk.sync_folder(path.parent)
            except sqlite3.Error as error:
                raise open_refusal(error, path) from error
            except OSError as error:
                raise not_writable(path, error.strerror or str(error)) from error
            undo.pop_all()
        store = cls(path, connection, lock, mark, tip)
        mark.set(store.head())
        return store

    @property
    def epoch(self) -> int:
        """The fencing number of this opening: one more than at the last opening."""
        return self._epoch

    # -- writing -----------------------------------------------------------------------------

    def ready(self) -> None:
        """Raise CannotRecord where there is no room for another batch."""
        self._check_known()
        if self._free_bytes < ROOMY * RESERVE_BYTES:  # else the look of the last batch will do
            self._check_space()

    def append(
        self,
        rows: Sequence[Row],
        sealed: Sequence[SealedValue] = (),
        aside: Sequence[LaidAside] = (),
    ) -> Head:
        """Write a batch in one synced transaction; it is durable when this returns.

        Raises CannotRecord (nothing written) or CommitFailed (unknown: stop the process).
        """
        self._check_known()
        if not rows and not sealed:
            return self.head()
        batch = Batch.of(rows, sealed, self._frontier, self._epoch, self._last_us)
        head = Head(batch.frontier.size, tree.root(batch.frontier))
        self._check_space()
        self._begin()
        try:
            self._insert(rows, sealed, batch, head)
            self._insert_aside(aside)
        except BaseException as error:
            self._undo(error)
            if isinstance(error, Exception) and not isinstance(error, CannotRecord):
                raise append_refusal(error) from error
            raise
        self._commit()
        self._frontier, self._last_us = batch.frontier, batch.last_us
        self._mark.set(head)
        return head

    def _insert(
        self, rows: Sequence[Row], sealed: Sequence[SealedValue], batch: Batch, head: Head
    ) -> None:
        self._check_fence()
        execute = self._db.executemany
        pairs = zip(rows, batch.leaves, strict=True)
        execute(SQL["add_event"], [(*row, leaf) for row, leaf in pairs])
        if sealed:
            execute(SQL["add_sealed"], [(s.position, s.field, s.salt, s.value) for s in sealed])
        keep = head.size // PEAKS_EVERY > self._frontier.size // PEAKS_EVERY
        peaks = tree.packed(batch.frontier) if keep else None
        self._db.execute(SQL["add_head"], (head.size, head.root, peaks))

    def _insert_aside(self, aside: Sequence[LaidAside]) -> None:
        if aside:
            self._db.executemany(SQL["add_aside"], map(snapshots.packed_aside, aside))

    def _check_known(self) -> None:
        if self._unknown:
            raise CommitFailed(self._unknown)

    def _check_space(self) -> None:
        place = os.statvfs(self.path)
        self._free_bytes = place.f_bavail * place.f_frsize
        if self._free_bytes < RESERVE_BYTES:
            raise no_space()

    def _check_fence(self) -> None:
        """Refuse if another process opened, or wrote, since this one did."""
        epoch, size = self._db.execute(SQL["tip"]).fetchone()
        if (epoch, size or 0) != (self._epoch, self._frontier.size):
            raise Fenced(
                f"Another process opened this record (epoch {epoch}; this one has {self._epoch}).",
                "Stop this process; the other one is the writer now.",
            )

    def _begin(self) -> None:
        try:
            self._db.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise append_refusal(error) from error

    def _undo(self, cause: BaseException) -> None:
        """Roll back; if even that fails, what is on the disk is unknown."""
        try:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
        except sqlite3.Error as error:
            self._unknown = f"the rollback failed ({error}) after: {cause}"
            raise CommitFailed(self._unknown) from error

    def _commit(self) -> None:
        """Commit, synced. The store counts as unknown until COMMIT has returned."""
        self._unknown = "the commit did not return"
        try:
            self._db.execute("COMMIT")
        except sqlite3.Error as error:
            self._unknown = f"the commit failed ({error.sqlite_errorname}: {error})"
            raise CommitFailed(self._unknown) from error
        self._unknown = ""

    # -- reading -----------------------------------------------------------------------------

    def head(self) -> Head:
        """Return the tree head over all rows."""
        return Head(self._frontier.size, tree.root(self._frontier))

    def _fetch(self, name: str, *values: object) -> list[tuple[Any, ...]]:
        try:
            return self._db.execute(SQL[name], values).fetchall()
        except sqlite3.ProgrammingError:
            raise  # closed, or another thread: a fault of the caller, not of the file
        except sqlite3.Error as error:
            raise read_refusal(error, self.path, f"{name} {values}") from error

    def rows(self, after: int = 0, limit: int | None = None) -> Iterator[Row]:
        """Yield rows in order of position, those after position ``after``.

        Raises RecordDamaged at a row that is not what was recorded.
        """
        after = max(after, 0)
        last = self._frontier.size if limit is None else min(after + limit, self._frontier.size)
        while after < last:
            values = self._fetch("rows", after, min(CHUNK, last - after))
            rows = self._proved(values)
            if not rows or rows[-1].position != after + len(rows):
                raise damaged(self.path, f"a position after {after} is missing")
            yield from rows
            after += len(rows)

    def stream(self, stream: str) -> Iterator[Row]:
        """Yield the rows of one stream in order of position."""
        after = 0
        while values := self._fetch("stream", stream, after, CHUNK):
            for row in self._proved(values):
                if row.stream != stream or row.position <= after:
                    raise damaged(self.path, f"the index of streams is wrong at {stream}")
                after = row.position
                yield row

    def with_key(self, key: str) -> list[Row]:
        """Return the rows recorded under an idempotency key."""
        rows = self._proved(self._fetch("with_key", key))
        if any(row.key != key for row in rows):
            raise damaged(self.path, f"the index of keys is wrong at {key}")
        return rows

    def unseal(self, position: int, field: str) -> str | None:
        """Return a sealed value, or None where it was erased or never was."""
        found = self._fetch("unseal", position, field)
        if not found:
            return None
        salt, value = found[0]
        if not keeps(next(self.rows(position - 1, 1), None), field, salt, value):
            raise damaged(self.path, f"the sealed {field} of position {position} is another")
        return str(value)

    def _proved(self, values: list[tuple[Any, ...]]) -> list[Row]:
        """Return rows whose bytes give their stored leaves: nothing altered is ever served."""
        rows = [_row(one[:COLUMNS]) for one in values]
        if not all(map(proves, rows, [one[COLUMNS] for one in values])):
            wrong = next(
                row for row, one in zip(rows, values, strict=True) if not proves(row, one[COLUMNS])
            )
            raise damaged(self.path, f"position {wrong.position} is not what was recorded")
        return rows

    # -- snapshots ---------------------------------------------------------------------------

    def save_snapshot(self, fingerprint: str, snapshot: Snapshot) -> None:
        """Keep a snapshot, and the one before it. Raises CannotRecord or CommitFailed."""
        packed = snapshots.pack(fingerprint, snapshot)

        def write() -> None:
            self._db.execute(SQL["add_snapshot"], packed)
            self._db.execute(SQL["drop_old_snapshots"], (SNAPSHOTS_KEPT,))

        self._write_derived(write)

    def _write_derived(self, write: Callable[[], None]) -> None:
        """Write what is derived from the rows in a transaction of its own."""
        self._check_known()
        self._check_space()
        self._begin()
        try:
            self._check_fence()
            write()
        except BaseException as error:
            self._undo(error)
            if isinstance(error, sqlite3.Error):
                raise append_refusal(error) from error
            raise
        self._commit()

    def load_snapshot(self, fingerprint: str) -> Snapshot | None:
        """Return the newest whole snapshot with this fingerprint, or None."""
        for packed in self._fetch("snapshots", fingerprint):
            found = snapshots.unpack(snapshots.Packed(*packed))
            if found is not None and found.position <= self._frontier.size:
                return found
        return None

    # -- what was laid aside -----------------------------------------------------------------

    def keep_aside(self, fingerprint: str, aside: Sequence[LaidAside]) -> None:
        """Keep what a start laid aside, and forget what other programs did.

        Raises CannotRecord or CommitFailed.
        """

        def write() -> None:
            self._db.execute(SQL["drop_strange_aside"], (fingerprint,))
            self._insert_aside(aside)

        self._write_derived(write)

    def laid_aside(self, fingerprint: str, stream: str, position: int) -> bytes | None:
        """Return what was laid aside last at or before a position, None where that is damaged."""
        for checksum, body, at in self._fetch("laid_aside", fingerprint, stream, position):
            found = snapshots.unpacked_aside(fingerprint, stream, at, checksum, body)
            if found is None:
                log.error("what was laid aside of %s is damaged; start again to mend it", stream)
                self._forget_aside(fingerprint, stream, at)
            return found
        return None

    def _forget_aside(self, fingerprint: str, stream: str, position: int) -> None:
        """Let the next start build everything from the rows, a damaged body among it."""

        def write() -> None:
            self._db.execute(SQL["drop_aside"], (fingerprint, stream, position))
            self._db.execute(SQL["drop_old_snapshots"], (0,))

        with contextlib.suppress(CannotRecord):
            self._write_derived(write)

    def has_aside(self, fingerprint: str, stream: str, position: int) -> bool:
        """Say whether something was laid aside at exactly this position."""
        return bool(self._fetch("has_aside", fingerprint, stream, position))

    def close(self) -> None:
        """Let go of the file. Closing twice does nothing."""
        self._db.close()
        self._mark.close()
        self._lock.release()


def _begin_epoch(
    connection: sqlite3.Connection, path: Path, mark: Head | None, create: bool
) -> tuple[Frontier, int, int]:
    """Make the tables if the file is new, prove its end, and begin the next epoch."""
    connection.execute("BEGIN IMMEDIATE")
    new = opening.look_before_writing(connection, path)
    if new and not create:
        raise opening.no_record(path)
    if new:
        opening.make_tables(connection)
    else:
        connection.execute(SQL["create_aside"])  # a record made before there was such a table
    frontier, last_us = opening.recover_tip(connection, path)
    opening.check_mark(connection, path, frontier.size, mark)
    epoch: int = connection.execute(SQL["next_epoch"]).fetchone()[0]
    connection.execute("COMMIT")
    return frontier, last_us, epoch
