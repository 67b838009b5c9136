"""One check of the service's health: what it found, what that means, what to do.

Sentences are templates over ``values`` and marked for the catalogues, so that a page can say them
in its language; a machine gets them in English.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import msgspec

from answerable.kernel.event import fill


class Found(StrEnum):
    """What a check found; only ``UNWELL`` makes the service call itself not ready."""

    WELL = "well"
    WATCH = "watch"
    UNWELL = "unwell"


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at. ``instead`` is "" where nothing need be done."""

    name: str
    found: Found
    means: str
    instead: str = ""
    values: dict[str, object] = {}

    def said(self, lang: Callable[[str], str] = str) -> tuple[str, str]:
        """Return what it means and what to do, in a language."""
        return fill(lang(self.means), self.values), fill(lang(self.instead), self.values)


def worst(checks: list[Check]) -> Found:
    """Return the worst of what was found."""
    order = list(Found)
    return max((check.found for check in checks), key=order.index, default=Found.WELL)
