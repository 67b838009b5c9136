"""A mapping file is read strictly: what it does not know, it refuses by name."""

from pathlib import Path

import pytest

from answerable.exchange.calls.mapping import load_mapping, parse_mapping
from answerable.exchange.calls.problems import SourceRefused
from answerable.towns.load import packaged_towns
from tests.exchange.made_up import MAPPING


def refusal(text: str) -> str:
    with pytest.raises(SourceRefused) as caught:
        parse_mapping(text, "town.toml")
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("change", "to", "words"),
    [
        ('zone = "America', 'zon = "America', "zon"),
        ('call = "call"\n', "", "call"),
        ('zone = "America/Los_Angeles"', 'zone = "California"', "source.zone"),
        ('zone = "America/Los_Angeles"', 'zone = "../etc/passwd"', "source.zone"),
        ("[time]", '[time]\nformats = ["%Q"]', "%Q"),
        ("[time]", '[time]\nformats = ["%H:%M"]', "year"),
        ("[time]", "[time]\nformats = []", "formats"),
        ("[time]", "[time]\nearliest = 1900-01-01", "1970"),
        ("[time]", "[time]\nearliest = 2030-01-01\nlatest = 2020-01-01", "after"),
        ("[time]", "[time]\nbefore_call_s = -1", "negative"),
        ('rollover = "repair"', 'rollover = "guess"', "rollover"),
        ('steps = ["sent"]', 'steps = ["teleported"]', "stage"),
        ('steps = ["sent"]', "steps = []", "empty"),
        ('steps = ["sent"]', 'steps = ["cleared"]', "order of a call's life"),
        ("required = true", "required = false", "rung"),
        ('lat = "lat"\n', "", "together"),
        ("[source]", '[source]\nencoding = "klingon"', "encoding"),
        ("[source]", '[source]\ndelimiter = "::"', "delimiter"),
        ("[source]", "[source", "town.toml"),
        ("[source]", "deep = " + "[" * 30_000, "nested too deeply"),
        ('MED = "Medical Incident"', 'MED = ""', "codes"),
    ],
)
def test_a_fault_in_a_mapping_is_refused_with_file_key_and_remedy(change, to, words):
    assert change in MAPPING
    text = refusal(MAPPING.replace(change, to, 1))
    assert "town.toml" in text
    assert words in text
    assert "call-mapping.md" in text


def test_a_mapping_that_is_not_there_is_refused_in_one_line(tmp_path: Path):
    with pytest.raises(SourceRefused, match="cannot be opened"):
        load_mapping(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SourceRefused, match="not UTF-8"):
        load_mapping(tmp_path / "bad.toml")


def test_a_mapping_says_which_steps_the_source_does_not_know():
    mapping = parse_mapping(MAPPING, "town.toml")
    assert mapping.lacks() == ("acknowledged", "en_route", "transporting", "at_hospital")


@pytest.mark.parametrize("name", ["boone", "slo"])
def test_the_mappings_of_other_places_are_well_formed(name):
    load_mapping(Path(__file__).parent / "mappings" / f"{name}.toml")


def test_the_town_of_the_product_has_a_mapping():
    mapping = load_mapping(packaged_towns()["san_francisco"] / "mapping.toml")
    assert mapping.lacks() == ("acknowledged",)
    assert mapping.source.licence == "ODC-PDDL-1.0"
