"""Damage at rest: bits flipped, sectors lost, files cut, in the database and in its log.

Either the record does not open, or it does not serve what is wrong, or everything it serves is
right; and where anything at all is wrong, fsck says so.
"""

from __future__ import annotations

import random
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from answerable.kernel.store import Snapshot, StoreRefusal
from answerable.record.fsck import fsck
from answerable.record.sqlite import SqliteStore
from tests.drills.harness import ROUNDS, SEED, Broken, check_content
from tests.drills.writer import row_at, sealed_at

pytestmark = [pytest.mark.drill, pytest.mark.timeout(120 + 10 * ROUNDS)]

EVENTS = 2560
STATE = b"state of the drill " * 400
DAMAGES = ROUNDS * 3


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    """One record as closed, and one as a power cut leaves it: much of it still in the log."""
    folder = tmp_path_factory.mktemp("damage")
    closed, crashed = folder / "closed", folder / "crashed"
    closed.mkdir()
    store = SqliteStore.open(closed / "record.db")
    for first in range(1, EVENTS, 40):
        if first == 1601:
            store._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        span = range(first, first + 40)
        rows = [row_at(n, store.epoch) for n in span]
        store.append(rows, [sealed_at(n) for n in span if n % 7 == 0])
    store.save_snapshot("drill", Snapshot(EVENTS, STATE))
    shutil.copytree(closed, crashed)
    for left in crashed.glob("*-shm"):
        left.unlink()
    store.close()
    assert (crashed / "record.db-wal").stat().st_size > 100_000
    return folder


def damage(path: Path, dice: random.Random) -> str:
    """Damage a file somewhere; return what was done."""
    content = bytearray(path.read_bytes())
    at = dice.randrange(len(content))
    what = dice.choice(["bit", "bit", "sector", "noise", "cut"])
    if what == "bit":
        content[at] ^= 1 << dice.randrange(8)
    elif what == "cut":
        del content[at:]
    else:
        start = at // 512 * 512
        stop = min(start + 512, len(content))
        noise = dice.randbytes(512) if what == "noise" else bytes(512)
        content[start:stop] = noise[: stop - start]
    path.write_bytes(content)
    return f"{what} at {at} of {path.name}"


def everything_served_is_right(store: SqliteStore) -> bool:
    """Say whether all is there; raises Broken for what is wrong, StoreRefusal for what is kept.

    A snapshot may be lost: it is only a convenience.
    """
    whole = check_content(store)
    if store.head().size != EVENTS:
        raise Broken(f"{store.head().size} events of {EVENTS} without a word")
    if store.load_snapshot("drill") not in (None, Snapshot(EVENTS, STATE)):
        raise Broken("another snapshot was served")
    for n in range(1, EVENTS + 1, 97):
        found = store.with_key(f"key-{n}")
        if found and found != [row_at(n, 1)]:
            raise Broken(f"key-{n} found another row")
        whole = whole and bool(found)
    for n in range(50):
        stream = [row.position for row in store.stream(f"call:{n}")]
        if not set(stream) <= set(range(n, EVENTS + 1, 50)):
            raise Broken(f"call:{n} has rows of another")
        whole = whole and len(stream) == len(range(n or 50, EVENTS + 1, 50))
    return whole


def outcome(path: Path) -> str:
    """Open and read everything: "refused", "whole" or "incomplete"."""
    try:
        store = SqliteStore.open(path)
    except StoreRefusal:
        return "refused"
    try:
        return "whole" if everything_served_is_right(store) else "incomplete"
    except StoreRefusal:
        return "not served"
    finally:
        store.close()


def says_sound(path: Path) -> bool:
    """Say whether fsck finds nothing; that it cannot look counts as finding."""
    try:
        return fsck(path).sound
    except StoreRefusal:
        return False


@pytest.mark.parametrize(
    ("kind", "file"),
    [("closed", "record.db"), ("crashed", "record.db"), ("crashed", "record.db-wal")],
)
def test_damage_is_refused_or_found_and_nothing_wrong_is_served(records, tmp_path, kind, file):
    seen: dict[str, int] = {}
    for n in range(DAMAGES):
        dice = random.Random(f"{SEED} {kind} {file} {n}")
        folder = Path(shutil.copytree(records / kind, tmp_path / str(n)))
        done = damage(folder / file, dice)
        shutil.copytree(folder, tmp_path / f"{n}-looked")
        sound = says_sound(tmp_path / f"{n}-looked" / "record.db")
        try:
            found = outcome(folder / "record.db")
        except Broken as broken:
            pytest.fail(f"{done} (seed {SEED}): {broken}")
        seen[found] = seen.get(found, 0) + 1
        assert found == "whole" or not sound, f"{done} (seed {SEED}): {found}, but fsck is content"
        shutil.rmtree(folder)
        shutil.rmtree(tmp_path / f"{n}-looked")
    print(kind, file, seen)


def test_a_bit_flipped_in_a_body_is_named_by_position_and_not_served(records, tmp_path):
    for position in (3, 1321, 2559):
        folder = Path(shutil.copytree(records / "closed", tmp_path / str(position)))
        path = folder / "record.db"
        content = bytearray(path.read_bytes())
        body = row_at(position, 1).body
        at = content.index(body) + len(body) - 3
        content[at] ^= 1
        path.write_bytes(content)
        named = {one.position for one in fsck(path).damage}
        assert named == {position}
        with pytest.raises(StoreRefusal, match=f"position {position} is not what was recorded"):
            list(SqliteStore.open(path).rows())


def test_a_bit_flipped_in_a_sealed_word_is_named_and_not_served(records, tmp_path):
    folder = Path(shutil.copytree(records / "closed", tmp_path / "sealed"))
    path = folder / "record.db"
    with closing(sqlite3.connect(path)) as record:
        [[box]] = record.execute("SELECT box FROM sealed WHERE position = 2555").fetchall()
    content = bytearray(path.read_bytes())
    content[content.rindex(box) + 5] ^= 1
    path.write_bytes(content)
    assert [one.where for one in fsck(path).damage] == ["the sealed words of position 2555"]
    store = SqliteStore.open(path)
    with pytest.raises(StoreRefusal, match="the sealed words of position 2555 is another"):
        store.unseal(2555, "words")
    store.close()


def test_a_log_that_is_gone_is_a_refusal(records, tmp_path):
    folder = Path(shutil.copytree(records / "crashed", tmp_path / "gone"))
    (folder / "record.db-wal").unlink()
    with pytest.raises(StoreRefusal, match="were acknowledged and are missing"):
        SqliteStore.open(folder / "record.db")
    assert not fsck(folder / "record.db").sound


def test_a_crashed_record_that_is_not_damaged_is_whole(records, tmp_path):
    folder = Path(shutil.copytree(records / "crashed", tmp_path / "whole"))
    assert fsck(folder / "record.db").sound
    assert outcome(folder / "record.db") == "whole"
