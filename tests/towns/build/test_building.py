"""The whole command on little maps: what it leaves behind, what it refuses, what it keeps."""

from __future__ import annotations

import bz2
import errno
import gzip
import json
import os
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from answerable.console.cli import app
from answerable.place.town_places import load_places
from answerable.towns.build import town as building
from answerable.towns.build.options import BuildOptions, BuildRefused
from answerable.towns.build.town import build_town
from answerable.towns.load import load_town
from tests.towns.build.maps import (
    STREET,
    node,
    options,
    osm,
    quiet,
    relation,
    square,
    way,
    written,
)

STATIONS = (
    node(1, 0, 1, amenity="fire_station", name="Feuerwehr"),
    node(2, 5, 1, amenity="hospital", name='Spital "Nord"'),
)


def a_map(*things: str) -> str:
    nodes, ways = square()
    every = sorted([*nodes, *ways, *things], key=lambda t: ("<n", "<w", "<r").index(t[:2]))
    return osm(*every)


@pytest.fixture
def roads(tmp_path: Path) -> Path:
    """The map of a little town with two stations."""
    return written(tmp_path, a_map(*STATIONS))


def left_behind(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*"))


def test_a_town_is_built_loads_and_runs(tmp_path: Path, roads: Path) -> None:
    folder, report = build_town(options(tmp_path, roads, title="Little", title_zh="小城"), quiet)
    town, places = load_town(folder), load_places(folder)
    assert folder == tmp_path / "out" / "little"
    assert (town.file.title, town.file.zone) == ({"en": "Little", "zh": "小城"}, "Europe/Vaduz")
    assert sorted(town.units) == ["A01", "A02", "E01"]
    assert town.file.hospitals == ('Spital "Nord"',)
    assert places.stations["FS01"].name == "Feuerwehr"
    assert places.unit_homes["E01"] == "FS01"
    north, south = places.snap(9.5, 47.105).node, places.snap(9.505, 47.1).node
    assert 0 < places.travel.time_s(north, south) < 600
    assert "OpenStreetMap contributors (ODbL)" in town.file.attribution[0]
    assert report.turn_restrictions_kept is False
    assert left_behind(tmp_path / "out") == [
        "little",
        *sorted(f"little/{name}" for name in (*report.files, "BUILD.md", "build.json")),
    ]


def test_the_same_input_gives_the_same_bytes(tmp_path: Path, roads: Path) -> None:
    one = build_town(options(tmp_path, roads), quiet)[0]
    other = build_town(options(tmp_path, roads, into=tmp_path / "again"), quiet)[0]
    names = sorted(path.name for path in one.iterdir())
    assert names == sorted(path.name for path in other.iterdir())
    for name in names:
        assert (one / name).read_bytes() == (other / name).read_bytes(), name


def test_the_report_says_what_was_read_made_and_left_out(tmp_path: Path, roads: Path) -> None:
    folder, report = build_town(options(tmp_path, roads), quiet)
    told = json.loads((folder / "build.json").read_text())
    assert told["inputs"]["roads"]["file"] == "map.osm"
    assert told["streets"]["by_highway"] == {"residential": 4}
    assert told["command"] == "answerable town build little --roads map.osm --zone Europe/Vaduz"
    text = (folder / "BUILD.md").read_text()
    assert report.inputs["roads"].sha256 in text
    assert str(tmp_path) not in text + json.dumps(told)


def test_what_the_map_knows_of_turning_is_said_in_the_town(tmp_path: Path) -> None:
    turn = relation(
        1, [("way", 100, "from"), ("node", 101, "via"), ("way", 101, "to")],
        {"type": "restriction", "restriction": "no_left_turn"},
    )  # fmt: skip
    folder = build_town(options(tmp_path, written(tmp_path, a_map(*STATIONS, turn))), quiet)[0]
    notes = [note["en"] for note in load_town(folder).file.notes]
    assert notes[0] == "The map has 1 turn restrictions; road times do not keep them."


def test_a_town_without_stations_is_built_and_says_what_to_do(tmp_path: Path) -> None:
    said: list[str] = []
    folder, _ = build_town(options(tmp_path, written(tmp_path, a_map())), said.append)
    assert any(line.startswith("no stations:") and "--stations" in line for line in said)
    town = load_town(folder)
    assert not town.units
    assert any("stations.geojson" in note["en"] for note in town.file.notes)
    assert load_places(folder).locate(9.5, 47.1).battalion == ""


def test_a_town_in_two_pieces_is_built_and_everybody_is_told(tmp_path: Path) -> None:
    apart = [node(n, 20 + n % 6, 20 + n // 6) for n in range(30)]
    rows = [way(n, [n, n + 1], STREET) for n in range(29)]
    said: list[str] = []
    grid = [
        node(200 + n, n % 8, n // 8) for n in range(64)
    ] + [way(200 + n, [200 + n, 201 + n], STREET) for n in range(63)]  # fmt: skip
    roads = written(tmp_path, a_map(*STATIONS, *apart, *rows, *grid))
    folder, report = build_town(options(tmp_path, roads), said.append)
    assert report.pieces.torn[0].junctions == 30
    assert any(line.startswith("the roads are in pieces: 30 junctions") for line in said)
    assert any("cannot be driven to" in note["en"] for note in load_town(folder).file.notes)
    places = load_places(folder)
    assert places.snap(9.522, 47.122).far, "a position on the cut-off piece has no road time"
    assert not places.snap(9.502, 47.102).far


@pytest.mark.parametrize("ending", [".osm", ".osm.gz", ".osm.bz2"])
def test_a_map_is_read_packed_or_not(tmp_path: Path, ending: str) -> None:
    raw = a_map(*STATIONS).encode()
    packed = {".osm": raw, ".osm.gz": gzip.compress(raw), ".osm.bz2": bz2.compress(raw)}[ending]
    path = tmp_path / f"map{ending}"
    path.write_bytes(packed)
    _, report = build_town(options(tmp_path, path), quiet)
    assert report.map.nodes == 6


# -- refusals ------------------------------------------------------------------------------------


def bad(folder: Path, name: str, raw: bytes) -> Path:
    (folder / name).write_bytes(raw)
    return folder / name


def packed_map() -> bytes:
    return gzip.compress(a_map(*STATIONS, *[node(n, n, 3) for n in range(1000, 3000)]).encode())


@pytest.mark.parametrize(
    ("name", "raw", "why"),
    [
        ("map.osm.pbf", b"hello\n" * 100, "cannot be read as a map"),
        ("map.osm.pbf", b"", "cannot be read as a map"),
        ("map.osm", b"<html><body/></html>", "cannot be read as a map"),
        ("map.osm", a_map()[:400].encode(), "cannot be read as a map"),
        ("map.osm.gz", packed_map()[:2000], "cannot be read as a map"),
        ("map.txt", b"x", "does not end in .osm.pbf"),
        ("map.osm", osm().encode(), "holds no node"),
        ("map.osm", osm(*square()[0]).encode(), "no street in map.osm can be driven (it has no"),
        (
            "map.osm",
            osm(*square()[0], way(1, [100, 101], {"highway": "steps"})).encode(),
            "can be driven (1 highway=steps)",
        ),
        (
            "map.osm",
            osm(*square()[0], way(1, [100, 101], STREET | {"oneway": "yes"})).encode(),
            "no street joins two junctions that can reach each other",
        ),
        (
            "map.osm",
            osm(*square()[1], *square()[0]).encode(),
            "is not sorted: a node comes late in it",
        ),
    ],
)
def test_a_bad_map_is_refused_in_three_sentences_and_leaves_nothing(
    tmp_path: Path, name: str, raw: bytes, why: str
) -> None:
    path = bad(tmp_path, name, raw)
    with pytest.raises(BuildRefused) as refusal:
        build_town(options(tmp_path, path), quiet)
    assert why in str(refusal.value)
    assert str(refusal.value).startswith("Not built: ")
    assert str(refusal.value).endswith(". Nothing was left behind.")
    assert left_behind(tmp_path) == [name]


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"roads": Path("nowhere.osm.pbf")}, "there is no file nowhere.osm.pbf"),
        ({"zone": "Europe/Atlantis"}, "there is no time zone 'Europe/Atlantis'"),
        ({"zone": "../etc/passwd"}, "there is no time zone"),
        ({"zone": "Europe"}, "there is no time zone"),
        ({"name": "../evil"}, "'../evil' is no name"),
        ({"name": "Big Town"}, "'Big Town' is no name"),
        ({"title": "x" * 200}, "the town that came out cannot be used"),
        ({"stations": Path("nowhere.geojson")}, "the stations in nowhere.geojson cannot be read"),
        ({"areas": Path("nowhere.geojson")}, "the areas in nowhere.geojson cannot be read"),
        ({"country_speeds": Path("nowhere.toml")}, "the speeds in nowhere.toml cannot be used"),
    ],
)
def test_a_wrong_option_is_refused_and_leaves_nothing(
    tmp_path: Path, roads: Path, more: dict[str, object], why: str
) -> None:
    with pytest.raises(BuildRefused, match="Not built") as refusal:
        build_town(options(tmp_path, roads, **more), quiet)
    assert why in str(refusal.value)
    assert left_behind(tmp_path) == ["map.osm"]


