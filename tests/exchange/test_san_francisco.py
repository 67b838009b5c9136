"""The real days of San Francisco, through the hub: every row, and the published answers."""

import csv
import datetime
import gzip
import io
import json
import runpy
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from answerable.exchange.calls.cli import replay_command
from answerable.exchange.calls.mapping import load_mapping
from answerable.exchange.calls.rows import read_calls
from answerable.exchange.calls.times import Flag
from answerable.rooms import product
from answerable.towns.load import load_town, packaged_towns

TOWN = packaged_towns()["san_francisco"]
ROOT = Path(__file__).resolve().parents[2]
FILES = {
    "sffd_citywide_2016-12-31_2017-01-07": 7_704,
    "sffd_citywide_2020-04-02_2020-04-13": 8_926,
    "sffd_six_neighborhoods_2018h1": 37_869,
}


def replayed(file: Path) -> dict:
    out, err = io.StringIO(), io.StringIO()
    code = replay_command(
        file, "san_francisco", rooms=product(), load=load_town, as_json=True, out=out, err=err
    )
    assert (code, err.getvalue()) == (0, "")
    return json.loads(out.getvalue())


def assert_equal_to_reference(service: list[dict], reference: Path) -> None:
    """Counts exactly, seconds within 1e-6, shares within 1e-4, every column and row."""
    with reference.open() as file:
        expected = list(csv.DictReader(file))
    assert len(service) == len(expected)
    for found, want in zip(service, expected, strict=True):
        assert set(found) == set(want)
        for name, text in want.items():
            if name.startswith(("call_type", "final")):
                assert found[name] == text
            elif name.endswith("_s"):
                assert found[name] == pytest.approx(float(text), abs=1e-6)
            elif name.startswith("share"):
                assert found[name] == pytest.approx(float(text), abs=1e-4)
            else:
                assert found[name] == int(text)


@pytest.mark.town_data
@pytest.mark.parametrize("name", FILES)
def test_the_service_report_of_the_record_is_the_published_reference(shared, name):
    found = replayed(shared / "dev" / f"{name}.parquet")
    assert found["rows_in"] == found["rows_recorded"] == FILES[name]
    assert found["rows_reported"] == 0
    assert_equal_to_reference(found["service"], shared / "published" / f"{name}.reference.csv")


@pytest.mark.town_data
@pytest.mark.parametrize("name", FILES)
def test_the_real_stamps_out_of_order_are_kept_and_marked(shared, name):
    source = read_calls(shared / "dev" / f"{name}.parquet", load_mapping(TOWN / "mapping.toml"))
    table = pq.read_table(shared / "dev" / f"{name}.parquet")
    marked = {
        row.line for row in source.rows if any(flag & Flag.OUT_OF_ORDER for flag in row.flags)
    }
    columns = [table[stage.column].to_pylist() for stage in source.mapping.stage]
    disordered = set()
    for line, stamps in enumerate(zip(*columns, strict=True), 1):
        given = [stamp for stamp in stamps if stamp is not None]
        if given != sorted(given):
            disordered.add(line)
    assert marked == disordered
    assert not any(flag & ~Flag.OUT_OF_ORDER for row in source.rows for flag in row.flags)


@pytest.mark.town_data
def test_the_null_counts_are_those_printed_by_somebody_else(shared):
    told = json.loads((shared / "published/sffd_2016w53_independent_counts.json").read_bytes())
    source = read_calls(shared / told["file"], load_mapping(TOWN / "mapping.toml"))
    missing = {
        stage.column: sum(row.at[at] is None for row in source.rows)
        for at, stage in enumerate(source.mapping.stage)
    }
    assert source.rows_in == told["rows"]
    for column, count in told["null_counts"].items():
        assert missing.get(column, count) == count


def test_the_packaged_calls_are_all_recorded():
    found = replayed(TOWN / "calls.csv.gz")
    assert found["rows_in"] == found["rows_recorded"] == 8_926
    assert sum(cell["calls"] for cell in found["service"]) == 4_641
    assert found["stacked"] == 20


@pytest.mark.town_data
def test_the_packaged_calls_come_out_the_same_as_their_source(shared):
    name = "sffd_citywide_2020-04-02_2020-04-13"
    tool = runpy.run_path(str(ROOT / "tools/build_san_francisco_calls.py"))
    text = tool["cut"](shared / "dev" / f"{name}.parquet")
    packed = (TOWN / "calls.csv.gz").read_bytes()
    assert gzip.decompress(packed) == text
    assert packed[4:8] == b"\0\0\0\0", "no time of making in the archive"
    assert tool["packed"](text) == tool["packed"](text)
    mapping = load_mapping(TOWN / "mapping.toml")
    ours = read_calls(TOWN / "calls.csv.gz", mapping).rows
    theirs = read_calls(shared / "dev" / f"{name}.parquet", mapping).rows
    assert [(r.call, r.at, r.flags, r.kind) for r in ours] == [
        (r.call, r.at, r.flags, r.kind) for r in theirs
    ]


def test_the_size_and_the_source_of_the_packaged_calls():
    assert (TOWN / "calls.csv.gz").stat().st_size < 400_000
    assert "PDDL" in (TOWN / "ATTRIBUTION-calls.md").read_text()


def test_the_night_of_4_november_2018_gives_no_negative_duration(tmp_path):
    """B8, whole: the naive waits of -71 to -3,046 s come out of the record as they were."""
    mapping = load_mapping(TOWN / "mapping.toml")
    night = datetime.datetime(2018, 11, 4, 1, 55)  # noqa: DTZ001 - wall time
    waits_s = [-71, -844, -2_446, -3_046]
    table = {name: ["Medical Incident"] * 4 for name in mapping.required_columns()}
    table |= {
        "call_number": [f"18308{n}" for n in range(4)],
        "unit_id": [f"E0{n}" for n in range(4)],
        "final_priority": ["3"] * 4,
        "lon": [-122.4] * 4,
        "lat": [37.77] * 4,
    }
    times = {stage.column: [None] * 4 for stage in mapping.stage}
    times |= {name: [night] * 4 for name in ("received_ts", "entry_ts", "dispatch_ts")}
    times["on_scene_ts"] = [night + datetime.timedelta(seconds=s) for s in waits_s]
    stamps = {n: pa.array(values, pa.timestamp("us")) for n, values in times.items()}
    pq.write_table(pa.table({**table, **stamps}), tmp_path / "night.parquet")
    (cell,) = replayed(tmp_path / "night.parquet")["service"]
    true_s = sorted(3600 + s for s in waits_s)
    assert cell["calls_with_arrival"] == 4
    assert cell["p50_received_first_arrival_s"] == (true_s[1] + true_s[2]) / 2
