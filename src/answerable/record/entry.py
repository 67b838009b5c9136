"""The canonical bytes of a row, and the leaf hash an outsider can compute again.

An entry is two lines of JSON in UTF-8, joined by one line feed, with none after it::

    [position,stream,kind,version,happened_at,recorded_at,actor,key,epoch]
    body

The first is an array without spaces: numbers in decimal, strings escaped as the standard library's
``json.dumps(..., ensure_ascii=False)`` escapes them. The second is the JSON of the event, byte for
byte as it was recorded, never encoded again. The leaf is RFC 6962's: ``sha256(0x00 || entry)``.
``docs/explanation/record.md`` shows the same in a few lines of standard library.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import msgspec

from answerable.kernel.event import Row

ENTRY_BYTES_MAX = 65_535
"""An entry's length must fit the two bytes that a C2SP log tile gives it."""

_encode = msgspec.json.Encoder().encode
_sha256 = hashlib.sha256


def entry_of(row: Row) -> bytes:
    """Return the canonical bytes of a row."""
    return b"%b\n%b" % (_encode(row[:9]), row[9])


def leaf_of(row: Row) -> bytes:
    """Return the RFC 6962 leaf hash of a row, 32 bytes."""
    return _sha256(b"\0%b\n%b" % (_encode(row[:9]), row[9])).digest()


def leaves_of(entries: Iterable[bytes]) -> list[bytes]:
    """Return the RFC 6962 leaf hashes of entries, 32 bytes each."""
    return [_sha256(b"\0" + entry).digest() for entry in entries]


def proves(row: Row, leaf: bytes) -> bool:
    """Say whether a row read back still has its leaf; values of a wrong type never do."""
    try:
        return leaf_of(row) == leaf
    except (TypeError, ValueError, OverflowError):
        return False
