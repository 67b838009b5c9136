"""Snapshots as stored: compressed where it pays, with a checksum that finds damage.

A snapshot is a convenience: a damaged one is passed over, and the state is built from the events.
"""

from __future__ import annotations

import hashlib
import zlib
from typing import NamedTuple

PLAIN = "plain"
ZLIB = "zlib"
PAYS = 0.8
"""A compressed body is kept if it is at most this share of the plain one."""
SAMPLE_BYTES = 65_536


class Packed(NamedTuple):
    """How a snapshot lies in the store: coding, sha256 of the stored body, the body."""

    coding: str
    checksum: bytes
    body: bytes


def pack(body: bytes) -> Packed:
    """Return a snapshot's body as it is to be stored; a sample decides about compressing."""
    sample = body[:SAMPLE_BYTES]
    coding, stored = PLAIN, body
    if len(zlib.compress(sample, 1)) <= PAYS * len(sample):
        coding, stored = ZLIB, zlib.compress(body, 1)
    return Packed(coding, hashlib.sha256(stored).digest(), stored)


def unpack(packed: Packed) -> bytes | None:
    """Return the body, or None where it is damaged."""
    if hashlib.sha256(packed.body).digest() != packed.checksum:
        return None
    if packed.coding == PLAIN:
        return packed.body
    if packed.coding != ZLIB:
        return None
    try:
        return zlib.decompress(packed.body)
    except zlib.error:
        return None
