"""The channels of a centre as its settings name them, and which unit is reached over which."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

import msgspec

CHANNELS_MAX = 32
"""Channels of a centre."""
ORDER_MAX = 8
"""Channels of one unit."""
Named = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9_\-]{0,31}$(?!\n)")]
Order = Annotated[tuple[Named, ...], msgspec.Meta(max_length=ORDER_MAX)]
Unit = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]


class _Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of the settings."""


class ChannelAt(_Table, frozen=True, kw_only=True):
    """One channel: what carries an alert, and to where.

    ``kind`` is the adapter; ``address`` a web address (http) or a file (file). Letters of http are
    signed where a ``secret_file`` is named. The rest is for the simulated one: it takes
    ``delay_s``, loses a ``loss`` share of receipts, or is ``dead``.
    """

    name: Named
    kind: Literal["http", "file", "simulated"]
    address: Annotated[str, msgspec.Meta(max_length=400)] = ""
    secret_file: Annotated[str, msgspec.Meta(max_length=400)] = ""
    delay_s: Annotated[float, msgspec.Meta(ge=0, le=120)] = 0.0
    loss: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.0
    dead: bool = False

    def mark(self) -> str:
        """Return a digest of where it leads: a channel that leads elsewhere begins anew."""
        return hashlib.sha256(f"{self.kind}\n{self.address}".encode()).hexdigest()


class Alerts(_Table, frozen=True, kw_only=True):
    """Over which channels a unit is alerted, the first of them first.

    ``order`` holds for every unit that ``units`` does not name; ``lang`` is what the line of text
    is written in.
    """

    order: Order = ()
    lang: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z]{2,4})?$")] = "en"
    units: dict[Unit, Order] = {}

    def of(self, unit: str) -> tuple[str, ...]:
        """Return the channels of a unit, in order."""
        return self.units.get(unit, self.order)


def trouble(channels: Iterable[ChannelAt], alerts: Alerts) -> tuple[str, str]:
    """Return what no type can say is wrong, and where in the file; ("", "") where nothing is."""
    seen: set[str] = set()
    for nth, channel in enumerate(channels):
        place = f"$.channels[{nth}]"
        if channel.name in seen:
            return "The same channel is named twice", f"{place}.name"
        seen.add(channel.name)
        if channel.kind == "http" and not channel.address.startswith(("http://", "https://")):
            return "A channel of kind http needs an address of http or https", f"{place}.address"
        if channel.kind == "file" and not channel.address:
            return "A channel of kind file needs the file to write to", f"{place}.address"
    if len(seen) > CHANNELS_MAX:
        return f"There are more than {CHANNELS_MAX} channels", "$.channels"
    for place, order in (("$.alerts.order", alerts.order), *(
        (f"$.alerts.units.{unit}", order) for unit, order in alerts.units.items()
    )):  # fmt: skip
        for name in order:
            if name not in seen:
                return f"There is no channel {name}", place
        if len(set(order)) < len(order):
            return "The same channel stands twice", place
    return "", ""


def beside(channel: ChannelAt, folder: Path) -> ChannelAt:
    """Return a channel with its files relative to a folder."""
    changed: dict[str, str] = {}
    if channel.secret_file:
        changed["secret_file"] = str(folder / channel.secret_file)
    if channel.kind == "file" and channel.address:
        changed["address"] = str(folder / channel.address)
    return msgspec.structs.replace(channel, **changed)
