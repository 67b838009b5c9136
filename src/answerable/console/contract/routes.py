"""The addresses programs read: board, incident, events, the stream, and the contract itself.

``openapi.py`` describes them; a test compares the two, and asks every one of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Request, Response, asgi, route
from litestar.types import Receive, Scope, Send

from answerable.console import api, places
from answerable.console.contract import query
from answerable.console.contract.methods import taking
from answerable.console.contract.openapi import encoded

if TYPE_CHECKING:
    from answerable.console.application import Application

Req = Request[Any, Any, Any]
READ = ["GET", "HEAD"]
MEDIA_TYPE = "application/json"


def told(body: object) -> Response[Any]:
    """Answer with JSON."""
    return Response(api.encode(body), media_type=MEDIA_TYPE)


def read_routes(app: Application) -> list[Any]:
    """Return the routes that tell one answer."""

    @route("/api/events", http_method=READ, sync_to_thread=False)  # type: ignore[arg-type]
    def events(request: Req) -> Response[Any]:
        """Tell what was recorded after a position, a page at a time."""
        session = app.session(request)
        api.may_open(app.front, session, "record")
        given = query.asked(request.scope, ("after", "limit", "kinds"))
        after = query.within(query.whole(given, "after", 0), app.front.recorded)
        limit = query.whole(given, "limit", query.LIMIT, 1, query.LIMIT_MAX)
        kinds = query.kinds(given, app.front.hub.rooms.events)
        return told(app.api.events(session, after, limit, kinds))

    @route("/api/board", http_method=READ, sync_to_thread=False)  # type: ignore[arg-type]
    def board_now(request: Req) -> Response[Any]:
        """Tell open incidents, calls without one, units and running clocks."""
        session = app.session(request)
        api.may_open(app.front, session, "board")
        query.asked(request.scope, ())
        return told(app.api.board(session))

    @route("/api/incidents/{incident:str}", http_method=READ, sync_to_thread=False)  # type: ignore[arg-type]
    def incident_now(request: Req) -> Response[Any]:
        """Tell one incident, its clocks, and everything recorded about it."""
        session = app.session(request)
        api.may_open(app.front, session, "incident")
        query.asked(request.scope, ())
        return told(app.api.incident(session, request.path_params["incident"]))

    contract = encoded(app.front.hub.rooms)

    @route("/api/schema", http_method=READ, sync_to_thread=False)  # type: ignore[arg-type]
    def schema(request: Req) -> Response[Any]:
        """Tell this contract, as OpenAPI 3.1."""
        api.may_open(app.front, app.session(request), "schema")
        query.asked(request.scope, ())
        return Response(contract, media_type=MEDIA_TYPE)

    return [events, board_now, incident_now, schema]


def raw_routes(app: Application) -> list[Any]:
    """Return the routes that take commands and tell what comes."""

    async def take(scope: Scope, receive: Receive, send: Send) -> None:
        await app.api.commands(scope, receive, send)

    async def tell(scope: Scope, receive: Receive, send: Send) -> None:
        session = api.signed_in(app.front, scope)
        api.may_open(app.front, session, "record")
        recorded = app.front.recorded
        given = query.asked(scope, ("after", "kinds"))
        after = query.after(scope, given, recorded)
        kinds = query.kinds(given, app.front.hub.rooms.events)
        await app.api.stream(scope, receive, send, session, after, kinds)

    post, follow = taking(take, "POST"), taking(tell, "GET")

    @asgi("/api/commands", copy_scope=False)
    async def commands(scope: Scope, receive: Receive, send: Send) -> None:
        """Take one tagged command with its key; tell what was recorded, or why not."""
        await post(scope, receive, send)

    @asgi("/api/stream", copy_scope=False)
    async def stream(scope: Scope, receive: Receive, send: Send) -> None:
        """Tell every event after a position, then as they come (server-sent events)."""
        await follow(scope, receive, send)

    return [commands, stream, places.route(app)]
