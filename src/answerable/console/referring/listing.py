"""The list of referrals: what asks for somebody here first, then what agencies have, then the rest.

The address of the page says what is listed; every number at its head is that of the list behind it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any
from urllib.parse import quote, urlencode

from answerable.console.front import Front
from answerable.console.language import _
from answerable.console.phrases import Phrases, place
from answerable.console.portal.page import RESULTS, WHYS
from answerable.dispatch.views import IncidentLine
from answerable.matters import referral_views as views
from answerable.matters.referral_views import ReferralLine, Referrals, group_of
from answerable.towns.referring import Facts, Fired

HERE = "/referrals"
ROWS_MAX = 200
"""Referrals that one page lists."""
LOOKED_MAX = 400
"""Closed incidents, the newest ones, that are looked at for what the rules would refer."""
PROPOSED_MAX = 30
PROPOSED = "proposed"
SHOWS: tuple[tuple[str, str], ...] = (
    (views.OVERDUE, _("overdue")), (views.CAME_BACK, _("come back")),
    (views.FAILED, _("not sent")), (views.WAITING, _("with an agency")),
    (PROPOSED, _("proposed by the rules")), (views.ENDED, _("ended")),
)  # fmt: skip
"""The sorts of the list in their order, with the words for each."""
STATES: dict[str, str] = {
    "on its way": _("on its way"), "not sent": _("not sent"), "received": _("received"),
    "accepted": _("accepted"), "declined": _("declined"), "returned": _("returned"),
    "withdrawn": _("withdrawn"), "settled": _("settled"),
}  # fmt: skip
DIRECTIONS: dict[str, str] = {"down": _("down"), "across": _("across"), "up": _("up")}
SIGNS = {"down": "↓", "across": "→", "up": "↑"}
LATES: dict[str, str] = {"answer": _("no answer in time"), "result": _("no result in time")}


@dataclass(frozen=True)
class Asked:
    """What the address asks for: one sort ("": all that is open), one agency."""

    show: str = ""
    agency: str = ""

    def href(self, referral: str = "", **other: str) -> str:
        """Return the address of this page, of one referral of it, or with something else asked."""
        told = {k: v for k, v in {"show": self.show, "agency": self.agency, **other}.items() if v}
        at = f"{HERE}/{quote(referral, safe='')}" if referral else HERE
        return f"{at}?{urlencode(told)}".rstrip("?")


def asked_of(front: Front, query: dict[str, str]) -> Asked:
    """Return what an address asks for; what makes no sense is as if it were not there."""
    show, partner = query.get("show", ""), front.town.referring.agency(query.get("agency", ""))
    return Asked(show if show in dict(SHOWS) else "", partner.code if partner else "")


def view_of(front: Front) -> Referrals:
    """Return the fold of referrals."""
    view: Referrals = front.hub.state["referrals"]
    return view


# -- what the rules would do -----------------------------------------------------------------


def facts_of(line: IncidentLine) -> Facts:
    """Return what the rules look at of an incident."""
    areas = tuple(filter(None, (line.neighborhood, line.battalion, line.area_class)))
    return Facts(line.kind, line.group, line.priority, areas, line.outcome)


def fires(front: Front, line: IncidentLine) -> Fired:
    """Return the rule that fires for an incident, and those that were passed over."""
    return front.town.referring.fires(facts_of(line))


def proposed(front: Front) -> Iterator[tuple[IncidentLine, Fired]]:
    """Yield the newest closed incidents that a rule would refer and nobody has, newest first."""
    if not front.town.referring.rules:
        return
    referred = {one.incident for one in view_of(front).all()}
    for line in islice(reversed(front.board.closed.values()), LOOKED_MAX):
        if line.incident not in referred and not line.into:
            fired = fires(front, line)
            if fired.rule is not None:
                yield line, fired


# -- the list --------------------------------------------------------------------------------


def listed(front: Front, asked: Asked, phrases: Phrases, at: str) -> dict[str, Any]:
    """Return the list as the page shows it; ``at`` is the referral that is open beside it."""
    lang = phrases.lang
    found = [one for one in view_of(front).all() if asked.agency in ("", one.agency)]
    counts = Counter(map(group_of, found))
    proposals = list(islice(proposed(front), PROPOSED_MAX)) if not asked.agency else []
    counts[PROPOSED] = len(proposals)
    order = [name for name, _words in SHOWS]
    shown = [one for one in found if _is_shown(asked, group_of(one))]
    shown.sort(key=lambda one: (order.index(group_of(one)), _due(one), one.referred_us))
    return {
        "rows": [row(front, one, asked, phrases, at) for one in shown[:ROWS_MAX]],
        "proposed": [_proposal(front, *one, phrases) for one in proposals]
        if asked.show in ("", PROPOSED) else [],
        "open": lang.number(sum(n for name, n in counts.items() if name in OPEN)),
        "count": sum(n for name, n in counts.items() if name in OPEN),
        "sorts": [
            {"href": asked.href(show=""), "label": lang(_("all open")), "on": not asked.show,
             "count": lang.number(sum(counts[name] for name in OPEN))},
            *({"href": asked.href(show=name), "label": lang(words), "on": asked.show == name,
               "count": lang.number(counts[name])} for name, words in SHOWS),
        ],
        "more": len(shown) > ROWS_MAX,
        "most": ROWS_MAX,
        "rules": bool(front.town.referring.rules),
        "here": asked.href(at),
        "example": any(one.example for one in front.town.referring.agencies),
    }  # fmt: skip


OPEN = (views.OVERDUE, views.CAME_BACK, views.FAILED, views.WAITING)


def _is_shown(asked: Asked, group: str) -> bool:
    return group == asked.show if asked.show else group in OPEN


def _due(one: ReferralLine) -> int:
    """Return until when something is waited for (UTC us), by which the list is ordered."""
    if group_of(one) == views.ENDED:
        return -one.changed_us
    return one.due_us if one.state == "accepted" else one.answer_due_us


def agency_name(front: Front, code: str, tag: str) -> str:
    """Return an agency's name in a language; its code where the town has it no more."""
    partner = front.town.referring.agency(code)
    return partner.title.of(tag) if partner else code


