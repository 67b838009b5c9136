"""The addresses of calls: the page, the claim, and the number and texts of one call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from litestar import Request, Response, get, post

from answerable.console import api
from answerable.console.front import Front
from answerable.console.language import Language, _
from answerable.console.leading import led
from answerable.console.reading import masked
from answerable.console.ringing import sheet
from answerable.console.sanity import Refused
from answerable.console.session import Session
from answerable.intake import line_words as w
from answerable.intake.words import AnswerCall
from answerable.kernel.event import Row
from answerable.kernel.hub import Accepted, Outcome
from answerable.kernel.hub import Refused as HubRefused

if TYPE_CHECKING:
    from answerable.console.application import Application

Req = Request[Any, Any, Any]
PRIVATE = {"cache-control": "no-store"}
NAME_MAX = 64


class Calls:
    """The handlers of these addresses."""

    def __init__(self, app: Application) -> None:
        self.app = app
        self.front = app.front

    def page(self, request: Req) -> str:
        """Return the page of calls."""
        session = self.app.session(request)
        lang, theme = self.app.look(request)
        role = session.actor.role
        channel = f"calls/{lang.tag}/{role}"
        frame = self.app.pages.frame("calls", session, lang, theme, "/calls", channel)
        return lang.render("ringing/calls.html", **frame, **sheet.rows(self.front, lang, role))

    async def claim(self, request: Req) -> Response[Any]:
        """Have a call answered by this desk; the first has it, any other hears who."""
        lang, _theme = self.app.look(request)
        session, form = await self.app.forms.checked(request)
        api.may_open(self.front, session, "calls")
        call = form.get("call", "")[:NAME_MAX]
        body: dict[str, Any] = {"type": AnswerCall.tag, "call": call, "desk": session.desk}
        if key := form.get("key", ""):
            body["key"] = key
        if call not in self.front.hub.state["intake"].calls:
            raise no_call(call)
        outcome = await self.app.forms.ask(session, body, lang)
        if not isinstance(outcome, Accepted) and not self.mine(session, call, outcome):
            return self.app.forms.answer(request, lang, outcome)
        return led(request, f"/take?call={quote(call, safe='')}")

    def mine(self, session: Session, call: str, outcome: Outcome) -> bool:
        """Say whether a claim was refused because this very desk has the call already."""
        if not isinstance(outcome, HubRefused) or not isinstance(outcome.refusal, w.CallTaken):
            return False
        known = self.front.hub.state["intake"].calls[call]
        return (known.by, known.desk) == (session.actor.name, session.desk)

    async def words(self, request: Req) -> Response[Any]:
        """Show number and texts of a call, once the reading is recorded."""
        lang, _theme = self.app.look(request)
        session, form = await self.app.forms.checked(request)
        api.may_open(self.front, session, "calls")
        call = form.get("call", "")[:NAME_MAX]
        outcome = await self.front.gate.enter_call(session.actor, call)
        if outcome is not None and not isinstance(outcome, Accepted):
            return self.app.forms.answer(request, lang, outcome)
        html = lang.render("ringing/words.html", words=said(self.front, session, call, lang))
        return Response(html, media_type="text/html", headers=PRIVATE)


def no_call(call: str) -> Refused:
    """Return that there is no such call."""
    return Refused(
        404, "console.NoCall", "Not done.", "There is no call {call}.",
        "Look at the page of calls for its number.", call=call[:40],
    )  # fmt: skip


def said(front: Front, session: Session, call: str, lang: Language) -> dict[str, Any]:
    """Return number and texts of a call for whoever's reading counts; masked for others."""
    phrases = front.phrases(lang.tag)
    unseal = front.gate.unseal_call(session.actor, call, lang) or masked
    number, texts = "", []
    for row in front.hub.store.stream(f"call:{call}"):
        event = front.hub.rooms.decode(row)
        if getattr(event, "number", ""):
            number = unseal(row.position, "number") or lang(_("(sealed)"))
        elif isinstance(event, w.TextTaken | w.CallerTexted):
            texts.append(_text(row, event, unseal(row.position, "words"), phrases))
    return {"number": number, "texts": texts}


def _text(row: Row, event: object, told: str | None, phrases: Any) -> dict[str, str]:  # noqa: ANN401
    who = _("caller") if isinstance(event, w.TextTaken) else _("we")
    return {
        "time": phrases.clock(row.happened_at), "who": phrases.lang(who),
        "said": phrases.lang(_("(sealed)")) if told is None else told,
    }  # fmt: skip


def routes(app: Application) -> list[Any]:
    """Return the routes."""
    calls = Calls(app)

    @get("/calls", sync_to_thread=False)
    def page(request: Req) -> Response[Any]:
        return Response(calls.page(request), media_type="text/html")

    @post("/calls/claim", status_code=201)
    async def claim(request: Req) -> Response[Any]:
        return await calls.claim(request)

    @post("/calls/words", status_code=200)
    async def words(request: Req) -> Response[Any]:
        return await calls.words(request)

    return [page, claim, words]
