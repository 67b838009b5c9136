"""The basemap: what is drawn of a map, that it is the same each time, and what is told when not."""

from __future__ import annotations

import builtins
import gzip
import json
import math
import os
import sqlite3
import stat
from pathlib import Path

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from answerable.towns.basemap import coast, kinds, packing, tilemaker
from answerable.towns.basemap.make import write_basemap
from answerable.towns.basemap.report import FILE, BasemapRefused
from tests.towns.little_map import BOX, COAST, little_map

pytest.importorskip("osmium", reason="needs: pip install 'answerable[osm]'")
SHARED = Path(__file__).resolve().parents[3] / "shared/data/osm"


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    return little_map().write(tmp_path_factory.mktemp("map") / "little.osm")


@pytest.fixture(scope="module")
def made(source, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("town")
    write_basemap(source, folder, way="own")
    return folder / FILE


def read(path: Path) -> tuple[dict, dict, dict]:
    """Return the header, the metadata and the decoded tiles of a PMTiles file."""
    from mapbox_vector_tile import decode
    from pmtiles.reader import MemorySource, Reader, all_tiles

    source = MemorySource(path.read_bytes())
    reader = Reader(source)
    tiles = {
        zxy: decode(gzip.decompress(raw), default_options={"y_coord_down": True})
        for zxy, raw in all_tiles(source)
    }
    return reader.header(), reader.metadata(), tiles


def said(path: Path, layer: str, zoom: int = 14) -> list[dict]:
    """Return what is said of every thing of a layer at a zoom."""
    return [
        feature["properties"]
        for (z, _x, _y), tile in read(path)[2].items()
        if z == zoom and layer in tile
        for feature in tile[layer]["features"]
    ]


def area(path: Path, layer: str, zoom: int = 14) -> float:
    """Return how many square steps of its tiles a layer covers at a zoom."""
    return sum(
        shapely.clip_by_rect(shapely.geometry.shape(feature["geometry"]), 0, 0, 4096, 4096).area
        for (z, _x, _y), tile in read(path)[2].items()
        if z == zoom and layer in tile
        for feature in tile[layer]["features"]
    )


def refused(*args, **kwargs) -> str:
    with pytest.raises(BasemapRefused) as caught:
        write_basemap(*args, **kwargs)
    words = str(caught.value)
    assert words.startswith("Not made: the basemap. ")
    assert words.count(". ") >= 2, "three sentences"
    return words


# -- what is drawn ---------------------------------------------------------------------------------


def test_the_file_is_pmtiles_3_of_gzipped_vector_tiles_with_its_layers_named(made):
    header, metadata, tiles = read(made)
    assert made.read_bytes()[:8] == b"PMTiles\x03"
    assert (header["min_zoom"], header["max_zoom"]) == (8, 14)
    assert header["tile_compression"].name == "GZIP"
    assert header["tile_type"].name == "MVT"
    assert header["clustered"]
    assert "OpenStreetMap" in metadata["attribution"]
    assert [one["id"] for one in metadata["vector_layers"]] == list(kinds.LAYERS)
    drawn = {layer for tile in tiles.values() for layer in tile}
    assert drawn == set(kinds.LAYERS)


def test_what_is_said_is_what_the_metadata_promise(made):
    _header, metadata, tiles = read(made)
    promised = {one["id"]: set(one["fields"]) for one in metadata["vector_layers"]}
    for tile in tiles.values():
        for layer, told in tile.items():
            for feature in told["features"]:
                assert set(feature["properties"]) <= promised[layer], layer


def test_streets_have_their_class_their_names_and_their_tunnels(made):
    streets = said(made, "streets")
    assert {
        "kind": "main",
        "name": "Hauptgasse",
        "name:en": "Main Lane",
        "name:zh": "主街",
    } in streets
    assert {"kind": "main", "tunnel": "yes", "name": "Tunnel"} in streets
    assert {one["kind"] for one in streets} == {"main", "street", "path"}


def test_names_of_streets_wait_for_room_and_paths_for_the_last_zoom(made):
    assert all("name" not in one for one in said(made, "streets", 10))
    assert any("name" in one for one in said(made, "streets", 13))
    assert {one["kind"] for one in said(made, "streets", 9)} == {"main"}
    assert "path" not in {one["kind"] for one in said(made, "streets", 13)}


def test_an_island_in_a_lake_is_land(made):
    assert wet(made, 9.511, 47.1015)
    assert not wet(made, 9.5117, 47.1025)


def area_of(square_degrees: float) -> float:
    """Return square degrees at this latitude as square steps of zoom 14."""
    steps = 4096 * 2**14 / 360
    return square_degrees * steps * steps / math.cos(math.radians(47.1))


def test_the_sea_is_south_of_the_coast_and_goes_on_beyond_the_map(made):
    sea = area_of((BOX[2] - BOX[0]) * 3 * ((COAST - BOX[1]) + (BOX[3] - BOX[1])))
    lake = area_of(0.003 * 0.003 - 0.001 * 0.001)
    assert area(made, "water") == pytest.approx(sea + lake, rel=0.01)


def test_land_use_is_of_three_kinds_and_works_are_no_wood(made):
    assert {one["kind"] for one in said(made, "landuse")} == {"built", "green", "industrial"}
    assert area(made, "landuse") == pytest.approx(area_of(2 * 0.003**2 + 0.001**2), rel=0.02)


def test_houses_are_drawn_late_with_their_numbers_and_what_is_no_building_is_not(made):
    assert said(made, "houses") == [{"number": "7b"}]
    assert said(made, "houses", 13) == []
    assert area(made, "buildings") == pytest.approx(area_of(0.0002**2), rel=0.15)
    assert said(made, "buildings", 13) == []


def test_a_frontier_is_drawn_though_its_way_carries_no_tag(made):
    assert said(made, "boundaries", 8) == [{"level": 2}]


def test_places_and_hospitals_are_named_and_shops_are_not(made):
    town = {"kind": "town", "rank": 1, "name": "Kleinstadt", "name:en": "Main Lane",
            "name:zh": "主街"}  # fmt: skip
    assert town in said(made, "places", 8)
    assert said(made, "landmarks", 8) == [{"kind": "hospital", "name": "Spital"}]
    assert "Bäckerei" not in json.dumps([said(made, layer) for layer in kinds.LAYERS],
                                        ensure_ascii=False)  # fmt: skip


def test_without_buildings_there_are_none(source, tmp_path):
    write_basemap(source, tmp_path, way="own", buildings=False)
    assert said(tmp_path / FILE, "buildings") == []
    assert said(tmp_path / FILE, "houses") == [{"number": "7b"}]


def test_a_box_cuts_the_map_with_a_little_around_it(source, tmp_path):
    report = write_basemap(source, tmp_path, way="own", bounds=(9.5, 47.1, 9.501, 47.101))
    assert report.bounds == pytest.approx((9.49, 47.09, 9.511, 47.111))


def test_the_same_map_gives_the_same_bytes(source, made, tmp_path):
    write_basemap(source, tmp_path / "again", way="own")
    assert (tmp_path / "again" / FILE).read_bytes() == made.read_bytes()


def test_every_area_of_every_tile_is_sound_and_every_place_is_whole_steps(made):
    for tile in read(made)[2].values():
        for told in tile.values():
            for feature in told["features"]:
                shape = shapely.geometry.shape(feature["geometry"])
                assert shapely.get_dimensions(shape) < 2 or all(
                    part.is_valid for part in shapely.get_parts(shape)
                )


def test_a_file_without_a_box_is_drawn_where_its_streets_are(tmp_path):
    paper = little_map(coast=False)
    paper.way([(20.0, 60.0), (20.1, 60.0)], {"highway": "residential"})
    for _ in range(900):  # many streets of the town, one stray far away
        paper.way([(9.5, 47.1), (9.51, 47.11)], {"highway": "residential"})
    report = write_basemap(paper.write(tmp_path / "x.osm", None), tmp_path, way="own")
    assert report.bounds[2] < 9.6


def test_progress_is_told_and_never_goes_back(source, tmp_path):
    told: list[tuple[str, float]] = []
    write_basemap(source, tmp_path, way="own", progress=lambda *one: told.append(one))
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert len({doing for doing, _ in told}) > 5


# -- the sea ---------------------------------------------------------------------------------------

UNIT = (0.0, 0.0, 1.0, 1.0)


@given(st.lists(st.floats(0.1, 0.9), min_size=2, max_size=12))
def test_whatever_the_coast_the_sea_is_what_lies_on_its_right(heights):
    points = [(i / (len(heights) - 1), y) for i, y in enumerate(heights)]
    south, note = coast.sea([shapely.LineString(points)], UNIT)
    north, _ = coast.sea([shapely.LineString(points[::-1])], UNIT)
    below = shapely.Polygon([(0, 0), *points, (1, 0)]).area
    assert note == ""
    assert sum(face.area for face in south) == pytest.approx(below, abs=1e-6)
    assert sum(face.area for face in north) == pytest.approx(1 - below, abs=1e-6)


def test_an_island_in_the_sea_is_land_and_a_ring_the_other_way_round_is_a_bay():
    island = shapely.LineString(shapely.box(0.4, 0.1, 0.6, 0.3, ccw=True).exterior.coords)
    shore = shapely.LineString([(0, 0.5), (1, 0.5)])
    found, _ = coast.sea([shore, island], UNIT)
    assert sum(face.area for face in found) == pytest.approx(0.5 - 0.04, abs=1e-6)


def test_a_coast_that_breaks_off_in_the_middle_draws_no_sea_and_says_so():
    found, note = coast.sea([shapely.LineString([(0, 0.5), (0.5, 0.5)])], UNIT)
    assert found == []
    assert "breaks off" in note


def test_beyond_the_box_the_sea_is_as_it_was_at_the_nearest_edge():
    outer = (-1.0, -1.0, 2.0, 2.0)
    found, _ = coast.sea([shapely.LineString([(0, 0.5), (1, 0.5)])], UNIT)
    whole = shapely.unary_union([*found, *coast.beyond(found, UNIT, outer)])
    assert whole.symmetric_difference(shapely.box(-1, -1, 2, 0.5)).area < 1e-9


# -- refusals --------------------------------------------------------------------------------------


def test_without_the_extra_the_line_that_installs_it_is_told(source, tmp_path, monkeypatch):
    real = builtins.__import__

    def without(name, *args, **kwargs):
        if name == "osmium":
            raise ImportError(f"No module named {name}", name=name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    assert "pip install 'answerable[osm]'" in refused(source, tmp_path, way="own")


def test_a_file_that_is_not_there_is_named(tmp_path):
    assert "absent.osm.pbf" in refused(tmp_path / "absent.osm.pbf", tmp_path)


def test_a_broken_file_is_told_and_the_old_map_stays(source, tmp_path):
    write_basemap(source, tmp_path, way="own")
    before = (tmp_path / FILE).read_bytes()
    for name, raw in (
        ("a.osm.pbf", b"\x00\x01" * 500),
        ("b.osm", b"<osm><node"),
        ("c.osm.pbf", b""),
    ):
        (tmp_path / name).write_bytes(raw)
        assert name in refused(tmp_path / name, tmp_path, way="own")
    assert (tmp_path / FILE).read_bytes() == before
    assert not list(tmp_path.glob(".basemap-*"))


def test_a_map_without_a_street_is_refused(tmp_path):
    path = little_map(streets=False).write(tmp_path / "x.osm")
    assert "no street" in refused(path, tmp_path, way="own")


def test_a_box_elsewhere_is_refused(source, tmp_path):
    words = refused(source, tmp_path, way="own", bounds=(1.0, 1.0, 2.0, 2.0))
    assert "No street" in words


@pytest.mark.skipif(os.geteuid() == 0 and not Path("/proc").is_dir(), reason="needs /proc")
def test_a_folder_that_cannot_be_written_is_named(source, tmp_path):
    folder = Path("/proc/answerable")
    assert str(folder) in refused(source, folder, way="own")


def test_a_full_disk_is_told_and_leaves_nothing_half_done(source, tmp_path, monkeypatch):
    def full(path, *_):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(packing, "pack", full)
    assert "No space left on device" in refused(source, tmp_path, way="own")
    assert list(tmp_path.iterdir()) == []


# -- tilemaker -------------------------------------------------------------------------------------


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """Put a program called tilemaker on the path that does as it is told."""

    def put(script: str, version: str = "2.2.0") -> None:
        path = tmp_path / "bin" / "tilemaker"
        path.parent.mkdir(exist_ok=True)
        path.write_text(
            f'#!/bin/sh\n[ "$1" = --help ] && echo "tilemaker {version}" && exit 0\n'
            f'for last; do [ "$was" = --output ] && out=$last; was=$last; done\n{script}\n'
        )
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{path.parent}:{os.environ['PATH']}")

    return put


FAULTS = {
    "ends with a code": ('echo "out of memory" >&2; exit 3', "ended with 3: out of memory"),
    "writes nothing": ("exit 0", "cannot be read"),
    "writes garbage": ('echo garbage > "$out"', "cannot be read"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_tilemaker_does_wrong_our_own_layers_step_in_and_say_so(
    fault, fake, source, made, tmp_path
):
    script, told = FAULTS[fault]
    fake(script)
    report = write_basemap(source, tmp_path / "town")
    assert report.way == "own layers"
    assert told in report.notes[0]
    assert (tmp_path / "town" / FILE).read_bytes() == made.read_bytes()
    assert told in refused(source, tmp_path / "town", way="tilemaker")


@pytest.mark.parametrize("tile", [b"", b"not compressed", gzip.compress(b"not a tile" * 9)])
def test_tiles_that_are_none_are_not_believed(tile, tmp_path):
    path = tmp_path / "x.mbtiles"
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE tiles (zoom_level, tile_column, tile_row, tile_data)")
        file.execute("INSERT INTO tiles VALUES (8, 1, 1, ?)", (tile,))
    with pytest.raises(tilemaker.Failed):
        list(tilemaker.read_tiles(path))


def test_an_empty_file_of_tiles_is_not_believed(tmp_path):
    path = tmp_path / "x.mbtiles"
    with sqlite3.connect(path) as file:
        file.execute("CREATE TABLE tiles (zoom_level, tile_column, tile_row, tile_data)")
    with pytest.raises(tilemaker.Failed, match="no tile"):
        list(tilemaker.read_tiles(path))


def test_another_version_of_tilemaker_is_left_alone(fake, source, tmp_path):
    fake("exit 9", version="v3.0.0")
    assert write_basemap(source, tmp_path / "town").way == "own layers"
    assert "there is 3.0.0" in refused(source, tmp_path / "town", way="tilemaker")


def test_without_tilemaker_it_cannot_be_asked_for(source, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert "apt-get install tilemaker" in refused(source, tmp_path, way="tilemaker")
    assert write_basemap(source, tmp_path).way == "own layers"


@pytest.mark.skipif(not tilemaker.found("auto"), reason="needs: apt-get install tilemaker (2.x)")
def test_tilemaker_draws_the_same_layers_and_says_the_same_of_them(source, made, tmp_path):
    report = write_basemap(source, tmp_path, way="tilemaker")
    assert report.way.startswith("tilemaker 2.")
    for layer in kinds.LAYERS:
        specks = layer in ("water", "landuse")  # each has its own measure of what is too small
        for zoom in (12, 14) if specks else (8, 10, 12, 14):
            ours = {tuple(sorted(one.items())) for one in said(made, layer, zoom)}
            theirs = {tuple(sorted(one.items())) for one in said(tmp_path / FILE, layer, zoom)}
            assert ours == theirs, f"{layer} at {zoom}"
    assert area(tmp_path / FILE, "water") == pytest.approx(area(made, "water"), rel=0.02)


# -- the towns -------------------------------------------------------------------------------------


@pytest.mark.town_data
def test_liechtenstein_is_small_and_has_all_its_layers(tmp_path):
    report = write_basemap(SHARED / "liechtenstein.osm.pbf", tmp_path, way="own")
    assert report.size_bytes < 1_000_000
    assert all(report.features.values())
    names = {one.get("name") for one in said(tmp_path / FILE, "places", 12)}
    assert {"Vaduz", "Schaan", "Balzers"} <= names


@pytest.mark.town_data
def test_monaco_lies_by_the_sea(tmp_path):
    report = write_basemap(SHARED / "monaco.osm.gz", tmp_path, way="own")
    assert report.notes == ()
    south_east = (report.bounds[2] - 0.002, report.bounds[1] + 0.002)
    assert wet(tmp_path / FILE, *south_east)
    assert not wet(tmp_path / FILE, 7.4165, 43.7310)  # the railway station


def wet(path: Path, lon: float, lat: float) -> bool:
    """Say whether a place is drawn as water."""
    import numpy as np

    from answerable.towns.basemap.tiling import world

    (x, y) = (world(np.array([[lon, lat]])) * 2**14)[0]
    tile = read(path)[2].get((14, int(x), int(y)), {})
    at = shapely.Point((x % 1) * 4096, (y % 1) * 4096)
    return any(
        shapely.geometry.shape(feature["geometry"]).contains(at)
        for feature in tile.get("water", {"features": []})["features"]
    )
