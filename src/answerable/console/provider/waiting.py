"""Sign-ins that were begun and wait for the provider's answer.

Each belongs to one browser: the state in the address must fit the one in its cookie, so an answer
that somebody else obtained cannot be slipped into it. It is used once and for ten minutes.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

LASTS_S = 600
WAITING_MAX = 2000


class Begun(NamedTuple):
    """One sign-in that was begun: what its answer must fit, and where it leads."""

    nonce: str
    verifier: str
    back: str
    at_s: float


class Waiting:
    """All that wait, the oldest first; the oldest gives way."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._begun: OrderedDict[bytes, Begun] = OrderedDict()

    def begin(self, back: str) -> tuple[str, Begun]:
        """Begin a sign-in; returns its state and what belongs to it."""
        state = secrets.token_urlsafe(32)
        begun = Begun(secrets.token_urlsafe(24), secrets.token_urlsafe(48), back, self._clock())
        self._begun[_digest(state)] = begun
        while len(self._begun) > WAITING_MAX:
            self._begun.popitem(last=False)
        return state, begun

    def take(self, state: str, cookie: str) -> Begun | None:
        """Return what was begun under a state, once, to the browser it was begun in."""
        if not state or not hmac.compare_digest(state.encode(), cookie.encode()):
            return None
        begun = self._begun.pop(_digest(state), None)
        return begun if begun and self._clock() - begun.at_s <= LASTS_S else None

    def __len__(self) -> int:
        return len(self._begun)


def _digest(state: str) -> bytes:
    return hashlib.sha256(state.encode()).digest()
