"""The scan: exact against its definition, finds what is planted, keeps its false alarm rate."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.matters.repeats import scan as module
from answerable.matters.repeats.calls import Spot
from answerable.matters.repeats.events import Events
from answerable.matters.repeats.scan import (
    Cluster,
    counted,
    observed,
    scanned,
    shuffled,
    streams_of,
    strongest_of,
)
from answerable.matters.repeats.zones import zones_of
from answerable.towns.repeating import Scan

from .brute import Event, circles, strongest
from .conftest import SMALL, TODAY, events, street

SPOTS = [*street(5), Spot(), Spot(-122.4, 37.78)]
"""Five places in a row, one that nobody knows where it lies, one beside the first."""
RECORDS = st.lists(
    st.tuples(st.integers(0, len(SPOTS) - 1), st.integers(0, 27)), min_size=1, max_size=40
)


def scan_of(record: Events, scan: Scan = SMALL, spots: list[Spot] | None = None) -> list[Cluster]:
    return scanned(streams(record, scan, spots), scan)


def streams(
    record: Events, scan: Scan = SMALL, spots: list[Spot] | None = None
) -> list[module.Stream]:
    where = spots or SPOTS
    return streams_of(
        record, lambda places: zones_of(places, where, scan.radius_m, scan.places), TODAY, scan
    )


@settings(max_examples=60, deadline=None)
@given(RECORDS)
def test_the_strongest_candidate_is_that_of_the_definition(record: list[tuple[int, int]]) -> None:
    made = events([place for place, _ago in record], [TODAY - ago for _place, ago in record])
    (stream,) = streams(made)
    quick = max((value for value, _at in observed(stream, SMALL)), default=0.0)
    plain = [Event(place, TODAY - ago) for place, ago in record]
    slow, zone, length = strongest(plain, SPOTS, TODAY, SMALL)
    assert quick == pytest.approx(slow, abs=1e-9)
    if slow:
        named = [
            (stream.zones.members(at[0], at[1]), int(stream.lengths[at[2]]))
            for value, at in observed(stream, SMALL)
            if value > slow - 1e-9
        ]
        assert (zone, length) in named


@settings(max_examples=40, deadline=None)
@given(RECORDS)
def test_the_circles_are_those_of_the_definition(record: list[tuple[int, int]]) -> None:
    places = np.unique(np.asarray([place for place, _ago in record], np.int64))
    zones = zones_of(places, SPOTS, SMALL.radius_m, SMALL.places)
    quick = [zones.members(slot, at) for slot, at in zip(*np.nonzero(zones.real), strict=True)]
    assert quick == circles(places.tolist(), SPOTS, SMALL)


@settings(max_examples=15, deadline=None)
@given(RECORDS, st.integers(0, 99))
def test_the_strongest_of_shuffled_records_is_that_of_the_definition(
    record: list[tuple[int, int]], seed: int
) -> None:
    """The shuffled records are counted by the other, quicker way: it must come to the same."""
    made = events([place for place, _ago in record], [TODAY - ago for _place, ago in record])
    (stream,) = streams(made)
    runs = 5
    for slot, ago, run, many in shuffled(stream, runs, np.random.default_rng(seed)):
        values = strongest_of(counted(stream, slot, ago, run, many), stream, SMALL)
        for number in range(many):
            mine = run == number
            lately = [
                Event(int(stream.zones.places[place]), TODAY - int(days))
                for place, days in zip(slot[mine], ago[mine], strict=True)
            ]
            whole = _with_rest(lately, stream)
            assert values[number] == pytest.approx(
                strongest(whole, SPOTS, TODAY, SMALL)[0], abs=1e-9
            )


def _with_rest(lately: list[Event], stream: module.Stream) -> list[Event]:
    """Return a shuffled record whole: events before the lengths, by place and weekday."""
    left: dict[tuple[int, int], int] = {}
    for slot, weekday in zip(stream.slot.tolist(), stream.weekday.tolist(), strict=True):
        place = int(stream.zones.places[slot])
        left[place, weekday] = left.get((place, weekday), 0) + 1
    for one in lately:
        left[one.place, one.day % 7] -= 1
    assert min(left.values()) >= 0
    rest = []
    for (place, weekday), count in left.items():
        day = next(d for d in range(TODAY - 700, TODAY - 690) if d % 7 == weekday)
        rest += [Event(place, day)] * count
    return lately + rest


def test_shuffling_keeps_how_many_a_place_and_a_day_have() -> None:
    rng = np.random.default_rng(3)
    made = events(rng.integers(0, 5, 300).tolist(), (TODAY - rng.integers(0, 60, 300)).tolist())
    (stream,) = streams(made)
    until = int(stream.lengths[-1])
    want = np.bincount(stream.ago[stream.ago < until], minlength=until)
    for slot, ago, run, many in shuffled(stream, 30, rng):
        for number in range(many):
            mine = run == number
            assert np.array_equal(np.bincount(ago[mine], minlength=until), want)
            for weekday in range(7):
                of = stream.slot[stream.weekday == weekday]
                drawn = slot[mine][(TODAY - ago[mine]) % 7 == weekday]
                assert np.all(np.bincount(drawn, minlength=5) <= np.bincount(of, minlength=5))


def quiet(
    rng: np.random.Generator, count: int = 400, span: int = 120, places: int = 5
) -> tuple[list[int], list[int]]:
    return rng.integers(0, places, count).tolist(), (TODAY - rng.integers(0, span, count)).tolist()


def test_a_planted_cluster_is_found_where_and_when_it_was_planted() -> None:
    place, day = quiet(np.random.default_rng(5), span=360)
    planted = [TODAY - 1] * 5 + [TODAY] * 4
    found = scan_of(events(place + [3] * 9, day + planted))
    assert found[0].places[0] == 3
    assert found[0].days == 2
    assert found[0].p == 0.01
    assert found[0].seen >= 9 > 2 * found[0].usual


def test_what_the_whole_town_has_is_no_cluster() -> None:
    """A stormy day: five times as many everywhere."""
    rng = np.random.default_rng(5)
    place, day = quiet(rng, 800)
    storm = rng.integers(0, 5, 40).tolist()
    assert scan_of(events(place + storm, day + [TODAY] * 40)) == []


def test_what_a_place_always_has_is_no_cluster() -> None:
    rng = np.random.default_rng(6)
    place, day = quiet(rng)
    often = (TODAY - rng.integers(0, 120, 600)).tolist()
    assert scan_of(events(place + [2] * 600, day + often)) == []


def test_a_street_that_is_loud_on_its_weekday_is_no_cluster_on_that_day() -> None:
    rng = np.random.default_rng(7)
    place, day = quiet(rng, 1200, 280, 30)
    loud = [TODAY - 7 * week for week in range(40) for _time in range(3)]
    assert scan_of(events(place + [4] * len(loud), day + loud), spots=street(30)) == []
    any_day = (TODAY - rng.integers(0, 280, len(loud) - 6)).tolist() + [TODAY] * 6
    found = scan_of(events(place + [4] * len(loud), day + any_day), spots=street(30))
    assert [cluster.places[0] for cluster in found] == [4]


def test_a_cluster_over_several_places_names_them_all_and_once() -> None:
    place, day = quiet(np.random.default_rng(8), 900, 120, 30)
    found = scan_of(events(place + [1, 2] * 6, day + [TODAY] * 12), spots=street(30))
    assert set(found[0].places) >= {1, 2}
    named = [one for cluster in found for one in cluster.places]
    assert len(named) == len(set(named))


def test_causes_are_weighed_together_and_found_apart() -> None:
    place, day = quiet(np.random.default_rng(9))
    cause = [0] * 200 + [1] * 200
    found = scan_of(events(place + [3] * 8, day + [TODAY] * 8, cause + [1] * 8))
    assert [cluster.cause for cluster in found] == [1]


def test_the_same_record_and_seed_give_the_same_answer() -> None:
    place, day = quiet(np.random.default_rng(5))
    record = events(place + [3] * 9, day + [TODAY] * 9)
    assert scan_of(record) == scan_of(record)


def test_of_shuffled_records_no_more_than_the_stated_share_have_a_finding() -> None:
    """Two hundred records without a cluster; 5 % may have one, and chance allows 9 % of these."""
    scan = msgspec.structs.replace(SMALL, runs=39, alpha=0.05)
    wrong = 0
    for seed in range(200):
        place, day = quiet(np.random.default_rng([11, seed]), 150, 60)
        wrong += bool(scanned(streams(events(place, day), scan), scan, seed))
    assert wrong <= 18


def test_progress_is_told_to_the_end() -> None:
    place, day = quiet(np.random.default_rng(5))
    told: list[tuple[int, int]] = []
    scanned(streams(events(place, day)), SMALL, progress=lambda done, of: told.append((done, of)))
    assert told[-1] == (99, 99)
    assert [done for done, _of in told] == sorted(done for done, _of in told)
