"""What a start does after a sync has failed: it writes the log again before it builds on it."""

from __future__ import annotations

import sqlite3

import pytest

from answerable.kernel.store import CommitFailed
from answerable.record import disk, refusals
from answerable.record.disk import log_of, unsure_of
from answerable.record.fsck import fsck
from answerable.record.sqlite import SqliteStore
from tests.drills.test_faults import Faulty
from tests.drills.writer import row_at


@pytest.fixture
def failed(tmp_path):
    """A record whose last commit failed though it had happened, its log still to be brought in."""
    path = tmp_path / "record.db"
    store = SqliteStore.open(path)
    store.append([row_at(1, store.epoch)])
    reader = sqlite3.connect(path)  # keeps the log where it is when the writer closes
    reader.execute("SELECT count(*) FROM events").fetchone()
    store._db = Faulty(store._db, "COMMIT", done=True)
    with pytest.raises(CommitFailed):
        store.append([row_at(2, store.epoch)])
    store.close()
    yield path
    reader.close()


@pytest.fixture
def written(monkeypatch):
    paths = []

    def noted(path, write=disk._write_over):
        paths.append(path)
        before = path.read_bytes()
        write(path)
        assert path.read_bytes() == before

    monkeypatch.setattr(disk, "_write_over", noted)
    return paths


def test_the_start_after_a_failed_commit_writes_the_log_again_and_only_that_start(failed, written):
    assert unsure_of(failed).exists()
    for _ in range(2):
        store = SqliteStore.open(failed)
        assert store.head().size == 2
        store.close()
        assert not unsure_of(failed).exists()
    assert written == [log_of(failed)]
    assert fsck(failed).sound


def test_a_start_after_no_failure_leaves_the_log_as_it_is(tmp_path, written):
    for _ in range(2):
        SqliteStore.open(tmp_path / "record.db").close()
    assert written == []


def test_a_log_that_cannot_be_written_again_is_a_refusal_and_the_note_stays(failed, monkeypatch):
    def fails(path):
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(disk, "_write_over", fails)
    with pytest.raises(refusals.NotWritable, match="Input/output error"):
        SqliteStore.open(failed)
    assert unsure_of(failed).exists()


def test_a_long_log_is_written_over_whole(tmp_path):
    path = tmp_path / "log"
    content = bytes(range(256)) * 5000
    path.write_bytes(content)
    disk._write_over(path)
    assert path.read_bytes() == content


def test_a_note_without_a_log_is_taken_away(tmp_path):
    path = tmp_path / "record.db"
    SqliteStore.open(path).close()
    unsure_of(path).touch()
    SqliteStore.open(path).close()
    assert not unsure_of(path).exists()


def test_a_note_that_cannot_be_made_is_passed_over(tmp_path):
    disk.LOCAL.note_unsure(tmp_path / "no such folder" / "record.db")
