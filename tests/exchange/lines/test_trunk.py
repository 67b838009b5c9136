"""The simulated trunk: seeded, by a clock, and never over a person's head."""

from __future__ import annotations

import msgspec
import pytest

from answerable.exchange.lines.trunk import DESK, LINE, SCRIPTS, US, Trunk
from answerable.intake import words as i
from answerable.kernel.authority import Actor
from answerable.kernel.event import Command
from answerable.kernel.hub import Accepted, Ask, Outcome
from answerable.towns.model import Town
from tests.intake.test_line_rules import AGENCIES
from tests.story import Centre, toy_town


class Place:
    """A centre with a trunk, under a clock that is set."""

    def __init__(self, **trunk: object) -> None:
        town = toy_town()
        file = msgspec.structs.replace(town.file, agencies=AGENCIES)
        self.centre = Centre(town=Town(file, tuple(town.units.values()), town.places))
        self.trunk = Trunk(agency="coast", **trunk)
        self.refused: list[str] = []

    def ask(self, command: Command, actor: Actor) -> Outcome:
        [outcome] = self.centre.hub.handle([Ask(command, actor)])
        if not isinstance(outcome, Accepted):
            self.refused.append(outcome.refusal.text())
        return outcome

    def holder(self, call: str) -> str:
        known = self.centre.state("intake").calls.get(call)
        return known.by if known else ""

    def run(self, seconds: int, step_s: int = 1) -> None:
        for _ in range(0, seconds, step_s):
            self.centre.tick(step_s)
            self.trunk.run(self.centre.clock.now_us(), self.ask, self.holder)

    def kinds(self) -> list[str]:
        return [type(one).__name__ for one in self.centre.events()]


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_conversation_goes_through_the_real_rules_and_ends_in_an_outcome(name):
    place = Place(every_s=1e9)
    place.trunk.ring(name, place.centre.clock.now_us())
    place.run(260)
    assert place.refused == []
    [call] = place.centre.state("intake").calls.values()
    assert call.state in ("ended", "transferred")
    assert place.centre.board.calls == {}


def test_the_same_seed_gives_the_same_calls_and_another_gives_others():
    told = []
    for seed in (1, 1, 2):
        place = Place(seed=seed, every_s=120.0)
        place.run(1_800, 3)
        told.append(place.kinds())
    assert told[0] == told[1] != told[2]
    assert place.refused == []


def test_it_rings_in_bursts_and_counts_its_own_rings():
    place = Place(every_s=300.0, burst=1.0)
    place.run(900)
    rung = place.kinds().count("CallRung")
    assert rung == place.trunk.rung > 2
    assert rung % 3 == 0


def test_what_a_person_has_claimed_the_simulated_desk_leaves_alone():
    place = Place(every_s=1e9)
    place.trunk.ring("writes", place.centre.clock.now_us())
    place.run(3)
    [call] = place.centre.state("intake").calls
    place.centre.done(i.AnswerCall, call=call, name="ann")
    assert place.trunk.says(call) == "(a text)"
    place.run(200)
    assert place.kinds().count("CallerTexted") == 0
    assert place.kinds().count("TextTaken") == 2, "the caller goes on, whoever answers"
    assert place.centre.state("intake").calls[call].by == "ann"


def test_what_an_earlier_run_left_open_is_ended():
    place = Place(every_s=1e9)
    for name in ("writes", "asks for somebody else", "dialled wrongly"):
        place.trunk.ring(name, place.centre.clock.now_us())
    place.run(50)
    left = {c.call: c.state for c in place.centre.state("lines").calls.values() if c.line == LINE}
    assert set(left.values()) == {"answered", "offered"}
    for command, actor in Trunk(seed=9).leftover(left):
        place.ask(command, actor)
    assert place.centre.board.calls == {}
    assert DESK.role == "call_taker"
    assert US == 1_000_000
