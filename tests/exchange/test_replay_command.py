"""``answerable replay``: exit codes, one line for bad input, one object for programs."""

import io
import json
import re
from pathlib import Path

import pytest

from answerable.dispatch.words import CloseIncident
from answerable.exchange.calls.cli import Remembered, replay_command
from answerable.intake.words import OpenIncident
from answerable.kernel.store import CommitFailed
from answerable.record import RECORD_FILE
from answerable.rooms import product
from answerable.towns.load import load_town
from tests.exchange.made_up import MAPPING, row


@pytest.fixture
def command(tmp_path: Path):
    """Run the command on a file; returns exit code, what was printed, what was complained."""
    (tmp_path / "made-up.toml").write_text(MAPPING)

    def run(file: Path, town="san_francisco", **options):
        out, err = io.StringIO(), io.StringIO()
        code = replay_command(
            file, town, rooms=product(manned=False), load=load_town, out=out, err=err,
            **{"mapping": tmp_path / "made-up.toml", **options},
        )  # fmt: skip
        return code, out.getvalue(), err.getvalue()

    return run


def test_json_is_one_object_with_the_account_the_service_and_the_clocks(command, csv_file):
    file = csv_file(row(), row(call="2", unit="M2"), row(call="3", lat="95"), row())
    code, out, err = command(file, as_json=True)
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert (found["rows_in"], found["rows_recorded"], found["rows_reported"]) == (4, 2, 2)
    assert found["events"] == 2 + 2 * 7
    assert found["seconds"] > 0
    assert found["clocks"] == []
    (cell,) = found["service"]
    assert cell["calls"] == cell["unit_rows"] == cell["calls_with_arrival"] == 2
    assert cell["p50_received_first_arrival_s"] == 360.0
    assert cell["share_within_10min"] == 1.0
    assert found["not_in_source"] == ["acknowledged", "en_route", "transporting", "at_hospital"]


def test_the_table_says_how_many_rows_went_where(command, csv_file):
    code, out, _ = command(csv_file(row(), row(call="2", received="never")))
    assert code == 0
    assert "rows in 2 = recorded 1 + reported 1" in out
    assert "not a time in the form the mapping gives" in out
    assert re.search(r"\(none\) +3 +1 +1 ", out)


def test_the_report_file_lists_what_was_not_recorded(command, csv_file, tmp_path):
    report = tmp_path / "unread.csv"
    command(csv_file(row(), row(call="2", received="never")), report=report)
    assert report.read_text().splitlines()[1].startswith("3,received,")


def test_the_record_is_kept_where_it_was_asked_for_and_not_written_over(
    command, csv_file, tmp_path
):
    data = tmp_path / "data"
    assert command(csv_file(row()), data=data)[0] == 0
    size = (data / RECORD_FILE).stat().st_size
    code, out, err = command(csv_file(row(call="2")), data=data)
    assert (code, out) == (2, "")
    assert "fresh record" in err
    assert (data / RECORD_FILE).stat().st_size == size


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"town": "atlantis"}, "no town 'atlantis'"),
        ({"mapping": Path("/nowhere/x.toml")}, "x.toml was not used"),
        ({"mapping": None}, "no column call_number"),
        ({"report": Path("/nowhere/report.csv")}, "folder does not exist"),
        ({"report": Path("/")}, "it is a folder"),
    ],
)
def test_bad_input_is_one_line_exit_code_2_and_nothing_recorded(
    command, csv_file, tmp_path, options, words
):
    code, out, err = command(csv_file(row()), data=tmp_path / "data", **options)
    assert (code, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1
    assert not (tmp_path / "data").exists()


def test_a_data_folder_that_cannot_be_used_is_one_line(command, csv_file, tmp_path):
    (tmp_path / "data").write_text("a file")
    code, out, err = command(csv_file(row()), data=tmp_path / "data")
    assert (code, out) == (2, "")
    assert err.count("\n") == 1


def test_a_record_that_fails_under_way_is_told_with_exit_code_1(command, csv_file, monkeypatch):
    def fail(*_: object) -> None:
        raise CommitFailed("the disk went away")

    monkeypatch.setattr("answerable.record.sqlite.SqliteStore.append", fail)
    code, out, err = command(csv_file(row()))
    assert (code, out) == (1, "")
    assert "the disk went away" in err
    assert err.count("\n") == 1


def test_a_position_asked_before_is_answered_from_memory_and_the_same():
    asked: list[tuple[float, float]] = []

    class Places:
        def locate(self, lon, lat):
            asked.append((lon, lat))
            return lon + lat

    places = Remembered(Places())
    assert [places.locate(1.0, 2.0), places.locate(1.0, 2.0), places.locate(2.0, 2.0)] == [3, 3, 4]
    assert asked == [(1.0, 2.0), (2.0, 2.0)]


def test_positions_of_the_plan_are_asked_for_together_and_none_a_second_time():
    together, apart = [], []

    class Places:
        def locate(self, lon, lat):
            apart.append((lon, lat))
            return lon + lat

        def locate_many(self, positions):
            together.append(list(positions))
            return [lon + lat for lon, lat in positions]

    def opened(lon: float | None, lat: float | None) -> OpenIncident:
        return OpenIncident(key="open", kind="k", priority="1", address="a", lon=lon, lat=lat)

    planned = [opened(2.0, 1.0), opened(1.0, 1.0), opened(2.0, 1.0), opened(None, None)]
    places = Remembered(Places(), [*planned, opened(999.0, 0.0), CloseIncident(
        key="close", incident="1", outcome="done"
    )])  # fmt: skip
    assert [places.locate(1.0, 1.0), places.locate(2.0, 1.0), places.locate(5.0, 0.0)] == [2, 3, 5]
    assert (together, apart) == ([[(1.0, 1.0), (2.0, 1.0)]], [(5.0, 0.0)])
