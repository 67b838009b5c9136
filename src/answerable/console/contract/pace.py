"""How many commands one actor may send: a token bucket, kept as one number an actor.

The number is the moment at which the bucket will be full again (the generic cell rate algorithm of
ITU-T I.371, annex A): taking a token moves it on, and what would lie further ahead than a whole
bucket is refused. It stands on the way of every command, so it costs a look and a store.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable

from answerable.console.sanity import Refused

PER_S = 400.0
"""Commands a second that one actor may send for ever: ten times a busy city's whole centre."""
BURST = 800
"""Commands that one actor may send at once, after a pause."""
ACTORS_MAX = 10_000
"""Actors remembered; those whose bucket is full again are forgotten first."""


class Pace:
    """The pace of every actor. ``per_s`` 0 lets everything through."""

    def __init__(
        self,
        per_s: float = PER_S,
        burst: int = BURST,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Begin with full buckets. Raises ValueError for a pace below 0 or a burst below 1."""
        if per_s < 0 or burst < 1:
            raise ValueError(f"a pace of {per_s} a second with a burst of {burst} is none")
        self._each_s = 1 / per_s if per_s else 0.0
        self._whole_s = burst * self._each_s
        self._clock = clock
        self._full_at: dict[str, float] = {}

    def take(self, actor: str) -> None:
        """Take one token. Raises Refused (429) with ``Retry-After`` where there is none."""
        now_s = self._clock()
        full_at = max(self._full_at.get(actor, 0.0), now_s) + self._each_s
        missing_s = full_at - now_s - self._whole_s
        if missing_s > self._each_s / 2:  # half a token, for what the sums of floats round off
            raise _too_fast(missing_s)
        self._full_at[actor] = full_at
        if len(self._full_at) > ACTORS_MAX:
            self._forget(now_s)

    def _forget(self, now_s: float) -> None:
        """Forget full buckets; where all are in use, those that are full again soonest.

        So a flood of others gives back nothing to one that has used its bucket up.
        """
        in_use = sorted(self._full_at.items(), key=lambda item: item[1], reverse=True)
        if in_use[ACTORS_MAX // 2][1] > now_s:
            del in_use[ACTORS_MAX // 2 :]
        self._full_at = {name: at for name, at in in_use if at > now_s}


def _too_fast(wait_s: float) -> Refused:
    seconds = max(1, math.ceil(wait_s))
    refusal = Refused(
        429,
        "console.TooFast",
        "Not read.",
        "More commands come from here than this centre takes from one source.",
        "Send it again with the same key in {seconds} s.",
        seconds=seconds,
    )
    refusal.headers = {"retry-after": str(seconds)}
    return refusal
