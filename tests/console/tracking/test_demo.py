"""The made-up matters of a demonstration: nothing they ask is refused, and every list has some."""

from __future__ import annotations

from collections import Counter
from typing import Any

from answerable.console.demo_matters import DESK, SIGNS, TrackedMatters
from answerable.console.tracking.listing import Asked, found
from answerable.dispatch import words as d
from answerable.kernel.authority import IMPORTER, Actor
from answerable.kernel.event import Command
from answerable.kernel.hub import Accepted
from answerable.matters import matter_words as w
from tests.console.conftest import DISPATCHER, NOON_US, World

HOUR_US = 3_600_000_000


def played(world: World, hours: int) -> Counter[str]:
    """Let the demonstration's matters be played, and return how often each command was given."""
    given: Counter[str] = Counter()

    def ask(command: Command, actor: Actor) -> Any:
        outcome = world.centre.hub.do(command, actor)
        assert isinstance(outcome, Accepted), outcome
        assert actor in (DESK, SIGNS)
        given[type(command).__name__] += 1
        return outcome

    player = TrackedMatters(world.centre.hub)
    for nth in range(hours * 6):
        now_us = NOON_US + nth * HOUR_US // 6
        world.centre.hub.clock.jump(now_us)
        world.centre.hub.ring(now_us)
        player.run(now_us, ask)
        world.centre.hub.commit()
    return given


def test_matters_lie_there_from_the_beginning_and_every_list_has_some(world):
    given = played(world, 1)
    counts = found(world.app.front, DISPATCHER, Asked()).counts
    assert given["OpenMatter"] >= 28
    assert given["SuspendMatter"] >= 1
    assert min(counts[which] for which in ("open", "near", "overdue")) >= 1


def test_in_some_days_matters_are_done_and_signed_by_a_second_person(world):
    given = played(world, 24 * 6)
    tracked = world.centre.hub.state["matters"].tracked
    assert given["SignOffMatter"] == len(tracked.closed) >= 3
    assert len(tracked.open) >= 5, "two of five are left to people"
    for number in tracked.closed:
        rows = {row.kind: row.actor for row in world.centre.store.stream(f"matter:{number}")}
        assert rows[w.MatterFinished.tag] != rows[w.MatterSignedOff.tag]


def test_one_follows_from_an_incident_that_was_closed(world):
    incident = world.incident()
    world.do(d.SendUnit, incident=incident, unit="E03")
    for step in (d.Acknowledge, d.GoEnRoute, d.Arrive):
        world.do(step, incident=incident, unit="E03")
    world.do(d.ClearUnit, incident=incident, unit="E03")
    world.do(d.CloseIncident, IMPORTER, incident=incident, outcome="done")
    played(world, 24)
    about = [m.about for m in world.centre.hub.state["matters"].tracked.open.values()]
    assert incident in about
