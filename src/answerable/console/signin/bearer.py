"""Tokens at the door: ``Authorization: Bearer ans_<token>_<word>``.

The record holds a token's name, role, areas, end, and the digest of its word. A header that was
right once is remembered with its digest, so that the next request costs two look-ups; whether the
token still counts is asked of the record every time. Whoever shows the right word of a token that
has ended or was revoked is told so; anybody else learns nothing about which tokens there are.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Sequence
from typing import NamedTuple

from answerable.access.keys import read_token
from answerable.access.state import State, Token
from answerable.access.words import TokenRevoked
from answerable.console.sanity import Refused
from answerable.console.session import Session
from answerable.kernel.authority import Actor
from answerable.kernel.event import Recorded

SCHEME = "bearer "
REMEMBERED_MAX = 4096
NOBODY = "0" * 64
CHALLENGE = 'Bearer realm="answerable", error="invalid_token"'
"""RFC 6750 section 3.1: the token is expired, revoked, malformed or otherwise not valid."""


class Known(NamedTuple):
    """A header that was right: which token it is, its digest, and who acts by it."""

    token: str
    digest: str
    session: Session


class Bearers:
    """The tokens of a centre as the door reads them."""

    def __init__(
        self,
        state: Callable[[], State],
        now_us: Callable[[], int],
        told: Callable[[int], str],
    ) -> None:
        """``state`` is access as it is now; ``told`` writes an instant for a person."""
        self._state = state
        self._now_us = now_us
        self._told = told
        self._known: dict[str, Known] = {}
        self._sessions: dict[str, Session] = {}

    def find(self, header: str) -> Session:
        """Return who acts by an ``Authorization`` header. Raises Refused (401)."""
        known = self._known.get(header) or self._read(header)
        token = self._state().tokens.get(known.token)
        if token is None or token.digest != known.digest:
            raise unknown()
        if token.state != "valid":
            raise revoked(known.token)
        if token.until_us <= self._now_us():
            raise ended(known.token, self._told(token.until_us))
        return known.session

    def _read(self, header: str) -> Known:
        """Read a header for the first time. Raises Refused (401)."""
        scheme, text = header[: len(SCHEME)], header[len(SCHEME) :].strip()
        word = read_token(text) if scheme.lower() == SCHEME else None
        if word is None:
            raise unknown()
        token = self._state().tokens.get(word.text)
        right = hmac.compare_digest(word.digest, token.digest if token else NOBODY)
        if token is None or not right:
            raise unknown()
        if len(self._known) >= REMEMBERED_MAX:
            self._known.clear()
        known = self._known[header] = Known(word.text, word.digest, self._session(token))
        return known

    def _session(self, token: Token) -> Session:
        """Return the one session of a token, by which its streams can be ended."""
        actor = Actor(f"token/{token.token}", token.role, token.areas)
        session = self._sessions.get(token.token)
        if session is None or session.actor != actor:
            session = self._sessions[token.token] = Session(actor, "", bearer=True)
        return session

    def committed(self, recorded: Sequence[Recorded]) -> None:
        """End what is open to a token that has just been revoked."""
        for one in recorded:
            if isinstance(one.event, TokenRevoked):
                self._end(one.event.token)

    def _end(self, token: str) -> None:
        if (session := self._sessions.pop(token, None)) is not None:
            session.end_streams()
        self._known = {h: known for h, known in self._known.items() if known.token != token}

    def end_overdue(self) -> None:
        """End what is open to tokens whose time is over."""
        now_us, tokens = self._now_us(), self._state().tokens
        for name in [n for n in self._sessions if n in tokens and tokens[n].until_us <= now_us]:
            self._end(name)


def _refused(refusal: Refused) -> Refused:
    refusal.headers = {"www-authenticate": CHALLENGE}
    return refusal


def unknown() -> Refused:
    """Return the refusal of something that is no token of this centre."""
    return _refused(
        Refused(
            401, "console.BadToken", "Not done.", "The token is not one of this centre.",
            "Check it for a slip, or ask an administrator for one.",
        )
    )  # fmt: skip


def revoked(token: str) -> Refused:
    """Return the refusal of a token that was withdrawn."""
    return _refused(
        Refused(
            401, "console.TokenRevoked", "Not done.", "The token {token} was revoked.",
            "Ask an administrator for a new one.", token=token,
        )
    )  # fmt: skip


def ended(token: str, when: str) -> Refused:
    """Return the refusal of a token whose time is over."""
    return _refused(
        Refused(
            401, "console.TokenEnded", "Not done.", "The token {token} ended on {when}.",
            "Ask an administrator for a new one.", token=token, when=when,
        )
    )  # fmt: skip
