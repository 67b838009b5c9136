"""The ways in which words about a place can be read. Pure: it knows no town.

"at fifth street corner market, near the bank" is read as a crossing of two streets, with a hint;
"1200 mission" as a number of a street; "500 block of mission st" as a block. One text often has
several readings: all are returned, each with the weight it deserves, and the town decides.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from answerable.place.gazetteer.folding import TEXT_MAX, has_han, parts, plain
from answerable.place.gazetteer.numbers_said import HAN_NUMBER, chinese, ordinals, spoken


class Numbered(NamedTuple):
    """A number of a street; `block` where the whole hundred is meant."""

    number: int
    letter: str
    street: str
    block: bool = False
    weight: float = 1.0


class Crossing(NamedTuple):
    """Two streets that meet."""

    one: str
    other: str
    weight: float = 1.0


class Between(NamedTuple):
    """A street between two others."""

    street: str
    one: str
    other: str
    weight: float = 1.0


class Named(NamedTuple):
    """The name of a street, a place or an area."""

    text: str
    weight: float = 1.0


Reading = Numbered | Crossing | Between | Named


class Query(NamedTuple):
    """What was typed, as it can be read; `hints` name something near it."""

    text: str
    readings: tuple[Reading, ...]
    hints: tuple[str, ...]
    words: tuple[str, ...]


_HINT = re.compile(
    r"\b(?:near(?:by| to)?|close to|next to|opposite(?: of)?|across from|behind|in front of|"
    r"outside(?: of)?|beside|around|neben|bei|gegenuber|vor|pres de|a cote de|en face de|"
    r"perto de?|junto a|em frente a|lahella|vieressa|vastapaata)\b|"
    r"附近的?|旁边的?|旁|对面的?|靠近|门口"
)
_FILLER = re.compile(
    r"^(?:(?:the |an? )?(?:(?:street )?corners? of|intersection of|crossing of|junction of|"
    r"block of|corner|ecke|kreuzung|esquina|angle|coin de|kulma)|at|on|in|by|to|its|it is|"
    r"im|i am|we are|were|the|am|an der|auf der|in der|na|no|au|a la|sur|em|just|right|"
    r"somewhere|please|hello|hi|yes|uh|um|er)\b[\s,]*"
)
_HAN_FILLER = re.compile(r"^(?:在|我在|位于|靠|到)|(?:这里|那里|那边|上|处|吧)$")
_CROSS = re.compile(
    r"\s*[/&+@;\\]\s*|\s+(?:and|at|cross(?:ing)?(?: with)?|corner(?: of| with)?|x|"
    r"intersect(?:ion|ing|s)?(?: of| with)?|und|ecke|kreuzung|et|angle|esquina(?: com)?|"
    r"kulma|risteys|ja|och|horn)\s+"
)
_WEAK = re.compile(r"\s+(?:e|y|on|by|off|to|eck)\s+|\s*,\s*|\s+-\s+")
_APART = re.compile(
    r"\s*(?:#\s*\S+|\b(?:apt|apartment|unit|suite|ste|floor|fl|room|rm|whg|wohnung|andar)"
    r"\b\.?\s*#?\s*[a-z]{0,2}\d+[a-z]?\b)"
)
_BLOCK = re.compile(
    r"(\d{1,5})(?:\s*-\s*\d{1,5})?\s*-?\s*(?:st|nd|rd|th|s)?\s*(?:block|blk)s?\s*(?:of|on)?\s+(?:blk\s+)?(.+)"
)
_BLOCK_LAST = re.compile(r"(.+?)[\s,]+(?:the\s+)?(\d{1,5})\s*-?\s*(?:block|blk)")
_FIRST = re.compile(
    r"(\d{1,5})(?:\s*-\s*\d{1,5})?(?:\s+1[/⁄]2)?\s*-?\s*(half\b|[a-z]\b)?\s*,?\s+(.*[^\W\d_].*)"
)
_LAST = re.compile(
    r"(.*?[^\W\d_].*?)[\s,]+(?:no\.?|nr\.?|n[°º]|num(?:ber)?|#)?\s*(\d{1,5})"
    r"(?:\s*-\s*\d{1,5})?\s*([a-z])?"
)
_BETWEEN = re.compile(
    r"(.+?)[\s,]+(?:between|btwn|btw|bet|zwischen|entre)\s+(.+?)\s*"
    r"(?:\band\b|&|/|\bund\b|\bet\b|\be\b)\s*(.+)"
)
_HAN_CROSS = re.compile(r"[与與和跟及、&/,，]|交(?=.+[街路道巷])")
_HAN_TAIL = re.compile(
    r"(?:的)?(?:十字)?(?:交叉路?口|交汇处|交匯處|交界处?|拐角处?|转角处?|路口|街口|口)$"
)
_HAN_NUMBER = re.compile(rf"(.*?[^\W\d_].*?)[\s,]*({HAN_NUMBER})\s*(号段|號段|街区|街區|号|號|弄)")


def read(text: str) -> Query:
    """Return the ways a text can be read, the likeliest first; none for a text without letters."""
    whole = " ".join(plain(text)[:TEXT_MAX].split())
    main, *hints = (part.strip(" ,.;:!?") for part in _HINT.split(whole))
    if not main and hints:
        main, hints = hints[0], hints[1:]
    main = _APART.sub("", _without_fillers(main)).strip(" ,.;:!?")
    readings = list(dict.fromkeys(_readings(main)))
    kept = tuple(hint for hint in map(_without_fillers, hints) if hint)
    if kept:
        readings = [_beside_hint(reading) for reading in readings]
        readings += [Crossing(main, hint, 0.97) for hint in kept]
    return Query(main, tuple(readings), kept, tuple(ordinals(parts(main))))


def _beside_hint(reading: Reading) -> Reading:
    """Weigh a whole street less where a hint says which part of it."""
    return reading._replace(weight=0.93 * reading.weight) if isinstance(reading, Named) else reading


def _without_fillers(text: str) -> str:
    """Take away what people say before a place: "I'm at the corner of …"."""
    before = None
    text = _HAN_FILLER.sub("", text) if has_han(text) else text
    while before != text and text:
        before = text
        shorter = _FILLER.sub("", text, count=1)
        text = shorter if parts(shorter) else text
    return text.strip(" ,.;:!?")


def _readings(text: str) -> Iterator[Reading]:
    if not parts(text):
        return
    if has_han(text):
        yield from _han(text)
    yield from _between(text)
    numbered = list(_numbered(text))
    yield from numbered
    crossed = list(_crossed(text, _CROSS, 1.0))
    yield from crossed
    if not crossed:
        yield from _crossed(text, _WEAK, 0.93)
    yield Named(text, 0.85 if crossed else 0.93 if numbered else 0.8 if text.isdigit() else 1.0)


def _between(text: str) -> Iterator[Reading]:
    told = _BETWEEN.fullmatch(text)
    if told:
        yield Between(told[1], told[2], told[3])


def _numbered(text: str) -> Iterator[Reading]:
    """Numbers before or after a street, in figures or in words."""
    block = _BLOCK.fullmatch(text)
    if block:
        yield Numbered(int(block[1]), "", block[2], block=True)
        return
    last = _BLOCK_LAST.fullmatch(text)
    if last:
        yield Numbered(int(last[2]), "", last[1], block=True)
        return
    first = _FIRST.fullmatch(text)
    if first:
        letter = "" if (first[2] or "") == "half" else first[2] or ""
        glued = text[len(first[1]) :].startswith(("-", letter)) if letter else True
        street = first[3] if glued else f"{letter} {first[3]}"
        yield Numbered(int(first[1]), letter if glued else "", street)
    yield from _spoken(text)
    after = _LAST.fullmatch(text)
    if after and not first:
        yield Numbered(int(after[2]), after[3] or "", after[1], weight=0.98)


def _spoken(text: str) -> Iterator[Reading]:
    """Numbers in words: "twelve hundred mission", "five hundred block of ellis"."""
    words = ordinals(parts(text))
    said = spoken(words)
    if said is None or said[1] == len(words):
        return
    rest = words[said[1] :]
    is_block = rest[0] in ("block", "blk") and len(rest) > 1
    rest = [w for w in rest[1:] if w != "of"] if is_block else rest
    if rest:
        yield Numbered(said[0], "", " ".join(rest), block=is_block, weight=0.97)


def _crossed(text: str, by: re.Pattern[str], weight: float) -> Iterator[Reading]:
    """Parts with a word or sign of crossing between them; a part may be a number of a street."""
    found = [_without_fillers(part) for part in by.split(text)]
    found = [part for part in found if parts(part)]
    for one, other in pairwise(found):
        yield Crossing(one, other, weight)
    if len(found) > 1:
        for part in found[:3]:
            for reading in _numbered(part):
                if isinstance(reading, Numbered):
                    yield reading._replace(weight=reading.weight * weight * 0.97)
        if by is _WEAK:
            yield Named(found[0], 0.9)


def _han(text: str) -> Iterator[Reading]:
    """Chinese: 市场街与第五街路口, 市场街1200号, 市场街一千二百号."""
    numbered = _HAN_NUMBER.match(text)
    number = chinese(numbered[2]) if numbered else None
    if numbered and number is not None:
        is_block = "段" in numbered[3] or "区" in numbered[3] or "區" in numbered[3]
        yield Numbered(number, "", numbered[1], block=is_block)
    bare = _HAN_TAIL.sub("", text)
    found = [part for part in _HAN_CROSS.split(bare) if parts(part)]
    for one, other in pairwise(found):
        yield Crossing(one.strip(), other.strip(), 1.0)
    if bare != text:
        yield Named(bare, 0.97)
