"""The routes of the crew's page: the page, and the choice of the unit it acts for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get, post

from answerable.access.crew_words import TakeUnit
from answerable.console import api
from answerable.console.crew.shown import CHANNEL, shown, units_for
from answerable.console.language import Language
from answerable.console.leading import led
from answerable.console.problems import crew as problems
from answerable.console.righting.asked import accounts
from answerable.console.sanity import Refused
from answerable.console.supporting.beside import of_crew
from answerable.kernel.authority import Actor
from answerable.kernel.hub import Accepted

if TYPE_CHECKING:
    from answerable.console.application import Application

Req = Request[Any, Any, Any]


def channel_of(actor: Actor, lang: Language) -> str:
    """Return the live stream of a unit's page; one without a unit only wants the time."""
    if not actor.unit or "/" in actor.unit:
        return f"account/{lang.tag}"
    return f"{CHANNEL}/{actor.unit}/{lang.tag}/{actor.role}"


def page(app: Application, request: Req) -> str:
    """Return the page of the unit that the session acts for, or the choice of one."""
    session, (lang, theme) = app.session(request), app.look(request)
    front, actor = app.front, session.actor
    frame = app.pages.frame("crew", session, lang, theme, "/crew", channel_of(actor, lang))
    frame["bar"] = False
    told = shown(front, front.phrases(lang.tag), actor.role, actor.unit) if actor.unit else None
    choice = units_for(front, actor, session.account)
    owed = accounts(front, front.phrases(lang.tag), actor.role, actor.unit)
    help_given = of_crew(front, front.phrases(lang.tag), actor.role, actor.unit)
    worked = problems.of_crew(front, front.phrases(lang.tag), actor.role, actor.unit)
    more = {"accounts": owed, "support": help_given, "problems": worked}
    return lang.render("crew/page.html", **frame, c=told, units=choice, **more)


async def take(app: Application, request: Req) -> Response[Any]:
    """Act for a unit from now on: recorded for an account; a demo's desk has only its session."""
    session, form = await app.forms.checked(request)
    api.may_open(app.front, session, "crew")
    lang, _theme = app.look(request)
    unit, front = form.get("on", ""), app.front
    if session.account:
        asked = {"type": TakeUnit.tag, "account": session.account, "session": session.name,
                 "on": unit}  # fmt: skip
        if form.get("key"):
            asked["key"] = form["key"]
        outcome = await app.forms.ask(session, asked, lang)
        if not isinstance(outcome, Accepted):
            return app.forms.answer(request, lang, outcome)
    elif unit in units_for(front, session.actor, ""):
        session.actor = Actor(session.actor.name, session.actor.role, session.actor.areas, unit)
    else:
        raise Refused(
            404, "console.NoSuchThing", "Not chosen.", "There is no unit {name} on duty.",
            "Choose one of the list.", name=unit[:60],
        )  # fmt: skip
    session.end_streams()
    return led(request, "/crew")


def routes(app: Application) -> list[Any]:
    """Return the routes of the crew's page."""

    @get("/crew", sync_to_thread=False)
    def crew_page(request: Req) -> Response[Any]:
        return Response(page(app, request), media_type="text/html")

    @post("/crew/unit")
    async def take_unit(request: Req) -> Response[Any]:
        return await take(app, request)

    return [crew_page, take_unit]
