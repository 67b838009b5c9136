"""Saying what sealed words are read for, opening what is archived, and who has read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get, post

from answerable.console import api
from answerable.console.front import Front
from answerable.console.language import Language, _
from answerable.console.leading import led
from answerable.console.phrases import may_see
from answerable.console.reading import masked, purpose_of
from answerable.console.sanity import Refused
from answerable.console.session import Session
from answerable.kernel.hub import Accepted
from answerable.matters.support_words import SupportRead
from answerable.vault.words import ArchiveOpened, OpenArchived, SealedRead

if TYPE_CHECKING:
    from answerable.console.application import Application

Req = Request[Any, Any, Any]
NOTE_MAX = 240
READINGS_MAX = 2_000
SHOWN = (SealedRead.tag, ArchiveOpened.tag, SupportRead.tag)


async def state_purpose(app: Application, request: Req) -> Response[Any]:
    """Have a reading recorded for the purpose of a form, then show the incident."""
    lang, _theme = app.look(request)
    session, form = await app.forms.checked(request)
    api.may_open(app.front, session, "incident")
    incident, note = request.path_params["incident"], form.get("note", "")[:NOTE_MAX]
    purpose, key = purpose_of(form), form.get("key", "")
    outcome = await app.front.gate.state_purpose(session.actor, incident, purpose, note, key)
    if not isinstance(outcome, Accepted):
        return app.forms.answer(request, lang, outcome)
    address = f"/incidents/{incident}"
    return led(request, address)


def readings(app: Application, request: Req) -> str:
    """Return the page of who read an incident's sealed words, when and for what."""
    lang, theme = app.look(request)
    session, incident = app.session(request), request.path_params["incident"]
    here = f"/incidents/{incident}/readings"
    frame = app.pages.frame("incident", session, lang, theme, here, f"account/{lang.tag}")
    frame["incident_id"] = incident
    return lang.render(
        "readings.html", **frame, number=incident, readings=told(app.front, incident, session, lang)
    )


def told(front: Front, incident: str, session: Session, lang: Language) -> list[dict[str, str]]:
    """Return each reading in plain words, the newest first. Raises Refused (404)."""
    phrases = front.phrases(lang.tag)
    made: list[dict[str, str]] = []
    rights = may_see(front.hub.rooms.authority, session.actor.role)
    rows = list(front.hub.store.stream(f"incident:{incident}"))
    if not rows:
        raise Refused(
            404, "console.NoIncident", "Not shown.", "There is no incident {incident}.",
            "Check the number, or look it up on the board.", incident=incident[:40],
        )  # fmt: skip
    for row in reversed(rows):
        if row.kind in SHOWN and len(made) < READINGS_MAX:
            said = phrases.event(front.hub.rooms.decode(row), row, rights, masked)
            day, at = phrases.day(row.recorded_at), phrases.clock(row.recorded_at)
            made.append({"when": f"{day} {at}", "who": phrases.who(row.actor), "said": said})
    return made


def archive(app: Application, request: Req) -> str:
    """Return the page on which an archived incident is asked for."""
    lang, theme = app.look(request)
    session, incident = app.session(request), request.path_params["incident"]
    here = f"/incidents/{incident}/archive"
    frame = app.pages.frame("incident", session, lang, theme, here, f"account/{lang.tag}")
    if not app.front.gate.may(session.actor.role, OpenArchived):
        raise Refused(
            403, "console.Archived", "Not shown: incident {incident}.", "It is archived.",
            "Ask a supervisor, who can open it with a purpose.", incident=incident[:40],
        )  # fmt: skip
    frame["incident_id"] = incident
    purposes, label = app.front.gate.purposes(lang), lang(_("Open it for an hour"))
    return lang.render(
        "archive.html", **frame, number=incident, purposes=purposes, most=NOTE_MAX, label=label
    )


def routes(app: Application) -> list[Any]:
    """Return the routes of reading."""

    @post("/incidents/{incident:str}/read", status_code=201)
    async def read(request: Req) -> Response[Any]:
        """Record a reading for the purpose of a form."""
        return await state_purpose(app, request)

    @get("/incidents/{incident:str}/readings", sync_to_thread=False)
    def who_read(request: Req) -> Response[Any]:
        """Show who read the sealed words of an incident."""
        return Response(readings(app, request), media_type="text/html")

    @get("/incidents/{incident:str}/archive", sync_to_thread=False)
    def ask_archive(request: Req) -> Response[Any]:
        """Show the form that opens an archived incident."""
        return Response(archive(app, request), media_type="text/html")

    return [read, who_read, ask_archive]
