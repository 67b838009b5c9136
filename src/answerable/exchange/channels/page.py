"""What a crew is told over a channel: one alert as data, and as one line of text.

The place and the times are those of the record, or the line says that the place is unverified (B7).
What a caller said, and the exact door, are sealed and never leave by a channel.
"""

from __future__ import annotations

from typing import Literal

import msgspec

TEXT_MAX = 160
"""Characters of the line: what one message of a pager or a telephone carries."""
Sort = Literal["sent", "reminder", "called off"]


class Page(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One alert. Times are UTC microseconds; ``position`` is that of the event it is about.

    ``unverified``: nobody has made sure of the place.
    """

    sort: Sort
    id: str
    position: int
    incident: str
    unit: str
    kind: str
    priority: str
    address: str
    text: str
    happened_at: int
    opened_at: int
    lon: float | None = None
    lat: float | None = None
    unverified: bool = False
    channel: str = ""
    matter: str = ""
    """The tracked matter that an owner is reminded of; nothing of a unit's job is meant then."""


encode = msgspec.json.Encoder().encode


def body_of(page: Page) -> bytes:
    """Return an alert as JSON, as every adapter passes it on."""
    return encode(page)


def cut(text: str) -> str:
    """Return a line no longer than a message carries."""
    return text if len(text) <= TEXT_MAX else text[: TEXT_MAX - 1].rstrip() + "…"
