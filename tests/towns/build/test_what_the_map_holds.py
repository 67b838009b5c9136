"""Stations, areas, names, turn restrictions and pieces, each on a map written out by hand."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path

import pytest

from answerable.place.roads import RoadGraph
from answerable.towns.build.areas import (
    areas_of_file,
    areas_of_map,
    class_of_density,
    densities,
    density,
)
from answerable.towns.build.defaults import read_defaults, units_of
from answerable.towns.build.names import (
    ADDRESS_COLUMNS,
    addresses_of,
    numbers_of,
    packed,
    places_of,
)
from answerable.towns.build.options import BuildRefused
from answerable.towns.build.pieces import pieces_of
from answerable.towns.build.restrictions import restrictions_of
from answerable.towns.build.shapes import polygon_of
from answerable.towns.build.source import OsmData
from answerable.towns.build.stations import stations_of_file, stations_of_map
from tests.towns.build.maps import (
    ROW,
    STREET,
    data_of,
    graph,
    node,
    relation,
    square,
    streets,
    way,
    written,
)

# -- stations ------------------------------------------------------------------------------------


def box(number: int, x: float, y: float, tags: dict[str, str]) -> tuple[list[str], str]:
    """A little building with its own four nodes."""
    ids = [number * 10 + i for i in range(4)]
    corners = ((0, 0), (0.2, 0), (0.2, 0.2), (0, 0.2))
    nodes = [node(i, x + dx, y + dy) for i, (dx, dy) in zip(ids, corners, strict=True)]
    return nodes, way(number, [*ids, ids[0]], tags)


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"amenity": "fire_station"}, "fire_station"), ({"amenity": "police"}, "police"),
        ({"amenity": "hospital"}, "hospital"), ({"healthcare": "hospital"}, "hospital"),
        ({"emergency": "ambulance_station"}, "ambulance_station"),
        ({"amenity": "ambulance_station"}, "ambulance_station"),
        ({"emergency": "fire_station"}, "fire_station"),
    ],
)  # fmt: skip
def test_a_station_is_found_however_it_is_tagged(
    tmp_path: Path, tags: dict[str, str], kind: str
) -> None:
    found = stations_of_map(data_of(tmp_path, node(1, 0, 0, **tags))).stations
    assert [one.type for one in found] == [kind]


def test_a_station_drawn_and_pointed_at_is_one_and_keeps_its_name(tmp_path: Path) -> None:
    corners, building = box(50, 1, 1, {"amenity": "fire_station", "building": "yes"})
    point = node(1, 1.1, 1.1, amenity="fire_station", name="Feuerwehr", name__zh="消防队")
    far = node(2, 9, 9, amenity="fire_station")
    other = node(3, 1, 1, amenity="police")
    found = stations_of_map(data_of(tmp_path, point, far, other, *corners, building))
    assert [(one.id, one.name, one.zh) for one in found.stations] == [
        ("FS01", "Feuerwehr", "消防队"),
        ("FS02", "Fire station 2", "消防站 2"),
        ("PS01", "Police station 1", "派出所 1"),
    ]
    assert found.same == 1


def test_two_stations_of_different_names_stay_two_however_near(tmp_path: Path) -> None:
    things = [node(n, n / 10, 0, amenity="hospital", name=f"House {n}") for n in (1, 2)]
    assert len(stations_of_map(data_of(tmp_path, *things)).stations) == 2


def test_units_are_made_for_stations_by_the_packaged_rule(tmp_path: Path) -> None:
    kinds = ("fire_station", "fire_station", "police", "hospital")
    things = [node(n, 5 * n, 0, amenity=kind) for n, kind in enumerate(kinds)]
    stations = stations_of_map(data_of(tmp_path, *things)).stations
    units = [(u.unit, u.unit_type, u.station) for u in units_of(stations, read_defaults())]
    assert units == [
        ("A01", "AMBULANCE", "HO01"), ("A02", "AMBULANCE", "HO01"), ("E01", "ENGINE", "FS01"),
        ("E02", "ENGINE", "FS02"), ("P01", "PATROL", "PS01"), ("P02", "PATROL", "PS01"),
    ]  # fmt: skip


def test_stations_of_a_file_are_taken_as_points_or_polygons(tmp_path: Path) -> None:
    ring = [[9.5, 47.1], [9.502, 47.1], [9.502, 47.102], [9.5, 47.102], [9.5, 47.1]]
    file = geojson(
        tmp_path,
        ({"id": "N", "name": "North", "type": "fire"}, "Point", [9.5, 47.2]),
        ({"name": "South", "type": "hospital"}, "Polygon", [ring]),
    )
    found = stations_of_file(file).stations
    assert [(s.id, s.type, s.lon, s.lat) for s in found] == [
        ("HO02", "hospital", 9.501, 47.101),
        ("N", "fire_station", 9.5, 47.2),
    ]


def geojson(folder: Path, *features: tuple[dict[str, str], str, object]) -> Path:
    told = [
        {"type": "Feature", "properties": p, "geometry": {"type": t, "coordinates": c}}
        for p, t, c in features
    ]
    whole = {"type": "FeatureCollection", "features": told}
    return written(folder, json.dumps(whole), "given.geojson")


@pytest.mark.parametrize(
    ("feature", "why"),
    [
        (({"name": "X", "type": "bakery"}, "Point", [9.5, 47.1]), "its type is 'bakery'"),
        (({"name": "X", "type": "police"}, "Point", [409.5, 47.1]), "no longitude"),
        (({"name": "X", "type": "police", "id": "a,b"}, "Point", [9.5, 47.1]), "holds a comma"),
        (({"name": "X", "type": "police"}, "Point", []), "no position"),
        (({"name": "X", "type": "police"}, "Polygon", "no"), "feature 1 is wrong"),
    ],
)
def test_a_wrong_station_is_named_by_its_number(
    tmp_path: Path, feature: tuple[dict[str, str], str, object], why: str
) -> None:
    with pytest.raises(BuildRefused, match="feature 1 is wrong") as refusal:
        stations_of_file(geojson(tmp_path, feature))
    assert why in str(refusal.value)


def test_two_stations_of_one_id_are_refused(tmp_path: Path) -> None:
    one = ({"id": "A", "name": "X", "type": "police"}, "Point", [9.5, 47.1])
    with pytest.raises(BuildRefused, match="feature 2 is wrong: the id A is there twice"):
        stations_of_file(geojson(tmp_path, one, one))


# -- areas ---------------------------------------------------------------------------------------


def quarters(tags: dict[str, str], *, cut: bool = False) -> list[str]:
    """Four squares side by side, each a relation of its own border ways."""
    nodes = [node(1000 + 10 * x + y, 3 * x - 0.5, 3 * y - 0.5) for x in range(3) for y in range(3)]
    edges = {}
    for x in range(3):
        for y in range(3):
            here = 1000 + 10 * x + y
            if x < 2:
                edges[(here, here + 10)] = 2000 + len(edges)
            if y < 2:
                edges[(here, here + 1)] = 2000 + len(edges)
    ways = [way(number, list(ends), {}) for ends, number in edges.items()]
    relations = []
    for x in range(2):
        for y in range(2):
            a = 1000 + 10 * x + y
            around = [(a, a + 10), (a, a + 1), (a + 10, a + 11), (a + 1, a + 11)]
            members = [("way", edges[ends], "outer") for ends in around]
            named = tags | {"name": f"Quarter {x}{y}", "name:zh": f"{x}{y}区"}
            relations.append(relation(3000 + 2 * x + y, members[cut:], named))
    return [*nodes, *ways, *relations]


ADMIN = {"type": "boundary", "boundary": "administrative", "admin_level": "9"}


def town_of(tmp_path: Path, *things: str) -> tuple[OsmData, RoadGraph]:
    nodes, ways = square()
    every = sorted([*nodes, *ways, *things], key=lambda t: ("<n", "<w", "<r").index(t[:2]))
    data = data_of(tmp_path, *every)
    return data, graph(tmp_path, streets(tmp_path, *every))


def test_the_administrative_level_that_divides_the_town_gives_its_areas(tmp_path: Path) -> None:
    data, roads = town_of(tmp_path, *quarters(ADMIN))
    divided = areas_of_map(data, roads, "Little")
    assert [area.name for area in divided.areas] == [
        f"Quarter {q}" for q in ("00", "01", "10", "11")
    ]
    assert divided.areas[0].zh == "00区"
    assert divided.source == "the map: boundary=administrative, admin_level=09"


def test_places_serve_where_there_are_no_boundaries(tmp_path: Path) -> None:
    things = quarters({"type": "multipolygon", "place": "suburb"})
    divided = areas_of_map(*town_of(tmp_path, *things), "Little")
    assert divided.source == "the map: place=suburb"


def test_half_a_boundary_encloses_nothing_and_is_counted(tmp_path: Path) -> None:
    data, roads = town_of(tmp_path, *quarters(ADMIN, cut=True))
    divided = areas_of_map(data, roads, "Little")
    assert [area.name for area in divided.areas] == ["Little"]
    assert divided.incomplete == 4


def test_an_area_of_two_parts_of_which_one_is_cut_is_left_out(tmp_path: Path) -> None:
    """Half of an area would be a wrong area, though it encloses something."""
    things = quarters(ADMIN)
    ring = [("way", m.ref, "outer") for m in data_of(tmp_path, *things).relations[3000].members]
    torn = relation(4001, [*ring, ("way", 2011, "outer")], ADMIN | {"name": "Torn"})
    data = data_of(tmp_path, *things, torn)
    assert polygon_of(data, data.relations[3000]) is not None
    assert polygon_of(data, data.relations[4001]) is None


def test_a_town_without_areas_is_one_around_its_streets(tmp_path: Path) -> None:
    data, roads = town_of(tmp_path)
    divided = areas_of_map(data, roads, "Little")
    assert divided.source == "one area around the streets"
    west, south, east, north = divided.areas[0].shape.bounds
    assert 9.494 < west < 9.4975
    assert 47.096 < south < 47.0985
    assert 9.507 < east < 9.511
    assert 47.107 < north < 47.109


def test_given_areas_of_one_name_are_one_and_their_class_follows_from_the_junctions(
    tmp_path: Path,
) -> None:
    _, roads = town_of(tmp_path)
    ring = [[9.499, 47.099], [9.503, 47.099], [9.503, 47.106], [9.499, 47.106], [9.499, 47.099]]
    empty = [[x + 0.1, y] for x, y in ring]
    file = geojson(
        tmp_path, ({"name": "West"}, "Polygon", [ring]), ({"name": "East"}, "Polygon", [empty]),
        ({"name": "East"}, "MultiPolygon", [[empty]]),
    )  # fmt: skip
    divided = areas_of_file(file, roads)
    assert [area.name for area in divided.areas] == ["East", "West"]
    assert densities(divided, roads) == {"East": 0.0, "West": 4.0}


def test_density_counts_the_junctions_in_the_square_kilometre_around(tmp_path: Path) -> None:
    """Four junctions within a quarter of a kilometre, and one that is ten kilometres away."""
    joins = [way(n, [n, n + 1], STREET) for n in range(1, 4)]
    far = way(90, [4, 90], STREET)
    roads = graph(tmp_path, streets(tmp_path, *ROW, node(90, 140, 0), *joins, far))
    assert sorted(density(roads).tolist()) == [1, 4, 4, 4, 4]
    assert [class_of_density(n) for n in (99.9, 100, 59.9, 60)] == ["near", "core", "outer", "near"]


@pytest.mark.parametrize(
    ("feature", "why"),
    [
        (({}, "Polygon", []), "it has no name"),
        (({"name": "X"}, "Point", [9.5, 47.1]), "is no polygon"),
        (({"name": "X"}, "Polygon", []), "is no polygon, or an empty one"),
    ],
)
def test_a_wrong_area_is_named_by_its_number(
    tmp_path: Path, feature: tuple[dict[str, str], str, object], why: str
) -> None:
    _, roads = town_of(tmp_path)
    with pytest.raises(BuildRefused, match="feature 1 is wrong") as refusal:
        areas_of_file(geojson(tmp_path, feature), roads)
    assert why in str(refusal.value)


def test_areas_of_another_continent_are_refused_with_both_places(tmp_path: Path) -> None:
    _, roads = town_of(tmp_path)
    ring = [[-122.5, 37.7], [-122.4, 37.7], [-122.4, 37.8], [-122.5, 37.7]]
    with pytest.raises(BuildRefused, match=r"from -122.5, 37.7 .* the streets from 9.50, 47.10"):
        areas_of_file(geojson(tmp_path, ({"name": "X"}, "Polygon", [ring])), roads)


# -- names ---------------------------------------------------------------------------------------


def test_house_numbers_are_taken_from_points_and_buildings(tmp_path: Path) -> None:
    corners, building = box(50, 1, 1, {"addr:street": "Long Street", "addr:housenumber": "3;5a"})
    data = data_of(
        tmp_path, node(1, 0, 0, addr__street="Long Street", addr__housenumber="1"),
        node(2, 0, 0, addr__place="Dorf", addr__housenumber="12"),
        node(3, 0, 0, addr__housenumber="77"), *corners, building,
    )  # fmt: skip
    found = addresses_of(data)
    told = [(a.street, a.number, a.lon, a.lat) for a in found.rows]
    assert told == [
        ("Dorf", "12", 9.5, 47.1), ("Long Street", "1", 9.5, 47.1),
        ("Long Street", "3", 9.5011, 47.1011), ("Long Street", "5a", 9.5011, 47.1011),
    ]  # fmt: skip
    assert found.without_street == 1


def test_a_street_relation_names_the_street_of_its_houses(tmp_path: Path) -> None:
    data = data_of(
        tmp_path, node(1, 0, 0, addr__housenumber="77"),
        relation(9, [("node", 1, "house")], {"type": "associatedStreet", "name": "Hidden Lane"}),
    )  # fmt: skip
    assert [(a.street, a.number) for a in addresses_of(data).rows] == [("Hidden Lane", "77")]


@pytest.mark.parametrize(
    ("rule", "last", "numbers"),
    [
        ("odd", "9", ["3", "5", "7"]), ("all", "4", ["2", "3"]), ("even", "9", ["3", "5", "7"]),
        ("4", "9", ["5"]), ("alphabetic", "9", []),
    ],
)  # fmt: skip
def test_numbers_between_two_that_are_known_are_counted_through(
    tmp_path: Path, rule: str, last: str, numbers: list[str]
) -> None:
    ends = {"addr__street": "Long Street"}
    data = data_of(
        tmp_path, node(1, 0, 0, addr__housenumber="1", **ends), node(2, 2, 0),
        node(3, 4, 0, addr__housenumber=last, **ends),
        way(5, [1, 2, 3], {"addr:interpolation": rule}),
    )  # fmt: skip
    found = addresses_of(data)
    between = [a for a in found.rows if a.number not in ("1", last)]
    assert [a.number for a in between] == numbers
    assert found.interpolated == len(numbers)
    assert found.lines_left_out == (not numbers)
    if rule == "odd":
        assert [a.lon for a in between] == [9.501, 9.502, 9.503]


def test_numbers_are_told_apart() -> None:
    assert numbers_of("12;14, 16a") == ["12", "14", "16a"]


def test_named_places_keep_their_kind_and_all_their_names(tmp_path: Path) -> None:
    data = data_of(
        tmp_path,
        node(1, 0, 0, amenity="school", name="Schule", name__en="School", name__zh="学校"),
        node(2, 0, 0, highway="motorway_junction", ref="12", name="Vaduz"),
        node(3, 0, 0, highway="motorway_junction", ref="13"),
        node(4, 0, 0, natural="peak", name="Naafkopf", alt_name="Nafkopf"),
        node(5, 0, 0, building="yes", name="Tower"), node(6, 0, 0, amenity="bench", name="B"),
        node(7, 0, 0, amenity="school"), node(8, 0, 0, place="village", name="Dorf"),
        way(1, [1, 2], STREET | {"bridge": "yes"}),
        way(2, [1, 8], STREET | {"bridge": "yes", "bridge:name": "Bridge"}),
        way(3, [1, 8], {"highway": "pedestrian", "name": "Städtle"}),
    )  # fmt: skip
    told = {(p.kind, p.name, p.en, p.zh, p.alt) for p in places_of(data)}
    assert told == {
        ("school", "Schule", "School", "学校", ""), ("building", "Tower", "", "", ""),
        ("motorway_junction", "Vaduz", "", "", "Exit 12"),
        ("motorway_junction", "Exit 13", "", "", ""),
        ("peak", "Naafkopf", "", "", "Nafkopf"), ("village", "Dorf", "", "", ""),
        ("bridge", "Bridge", "", "", ""), ("pedestrian", "Städtle", "", "", ""),
    }  # fmt: skip


def test_what_is_named_after_whoever_lives_or_works_there_is_not_taken(tmp_path: Path) -> None:
    data = data_of(
        tmp_path, node(1, 0, 0, amenity="doctors", building="yes", name="Dr. Somebody"),
        node(2, 0, 0, building="house", name="The Somebodies"),
        node(3, 0, 0, office="lawyer", name="Somebody & Partner"),
        node(4, 0, 0, historic="tomb", tourism="attraction", name="Somebody"),
    )  # fmt: skip
    assert places_of(data) == []


def test_the_file_of_addresses_is_plain_csv_and_always_the_same_bytes(tmp_path: Path) -> None:
    tags = {"addr__street": 'A "long", street', "addr__housenumber": "1"}
    rows = addresses_of(data_of(tmp_path, node(1, 0, 0, **tags))).rows
    raw = packed(ADDRESS_COLUMNS, rows)
    assert raw == packed(ADDRESS_COLUMNS, rows)
    told = list(csv.DictReader(io.StringIO(gzip.decompress(raw).decode())))
    assert told == [
        {"street": 'A "long", street', "number": "1", "lon": "9.5", "lat": "47.1"}
    ]  # fmt: skip


# -- turn restrictions ---------------------------------------------------------------------------

TURN = [("way", 1, "from"), ("node", 2, "via"), ("way", 2, "to")]


def test_turn_restrictions_are_counted_by_type_and_by_what_they_ask(tmp_path: Path) -> None:
    kept = {"type": "restriction", "restriction": "no_left_turn"}
    things = [
        *ROW, way(1, [1, 2], STREET), way(2, [2, 3], STREET), way(3, [3, 4], {"highway": "steps"}),
        relation(1, TURN, kept),
        relation(2, TURN, kept | {"except": "psv;emergency"}),
        relation(3, TURN, {"type": "restriction", "restriction:hgv": "no_right_turn"}),
        relation(4, TURN, {
            "type": "restriction", "restriction:conditional": "no_u_turn @ (Mo-Fr 07:00-09:00)",
        }),
        relation(5, [("way", 1, "from"), ("way", 2, "via"), ("way", 3, "to")],
                 {"type": "restriction", "restriction": "only_straight_on"}),
        relation(6, TURN[:2], kept),
        relation(7, TURN, {"type": "multipolygon"}),
    ]  # fmt: skip
    made = streets(tmp_path, *things)
    found = restrictions_of(data_of(tmp_path, *things), made.drives)
    assert found.in_map == 6
    assert found.by_type == {
        "no_left_turn": 3, "no_right_turn (hgv)": 1, "no_u_turn (conditional)": 1,
        "only_straight_on": 1,
    }  # fmt: skip
    assert (found.via_way, found.conditional, found.not_for_crews, found.broken) == (1, 1, 2, 1)
    assert found.on_driven_streets == 4


# -- pieces --------------------------------------------------------------------------------------


def test_a_town_in_two_pieces_is_told_with_their_sizes_and_places(tmp_path: Path) -> None:
    nodes, ways = square()
    island = [node(n, 20 + n, 20) for n in range(3)]
    bank = [way(50, [0, 1, 2], STREET | {"name": "Island Road"})]
    dead_end = [way(51, [100, 90], STREET | {"oneway": "yes"})]
    made = streets(tmp_path, *nodes, *island, node(90, -1, -1), *ways, *bank, *dead_end)
    pieces = pieces_of(graph(tmp_path, made))
    assert (pieces.junctions, pieces.in_largest, pieces.one_way_only, pieces.apart) == (7, 4, 1, 1)
    (piece,) = pieces.torn
    assert (piece.junctions, piece.street) == (2, "Island Road")
    assert (piece.lon, piece.lat) == (pytest.approx(9.521), pytest.approx(47.12))
    assert piece.km == pytest.approx(0.15, abs=0.01)
