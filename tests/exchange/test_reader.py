"""Files of every sort: read, or refused in one line; a broken row costs only itself."""

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from answerable.exchange.calls.problems import SourceRefused
from answerable.exchange.calls.rows import read_calls
from tests.exchange.made_up import HEADER, row


def refusal(path: Path, mapping) -> str:
    with pytest.raises(SourceRefused) as caught:
        read_calls(path, mapping)
    text = str(caught.value)
    assert "\n" not in text
    assert text.endswith(".")
    return text


def made(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


GOOD = f"{HEADER}\n{row()}\n".encode()


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.csv", b"", "It is empty"),
        ("a.csv", b"\n\n", "first line is blank"),
        ("a.csv", f"{HEADER}\n".encode(), "header and no rows"),
        ("a.csv", b"call,unit\n1,E1\n", "no column kind"),
        ("a.csv", GOOD.replace(b"lat", b"lon"), "no column lat"),
        ("a.csv", GOOD.replace(b"place", b"call", 1), "no column place"),
        ("a.csv", f"{HEADER},call\n{row()},2\n".encode(), "more than once"),
        ("a.csv", GOOD.decode().encode("utf-16"), "not utf-8 text"),
        ("a.csv", b'"' + b"x\n" * 100, "cannot be read as CSV"),
        ("a.csv.gz", GOOD, "compression is damaged"),
        ("a.csv.gz", gzip.compress(GOOD * 50)[:-9], "compression is damaged"),
        ("a.csv.gz", gzip.compress(b""), "first line is blank"),
        ("a.parquet", GOOD, "not a Parquet file"),
        ("a.parquet", b"PAR1" + b"\x00" * 40 + b"PAR1", "not a Parquet file"),
        ("a.xlsx", GOOD, "does not say what it is"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_in_one_line(tmp_path, mapping, name, data, words):
    assert words in refusal(made(tmp_path / name, data), mapping)


def test_a_path_that_is_no_file_is_refused_in_one_line(tmp_path, mapping):
    assert "No such file" in refusal(tmp_path / "none.csv", mapping)
    assert "folder" in refusal(tmp_path, mapping)


def test_a_missing_column_is_named_and_so_are_the_columns_there(csv_file, mapping):
    text = refusal(csv_file("1,2,3", header="a,b,c"), mapping)
    assert "no column call, unit, kind" in text
    assert "it has a, b, c" in text


def test_the_mark_that_spreadsheets_put_in_front_is_no_part_of_a_name(tmp_path, mapping):
    path = made(tmp_path / "a.csv", b"\xef\xbb\xbf" + GOOD)
    assert len(read_calls(path, mapping).rows) == 1


def test_windows_line_ends_and_blank_lines_make_no_rows(tmp_path, mapping):
    text = f"{HEADER}\r\n{row()}\r\n\r\n{row(call='2')}\r\n   \r\n"
    source = read_calls(made(tmp_path / "a.csv", text.encode()), mapping)
    assert [r.line for r in source.rows] == [2, 4]
    assert source.reported == []


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        ("1,E1,MED", "3 fields where the header has 13"),
        (row(call="9") + ",extra", "14 fields"),
        (row(call=""), "no value"),
        (row(call="9" * 65), "at most 64"),
        (row(received=""), "no time"),
        (row(received="yesterday"), "not a time"),
        (row(clear="2018-02-30 10:00:00"), "not a time"),
        (row(received="1900-01-01 10:00:00"), "not between"),
        (row(clear="2100-01-01 10:00:00"), "not between"),
        (row(sent="2018-05-28 10:00:00"), "before its call"),
        (row(clear="2018-07-01 10:00:00"), "after its call"),
        (row(lat="91"), "off the earth"),
        (row(lon="-181"), "off the earth"),
        (row(lon="west"), "not a number"),
        (row(lon="nan"), "not a number"),
        (row(lon="inf"), "not a number"),
        (row(lon=""), "not a number"),
        (row(kind="M" * 70), "at most 64"),
        (row(place="x" * 300), "at most 240"),
        (row(place="a\x07b"), "one line"),
        (row(unit="E1+" + "E" * 70), "unit's name"),
    ],
)
def test_a_row_that_cannot_be_used_is_reported_with_its_line_and_the_rest_is_read(
    csv_file, mapping, bad, reason
):
    source = read_calls(csv_file(row(call="a"), bad, row(call="b")), mapping)
    assert [r.line for r in source.rows] == [2, 4]
    (fault,) = source.reported
    assert fault.line == 3
    assert reason in fault.reason
    assert source.rows_in == 3


def test_a_reported_row_names_column_and_value(csv_file, mapping):
    source = read_calls(csv_file(row(), row(call="2", there="25:61")), mapping)
    (fault,) = source.reported
    assert (fault.column, fault.value) == ("there", "25:61")


