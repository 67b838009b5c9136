"""Boone County and San Luis Obispo: other columns, other faults, the same account of rows.

Their data stay outside the repository. The counts here are of the files in ``dev/``; the README of
the data counts faults over longer periods.
"""

import io
import itertools
import json
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from answerable.exchange.calls.cli import replay_command
from answerable.exchange.calls.mapping import load_mapping
from answerable.exchange.calls.rows import read_calls
from answerable.exchange.calls.times import Flag
from answerable.rooms import product
from answerable.towns.load import load_town

pytestmark = pytest.mark.town_data

MAPPINGS = Path(__file__).parent / "mappings"
BOONE, SLO = "boone_mo_ems_2016.parquet", "slo_police_log_2021-09_2021-12.parquet"


def read(shared: Path, file: str, name: str):
    return read_calls(shared / "dev" / file, load_mapping(MAPPINGS / f"{name}.toml"))


def replayed(shared: Path, file: str, name: str) -> dict:
    out, err = io.StringIO(), io.StringIO()
    code = replay_command(
        shared / "dev" / file, "san_francisco", rooms=product(), load=load_town, as_json=True,
        mapping=MAPPINGS / f"{name}.toml", out=out, err=err,
    )  # fmt: skip
    assert (code, err.getvalue()) == (0, "")
    return json.loads(out.getvalue())


def test_every_row_of_boone_is_in_the_record(shared):
    found = replayed(shared, BOONE, "boone")
    assert (found["rows_in"], found["rows_recorded"], found["rows_reported"]) == (11_652, 11_652, 0)
    assert sum(cell["unit_rows"] for cell in found["service"]) == 11_649, "3 rows name no unit"
    assert found["not_in_source"] == ["acknowledged", "transporting", "at_hospital"]


def test_stamps_of_boone_that_kept_the_date_of_the_call_get_their_day(shared):
    """Between neighbouring stages, what lies half a day or more back is moved."""
    source = read(shared, BOONE, "boone")
    columns = [stage.column for stage in source.mapping.stage]
    table = pq.read_table(shared / "dev" / BOONE)
    repaired = 0
    for former, stage in itertools.pairwise(columns):
        step = (table[stage].to_numpy() - table[former].to_numpy()) / np.timedelta64(1, "s")
        at = columns.index(stage)
        for i in np.flatnonzero(step <= -43_200).tolist():
            row = source.rows[i]
            assert row.flags[at] & Flag.ROLLED_OVER
            assert 0 <= row.at[at] - row.at[at - 1] <= 43_200_000_000
            repaired += 1
    marks = source.marks()
    assert repaired == 297
    assert [marks[column, Flag.ROLLED_OVER] for column in columns[1:]] == [5, 7, 35, 325]
    assert [marks[column, Flag.OUT_OF_ORDER] for column in columns[1:]] == [8, 8, 5, 14]


def test_every_row_of_san_luis_obispo_is_in_the_record_or_reported_as_a_duplicate(shared):
    found = replayed(shared, SLO, "slo")
    assert (found["rows_in"], found["rows_recorded"]) == (11_828, 11_538)
    assert found["reported"] == {"the same row again, in every column": 290}
    assert found["precision_s"] == 60.0
    assert "cleared" in found["not_in_source"]


def test_times_of_day_of_san_luis_obispo_roll_past_midnight_once(shared):
    source = read(shared, SLO, "slo")
    marks = source.marks()
    assert marks["dispatched_hhmm", Flag.ROLLED_OVER] == 34
    assert marks["arrived_hhmm", Flag.ROLLED_OVER] == 80
    for row in source.rows:
        for t, flags in zip(row.at[1:], row.flags[1:], strict=True):
            if t is not None and flags & Flag.ROLLED_OVER:
                assert 0 <= t - row.at[0] <= 2 * 43_200_000_000
