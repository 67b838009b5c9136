"""The book's page of what comes after "closed": who was rung and how it ended, what is put right.

Like the book it reads nothing but rows and decides nothing; what the town says (how often somebody
is rung) is written down in ``ground``, and what the rules must keep is written down here again.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from answerable.kernel.event import Row
from answerable.planning.ground import FINAL, TRIES
from answerable.planning.ties import Ties

CALL_BACK = "followup.CallBack"
STANDS = {
    "Due": "due", "Barred": "barred", "Allowed": "", "Held": "held", "Answered": "answered",
    "Declined": "declined", "Unreachable": "unreachable", "TakenBack": "due",
}  # fmt: skip
"""How a call-back stands after an event of its own; the others leave it as it was."""
FROM = {
    "Due": ("", "held"), "Barred": ("", "due", "held", "unreachable"), "Allowed": ("barred",),
    "Held": ("due",),
    "Answered": ("due", "unreachable"), "Declined": ("due", "unreachable"), "Unreachable": ("due",),
    "TakenBack": ("due", "answered", "declined", "unreachable"), "Tried": ("due",),
    "Taken": ("due",), "Left": ("due",), "Deferred": ("due",),
}  # fmt: skip
BY_ONE = ("Taken", "Left", "Tried", "Deferred", "TakenBack", "Declined")
"""What nobody else does while somebody rings a caller."""
RIDES = ("crew of ", "officer of ")
"""How the name of whoever rides with a unit begins."""
MISSED_MIN = 3
"""Rings back again before something may end without the caller's word."""


class Called:
    """One caller: how the call-back stands, how often they were rung, who rings them until when.

    ``since_at`` is the position since which it is due, ``begun`` says that it was tried since;
    ``told_of`` is the incident that an answer was about.
    """

    __slots__ = (
        "begun", "by", "incident", "outcome", "reason", "since_at", "state", "told_of", "tries",
        "unhappy", "until_us",
    )  # fmt: skip

    def __init__(self) -> None:
        self.state = self.outcome = self.reason = self.by = self.incident = self.told_of = ""
        self.tries = self.until_us = self.since_at = 0
        self.unhappy = self.begun = False


class Seen:
    """Something that is put right: the units it is about, who gave an account, who did it."""

    __slots__ = (
        "again_us", "call", "did", "end", "gave", "happy", "incident", "missed", "oversight",
        "units",
    )  # fmt: skip

    def __init__(self, incident: str, call: str, units: Iterable[str]) -> None:
        self.incident, self.call = incident, call
        self.units = set(units)
        self.gave: set[str] = set()
        self.did: set[str] = set()
        self.end = ""
        self.missed = self.again_us = 0
        self.happy = self.oversight = False


