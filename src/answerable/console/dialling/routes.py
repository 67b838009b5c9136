"""The routes of ringing a caller back by the dialler: asking for it, and seeing how it goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get, post

from answerable.console import api
from answerable.console.language import Language, _
from answerable.console.sanity import header
from answerable.console.session import Session
from answerable.exchange.dialler.switch import Attempt
from answerable.followup.back_words import Outcome

if TYPE_CHECKING:
    from answerable.console.application import Application

Req = Request[Any, Any, Any]
STATES = {
    "queued": _("waits for a line"), "ringing": _("it rings"), "answered": _("answered"),
    "no answer": _("no answer"), "busy": _("busy"), "failed": _("not dialled"),
}  # fmt: skip
TRIED = {"no answer": Outcome.NO_ANSWER, "busy": Outcome.BUSY}
"""What an attempt came to that counts as one of the caller's; "failed" is the dialler's own."""


def shown(attempt: Attempt | None, session: Session, lang: Language) -> str:
    """Return how an attempt stands as a fragment; "" where there is none."""
    if attempt is None:
        return ""
    tried = TRIED.get(attempt.state)
    return lang.render(
        "dialling/state.html", token=session.token,
        d={
            "call": attempt.call, "over": attempt.over,
            "state": attempt.state, "words": lang(STATES[attempt.state]), "why": lang(attempt.why),
            "tried": tried.value if tried else "", "key": f"dialled:{attempt.id}",
        },
    )  # fmt: skip


def routes(app: Application) -> list[Any]:
    """Return the routes of the dialler."""
    front = app.front

    @post("/call-backs/dial", status_code=202)
    async def dial(request: Req) -> Response[Any]:
        """Have the caller of a call rung for one's own desk."""
        session, form = await app.forms.checked(request)
        api.may_open(front, session, "call-backs")
        incident, call = form.get("incident", "")[:64], form.get("call", "")[:64]
        attempt = await front.dialling.connect(session, incident, call)
        if header(request.scope, b"hx-request") != "true":
            return Response(b"", status_code=303, headers={"location": "/call-backs"})
        html = shown(attempt, session, app.look(request)[0])
        return Response(html, status_code=202, media_type="text/html")

    @get("/call-backs/dial/{call:str}", sync_to_thread=False)
    def state(request: Req) -> Response[Any]:
        """Show how one's own attempt to reach the caller of a call stands."""
        session = app.session(request)
        api.may_open(front, session, "call-backs")
        attempt = front.dialling.attempt(request.path_params["call"], session.actor.name)
        html = shown(attempt, session, app.look(request)[0])
        return Response(html, media_type="text/html")

    return [dial, state]
