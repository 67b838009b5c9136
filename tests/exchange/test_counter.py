"""The simulated line tells its own counter, and the demonstration's days agree (I8)."""

from __future__ import annotations

import datetime
from collections import Counter

import msgspec
import pytest

from answerable.console.demo import Demo
from answerable.exchange.calls.counter import LINE, actor_of, with_counters
from answerable.exchange.calls.plan import Plan, Planned
from answerable.exchange.calls.replay import Feed
from answerable.intake import words as i
from answerable.intake.views import days
from answerable.kernel.authority import IMPORTER
from answerable.kernel.clock import PacedClock
from tests.story import US, Centre, at_local

BEGIN = at_local("2020-04-02T14:00:00")
END = at_local("2020-04-05T20:00:00")
EVERY_S = 1700


def plan_of() -> Plan:
    """Return a plan of calls that ring for three days and a half, with nobody to be sent."""
    commands = []
    for n, at_us in enumerate(range(BEGIN, END, EVERY_S * US)):
        call = f"D{n:05d}"
        told = (i.RingCall(key=f"{call}:rung", at=at_us, call=call),
                i.AnswerCall(key=f"{call}:answered", at=at_us, call=call),
                i.EndCall(key=f"{call}:ended", at=at_us, call=call, reason="a test"))  # fmt: skip
        commands += [
            Planned((at_us, at_us, at_us, 3 * n + k), n, one) for k, one in enumerate(told)
        ]
    return Plan(commands=commands, units=[], calls=len(commands) // 3)


@pytest.fixture
def town() -> Centre:
    return Centre(now_us=BEGIN)


def run(town: Centre, plan: Plan) -> Demo:
    """Feed a plan to its end, as the demonstration does; its alarms ring in between."""
    clock = PacedClock(BEGIN, 1.0)
    town.hub.clock = clock
    demo = Demo(town.hub, clock, Feed(with_counters(plan, town.town)), BEGIN, END)
    demo.prepare(END)
    return demo


def shown(town: Centre) -> dict[str, tuple[int | None, int, str]]:
    counts = town.state("intake").counts
    return {one.day: (one.rung, one.recorded, one.state) for one in days(counts, town.town, END, 9)}


def test_every_day_that_is_over_is_told_once_after_midnight_by_the_line(town):
    plan = with_counters(plan_of(), town.town)
    told = [one for one in plan.commands if isinstance(one.command, i.CountLine)]
    assert [one.command.day for one in told] == ["2020-04-02", "2020-04-03", "2020-04-04"]
    assert [town.town.clock(one.now_us) for one in told] == ["00:05:00"] * 3
    assert [one.order for one in plan.commands] == sorted(one.order for one in plan.commands)
    assert {actor_of(one.command, IMPORTER) for one in told} == {LINE}
    assert actor_of(plan.commands[0].command, IMPORTER) == IMPORTER


def test_the_demonstration_shows_a_difference_of_nought(town):
    demo = run(town, plan_of())
    assert demo.left_out == 0
    per_day = Counter(
        f"{town.town.local(one.now_us):%Y-%m-%d}"
        for one in plan_of().commands
        if isinstance(one.command, i.RingCall)
    )
    assert shown(town) == {
        day: (per_day[day], per_day[day], "agrees")
        for day in ("2020-04-02", "2020-04-03", "2020-04-04")
    }


def test_a_call_that_the_centre_loses_is_seen_in_the_demonstration(town):
    counted = with_counters(plan_of(), town.town)
    lost = next(n for n, one in enumerate(counted.commands) if one.line == 70)
    plan = msgspec.structs.replace(
        counted, commands=[*counted.commands[:lost], *counted.commands[lost + 3 :]]
    )
    clock = PacedClock(BEGIN, 1.0)
    town.hub.clock = clock
    Demo(town.hub, clock, Feed(plan), BEGIN, END).prepare(END)
    assert [state for *_, state in shown(town).values()].count("differs") == 1


def test_a_plan_without_a_ring_is_left_as_it_is(town):
    plan = Plan(commands=[], units=[], calls=0)
    assert with_counters(plan, town.town) is plan


def test_a_day_without_a_call_is_told_as_nought(town):
    plan = plan_of()
    day = datetime.date(2020, 4, 3)
    kept = [one for one in plan.commands if town.town.local(one.now_us).date() != day]
    told = with_counters(msgspec.structs.replace(plan, commands=kept), town.town)
    counts = {c.command.day: c.command.rung for c in told.commands
              if isinstance(c.command, i.CountLine)}  # fmt: skip
    assert counts["2020-04-03"] == 0