def test_a_time_still_to_come_is_absurd(csv_file, mapping):
    source = read_calls(csv_file(row()), mapping, now_us=1_000_000_000_000_000)
    assert [fault.reason for fault in source.reported] == ["still to come"]


def test_a_quote_that_is_never_closed_costs_its_own_row_only(csv_file, mapping):
    rows = [row(call=str(n)) for n in range(300)]
    rows[100] = row(call="100", place='"1 Block')
    source = read_calls(csv_file(*rows), mapping)
    assert [fault.line for fault in source.reported] == [102]
    assert len(source.rows) == 299


def test_a_field_may_hold_a_line_break_and_becomes_one_line(csv_file, mapping):
    source = read_calls(csv_file(row(place='"1 Block\nrear\u00a0door"')), mapping)
    assert source.rows[0].place == "1 Block rear door"


def test_bytes_of_another_encoding_cost_their_own_row_only(tmp_path, mapping):
    text = "\n".join([HEADER, row(place="Caf\xe9"), row(call="2")])
    source = read_calls(made(tmp_path / "a.csv", text.encode("latin-1")), mapping)
    assert [fault.line for fault in source.reported] == [2]
    assert "encoding" in source.reported[0].reason
    assert len(source.rows) == 1


def test_the_same_row_again_is_reported_as_a_duplicate_with_the_line_of_the_first(
    csv_file, mapping
):
    source = read_calls(csv_file(row(), row(call="2"), row()), mapping)
    (fault,) = source.reported
    assert (fault.line, fault.value) == (4, "line 2")
    assert "again" in fault.reason


def test_a_point_that_stands_for_none_is_no_position(csv_file, mapping):
    source = read_calls(csv_file(row(lon="0", lat="0.0"), row(call="2", lon="", lat="")), mapping)
    assert [r.point for r in source.rows] == [None, None]


def parquet(path: Path, **changed: pa.Array) -> Path:
    names = HEADER.split(",")
    columns = dict(zip(names, ([cell] for cell in row().split(",")), strict=True))
    pq.write_table(pa.table({**columns, **changed}), path)
    return path


STAMP = 1_527_847_200_000_000  # 2018-06-01 10:00:00 as a wall clock shows it


@pytest.mark.parametrize(
    ("values", "instant_us"),
    [
        (pa.array(["2018-06-01 10:00:00"]), STAMP + 7 * 3_600_000_000),
        (pa.array([STAMP], pa.timestamp("us")), STAMP + 7 * 3_600_000_000),
        (pa.array([STAMP // 1_000_000], pa.timestamp("s")), STAMP + 7 * 3_600_000_000),
        (pa.array([STAMP * 1000], pa.timestamp("ns")), STAMP + 7 * 3_600_000_000),
        (pa.array([STAMP + 7 * 3_600_000_000], pa.timestamp("us", "UTC")),
         STAMP + 7 * 3_600_000_000),
        (pa.array(["2018-06-01 10:00:00"]).dictionary_encode(), STAMP + 7 * 3_600_000_000),
    ],
)  # fmt: skip
def test_parquet_times_are_read_from_every_type_of_column(tmp_path, mapping, values, instant_us):
    source = read_calls(parquet(tmp_path / "a.parquet", received=values), mapping)
    assert source.reported == []
    assert source.rows[0].at[0] == instant_us


def test_a_parquet_time_too_far_off_for_any_calendar_is_reported(tmp_path, mapping):
    values = pa.array([2**60], pa.timestamp("ms"))
    source = read_calls(parquet(tmp_path / "a.parquet", received=values), mapping)
    assert "not between" in source.reported[0].reason


@pytest.mark.parametrize(
    ("values", "call"),
    [
        (pa.array([200930004]), "200930004"),
        (pa.array([200930004.0]), "200930004"),
        (pa.array([b"200930004"]), "200930004"),
        (pa.array([True]), "true"),
        (pa.array([[1, 2]]), "[1, 2]"),
    ],
)
def test_a_call_number_of_any_type_is_read_as_text(tmp_path, mapping, values, call):
    source = read_calls(parquet(tmp_path / "a.parquet", call=values), mapping)
    assert source.rows[0].call == call


def test_parquet_and_csv_of_the_same_rows_read_the_same(tmp_path, csv_file, mapping):
    ours = read_calls(csv_file(row()), mapping).rows[0]
    theirs = read_calls(parquet(tmp_path / "a.parquet"), mapping).rows[0]
    assert (ours.at, ours.point, ours.call, ours.kind) == (
        theirs.at, theirs.point, theirs.call, theirs.kind,
    )  # fmt: skip
    assert ours.kind == "Medical Incident"
