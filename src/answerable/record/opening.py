"""Opening an SQLite record: is it ours, is it durable here, does its end still prove itself.

Every opening re-hashes the rows after the last kept frontier from their own bytes, so the way a
crash is recovered from is the way every start goes.
"""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path
from typing import Any

from answerable.kernel.event import Row
from answerable.kernel.store import Head
from answerable.record import tree
from answerable.record.disk import LOCAL, Disk
from answerable.record.entry import COLUMNS, proves
from answerable.record.mark import mark_of
from answerable.record.private import FOLDER_MODE, begin_private
from answerable.record.refusals import (
    NewerFormat,
    NoRecord,
    NotDurable,
    damaged,
    not_a_record,
    not_writable,
)
from answerable.record.statements import load
from answerable.record.tree import Frontier
from answerable.record.vault import Keys

APPLICATION_ID = 0x416E7377
"""``Answ`` in ASCII: what ``file`` and other tools see in the header."""
FORMAT = 2
"""1 had leaves over whole rows and was never released."""
CACHE_KIB = 16_384
NAMED_MAX = 5
"""Missing keys that the log names one by one; fsck names all."""
SQL = load("sqlite")
log = logging.getLogger("answerable.record")
CREATE = tuple(text for name, text in SQL.items() if name.startswith("create_"))

PRAGMAS: tuple[tuple[str, str, Any], ...] = (
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", 2),
    ("mmap_size", "0", 0),
    ("cache_size", f"-{CACHE_KIB}", -CACHE_KIB),
    ("cell_size_check", "ON", 1),
    ("trusted_schema", "OFF", 0),
    ("temp_store", "MEMORY", 2),
)
"""Set, then asked for again: an answer that differs is a refusal. No memory mapping, because a
disk that fails under a mapping kills the process where a read returns an error."""


def prepare_place(path: Path, *, create: bool) -> None:
    """See that there is a file or a folder for one. Raises NoRecord or NotWritable."""
    if path.is_dir():
        raise not_writable(path, "it is a folder")
    if not create and (not path.exists() or path.stat().st_size == 0):
        raise no_record(path)
    try:
        path.parent.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
        begin_private(path)
    except OSError as error:
        raise not_writable(path, error.strerror or str(error)) from error


def no_record(path: Path) -> NoRecord:
    """Return the refusal of a path where there is no record yet."""
    return NoRecord(
        f"The record {path} was not opened.",
        "There is no record there yet.",
        "Check the path, or start the centre once to make it.",
    )


def connect(path: Path, disk: Disk = LOCAL) -> sqlite3.Connection:
    """Return a connection with every pragma answered as asked. Raises NotDurable, sqlite3.Error."""
    connection = disk.connect(path)
    try:
        look_before_writing(connection, path)
        for name, value, expected in PRAGMAS:
            connection.execute(f"PRAGMA {name} = {value}")
            answer = connection.execute(f"PRAGMA {name}").fetchone()
            if answer != (expected,):
                raise NotDurable(
                    f"The record {path} was not opened.",
                    f"SQLite answers {name} = {answer and answer[0]} where {expected} is needed.",
                    "Put the record on a local disk.",
                )
    except BaseException:
        connection.close()
        raise
    return connection


def look_before_writing(connection: sqlite3.Connection, path: Path) -> bool:
    """Say whether the file is still empty. Raises NotARecord or NewerFormat; writes nothing."""
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    tables = connection.execute(SQL["tables"]).fetchone()[0]
    if tables == 0 and application == 0:
        return True
    if application != APPLICATION_ID:
        raise not_a_record(path)
    if version != FORMAT:
        raise NewerFormat(
            f"The record {path} was not opened.",
            f"Its format is {version}; this program knows format {FORMAT}.",
            f"Install the {'newer' if version > FORMAT else 'older'} program that made it; "
            "it was left as it is.",
        )
    if connection.execute(SQL["strange"]).fetchone()[0]:
        raise damaged(path, "it has triggers or views, which no record of ours has")
    return False


