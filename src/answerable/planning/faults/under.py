"""An imagined disk in the place of the machine's own, for ``SqliteStore.open``."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import cast

from answerable.kernel.store import Head
from answerable.planning.faults.disk import Disk
from answerable.planning.faults.vfs import AUTOCHECKPOINT_PAGES, Connection
from answerable.record import disk as machine
from answerable.record.keyfile import HeapKeys, KeyFile, journal_of, lost, refused, vault_of
from answerable.record.mark import Mark, head_in, mark_of
from answerable.record.vault import Keys


class ImaginedMark(Mark):
    """A mark on an imagined disk."""

    def __init__(self, disk: Disk, record: Path) -> None:
        """Open it, making it where it is missing. Raises OSError."""
        self._disk, self._name = disk, mark_of(record).name
        self._inode = disk.open(self._name, create=True)
        self._process = disk.process

    def _write(self, line: bytes) -> None:
        if self._process == self._disk.process:
            self._disk.write(self._name, self._inode, line, 0)

    def close(self) -> None:
        """Nothing to let go of."""


class ImaginedKeys(KeyFile):
    """The file of the vault's keys on an imagined disk."""

    def __init__(self, disk: Disk, path: Path) -> None:
        """Open the file, making it where it is missing. Raises OSError or sqlite3.Error."""
        self._disk = disk
        disk.open(path.name, create=True)
        super().__init__(path, cast(sqlite3.Connection, Connection(disk, path.name)))

    @classmethod
    def begun(
        cls, disk: Disk, record: Path, identity: bytes, used: int, *, in_use: bool
    ) -> ImaginedKeys:
        """Open the keys of a record, as ``KeyFile.open`` does. Raises VaultLost or VaultRefused."""
        path = vault_of(record)
        if in_use and path.name not in disk.names:
            raise lost(path)
        try:
            file = cls(disk, path)
        except (OSError, sqlite3.Error) as error:
            raise refused(path, f"The file cannot be used: {error}.") from error
        try:
            file._begin(identity, used)
        except sqlite3.Error as error:
            file._db.close()
            raise refused(path, f"It is damaged, or no file of keys: {error}.") from error
        except BaseException:
            file._db.close()
            raise
        return file

    def _scrub(self) -> None:
        """Overwrite and cut the journal, as on a real disk."""
        name = journal_of(self.path).name
        inode = self._disk.names.get(name)
        if inode is None:
            return
        zeros = bytes(len(self._disk.contents[inode]))
        self._disk.write(name, inode, zeros, 0)
        self._disk.sync(name, inode)
        self._disk.cut(name, inode, 0)
        self._disk.sync(name, inode)


class Imagined(machine.Disk):
    """An imagined disk, for ``SqliteStore.open``."""

    def __init__(
        self, disk: Disk, pages: int = AUTOCHECKPOINT_PAGES, keys: HeapKeys | None = None
    ) -> None:
        """Lie under a store; ``pages`` as for ``Connection``; ``keys`` that need no disk."""
        self.disk = disk
        self.pages = pages
        self.keys = keys

    def connect(self, path: Path) -> sqlite3.Connection:
        """Return a connection. Raises sqlite3.Error."""
        return cast(sqlite3.Connection, Connection(self.disk, path.name, self.pages))

    def open_mark(self, record: Path) -> Mark:
        """Open a record's mark. Raises OSError."""
        return ImaginedMark(self.disk, record)

    def read_mark(self, record: Path) -> Head | None:
        """Return the head that a record last acknowledged."""
        inode = self.disk.names.get(mark_of(record).name)
        return None if inode is None else head_in(bytes(self.disk.contents[inode]))

    def open_keys(self, record: Path, identity: bytes, used: int, *, in_use: bool) -> Keys:
        """Open the keys of the record's sealed words. Raises VaultLost or VaultRefused."""
        if self.keys is not None:
            return self.keys
        return ImaginedKeys.begun(self.disk, record, identity, used, in_use=in_use)

    def note_unsure(self, record: Path) -> None:
        """Note for the next start that a sync may have failed."""
        with contextlib.suppress(OSError):
            self.disk.open(machine.unsure_of(record).name, create=True)

    def write_log_again(self, record: Path) -> None:
        """After a failed sync, write the log over itself and sync it. Raises OSError."""
        note, log = machine.unsure_of(record).name, machine.log_of(record).name
        if note not in self.disk.names:
            return
        if (inode := self.disk.names.get(log)) is not None:
            self.disk.write(log, inode, bytes(self.disk.contents[inode]), 0)
            self.disk.sync(log, inode)
        self.disk.unlink(note)

    def sync_folder(self, folder: Path) -> None:
        """Make the names durable. Raises OSError."""
        self.disk.sync_folder()


def write_out(files: dict[str, bytes], folder: Path) -> None:
    """Write imagined files into a real folder, for the tools that read real ones."""
    for name, content in files.items():
        with open(os.path.join(folder, name), "wb") as file:
            file.write(content)
