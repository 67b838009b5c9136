"""A connection that only reads, beside a running centre or on a record at rest."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from answerable.record.opening import CACHE_KIB, no_record
from answerable.record.refusals import open_refusal

BUSY_S = 5.0


def connect_reader(path: Path, *, any_thread: bool = False) -> sqlite3.Connection:
    """Return a read-only connection. Raises NoRecord or another StoreRefusal.

    With ``any_thread`` the caller sees to it that only one thread at a time uses it. Text that is
    no longer UTF-8 comes back with surrogates, so that a damaged row can be named.
    """
    if not path.is_file():
        raise no_record(path)
    try:
        return _connect(path, "mode=ro", any_thread)
    except sqlite3.Error as error:
        try:
            return _without_writing_beside(path, any_thread)
        except sqlite3.Error:
            raise open_refusal(error, path) from error


def _connect(path: Path, how: str, any_thread: bool) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.as_uri()}?{how}", uri=True, timeout=BUSY_S, isolation_level=None,
        check_same_thread=not any_thread,
    )  # fmt: skip
    try:
        connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    except BaseException:
        connection.close()
        raise
    connection.text_factory = _text
    return connection


def _without_writing_beside(path: Path, any_thread: bool) -> sqlite3.Connection:
    """Open a record at rest in a folder that cannot be written; no log may be pending there."""
    log = path.with_name(path.name + "-wal")
    if log.exists() and log.stat().st_size:
        raise sqlite3.OperationalError("a write-ahead log is pending")
    return _connect(path, "mode=ro&immutable=1", any_thread)


def _text(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")
