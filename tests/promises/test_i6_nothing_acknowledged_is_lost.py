"""I6: an acknowledged event is never lost, reordered or altered, across restarts and crashes."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from answerable.kernel.event import Row
from answerable.kernel.hub import Accepted
from answerable.record import tree
from answerable.record.entry import leaf_of
from answerable.record.sqlite import SqliteStore
from tests.story import Centre
from tests.walk import asked, begun, role_for, seeded, steps


class Witness:
    """Stands beside a centre and writes down every row it was told is recorded."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.town = Centre(SqliteStore.open(path))
        self.told: list[Row] = []
        begun(self.town)
        self.told.extend(self.town.store.rows())

    def ask(self, step) -> None:
        """Take one step and write down what was acknowledged, alarms included."""
        before = len(self.told)
        self.town.tick(1)
        self.told.extend(self.town.store.rows(before))
        command, fields = asked(step, self.town)
        outcome = self.town.do(command, role=role_for(command), name="one of us", **fields)
        if isinstance(outcome, Accepted) and not outcome.again:
            self.told.extend(one.row for one in outcome.recorded)

    def crashed(self, where: Path) -> SqliteStore:
        """Return the record as a killed process would have left it: the files as they are now."""
        where.mkdir()
        for file in self.path.parent.iterdir():
            ours = file.name.startswith((self.path.name, "vault.db"))
            if ours and not file.name.endswith("lock"):
                shutil.copy(file, where / file.name)
        return SqliteStore.open(where / self.path.name, create=False)

    def check(self, store) -> None:
        """Fail unless the record holds exactly what was told, in that order, under its head."""
        rows = list(store.rows())
        assert rows == self.told
        frontier = tree.extend(tree.EMPTY, [leaf_of(row) for row in self.told])
        assert (store.head().size, store.head().root) == (frontier.size, tree.root(frontier))


@pytest.mark.parametrize("seed", range(2))
def test_what_was_acknowledged_is_there_after_any_number_of_restarts(tmp_path, seed):
    witness = Witness(tmp_path / "record.db")
    for number, step in enumerate(seeded(seed, 90)):
        witness.ask(step)
        if number % 17 == 16:
            witness.town.restart(use_snapshot=bool(number % 2))
            witness.check(witness.town.store)
    witness.check(witness.town.store)
    witness.town.store.close()


@settings(
    max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(steps, min_size=5, max_size=25), st.integers(1, 25))
def test_what_was_acknowledged_is_there_after_a_crash_at_any_moment(tmp_path, taken, every):
    folder = tmp_path / hashlib.sha256(repr((taken, every)).encode()).hexdigest()[:16]
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    witness = Witness(folder / "record.db")
    for number, step in enumerate(taken):
        witness.ask(step)
        if number % every == 0:
            left = witness.crashed(folder / f"crash-{number}")
            witness.check(left)
            left.close()
    witness.check(witness.town.store)
    witness.town.store.close()


def test_the_epoch_of_each_row_tells_which_process_wrote_it(tmp_path):
    witness = Witness(tmp_path / "record.db")
    first = witness.town.store.epoch
    witness.town.restart()
    witness.ask(0)
    epochs = [row.epoch for row in witness.town.store.rows()]
    assert epochs == sorted(epochs)
    assert set(epochs) == {first, first + 1}
    witness.town.store.close()


def test_the_witness_hurts(tmp_path):
    witness = Witness(tmp_path / "record.db")
    for change in (
        lambda rows: rows[:-1],
        lambda rows: [rows[1], rows[0], *rows[2:]],
        lambda rows: [rows[0]._replace(actor="nobody"), *rows[1:]],
    ):
        true, witness.told = witness.told, change(witness.told)
        with pytest.raises(AssertionError):
            witness.check(witness.town.store)
        witness.told = true
    witness.check(witness.town.store)
    witness.town.store.close()
