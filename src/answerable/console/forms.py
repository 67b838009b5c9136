"""What people do on the pages: forms, and the demonstration's controls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from litestar import Request, Response, post

from answerable.console import api, misread, undoing
from answerable.console.acts import NotANumber, command_body
from answerable.console.bar.memory import Memory
from answerable.console.front import Front
from answerable.console.language import Language, _
from answerable.console.moving.meant import as_meant
from answerable.console.pages import Pages
from answerable.console.sanity import (
    BODY_BYTES_MAX,
    Refused,
    check_origin,
    fields,
    header,
    new_key,
    too_large,
)
from answerable.console.session import Session
from answerable.kernel.hub import Accepted, Outcome
from answerable.kernel.hub import Refused as HubRefused

Req = Request[Any, Any, Any]
Look = Callable[[Req], tuple[Language, str]]
SPEEDS = (1, 2, 5, 10, 20, 30, 60, 120, 240, 600)
encode = msgspec.json.Encoder().encode


async def read_form(request: Req) -> dict[str, str]:
    """Read a form. Raises Refused (400, 413)."""
    declared = header(request.scope, b"content-length")
    if declared.isdecimal() and int(declared) > BODY_BYTES_MAX:
        raise too_large(BODY_BYTES_MAX)
    return fields(await request.body())


FAULT = Refused(
    500,
    "console.Faulted",
    "Not done.",
    "The program failed while deciding; nothing was recorded.",
    "Tell whoever keeps this centre; the log has the details.",
)


class Forms:
    """The handlers of everything that is not only looked at."""

    def __init__(self, front: Front, pages: Pages) -> None:
        self.front = front
        self.pages = pages
        self.deeds = Memory()

    async def checked(self, request: Req) -> tuple[Session, dict[str, str]]:
        """Return who sends a form, and the form. Raises Refused (401, 403, 400)."""
        check_origin(request.scope)
        session = api.signed_in(self.front, request.scope)
        form = await read_form(request)
        api.checked_token(session, request.scope, form)
        return session, form

    async def ask(self, session: Session, body: dict[str, Any], lang: Language) -> Outcome:
        """Have one command done; a body without a key gets one. Raises Refused (400, 503)."""
        body.setdefault("key", new_key())
        self.readable(body, lang)
        outcome = await api.ask(self.front, session, encode(body))
        if isinstance(outcome, Accepted) and not outcome.again:
            self.deeds.did(session, outcome.recorded)
        return outcome

    def readable(self, body: dict[str, Any], lang: Language) -> None:
        """Refuse a form that no command can be read from. Raises Refused (400)."""
        try:
            self.front.hub.rooms.command(encode(body))
        except (msgspec.DecodeError, ValueError) as error:
            raise misread.of_form(error, lang) from error

    # -- answers -----------------------------------------------------------------------------

    def refusal_html(self, lang: Language, parts: tuple[str, str, str]) -> str:
        """Return a refusal as a fragment, in place."""
        told = dict(zip(("not_done", "because", "instead"), parts, strict=True))
        return lang.render("parts/refusal.html", refusal=told)

    def answer(self, request: Req, lang: Language, outcome: Outcome) -> Response[Any]:
        """Tell an outcome where it was asked for; without a script, lead back to the page."""
        status = api.status_of(outcome)
        if header(request.scope, b"hx-request") != "true" and status == 201:
            back = way_back(header(request.scope, b"referer"))
            return Response(b"", status_code=303, headers={"location": back})
        session = api.signed_in(self.front, request.scope)
        undo = undoing.button(self, session, outcome, self.front.phrases(lang.tag))
        html = self.told(lang, outcome, undo)
        return Response(html, status_code=status, media_type="text/html")

    def leading(self, request: Req, lang: Language, outcome: Outcome, to: str) -> Response[Any]:
        """Tell an outcome; where it was done, lead to an address instead of back to the page."""
        answer = self.answer(request, lang, outcome)
        if isinstance(outcome, Accepted):
            asked = header(request.scope, b"hx-request") == "true"
            answer.headers["hx-redirect" if asked else "location"] = to
        return answer

    def told(self, lang: Language, outcome: Outcome, undo: undoing.Offer | None = None) -> str:
        """Return an outcome as a fragment, with the button that takes it back where one may."""
        if isinstance(outcome, HubRefused):
            phrases = self.front.phrases(lang.tag)
            return lang.render("parts/refusal.html", refusal=phrases.refusal(outcome.refusal))
        if isinstance(outcome, Accepted):
            last = max((one.row.position for one in outcome.recorded), default=0)
            text = lang.say(_("Recorded at {position}."), position=lang.number(last))
            return lang.render("parts/done.html", text=text, undo=undo)
        return self.refusal_html(lang, FAULT.said(lang))

    def body(self, form: dict[str, str], lang: Language) -> dict[str, Any]:
        """Turn a form into a command's fields. Raises Refused (400)."""
        try:
            board, now_us = self.front.board, self.front.now_us()
            return command_body(as_meant(form, board, self.front.town, now_us, lang))
        except NotANumber as error:
            raise misread.not_a_number(error.field, error.text, lang) from error

    # -- the demonstration -------------------------------------------------------------------

    async def control(self, request: Req, lang: Language) -> Response[Any]:
        """Pause, hurry or leap."""
        session, form = await self.checked(request)
        demo = self.front.demo
        if demo is None:
            raise Refused(
                404, "console.NoDemo", "Not done.", "This is not a demonstration.", "Nothing to do."
            )
        api.may_open(self.front, session, "demo")
        do = form.get("do", "")
        if do == "pause":
            if demo.paused:
                demo.run_at(demo.speed)
            else:
                demo.pause()
        elif do in ("faster", "slower"):
            demo.run_at(stepped(demo.speed, 1 if do == "faster" else -1))
        elif do != "jump":
            raise Refused(
                400, "console.NoControl", "Not done.", "The demonstration has no such control.",
                "Load the page again and repeat it.",
            )  # fmt: skip
        elif not demo.jump(hour(form)):
            raise Refused(
                409,
                "console.NotAhead",
                "Not moved.",
                "That hour has passed, or is not recorded.",
                "Choose a later one.",
            )
        return Response(b"", status_code=202)

    # -- routes ------------------------------------------------------------------------------

    def routes(self, look: Look) -> list[Any]:
        """Return the routes of the forms."""
        forms = self

        @post("/do", status_code=201)
        async def do(request: Req) -> Response[Any]:
            lang, _theme = look(request)
            session, form = await forms.checked(request)
            outcome = await forms.ask(session, forms.body(form, lang), lang)
            return forms.answer(request, lang, outcome)

        @post("/demo", status_code=202)
        async def control(request: Req) -> Response[Any]:
            return await forms.control(request, look(request)[0])

        return [do, control]


def way_back(referer: str) -> str:
    """Return the address of this console that a form was sent from; the board where it is none."""
    path = "/" + referer.partition("://")[2].partition("/")[2]
    return path if path.isprintable() and not path.startswith(("//", "/\\")) else "/board"


def stepped(speed: float, by: int) -> float:
    """Return the next speed up or down."""
    if by > 0:
        return next((float(s) for s in SPEEDS if s > speed), float(SPEEDS[-1]))
    return next((float(s) for s in reversed(SPEEDS) if s < speed), float(SPEEDS[0]))


def hour(form: dict[str, str]) -> int:
    """Return the instant a form asks for (UTC microseconds), 0 where it is none."""
    text = form.get("hour", "")
    return int(text) if text.isdecimal() and len(text) < 18 else 0
