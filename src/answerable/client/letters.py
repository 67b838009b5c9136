"""For those who receive a centre's webhooks: prove that a letter is the centre's, and fresh.

The way is that of Standard Webhooks (https://www.standardwebhooks.com, specification 1.0.0): the
headers ``webhook-id``, ``webhook-timestamp`` and ``webhook-signature``; the last holds one or more
of ``v1,`` and the base64 of HMAC-SHA256 over ``id.timestamp.body``. A secret is ``whsec_`` and
base64.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import time
from collections.abc import Callable, Mapping

TOLERANCE_S = 300
"""How old, or how far ahead, a letter may be: five minutes, as the specification proposes."""
PREFIX = "whsec_"


class BadLetter(ValueError):
    """The letter is not to be believed; the sentences say why. Answer 400 and do nothing."""


def check_letter(
    secret: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    tolerance_s: int = TOLERANCE_S,
    clock: Callable[[], float] = time.time,
) -> str:
    """Return the letter's id, which is the same each time it is sent. Raises BadLetter.

    ``body`` is what came, byte for byte, before any decoding. Signatures are compared in constant
    time. Keep the ids of letters you have taken and pass over one that comes again.
    """
    told = {name.lower(): value for name, value in headers.items()}
    number, sent, signed = (
        told.get(f"webhook-{part}", "") for part in ("id", "timestamp", "signature")
    )
    if not (number and sent and signed):
        raise BadLetter("Not taken. A header of the letter is missing. Ask for it again.")
    if not (sent.isascii() and sent.isdecimal() and len(sent) <= 12):
        raise BadLetter("Not taken. The letter's time is no number. Ask for it again.")
    if abs(clock() - int(sent)) > tolerance_s:
        raise BadLetter("Not taken. The letter is too old or from the future. Check the clocks.")
    wanted = b"v1," + _signature(secret, f"{number}.{sent}.".encode() + body)
    given = signed.encode("utf-8", "replace").split(b" ")
    if not sum(hmac.compare_digest(wanted, one) for one in given):  # all of them, always
        raise BadLetter("Not taken. The signature is not that of the secret. Check the secret.")
    return number


def _signature(secret: str, signed: bytes) -> bytes:
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as error:
        raise BadLetter("Not taken. The secret is not base64. Copy the whole of it.") from error
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest())
