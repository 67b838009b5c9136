"""Random words that open something: one-time links and tokens. The record holds their digest.

A word is 256 random bits, so its SHA-256 tells nobody the word and needs no salt and no slow hash.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from typing import NamedTuple

WORD_BYTES = 32
TOKEN = re.compile(r"ans_([a-z0-9][a-z0-9._\-]{1,47})_([0-9a-f]{64})")


class Word(NamedTuple):
    """A word, told once, and the digest that the record keeps of it."""

    text: str
    digest: str


def new_word() -> Word:
    """Return a fresh word and its digest."""
    text = secrets.token_hex(WORD_BYTES)
    return Word(text, digest_of(text))


def digest_of(text: str) -> str:
    """Return what the record keeps of a word: the SHA-256 of its text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def token_text(token: str, word: str) -> str:
    """Return a token as a program carries it: ``ans_<name>_<word>``."""
    return f"ans_{token}_{word}"


def read_token(text: str) -> Word | None:
    """Return the name of a token and the digest of its word, or None where it is no token."""
    match = TOKEN.fullmatch(text)
    return Word(match[1], digest_of(match[2])) if match else None
