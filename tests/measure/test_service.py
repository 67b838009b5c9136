"""The service report: its definitions, one by one."""

import csv
import random

import pytest

from answerable.measure.service import CallFact, service_report

S = 1_000_000
BASE = 1_585_810_902 * S


def call(number=1, *, opened=60, sent=90, arrived=400, group="Fire", priority="3", rows=1):
    def at(seconds):
        return None if seconds is None else BASE + round(seconds * S)

    return CallFact(
        call=str(number), group=group, priority=priority, received_us=BASE, opened_us=at(opened),
        dispatched_us=at(sent), arrived_us=at(arrived), unit_rows=rows,
    )  # fmt: skip


def only(*calls):
    (row,) = service_report(calls)
    return row


def test_quantiles_interpolate_linearly():
    row = only(*[call(n, arrived=s) for n, s in enumerate((100, 200, 400))])
    assert row.p50_received_first_arrival_s == 200
    assert row.p90_received_first_arrival_s == pytest.approx(360)


def test_quantiles_are_over_the_calls_where_both_times_exist():
    row = only(call(1, opened=None), call(2, opened=40), call(3, sent=None))
    assert row.p50_received_entry_s == 50
    assert row.p50_entry_dispatch_s == 50


def test_shares_of_arrival_are_of_calls_with_an_arrival_and_include_the_limit():
    row = only(
        call(1, arrived=300), call(2, arrived=301), call(3, arrived=600), call(4, arrived=None)
    )
    assert row.calls_with_arrival == 3
    assert row.share_arrival_within_5min == 0.3333
    assert row.share_within_10min == 1.0


def test_the_share_dispatched_is_of_all_calls():
    row = only(call(1, sent=120), call(2, sent=121), call(3, sent=None))
    assert row.share_dispatch_within_2min == 0.3333


def test_a_measure_of_nothing_is_none():
    row = only(call(arrived=None, sent=None, opened=None))
    assert (row.p50_received_entry_s, row.p90_received_first_arrival_s) == (None, None)
    assert (row.share_arrival_within_5min, row.share_dispatch_within_2min) == (None, 0.0)
    assert service_report([]) == []


def test_microseconds_are_exact():
    row = only(call(arrived=300.000001))
    assert row.p50_received_first_arrival_s == 300.000001
    assert row.share_arrival_within_5min == 0.0


def test_rows_are_ordered_by_group_then_priority_and_unit_rows_add_up():
    calls = [call(1, group="b", rows=2), call(2, group="a", priority="3"),
             call(3, group="a", priority="2"), call(4, group="b", rows=3)]  # fmt: skip
    report = service_report(calls)
    assert [(r.call_type_group, r.final_priority, r.calls, r.unit_rows) for r in report] == [
        ("a", "2", 1, 1), ("a", "3", 1, 1), ("b", "3", 2, 5),
    ]  # fmt: skip


def test_the_order_of_calls_does_not_matter():
    calls = [call(n, arrived=n * 7 % 900, group="ab"[n % 2]) for n in range(200)]
    shuffled = random.Random(1).sample(calls, len(calls))
    assert service_report(calls) == service_report(shuffled)


@pytest.mark.town_data
def test_the_columns_are_those_of_the_published_reference(shared):
    name = "published/sffd_citywide_2020-04-02_2020-04-13.reference.csv"
    with (shared / name).open() as file:
        assert next(csv.reader(file)) == list(only(call()).__struct_fields__)
