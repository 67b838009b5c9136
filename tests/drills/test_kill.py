"""Kill -9 at a random moment: no acknowledged event is ever lost (I6)."""

from __future__ import annotations

import pytest

from answerable.kernel.clock import SystemClock
from answerable.kernel.hub import Hub
from answerable.kernel.ids import SecretIds
from answerable.record.rebuild import RoomsRebuild
from answerable.rooms import product
from tests.drills import harness
from tests.drills.harness import ROUNDS, SEED, Broken

pytestmark = [pytest.mark.drill, pytest.mark.timeout(120 + 10 * ROUNDS)]


def test_nothing_acknowledged_is_lost_when_the_writer_is_killed(tmp_path):
    written = 0
    for round_ in range(ROUNDS):
        path = tmp_path / f"record-{round_ // 4}.db"  # four deaths a record: restarts on restarts
        killed = harness.run_and_kill(path, SEED + round_, "store")
        store = harness.check_after(path, killed)
        assert harness.check_content(store), f"sealed words are missing (seed {SEED})"
        written += len(killed.acknowledged)
        store.close()
    assert written > ROUNDS, f"the writers hardly wrote (seed {SEED})"


def test_nothing_acknowledged_by_the_hub_is_lost_and_the_state_is_the_replay(tmp_path):
    path = tmp_path / "record.db"
    for round_ in range(max(2, ROUNDS // 4)):
        killed = harness.run_and_kill(path, SEED + 7919 * round_, "hub")
        store = harness.check_after(path, killed, lambda: RoomsRebuild(product()))
        states = []
        for use_snapshot in (True, False):
            hub = Hub(product(), store, clock=SystemClock(), ids=SecretIds())
            hub.start(use_snapshot=use_snapshot)
            states.append(hub.rooms.pack(hub.state))
        assert states[0] == states[1], f"snapshot and replay differ (seed {SEED})"
        store.close()


def test_the_harness_catches_an_acknowledgement_before_the_commit(tmp_path):
    for round_ in range(20):
        path = tmp_path / f"record-{round_}.db"
        killed = harness.run_and_kill(path, SEED + round_, "early")
        try:
            harness.check_after(path, killed).close()
        except Broken as broken:
            if "were acknowledged" in str(broken):
                return
            raise
    pytest.fail(f"twenty liars were killed and none was caught (seed {SEED})")
