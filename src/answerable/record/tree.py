"""The RFC 6962 Merkle tree over the leaves of a record, kept as its frontier only.

A frontier (a "compact range") holds the roots of the perfect subtrees that the leaves so far fall
into: one for every bit set in the size, largest first. It is all that appending and the root need,
and it is immutable, so a failed commit leaves nothing to undo.
Source: RFC 6962 section 2.1.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
"""The root of a tree without leaves."""

_sha256 = hashlib.sha256


class Frontier(NamedTuple):
    """The number of leaves, and the roots of their perfect subtrees, largest first."""

    size: int
    peaks: tuple[bytes, ...]


EMPTY = Frontier(0, ())


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node: ``sha256(0x01 || left || right)``."""
    return _sha256(b"\1" + left + right).digest()


def extend(frontier: Frontier, leaves: Sequence[bytes]) -> Frontier:
    """Return the frontier after more leaves; level by level, about one hash a leaf."""
    assert len(frontier.peaks) == frontier.size.bit_count(), "a frontier that fits no tree"
    old, size, level = list(frontier.peaks), frontier.size, list(leaves)
    kept: list[bytes] = []
    while level:
        if size & 1:
            level.insert(0, old.pop())
        if len(level) & 1:
            kept.append(level.pop())
        pairs = zip(level[::2], level[1::2], strict=True)
        level = [_sha256(b"\1" + left + right).digest() for left, right in pairs]
        size >>= 1
    return Frontier(frontier.size + len(leaves), (*old, *reversed(kept)))


def root(frontier: Frontier) -> bytes:
    """Return the root hash (the tree head) of a frontier."""
    if not frontier.peaks:
        return EMPTY_ROOT
    *larger, answer = frontier.peaks
    for peak in reversed(larger):
        answer = node(peak, answer)
    return answer


def packed(frontier: Frontier) -> bytes:
    """Return the peaks as bytes, for keeping beside a tree head of the same size."""
    return b"".join(frontier.peaks)


def unpacked(size: int, peaks: bytes) -> Frontier:
    """Return the frontier that ``packed`` made; raises ValueError where it fits no tree."""
    if len(peaks) != size.bit_count() * HASH_BYTES:
        raise ValueError(f"{len(peaks)} bytes of peaks do not fit a tree of {size} leaves")
    cuts = range(0, len(peaks), HASH_BYTES)
    return Frontier(size, tuple(peaks[at : at + HASH_BYTES] for at in cuts))


def frontier_of(leaves: Iterable[bytes]) -> Frontier:
    """Return the frontier of leaves from the first one on."""
    return extend(EMPTY, list(leaves))
