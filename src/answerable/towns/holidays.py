"""Holidays and working days of a town, from its ``holidays.toml``. Pure: a date in, an answer out.

A ``[[holiday]]`` says when it comes in one of four ways: ``month`` and ``day`` (every year),
``easter`` (days after Easter Sunday, before it if negative), ``month``, ``weekday`` and ``nth``
(the third Monday; -1 is the last), or ``date`` (that one day only). With ``working = true`` the day
is worked although it falls on a weekend, as days made up for a long holiday are in China.
"""

from __future__ import annotations

import calendar
import datetime
import functools
from typing import Annotated, Literal

import msgspec

from answerable.towns.titles import Title, Titles, need_english

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[str, ...] = Weekday.__args__  # type: ignore[attr-defined]
SATURDAY, SUNDAY = 5, 6
DAY = datetime.timedelta(days=1)
SEARCH_DAYS_MAX = 3660
"""A calendar without one working day in ten years is a mistake, not a long holiday."""


class HolidayRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One holiday: its names, and when it comes.

    ``observed`` moves one that falls on a weekend day: "monday" to the Monday after, "nearest" a
    Saturday's to the Friday before and a Sunday's to the Monday after, "no" nowhere. ``from_year``
    and ``until_year`` are the first and last year it is kept. ``plus_days`` counts on from the nth
    weekday: the day after the fourth Thursday is not always the fourth Friday.
    """

    titles: Titles = msgspec.field(name="name")
    month: Annotated[int, msgspec.Meta(ge=1, le=12)] | None = None
    day: Annotated[int, msgspec.Meta(ge=1, le=31)] | None = None
    easter: Annotated[int, msgspec.Meta(ge=-100, le=100)] | None = None
    church: Literal["western", "orthodox"] = "western"
    weekday: Weekday | None = None
    nth: Annotated[int, msgspec.Meta(ge=-5, le=5)] | None = None
    plus_days: Annotated[int, msgspec.Meta(ge=-31, le=31)] = 0
    date: datetime.date | None = None
    from_year: int | None = None
    until_year: int | None = None
    observed: Literal["no", "monday", "nearest"] = "no"
    working: bool = False

    def __post_init__(self) -> None:
        """Refuse a rule that says its day in no way, or in several (ValueError)."""
        need_english(self.titles)
        if fault := self.fault():
            raise ValueError(fault)

    def fault(self) -> str:
        """Return what is wrong with the way the rule says its day; "" where nothing is."""
        ways = {
            "month and day": self.month is not None and self.day is not None,
            "easter": self.easter is not None,
            "month, weekday and nth": None not in (self.month, self.weekday, self.nth),
            "date": self.date is not None,
        }
        said = [way for way, given in ways.items() if given]
        if len(said) != 1:
            return f"the day is said {'in no way' if not said else 'by ' + ' and by '.join(said)}"
        wanted = set(said[0].replace(",", "").replace(" and", "").split())
        more = [
            key
            for key in ("month", "day", "easter", "weekday", "nth", "date")
            if getattr(self, key) is not None and key not in wanted
        ]
        if more:
            return f"{' and '.join(more)} does not belong beside {said[0]}"
        if self.plus_days and self.weekday is None:
            return f"plus_days does not belong beside {said[0]}"
        return "nth counts from 1, or from -1 at the end" if self.nth == 0 else ""

    def on(self, year: int) -> datetime.date | None:
        """Return its day in a year, before any moving; None where it does not come."""
        if not (self.from_year or year) <= year <= (self.until_year or year):
            return None
        if self.date is not None:
            return self.date if self.date.year == year else None
        if self.easter is not None:
            return easter_sunday(year, self.church) + self.easter * DAY
        assert self.month is not None
        if self.day is not None:
            last = calendar.monthrange(year, self.month)[1]
            return datetime.date(year, self.month, self.day) if self.day <= last else None
        assert self.nth is not None
        assert self.weekday is not None
        found = _nth(year, self.month, WEEKDAYS.index(self.weekday), self.nth)
        return found + self.plus_days * DAY if found else None

    def kept(self, year: int) -> tuple[datetime.date, ...]:
        """Return the days that are free in a year because of it: its day, and where it moved to."""
        day = self.on(year)
        if day is None:
            return ()
        moved = _moved(day, self.observed)
        return (day,) if moved == day else (day, moved)


class HolidaysFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What ``holidays.toml`` holds. ``source`` says where the list is from, shown beside it."""

    holidays: tuple[HolidayRule, ...] = msgspec.field(name="holiday", default=())
    weekend: tuple[Weekday, ...] = ("saturday", "sunday")
    source: str = ""


