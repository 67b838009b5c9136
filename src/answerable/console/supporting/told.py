"""Specialist support in words: what it waits for, kinds, helpers, one row of the list."""

from __future__ import annotations

from typing import Any

from answerable.console.clocks import state_of
from answerable.console.front import Front
from answerable.console.language import _
from answerable.console.phrases import Phrases, place
from answerable.console.supporting import listing
from answerable.matters import support_words as w
from answerable.matters.support_state import (
    ACCEPTED,
    APPROVED,
    ASKED,
    ASSIGNED,
    BEGUN,
    NEW,
    REPORTED,
    Request,
)

US = 1_000_000
STATES: dict[str, str] = {
    NEW: _("asked for"), ASKED: _("waits for approval"), APPROVED: _("to be assigned"),
    ASSIGNED: _("waits for an answer"), ACCEPTED: _("accepted, not begun yet"), BEGUN: _("at work"),
    REPORTED: _("result is there"), "thanked": _("ended with thanks"),
    "complained": _("ended with a complaint"), "closed": _("ended without an answer"),
    "declined": _("not approved"), "withdrawn": _("withdrawn"),
}  # fmt: skip
FOR: dict[str, str] = {
    ASKED: _("to approve"), APPROVED: _("to assign"), ASSIGNED: _("to accept"),
    ACCEPTED: _("to begin"), BEGUN: _("to report"), REPORTED: _("to say thanks or complain"),
}  # fmt: skip
"""What the time that is left is for."""
RESULTS: dict[str, str] = {
    w.CameTo.DONE: _("done"), w.CameTo.PARTLY: _("partly done"),
    w.CameTo.NOT_FOUND: _("nothing found"), w.CameTo.NOT_POSSIBLE: _("not possible"),
}  # fmt: skip
VALUES = (_("giving the support"),)
"""Further values of this subject's events that pages show."""
WHYS: dict[str, str] = {
    w.Complaint.TOO_LATE: _("too late"),
    w.Complaint.NOT_WHAT_WAS_ASKED: _("not what was asked for"),
    w.Complaint.NOT_ENOUGH: _("not enough"),
    w.Complaint.NOT_TOGETHER: _("did not work together"),
    w.Complaint.OTHER: _("another reason"),
}  # fmt: skip


def helper(front: Front, phrases: Phrases, name: str) -> str:
    """Return who gives support as people call it: an agency, station 7, E12; "" for nobody."""
    if front.town.supporting.agency(name) is None and name in front.town.stations:
        return phrases.lang.say(_("station {station}"), station=name)
    return phrases.support("to", name) if name else ""


def helpers(front: Front, phrases: Phrases, known: Request) -> list[tuple[str, str]]:
    """Return who can do it, each with its name, in the order of the town's file."""
    kind, town = front.town.supporting.kind(known.sort), front.town
    able = kind.able(town.units, town.unit_types) if kind else (known.sort,)
    return [(one, helper(front, phrases, one)) for one in able if one != known.unit]


def due(front: Front, phrases: Phrases, number: str, known: Request, now_us: int) -> dict[str, Any]:
    """Return how long the next step may still take, and what it is; ``left`` "" if unknown."""
    at_us = listing.due_us(front, number, known)
    late = listing.is_late(known, now_us)
    left = phrases.lang.length((at_us - now_us) // US) if at_us else ""
    calm = state_of(known.since_us, at_us, now_us) if at_us else "none"
    return {
        "left": left, "state": "late" if late else calm, "late": late,
        "for": phrases.lang(FOR.get(known.state, "")) if known.state in FOR else "",
        "on": phrases.moment(at_us, now_us) if at_us else "",
    }  # fmt: skip


def row(front: Front, phrases: Phrases, number: str, known: Request, now_us: int) -> dict[str, Any]:
    """Return one as the list shows it; nothing in it is sealed."""
    line = front.board.line(known.incident)
    return {
        "number": number,
        "href": listing.href(number),
        "kind": phrases.support("support_kind", known.sort),
        "unit": known.unit,
        "urgent": known.urgent,
        "incident": known.incident,
        "about": phrases.kind(line.kind) if line else "",
        "where": place(line.address) if line else "",
        "state": phrases.lang(STATES[known.state]),
        "open": known.state in FOR,
        "to": helper(front, phrases, known.to),
        "result": phrases.lang(RESULTS[known.result]) if known.result in RESULTS else "",
        "since": phrases.moment(known.since_us, now_us),
        "due": due(front, phrases, number, known, now_us),
    }
