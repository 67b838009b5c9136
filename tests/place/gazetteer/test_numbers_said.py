"""Numbers as they are said: ordinals, spoken house numbers, Chinese numerals."""

from __future__ import annotations

import pytest

from answerable.place.gazetteer.numbers_said import chinese, ordinals, spoken


@pytest.mark.parametrize(
    ("text", "number"),
    [("twelve hundred", 1200), ("four fifty", 450), ("one two three", 123), ("twelve fifty", 1250),
     ("two thousand and ten", 2010), ("five hundred and twenty", 520),
     ("twenty four hundred", 2400),
     ("five oh one", 501), ("ninety nine", 99), ("twelve thirty four", 1234), ("seven", 7)],
)  # fmt: skip
def test_a_spoken_number_is_read_and_the_rest_is_left(text, number):
    words = [*text.split(), "mission"]
    assert spoken(words) == (number, len(words) - 1)


@pytest.mark.parametrize(
    "text", ["mission", "hundred", "and five", "", "ninety nine nine nine nine nine"]
)
def test_what_begins_with_no_number_is_none(text):
    assert spoken(text.split()) is None


@pytest.mark.parametrize(
    ("text", "said"),
    [("1st", "1"), ("01st", "1"), ("twenty third", "23"), ("ninetieth", "90"), ("16th", "16"),
     ("twenty mission", "twenty mission"), ("first second", "1 2")],
)  # fmt: skip
def test_ordinals_become_digits(text, said):
    assert " ".join(ordinals(text.split())) == said


@pytest.mark.parametrize(
    ("text", "number"),
    [("一千二百", 1200), ("十六", 16), ("二十", 20), ("一二〇〇", 1200), ("两百零五", 205),
     ("1200", 1200), ("一万", 10_000), ("九九九九九九九", None), ("百", 100)],
)  # fmt: skip
def test_chinese_numerals(text, number):
    assert chinese(text) == number
