"""What a client asks for, read strictly: a new request, or which requests it wants to be told of.

Who asks on behalf of whom is not taken in: first and last name, telephone, e-mail, device and
account of a person are passed over unread. The agency that asks is told how it stands, and tells
whoever it serves.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from answerable.exchange.open311.georeport import Told, instant
from answerable.towns.model import Kind

ADDRESS_MAX = 240
DESCRIPTION_MAX = 4_000
IDS_MAX = 200
TOLD_MAX = 1_000
"""The standard: the last 90 days, or the first 1000 requests, whichever is smaller."""
UNREAD = frozenset({"email", "device_id", "account_id", "first_name", "last_name", "phone"})
"""Fields about a person; they are neither kept nor refused."""


class Wrong(Exception):
    """What was asked cannot be read: the status of the standard, and a sentence."""

    def __init__(self, status: int, description: str) -> None:
        """Keep both."""
        self.status = status
        self.description = description
        super().__init__(description)


class Asked(NamedTuple):
    """A new request: of which kind, where, and what is said about it."""

    kind: Kind
    address: str
    lon: float | None
    lat: float | None
    description: str


def new_request(form: Mapping[str, str], offered: Mapping[str, Kind]) -> Asked:
    """Read a POST. Raises Wrong: 400 for what is missing or malformed, 404 for no such service."""
    code = form.get("service_code", "").strip()
    if not code:
        raise Wrong(400, "service_code was not provided.")
    kind = offered.get(code)
    if kind is None:
        raise Wrong(404, "service_code was not found. GET services lists those there are.")
    lon, lat = _position(form)
    address = " ".join(plain(form.get("address_string", "")).split())
    if lat is None and not address:
        raise Wrong(400, "No location: give lat and long, or address_string.")
    if len(address) > ADDRESS_MAX:
        raise Wrong(400, f"address_string is longer than {ADDRESS_MAX} characters.")
    description = plain(form.get("description", "")).strip()
    if len(description) > DESCRIPTION_MAX:
        raise Wrong(400, f"description is longer than {DESCRIPTION_MAX} characters.")
    return Asked(kind, address or f"{lat:.5f}, {lon:.5f}", lon, lat, description)


def plain(text: str) -> str:
    """Return a text without signs that steer a screen or turn its direction; lines stay."""
    return "".join(sign if sign.isprintable() or sign in "\n\t" else " " for sign in text)


def _position(form: Mapping[str, str]) -> tuple[float | None, float | None]:
    """Return longitude and latitude, both or none. Raises Wrong (400)."""
    given = [form.get(name, "").strip() for name in ("long", "lat")]
    if not any(given):
        return None, None
    try:
        lon, lat = (float(text) for text in given)
    except ValueError as error:
        raise Wrong(400, "lat and long are given together, as numbers.") from error
    if not (math.isfinite(lon) and math.isfinite(lat) and abs(lon) <= 180 and abs(lat) <= 90):
        raise Wrong(400, "lat and long are degrees of WGS 84.")
    return lon, lat


class Wanted(NamedTuple):
    """Which requests are wanted; times are UTC microseconds, "" and None leave it open."""

    ids: frozenset[str] = frozenset()
    codes: frozenset[str] = frozenset()
    status: frozenset[str] = frozenset()
    from_us: int | None = None
    until_us: int | None = None

    def has(self, one: Told) -> bool:
        """Say whether a request is among them; numbers stand above every other wish."""
        if self.ids:
            return one.service_request_id in self.ids
        return (
            (not self.codes or one.service_code in self.codes)
            and (not self.status or ("open" if one.open else "closed") in self.status)
            and (self.from_us is None or one.asked_us >= self.from_us)
            and (self.until_us is None or one.asked_us <= self.until_us)
        )


def wanted(query: Mapping[str, str]) -> Wanted:
    """Read the wishes of a GET. Raises Wrong (400)."""
    ids, codes, status = (
        frozenset(filter(None, (part.strip() for part in query.get(name, "").split(","))))
        for name in ("service_request_id", "service_code", "status")
    )
    if len(ids) > IDS_MAX:
        raise Wrong(400, f"More than {IDS_MAX} numbers at once.")
    if status - {"open", "closed"}:
        raise Wrong(400, "status is open or closed.")
    return Wanted(ids, codes, status, _moment(query, "start_date"), _moment(query, "end_date"))


def _moment(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name, "").strip().replace(" ", "+")
    try:
        return instant(text) if text else None
    except (ValueError, OverflowError) as error:
        raise Wrong(400, f"{name} is no moment with a zone, as 2020-04-02T14:00:00Z.") from error
