"""The routes of repeat places: the page, and how far a look is."""

from __future__ import annotations

from typing import Any, Protocol

from litestar import Request, Response, get

from answerable.console import api
from answerable.console.front import Front
from answerable.console.language import Language
from answerable.console.pages import Pages
from answerable.console.repeating.finder import Finder
from answerable.console.repeating.pages import PAGE, Asked, Repeats, asked_of

Req = Request[Any, Any, Any]


class Application(Protocol):
    """What the routes need of the application they belong to."""

    front: Front
    pages: Pages
    finder: Finder

    def look(self, request: Req) -> tuple[Language, str]:
        """Return the language and the theme of a request."""
        ...


def routes(app: Application) -> list[Any]:
    """Return the routes of the page."""
    shown = Repeats(app.pages, app.finder)

    def asked(request: Req) -> Asked:
        return asked_of(dict(request.query_params), past=app.finder.past is not None)

    @get("/repeats")
    async def page(request: Req) -> Response[Any]:
        """Show the places that keep calling."""
        session = api.signed_in(app.front, request.scope)
        api.may_open(app.front, session, PAGE)
        html = shown.page(session, *app.look(request), asked(request))
        return Response(html, media_type="text/html")

    @get("/repeats/state")
    async def state(request: Req) -> Response[Any]:
        """Show how far a look is; once it is done, lead to the page."""
        session = api.signed_in(app.front, request.scope)
        api.may_open(app.front, session, PAGE)
        lang, _theme = app.look(request)
        wanted = asked(request)
        html = shown.state(session, lang, wanted)
        headers = {} if html else {"hx-redirect": wanted.href()}
        return Response(html, media_type="text/html", headers=headers)

    return [page, state]
