"""A caller's receipt: found by number and code, told in plain words, and given as a proof file."""

from __future__ import annotations

import base64
from typing import Any, NamedTuple

import msgspec

from answerable.console.front import Front
from answerable.console.language import Language, _
from answerable.console.phrases import Phrases
from answerable.console.sanity import Refused
from answerable.disclosure import codes
from answerable.disclosure.afterwards import TERMS, Expected
from answerable.disclosure.receipts import (
    Shown,
    continued,
    goes_on_as,
    may_open,
    positions,
    shown,
)
from answerable.dispatch.words import UnitArrived, UnitSent
from answerable.kernel.event import Event, Recorded, Row
from answerable.kernel.store import StoreRefusal
from answerable.record.entry import SALT_BYTES, entry_of, opening_of
from answerable.record.log.refusals import NotSealed
from answerable.standards import views as clocks
from answerable.vault import words as vault

STATES: dict[str, tuple[str, str]] = {
    "ringing": (_("Your call is ringing."), _("Stay on the line.")),
    "answered": (_("Your call was answered."), _("What it is about is being recorded.")),
    "abandoned": (_("The call ended before anybody answered it."),
                  _("If you still need help, call again.")),
    "handed on": (_("Your call was handed to the service that is there for it."),
                  _("It has confirmed that it took the call over.")),
    "ended": (_("Your call was answered, and it is over."), _("Nobody was sent.")),
    "booked": (_("It is arranged for later."), _("It is taken up by itself at the time arranged.")),
    "unbooked": (_("What was arranged for later was cancelled."), ""),
    "waiting": (_("Your call is recorded."), _("Nobody has been sent yet.")),
    "sent": (_("Help has been sent."), ""),
    "arrived": (_("Help has arrived."), ""),
    "called off": (_("Help was sent, and called off before it arrived."), ""),
    "closed": (_("The response is closed."),
               _("That says that the service has ended its response. It does not say that the "
                 "matter is solved.")),
    "reopened": (_("The matter was taken up again."), ""),
}  # fmt: skip
"""How a call stands, in plain words; "closed" is never said to be solved (B16)."""
STEPS: dict[str, str] = {
    "rung": _("Your call rang"), "answered": _("It was answered"),
    "abandoned": _("It ended before the answer"), "ended": _("It ended"),
    "rung back": _("You were rung back, and not reached"),
    "reached": _("You were rung back, and reached"),
    "handed on": _("It was handed to the service that is there for it"),
    "joined": _("It was found to be about something known already"),
    "parted": _("It was found to be a matter of its own"),
    "opened": _("What it is about was recorded"), "booked": _("It was arranged for later"),
    "unbooked": _("The arrangement was cancelled"), "sent": _("Help was sent"),
    "arrived": _("Help arrived"), "called off": _("Help was called off"),
    "closed": _("The response was closed"), "reopened": _("It was taken up again"),
    "to be asked": _("You are to be asked how it was"), "asked": _("You were asked how it was"),
    "not to be asked": _("You did not want to be asked"),
    "not reached": _("You were rung to be asked, and not reached"),
    "to be put right": _("What you were unhappy about is to be put right"),
    "spoken with": _("Somebody spoke with you about it"),
    "done about it": _("Something was done about it"),
    "with oversight": _("Oversight looks into it"),
    "righting over": _("Putting it right has ended"),
    "referred": _("It was passed to another service"),
    "referral taken": _("The other service took it"),
    "referral declined": _("The other service did not take it"),
    "referral back": _("The other service gave it back"),
    "referral withdrawn": _("It is not with the other service any more"),
    "term extended": _("The term for what is still to be done was extended to {day}"),
}  # fmt: skip
EXPECTS: dict[str, tuple[str, str]] = {
    "sent": (_("Somebody is to be sent by {time}, as we promise."), ""),
    "arrived": (_("Help is to arrive by {time}, as we promise."), ""),
    "asked": (_("You are to be rung and asked how it was, from {time} on."),
              _("You are to be rung and asked how it was.")),
    "human": (_("Somebody is to speak with you by {time}."),
              _("Somebody is to speak with you.")),
    "righted": (_("It is to be put right by {time}."), _("It is to be put right.")),
    "again": ("", _("You are to be rung back and asked whether that puts it right.")),
    "oversight": ("", _("Oversight looks into it; how it ends is shown here.")),
    "agency": (_("The other service is to answer by {time}."),
               _("The other service works on it.")),
    "term": (_("What is still to be done has a term by law, which was extended: it ends at {time}. "
               "Why, the service tells you if you ask."), ""),
}  # fmt: skip
"""What a caller may expect, with a time and without one."""
PROMISED = {"waiting": ("sent", UnitSent.tag), "reopened": ("sent", UnitSent.tag),
            "sent": ("arrived", UnitArrived.tag)}  # fmt: skip
