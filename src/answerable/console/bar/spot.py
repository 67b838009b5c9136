"""Where the words of a line are: looked up as one types, and never guessed.

The words are a caller's. They come by POST, are looked up in the town's own names, and are kept
nowhere.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from answerable.console.front import Front
from answerable.console.places import gazetteer_of
from answerable.place.gazetteer.found import Found

SURE = 0.9
"""How well the words must fit to name a place, from 0 to 1."""
APART = 0.1
"""How much worse the next place must fit, so that there is no doubt which is meant."""
EXACT = ("point", "block")
MOST = 6


@dataclass(frozen=True)
class Spot:
    """What the words of a place were found to be; ``at`` is None where that is not certain."""

    at: Found | None = None
    like: tuple[Found, ...] = ()

    def fields(self, text: str) -> dict[str, Any]:
        """Return the fields of a command for the place; without a position where there is none."""
        if self.at is None:
            return {"address": text}
        found = {"address": self.at.address, "lon": self.at.lon, "lat": self.at.lat}
        return found | ({"door": self.at.door} if self.at.door else {})


async def look_up(front: Front, text: str, tag: str, most: int = MOST) -> Spot:
    """Look words up among the town's names, beside the loop."""
    gazetteer = gazetteer_of(front.centre.places)
    if gazetteer is None or not text.strip():
        return Spot()
    found = await asyncio.to_thread(gazetteer.find, text[:200], None, most, (tag,))
    return Spot(certain(found), tuple(found))


def certain(found: list[Found]) -> Found | None:
    """Return the place that is meant, where there is no doubt."""
    exact = [one for one in found if one.precision in EXACT]
    if not exact or exact[0] is not found[0] or exact[0].confidence < SURE:
        return None
    first = exact[0]
    rival = next((one for one in exact[1:] if one.address != first.address), None)
    if rival is not None and rival.confidence > first.confidence - APART:
        return None
    return first
