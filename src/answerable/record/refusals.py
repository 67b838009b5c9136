"""What a record refuses, each in three sentences: what was not done, why, and the way out.

Two families: ``OpenRefusal`` when a record does not open, ``AppendRefusal`` when it does not
accept a batch and it is certain that nothing of it was written.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import ClassVar

from answerable.kernel.store import CannotRecord, StoreRefusal

FULL_BYTES = 65_536


class OpenRefusal(StoreRefusal):
    """The record was not opened; its file is as it was."""

    code: ClassVar[str] = "record.OpenRefusal"

    def __init__(self, not_done: str, because: str, instead: str) -> None:
        super().__init__(f"{not_done} {because} {instead}")


class NoRecord(OpenRefusal):
    """There is no record at the path, and none was to be made."""

    code = "record.NoRecord"


class NotWritable(OpenRefusal):
    """The file or its folder cannot be written."""

    code = "record.NotWritable"


class RecordInUse(OpenRefusal):
    """Another process has the record."""

    code = "record.RecordInUse"


class NotARecord(OpenRefusal):
    """The file is something else."""

    code = "record.NotARecord"


class NewerFormat(OpenRefusal):
    """A newer program made the record."""

    code = "record.NewerFormat"


class RecordDamaged(OpenRefusal):
    """The record is not what was written."""

    code = "record.RecordDamaged"


class NotReadable(OpenRefusal):
    """The disk did not give the record's bytes."""

    code = "record.NotReadable"


class NotDurable(OpenRefusal):
    """The place cannot keep the promise that what is acknowledged is on the disk."""

    code = "record.NotDurable"


class VaultLost(OpenRefusal):
    """The record holds sealed values, and the file with their keys is gone."""

    code = "record.VaultLost"


class VaultRefused(OpenRefusal):
    """The file with the keys is damaged, something else, or of another record."""

    code = "record.VaultRefused"


class KeyMissing(OpenRefusal):
    """A sealed value has no key, and no erasure of it is recorded."""

    code = "record.KeyMissing"


class AppendRefusal(CannotRecord):
    """The batch was not recorded; nothing of it was written."""

    code: ClassVar[str] = "record.AppendRefusal"

    def __init__(self, because: str, instead: str) -> None:
        super().__init__(f"Nothing of this batch was recorded. {because} {instead}")


class NoSpace(AppendRefusal):
    """The disk is full, or so nearly that a batch may not fit."""

    code = "record.NoSpace"


class Locked(AppendRefusal):
    """Another program holds a lock on the file."""

    code = "record.Locked"


class Fenced(AppendRefusal):
    """Another process opened the record later; this one may never write again."""

    code = "record.Fenced"


class OutOfOrder(AppendRefusal):
    """The rows are not the next ones: wrong position, epoch or time."""

    code = "record.OutOfOrder"


class TooLarge(AppendRefusal):
    """An entry is longer than a log tile can hold; it is refused whole, never cut (B17)."""

    code = "record.TooLarge"


class NotTaken(AppendRefusal):
    """The database refused a statement for another reason."""

    code = "record.NotTaken"


class KeysRemain(CannotRecord):
    """An erasure is recorded, and its keys are still there: it has to be carried out again."""

    code: ClassVar[str] = "record.KeysRemain"


def keys_remain(path: Path, error: Exception) -> KeysRemain:
    """Return the refusal of an erasure whose keys could not be destroyed now."""
    return KeysRemain(
        "Not yet erased: the keys of words whose erasure is recorded. "
        f"{path.name} could not be written ({error}). "
        "Look at the disk; the next try, or the next start, destroys them."
    )


def damaged(path: Path | str, what: str) -> RecordDamaged:
    """Return the refusal of a damaged record."""
    return RecordDamaged(
        f"The record {path} was not opened.",
        f"It is damaged: {what}.",
        f"Run 'answerable fsck {path}' to see where; restore the newest backup beside it and "
        "keep the damaged file.",
    )


def in_use(path: Path | str, by: str) -> RecordInUse:
    """Return the refusal of a record that another process has."""
    return RecordInUse(
        f"The record {path} was not opened.",
        f"It is in use by {by}; a record has one writer.",
        "Stop that process first, or choose another file.",
    )


def open_refusal(error: sqlite3.Error, path: Path) -> OpenRefusal:
    """Return the refusal that fits an SQLite error met while opening."""
    name = _name_of(error)
    not_opened = f"The record {path} was not opened."
    if name.startswith("SQLITE_NOTADB"):
        return not_a_record(path)
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_IOERR_SHORT_READ")):
        return damaged(path, str(error))
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return in_use(path, "another program that has locked it")
    if name.startswith("SQLITE_FULL") or (name.startswith("SQLITE_IOERR") and _is_full(path)):
        return NotWritable(not_opened, "The disk is full.", "Free some space, then start again.")
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM", "SQLITE_AUTH")):
        return not_writable(path, str(error))
    return NotWritable(
        not_opened,
        f"The disk did not answer as it should ({name}: {error}).",
        "Look at the system log for disk errors; move the record to a sound disk.",
    )


def read_refusal(error: sqlite3.Error, path: Path, what: str) -> OpenRefusal:
    """Return the refusal that fits an SQLite error met while reading."""
    name = _name_of(error)
    if not name or name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_IOERR_SHORT_READ")):
        return damaged(path, f"it cannot be read there: {what}: {error}")
    return NotReadable(
        f"Not read from the record {path}: {what}.",
        f"The disk did not answer as it should ({name}: {error}).",
        "Look at the system log for disk errors; try again.",
    )


def not_writable(path: Path, why: str) -> NotWritable:
    """Return the refusal of a place that cannot be written."""
    return NotWritable(
        f"The record {path} was not opened.",
        f"The file or its folder cannot be written ({why}).",
        "Give this user the right to write there, or choose another folder.",
    )


def not_a_record(path: Path) -> NotARecord:
    """Return the refusal of a file that is something else."""
    return NotARecord(
        f"The record {path} was not opened.",
        "The file there is not a record of Answerable.",
        "Check the path; the file was left as it is.",
    )


def append_refusal(error: Exception) -> AppendRefusal:
    """Return the refusal that fits an error met inside a transaction, now rolled back."""
    name = _name_of(error)
    if name.startswith("SQLITE_FULL"):
        return no_space()
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return Locked(
            "Another program has locked the record.",
            "Close that program (a database browser, a copy in progress), then send it again.",
        )
    if name.startswith(("SQLITE_READONLY", "SQLITE_PERM")):
        return NotTaken(
            "The record's file has become read-only.",
            "Make it writable for this user, then send it again.",
        )
    return NotTaken(
        f"The database refused it ({name or type(error).__name__}: {error}).",
        "Run 'answerable fsck' on the record, then send it again.",
    )


def no_space() -> NoSpace:
    """Return the refusal of a full disk."""
    return NoSpace("The disk is full.", "Free some space, then send it again.")


def _is_full(path: Path) -> bool:
    """Say whether there is hardly a page of space left; SQLite calls that an I/O error at times."""
    with contextlib.suppress(OSError):
        place = os.statvfs(path.parent)
        return place.f_bavail * place.f_frsize < FULL_BYTES
    return False


def _name_of(error: BaseException) -> str:
    return str(getattr(error, "sqlite_errorname", "") or "")
