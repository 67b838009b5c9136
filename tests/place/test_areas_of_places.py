"""A position's neighbourhood, battalion and 1-3-5 class, and where units stand."""

import json
import math
import shutil
from collections import Counter
from pathlib import Path

import pytest

from answerable.place.areas import AreaClasses, Areas, AreasFile, class_of, read_areas_file
from answerable.place.errors import PlaceError
from answerable.place.town_places import Places, load_places, spread

CITY_HALL = (-122.4193, 37.7793)
AIRPORT = (-122.379, 37.6213)
PIER_39 = (-122.4098, 37.8102)


def test_a_position_has_its_neighbourhood_battalion_and_class(san_francisco: Places) -> None:
    found = san_francisco.locate(*CITY_HALL)
    assert found.neighborhood == "Tenderloin"
    assert (found.battalion, found.area_class, found.inside, found.far) == (
        "B02", "core", True, False,
    )  # fmt: skip


def test_a_pier_belongs_to_the_shore_it_stands_at(san_francisco: Places) -> None:
    found = san_francisco.locate(*PIER_39)
    assert (found.neighborhood, found.inside) == ("North Beach", True)


def test_a_position_outside_is_marked_and_of_the_outer_class(san_francisco: Places) -> None:
    found = san_francisco.locate(*AIRPORT)
    assert (found.neighborhood, found.area_class) == ("", "outer")
    assert found.far
    assert not found.inside
    assert found.battalion, "somebody answers there all the same"


def test_an_island_without_streets_has_the_battalion_of_its_own_station(
    san_francisco: Places,
) -> None:
    found = san_francisco.locate(-122.3706, 37.8236)
    assert (found.neighborhood, found.far, found.inside) == ("Treasure Island", True, True)
    assert found.battalion == san_francisco.stations["48"].battalion == "B03"


def test_classes_follow_the_towns_lists_and_the_rest_is_outer() -> None:
    classes = AreaClasses(core=["A"], near=["B"])
    assert [class_of(name, classes) for name in "ABC"] == ["core", "near", "outer"]


def test_the_classes_say_that_they_were_chosen_for_the_demo(san_francisco: Places) -> None:
    assert "chosen for the demo" in san_francisco.areas.chosen
    told = read_areas_file(san_francisco.folder / "areas.toml").area_class
    listed = [*told.core, *told.near, *told.outer]
    assert sorted(listed) == sorted(san_francisco.areas.names), "each neighbourhood once"


def test_a_class_for_a_neighbourhood_that_is_not_there_is_refused() -> None:
    with pytest.raises(PlaceError, match="no neighbourhood is called Atlantis"):
        Areas([], AreasFile("here", AreaClasses(core=["Atlantis"], near=[])))


def test_the_first_due_station_is_the_quickest_by_road(san_francisco: Places) -> None:
    station = san_francisco.near_station(*CITY_HALL)
    node = san_francisco.snap(*CITY_HALL).node
    times_s = {
        s.id: san_francisco.travel.time_s(s.node, node) for s in san_francisco.stations.values()
    }
    assert station is not None
    assert times_s[station.id] == min(times_s.values())


def test_a_town_without_battalion_lines_gives_the_first_due_stations(
    san_francisco: Places, tmp_path: Path
) -> None:
    for name in ("streets.geojson.gz", "hub_labels.npz", "stations.geojson"):
        shutil.copy(san_francisco.folder / name, tmp_path)
    bare = load_places(tmp_path)
    node = bare.snap(*CITY_HALL).node
    due = bare.first_due(node)
    assert due is not None
    assert bare.battalion(node) == due.battalion
    assert (bare.travel.factor, bare.travel.start_s) == (1.0, 0.0)


def test_a_unit_stands_at_home_or_where_its_name_puts_it(san_francisco: Places) -> None:
    assert san_francisco.posting("E03") == san_francisco.stations["03"].node
    nodes = {station.node for station in san_francisco.stations.values()}
    for unit in ("77", "KM04A", "E51", "nobody", "", "号车"):
        assert san_francisco.posting(unit) in nodes
        assert san_francisco.posting(unit) == san_francisco.posting(unit)


@pytest.mark.parametrize("count", [1, 2, 7, 42, 100])
def test_a_fleet_is_spread_evenly(count: int) -> None:
    per_place = Counter(spread(f"M{number}", count) for number in range(1, 2 * count + 1))
    assert set(per_place.values()) == {2}
    assert set(per_place) == set(range(count))


def test_stations_know_their_battalion_and_junction(san_francisco: Places) -> None:
    assert len(san_francisco.stations) == 42
    for station in san_francisco.stations.values():
        assert station.battalion.startswith("B")
        assert san_francisco.roads.usable[station.node]
    assert list(san_francisco.stations) == sorted(san_francisco.stations)
    assert san_francisco.unit_homes["T01"] == "01"


def test_a_town_of_streets_alone_still_has_travel_times(
    san_francisco: Places, tmp_path: Path
) -> None:
    for name in ("streets.geojson.gz", "hub_labels.npz"):
        shutil.copy(san_francisco.folder / name, tmp_path)
    bare = load_places(tmp_path)
    assert (bare.stations, bare.unit_homes) == ({}, {})
    assert bare.near_station(*CITY_HALL) is None
    assert bare.battalion(5) == ""
    assert bare.roads.usable[bare.posting("E01")]
    assert math.isfinite(bare.travel.time_s(bare.posting("E01"), bare.snap(*CITY_HALL).node))


def test_a_folder_without_streets_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlaceError, match=r"there is no streets\.geojson\.gz"):
        load_places(tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "part"),
    [
        ("stations.geojson", "{", "stations"),
        ("stations.geojson", json.dumps({"features": [{"properties": {}, "geometry": {}}]}),
         "stations"),
        ("unit_homes.csv", "who,where\nE1,1\n", "unit_homes"),
        ("unit_homes.csv", "unit,station\nE1\n", "unit_homes"),
        ("areas.toml", "core = 3", "areas"),
        ("neighborhoods.geojson", "[]", "areas"),
    ],
)  # fmt: skip
def test_a_damaged_file_is_refused_by_name(
    san_francisco: Places, tmp_path: Path, name: str, content: str, part: str
) -> None:
    for file in ("streets.geojson.gz", "hub_labels.npz", "areas.toml", "neighborhoods.geojson"):
        shutil.copy(san_francisco.folder / file, tmp_path)
    (tmp_path / name).write_text(content)
    with pytest.raises(PlaceError, match=f"{name} not read"):
        getattr(load_places(tmp_path), part)


@pytest.mark.parametrize("geometry", ["{}", '{"type":"Polygon"}', '"x"'])
def test_a_neighbourhood_without_a_shape_is_refused(
    san_francisco: Places, tmp_path: Path, geometry: str
) -> None:
    shutil.copy(san_francisco.folder / "streets.geojson.gz", tmp_path)
    (tmp_path / "areas.toml").write_text('chosen = "here"\n[area_class]\ncore = []\nnear = []\n')
    (tmp_path / "neighborhoods.geojson").write_text(
        f'{{"features":[{{"properties":{{"name":"A"}},"geometry":{geometry}}}]}}'
    )
    with pytest.raises(PlaceError, match="Neighbourhoods not used"):
        _ = load_places(tmp_path).areas
