"""Time, radio and disk of the simulated town do what they are for, each by itself."""

from __future__ import annotations

import random

import pytest

from answerable.kernel.event import Row
from answerable.kernel.store import CannotRecord, Snapshot
from answerable.planning.disk import Fault, Killed, TownStore
from answerable.planning.radio import Radio
from answerable.planning.timeline import US, Timeline, TownClock


def test_of_two_things_at_one_instant_the_one_planned_first_happens_first():
    timeline, seen = Timeline(0), []
    for name in ("late", "a", "b"):
        timeline.at(US * (2 if name == "late" else 1), lambda name=name: seen.append(name))
    timeline.run(3 * US)
    assert seen == ["a", "b", "late"]
    assert (timeline.now_us, timeline.step) == (3 * US, 3)


def test_a_held_clock_stands_until_the_wall_has_caught_up():
    timeline = Timeline(100 * US)
    clock = TownClock(timeline, 0, steady=False)
    assert clock.now_us() == 100 * US
    timeline.offset_us = -30 * US
    timeline.run(120 * US)
    assert clock.now_us() == 100 * US
    assert clock.wait_us(101 * US) == 11 * US
    timeline.run(131 * US)
    assert clock.now_us() == 101 * US


def test_a_steady_clock_runs_on_slower_and_begins_at_the_last_recorded_time():
    timeline = Timeline(100 * US)
    clock = TownClock(timeline, 500 * US, steady=True)
    timeline.run(200 * US)
    assert clock.now_us() == 599 * US
    timeline.offset_us = 1000 * US
    assert clock.now_us() == 1200 * US


def test_the_radio_loses_doubles_and_delays_and_is_fair_when_all_heals():
    timeline = Timeline(0)
    radio = Radio(timeline, random.Random(1))
    radio.lost = radio.doubled = 0.5
    came: list[int] = []
    for _ in range(200):
        radio.carry(lambda: came.append(timeline.now_us))
    timeline.run(10**12)
    assert 150 < len(came) < 250
    assert max(came) > 100 * US
    came.clear()
    radio.fair = True
    radio.carry(lambda: came.append(timeline.now_us))
    timeline.run(2 * 10**12)
    assert len(came) == 1


def row(position: int) -> Row:
    return Row(position, "x", "x.Y", 1, 1, 1, "a", "k", 1, b"{}", 1, b"v" * 32)


@pytest.mark.parametrize(
    ("fault", "raised", "kept"),
    [
        (Fault.FAILED_LOST, OSError, 0), (Fault.FAILED_KEPT, OSError, 1),
        (Fault.KILLED_LOST, Killed, 0), (Fault.KILLED_KEPT, Killed, 1),
        (Fault.FULL, CannotRecord, 0),
    ],
)  # fmt: skip
def test_a_commit_fails_with_nothing_written_or_although_it_had_happened(fault, raised, kept):
    store = TownStore()
    store.fault = fault
    with pytest.raises(raised):
        store.append([row(1)])
    assert store.size == store.reopen().size == kept
    assert store.reopen().append([row(kept + 1)._replace(epoch=2)]).size == kept + 1


def test_a_full_disk_takes_nothing():
    store = TownStore()
    store.full = True
    for act in (
        store.ready, lambda: store.append([row(1)]), lambda: store.keep_aside("f", []),
        lambda: store.save_snapshot("f", Snapshot(1, b"")), lambda: store.destroy_keys({}),
    ):  # fmt: skip
        with pytest.raises(CannotRecord):
            act()
    assert store.size == 0
    assert store.load_snapshot("f") is None
