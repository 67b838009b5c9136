"""Whether a sealed value is the one its event is committed to."""

from __future__ import annotations

import msgspec

from answerable.kernel.event import Row
from answerable.kernel.hub import commitment_of


def keeps(row: Row | None, field: str, salt: bytes, value: str) -> bool:
    """Say whether the event of ``row`` is committed to ``value`` in ``field``.

    Values that damage has given a wrong type never are.
    """
    if row is None:
        return False
    try:
        kept: object = msgspec.json.decode(row.body, type=dict[str, object]).get(field)
        return kept == commitment_of(field, salt, value)
    except (msgspec.DecodeError, AttributeError, TypeError, ValueError):
        return False