class Holiday(msgspec.Struct, frozen=True):
    """A holiday on its day."""

    date: datetime.date
    titles: Titles

    @property
    def title(self) -> Title:
        """Return its names, ready to be asked for a language."""
        return Title(self.titles)


class Calendar:
    """A town's holidays and working days."""

    def __init__(self, file: HolidaysFile) -> None:
        """Keep the rules; days are worked out a year at a time, when first asked for."""
        self.file = file
        self._weekend = frozenset(WEEKDAYS.index(day) for day in file.weekend)
        self._year = functools.lru_cache(maxsize=64)(self._days_of)

    def _days_of(self, year: int) -> dict[datetime.date, HolidayRule]:
        """Return the free days of a year by date; a holiday moved over New Year is among them."""
        found: dict[datetime.date, HolidayRule] = {}
        for of in (year - 1, year, year + 1):
            if not datetime.MINYEAR < of < datetime.MAXYEAR:
                continue
            for rule in self.file.holidays:
                if not rule.working:
                    found |= {day: rule for day in rule.kept(of) if day not in found}
        return found

    def holiday(self, date: datetime.date) -> Holiday | None:
        """Return the holiday that falls on a date, or is kept on it; None on any other day."""
        rule = self._year(date.year).get(date)
        return Holiday(date, rule.titles) if rule else None

    def holidays(self, year: int) -> list[Holiday]:
        """Return the holidays of a year in the order of their days."""
        days = sorted(self._year(year).items())
        return [Holiday(day, rule.titles) for day, rule in days if day.year == year]

    def working_day(self, date: datetime.date) -> bool:
        """Say whether offices work on a date: no weekend, no holiday, or a day made up for one."""
        if any(rule.working and rule.on(date.year) == date for rule in self.file.holidays):
            return True
        return date.weekday() not in self._weekend and date not in self._year(date.year)

    def working_days_after(self, date: datetime.date, days: int) -> datetime.date:
        """Return the date that is so many working days (0 or more) after a date.

        With 0 it is the date itself, or the next working day. Raises ValueError where the town
        has no working days to count.
        """
        if days < 0:
            raise ValueError(f"{days} working days lie before the date, not after it")
        for _ in range(SEARCH_DAYS_MAX):
            if self.working_day(date):
                if days == 0:
                    return date
                days -= 1
            date += DAY
        raise ValueError(f"there are not so many working days in {SEARCH_DAYS_MAX} days")


NO_HOLIDAYS = Calendar(HolidaysFile())
"""The calendar of a town that lists no holidays: only Saturdays and Sundays are free."""


def easter_sunday(year: int, church: str = "western") -> datetime.date:
    """Return Easter Sunday of a year 1 to 9998, in the Gregorian calendar.

    Western: the rule of 1582 (Meeus, Astronomical Algorithms, chapter 8). Orthodox: the Julian rule
    taken to Gregorian days.
    """
    if church == "orthodox":
        d = (19 * (year % 19) + 15) % 30
        e = (2 * (year % 4) + 4 * (year % 7) - d + 34) % 7
        month, day = divmod(d + e + 114, 31)
        return datetime.date(year, month, day + 1) + (year // 100 - year // 400 - 2) * DAY
    golden, (century, short) = year % 19, divmod(year, 100)
    moon = (
        19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15
    ) % 30
    ahead = (32 + 2 * (century % 4) + 2 * (short // 4) - moon - short % 4) % 7
    late = (golden + 11 * moon + 22 * ahead) // 451
    month, day = divmod(moon + ahead - 7 * late + 114, 31)
    return datetime.date(year, month, day + 1)


def _nth(year: int, month: int, weekday: int, nth: int) -> datetime.date | None:
    """Return the nth of a weekday in a month (-1 the last); None where there are not so many."""
    days = [
        week[weekday] for week in calendar.Calendar().monthdayscalendar(year, month)
        if week[weekday]
    ]  # fmt: skip
    try:
        return datetime.date(year, month, days[nth - 1 if nth > 0 else nth])
    except IndexError:
        return None


def _moved(day: datetime.date, observed: str) -> datetime.date:
    """Return the day on which a holiday on a weekend day is kept."""
    if observed == "monday" and day.weekday() in (SATURDAY, SUNDAY):
        return day + (7 - day.weekday()) * DAY
    if observed == "nearest" and day.weekday() in (SATURDAY, SUNDAY):
        return day - DAY if day.weekday() == SATURDAY else day + DAY
    return day
