"""The contract as OpenAPI 3.1, made from the structs themselves: ``GET /api/schema``."""

from __future__ import annotations

import functools
from typing import Any

import msgspec

from answerable import __version__
from answerable.console.contract import query
from answerable.console.contract.answers import PLACE_BYTES_MAX
from answerable.console.contract.problems import codes_of, statuses_of
from answerable.console.contract.schemas import Schema, components, ref, refusals
from answerable.console.sanity import BODY_BYTES_MAX
from answerable.console.session import COOKIE
from answerable.kernel.room import Rooms

JSON = "application/json"
ABOUT = """\
One door for programs: commands in, events out.

Sign in with a token (`Authorization: Bearer …`, see `answerable token`), or with the cookie of a
desk. What a role may do and see is in the table of rights; what it may not see is absent.

Times are whole microseconds since 1970, UTC; whole numbers are written without a point. Positions
count the events of the record from 1 and have no gap. A command carries an idempotency key: the
same command with the same key is recorded once, and answered again with `again: true`; after a
broken connection, a 429 or a 503 send it again with the same key.

A refusal is one JSON object with a code and three sentences: what was not done, because of what,
what to do instead. They come in the language of `Accept-Language` (en, zh-CN). An address answers
405 with `Allow` to another method, and 421 to another host name. No other origin is allowed
anything (no CORS): a program that is no browser needs no such leave.
"""
STATUSES = {
    400: "Not read: malformed, unknown or out of its limits.",
    401: "Nobody is signed in, or the token does not count.",
    403: "The role is not given it.",
    404: "There is no such thing.",
    405: "The address does not take this method; `Allow` says which.",
    409: "Refused by the rules; nothing was recorded.",
    413: "Longer than is read.",
    429: "Too many commands from one source; `Retry-After` says when to come again.",
    500: "The program failed; nothing was recorded.",
    503: "The centre cannot take it now; `Retry-After` says when to come again.",
}
HEADERS: dict[int, Schema] = {
    401: {"WWW-Authenticate": {"schema": {"type": "string"}}},
    405: {"Allow": {"schema": {"type": "string"}}},
    429: {"Retry-After": {"schema": {"type": "string", "pattern": "^[0-9]+$"}}},
    503: {"Retry-After": {"schema": {"type": "string", "pattern": "^[0-9]+$"}}},
}
POSITION = {"type": "integer", "minimum": 0, "maximum": query.POSITION_MAX}
SSE = """\
Server-sent events. Each has the position as `id` and one event, as `GET /api/events` tells it, as
`data`. A reader that comes back with `Last-Event-ID` gets what it missed, without a gap and without
repetition. Every 15 seconds comes a comment with the position reached as `id`. A reader that falls
more than 4096 messages behind is cut off and comes back the same way. `retry` is 1 second.
"""


def document(rooms: Rooms) -> dict[str, Any]:
    """Return the whole contract over a product's rooms."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Answerable",
            "version": __version__,
            "description": ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"bearer": []}, {"cookie": []}],
        "paths": {
            "/api/commands": {"post": _commands(rooms)},
            "/api/events": {"get": _events()},
            "/api/stream": {"get": _stream()},
            "/api/board": {"get": _board()},
            "/api/places": {"post": _places()},
            "/api/incidents/{incident}": {"get": _incident()},
            "/api/schema": {"get": _schema()},
        },
        "components": {
            "schemas": components(rooms),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "cookie": {"type": "apiKey", "in": "cookie", "name": COOKIE},
            },
        },
        "x-refusals": [
            {
                "code": one.code, "status": one.status, "not_done": one.not_done,
                "because": one.because, "instead": one.instead,
            }
            for one in refusals(rooms)
        ],
    }  # fmt: skip


def encoded(rooms: Rooms) -> bytes:
    """Return the contract as JSON; the same words are described once a process."""
    return _encoded(_Words(rooms))


class _Words:
    """Rooms by what they say: two of the same product are one."""

    def __init__(self, rooms: Rooms) -> None:
        self.rooms = rooms
        self._said = (*rooms.commands, *rooms.events, *rooms.refusals)

    def __hash__(self) -> int:
        return hash(self._said)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Words) and self._said == other._said


@functools.lru_cache(maxsize=4)
def _encoded(words: _Words) -> bytes:
    return msgspec.json.encode(document(words.rooms))


def _answer(what: str, schema: Schema, media_type: str = JSON) -> Schema:
    return {"description": what, "content": {media_type: {"schema": schema}}}


def _operation(
    name: str, summary: str, good: dict[str, Schema], more: dict[int, list[str]] | None = None
) -> Schema:
    """Return an operation with its answers, the door's refusals added to its own."""
    responses: dict[str, Schema] = dict(good)
    more = more or {}
    for status in sorted({*statuses_of(name), *more}):
        codes = sorted({*codes_of(name, status), *more.get(status, ())})
        told = {"allOf": [ref("Problem"), {"properties": {"code": {"enum": codes}}}]}
        answer = _answer(STATUSES[status], told)
        if status in HEADERS:
            answer["headers"] = HEADERS[status]
        responses[str(status)] = answer
    return {"operationId": name, "summary": summary, "responses": responses}


