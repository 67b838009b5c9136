"""How often receipts may be asked for: from one address, and for one number.

Every look counts, whether the code was right or not, so that the answer to "may I try again" tells
nothing. What is kept is in memory only and for minutes: no list of who looked at what.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from answerable.console.contract.pace import Pace
from answerable.console.sanity import Refused

ADDRESS_PER_S, ADDRESS_BURST = 0.5, 60
"""One address may be a whole hospital behind one proxy."""
NUMBER_PER_S, NUMBER_BURST = 0.1, 30
"""At one try in ten seconds the half of all codes of a number takes five thousand years."""


class Looks:
    """The looks of every address and at every number."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """``clock`` tells seconds, never going back."""
        self._addresses = Pace(ADDRESS_PER_S, ADDRESS_BURST, clock)
        self._numbers = Pace(NUMBER_PER_S, NUMBER_BURST, clock)

    def take(self, address: str, number: str = "") -> None:
        """Count one look. Raises Refused (429) where there were too many."""
        try:
            self._addresses.take(address)
            if number:
                self._numbers.take(number)
        except Refused as refusal:
            raise _too_many(refusal.headers["retry-after"]) from refusal


def _too_many(wait_s: str) -> Refused:
    refusal = Refused(
        429, "console.TooManyLooks", "Not shown.",
        "It was asked for too often, from this address or for this number.",
        "Try again in {seconds} s.",
        seconds=wait_s,
    )  # fmt: skip
    refusal.headers = {"retry-after": wait_s}
    return refusal
