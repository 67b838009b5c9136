"""The page of escalations: what supervisors were told, and where they take note of it."""

from __future__ import annotations

from typing import Any, Protocol

from litestar import Request, Response, get

from answerable.console.alerting import escalations
from answerable.console.front import Front
from answerable.console.language import Language
from answerable.console.pages import Pages
from answerable.console.session import Session

Req = Request[Any, Any, Any]
PAGE = "escalations"


class Application(Protocol):
    """What the routes need of the application they belong to."""

    front: Front
    pages: Pages

    def session(self, request: Req) -> Session:
        """Return the session of a request. Raises Refused (401)."""
        ...

    def look(self, request: Req) -> tuple[Language, str]:
        """Return the language and the theme of a request."""
        ...


def shown(front: Front, lang: Language, role: str) -> dict[str, Any]:
    """Return what the list shows."""
    return {
        "groups": escalations.groups(front, front.phrases(lang.tag), role),
        "open_count": escalations.count(front),
    }


def routes(app: Application) -> list[Any]:
    """Return the routes of escalations."""

    @get("/escalations", sync_to_thread=False)
    def page(request: Req) -> Response[Any]:
        session, (lang, theme) = app.session(request), app.look(request)
        role = session.actor.role
        frame = app.pages.frame(
            "escalations", session, lang, theme, "/escalations", f"{PAGE}/{lang.tag}/{role}"
        )
        html = lang.render("alerting/page.html", **frame, **shown(app.front, lang, role))
        return Response(html, media_type="text/html")

    return [page]
