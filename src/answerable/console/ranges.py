"""Which part of a file a request asks for, by RFC 9110 sections 13 and 14. Pure: no file, no web.

One range is answered with that range; several at once are answered with the whole, as the standard
allows, for nobody who reads a map asks so. What is malformed is ignored, as it allows too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

SPEC = re.compile(r"(?:([0-9]+)-([0-9]*)|-([0-9]+))")
DIGITS_MAX = 18
"""A number of more digits is larger than any file; it is not even read."""
SPECS_MAX = 64


@dataclass(frozen=True, slots=True)
class Answer:
    """How to answer: the status, and the first byte and the length of what is sent."""

    status: int
    start: int = 0
    length: int = 0


def whole_number(digits: str) -> int:
    """Return a number of any length; beyond ``DIGITS_MAX`` digits one larger than any file."""
    return int(digits) if len(digits.lstrip("0")) <= DIGITS_MAX else 10**DIGITS_MAX


def asked(value: str) -> tuple[int | None, int | None] | None:
    """Return the one range a ``Range`` field asks for: first and last byte; (None, n): the last n.

    None where it asks for no range of bytes, for several, or is malformed.
    """
    unit, sign, specs = value.partition("=")
    if unit.strip(" \t").lower() != "bytes" or not sign or specs.count(",") > SPECS_MAX:
        return None
    found = [text for part in specs.split(",") if (text := part.strip(" \t"))]
    match = SPEC.fullmatch(found[0]) if len(found) == 1 else None
    if match is None:
        return None
    first, last, suffix = match.groups()
    if suffix is not None:
        return None, whole_number(suffix)
    start, end = whole_number(first), whole_number(last) if last else None
    return None if end is not None and end < start else (start, end)


def same(tags: str, tag: str, *, weak: bool) -> bool:
    """Say whether a list of entity tags holds ours, by weak or strong comparison (8.8.3.2)."""
    if tags.strip(" \t") == "*":
        return True
    told = re.findall(r'(W/)?("[\x21\x23-\x7e\x80-\xff]*")', tags)
    return any(opaque == tag and (weak or not mark) for mark, opaque in told)


def answer(method: str, fields: dict[str, str], tag: str, size: int) -> Answer:
    """Return how a request is answered. ``fields`` are its headers by lower-case name.

    The order of the checks is the standard's (13.2.2): If-Match, If-None-Match, then If-Range and
    Range, which mean something for GET alone. Dates are not looked at: we send none.
    """
    if "if-match" in fields and not same(fields["if-match"], tag, weak=False):
        return Answer(412)
    if "if-none-match" in fields and same(fields["if-none-match"], tag, weak=True):
        return Answer(304)
    part = asked(fields["range"]) if method == "GET" and "range" in fields else None
    if part is None or ("if-range" in fields and fields["if-range"].strip(" \t") != tag):
        return Answer(200, 0, size)
    first, last = part
    start = max(0, size - (last or 0)) if first is None else first
    end = size - 1 if first is None or last is None else min(last, size - 1)
    if start >= size or (first is None and not last):
        return Answer(416)
    return Answer(206, start, end - start + 1)
