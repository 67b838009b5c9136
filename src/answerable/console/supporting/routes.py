"""The routes of specialist support: the list, the form that asks, one request and its acts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get, post

from answerable.console import api
from answerable.console.sanity import header, no_such_act
from answerable.console.supporting import acts
from answerable.console.supporting.listing import ALL, HERE, asked_of, href, no_such, support
from answerable.console.supporting.pages import PAGE, Supporting
from answerable.kernel.hub import Accepted, Outcome
from answerable.matters import support_words as w

if TYPE_CHECKING:
    from answerable.console.application import Application

Req = Request[Any, Any, Any]
NUMBER_MAX = 76
PRIVATE = {"cache-control": "no-store"}
"""For the page that may show words: no browser keeps it."""
CREW = "/crew"


class Handlers:
    """The handlers of the pages."""

    def __init__(self, app: Application) -> None:
        self.app = app
        self.front = app.front
        self.pages = Supporting(app.pages)

    async def ask(self, request: Req) -> Response[Any]:
        """Have support asked for. Raises Refused (400, 401, 403, 409, 503)."""
        lang, _theme = self.app.look(request)
        session, form = await self.app.forms.checked(request)
        api.may_open(self.front, session, PAGE)
        body = acts.asking(form)
        outcome = await self.app.forms.ask(session, body, lang)
        return self.app.forms.leading(request, lang, outcome, _on(form, _number(outcome)))

    async def act(self, request: Req, number: str) -> Response[Any]:
        """Have one act of a form done. Raises Refused (400, 401, 403, 404, 503)."""
        lang, _theme = self.app.look(request)
        session, form = await self.app.forms.checked(request)
        api.may_open(self.front, session, PAGE)
        if form.get("do", "") not in acts.ACTS:
            raise no_such_act()
        if number not in support(self.front).open:
            raise no_such(number)
        self.pages.story(session, number)
        outcome = await self.app.forms.ask(session, acts.body_of(number, form), lang)
        return self.app.forms.leading(request, lang, outcome, _on(form, number))


def _number(outcome: Outcome) -> str:
    """Return the number of a request that was just made, "" for none."""
    first = (
        outcome.recorded[0].event if isinstance(outcome, Accepted) and outcome.recorded else None
    )
    return first.support if isinstance(first, w.SupportAsked) else ""


def _on(form: dict[str, str], number: str) -> str:
    """Return where an act leads: a crew stays at the page of its unit."""
    if form.get("back") == "crew":
        return CREW
    return href(number) if number else HERE


def routes(app: Application) -> list[Any]:
    """Return the routes of the pages."""
    handlers = Handlers(app)
    pages = handlers.pages

    @get(HERE, sync_to_thread=False)
    def listed(request: Req) -> Response[Any]:
        """Show the list."""
        session, lang, theme = app.entering(request, PAGE)
        which = asked_of(dict(request.query_params), ALL)
        return Response(pages.listed(session, lang, theme, which), media_type="text/html")

    @get(f"{HERE}/new", sync_to_thread=False)
    def new(request: Req) -> Response[Any]:
        """Show the form that asks for support."""
        session, lang, theme = app.entering(request, PAGE)
        html = pages.new(session, lang, theme, dict(request.query_params))
        return Response(html, media_type="text/html")

    @get(f"{HERE}/{{support:str}}")
    async def one(request: Req) -> Response[Any]:
        """Show one request; that its words are read is recorded first, if a crew opens it itself.

        The page of a crew that reads itself again shows them only while that reading counts.
        """
        session, lang, theme = app.entering(request, PAGE)
        number = request.path_params["support"][:NUMBER_MAX]
        again = header(request.scope, b"hx-request") == "true"
        if not (again and app.front.hub.rooms.authority.bound_to_unit(session.actor.role)):
            await pages.enter(session, number)
        html = pages.one(session, lang, theme, number)
        return Response(html, media_type="text/html", headers=PRIVATE)

    @post(HERE, status_code=201)
    async def ask(request: Req) -> Response[Any]:
        """Ask for support."""
        return await handlers.ask(request)

    @post(f"{HERE}/{{support:str}}", status_code=201)
    async def act(request: Req) -> Response[Any]:
        """Do something with a request."""
        return await handlers.act(request, request.path_params["support"][:NUMBER_MAX])

    return [listed, new, one, ask, act]
