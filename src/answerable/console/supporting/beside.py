"""Support beside an incident, and on a crew's phone: what was asked for, the way to ask."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from answerable.console.front import Front
from answerable.console.phrases import Phrases
from answerable.console.supporting import acts, told
from answerable.console.supporting.listing import (
    HERE,
    is_ours,
    order,
    request_of,
    support,
    view_of,
)
from answerable.dispatch.views import IncidentLine
from answerable.kernel.authority import Actor
from answerable.matters import support_words as w
from answerable.matters.support_state import Request

CREW_MAX = 12
"""Requests that a crew's phone shows, the most urgent ones."""


def beside(front: Front, line: IncidentLine, phrases: Phrases, role: str) -> dict[str, Any] | None:
    """Return the block of an incident's page; None where nothing was asked for and nobody may.

    A crew has it on the page of its unit, where it sees what is its own.
    """
    rights = front.hub.rooms.authority
    if not rights.may_open(role, "support") or rights.bound_to_unit(role):
        return None
    now_us = front.now_us()
    of_it = [(n, r) for n, r in support(front).open.items() if r.incident == line.incident]
    of_it.sort(key=lambda one: order(one[1], now_us))
    over = [one for one in view_of(front).ended.values() if one.incident == line.incident]
    of_it += [(one.support, request_of(one)) for one in over]
    asks = rights.may_do(role, w.AskSupport.tag) and bool(front.town.supporting.kinds)
    if not of_it and not asks:
        return None
    new = f"{HERE}/new?{urlencode({'incident': line.incident})}" if asks else ""
    return {"listed": [told.row(front, phrases, *one, now_us) for one in of_it], "new": new}


def of_crew(front: Front, phrases: Phrases, role: str, unit: str) -> dict[str, Any] | None:
    """Return what the phone of a unit's crew shows of support; None where it has no part in it."""
    rights = front.hub.rooms.authority
    if not unit or not rights.may_open(role, "support"):
        return None
    actor, now_us = Actor(name="", role=role, unit=unit), front.now_us()
    ours = [(n, r) for n, r in support(front).open.items() if is_ours(front, actor, r)]
    ours.sort(key=lambda one: order(one[1], now_us))
    jobs = support(front).jobs.get(unit, [])
    asks = rights.may_do(role, w.AskSupport.tag) and bool(front.town.supporting.kinds)
    if not ours and not (asks and jobs):
        return None
    return {
        "unit": unit,
        "listed": [_of_crew(front, phrases, actor, *one, now_us) for one in ours[:CREW_MAX]],
        "jobs": list(jobs) if asks else [],
        "kinds": acts.kinds(front, phrases) if asks else [],
        "results": [(value, phrases.lang(title)) for value, title in told.RESULTS.items()],
        "whys": [(value, phrases.lang(title)) for value, title in told.WHYS.items()],
    }


def marks_of_crew(front: Front, role: str, unit: str) -> str:
    """Return what tells one state of a phone's requests from another, whatever the time is."""
    actor = Actor(name="", role=role, unit=unit)
    ours = [(n, r) for n, r in support(front).open.items() if is_ours(front, actor, r)]
    steps = [f"{number} {known.state} {known.due_us} {known.to}" for number, known in ours]
    return "\n".join([*steps, *support(front).jobs.get(unit, ())])


def _of_crew(
    front: Front, phrases: Phrases, actor: Actor, number: str, known: Request, now_us: int
) -> dict[str, Any]:
    can = acts.possible(front, actor, known)
    shown = told.row(front, phrases, number, known, now_us)
    reads = acts.may_read(front, actor, known)
    return shown | {"can": can, "mine": known.unit == actor.unit, "reads": reads}
