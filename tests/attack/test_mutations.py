"""Random mutations of a record: every one is refused, found, or without effect on what is served.

``make drill`` makes 100,000 of them (``benchmarks/drills.py``); the short set is a few thousand.
"""

from __future__ import annotations

import os
import random
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from answerable.kernel.event import Row
from answerable.kernel.store import StoreRefusal
from answerable.record import tree
from answerable.record.entry import COLUMNS, leaf_of
from answerable.record.fsck import fsck
from answerable.record.opening import SQL
from answerable.record.sqlite import SqliteStore
from tests.attack import mutations
from tests.attack.mutations import RECORD, Made, Wrong, Yard, attack, look, made, serve, sound

COUNT = int(os.environ.get("ANSWERABLE_MUTATIONS", "2000"))
SEED = int(os.environ.get("ANSWERABLE_DRILL_SEED", str(random.SystemRandom().getrandbits(32))))

pytestmark = pytest.mark.drill


@pytest.fixture(scope="module")
def closed(tmp_path_factory) -> Made:
    return made(tmp_path_factory.mktemp("made"), crashed=False)


@pytest.fixture
def yard(closed, tmp_path) -> Yard:
    """A copy of the record to do harm to."""
    one = Yard(tmp_path / "yard", closed)
    one.lay(closed.files)
    return one


def harmed(yard: Yard, *statements: str) -> Path:
    """Change the record by SQL and return its path."""
    with closing(sqlite3.connect(yard.folder / RECORD, isolation_level=None)) as database:
        for one in statements:
            database.execute(one)
    return yard.folder / RECORD


@pytest.mark.timeout(60 + COUNT // 50)
def test_every_mutation_is_refused_found_or_without_effect():
    told = attack(COUNT, SEED)
    print(told)
    assert sum(sum(one.values()) for one in told["outcomes"].values()) == COUNT
    for target, outcomes in told["outcomes"].items():
        assert outcomes.get("refused", 0) + outcomes.get("not served", 0) > 0, (target, SEED)


@pytest.mark.parametrize("check", ["proofs of rows", "proofs of sealed words", "the mark"])
def test_a_check_that_is_left_out_is_noticed(monkeypatch, check):
    if check == "proofs of rows":
        monkeypatch.setattr("answerable.record.sqlite.proves", lambda row, leaf: True)
        monkeypatch.setattr("answerable.record.opening.proves", lambda row, leaf: True)
    elif check == "proofs of sealed words":
        monkeypatch.setattr(mutations, "fsck", lambda *a, **b: type("Told", (), {"sound": True}))
    else:
        monkeypatch.setattr("answerable.record.opening.check_mark", lambda *a: None)
    with pytest.raises(Wrong):
        attack(1500, 7)


def test_rows_whose_pages_were_exchanged_are_not_served_in_another_order(yard, monkeypatch):
    """Found by the mutations above: a page of rows may not begin anywhere but at its place."""
    path = yard.folder / RECORD
    store = SqliteStore.open(path)
    fetch = store._fetch

    def exchanged(name: str, *values: object) -> list:
        rows = fetch(name, *values)
        return [rows[1], rows[0], *rows[2:]] if name == "rows" and len(rows) > 2 else rows

    monkeypatch.setattr(store, "_fetch", exchanged)
    with pytest.raises(StoreRefusal, match="missing or out of order"):
        list(store.rows())
    store.close()


@pytest.mark.parametrize(
    "planted",
    ["CREATE TRIGGER eve AFTER UPDATE ON meta BEGIN DELETE FROM sealed; END",
     "CREATE VIEW eve AS SELECT * FROM events"],
)  # fmt: skip
def test_a_record_with_a_trigger_or_a_view_is_not_opened(yard, planted):
    """A trigger would act by our own hand the moment the record is opened."""
    path = harmed(yard, planted)
    with pytest.raises(StoreRefusal, match="triggers or views"):
        SqliteStore.open(path)
    assert not sound(path)
    assert look_again(yard, planted)


def look_again(yard: Yard, planted: str) -> bool:
    """Say whether the refused record is as it was: without the trigger it opens, whole."""
    name = planted.split()[1].lower()
    path = harmed(yard, f"DROP {name} eve")
    return look(path, yard.made.truth) == "whole"


def forged(path: Path, position: int, *, heads: bool) -> None:
    """Write another actor into an event and give it the leaf that fits; and fitting heads."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        [values] = database.execute(SQL["rows"], (position - 1, 1)).fetchall()
        row = Row._make(values[:COLUMNS])._replace(actor="eve")
        database.execute("UPDATE events SET actor = 'eve', leaf = ? WHERE position = ?",
                         (leaf_of(row), position))  # fmt: skip
        if not heads:
            return
        frontier = tree.EMPTY
        leaves = [one[COLUMNS] for one in database.execute(SQL["rows"], (0, -1)).fetchall()]
        sizes = [one[0] for one in database.execute("SELECT size FROM heads ORDER BY size")]
        for size in sizes:
            frontier = tree.extend(frontier, leaves[frontier.size : size])
            database.execute(
                "UPDATE heads SET root = ? WHERE size = ?", (tree.root(frontier), size)
            )
            database.execute("UPDATE heads SET peaks = ? WHERE size = ? AND peaks IS NOT NULL",
                             (tree.packed(frontier), size))  # fmt: skip


def test_whoever_rewrites_a_row_with_its_leaf_is_found_by_the_tree_heads(yard):
    path = yard.folder / RECORD
    forged(path, 9, heads=False)
    told = [one.where for one in fsck(path).damage]
    assert any("tree head" in where for where in told)


def test_whoever_rewrites_the_tree_heads_too_is_refused_by_the_mark(yard):
    path = yard.folder / RECORD
    forged(path, 9, heads=True)
    with pytest.raises(StoreRefusal, match="are not those acknowledged"):
        SqliteStore.open(path)
    assert not sound(path)


def test_whoever_rewrites_everything_is_noticed_only_from_outside(yard):
    """The limit of what a machine can say of itself: hence checkpoints, witnesses, receipts."""
    path = yard.folder / RECORD
    forged(path, 9, heads=True)
    (yard.folder / f"{RECORD}.mark").unlink()
    store = SqliteStore.open(path)
    head = store.head()
    with pytest.raises(Wrong):
        serve(store, yard.made.truth)
    store.close()
    assert fsck(path).sound
    assert head.root != yard.made.truth.head.root  # what anybody who kept a checkpoint sees


def test_a_page_of_keys_that_cannot_be_read_is_a_refusal_of_that_word(yard):
    """Found by the mutations above: SQLite's own error came out of the reading of a sealed word."""
    store = SqliteStore.open(yard.folder / RECORD)
    store.vault.keys._db.close()
    (position, field), _value = next(iter(yard.made.truth.sealed.items()))
    with pytest.raises(StoreRefusal, match="cannot be read"):
        store.unseal(position, field)
