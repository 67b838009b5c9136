"""The addresses of calling back: the queue, one caller, and what is done with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get, post

from answerable.console import api
from answerable.console.calling_back import undo  # noqa: F401 - registers the ways back
from answerable.console.calling_back.queue import Asked, asked_of, entries, following, shown
from answerable.console.calling_back.sheet import entry_of, no_call_back, sheet
from answerable.console.dialling.offer import offer
from answerable.console.language import Language
from answerable.console.leading import led
from answerable.console.sanity import no_such_act
from answerable.console.session import Session
from answerable.followup import back_words as w
from answerable.followup.views import Entry
from answerable.kernel.event import Command
from answerable.kernel.hub import Accepted, Outcome
from answerable.vault.words import Purpose

if TYPE_CHECKING:
    from answerable.console.application import Application

Req = Request[Any, Any, Any]
PAGE = "call-backs"
NAME_MAX = 64
PRIVATE = {"cache-control": "no-store"}
"""For the page that may show a number: no browser keeps it."""
ACTS: dict[str, type[Command]] = {
    "take": w.TakeCallBack, "leave": w.LeaveCallBack, "tried": w.TriedCallBack,
    "defer": w.DeferCallBack, "speak": w.SpeakCallBack, "answer": w.AnswerCallBack,
    "bar": w.BarCallBack, "allow": w.AllowCallBack, "undo": w.TakeBackCallBack,
}  # fmt: skip
"""What a form of the page may ask for, and the command that it becomes."""
STAYS = ("take", "leave", "speak", "allow", "undo")
"""After these one goes on with the same caller; after the others with the next."""
WHOLE = ("manner", "speed", "result", "overall", "until")
"""Fields of these commands that are whole numbers."""


class CallingBack:
    """The handlers of the page."""

    def __init__(self, app: Application) -> None:
        self.app = app
        self.front = app.front

    def show(self, request: Req, call: str = "") -> Response[Any]:
        """Return the queue, and one caller of it. Raises Refused (403, 404, 410)."""
        session = api.signed_in(self.front, request.scope)
        (lang, theme), asked = self.app.look(request), asked_of(dict(request.query_params))
        api.may_open(self.front, session, PAGE)
        entry = entry_of(self.front, call) if call else None
        here = asked.href(call)
        frame = self.app.pages.frame(PAGE, session, lang, theme, here, f"{PAGE}/{lang.tag}")
        html = lang.render(
            "calling_back/page.html",
            **frame,
            q=self._queue(session, asked, lang, call),
            b=sheet(self.front, session, entry, asked, lang) if entry else None,
            next=self._next(session, asked, call),
            o=offer(self.front, session, entry, lang),
        )
        return Response(html, media_type="text/html", headers=PRIVATE)

    def _queue(self, session: Session, asked: Asked, lang: Language, call: str) -> dict[str, Any]:
        phrases = self.front.phrases(lang.tag)
        return shown(self.front, asked, phrases, session.actor.name, call)

    def _next(self, session: Session, asked: Asked, call: str) -> str:
        found = following(self.front, session.actor.name, call)
        return asked.href(found.call, show="now", day="", page=0) if found else ""

    # -- acts --------------------------------------------------------------------------------

    async def act(self, request: Req) -> Response[Any]:
        """Have one act of a form done, and lead on. Raises Refused (400, 401, 403, 404, 503)."""
        lang, _theme = self.app.look(request)
        session, form = await self.app.forms.checked(request)
        api.may_open(self.front, session, PAGE)
        do, call = form.get("do", ""), form.get("call", "")[:NAME_MAX]
        command = ACTS.get(do)
        if command is None:
            raise no_such_act()
        entry = entries(self.front).entry(call)
        if entry is None:
            raise no_call_back(call)
        outcome = await self.app.forms.ask(session, self.body(command, entry, form), lang)
        if isinstance(outcome, Accepted) and do == "take":
            read = await self._read(session, entry.incident, form)
            outcome = outcome if isinstance(read, Accepted) else read
        if not isinstance(outcome, Accepted):
            return self.app.forms.answer(request, lang, outcome)
        return self._onward(request, session, form, "" if do not in STAYS else call)

    def body(self, command: type[Command], entry: Entry, form: dict[str, str]) -> dict[str, Any]:
        """Return a command as the form has it. What is no number is left for the hub to refuse."""
        names = command.__struct_fields__
        body: dict[str, Any] = {n: form[n].strip() for n in names if form.get(n, "").strip()}
        body.pop("at", None)
        for name in WHOLE:
            if body.get(name, "").isdecimal() and len(body[name]) < 18:
                body[name] = int(body[name])
        if "wants" in body:
            body["wants"] = True
        return body | {"type": command.tag, "incident": entry.incident, "call": entry.call}

    async def _read(self, session: Session, incident: str, form: dict[str, str]) -> Outcome:
        """Have it recorded that the number is read, and what for: to ring this caller back."""
        key = f"{form['key']}.n" if form.get("key") else ""
        return await self.front.gate.state_purpose(
            session.actor, incident, Purpose.CALL_BACK, "", key
        )

    def _onward(
        self, request: Req, session: Session, form: dict[str, str], call: str
    ) -> Response[Any]:
        """Lead on: to the same caller, to the next one, or to the queue when it is empty."""
        asked = asked_of(form)
        nobody = asked.href()
        to = asked.href(call) if call else self._next(session, asked, form["call"]) or nobody
        return led(request, to)


def routes(app: Application) -> list[Any]:
    """Return the routes of the page."""
    calling = CallingBack(app)

    @get("/call-backs", sync_to_thread=False)
    def queue(request: Req) -> Response[Any]:
        """Show who is to be rung."""
        return calling.show(request)

    @get("/call-backs/{call:str}", sync_to_thread=False)
    def one(request: Req) -> Response[Any]:
        """Show one caller: what it is about, what to say, and the number once it was read."""
        return calling.show(request, request.path_params["call"][:NAME_MAX])

    @post("/call-backs", status_code=201)
    async def act(request: Req) -> Response[Any]:
        """Ring, leave, record what came of it, put off, bar, put back."""
        return await calling.act(request)

    return [queue, one, act]
