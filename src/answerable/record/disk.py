"""What a store asks of the disk under it, in one place: a drill puts an imagined disk there.

Everything that decides whether an acknowledged event survives goes through here: the connection
to a database file, the mark, and the names in the folder. The lock beside the record does not:
it keeps nothing that anybody would miss.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path

from answerable.kernel.store import Head
from answerable.record.keyfile import KeyFile, vault_of
from answerable.record.mark import Mark, read_mark
from answerable.record.vault import Keys

BUSY_S = 1.0
"""How long a statement waits for a lock of another program."""
CHUNK_BYTES = 1 << 20


def log_of(record: Path) -> Path:
    """Return where SQLite keeps the write-ahead log of a record."""
    return record.with_name(record.name + "-wal")


def unsure_of(record: Path) -> Path:
    """Return the note that says that a sync of a record failed."""
    return record.with_name(record.name + ".unsure")


class Disk:
    """The machine's own disk: what a centre runs on."""

    def connect(self, path: Path) -> sqlite3.Connection:
        """Return a connection without implicit transactions. Raises sqlite3.Error."""
        return sqlite3.connect(path, timeout=BUSY_S, isolation_level=None)

    def open_mark(self, record: Path) -> Mark:
        """Open a record's mark for writing, making it where it is missing. Raises OSError."""
        return Mark(record)

    def read_mark(self, record: Path) -> Head | None:
        """Return the head that a record last acknowledged, or None without a readable mark."""
        return read_mark(record)

    def open_keys(self, record: Path, identity: bytes, used: int, *, in_use: bool) -> Keys:
        """Open the file with the keys of a record's sealed words, as ``KeyFile.open`` does."""
        return KeyFile.open(vault_of(record), identity, used, in_use=in_use)

    def note_unsure(self, record: Path) -> None:
        """Note for the next start that a sync may have failed; see ``write_log_again``.

        A failure is passed over: a disk that takes no new name has said so loudly enough.
        """
        with contextlib.suppress(OSError):
            os.close(os.open(unsure_of(record), os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))

    def write_log_again(self, record: Path) -> None:
        """After a failed sync, write the write-ahead log over itself and sync it. Raises OSError.

        A system may go on showing bytes that the disk never got, and count them as written: later
        syncs pass them over. So a start, which builds on what it reads, writes it first. The
        caller holds SQLite's write lock. Without a failed sync there is nothing to do, and what
        is surely on the disk is better not touched: a power cut may garble what is being written.
        """
        note = unsure_of(record)
        if not note.exists():
            return
        with contextlib.suppress(FileNotFoundError):
            _write_over(log_of(record))
        note.unlink()

    def sync_folder(self, folder: Path) -> None:
        """Make the names in a folder durable, so that a new file survives a power cut."""
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _write_over(path: Path) -> None:
    """Write a file's bytes over themselves, and sync it. Raises OSError."""
    descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        at = 0
        while chunk := os.pread(descriptor, CHUNK_BYTES, at):
            at += os.pwrite(descriptor, chunk, at)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


LOCAL = Disk()
