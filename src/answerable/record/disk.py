"""What a store asks of the disk under it, in one place: a drill puts an imagined disk there.

Everything that decides whether an acknowledged event survives goes through here: the connection
to a database file, the mark, and the names in the folder. The lock beside the record does not:
it keeps nothing that anybody would miss.
"""

from __future__ import annotations

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

    def write_log_again(self, record: Path) -> None:
        """Write what lies in a record's write-ahead log over itself, and sync it. Raises OSError.

        After a sync that failed, a system may go on showing bytes that the disk never got, and
        count them as written: a later sync passes them over. So a start, which builds on what it
        reads, writes it first. The caller holds SQLite's write lock.
        """
        try:
            descriptor = os.open(log_of(record), os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return
        try:
            at = 0
            while chunk := os.pread(descriptor, CHUNK_BYTES, at):
                at += os.pwrite(descriptor, chunk, at)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def sync_folder(self, folder: Path) -> None:
        """Make the names in a folder durable, so that a new file survives a power cut."""
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


LOCAL = Disk()
