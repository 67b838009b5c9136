"""Randomness as an input: salts and keys come from one source that a test can seed."""

from __future__ import annotations

import random
import secrets
from typing import Protocol

POOL_BYTES = 8192


class Ids(Protocol):
    """A source of unguessable bytes."""

    def salt(self) -> bytes:
        """Return 16 fresh bytes."""
        ...

    def veil(self) -> bytes:
        """Return 32 fresh bytes: the two salts of an event's commitments."""
        ...


class SecretIds:
    """The operating system's randomness: what a real centre runs on.

    It is fetched ``POOL_BYTES`` at a time, each byte given out once: a call of the system for every
    event would be a fiftieth of its work. One thread asks; a forked process makes its own.
    """

    def __init__(self) -> None:
        self._pool, self._used = b"", 0

    def _next(self, length: int) -> bytes:
        begin, end = self._used, self._used + length
        if end > len(self._pool):
            self._pool, begin, end = secrets.token_bytes(POOL_BYTES), 0, length
        self._used = end
        return self._pool[begin:end]

    def salt(self) -> bytes:
        """Return 16 bytes nobody can guess."""
        return self._next(16)

    def veil(self) -> bytes:
        """Return 32 bytes nobody can guess."""
        return self._next(32)


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
