"""The page of escalations: what supervisors were told, and where they take note of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get

from answerable.console.alerting import escalations
from answerable.console.front import Front
from answerable.console.language import Language

if TYPE_CHECKING:
    from answerable.console.application import Application

Req = Request[Any, Any, Any]
PAGE = "escalations"


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
