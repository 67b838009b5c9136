"""The two addresses of the bar: what a line would do, and doing it.

Both are a POST: a line may hold what a caller said, and addresses end up in logs and histories.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from litestar import Request, Response, post

from answerable.console import api
from answerable.console.bar.entering import Enter
from answerable.console.language import Language

if TYPE_CHECKING:
    from answerable.console.application import Application

Req = Request[Any, Any, Any]
Look = Callable[[Req], tuple[Language, str]]


def whole(text: str) -> int:
    """Return a number that a form holds, -1 where it holds none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 6 else -1


def routes(app: Application) -> list[Any]:
    """Return the routes of the bar."""
    enter = Enter(app.bar, app.forms)

    @post("/line/read", status_code=200)
    async def read_line(request: Req) -> Response[Any]:
        """Tell what a line would do and what may come next; nothing is done or kept."""
        session, form = await app.forms.checked(request)
        api.may_open(app.front, session, "incident")
        lang, _theme = app.look(request)
        panel = await app.bar.panel(
            session, app.front.phrases(lang.tag), form.get("line", ""),
            whole(form.get("caret", "")), form.get("incident", ""),
        )  # fmt: skip
        html = lang.render("parts/bar.html", panel=panel)
        headers = {"cache-control": "no-store"}
        return Response(html, media_type="text/html", headers=headers)

    @post("/line", status_code=200)
    async def enter_line(request: Req) -> Response[Any]:
        """Do what a line asks for."""
        session, form = await app.forms.checked(request)
        api.may_open(app.front, session, "incident")
        return await enter.line(session, app.look(request)[0], form)

    return [read_line, enter_line]
