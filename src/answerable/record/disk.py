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

    def sync_folder(self, folder: Path) -> None:
        """Make the names in a folder durable, so that a new file survives a power cut."""
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


LOCAL = Disk()
