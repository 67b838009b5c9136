"""The routes of problems: looking at them, and every act of their pages."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get, post

import answerable.console.problems.back  # noqa: F401 - ways back
from answerable.console import api
from answerable.console.acts import BETWEEN
from answerable.console.problems.pages import ACTS, PAGE, Problems, Query
from answerable.console.problems.shown import FIGURES, HERE
from answerable.console.sanity import Refused, new_key, no_such_act
from answerable.kernel.event import Command
from answerable.kernel.hub import Accepted
from answerable.matters import problem_sums as sums
from answerable.towns.model import Town

if TYPE_CHECKING:
    from answerable.console.application import Application

Req = Request[Any, Any, Any]
POSITION_MAX = 10**15
FIRST_YEAR = 1970
"""No record begins before it; as many days before a figure's days are still days of a calendar."""


def body_of(command: type[Command], form: dict[str, str], town: Town) -> dict[str, Any]:
    """Return the fields of a command as a form has them. Raises Refused (400) for a bad number.

    A date is the whole day: what is due on it is due at its end, in the town.
    """
    body: dict[str, Any] = {"type": command.tag, "key": form.get("key") or new_key()}
    for name in command.__struct_fields__:
        text = form.get(name, "").strip()
        if name in ("key", "at") or not text:
            continue
        if name == "due":
            body[name] = end_us(town, text)
        elif name == "kinds":
            body[name] = text.split(BETWEEN)
        elif name in ("lon", "lat", "days"):
            body[name] = _number(name, text)
        else:
            body[name] = text
    return body


def end_us(town: Town, text: str) -> int:
    """Return the last second of a day of the town (UTC us). Raises Refused (400)."""
    try:
        return sums.midnight_us(town, datetime.date.fromisoformat(text) + sums.DAY) - sums.US
    except (ValueError, OverflowError) as error:
        raise Refused(
            400, "console.NoDate", "Not done.", "That is no date: {date}.",
            "Choose a day, as 2026-05-31.", date=text[:20],
        ) from error  # fmt: skip


def _number(name: str, text: str) -> float | int:
    try:
        return int(text) if name == "days" else float(text)
    except ValueError as error:
        raise Refused(
            400, "console.NoNumber", "Not done.", "That is no number: {number}.",
            "Write it in figures.", number=text[:20],
        ) from error  # fmt: skip


def query_of(query: dict[str, str]) -> Query:
    """Return the figure that an address asks for. Raises Refused (400)."""
    try:
        at = int(query.get("at", ""))
        found = Query(
            query["of"], datetime.date.fromisoformat(query["from"]),
            datetime.date.fromisoformat(query["to"]), at,
        )  # fmt: skip
    except (KeyError, ValueError) as error:
        raise NO_FIGURE from error
    length = (found.last - found.first).days
    known = found.of in {name for name, _label in FIGURES} and found.first.year >= FIRST_YEAR
    if not known or not 0 <= at < POSITION_MAX or not 0 <= length < 400:
        raise NO_FIGURE
    return found


NO_FIGURE = Refused(
    400, "console.NoFigure", "Not shown.", "The address asks for no figure there is.",
    "Follow a figure of a bulletin or a review.",
)  # fmt: skip


class Acting:
    """What the forms of the pages do."""

    def __init__(self, app: Application) -> None:
        self.app = app
        self.front = app.front
        self.page = Problems(app.pages)

    async def act(self, request: Req) -> Response[Any]:
        """Have one act done, and lead to the page of its problem. Raises Refused."""
        lang, _theme = self.app.look(request)
        session, form = await self.app.forms.checked(request)
        api.may_open(self.front, session, PAGE)
        found = ACTS.get(form.get("do", ""))
        if found is None:
            raise no_such_act()
        body = body_of(found[0], form, self.front.town)
        outcome = await self.app.forms.ask(session, body, lang)
        if not isinstance(outcome, Accepted):
            return self.app.forms.answer(request, lang, outcome)
        there = f"{HERE}/{getattr(outcome.recorded[0].event, 'problem', '')}"
        return self.app.forms.leading(request, lang, outcome, there)


def routes(app: Application) -> list[Any]:
    """Return the routes of the pages."""
    acting = Acting(app)

    @get("/problems", sync_to_thread=False)
    def listed(request: Req) -> Response[Any]:
        """Show the problems that go on, or those that are over."""
        session = api.signed_in(app.front, request.scope)
        over = request.query_params.get("show") == "over"
        return _page(acting.page.listed(session, *app.look(request), over=over))

    @get("/problems/{problem:str}")
    async def one(request: Req) -> Response[Any]:
        """Show one problem."""
        asks = app.entering(request, PAGE)
        return _page(await acting.page.one(*asks, request.path_params["problem"]))

    @get("/problems/{problem:str}/figure", sync_to_thread=False)
    def figure(request: Req) -> Response[Any]:
        """Show what a figure of a report was counted from."""
        asks, query = app.entering(request, PAGE), query_of(dict(request.query_params))
        return _page(acting.page.figure(*asks, request.path_params["problem"], query))

    @post("/problems", status_code=201)
    async def act(request: Req) -> Response[Any]:
        """Open, own, plan, do, note, review, claim, confirm."""
        return await acting.act(request)

    return [listed, one, figure, act]


def _page(html: str) -> Response[Any]:
    return Response(html, media_type="text/html")
