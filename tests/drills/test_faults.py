"""Faults of the disk while writing. For each: it failed, and it failed but had happened.

Whatever happens, the next ordinary start shows the truth, and what was refused can be sent again.
"""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from answerable.kernel.event import Row
from answerable.kernel.store import CannotRecord, CommitFailed, Snapshot
from answerable.record import opening, refusals, sqlite
from answerable.record.fsck import fsck
from answerable.record.sqlite import SqliteStore
from tests.drills.writer import row_at, sealed_at

ROOT = Path(__file__).parents[2]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "record.db"


@pytest.fixture
def store(path):
    store = SqliteStore.open(path)
    store.append(rows(store, 20))
    yield store
    store.close()


def rows(store: SqliteStore, count: int) -> list[Row]:
    first = store.head().size + 1
    return [row_at(n, store.epoch) for n in range(first, first + count)]


def truth(path: Path) -> int:
    """Return how many events an ordinary start finds, after fsck found nothing wrong."""
    store = SqliteStore.open(path, create=False)
    assert [one.position for one in store.rows()] == list(range(1, store.head().size + 1))
    assert fsck(path).damage == []
    store.close()
    return store.head().size


class Faulty:
    """A connection on which one statement fails, before it is done or after."""

    def __init__(self, connection, statement: str, *, done: bool, many: bool = False):
        self._connection = connection
        self._statement = statement
        self._done = done

    def __getattr__(self, name):
        return getattr(self._connection, name)

    def _maybe(self, run, sql, values):
        if not sql.startswith(self._statement):
            return run(sql, *values)
        if self._done:
            run(sql, *values)
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorname = "SQLITE_IOERR_FSYNC"
        raise error

    def execute(self, sql, *values):
        return self._maybe(self._connection.execute, sql, values)

    def executemany(self, sql, *values):
        return self._maybe(self._connection.executemany, sql, values)


# -- the commit fails ------------------------------------------------------------------------


@pytest.mark.parametrize(("done", "after"), [(False, 20), (True, 25)], ids=["not", "had happened"])
def test_a_failed_commit_is_unknown_until_the_next_start_shows_the_truth(path, store, done, after):
    store._db = Faulty(store._db, "COMMIT", done=done)
    batch = rows(store, 5)
    with pytest.raises(CommitFailed, match="the commit failed"):
        store.append(batch, [sealed_at(21)])
    with pytest.raises(CommitFailed):
        store.append(batch)
    with pytest.raises(CommitFailed):
        store.save_snapshot("x", Snapshot(20, b""))
    assert store.head().size == 20
    store.close()
    assert truth(path) == after
    again = SqliteStore.open(path)
    assert len(again.with_key("key-21")) == after - 20 - (after > 20) * 4
    assert again.unseal(21, "words") == ("words 21" if done else None)
    again.close()


@pytest.mark.parametrize(
    ("statement", "done"),
    [
        ("BEGIN", False),  # a BEGIN that failed has not begun
        ("INSERT INTO events", False),
        ("INSERT INTO events", True),
        ("INSERT INTO sealed", False),
        ("INSERT INTO sealed", True),
        ("INSERT INTO heads", False),
        ("INSERT INTO heads", True),
    ],
)
def test_a_fault_before_the_commit_is_rolled_back_and_may_be_tried_again(
    path, store, statement, done
):
    sound, store._db = store._db, Faulty(store._db, statement, done=done)
    head, batch = store.head(), rows(store, 5)
    with pytest.raises(CannotRecord, match=r"Nothing of this batch was recorded\. .*\. .*\."):
        store.append(batch, [sealed_at(21)])
    assert store.head() == head
    store._db = sound
    assert store.append(batch, [sealed_at(21)]).size == 25
    assert store.unseal(21, "words") == "words 21"
    store.close()
    assert truth(path) == 25