def test_stations_that_all_lie_elsewhere_are_refused(tmp_path: Path, roads: Path) -> None:
    point = {"type": "Point", "coordinates": [-122.4, 37.7]}
    feature = {"type": "Feature", "properties": {"type": "police", "name": "SF"}, "geometry": point}
    text = json.dumps({"type": "FeatureCollection", "features": [feature]})
    stations = written(tmp_path, text, "stations.geojson")
    with pytest.raises(
        BuildRefused, match=r"every station of stations\.geojson is more than 500 m"
    ):
        build_town(options(tmp_path, roads, stations=stations), quiet)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[class]\nresidential = 30\n", "source"),
        ('source = "law"\n[class]\nfootway = 5\n', "'footway' is not one of"),
        ('source = "law"\n[zone]\n"XX:urban" = 900\n', "is not a speed of 1 to 200"),
        ("source = [", "cannot be used"),
    ],
)
def test_a_wrong_table_of_speeds_is_refused(
    tmp_path: Path, roads: Path, text: str, why: str
) -> None:
    table = written(tmp_path, text, "speeds.toml")
    with pytest.raises(BuildRefused, match="the speeds in") as refusal:
        build_town(options(tmp_path, roads, country_speeds=table), quiet)
    assert why in str(refusal.value)


def test_a_countrys_speeds_lie_over_the_table(tmp_path: Path, roads: Path) -> None:
    table = written(tmp_path, 'source = "law of X"\n[class]\nresidential = 50\n', "speeds.toml")
    folder, report = build_town(options(tmp_path, roads, country_speeds=table), quiet)
    assert load_places(folder).roads.segment_mph.tolist() == [31.07] * 4
    assert report.streets.speed_source.endswith("over them: law of X")


