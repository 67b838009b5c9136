"""The demonstration puts right what callers are unhappy about: all states show, all of it ends."""

from __future__ import annotations

from typing import Any

from answerable.console.demo_righting import PutRights
from answerable.followup import right_words as w
from answerable.kernel.event import Command
from answerable.kernel.hub import Accepted
from tests.console.righting.test_pages import unhappy

HOUR_US = 3_600_000_000


class Day:
    """Time that runs by hours over a world with unhappy callers; ``steps`` counts commands."""

    def __init__(self, world: Any, callers: int) -> None:
        self.world, self.player = world, PutRights(world.centre.hub)
        self.names = [unhappy(world, *(["E03"] if n == 0 else []))[1] for n in range(callers)]
        self.given: list[str] = []
        self.refused: list[object] = []

    def ask(self, command: Command, actor: Any) -> Any:
        outcome = self.world.centre.hub.do(command, actor)
        self.given.append(command.tag)
        if not isinstance(outcome, Accepted):
            self.refused.append((command, outcome))
        return outcome

    def hours(self, count: int) -> Day:
        for _ in range(count):
            now_us = self.world.app.front.now_us() + HOUR_US
            self.world.centre.hub.clock.jump(now_us)
            self.player.run(now_us, self.ask)
            self.world.centre.hub.commit()
        return self

    @property
    def states(self) -> set[str]:
        return {r.state for r in self.world.centre.hub.state["followup"].rights.values()}


def test_all_of_it_is_carried_to_an_end_and_nothing_is_refused(world):
    day = Day(world, 12).hours(24 * 10)
    assert day.states == set()
    assert day.refused == []
    ended = [row.kind for n in day.names
             for row in world.centre.store.stream(f"incident:{n.rpartition('R')[0]}")]  # fmt: skip
    assert ended.count(w.PutRightClosed.tag) == 12


def test_every_state_stands_in_the_list_at_some_time(world):
    day, seen = Day(world, 40), set()
    for _ in range(24 * 8):
        seen |= day.hours(1).states
    assert seen == {"open", "heard", "done", "oversight"}
    assert {w.AskAccount.tag, w.GiveAccount.tag, w.MissAgain.tag} <= set(day.given)


def test_the_same_day_is_played_the_same_again(world):
    one, other = PutRights(world.centre.hub), PutRights(world.centre.hub)
    unhappy(world, "E03")
    now_us = world.app.front.now_us() + 40 * HOUR_US
    told: list[list[Command]] = [[], []]
    for player, heard in zip((one, other), told, strict=True):
        player.run(now_us, lambda command, _actor, heard=heard: heard.append(command))
    assert told[0] == told[1]
    assert told[0]
