"""Trying again: how long to wait, and when to give up."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

FIRST_S = 0.1
MOST_S = 5.0
"""The longest pause between two tries, unless the centre asks for a longer one."""


class Tries:
    """The tries of one request. ``patience_s`` is how long the pauses may be in all."""

    def __init__(
        self,
        patience_s: float,
        sleep: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        """Begin; ``chance`` gives numbers from 0 to 1 that keep clients from coming all at once."""
        self._left_s = patience_s
        self._whole_s = patience_s
        self._sleep = sleep
        self._chance = chance
        self._next_s = FIRST_S

    def again(self, asked_s: float | None = None) -> bool:
        """Wait before another try; False where patience has run out.

        ``asked_s`` is what the centre asked for in ``Retry-After``.
        """
        wait_s = self._next_s * (0.5 + self._chance() / 2)
        if asked_s is not None:
            wait_s = max(wait_s, asked_s)
        if wait_s > self._left_s:
            return False
        self._next_s = min(self._next_s * 2, MOST_S)
        self._left_s -= wait_s
        self._sleep(wait_s)
        return True

    def worked(self) -> None:
        """Begin anew after a try that brought something."""
        self._left_s, self._next_s = self._whole_s, FIRST_S


def asked_to_wait_s(header: str | None) -> float | None:
    """Return the seconds of a ``Retry-After``, or None; dates are not what a centre sends."""
    if header is None or not (header.isascii() and header.isdecimal()):
        return None
    return float(header[:6])
