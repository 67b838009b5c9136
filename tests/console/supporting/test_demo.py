"""The demonstration asks for support and gives it: every state shows, all of it ends."""

from __future__ import annotations

from typing import Any

from answerable.console import demo_support
from answerable.console.demo_support import MadeUpSupport
from answerable.dispatch import words as d
from answerable.kernel.event import Command
from answerable.kernel.hub import Accepted
from answerable.matters import support_words as w
from answerable.matters.support_state import Support
from tests.console.conftest import DISPATCHER, MINUTE_US


class Day:
    """Time that runs by minutes over a world whose units go from job to job."""

    def __init__(self, world: Any) -> None:
        self.world, self.player = world, MadeUpSupport(world.centre.hub)
        self.given: list[Command] = []
        self.refused: list[object] = []
        self.states: set[str] = set()

    @property
    def support(self) -> Support:
        held: Support = self.world.centre.hub.state["matters"].support
        return held

    def ask(self, command: Command, actor: Any) -> Any:
        outcome = self.world.centre.hub.do(command, actor)
        self.given.append(command)
        if not isinstance(outcome, Accepted):
            self.refused.append((command, outcome))
        return outcome

    def minutes(self, count: int, step: int = 1) -> Day:
        hub = self.world.centre.hub
        for _ in range(count):
            now_us = hub.clock.now_us() + step * MINUTE_US
            hub.clock.jump(now_us)
            hub.ring(now_us)
            self.player.run(now_us, self.ask)
            self.states |= {known.state for known in self.support.open.values()}
            hub.commit()
        return self

    def jobs(self, count: int, *units: str) -> Day:
        """Have each unit work so many jobs, twenty minutes each."""
        for _ in range(count):
            on = [(self.world.incident(), unit) for unit in units]
            for incident, unit in on:
                self.world.do(d.SendUnit, DISPATCHER, incident=incident, unit=unit)
            self.minutes(20)
            for incident, unit in on:
                self.world.do(d.CancelUnit, incident=incident, unit=unit, reason="over")
        return self


def test_crews_ask_at_the_rate_that_is_stated_and_only_while_they_work_there(world, monkeypatch):
    monkeypatch.setattr(demo_support, "ASKS", 1000)
    day = Day(world).jobs(3, "E03", "T03")
    asked = [one for one in day.given if isinstance(one, w.AskSupport)]
    assert len(asked) == 6  # each job once
    assert day.refused == []
    monkeypatch.setattr(demo_support, "ASKS", 0)
    before = len(asked)
    day.jobs(1, "E03", "T03")
    assert len([one for one in day.given if isinstance(one, w.AskSupport)]) == before


def test_every_state_shows_and_all_of_it_ends_without_a_refusal(world, monkeypatch):
    monkeypatch.setattr(demo_support, "ASKS", 1000)
    day = Day(world).jobs(12, "E03", "T03", "E36").minutes(24 * 60 * 4 // 10, step=10)
    assert day.refused == []
    assert day.states == {"asked", "approved", "assigned", "accepted", "begun", "reported"}
    assert day.support.open == {}
    assert day.support.made == 36
    assert {w.ThankSupport, w.ReportSupport, w.AssignSupport} <= {type(one) for one in day.given}


def test_the_same_demonstration_plays_the_same_requests(tmp_path, world, monkeypatch):
    monkeypatch.setattr(demo_support, "ASKS", 1000)
    day = Day(world).jobs(2, "E03", "E36")
    again = MadeUpSupport(world.centre.hub)
    first = [(one.incident, one.kind, one.urgent) for one in day.given
             if isinstance(one, w.AskSupport)]  # fmt: skip
    drawn = [again._asking(world.centre.town, one.unit, one.incident, f"{one.incident}:{one.unit}")
             for one in day.given if isinstance(one, w.AskSupport)]  # fmt: skip
    assert [(one.incident, one.kind, one.urgent) for one in drawn] == first
    assert first


def test_a_signature_that_is_left_to_people_waits_twice_its_time(world, monkeypatch):
    monkeypatch.setattr(demo_support, "ASKS", 1000)
    monkeypatch.setattr(demo_support, "LEFT", 1000)
    day = Day(world).jobs(4, "E03", "T03", "E36")
    late = [row.kind for row in world.centre.store.rows() if row.kind.endswith("SupportLate")]
    assert late, "a signature nobody gave is late, and the page shows it"
    assert day.refused == []
