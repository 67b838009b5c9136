"""The routes of presence: what a page says of its desk, and what a desk is called."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get, post

from answerable.console import api
from answerable.console.front import Front
from answerable.console.presence.desks import desk_named, remember, seat
from answerable.console.presence.here import DOINGS
from answerable.console.sanity import Refused
from answerable.kernel.event import Mark

if TYPE_CHECKING:
    from answerable.console.application import Application

Req = Request[Any, Any, Any]
GONE = "gone"
KINDS = ("incident", "call")


def known(front: Front, subject: str) -> bool:
    """Say whether there is such an incident or call at hand: nothing else can be worked on."""
    kind, _colon, name = subject.partition(":")
    if kind == "incident":
        return name in front.board.incidents
    return kind == "call" and name in front.hub.state["intake"].calls


def ended(front: Front, subject: str) -> bool:
    """Say whether there was such an incident or call: a page may be the last to hear of its end."""
    kind, _colon, name = subject.partition(":")
    if kind not in KINDS:
        return False
    with front.hub.at_hand(subject):
        return name in front.board.closed or name in front.hub.state["intake"].calls


def said(front: Front, desk: str, form: dict[str, str]) -> None:
    """Take up what a page says its desk is doing. Raises Refused (400, 404).

    Of what has ended nothing is told any more, and that is no fault of whoever still types at it.
    """
    subject, doing = form.get("about", ""), form.get("doing", "")
    if doing == GONE:
        front.presence.gone(desk, subject)
        return
    if doing not in DOINGS:
        raise Refused(
            400, "console.NoDoing", "Not shown to the others.", "There is no such doing: {doing}.",
            "Load the page again.", doing=doing[:40],
        )  # fmt: skip
    if not known(front, subject):
        if ended(front, subject):
            front.presence.gone(desk, subject)
            return
        raise Refused(
            404, "console.NotAtHand", "Not shown to the others.",
            "There is no open incident and no call {about}.",
            "Check the number, or look it up on the board.", about=subject[:64],
        )  # fmt: skip
    front.presence.here(desk, subject, doing)


def routes(app: Application) -> list[Any]:
    """Return the routes of presence."""
    front = app.front

    @post("/presence", status_code=204)
    async def say(request: Req) -> None:
        """Say that somebody at this desk types, takes a call, or has left."""
        session, form = await app.forms.checked(request)
        api.may_open(front, session, "incident")
        if session.desk:
            said(front, session.desk, form)

    @get("/presence", sync_to_thread=False)
    def whole(request: Req) -> Response[Any]:
        """Say who is on what now, for a page that has lost count."""
        session = api.signed_in(front, request.scope)
        api.may_open(front, session, "incident")
        inside = front.hub.rooms.authority.may_see(session.actor.role, Mark.INSIDE)
        on = front.presence.whole() if inside else {}
        return Response({"whole": True, "on": on}, media_type="application/json")

    @post("/desk", status_code=303)
    async def name(request: Req) -> Response[Any]:
        """Call this desk by another name, and have the browser remember it."""
        session, form = await app.forms.checked(request)
        api.may_open(front, session, "hand-over")
        wanted = desk_named(form.get("desk", ""), front.door.state.accounts.values())
        given = seat(session, wanted, front.sessions.every())
        if given != wanted:
            raise Refused(
                409, "console.DeskInUse", "Not taken: {desk}.", "Another page is open there.",
                "Take another desk, or have that page closed.", desk=wanted,
            )  # fmt: skip
        answer = Response(b"", status_code=303, headers={"location": "/hand-over"})
        return remember(answer, wanted, secure=request.url.scheme == "https")

    return [say, whole, name]
