"""The last moment of a day of a town's calendar."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo


def end_us(day: date, zone: ZoneInfo) -> int:
    """Return the last microsecond of a day (UTC us), also of one whose clocks change."""
    after = day + timedelta(days=1)
    midnight = datetime(after.year, after.month, after.day, tzinfo=zone)
    return int(midnight.timestamp()) * 1_000_000 - 1
