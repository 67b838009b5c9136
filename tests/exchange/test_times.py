"""Local times become instants: the repeated hour, the skipped hour, midnight, disorder."""

# ruff: noqa: DTZ001 - wall times have no zone
import datetime
import itertools
import zoneinfo

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.exchange.calls.stamps import ABSENT
from answerable.exchange.calls.times import Flag, order_marks, roll_over, to_instants

SF = "America/Los_Angeles"
EPOCH = datetime.datetime(1970, 1, 1)


def wall(*texts: str) -> list[int]:
    """Wall times of 4 November 2018 (or a whole stamp), in microseconds; "-" is absent."""
    found = []
    for text in texts:
        if text == "-":
            found.append(ABSENT)
            continue
        stamp = text if " " in text else f"2018-11-04 {text}"
        step = datetime.datetime.fromisoformat(stamp) - EPOCH
        found.append(step // datetime.timedelta(microseconds=1))
    return found


def instants(*rows: list[int], calls=None, shared=1, zone=SF):
    return to_instants(zone, np.array(rows, np.int64), calls or list(range(len(rows))), shared)


def durations_s(utc) -> list[float]:
    return [(b - a) / 1e6 for a, b in itertools.pairwise(utc)]


def test_the_repeated_hour_of_4_november_2018_alters_no_duration():
    """B8: read naively these waits are -71, -844, -2,446 and -3,046 s."""
    for naive_s in (-71, -844, -2446, -3046):
        begin = wall("01:55:00")[0]
        utc, flags = instants([begin, begin + naive_s * 1_000_000])
        assert durations_s(utc[0]) == [3600 + naive_s]
        assert flags[0, 0] & Flag.REPEATED_HOUR


def test_a_call_that_ends_after_the_repeated_hour_began_in_its_second_pass():
    utc, _ = instants(wall("01:50:00", "01:55:00", "02:05:00"))
    assert durations_s(utc[0]) == [300, 600]


def test_a_call_that_began_before_the_repeated_hour_ends_in_its_first_pass():
    utc, _ = instants(wall("00:50:00", "01:05:00", "01:10:00"))
    assert durations_s(utc[0]) == [900, 300]


def test_between_two_equal_readings_the_first_pass_is_taken_and_marked():
    utc, flags = instants(wall("01:10:00", "01:20:00"))
    first = datetime.datetime(2018, 11, 4, 1, 10, fold=0, tzinfo=zoneinfo.ZoneInfo(SF))
    assert utc[0, 0] == int(first.timestamp()) * 1_000_000
    assert (flags[0] & Flag.REPEATED_HOUR).all()


def test_all_rows_of_a_call_agree_on_when_it_was_received():
    utc, _ = instants(
        wall("01:50:00", "01:55:00", "-"),
        wall("01:50:00", "01:52:00", "02:01:00"),
        calls=["a", "a"],
    )
    assert utc[0, 0] == utc[1, 0]
    assert durations_s(utc[1]) == [120, 540]
    assert durations_s(utc[0][:2]) == [300]


def test_a_stamp_of_the_skipped_hour_is_read_with_the_offset_before_it_and_marked():
    utc, flags = instants(wall("2018-03-11 01:59:00", "2018-03-11 02:30:00", "2018-03-11 03:31:00"))
    assert durations_s(utc[0]) == [31 * 60, 60]
    assert flags[0].tolist() == [0, Flag.SKIPPED_HOUR, 0]


def test_a_stage_that_keeps_the_date_of_the_call_past_midnight_gets_its_day_and_a_mark():
    rows = np.array(
        [
            wall("2016-01-01 23:58:00", "2016-01-01 00:02:00", "2016-01-01 01:00:00"),
            wall("2016-01-01 23:58:00", "2016-01-02 00:02:00", "2016-01-01 01:00:00"),
            wall("2016-01-01 10:00:00", "2016-01-01 09:59:00", "2016-01-01 10:30:00"),
        ],
        np.int64,
    )
    flags = roll_over(rows, 43_200)
    assert durations_s(rows[0]) == [240, 3480]
    assert durations_s(rows[1]) == [240, 3480]
    assert durations_s(rows[2]) == [-60, 1860], "a minute out of order is no midnight"
    assert flags.tolist() == [[0, 1, 1], [0, 0, 1], [0, 0, 0]]


def test_a_day_is_added_over_a_clock_change_in_wall_time():
    rows = np.array([wall("2018-11-03 23:50:00", "2018-11-03 00:10:00")], np.int64)
    roll_over(rows, 43_200)
    utc, _ = instants(rows[0].tolist())
    assert durations_s(utc[0]) == [1200]


def test_stamps_out_of_order_are_marked_and_kept():
    utc, flags = instants(wall("12:00:00", "11:59:00", "-", "12:05:00"))
    assert durations_s([utc[0, 0], utc[0, 1], utc[0, 3]]) == [-60, 360]
    assert order_marks(utc)[0].tolist() == [0, Flag.OUT_OF_ORDER, 0, 0]
    assert not flags.any()


def test_half_hour_clock_changes_are_known():
    begin = wall("2018-04-01 01:45:00")[0]  # Lord Howe goes back half an hour at two
    utc, flags = instants([begin, begin - 5 * 60_000_000], zone="Australia/Lord_Howe")
    assert durations_s(utc[0]) == [25 * 60]
    assert flags[0, 0] == Flag.REPEATED_HOUR


ZONES = ["America/Los_Angeles", "Europe/London", "Australia/Lord_Howe", "UTC", "Asia/Kolkata"]


@settings(deadline=None)
@given(
    st.sampled_from(ZONES),
    st.lists(
        st.datetimes(datetime.datetime(1971, 1, 1), datetime.datetime(2090, 1, 1)),
        min_size=1, max_size=5,
    ),
)  # fmt: skip
def test_single_stamps_agree_with_zoneinfo(zone, values):
    info = zoneinfo.ZoneInfo(zone)
    for value in values:
        us = (value - EPOCH) // datetime.timedelta(microseconds=1)
        utc, flags = instants([us], zone=zone)
        offset = value.replace(tzinfo=info, fold=0).utcoffset()
        assert utc[0, 0] == us - offset // datetime.timedelta(microseconds=1)
        again = value.replace(tzinfo=info, fold=1).utcoffset()
        assert bool(flags[0, 0]) == (offset != again)


@settings(deadline=None)
@given(
    st.integers(-7200, 7200),
    st.lists(st.integers(0, 5400), min_size=1, max_size=7),
)
def test_true_sequences_around_the_clock_change_come_back_in_order(start_s, steps_s):
    """Instants in order, shown as the clock showed them, are resolved to an order again."""
    info = zoneinfo.ZoneInfo(SF)
    change = int(datetime.datetime(2018, 11, 4, 9, tzinfo=datetime.UTC).timestamp())
    true = list(np.cumsum([change + start_s, *steps_s]).tolist())
    shown = [
        (datetime.datetime.fromtimestamp(t, info).replace(tzinfo=None) - EPOCH)
        // datetime.timedelta(microseconds=1)
        for t in true
    ]
    utc, _ = instants(shown)
    assert all(step >= 0 for step in durations_s(utc[0]))
    assert utc[0, -1] - utc[0, 0] <= (true[-1] - true[0]) * 1_000_000
