"""Beside an incident: the matters that it led to, and the way to open one."""

from __future__ import annotations

from typing import Any

from answerable.console.front import Front
from answerable.console.phrases import Phrases
from answerable.console.tracking import told
from answerable.console.tracking.listing import HERE, tracked
from answerable.dispatch.views import IncidentLine
from answerable.matters import matter_words as w


def beside(front: Front, line: IncidentLine, phrases: Phrases, role: str) -> dict[str, Any] | None:
    """Return what an incident's page shows of its matters; None where the role may not look."""
    rights = front.hub.rooms.authority
    if not rights.may_open(role, "matters") or rights.bound_to_unit(role):
        return None
    matters = tracked(front)
    listed = []
    for number in matters.of_incident.get(line.incident, ()):
        matter = matters.find(number)
        if matter is not None:
            listed.append({
                "number": number, "href": f"{HERE}/{number}",
                "kind": told.kind(front, phrases.lang, matter.sort),
                "state": phrases.lang(told.STATES[matter.state]),
                "owner": told.owner(front, phrases.lang, matter.owner_sort, matter.owner),
            })  # fmt: skip
    opens = rights.may_do(role, w.OpenMatter.tag)
    new = f"{HERE}/new?origin=incident&about={line.incident}" if opens else ""
    return {"listed": listed, "new": new} if listed or new else None
