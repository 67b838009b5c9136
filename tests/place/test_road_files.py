"""Streets and labels come back from their files as they were; a damaged file is a clear refusal."""

import gzip
import json
import logging
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.place.errors import PlaceError
from answerable.place.hublabels import build_labels, labels_for, read_labels, write_labels
from answerable.place.roads import (
    adjacency,
    free_flow_ticks,
    largest_strong_part,
    load_roads,
    turned_round,
)
from answerable.place.town_places import Places
from tests.place.road_oracle import dijkstra, street, town

ONE = {
    "type": "Feature",
    "properties": {"id": 7, "from": 1, "to": 2, "class": "street", "mph": 25, "m": 100},
    "geometry": {"type": "LineString", "coordinates": [[-122.4, 37.7], [-122.41, 37.7]]},
}


def written(folder: Path, *features: dict) -> Path:
    path = folder / "streets.geojson.gz"
    told = json.dumps({"type": "FeatureCollection", "features": features})
    path.write_bytes(gzip.compress(told.encode()))
    return path


def altered(**properties) -> dict:
    return {**ONE, "properties": {**ONE["properties"], **properties}}


def test_a_streets_file_is_read_as_it_says(tmp_path: Path) -> None:
    one_way = altered(id=8, way="backward", name="A St")
    roads = load_roads(written(tmp_path, ONE, one_way))
    assert (roads.nodes, roads.segments, len(roads.out.to)) == (2, 2, 3)
    assert roads.node_id.tolist() == [1, 2]
    assert roads.lon.tolist() == [-122.4, -122.41]
    assert [roads.name(i) for i in range(2)] == ["", "A St"]
    assert roads.out.ticks[0] == round(100 / (25 * 0.44704) * 10)


@pytest.mark.parametrize(
    ("feature", "because"),
    [
        (altered(mph=0), "segment 7"),
        (altered(mph=-25), "segment 7"),
        (altered(m=-1), "segment 7"),
        (altered(**{"class": "river"}), "Invalid enum value"),
        (altered(way="sideways"), "Invalid enum value"),
        (altered(**{"from": "x"}), "Expected `int`"),
        ({**ONE, "geometry": {"type": "Point", "coordinates": [0, 0]}}, "Invalid value"),
        ({**ONE, "geometry": {"type": "LineString", "coordinates": [[0, 0]]}}, "two or more"),
        ({**ONE, "geometry": {"type": "LineString", "coordinates": [[0, 0], [999, 0]]}}, "earth"),
    ],
)
def test_a_bad_segment_is_refused_by_name(tmp_path: Path, feature: dict, because: str) -> None:
    with pytest.raises(PlaceError, match="Streets not read") as refusal:
        load_roads(written(tmp_path, feature))
    assert because in refusal.value.because


@pytest.mark.parametrize("content", [b"", b"{}", gzip.compress(b"{"), gzip.compress(b"[]")])
def test_a_damaged_streets_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "streets.geojson.gz"
    path.write_bytes(content)
    with pytest.raises(PlaceError, match="Streets not read"):
        load_roads(path)
    with pytest.raises(PlaceError, match="Streets not read"):
        load_roads(tmp_path / "absent.gz")
    whole = written(tmp_path, ONE).read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(PlaceError, match="Streets not read"):
        load_roads(path)


def test_an_empty_streets_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlaceError, match="0 segments"):
        load_roads(written(tmp_path))


def test_labels_come_back_from_their_file_the_same_bytes_each_time(tmp_path: Path) -> None:
    chance = random.Random(3)
    roads = town(
        *(street(i, chance.randrange(60), chance.randrange(60), chance.randrange(900_000))
          for i in range(150))
    )  # fmt: skip
    labels = build_labels(roads.out)
    for name in ("one", "two"):
        write_labels(labels, tmp_path / name)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    back = read_labels(tmp_path / "one")
    assert back.checksum == roads.checksum
    for kept, made in ((back.forward, labels.forward), (back.backward, labels.backward)):
        for field in ("start", "hub", "ticks"):
            np.testing.assert_array_equal(getattr(kept, field), getattr(made, field))


@pytest.mark.parametrize("harm", ["absent", "cut", "text", "other streets"])
def test_labels_that_do_not_fit_are_built_anew_and_said_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, harm: str
) -> None:
    roads, path = town(street(1, 0, 1), street(2, 1, 2)), tmp_path / "hub_labels.npz"
    if harm == "cut":
        write_labels(build_labels(roads.out), path)
        path.write_bytes(path.read_bytes()[:200])
    elif harm == "text":
        path.write_text("not labels")
    elif harm == "other streets":
        write_labels(build_labels(town(street(1, 0, 1)).out), path)
    with caplog.at_level(logging.WARNING):
        labels = labels_for(roads, path)
    assert labels.checksum == roads.checksum
    assert "anew" in caplog.text


def test_the_packaged_labels_belong_to_the_packaged_streets(san_francisco: Places) -> None:
    """Were they stale, every start would compile for ten seconds."""
    labels = read_labels(san_francisco.folder / "hub_labels.npz")
    assert labels.checksum == san_francisco.roads.checksum


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=30))
def test_the_usable_part_is_the_largest_in_which_all_reach_all(pairs) -> None:
    roads = town(*(street(i, a, b, way="forward") for i, (a, b) in enumerate(pairs)))
    reach = [[far < float("inf") for far in dijkstra(roads, a)] for a in range(roads.nodes)]
    parts = [
        {b for b in range(roads.nodes) if reach[a][b] and reach[b][a]} for a in range(roads.nodes)
    ]
    assert set(np.flatnonzero(roads.usable).tolist()) == max(parts, key=len)


def test_turning_arcs_round_twice_gives_the_arcs_back() -> None:
    source, to = np.array([0, 0, 2, 1], np.int32), np.array([2, 1, 1, 0], np.int32)
    arcs = adjacency(source, to, np.arange(1, 5, dtype=np.int32), 3)
    again = turned_round(turned_round(arcs))
    assert again.start.tolist() == arcs.start.tolist()
    assert sorted(zip(again.to.tolist(), again.ticks.tolist(), strict=True)) == sorted(
        zip(arcs.to.tolist(), arcs.ticks.tolist(), strict=True)
    )
    assert largest_strong_part(arcs).all()


def test_free_flow_time_is_length_over_speed_and_never_nothing() -> None:
    ticks = free_flow_ticks(np.array([1609.344, 0.0]), np.array([60.0, 25.0]))
    assert ticks.tolist() == [600, 1]
