"""Rows in = rows read + rows reported, whatever is in the file; and never a traceback."""

import csv
import gzip
import io
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from answerable.exchange.calls.mapping import parse_mapping
from answerable.exchange.calls.plan import plan_calls
from answerable.exchange.calls.problems import SourceRefused, write_report
from answerable.exchange.calls.rows import read_calls
from tests.exchange.made_up import HEADER, MAPPING, row

MADE_UP = parse_mapping(MAPPING, "made-up.toml")
NAMES = HEADER.split(",")
STAMPS = st.sampled_from(
    ["2018-06-01 10:00:00", "2018-11-04 01:30:00", "2018-03-11 02:30:00", "2018-06-01 00:00:01",
     "1900-01-01 00:00:00", "2100-01-01 00:00:00", "2018-06-01", "", "x", "9999-12-31 23:59:59"]
)  # fmt: skip
# No line breaks: in a row that is broken anyway, every physical line counts as one.
WORDS = st.text(st.characters(exclude_characters="\r\n", codec="utf-8"), max_size=8)
ODD = st.one_of(STAMPS, WORDS, st.sampled_from(["0", "-122.4", "1e400", "nan", '"', "+", "E1+E2"]))
CELLS = st.lists(ODD, min_size=13, max_size=13)
ROWS = st.lists(
    st.one_of(CELLS, st.lists(ODD, max_size=15), st.just(row().split(","))), max_size=12
)


def account(path: Path) -> int:
    """Read a file; return how many rows are accounted for, each of them once."""
    source = read_calls(path, MADE_UP)
    lines = [r.line for r in source.rows] + [r.line for r in source.reported]
    assert len(lines) == len(set(lines)) == source.rows_in
    planned = plan_calls(source, {"Medical Incident"})
    assert {p.line for p in planned.commands} <= {r.line for r in source.rows}
    assert planned.commands == sorted(planned.commands, key=lambda p: p.order)
    write_report(path.with_suffix(".report.csv"), source.reported)
    write_report(path.with_suffix(".json"), source.reported)
    return source.rows_in


def one_line(refusal: SourceRefused) -> None:
    assert "\n" not in str(refusal)


def blank_line(cells: list[str]) -> bool:
    """Say whether a row is written as a blank line, which is no row."""
    text = io.StringIO(newline="")
    csv.writer(text).writerow(cells)
    return not text.getvalue().strip()


@settings(deadline=None, max_examples=60)
@given(ROWS)
def test_every_row_of_a_mangled_csv_is_read_or_reported(rows):
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(NAMES)
    writer.writerows(rows)
    data = text.getvalue().encode("utf-8", "surrogatepass")
    expected = sum(not blank_line(row) for row in rows)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv.gz"
        path.write_bytes(gzip.compress(data, 1))
        try:
            assert account(path) == expected
        except SourceRefused:
            assert expected == 0


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=400), st.integers(0, 400))
def test_bytes_thrown_into_a_csv_are_reported_or_refused(noise, at):
    good = "\n".join([HEADER, *(row(call=str(n)) for n in range(4))]).encode()
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_bytes(good[:at] + noise + good[at:])
        try:
            assert account(path) >= 1
        except SourceRefused as refusal:
            one_line(refusal)


@settings(deadline=None, max_examples=60)
@given(st.lists(CELLS, min_size=1, max_size=12))
def test_every_row_of_a_mangled_parquet_is_read_or_reported(rows):
    columns = {name: pa.array([r[at] for r in rows]) for at, name in enumerate(NAMES)}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.parquet"
        pq.write_table(pa.table(columns), path)
        assert account(path) == len(rows)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(-(2**63) + 1, 2**63 - 1), min_size=1, max_size=6), st.booleans())
def test_any_number_in_a_parquet_time_is_read_or_reported(micros, utc):
    columns = {name: pa.array([cell] * len(micros)) for name, cell in zip(
        NAMES, row().split(","), strict=True)}  # fmt: skip
    columns["received"] = pa.array(micros, pa.timestamp("us", "UTC" if utc else None))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.parquet"
        pq.write_table(pa.table(columns), path)
        assert account(path) == len(micros)


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=60), st.integers(0, 5000))
def test_a_damaged_parquet_is_read_or_refused(noise, at):
    columns = {name: pa.array([cell] * 3) for name, cell in zip(
        NAMES, row().split(","), strict=True)}  # fmt: skip
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.parquet"
        pq.write_table(pa.table(columns), path)
        data = path.read_bytes()
        path.write_bytes(data[:at] + noise + data[at + len(noise) :])
        try:
            account(path)
        except SourceRefused as refusal:
            one_line(refusal)


def test_the_report_holds_line_column_reason_and_value(tmp_path, mapping, csv_file):
    source = read_calls(csv_file(row(), row(call="2", lat="99")), mapping)
    write_report(tmp_path / "report.csv", source.reported)
    (line,) = csv.DictReader((tmp_path / "report.csv").open())
    assert line == {
        "line": "3",
        "column": "lat",
        "reason": "off the earth: not within 90 degrees",
        "value": "99",
    }
