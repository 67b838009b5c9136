"""Lines about specialist support: the kind by its code or its name, urgent or not, and words."""

from __future__ import annotations

import pytest

from answerable.console.bar import lists
from answerable.dispatch import words as d
from tests.console.bar.conftest import OPEN


def bodies(busy, line: str, tag: str = "en"):
    preview = busy.at("dispatcher", tag).panel(line).preview
    return preview, [{k: v for k, v in body.items() if k != "type"} for body in preview.bodies]


@pytest.mark.parametrize(
    ("word", "code"), [("dog", "dog"), ("DOG", "dog"), ("警犬", "dog"), ("dragon", "")]
)
def test_a_kind_of_support_is_named_by_its_code_or_title_in_any_language(busy, word, code):
    assert lists.support(busy.world.app.front, word) == code


def test_a_line_asks_for_a_unit_on_its_job_and_says_whether_it_is_urgent(busy):
    busy.world.do(d.SendUnit, incident=OPEN, unit="E07")
    asked = {"unit": "E07", "kind": "dog", "incident": OPEN, "words": "3 in the cellar"}
    preview, [body] = bodies(busy, "/support E07 dog 3 in the cellar")
    assert body == asked | {"urgent": False}
    assert preview.kind == "ready"
    assert preview.said.startswith("E07 would ask for support on 200930603")
    assert preview.said.endswith(": Dog")
    assert bodies(busy, "/support E07 dog urgent 3 in the cellar")[1] == [asked | {"urgent": True}]
    preview, [body] = bodies(busy, "/支撑 E07 警犬 加急", "zh-CN")
    assert (body["urgent"], "words" in body) == (True, False)
    assert preview.said.endswith("申请支撑：警犬")


def test_a_line_without_a_kind_is_asked_for_one_and_offered_the_towns(busy):
    panel = busy.at("dispatcher").panel("/support E03 ")
    assert panel.preview.said == "Which kind of support?"
    assert "forensics" in {offer.label for offer in panel.offers}


def test_the_words_of_a_line_are_not_kept_by_the_bar(busy):
    reading = busy.at("dispatcher").read("/support E03 dog he hides in the cellar")
    assert "cellar" not in reading.kept
