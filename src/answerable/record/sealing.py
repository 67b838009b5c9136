"""Whether a sealed value is the one its event is committed to."""

from __future__ import annotations

import msgspec

from answerable.kernel.event import Row
from answerable.kernel.hub import commitment_of


def commitment_in(row: Row | None, field: str) -> str:
    """Return what the event of ``row`` is committed to in ``field``, "" where to nothing.

    Values that damage has given a wrong type are nothing.
    """
    if row is None:
        return ""
    try:
        kept: object = msgspec.json.decode(row.body, type=dict[str, object]).get(field)
    except (msgspec.DecodeError, AttributeError, TypeError, ValueError):
        return ""
    return kept if isinstance(kept, str) else ""


def keeps(row: Row | None, field: str, salt: bytes, value: str) -> bool:
    """Say whether the event of ``row`` is committed to ``value`` in ``field``."""
    kept = commitment_in(row, field)
    try:
        return bool(kept) and kept == commitment_of(field, salt, value)
    except (AttributeError, TypeError, ValueError):
        return False
