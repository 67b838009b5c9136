"""A position is taken to the nearest street that can be driven, or refused in three parts."""

import math
import random

import numpy as np
import pytest

from answerable.place.errors import PlaceError
from answerable.place.snap import M_PER_DEGREE, Snapper
from answerable.place.town_places import Places
from tests.place.road_oracle import position, street, town


def metres(lon_a: float, lat_a: float, lon_b: float, lat_b: float) -> float:
    """Great-circle distance, apart from the plane that the product uses."""
    a, b = math.radians(lat_a), math.radians(lat_b)
    half = math.sin((a - b) / 2) ** 2 + math.cos(a) * math.cos(b) * (
        math.sin(math.radians(lon_a - lon_b) / 2) ** 2
    )
    return 2 * 6_371_008.8 * math.asin(math.sqrt(half))


def test_a_position_goes_to_the_nearer_end_of_the_nearest_street() -> None:
    snapper = Snapper(town(street(1, 0, 1), street(2, 10, 11), street(3, 0, 10)))
    lon, lat = position(0)
    snap = snapper.snap(lon + 0.004, lat + 0.001)
    assert (snap.node, snap.segment, snap.far) == (0, 0, False)
    assert snap.distance_m == pytest.approx(0.001 * M_PER_DEGREE, rel=1e-3)
    assert snap.node_m == pytest.approx(metres(lon, lat, lon + 0.004, lat + 0.001), rel=1e-3)
    assert snapper.snap(lon + 0.006, lat + 0.001).node == 1


def test_a_position_is_never_taken_to_a_street_without_a_way_back() -> None:
    roads = town(street(1, 0, 1), street(2, 1, 2), street(3, 11, 12, way="forward"))
    snap = Snapper(roads).snap(*position(11))
    assert roads.usable[snap.node]
    assert snap.segment == 0
    assert snap.far, "the usable street is a kilometre away"


def test_a_position_is_never_taken_to_a_path() -> None:
    roads = town(street(1, 0, 1), street(2, 0, 10, kind="path"))
    assert Snapper(roads).snap(*position(10)).segment == 0


def test_roads_without_any_two_way_journey_are_refused() -> None:
    with pytest.raises(PlaceError, match="one-way marks"):
        Snapper(town(street(1, 0, 1, way="forward")))


@pytest.mark.parametrize(
    ("lon", "lat"),
    [
        (math.nan, 37.7), (-122.4, math.inf), (-181.0, 0.0), (0.0, 90.1), (37.77, -122.42),
        ("here", 1.0), (None, None), (10**400, 1),
    ],
)  # fmt: skip
def test_a_position_off_the_earth_is_refused_in_three_parts(
    san_francisco: Places, lon, lat
) -> None:
    for ask in (san_francisco.snap, san_francisco.locate, san_francisco.near_station):
        with pytest.raises(PlaceError) as refusal:
            ask(lon, lat)
        assert refusal.value.not_done == "Position not used"
        assert "is not a position on the earth" in refusal.value.because
        assert "degrees" in refusal.value.instead
        assert len(str(refusal.value)) < 300


def test_a_position_far_from_any_road_is_taken_there_and_marked(san_francisco: Places) -> None:
    airport = san_francisco.snap(-122.379, 37.6213)
    assert airport.far
    assert 9_000 < airport.distance_m < 12_000
    assert not san_francisco.snap(-122.4194, 37.7749).far


def test_the_street_found_in_san_francisco_is_the_nearest_of_all(san_francisco: Places) -> None:
    """Against a walk over every piece of every drivable street, with great-circle metres."""
    roads, chance = san_francisco.roads, random.Random(4)
    for _ in range(10):
        lon, lat = chance.uniform(-122.5, -122.39), chance.uniform(37.715, 37.8)
        snap = san_francisco.snap(lon, lat)
        east, north = math.cos(math.radians(lat)) * M_PER_DEGREE, M_PER_DEGREE
        nearest_m = math.inf
        for segment in range(roads.segments):
            ends = [roads.segment_begin[segment], roads.segment_end[segment]]
            if not roads.usable[ends].all() or roads.segment_class[segment] == 5:
                continue
            xs, ys = roads.line(segment)
            x, y = (xs - lon) * east, (ys - lat) * north
            if min(np.hypot(x, y)) > nearest_m + 4_000:
                continue
            dx, dy = np.diff(x), np.diff(y)
            along = np.clip(-(x[:-1] * dx + y[:-1] * dy) / np.maximum(dx**2 + dy**2, 1e-9), 0, 1)
            nearest_m = min(nearest_m, *np.hypot(x[:-1] + along * dx, y[:-1] + along * dy))
        assert snap.distance_m == pytest.approx(nearest_m, abs=0.5)


def test_many_positions_together_lie_where_each_lies_alone(san_francisco: Places) -> None:
    west, south, east, north = -122.53, 37.69, -122.34, 37.85  # the town, its water, and beyond
    dice = random.Random(5)
    asked = [(dice.uniform(west, east), dice.uniform(south, north)) for _ in range(400)]
    found = san_francisco.locate_many(asked)
    assert found == [san_francisco.locate(*one) for one in asked]
    assert {one.inside for one in found} == {one.far for one in found} == {True, False}
