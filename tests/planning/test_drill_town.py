"""``answerable drill town``: exit codes, JSON, and a failure that says how it plays again."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from answerable.console.drill_cli import drill_app


def drill(*words: str):
    return CliRunner().invoke(drill_app, ["town", "--jobs", "1", *words])


def test_sound_days_are_exit_code_0_and_json_counts_them():
    told = drill("--seed", "5", "--seeds", "1", "--days", "1", "--steps", "1500", "--json")
    assert told.exit_code == 0
    found = json.loads(told.stdout)
    assert (found["drill"], found["seeds"], found["tried"]) == ("town", 1, 1)
    assert found["acknowledged"] > 50
    assert found["failed_seeds"] == 0


def test_a_violation_is_exit_code_1_and_its_command_plays_it_again():
    told = drill("--seed", "5", "--seeds", "1", "--plant", "plain-words")
    assert told.exit_code == 1
    found = next(line for line in told.stdout.splitlines() if line.startswith("seed 5: day 1"))
    assert "nothing_sealed_is_in_a_row" in found
    again = next(line for line in told.stdout.splitlines() if "again: " in line).split()
    once_more = drill(*again[again.index("town") + 1 :])
    assert once_more.exit_code == 1
    assert found in once_more.stdout


def test_an_unknown_plant_is_exit_code_2_and_says_which_there_are():
    told = drill("--plant", "nothing-known")
    assert told.exit_code == 2
    assert "There is no planted fault nothing-known" in told.stderr
    assert "send-busy" in told.stderr
