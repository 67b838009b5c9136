"""Every item of OWASP ASVS 5 levels 1 and 2 has a verdict, and its evidence exists."""

from __future__ import annotations

import msgspec
import pytest

from tools import asvs

FOUND = asvs.items(asvs.FILE.read_text("utf-8"))


def test_every_item_has_a_verdict_with_evidence_that_exists():
    assert asvs.faults(FOUND) == []


def test_the_253_items_are_there_once_each_with_their_levels():
    assert len(FOUND) == 253
    assert sum(one.level == 1 for one in FOUND.values()) == 70


def test_the_page_is_what_the_file_says():
    assert asvs.PAGE.read_text("utf-8") == asvs.page(FOUND), "run: python -m tools.asvs"


def test_the_counts_are_printed(capsys):
    assert asvs.main(["--check"]) == 0
    told = capsys.readouterr().out.split()
    assert sum(int(word) for word in told if word.isdecimal() and word not in "12") > 200


def without(number: str) -> dict[str, asvs.Item]:
    return {name: one for name, one in FOUND.items() if name != number}


@pytest.mark.parametrize(
    ("planted", "told"),
    [
        ({"tests": ("tests/house/test_asvs.py::test_that_is_not_there",)}, "there is no test"),
        ({"tests": ("tests/house/manual.py::test_x",)}, "there is no test"),
        ({"tests": ()}, "test has"),
        ({"verdict": "design", "tests": (), "file": "src/nowhere.py", "why": "It is so made."},
         "there is no file"),
        ({"verdict": "deployer", "tests": (), "page": "docs/index.md#No such heading"},
         "there is no page"),
        ({"verdict": "not met", "tests": (), "why": "no"}, "no sentence"),
    ],
)  # fmt: skip
def test_evidence_that_is_not_there_is_caught(planted, told):
    changed = msgspec.structs.replace(FOUND["V1.2.1"], **planted)
    wrong = asvs.faults(FOUND | {"V1.2.1": changed})
    assert any(told in one and one.startswith("V1.2.1") for one in wrong), wrong


def test_an_item_left_out_made_up_or_given_another_level_is_caught():
    other = msgspec.structs.replace(FOUND["V1.2.1"], level=2)
    for planted in (without("V1.2.1"), FOUND | {"V99.1.1": other}, FOUND | {"V1.2.1": other}):
        assert any("not those of the standard" in one for one in asvs.faults(planted))


def test_a_number_given_twice_is_no_file():
    with pytest.raises(ValueError, match=r"V1\.1\.1|overwrite|declare"):
        asvs.items(asvs.FILE.read_text("utf-8") + '\n["V1.1.1"]\nlevel = 2\n')
