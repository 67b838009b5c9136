"""Days over changes of clocks and turns of years: counted by the calendar, never in hours."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from answerable.followup.right_rules import HEARD
from answerable.standards.words import ClockRang
from answerable.towns.holidays import Calendar, HolidayRule, HolidaysFile
from answerable.towns.load import load_town, packaged_towns
from answerable.towns.terms import Counting, Span
from answerable.towns.working import end_of_day_us
from tests.followup.test_right_rules import After
from tests.story import US, at_local

DAY = datetime.timedelta(days=1)
HOUR = 3_600
TOWNS = {name: load_town(folder).holidays for name, folder in packaged_towns().items()}
ZONES = [
    "America/Los_Angeles", "Europe/Vaduz", "Asia/Shanghai", "UTC", "Australia/Lord_Howe",
    "America/Sao_Paulo", "America/Havana", "Asia/Beirut", "Africa/Casablanca", "Asia/Tehran",
]  # fmt: skip
"""Clocks that change at two, at three, at midnight back and on, by half an hour, and never."""
MOMENTS = st.builds(
    datetime.datetime.combine,
    st.dates(datetime.date(2014, 12, 1), datetime.date(2027, 1, 15)), st.times(),
)  # fmt: skip
SAO_PAULO_BACK = datetime.datetime.fromisoformat("2018-02-15T12:00")
"""Two working days before Saturday 17 February 2018, whose last hour came twice."""


def plainly(calendar: Calendar, day: datetime.date, days: int, count: str) -> datetime.date:
    """Return the last day of a term, one day after the other, asking of each whether it counts."""
    left = days
    while left:
        day += DAY
        left -= count == "calendar" or calendar.working_day(day)
    while not calendar.working_day(day):
        day += DAY
    return day


@given(MOMENTS, st.sampled_from(ZONES), st.sampled_from(sorted(TOWNS)), st.integers(0, 30))
@example(SAO_PAULO_BACK, "America/Sao_Paulo", "san_francisco", 1)
def test_working_days_end_with_the_last_moment_of_a_day_in_every_zone(local, name, town, days):
    zone, calendar = ZoneInfo(name), TOWNS[town]
    end_us = end_of_day_us(zone, calendar, local.replace(tzinfo=zone), days)
    last = plainly(calendar, local.date(), days, "working")
    assert datetime.datetime.fromtimestamp(end_us // US, zone).date() == last
    assert datetime.datetime.fromtimestamp(end_us // US + 1, zone).date() == last + DAY
    assert end_us % US == US - 1


@given(
    MOMENTS, st.sampled_from(ZONES), st.sampled_from(sorted(TOWNS)), st.integers(0, 40),
    st.sampled_from(["working", "calendar"]),
)  # fmt: skip
@example(SAO_PAULO_BACK, "America/Sao_Paulo", "san_francisco", 2, "calendar")
def test_a_term_ends_with_the_last_second_of_a_day_in_every_zone(local, name, town, days, count):
    zone, calendar = ZoneInfo(name), TOWNS[town]
    counting = Counting(zone, calendar)
    from_us = int(local.replace(tzinfo=zone).timestamp()) * US
    due_us = counting.due_us(Span(max(days, 1), count), from_us)
    last = plainly(calendar, counting.date(from_us), max(days, 1), count)
    assert counting.date(due_us) == last
    assert counting.date(due_us + US) == last + DAY


def test_a_day_whose_last_hour_comes_twice_ends_after_the_second():
    every = Calendar(HolidaysFile(weekend=()))
    counting = Counting(ZoneInfo("America/Sao_Paulo"), every)
    end_us = counting.end(datetime.date(2018, 2, 17))
    assert datetime.datetime.fromtimestamp(end_us / US, datetime.UTC).isoformat() == (
        "2018-02-18T02:59:59+00:00"
    )
    assert end_us - counting.end(datetime.date(2018, 2, 16)) == 25 * HOUR * US


@given(st.dates(datetime.date(2010, 1, 1), datetime.date(2032, 12, 31)), st.integers(0, 40))
def test_working_days_are_those_counted_one_by_one_also_over_new_year(date, days):
    for calendar in TOWNS.values():
        found = calendar.working_days_after(date, days)
        free = [date + n * DAY for n in range((found - date).days + 1)]
        assert sum(calendar.working_day(day) for day in free) == days + 1
        assert calendar.working_day(found)


@pytest.mark.parametrize(
    ("begins", "days", "ends"),
    [
        ("2020-12-23", 5, "2020-12-31"),  # Christmas Day is a Friday
        ("2020-12-31", 1, "2021-01-04"),  # New Year's Day is a Friday
        ("2021-12-23", 5, "2022-01-03"),  # Christmas on the 24th, New Year on the 31st: Saturdays
        ("2022-12-30", 1, "2023-01-03"),  # New Year's Day is a Sunday, kept on Monday
        ("2024-02-28", 1, "2024-02-29"),
    ],
)
def test_terms_over_the_turn_of_a_year_in_a_town_that_moves_its_holidays(begins, days, ends):
    rules = [
        HolidayRule(titles={"en": "New Year's Day"}, month=1, day=1, observed="nearest"),
        HolidayRule(titles={"en": "Christmas Day"}, month=12, day=25, observed="nearest"),
    ]
    calendar = Calendar(HolidaysFile(holidays=tuple(rules)))
    counting = Counting(ZoneInfo("America/Los_Angeles"), calendar)
    noon = counting.at(datetime.date.fromisoformat(begins), datetime.time(12))
    due_us = counting.due_us(Span(days, "working"), noon)
    assert counting.date(due_us).isoformat() == ends


@pytest.mark.parametrize(
    ("now", "due", "hours"),
    [
        ("2018-10-31T12:00:00", "2018-11-07 23:59:59", 7 * 24 + 12 + 1),  # back on the 4th
        ("2018-03-07T12:00:00", "2018-03-14 23:59:59", 7 * 24 + 12 - 1),  # and on, on 11 March
        ("2018-12-27T12:00:00", "2019-01-03 23:59:59", 7 * 24 + 12),
    ],
)
def test_a_clock_with_a_date_rings_at_the_end_of_that_date_and_not_an_hour_off(now, due, hours):
    """Five working days to put something right, as its clock runs them."""
    story = After("call-back-put-right", now_us=at_local(now)).unhappy()
    town, begun_us = story.centre.town, story.centre.clock.now_us()
    assert f"{town.local(story.held.due_us):%Y-%m-%d %H:%M:%S}" == due
    assert story.held.due_us + 1 - begun_us == (hours - 1) * HOUR * US  # rung back an hour later
    runs = story.centre.state("standards").runs().values()
    [run] = [run for run in runs if run.due_us == story.held.due_us]
    story.heard()
    assert story.held.state == HEARD
    story.centre.tick((story.held.due_us - begun_us) // US - 1)
    assert _rung(story, run.number) == []
    story.centre.tick(2)
    [rang_us] = _rung(story, run.number)
    assert 0 <= rang_us - story.held.due_us < US


def _rung(story: After, number: str) -> list[int]:
    """Return at which instants (UTC us) a clock rang."""
    rows = [*story.centre.store.rows()]
    decode = story.centre.hub.rooms.decode
    return [
        row.happened_at for row in rows if row.kind == ClockRang.tag and decode(row).clock == number
    ]
