"""A reply by text is read as its writer meant it, and never as more."""

from __future__ import annotations

import pytest

from answerable.console.saying.replies import Said, read

FOUR = (4, 5, 3, 4)


@pytest.mark.parametrize(
    "text",
    ["4534", " 4534 ", "4 5 3 4", "4,5,3,4", "4-5-3-4", "４５３４", "4、5、3、4", "4/5/3/4 ",
     "4\n5\n3\n4", "manner 4, speed 5, result 3, overall 4"],
)  # fmt: skip
def test_four_figures_are_the_four_marks_however_they_are_written(text):
    assert read(text) == Said(FOUR)


@pytest.mark.parametrize(
    ("text", "words"),
    [("4534 Thank you!", "Thank you!"), ("4 5 3 4 the fence is down", "the fence is down"),
     ("谢谢 4534", "谢谢")],
)  # fmt: skip
def test_what_is_written_beside_the_marks_are_the_callers_words(text, words):
    assert read(text) == Said(FOUR, words)


@pytest.mark.parametrize(
    "text",
    ["STOP", " stop. ", "退订", "No", "Stop texting me!", "Please, stop", "STOPALL", "Cancel",
     "END", "quit", "请停止。", "不用了，", "No thanks", "ＳＴＯＰ"],
)  # fmt: skip
def test_who_does_not_want_to_be_asked_is_heard(text):
    assert read(text) == Said(declines=True)


@pytest.mark.parametrize(
    "text",
    ["", "hello", "453", "45345", "0123", "6 7 8 9", "call me at 14:35", "3", "1.2.3",
     "555-1234 is me", "no thanks to you it burned down", "Stop sign was down",
     "No ambulance came", "end of the street is dark", "不好"],
)  # fmt: skip
def test_what_has_not_four_marks_is_only_words(text):
    said = read(text)
    assert said.marks == ()
    assert not said.declines
    assert said.words == text.strip()
