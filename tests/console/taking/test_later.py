"""When a booked call is due, as a call-taker writes it (B6, B8)."""

from __future__ import annotations

import pytest

from answerable.console.taking.later import NoSuchMoment, due_us
from tests.story import at_local, toy_town

TOWN = toy_town()
"""In America/Los_Angeles."""
NOW = at_local("2020-04-02T14:00:00")
HOUR = 3_600_000_000


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("+90", "2020-04-02T15:30:00"), ("+2h", "2020-04-02T16:00:00"),
        ("+1h30", "2020-04-02T15:30:00"), (" + 2 h 5 min ", "2020-04-02T16:05:00"),
        ("14:30", "2020-04-02T14:30:00"), ("9:05", "2020-04-03T09:05:00"),
        ("14:00", "2020-04-03T14:00:00"), ("21.15", "2020-04-02T21:15:00"),
        ("８:00".replace("８", "8"), "2020-04-03T08:00:00"), ("15：00", "2020-04-02T15:00:00"),
        ("2020-04-05 08:00", "2020-04-05T08:00:00"), ("2020-04-05T8:00", "2020-04-05T08:00:00"),
    ],
)  # fmt: skip
def test_it_is_read_as_people_write_it_in_the_towns_own_time(text, meant):
    assert due_us(text, TOWN, NOW) == at_local(meant)


@pytest.mark.parametrize(
    "text",
    ["", "+", "+0", "+0h", "tomorrow", "25:00", "14:60", "14:5", "2020-13-01 10:00",
     "2020-02-30 10:00", "2023-01-01 10:00", "-5", "90", "now()", "+99999", "2020-04-05"],
)  # fmt: skip
def test_what_is_no_time_is_refused(text):
    with pytest.raises(NoSuchMoment):
        due_us(text, TOWN, NOW)


def test_an_hour_that_the_clocks_leave_out_is_refused_and_one_that_comes_twice_is_its_first():
    before = at_local("2020-03-07T22:00:00")
    with pytest.raises(NoSuchMoment):
        due_us("2:30", TOWN, before)  # 8 March 2020: 02:00 becomes 03:00
    assert due_us("3:30", TOWN, before) - before == 4 * HOUR + HOUR // 2
    autumn = at_local("2018-11-03T22:00:00")
    assert due_us("1:30", TOWN, autumn) - autumn == 3 * HOUR + HOUR // 2


def test_hours_ahead_are_hours_also_over_a_change_of_the_clocks():
    before = at_local("2020-03-07T22:00:00")
    assert due_us("+8h", TOWN, before) - before == 8 * HOUR


def test_a_time_that_comes_twice_is_the_second_once_the_first_is_past():
    midnight = at_local("2018-11-04T00:00:00")  # at 02:00 the clocks go back to 01:00
    first, second = midnight + HOUR + HOUR // 2, midnight + 2 * HOUR + HOUR // 2
    assert due_us("1:30", TOWN, midnight) == first
    for now in (first, first + HOUR // 3, second - HOUR // 4):
        assert due_us("1:30", TOWN, now) == second
        assert due_us("2018-11-04 1:30", TOWN, now) == second
    assert due_us("1:30", TOWN, second) == second + 24 * HOUR
