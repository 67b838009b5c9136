"""Whom to send instead: proposed once a ring, by roads, for the same need, also after a restart."""

from __future__ import annotations

import asyncio

from answerable.console.alerting.proposer import next_unit
from answerable.dispatch import alert_words as a
from answerable.dispatch import words as d
from tests.console.conftest import World
from tests.console.contract.served import make_world_on_disk
from tests.exchange.channels.scene import settled

LATE_S = 61


def late(world: World, unit: str = "E03") -> str:
    """Send a unit and let the time pass in which it should have signed, without anybody looking."""
    incident = world.incident()
    world.do(d.SendUnit, incident=incident, unit=unit)
    pass_time(world)
    return incident


def pass_time(world: World) -> None:
    world.centre.hub.clock.jump(world.centre.now_us() + LATE_S * 1_000_000)
    world.centre.desk.ring_due()


def proposals(world: World) -> list[a.NextProposed]:
    hub = world.centre.hub
    events = [hub.rooms.decode(row) for row in hub.store.rows()]
    return [event for event in events if isinstance(event, a.NextProposed)]


def follow(world: World, scene=None) -> list[a.NextProposed]:
    """Run the follower for a moment, with something happening beside it."""

    async def play() -> None:
        task = asyncio.create_task(world.app.front.alerting.proposer.run())
        await settled()
        if scene is not None:
            scene()
        await settled()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(play())
    return proposals(world)


def test_the_nearest_free_unit_for_the_same_need_is_proposed(world):
    incident = late(world)
    [proposed] = follow(world)
    assert (proposed.incident, proposed.instead_of) == (incident, "E03")
    expected = next_unit(world.app.front, incident, "E03")
    assert expected is not None
    assert (proposed.unit, proposed.eta_s) == (expected.unit, expected.time_s)
    assert proposed.unit != "E03"
    assert world.centre.board.units[proposed.unit].status == "free"


def test_a_ring_while_the_follower_runs_is_answered_and_only_once(world):
    def scene() -> None:
        late(world)

    assert len(follow(world, scene)) == 1
    assert len(follow(world)) == 1, "nothing is left to be answered"


def test_where_nobody_is_free_that_is_said(world):
    for unit in ("T03", "E36"):
        world.do(d.TakeOutOfService, unit=unit, reason="brakes")
    late(world)
    [proposed] = follow(world)
    assert (proposed.unit, proposed.nobody) == ("", "nobody is free")


def test_a_crew_that_signs_before_the_answer_is_not_replaced(world):
    incident = late(world)
    world.do(d.Acknowledge, incident=incident, unit="E03")
    assert follow(world) == []


def test_a_ring_that_nobody_answered_before_the_end_is_answered_after_the_start(tmp_path):
    first = make_world_on_disk(tmp_path)
    incident = late(first)
    assert proposals(first) == []
    first.centre.close()
    second = make_world_on_disk(tmp_path)
    [proposed] = follow(second)
    assert proposed.incident == incident
    second.centre.close()
    third = make_world_on_disk(tmp_path)
    assert len(follow(third)) == 1, "and not once more"
    third.centre.close()


def test_a_fault_in_one_proposal_stops_none_after_it(world, monkeypatch):
    proposer = world.app.front.alerting.proposer
    sound, asked = proposer.proposal, []

    def faulty(incident: str, unit: str):
        asked.append(incident)
        if len(asked) == 1:
            raise ZeroDivisionError
        return sound(incident, unit)

    monkeypatch.setattr(proposer, "proposal", faulty)
    late(world)
    late(world, "T03")
    assert len(follow(world)) == 1
    assert len(asked) == 2


def test_a_ring_that_comes_while_another_is_answered_is_answered_too(world, monkeypatch):
    desk, rings = world.app.front.desk, []
    ask = desk.ask

    async def slow(command, actor):
        if not rings:  # called off, sent again and late once more before the record has the answer
            rings.append(command.ring)
            world.do(d.CancelUnit, incident=command.incident, unit="E03", reason="needed elsewhere")
            world.do(d.SendUnit, incident=command.incident, unit="E03")
            pass_time(world)
        return await ask(command, actor)

    monkeypatch.setattr(desk, "ask", slow)
    late(world)
    [proposed] = follow(world)
    assert proposed.ring != rings[0]