@pytest.mark.parametrize("done", [False, True], ids=["not", "had happened"])
def test_a_rollback_that_fails_is_unknown(path, store, done):
    store._db = Faulty(Faulty(store._db, "INSERT INTO heads", done=False), "ROLLBACK", done=done)
    with pytest.raises(CommitFailed, match="the rollback failed"):
        store.append(rows(store, 5))
    with pytest.raises(CommitFailed):
        store.append(rows(store, 5))
    store.close()
    assert truth(path) == 20


def test_an_interrupt_in_the_middle_leaves_the_record_as_it_was(path, store):
    class Interrupted(Faulty):
        def _maybe(self, run, sql, values):
            run(sql, *values)
            if sql.startswith("INSERT INTO events"):
                raise KeyboardInterrupt
            return self._connection.execute("SELECT 1")

    sound, store._db = store._db, Interrupted(store._db, "", done=True)
    store._check_fence = lambda: None
    with pytest.raises(KeyboardInterrupt):
        store.append(rows(store, 5))
    store._db = sound
    store.append(rows(store, 1))
    store.close()
    assert truth(path) == 21


@pytest.mark.parametrize("done", [False, True], ids=["not", "had happened"])
def test_a_snapshot_that_fails_costs_no_event(path, store, done):
    store.save_snapshot("x", Snapshot(10, b"whole"))
    sound, store._db = store._db, Faulty(store._db, "INSERT INTO snapshots", done=done)
    with pytest.raises(CannotRecord):
        store.save_snapshot("x", Snapshot(20, b"lost"))
    store._db = sound
    assert store.load_snapshot("x") == Snapshot(10, b"whole")
    store.append(rows(store, 1))
    store.close()
    assert truth(path) == 21


@pytest.mark.parametrize(("done", "at"), [(False, 10), (True, 20)], ids=["not", "had happened"])
def test_a_snapshot_whose_commit_fails_stops_the_store_too(path, store, done, at):
    store.save_snapshot("x", Snapshot(10, b"whole"))
    store._db = Faulty(store._db, "COMMIT", done=done)
    with pytest.raises(CommitFailed):
        store.save_snapshot("x", Snapshot(20, b"whole"))
    store.close()
    assert truth(path) == 20
    again = SqliteStore.open(path)
    assert again.load_snapshot("x") == Snapshot(at, b"whole")
    again.close()


# -- the disk is full ------------------------------------------------------------------------


def test_little_space_is_refused_before_anything_is_written(store, monkeypatch):
    monkeypatch.setattr(sqlite, "RESERVE_BYTES", 1 << 62)
    batch = rows(store, 5)
    with pytest.raises(refusals.NoSpace, match=r"The disk is full\. Free some space"):
        store.append(batch)
    with pytest.raises(refusals.NoSpace):
        store.save_snapshot("x", Snapshot(20, b""))
    monkeypatch.setattr(sqlite, "RESERVE_BYTES", 0)
    assert store.append(batch).size == 25


def test_a_full_database_is_rolled_back_and_goes_on_when_there_is_space(path, store):
    pages = store._db.execute("PRAGMA page_count").fetchone()[0]
    store._db.execute(f"PRAGMA max_page_count = {pages + 2}")
    batch, head = rows(store, 400), store.head()
    with pytest.raises(refusals.NoSpace):
        store.append(batch)
    assert store.head() == head
    store.append(rows(store, 1))
    store._db.execute("PRAGMA max_page_count = 1000000")
    store.append(rows(store, 400))
    store.close()
    assert truth(path) == 421


