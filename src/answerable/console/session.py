"""Sessions: who sits at this desk.

A session is a random 256-bit identifier in a cookie that scripts cannot read and other sites
cannot send; everything else stays here. The server keeps only a digest of the identifier. A session
ends when it is idle, when it is too old, or when its person signs out. Losing the process ends all.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from answerable.kernel.authority import Actor

COOKIE = "answerable"
IDLE_S = 60 * 60
AGE_S = 12 * 60 * 60
"""A shift: whoever works longer signs in again."""
SESSIONS_MAX = 20_000


@dataclass(slots=True)
class Session:
    """One signed-in desk. ``token`` is what its forms must carry. Times are monotonic seconds."""

    actor: Actor
    token: str
    began_s: float
    seen_s: float


class Sessions:
    """All sessions of this process, oldest first."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._held: OrderedDict[bytes, Session] = OrderedDict()

    def begin(self, actor: Actor) -> str:
        """Open a session and return the identifier for its cookie."""
        identifier = secrets.token_urlsafe(32)
        now_s = self._clock()
        self._held[_digest(identifier)] = Session(actor, secrets.token_urlsafe(24), now_s, now_s)
        while len(self._held) > SESSIONS_MAX:
            self._held.popitem(last=False)
        return identifier

    def find(self, identifier: str) -> Session | None:
        """Return the session of an identifier, if there is one and it has not ended."""
        if not identifier or len(identifier) > 128:
            return None
        digest = _digest(identifier)
        session = self._held.get(digest)
        if session is None:
            return None
        now_s = self._clock()
        if now_s - session.seen_s > IDLE_S or now_s - session.began_s > AGE_S:
            del self._held[digest]
            return None
        session.seen_s = now_s
        return session

    def end(self, identifier: str) -> None:
        """Forget a session; an unknown one is no error."""
        self._held.pop(_digest(identifier), None)

    def __len__(self) -> int:
        return len(self._held)


def _digest(identifier: str) -> bytes:
    return hashlib.sha256(identifier.encode()).digest()


def cookie(identifier: str, *, secure: bool) -> str:
    """Return the Set-Cookie value that starts a session, or ends it for ``""``."""
    age = f"Max-Age={AGE_S}" if identifier else "Max-Age=0"
    parts = [f"{COOKIE}={identifier}", "Path=/", "HttpOnly", "SameSite=Strict", age]
    return "; ".join([*parts, "Secure"] if secure else parts)


def token_fits(session: Session | None, token: str) -> bool:
    """Say whether a form carries the token of its own session."""
    return session is not None and hmac.compare_digest(session.token.encode(), token.encode())
