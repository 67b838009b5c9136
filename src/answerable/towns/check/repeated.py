"""Checks of ``repeats.toml``: kinds whose places are never found, and nobody meant that."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from answerable.towns import files as f
from answerable.towns.check.finding import Finding, finding
from answerable.towns.check.given import Given, tables, text_of
from answerable.towns.repeating import RepeatsFile


def check_repeats(given: Given) -> Iterator[Finding]:
    """Find kinds that no cause has and that are not left out."""
    if not given.has(f.REPEATS):
        return
    try:
        rules = msgspec.convert(given.repeats, RepeatsFile)
    except msgspec.ValidationError:
        return  # its shape is told where it was read
    for _index, kind in tables(given.town.get("kinds")):
        code = text_of(kind, "code")
        if not rules.is_left_out(code) and rules.cause_of(code) is None:
            yield finding("repeats-uncaused", f.REPEATS.name, kind=code)
