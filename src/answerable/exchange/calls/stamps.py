"""Times as text -> wall-clock microseconds: what the clock on the wall showed, without a zone.

Formats use strptime's directives. Each is compiled once to a regular expression, because strptime
itself takes about 6 µs a stamp and a year of records holds a million of them.
"""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

DAY_US = 86_400_000_000
ABSENT = np.iinfo(np.int64).min
"""Stands for "no time" in an array of microseconds."""

Micros = npt.NDArray[np.int64]
Parser = Callable[[str], int | None]

_DIRECTIVES = {
    "Y": r"(?P<Y>\d{4})",
    "y": r"(?P<y>\d{2})",
    "m": r"(?P<m>\d{1,2})",
    "d": r"(?P<d>\d{1,2})",
    "H": r"(?P<H>\d{1,2})",
    "I": r"(?P<I>\d{1,2})",
    "M": r"(?P<M>\d{2})",
    "S": r"(?P<S>\d{2})",
    "f": r"(?P<f>\d{1,9})",
    "p": r"(?P<p>[AaPp]\.?[Mm]\.?)",
    "b": r"(?P<b>[A-Za-z]{3})",
    "%": "%",
}
_ISO = (
    r"(?P<Y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})"
    r"(?:[T ](?P<H>\d{2}):(?P<M>\d{2})(?::(?P<S>\d{2})(?:\.(?P<f>\d{1,9}))?)?)?"
)
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"), 1
    )
}
_HHMM = re.compile(r"(\d{1,2}):?([0-5]\d)(?::([0-5]\d)(?:\.\d{1,9})?)?", re.ASCII)
_EPOCH = datetime.date(1970, 1, 1).toordinal()


@functools.lru_cache(maxsize=65_536)
def _day_us(year: int, month: int, day: int) -> int | None:
    """Return the start of a day in wall microseconds, or None if the calendar has no such day."""
    try:
        return (datetime.date(year, month, day).toordinal() - _EPOCH) * DAY_US
    except ValueError:
        return None


def _pattern(form: str) -> re.Pattern[str]:
    if form == "iso":
        return re.compile(_ISO, re.ASCII)
    parts = re.split(r"%(.)", form)
    text = "".join(_DIRECTIVES[part] if i % 2 else re.escape(part) for i, part in enumerate(parts))
    return re.compile(text, re.ASCII)


@functools.cache
def compile_format(form: str) -> Parser:
    """Return a function from text to wall microseconds (None: not of this form).

    Raises ValueError when ``form`` holds an unknown directive, one of them twice, or no full date.
    """
    try:
        pattern = _pattern(form)
    except KeyError as error:
        raise ValueError(f"%{error.args[0]} is not a directive known here") from error
    except re.error as error:
        raise ValueError("a directive stands in it twice, or a % has none") from error
    names = set(pattern.groupindex)
    if not (names & {"Y", "y"} and names & {"m", "b"} and "d" in names):
        raise ValueError("it needs a year, a month and a day")

    def parse(text: str) -> int | None:
        match = pattern.fullmatch(text)
        return None if match is None else _wall_us(match.groupdict())

    return parse


def _wall_us(parts: dict[str, str | None]) -> int | None:
    month = _MONTHS.get((parts.get("b") or "").lower()) or int(parts.get("m") or 0)
    day_us = _day_us(_year(parts), month, int(parts["d"] or 0))
    hour = _hour(parts)
    minute, second = int(parts.get("M") or 0), int(parts.get("S") or 0)
    if day_us is None or hour is None or minute > 59 or second > 59:
        return None
    fraction = int((parts.get("f") or "0").ljust(6, "0")[:6])
    return day_us + ((hour * 60 + minute) * 60 + second) * 1_000_000 + fraction


def _year(parts: dict[str, str | None]) -> int:
    if year := parts.get("Y"):
        return int(year)
    short = int(parts["y"] or 0)
    return short + (1900 if short >= 69 else 2000)  # the POSIX rule for %y


def _hour(parts: dict[str, str | None]) -> int | None:
    """Return the hour 0..23 from %H, or from %I with %p; None when it cannot be."""
    half = parts.get("p")
    hour = int(parts.get("H") or parts.get("I") or 0)
    if half is None or parts.get("H"):
        return hour if hour <= 23 else None
    if not 1 <= hour <= 12:
        return None
    return hour % 12 + (12 if half[0] in "pP" else 0)


def parse_stamps(texts: Sequence[str | None], formats: Sequence[str]) -> tuple[Micros, list[int]]:
    """Return wall microseconds for ``texts`` (ABSENT where None) and the indexes not understood."""
    parsers = [compile_format(form) for form in formats]
    wall = np.full(len(texts), ABSENT, np.int64)
    bad = []
    for i, text in enumerate(texts):
        if text is None:
            continue
        found = next((us for p in parsers if (us := p(text)) is not None), None)
        if found is None:
            bad.append(i)
        else:
            wall[i] = found
    return wall, bad


def clock_us(text: str) -> int | None:
    """Return the time of day of "7:05", "07:05", "0705" or "07:05:30" in microseconds, or None."""
    match = _HHMM.fullmatch(text)
    if match is None or (hour := int(match[1])) > 23:
        return None
    return ((hour * 60 + int(match[2])) * 60 + int(match[3] or 0)) * 1_000_000


def parse_clocks(days: Micros, texts: Sequence[str | None]) -> tuple[Micros, list[int]]:
    """Return wall microseconds of times of day on ``days``, and the indexes not understood.

    A time of day on an absent day is not understood either: there is nothing to hang it on.
    """
    wall = np.full(len(texts), ABSENT, np.int64)
    bad = []
    for i, text in enumerate(texts):
        if text is None:
            continue
        clock = clock_us(text)
        if clock is None or days[i] == ABSENT:
            bad.append(i)
        else:
            wall[i] = days[i] // DAY_US * DAY_US + clock
    return wall, bad
