"""``answerable town check`` and ``schema``: findings as words and as JSON, exit codes, schemas."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import jsonschema_rs
import msgspec
import pytest
from typer.testing import CliRunner, Result

from answerable.console.cli import app
from answerable.console.town_checks import check_whole, schemas, sound
from answerable.towns.files import PARTS
from answerable.towns.load import TownRefused, packaged_towns
from tests.towns.little import write_town


@pytest.fixture
def town(tmp_path: Path) -> Path:
    return write_town(tmp_path / "little")


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["town", *(str(argument) for argument in arguments)])


def spoil(folder: Path) -> None:
    text = (folder / "town.toml").read_text("utf-8")
    (folder / "town.toml").write_text(text.replace("Europe/Vaduz", "Europe/Vadutz"), "utf-8")


def test_a_sound_town_is_said_to_be_sound(town):
    told = run("check", town)
    assert told.exit_code == 0
    assert told.stdout.strip() == f"{town}: nothing wrong"


def test_an_error_is_told_with_file_line_and_remedy_and_is_exit_1(town):
    spoil(town)
    told = run("check", town)
    assert told.exit_code == 1
    assert told.stdout.startswith(
        "town.toml:4:1: error: There is no time zone Europe/Vadutz. Did you mean Europe/Vaduz? "
    )
    (found,) = json.loads(run("check", town, "--json").stdout)
    assert (found["code"], found["line"], found["column"]) == ("unknown-zone", 4, 1)
    assert found["values"]["like"] == "Europe/Vaduz"


def test_warnings_alone_are_exit_0(town):
    with (town / "units.csv").open("a") as file:
        file.write("E9,ENGINE,S9,\n")
    told = run("check", town)
    assert told.exit_code == 0
    assert "1 warning" in told.stdout


def test_a_packaged_town_is_checked_by_its_name():
    assert run("check", "san_francisco").exit_code == 0


def test_a_town_that_is_not_there_is_exit_2(tmp_path):
    told = run("check", "atlantis")
    assert told.exit_code == 2
    assert "Not checked: there is no town 'atlantis'" in told.stderr


def test_calls_without_a_mapping_and_a_mapping_that_cannot_be_used_are_told(town):
    (town / "calls.csv.gz").write_bytes(b"")
    assert [one.code for one in check_whole(town)] == ["calls-unmapped"]
    (town / "mapping.toml").write_text("[source]\nname = 'x'\n")
    (found,) = check_whole(town)
    assert (found.code, found.file) == ("bad-mapping", "mapping.toml")
    assert "zone" in found.what


def test_a_centre_does_not_start_on_a_town_with_errors_and_says_them_all(town):
    assert sound(town) == town
    spoil(town)
    (town / "areas.toml").unlink()
    with pytest.raises(TownRefused) as refused:
        sound(town)
    assert "2 errors" in str(refused.value)
    assert "town.toml:4:1: error: There is no time zone" in str(refused.value)
    assert "areas.toml: error: areas.toml is not there" in str(refused.value)


def test_every_file_that_is_text_has_a_schema_and_it_fits_the_packaged_towns():
    known = schemas()
    text = {part.name for part in PARTS if part.form in ("TOML", "CSV", "GeoJSON")}
    assert text <= set(known)
    for folder in packaged_towns().values():
        for path in [*folder.glob("*.toml"), *folder.glob("*.geojson")]:
            if path.suffix == ".toml":
                value = tomllib.loads(path.read_text("utf-8"))
                value = json.loads(msgspec.json.encode(value))
            else:
                value = json.loads(path.read_text("utf-8"))
            jsonschema_rs.validate(known[path.name], value)


def test_a_schema_is_printed_by_its_file_s_name():
    told = run("schema", "holidays.toml")
    assert told.exit_code == 0
    assert json.loads(told.stdout)["title"] == "holidays.toml"
    assert set(json.loads(run("schema").stdout)) == set(schemas())
    assert run("schema", "recipes.toml").exit_code == 2
