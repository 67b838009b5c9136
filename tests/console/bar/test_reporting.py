"""Lines about field reports: the outcome by its name or code, sending back, opening again."""

from __future__ import annotations

import pytest

from answerable.console.bar import lists
from answerable.console.bar.lists import Several
from answerable.console.bar.parse import read
from answerable.console.bar.verbs import VERBS
from answerable.dispatch import words as d
from tests.console.bar.conftest import CLOSED, OPEN


def got(busy, line: str) -> dict[str, list[str]]:
    reading = read(busy.world.app.front, VERBS, line, OPEN)
    assert not reading.wrong, reading.wrong
    return reading.got


@pytest.mark.parametrize(
    ("words", "code", "count"),
    [
        (["no-merit"], "no-merit", 1), (["No", "Merit"], "no-merit", 2),
        (["无需处置"], "no-merit", 1), (["Fire", "put", "out", "twice"], "put-out", 3),
        (["gone"], "gone-on-arrival", 1), (["dragon"], "", 0),
    ],
)  # fmt: skip
def test_an_outcome_is_named_by_code_or_title_in_any_language(busy, words, code, count):
    assert lists.outcome(busy.world.app.front, words) == (code, count)


def test_a_beginning_that_several_outcomes_have_is_not_guessed(busy):
    with pytest.raises(Several):
        lists.outcome(busy.world.app.front, ["code"])


def test_a_report_names_its_outcome_and_may_say_more(busy):
    busy.world.do(d.SendUnit, incident=OPEN, unit="E36")
    assert got(busy, "/report E36 no-merit") == {
        "unit": ["E36"], "code": ["no-merit"], "incident": [OPEN],
    }  # fmt: skip
    said = got(busy, "/report E36 No Merit the pan was cold")
    assert (said["code"], said["outcome"]) == (["no-merit"], ["the pan was cold"])


def test_a_report_goes_back_with_a_reason_and_reopening_is_asked_for(busy):
    back = got(busy, f"/return-report E03 of #{OPEN} which floor")
    assert (back["unit"], back["incident"], back["reason"]) == (["E03"], [OPEN], ["which floor"])
    for verb in ("ask-reopening", "grant-reopening", "decline-reopening"):
        said = got(busy, f"/{verb} #{CLOSED} it burns again")
        assert (said["incident"], said["reason"]) == ([CLOSED], ["it burns again"])
