"""Sessions: who sits at this desk.

A session is a random 256-bit identifier in a cookie that scripts cannot read and other sites
cannot send; everything else stays here. The server keeps only a digest of the identifier. A session
ends when it is idle, when it is too old, or when its person signs out. The record says which
sessions of an account are open, in which role and for which areas: one that it does not name any
more is none, from the very next request on. A desk of a demonstration has no account; losing the
process ends those.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from answerable.access.state import Account
from answerable.access.words import Ended
from answerable.console.stream import Subscriber
from answerable.kernel.authority import Actor

COOKIE = "answerable"
HOST_COOKIE = "__Host-answerable"
"""The cookie's name over https: a browser then takes it from this very host only (RFC 6265bis)."""
IDLE_S = 60 * 60
AGE_S = 12 * 60 * 60
"""A shift: whoever works longer signs in again."""
SESSIONS_MAX = 20_000


@dataclass(slots=True, eq=False)
class Session:
    """One signed-in desk, or one program's token.

    ``token`` is what its forms must carry; a ``bearer`` needs none. ``streams`` are open to it now.
    Times are seconds since 1970, UTC. ``account`` and ``name`` are "" at a demonstration's desk.
    """

    actor: Actor
    token: str
    began_s: float = 0.0
    seen_s: float = 0.0
    account: str = ""
    name: str = ""
    bearer: bool = False
    desk: str = ""
    """The place where it is worked, "Desk 3"; "" where it has none, as a crew's or a program's."""
    since: int = 0
    """The position of the record when it was given that place."""
    streams: set[Subscriber] = field(default_factory=set)

    def end_streams(self) -> None:
        """End what is open to it; a page that comes back for it meets the door."""
        for stream in self.streams:
            stream.end()


class Sessions:
    """All sessions of this process, oldest first."""

    def __init__(
        self,
        clock: Callable[[], float] = time.time,
        accounts: Callable[[], Mapping[str, Account]] = dict,
    ) -> None:
        """``clock`` tells seconds; ``accounts`` returns the accounts as the record has them now."""
        self._clock = clock
        self._accounts = accounts
        self._held: OrderedDict[bytes, Session] = OrderedDict()
        self.idle_s: float = IDLE_S
        self.age_s: float = AGE_S

    def now_s(self) -> float:
        """Return the time, seconds."""
        return self._clock()

    def begin(self, actor: Actor) -> str:
        """Open a session at a demonstration's desk and return the identifier for its cookie."""
        identifier = new_identifier()
        now_s = self._clock()
        self.hold(digest(identifier), Session(actor, secrets.token_urlsafe(24), now_s, now_s))
        while len(self._held) > SESSIONS_MAX:
            self._held.popitem(last=False)
        return identifier

    def hold(self, kept_as: bytes, session: Session) -> None:
        """Take up a session under the digest of its identifier."""
        self._held[kept_as] = session

    def find(self, identifier: str) -> Session | None:
        """Return the session of an identifier, if there is one and it has not ended."""
        if not identifier or len(identifier) > 128:
            return None
        kept_as = digest(identifier)
        session = self._held.get(kept_as)
        if session is None:
            return None
        now_s = self._clock()
        if self._over(session, now_s) is not None:
            if not session.account:
                del self._held[kept_as]
            return None
        if session.account and not self._stands(session):
            return None
        if not session.token:
            session.token = form_token(identifier)
        session.seen_s = max(session.seen_s, now_s)
        return session

    def _over(self, session: Session, now_s: float) -> Ended | None:
        if now_s - session.seen_s > self.idle_s:
            return Ended.IDLE
        return Ended.TOO_LONG if now_s - session.began_s > self.age_s else None

    def _stands(self, session: Session) -> bool:
        """Say whether the record knows the session, and take role and areas from there."""
        account = self._accounts().get(session.account)
        if account is None or session.name not in account.sessions:
            return False
        actor, unit = session.actor, account.unit_of(session.name)
        if (actor.role, actor.areas, actor.unit) != (account.role, account.areas, unit):
            session.actor = Actor(account.account, account.role, account.areas, unit)
        return True

    def overdue(self) -> list[tuple[Session, Ended]]:
        """Return the sessions of accounts whose time is over, each with the reason."""
        now_s = self._clock()
        told = ((s, self._over(s, now_s)) for s in self._held.values() if s.account)
        return [(session, why) for session, why in told if why is not None]

    def of(self, account: str) -> list[Session]:
        """Return the open sessions of an account, oldest first."""
        mine = [s for s in self._held.values() if s.account == account]
        return [session for session in mine if self._stands(session)]

    def every(self) -> Iterable[Session]:
        """Return all sessions, oldest first."""
        return self._held.values()

    def kept(self) -> list[tuple[bytes, Session]]:
        """Return the sessions of accounts, with the digests they are held under."""
        return [(kept_as, s) for kept_as, s in self._held.items() if s.account]

    def end(self, identifier: str) -> None:
        """Forget a session; an unknown one is no error."""
        self.drop(digest(identifier))

    def drop(self, kept_as: bytes) -> None:
        """Forget a session, and end what is open to it."""
        if (session := self._held.pop(kept_as, None)) is not None:
            session.end_streams()

    def __len__(self) -> int:
        return len(self._held)


def new_identifier() -> str:
    """Return a fresh identifier: 256 random bits."""
    return secrets.token_urlsafe(32)


def digest(identifier: str) -> bytes:
    """Return what is kept of an identifier."""
    return hashlib.sha256(identifier.encode()).digest()


def form_token(identifier: str) -> str:
    """Return the token of a session's forms: it follows from the identifier, which is not kept."""
    return hmac.digest(identifier.encode(), b"form token", "sha256").hex()


def cookie_name(*, secure: bool) -> str:
    """Return the name of the session's cookie."""
    return HOST_COOKIE if secure else COOKIE


def cookie(identifier: str, *, secure: bool, age_s: float = AGE_S) -> str:
    """Return the Set-Cookie value that starts a session, or ends it for ``""``."""
    age = f"Max-Age={int(age_s)}" if identifier else "Max-Age=0"
    name = cookie_name(secure=secure)
    parts = [f"{name}={identifier}", "Path=/", "HttpOnly", "SameSite=Strict", age]
    return "; ".join([*parts, "Secure"] if secure else parts)


def token_fits(session: Session | None, token: str) -> bool:
    """Say whether a form carries the token of its own session."""
    return session is not None and hmac.compare_digest(session.token.encode(), token.encode())
