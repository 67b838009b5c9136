"""What backups refuse, and what is wrong with one that is worth nothing."""

from __future__ import annotations

import errno
import sqlite3

from answerable.kernel.store import StoreRefusal

NOT_MADE, EMPTY, SMALL = "not made", "empty", "too small"
UNREADABLE, DIFFERS = "unreadable", "not what was recorded"
"""What can be wrong with a backup, as the room ``keeping`` names it."""


class BackupRefused(StoreRefusal):
    """Nothing was begun: no backup was made, nothing was put back. Three sentences say why."""


class Hollow(Exception):
    """A backup that is none: what was found, why in one sentence, and in which file."""

    def __init__(self, found: str, why: str, file: str = "") -> None:
        self.found, self.why, self.file = found, why, file
        super().__init__(f"{found}: {why}")

    def within(self, file: str) -> Hollow:
        """Return the same about a file."""
        return Hollow(self.found, f"{file}: {self.why}", file)


def hollow(error: Exception) -> Hollow:
    """Return what an error met while making or reading a backup says about it."""
    if isinstance(error, Hollow):
        return error
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Hollow(NOT_MADE, "the disk is full; see to more space there, then make it again")
    if isinstance(error, StoreRefusal):
        return Hollow(NOT_MADE, str(error))
    if isinstance(error, sqlite3.Error):
        name = getattr(error, "sqlite_errorname", "") or type(error).__name__
        if name.startswith("SQLITE_FULL"):
            return Hollow(NOT_MADE, "the disk of the scratch place is full; name another")
        return Hollow(NOT_MADE, f"the database answered {name}: {error}; run 'answerable fsck'")
    if isinstance(error, UnicodeEncodeError):
        return Hollow(NOT_MADE, "a text of the record is damaged; run 'answerable fsck' on it")
    reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
    return Hollow(NOT_MADE, f"{reason}; look at the disk, then make it again")
