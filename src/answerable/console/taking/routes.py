"""The addresses of the form for taking a call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from litestar import Request, Response, get, post

from answerable.console import api
from answerable.console.language import Language, _
from answerable.console.sanity import check_origin, header, too_large
from answerable.console.session import Session
from answerable.console.taking.heard import HEARD_BYTES_MAX, Hearing, asked_of
from answerable.console.taking.page import PAGE, drawn
from answerable.console.taking.record import Recording, Taken
from answerable.kernel.hub import Accepted, Outcome

if TYPE_CHECKING:
    from answerable.console.application import Application

Req = Request[Any, Any, Any]
NAME_MAX = 64


def json(body: object, status: int = 200) -> Response[Any]:
    """Return an answer for the form's script; it may hold a caller's words, so nothing keeps it."""
    return Response(
        msgspec.json.encode(body), status_code=status, media_type="application/json",
        headers={"cache-control": "no-store"},
    )  # fmt: skip


class Taking:
    """The handlers of the form."""

    def __init__(self, app: Application) -> None:
        self.app = app
        self.hearing = Hearing(app.front)
        self.recording = Recording(app.forms)

    def page(self, request: Req) -> Response[Any]:
        """Return the form."""
        session = self.app.session(request)
        call = request.query_params.get("call", "")[:NAME_MAX]
        incident = request.query_params.get("incident", "")[:NAME_MAX]
        html = drawn(self.app.pages, session, *self.app.look(request), call, incident)
        return Response(html, media_type="text/html", headers={"cache-control": "no-store"})

    async def heard(self, request: Req) -> Response[Any]:
        """Tell what the words so far mean, what to ask, and what is near."""
        check_origin(request.scope)
        session = api.signed_in(self.app.front, request.scope)
        api.checked_token(session, request.scope, {})
        api.may_open(self.app.front, session, PAGE)
        body = await request.body()
        if len(body) > HEARD_BYTES_MAX:
            raise too_large(HEARD_BYTES_MAX)
        phrases = self.app.front.phrases(self.app.look(request)[0].tag)
        return json(self.hearing.answer(asked_of(body), phrases))

    async def take(self, request: Req) -> Response[Any]:
        """Record a form."""
        lang, _theme = self.app.look(request)
        session, form = await self.checked(request)
        taken = await self.recording.take(session, form, lang)
        if not taken.how and taken.refused is not None:
            return self.app.forms.answer(request, lang, taken.refused)
        if header(request.scope, b"accept") != "application/json":
            where = f"/incidents/{taken.incident}"
            return Response(b"", status_code=303, headers={"location": where})
        return json(self.told(session, taken, lang), 201)

    async def checked(self, request: Req) -> tuple[Session, dict[str, str]]:
        """Return who sends a form of this page, and the form. Raises Refused (401, 403, 400)."""
        session, form = await self.app.forms.checked(request)
        api.may_open(self.app.front, session, PAGE)
        return session, form

    def told(self, session: Session, taken: Taken, lang: Language) -> dict[str, Any]:
        """Return what became of a form, as its script shows it."""
        words = {
            "opened": _("Incident {incident} is recorded."),
            "booked": _("Incident {incident} is booked for later; nobody is sent before."),
            "attached": _("Call {call} is about incident {incident}."),
        }
        opened = taken.how == "opened"
        return {
            "call": taken.call, "incident": taken.incident, "how": taken.how, "note": taken.note,
            "said": lang.say(words[taken.how], call=taken.call, incident=taken.incident),
            "advice": self.app.pages.advice(session, lang, taken.incident) if opened else "",
            "trouble": self.app.forms.told(lang, taken.refused) if taken.refused else "",
        }  # fmt: skip

    async def answer(self, request: Req) -> Response[Any]:
        """Record an answer that came after the incident was recorded."""
        lang, _theme = self.app.look(request)
        session, form = await self.checked(request)
        outcomes = await self.recording.correct(session, form, lang)
        return self.outcome(request, lang, outcomes[-1])

    async def undo(self, request: Req) -> Response[Any]:
        """Take an attached call off its incident again."""
        lang, _theme = self.app.look(request)
        session, form = await self.checked(request)
        return self.outcome(request, lang, await self.recording.undo(session, form, lang))

    def outcome(self, request: Req, lang: Language, outcome: Outcome) -> Response[Any]:
        """Tell an outcome: what was recorded, or the refusal in its place."""
        if isinstance(outcome, Accepted):
            return json({"said": lang(_("Recorded."))}, 201)
        return self.app.forms.answer(request, lang, outcome)


def routes(app: Application) -> list[Any]:
    """Return the routes; the town's word rules are made ready now, so that nobody waits."""
    taking = Taking(app)

    @get("/take", sync_to_thread=False)
    def take_page(request: Req) -> Response[Any]:
        return taking.page(request)

    @post("/take", status_code=201)
    async def take(request: Req) -> Response[Any]:
        return await taking.take(request)

    @post("/take/heard", status_code=200)
    async def heard(request: Req) -> Response[Any]:
        return await taking.heard(request)

    @post("/take/answer", status_code=201)
    async def answer(request: Req) -> Response[Any]:
        return await taking.answer(request)

    @post("/take/undo", status_code=201)
    async def undo(request: Req) -> Response[Any]:
        return await taking.undo(request)

    return [take_page, take, heard, answer, undo]
