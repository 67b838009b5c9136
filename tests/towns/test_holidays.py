"""Holidays and working days: each way of saying a day, what moves, what is worked all the same."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from answerable.towns.holidays import WEEKDAYS, Calendar, HolidaysFile, easter_sunday
from answerable.towns.load import load_town, packaged_towns

SAN_FRANCISCO = load_town(packaged_towns()["san_francisco"]).holidays


def calendar(text: str) -> Calendar:
    return Calendar(msgspec.toml.decode(text, type=HolidaysFile))


def one(rule: str) -> Calendar:
    return calendar(f'[[holiday]]\nname = {{ en = "Day" }}\n{rule}')


@pytest.mark.parametrize(
    ("year", "western", "orthodox"),
    [
        (1961, (4, 2), (4, 9)), (1981, (4, 19), (4, 26)), (2000, (4, 23), (4, 30)),
        (2011, (4, 24), (4, 24)), (2024, (3, 31), (5, 5)), (2025, (4, 20), (4, 20)),
        (2038, (4, 25), (4, 25)), (2049, (4, 18), (4, 25)),
    ],
)  # fmt: skip
def test_easter_falls_where_the_church_tables_say(year, western, orthodox):
    assert easter_sunday(year) == date(year, *western)
    assert easter_sunday(year, "orthodox") == date(year, *orthodox)


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("month = 8\nday = 15", [date(2024, 8, 15), date(2025, 8, 15)]),
        ("month = 2\nday = 29", [date(2024, 2, 29)]),
        ("easter = -2", [date(2024, 3, 29), date(2025, 4, 18)]),
        ("easter = 1\nchurch = 'orthodox'", [date(2024, 5, 6), date(2025, 4, 21)]),
        ("month = 5\nweekday = 'monday'\nnth = -1", [date(2024, 5, 27), date(2025, 5, 26)]),
        ("month = 8\nweekday = 'friday'\nnth = 5", [date(2024, 8, 30), date(2025, 8, 29)]),
        ("month = 2\nweekday = 'thursday'\nnth = 5", [date(2024, 2, 29)]),
        ("date = 2025-06-02", [date(2025, 6, 2)]),
        ("month = 8\nday = 15\nfrom_year = 2025", [date(2025, 8, 15)]),
        ("month = 8\nday = 15\nuntil_year = 2024", [date(2024, 8, 15)]),
    ],
)
def test_a_day_is_found_by_each_way_of_saying_it(rule, days):
    found = one(rule)
    assert [h.date for year in (2024, 2025) for h in found.holidays(year)] == days


def test_the_day_after_the_fourth_thursday_is_not_taken_for_the_fourth_friday():
    assert SAN_FRANCISCO.holiday(date(2024, 11, 29)).title.en == "Day after Thanksgiving"
    assert SAN_FRANCISCO.holiday(date(2024, 11, 22)) is None


def test_a_holiday_on_a_weekend_day_is_kept_where_its_rule_moves_it():
    fourth = "month = 7\nday = 4\nobserved = "
    assert one(fourth + "'nearest'").working_day(date(2026, 7, 3)) is False  # the 4th is a Saturday
    assert one(fourth + "'monday'").working_day(date(2026, 7, 3)) is True
    assert one(fourth + "'monday'").working_day(date(2026, 7, 6)) is False
    assert one(fourth + "'no'").working_day(date(2026, 7, 6)) is True


def test_a_new_years_day_on_a_saturday_makes_the_last_of_december_free():
    moved = one("month = 1\nday = 1\nobserved = 'nearest'")
    assert moved.holiday(date(2021, 12, 31)) is not None
    assert [h.date for h in moved.holidays(2021)] == [date(2021, 1, 1), date(2021, 12, 31)]


def test_a_day_made_up_for_a_long_holiday_is_worked_though_it_is_a_saturday():
    spring = calendar("""
        [[holiday]]
        name = { en = "Spring Festival", zh = "春节" }
        date = 2025-01-29
        [[holiday]]
        name = { en = "Made up", zh = "调休上班" }
        date = 2025-02-08
        working = true
    """)
    assert spring.working_day(date(2025, 2, 8)) is True
    assert spring.holiday(date(2025, 2, 8)) is None
    assert spring.working_day(date(2025, 1, 29)) is False
    assert spring.holiday(date(2025, 1, 29)).title.of("zh-CN") == "春节"


def test_working_days_are_counted_over_weekends_and_holidays():
    friday = date(2025, 11, 26)  # the Wednesday before Thanksgiving
    assert SAN_FRANCISCO.working_days_after(friday, 1) == date(2025, 12, 1)
    assert SAN_FRANCISCO.working_days_after(date(2025, 11, 27), 0) == date(2025, 12, 1)
    assert SAN_FRANCISCO.working_days_after(date(2025, 12, 1), 5) == date(2025, 12, 8)
    with pytest.raises(ValueError, match="before"):
        SAN_FRANCISCO.working_days_after(friday, -1)


def test_a_town_that_never_works_is_told_so_and_does_not_hang():
    idle = Calendar(HolidaysFile(weekend=WEEKDAYS))
    with pytest.raises(ValueError, match="not so many working days"):
        idle.working_days_after(date(2025, 1, 1), 1)


def test_a_weekend_may_be_friday_and_saturday():
    gulf = calendar('weekend = ["friday", "saturday"]')
    assert [gulf.working_day(date(2025, 8, day)) for day in (1, 2, 3)] == [False, False, True]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        ("month = 8", "in no way"),
        ("month = 8\nday = 1\neaster = 3", "by month and day and by easter"),
        ("easter = 3\nday = 1", "day does not belong beside easter"),
        ("month = 8\nweekday = 'monday'\nnth = 0", "nth counts from 1"),
        ("date = 2025-01-01\nplus_days = 1", "plus_days does not belong"),
    ],
)
def test_a_rule_that_says_its_day_wrongly_is_refused(rule, said):
    with pytest.raises(msgspec.ValidationError, match=said):
        one(rule)
