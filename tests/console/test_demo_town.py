"""What the demonstration carries and shows: whole days, in few bytes, with whose data it is."""

from __future__ import annotations

import csv
import datetime
import gzip

import pytest
from typer.testing import CliRunner

from answerable.console.cli import app
from answerable.towns.load import town_folder

TOWN = town_folder("san_francisco")
BYTES_MAX = 6_000_000


def test_the_packaged_town_is_at_most_6_mb():
    assert sum(file.stat().st_size for file in TOWN.iterdir() if file.is_file()) <= BYTES_MAX


def test_the_packaged_calls_are_of_at_least_two_whole_days():
    with gzip.open(TOWN / "calls.csv.gz", "rt", encoding="utf-8") as lines:
        hours = {row["received_ts"][:13] for row in csv.DictReader(lines)}
    days = {hour[:10] for hour in hours}
    whole = [day for day in days if sum(hour.startswith(day) for hour in hours) >= 23]
    assert len(whole) >= 2
    assert all(datetime.date.fromisoformat(day).year == 2020 for day in whole)


def test_the_board_shows_whose_data_the_map_is_made_of(world):
    async def scene(client):
        return (await client.get("/board")).text

    page = world.run(scene)
    assert "OpenStreetMap contributors" in page
    assert "DataSF" in page


@pytest.mark.parametrize(
    ("option", "value"),
    [("--speed", "0"), ("--speed", "601"), ("--speed", "nan"), ("--port", "-1"), ("--port", "x")],
)
def test_an_option_outside_its_limits_is_refused_and_nothing_is_made(option, value, tmp_path):
    data = tmp_path / "data"
    result = CliRunner().invoke(app, ["demo", "--data", str(data), option, value])
    assert result.exit_code == 2
    assert option.lstrip("-") in result.output + result.stderr
    assert "Traceback" not in result.output + result.stderr
    assert not data.exists()