def row(front: Front, one: ReferralLine, asked: Asked, phrases: Phrases, at: str) -> dict[str, Any]:
    """Return one referral as its row shows it."""
    lang, group, due_us = phrases.lang, group_of(one), _due(one)
    waiting = group in (views.OVERDUE, views.WAITING, views.FAILED)
    left_s = (due_us - front.now_us()) / 1_000_000
    return {
        "number": one.referral, "href": asked.href(one.referral), "on": one.referral == at,
        "group": group, "agency": agency_name(front, one.agency, lang.tag),
        "sign": SIGNS.get(one.direction, ""),
        "direction": lang(DIRECTIONS.get(one.direction, one.direction)),
        "station": one.station, "about": one.about, "kind": phrases.referred(one.sort, one.kind),
        "where": place(one.address), "state": lang(STATES[one.state]),
        "said": said(one, phrases), "rule": one.rule,
        "left": lang.length(left_s) if waiting else "", "late": bool(one.late),
        "failed": one.failed, "due_ms": due_us // 1000 if waiting else 0,
        "from_ms": one.referred_us // 1000,
    }  # fmt: skip


def said(one: ReferralLine, phrases: Phrases) -> str:
    """Return in words what came of a referral, or what is wrong with it; "" for neither."""
    lang = phrases.lang
    if one.late:
        return lang(LATES[one.late])
    if one.failed:
        return lang(one.failed)
    known = RESULTS.get(one.said) or WHYS.get(one.said)
    return lang(known) if known else ""


def _proposal(front: Front, line: IncidentLine, fired: Fired, phrases: Phrases) -> dict[str, Any]:
    assert fired.rule is not None, "only what a rule fits is proposed"
    return {
        "incident": line.incident, "kind": phrases.kind(line.kind), "where": place(line.address),
        "closed": phrases.clock(line.changed_us), "rule": fired.rule.code,
        "agency": agency_name(front, fired.rule.agency, phrases.lang.tag),
        "href": f"{HERE}/new?incident={quote(line.incident, safe='')}",
    }  # fmt: skip
