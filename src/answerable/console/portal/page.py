"""What the link portal shows of a referral: the fields its agency may see, and nothing more.

All of it is in the event that was cut when the referral was made; the sealed words that were
written for the agency are read from the vault only where its rule names them.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING, Any, NamedTuple

from answerable.console.language import Language, _
from answerable.console.phrases import Phrases, place
from answerable.console.sanity import Refused
from answerable.matters import referral_words as w
from answerable.matters.referral_rules import REFERRAL
from answerable.matters.referral_views import ReferralLine, Referrals
from answerable.matters.state import State

if TYPE_CHECKING:
    from answerable.console.front import Front

TOKEN_BYTES = 32
TOKEN_MAX = 64
FIELDS: dict[str, str] = {
    "kind": _("What it is"), "priority": _("Priority"), "place": _("Place"),
    "position": _("Position"), "area": _("Area"), "opened": _("Since"), "outcome": _("Outcome"),
    "words": _("What is asked of you"), "door": _("Exact door"),
}  # fmt: skip
"""What each field is called that an agency may see."""
STATES: dict[str, str] = {
    "on its way": _("Waiting for you"), "not sent": _("Waiting for you"),
    "received": _("Received by you"), "accepted": _("Accepted by you"),
    "declined": _("Declined"), "returned": _("Returned"), "withdrawn": _("Withdrawn"),
    "settled": _("Settled"),
}  # fmt: skip
WHYS: dict[str, str] = {
    w.Why.NOT_OURS: _("It is not ours"), w.Why.NOT_ENOUGH: _("Too little is told"),
    w.Why.NO_MEANS: _("Nobody is free"), w.Why.KNOWN: _("It is known already"),
    w.Why.OTHER: _("Another reason"),
}  # fmt: skip
RESULTS: dict[str, str] = {
    w.Result.DONE: _("Done"), w.Result.PARTLY: _("Partly done"),
    w.Result.NOT_FOUND: _("Nothing was found there"), w.Result.NOT_POSSIBLE: _("Not possible"),
    w.Result.CLOSED: _("Closed by its own service"),
}  # fmt: skip
ACTS: dict[str, tuple[type[w.ReferralEvent], type[w._OnReferral]]] = {
    "receive": (w.ReferralReceived, w.ReceiveReferral),
    "accept": (w.ReferralAccepted, w.AcceptReferral),
    "decline": (w.ReferralDeclined, w.DeclineReferral),
    "return": (w.ReferralReturned, w.ReturnReferral),
}
"""What an agency may do, each while its step stands in the table of the referral's life."""


class Fresh(NamedTuple):
    """A token as it is given out once, and the digest by which it is known again."""

    token: str
    digest: str


def fresh() -> Fresh:
    """Return a new token: 256 random bits."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    return Fresh(token, digest_of(token))


def digest_of(token: str) -> str:
    """Return the digest of a token, by which the record knows it."""
    return hashlib.sha256(token.encode()).hexdigest()


def opened(front: Front, token: str) -> ReferralLine:
    """Return the referral that a token opens. Raises Refused (404).

    One that ended, one that was replaced and one that never was are the same to whoever asks.
    """
    state: State = front.hub.state["matters"]
    number = state.links.get(digest_of(token)) if len(token) <= TOKEN_MAX else None
    view: Referrals = front.hub.state["referrals"]
    line = view.open.get(number) if number else None
    if line is None:
        raise Refused(
            404, "console.NoLink", "Not shown.", "This link leads to nothing, or to nothing more.",
            "Ask whoever sent it to you for a new one.",
        )  # fmt: skip
    return line


def seen(front: Front, line: ReferralLine, phrases: Phrases) -> list[tuple[str, str]]:
    """Return what the agency may see, each with its name, in the order of the town's rule."""
    lang = phrases.lang
    values = {
        "kind": phrases.referred(line.sort, line.kind) if line.kind else "",
        "priority": line.priority,
        "place": place(line.address),
        "position": f"{line.lat:.5f}, {line.lon:.5f}" if line.lat and line.lon else "",
        "area": line.area,
        "opened": when(phrases, line.opened_us),
        "outcome": lang(line.outcome) if line.outcome else "",
    }
    for name in ("words", "door"):
        if name in line.sees:
            values[name] = front.gate.for_agency(line.referral, name)
    return [(lang(FIELDS[name]), values[name]) for name in line.sees if values.get(name)]


def when(phrases: Phrases, at_us: int) -> str:
    """Return an instant as the town's day and time, "" for none."""
    return f"{phrases.day(at_us)} {phrases.clock(at_us)}" if at_us else ""


def shown(front: Front, line: ReferralLine, lang: Language) -> dict[str, Any]:
    """Return what the page shows."""
    phrases = front.phrases(lang.tag)
    partner = front.town.referring.agency(line.agency)
    return {
        "number": line.referral,
        "agency": partner.title.of(lang.tag) if partner else line.agency,
        "example": bool(partner and partner.example),
        "state": lang(STATES[line.state]),
        "fields": seen(front, line, phrases),
        "sent": when(phrases, line.referred_us),
        "answer_by": when(phrases, line.answer_due_us if line.state != "accepted" else 0),
        "done_by": when(phrases, line.due_us),
        "late": bool(line.late),
        "acts": [
            name for name, (event, _command) in ACTS.items() if REFERRAL.allows(line.state, event)
        ],
        "whys": [(value, lang(words)) for value, words in WHYS.items()],
        "results": [(value, lang(words)) for value, words in RESULTS.items()],
    }  # fmt: skip
