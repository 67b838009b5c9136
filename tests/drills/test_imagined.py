"""The real store and hub on an imagined disk: fault points, power cuts, and planted faults.

The short set of ``answerable drill faults|power|plants``; ``--drill`` makes it long.
"""

from __future__ import annotations

import os

import pytest

pytest.importorskip("apsw", reason="the extra 'drill' is not installed")

from answerable.kernel.event import SealedValue
from answerable.kernel.hub import commitment_of
from answerable.planning.faults import points, power
from answerable.planning.faults.disk import Disk, Fault, Kind
from answerable.planning.faults.ledger import Ledger, Violation
from answerable.planning.faults.plants import PLANTS
from answerable.planning.faults.points import Point
from answerable.planning.faults.results import Outcome, together
from answerable.planning.faults.rows import SALT, order_at, row_at
from answerable.planning.faults.scripted import Player, script_of
from answerable.planning.faults.under import Imagined
from answerable.record.refusals import KeysRemain
from answerable.record.sqlite import SqliteStore

LONG = "ANSWERABLE_DRILL_ROUNDS" in os.environ
FAULT_SEEDS, POINTS = (12, 200) if LONG else (4, 25)
POWER_SEEDS, CUTS = (200, 400) if LONG else (8, 80)
PLANT_SEEDS = 40 if LONG else 8
CAUGHT_MIN = 0.95

pytestmark = [pytest.mark.drill, pytest.mark.timeout(1800 if LONG else 120)]


def told(whole: Outcome) -> str:
    return "\n".join(found.text() for found in whole.findings)


def test_i6_no_fault_of_a_write_a_sync_or_an_open_loses_an_acknowledged_event():
    whole = together("faults", (points.drill(n, POINTS) for n in range(FAULT_SEEDS)))
    assert whole.sound, told(whole)
    assert whole.distinct == whole.tried == FAULT_SEEDS * POINTS
    assert len(whole.by_kind) > 15, "hardly any kind of fault was tried"


def test_i6_no_power_cut_loses_an_acknowledged_event():
    whole = together("power", (power.drill(n, CUTS) for n in range(POWER_SEEDS)))
    assert whole.sound, told(whole)
    assert whole.tried > POWER_SEEDS * CUTS, "no start was cut itself"
    assert whole.distinct > whole.tried / 2, "most cuts left the same disk"
    assert whole.acknowledged > POWER_SEEDS * 5


@pytest.mark.parametrize("name", list(PLANTS))
def test_a_planted_fault_is_caught_in_nearly_every_seed(name):
    found = [power.drill(n, power.CUTS, PLANTS[name]) for n in range(1, PLANT_SEEDS + 1)]
    caught = sum(not one.sound for one in found)
    print(f"{name}: caught in {caught} of {PLANT_SEEDS} seeds")
    assert caught >= CAUGHT_MIN * PLANT_SEEDS
    again = next(one.findings[0].again for one in found if one.findings)
    assert again.startswith("answerable drill power --seed ")
    assert again.endswith(f"--plant {name}")


class _AsItIsRead(Imagined):
    """The planted fault: a start builds on the log as the system shows it, and writes it not."""

    def write_log_again(self, record):
        pass


def dropped_syncs(seed, under, folder):
    """Let each sync of the log fail and drop what it should have kept; count the violations."""
    script, disk = script_of(seed), Disk()
    Player(script, disk, Ledger(disk), folder, under).play()
    log = [n for n, op in enumerate(disk.trace) if op.kind is Kind.SYNC and op.name[-4:] == "-wal"]
    broken = 0
    for number in log:
        place = folder / f"{under.__name__}-{number}"
        place.mkdir()
        try:
            points.suffer(script, Point(number, Fault.DROPPED), place, under)
        except Violation:
            broken += 1
    return len(log), broken


def test_a_sync_that_fails_and_drops_its_writes_costs_nothing_because_the_start_writes_them(
    tmp_path,
):
    tried, broken = dropped_syncs(6, Imagined, tmp_path)
    assert (tried > 10, broken) == (True, 0)
    tried, broken = dropped_syncs(6, _AsItIsRead, tmp_path)
    assert broken, "the drill does not see that the log was not written again"


def test_a_seed_plays_the_same_again(tmp_path):
    traces = []
    for name in ("once", "again"):
        (tmp_path / name).mkdir()
        disk = Disk()
        Player(script_of(3), disk, Ledger(disk), tmp_path / name).play()
        traces.append([(op.kind, op.name, op.at, len(op.data)) for op in disk.trace])
    assert traces[0] == traces[1]
    assert len(traces[0]) > 100


@pytest.mark.parametrize("scrubbing", [False, True], ids=["destroying", "scrubbing"])
def test_an_erasure_that_the_disk_fails_is_refused_and_leaves_nothing_when_done_again(
    tmp_path, scrubbing
):
    disk = Disk()
    store = SqliteStore.open(tmp_path / "record.db", disk=Imagined(disk))
    words = commitment_of("words", SALT, "secret words")
    row = row_at(1, store.epoch, 1, "secret words")
    store.append([row], [SealedValue(1, row.stream, "words", words, SALT, "secret words")])
    store.append([order_at(2, store.epoch, 2, row.stream)])
    key = store.vault.keys.get(1)

    def fault(_, op):
        mine = op.kind is Kind.WRITE and op.name == "vault.db-journal"
        zeros = len(op.data) > 512 and not any(op.data)
        return Fault.EIO if mine and (zeros or not scrubbing) else None

    disk.fault = fault
    for _ in range(2):
        with pytest.raises(KeysRemain, match=r"Not yet erased: .*vault\.db could not be written"):
            store.destroy_keys({2: [row.stream]})
    assert any(key in content for content in disk.files().values())
    disk.fault = None
    store.destroy_keys({2: [row.stream]})
    assert not any(key in content for content in disk.files().values())
    assert store.unseal(1, "words") is None
    store.close()
