"""The real store on an imagined disk: SQLite's own doors to a file system, by APSW.

The store speaks ``sqlite3``; here it gets a connection with the same few methods over APSW, whose
SQLite reads and writes an imagined ``Disk``. Errors come back as those of ``sqlite3``, so the
store's own handling of them is what is drilled. Only drills import this: APSW is the extra
``drill``. Its SQLite is another build than the one below ``sqlite3``; ``real`` drills that one.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import itertools
import sqlite3
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NoReturn, TypeVar

import apsw

from answerable.planning.faults.disk import Disk, Killed

NAME = "answerable-drill"
AUTOCHECKPOINT_PAGES = 1000
"""SQLite's own number."""
JOURNALS = ("-wal", "-journal")
SECTOR_BYTES = 4096
T = TypeVar("T")

_ERRORS: dict[int, type[sqlite3.Error]] = {
    apsw.SQLITE_INTERNAL: sqlite3.InternalError,
    apsw.SQLITE_NOTFOUND: sqlite3.InternalError,
    apsw.SQLITE_CORRUPT: sqlite3.DatabaseError,
    apsw.SQLITE_NOTADB: sqlite3.DatabaseError,
    apsw.SQLITE_TOOBIG: sqlite3.DataError,
    apsw.SQLITE_CONSTRAINT: sqlite3.IntegrityError,
    apsw.SQLITE_MISMATCH: sqlite3.IntegrityError,
    apsw.SQLITE_MISUSE: sqlite3.InterfaceError,
}
"""As the standard library has them; every other code is an OperationalError."""

_disks: weakref.WeakValueDictionary[str, Disk] = weakref.WeakValueDictionary()
_numbers = itertools.count(1)


class _File:
    """One open file, as SQLite sees it."""

    def __init__(self, disk: Disk, name: str, inode: int, *, new_journal: bool) -> None:
        self._disk, self._name, self._inode = disk, name, inode
        self._process = disk.process
        self._content = disk.contents[inode]
        self._name_unsure = new_journal

    def _gone(self) -> bool:
        """Say whether the process that opened this is no more: nothing it does counts."""
        return self._process != self._disk.process

    def xRead(self, amount: int, offset: int) -> bytes:
        return bytes(self._content[offset : offset + amount])

    def xWrite(self, data: bytes, offset: int) -> None:
        if not self._gone():
            with _as_sqlite(apsw.SQLITE_IOERR_WRITE):
                self._disk.write(self._name, self._inode, bytes(data), offset)

    def xTruncate(self, newsize: int) -> None:
        if not self._gone():
            with _as_sqlite(apsw.SQLITE_IOERR_TRUNCATE):
                self._disk.cut(self._name, self._inode, newsize)

    def xSync(self, flags: int) -> None:
        """Sync; as on a real disk, the first sync of a new journal brings its name along."""
        if self._gone():
            return
        with _as_sqlite(apsw.SQLITE_IOERR_FSYNC):
            self._disk.sync(self._name, self._inode)
            if self._name_unsure:
                self._disk.sync_folder()
                self._name_unsure = False

    def xFileSize(self) -> int:
        return len(self._content)

    def xLock(self, level: int) -> None:
        """One process has the imagined disk."""

    def xUnlock(self, level: int) -> None:
        """One process has the imagined disk."""

    def xCheckReservedLock(self) -> bool:
        return False

    def xFileControl(self, op: int, ptr: int) -> bool:
        """Answer that nothing is mapped into memory; other questions are not known here."""
        if op == apsw.SQLITE_FCNTL_MMAP_SIZE:
            ctypes.c_int64.from_address(ptr).value = 0
            return True
        return False

    def xSectorSize(self) -> int:
        return SECTOR_BYTES

    def xDeviceCharacteristics(self) -> int:
        return apsw.SQLITE_IOCAP_POWERSAFE_OVERWRITE

    def xClose(self) -> None:
        """Nothing to let go of."""

    def excepthook(self, *told: object) -> bool:
        """Keep quiet: every fault here is one that the drill made."""
        return True


