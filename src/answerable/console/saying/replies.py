"""What a caller writes back: four figures and perhaps words, or that they do not want to be asked.

"4 5 3 4", "4534 thank you", "４５３４" and "manner 4, speed 5, result 3, overall 4" are the same to
it: the first four figures are the marks, from 1 to 5, in the order of the questions, with nothing
between them but commas and the like; everything else are the caller's words. A time or a telephone
number is no mark.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from answerable.followup.back_words import QUESTIONS

STOP = re.compile(
    r"(please )?(stop|stopall|unsubscribe|cancel|end|quit|opt ?out|revoke)"
    r"( (all|it|this|that|please|texting( me)?|texts|messages|messaging me))*|"
    r"no|no thanks|no thank you|td|t|n|请?(退订|停止?|取消|拒收)|不|不用了|不要再发了?",
    re.IGNORECASE,
)
"""What somebody writes who does not want to be asked: the words that networks know, and the like.

Nothing may stand behind it: "No ambulance came" and "Stop sign was down" are answers."""
BETWEEN = rf"(?:[\s,.;:/|+\-，。；：、]|{'|'.join(QUESTIONS)})"
GROUP = re.compile(r"^(\D*?)([1-5])([1-5])([1-5])([1-5])(?!\d|[.,:]\d)")
LISTED = re.compile(
    rf"^(\D*?)([1-5]){BETWEEN}+([1-5]){BETWEEN}+([1-5]){BETWEEN}+([1-5])(?!\d|[.,:]\d)", re.I
)
WORDS_MAX = 4_000


class Said(NamedTuple):
    """What a reply says: the marks in the order of the questions, the words, or that it is no."""

    marks: tuple[int, ...] = ()
    words: str = ""
    declines: bool = False


def read(text: str) -> Said:
    """Return what a reply says; marks are () where it has not four of them."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if STOP.fullmatch(" ".join(re.sub(r"[.!,。！，]", " ", plain).split())):
        return Said(declines=True)
    found = LISTED.match(plain) or GROUP.match(plain)
    if found is None:
        return Said(words=plain[:WORDS_MAX])
    before, *figures = found.groups()
    told = f"{_named_off(before)} {plain[found.end() :]}".strip(" ,.;:，。；")
    return Said(tuple(int(figure) for figure in figures), told[:WORDS_MAX])


def _named_off(before: str) -> str:
    """Return what stands before the marks, without the name of the first question."""
    return "" if before.strip(" :，：").lower() in QUESTIONS else before.strip()
