"""The made-up callers of a demonstration: what the desk asks is accepted, at published rates."""

from __future__ import annotations

from collections import Counter
from typing import Any

from answerable.console.demo_call_backs import (
    DESK,
    MISSED,
    OVERALL,
    REACHED,
    THOUSAND,
    UNHAPPY,
    CallBacks,
    drawn,
    share,
)
from answerable.followup import back_words as w
from answerable.intake import words as i
from answerable.kernel.authority import IMPORTER, Actor
from answerable.kernel.event import Command
from answerable.kernel.hub import Accepted
from tests.console.calling_back.test_page import rung
from tests.console.conftest import MINUTE_US, NOON_US


def played(world, hours: int) -> Counter[str]:
    """Let the desk ring for some hours, and return how often each command was given."""
    given: Counter[str] = Counter()

    def ask(command: Command, actor: Actor) -> Any:
        outcome = world.centre.hub.do(command, actor)
        assert isinstance(outcome, Accepted), outcome
        assert actor == DESK
        given[type(command).__name__] += 1
        return outcome

    player = CallBacks(world.centre.hub)
    for nth in range(hours * 30):
        now_us = NOON_US + nth * 2 * MINUTE_US
        world.centre.hub.clock.jump(now_us)
        world.centre.hub.ring(now_us)
        player.run(now_us, ask)
        world.centre.hub.commit()
    return given


def test_the_desk_rings_most_callers_and_leaves_some_to_people(world):
    calls = [rung(world) for _nth in range(60)]
    given = played(world, 6)
    states = Counter(world.centre.hub.state["call-backs"].entry(call).state for call in calls)
    assert given["TakeCallBack"] > 40
    assert states["answered"] > 15
    assert 5 <= states["due"] <= 30, "a quarter is left to people"


def test_a_caller_that_somebody_else_rings_is_left_alone(world):
    call = rung(world)
    entry = world.centre.hub.state["call-backs"].entry(call)
    world.centre.hub.clock.jump(NOON_US + 30 * MINUTE_US)
    other = Actor(name="a person", role="call_back")
    world.do(w.TakeCallBack, other, incident=entry.incident, call=call)
    player = CallBacks(world.centre.hub)
    player.run(NOON_US + 31 * MINUTE_US, lambda *asked: world.centre.hub.do(*asked))
    assert entry.by == "a person"


def test_recorded_calls_get_numbers_that_nobody_has():
    numbered = [
        CallBacks.numbered(i.AnswerCall(key=f"test-{n}", call=f"C{n}")).number for n in range(2_000)
    ]
    given = [one for one in numbered if one]
    assert 0.90 < len(given) / len(numbered) < 0.96
    assert all(one.startswith("+1 415 555 01") and len(one) == 15 for one in given)
    rings = i.RingCall(key="test-1", call="C1")
    assert CallBacks.numbered(rings) is rings
    assert IMPORTER != DESK


def test_the_rates_are_those_the_docstring_names():
    names = [f"C{n}" for n in range(20_000)]
    reached = sum(drawn(f"{name}#0", "reached") < REACHED for name in names) / len(names)
    assert abs(reached - 0.37) < 0.02
    assert abs(1 - (1 - reached) ** 3 - 15 / 20) < 0.03
    for about, rate in {**UNHAPPY, "overall": OVERALL}.items():
        found = sum(share(name, about) < rate for name in names) / len(names)
        assert abs(found - rate) < 0.004, about
    assert MISSED[-1][0] == THOUSAND
