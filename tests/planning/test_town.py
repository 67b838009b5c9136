"""The simulated town: days without a violation, the same bytes from the same seed, every plant.

The short set; the long one is ``answerable drill town --seeds 10000``.
"""

from __future__ import annotations

import itertools
import os
import subprocess
import sys

import pytest

from answerable.intake.words import RingCall
from answerable.kernel.hub import Refused
from answerable.kernel.refusals import NotYet
from answerable.planning.drill import PLANTED_DAYS, Town, attempt, live, planted
from answerable.planning.mishaps import Fault
from answerable.planning.plants import PLANTS
from answerable.planning.world import World
from answerable.record.sqlite import SqliteStore

LONG = "ANSWERABLE_DRILL_ROUNDS" in os.environ
SEEDS = range(1, 401 if LONG else 9)
PLANT_SEEDS = range(1, 41 if LONG else 5)
CAUGHT_MIN = 0.95

pytestmark = [pytest.mark.drill, pytest.mark.timeout(1800 if LONG else 120)]


def test_days_of_calls_crashes_and_lost_messages_violate_nothing():
    happened: dict[str, int] = {}
    for seed in SEEDS:
        outcome = live(seed, Town())
        assert outcome.sound, outcome.findings[0].text()
        assert outcome.acknowledged > 100
        for what, count in outcome.by_kind.items():
            happened[what] = happened.get(what, 0) + count
    for fault in Fault:
        assert happened.get(fault.value), f"no day had this: {fault.value}"
    assert happened["the clock was set back"]
    assert happened["the disk was full for a while"]


def test_several_days_on_one_record_violate_nothing():
    violation, world = attempt(77, 3, None)
    assert violation is None, violation
    assert world.day == 3
    assert world.server.store.epoch == world.server.starts > 4
    assert any(world.server.store.asides()), "nothing was laid aside"


def test_what_people_do_in_a_town_is_nearly_everything_the_rooms_know():
    kinds: set[str] = set()
    for seed in (3, 4, 5, 9):
        world = World(seed)
        world.run(1)
        kinds |= {row.kind for row in world.server.store.rows()}
    acts = (
        "intake.Call", "intake.Incident", "intake.Note", "intake.Question", "intake.Instruction",
        "dispatch.", "followup.", "matters.Support",
    )  # fmt: skip
    known = {kind for kind in world.rooms.events if kind.startswith(acts)}
    seldom = {
        "intake.NoteStruck", "dispatch.UnitUnstacked", "followup.CallBackAllowed",
        "followup.CallBackTakenBack", "followup.ReopeningSought", "followup.ReturnedFromOversight",
        "followup.MissedAgain", "followup.LinkSent", "intake.CallTransferDeclined",
        "dispatch.ReopeningGranted", "dispatch.ReopeningDeclined",
        "matters.SupportDeclined", "matters.SupportRefused", "matters.SupportWithdrawn",
        "matters.SupportRead", "matters.SupportComplained", "matters.SupportClosed",
    }  # fmt: skip
    assert known - kinds - seldom == set()


def test_people_are_refused_as_they_are_in_a_real_centre():
    codes: set[str] = set()
    for seed in (3, 4, 5):
        world = World(seed)
        world.run(1)
        codes |= set(world.post.refused)
    assert {
        "dispatch.UnitBusy", "dispatch.UnitsAttached", "kernel.WrongStep",
        "followup.TheirOwnMatter", "matters.OwnRequest", "matters.CannotDoIt",
        "intake.UnknownQuestion",
    } <= codes  # fmt: skip


# -- the same seed, the same bytes -------------------------------------------------------------

HEADS = """
from answerable.planning.world import World
for seed in (21, 22):
    world = World(seed)
    head = world.run(1)
    print(head.size, head.root.hex(), world.timeline.step, world.post.sent)
"""


def heads(hash_seed: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", HEADS], env={**os.environ, "PYTHONHASHSEED": hash_seed},
        capture_output=True, text=True, check=True, timeout=110,
    ).stdout  # fmt: skip


def test_the_same_seed_gives_the_same_bytes_in_processes_that_hash_differently():
    first = heads("1")
    assert len(first.splitlines()) == 2
    assert heads("4242") == first


def test_another_seed_is_another_town():
    first, second = World(31), World(32)
    assert first.run(1) != second.run(1)


def test_a_planted_failure_plays_again_to_the_step_and_the_word():
    for name in ("send-busy", "forget-keys"):
        (one, _), (other, _) = (attempt(9, PLANTED_DAYS, None, name) for _ in range(2))
        assert one is not None
        assert str(one) == str(other)
        assert f"answerable drill town --seed 9 --seeds 1 --days {one.day}" in str(one)


def test_a_failure_shrinks_to_fewer_steps_that_fail_in_the_same_way():
    whole, _ = attempt(5, 1, None, "send-busy")
    shorter = live(5, Town(1, plant="send-busy", shorter=True))
    assert whole is not None
    [found] = shorter.findings
    words = found.again.split()
    steps = int(words[words.index("--steps") + 1])
    assert steps < whole.step
    again, _ = attempt(5, 1, steps, "send-busy")
    assert again is not None
    assert again.name == whole.name
    assert again.text() == found.what


# -- planted faults ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", list(PLANTS))
def test_a_planted_fault_is_caught_in_nearly_every_seed(name):
    outcomes = [planted(seed, name) for seed in PLANT_SEEDS]
    caught = sum(not one.sound for one in outcomes)
    print(f"{name}: caught in {caught} of {len(PLANT_SEEDS)} seeds")
    assert caught >= CAUGHT_MIN * len(PLANT_SEEDS)
    assert all(
        found.again.endswith(f"--plant {name}") for one in outcomes for found in one.findings
    )


# -- other stores ------------------------------------------------------------------------------


def test_i5_the_rows_of_a_town_give_the_same_root_and_state_in_a_record_on_a_disk(tmp_path):
    world = World(41)
    head = world.run(1)
    assert world.server.hub is not None
    store = SqliteStore.open(tmp_path / "record.db")
    for epoch, rows in itertools.groupby(world.server.store.rows(), lambda row: row.epoch):
        while store.epoch < epoch:
            store.close()
            store = SqliteStore.open(tmp_path / "record.db")
        store.append(list(rows))
    assert store.head() == head
    replayed = world.begun(use_snapshot=False)
    other = world.begun(use_snapshot=False, store=store)
    assert world.rooms.pack(other.state) == world.rooms.pack(replayed.state)
    store.close()


def test_a_ring_that_is_told_again_keeps_its_key(monkeypatch):
    world, letters = World(1), []
    monkeypatch.setattr(
        world.post, "send", lambda command, _actor, told=None: letters.append((command, told))
    )
    world.line._ring()
    letters[0][1](Refused(NotYet(command=RingCall.tag, ahead_s=120)))
    (first, _), (second, _) = letters
    assert (first.key, second.at) == (second.key, None)
