"""What a look-up answers: a position, how exact and how sure it is, and why it is the answer."""

from collections.abc import Callable
from enum import StrEnum
from typing import Literal

import msgspec

from answerable.kernel.event import fill

Precision = Literal["point", "block", "street", "area"]
"""How exact a position is: a door or a crossing, a block, somewhere along a street, an area."""


class Why(StrEnum):
    """Why something was found: a sentence with holes, in the language the code is written in."""

    EXACT = "exact name: {name}"
    OTHER_KIND = "another kind of street was said: {typed}, found {name}"
    SPELT = "spelt nearly so: {typed} → {name}"
    BEGUN = "begins so: {name}"
    WORDS = "these words are in {name}"
    SOUNDS = "sounds so: {name}"
    ALSO = "{name} is also called {other}"
    ENGLISH = "its name in English: {other}"
    CHINESE = "its name in Chinese: {other}"
    LOCAL = "a name used here: {other}"
    CROSSING = "crossing of {one} and {other}"
    NEARLY = "{one} and {other} pass {metres} m apart"
    NO_CROSSING = "{one} and {other} do not meet"
    HOUSE = "house number {number} is on the map"
    BLOCK = "the {block} block, known from past calls"
    WORKED_OUT = "the {block} block, worked out from the streets around it"
    INTERPOLATED = "{number} lies between known numbers"
    BESIDE = "{number} lies beyond the known numbers"
    NO_NUMBER = "the number is not known; the middle of the street"
    BETWEEN = "block between {one} and {other}"
    NEAR = "near the place of the incident"
    HINT = "near {hint}"
    IN_AREA = "in {area}"
    MIDDLE = "middle of the area"
    COORDINATES = "coordinates"
    PLUS_CODE = "plus code"
    TURNED = "longitude and latitude were given the other way round"
    OUTSIDE = "outside the town"
    FAR = "{metres} m from the nearest street"


class Reason(msgspec.Struct, frozen=True):
    """One reason, with the words that fill it."""

    why: Why
    values: dict[str, str] = {}

    def said(self, lang: Callable[[str], str] = str) -> str:
        """Return the reason as a person reads it, in a language."""
        return fill(lang(self.why.value), self.values)


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One answer. Position in WGS 84 degrees.

    `address` names the block, the crossing or the place, and may be published; `door` is the exact
    house number, which is the caller's, and belongs into a sealed field only.
    """

    kind: Literal["coordinates", "house", "block", "crossing", "street", "place", "area"]
    address: str
    lon: float
    lat: float
    precision: Precision
    confidence: float
    """From 0 to 1: how well what was typed fits, not how likely the caller is right."""
    reasons: tuple[Reason, ...]
    door: str = ""
    area: str = ""
    """The neighbourhood; "" outside the town."""
    inside: bool = True
    junction: int = -1
    """The junction a crew would drive to, as the roads count them."""
    street_m: float = 0.0
    """Metres to the nearest street."""