class Backs:
    """What came of callers and of what they were unhappy about; ``faults`` is the book's."""

    def __init__(self, faults: list[str], ties: Ties) -> None:
        self.faults, self.ties = faults, ties
        self.calls: dict[str, Called] = {}
        self.rights: dict[str, Seen] = {}
        self.sent: dict[str, list[str]] = {}

    def take(self, row: Row, said: dict[str, Any]) -> None:
        """Write a row down, if it is about any of this."""
        kind = row.kind
        if kind == "dispatch.UnitSent":
            self.sent.setdefault(said["incident"], []).append(said["unit"])
        elif kind == "followup.LinkSent":
            self.calls[said["call"]].begun = True
        elif kind.startswith(CALL_BACK):
            self._call_back(kind.removeprefix(CALL_BACK), row, said)
        elif kind.startswith("followup.") and "right" in said:
            self._right(kind.removeprefix("followup."), row, said)

    # -- callers -----------------------------------------------------------------------------

    def _call_back(self, what: str, row: Row, said: dict[str, Any]) -> None:
        call = said["call"]
        one = self.calls.setdefault(call, Called())
        if (was := FROM.get(what)) is not None and one.state not in was:
            self.faults.append(f"I4: the caller of {call} was {one.state or 'new'} and then {what}")
        by_hand = what in BY_ONE and said.get("way", "phone") == "phone"
        if by_hand and one.by not in ("", row.actor) and one.until_us > row.recorded_at:
            self.faults.append(f"B13: {row.actor} has {what} of {call} while {one.by} rings")
        if what == "Due":
            one.since_at, one.begun = row.position, False
        one.incident = said["incident"]
        one.state = STANDS.get(what, one.state)
        if what != "Spoken":
            one.by, one.until_us = (row.actor, said["until_us"]) if what == "Taken" else ("", 0)
        act = getattr(self, f"_{what.lower()}", None)
        if act is not None:
            act(call, one, said)

    def _due(self, call: str, one: Called, said: dict[str, Any]) -> None:
        if said.get("tries", 0) != one.tries:
            self.faults.append(f"I4: {call} was rung {one.tries} times, and is due after others")

    def _barred(self, call: str, one: Called, said: dict[str, Any]) -> None:
        one.reason = said["reason"]
        if not one.reason:
            self.faults.append(f"I4: the caller of {call} is barred for no reason")

    def _tried(self, call: str, one: Called, said: dict[str, Any]) -> None:
        one.tries, one.outcome, one.begun = one.tries + 1, said["outcome"], True
        if said["attempt"] != one.tries:
            self.faults.append(f"I4: {call} was rung {one.tries} times; the row says another")

    def _unreachable(self, call: str, one: Called, said: dict[str, Any]) -> None:
        if one.tries < TRIES and one.outcome not in FINAL:
            self.faults.append(f"I4: {call} counts as not reached after {one.tries} attempts")

    def _answered(self, call: str, one: Called, said: dict[str, Any]) -> None:
        one.unhappy = said.get("wants", False) or 0 < said.get("overall", 0) <= 2
        one.tries = max(one.tries, said.get("attempt", 0))
        one.told_of, one.begun = said["incident"], True

    def _takenback(self, call: str, one: Called, said: dict[str, Any]) -> None:
        one.tries = max(0, one.tries - 1)
        if one.unhappy:
            self.faults.append(f"I4: the unhappy answer of {call} was put back")

    # -- what is put right -------------------------------------------------------------------

    def _right(self, what: str, row: Row, said: dict[str, Any]) -> None:
        name = said["right"]
        if what == "PutRightOpened":
            self._opened(name, said)
            return
        one = self.rights.get(name)
        if one is None or one.end:
            self.faults.append(f"I4: {name} has {what}, and is not open")
            return
        if what == "AccountAsked":
            one.units.add(said["unit"])
        elif what == "AccountGiven" and not said.get("by_desk"):
            one.gave.add(row.actor)
        elif what == "MissedAgain":
            one.missed += 1
            if row.happened_at < one.again_us:
                self.faults.append(f"I4: {name} was missed again before its next try was due")
            one.again_us = said.get("again_us", 0)
        elif what in ("DonePutRight", "RungBackAgain", "PutRightWithdrawn", "PutRightClosed",
                      "ReturnedFromOversight"):  # fmt: skip
            self._judged(what, name, one, row, said)
        elif what == "SentToOversight":
            one.oversight = True

    def _opened(self, name: str, said: dict[str, Any]) -> None:
        incident, seen = said["incident"], [said["incident"]]
        while (into := self.ties.of(seen[-1]).into) and into not in seen:
            seen.append(into)
        units = [unit for one in seen for unit in self.sent.get(one, ())]
        self.rights[name] = Seen(incident, said.get("call", ""), units)

    def _judged(self, what: str, name: str, one: Seen, row: Row, said: dict[str, Any]) -> None:
        """Note who says that it is over, and whether it is theirs to say."""
        ridden = next((row.actor.removeprefix(r) for r in RIDES if row.actor.startswith(r)), "")
        if ridden in one.units or row.actor in one.gave:
            self.faults.append(f"I4: {row.actor} has {what} of {name}, which is about them")
        if what == "DonePutRight":
            one.did.add(row.actor)
        elif what == "RungBackAgain":
            one.happy = said["happy"]
        elif what == "ReturnedFromOversight":
            one.oversight, one.missed = False, 0
        if one.oversight and row.actor in one.did and what.startswith(("PutRightC", "Ret")):
            self.faults.append(f"I4: {row.actor} judges {name}, and did what was done about it")
        if what.startswith("PutRight"):
            one.end = said.get("end", "withdrawn")
            self._ended(name, one)

    def _ended(self, name: str, one: Seen) -> None:
        sound = {
            "the caller is content": one.happy, "the caller was not reached":
            one.missed >= MISSED_MIN, "oversight has found": one.oversight, "withdrawn": True,
        }  # fmt: skip
        if not sound.get(one.end):
            self.faults.append(f"I4: {name} ended ({one.end}), and nothing says so")
