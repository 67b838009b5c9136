"""Kinds of support: who can do it, how soon, and a file that says nothing twice."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from answerable.towns.build.defaults import read_scripts
from answerable.towns.load import packaged_towns, read_matters, read_support
from answerable.towns.model import UnitSpec
from answerable.towns.supporting import NO_SUPPORT, Helper, SupportFile, SupportKind

PACKAGED = read_support(Path("no such file"))
UNITS = {
    "K1": UnitSpec("K1", "DOGS"), "E1": UnitSpec("E1", "ENGINE"), "K2": UnitSpec("K2", "DOGS"),
}  # fmt: skip


def kind(**fields: object) -> SupportKind:
    given = {"code": "dog", "title": {"en": "Dog"}, "by": ["DOGS", "E1", "K2", "KENNEL"]}
    return msgspec.convert(given | fields, type=SupportKind)


def test_a_type_of_unit_stands_for_its_units_and_nobody_is_named_twice():
    assert kind().able(UNITS, ("DOGS", "ENGINE")) == ("K1", "K2", "E1", "KENNEL")


def test_a_type_without_a_unit_stands_for_nobody():
    assert kind(by=["BOATS", "KENNEL"]).able(UNITS, ("BOATS",)) == ("KENNEL",)


def test_an_urgent_request_has_a_share_of_each_span():
    one = kind(urgent_percent=25)
    assert one.span_us(60, urgent=False) == 3_600_000_000
    assert one.span_us(60, urgent=True) == 900_000_000


@pytest.mark.parametrize(
    "fault",
    [
        {"by": []}, {"grade": 10}, {"approve_minutes": 0}, {"urgent_percent": 101},
        {"title": {"zh-CN": "警犬"}}, {"officer": "ada"}, {"result_minutes": 129_601},
    ],
    ids=str,
)  # fmt: skip
def test_a_kind_that_cannot_be_is_refused(fault):
    with pytest.raises(msgspec.ValidationError):
        kind(**fault)


def test_a_code_given_twice_is_refused():
    with pytest.raises(ValueError, match="dog is given twice"):
        SupportFile(kinds=(kind(), kind()))
    helper = Helper(code="LINE", titles={"en": "Line"})
    with pytest.raises(ValueError, match="LINE is given twice"):
        SupportFile(agencies=(helper, helper))


def test_what_comes_with_the_product_has_the_kinds_units_ask_for_in_two_languages():
    codes = {one.code for one in PACKAGED.kinds}
    assert codes >= {"forensics", "drone", "interpreter", "dog", "negotiator", "engineer"}
    for one in (*PACKAGED.kinds, *PACKAGED.agencies):
        assert one.title.of("en") != one.title.of("zh-CN")
    assert all(one.example for one in PACKAGED.agencies)


def test_what_comes_with_the_product_names_only_agencies_it_has_so_that_any_town_can_use_it():
    for one in PACKAGED.kinds:
        assert all(PACKAGED.agency(name) is not None for name in one.by), one.code
    matters = read_matters(Path("no such file"))
    assert matters.kind(PACKAGED.complaint_kind) is not None
    highest = max(matters.grades.values())
    assert all(one.grade <= highest for one in PACKAGED.kinds)


def test_a_town_without_the_file_has_the_packaged_one_and_a_built_one_starts_with_it(tmp_path):
    (tmp_path / "support.toml").write_text("", "utf-8")
    assert read_support(tmp_path / "support.toml") == NO_SUPPORT
    assert read_support(tmp_path / "other.toml") == PACKAGED
    built = read_scripts()["support.toml"]
    assert msgspec.toml.decode(built, type=SupportFile) == PACKAGED


@pytest.mark.parametrize("name", packaged_towns())
def test_every_packaged_town_has_kinds_of_support_that_can_be_read(name):
    assert read_support(packaged_towns()[name] / "support.toml").kinds
