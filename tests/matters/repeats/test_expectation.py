"""What is usual: level, weekday and season, and what few calls or a short history do to them."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from answerable.matters.repeats.expectation import Expectation, season

MONDAY = date(2018, 1, 1)


def days(count: int, first: date = MONDAY) -> list[date]:
    return [first + timedelta(days=i) for i in range(count)]


def test_over_its_own_history_it_expects_what_was_seen() -> None:
    rng = np.random.default_rng(1)
    history = rng.poisson(2.0, 500).tolist()
    usual = season(days(500), history)
    assert sum(usual.over(days(500))) == pytest.approx(sum(history))
    assert (usual.days, usual.seen) == (500, sum(history))


def test_busy_weekends_are_expected_at_weekends() -> None:
    when = days(60 * 7)
    usual = season(when, [6 if day.weekday() >= 5 else 2 for day in when])
    saturday, tuesday = date(2018, 6, 2), date(2018, 6, 5)
    assert usual.on(saturday) == pytest.approx(6, rel=0.06)
    assert usual.on(tuesday) == pytest.approx(2, rel=0.06)


def test_three_calls_on_saturdays_make_no_rule_of_saturdays() -> None:
    when = days(56)
    history = [int(day.weekday() == 5 and day.day < 8) for day in when]
    usual = season(when, history)
    assert usual.on(date(2018, 3, 3)) < 1.5 * usual.level


def test_a_busy_summer_is_expected_in_the_next_one_and_not_in_winter() -> None:
    when = days(730)
    usual = season(when, [9 if day.month in (6, 7, 8) else 3 for day in when])
    assert usual.seasonal
    assert usual.on(date(2020, 7, 15)) == pytest.approx(9, rel=0.1)
    assert usual.on(date(2020, 1, 15)) == pytest.approx(3, rel=0.1)


def test_a_season_goes_around_the_turn_of_the_year() -> None:
    when = days(730)
    usual = season(when, [9 if day.month == 12 else 3 for day in when])
    assert usual.on(date(2020, 1, 2)) > 1.5 * usual.on(date(2020, 7, 1))
    assert usual.on(date(2019, 12, 31)) == pytest.approx(usual.on(date(2020, 1, 1)), rel=0.05)


def test_half_a_year_knows_no_season() -> None:
    usual = season(days(181), list(range(181)))
    assert not usual.seasonal
    assert set(usual.year) == {1.0}


def test_the_days_of_a_leap_year_and_of_another_meet() -> None:
    usual = season(days(730), [1] * 730)
    year = Expectation(1.0, 1, 1, year=tuple(float(i) for i in range(366)))
    assert usual.on(date(2020, 2, 29)) == pytest.approx(1, rel=0.01)
    assert year.on(date(2019, 3, 1)) == year.on(date(2020, 3, 1)) == 60
    assert year.on(date(2019, 12, 31)) == year.on(date(2020, 12, 31)) == 365


def test_a_place_without_a_call_expects_none() -> None:
    assert season(days(30), [0] * 30).over(days(3)) == [0.0, 0.0, 0.0]


def test_levelled_keeps_the_week_and_takes_the_level_of_other_days() -> None:
    when = days(140)
    usual = season(when, [4 if day.weekday() == 5 else 1 for day in when])
    later = days(28, date(2018, 6, 4))
    higher = usual.levelled(later, [3] * 28)
    assert sum(higher.over(later)) == pytest.approx(84)
    assert higher.weekday == usual.weekday
    assert higher.seen == 84


@pytest.mark.parametrize(
    ("when", "history"),
    [([], []), (days(2), [1]), ([MONDAY, MONDAY], [1, 1]), (days(1), [-1])],
)
def test_a_history_that_cannot_be_is_refused(when: list[date], history: list[int]) -> None:
    with pytest.raises(ValueError, match=r"."):
        season(when, history)