def in_child(code: str, *arguments: object) -> str:
    """Run code in a process of its own, under limits that must not be ours."""
    prelude = """
        import resource, sys
        from answerable.kernel.store import CannotRecord, CommitFailed
        from answerable.record import sqlite
        from answerable.record.sqlite import SqliteStore
        from tests.drills.writer import row_at
        path = sys.argv[1]
        def rows(store, count):
            first = store.head().size + 1
            return [row_at(n, store.epoch) for n in range(first, first + count)]
        def file_limit(size):
            resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    """
    whole = textwrap.dedent(prelude) + textwrap.dedent(code)
    ran = subprocess.run(
        [sys.executable, "-c", whole, *map(str, arguments)],
        capture_output=True, text=True, cwd=ROOT, timeout=60,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def test_a_write_that_fails_in_the_commit_stops_the_store_and_loses_nothing(path):
    """The write-ahead log may not grow: the commit itself meets the fault."""
    said = in_child(
        """
        import os
        store = SqliteStore.open(path)
        store.append(rows(store, 20))
        file_limit(os.path.getsize(path + "-wal") + 5000)
        acknowledged = 20
        try:
            while True:
                acknowledged = store.append(rows(store, 50)).size
        except CommitFailed as failed:
            print(acknowledged, type(failed).__name__)
        try:
            store.append(rows(store, 1))
        except CommitFailed:
            print("and accepts nothing more")
        """,
        path,
    ).splitlines()
    acknowledged, name = said[0].split()
    assert (name, said[1]) == ("CommitFailed", "and accepts nothing more")
    assert truth(path) == int(acknowledged)


def test_a_disk_full_while_opening_is_refused_and_loses_nothing(path, store):
    store.close()
    said = in_child(
        """
        file_limit(0)
        try:
            SqliteStore.open(path)
        except Exception as refused:
            print(type(refused).__name__, refused)
        """,
        path,
    )
    assert "NotWritable The record" in said
    assert "was not opened" in said
    assert truth(path) == 20


@pytest.fixture
def small_disk(tmp_path):
    """A disk of 2 MB, where this user may mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("this user may not mount a small disk")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def fill(store: SqliteStore) -> type[Exception]:
    """Append until it is refused; return how."""
    try:
        while True:
            store.append(rows(store, 40))
    except (CannotRecord, CommitFailed) as fault:
        return type(fault)


def test_a_disk_that_fills_is_refused_before_the_transaction_and_recovers(small_disk, monkeypatch):
    monkeypatch.setattr(sqlite, "RESERVE_BYTES", 500_000)
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * 500_000)
    store = SqliteStore.open(small_disk / "record.db")
    assert fill(store) is refusals.NoSpace
    size = store.head().size
    assert size > 40
    ballast.unlink()
    assert store.append(rows(store, 5)).size == size + 5
    store.close()
    assert truth(store.path) == size + 5


def test_a_disk_that_fills_in_the_commit_stops_the_store_and_loses_nothing(small_disk, monkeypatch):
    monkeypatch.setattr(sqlite, "RESERVE_BYTES", 0)
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * 500_000)
    store = SqliteStore.open(small_disk / "record.db")
    assert fill(store) is CommitFailed
    size = store.head().size
    store.close()
    ballast.unlink()
    assert truth(store.path) == size


def test_a_full_disk_is_a_refusal_to_open_that_says_so(small_disk):
    SqliteStore.open(small_disk / "record.db").close()
    place = os.statvfs(small_disk)
    (small_disk / "ballast").write_bytes(b"x" * place.f_bavail * place.f_frsize)
    with pytest.raises(refusals.NotWritable, match=r"The disk is full\. Free some space"):
        SqliteStore.open(small_disk / "record.db")
    (small_disk / "ballast").unlink()
    assert truth(small_disk / "record.db") == 0


# -- another process holds the file ----------------------------------------------------------


def test_a_lock_of_another_program_is_refused_and_passes(path, store, monkeypatch):
    store._db.execute("PRAGMA busy_timeout = 50")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    batch = rows(store, 5)
    with pytest.raises(refusals.Locked, match="Another program has locked the record"):
        store.append(batch)
    other.execute("ROLLBACK")
    other.close()
    assert store.append(batch).size == 25


def test_a_reader_never_hinders_the_writer(path, store):
    reader = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None)
    reader.execute("BEGIN")
    assert reader.execute(opening.SQL["last_position"]).fetchone() == (20,)
    assert store.append(rows(store, 5)).size == 25
    assert reader.execute(opening.SQL["last_position"]).fetchone() == (20,)
    reader.close()
