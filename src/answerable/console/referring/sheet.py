"""One referral beside the list, and the form of a new one: what leaves, which rule fired, and why.

Every rule before the one that fired is shown with what did not fit, as it was recorded then; for
a new one the rules are asked now.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from answerable.console.front import Front
from answerable.console.language import _
from answerable.console.phrases import Phrases, place
from answerable.console.portal.page import FIELDS, RESULTS, WHYS, seen, when
from answerable.console.referring.listing import (
    DIRECTIONS,
    STATES,
    Asked,
    agency_name,
    said,
    view_of,
)
from answerable.console.referring.subject import HEADINGS, Subject, anew, href
from answerable.console.sanity import Refused
from answerable.dispatch.views import IncidentLine
from answerable.kernel.event import Command
from answerable.matters import referral_words as w
from answerable.matters.referral_rules import REFERRAL
from answerable.matters.referral_views import ReferralLine
from answerable.towns.model import Town
from answerable.towns.referring import Partner, ReferralRule
from answerable.towns.titles import Title

ACTS: dict[str, tuple[type[w.ReferralEvent], type[Command]]] = {
    "link": (w.ReferralLinked, w.LinkReferral),
    "receive": (w.ReferralReceived, w.ReceiveReferral),
    "again": (w.ReferralSentAgain, w.SendReferralAgain),
    "accept": (w.ReferralAccepted, w.AcceptReferral),
    "decline": (w.ReferralDeclined, w.DeclineReferral),
    "return": (w.ReferralReturned, w.ReturnReferral),
    "withdraw": (w.ReferralWithdrawn, w.WithdrawReferral),
    "settle": (w.ReferralSettled, w.SettleReferral),
}
"""What may be done with a referral: the step of its life, and the command that asks for it."""
WAYS: dict[str, str] = {
    "link": _("by a link of its own"), "mail": _("by mail"), "open311": _("over Open311"),
    "desk": _("told by somebody here"),
}  # fmt: skip
LACKS: dict[str, str] = {
    "kind": _("another kind"), "group": _("another group"), "priority": _("another priority"),
    "area": _("another area"), "outcome": _("another outcome"),
}  # fmt: skip
"""What did not fit of a rule that was passed over."""


def no_referral(number: str) -> Refused:
    """Return the refusal of a referral that there is not, or not any more."""
    return Refused(
        404, "console.NoReferral", "Not shown.", "There is no referral {number} here.",
        "Look for it in the list; ended ones stay for two weeks, then on the incident's thread.",
        number=number[:40],
    )  # fmt: skip


def line_of(front: Front, number: str) -> ReferralLine:
    """Return a referral. Raises Refused (404)."""
    line = view_of(front).line(number)
    if line is None:
        raise no_referral(number)
    return line


# -- rules -----------------------------------------------------------------------------------


def why_of(town: Town, code: str, tag: str) -> str:
    """Return why a rule sends something where it does, "" where the town has it no more."""
    rule = town.referring.rule(code)
    return Title(rule.why).of(tag) if rule else ""


def passed_over(
    town: Town, passed: Iterable[tuple[str, str]], phrases: Phrases
) -> list[dict[str, str]]:
    """Return rules that were passed over, each with what did not fit."""
    lang = phrases.lang
    return [
        {"rule": code, "why": why_of(town, code, lang.tag), "lack": lang(LACKS.get(lack, lack))}
        for code, lack in passed
    ]


def sees_words(names: Iterable[str], phrases: Phrases) -> list[str]:
    """Return what an agency sees, in words."""
    return [phrases.lang(FIELDS[name]) for name in names]


# -- one referral ----------------------------------------------------------------------------


def sheet(
    front: Front, one: ReferralLine, asked: Asked, phrases: Phrases, role: str
) -> dict[str, Any]:
    """Return one referral as the page shows it to a role."""
    lang, town = phrases.lang, front.town
    rights = front.hub.rooms.authority
    pairs = [tuple(entry.split(": ", 1)) for entry in one.passed]
    inside = rights.may_see(role, "inside")  # type: ignore[arg-type]
    partner = town.referring.agency(one.agency)
    return {
        "number": one.referral, "about": one.about, "about_href": href(one.sort, one.about),
        "back": asked.href(), "agency": agency_name(front, one.agency, lang.tag),
        "example": bool(partner and partner.example),
        "direction": lang(DIRECTIONS.get(one.direction, one.direction)), "station": one.station,
        "way": lang(WAYS.get(one.way, one.way)), "state": lang(STATES[one.state]),
        "said": said(one, phrases), "receipt": one.receipt,
        "sees": sees_words(one.sees, phrases), "fields": shown_here(front, one, phrases),
        "sent": when(phrases, one.referred_us), "answer_by": when(phrases, one.answer_due_us),
        "done_by": when(phrases, one.due_us), "expected": when(phrases, one.expected_us),
        "rule": one.rule, "why": why_of(town, one.rule, lang.tag), "because": one.because,
        "passed": passed_over(town, [p for p in pairs if len(p) == 2], phrases) if inside else [],
        "linked": one.linked, "words": bool(one.words_at),
        "acts": [
            name for name, (event, command) in ACTS.items()
            if REFERRAL.allows(one.state, event) and rights.may_do(role, command.tag)
        ],
        "whys": [(value, lang(words)) for value, words in WHYS.items()],
        "results": [(value, lang(words)) for value, words in RESULTS.items()],
        "again": f"{anew(one.sort, one.about)}&instead_of={quote(one.referral, safe='')}"
        if one.state == "declined" else "",
    }  # fmt: skip


def shown_here(front: Front, one: ReferralLine, phrases: Phrases) -> list[tuple[str, str]]:
    """Return the fields that left, without those that are sealed: the thread opens them."""
    names = tuple(name for name in one.sees if name not in ("words", "door"))
    cut = ReferralLine(
        referral=one.referral, agency=one.agency, state=one.state, referred_us=0, position=0,
        incident=one.incident, matter=one.matter, problem=one.problem, sees=names,
        kind=one.kind, priority=one.priority, address=one.address, lon=one.lon,
        lat=one.lat, area=one.area, opened_us=one.opened_us, outcome=one.outcome,
    )  # fmt: skip
    return seen(front, cut, phrases)


# -- a new one -------------------------------------------------------------------------------


def new(front: Front, one: Subject, instead_of: str, phrases: Phrases) -> dict[str, Any]:
    """Return the form of a new referral: the rule's agency first, the others by choice."""
    lang, town = phrases.lang, front.town
    fired = town.referring.fires(one.facts)
    heading, back = HEADINGS[one.sort]
    rule = fired.rule
    chosen = town.referring.agency(rule.agency) if rule else None
    others = [other for other in town.referring.agencies if other is not chosen]
    return {
        "sort": one.sort, "number": one.number, "heading": lang(heading), "to_it": lang(back),
        "href": href(one.sort, one.number), "where": place(one.address),
        "kind": phrases.referred(one.sort, one.facts.kind),
        "rule": rule.code if rule else "", "why": Title(rule.why).of(lang.tag) if rule else "",
        "passed": passed_over(town, fired.passed, phrases),
        "chosen": _choice(town, chosen, rule, phrases) if chosen else None,
        "others": [_choice(town, other, None, phrases) for other in others],
        "stations": list(town.stations), "station": _station(front, one.line),
        "instead_of": instead_of,
        "before": [
            {"number": sent.referral, "agency": agency_name(front, sent.agency, lang.tag),
             "state": lang(STATES[sent.state])}
            for sent in view_of(front).of(one.number)
        ],
    }  # fmt: skip


def _choice(
    town: Town, partner: Partner, rule: ReferralRule | None, phrases: Phrases
) -> dict[str, Any]:
    sees = town.referring.seen(partner, rule)
    return {
        "code": partner.code, "title": partner.title.of(phrases.lang.tag),
        "direction": partner.direction, "example": partner.example,
        "sees": phrases.lang.join(sees_words(sees, phrases)),
        "words": "words" in sees, "door": "door" in sees,
    }  # fmt: skip


def _station(front: Front, line: IncidentLine | None) -> str:
    """Return the station of the first unit that was on it, "" where nobody was or it has none."""
    for job in line.jobs.values() if line else ():
        unit = front.board.units.get(job.unit)
        if unit is not None and unit.station in front.town.stations:
            return unit.station
    return ""


def referring(one: Subject, form: dict[str, str]) -> dict[str, Any]:
    """Return the command that refers something as it is known here; words come from the form."""
    body = one.fields()
    for name in ("agency", "words", "door", "station", "because", "instead_of", "key"):
        if form.get(name, "").strip():
            body[name] = form[name].strip()
    return body