"""What is promised next while help is under way, and the event that keeps the promise."""
LATE = _("We are late with this.")
FATES: dict[type[Event], tuple[str, str]] = {
    vault.Erased: ("erased", _("What you said, and your number, were erased on {day}, as the rules "
                               "for keeping them say.")),
    vault.Archived: ("archived", _("It was archived on {day}. To learn more, ask the service.")),
    vault.Destroyed: ("destroyed", _("What was recorded about it was withdrawn for good on {day}, "
                                     "by a decision of two people.")),
}  # fmt: skip
"""What may have become of it since, the gravest last; what is withdrawn is shown no more (B12)."""
WITHDRAWN = frozenset({"archived", "destroyed"})
FILE_FORMAT = {"format": "answerable-receipt", "version": 1}


class Receipt(NamedTuple):
    """What was found: kind and number, and what a receipt shows of it."""

    kind: str
    number: str
    told: Shown
    fate: str = ""
    fate_words: str = ""
    fate_us: int = 0


def found(front: Front, secret: bytes, number: str, code: str) -> Receipt:
    """Return the receipt of a number and its code. Raises Refused (404).

    A wrong number and a wrong code are the same: nothing is looked up before the code fits.
    """
    kind = codes.fitting(secret, number, code)
    for name in (number.strip(), codes.normal_number(number)) if kind else ():
        if (receipt := of(front, kind, name)) is not None:
            return receipt
    raise Refused(
        404, "console.NoReceipt", "Not shown.", "No call has this number together with this code.",
        "Look at both again, or call the service and ask for them.",
    )  # fmt: skip


def of(front: Front, kind: str, number: str) -> Receipt | None:
    """Return the receipt of a call or an incident, None where there is none."""
    rows = _rows(front, f"{kind}:{number}")
    if not rows:
        return None
    if kind == "call" and (incident := incident_of(front, number)):
        rows |= _rows(front, f"incident:{incident}") | _terms(front, incident)
    if kind == "incident":
        rows |= _terms(front, number)
    happened = _recorded(front, rows)
    told = shown(happened, number if kind == "call" else "")
    fate, words, at_us = fate_of(happened)
    while into := goes_on_as(happened):
        happened = _recorded(front, _rows(front, f"incident:{into}") | _terms(front, into))
        told = continued(told, shown(happened))
        if (other := fate_of(happened))[0] in WITHDRAWN:
            fate, words, at_us = other
    if fate in WITHDRAWN:
        told = told._replace(steps=())
    return Receipt(kind, number, told, fate, words, at_us)


def _recorded(front: Front, rows: dict[int, Row]) -> list[Recorded]:
    return [Recorded(rows[at], front.hub.rooms.decode(rows[at])) for at in sorted(rows)]


def fate_of(happened: list[Recorded]) -> tuple[str, str, int]:
    """Return what became of it since, in one word and in a sentence, and when (UTC us)."""
    met = {type(one.event): one.row.happened_at for one in happened if type(one.event) in FATES}
    for event, told in reversed(FATES.items()):
        if event in met:
            return *told, met[event]
    return "", "", 0


def _rows(front: Front, stream: str) -> dict[int, Row]:
    return {row.position: row for row in front.hub.store.stream(stream)}


def _terms(front: Front, incident: str) -> dict[int, Row]:
    """Return what is recorded of the terms of the matters that an incident led to."""
    led_to = front.hub.state["matters"].tracked.of_incident.get(incident, ())
    return {
        row.position: row
        for number in led_to
        for row in front.hub.store.stream(f"matter:{number}")
        if row.kind in TERMS
    }


def incident_of(front: Front, call: str) -> str:
    """Return the incident that a call led to, "" where it led to none."""
    with front.hub.at_hand(f"call:{call}"):
        known = front.hub.state["intake"].calls.get(call)
        return known.incident if known else ""


# -- as a page -------------------------------------------------------------------------------


def page(receipt: Receipt, front: Front, lang: Language) -> dict[str, Any]:
    """Return what the page shows."""
    phrases = front.phrases(lang.tag)
    words, more = STATES[receipt.told.state]
    now_us = front.now_us()
    fate = lang.say(receipt.fate_words, day=phrases.day(receipt.fate_us)) if receipt.fate else ""
    if receipt.fate == "destroyed":
        words, more = _("Nothing more is shown of this call."), ""
    return {
        "number": receipt.number, "state": lang(words), "more": lang(more) if more else "",
        "fate": fate, "as_of": moment(phrases, now_us), "days": _days(receipt.told, phrases),
        "expects": expects(receipt, front, phrases),
        "proved": front.log is not None and bool(_openable(front, receipt)),
    }  # fmt: skip


