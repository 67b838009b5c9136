"""What an incident's own page says of its referrals: which there are, and the key to one more."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from answerable.console.front import Front
from answerable.console.phrases import Phrases
from answerable.console.referring.listing import HERE, STATES, agency_name, fires, view_of
from answerable.dispatch.views import IncidentLine
from answerable.matters.referral_words import ReferIncident


def beside(front: Front, line: IncidentLine, phrases: Phrases, role: str) -> dict[str, Any] | None:
    """Return the block of an incident's page; None where nothing is referred and nobody may."""
    rights = front.hub.rooms.authority
    may = rights.may_do(role, ReferIncident.tag) and bool(front.town.referring.agencies)
    opens = rights.may_open(role, "referrals")
    found = view_of(front).of(line.incident) if opens else []
    if not found and not may:
        return None
    rule = fires(front, line).rule if may else None
    tag = phrases.lang.tag
    return {
        "referrals": [
            {"number": one.referral, "href": f"{HERE}/{one.referral}", "late": bool(one.late),
             "agency": agency_name(front, one.agency, tag),
             "state": phrases.lang(STATES[one.state])}
            for one in found
        ],
        "href": f"{HERE}/new?incident={quote(line.incident, safe='')}" if may else "",
        "agency": agency_name(front, rule.agency, tag) if rule else "",
    }  # fmt: skip
