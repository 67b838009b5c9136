"""House numbers and blocks of streets, and what lies between those that are known.

Three things are known of a street: single numbers (`addresses.csv.gz`), whole hundreds
(`blocks.csv.gz`: "the 500 block"), or nothing. A number that is not listed lies between its
neighbours of the same side, along the street; beyond the last known one nothing is guessed
farther than `BEYOND` numbers.
"""

import re
from bisect import bisect_left
from typing import NamedTuple

BEYOND = 1_500
"""How far past the last known number a number is still placed, at that last one."""
_NUMBER = re.compile(r"(\d{1,6})\s*([a-z]?)")


class Spot(NamedTuple):
    """Where a number is: position, whether it is listed, worked out, or only near by."""

    lon: float
    lat: float
    sure: str
    """"listed", "block" (its hundred is known), "between" or "beside"."""
    learnt: bool = True
    """False where the hundred was worked out from the streets around it."""


class StreetNumbers:
    """The numbers of one street."""

    def __init__(self) -> None:
        self.single: dict[str, tuple[float, float]] = {}
        self.blocks: dict[int, tuple[float, float, bool]] = {}
        self._sorted: list[tuple[int, float, float]] | None = None

    def add(self, number: str, lon: float, lat: float) -> None:
        """Add a house number; one without digits is left out."""
        told = _NUMBER.match(number.strip().casefold())
        if told:
            self.single.setdefault(f"{int(told[1])}{told[2]}", (lon, lat))
            self._sorted = None

    def add_block(self, hundred: int, lon: float, lat: float, learnt: bool) -> None:
        """Add the middle of a block of a hundred numbers."""
        self.blocks[hundred] = (lon, lat, learnt)

    def find(self, number: int, letter: str = "") -> Spot | None:
        """Return where a number is, None where nothing near it is known."""
        listed = self.single.get(f"{number}{letter}")
        if listed:
            return Spot(*listed, "listed")
        block = self.blocks.get(number - number % 100)
        if block:
            return Spot(block[0], block[1], "block", block[2])
        listed = self.single.get(str(number))
        if listed:
            return Spot(*listed, "between")
        return self._between(number)

    def block(self, hundred: int) -> Spot | None:
        """Return the middle of a block of a hundred numbers."""
        known = self.blocks.get(hundred)
        if known:
            return Spot(known[0], known[1], "block", known[2])
        inside = [at for at in self._numbers() if hundred <= at[0] < hundred + 100]
        if inside:
            _, lon, lat = inside[len(inside) // 2]
            return Spot(lon, lat, "block")
        return self._between(hundred + 50)

    def _numbers(self) -> list[tuple[int, float, float]]:
        if self._sorted is None:
            found = {int(_digits(key)): at for key, at in sorted(self.single.items(), reverse=True)}
            found |= {hundred + 50: at[:2] for hundred, at in self.blocks.items()}
            self._sorted = sorted((number, *at) for number, at in found.items())
        return self._sorted

    def _between(self, number: int) -> Spot | None:
        """Place a number between its neighbours, of its own side of the street where there are."""
        known = self._numbers()
        side = [at for at in known if at[0] % 2 == number % 2]
        for listed in (side, known):
            at = bisect_left(listed, (number, -999.0, -999.0))
            if 0 < at < len(listed):
                low, high = listed[at - 1], listed[at]
                share = (number - low[0]) / (high[0] - low[0])
                return Spot(
                    low[1] + share * (high[1] - low[1]),
                    low[2] + share * (high[2] - low[2]),
                    "between",
                )
        if known:
            end = min((known[0], known[-1]), key=lambda at: abs(at[0] - number))
            if abs(end[0] - number) <= BEYOND:
                return Spot(end[1], end[2], "beside")
        return None


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())
