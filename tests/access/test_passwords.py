"""Which passwords are taken (NIST SP 800-63B 3.1.1.2, ASVS 5 6.2)."""

from __future__ import annotations

import pytest

from answerable.access.keys import digest_of, new_word, read_token, token_text
from answerable.access.passwords import (
    LENGTH_MAX,
    LENGTH_MIN,
    Weak,
    commonest,
    long_marks,
    mark_of,
    normal,
    weakness,
)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("x7-Kp!q9Zr2", Weak.SHORT),
        ("q" + "ab9-" * 32, Weak.LONG),
        ("Password1234", Weak.COMMON),
        ("qwertyuiop123456", Weak.COMMON),
        ("passwordpassword", Weak.COMMON),
        ("abababababab", Weak.COMMON),
        ("111111111111", Weak.COMMON),
        ("ada.lovelace!", Weak.NAME),
        ("ADA.lovelaceada.lovelace", Weak.NAME),
        ("ａｄａ．ｌｏｖｅｌａｃｅ１", Weak.NAME),
    ],
)
def test_a_password_that_is_guessed_first_is_not_taken(password, why):
    assert weakness(password, "ada.lovelace") is why


@pytest.mark.parametrize(
    "password",
    ["four quiet rivers meet", "lower case only is fine", "中文密码也可以用得很好的",
     "xxxx-7Kp!q9Zr",
     "my password is my own business", " leading and trailing ", "q" * 120 + "abcdefgh"],
)  # fmt: skip
def test_length_counts_and_no_rule_of_composition_does(password):
    assert weakness(password, "ada") is None


def test_the_limits_are_those_that_are_told():
    assert weakness("kz7#mwq2vb9", "ada") is Weak.SHORT
    assert weakness("kz7#mwq2vb9!", "ada") is None
    assert weakness("kz7#mwq2" * 16, "ada") is None
    assert weakness("kz7#mwq2" * 16 + "x", "ada") is Weak.LONG
    assert (LENGTH_MIN, LENGTH_MAX) == (12, 128)


def test_a_name_of_two_letters_forbids_no_words():
    assert weakness("a jolly jolly joke", "jo") is None


def test_the_same_keys_give_the_same_password_on_every_machine():
    assert normal("ﬁne u\u0308ber") == normal("fine über")


def test_the_list_is_short_whole_and_longest_first():
    assert len(commonest()) == len(set(commonest())) > 200
    assert list(commonest()) == sorted(commonest(), key=lambda one: (-len(one), one))
    assert all(one.islower() or not one.isalpha() for one in commonest())


def test_a_token_is_read_back_and_nothing_else_is():
    word = new_word()
    text = token_text("wall.display-2", word.text)
    assert read_token(text) == ("wall.display-2", word.digest)
    assert digest_of(word.text) == word.digest
    assert new_word() != word
    for other in ("", "ans_", text[:-1], text + "0", text.upper(), f" {text}", "ans_A_" + word.text,
                  "ans_wall_" + "g" * 64, text.replace("ans_", "tok_")):  # fmt: skip
        assert read_token(other) is None


def test_a_password_of_the_words_of_this_trade_is_not_taken():
    for text in ("Dispatcher-Emergency", "Police-Control 1", "AnswerableAnswerable"):
        assert weakness(text, "ada") is Weak.COMMON
    assert weakness("dispatch seven herons", "ada") is None


def test_five_thousand_of_the_commonest_long_passwords_are_refused():
    assert len(long_marks()) == 5_000
    for text in ("1qaz2wsx3edc", "q1w2e3r4t5y6", "1Q2W3E4R5T6Y", "mailcreated5240"):
        assert mark_of(text.casefold()) in long_marks()
        assert weakness(text, "ada") is Weak.COMMON
