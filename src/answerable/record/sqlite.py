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
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from answerable.kernel.event import Row, SealedValue
from answerable.kernel.store import CannotRecord, CommitFailed, Head, LaidAside, Snapshot
from answerable.record import opening, snapshots, tree
from answerable.record.batch import Batch
from answerable.record.disk import BUSY_S, LOCAL, Disk
from answerable.record.entry import COLUMNS, proves
from answerable.record.lock import WriterLock
from answerable.record.mark import Mark
from answerable.record.refusals import (
    Fenced,
    KeyMissing,
    append_refusal,
    damaged,
    keys_remain,
    no_space,
    not_writable,
    open_refusal,
    read_refusal,
)
from answerable.record.tree import Frontier
from answerable.record.vault import Boxed, Keys, Vault, value_of

SQL = opening.SQL
PEAKS_EVERY = 1024
"""A head keeps its frontier each time the size passes a multiple of this."""
CHUNK = 1024
SNAPSHOTS_KEPT = 2
RESERVE_BYTES = 32 * 1024 * 1024
"""Free space below which nothing more is accepted: a full disk is met before a transaction."""
WRONG_KIND = (TypeError, ValueError, OverflowError)
"""What Python says to a value that damage has made another kind of: a text for a number."""
ROOMY = 4
"""Reserves of free space above which one look a batch is enough."""

log = logging.getLogger("answerable.record")


