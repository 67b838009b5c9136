"""A backup that is none is told, by what is wrong with it; the good ones before it stay good."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from answerable.record import RECORD_FILE
from answerable.record.backup import proof, putting, run, taking
from answerable.record.backup.boxes import CHUNK_BYTES
from answerable.record.backup.head import MAGIC, head_bytes
from answerable.record.backup.refusals import BackupRefused, Hollow
from answerable.record.sqlite import SqliteStore
from tests.record.backup.conftest import Kept


def files(folder: Path) -> list[Path]:
    found = [path for path in folder.iterdir() if not path.name.startswith(".")]
    return sorted(found, key=lambda path: (path.stat().st_mtime_ns, path.name))


def flipped(path: Path, at: int) -> None:
    body = bytearray(path.read_bytes())
    body[at] ^= 0x10
    path.write_bytes(body)


def hollow(kept: Kept, into: Path, **changes) -> Hollow:
    with pytest.raises(Hollow) as caught:
        kept.restore(into, **changes)
    assert not (into / RECORD_FILE).exists()
    assert not list(into.glob(".*"))
    return caught.value


# -- files that were damaged later -----------------------------------------------------------


@pytest.mark.parametrize("left", [0.2, 0.9, 0.999])
def test_a_truncated_file_restores_nothing(kept, tmp_path, left):
    kept.add(4_000)
    made = kept.back_up()
    os.truncate(made.path, int(made.bytes * left))
    assert hollow(kept, tmp_path / "back").found == "unreadable"


def test_a_file_cut_exactly_between_two_chunks_is_not_taken_for_the_whole(kept, tmp_path):
    kept.add(9_000)
    made = kept.back_up()
    chunk = CHUNK_BYTES + 16
    assert made.bytes > len(head_bytes(made.head)) + chunk
    os.truncate(made.path, len(head_bytes(made.head)) + chunk)
    assert hollow(kept, tmp_path / "back").found == "unreadable"


@pytest.mark.parametrize(
    ("body", "told"),
    [(b"", "no bytes"), (MAGIC, "only 20 bytes"), (b"SQLite format 3\0" * 90, "does not begin"),
     (MAGIC + b"\xff\xff\xff\xff" + b"x" * 90, "impossible length"),
     (MAGIC + b"\0\0\1\0{", "ends inside"), (MAGIC + b"\0\0\0\2{}....", "cannot be read")],
)  # fmt: skip
def test_a_file_that_is_empty_small_or_something_else_is_told(kept, tmp_path, body, told):
    made = kept.back_up()
    made.path.write_bytes(body)
    with pytest.raises(BackupRefused, match="None of its 1 backups can be read"):
        kept.restore(tmp_path / "back")
    [damaged] = run.Folder(kept.to, keys=False).files()[1]
    assert told in damaged.why.why


def test_a_flipped_bit_is_found_in_every_region_of_a_file(kept, tmp_path):
    kept.add(2_000)
    made = kept.back_up()
    whole = made.path.read_bytes()
    head = len(head_bytes(made.head))
    ends = [0, len(MAGIC), len(MAGIC) + 3, head, head + 1, len(whole) - 1]
    in_head = range(len(MAGIC) + 4, head, max(1, head // 60))
    regions = [*ends, *in_head, *range(head, len(whole), len(whole) // 40)]
    missed = []
    for nth, at in enumerate(regions):
        flipped(made.path, at)
        into = tmp_path / f"back-{nth}"
        try:
            kept.restore(into)
            missed.append(at)
        except (Hollow, BackupRefused):
            assert not (into / RECORD_FILE).exists()
        made.path.write_bytes(whole)
    assert missed == []


def test_swapped_increments_are_found(kept, tmp_path):
    kept.back_up()
    for _ in range(2):
        kept.add(3)
        kept.back_up()
    first, second = files(kept.to)[1:]
    body = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(body)
    outcome = kept.restore(tmp_path / "back")
    assert outcome.back.size == 46  # the heads say their order, whatever the files are called
    assert outcome.back.root == kept.root()


def test_an_increment_from_another_branch_of_the_chain_is_refused(kept, tmp_path):
    """Two increments that both go on from the same full backup: only one has its place."""
    kept.back_up()
    shutil.copytree(kept.to, tmp_path / "aside")
    kept.add(3)
    second = kept.back_up().path
    stray = kept.back_up(to=tmp_path / "aside")
    kept.add(3)
    kept.back_up()
    second.write_bytes(stray.path.read_bytes())
    outcome = kept.restore(tmp_path / "back")
    assert outcome.back.size == 43
    assert "does not go on" in " ".join(outcome.passed_over)


def test_a_missing_increment_ends_the_chain_before_it(kept, tmp_path):
    kept.back_up()
    for _ in range(2):
        kept.add(3)
        kept.back_up()
    files(kept.to)[1].unlink()
    assert kept.restore(tmp_path / "back").back.size == 40


def test_a_backup_of_another_record_is_not_taken_into_a_chain(kept, tmp_path):
    kept.back_up()
    other = Kept(tmp_path / "other", tmp_path / "other-to", tmp_path / "-", kept.identity,
                 SqliteStore.open(tmp_path / "other" / RECORD_FILE))  # fmt: skip
    other.add(41)
    strange = other.back_up()
    other.store.close()
    shutil.copy(strange.path, kept.to)
    with pytest.raises(BackupRefused, match="of 2 records lie in one folder"):
        kept.restore(tmp_path / "back")
    with pytest.raises(BackupRefused, match="another record lie there"):
        kept.back_up()


def test_a_broken_chain_is_told_and_a_full_backup_is_made_in_its_place(kept, tmp_path):
    full = kept.back_up()
    flipped(full.path, full.bytes - 40)
    kept.add(3)
    made = kept.back_up()
    assert (made.head.sort, made.broken and made.broken.file) == ("full", full.path.name)
    assert kept.restore(tmp_path / "back").back.root == kept.root()


# -- backups that are hollow when they are made ----------------------------------------------


def planted(kept: Kept, found: str, why: str) -> None:
    """Assert that a backup with a planted fault is not made, and leaves nothing behind."""
    before = files(kept.to)
    with pytest.raises(Hollow, match=why) as caught:
        kept.back_up()
    assert caught.value.found == found
    assert files(kept.to) == before
    assert not list(kept.to.glob(".*"))


def test_a_table_that_is_silently_left_out_is_found(kept, monkeypatch):
    kept.back_up()
    tables_of = taking.tables_of
    monkeypatch.setattr(
        taking, "tables_of", lambda db: [one for one in tables_of(db) if one.name != "sealed"]
    )
    planted(kept, "not what was recorded", "the table sealed is not in it")


def test_a_column_that_is_silently_left_out_is_found(kept, monkeypatch):
    kept.back_up()
    tables_of = taking.tables_of

    def without(db):
        return [
            one._replace(columns=tuple(c for c in one.columns if c != "veil"))
            for one in tables_of(db)
        ]

    monkeypatch.setattr(taking, "tables_of", without)
    planted(kept, "not what was recorded", "events lacks veil")


def test_rows_that_are_silently_left_out_are_found(kept, monkeypatch):
    kept.back_up()
    kept.add(10)
    put = taking.Source._put_changing

    def fewer(source, frames, table, before):
        if table.name != "sealed":
            put(source, frames, table, before)
            return
        frames.put("table", table.name, table.columns)

    monkeypatch.setattr(taking.Source, "_put_changing", fewer)
    planted(kept, "not what was recorded", "sealed came back with 13 of 16 rows")


def test_a_sealed_value_that_was_altered_on_the_way_is_found(kept, monkeypatch):
    put = taking.Source._put_changing

    def altered(source, frames, table, before):
        class Altering:
            def put(self, *frame):
                if table.name == "sealed" and frame[0] == "rows":
                    first, *rest = frame[1]
                    frame = ("rows", [(*first[:4], first[4][::-1]), *rest])
                frames.put(*frame)

        put(source, Altering(), table, before)

    monkeypatch.setattr(taking.Source, "_put_changing", altered)
    planted_first(kept, "rows of the table sealed are not those")


def planted_first(kept: Kept, why: str) -> None:
    with pytest.raises(Hollow, match=why):
        kept.back_up()
    assert files(kept.to) == []


def test_events_that_were_altered_on_the_way_give_another_root(kept, monkeypatch):
    execute = putting.Putting._rows

    def altered(self, rows):
        if rows and len(rows[0]) == 13:
            rows = [[*rows[0][:6], "mallory", *rows[0][7:]], *rows[1:]]
        execute(self, rows)

    monkeypatch.setattr(putting.Putting, "_rows", altered)
    planted_first(kept, "what came back is damaged: position 1")


def test_an_empty_backup_is_found(kept, monkeypatch):
    real = run._written

    def nothing(path, *rest):
        size, digest = real(path, *rest)
        os.truncate(path, 0)
        return size, digest

    monkeypatch.setattr(run, "_written", nothing)
    with pytest.raises(Hollow, match="no bytes") as caught:
        kept.back_up()
    assert caught.value.found == "empty"


def test_a_database_beside_the_record_that_comes_back_damaged_is_found(kept, monkeypatch):
    whole = taking.read_whole

    def torn(path):
        content = whole(path)
        return content and content[:4096] + bytes(len(content) - 4096)

    monkeypatch.setattr(taking, "read_whole", torn)
    planted_first(kept, r"keyring\.sqlite came back damaged")


def test_a_proof_that_is_skipped_would_let_every_one_of_these_pass(kept, monkeypatch):
    """The harness hurts: with the comparison taken away, a lossy backup is called one."""
    monkeypatch.setattr(putting.Putting, "compare", lambda self, blocks: None)
    monkeypatch.setattr(putting.Putting, "_end", lambda self, counts, digests: None)
    put = taking.Source._put_changing
    monkeypatch.setattr(
        taking.Source, "_put_changing",
        lambda source, frames, table, before: table.name != "sealed"
        and put(source, frames, table, before),
    )  # fmt: skip
    monkeypatch.setattr(run, "_compare", lambda back, taken: None)
    assert kept.back_up().sealed == 0


def test_a_record_that_lost_its_end_is_not_backed_up_over_the_loss(kept):
    kept.store.close()
    mark = kept.data / f"{RECORD_FILE}.mark"
    size, root = mark.read_bytes().split()
    mark.write_bytes(b"%020d %s\n" % (int(size) + 5, root))
    with pytest.raises(Hollow, match="45 events were acknowledged"):
        kept.back_up()


def test_a_damaged_record_is_told_and_not_copied(kept):
    kept.store.close()
    with sqlite3.connect(kept.data / RECORD_FILE) as db:
        db.execute("UPDATE events SET actor = 'mallory' WHERE position = 7")
    db.close()
    with pytest.raises(Hollow, match="position 7"):
        kept.back_up()


# -- a disk that is full, a process that is killed -------------------------------------------


@pytest.mark.parametrize("after", [1, 40_000, 200_000])
def test_a_disk_that_is_full_in_the_middle_leaves_the_older_backups(
    kept, monkeypatch, tmp_path, after
):
    kept.back_up()
    root = kept.root()
    kept.add(8_000)
    sealer = run.Sealer

    class Full(sealer):
        def _put(self, chunk, *, last):
            if self.bytes + len(chunk) > after:
                raise OSError(errno.ENOSPC, "No space left on device")
            super()._put(chunk, last=last)

    monkeypatch.setattr(run, "Sealer", Full)
    planted(kept, "not made", "the disk is full")
    monkeypatch.undo()
    assert kept.restore(tmp_path / "back").back.root == root


def test_a_scratch_place_without_room_is_told_before_and_in_the_middle(kept, monkeypatch):
    monkeypatch.setattr(run, "LEAST_FREE", 1 << 60)
    planted_first(kept, "scratch space")
    monkeypatch.undo()
    monkeypatch.setattr(putting, "LEAST_FREE", 1 << 60)
    planted_first(kept, "disk of the scratch place is full")


KILLED = """
import sys, time
from pathlib import Path
from answerable.record.backup import run
from answerable.record.backup.boxes import Recipient

