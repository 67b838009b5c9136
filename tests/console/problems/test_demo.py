"""What the demonstration plays of problems: said to be made up, and the same each time."""

from __future__ import annotations

import random
import statistics

import pytest

from answerable.console import demo_problems as play
from answerable.kernel.hub import Accepted
from answerable.matters import problem_words as w
from tests.console.conftest import NOON_US


def played(world, until_us: int) -> list:
    """Play up to a moment; returns what came of each command."""
    outcomes = []

    def ask(command, actor):
        outcomes.append(world.centre.hub.do(command, actor))
        return outcomes[-1]

    made = play.MadeUpProblems(world.centre.hub)
    now_us = world.demo._clock.now_us()
    while now_us <= until_us:
        world.demo._clock.jump(now_us)
        made.run(now_us, ask)
        now_us += play.HOUR_US
    world.centre.hub.commit()
    return outcomes


def test_every_act_of_the_play_is_taken_by_the_rules(world):
    outcomes = played(world, NOON_US + 10 * play.DAY_US)
    assert all(isinstance(one, Accepted) for one in outcomes)
    problems = world.centre.hub.state["matters"].problems
    assert [(one.place, one.state) for one in problems.values()] == [
        (play.PLACE, "planned"), (play.SECOND, "open"),
    ]  # fmt: skip
    first = problems["P1"]
    assert [step.state for step in first.steps.values()] == ["done", "open", "done"]
    assert len(first.history) == play.HISTORY_DAYS + 1


def test_whatever_the_play_says_says_that_it_is_made_up(world):
    played(world, NOON_US + 10 * play.DAY_US)
    hub = world.centre.hub
    events = [hub.rooms.decode(row) for row in hub.store.rows()]
    told = [getattr(event, name) for event in events for name in ("because", "goal", "plan", "what")
            if isinstance(event, w.ProblemEvent) and hasattr(event, name)]  # fmt: skip
    words = [act.fields["words"] for act in play.PLAY if "words" in act.fields]
    assert len(told) > 8
    assert all(play.SAID in text for text in (*told, *words))


def test_a_demonstration_that_is_started_again_goes_on_where_it_was(world):
    played(world, NOON_US + 3 * play.DAY_US)
    before = world.centre.hub.position
    assert all(one.again for one in played(world, NOON_US + 3 * play.DAY_US))
    assert world.centre.hub.position == before


def test_another_town_is_left_alone(world, monkeypatch):
    monkeypatch.setattr(world.centre.town, "name", "elsewhere")
    assert played(world, NOON_US + play.DAY_US) == []


@pytest.mark.parametrize("mean", [0.5, 2.8, 7.0])
def test_the_invented_history_has_the_mean_it_says(mean):
    chance = random.Random(3)
    drawn = [play.poisson(chance, mean) for _ in range(4_000)]
    assert statistics.mean(drawn) == pytest.approx(mean, rel=0.06)
    assert statistics.variance(drawn) == pytest.approx(mean, rel=0.1)
