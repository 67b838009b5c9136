"""The routes of moving units about."""

from __future__ import annotations

from typing import Any, Protocol

from litestar import Request, Response, get, post

from answerable.console.api import may_open
from answerable.console.forms import Forms
from answerable.console.front import Front
from answerable.console.language import Language
from answerable.console.moving import messages, unit_page
from answerable.console.moving.send_all import send_all
from answerable.console.pages import Pages
from answerable.console.session import Session

Req = Request[Any, Any, Any]


class Application(Protocol):
    """What the routes need of the application they belong to."""

    front: Front
    pages: Pages
    forms: Forms

    def session(self, request: Req) -> Session:
        """Return the session of a request. Raises Refused (401)."""
        ...

    def look(self, request: Req) -> tuple[Language, str]:
        """Return the language and the theme of a request."""
        ...


def routes(app: Application) -> list[Any]:
    """Return the routes of moving units about."""

    @post("/send-all", status_code=201)
    async def everybody(request: Req) -> Response[Any]:
        """Send all that the run card names, one command each."""
        return await send_all(app.forms, request, app.look(request)[0])

    @get("/units/{unit:str}", sync_to_thread=False)
    def one_unit(request: Req) -> Response[Any]:
        """Show one unit, and what may be done with it."""
        lang, theme = app.look(request)
        html = unit_page.page(
            app.front, app.pages, app.session(request), lang, theme, request.path_params["unit"]
        )
        return Response(html, media_type="text/html")

    @get("/messages")
    async def read_messages(request: Req) -> Response[Any]:
        """Show the messages to this desk or unit, once their reading is recorded."""
        lang, theme = app.look(request)
        session = app.session(request)
        may_open(app.front, session, "messages")
        await messages.enter(app.front, session)
        html = messages.page(app.front, app.pages, session, lang, theme)
        return Response(html, media_type="text/html")

    return [everybody, one_unit, read_messages]
