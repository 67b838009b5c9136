"""What a name is compared by: its kind of street taken off, its words in one writing."""

import re
from typing import NamedTuple

from answerable.place.gazetteer.folding import has_han, parts, plain
from answerable.place.gazetteer.numbers_said import HAN_NUMBER, chinese, ordinals
from answerable.place.gazetteer.street_words import (
    ALIKE,
    BEFORE,
    HAN_KINDS,
    JOINED,
    KIND_OF,
    SMALL,
    WAYS,
)

_HAN_ORDINAL = re.compile(f"第?({HAN_NUMBER})")


class Key(NamedTuple):
    """A name without its kind of street, as one run of letters, and that kind ("" = none)."""

    base: str
    kind: str


def words_of(text: str) -> list[str]:
    """Return the words of a text in the one writing that names are compared in."""
    said = [w for w in ordinals(parts(plain(text))) if w]
    return [ALIKE.get(word, word) for word in said]


def bare(words: list[str]) -> list[str]:
    """Return words without those that carry no name; all of them where nothing else is left."""
    return [w for w in words if w not in SMALL or len(words) == 1] or words


def keys(text: str) -> list[Key]:
    """Return the keys of a name, the likeliest first; none for a text without letters."""
    if has_han(text):
        return _han_keys(text)
    words = words_of(text)
    found = [key for key in (_after(words), _before(words), _joined(words)) if key]
    found.append(Key("".join(bare(words)), ""))
    return [key for key in dict.fromkeys(found) if key.base]


def _after(words: list[str]) -> Key | None:
    """Read the kind after the name: "Van Ness Ave", "Willard St North", "North Willard St"."""
    ways = []
    while len(words) > 2 and words[-1] in WAYS and words[-2] in KIND_OF:
        ways, words = [words[-1]], words[:-1]
    if len(words) < 2 or words[-1] not in KIND_OF:
        return None
    return Key("".join(bare(words[:-1]) + ways), KIND_OF[words[-1]])


def _before(words: list[str]) -> Key | None:
    """Read the kind before the name: "Rua de Santa Catarina", "Avenue C"."""
    if len(words) < 2 or words[0] not in BEFORE:
        return None
    return Key("".join(bare(words[1:])), KIND_OF.get(words[0], ""))


def _joined(words: list[str]) -> Key | None:
    """Read the kind at the end of the word: "Bahnhofstrasse", "Mannerheimintie"."""
    for ending, kind in JOINED:
        if words and words[-1].endswith(ending) and len(words[-1]) >= len(ending) + 3:
            stem = words[-1].removesuffix(ending)
            return Key("".join(bare([*words[:-1], stem])), kind)
    return None


def _han_keys(text: str) -> list[Key]:
    """Read a Chinese name: 市场街 is 市场 of the kind street; 第五街 is also "5 st"."""
    name = "".join(parts(plain(text)))
    found = []
    for ending, kind in HAN_KINDS:
        if name.endswith(ending) and len(name) > len(ending):
            stem = name.removesuffix(ending)
            numbered = _HAN_ORDINAL.fullmatch(stem)
            number = chinese(numbered[1]) if numbered else None
            if number is not None:
                found.append(Key(str(number), kind))
            found.append(Key(stem, kind))
            break
    return [*found, Key(name, "")]


def digits(text: str) -> str:
    """Return the digits of a key: 16th and 18th are never "nearly the same"."""
    return "".join(c for c in text if c.isdigit())
