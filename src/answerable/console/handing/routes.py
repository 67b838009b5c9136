"""The routes of the hand-over page: looking at it, and the signatures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get, post

from answerable.access import words as access
from answerable.console import api
from answerable.console.forms import FAULT
from answerable.console.handing.pages import HERE, Asked, HandOver, asked_of
from answerable.console.language import Language
from answerable.console.presence.desks import remember
from answerable.console.sanity import Refused, header, new_key, no_such_act, unavailable
from answerable.console.session import Session, cookie
from answerable.console.signin.flow import Entered, Flow
from answerable.console.signin.throttle import address_of
from answerable.handover import words as w
from answerable.kernel.desk import Unavailable
from answerable.kernel.hub import Accepted
from answerable.kernel.hub import Refused as HubRefused
from answerable.kernel.refusals import Refusal

if TYPE_CHECKING:
    from answerable.console.application import Application

Req = Request[Any, Any, Any]
PAGE = "hand-over"
ACTS: dict[str, type[w._Command]] = {
    "sit": w.SitDown, "stand": w.StandUp, "offer": w.OfferHandOver, "withdraw": w.WithdrawHandOver,
    "read": w.ReadHandOver, "take": w.TakeHandOver, "free": w.FreeDesk,
}  # fmt: skip
"""What a form of the page may ask for, and the command that it becomes."""


class NotTaken(Exception):
    """The rules refused what whoever came has signed."""

    def __init__(self, refusal: Refusal) -> None:
        """Keep why."""
        self.refusal = refusal
        super().__init__(refusal.text())


class Handing:
    """The handlers of the page."""

    def __init__(self, app: Application) -> None:
        self.app = app
        self.front = app.front
        self.page = HandOver(app.pages)
        self.flow = Flow(app.front.door)

    def show(
        self, request: Req, session: Session, asked: Asked, sign: dict[str, Any] | None = None,
        status: int = 200, headers: dict[str, str] | None = None,
    ) -> Response[Any]:  # fmt: skip
        """Return the page."""
        html = self.page.page(session, *self.app.look(request), asked, sign)
        return Response(html, status_code=status, media_type="text/html", headers=headers)

    # -- acts at one's own desk --------------------------------------------------------------

    async def act(self, request: Req) -> Response[Any]:
        """Have one act of a form done, and lead back to the page."""
        lang, _theme = self.app.look(request)
        session, form = await self.app.forms.checked(request)
        api.may_open(self.front, session, PAGE)
        command = ACTS.get(form.get("do", ""))
        if command is None or not session.desk:
            raise no_such_act()
        body = self.body(session, command, form)
        await self.sits(session, command, body, lang)
        outcome = await self.app.forms.ask(session, body, lang)
        if isinstance(outcome, Accepted) and command is w.TakeHandOver:
            session.desk = body["desk"]
        answer = self.app.forms.answer(request, lang, outcome)
        if isinstance(outcome, Accepted) and header(request.scope, b"hx-request") == "true":
            answer.headers["hx-redirect"] = HERE
        return answer

    def body(
        self, session: Session, command: type[w._Command], form: dict[str, str]
    ) -> dict[str, Any]:
        """Return the fields of a command as a form and its session have them."""
        given = {name: form[name].strip() for name in command.__struct_fields__ if form.get(name)}
        given.pop("at", None)
        body: dict[str, Any] = {"desk": session.desk} | given | {"type": command.tag}
        if "session" in command.__struct_fields__:
            body["session"] = session.name
        body.setdefault("key", new_key())
        return body

    async def sits(
        self, session: Session, command: type[w._Command], body: dict[str, Any], lang: Language
    ) -> None:
        """Have somebody sit down first who hands over a desk at which nobody said they sit."""
        if command is not w.OfferHandOver or body["desk"] in self.page.state.desks:
            return
        sat = {"type": w.SitDown.tag, "key": f"{body['key']}.a", "desk": body["desk"],
               "session": session.name}  # fmt: skip
        await self.app.forms.ask(session, sat, lang)

    # -- the second signature, at the desk that is handed over -------------------------------

    async def sign(self, request: Req, *, second: bool) -> Response[Any]:
        """Take over a desk under the name and password of whoever comes, right there."""
        session, form = await self.app.forms.checked(request)
        api.may_open(self.front, session, PAGE)
        name, handover = form.get("name", "")[:48], form.get("handover", "")[:64]
        try:
            came = await self._proved(request, form, second=second)
            if came.ticket:
                return self.show(request, session, Asked(), {"ticket": came.ticket, "name": name})
            fresh = await self._taken(came, session.desk, handover)
        except NotTaken as error:
            told = self.front.phrases(self.app.look(request)[0].tag).refusal(error.refusal)
            return self.show(request, session, Asked(), {"refusal": told, "name": name}, 409)
        except Refused as refusal:
            lang, _theme = self.app.look(request)
            parts = dict(zip(("not_done", "because", "instead"), refusal.said(lang), strict=True))
            sign: dict[str, Any] = {"refusal": parts, "name": name}
            if second and refusal.code == "console.WrongCode":
                sign["ticket"] = form.get("ticket", "")
            # 401 would say that the session of this desk is over
            status = 409 if refusal.status == 401 else refusal.status
            return self.show(request, session, Asked(), sign, status, refusal.headers)
        return await self._changed(request, session, fresh, came)

    async def _proved(self, request: Req, form: dict[str, str], *, second: bool) -> Entered:
        """Return what name and password, or the code, prove. Raises Refused."""
        if self.front.demo is not None:
            raise Refused(
                409, "console.NobodyToSign", "Not taken over.",
                "A demonstration has no accounts to sign with.",
                "Sign in at another desk of it, and take this one over there.",
            )  # fmt: skip
        address = address_of(request.scope)
        if second:
            return await self.flow.code(form.get("ticket", ""), form.get("code", ""), address)
        return await self.flow.password(form.get("name", ""), form.get("password", ""), address)

    async def _taken(self, came: Entered, desk: str, handover: str) -> Session:
        """Have the desk taken over by whoever came. Raises NotTaken, Refused (503)."""
        fresh = self.front.sessions.find(came.identifier)
        assert fresh is not None, "a session that has just begun is open"
        asked = w.TakeHandOver(
            key=new_key("hand"), desk=desk, handover=handover or "-", session=fresh.name
        )
        try:
            outcome = await self.front.desk.ask(asked, fresh.actor)
        except Unavailable as error:
            await self._ended(fresh)
            raise unavailable(error) from error
        if isinstance(outcome, Accepted):
            return fresh
        await self._ended(fresh)
        raise NotTaken(outcome.refusal) if isinstance(outcome, HubRefused) else FAULT

    async def _ended(self, session: Session) -> None:
        await self.front.door.end(
            session.account, session.name, access.Ended.ASKED, session.account
        )

    async def _changed(
        self, request: Req, before: Session, fresh: Session, came: Entered
    ) -> Response[Any]:
        """End the session of whoever goes, and begin that of whoever came, at the same desk."""
        fresh.desk, fresh.since, before.desk = before.desk, self.front.recorded, ""
        if before.account:
            await self._ended(before)
        secure = request.url.scheme == "https"
        told = cookie(came.identifier, secure=secure, age_s=self.front.sessions.age_s)
        answer = Response(b"", status_code=303, headers={"location": HERE, "set-cookie": told})
        return remember(answer, fresh.desk, secure=secure)


def routes(app: Application) -> list[Any]:
    """Return the routes of the page."""
    handing = Handing(app)

    @get("/hand-over", sync_to_thread=False)
    def look(request: Req) -> Response[Any]:
        """Show what changed, what runs out, and who signs."""
        session = api.signed_in(app.front, request.scope)
        return handing.show(request, session, asked_of(dict(request.query_params)))

    @post("/hand-over", status_code=201)
    async def act(request: Req) -> Response[Any]:
        """Sit down, stand up, offer, withdraw, read, take over, free."""
        return await handing.act(request)

    @post("/hand-over/sign", status_code=200)
    async def sign(request: Req) -> Response[Any]:
        """Sign at the desk that is handed over, with name and password."""
        return await handing.sign(request, second=False)

    @post("/hand-over/code", status_code=200)
    async def code(request: Req) -> Response[Any]:
        """Sign there with the code of the second factor."""
        return await handing.sign(request, second=True)

    return [look, act, sign, code]