stop, real = sys.argv[3], getattr(run, sys.argv[3], None)

def waiting(*args, **named):
    print("here", flush=True)
    time.sleep(60)

if stop == "publish":
    run.Folder.publish = waiting
else:
    setattr(run, stop, waiting)
run.back_up(run.Order(data=Path(sys.argv[1]), to=Path(sys.argv[2]),
                      writers=(Recipient.parse(sys.argv[4]),)))
"""


@pytest.mark.parametrize("stop", ["put_back", "publish", "_tidied"])
def test_a_backup_that_is_killed_leaves_the_older_ones_and_the_next_one_clears_up(
    kept, tmp_path, stop
):
    kept.back_up()
    root, whole = kept.root(), {path: path.read_bytes() for path in files(kept.to)}
    kept.add(5)
    words = [sys.executable, "-c", KILLED, str(kept.data), str(kept.to), stop]
    with subprocess.Popen(
        [*words, str(kept.identity.recipient)], stdout=subprocess.PIPE
    ) as killed:  # fmt: skip
        assert killed.stdout is not None
        assert killed.stdout.readline() == b"here\n"
        time.sleep(0.05)
        os.kill(killed.pid, signal.SIGKILL)
    named = stop == "_tidied"  # it is proved and named by then
    assert {path: path.read_bytes() for path in files(kept.to)[:1]} == whole
    assert len(files(kept.to)) == 1 + named
    back = kept.restore(tmp_path / "back").back.root
    assert back == (kept.root() if named else root)
    kept.back_up()
    assert not list(kept.to.glob(".*"))
    assert not list(kept.data.glob(f"{run.SCRATCH}*"))


def test_two_backups_of_one_record_do_not_meet(kept):
    with run._alone(kept.data), pytest.raises(BackupRefused, match="Another backup of it"):
        kept.back_up()


def test_what_is_erased_while_a_backup_is_proved_makes_it_begin_again(kept, monkeypatch):
    tries = []

    def erasing(*args, **named):
        if not tries:
            kept.erase("call:c3")
        tries.append(1)
        return proof.put_back(*args, **named)

    monkeypatch.setattr(run, "put_back", erasing)
    made = kept.back_up()
    assert (len(tries), made.head.size, made.sealed) == (2, 41, 12)


def test_a_table_or_a_column_that_taking_and_proving_overlook_alike_is_found(kept, monkeypatch):
    """The proof counts by itself: a fault that both sides share would else look like a backup."""
    real = taking.tables_of

    def without_table(db):
        return [one for one in real(db) if one.name != "sealed"]

    def without_column(db):
        return [
            one._replace(columns=tuple(c for c in one.columns if c != "peaks")) for one in real(db)
        ]

    kept.add(3_000)
    for blind, told in ((without_table, "sealed came back with 0 of"), (without_column, "heads")):
        for module in (taking, putting):
            monkeypatch.setattr(module, "tables_of", blind)
        planted_first(kept, told)
