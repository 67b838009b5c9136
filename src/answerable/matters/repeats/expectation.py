"""What is usual: calls a day of a place or an area, by weekday and season.

    expected(day) = level x weekday(day) x season(day)

*Level* is the mean of the history. The *weekday* factors are the calls seen on that weekday over
those a weekday like any other had brought, both raised by ``WEEKDAY_WEIGHT`` calls: a place with
few calls stays near "every day alike", a whole town shows its own week. The *season* is the same
for the day of the year, over a window of ``SEASON_DAYS`` days whose weights fall to both sides, and
runs around the turn of the year. It takes a history of a whole year: a shorter one cannot tell a
season from a trend, and ``seasonal`` is then false and the factors are all one.

Not modelled: holidays, weather, a trend, and days on which an event in town changed everything.
They stay in what is seen, so a verdict about a place should say over which days it was given.

``seen`` is the number of calls that the expectation was learnt from; a test that takes it for
known is too sure (see ``stopped``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt

WEEKDAY_WEIGHT = 10.0
"""Calls that speak for "every weekday alike" before any was seen."""
SEASON_WEIGHT = 20.0
"""Calls that speak for "every season alike" before any was seen."""
SEASON_DAYS = 61
"""Days of the window that a day of the year is judged by: itself and thirty to each side."""
SEASON_FROM = 364
"""Days of history that a season takes."""
YEAR = 366
Floats = npt.NDArray[np.float64]
FLAT_WEEK = (1.0,) * 7
FLAT_YEAR = (1.0,) * YEAR


@dataclass(frozen=True)
class Expectation:
    """Calls to be expected a day: ``level`` a day, factors by weekday (Monday first) and by day.

    ``days`` and ``seen`` are what it was learnt from.
    """

    level: float
    days: int
    seen: int
    weekday: tuple[float, ...] = FLAT_WEEK
    year: tuple[float, ...] = FLAT_YEAR
    seasonal: bool = False

    def on(self, day: date) -> float:
        """Return the calls to be expected on a day."""
        return self.level * self.weekday[day.weekday()] * self.year[_of_year(day)]

    def over(self, days: Iterable[date]) -> list[float]:
        """Return the calls to be expected on each of some days."""
        return [self.on(day) for day in days]

    def levelled(self, days: Sequence[date], seen: Sequence[int]) -> Expectation:
        """Return the same week and year at the level of other days: "had it gone on like then".

        The days must not be those alone in which the place was found: those were picked because
        they were high.
        """
        _check(days, seen)
        shape = replace(self, level=1.0)
        weight = sum(shape.over(days))
        level = sum(seen) / weight if weight else 0.0
        return replace(self, level=level, days=len(days), seen=sum(seen))


def season(days: Sequence[date], history: Sequence[int]) -> Expectation:
    """Return what is usual, learnt from the calls of each of some days (in any order).

    Days without a call belong into it as zeros. Raises ValueError where the two differ in length,
    a day is named twice, or there is none.
    """
    _check(days, history)
    seen = np.asarray(history, dtype=np.float64)
    weekdays = np.array([day.weekday() for day in days])
    of_year = np.array([_of_year(day) for day in days])
    mean = np.full(len(days), seen.mean())
    weekday = _weekdays(weekdays, seen, mean)
    seasonal = (max(days) - min(days)).days + 1 >= SEASON_FROM and len(days) >= SEASON_FROM
    year = _year(of_year, seen, mean * weekday[weekdays]) if seasonal else np.ones(YEAR)
    shape = weekday[weekdays] * year[of_year]
    return Expectation(
        level=float(seen.sum() / shape.sum()),
        days=len(days),
        seen=int(seen.sum()),
        weekday=tuple(weekday.tolist()),
        year=tuple(year.tolist()),
        seasonal=seasonal,
    )


def _weekdays(weekdays: npt.NDArray[np.int64], seen: Floats, mean: Floats) -> Floats:
    """Return a factor a weekday, pulled towards one where there are few calls."""
    counted = np.bincount(weekdays, weights=seen, minlength=7)
    alike = np.bincount(weekdays, weights=mean, minlength=7)
    factors: Floats = (counted + WEEKDAY_WEIGHT) / (alike + WEEKDAY_WEIGHT)
    return factors


def _year(of_year: npt.NDArray[np.int64], seen: Floats, mean: Floats) -> Floats:
    """Return a factor a day of the year, smoothed around it and pulled towards one."""
    half = SEASON_DAYS // 2
    weights = 1 - np.abs(np.arange(-half, half + 1)) / (half + 1)
    counted, alike = (
        _around(np.bincount(of_year, one, YEAR).astype(np.float64), weights) for one in (seen, mean)
    )
    factors: Floats = (counted + SEASON_WEIGHT) / (alike + SEASON_WEIGHT)
    return factors


def _around(days: Floats, weights: Floats) -> Floats:
    """Return a weighted sum around each day of a year whose end meets its beginning."""
    half = len(weights) // 2
    return np.convolve(np.concatenate([days[-half:], days, days[:half]]), weights, mode="valid")


def _of_year(day: date) -> int:
    """Return the day of the year from 0; 29 February has its own, so 1 March is always 60."""
    number = day.timetuple().tm_yday - 1
    leap = day.year % 4 == 0 and (day.year % 100 != 0 or day.year % 400 == 0)
    return number if leap or number < 59 else number + 1


def _check(days: Sequence[date], seen: Sequence[int]) -> None:
    if len(days) != len(seen):
        raise ValueError(f"{len(days)} days, calls of {len(seen)}")
    if not days:
        raise ValueError("a history takes at least one day")
    if len(set(days)) != len(days):
        raise ValueError("a day is named twice")
    if any(one < 0 for one in seen):
        raise ValueError("a number of calls is below nothing")
