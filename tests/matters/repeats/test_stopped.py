"""Whether it stopped: exact tails, the least time, and the rate at which it is wrong."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.matters.repeats import stopped as module
from answerable.matters.repeats.stopped import DAYS_MIN, at_most, shown, stopped

WEEKS = 5 * 7


def test_none_where_many_were_to_be_expected_is_stopped() -> None:
    verdict = stopped([0.5] * WEEKS, [0] * WEEKS)
    assert verdict.state == "stopped"
    assert verdict.p == pytest.approx(np.exp(-17.5))
    assert verdict.because == (
        "0 calls came in 35 days where 17.5 were to be expected had it gone on; so few would come "
        "by chance with probability <0.0001, which is at most 0.05."
    )


def test_as_many_as_were_to_be_expected_is_not_yet() -> None:
    verdict = stopped([0.5] * WEEKS, [1, 0] * 17 + [1])
    assert verdict.state == "not yet"
    assert "which is more than 0.05" in verdict.because


def test_four_whole_weeks_are_the_least() -> None:
    short = DAYS_MIN - 1
    assert stopped([5.0] * short, [0] * short).state == "too early"
    assert stopped([5.0] * DAYS_MIN, [0] * DAYS_MIN).state == "stopped"


def test_where_even_none_would_be_no_proof_it_is_too_early() -> None:
    verdict = stopped([0.01] * 100, [0] * 100)
    assert verdict.state == "too early"
    assert "no proof" in verdict.because


def test_an_expectation_learnt_from_few_calls_proves_less() -> None:
    known = stopped([0.2] * WEEKS, [0] * WEEKS)
    learnt = stopped([0.2] * WEEKS, [0] * WEEKS, learnt=5)
    assert learnt.p > known.p


@given(st.integers(0, 12), st.integers(1, 15), st.integers(1, 9))
def test_the_conditional_tail_is_the_binomial_one_to_the_last_digit(
    count: int, learnt: int, mean: int
) -> None:
    share, of = Fraction(mean, learnt + mean), learnt + count
    exact = sum(comb(of, i) * share**i * (1 - share) ** (of - i) for i in range(count + 1))
    assert at_most(count, mean, learnt) == pytest.approx(float(exact), rel=1e-12)


@given(st.integers(0, 40), st.floats(0.05, 60))
def test_the_tail_of_a_known_mean_is_the_poisson_one(count: int, mean: float) -> None:
    term, total = np.exp(-mean), 0.0
    for i in range(count + 1):
        total += term
        term *= mean / (i + 1)
    assert at_most(count, mean) == pytest.approx(total, rel=1e-9)


def test_of_places_that_go_on_as_before_no_more_than_alpha_are_called_stopped() -> None:
    rng = np.random.default_rng(6)
    wrong = 0
    for _run in range(2_000):
        before, after = rng.poisson(0.3, 90), rng.poisson(0.3, 42)
        learnt = int(before.sum())
        verdict = stopped([learnt / 90] * 42, after.tolist(), learnt=learnt)
        wrong += verdict.state == "stopped"
    assert wrong / 2_000 <= 0.05


def test_taking_a_learnt_expectation_for_known_is_wrong_too_often() -> None:
    """The reason for the conditional test, so that nobody leaves it out to be quicker."""
    rng = np.random.default_rng(6)
    wrong = 0
    for _run in range(2_000):
        before, after = rng.poisson(0.3, 42), rng.poisson(0.3, 90)
        wrong += stopped([int(before.sum()) / 42] * 90, after.tolist()).state == "stopped"
    assert wrong / 2_000 > 0.08


@pytest.mark.parametrize(
    ("expected", "seen", "more"),
    [
        ([1.0], [1, 2], {}),
        ([-1.0], [1], {}),
        ([float("nan")], [1], {}),
        ([1.0], [-1], {}),
        ([1.0], [1], {"alpha": 0.0}),
        ([1.0], [1], {"learnt": -1}),
    ],
)
def test_what_cannot_be_is_refused(
    expected: list[float], seen: list[int], more: dict[str, float]
) -> None:
    with pytest.raises(ValueError, match=r"."):
        stopped(expected, seen, **more)  # type: ignore[arg-type]


def test_a_probability_is_told_without_noise() -> None:
    assert [shown(p) for p in (0.5, 0.0312, 0.00012, 1e-9)] == [
        "0.5",
        "0.031",
        "0.00012",
        "<0.0001",
    ]
    assert module.ALPHA == 0.05
