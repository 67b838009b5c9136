"""Rules and records the tests of repeat places are made of."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from answerable.matters.repeats.calls import Spot
from answerable.matters.repeats.events import Events
from answerable.towns.repeating import RepeatsFile, Scan, packaged_repeats

TODAY = 737_000
"""A day of 2018, as ``toordinal`` counts."""
SMALL = Scan(lengths_days=(1, 2, 4, 7), radius_m=250, places=3, least=2, runs=99, alpha=0.05)


@pytest.fixture
def rules() -> RepeatsFile:
    """Return the packaged rules with a scan that is quick."""
    return msgspec.structs.replace(packaged_repeats(), scan=SMALL)


def events(place: list[int], day: list[int], cause: list[int] | None = None) -> Events:
    """Return events of places on days; of one cause where none is given."""
    where, when = np.asarray(place, np.int64), np.asarray(day, np.int64)
    of = np.asarray(cause if cause is not None else [0] * len(place), np.int64)
    ones = np.ones(len(place), np.int64)
    at = when * 86_400_000_000
    order = np.argsort(at, kind="stable")
    zero = np.zeros(len(place), np.int64)
    return Events(where, of, at, zero, when, ones, ones, zero.astype(bool)).taken(order)


def street(places: int, step: float = 0.001) -> list[Spot]:
    """Return places in a row, about 88 metres apart in San Francisco."""
    return [Spot(-122.4 + step * at, 37.78, "Row") for at in range(places)]
