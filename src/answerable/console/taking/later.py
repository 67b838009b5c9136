"""When a booked call is due: what a call-taker writes, as an instant. Pure."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, tzinfo

from answerable.towns.model import Town

MINUTE_US = 60_000_000
DAYS_MAX = 400
_AHEAD = re.compile(r"\+\s*(?:(\d{1,3})\s*h)?\s*(?:(\d{1,4})\s*(?:min|m)?)?", re.IGNORECASE)
_CLOCK = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})[ T]+([01]?\d|2[0-3])[:.]([0-5]\d)")


class NoSuchMoment(ValueError):
    """What was written is no time, or one that this town's clocks leave out."""


def due_us(text: str, town: Town, now_us: int) -> int:
    """Return the instant (UTC microseconds) that is meant by ``text`` at ``now_us``.

    "+90", "+2h", "+1h30": from now on, minutes unless it says hours. "14:30": the next time the
    town's clocks show it. "2026-11-23 14:30": that day. A time that comes twice, when clocks go
    back, is the first of the two that is still to come. Raises NoSuchMoment.
    """
    text = text.strip().replace("：", ":")
    if ahead := _AHEAD.fullmatch(text):
        hours, minutes = int(ahead[1] or 0), int(ahead[2] or 0)
        if not hours and not minutes:
            raise NoSuchMoment(text)
        return now_us + (hours * 60 + minutes) * MINUTE_US
    here = town.local(now_us)
    if clock := _CLOCK.fullmatch(text):
        wall = here.replace(
            hour=int(clock[1]), minute=int(clock[2]), second=0, microsecond=0, tzinfo=None, fold=0
        )
        if _next(wall, town.zone, now_us) <= now_us:
            wall += timedelta(days=1)
        return _checked(wall, town.zone, text, now_us)
    if day := _DAY.fullmatch(text):
        try:
            wall = datetime.fromisoformat(f"{day[1]}-{day[2]}-{day[3]} {day[4]:>02}:{day[5]}")
        except ValueError as error:
            raise NoSuchMoment(text) from error
        if abs((wall - here.replace(tzinfo=None)).days) > DAYS_MAX:
            raise NoSuchMoment(text)
        return _checked(wall, town.zone, text, now_us)
    raise NoSuchMoment(text)


def _instant(wall: datetime, zone: tzinfo) -> int:
    return round(wall.replace(tzinfo=zone).timestamp()) * 1_000_000


def _next(wall: datetime, zone: tzinfo, now_us: int) -> int:
    """Return the instant of a time on the wall that may come twice: the second once one is past."""
    first, second = (_instant(wall.replace(fold=nth), zone) for nth in (0, 1))
    return first if first > now_us else max(first, second)


def _checked(wall: datetime, zone: tzinfo, text: str, now_us: int) -> int:
    """Return the instant of a time on the wall; clocks that go forward leave some out."""
    at_us = _next(wall, zone, now_us)
    shown = datetime.fromtimestamp(at_us / 1_000_000, zone).replace(tzinfo=None)
    if shown != wall:
        raise NoSuchMoment(text)
    return at_us
