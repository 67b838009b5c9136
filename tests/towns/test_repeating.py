"""``repeats.toml``: the packaged one holds for every town, or one of its own; and its faults."""

from __future__ import annotations

import msgspec
import pytest

from answerable.towns.load import load_town, packaged_towns
from answerable.towns.repeating import RepeatsFile, packaged_repeats, read_repeats

CAUSE = '[[cause]]\ncode = "any"\ntitle = { en = "Any" }\nkinds = ["*"]\ncalls = 2\ndays = 7\n'


def test_a_town_without_one_has_the_packaged_rules(tmp_path):
    assert read_repeats(tmp_path / "repeats.toml") is packaged_repeats()


@pytest.mark.parametrize("name", packaged_towns())
def test_every_kind_of_a_packaged_town_has_a_cause_or_is_left_out(name):
    town = load_town(packaged_towns()[name])
    for kind in town.kinds:
        assert (town.repeats.cause_of(kind) is None) == town.repeats.is_left_out(kind)


def test_what_leads_to_a_home_is_left_out():
    kinds = ("Domestic Viol", "SUICIDE ATTEMPT", "Child Abuse", "MENTAL SUBJ", "Welfare Check")
    assert all(packaged_repeats().cause_of(kind) is None for kind in kinds)


def test_the_first_cause_that_fits_has_the_kind_whatever_its_letters():
    rules = msgspec.toml.decode(
        CAUSE.replace('"*"', '"*noise*"').replace("any", "noise") + CAUSE, type=RepeatsFile
    )
    assert rules.cause_of("LOUD NOISE").code == "noise"
    assert rules.cause_of("Fire (kitchen) [x]").code == "any"
    assert rules.cause("none") is None


@pytest.mark.parametrize(
    ("text", "because"),
    [
        (CAUSE + CAUSE, "two causes have the same code"),
        (CAUSE.replace("en =", "de ="), "English"),
        ("[scan]\nlengths_days = [7, 1]\n" + CAUSE, "not in order"),
        ("[scan]\nruns = 19\nalpha = 0.01\n" + CAUSE, "cannot show a share"),
        ("nothing = 1\n" + CAUSE, "unknown field"),
        ("same_min = 20\n", "missing required field"),
        (CAUSE.replace("calls = 2", "calls = 1"), ">= 2"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused(text, because):
    with pytest.raises(msgspec.ValidationError, match=because):
        msgspec.toml.decode(text, type=RepeatsFile)
