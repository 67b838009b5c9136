"""What the page of an incident, a matter or a problem says of its referrals; the key to more."""

from __future__ import annotations

from typing import Any

from answerable.console.front import Front
from answerable.console.phrases import Phrases
from answerable.console.referring.listing import HERE, STATES, agency_name, facts_of, view_of
from answerable.console.referring.subject import Subject, anew
from answerable.dispatch.views import IncidentLine


def beside(front: Front, line: IncidentLine, phrases: Phrases, role: str) -> dict[str, Any] | None:
    """Return the block of an incident's page; None where nothing is referred and nobody may."""
    return beside_of(front, Subject("incident", line.incident, facts_of(line)), phrases, role)


def beside_of(
    front: Front, one: Subject, phrases: Phrases, role: str, *, over: bool = False
) -> dict[str, Any] | None:
    """Return the block of whatever can be referred; None where nothing is and nobody may.

    ``over``: it has ended, so that nobody refers it any more.
    """
    rights = front.hub.rooms.authority
    may = not over and rights.may_do(role, one.command.tag) and bool(front.town.referring.agencies)
    opens = rights.may_open(role, "referrals")
    found = view_of(front).of(one.number) if opens else []
    if not found and not may:
        return None
    rule = front.town.referring.fires(one.facts).rule if may else None
    tag = phrases.lang.tag
    return {
        "referrals": [
            {"number": sent.referral, "href": f"{HERE}/{sent.referral}", "late": bool(sent.late),
             "agency": agency_name(front, sent.agency, tag),
             "state": phrases.lang(STATES[sent.state])}
            for sent in found
        ],
        "href": anew(one.sort, one.number) if may else "",
        "agency": agency_name(front, rule.agency, tag) if rule else "",
    }  # fmt: skip
