"""Every refusal of the log has its own code and three sentences, and some test provokes it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from answerable.record.log.refusals import LogRefusal

ALL = LogRefusal.__subclasses__()
HERE = Path(__file__).parent


def test_every_refusal_has_its_own_code():
    codes = [one.code for one in ALL]
    assert len(set(codes)) == len(codes) > 15
    assert all(one.code == f"log.{one.__name__}" for one in ALL)


@pytest.mark.parametrize("refusal", ALL, ids=lambda one: one.code)
def test_every_refusal_is_provoked_by_a_test_of_the_log(refusal):
    tests = "".join(path.read_text() for path in HERE.glob("test_*.py") if path != Path(__file__))
    assert re.search(rf"raises\([^\n]*\b{refusal.__name__}\b", tests), "no test provokes it"


def test_a_refusal_is_three_sentences():
    told = LogRefusal("Not done.", "Because.", "Do that.")
    assert str(told) == "Not done. Because. Do that."
    assert told.parts == ("Not done.", "Because.", "Do that.")
