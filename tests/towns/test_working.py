"""Working days: the first is not counted, the last counts to its end, holidays are none."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import msgspec
import pytest

from answerable.towns.holidays import NO_HOLIDAYS, Calendar, HolidaysFile
from answerable.towns.load import load_town, packaged_towns
from answerable.towns.working import due_us, end_of_day_us

US = 1_000_000
UTC = ZoneInfo("UTC")
SHANGHAI = ZoneInfo("Asia/Shanghai")
CHINA = Calendar(msgspec.toml.decode("""
[[holiday]]
name = {en = "National Day", zh-CN = "国庆节"}
date = 2024-10-01
[[holiday]]
name = {en = "National Day", zh-CN = "国庆节"}
date = 2024-10-02
[[holiday]]
name = {en = "National Day", zh-CN = "国庆节"}
date = 2024-10-03
[[holiday]]
name = {en = "National Day", zh-CN = "国庆节"}
date = 2024-10-04
[[holiday]]
name = {en = "National Day", zh-CN = "国庆节"}
date = 2024-10-07
[[holiday]]
name = {en = "Made up", zh-CN = "调休上班"}
date = 2024-09-29
working = true
[[holiday]]
name = {en = "Made up", zh-CN = "调休上班"}
date = 2024-10-12
working = true
""", type=HolidaysFile))  # fmt: skip
"""The week of National Day 2024: Sunday 29 September and Saturday 12 October were worked."""


def day(at: str, days: int, calendar: Calendar = NO_HOLIDAYS, zone: ZoneInfo = UTC) -> str:
    """Return the local day on which a term ends, having checked that it ends at its very end."""
    end = end_of_day_us(zone, calendar, datetime.fromisoformat(at).replace(tzinfo=zone), days)
    last = datetime.fromtimestamp(end // US, zone)
    assert end % US == US - 1
    assert datetime.fromtimestamp(end // US + 1, zone).date() > last.date()
    return f"{last:%Y-%m-%d}"


@pytest.mark.parametrize(
    ("at", "days", "end"),
    [
        ("2026-03-02 00:00", 5, "2026-03-09"),  # a Monday
        ("2026-03-02 23:59", 5, "2026-03-09"),
        ("2026-03-03 00:00", 5, "2026-03-10"),
        ("2026-03-06 12:00", 5, "2026-03-13"),  # a Friday
        ("2026-03-07 12:00", 5, "2026-03-13"),  # Saturday and Sunday begin as Friday did
        ("2026-03-08 12:00", 5, "2026-03-13"),
        ("2026-03-06 12:00", 1, "2026-03-09"),
        ("2026-03-07 12:00", 1, "2026-03-09"),
        ("2026-03-08 12:00", 1, "2026-03-09"),
        ("2026-03-06 12:00", 0, "2026-03-06"),
        ("2026-03-07 12:00", 0, "2026-03-09"),
    ],
)
def test_the_first_day_is_not_counted_and_the_last_counts_to_its_end(at, days, end):
    assert day(at, days) == end


@pytest.mark.parametrize(
    ("at", "days", "end"),
    [
        ("2024-09-27 10:00", 1, "2024-09-29"),  # a Friday; the Sunday is worked
        ("2024-09-27 10:00", 2, "2024-09-30"),
        ("2024-09-27 10:00", 3, "2024-10-08"),  # the whole week of the holiday lies between
        ("2024-09-30 10:00", 5, "2024-10-12"),  # 8, 9, 10, 11 and the Saturday made up
        ("2024-09-30 10:00", 6, "2024-10-14"),
        ("2024-10-05 10:00", 0, "2024-10-08"),
        ("2024-10-12 10:00", 0, "2024-10-12"),
    ],
)
def test_days_made_up_on_a_weekend_count_and_holidays_do_not(at, days, end):
    assert day(at, days, CHINA, SHANGHAI) == end


def test_a_day_that_has_23_or_25_hours_is_one_day():
    here = ZoneInfo("America/Los_Angeles")
    assert day("2018-11-02 09:00", 1, zone=here) == "2018-11-05"  # 4 Nov 2018 has 25 hours
    assert day("2026-03-06 09:00", 1, zone=here) == "2026-03-09"  # 8 Mar 2026 has 23
    hours = [
        end_of_day_us(here, NO_HOLIDAYS, datetime(2018, 11, d, tzinfo=here), 0) // US // 3600
        for d in (2, 5)
    ]
    assert hours[1] - hours[0] == 3 * 24 + 1


@pytest.mark.parametrize(
    ("zone", "at", "end"),
    [
        ("America/Havana", "2026-03-06 09:00", "2026-03-06"),
        ("Asia/Beirut", "2026-03-27 09:00", "2026-03-27"),
        ("America/Havana", "2026-10-30 09:00", "2026-10-30"),
    ],
)
def test_a_midnight_that_is_left_out_or_comes_twice_is_where_the_next_day_begins(zone, at, end):
    assert day(at, 0, zone=ZoneInfo(zone)) == end
    every = Calendar(HolidaysFile(weekend=()))
    day(at, 1, every, ZoneInfo(zone))
    day(at, 2, every, ZoneInfo(zone))


def test_the_towns_own_holidays_are_taken():
    town = load_town(packaged_towns()["san_francisco"])
    start = datetime(2026, 11, 24, 12, tzinfo=town.zone)  # Thanksgiving is on the 26th
    end = due_us(town, round(start.timestamp()) * US, 2)
    worked = town.holidays.working_day(datetime(2026, 11, 27, tzinfo=town.zone).date())
    assert f"{town.local(end):%d %H:%M}" == ("27 23:59" if worked else "30 23:59")
    assert not town.holidays.working_day(datetime(2026, 11, 26, tzinfo=town.zone).date())


def test_a_count_below_nothing_is_refused():
    with pytest.raises(ValueError, match="-1 working days"):
        day("2026-03-06 12:00", -1)
    with pytest.raises(ValueError, match="there are not so many"):
        day("2026-03-06 12:00", 5000)
