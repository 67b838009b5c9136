"""The routes of repeat places: the page, and how far a look is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get

from answerable.console.repeating.pages import PAGE, Asked, Repeats, asked_of

if TYPE_CHECKING:
    from answerable.console.application import Application

Req = Request[Any, Any, Any]


def routes(app: Application) -> list[Any]:
    """Return the routes of the page."""
    shown = Repeats(app.pages, app.finder)

    def asked(request: Req) -> Asked:
        return asked_of(dict(request.query_params), past=app.finder.past is not None)

    @get("/repeats")
    async def page(request: Req) -> Response[Any]:
        """Show the places that keep calling."""
        html = shown.page(*app.entering(request, PAGE), asked(request))
        return Response(html, media_type="text/html")

    @get("/repeats/state")
    async def state(request: Req) -> Response[Any]:
        """Show how far a look is; once it is done, lead to the page."""
        session, lang, _theme = app.entering(request, PAGE)
        wanted = asked(request)
        html = shown.state(session, lang, wanted)
        headers = {} if html else {"hx-redirect": wanted.href()}
        return Response(html, media_type="text/html", headers=headers)

    return [page, state]
