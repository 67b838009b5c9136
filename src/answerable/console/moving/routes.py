"""The routes of moving units about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get, post

from answerable.console.moving import messages, unit_page
from answerable.console.moving.send_all import send_all

if TYPE_CHECKING:
    from answerable.console.application import Application

Req = Request[Any, Any, Any]


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
        session, lang, theme = app.entering(request, "messages")
        await messages.enter(app.front, session)
        html = messages.page(app.front, app.pages, session, lang, theme)
        return Response(html, media_type="text/html")

    return [everybody, one_unit, read_messages]
