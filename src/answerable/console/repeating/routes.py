"""The routes of repeat places: the page, and how far a look is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get

from answerable.console.repeating.pages import PAGE, Asked, Repeats, asked_of

if TYPE_CHECKING:
    from answerable.console.application import Application

Req = Request[Any, Any, Any]
US_DIGITS = 18
"""A moment has fewer digits."""


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
        """Show how far a look is; once it is done, lead to the page.

        With ``seen`` it is about a page that shows a look already, with ``none`` one of nothing:
        that is led to the first finding, any other is told of a newer look and left as it is.
        """
        session, lang, _theme = app.entering(request, PAGE)
        wanted, seen = asked(request), request.query_params.get("seen", "")
        if seen.isdecimal() and len(seen) < US_DIGITS:
            newer, any_ = shown.newer(lang, wanted, int(seen))
            leads = any_ and "none" in request.query_params
            return Response(
                newer,
                media_type="text/html",
                headers={"hx-redirect": wanted.href()} if leads else {},
            )
        html = shown.state(session, lang, wanted)
        headers = {} if html else {"hx-redirect": wanted.href()}
        return Response(html, media_type="text/html", headers=headers)

    return [page, state]