def make_tables(connection: sqlite3.Connection) -> None:
    """Make a new record's tables; the caller holds the transaction."""
    for statement in CREATE:
        connection.execute(statement)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {FORMAT}")


def recover_tip(connection: sqlite3.Connection, path: Path) -> tuple[Frontier, int]:
    """Return the frontier and the last recording time, proved from the last rows' own bytes.

    Raises RecordDamaged where rows, stored leaves and the last tree head do not agree.
    """
    size, root = connection.execute(SQL["last_head"]).fetchone() or (0, tree.EMPTY_ROOT)
    last = connection.execute(SQL["last_position"]).fetchone()[0] or 0
    if last != size:
        raise damaged(path, f"the last tree head covers {size} events, the last event is {last}")
    frontier = _kept_frontier(connection, path)
    for values in connection.execute(SQL["rows"], (frontier.size, -1)):
        row, leaf = Row._make(values[:COLUMNS]), values[COLUMNS]
        if row.position != frontier.size + 1:
            raise damaged(path, f"position {frontier.size + 1} is missing")
        if not proves(row, leaf):
            raise damaged(path, f"position {row.position} is not what was recorded")
        frontier = tree.extend(frontier, [leaf])
    if tree.root(frontier) != root:
        raise damaged(path, f"the events up to {size} do not give the last tree head")
    return frontier, _last_us(connection, path)


def check_mark(connection: sqlite3.Connection, path: Path, size: int, mark: Head | None) -> None:
    """Raise RecordDamaged where events that were once acknowledged are not there any more."""
    if mark is None or mark.size == 0:
        return
    away = f"if you put an older copy here on purpose, remove {mark_of(path).name} first"
    if mark.size > size:
        lost = f"events {size + 1} to {mark.size} were acknowledged and are missing"
        raise damaged(path, f"{lost} ({away})")
    root = connection.execute(SQL["head_at"], (mark.size,)).fetchone()
    if root is None or root[0] != mark.root:
        raise damaged(path, f"its first {mark.size} events are not those acknowledged ({away})")


def _kept_frontier(connection: sqlite3.Connection, path: Path) -> Frontier:
    kept = connection.execute(SQL["last_peaks"]).fetchone()
    if kept is None:
        return tree.EMPTY
    try:
        return tree.unpacked(*kept)
    except ValueError as error:
        raise damaged(path, f"the tree head of {kept[0]} events: {error}") from error


def _last_us(connection: sqlite3.Connection, path: Path) -> int:
    """Return the last recording time; its epoch may not be later than the record's own."""
    epoch = connection.execute(SQL["epoch"]).fetchone()
    if epoch is None:
        raise damaged(path, "it has no epoch")
    last_epoch, last_us = connection.execute(SQL["last_event"]).fetchone() or (0, 0)
    if last_epoch > epoch[0]:
        raise damaged(path, f"the last event has epoch {last_epoch}, the record only {epoch[0]}")
    return int(last_us)


def open_keys(connection: sqlite3.Connection, path: Path, disk: Disk) -> Keys:
    """Open the keys that belong to a record, inside its transaction.

    A new record takes up the keys that lie beside it. Raises VaultLost or VaultRefused; keys that
    an older file lacks are named in the log, and what they sealed stays closed.
    """
    identity = (connection.execute(SQL["vault_identity"]).fetchone() or (b"",))[0]
    used = connection.execute(SQL["last_sealed_key"]).fetchone()[0] or 0
    in_use = connection.execute(SQL["any_sealed_key"]).fetchone() is not None
    keys = disk.open_keys(path, identity, used, in_use=in_use)
    if not identity:
        connection.execute(SQL["set_vault_identity"], (keys.identity,))
    missing = connection.execute(SQL["keys_above"], (keys.held,)).fetchall() if used else []
    if missing:
        named = ", ".join(f"key {key} of {stream}" for key, stream in missing[:NAMED_MAX])
        log.error("%d keys of sealed words are missing: %s", len(missing), named)
    return keys
