"""The routes of putting right: the list, one of them, opening one, and what is done with one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get, post

from answerable.console import api
from answerable.console.language import Language
from answerable.console.righting import acts
from answerable.console.righting.listing import ALL, HERE, WATCH, asked_of, rights
from answerable.console.righting.pages import Righting, has_ended
from answerable.console.sanity import no_such_act
from answerable.console.session import Session
from answerable.followup import right_words as w
from answerable.kernel.hub import Accepted, Outcome
from answerable.vault.words import Purpose

if TYPE_CHECKING:
    from answerable.console.application import Application

Req = Request[Any, Any, Any]
PAGE = "put-right"
NAME_MAX = 64
PRIVATE = {"cache-control": "no-store"}
"""For the page that may show words and a number: no browser keeps it."""


class Handlers:
    """The handlers of the pages."""

    def __init__(self, app: Application) -> None:
        self.app = app
        self.front = app.front
        self.pages = Righting(app.pages)

    async def do(self, request: Req, name: str) -> Response[Any]:
        """Have one act of a form done; ``name`` is "" where one is opened."""
        lang, _theme = self.app.look(request)
        session, form = await self.app.forms.checked(request)
        api.may_open(self.front, session, PAGE)
        if name and form.get("do") == "read":
            outcome = await self._read(session, name, form)
        else:
            body = self._body(lang, name, form)
            outcome = await self.app.forms.ask(session, body, lang)
        return self._answer(request, lang, outcome, name)

    def _body(self, lang: Language, name: str, form: dict[str, str]) -> dict[str, Any]:
        """Return the command a form becomes. Raises Refused (400, 404, 409)."""
        if not name:
            fields = {"do": "open", "incident": form.get("incident", ""),
                      "reason": w.Why.COMPLAINT.value, "key": form.get("key", "")}  # fmt: skip
            return acts.body_of(self.front, lang, fields)
        if form.get("do", "") not in (*acts.ACTS, *acts.TIMES):
            raise no_such_act()
        self._there(name)
        form |= {"right": name, "incident": name.rpartition("R")[0]}
        return acts.body_of(self.front, lang, form)

    def _there(self, name: str) -> None:
        """Refuse one that is not being put right. Raises Refused (404, 409 for one ended)."""
        if name not in rights(self.front):
            self.pages.rows(name)
            raise has_ended(name)

    async def _read(self, session: Session, name: str, form: dict[str, str]) -> Outcome:
        """Have it recorded that what was said is read, and what for. Raises Refused (404)."""
        self.pages.rows(name)
        return await self.front.gate.state_purpose(
            session.actor, name.rpartition("R")[0], Purpose.COMPLAINT, "", form.get("key", "")
        )

    def _answer(self, request: Req, lang: Language, outcome: Outcome, name: str) -> Response[Any]:
        """Tell an outcome; what was done is seen on the page of the put right."""
        if not name and isinstance(outcome, Accepted) and outcome.recorded:
            opened = outcome.recorded[0].event
            name = opened.right if isinstance(opened, w.PutRightOpened) else ""
        to = f"{HERE}/{name}" if name else HERE
        return self.app.forms.leading(request, lang, outcome, to)


def routes(app: Application) -> list[Any]:
    """Return the routes of the pages."""
    handlers = Handlers(app)
    pages = handlers.pages

    @get(HERE, sync_to_thread=False)
    def listed(request: Req) -> Response[Any]:
        """Show the list."""
        session, lang, theme = app.entering(request, PAGE)
        usual = WATCH if session.actor.role == "oversight" else ALL
        asked = asked_of(dict(request.query_params), usual)
        return Response(pages.listed(session, lang, theme, asked), media_type="text/html")

    @get(f"{HERE}/{{right:str}}", sync_to_thread=False)
    def one(request: Req) -> Response[Any]:
        """Show one with its story and its clocks."""
        session, lang, theme = app.entering(request, PAGE)
        name = request.path_params["right"][:NAME_MAX]
        html = pages.one(session, lang, theme, name)
        return Response(html, media_type="text/html", headers=PRIVATE)

    @post(HERE, status_code=201)
    async def open_one(request: Req) -> Response[Any]:
        """Open one by hand: a complaint came by another way."""
        return await handlers.do(request, "")

    @post(f"{HERE}/{{right:str}}", status_code=201)
    async def act(request: Req) -> Response[Any]:
        """Do something with one."""
        return await handlers.do(request, request.path_params["right"][:NAME_MAX])

    return [listed, one, open_one, act]
