"""Both languages say everything, and nothing that nobody says."""

from __future__ import annotations

import re
import string

import pytest

from answerable.console.language import CATALOGUES, LANGUAGES, language, preferred, read_messages
from answerable.console.messages import all_messages
from answerable.kernel.event import fill
from answerable.rooms import product

HOLE = re.compile(r"\{(\w+)\}|%\((\w+)\)")
USED = all_messages(product())


@pytest.mark.parametrize("tag", CATALOGUES)
def test_a_catalogue_has_every_message_that_is_used(tag: str):
    assert sorted(USED - set(read_messages(tag))) == []


@pytest.mark.parametrize("tag", CATALOGUES)
def test_a_catalogue_has_no_message_that_nobody_uses(tag: str):
    assert sorted(set(read_messages(tag)) - USED) == []


@pytest.mark.parametrize("tag", CATALOGUES)
def test_a_translation_has_the_same_holes_as_the_original(tag: str):
    for text, translated in read_messages(tag).items():
        assert sorted(HOLE.findall(text)) == sorted(HOLE.findall(translated)), text


@pytest.mark.parametrize("tag", CATALOGUES)
def test_a_translated_part_in_brackets_goes_when_its_field_is_empty(tag: str):
    sent = next(text for text in USED if text.startswith("{unit} was sent"))
    said = fill(language(tag)(sent), {"unit": "E03", "eta_s": None, "why": ""})
    assert not set(said) & set("[]{}（）")


def test_every_town_word_has_both_languages():
    from answerable.towns.load import load_town, packaged_towns

    for folder in packaged_towns().values():
        file = load_town(folder).file
        for titled in (*file.kinds, *file.unit_types):
            assert titled.title.en
            assert not set(titled.title.of("zh-CN")) <= set(string.ascii_letters)


def test_the_language_chosen_wins_over_the_one_the_browser_asks_for():
    assert preferred("zh-CN", "en-US,en").tag == "zh-CN"
    assert preferred("", "zh-TW,zh;q=0.9").tag == "zh-CN"
    assert preferred("xx", "fr,de").tag == "en"
    assert set(LANGUAGES) == {"en", "zh-CN"}
