"""What ``fsck`` asks of the sealed values: each opens to its commitment, or was erased on record.

Nothing is locked: the file of keys is read in single looks, so that a running centre goes on. A key
that was destroyed meanwhile is told from one that is missing by asking the record once more.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import msgspec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from answerable.kernel.event import Row
from answerable.kernel.store import StoreRefusal
from answerable.record import keyfile
from answerable.record.findings import FsckReport
from answerable.record.keyfile import check_of, vault_of
from answerable.record.opening import SQL
from answerable.record.reading import connect_reader
from answerable.record.sealing import commitment_in, keeps
from answerable.record.vault import ERASED, Boxed, unboxed

BUSY_S = 5.0
RESTORE = "Keep this file, restore the newest backup into another, and compare the two there."
NEWER = "Put a newer copy of the file with the keys back and look again."
AGAIN = "Start the centre: it is carried out then."
COMMITTED = "sealed:"
NEVER_ERASED = "it is missing, and was never erased"


class Seals:
    """The sealed values of one record, looked at in order of position."""

    def __init__(self, record: sqlite3.Connection, report: FsckReport) -> None:
        self._record = record
        self._report = report
        self._path = Path(report.path)
        self._erased: dict[str, int] = {}
        self._streams: dict[int, str] = {}
        self._at = (0, "")
        self._boxes: set[str] = set()
        self._keys = self._reader()
        for key, stream, destroyed in self._ordered(record, SQL["all_sealed_keys"]):
            if not isinstance(destroyed, int | None):
                what = "it says of its destruction what is no position"
                report.find(f"key {key} of the vault", what, RESTORE)
            elif destroyed is None:
                self._streams[key] = stream
            else:
                self._erased[stream] = max(destroyed, self._erased.get(stream, 0))

    def _reader(self) -> sqlite3.Connection | None:
        """Return a connection that only reads the keys, None where they cannot be looked at."""
        vault = vault_of(self._path)
        try:
            if vault.is_file():
                uri = f"{vault.as_uri()}?mode=ro"
                keys = sqlite3.connect(uri, uri=True, timeout=BUSY_S, isolation_level=None)
                keys.execute(keyfile.SQL["standing"]).fetchone()
                return keys
        except (OSError, sqlite3.Error) as error:
            note = f"sealed values were not opened: {vault.name} cannot be read ({error})"
            self._report.notes.append(note)
            return None
        if self._record.execute(SQL["any_sealed_key"]).fetchone():
            what = "it is not there; nothing that is sealed can be opened"
            self._report.find(f"the keys {vault.name}", what, NEWER)
        return None

    def _ordered(self, connection: sqlite3.Connection, sql: str) -> Iterator[Any]:
        try:
            yield from connection.execute(sql)
        except sqlite3.DatabaseError as error:
            self._report.find("the table of keys", str(error), RESTORE)

    # -- one value ---------------------------------------------------------------------------

    def check(self, row: Row, boxed: Boxed) -> None:
        """Check one value against the event it belongs to."""
        report, where = self._report, f"the sealed {boxed.field} of position {boxed.position}"
        report.sealed += 1
        if boxed.position != row.position:
            report.find(where, "there is no such event", RESTORE, boxed.position)
            return
        if self._at[0] != row.position:
            self._at, self._boxes = (row.position, row.kind), set()
        self._boxes.add(boxed.field)
        if self._streams.get(boxed.key) != row.stream:
            what = f"key {boxed.key} is not one of {row.stream} that counts"
            report.find(where, what, RESTORE, boxed.position)
        elif self._keys is not None:
            self._open(row, boxed, where)

    def _open(self, row: Row, boxed: Boxed, where: str) -> None:
        secret = self._secret(boxed.key)
        if secret is None:
            if not self._destroyed_since(boxed.key):
                what = f"key {boxed.key} of {row.stream} is missing, and no erasure is recorded"
                self._report.find(where, what, NEWER, boxed.position)
            return
        commitment = commitment_in(row, boxed.field)
        found = unboxed(AESGCM(secret), boxed, commitment) if commitment else None
        if found is None or not keeps(row, boxed.field, *found):
            what = "it is not what the event is committed to"
            self._report.find(where, what, RESTORE, boxed.position)

    def _secret(self, key: int) -> bytes | None:
        """Return a key, damaged or not: what it opens tells; None where it is not there."""
        assert self._keys is not None
        with suppress(sqlite3.Error):
            found = self._keys.execute(keyfile.SQL["key"], (key,)).fetchone()
            if found is not None and isinstance(found[0], bytes) and len(found[0]) == 32:
                return found[0]
        return None

    def _destroyed_since(self, key: int) -> bool:
        """Say whether a key was destroyed after the moment that is looked at."""
        with suppress(StoreRefusal, sqlite3.Error), closing(connect_reader(self._path)) as now:
            return now.execute(SQL["was_destroyed"], (key,)).fetchone() is not None
        return False

    def complete(self, row: Row, fields: Collection[str]) -> None:
        """Check that what an event is committed to in its sealed fields is there, or was erased."""
        here = self._boxes if self._at[0] == row.position else ()
        for field in fields:
            commitment = commitment_in(row, field)
            if not commitment.startswith(COMMITTED) or field in here:
                continue
            if self._erased.get(row.stream, 0) < row.position:
                where = f"the sealed {field} of position {row.position}"
                self._report.find(
                    where, "it is missing, and was never erased", RESTORE, row.position
                )

    # -- all keys ----------------------------------------------------------------------------

    def finish(self) -> None:
        """Check every key, and that whatever is destroyed was ordered by an event."""
        self._check_orders()
        if self._keys is None:
            return
        there = set()
        for number, secret, check in self._ordered(self._keys, keyfile.SQL["all_keys"]):
            there.add(number)
            if not isinstance(secret, bytes) or check_of(number, secret) != check:
                self._report.find(f"key {number} of the vault", "it is damaged", NEWER)
        for key, stream in sorted(self._streams.items()):
            if key not in there and not self._destroyed_since(key):
                what = f"it is missing; what it sealed of {stream} cannot be opened"
                self._report.find(f"key {key} of the vault", what, NEWER)
        for key, stream, destroyed in self._ordered(self._record, SQL["all_sealed_keys"]):
            if destroyed is not None and key in there:
                what = f"it is still there, though {stream} was erased at position {destroyed}"
                self._report.find(f"key {key} of the vault", what, AGAIN)
        self._keys.close()

    def _check_orders(self) -> None:
        for stream, by in sorted(self._erased.items()):
            found = self._record.execute(SQL["order_at"], (by,)).fetchone()
            if found is None or found[0] != ERASED or stream not in _streams_in(found[1]):
                what = f"they were destroyed, and position {by} does not order it"
                self._report.find(f"the keys of {stream}", what, RESTORE, by)


def _streams_in(body: bytes) -> Collection[str]:
    """Return the streams that an erasure names; none where its bytes are damaged."""
    try:
        named = msgspec.json.decode(body, type=dict[str, object]).get("streams", ())
    except (msgspec.DecodeError, TypeError, ValueError):
        return ()
    return {one for one in named if isinstance(one, str)} if isinstance(named, list) else ()
