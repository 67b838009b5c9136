"""Snapshots as stored: compressed where it pays, with a checksum that finds damage.

A snapshot is a convenience: a damaged one is passed over, and the state is built from the events.
"""

from __future__ import annotations

import hashlib
import zlib
from typing import NamedTuple

from answerable.kernel.store import LaidAside, Snapshot

PLAIN = "plain"
ZLIB = "zlib"
PAYS = 0.8
"""A compressed body is kept if it is at most this share of the plain one."""
SAMPLE_BYTES = 65_536


class Packed(NamedTuple):
    """A snapshot as it lies in the store."""

    fingerprint: str
    position: int
    coding: str
    checksum: bytes
    body: bytes


def pack(fingerprint: str, snapshot: Snapshot) -> Packed:
    """Return a snapshot as it is to be stored; a sample decides about compressing."""
    sample = snapshot.body[:SAMPLE_BYTES]
    coding, stored = PLAIN, snapshot.body
    if len(zlib.compress(sample, 1)) <= PAYS * len(sample):
        coding, stored = ZLIB, zlib.compress(snapshot.body, 1)
    position = snapshot.position
    checksum = checksum_of(fingerprint, position, coding, stored)
    return Packed(fingerprint, position, coding, checksum, stored)


def checksum_of(fingerprint: str, position: int, coding: str, stored: bytes) -> bytes:
    """Return the sha256 over everything a stored snapshot says."""
    head = f"{fingerprint}\0{position}\0{coding}\0".encode("utf-8", "surrogateescape")
    return hashlib.sha256(head + stored).digest()


def unpack(packed: Packed) -> Snapshot | None:
    """Return the snapshot, or None where it is damaged."""
    try:
        if checksum_of(*packed[:3], packed.body) != packed.checksum:
            return None
        body = zlib.decompress(packed.body) if packed.coding == ZLIB else packed.body
    except (TypeError, ValueError, zlib.error):
        return None
    return Snapshot(packed.position, body)


def packed_aside(one: LaidAside) -> tuple[str, str, int, bytes, bytes]:
    """Return what was laid aside as it is to be stored."""
    checksum = checksum_of(one.fingerprint, one.position, one.stream, one.body)
    return (*one[:3], checksum, one.body)


def unpacked_aside(
    fingerprint: str, stream: str, position: int, checksum: bytes, body: bytes
) -> bytes | None:
    """Return the body of what was laid aside, or None where it is damaged."""
    try:
        whole = checksum_of(fingerprint, position, stream, body) == checksum
    except TypeError:  # damage has made another kind of a value
        return None
    return body if whole else None
