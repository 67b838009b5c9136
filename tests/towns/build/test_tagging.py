"""Each rule of tagging, on a map written out by hand: driven or not, which way, how fast."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.towns.build.maps import (
    ROW,
    STREET,
    graph,
    node,
    one_street,
    relation,
    streets,
    way,
)


@pytest.mark.parametrize(
    ("highway", "expected"),
    [
        ("motorway", "freeway"), ("motorway_link", "ramp"), ("trunk", "main"),
        ("trunk_link", "ramp"), ("primary", "main"), ("secondary", "main"), ("tertiary", "main"),
        ("tertiary_link", "ramp"), ("unclassified", "street"), ("residential", "street"),
        ("living_street", "street"), ("road", "street"), ("service", "lane"),
    ],
)  # fmt: skip
def test_a_highway_for_motor_vehicles_has_its_class(
    tmp_path: Path, highway: str, expected: str
) -> None:
    segment = one_street(tmp_path, {"highway": highway})
    assert segment is not None
    assert segment.told.road_class == expected


@pytest.mark.parametrize(
    "tags",
    [
        {"highway": "footway"}, {"highway": "steps"}, {"highway": "path"}, {"highway": "cycleway"},
        {"highway": "pedestrian"}, {"highway": "construction"}, {"highway": "proposed"},
        {"highway": "raceway"}, {"highway": "bus_guideway"}, {"highway": "platform"},
        {"route": "ferry"}, {"railway": "rail"},
        {"highway": "track"}, {"highway": "track", "tracktype": "grade3"},
        {"highway": "residential", "access": "no"},
        {"highway": "residential", "motor_vehicle": "no"},
        {"highway": "residential", "access": "yes", "motor_vehicle": "no"},
        {"highway": "residential", "emergency": "no"},
        {"highway": "residential", "area": "yes"},
        {"highway": "residential", "oneway": "reversible"},
        {"highway": "residential", "oneway": "yes", "motor_vehicle:forward": "no"},
        {"highway": "residential", "vehicle:forward": "no", "vehicle:backward": "no"},
        {"highway": "service", "access": "private"},
        {"highway": "track", "tracktype": "grade1", "access": "private"},
        {"highway": "service", "service": "driveway"},
        {"highway": "service", "service": "parking_aisle"},
        {"highway": "service", "access": "no", "bus": "yes"},
    ],
)  # fmt: skip
def test_a_way_that_a_crew_cannot_be_promised_is_not_driven(
    tmp_path: Path, tags: dict[str, str]
) -> None:
    assert one_street(tmp_path, tags) is None


@pytest.mark.parametrize(
    "tags",
    [
        {"highway": "residential", "access": "private"},
        {"highway": "residential", "access": "destination"},
        {"highway": "residential", "access": "no", "motor_vehicle": "yes"},
        {"highway": "residential", "access": "no", "emergency": "yes"},
        {"highway": "footway", "emergency": "designated"},
        {"highway": "pedestrian", "emergency": "yes"},
        {"highway": "pedestrian", "motor_vehicle": "destination"},
        {"highway": "busway", "emergency": "yes"},
        {"highway": "service", "access": "customers"},
        {"highway": "service", "access": "private", "emergency": "yes"},
        {"highway": "service", "service": "driveway", "emergency": "yes"},
        {"highway": "service", "access": "no", "service": "emergency_access"},
        {"highway": "service", "service": "alley"},
        {"highway": "track", "tracktype": "grade1"},
        {"highway": "track", "tracktype": "grade2", "motor_vehicle": "agricultural"},
    ],
)  # fmt: skip
def test_a_way_that_is_open_to_emergency_crews_is_driven(
    tmp_path: Path, tags: dict[str, str]
) -> None:
    assert one_street(tmp_path, tags) is not None


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({}, "both"), ({"oneway": "yes"}, "forward"), ({"oneway": "1"}, "forward"),
        ({"oneway": "true"}, "forward"), ({"oneway": "-1"}, "backward"), ({"oneway": "no"}, "both"),
        ({"oneway": "alternating"}, "both"),
        ({"junction": "roundabout"}, "forward"), ({"junction": "circular"}, "forward"),
        ({"junction": "roundabout", "oneway": "no"}, "both"),
        ({"junction": "roundabout", "oneway": "-1"}, "backward"),
        ({"highway": "motorway"}, "forward"), ({"highway": "motorway", "oneway": "no"}, "both"),
        ({"highway": "motorway_link"}, "both"),
        ({"oneway": "yes", "oneway:emergency": "no"}, "both"),
        ({"oneway": "yes", "oneway:motor_vehicle": "no"}, "both"),
        ({"oneway": "yes", "oneway:bicycle": "no"}, "forward"),
        ({"motor_vehicle:backward": "no"}, "forward"), ({"vehicle:forward": "no"}, "backward"),
    ],
)  # fmt: skip
def test_a_way_is_driven_in_the_direction_the_map_says(
    tmp_path: Path, tags: dict[str, str], expected: str
) -> None:
    segment = one_street(tmp_path, STREET | tags)
    assert segment is not None
    assert segment.told.way == expected


@pytest.mark.parametrize(
    ("tags", "kmh"),
    [
        ({}, 25), ({"maxspeed": "30"}, 30), ({"maxspeed": "30 km/h"}, 30),
        ({"maxspeed": "20 mph"}, 32.19), ({"maxspeed": "20mph"}, 32.19),
        ({"maxspeed": "10 knots"}, 18.52), ({"maxspeed": "walk"}, 7), ({"maxspeed": "none"}, 130),
        ({"maxspeed": "CH:urban"}, 50), ({"maxspeed": "RU:urban"}, 60),
        ({"maxspeed": "XX:urban"}, 50), ({"maxspeed": "DE:zone:30"}, 30),
        ({"maxspeed": "AT:zone30"}, 30), ({"maxspeed": "50;30"}, 30),
        ({"maxspeed:forward": "50", "maxspeed:backward": "40"}, 40),
        ({"zone:maxspeed": "DE:30"}, 30), ({"source:maxspeed": "DE:rural"}, 100),
        ({"maxspeed": "signals", "zone:traffic": "CH:urban"}, 50),
        ({"maxspeed": "signals"}, 25), ({"maxspeed": "fast"}, 25), ({"maxspeed": "0"}, 25),
        ({"maxspeed": "999"}, 25), ({"highway": "primary"}, 65), ({"highway": "service"}, 15),
        ({"highway": "service", "maxspeed": "50"}, 15),
        ({"highway": "service", "maxspeed": "5"}, 5),
    ],
)  # fmt: skip
def test_a_speed_is_read_in_any_unit_and_else_is_the_default_of_the_class(
    tmp_path: Path, tags: dict[str, str], kmh: float
) -> None:
    segment = one_street(tmp_path, STREET | tags)
    assert segment is not None
    assert segment.told.mph * 1.609344 == pytest.approx(kmh, abs=0.02)


def test_where_each_speed_came_from_is_counted_with_what_was_not_understood(
    tmp_path: Path,
) -> None:
    tally = streets(
        tmp_path, *ROW,
        way(1, [1, 2], STREET | {"maxspeed": "50"}), way(2, [2, 3], STREET),
        way(3, [3, 4], STREET | {"maxspeed": "fast"}),
        way(4, [4, 5], STREET | {"maxspeed": "CH:urban"}),
    ).tally  # fmt: skip
    assert tally.speeds == {"maxspeed": 1, "default": 1, "not understood": 1, "zone": 1}
    assert tally.not_understood == {"fast": 1}


def test_streets_are_cut_where_driven_ways_meet_and_nowhere_else(tmp_path: Path) -> None:
    made = streets(
        tmp_path, *ROW, node(9, 3, 1), node(8, 2, 1),
        way(1, [1, 2, 3, 4, 5], STREET),
        way(2, [3, 9], {"highway": "service"}),
        way(3, [2, 8], {"highway": "footway"}),
    )  # fmt: skip
    ends = [(one.told.begin, one.told.end) for one in made.segments]
    assert ends == [(1, 3), (3, 5), (3, 9)]
    assert made.segments[0].told.m == pytest.approx(2 * 75.7, rel=0.01)
    assert [one.told.id for one in made.segments] == [10000, 10001, 20000]


def test_two_ways_that_cross_are_both_cut(tmp_path: Path) -> None:
    made = streets(
        tmp_path, *ROW, node(8, 2, -1), node(9, 2, 1), way(1, [1, 2, 3], STREET),
        way(2, [8, 2, 9], STREET),
    )  # fmt: skip
    ends = [(one.told.begin, one.told.end) for one in made.segments]
    assert ends == [(1, 2), (2, 3), (8, 2), (2, 9)]


def test_a_way_that_meets_itself_is_cut_there(tmp_path: Path) -> None:
    loop = [way(1, [1, 2, 9, 8, 2], STREET)]
    made = streets(tmp_path, *ROW, node(9, 3, 1), node(8, 2, 1), *loop)
    assert [(one.told.begin, one.told.end) for one in made.segments] == [(1, 2), (2, 2)]


@pytest.mark.parametrize(
    ("tags", "passed"),
    [
        ({"barrier": "bollard"}, False), ({"barrier": "block"}, False),
        ({"barrier": "gate"}, True), ({"barrier": "lift_gate"}, True),
        ({"barrier": "toll_booth"}, True),
        ({"barrier": "gate", "access": "no"}, False), ({"barrier": "gate", "locked": "yes"}, False),
        ({"barrier": "gate", "access": "no", "emergency": "yes"}, True),
        ({"barrier": "bollard", "emergency": "yes"}, True),
        ({"barrier": "bollard", "motor_vehicle": "yes"}, True),
        ({"barrier": "something_new"}, False), ({"barrier": "no"}, True),
    ],
)  # fmt: skip
def test_a_barrier_stops_a_crew_unless_it_opens(
    tmp_path: Path, tags: dict[str, str], passed: bool
) -> None:
    """The far side is reached only round the block where the barrier stops."""
    nodes = [node(1, 0, 0), node(2, 1, 0, **tags), node(3, 2, 0), node(4, 2, 2), node(5, 0, 2)]
    made = streets(
        tmp_path, *nodes, way(1, [1, 2, 3], STREET), way(2, [3, 4, 5, 1], STREET)
    )  # fmt: skip
    straight = [s for s in made.segments if {s.told.begin, s.told.end} == {1, 3}]
    assert bool([s for s in straight if s.told.m < 200]) is passed
    counted = sum(made.tally.barriers.values())
    assert counted == (tags["barrier"] != "no")
    roads = graph(tmp_path, made)
    assert roads.usable.all() == True  # noqa: E712 - a numpy bool: every stub can be left again


def test_where_two_streets_cross_at_a_barrier_none_goes_on(tmp_path: Path) -> None:
    made = streets(
        tmp_path, node(1, 0, 1), node(2, 1, 1, barrier="bollard"), node(3, 2, 1), node(4, 1, 0),
        way(1, [1, 2, 3], STREET), way(2, [4, 2], STREET),
    )  # fmt: skip
    ends = [end for one in made.segments for end in (one.told.begin, one.told.end)]
    assert len(made.segments) == 3
    assert len(set(ends)) == 6


def test_a_way_cut_by_the_edge_of_the_extract_is_kept_as_far_as_it_goes(tmp_path: Path) -> None:
    made = streets(tmp_path, *ROW, way(1, [90, 1, 2, 91, 92, 4, 5], STREET))
    assert [(one.told.begin, one.told.end) for one in made.segments] == [(1, 2), (4, 5)]
    assert made.tally.nodes_missing == 3
    assert not streets(tmp_path, *ROW, way(1, [1, 90], STREET)).segments


def test_what_has_no_length_or_lies_on_another_is_dropped_and_counted(tmp_path: Path) -> None:
    made = streets(
        tmp_path, *ROW, node(8, 2, 0),
        way(1, [1, 2], STREET), way(2, [2, 1], STREET), way(3, [2, 8, 2], STREET),
        way(4, [1, 2], STREET | {"oneway": "yes"}), way(5, [2, 1], STREET | {"oneway": "-1"}),
    )  # fmt: skip
    assert made.tally.repeated == 2
    assert made.tally.zero_length == 1
    assert [one.told.id for one in made.segments] == [10000, 40000]


def test_two_junctions_at_one_place_stay_joined(tmp_path: Path) -> None:
    made = streets(
        tmp_path, *ROW, node(8, 2, 0),
        way(1, [1, 2], STREET), way(2, [2, 8], STREET), way(3, [8, 3], STREET),
    )  # fmt: skip
    assert made.segments[1].told.m == 0.0
    assert graph(tmp_path, made).usable.all()


def test_every_way_left_out_is_counted_under_its_reason(tmp_path: Path) -> None:
    tally = streets(
        tmp_path, *ROW, way(1, [1, 2], STREET), way(2, [1, 3], {"highway": "steps"}),
        way(3, [1, 4], {"highway": "service", "service": "driveway"}),
        way(4, [1, 5], STREET | {"access": "no"}), way(5, [2, 5], {"building": "yes"}),
        way(6, [2, 5], {"highway": "steps"}),
    ).tally  # fmt: skip
    assert tally.left_out == {
        "highway=steps": 2, "service=driveway": 1, "closed to motor vehicles": 1,
    }  # fmt: skip
    assert tally.ways == 1


def test_what_is_not_modelled_is_counted(tmp_path: Path) -> None:
    tally = streets(
        tmp_path, *ROW,
        way(1, [1, 2], STREET | {"access:conditional": "no @ (22:00-06:00)"}),
        way(2, [2, 3], STREET | {"maxheight": "2.8"}), way(3, [3, 4], STREET | {"oneway": "yes"}),
        way(4, [4, 5], STREET | {"access": "private"}),
    ).tally  # fmt: skip
    assert (tally.conditional, tally.limits, tally.one_way, tally.private) == (1, 1, 1, 1)


def test_a_street_keeps_all_its_names(tmp_path: Path) -> None:
    segment = one_street(
        tmp_path,
        {
            "highway": "primary", "name": "Landstrasse", "name:en": "Country Road",
            "name:zh": "乡村路", "name:de": "Landstrasse", "name:fr": "Route du pays",
            "alt_name": "Hauptstrasse;Alte Strasse", "ref": "28;191",
        },
    )  # fmt: skip
    assert segment is not None
    told = segment.told
    assert (told.name, told.en, told.zh, told.ref) == (
        "Landstrasse", "Country Road", "乡村路", "28 / 191",
    )  # fmt: skip
    assert told.alt.split(";") == ["Hauptstrasse", "Alte Strasse", "Route du pays"]


def test_a_street_without_a_name_is_shown_by_its_number(tmp_path: Path) -> None:
    segment = one_street(tmp_path, {"highway": "motorway", "ref": "A13"})
    assert segment is not None
    assert segment.told.name == "A13"


def test_relations_do_not_make_streets(tmp_path: Path) -> None:
    made = streets(tmp_path, *ROW, relation(1, [("way", 5, "")], {"highway": "residential"}))
    assert not made.segments
