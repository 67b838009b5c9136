"""The routes of the link portal: looking changes nothing, answering is a form.

A mail program that opens links to see what they are finds a page and leaves no trace; the receipt
is a button. Looks and answers are throttled like those of receipts.
"""

from __future__ import annotations

import datetime
import hashlib
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

import msgspec
from litestar import Request, Response, get, post

from answerable.console import misread
from answerable.console.forms import FAULT, read_form
from answerable.console.language import Language
from answerable.console.portal import page as portal
from answerable.console.public.routes import page
from answerable.console.public.throttle import Looks
from answerable.console.sanity import Refused, check_origin, new_key, no_such_act, unavailable
from answerable.console.signin.pages import told
from answerable.console.signin.throttle import address_of
from answerable.kernel.authority import Actor
from answerable.kernel.desk import Unavailable
from answerable.kernel.hub import Accepted
from answerable.kernel.hub import Refused as HubRefused
from answerable.matters import referral_words as w
from answerable.matters.referral_views import ReferralLine

if TYPE_CHECKING:
    from answerable.console.application import Application

Req = Request[Any, Any, Any]
WAY = "link"
ROLE = "portal"
WORDS_MAX = 4_000
RECORDED_MAX = 1_000
"""Answers that are known again when they come twice, by a digest; the oldest give way."""
UNTOLD = {"referrer-policy": "strict-origin"}
"""The address opens the referral, so no request names it, not even one to this service."""


class Portal:
    """The handlers of the portal."""

    def __init__(self, app: Application) -> None:
        self.app = app
        self.front = app.front
        self.looks = Looks()
        self._recorded: OrderedDict[str, None] = OrderedDict()

    def line(self, request: Req) -> ReferralLine:
        """Return the referral of a request's link. Raises Refused (404, 429)."""
        token = request.path_params["token"]
        self.looks.take(address_of(request.scope), portal.digest_of(token)[:16])
        return portal.opened(self.front, token)

    def render(
        self, request: Req, line: ReferralLine | None, status: int = 200,
        refusal: Refused | None = None, done: bool = False,
    ) -> Response[Any]:  # fmt: skip
        """Return the page; without a referral, what was wrong alone."""
        lang, theme = self.app.look(request)
        front = self.front
        html = lang.render(
            "portal/page.html", theme=theme, town_name=front.town.file.title.of(lang.tag),
            made_up=front.made_up or (front.demo is not None and front.demo.made_up),
            demo=front.demo is not None, log=front.log is not None,
            other_langs=front.other_languages(lang.tag, request.url.path),
            r=portal.shown(front, line, lang) if line else None,
            refusal=told(refusal, lang), done=done,
        )  # fmt: skip
        return page(html, status, UNTOLD | (refusal.headers if refusal else {}))

    def show(self, request: Req) -> Response[Any]:
        """Show the referral; nothing is recorded by it."""
        try:
            return self.render(request, self.line(request))
        except Refused as refusal:
            return self.render(request, None, refusal.status, refusal)

    async def answer(self, request: Req) -> Response[Any]:
        """Record what the agency answers, and show how it stands."""
        check_origin(request.scope)
        form, token = await read_form(request), request.path_params["token"]
        line: ReferralLine | None = None
        sent = hashlib.sha256(repr((token, sorted(form.items()))).encode()).hexdigest()
        try:
            if sent not in self._recorded:
                line = self.line(request)
                await self._ask(request, line, form)
                self._note(sent)
        except Refused as refusal:
            return self.render(request, line, refusal.status, refusal)
        try:
            return self.render(request, portal.opened(self.front, token), done=True)
        except Refused:  # the answer ended the link, as it should
            return self.render(request, None, done=True)

    def _note(self, sent: str) -> None:
        """Remember an answer: pressed twice, it is recorded once, and told so both times."""
        self._recorded[sent] = None
        while len(self._recorded) > RECORDED_MAX:
            self._recorded.popitem(last=False)

    async def _ask(self, request: Req, line: ReferralLine, form: dict[str, str]) -> None:
        """Have one answer recorded. Raises Refused."""
        lang, _theme = self.app.look(request)
        command = self._command(line, form, lang)
        actor = Actor(name=f"{ROLE}/{line.agency}", role=ROLE)
        try:
            outcome = await self.front.desk.ask(command, actor)
        except Unavailable as error:
            raise unavailable(error) from error
        if isinstance(outcome, HubRefused):
            told_in = self.front.phrases(lang.tag).refusal(outcome.refusal)
            raise Refused(409, outcome.refusal.code, *told_in.values())
        if not isinstance(outcome, Accepted):
            raise FAULT

    def _command(self, line: ReferralLine, form: dict[str, str], lang: Language) -> w._OnReferral:
        """Return the command of a form. Raises Refused (400)."""
        known = portal.ACTS.get(form.get("do", ""))
        if known is None:
            raise no_such_act()
        command = known[1]
        body: dict[str, Any] = {"type": command.tag, "key": new_key("portal"), "way": WAY,
                                "referral": line.referral}  # fmt: skip
        for name in ("why", "result", "receipt", "words"):
            if form.get(name, "").strip() and name in command.__struct_fields__:
                body[name] = form[name].strip()[:WORDS_MAX]
        if command is w.AcceptReferral and form.get("expected"):
            body["expected_us"] = self._until(form["expected"])
        try:
            asked = self.front.hub.rooms.command(msgspec.json.encode(body))
        except (msgspec.DecodeError, ValueError) as error:
            raise misread.of_form(error, lang) from error
        assert isinstance(asked, w._OnReferral), "every act of the page is about a referral"
        return asked

    def _until(self, day: str) -> int:
        """Return the end of a day of the town (UTC us). Raises Refused (400)."""
        try:
            date = datetime.date.fromisoformat(day)
            end = datetime.datetime.combine(date, datetime.time(23, 59), self.front.town.zone)
            return int(end.timestamp()) * 1_000_000
        except (ValueError, OverflowError) as error:
            raise Refused(
                400, "console.NoDay", "Not done.", "The day cannot be read.",
                "Choose one, or leave it empty.",
            ) from error  # fmt: skip


def routes(app: Application) -> list[Any]:
    """Return the routes of the portal."""
    door = Portal(app)

    @get("/portal/{token:str}", sync_to_thread=False)
    def look(request: Req) -> Response[Any]:
        """Show one referral to the agency that has it."""
        return door.show(request)

    @post("/portal/{token:str}", status_code=200)
    async def answer(request: Req) -> Response[Any]:
        """Take the agency's answer."""
        return await door.answer(request)

    return [look, answer]
