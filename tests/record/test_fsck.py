"""fsck finds what was altered, says where, and is quiet about a sound record."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from answerable.kernel.event import Row, SealedValue
from answerable.kernel.hub import commitment_of
from answerable.kernel.store import Snapshot, StoreRefusal
from answerable.record.fsck import fsck, fsck_command
from answerable.record.sqlite import SqliteStore

SALT = b"0123456789abcdef"


class Counting:
    """A rebuild whose state is the list of positions."""

    fingerprint = "counting"

    def __init__(self):
        self.seen: list[int] = []

    def feed(self, row: Row) -> None:
        if row.kind == "intake.Unknown":
            raise LookupError("no such event")
        self.seen.append(row.position)

    def packed(self) -> bytes:
        return msgspec.json.encode(self.seen)

    def sealed_in(self, kind: str) -> tuple[str, ...]:
        return ()


class Sealing(Counting):
    """A rebuild that knows the sealed field of these events, of which one in ten is filled."""

    def sealed_in(self, kind: str) -> tuple[str, ...]:
        return ("words",)


def state(position: int) -> bytes:
    return msgspec.json.encode(list(range(1, position + 1)))


def sealed_at(at: int) -> SealedValue:
    commitment = commitment_of("words", SALT, f"w{at}")
    return SealedValue(at, f"call:{at}", "words", commitment, SALT, f"w{at}")


def row(store: SqliteStore, at: int, **changes) -> Row:
    words = {"words": sealed_at(at).commitment} if at % 10 == 0 else {}
    body = msgspec.json.encode({"call": str(at), **words})
    return Row(
        at, f"call:{at}", "intake.CallRung", 1, at, 10 * at, "lee", f"key-{at}", store.epoch, body
    )._replace(**changes)


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    """A sound record of two openings: 3,000 events, sealed words, two snapshots."""
    path = tmp_path_factory.mktemp("sound") / "record.db"
    for half in (0, 1500):
        store = SqliteStore.open(path)
        for first in range(half + 1, half + 1501, 50):
            span = range(first, first + 50)
            sealed = [sealed_at(n) for n in span if n % 10 == 0]
            store.append([row(store, n) for n in span], sealed)
        position = store.head().size - 200
        store.save_snapshot("counting", Snapshot(position, state(position)))
        store.close()
    return path.parent


@pytest.fixture
def path(sound, tmp_path):
    """A copy of the sound record."""
    return Path(shutil.copytree(sound, tmp_path / "copy")) / "record.db"


def alter(path, sql: str, *values) -> None:
    with sqlite3.connect(path) as database:
        database.execute(sql, values)
    database.close()


def findings(path, **more) -> list[str]:
    return [f"{one.where}: {one.what}" for one in fsck(path, **more).damage]


def test_a_sound_record_is_sound_and_everything_is_counted(path):
    report = fsck(path, rebuild=Counting)
    assert report.damage == []
    assert (report.events, report.epoch, report.sealed, report.snapshots) == (3000, 2, 300, 2)
    assert report.rebuilt
    assert report.heads == 60


def test_fsck_changes_nothing(path):
    before = path.read_bytes()
    fsck(path)
    assert path.read_bytes() == before


def test_fsck_reads_beside_the_writer_and_sees_one_moment(path):
    store = SqliteStore.open(path)
    store.append([row(store, 3001)])
    report = fsck(path, rebuild=Counting)
    assert (report.damage, report.events) == ([], 3001)
    store.append([row(store, 3002)])
    store.close()


COLUMNS = {
    "stream": "call:9999",
    "kind": "intake.CallLost",
    "version": 2,
    "happened_at": 4,
    "recorded_at": 14_321,
    "actor": "kim",
    "key": "key-x",
    "epoch": 2,
    "body": b'{"call":"1234"}',
}


@pytest.mark.parametrize("column", COLUMNS)
def test_an_altered_column_is_found_at_its_position(path, column):
    alter(path, f"UPDATE events SET {column} = ? WHERE position = 1432", COLUMNS[column])
    assert "position 1432: its columns do not give its stored leaf" in findings(path)
    store = SqliteStore.open(path)
    with pytest.raises(StoreRefusal, match="position 1432 is not what was recorded"):
        list(store.rows())
    store.close()


def test_an_altered_leaf_is_found_at_its_position(path):
    alter(path, "UPDATE events SET leaf = zeroblob(32) WHERE position = 7")
    assert findings(path) == ["position 7: its columns do not give its stored leaf"]


def test_a_row_exchanged_with_its_leaf_is_found_by_the_tree_head(path):
    store = SqliteStore.open(path)
    forged = row(store, 1432, actor="kim", epoch=1)
    store.close()
    from answerable.record.entry import leaf_of

    alter(
        path,
        "UPDATE events SET actor = 'kim', leaf = ? WHERE position = 1432",
        leaf_of(forged),
    )
    found = findings(path)
    assert found[0].startswith("the tree head of 1450 events: the events before it do not give it")


def test_swapped_rows_are_found(path):
    for a, b in ((20, -1), (21, 20), (-1, 21)):
        alter(path, "UPDATE events SET position = ? WHERE position = ?", b, a)
    assert any("position 20:" in one for one in findings(path))


def test_a_missing_row_is_found(path):
    alter(path, "DELETE FROM events WHERE position = 100")
    assert "positions 100 to 100: they are missing" in findings(path)


def test_missing_last_rows_are_found_and_the_record_does_not_open(path):
    alter(path, "DELETE FROM events WHERE position > 2990")
    assert any("2990" in one for one in findings(path))
    with pytest.raises(StoreRefusal, match="the last event is 2990"):
        SqliteStore.open(path)


def test_a_cut_end_is_found_by_the_mark(path):
    alter(path, "DELETE FROM events WHERE position > 2950")
    alter(path, "DELETE FROM heads WHERE size > 2950")
    assert "positions 2951 to 3000: they were acknowledged and are missing" in findings(path)[-1]
    with pytest.raises(StoreRefusal, match="events 2951 to 3000 were acknowledged"):
        SqliteStore.open(path)


def test_another_history_under_the_same_name_is_found_by_the_mark(path, tmp_path):
    other = SqliteStore.open(tmp_path / "other.db")
    other.append([row(other, n) for n in range(1, 3001)])
    other.close()
    path.write_bytes((tmp_path / "other.db").read_bytes())
    assert findings(path)[0].endswith("it is not the one that was acknowledged from this place")
    with pytest.raises(StoreRefusal, match="its first 3000 events are not those acknowledged"):
        SqliteStore.open(path)


def test_an_older_copy_opens_once_its_mark_is_taken_away(path):
    alter(path, "DELETE FROM events WHERE position > 2950")
    alter(path, "DELETE FROM heads WHERE size > 2950")
    path.with_name("record.db.mark").unlink()
    assert "no mark" in fsck(path).notes[0]
    SqliteStore.open(path).close()


@pytest.mark.parametrize("size", [50, 1450, 3000])
def test_an_altered_tree_head_is_found(path, size):
    alter(path, "UPDATE heads SET root = zeroblob(32) WHERE size = ?", size)
    assert any(one.startswith(f"the tree head of {size} events") for one in findings(path))


def test_an_altered_frontier_is_found(path):
    alter(path, "UPDATE heads SET peaks = zeroblob(length(peaks)) WHERE size = 1050")
    assert findings(path) == [
        "the tree head of 1050 events: the frontier kept with it does not give it"
    ]


@pytest.mark.parametrize(
    "change",
    ["box = zeroblob(length(box))", "nonce = zeroblob(12)", "box = x''", "nonce = x'00'"],
)
def test_an_altered_sealed_value_is_found(path, change):
    alter(path, f"UPDATE sealed SET {change} WHERE position = 50")
    assert findings(path) == [
        "the sealed words of position 50: it is not what the event is committed to"
    ]


def test_a_box_moved_to_another_event_of_its_stream_is_found(path):
    alter(path, "UPDATE sealed SET key = 7 WHERE position = 50")
    assert findings(path) == [
        "the sealed words of position 50: key 7 is not one of call:50 that counts"
    ]


def test_a_sealed_value_that_is_gone_without_an_erasure_is_found(path):
    assert fsck(path, rebuild=Sealing).sound
    alter(path, "DELETE FROM sealed WHERE position = 60")
    assert findings(path, rebuild=Sealing) == [
        "the sealed words of position 60: it is missing, and was never erased"
    ]


def test_a_sealed_value_without_event_is_found(path):
    alter(path, "INSERT INTO sealed VALUES (9000, 'words', 1, x'00', x'00')")
    assert findings(path) == ["the sealed words of position 9000: the last event is 3000"]


def test_a_damaged_snapshot_is_found_and_passed_over_at_start(path):
    alter(path, "UPDATE snapshots SET body = zeroblob(9) WHERE position = 2800")
    assert findings(path) == ["the snapshot at position 2800: it is damaged"]
    store = SqliteStore.open(path)
    assert store.load_snapshot("counting") == Snapshot(1300, state(1300))
    store.close()
    alter(path, "UPDATE snapshots SET checksum = zeroblob(32)")
    store = SqliteStore.open(path)
    assert store.load_snapshot("counting") is None
    store.close()


def test_a_snapshot_that_differs_from_the_events_is_found_by_rebuilding(path):
    store = SqliteStore.open(path)
    store.save_snapshot("counting", Snapshot(3000, state(2999)))
    store.close()
    assert fsck(path).sound
    assert findings(path, rebuild=Counting) == [
        "the snapshot at position 3000: it is not what the events give"
    ]


def test_a_snapshot_of_another_version_is_noted_not_compared(path):
    store = SqliteStore.open(path)
    store.save_snapshot("other", Snapshot(3000, b"something else"))
    store.close()
    report = fsck(path, rebuild=Counting)
    assert report.sound
    assert "another version" in report.notes[0]


def test_an_event_the_program_does_not_know_is_named(path):
    store = SqliteStore.open(path)
    store.append([row(store, 3001, kind="intake.Unknown")])
    store.close()
    assert findings(path, rebuild=Counting) == [
        "position 3001: the program cannot take it (LookupError: no such event)"
    ]


def test_the_command_answers_0_1_or_2_and_json_where_asked(path, tmp_path, capsys):
    assert fsck_command(path) == 0
    assert "sound" in capsys.readouterr().out
    alter(path, "UPDATE events SET actor = 'kim' WHERE position = 5")
    assert fsck_command(path) == 1
    assert "DAMAGE position 5" in capsys.readouterr().out
    assert fsck_command(path, json=True) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["sound"], told["damage"][0]["position"]) == (False, 5)
    assert fsck_command(tmp_path / "nothing.db") == 2
    (tmp_path / "text.db").write_text("these are somebody's notes, not a record\n" * 99)
    assert fsck_command(tmp_path / "text.db") == 2
    assert fsck_command(tmp_path) == 2
    assert capsys.readouterr().err.count("was not opened") == 3


def test_a_file_with_nothing_in_it_is_no_record_or_one_that_was_emptied(path, tmp_path, capsys):
    (tmp_path / "empty.db").touch()
    assert fsck_command(tmp_path / "empty.db") == 2
    assert "There is no record there yet." in capsys.readouterr().err
    path.write_bytes(b"")
    assert fsck_command(path) == 1
    assert "it is empty; 3000 events are missing" in capsys.readouterr().out


def test_a_record_at_rest_can_be_checked_by_one_who_may_only_read(path):
    if os.geteuid() != 0:
        pytest.skip("only the superuser can become another user")
    for folder in path.parents:
        if not os.stat(folder).st_mode & 0o005:
            os.chmod(folder, 0o755)
    os.chmod(path, 0o644)  # as an administrator allows it: a record begins as its owner's alone
    os.chmod(path.parent, 0o555)
    code = "import os, sys; from answerable.record.fsck import fsck_command\n"
    code += "os.setgid(65534), os.setuid(65534); sys.exit(fsck_command(sys.argv[1]))"
    ran = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True)
    os.chmod(path.parent, 0o755)
    assert (ran.returncode, "sound:" in ran.stdout) == (0, True), ran.stderr
    assert not path.with_name("record.db-wal").exists()


def test_so_many_findings_are_counted_not_listed(path):
    alter(path, "UPDATE events SET actor = 'kim'")
    report = fsck(path)
    assert len(report.damage) == 100
    assert report.not_listed == 2900
