"""Randomness as an input: salts and keys come from one source that a test can seed."""

from __future__ import annotations

import random
import secrets
from typing import Protocol


class Ids(Protocol):
    """A source of unguessable bytes."""

    def salt(self) -> bytes:
        """Return 16 fresh bytes."""
        ...

    def veil(self) -> bytes:
        """Return 32 fresh bytes: the two salts of an event's commitments."""
        ...


class SecretIds:
    """The operating system's randomness: what a real centre runs on."""

    def salt(self) -> bytes:
        """Return 16 bytes nobody can guess."""
        return secrets.token_bytes(16)

    def veil(self) -> bytes:
        """Return 32 bytes nobody can guess."""
        return secrets.token_bytes(32)


class SeededIds:
    """The same bytes from the same seed: tests and simulations only."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)  # noqa: S311 - repeatable on purpose

    def salt(self) -> bytes:
        """Return the next 16 bytes of the seed."""
        return self._random.randbytes(16)

    def veil(self) -> bytes:
        """Return the next 32 bytes of the seed."""
        return self._random.randbytes(32)
