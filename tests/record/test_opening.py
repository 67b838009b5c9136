"""Opening a record: who may, what is refused, and that a refusal leaves the file as it was."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import textwrap

import pytest

from answerable.kernel.event import Row
from answerable.kernel.store import CannotRecord
from answerable.record import disk, opening, refusals, sqlite
from answerable.record.sqlite import SqliteStore


def row(store, at):
    return Row(at, "call:1", "intake.CallRung", 1, at, at, "lee", f"key-{at}", store.epoch, b"{}")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "record.db"


@pytest.fixture
def filled(path):
    store = SqliteStore.open(path)
    store.append([row(store, n) for n in range(1, 6)])
    store.close()
    return path


def refuses(kind, path, *words, **how):
    """Opening is refused with this type and these words, in three sentences; nothing changed."""
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(kind) as refused:
        SqliteStore.open(path, **how)
    text = str(refused.value)
    assert text.startswith(f"The record {path} was not opened. ")
    assert all(word in text for word in words), text
    assert text.endswith((".", "file.")), text
    assert (path.read_bytes() if path.is_file() else None) == before
    assert refused.value.code == f"record.{kind.__name__}"


def test_a_record_is_made_with_its_folder(tmp_path):
    store = SqliteStore.open(tmp_path / "new" / "folder" / "record.db")
    assert store.epoch == 1
    store.close()


def test_only_its_owner_reads_a_record_that_is_made(tmp_path):
    path = tmp_path / "folder" / "record.db"
    store = SqliteStore.open(path)
    store.append([row(store, 1)])
    told = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    store.close()
    assert {told[f"record.db{end}"] for end in ("", "-wal", "-shm")} == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_the_rights_that_somebody_gave_to_a_record_stay_as_they_are(filled):
    filled.chmod(0o640)
    SqliteStore.open(filled).close()
    assert stat.S_IMODE(filled.stat().st_mode) == 0o640


def test_without_leave_to_create_nothing_is_made(path):
    refuses(refusals.NoRecord, path, "no record there", create=False)
    assert not path.exists()
    path.touch()
    refuses(refusals.NoRecord, path, "no record there", create=False)


def test_a_folder_is_not_a_record(tmp_path):
    refuses(refusals.NotWritable, tmp_path, "it is a folder")


def test_sqlite_answers_every_pragma_as_asked(filled):
    store = SqliteStore.open(filled)
    for name, _, expected in opening.PRAGMAS:
        assert store._db.execute(f"PRAGMA {name}").fetchone() == (expected,)
    store.close()


@pytest.mark.parametrize("name", ["journal_mode", "synchronous"])
def test_a_place_that_does_not_keep_the_promise_is_refused(filled, name, monkeypatch):
    changed = tuple((n, v, "other" if n == name else e) for n, v, e in opening.PRAGMAS)
    monkeypatch.setattr(opening, "PRAGMAS", changed)
    refuses(refusals.NotDurable, filled, f"SQLite answers {name} =", "local disk")


def test_a_second_opening_is_refused_while_the_first_lives(filled):
    store = SqliteStore.open(filled)
    refuses(refusals.RecordInUse, filled, f"process {os.getpid()}", "Stop that process")
    store.append([row(store, 6)])
    store.close()
    SqliteStore.open(filled).close()


def test_a_second_process_is_refused_and_told_who_has_it(filled):
    store = SqliteStore.open(filled)
    code = f"from answerable.record.sqlite import SqliteStore as S; S.open({str(filled)!r})"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert f"in use by process {os.getpid()}; a record has one writer" in ran.stderr
    store.close()


def test_a_lock_of_another_program_is_a_refusal_to_open(filled, monkeypatch):
    monkeypatch.setattr(disk, "BUSY_S", 0.05)
    other = sqlite3.connect(filled, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    refuses(refusals.RecordInUse, filled, "another program that has locked it")
    other.close()


@pytest.mark.parametrize("content", [b"notes\n", b"notes\n" * 999, b"\0" * 8192])
def test_a_file_that_is_no_database_is_refused(path, content):
    path.write_bytes(content)
    refuses(refusals.NotARecord, path, "not a record of Answerable")


def test_another_programs_database_is_refused(path):
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE notes (text)")
    other.close()
    refuses(refusals.NotARecord, path, "not a record of Answerable")


def test_a_newer_format_is_refused(filled):
    with sqlite3.connect(filled) as newer:
        newer.execute(f"PRAGMA user_version = {opening.FORMAT + 1}")
    newer.close()
    refuses(refusals.NewerFormat, filled, "Its format is 3", "newer program")


def test_a_record_of_the_format_before_the_public_log_is_refused(filled):
    with sqlite3.connect(filled) as older:
        older.execute("PRAGMA user_version = 1")
    older.close()
    refuses(refusals.NewerFormat, filled, "Its format is 1", "older program")


def test_a_cut_file_is_refused(filled):
    filled.write_bytes(filled.read_bytes()[: 3 * 4096 + 100])
    refuses(refusals.RecordDamaged, filled, "answerable fsck", "backup")


def test_a_last_row_that_was_altered_is_refused(filled):
    with sqlite3.connect(filled) as other:
        other.execute("UPDATE events SET body = CAST('{ }' AS BLOB) WHERE position = 5")
    other.close()
    refuses(refusals.RecordDamaged, filled, "position 5 is not what was recorded")


def test_a_record_that_lost_its_head_is_refused(filled):
    with sqlite3.connect(filled) as other:
        other.execute("DELETE FROM heads")
    other.close()
    refuses(refusals.RecordDamaged, filled, "the last tree head covers 0 events")


def test_a_record_with_a_later_epoch_in_its_rows_is_refused(filled):
    with sqlite3.connect(filled) as other:
        other.execute("UPDATE meta SET epoch = 0")
    other.close()
    refuses(refusals.RecordDamaged, filled, "the last event has epoch 1")


def test_a_folder_without_the_right_to_write_is_refused(filled):
    """As another user, because these tests may run as one who may write everywhere."""
    if os.geteuid() != 0:
        pytest.skip("only the superuser can become another user")
    os.chmod(filled.parent, 0o555)
    for parent in filled.parents:
        if not os.stat(parent).st_mode & 0o005:
            os.chmod(parent, 0o755)
    code = textwrap.dedent(f"""
        import os
        from answerable.record.sqlite import SqliteStore
        os.setgid(65534), os.setuid(65534)
        for name in ("record.db", "other.db"):
            try:
                SqliteStore.open({str(filled.parent)!r} + "/" + name)
            except Exception as error:
                print(type(error).__name__, error)
    """)
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    os.chmod(filled.parent, 0o755)
    told = ran.stdout.splitlines()
    assert len(told) == 2, ran.stderr
    assert all(line.startswith("NotWritable The record") for line in told)
    assert all("Give this user the right to write there" in line for line in told)


def test_the_older_of_two_writers_is_fenced_where_locks_do_not_hold(filled):
    older = SqliteStore.open(filled)
    filled.with_name("record.db.lock").unlink()
    newer = SqliteStore.open(filled)
    with pytest.raises(refusals.Fenced, match="the other one is the writer now"):
        older.append([row(older, 6)])
    with pytest.raises(CannotRecord):
        older.append([row(older, 6)])
    newer.append([row(newer, 6)])
    assert newer.head().size == 6
    older.close()
    newer.close()


def test_a_foreign_hand_on_the_tables_is_fenced(filled):
    store = SqliteStore.open(filled)
    with sqlite3.connect(filled) as other:
        other.execute("INSERT INTO heads VALUES (6, x'00', NULL)")
    other.close()
    with pytest.raises(refusals.Fenced):
        store.append([row(store, 6)])
    store.close()


def test_opening_reads_only_behind_the_last_kept_frontier(path):
    store = SqliteStore.open(path)
    for first in range(1, 2 * sqlite.PEAKS_EVERY, 256):
        store.append([row(store, n) for n in range(first, first + 256)])
    size, peaks = store._db.execute(opening.SQL["last_peaks"]).fetchone()
    assert size == 2 * sqlite.PEAKS_EVERY
    assert len(peaks) == 32
    head = store.head()
    store.close()
    again = SqliteStore.open(path)
    assert again.head() == head
    again.close()


def test_closing_twice_does_nothing_and_using_a_closed_record_is_an_error(path):
    store = SqliteStore.open(path)
    store.close()
    store.close()
    with pytest.raises(sqlite3.ProgrammingError):
        list(store.with_key("key"))
