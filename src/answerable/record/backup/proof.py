"""Restoring a chain of backups into a folder, and comparing everything that can be compared.

The same steps prove a backup before it is called one and put a record back after a disaster: what
is proved is the way back itself.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import NamedTuple

from answerable.kernel.store import StoreRefusal
from answerable.record import RECORD_FILE
from answerable.record.backup.boxes import Reader, opened, unwrapped
from answerable.record.backup.frames import frames
from answerable.record.backup.head import FULL, KEYS, Head, read_head
from answerable.record.backup.putting import Putting
from answerable.record.backup.refusals import DIFFERS, EMPTY, UNREADABLE, Hollow
from answerable.record.backup.taking import SQLITE_MAGIC
from answerable.record.fsck import fsck
from answerable.record.keyfile import vault_of


class NoKeyFits(Exception):
    """None of the keys that were given opens a file."""


class Back(NamedTuple):
    """What came back: how many events with which root, how many sealed values, which files."""

    size: int
    root: str
    sealed: int
    files: dict[str, str]


def read_into(
    putting: Putting, path: Path, readers: Sequence[Reader], fits: Callable[[Head], None]
) -> tuple[Head, str]:
    """Feed a file into a record on its way back; return its head and its SHA-256.

    ``fits`` raises Hollow for a head that does not belong there. Raises Hollow, NoKeyFits, OSError
    or sqlite3.Error.
    """
    with path.open("rb") as file:
        # What lies on the disk is to be proved, not what is still in memory of its writing.
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        head, begin = read_head(file)
        fits(head)
        key = unwrapped(head.wrapped, readers)
        if key is None:
            raise NoKeyFits(path.name)
        digest = hashlib.sha256(begin)
        try:
            putting.feed(frames(opened(file, key, begin, digest)))
        except (sqlite3.IntegrityError, sqlite3.InterfaceError, sqlite3.ProgrammingError) as error:
            raise Hollow(DIFFERS, f"its rows do not fit those before ({error})") from error
        except (TypeError, ValueError, OverflowError, AttributeError, LookupError) as error:
            raise Hollow(UNREADABLE, "one of its parts is not what it should be") from error
    return head, digest.hexdigest()


def put_back(
    folder: Path,
    chain: Sequence[tuple[Path, Sequence[Reader]]],
    at: int | None = None,
    vault: Path | None = None,
) -> Back:
    """Put a record back into an empty folder from the files of its chain, and prove it.

    ``at`` cuts it after the last whole batch at or before that position; ``vault`` has the keys
    with which every sealed value is opened. Raises Hollow with the file that is wrong, NoKeyFits,
    OSError or sqlite3.Error.
    """
    putting = Putting(folder, RECORD_FILE)
    try:
        last = _fed(putting, chain)
        putting.compare(last.blocks)
        size = putting.cut(at) if at is not None else last.size
        putting.finish()
    finally:
        putting.close()
    root = last.root if size == last.size else ""
    return _proved(folder, size, root, putting, vault)


def _fed(putting: Putting, chain: Sequence[tuple[Path, Sequence[Reader]]]) -> Head:
    """Feed every file of a chain, each held against the one before; return the last head."""
    before: tuple[Head, str] | None = None
    for path, readers in chain:
        try:
            head, digest = read_into(putting, path, readers, partial(_check_link, before))
        except Hollow as error:
            raise error.within(path.name) from error
        before = head, digest
    assert before is not None, "a chain has at least one file"
    return before[0]


def _check_link(before: tuple[Head, str] | None, head: Head) -> None:
    """Raise Hollow where a file does not go on from the one before it."""
    if before is None:
        if head.sort != FULL or head.since:
            raise Hollow(DIFFERS, "it is not the beginning of a chain")
        return
    last, digest = before
    if head.record != last.record:
        raise Hollow(DIFFERS, "it is a backup of another record")
    same = (head.chain, head.seq, head.since, head.since_root)
    if same != (last.chain, last.seq + 1, last.size, last.root) or head.prev != digest:
        raise Hollow(DIFFERS, "it does not go on from the file before it")


def _proved(folder: Path, size: int, root: str, putting: Putting, vault: Path | None) -> Back:
    """Read everything again from the disk; raises Hollow where it is not what it should be."""
    record = folder / RECORD_FILE
    beside = vault_of(record)
    if vault is not None and vault.is_file():
        beside.symlink_to(vault.absolute())
    else:
        beside.touch()  # so that the values are counted, and not said to have lost their keys
    try:
        report = fsck(record)
    except StoreRefusal as refusal:
        raise Hollow(DIFFERS, f"what came back does not open: {refusal}") from refusal
    finally:
        beside.unlink()
    if not report.sound:
        raise Hollow(DIFFERS, f"what came back is damaged: {report.damage[0].text()}")
    if report.events != size:
        raise Hollow(DIFFERS, f"{report.events} events came back where {size} were taken")
    if root and report.root != root:
        raise Hollow(DIFFERS, "the events that came back give another root")
    check_databases(folder, putting.files)
    return Back(size, report.root, report.sealed, dict(putting.files))


def put_keys_back(folder: Path, path: Path, readers: Sequence[Reader]) -> tuple[Head, Back]:
    """Put the files of a backup of keys into an empty folder, and prove them.

    Raises as ``put_back`` does.
    """
    putting = Putting(folder, "")
    try:
        head, _digest = read_into(putting, path, readers, _check_keys)
    except Hollow as error:
        raise error.within(path.name) from error
    finally:
        putting.close()
    if not putting.files:
        raise Hollow(EMPTY, "it holds no keys").within(path.name)
    check_databases(folder, putting.files)
    return head, Back(head.size, head.root, 0, dict(putting.files))


def _check_keys(head: Head) -> None:
    if head.sort != KEYS:
        raise Hollow(UNREADABLE, "it is no backup of keys")


def check_databases(folder: Path, files: dict[str, str]) -> None:
    """Raise Hollow where a file that is a database is not whole."""
    for name in files:
        path = folder / name
        with path.open("rb") as file:
            if file.read(len(SQLITE_MAGIC)) != SQLITE_MAGIC:
                continue
        uri = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
        try:
            with closing(sqlite3.connect(uri, uri=True)) as db:
                answers = db.execute("PRAGMA integrity_check").fetchall()
        except sqlite3.DatabaseError as error:
            raise Hollow(DIFFERS, f"the file {name} came back damaged ({error})") from error
        if answers != [("ok",)]:
            raise Hollow(DIFFERS, f"the file {name} came back damaged ({answers[0][0]})")