def _values(row: Row, leaf: bytes) -> tuple[Any, ...]:
    """Return the columns of a row.

    Bytes go as bytearrays: sqlite3 looks for an adapter of every ``bytes``, a quarter of the cost.
    """
    *columns, body, cut, veil = row
    return (*columns, bytearray(body), cut, bytearray(veil), bytearray(leaf))


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
        keys: Keys,
        disk: Disk = LOCAL,
    ) -> None:
        self.path = path
        self._disk = disk
        self.vault = Vault(keys, self._key_of)
        self._db = connection
        self._lock = lock
        self._mark = mark
        self._frontier, self._last_us, self._epoch = tip
        self._unknown = ""
        self._free_bytes = 0
        self.emptied = True
        """Whether the write-ahead log holds nothing that was erased since."""

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
                tip, keys = _begin_epoch(connection, path, disk, create)
                undo.callback(keys.close)
                mark = disk.open_mark(path)
                disk.sync_folder(path.parent)
            except sqlite3.Error as error:
                disk.note_unsure(path)
                raise open_refusal(error, path) from error
            except OSError as error:
                raise not_writable(path, error.strerror or str(error)) from error
            except WRONG_KIND as error:
                raise damaged(path, f"a value in it is of the wrong kind ({error})") from error
            undo.pop_all()
        store = cls(path, connection, lock, mark, tip, keys, disk)
        try:
            mark.set(store.head())
            store._carry_out()
        except (*WRONG_KIND, sqlite3.IntegrityError) as error:
            store.close()
            raise damaged(path, f"a value in it is of the wrong kind ({error})") from error
        except OSError as error:
            store.close()
            raise not_writable(path, error.strerror or str(error)) from error
        except BaseException:
            store.close()
            raise
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
            self.vault.forget()
            self._undo(error)
            if isinstance(error, Exception) and not isinstance(error, CannotRecord):
                raise append_refusal(error) from error
            raise
        self._commit()
        self.vault.kept()
        self._frontier, self._last_us = batch.frontier, batch.last_us
        self._mark.set(head)
        return head

    def _insert(
        self, rows: Sequence[Row], sealed: Sequence[SealedValue], batch: Batch, head: Head
    ) -> None:
        self._check_fence()
        execute = self._db.executemany
        execute(SQL["add_event"], list(map(_values, rows, batch.leaves)))
        if sealed:
            self._insert_sealed(sealed)
        keep = head.size // PEAKS_EVERY > self._frontier.size // PEAKS_EVERY
        peaks = tree.packed(batch.frontier) if keep else None
        self._db.execute(SQL["add_head"], (head.size, head.root, peaks))

    def _insert_sealed(self, sealed: Sequence[SealedValue]) -> None:
        boxes, new_keys = self.vault.seal(sealed)
        self._db.executemany(SQL["add_sealed"], boxes)
        if new_keys:
            self._db.executemany(SQL["add_sealed_key"], new_keys)

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
            self._disk.note_unsure(self.path)
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
        except UnicodeDecodeError as error:  # SQLite's own words, about a name that was damaged
            raise damaged(self.path, f"it cannot be read there: {name}") from error

    def rows(self, after: int = 0, limit: int | None = None) -> Iterator[Row]:
        """Yield rows in order of position, those after position ``after``.

        Raises RecordDamaged at a row that is not what was recorded.
        """
        after = max(after, 0)
        last = self._frontier.size if limit is None else min(after + limit, self._frontier.size)
        while after < last:
            values = self._fetch("rows", after, min(CHUNK, last - after))
            rows = self._proved(values)
            positions = [one[0] for one in values]
            if not rows or positions != list(range(after + 1, after + 1 + len(rows))):
                raise damaged(self.path, f"a position after {after} is missing or out of order")
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
        """Return a sealed value, or None where it was erased or never was.

        Raises KeyMissing where its key is not there though no erasure is recorded.
        """
        found = self._fetch("unseal", position, field)
        if not found or self._fetch("was_destroyed", found[0][2]):
            return None
        contents = self.vault.open(next(self.rows(position - 1, 1), None), Boxed(*found[0]))
        if contents is None:
            raise damaged(self.path, f"the sealed {field} of position {position} is another")
        return contents.value

    def _proved(self, values: list[tuple[Any, ...]]) -> list[Row]:
        """Return rows whose bytes give their stored leaves: nothing altered is ever served."""
        for one in values:
            if not proves(one, one[COLUMNS]):
                raise damaged(self.path, f"position {one[0]} is not what was recorded")
        return [_row(one[:COLUMNS]) for one in values]

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

    def has_any_aside(self, fingerprint: str) -> bool:
        """Say whether a program of this fingerprint laid anything aside."""
        return bool(self._fetch("has_any_aside", fingerprint))

    def aside_after(self, fingerprint: str, position: int) -> Iterator[tuple[str, int]]:
        """Yield what was laid aside after a position: its stream, and at which position."""
        yield from self._fetch("aside_after", fingerprint, position)

    # -- erasing -----------------------------------------------------------------------------

    def _key_of(self, stream: str) -> int | None:
        found: int | None = self._db.execute(SQL["key_of_stream"], (stream,)).fetchone()[0]
        return found

    def destroy_keys(self, orders: Mapping[int, Sequence[str]]) -> int:
        """Destroy the keys and the sealed values of streams, as the events at positions order.

        What was sealed after such an event is kept, under a new key. Doing it again changes
        nothing. Returns how many keys were destroyed. Raises CannotRecord or CommitFailed.
        """
        destroyed: list[int] = []
        self._db.execute("PRAGMA secure_delete = ON")
        try:
            self._write_derived(lambda: destroyed.extend(self._erase(orders)))
        except BaseException:
            self.vault.forget()
            raise
        finally:
            self._db.execute("PRAGMA secure_delete = OFF")
        self.vault.kept()
        self._carry_out()
        return len(destroyed)

    def _erase(self, orders: Mapping[int, Sequence[str]]) -> list[int]:
        """Take away the boxes of streams and mark their keys, inside a transaction."""
        nth = (self._fetch("last_erasure")[0][0] or 0) + 1
        marked: list[int] = []
        for by, stream in ((at, one) for at in sorted(orders) for one in orders[at]):
            keys = [key for (key,) in self._fetch("keys_of_stream", stream)]
            self._db.executemany(SQL["mark_destroyed"], [(by, nth, key) for key in keys])
            self.vault.leave(stream)
            self._drop_boxes(stream, by)
            marked += keys
        return marked

    def _drop_boxes(self, stream: str, by: int) -> None:
        """Take away what was sealed in a stream up to a position; seal anew what came after it."""
        for one in self._fetch("sealed_of_stream", stream):
            boxed = Boxed(*one)
            later = self._sealed_again(boxed) if boxed.position > by else None
            self._db.execute(SQL["drop_sealed"], boxed[:2])
            if later is not None:
                self._insert_sealed([later])

    def _sealed_again(self, boxed: Boxed) -> SealedValue | None:
        """Return the value of a box to be put under a new key, None where it does not open."""
        row = next(self.rows(boxed.position - 1, 1))
        try:
            contents = self.vault.open(row, boxed)
        except KeyMissing:
            return None
        return contents and value_of(row, boxed.field, contents)

    def _carry_out(self) -> None:
        """Destroy in the file of keys whatever the record says is destroyed, and empty the log.

        The record is the order, the file of keys only follows: after a crash between the two, or
        with an older file put back, this brings it to where the record stands. Raises KeysRemain.
        """
        try:
            due = self._fetch("keys_destroyed_after", self.vault.keys.carried())
            if due:
                self.emptied = False
                self.vault.destroy([key for key, _ in due], max(nth for _, nth in due))
        except sqlite3.IntegrityError:
            raise
        except (sqlite3.Error, OSError) as error:
            raise keys_remain(self.vault.keys.path, error) from error
        self.empty_log()

    def empty_log(self) -> bool:
        """Empty the write-ahead log once something was erased; say whether nothing is left in it.

        A reader may hold it; then the next call does it.
        """
        if self.emptied:
            return True
        self._db.execute("PRAGMA busy_timeout = 0")  # nobody waits for a reader
        try:
            busy = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            self.emptied = not busy
        except sqlite3.Error as error:
            log.warning("the log still holds what was erased: %s", error)
        finally:
            self._db.execute(f"PRAGMA busy_timeout = {int(BUSY_S * 1000)}")
        return self.emptied

    def close(self) -> None:
        """Let go of the files, also where the disk fails meanwhile. Closing twice does nothing."""
        with contextlib.ExitStack() as then:
            then.callback(self._lock.release)
            then.callback(self._mark.close)
            then.callback(self._db.close)
            self.vault.keys.close()


def _begin_epoch(
    connection: sqlite3.Connection, path: Path, disk: Disk, create: bool
) -> tuple[tuple[Frontier, int, int], Keys]:
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
    opening.check_mark(connection, path, frontier.size, disk.read_mark(path))
    disk.write_log_again(path)  # where a sync failed before
    keys = opening.open_keys(connection, path, disk)
    try:
        epoch: int = connection.execute(SQL["next_epoch"]).fetchone()[0]
        connection.execute("COMMIT")
    except BaseException:
        keys.close()
        raise
    return (frontier, last_us, epoch), keys
