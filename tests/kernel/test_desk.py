"""The desk: the hub on a real event loop, with its queue, its answers and its alarms."""

from __future__ import annotations

import asyncio

import pytest

from answerable.kernel import desk as desk_module
from answerable.kernel.desk import Desk, Unavailable
from answerable.kernel.hub import Accepted
from answerable.kernel.store import CannotRecord
from tests.kernel.toy import words as w
from tests.kernel.toy_centre import KEEPER, SECOND_US, START_US, centre, happened, tell


def make(n: int) -> w.MakeBox:
    return w.MakeBox(key=f"make-{n}", box=f"b{n}")


def a_desk(fatal: list[str] | None = None):
    hub = centre()
    return hub, Desk(hub, on_fatal=(fatal if fatal is not None else []).append)


async def ask_all(desk: Desk, commands) -> list:
    asked = [desk.ask(command, KEEPER) for command in commands]
    return await asyncio.gather(*asked, return_exceptions=True)


def test_commands_that_gathered_are_one_commit_and_everybody_is_answered():
    hub, desk = a_desk()
    batches = []
    hub.subscribe(lambda recorded, head: batches.append(len(recorded)))
    outcomes = asyncio.run(ask_all(desk, [make(n) for n in range(300)]))
    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert batches == [256, 44]


def test_one_command_does_not_wait_for_more():
    hub, desk = a_desk()
    outcome = asyncio.run(asyncio.wait_for(desk.ask(make(1), KEEPER), timeout=30))
    assert happened(outcome) == ["toy.BoxMade"]
    assert hub.store.head().size == 1


def test_a_full_queue_is_answered_at_once_with_a_reason(monkeypatch):
    monkeypatch.setattr(desk_module, "QUEUE_MAX", 3)
    hub, desk = a_desk()
    outcomes = asyncio.run(ask_all(desk, [make(n) for n in range(5)]))
    assert [type(outcome) for outcome in outcomes] == [Accepted] * 3 + [Unavailable] * 2
    assert "3 commands are already waiting" in str(outcomes[3])
    assert hub.store.head().size == 3


def test_cannot_record_is_told_to_the_whole_batch_and_the_next_one_is_taken():
    hub, desk = a_desk()
    hub.store.fail = CannotRecord("Not recorded. The disk is full. Make room.")

    async def run():
        first = await ask_all(desk, [make(1), make(2)])
        return first, await desk.ask(make(1), KEEPER)

    first, second = asyncio.run(run())
    assert [str(outcome) for outcome in first] == ["Not recorded. The disk is full. Make room."] * 2
    assert happened(second) == ["toy.BoxMade"]
    assert not hub.broken


@pytest.mark.parametrize("but_written", [False, True])
def test_after_a_failed_commit_nobody_is_answered_well_and_the_process_is_told_to_end(but_written):
    fatal: list[str] = []
    hub, desk = a_desk(fatal)
    hub.store.fail = OSError("the disk went away")
    hub.store.but_written = but_written

    async def run():
        return await ask_all(desk, [make(1), make(2)]), await ask_all(desk, [make(3)])

    first, later = asyncio.run(run())
    assert [type(outcome) for outcome in first + later] == [Unavailable] * 3
    assert "Not known to be recorded" in str(first[0])
    assert "is starting again" in str(later[0])
    assert fatal == ["the disk went away"]
    assert hub.store.head().size == (2 if but_written else 0)


def test_commands_still_queued_behind_a_failed_commit_are_answered_too(monkeypatch):
    monkeypatch.setattr(desk_module, "BATCH_MAX", 2)
    fatal: list[str] = []
    hub, desk = a_desk(fatal)
    hub.store.fail = OSError("the disk went away")
    outcomes = asyncio.run(ask_all(desk, [make(n) for n in range(5)]))
    assert [type(outcome) for outcome in outcomes] == [Unavailable] * 5
    assert len(fatal) == 1
    assert hub.store.head().size == 0


def test_a_fold_that_fails_ends_the_process_and_leaves_no_caller_waiting():
    fatal: list[str] = []
    hub, desk = a_desk(fatal)
    drop = w.DropBox(key="drop", box="secret-words", fault="evolve")
    outcomes = asyncio.run(asyncio.wait_for(ask_all(desk, [make(1), drop, make(2)]), timeout=30))
    assert [type(outcome) for outcome in outcomes] == [Unavailable] * 3
    assert fatal[0].startswith("KeyError in rules.py:")
    assert "secret-words" not in str(outcomes[1]) + fatal[0]
    assert centre(hub.store).position == 0


def test_a_caller_who_went_away_does_not_disturb_the_others():
    hub, desk = a_desk()

    async def run():
        gone = asyncio.create_task(desk.ask(make(1), KEEPER))
        await asyncio.sleep(0)
        gone.cancel()
        return await desk.ask(make(2), KEEPER)

    assert happened(asyncio.run(run())) == ["toy.BoxMade"]
    assert hub.store.head().size == 2


def opened(hub) -> None:
    tell(hub, make(1))
    tell(hub, w.OpenBox(key="open", box="b1", shut_at=START_US + 5 * SECOND_US))
    hub.clock.set(START_US + 10 * SECOND_US)


async def watch(desk: Desk, until) -> None:
    task = asyncio.create_task(desk.watch_alarms())
    for _ in range(3_000):
        if until():
            break
        await asyncio.sleep(0.01)
    task.cancel()


def test_alarms_ring_while_the_desk_is_watched():
    hub, desk = a_desk()
    opened(hub)
    asyncio.run(watch(desk, lambda: hub.state["toy"].boxes["b1"] == "shut"))
    assert [row.kind for row in hub.store.rows(hub.position - 1)] == ["toy.BoxShut"]


def test_an_alarm_that_cannot_be_recorded_rings_again(monkeypatch):
    sleep = asyncio.sleep
    monkeypatch.setattr(desk_module.asyncio, "sleep", lambda s: sleep(min(s, 0.01)))
    hub, desk = a_desk()
    opened(hub)
    hub.store.fail = CannotRecord("Not recorded. The disk is full. Make room.")
    asyncio.run(watch(desk, lambda: hub.state["toy"].boxes["b1"] == "shut" and not hub.waiting))
    assert hub.store.head().size == 4


def test_an_alarm_whose_commit_fails_ends_the_process():
    fatal: list[str] = []
    hub, desk = a_desk(fatal)
    opened(hub)
    hub.store.fail = OSError("the disk went away")
    asyncio.run(watch(desk, lambda: bool(fatal)))
    assert fatal == ["the disk went away"]


def test_on_a_full_disk_nothing_is_decided_and_the_state_is_not_built_again(monkeypatch):
    hub, desk = a_desk()
    opened(hub)
    began: list[None] = []
    hub.on_start(lambda: began.append(None))

    def full() -> None:
        raise CannotRecord("Not recorded. The disk is full. Free some space.")

    monkeypatch.setattr(hub.store, "ready", full)
    before = hub.position
    with pytest.raises(Unavailable, match="The disk is full"):
        asyncio.run(desk.ask(make(7), KEEPER))
    hub.clock.set(hub.next_alarm_us())
    with pytest.raises(CannotRecord):
        desk.ring_due()
    assert (hub.position, hub.waiting, began) == (before, 0, [])
    monkeypatch.undo()
    assert isinstance(asyncio.run(desk.ask(make(7), KEEPER)), Accepted)