def _commands(rooms: Rooms) -> Schema:
    inner = refusals(rooms)
    more = {
        status: [one.code for one in inner if one.status == status and "commands" in one.given_by]
        for status in (403, 409)
    }
    good = {"201": _answer("Recorded, or recorded before by this key.", ref("Answered"))}
    made = _operation("commands", "Give one command.", good, more)
    body = {"required": True, "content": {JSON: {"schema": ref("Command")}}}
    made["requestBody"] = body | {"description": f"At most {BODY_BYTES_MAX} bytes."}
    return made


def _events() -> Schema:
    good = {"200": _answer("Events in order of position.", ref("Events"))}
    made = _operation("events", "Events after a position.", good)
    limit = {
        "type": "integer", "minimum": 1, "maximum": query.LIMIT_MAX, "default": query.LIMIT,
    }  # fmt: skip
    made["parameters"] = [
        _parameter("after", "Only events after this position.", POSITION | {"default": 0}),
        _parameter("limit", "How many positions are looked at.", limit),
        _kinds(),
    ]
    return made


def _stream() -> Schema:
    what = {"type": "string", "description": SSE, "x-event-data": ref("Told")}
    good = {"200": _answer("Every event, as they come.", what, "text/event-stream")}
    made = _operation("stream", "Follow the events.", good)
    told = "The last position seen; it wins over `after`."
    seen = {"name": "Last-Event-ID", "in": "header", "required": False, "description": told}
    made["parameters"] = [
        _parameter("after", "Begin after this position; else at the end.", POSITION),
        seen | {"schema": POSITION},
        _kinds(),
    ]
    return made


def _board() -> Schema:
    good = {"200": _answer("The board at one position.", ref("BoardNow"))}
    return _operation("board", "What is going on now.", good)


def _places() -> Schema:
    good = {"200": _answer("Where it may be, the best first, with reasons.", ref("PlacesFound"))}
    made = _operation("places", "Look up a place by a caller's words; they are not kept.", good)
    body = {"required": True, "content": {JSON: {"schema": ref("PlaceAsked")}}}
    made["requestBody"] = body | {"description": f"At most {PLACE_BYTES_MAX} bytes."}
    return made


def _incident() -> Schema:
    good = {"200": _answer("The incident and what was recorded about it.", ref("Incident"))}
    made = _operation("incident", "One incident, open or closed.", good)
    name = {"type": "string", "minLength": 1, "maxLength": 64}
    told = {"name": "incident", "in": "path", "required": True, "schema": name}
    made["parameters"] = [told | {"description": "Its number, as the board has it."}]
    return made


def _schema() -> Schema:
    good = {"200": _answer("An OpenAPI 3.1 document.", {"type": "object"})}
    return _operation("schema", "This contract.", good)


def _kinds() -> Schema:
    """Return the parameter that names kinds of events; an unknown one is refused."""
    what = "Only these kinds of events, with commas between: dispatch.UnitSent,intake.CallRung."
    several = {"type": "array", "minItems": 1, "items": ref("Kind")}
    return _parameter("kinds", what, several) | {"style": "form", "explode": False}


def _parameter(name: str, what: str, schema: Schema) -> Schema:
    return {"name": name, "in": "query", "required": False, "description": what, "schema": schema}
