"""Matters in words: owners, dates, time left, one row of the list."""

from __future__ import annotations

from typing import Any

from answerable.console.admin import labels
from answerable.console.front import Front
from answerable.console.language import Language, _
from answerable.console.phrases import Phrases, place
from answerable.console.tracking.listing import NEAR_US, due_of
from answerable.kernel.authority import Actor
from answerable.matters import matter_words as w
from answerable.matters.matter_state import CLOSED, FINISHED, OPEN, SUSPENDED, Matter

US = 1_000_000
STATES = {
    OPEN: _("open"), SUSPENDED: _("stands still"), FINISHED: _("to be signed off"),
    CLOSED: _("closed"),
}  # fmt: skip
FROM = {
    "incident": _("from incident"), "problem": _("from problem"),
    "complaint": _("from a complaint"), "order": _("from an order"), "hand": _("by hand"),
}  # fmt: skip
STATION = _("station {station}")
VALUES = (
    _("incident"), _("problem"), _("complaint"), _("order"), _("hand"), _("page"), _("message"),
    _("telephone"), _("norm"), _("term"), _("asked"), _("reached"), _("not reached"),
)  # fmt: skip
"""Values of this room's events that pages show."""


def owner(front: Front, lang: Language, sort: str, name: str) -> str:
    """Return an owner as people call it: E12, station 7, Supervisor."""
    if sort == w.OwnerSort.ROLE:
        return labels.role(lang, name)
    if sort == w.OwnerSort.STATION:
        return lang.say(STATION, station=name)
    return name


def kind(front: Front, lang: Language, code: str) -> str:
    """Return what a kind of matter is called; its code where the town has it no more."""
    known = front.town.matters.kind(code)
    return known.title.of(lang.tag) if known else code


def result(front: Front, lang: Language, code: str) -> str:
    """Return what a result is called."""
    known = front.town.matters.result(code)
    return known.title.of(lang.tag) if known else code


def date(phrases: Phrases, at_us: int) -> str:
    """Return the day of an instant."""
    return phrases.day(at_us) if at_us else ""


def clock(phrases: Phrases, due_us: int, now_us: int) -> dict[str, str]:
    """Return how much is left until a date, and whether that is much, little or nothing."""
    left_us = due_us - now_us
    tone = "late" if left_us < 0 else "near" if left_us <= NEAR_US else "calm"
    return {"left": phrases.lang.length(left_us // US), "state": tone, "on": date(phrases, due_us)}


def row(
    front: Front, phrases: Phrases, actor: Actor, number: str, matter: Matter, now_us: int
) -> dict[str, Any]:
    """Return one matter as the list shows it; nothing in it is sealed."""
    lang = phrases.lang
    due_us = due_of(matter, now_us)
    running = matter.state in (OPEN, FINISHED)
    line = front.board.line(matter.incident) if matter.incident else None
    return {
        "number": number,
        "href": f"/matters/{number}",
        "kind": kind(front, lang, matter.sort),
        "owner": owner(front, lang, matter.owner_sort, matter.owner),
        "from": lang(FROM[matter.origin.value]),
        "about": matter.about,
        "incident": matter.incident,
        "reference": matter.reference,
        "where": place(line.address) if line else "",
        "state": lang(STATES[matter.state]),
        "result": result(front, lang, matter.result) if matter.result else "",
        "what": lang(_what(matter, due_us)),
        "due": clock(phrases, due_us, now_us) if running else None,
        "until": date(phrases, matter.until_us or matter.closed_us),
        "held": _held(lang, matter, actor),
        "ring": bool(matter.ring_us),
        "reminded": bool(matter.reminded_us) and matter.state == OPEN,
    }


def _what(matter: Matter, due_us: int) -> str:
    """Return what the date that counts next is for."""
    if matter.state == FINISHED:
        return _("signature")
    return _("norm") if due_us == matter.norm_us else _("term")


def _held(lang: Language, matter: Matter, actor: Actor) -> str:
    if not matter.holder:
        return ""
    return lang(_("in your hand") if matter.holder == actor.name else _("in hand"))
