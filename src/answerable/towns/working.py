"""By when so many working days are over: the date a promise "within five working days" ends on.

The day on which it begins is not counted, and the last one counts to its end, as both the law of
terms of the European Union (Regulation No 1182/71, article 3) and the Chinese one (Civil Procedure
Law, article 85) have it. A service that works by day and by night has no closing time that a
caller could know, so the end of a day is midnight in the town, not the end of office hours and not
the hour at which it began: what begins at 23:50 is no shorter than what begins at 08:00.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from answerable.towns.holidays import Calendar
from answerable.towns.model import Town


def due_us(town: Town, from_us: int, working_days: int) -> int:
    """Return the last microsecond (UTC) of the day that is so many working days (0 or more) later.

    With 0 it is the day itself, or the next working day. It is the last microsecond and not the
    midnight after it, so that the instant is shown with the date on which it is due. Raises
    ValueError where the town has not so many working days to count, or for a count below 0.
    """
    return end_of_day_us(town.zone, town.holidays, town.local(from_us), working_days)


def end_of_day_us(zone: ZoneInfo, calendar: Calendar, local: datetime, working_days: int) -> int:
    """Return the last microsecond (UTC) of the working day that many after a local time.

    Days are counted by the calendar, never in hours, so the change of clocks alters none. A
    midnight that a change of clocks leaves out, or brings twice, is where the next day begins.
    """
    begun = 1 if working_days > 0 else 0
    first = local.date() + timedelta(days=begun)
    day = calendar.working_days_after(first, working_days - begun)
    midnight = datetime.combine(day + timedelta(days=1), datetime.min.time(), tzinfo=zone)
    return round(midnight.timestamp()) * 1_000_000 - 1
