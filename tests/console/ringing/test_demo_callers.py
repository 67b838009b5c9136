"""The demonstration's calls ring until the simulated desk answers, or a desk claims them."""

from __future__ import annotations

from typing import Any

import pytest

from answerable.console.demo import Demo
from answerable.console.demo_callers import RINGS_S
from answerable.dispatch import words as d
from answerable.exchange.calls.plan import Plan, Planned
from answerable.exchange.calls.replay import Feed
from answerable.exchange.lines.trunk import LINE, Trunk
from answerable.intake import words as i
from answerable.kernel.clock import PacedClock
from tests.console.conftest import NOON_US, PLACE, World
from tests.console.ringing.test_strip import ANN

US = 1_000_000
CALL = "200931700"
RANG_US = NOON_US + 10 * US


def plan(*, opened_s: int = 90) -> Plan:
    """Return a recorded call: rung and answered in one moment, opened later, closed."""
    told: dict[str, Any] = {"kind": "Alarms", "priority": "3", "address": "1 MARKET ST", **PLACE}
    opened_us = RANG_US + opened_s * US
    closed_us = opened_us + 600 * US
    commands = [
        (RANG_US, i.RingCall(key="r:rung", at=RANG_US, call=CALL)),
        (RANG_US, i.AnswerCall(key="r:answered", at=RANG_US, call=CALL)),
        (opened_us, i.OpenIncident(key="r:opened", at=opened_us, call=CALL, incident=CALL, **told)),
        (closed_us, d.CloseIncident(key="r:closed", at=closed_us, incident=CALL, outcome="Fire")),
    ]
    made = [Planned((at, at, at, n), n, command) for n, (at, command) in enumerate(commands)]
    return Plan(commands=made, units=[], calls=1)


class Fed:
    """A demonstration fed with one recorded call, under a clock that the test moves."""

    def __init__(self, world: World, trunk: Trunk | None = None, **how: int) -> None:
        self.world, self.hub = world, world.centre.hub
        self.clock = self.hub.clock
        assert isinstance(self.clock, PacedClock)
        feed = Feed(plan(**how))
        self.demo = Demo(self.hub, self.clock, feed, NOON_US, NOON_US + 9_000 * US, trunk=trunk)

    def to(self, at_us: int) -> Fed:
        """Let the clock come to a moment, as the running demonstration does."""
        self.clock.jump(at_us)
        self.demo._catch_up(at_us)
        return self

    def state(self) -> str:
        known = self.hub.state["intake"].calls.get(CALL)
        return known.state if known else ""

    def answered_us(self) -> int:
        return int(self.hub.state["intake"].calls[CALL].times["CallAnswered"])


@pytest.fixture
def fed(world) -> Fed:
    return Fed(world)


def test_a_recorded_call_rings_for_some_seconds_and_is_answered_at_its_own_time(fed):
    least, most = RINGS_S
    assert fed.to(RANG_US + US).state() == "ringing"
    assert fed.to(RANG_US + (least - 1) * US).state() == "ringing"
    assert fed.to(RANG_US + most * US).state() == "answered"
    assert fed.answered_us() == RANG_US, "the source's time stands, whenever it is entered"


def test_it_never_rings_so_long_that_a_promise_about_the_answer_breaks():
    from answerable.standards.shelf import shelf, shelf_standard

    limits = [
        clock.limit_s
        for name in shelf()
        for clock in shelf_standard(name).clocks
        if clock.starts == "intake.CallRung" and name in ("nfpa-1225-1710", "no-caller-lost")
    ]
    assert max(RINGS_S) < min(limits)


def test_what_a_desk_claims_is_theirs_and_the_source_goes_on_without_it(fed):
    fed.to(RANG_US + US)
    fed.world.do(i.AnswerCall, ANN, call=CALL, desk="Desk 1")
    fed.to(RANG_US + 3_000 * US)
    assert fed.state() == "answered"
    assert CALL not in fed.world.centre.board.incidents
    assert fed.demo.left_out == 0, "it is left to the desk, not lost"
    assert fed.demo.says(CALL) == "Alarms, 1 Market St"


def test_a_call_that_is_opened_while_it_rings_is_answered_first(world):
    fed = Fed(world, opened_s=2)
    fed.to(RANG_US + 3 * US)
    assert fed.state() == "matched"
    assert fed.demo.left_out == 0


def test_a_leap_of_the_clock_leaves_nothing_ringing(fed):
    fed.to(RANG_US + US)
    while fed.demo._step(RANG_US + 60 * US):
        pass
    assert fed.state() == "answered"
    while fed.demo._step(RANG_US + 3_000 * US):
        pass
    assert CALL in fed.world.centre.board.closed


def test_the_trunk_rings_beside_the_recorded_calls_and_tells_its_counter(world):
    fed = Fed(world, Trunk(seed=3, every_s=200.0, agency="311"))
    for minute in range(1, 60):
        fed.to(NOON_US + minute * 60 * US)
    calls = [c for c in fed.hub.state["intake"].calls.values() if c.line == LINE]
    assert len(calls) > 5
    assert all(call.state in ("ended", "transferred") for call in calls[:-3])
    day_us = 86_400 * US
    fed.to(NOON_US + day_us)
    counted = fed.hub.state["intake"].counts.days["2020-04-02"].lines[LINE]
    rung = fed.hub.state["intake"].counts.recorded(
        LINE, NOON_US - NOON_US % day_us, NOON_US + day_us
    )
    assert counted.rung == sum(1 for c in calls) <= rung
