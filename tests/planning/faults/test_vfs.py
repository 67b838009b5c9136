"""The store's connection on an imagined disk: its errors are those of ``sqlite3``."""

from __future__ import annotations

import sqlite3

import pytest

pytest.importorskip("apsw", reason="the extra 'drill' is not installed")

from answerable.kernel.store import CommitFailed
from answerable.planning.faults.disk import Disk, Fault, Killed, Kind
from answerable.planning.faults.rows import row_at
from answerable.planning.faults.under import Imagined
from answerable.planning.faults.vfs import Connection
from answerable.record.sqlite import SqliteStore


@pytest.fixture
def store(tmp_path):
    disk = Disk()
    store = SqliteStore.open(tmp_path / "record.db", disk=Imagined(disk))
    yield store, disk
    disk.fault = None
    disk.start_again()
    store.close()


def on(kind: Kind, fault: Fault):
    return lambda _, op: fault if op.kind is kind and op.name.endswith("-wal") else None


def batch(store: SqliteStore, count: int = 3):
    first = store.head().size + 1
    return [row_at(n, store.epoch, n) for n in range(first, first + count)]


def test_the_real_store_writes_and_reads_there_and_starts_again(store, tmp_path):
    opened, disk = store
    assert opened.append(batch(opened)).size == 3
    again = SqliteStore.open(tmp_path / "copy" / "record.db", disk=Imagined(Disk(disk.files())))
    assert [row.position for row in again.rows()] == [1, 2, 3]
    assert again.epoch == opened.epoch + 1
    again.close()


@pytest.mark.parametrize(
    ("kind", "fault", "name"),
    [
        (Kind.SYNC, Fault.EIO, "SQLITE_IOERR_FSYNC"),
        (Kind.WRITE, Fault.EIO, "SQLITE_IOERR_WRITE"),
        (Kind.WRITE, Fault.NO_SPACE, "SQLITE_FULL"),
    ],
)
def test_a_fault_in_the_commit_comes_back_with_sqlites_own_name(store, kind, fault, name):
    opened, disk = store
    disk.fault = on(kind, fault)
    with pytest.raises(CommitFailed, match=name):
        opened.append(batch(opened))


def test_a_kill_is_no_error_that_the_program_could_handle(store):
    opened, disk = store
    disk.fault = on(Kind.SYNC, Fault.KILL)
    with pytest.raises(Killed):
        opened.append(batch(opened))
    assert not isinstance(Killed(), Exception)


def test_what_fails_in_a_checkpoint_fails_no_commit(tmp_path):
    disk = Disk()
    opened = SqliteStore.open(tmp_path / "record.db", disk=Imagined(disk, pages=1))
    disk.fault = lambda _, op: Fault.EIO if op.name == "record.db" else None
    assert opened.append(batch(opened)).size == 3
    disk.fault = None
    opened.close()


def test_statements_that_are_wrong_raise_what_sqlite3_raises():
    database = Connection(Disk(), "any.db")
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        database.execute("SELECT * FROM missing")
    database.execute("CREATE TABLE t (a INTEGER PRIMARY KEY) STRICT")
    database.executemany("INSERT INTO t VALUES (?)", [(1,), (2,)])
    with pytest.raises(sqlite3.IntegrityError) as failed:
        database.execute("INSERT INTO t VALUES (1)")
    assert failed.value.sqlite_errorname == "SQLITE_CONSTRAINT_PRIMARYKEY"
    found = database.execute("SELECT a FROM t ORDER BY a")
    assert (found.fetchone(), found.fetchall(), found.fetchone()) == ((1,), [(2,)], None)
    assert database.total_changes == 2
    assert not database.in_transaction
    database.close()


def test_a_process_of_the_past_can_do_nothing_to_the_disk():
    disk = Disk()
    old = Connection(disk, "any.db")
    old.execute("CREATE TABLE t (a)")
    disk.start_again()
    before = disk.files()
    old.execute("INSERT INTO t VALUES (1)")
    old.close()
    assert disk.files() == before
