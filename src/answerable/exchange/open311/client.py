"""Referring over GeoReport v2: a letter is POSTed as a service request, its state asked for later.

Answers are read strictly, JSON or XML as the agency's service has it, and never more than
``ANSWER_BYTES_MAX`` of one. A service that gives a token instead of a number is asked for the
number when it is next asked how the letter stands. No redirect is followed, no proxy of the
environment used.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Mapping
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET

import httpx
import msgspec

from answerable.exchange.letters import Heard, Letter, NotCarried
from answerable.exchange.open311.georeport import instant
from answerable.towns.referring import Partner

TIMEOUT_S = 8.0
ANSWER_BYTES_MAX = 262_144
ASKED_MAX = 50
"""Receipts in one question."""
DESCRIPTION_MAX = 4_000
INSTANT_US_MAX = 4_102_444_800_000_000
"""The year 2100: a later day is no promise, and no calendar of a town reaches so far."""
TOKEN = "token:"  # noqa: S105 - how a receipt begins that is a token of the standard
RECEIPT = re.compile(r"[\x21-\x7e][\x20-\x7e]{0,119}")
NOT_KNOWN = frozenset(f"it answered {status}" for status in (400, 404, 410))
"""What a service answers that does not know a number; 401 and 403 are about our key."""
FOREIGN = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
"""What an answer in XML has no need of, and what makes a short one grow without end."""
Item = dict[str, str]


class Service:
    """One agency's GeoReport v2 service."""

    def __init__(
        self, partner: Partner, key: str, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        """``key`` is the api_key that the agency gave; ``transport`` is for tests."""
        self._root = partner.address.rstrip("/")
        self._form = partner.form
        self._key = key
        self._jurisdiction = partner.jurisdiction
        self._http = httpx.AsyncClient(
            transport=transport, trust_env=False, follow_redirects=False, timeout=TIMEOUT_S,
            limits=httpx.Limits(max_connections=1), headers={"user-agent": "answerable-open311"},
        )  # fmt: skip

    async def close(self) -> None:
        """Let go of the connection."""
        await self._http.aclose()

    async def carry(self, letter: Letter) -> str:
        """POST a letter; returns the number, or the token, that it was given."""
        form = {
            "api_key": self._key, "jurisdiction_id": self._jurisdiction,
            "service_code": letter.service, "address_string": letter.address,
            "lat": "" if letter.lat is None else f"{letter.lat:.6f}",
            "long": "" if letter.lon is None else f"{letter.lon:.6f}",
            "description": letter.words()[:DESCRIPTION_MAX],
        }  # fmt: skip
        given = {name: value for name, value in form.items() if value}
        body = await self._said("POST", "requests", data=given)
        for item in self._items(body):
            if number := item.get("service_request_id", ""):
                return _receipt(number)
            if token := item.get("token", ""):
                return TOKEN + _receipt(token)
        raise NotCarried("it took the request and gave no number for it")

    async def ask(self, receipts: list[str]) -> list[Heard]:
        """Ask how letters stand. What cannot be read of an answer is passed over.

        Many services answer 404 to a question in which they do not know one number or token, of
        however many; they are asked about each alone then, so that one letter hides no other.
        """
        heard: list[Heard] = []
        for receipt in [one for one in receipts if one.startswith(TOKEN)][:ASKED_MAX]:
            heard += await self._known(self._of_token(receipt)) or ()
        names = [one for one in receipts if not one.startswith(TOKEN)]
        for first in range(0, len(names), ASKED_MAX):
            some = names[first : first + ASKED_MAX]
            found = await self._known(self._standing({name: name for name in some}))
            for name in some if found is None and len(some) > 1 else ():
                heard += await self._known(self._standing({name: name})) or ()
            heard += found or ()
        return heard

    async def _known(self, asking: Awaitable[list[Heard]]) -> list[Heard] | None:
        """Return what a question came to, None where something in it is not known there."""
        try:
            return await asking
        except NotCarried as error:
            if error.why not in NOT_KNOWN:
                raise
            return None

    async def _of_token(self, receipt: str) -> list[Heard]:
        number = await self._number(receipt.removeprefix(TOKEN))
        return await self._standing({number: receipt}) if number else []

    async def _number(self, token: str) -> str:
        items = self._items(await self._said("GET", f"tokens/{quote(token, safe='')}"))
        return next((n for item in items if (n := item.get("service_request_id", ""))), "")

    async def _standing(self, names: Mapping[str, str]) -> list[Heard]:
        """Return how requests stand, by number; ``names`` gives each its receipt."""
        params = {"service_request_id": ",".join(names)}
        items = self._items(await self._said("GET", "requests", params=params))
        return [
            heard for item in items
            if (receipt := names.get(item.get("service_request_id", "")))
            and (heard := _heard(receipt, item)) is not None
        ]  # fmt: skip

    # -- one question ------------------------------------------------------------------------

    async def _said(self, method: str, path: str, **more: Any) -> bytes:  # noqa: ANN401
        """Return the body of a good answer. Raises NotCarried."""
        if method == "GET":
            own = {"jurisdiction_id": self._jurisdiction, "api_key": self._key}
            asked = {k: v for k, v in own.items() if v} | more.pop("params", {})
            more["params"] = asked
        request = self._http.build_request(method, f"{self._root}/{path}.{self._form}", **more)
        try:
            answer = await self._http.send(request, stream=True)
            try:
                body = await _read(answer)
            finally:
                await answer.aclose()
        except httpx.TimeoutException as error:
            raise NotCarried("no answer came in time") from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise NotCarried("nothing answers there") from error
        if not answer.is_success:
            # the words of its error are not kept: they may repeat what was sent
            bad = 400 <= answer.status_code < 500 and answer.status_code not in (408, 425, 429)
            raise NotCarried(f"it answered {answer.status_code}", for_good=bad)
        return body

    def _items(self, body: bytes) -> list[Item]:
        """Return the requests of an answer, each field as text. Raises NotCarried."""
        try:
            return read_json(body) if self._form == "json" else read_xml(body)
        except ValueError as error:
            raise NotCarried("its answer cannot be read") from error


async def _read(answer: httpx.Response) -> bytes:
    body = b""
    async for chunk in answer.aiter_bytes():
        body += chunk
        if len(body) > ANSWER_BYTES_MAX:
            raise NotCarried("its answer is too long")
    return body


def read_json(body: bytes) -> list[Item]:
    """Return a list of things in JSON as text by name. Raises ValueError."""
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError("it is no JSON") from error
    if isinstance(found, dict):
        found = [found]
    if not isinstance(found, list):
        raise ValueError("it is no list")
    return [
        {str(name): _text(value) for name, value in one.items()}
        for one in found if isinstance(one, dict)
    ]  # fmt: skip


def _text(value: object) -> str:
    """Return a value as text; lists, tables and nothing are ""."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, str | int | float) else ""


def read_xml(body: bytes) -> list[Item]:
    """Return the ``request`` elements of XML as text by name. Raises ValueError."""
    if FOREIGN.search(body) or b"\0" in body:
        raise ValueError("it declares what no answer needs")
    try:
        tree = ET.fromstring(body)  # noqa: S314 - nothing is declared in it, and it is short
    except (ET.ParseError, ValueError, LookupError, RecursionError) as error:
        raise ValueError("it is no XML") from error
    return [{part.tag: (part.text or "").strip() for part in one} for one in tree.iter("request")]


def _receipt(text: str) -> str:
    """Return a number as it can be kept: plain signs, not too long. Raises NotCarried."""
    if RECEIPT.fullmatch(text) is None:
        raise NotCarried("it gave a number that cannot be kept")
    return text


def _heard(receipt: str, item: Item) -> Heard | None:
    status = item.get("status", "").lower()
    if status not in ("open", "closed"):
        return None
    try:
        expected_us = instant(item.get("expected_datetime", ""))
    except (ValueError, OverflowError):
        expected_us = 0
    if not 0 <= expected_us <= INSTANT_US_MAX:
        expected_us = 0
    return Heard(receipt, status == "closed", item.get("status_notes", "")[:4_000], expected_us)
