"""The command line: what cannot begin says so in one line with a way out, exit 2, nothing made."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from answerable import __version__
from answerable.console.cli import app
from answerable.towns.load import town_folder

HEAD = 40
"""Lines of the packaged calls that are enough for a replay."""


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def told(result: Result) -> str:
    """Return the one line of a refusal, having checked that it is one, and no traceback."""
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.output
    assert len(result.stderr.strip().splitlines()) == 1, result.stderr
    return result.stderr


@pytest.fixture
def port() -> str:
    return "0"


@pytest.fixture
def few_calls(tmp_path: Path) -> Path:
    import gzip

    with gzip.open(town_folder("san_francisco") / "calls.csv.gz", "rt", encoding="utf-8") as whole:
        head = [next(whole) for _ in range(HEAD + 1)]
    path = tmp_path / "few.csv"
    path.write_text("".join(head), encoding="utf-8")
    return path


def test_the_version_is_the_package_s() -> None:
    assert run("--version").output.strip() == f"answerable {__version__}"


def test_a_demo_on_a_port_in_use_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        line = told(run("demo", "--port", str(number), "--data", tmp_path / "data"))
    assert str(number) in line
    assert f"--port {number + 1}" in line
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--town", "atlantis"], "no town 'atlantis'"),
        (["--at", "half past two"], "'half past two' is not a time"),
        (["--at", "1999-01-01T00:00"], "no calls at 1999-01-01T00:00"),
    ],
)
def test_a_demo_that_cannot_begin_says_why(
    options: list[str], said: str, port: str, tmp_path: Path
) -> None:
    line = told(run("demo", "--port", port, "--data", tmp_path / "data", *options))
    assert said in line
    assert not (tmp_path / "data").exists()


def test_a_demo_on_a_file_that_is_no_record_leaves_it_alone(port: str, tmp_path: Path) -> None:
    (tmp_path / "record.sqlite").write_text("a shopping list")
    told(run("demo", "--port", port, "--data", tmp_path))
    assert (tmp_path / "record.sqlite").read_text() == "a shopping list"


def test_a_demo_whose_folder_is_a_file_says_so_and_leaves_it_alone(
    port: str, tmp_path: Path
) -> None:
    taken = tmp_path / "notes.txt"
    taken.write_text("a shopping list")
    for folder in (taken, taken / "inside"):
        assert str(folder) in told(run("demo", "--port", port, "--data", folder))
    assert taken.read_text() == "a shopping list"


def test_a_demo_that_cannot_remove_the_old_record_says_so(
    port: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_path: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    (tmp_path / "record.sqlite").touch()
    monkeypatch.setattr(Path, "unlink", refuse)
    line = told(run("demo", "--port", port, "--data", tmp_path, "--fresh"))
    assert "cannot be removed (Operation not permitted)" in line
    assert (tmp_path / "record.sqlite").exists()


def test_a_replay_accounts_for_every_row_and_fsck_finds_its_record_sound(
    few_calls: Path, tmp_path: Path
) -> None:
    data = tmp_path / "kept"
    result = run("replay", few_calls, "--json", "--data", data)
    assert result.exit_code == 0, result.output
    report = json.loads(result.stdout)
    assert report["rows_in"] == HEAD == report["rows_recorded"] + report["rows_reported"]
    assert {"events", "seconds", "service", "clocks"} <= set(report)
    assert report["clocks"], "the town's standards were not adopted"
    sound = run("fsck", data)
    assert sound.exit_code == 0, sound.output


def test_a_replay_rings_the_clocks_of_old_calls_and_says_of_nobody_that_they_were_told(
    few_calls: Path, tmp_path: Path
) -> None:
    """Whoever was on duty then was not reminded by this program."""
    import sqlite3

    data = tmp_path / "kept"
    assert run("replay", few_calls, "--data", data).exit_code == 0
    with sqlite3.connect(data / "record.sqlite") as record:
        kinds = {kind for (kind,) in record.execute("SELECT DISTINCT kind FROM events")}
    record.close()
    assert any(kind.endswith("ClockRang") for kind in kinds)
    assert not {kind.rpartition(".")[2] for kind in kinds} & {"UnitReminded", "SupervisorTold"}


@pytest.mark.parametrize("name", ["missing.csv", "missing.parquet"])
def test_a_replay_of_no_file_is_refused(name: str, tmp_path: Path) -> None:
    assert name in told(run("replay", tmp_path / name))


def test_a_replay_for_an_unknown_town_is_refused(few_calls: Path) -> None:
    assert "atlantis" in told(run("replay", few_calls, "--town", "atlantis"))


def test_fsck_where_there_is_no_record_is_exit_2(tmp_path: Path) -> None:
    told(run("fsck", tmp_path))


def test_fsck_names_the_damage_and_exits_1(few_calls: Path, tmp_path: Path) -> None:
    import sqlite3

    data = tmp_path / "kept"
    assert run("replay", few_calls, "--data", data).exit_code == 0
    with sqlite3.connect(data / "record.sqlite") as record:
        record.execute("UPDATE events SET actor = 'somebody else' WHERE position = 30")
    record.close()
    result = run("fsck", data)
    assert result.exit_code == 1
    assert "30" in result.output
