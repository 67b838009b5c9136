"""How often a problem that goes on is said to have stopped, over its whole life, however asked."""

from __future__ import annotations

import datetime

import numpy as np
import pytest

from answerable.matters import problem_fold as fold
from answerable.matters import problem_sums as sums
from answerable.matters.problem_looks import DAY_US, LOOK_DAYS, level, passed
from answerable.matters.problem_state import PlaceCall, Problem
from answerable.matters.repeats.stopped import ALPHA
from tests.story import at_local, toy_town

TOWN = toy_town()
BEGAN = at_local("2020-01-01T12:00:00")
LEARNT_DAYS = 120
HOUR_US = 3_600_000_000


def test_all_looks_together_share_one_error():
    assert [level(nth) for nth in (1, 2, 3)] == [ALPHA / 2, ALPHA / 6, ALPHA / 12]
    assert sum(level(nth) for nth in range(1, 10_000)) < ALPHA
    with pytest.raises(ValueError, match="the first is 1"):
        level(0)


def test_a_look_that_may_have_been_is_counted():
    assert passed(0, LOOK_DAYS * DAY_US - HOUR_US) == 1  # clocks were put forward meanwhile
    assert passed(0, LOOK_DAYS * DAY_US - 3 * HOUR_US) == 0
    assert passed(0, 3 * LOOK_DAYS * DAY_US) == 3
    assert passed(5, 0) == 0


def lived(rng: np.random.Generator, days: int, rate: float, drop: float = 1.0) -> Problem:
    """Return a problem whose place calls at a rate a day, and at a share of it since it is one."""
    first = datetime.date(2020, 1, 1) - datetime.timedelta(days=LEARNT_DAYS)
    history = tuple(rng.poisson(rate, LEARNT_DAYS).tolist())
    made = Problem(
        problem="P1", state="planned", place="x", kinds=(), cause="noise", opened_us=BEGAN,
        position=1, since_us=BEGAN, counted=True, history_first=first.isoformat(),
        history=(*history, 0),
    )  # fmt: skip
    calls = rng.poisson(rate * drop * days)
    at = rng.uniform(0, days * DAY_US, calls).astype(int).tolist()
    made.calls = {str(n): PlaceCall(BEGAN + one, "", n) for n, one in enumerate(at)}
    return made


def stopped_at(problem: Problem, days: int, acts: list[int]) -> int:
    """Return the day on which a claim would pass first, 0 for never; steps are done on ``acts``.

    Only the day after a look is tried: ``test_problem_stop`` shows that others ask the same.
    """
    began = 0
    for day in range(1, days + 1):
        now_us = BEGAN + day * DAY_US
        if day in acts:
            fold._begins_again(problem, now_us)
            problem.acted_us, began = now_us, day
        elif (day - began) % LOOK_DAYS == 1 and day - began > LOOK_DAYS:
            look = sums.looked(problem, TOWN, now_us)
            assert look is not None
            assert len(look.test.days) == (day - began) // LOOK_DAYS * LOOK_DAYS
            if look.test.verdict.state == "stopped":
                return day
    return 0


def share(lives: int, seed: int, *, days: int, steps: bool, drop: float = 1.0) -> float:
    """Return the share of lives in which it is said at some time that the place stopped."""
    rng = np.random.default_rng(seed)
    found = 0
    for _life in range(lives):
        problem = lived(rng, days, rng.uniform(0.2, 0.8), drop)
        acts = sorted(rng.choice(np.arange(5, days), 4, replace=False).tolist()) if steps else []
        found += stopped_at(problem, days, acts) > 0
    return found / lives


@pytest.mark.parametrize("steps", [False, True])
def test_a_place_that_goes_on_is_said_to_have_stopped_no_more_often_than_is_stated(steps):
    assert share(250, 20, days=365, steps=steps) <= ALPHA


def test_looks_that_each_took_the_whole_error_would_be_wrong_more_often(monkeypatch):
    monkeypatch.setattr(sums, "level", lambda _nth: ALPHA)
    assert share(250, 20, days=365, steps=False) > 2 * ALPHA


def test_a_place_that_really_calls_a_tenth_as_often_is_found_within_four_looks():
    assert share(120, 21, days=4 * LOOK_DAYS + 2, steps=False, drop=0.1) >= 0.9