class _Vfs(apsw.VFS):
    """The door: a path ``/<disk>/<process>/<file>`` leads to an imagined disk."""

    def __init__(self) -> None:
        super().__init__(NAME, "")

    def excepthook(self, *told: object) -> bool:
        """Keep quiet: every fault here is one that the drill made."""
        return True

    def xFullPathname(self, name: str) -> str:
        return name

    def xOpen(self, name: Any, flags: list[int]) -> Any:  # noqa: ANN401 - APSW's own
        disk, file = _found(name if isinstance(name, str) else name.filename())
        if disk is None:
            raise apsw.exception_for(apsw.SQLITE_CANTOPEN)
        create = bool(flags[0] & apsw.SQLITE_OPEN_CREATE)
        new = file not in disk.names
        with _as_sqlite(apsw.SQLITE_CANTOPEN):
            inode = disk.open(file, create=create)
        flags[1] = flags[0]
        return _File(disk, file, inode, new_journal=new and file.endswith(JOURNALS))

    def xAccess(self, pathname: str, flags: int) -> bool:
        disk, file = _found(pathname)
        return disk is not None and len(disk.contents.get(disk.names.get(file, 0), b"")) > 0

    def xDelete(self, filename: str, syncdir: bool) -> None:
        disk, file = _found(filename)
        if disk is None:
            return
        if file not in disk.names:
            raise apsw.exception_for(apsw.SQLITE_IOERR_DELETE_NOENT)
        with _as_sqlite(apsw.SQLITE_IOERR_DELETE):
            disk.unlink(file)
            if syncdir:
                disk.sync_folder()


def _found(path: str) -> tuple[Disk | None, str]:
    """Return the disk and the file of a path; no disk for a process of the past."""
    _, number, process, file = path.split("/")
    disk = _disks.get(number)
    return (disk if disk is not None and int(process) == disk.process else None), file


@contextlib.contextmanager
def _as_sqlite(code: int) -> Iterator[None]:
    """Turn a fault of the disk into the code that SQLite's unix doors would give."""
    try:
        yield
    except OSError as error:
        full = error.errno == errno.ENOSPC and code == apsw.SQLITE_IOERR_WRITE
        raise apsw.exception_for(apsw.SQLITE_FULL if full else code) from error


_vfs: list[_Vfs] = []


def _registered() -> str:
    if not _vfs:
        _vfs.append(_Vfs())
    return NAME


class Found:
    """The rows of a statement, all fetched."""

    def __init__(self, rows: list[tuple[Any, ...]]) -> None:
        self._rows = rows
        self._next = 0

    def fetchone(self) -> tuple[Any, ...] | None:
        """Return the next row, or None."""
        self._next += 1
        return self._rows[self._next - 1] if self._next <= len(self._rows) else None

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return the rows that are left."""
        rows, self._next = self._rows[self._next :], len(self._rows)
        return rows

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        return iter(self.fetchall())


class Connection:
    """What the store uses of ``sqlite3.Connection``, on an imagined disk."""

    def __init__(self, disk: Disk, name: str, pages: int = AUTOCHECKPOINT_PAGES) -> None:
        """Open a database; ``pages`` in the log call for a checkpoint after a commit."""
        self._disk = disk
        self._pages = pages
        path = f"/{number_of(disk)}/{disk.process}/{name}"
        self._db = _told(lambda: apsw.Connection(path, vfs=_registered()))
        # The index of the log lies in memory: it is lost in any crash, so it decides nothing.
        self.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._db.set_wal_hook(self._committed)

    def _committed(self, db: apsw.Connection, name: str, pages: int) -> int:
        """Checkpoint as SQLite's own hook does: what goes wrong there fails no commit."""
        if pages >= self._pages:
            with contextlib.suppress(apsw.Error):
                db.wal_checkpoint(name)
        return apsw.SQLITE_OK

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is open."""
        return self._db.in_transaction

    @property
    def total_changes(self) -> int:
        """How many rows were changed since it was opened."""
        return self._db.total_changes()

    def execute(self, sql: str, values: Sequence[Any] = ()) -> Found:
        """Carry out a statement. Raises sqlite3.Error."""
        return _told(lambda: Found(list(self._db.execute(sql, tuple(values)))))

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> Found:
        """Carry out a statement for each row. Raises sqlite3.Error."""
        everything = [tuple(row) for row in rows]
        return _told(lambda: Found(list(self._db.executemany(sql, everything))))

    def close(self) -> None:
        """Let go; as with ``sqlite3``, what fails in the last checkpoint is passed over."""
        with contextlib.suppress(apsw.Error, Killed):
            self._db.close()


def _told(run: Callable[[], T]) -> T:
    """Run, and tell errors as ``sqlite3`` does."""
    try:
        return run()
    except apsw.Error as error:
        _raise_as_sqlite3(error)


def _raise_as_sqlite3(error: apsw.Error) -> NoReturn:
    code = getattr(error, "extendedresult", 0) or getattr(error, "result", 0)
    name = apsw.mapping_extended_result_codes.get(code) or apsw.mapping_result_codes.get(code)
    told = _ERRORS.get(code & 0xFF, sqlite3.OperationalError)(str(error))
    told.sqlite_errorcode, told.sqlite_errorname = code, str(name or "")
    raise told from error


def number_of(disk: Disk) -> str:
    """Return the number under which SQLite finds an imagined disk."""
    for number, known in _disks.items():
        if known is disk:
            return number
    number = str(next(_numbers))
    _disks[number] = disk
    return number
