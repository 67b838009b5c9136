"""The two commitments by which an outsider knows a row, and the leaf made of them.

What an outsider may be shown of a row is its **opening**: two lines of JSON in UTF-8, joined by one
line feed, with none after it::

    [position,stream,kind,version,happened_at,recorded_at]
    {the open fields, and the commitments of the sealed ones}

The rest, for staff only, is the **back**: ``[actor,key,epoch]``, a line feed, and what follows the
cut in the body. Each half has its own 16-byte salt (the halves of ``veil``), and the **entry** of
the log is ``sha256(salt || opening) || sha256(salt || back)``: 64 bytes which disclose nothing. The
leaf is RFC 6962's: ``sha256(0x00 || entry)``. ADR 0018 says why; ``docs/explanation/record.md``
shows the same in a few lines of standard library.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import msgspec

from answerable.kernel.event import Row

ROW_BYTES_MAX = 65_535
"""The most bytes of an opening and of a back; a longer row is refused whole (B17)."""
ENTRY_BYTES = 64
SALT_BYTES = 16
VEILS = (0, 2 * SALT_BYTES)
"""Lengths of a veil; rows without one are made by tests and benchmarks only."""
COLUMNS = len(Row._fields)
"""Columns of a row in the record; its leaf is the one behind them."""

_encode = msgspec.json.Encoder().encode
_sha256 = hashlib.sha256


def opening_of(row: Row) -> bytes:
    """Return what an outsider may be shown of a row: header and open fields."""
    return b"%b\n%b}" % (_encode(row[:6]), row[9][: row[10]])


def back_of(row: Row) -> bytes:
    """Return what staff only may see of a row: who, the key, and the inside fields."""
    return b"%b\n%b" % (_encode(row[6:9]), row[9][row[10] :])


def entry_of(row: Row) -> bytes:
    """Return the 64 bytes of a row's entry: the commitment of its opening and of its back."""
    body, cut, veil = row[9], row[10], row[11]
    return (
        _sha256(b"%b%b\n%b}" % (veil[:SALT_BYTES], _encode(row[:6]), body[:cut])).digest()
        + _sha256(b"%b%b\n%b" % (veil[SALT_BYTES:], _encode(row[6:9]), body[cut:])).digest()
    )


def leaf_of(row: Row) -> bytes:
    """Return the RFC 6962 leaf hash of a row, 32 bytes."""
    return _sha256(b"\0" + entry_of(row)).digest()


def leaves_of(entries: Iterable[bytes]) -> list[bytes]:
    """Return the RFC 6962 leaf hashes of entries, 32 bytes each."""
    return [_sha256(b"\0" + entry).digest() for entry in entries]


def proves(row: tuple[Any, ...], leaf: bytes) -> bool:
    """Say whether a row read back still has its leaf; values of a wrong type never do.

    Nor does a cut or a veil of another length, which could give the same bytes in another way.
    ``row`` may be the plain tuple of a row, its leaf still behind it.
    """
    # A start proves every row there is, so this is ``leaf_of`` written out: two calls fewer a row.
    try:
        body, cut, veil = row[9], row[10], row[11]
        if not -1 <= cut < len(body) or len(veil) not in VEILS:
            return False
        opening = _sha256(b"%b%b\n%b}" % (veil[:SALT_BYTES], _encode(row[:6]), body[:cut]))
        back = _sha256(b"%b%b\n%b" % (veil[SALT_BYTES:], _encode(row[6:9]), body[cut:]))
        found: bool = _sha256(b"\0%b%b" % (opening.digest(), back.digest())).digest() == leaf
        return found
    except (TypeError, ValueError, OverflowError):
        return False
