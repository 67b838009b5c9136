"""GeoReport v2 as this service speaks it: services, service definitions, requests, errors.

https://wiki.open311.org/GeoReport_v2: UTF-8, XML or JSON by the ending of the address, times with
their zone (W3C note), JSON made of the XML by the Spark convention: a list is a list of its items.
Every field is plain text, a number, a boolean or nothing. Nothing here knows a centre.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Literal
from xml.sax.saxutils import escape

import msgspec

from answerable.towns.model import Kind, Town

Form = Literal["json", "xml"]
FORMS: tuple[Form, ...] = ("json", "xml")
Value = str | int | float | bool | None
Item = Mapping[str, Value | Sequence[Mapping[str, Value]]]
MEDIA = {"json": "application/json; charset=utf-8", "xml": "text/xml"}
"""The header of each form; the framework adds the UTF-8 of text itself."""
DECLARED = '<?xml version="1.0" encoding="utf-8"?>\n'
TAGS = {"services": "service", "service_requests": "request", "errors": "error",
        "attributes": "attribute", "endpoints": "endpoint", "formats": "format"}  # fmt: skip
"""What one item of a list is called in XML."""
NO_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Signs that no XML 1.0 document may hold."""


def moment(at_us: int) -> str:
    """Return an instant (UTC microseconds) as the standard writes it."""
    return datetime.fromtimestamp(at_us // 1_000_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def instant(text: str) -> int:
    """Return a moment as UTC microseconds. Raises ValueError, also where it has no zone."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError("it has no zone")
    return int(at.timestamp() * 1_000_000)


# -- writing ---------------------------------------------------------------------------------


def written(form: Form, name: str, body: Sequence[Item] | Item) -> bytes:
    """Return a list of items, or one, as JSON or as XML under its name."""
    if form == "json":
        return msgspec.json.encode(body)
    return (DECLARED + _element(name, body)).encode()


def _element(name: str, value: object) -> str:
    if isinstance(value, Mapping):
        inner = "".join(_element(key, one) for key, one in value.items())
    elif isinstance(value, list | tuple):
        inner = "".join(_element(TAGS.get(name, "value"), one) for one in value)
    elif value is None:
        return f"<{name}/>"
    else:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        inner = escape(NO_XML.sub("\ufffd", text))
    return f"<{name}>{inner}</{name}>"


def errors(form: Form, status: int, description: str) -> bytes:
    """Return what the standard answers where something was wrong: a code and a description."""
    return written(form, "errors", [{"code": status, "description": description}])


# -- services --------------------------------------------------------------------------------


def code_of(kind: Kind) -> str:
    """Return the service code of a kind: small letters, figures and dashes, fit for an address."""
    return re.sub(r"[^a-z0-9]+", "-", kind.code.lower()).strip("-") or "kind"


def offered(town: Town) -> dict[str, Kind]:
    """Return the kinds that may be asked for, by service code, in the town's order."""
    accepts = set(town.referring.accepts)
    return {code_of(kind): kind for kind in town.kinds.values() if kind.code in accepts}


def services(town: Town) -> list[Item]:
    """Return the list of services."""
    return [
        {
            "service_code": code, "service_name": kind.title.en, "description": kind.title.en,
            "metadata": False, "type": "realtime", "keywords": "", "group": kind.discipline,
        }
        for code, kind in offered(town).items()
    ]  # fmt: skip


def definition(code: str) -> Item:
    """Return a service's definition: nothing more is asked for than where and what."""
    return {"service_code": code, "attributes": []}


def discovery(town: Town, url: str, changed: str) -> Item:
    """Return the file by which a program finds the service (Open311 service discovery)."""
    contact = town.file.contact
    endpoint: Mapping[str, Value] = {
        "specification": "http://wiki.open311.org/GeoReport_v2", "url": url, "changeset": changed,
        "type": "production",
    }  # fmt: skip
    reached = ", ".join(filter(None, (contact.service, contact.mail, contact.telephone)))
    return {
        "changeset": changed, "contact": reached or town.file.title.en,
        "key_service": "An administrator of the centre gives a token of the role agency.",
        "endpoints": [endpoint],
    }  # fmt: skip


# -- requests --------------------------------------------------------------------------------


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One service request as this service tells it; empty fields are told as nothing."""

    service_request_id: str
    open: bool
    status_notes: str = ""
    service_name: str = ""
    service_code: str
    description: str = ""
    agency_responsible: str = ""
    asked_us: int
    changed_us: int
    expected_us: int = 0
    address: str = ""
    lat: float | None = None
    long: float | None = None

    def item(self) -> Item:
        """Return it with the standard's names, in the standard's order."""
        return {
            "service_request_id": self.service_request_id,
            "status": "open" if self.open else "closed",
            "status_notes": self.status_notes or None,
            "service_name": self.service_name or None,
            "service_code": self.service_code,
            "description": self.description or None,
            "agency_responsible": self.agency_responsible or None,
            "service_notice": None,
            "requested_datetime": moment(self.asked_us),
            "updated_datetime": moment(self.changed_us),
            "expected_datetime": moment(self.expected_us) if self.expected_us else None,
            "address": self.address or None,
            "address_id": None,
            "zipcode": None,
            "lat": self.lat,
            "long": self.long,
            "media_url": None,
        }


def items(told: Iterable[Told]) -> list[Item]:
    """Return requests as items."""
    return [one.item() for one in told]


def receipt(number: str, notice: str) -> list[Item]:
    """Return what whoever asked is answered at once."""
    return [{"service_request_id": number, "service_notice": notice, "account_id": None}]
