"""Where is it? ``POST /api/places``: words to positions, for the form that opens a call.

The words come in the body of a POST and not in an address, because addresses end up in the logs of
proxies and in browsers' histories, and these are a caller's words. They are not logged, not kept,
not counted; the answer may not be cached.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from collections.abc import Callable
from typing import Any, Protocol

import msgspec
from litestar import asgi
from litestar.types import Receive, Scope, Send

from answerable.console import api
from answerable.console.contract.answers import (
    PLACE_BYTES_MAX,
    PlaceAsked,
    PlaceFound,
    PlacesFound,
)
from answerable.console.contract.methods import taking
from answerable.console.front import Front
from answerable.console.sanity import Refused, check_origin, header, read_body
from answerable.place.errors import PlaceError
from answerable.place.gazetteer.found import Found
from answerable.place.gazetteer.gazetteer import Gazetteer
from answerable.place.town_places import Places

PAGE = "open-call"
"""The page of the table of rights that looking up places belongs to."""
log = logging.getLogger("answerable.places")


class Behind(Protocol):
    """What the address needs of the application."""

    front: Front


@functools.lru_cache(maxsize=4)
def gazetteer_of(places: Places) -> Gazetteer | None:
    """Return the gazetteer of a town, built once; None, and a warning, where a file is wrong."""
    try:
        return Gazetteer.of(places)
    except PlaceError as error:
        log.warning("places are not looked up: %s", error)
        return None


def asked_of(body: bytes) -> PlaceAsked:
    """Decode what is looked up. Raises Refused (400), which never repeats the words."""
    try:
        return msgspec.json.decode(body, type=PlaceAsked)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(
            400, "console.BadPlace", "Not read.",
            "This is not what is asked of places.",
            "Send text, and near and limit where they help, as the reference of the API says.",
        ) from error  # fmt: skip


def told(found: Found, lang: Callable[[str], str]) -> PlaceFound:
    """Return an answer with its reasons in a language."""
    return PlaceFound(
        found.kind, found.address, found.door, found.lon, found.lat, found.precision,
        found.confidence, [reason.said(lang) for reason in found.reasons], found.area,
        found.inside, found.street_m,
    )  # fmt: skip


def route(app: Behind) -> Any:  # noqa: ANN401 - a handler of the framework
    """Return the route; the town's names are read now, so that nobody waits for them."""
    gazetteer = gazetteer_of(app.front.centre.places)

    async def find(scope: Scope, receive: Receive, send: Send) -> None:
        session = api.signed_in(app.front, scope)
        api.may_open(app.front, session, PAGE)
        app.front.pace.take(session.actor.name)
        if not session.bearer:
            check_origin(scope)
        if not header(scope, b"content-type").startswith("application/json"):
            raise Refused(
                400, "console.NotJson", "Not read.", "The request is not JSON.",
                "Send one command as application/json.",
            )  # fmt: skip
        asked = asked_of(await read_body(scope, receive, PLACE_BYTES_MAX))
        if gazetteer is None:
            raise Refused(
                503, "console.NoPlaces", "Not looked up.", "The town's names could not be read.",
                "Give the position, or click it on the map; the log says which file is wrong.",
            )  # fmt: skip
        lang = api.phrases_of(app.front, scope).lang
        found = await asyncio.to_thread(
            gazetteer.find, asked.text, asked.near, asked.limit, (lang.tag,)
        )
        answer = PlacesFound([told(one, lang) for one in found])
        await api.send_json(send, 200, answer, [(b"cache-control", b"no-store")])

    handler = taking(find, "POST")

    @asgi("/api/places", copy_scope=False)
    async def places(scope: Scope, receive: Receive, send: Send) -> None:
        """Tell where the words of a caller may mean, with reasons."""
        await handler(scope, receive, send)

    return places
