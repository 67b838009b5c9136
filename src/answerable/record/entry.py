"""The canonical bytes of a row, and the leaf hash an outsider can compute again.

An entry is one JSON array on one line, in UTF-8, without spaces, its ten elements in this order::

    [position,stream,kind,version,happened_at,recorded_at,actor,key,epoch,body]

Numbers are written in decimal. The four strings are escaped as the standard library's
``json.dumps(..., ensure_ascii=False)`` escapes them. ``body`` is the JSON of the event, byte for
byte as it was recorded, never re-encoded. The leaf is RFC 6962's: ``sha256(0x00 || entry)``.
``docs/explanation/record.md`` shows the same in twenty lines of standard library.
"""

from __future__ import annotations

import hashlib

import msgspec

from answerable.kernel.event import Row

ENTRY_BYTES_MAX = 65_535
"""An entry's length must fit the two bytes that a C2SP log tile gives it."""

_encode = msgspec.json.Encoder().encode
_sha256 = hashlib.sha256


def entry_of(row: Row) -> bytes:
    """Return the canonical bytes of a row."""
    return b"%b,%b]" % (_encode(row[:9])[:-1], row[9])


def leaf_of(row: Row) -> bytes:
    """Return the RFC 6962 leaf hash of a row, 32 bytes."""
    return _sha256(b"\0%b,%b]" % (_encode(row[:9])[:-1], row[9])).digest()


def leaf_of_entry(entry: bytes) -> bytes:
    """Return the RFC 6962 leaf hash of an entry, 32 bytes."""
    return _sha256(b"\0" + entry).digest()
