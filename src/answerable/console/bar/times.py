"""Times as a line says them: 14:30, 14:30:05, +20m, +2h, 20分, 2020-04-03T14:30.

A time of day is the next one on the town's clock. Twice a year an hour of that clock comes twice or
not at all; such a time is not guessed.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from answerable.towns.model import Town

US = 1_000_000
AHEAD_DAYS_MAX = 400
AFTER = re.compile(r"\+?(?:(\d{1,3})(?:h|小时))?(?:(\d{1,4})(?:m|min|分|分钟))?", re.ASCII)
CLOCK = re.compile(r"(?:(\d{4}-\d\d-\d\d)T)?(\d{1,2})[:：](\d\d)(?:[:：](\d\d))?", re.ASCII)
BARE = re.compile(r"\+(\d{1,4})", re.ASCII)


class NoSuchTime(ValueError):
    """The time does not exist on the town's clock, or exists twice."""


def instant(text: str, town: Town, now_us: int) -> int | None:
    """Return the instant a text means (UTC microseconds), None where it means none.

    Raises NoSuchTime where the town's clock shows that time never, or twice.
    """
    if bare := BARE.fullmatch(text):
        return now_us + int(bare[1]) * 60 * US
    after = AFTER.fullmatch(text)
    if after and (after[1] or after[2]):
        minutes = int(after[1] or 0) * 60 + int(after[2] or 0)
        return now_us + minutes * 60 * US
    if clock := CLOCK.fullmatch(text):
        return _on_the_clock(clock, town, now_us)
    return None


def _on_the_clock(clock: re.Match[str], town: Town, now_us: int) -> int | None:
    hour, minute, second = int(clock[2]), int(clock[3]), int(clock[4] or 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    now = town.local(now_us)
    try:
        day = datetime.fromisoformat(clock[1]).date() if clock[1] else now.date()
        at = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=town.zone)
        if not clock[1] and _past(at, now):
            at = datetime.combine(day + timedelta(days=1), at.timetz())
        told = at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    if abs((told - now.astimezone(UTC)).days) > AHEAD_DAYS_MAX:
        return None
    if at.utcoffset() != at.replace(fold=1).utcoffset():
        raise NoSuchTime(text_of(at))
    return round(told.timestamp()) * US


def _past(at: datetime, now: datetime) -> bool:
    """Say whether a time of this day does not come any more, the second of two counted too.

    Compared as instants: two times of one zone are compared by what the wall shows otherwise.
    """
    return at.replace(fold=1).astimezone(UTC) <= now.astimezone(UTC)


def text_of(at: datetime) -> str:
    """Return a time as it was said."""
    return f"{at:%H:%M}"
