"""Travel times are those of plain Dijkstra, exactly, on made-up roads and on San Francisco's."""

import math
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.place.errors import PlaceError
from answerable.place.hublabels import build_labels
from answerable.place.roads import RoadGraph
from answerable.place.town_places import Places
from answerable.place.travel import Travel, UnitBuckets
from tests.place.road_oracle import dijkstra, street, town

node = st.integers(0, 24)
way = st.sampled_from(["both", "forward", "backward"])
roads_made_up = st.lists(
    st.tuples(node, node, st.integers(0, 40), way), min_size=1, max_size=70
).map(lambda rows: town(*(street(i, a, b, m, w) for i, (a, b, m, w) in enumerate(rows))))


def travel_on(roads: RoadGraph, factor: float = 1.0, start_s: float = 0.0) -> Travel:
    return Travel(roads, build_labels(roads.out), factor, start_s)


@settings(max_examples=150, deadline=None)
@given(roads_made_up)
def test_every_time_is_dijkstras_and_no_way_is_infinite(roads: RoadGraph) -> None:
    travel = travel_on(roads)
    for a in range(roads.nodes):
        best = dijkstra(roads, a)
        for b in range(roads.nodes):
            assert travel.time_s(a, b) == pytest.approx(best[b] / 10, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(roads_made_up, st.data())
def test_all_units_times_are_dijkstras_after_any_moves(roads: RoadGraph, data) -> None:
    travel = travel_on(roads, factor=1.5, start_s=20.0)
    buckets = UnitBuckets(travel, capacity=1)
    standing: dict[int, tuple[int, float]] = {}
    unit, at = st.integers(0, 5), st.integers(0, roads.nodes - 1)
    for _ in range(data.draw(st.integers(0, 25))):
        name = data.draw(unit)
        if data.draw(st.booleans()):
            standing[name] = (data.draw(at), data.draw(st.sampled_from([0.0, 7.5])))
            buckets.put(name, *standing[name])
        else:
            standing.pop(name, None)
            buckets.drop(name)
    goal = data.draw(at)
    times_s = dict(zip(buckets.units, buckets.times_to(goal).tolist(), strict=True))
    assert times_s.keys() == standing.keys()
    for name, (place, offset_s) in standing.items():
        expected = dijkstra(roads, place)[goal] / 10 * 1.5 + 20.0 + offset_s
        assert times_s[name] == pytest.approx(expected, abs=1e-6)
        assert times_s[name] == pytest.approx(travel.time_s(place, goal) + offset_s, abs=1e-9)


@settings(max_examples=60, deadline=None)
@given(roads_made_up, st.data())
def test_a_route_drives_real_arcs_and_takes_the_time_stated(roads: RoadGraph, data) -> None:
    travel = travel_on(roads, factor=2.0, start_s=30.0)
    a, b = (data.draw(st.integers(0, roads.nodes - 1)) for _ in "ab")
    route = travel.route(a, b)
    assert (route is None) == math.isinf(travel.time_s(a, b))
    if route is not None and a != b:
        assert route.at_s[0] == 0
        assert route.at_s[-1] == pytest.approx(travel.time_s(a, b))
        assert (np.diff(route.at_s) >= 0).all()
        assert (route.lon[0], route.lat[0]) == (roads.lon[a], roads.lat[a])
        assert (route.lon[-1], route.lat[-1]) == (roads.lon[b], roads.lat[b])


def test_a_one_way_street_is_driven_one_way() -> None:
    travel = travel_on(town(street(1, 0, 1, way="forward"), street(2, 3, 2, way="backward")))
    assert travel.time_s(0, 1) == 10.0
    assert travel.time_s(1, 0) == math.inf
    assert travel.route(1, 0) is None
    assert travel.time_s(2, 3) == 10.0
    assert travel.time_s(3, 2) == math.inf


def test_a_path_is_not_driven() -> None:
    travel = travel_on(town(street(1, 0, 1), street(2, 1, 2, kind="path"), street(3, 2, 3)))
    assert travel.time_s(0, 3) == math.inf


def test_a_route_against_the_drawn_direction_is_drawn_backwards() -> None:
    travel = travel_on(town(street(1, 1, 0), street(2, 1, 2)))
    route = travel.route(0, 2)
    assert route is not None
    assert route.lon.tolist() == [-122.4, -122.39, -122.38]
    assert route.at_s.tolist() == [0, 10, 20]
    assert route.streets == ("1 St", "2 St")
    assert route.length_m == 200
    assert route.position(5) == pytest.approx((-122.395, 37.7))
    assert route.position(99) == pytest.approx((-122.38, 37.7))


def test_san_franciscos_times_are_dijkstras(san_francisco: Places) -> None:
    roads = san_francisco.roads
    travel = Travel(roads, san_francisco.travel.labels)
    chance = random.Random(20)
    sources = chance.sample(range(roads.nodes), 12)
    cut_off = np.flatnonzero(~roads.usable)[:2].tolist()
    buckets = UnitBuckets(travel)
    for source in sources + cut_off:
        buckets.put(source, source)
    best = {source: dijkstra(roads, source) for source in sources + cut_off}
    for goal in chance.sample(range(roads.nodes), 400) + cut_off:
        times_s = buckets.times_to(goal)
        for source, time_s in zip(buckets.units, times_s.tolist(), strict=True):
            assert time_s == pytest.approx(best[source][goal] / 10, abs=1e-6)


def test_san_franciscos_routes_follow_the_streets(san_francisco: Places) -> None:
    travel, roads = san_francisco.travel, san_francisco.roads
    homes = [station.node for station in san_francisco.stations.values()]
    for a, b in zip(homes[:10], homes[10:20], strict=True):
        route = travel.route(a, b)
        assert route is not None
        assert route.at_s[-1] == pytest.approx(travel.time_s(a, b))
        drawn = set(zip(roads.line_lon.tolist(), roads.line_lat.tolist(), strict=True))
        assert set(zip(route.lon.tolist(), route.lat.tolist(), strict=True)) <= drawn


def test_labels_of_other_streets_are_refused() -> None:
    one, other = town(street(1, 0, 1)), town(street(1, 0, 1, m=50))
    with pytest.raises(PlaceError, match="built from other streets"):
        Travel(one, build_labels(other.out))


@pytest.mark.parametrize("factor", [0.0, -1.0, math.nan, math.inf])
def test_a_factor_that_makes_no_time_is_refused(factor: float) -> None:
    roads = town(street(1, 0, 1))
    with pytest.raises(PlaceError, match="make no driving time"):
        Travel(roads, build_labels(roads.out), factor)


@pytest.mark.parametrize("wrong", [-1, 2, 10**9])
def test_a_junction_that_is_not_there_is_refused(wrong: int) -> None:
    travel = travel_on(town(street(1, 0, 1)))
    buckets = UnitBuckets(travel)
    for ask in (
        lambda: travel.time_s(wrong, 0),
        lambda: travel.time_s(0, wrong),
        lambda: travel.route(0, wrong),
        lambda: buckets.put("E1", wrong),
        lambda: buckets.times_to(wrong),
    ):
        with pytest.raises(PlaceError, match="no junction"):
            ask()
    assert travel.time_s(0, 1) == 10.0, "a refusal leaves nothing behind"


@pytest.mark.parametrize("offset_s", [-1.0, math.nan, math.inf])
def test_an_absurd_delay_is_refused_and_the_unit_not_placed(offset_s: float) -> None:
    buckets = UnitBuckets(travel_on(town(street(1, 0, 1))))
    with pytest.raises(PlaceError, match="not a number of seconds"):
        buckets.put("E1", 0, offset_s)
    assert "E1" not in buckets
    assert len(buckets.times_to(0)) == 0


def test_the_oracle_would_notice_a_wrong_label() -> None:
    """The harness hurts: one label entry changed by a tenth of a second is caught."""
    roads = town(street(1, 0, 1), street(2, 1, 2), street(3, 2, 0, way="forward"))
    labels = build_labels(roads.out)
    labels.forward.ticks[labels.forward.ticks > 0] += 1
    travel = Travel(roads, labels)
    wrong = [
        (a, b)
        for a in range(roads.nodes)
        for b in range(roads.nodes)
        if travel.time_s(a, b) != dijkstra(roads, a)[b] / 10
    ]
    assert wrong
