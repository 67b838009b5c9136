"""Putting right in words: reasons, states, owners, dates, one row of the list."""

from __future__ import annotations

from typing import Any

from answerable.console.admin import labels
from answerable.console.front import Front
from answerable.console.language import Language, _
from answerable.console.phrases import Phrases, place
from answerable.console.righting.listing import Due
from answerable.followup import right_words as w
from answerable.followup.right_rules import ANSWERED, DONE, ENDED, HEARD, OPEN, OVERSIGHT
from answerable.followup.state import Right

US = 1_000_000
REASONS: dict[str, str] = {
    w.Why.MANNER: _("manner"), w.Why.SPEED: _("speed"), w.Why.RESULT: _("result"),
    w.Why.OVERALL: _("overall"), w.Why.ASKED: _("asked for it"), w.Why.COMPLAINT: _("complaint"),
}  # fmt: skip
TITLES: dict[str, str] = {
    w.Why.MANNER: _("Unhappy about how one was spoken with"),
    w.Why.SPEED: _("Unhappy about how soon help came"),
    w.Why.RESULT: _("Unhappy about what it did"), w.Why.OVERALL: _("Unhappy, all in all"),
    w.Why.ASKED: _("Wants it looked into"), w.Why.COMPLAINT: _("A complaint"),
}  # fmt: skip
WHATS: dict[str, str] = {
    w.What.EXPLAINED: _("explained"), w.What.APOLOGISED: _("apologised"),
    w.What.DONE_AGAIN: _("done again"), w.What.CORRECTED: _("record corrected"),
    w.What.INSTRUCTED: _("unit instructed"), w.What.REFERRED: _("passed to another agency"),
    w.What.NOTHING: _("nothing could be done"),
}  # fmt: skip
MISSED: dict[str, str] = {
    w.Missed.NO_ANSWER: _("no answer"), w.Missed.BUSY: _("busy"),
    w.Missed.NOT_IN_SERVICE: _("not in service"),
}  # fmt: skip
FOUND: dict[str, str] = {
    w.Found.PUT_RIGHT: _("it is put right now"), w.Found.NO_FAULT: _("no fault of the service"),
}  # fmt: skip
ENDINGS = (
    _("the caller is content"), _("the caller was not reached"), _("oversight has found"),
    _("the caller is still unhappy"),
    _("A unit that was there does not answer for it, or end it"),
    _("You signed the account of a unit that was there"),
    _("You recorded what was done about it"), _("Your own desk answers for it"),
    _("It lies with oversight"), _("The unit answers for it"), _("It was asked"),
    _("It has given its account"), _("As many units were asked as can be"), _("Nobody asked it"),
    _("It was asked already"), _("It went on as another incident"), _("It is open"),
)  # fmt: skip
"""Further values of this room's events that pages show."""
STATES: dict[str, str] = {
    OPEN: _("nobody has spoken with the caller"), HEARD: _("to be put right"),
    DONE: _("to be rung back again"), ANSWERED: _("rung back again"),
    OVERSIGHT: _("with oversight"), ENDED: _("ended"),
}  # fmt: skip


def owner(front: Front, lang: Language, name: str) -> str:
    """Return an owner as people call it: E12, station 7, Supervisor; "" for nobody."""
    if name in front.hub.rooms.authority.roles:
        return labels.role(lang, name)
    if not name or name in front.town.units:
        return name
    return lang.say(_("station {station}"), station=name)


def due(phrases: Phrases, one: Due, now_us: int) -> dict[str, Any]:
    """Return how much is left until a date, and how it stands."""
    left_us = (one.due_us - now_us) // US
    return {
        "name": phrases.named(one.name, one.zh),
        "left": phrases.lang.length(left_us),
        "state": one.state(now_us),
        "on": phrases.moment(one.due_us, now_us),
        "clock": one.clock,
        "still": one.still,
    }


def row(
    front: Front, phrases: Phrases, name: str, right: Right, first: Due | None, now_us: int
) -> dict[str, Any]:
    """Return one as the list shows it; nothing in it is sealed."""
    lang, line = phrases.lang, front.board.line(right.incident)
    waiting, given = len(right.asked), len(right.given)
    return {
        "number": name,
        "href": f"/put-right/{name}",
        "title": lang(TITLES.get(right.reason, right.reason)),
        "incident": right.incident,
        "kind": phrases.kind(line.kind) if line else "",
        "where": place(line.address) if line else "",
        "area": line.neighborhood if line else "",
        "state": lang(STATES[right.state]),
        "owner": owner(front, lang, right.owner),
        "opened": phrases.moment(right.opened_us, now_us),
        "due": due(phrases, first, now_us) if first else None,
        "accounts": lang.say(
            _("{given} of {asked} accounts given"), given=given, asked=waiting + given
        ) if waiting or given else "",
        "tries": tries(phrases, right, now_us),
    }  # fmt: skip


def tries(phrases: Phrases, right: Right, now_us: int) -> str:
    """Return how often the caller was rung back again, and from when on another try counts."""
    if not right.tries:
        return ""
    counted = {"tries": right.tries, "most": w.TRIES_AGAIN}
    if right.again_us <= now_us:
        return phrases.lang.say(_("rung again {tries} of {most} times"), **counted)
    told = _("rung again {tries} of {most} times, next from {time}")
    return phrases.lang.say(told, **counted, time=phrases.moment(right.again_us, now_us))
