"""``answerable drill``: exit codes, words, and a failure that says how it is played again."""

from __future__ import annotations

import importlib.util
import json

import pytest
from typer.testing import CliRunner

pytest.importorskip("apsw", reason="the extra 'drill' is not installed")

from answerable.console.drill_cli import drill_app
from answerable.planning.faults import real
from answerable.planning.faults.results import Finding, Outcome
from answerable.planning.faults.run import Extent, run
from answerable.planning.plants import PLANTS as IN_TOWN

POWER = ("power", "--seeds", "1", "--cuts", "20", "--jobs", "1")


def drill(*words: str):
    return CliRunner().invoke(drill_app, list(words))


def test_a_sound_record_is_exit_code_0_and_json_says_what_was_done():
    told = drill(*POWER, "--json")
    assert told.exit_code == 0
    found = json.loads(told.stdout)
    assert (found["drill"], found["seeds"], found["failed_seeds"]) == ("power", 1, 0)
    assert found["tried"] >= 20
    assert drill("faults", "--seeds", "1", "--points", "3", "--jobs", "1").exit_code == 0


def test_a_failure_is_exit_code_1_and_names_its_seed_and_the_command_that_plays_it_again():
    told = drill("power", "--seed", "5", "--seeds", "1", "--cuts", "60", "--jobs", "1",
                 "--plant", "early-acknowledgement")  # fmt: skip
    assert told.exit_code == 1
    assert "NOT SOUND in 1 of 1 seeds" in told.stdout
    again = "answerable drill power --seed 5 --seeds 1 --cuts 60 --plant early-acknowledgement"
    assert f"again: {again}" in told.stdout
    assert "seed 5: " in told.stdout
    once_more = drill(*again.split()[2:], "--jobs", "1")
    assert once_more.stdout.splitlines()[-3:] == told.stdout.splitlines()[-3:]


def test_plants_print_the_share_in_which_each_is_caught():
    told = drill("plants", "--seeds", "1", "--seed", "1", "--jobs", "1", "--json")
    shares = {one["plant"]: one["share"] for one in json.loads(told.stdout)}
    assert len(shares) == 6 + len(IN_TOWN)
    assert told.exit_code == int(min(shares.values()) < 0.95)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("power", "--plant", "nothing-known"), "There is no planted fault nothing-known"),
        (("faults", "--seeds", "1", "--point", "1:KILLED"), "Seed 1 has no point 1:KILLED"),
    ],
)
def test_what_cannot_begin_is_exit_code_2_and_says_what_to_do(words, said):
    told = drill(*words, "--jobs", "1")
    assert told.exit_code == 2
    assert told.stderr.startswith("Not drilled. ")
    assert said in told.stderr


def test_without_its_library_a_drill_says_what_to_install(monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "apsw" else find(name)
    )
    for words in (POWER, ("faults",), ("plants",)):
        told = drill(*words)
        assert told.exit_code == 2
        assert "pip install 'answerable[drill]'" in told.stderr


def test_without_strace_a_real_drill_says_what_to_install(monkeypatch):
    monkeypatch.setattr(real, "possible", lambda: False)
    told = drill("faults", "--real")
    assert told.exit_code == 2
    assert "apt-get install strace" in told.stderr


def one_seed(seed: int) -> Outcome:
    outcome = Outcome("made up", seeds=1, tried=3, failed_seeds=int(seed == 4))
    if seed == 4:
        outcome.findings.append(Finding(seed, "it broke", "again"))
    return outcome


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_seed_is_run_once_on_one_core_or_two(jobs):
    seen: list[int] = []
    whole = run("made up", one_seed, Extent(3, 4, jobs=jobs), lambda one: seen.append(one.seeds))
    assert (whole.seeds, whole.tried, whole.failed_seeds) == (4, 12, 1)
    assert [found.seed for found in whole.findings] == [4]
    assert sorted(seen) == [1, 2, 3, 4]


def test_minutes_end_a_drill_that_has_seeds_without_end():
    whole = run("made up", one_seed, Extent(10, 1, minutes=0.0005))
    assert whole.seeds > 1
