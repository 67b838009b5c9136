"""The page of the form: what it is drawn from. No ``if`` about the domain beyond what is shown."""

from __future__ import annotations

import hashlib
from typing import Any

from answerable.console import board
from answerable.console.acts import Field
from answerable.console.api import may_open
from answerable.console.language import Language, _
from answerable.console.pages import Pages
from answerable.console.phrases import Phrases
from answerable.console.sanity import Refused
from answerable.console.session import Session
from answerable.console.taking.heard import script
from answerable.intake import words as intake

PAGE = "open-call"
"""The page of the table of rights that taking a call belongs to."""
OPEN_CALLS = ("answered", "silent", "hung up")
"""The states of a call that still waits for its outcome."""


def whose(session: Session) -> str:
    """Return a mark of a session for what a tab keeps of a half-typed form.

    It lets the next person at a desk find nothing of the last one's; it says nothing of either.
    """
    return hashlib.sha256(b"half-typed:" + session.token.encode()).hexdigest()[:16]


def drawn(
    pages: Pages, session: Session, lang: Language, theme: str, call: str, incident: str
) -> str:
    """Return the page: for a new call, one that was claimed, or one just recorded.

    Raises Refused (403, 404).
    """
    front, phrases = pages.front, pages.front.phrases(lang.tag)
    here = "/take"
    frame = pages.frame(PAGE, session, lang, theme, here, f"{PAGE}/{lang.tag}")
    acts = front.acts(session.actor.role, lang.tag)
    form = acts.act(intake.OpenIncident, _("Record"), {}, first=True)
    frame["incident_id"] = incident
    return lang.render(
        "taking/take.html",
        **frame,
        fields={field.name: field for field in form.fields},
        place=Field("address", lang(_("Place")), required=True, max=240),
        whose=whose(session),
        call=call_of(pages, call, phrases),
        recorded=recorded_of(pages, session, incident, lang),
        map=pages.map_files(),
        attribution=" · ".join(front.town.file.attribution),
    )


def call_of(pages: Pages, call: str, phrases: Phrases) -> dict[str, Any]:
    """Return a call that is being taken: its number, since when, and whether it is over."""
    known = pages.front.hub.state["intake"].calls.get(call) if call else None
    if known is None:
        return {"number": "", "unknown": call, "over": bool(call)}
    return {
        "number": call,
        "unknown": "",
        "over": known.state not in OPEN_CALLS,
        "state": phrases.lang(known.state),
        "incident": known.incident,
        "since_ms": known.times.get("CallAnswered", 0) // 1000,
    }


def recorded_of(
    pages: Pages, session: Session, incident: str, lang: Language
) -> dict[str, Any] | None:
    """Return an incident that was just recorded here, with what is still to be asked of it."""
    if not incident:
        return None
    front, phrases = pages.front, pages.front.phrases(lang.tag)
    may_open(front, session, "incident")
    line = front.board.incidents.get(incident)
    known = front.hub.state["intake"].incidents.get(incident)
    if line is None or known is None:
        raise Refused(
            404, "console.NoIncident", "Not shown.", "There is no incident {incident}.",
            "Check the number, or look it up on the board.", incident=incident[:40],
        )  # fmt: skip
    acts = front.acts(session.actor.role, lang.tag)
    return {
        "number": incident,
        "kind": known.kind,
        "title": phrases.kind(known.kind),
        "priority": known.priority,
        "address": line.address,
        "script": script(known.kind, phrases)["html"],
        "asked": " ".join(known.asked),
        "told": " ".join(known.told),
        "advice": board.advice(front, incident, acts, phrases),
    }
