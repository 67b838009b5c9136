"""I5: live state = replay from zero = replay from a snapshot, on every store, byte for byte.

The bytes carry the order of mappings too: which job is a unit's first is part of the state.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from answerable.dispatch import words as w
from answerable.kernel.hub import Hub
from answerable.kernel.ids import SeededIds
from answerable.kernel.store import Snapshot
from answerable.record.memory import MemoryStore
from answerable.record.sqlite import SqliteStore
from tests.story import Centre
from tests.walk import begun, seeded, steps, walk


def packed(hub: Hub) -> bytes:
    return hub.rooms.pack(hub.state)


def replayed(town: Centre, *, use_snapshot: bool) -> Hub:
    """Return another hub that has read the same record."""
    hub = Hub(town.hub.rooms, town.store, clock=town.clock, ids=SeededIds(1), town=town.town)
    hub.start(use_snapshot=use_snapshot)
    return hub


def same(town: Centre) -> None:
    """Fail unless all three ways to the state lead to the same bytes and the same next alarm."""
    live = packed(town.hub)
    for use_snapshot in (False, True):
        other = replayed(town, use_snapshot=use_snapshot)
        assert packed(other) == live, f"snapshot used: {use_snapshot}"
        assert other.position == town.hub.position
        assert other.next_alarm_us() == town.hub.next_alarm_us()
        assert repr(other.state["board"]) == repr(town.board)


class ThreeWays(RuleBasedStateMachine):
    """A centre that is used, left alone, saved and restarted in any order."""

    def __init__(self, store) -> None:
        super().__init__()
        self.town = begun(Centre(store).adopt())

    @rule(taken=st.lists(steps, min_size=1, max_size=12))
    def used(self, taken):
        walk(self.town, taken)

    @rule(seconds=st.sampled_from([1, 31, 600, 5400]))
    def left_alone(self, seconds):
        self.town.tick(seconds)

    @rule()
    def saved(self):
        self.town.hub.save_snapshot()

    @rule(use_snapshot=st.booleans())
    def restarted(self, use_snapshot):
        before = packed(self.town.hub)
        self.town.restart(use_snapshot=use_snapshot)
        assert packed(self.town.hub) == before

    @rule()
    def compared(self):
        same(self.town)

    def teardown(self):
        same(self.town)
        self.town.store.close()


class InMemory(ThreeWays):
    """Over a memory record."""

    def __init__(self) -> None:
        super().__init__(MemoryStore())


class InFile(ThreeWays):
    """Over a file."""

    def __init__(self) -> None:
        self.folder = tempfile.TemporaryDirectory()
        super().__init__(SqliteStore.open(Path(self.folder.name) / "record.db"))

    def teardown(self):
        super().teardown()
        self.folder.cleanup()


@pytest.mark.parametrize(("machine", "examples"), [(InMemory, 30), (InFile, 10)])
def test_live_replayed_and_restored_states_are_the_same_bytes(machine, examples):
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=15,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking takes minutes here
        ),
    )


@pytest.mark.parametrize("seed", range(2))
def test_a_long_day_can_be_taken_up_at_any_moment(town, seed):
    begun(town.adopt())
    for part in range(6):
        walk(town, seeded(seed * 10 + part, 50))
        same(town)
        if part % 2:
            town.hub.save_snapshot()


def test_what_happens_after_a_restart_is_what_would_have_happened_without_it():
    ends = []
    for restarts in (False, True):
        town = begun(Centre().adopt())
        for part in range(6):
            walk(town, seeded(part, 30))
            if restarts:
                town.hub.save_snapshot()
                town.restart(use_snapshot=bool(part % 2))
        ends.append([(r.kind, r.stream, r.happened_at, r.actor) for r in town.store.rows()])
    assert ends[0] == ends[1]


def test_a_snapshot_keeps_which_job_of_a_unit_came_first():
    town = Centre().duty("E1")
    first, second = town.incident(incident="b"), town.incident(incident="a")
    town.done(w.SendUnit, incident=first, unit="E1")
    town.done(w.StackUnit, incident=second, unit="E1", reason="next door")
    town.done(w.SendUnit, incident=second, unit="E1")
    town.hub.save_snapshot()
    town.restart()
    assert town.replayed == 0
    unit = town.board.units["E1"]
    assert (unit.incident, list(unit.jobs)) == (first, [first, second])


def test_a_snapshot_of_another_program_is_passed_over():
    town = begun(Centre())
    town.store.save_snapshot("another program", Snapshot(1, b"junk"))
    town.store.save_snapshot(town.hub.rooms.fingerprint(), Snapshot(1, b"junk"))
    before = packed(town.hub)
    town.restart()
    assert town.replayed == town.hub.position
    assert packed(town.hub) == before
