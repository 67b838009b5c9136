"""Times as text are read as written, and nothing that is no time is taken for one."""

# ruff: noqa: DTZ001 - wall times have no zone
import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.exchange.calls.stamps import ABSENT, clock_us, compile_format, parse_stamps

EPOCH = datetime.datetime(1970, 1, 1)
FORMATS = [
    "%Y-%m-%d %H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p",
    "%d.%m.%Y %H:%M:%S",
    "%Y%m%d%H%M%S",
    "%d %b %Y %H:%M:%S",
]


def us(value: datetime.datetime) -> int:
    return (value - EPOCH) // datetime.timedelta(microseconds=1)


@settings(deadline=None)
@given(
    st.datetimes(datetime.datetime(1970, 1, 1), datetime.datetime(2068, 12, 31)),
    st.sampled_from(FORMATS),
)
def test_what_strftime_wrote_is_read_back(value, form):
    value = value.replace(microsecond=0)
    assert compile_format(form)(value.strftime(form)) == us(value)


@settings(deadline=None)
@given(st.datetimes(datetime.datetime(1970, 1, 1), datetime.datetime(2099, 12, 31)))
def test_iso_times_are_read_to_the_microsecond(value):
    assert compile_format("iso")(value.isoformat()) == us(value)
    assert compile_format("iso")(value.isoformat(" ")) == us(value)
    assert compile_format("iso")(value.date().isoformat()) == us(
        value.replace(hour=0, minute=0, second=0, microsecond=0)
    )


@settings(deadline=None)
@given(st.text(max_size=30))
def test_any_text_is_a_time_or_it_is_not(text):
    for form in ("iso", *FORMATS):
        found = compile_format(form)(text)
        assert found is None or isinstance(found, int)


@pytest.mark.parametrize(
    "text",
    ["2018-02-30", "2018-13-01", "2018-01-01 24:00:00", "2018-01-01 10:61:00", "0000-01-01",
     "٢٠١٨-٠١-٠١", "2018-01-01 10:00:00 PST", "NaT", "-", "1514793796"],
)  # fmt: skip
def test_what_is_no_time_is_not_read(text):
    wall, bad = parse_stamps([text], ["iso"])
    assert (wall[0], bad) == (ABSENT, [0])


@pytest.mark.parametrize(
    ("text", "hour"), [("12:00:00 AM", 0), ("12:00:00 PM", 12), ("1:00:00 pm", 13)]
)
def test_noon_and_midnight_of_a_twelve_hour_clock(text, hour):
    parse = compile_format("%m/%d/%Y %I:%M:%S %p")
    assert parse(f"04/02/2020 {text}") == us(datetime.datetime(2020, 4, 2, hour))
    assert parse("04/02/2020 13:00:00 PM") is None


@pytest.mark.parametrize("text", ["7:05", "07:05", "0705", "07:05:00"])
def test_a_time_of_day_may_be_written_in_four_ways(text):
    assert clock_us(text) == (7 * 60 + 5) * 60_000_000


@pytest.mark.parametrize("text", ["24:00", "7:60", "705", "", "7", "07:05 PM", "99999"])
def test_what_is_no_time_of_day_is_not_read(text):
    found = clock_us(text)
    assert found is None or text == "705"  # 7:05 without its colon


def test_absent_stays_absent():
    wall, bad = parse_stamps([None, "2018-01-01"], ["%d.%m.%Y", "iso"])
    assert wall.tolist() == [ABSENT, us(datetime.datetime(2018, 1, 1))]
    assert bad == []