def test_a_disk_that_is_full_leaves_nothing(
    tmp_path: Path, roads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(building, "write_labels", full)
    with pytest.raises(BuildRefused, match=r"cannot be written \(No space left on device\)"):
        build_town(options(tmp_path, roads), quiet)
    assert left_behind(tmp_path) == ["map.osm"]


def test_without_the_library_the_line_that_installs_it_is_given(
    tmp_path: Path, roads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "osmium", None)
    with pytest.raises(BuildRefused, match=r"pip install 'answerable\[osm\]'"):
        build_town(options(tmp_path, roads), quiet)
    assert left_behind(tmp_path) == ["map.osm"]


# -- a folder that is there already --------------------------------------------------------------


def test_a_folder_that_is_there_is_refused_and_untouched(tmp_path: Path, roads: Path) -> None:
    mine = tmp_path / "out" / "little"
    mine.mkdir(parents=True)
    (mine / "notes.txt").write_text("mine")
    with pytest.raises(BuildRefused, match=r"there is a folder .* already"):
        build_town(options(tmp_path, roads), quiet)
    with pytest.raises(BuildRefused, match=r"is no town: it has no town\.toml"):
        build_town(options(tmp_path, roads, replace=True), quiet)
    assert left_behind(mine) == ["notes.txt"]


def test_replacing_keeps_what_is_not_made_and_what_was_edited(tmp_path: Path, roads: Path) -> None:
    folder = build_town(options(tmp_path, roads), quiet)[0]
    (folder / "calls.csv.gz").write_bytes(b"calls")
    edited = (folder / "units.csv").read_text() + "E99,ENGINE,FS01,\n"
    (folder / "units.csv").write_text(edited)
    more = node(3, 3, 0, amenity="police")
    again = written(tmp_path, a_map(*STATIONS, more), "new.osm")
    said: list[str] = []
    build_town(options(tmp_path, again, replace=True), said.append)
    assert (folder / "calls.csv.gz").read_bytes() == b"calls"
    assert (folder / "units.csv").read_text() == edited
    assert "P01" in (folder / "units.csv.built").read_text()
    assert "PS01" in (folder / "stations.geojson").read_text()
    assert any("units.csv as you edited it" in line for line in said)
    assert left_behind(tmp_path / "out")[0] == "little"
    assert not (tmp_path / "out" / "little.before").exists()
    untouched = build_town(options(tmp_path, again, replace=True), quiet)[0]
    assert (untouched / "units.csv").read_text() == edited, "kept a second time too"


def test_a_refused_replacement_leaves_the_old_town_as_it_was(tmp_path: Path, roads: Path) -> None:
    folder = build_town(options(tmp_path, roads), quiet)[0]
    before = {path: path.read_bytes() for path in folder.iterdir()}
    broken = bad(tmp_path, "broken.osm.pbf", b"no")
    with pytest.raises(BuildRefused):
        build_town(options(tmp_path, broken, replace=True), quiet)
    assert {path: path.read_bytes() for path in folder.iterdir()} == before
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["little"]


# -- the command ---------------------------------------------------------------------------------


def run(*words: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["town", "build", *map(str, words)])
    return result.exit_code, result.stdout, result.stderr


def test_the_command_tells_its_progress_apart_from_its_report(tmp_path: Path, roads: Path) -> None:
    words = ("little", "--roads", roads, "--zone", "Europe/Vaduz", "--into", tmp_path / "out")
    code, out, err = run(*words, "--json")
    assert code == 0
    assert json.loads(out)["town"] == "little"
    assert "reading map.osm" in err
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert err.startswith("Not built: there is a folder")
    code, out, err = run(*words, "--replace")
    assert code == 0
    assert "BUILD.md there says what was left out" in out


def test_the_options_are_frozen() -> None:
    with pytest.raises(AttributeError):
        BuildOptions(name="a", roads=Path("x"), zone="UTC").name = "b"  # type: ignore[misc]
