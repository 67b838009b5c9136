"""What is left behind: counted unit by unit, the same as counted afresh; and who should move up."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from answerable.dispatch.cover import Cover, Gap, middle_station
from answerable.dispatch.moveup import MOVES_MAX, _Search, move_ups
from answerable.place.reach import Reach
from answerable.place.town_places import Places, load_places
from answerable.towns.load import town_folder
from answerable.towns.sending import CoverRule, Expected, Sending

ENGINES = CoverRule("engines", ("ENGINE",), within_s=300, each="battalion", least=1)
BUSY = 0.4


@pytest.fixture(scope="module")
def places() -> Places:
    return load_places(town_folder("san_francisco"))


def node(places: Places, station: str) -> int:
    return places.stations[station].node


def covering(places: Places, *rules: CoverRule, **units: str) -> Cover:
    """Return cover by rules with units at stations: E1="01"."""
    cover = Cover(Sending(cover=rules), places)
    for name, station in units.items():
        cover.put(name, "MEDIC" if name[0] == "M" else "ENGINE", node(places, station))
    return cover


# -- reach -----------------------------------------------------------------------------------


def test_the_times_to_many_places_are_those_to_each(places):
    nodes = [station.node for station in places.stations.values()]
    reach = Reach(places.travel, nodes)
    for start in (nodes[0], nodes[7], 1234):
        assert reach.times_s(start) == [places.travel.time_s(start, to) for to in nodes]
    assert Reach(places.travel, []).times_s(nodes[0]) == []


# -- rules -----------------------------------------------------------------------------------


def test_a_unit_counts_for_every_place_it_reaches_in_time(places):
    cover = covering(places, ENGINES, E1="01")
    times_s = cover.times_s(node(places, "01"))
    reached = {g.place for g in cover.groups if times_s[g.point] <= 300}
    assert {cover.groups[n].place for n in cover.of("E1")} == reached
    assert 0 < len(reached) < len(cover.groups)
    assert {gap.place for gap in cover.broken()} == set(places.battalion_names) - reached


def test_a_unit_of_another_type_does_not_count(places):
    assert covering(places, ENGINES, M1="01").of("M1") == ()


def test_the_last_one_to_go_leaves_a_gap_and_the_first_does_not(places):
    cover = covering(places, ENGINES, E1="01", E2="01")
    assert cover.gaps("E1", {}) == ()
    spent = dict.fromkeys(cover.of("E1"), 1)
    gaps = cover.gaps("E2", spent)
    assert gaps
    assert {(gap.rule, gap.left, gap.least) for gap in gaps} == {("engines", 0, 1)}


def test_a_unit_that_does_not_count_leaves_no_gap(places):
    assert covering(places, ENGINES).gaps("E9", {}) == ()


def test_a_rule_may_name_the_places_it_holds_for(places):
    rule = CoverRule("two", ("ENGINE",), 300, each="station", only=("01", "13"))
    assert [group.place for group in covering(places, rule).groups] == ["01", "13"]


def test_each_neighbourhood_is_reached_at_its_middle(places):
    rule = CoverRule("all", ("ENGINE",), 300, each="neighborhood")
    cover = covering(places, rule)
    assert {group.place for group in cover.groups} == set(places.areas.names)


def test_the_middle_of_a_battalion_is_the_station_its_others_are_nearest_to(places):
    nodes = [s.node for s in places.stations.values() if s.battalion == "B03"]
    sums = {a: sum(places.travel.time_s(a, b) for b in nodes) for a in nodes}
    assert sums[middle_station("B03", places)] == min(sums.values())


def test_without_rules_nothing_is_broken_and_all_is_kept(places):
    cover = covering(places)
    assert (bool(cover), cover.broken(), cover.kept()) == (False, (), 1.0)


moves = st.lists(
    st.tuples(
        st.sampled_from(["put", "put", "drop"]), st.sampled_from(["E1", "E2", "M1", "E3"]),
        st.sampled_from(["01", "13", "18", "19", "40"]),
    ),
    max_size=12,
)  # fmt: skip


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(moves)
def test_what_was_counted_one_by_one_is_what_is_counted_afresh(places, made):
    sending = Sending(
        cover=(ENGINES, CoverRule("all", ("ENGINE", "MEDIC"), 240, each="station", least=2)),
        expected=Expected(("ENGINE",), 300, BUSY),
    )
    cover, at = Cover(sending, places), {}
    for what, unit, station in made:
        kind = "MEDIC" if unit[0] == "M" else "ENGINE"
        if what == "put":
            cover.put(unit, kind, node(places, station))
            at[unit] = (kind, node(places, station))
        else:
            cover.drop(unit)
            at.pop(unit, None)
    again = Cover(sending, places)
    for unit, (kind, there) in at.items():
        again.put(unit, kind, there)
    assert cover.counts == again.counts
    assert cover.score.counts.tolist() == again.score.counts.tolist()
    for number, group in enumerate(cover.groups):
        there = [n for kind, n in at.values() if kind in group.rule.types]
        near = [n for n in there if cover.times_s(n)[group.point] <= group.rule.within_s]
        assert cover.counts[number] == len(near)
    cover.clear()
    assert set(cover.counts) == {0}


# -- expected cover --------------------------------------------------------------------------


def test_the_expected_cover_is_that_of_mexclp(places):
    """Sum over places of demand x (1 - q^k), as a share of all demand."""
    demand = {"Tenderloin": 3.0, "Mission": 1.0}
    expected = Expected(("ENGINE",), 300, BUSY, demand)
    cover = Cover(Sending(expected=expected), places)
    for name, station in {"E1": "01", "E2": "01", "E3": "07"}.items():
        cover.put(name, "ENGINE", node(places, station))
    middles = {n: places.snap(lon, lat).node for n, lon, lat in places.areas.middles()}
    stands = [node(places, s) for s in ("01", "01", "07")]
    by_hand = 0.0
    for name, weight in demand.items():
        times = [places.travel.time_s(at, middles[name]) for at in stands]
        by_hand += weight * (1 - BUSY ** sum(t <= 300 for t in times))
    assert cover.score.now() == pytest.approx(by_hand / 4)


def test_what_the_last_unit_adds_is_the_marginal_benefit_of_dmexclp(places):
    """d (1 - q) q^(k-1): what is lost when the k-th unit goes."""
    cover = Cover(Sending(expected=Expected(("ENGINE",), 300, BUSY, {"Tenderloin": 1.0})), places)
    for name in ("E1", "E2", "E3"):
        cover.put(name, "ENGINE", node(places, "01"))
    assert cover.score.counts.max() == 3
    lost = cover.score.now() - cover.score.without(["E1"])
    assert lost == pytest.approx((1 - BUSY) * BUSY**2)


# -- move-ups --------------------------------------------------------------------------------


def proposed(cover: Cover, places: Places, stations=("01", "13", "18", "19", "40")):
    spare = {unit: at for unit, (_, at) in cover.counted().items()}
    return move_ups(cover, spare, {s: node(places, s) for s in stations}, places.travel)


WEST = CoverRule("west", ("ENGINE",), 240, each="station", only=("18", "01"))


def test_a_spare_unit_is_proposed_for_the_station_that_mends_what_is_broken(places):
    cover = covering(places, WEST, E1="01", E2="01")
    [move] = proposed(cover, places, ("01", "13", "18"))
    assert (move.station, move.mends) == ("18", (Gap("west", "18", 0, 1),))
    assert move.drive_s == places.travel.time_s(node(places, "01"), node(places, "18"))
    assert move.kept == (0.5, 1.0)
    before_s = places.travel.time_s(node(places, "01"), node(places, "18"))
    assert move.sooner_s == pytest.approx(before_s - places.travel.start_s)


def test_nothing_is_proposed_where_nothing_is_broken(places):
    assert proposed(covering(places, WEST, E1="01", E2="18"), places) == ()


def test_no_hole_is_torn_to_mend_another(places):
    assert proposed(covering(places, WEST, E1="01"), places) == ()


def brute(cover: Cover, spare, stations, travel):
    """Try every set of moves; return the rank of the best."""
    at = cover.counted()

    def rank(chosen):
        bound = {unit: where for unit, (_, where) in at.items()} | {
            unit: stations[station] for unit, station in chosen
        }
        missing = 0
        for group in cover.groups:
            near = sum(
                kind in group.rule.types
                and cover.times_s(bound[unit])[group.point] <= group.rule.within_s
                for unit, (kind, _) in at.items()
            )
            missing += max(0, group.rule.least - near)
        drive_s = sum(travel.time_s(spare[u], stations[s]) for u, s in chosen)
        counts = np.zeros_like(cover.score.counts)
        for unit, (kind, _) in at.items():
            if kind in cover.score.rule.types:
                counts = counts + cover.score.mask(bound[unit])
        return missing, len(chosen), round(-cover.score.of(counts), 6), drive_s

    every = [(u, s) for u in spare for s in stations if stations[s] != at[u][1]]
    sets = [()] + [
        chosen
        for size in range(1, MOVES_MAX + 1)
        for chosen in itertools.combinations(every, size)
        if len({unit for unit, _ in chosen}) == size
    ]
    return min(map(rank, sets))


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.sampled_from(["01", "13", "18", "19", "40"]), min_size=1, max_size=4),
    st.sampled_from([120, 200, 300]), st.integers(1, 2),
)  # fmt: skip
def test_the_best_moves_are_those_that_trying_everything_finds(places, homes, within_s, least):
    rule = CoverRule(
        "r", ("ENGINE",), within_s, each="station", least=least, only=("13", "18", "19")
    )
    sending = Sending(cover=(rule,), expected=Expected(("ENGINE",), 300, BUSY))
    cover = Cover(sending, places)
    for number, station in enumerate(homes):
        cover.put(f"E{number}", "ENGINE", node(places, station))
    spare = {unit: at for unit, (_, at) in cover.counted().items()}
    stations = {s: node(places, s) for s in ("01", "13", "18", "19")}
    least_missing, many, cover_lost, drive_s = brute(cover, spare, stations, places.travel)
    found = move_ups(cover, spare, stations, places.travel)
    assert len(found) == many
    search = _Search(cover, spare, stations, places.travel)
    rank = search.rank(tuple((move.unit, move.station) for move in found))
    assert (rank[0], rank[1]) == (least_missing, pytest.approx(cover_lost, abs=1e-6))
    assert rank[2] == pytest.approx(drive_s)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.sampled_from(["01", "13", "18", "19", "40"]), min_size=1, max_size=5))
def test_one_by_one_the_first_move_is_the_best_single_one(places, homes):
    rule = CoverRule("r", ("ENGINE",), 200, each="station", only=("13", "18", "19", "40"))
    cover = covering(places, rule, **{f"E{n}": home for n, home in enumerate(homes)})
    spare = {unit: at for unit, (_, at) in cover.counted().items()}
    stations = {s: node(places, s) for s in ("01", "13", "18", "19", "40")}
    search = _Search(cover, spare, stations, places.travel)
    found = search._one_by_one()
    singles = [search.rank((move,)) for move in search.moves]
    best = min(singles, default=(math.inf,))
    if found:
        assert search.rank(found[:1]) == best
    else:
        assert best[0] >= search.missing