def moment(phrases: Phrases, at_us: int) -> str:
    """Return an instant as the town's day, time and zone."""
    return f"{phrases.day(at_us)} {phrases.clock(at_us)} {phrases.zone(at_us)}"


def expects(receipt: Receipt, front: Front, phrases: Phrases) -> list[dict[str, str]]:
    """Return what a caller may expect next and by when; what is late already is said to be late."""
    if receipt.fate in WITHDRAWN:
        return []
    now_us, lang = front.now_us(), phrases.lang
    made = []
    for what, by_us in (*promised(receipt, front), *receipt.told.expects):
        timed, untimed = EXPECTS[what]
        words = lang.say(timed, time=moment(phrases, by_us)) if by_us else lang(untimed)
        late = what != "asked" and 0 < by_us < now_us
        made.append({"words": words, "late": lang(LATE) if late else ""})
    return made


def promised(receipt: Receipt, front: Front) -> list[Expected]:
    """Return what the town's promises say of the next step of help, [] where they say nothing."""
    if (wanted := PROMISED.get(receipt.told.state)) is None:
        return []
    number = receipt.number
    incident = incident_of(front, number) if receipt.kind == "call" else number
    by_us = clocks.promised(front.hub.state["standards"], incident, wanted[1])
    return [Expected(wanted[0], by_us)] if by_us else []


def _days(told: Shown, phrases: Phrases) -> list[dict[str, Any]]:
    """Return the steps by day."""
    days: list[dict[str, Any]] = []
    for step in told.steps:
        day = phrases.day(step.at_us)
        if not days or days[-1]["day"] != day:
            days.append({"day": day, "steps": []})
        words = phrases.lang(STEPS[step.name])
        if step.until_us:
            words = phrases.lang.say(STEPS[step.name], day=phrases.day(step.until_us))
        kind = phrases.unit_type(step.unit_type) if step.unit_type else ""
        time = f"{phrases.clock(step.at_us)} {phrases.zone(step.at_us)}"
        days[-1]["steps"].append({"time": time, "words": words, "type": kind})
    return days


# -- as a file -------------------------------------------------------------------------------


def _spoken_of(front: Front, receipt: Receipt) -> list[Row]:
    found = (next(front.hub.store.rows(at - 1, 1), None) for at in positions(receipt.told))
    return [row for row in found if row is not None]


def _openable(front: Front, receipt: Receipt) -> list[Row]:
    return [row for row in _spoken_of(front, receipt) if may_open(row)]


async def proof_file(receipt: Receipt, front: Front, url: str) -> bytes:
    """Return the proof file: openings where the caller may have them, else the entry alone.

    The format is docs/explanation/receipts-format.md. Raises Refused (404, 503).
    """
    service, rows = front.log, _spoken_of(front, receipt)
    if service is None or not any(map(may_open, rows)):
        raise Refused(
            404, "console.NoProof", "Not given.", "There is no proof file for this number.",
            "The page itself says what is recorded.",
        )  # fmt: skip
    openings: list[dict[str, Any]] = []
    closed: list[dict[str, Any]] = []
    try:
        for row in rows:
            proof = await service.proof(row.position, entry_of(row))
            if may_open(row):
                openings.append(opened(row, proof))
            else:
                closed.append({"position": row.position, "proof": proof.decode()})
    except NotSealed as refusal:
        raise _later(
            _("The last step is not sealed yet."), _("Try again in a few seconds.")
        ) from refusal
    except StoreRefusal as refusal:
        raise _later(
            _("That part of the record cannot be read now."),
            _("Try again, or tell the service."),
        ) from refusal
    keys = service.publisher.keys
    file = FILE_FORMAT | {
        "origin": keys.origin, "log": f"{url}log", "key": keys.vkey, "number": receipt.number,
        "openings": openings, "closed": closed,
    }  # fmt: skip
    return msgspec.json.format(msgspec.json.encode(file), indent=2)


def _later(because: str, instead: str) -> Refused:
    refusal = Refused(503, "console.NoProofYet", "Not given.", because, instead)
    refusal.headers = {"retry-after": "2"}
    return refusal


def opened(row: Row, proof: bytes) -> dict[str, Any]:
    """Return an event with its opening, the commitment of its back, and its proof."""
    entry = entry_of(row)
    return {
        "position": row.position, "salt": _base64(row.veil[:SALT_BYTES]),
        "opening": opening_of(row).decode(), "back": _base64(entry[len(entry) // 2 :]),
        "proof": proof.decode(),
    }  # fmt: skip


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()
