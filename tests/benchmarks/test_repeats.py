"""The benchmark of repeat places: its short cut says what the product says."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from answerable.matters.repeats.scan import scanned, streams_of
from answerable.matters.repeats.zones import zones_of
from benchmarks import repeats
from tests.matters.repeats.conftest import SMALL, TODAY, events, street


def test_the_short_cut_finds_something_exactly_where_the_product_does():
    spots, said = street(5), []
    for alpha in (0.02, 0.05, 0.2):
        scan = msgspec.structs.replace(SMALL, runs=99, alpha=alpha)
        for seed in range(25):
            rng = np.random.default_rng([3, seed])
            more = seed % 4
            place = [*rng.integers(0, 5, 120).tolist(), *[2] * more]
            day = [*(TODAY - rng.integers(0, 60, 120)).tolist(), *[TODAY] * more]
            cause = [*rng.integers(0, 2, 120).tolist(), *[0] * more]
            streams = streams_of(
                events(place, day, cause),
                lambda at: zones_of(at, spots, SMALL.radius_m, SMALL.places), TODAY, scan,
            )  # fmt: skip
            said.append(repeats.finds_any(streams, scan, seed))
            assert said[-1] == bool(scanned(streams, scan, seed))
    assert 5 < sum(said) < len(said) - 5


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [
        (16, 300, 0.0308, 0.0852),
        (0, 10, 0.0, 0.3085),
        (10, 10, 0.6915, 1.0),
        (1, 2, 0.0126, 0.9874),
    ],
)
def test_the_true_share_lies_where_clopper_and_pearson_say(count, of, low, high):
    assert repeats.between(count, of) == pytest.approx((low, high), abs=5e-5)


def test_so_many_or_more_of_thousands_is_a_probability():
    assert repeats.or_more(0, 3000, 0.01) == pytest.approx(1.0)
    assert repeats.or_more(2, 3, 0.5) == pytest.approx(0.5)
    assert repeats.or_more(300, 3000, 0.01) < 1e-9


def test_records_without_clusters_keep_what_each_place_cause_and_day_have():
    rng = np.random.default_rng(4)
    record = events(rng.integers(0, 5, 200).tolist(), (TODAY - rng.integers(0, 60, 200)).tolist())
    other = repeats.without_clusters(record, rng)
    assert sorted(other.day.tolist()) == sorted(record.day.tolist())
    assert sorted(other.place.tolist()) == sorted(record.place.tolist())
    assert (
        other.day.tolist() != record.day.tolist() or other.place.tolist() != record.place.tolist()
    )
