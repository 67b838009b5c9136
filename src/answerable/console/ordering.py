"""How a language sorts names: Chinese by sound, Latin letters without case and accents.

Numbers inside a name count as numbers, so E2 stands before E10.
"""

from __future__ import annotations

import functools
import re
import unicodedata

NUMBER = re.compile(r"(\d+)")
HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]")
DIGITS_MAX = 18
"""Longer rows of digits are no number; they sort as text."""


@functools.lru_cache(maxsize=8192)
def sort_key(text: str, tag: str) -> tuple[tuple[int, int, str], ...]:
    """Return the key of a name in the language ``tag``; equal names in any writing stay together.

    The name itself stands last, so that the order is the same every time.
    """
    spelt = _by_sound(text) if tag.split("-")[0] == "zh" and HAN.search(text) else text
    parts = [_part(part) for part in NUMBER.split(folded(spelt)) if part]
    return (*parts, (2, 0, text))


def folded(text: str) -> str:
    """Return a text without case and accents: Žižkov is zizkov."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def _part(part: str) -> tuple[int, int, str]:
    if part.isdecimal() and len(part) <= DIGITS_MAX:
        return 0, int(part), ""
    return 1, 0, part


def _by_sound(text: str) -> str:
    """Return a name with every character spelt by its sound and tone (pinyin)."""
    from pypinyin import Style, lazy_pinyin  # its tables take a moment; only Chinese waits for them

    sounds = lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True)
    return " ".join(sounds)
