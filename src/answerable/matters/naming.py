"""The place of an address: its block, its crossing or its name, and never a door or a flat.

    123 Mason St, Apt 4    ->  100 Block of Mason St
    MASON ST/ELLIS ST      ->  Ellis St / Mason St      (the same from either side)
    Hauptstrasse 112a      ->  100 Block of Hauptstrasse
    建设路12号3单元502室     ->  0 Block of 建设路
    WESTIN HOTEL #2684     ->  Westin Hotel

So a place is never narrower than a block of a hundred numbers, whatever a source or a hand wrote
into an address; what a source writes in capitals is written as people do, so that it meets what
the desk writes.
"""

from __future__ import annotations

import functools
import re

PLACE_MAX = 120
"""Signs of a place's name at most."""
BLOCK = re.compile(r"^(\d+)(?:-\d+)?[ -](?:block|blk)(?: of)?\s+(.+)$", re.IGNORECASE)
FLAT = re.compile(
    r"[,;]?\s*(?:#\s*\S+|\b(?:apt|apartment|flat|unit|suite|ste|room|rm|floor|fl|top|wohnung)\b"
    r"\.?\s*(?:#\s*)?[\w-]*\d[\w-]*|\b(?:apt|apartment|flat|suite|ste|room|rm)\b\.?\s+[a-z]\b)",
    re.IGNORECASE,
)
NUMBER_FIRST = re.compile(r"^(\d+)[a-z]?(?:[-/](?:\d+|[a-z]|half))*\s+(?=\S)", re.IGNORECASE)
NUMBER_LAST = re.compile(r"^(.*?[^\W\d_].*?)[ ,]+(\d+) ?[a-z]?(?:[-/]\d+[a-z]?)*$", re.IGNORECASE)
NUMBER_ROAD = re.compile(r"^(?:route|highway|hwy|road|exit|pier|gate|box|station|line|us|i|sr)\b",
                         re.IGNORECASE)  # fmt: skip
CHINESE = re.compile(r"^(.*?)(\d+)(?:-\d+)?号.*$")
CROSSING = re.compile(r"(?<!\d)\s*/\s*|\s*/\s*(?!\d)|\s+&\s+")
"""Not the stroke between two numbers: that is a door."""
CALL_BOX = re.compile(r"^call box:\s*", re.IGNORECASE)
CITY = re.compile(r",\s*[A-Z]{2}$")


@functools.lru_cache(maxsize=65_536)
def place_of(line: str) -> str:
    """Return the place of an address, "" where it names none."""
    text = CITY.sub("", CALL_BOX.sub("", " ".join(line.split())))
    streets = [part for part in CROSSING.split(text) if part]
    if len(streets) > 1:
        return " / ".join(sorted(_street(part) for part in streets))[:PLACE_MAX].strip()
    return _street(text)[:PLACE_MAX].strip()


def _street(text: str) -> str:
    """Return a street's block, or a name, without what lies inside of it."""
    if named := BLOCK.match(text):
        return _block(named[1], FLAT.sub("", named[2]))
    if chinese := CHINESE.match(text):
        return _block(chinese[2], chinese[1])
    text = FLAT.sub("", text).strip(" ,;")
    if first := NUMBER_FIRST.match(text):
        return _block(first[1], text[first.end() :])
    if (last := NUMBER_LAST.match(text)) and not NUMBER_ROAD.match(text):
        return _block(last[2], last[1])
    return _cased(text)


def _block(number: str, street: str) -> str:
    return f"{int(number) // 100 * 100} Block of {_cased(street.strip(' ,;'))}"


def _cased(text: str) -> str:
    """Return words as people write them, where a source writes everything in capitals."""
    return " ".join(_word(word) for word in text.split())


def _word(word: str) -> str:
    if word.isalpha() and word.isupper() and len(word) > 1:
        named = word.capitalize()
        return f"Mc{named[2:].capitalize()}" if named.startswith("Mc") and len(word) > 4 else named
    ordinal = word[:1].isdigit() and word[-2:] in ("ST", "ND", "RD", "TH")
    return word.lower() if ordinal else word
