"""A letter: some events in one signed request, in the way of Standard Webhooks.

https://www.standardwebhooks.com, specification 1.0.0: the headers ``webhook-id`` (the same at every
try), ``webhook-timestamp`` (seconds since 1970 of this try) and ``webhook-signature``, which is
``v1,`` and the base64 of HMAC-SHA256 over ``id.timestamp.body``. The body has ``type``,
``timestamp`` and ``data``. It is made from the record alone, so it is the same bytes each time.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

PREFIX = "whsec_"
SECRET_BYTES = 32
"""The specification asks for 24 to 64."""
EVENTS_MAX = 100
"""Positions in one letter."""
BODY_BYTES_MAX = 262_144
"""A letter ends with the event that reaches this; one event alone may be longer."""


class CannotWrite(ValueError):
    """A letter cannot be written: no secret that signs it, or no record of its events."""


class Target(NamedTuple):
    """A hook as its courier knows it. ``since`` is the position after which it is told."""

    hook: str
    url: str
    role: str
    credential: str
    kinds: frozenset[str]
    since: int


class Letter(NamedTuple):
    """The events of the positions from ``first`` to ``last``, and how its delivery stands.

    ``state`` is open (in hand), dead (given up) or again (to be tried again). ``tries`` were made;
    the next is due at ``next_us``; ``why`` the last failed.
    """

    hook: str
    first: int
    last: int
    state: str = "open"
    tries: int = 0
    next_us: int = 0
    why: str = ""


def new_secret() -> str:
    """Return a fresh signing secret in the form that receivers' libraries expect."""
    return PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def number_of(target: Target, letter: Letter) -> str:
    """Return a letter's id: the same at every try, another for every other letter anywhere."""
    named = f"{target.credential}:{letter.first}:{letter.last}".encode()
    return "msg_" + hashlib.sha256(named).hexdigest()[:32]


def body_of(letter: Letter, at_us: int, events: Sequence[bytes]) -> bytes:
    """Return the body over events as JSON. ``at_us`` is when the last of them was recorded."""
    at = datetime.fromtimestamp(at_us / 1_000_000, UTC).isoformat(timespec="milliseconds")
    head = f'{{"type":"answerable.events","timestamp":"{at}","data":{{'
    span = f'"first":{letter.first},"last":{letter.last},"events":['
    return (head + span).encode() + b",".join(events) + b"]}}"


def headers_of(secret: str, number: str, at_s: int, body: bytes) -> dict[str, str]:
    """Return the headers of one try. Raises CannotWrite."""
    signature = hmac.new(_key(secret), f"{number}.{at_s}.".encode() + body, hashlib.sha256)
    return {
        "content-type": "application/json",
        "webhook-id": number,
        "webhook-timestamp": str(at_s),
        "webhook-signature": "v1," + base64.b64encode(signature.digest()).decode(),
    }


def _key(secret: str) -> bytes:
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise CannotWrite("its secret is not one") from error
