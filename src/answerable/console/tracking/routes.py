"""The routes of tracked matters: the list, one of them, opening one, and what is done with one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get, post

from answerable.console import api
from answerable.console.language import Language
from answerable.console.sanity import Refused, header, no_such_act
from answerable.console.tracking import acts
from answerable.console.tracking.listing import ALL, HERE, OURS, asked_of
from answerable.console.tracking.pages import PAGE, Tracking
from answerable.kernel.hub import Accepted, Outcome
from answerable.matters import matter_words as w

if TYPE_CHECKING:
    from answerable.console.application import Application

Req = Request[Any, Any, Any]


class Handlers:
    """The handlers of the pages."""

    def __init__(self, app: Application) -> None:
        self.app = app
        self.front = app.front
        self.pages = Tracking(app.pages)

    async def do(self, request: Req, number: str) -> Response[Any]:
        """Have one act of a form done; ``number`` is "" where a matter is opened."""
        lang, _theme = self.app.look(request)
        session, form = await self.app.forms.checked(request)
        api.may_open(self.front, session, PAGE)
        if not number:
            form["do"] = "open"
            self._there(form)
        elif form.get("do", "") in acts.ACTS:
            self.pages.matter(session, number)
            form["matter"] = number
        else:
            raise no_such_act()
        body = acts.body_of(self.front, lang, form)
        outcome = await self.app.forms.ask(session, body, lang)
        return self._answer(request, lang, outcome, number)

    def _there(self, form: dict[str, str]) -> None:
        """Refuse an incident that is not in the record. Raises Refused (404)."""
        incident = form.get("about", "").strip()[:64]
        if form.get("origin") != w.Origin.INCIDENT or not incident:
            return
        with self.front.at_hand(incident):
            if self.front.board.line(incident) is None:
                raise Refused(
                    404, "console.NoIncident", "Not shown.", "There is no incident {incident}.",
                    "Check the number, or look it up on the board.", incident=incident[:40],
                )  # fmt: skip

    def _answer(self, request: Req, lang: Language, outcome: Outcome, number: str) -> Response[Any]:
        """Tell an outcome; what was done is seen on the page of the matter."""
        if not number and isinstance(outcome, Accepted) and outcome.recorded:
            opened = outcome.recorded[0].event
            number = opened.matter if isinstance(opened, w.MatterOpened) else ""
        to = f"{HERE}/{number}" if number else HERE
        return self.app.forms.leading(request, lang, outcome, to)


def routes(app: Application) -> list[Any]:
    """Return the routes of the pages."""
    handlers = Handlers(app)
    pages = handlers.pages

    @get(HERE, sync_to_thread=False)
    def listed(request: Req) -> Response[Any]:
        """Show the list."""
        session, lang, theme = app.entering(request, PAGE)
        usual = OURS if session.actor.unit else ALL
        asked = asked_of(dict(request.query_params), usual)
        return Response(pages.listed(session, lang, theme, asked), media_type="text/html")

    @get(f"{HERE}/new", sync_to_thread=False)
    def new(request: Req) -> Response[Any]:
        """Show the form that opens a matter."""
        session, lang, theme = app.entering(request, PAGE)
        html = pages.new(session, lang, theme, dict(request.query_params))
        return Response(html, media_type="text/html")

    @get(f"{HERE}/{{matter:str}}")
    async def one(request: Req) -> Response[Any]:
        """Show one matter; that its words are read is recorded first, if a person opens it.

        A page that reads itself again (htmx says so) shows words only while a reading counts.
        """
        session, lang, theme = app.entering(request, PAGE)
        number = request.path_params["matter"]
        if header(request.scope, b"hx-request") != "true":
            await pages.enter(session, number, pages.matter(session, number))
        return Response(pages.one(session, lang, theme, number), media_type="text/html")

    @post(HERE, status_code=201)
    async def open_one(request: Req) -> Response[Any]:
        """Open a matter."""
        return await handlers.do(request, "")

    @post(f"{HERE}/{{matter:str}}", status_code=201)
    async def act(request: Req) -> Response[Any]:
        """Do something with a matter."""
        return await handlers.do(request, request.path_params["matter"])

    return [listed, new, one, open_one, act]
