"""The page of field reports: looking at it. What is done there goes the way of every form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get

from answerable.console.reporting.sheet import sheet, sieve_of

if TYPE_CHECKING:
    from answerable.console.application import Application

Req = Request[Any, Any, Any]
PAGE = "reports"


def routes(app: Application) -> list[Any]:
    """Return the routes of the page."""

    @get("/reports", sync_to_thread=False)
    def reports_page(request: Req) -> Response[Any]:
        """Show whose report is missing, what is asked for again, and what the desk keyed."""
        session, (lang, theme) = app.session(request), app.look(request)
        role = session.actor.role
        channel = f"{PAGE}/{lang.tag}/{role}"
        sieve = sieve_of(dict(request.query_params))
        frame = app.pages.frame("reports", session, lang, theme, sieve.href(), channel)
        told = sheet(app.front, app.front.phrases(lang.tag), role, sieve)
        return Response(lang.render("reporting/page.html", **frame, r=told), media_type="text/html")

    return [reports_page]
