"""The routes of the figures of what callers said: a page, and a file of the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get

from answerable.console import api
from answerable.console.said.figures import as_csv, figures, shown, wanted_of

if TYPE_CHECKING:
    from answerable.console.application import Application

Req = Request[Any, Any, Any]


def routes(app: Application) -> list[Any]:
    """Return the routes of the figures."""
    front = app.front

    @get("/call-backs/figures", sync_to_thread=False)
    def page(request: Req) -> Response[Any]:
        """Show what callers said, and how sure that is."""
        session, (lang, theme) = app.session(request), app.look(request)
        wanted = wanted_of(dict(request.query_params))
        here, channel = wanted.href(), f"call-back-figures/{lang.tag}"
        frame = app.pages.frame("call-back-figures", session, lang, theme, here, channel)
        told = shown(front, wanted, front.phrases(lang.tag))
        return Response(lang.render("said/figures.html", **frame, f=told), media_type="text/html")

    @get("/call-backs/figures.csv", sync_to_thread=False)
    def as_file(request: Req) -> Response[Any]:
        """Give the same as a table."""
        api.may_open(front, app.session(request), "call-back-figures")
        wanted = wanted_of(dict(request.query_params))
        named = f'attachment; filename="call-backs-{wanted.by}-{wanted.weeks}-weeks.csv"'
        return Response(
            as_csv(figures(front, wanted)), media_type="text/csv",
            headers={"content-disposition": named},
        )  # fmt: skip

    return [page, as_file]
