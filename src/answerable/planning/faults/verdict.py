"""The start after a fault: does everything that was acknowledged stand there, and nothing half."""

from __future__ import annotations

import tempfile
from pathlib import Path

from answerable.kernel.store import StoreRefusal
from answerable.planning.faults.disk import Disk
from answerable.planning.faults.ledger import Expected, Ledger, Violation, lost
from answerable.planning.faults.rows import RECORD, row_at
from answerable.planning.faults.under import Imagined, write_out
from answerable.record.fsck import fsck
from answerable.record.keyfile import HeapKeys
from answerable.record.opening import SQL
from answerable.record.sqlite import SqliteStore


def start_on(disk: Disk, folder: Path, keys: HeapKeys | None = None) -> SqliteStore:
    """Start a record on an imagined disk, as every start does. Raises Violation."""
    try:
        return SqliteStore.open(folder / RECORD, disk=Imagined(disk, keys=keys))
    except StoreRefusal as refusal:
        raise Violation(f"the start was refused: {refusal}") from refusal


def check(store: SqliteStore, ledger: Ledger, moment: int, *, slowly: bool = False) -> None:
    """Compare a started record with what it had acknowledged by a moment. Raises Violation.

    Rows are compared with the drill's own book, so a fault in the store's checks hides nothing;
    ``slowly`` reads them by the store's own way too.
    """
    expected = ledger.expected(moment)
    size = _check_head(store, expected)
    if store.epoch <= expected.epoch:
        raise Violation(f"it began epoch {store.epoch}, and {expected.epoch} had begun before")
    _check_rows(store, ledger, expected, slowly=slowly)
    _check_sealed(store, ledger, moment, expected.surely.size)
    _check_derived(store, ledger, moment, size)


def _check_head(store: SqliteStore, expected: Expected) -> int:
    head = store.head()
    perhaps = expected.perhaps and expected.perhaps.head
    if head not in (expected.surely, perhaps):
        raise Violation(lost(expected.surely, head))
    return head.size


def _check_rows(store: SqliteStore, ledger: Ledger, expected: Expected, *, slowly: bool) -> None:
    size = store.head().size
    found = store._db.execute(SQL["rows"], (0, -1)).fetchall()
    if len(found) != size:
        raise Violation(f"its head is over {size} events, and {len(found)} are there")
    given = ledger.rows[: expected.surely.size]
    if expected.perhaps and size > expected.surely.size:
        given = [*given, *expected.perhaps.rows]
    for position, (values, row) in enumerate(zip(found, given, strict=True), 1):
        if values[:-1] != row:
            raise Violation(f"position {position} is not what was given")
    if slowly and [row.position for row in store.rows()] != list(range(1, size + 1)):
        raise Violation("its own reading gives other positions")


def _check_sealed(store: SqliteStore, ledger: Ledger, moment: int, size: int) -> None:
    for (position, field), value in ledger.sealed.items():
        if position <= size:
            found = store.unseal(position, field)
            if found not in ledger.may_be_kept(value, moment):
                now = "still there" if found else "not there"
                raise Violation(f"the sealed {field} of position {position} is {now}")


def check_erased(disk: Disk, ledger: Ledger, moment: int) -> None:
    """See that no byte of a destroyed key lies in any file. Raises Violation."""
    for erasure in ledger.erasures:
        for name, inode in disk.names.items() if erasure.done <= moment else ():
            if any(secret in disk.contents[inode] for secret in erasure.secrets):
                raise Violation(f"the bytes of a destroyed key lie in {name}")


def _check_derived(store: SqliteStore, ledger: Ledger, moment: int, size: int) -> None:
    """Check snapshots and what was laid aside: whole, and not older than what was kept."""
    for fingerprint in {one.fingerprint for one in ledger.snapshots}:
        mine = [one for one in ledger.snapshots if one.fingerprint == fingerprint]
        allowed = [one.snapshot for one in mine if one.begun <= moment]
        surely = [one.snapshot.position for one in mine if one.done <= moment]
        found = store.load_snapshot(fingerprint)
        if found is not None and found not in allowed:
            raise Violation(f"the snapshot at {found.position} is not one that was kept")
        if surely and (found is None or found.position < max(surely)):
            raise Violation(f"the snapshot at {max(surely)} was kept and is not there")
    for (fingerprint, stream, at), (kept, body) in ledger.aside.items():
        if kept <= moment and store.laid_aside(fingerprint, stream, at) != body:
            raise Violation(f"what was laid aside of {stream} at {at} is not there")


def goes_on(store: SqliteStore) -> None:
    """Append one more event and read it again. Raises Violation."""
    first = store.head().size + 1
    try:
        store.append([row_at(first, store.epoch, store._last_us)])
    except Exception as error:
        raise Violation(f"the record started and takes nothing more: {error}") from error
    if not store.with_key(f"drill:{first}"):
        raise Violation("what was recorded after the start is not found by its key")


def looked_over(files: dict[str, bytes]) -> None:
    """Look over the files with ``fsck`` and the standard library's SQLite. Raises Violation."""
    with tempfile.TemporaryDirectory(prefix="drill-") as folder:
        write_out(files, Path(folder))
        report = fsck(Path(folder) / RECORD)
    if not report.sound:
        raise Violation(f"fsck finds: {report.damage[0].text()}")
