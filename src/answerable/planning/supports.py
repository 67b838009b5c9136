"""The book's page of specialist support: who asked, who signed, whose turn it is, how it ended.

Like the book it reads nothing but rows and decides nothing. What may follow what is written down
here a second time, from the words of ``support_words``, not read from the rules.
"""

from __future__ import annotations

from typing import Any

from answerable.kernel.event import Row

SUPPORT = "matters.Support"
ENDS = {
    "Declined": ("asked",), "Withdrawn": ("asked", "approved", "assigned", "accepted", "begun"),
    "Thanked": ("reported",), "Complained": ("reported",), "Closed": ("reported",),
}  # fmt: skip
"""What ends a request, and how it may stand before."""
STEPS = {
    "Approved": (("asked",), "approved"), "Assigned": (("approved",), "assigned"),
    "Accepted": (("assigned",), "accepted"), "Refused": (("assigned", "accepted"), "approved"),
    "Begun": (("accepted",), "begun"), "Reported": (("begun",), "reported"),
}  # fmt: skip
"""What takes a request on, how it may stand before, and how it stands after."""
WAITED = {
    "approval": "asked", "assignment": "approved", "acceptance": "assigned",
    "beginning": "accepted", "result": "begun",
}  # fmt: skip
BY_ITSELF = ("Late", "Closed")


class Asked:
    """One request: who asked, for whom, how it stands, when it is due, and whether it was late."""

    __slots__ = ("asked_by", "due_us", "end", "grade", "late", "state", "to", "unit")

    def __init__(self, row: Row, said: dict[str, Any]) -> None:
        self.state, self.to, self.end = "asked", "", ""
        self.asked_by, self.unit = row.actor, said["unit"]
        self.grade, self.due_us = said.get("grade", 0), said.get("due_us", 0)
        self.late = False


class Supports:
    """Every request, row by row; ``owed`` is what is to be told, ``told`` what was."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        self.asked: dict[str, Asked] = {}
        self.open: dict[str, Asked] = {}
        self.owed: dict[str, str] = {}
        self.told: dict[str, int] = {}

    def take(self, row: Row, said: dict[str, Any]) -> None:
        """Write a row down, if it is about support or tells the supervisor of it."""
        if row.kind == "dispatch.SupervisorTold":
            told = said["escalation"]
            self.told[told] = self.told.get(told, 0) + 1
        elif row.kind.startswith(SUPPORT):
            self._support(row.kind.removeprefix(SUPPORT), row, said)

    def _support(self, what: str, row: Row, said: dict[str, Any]) -> None:
        number = said["support"]
        if what == "Asked":
            if number in self.asked:
                self.faults.append(f"B13: {number} is the number of two requests")
            self.asked[number] = self.open[number] = Asked(row, said)
            return
        one = self.open.get(number)
        if one is None:
            self.faults.append(f"I4: {number} has {what}, and is not open")
            return
        if (row.actor == "system") != (what in BY_ITSELF):
            self.faults.append(f"B5: {number} has {what} by {row.actor}")
        if what == "Late":
            self._late(number, one, row, said)
        elif what in ENDS:
            self._ended(what, number, one, row)
        elif what in STEPS:
            self._went_on(what, number, one, row, said)

    def _late(self, number: str, one: Asked, row: Row, said: dict[str, Any]) -> None:
        if one.late or WAITED.get(said["step"]) != one.state or row.recorded_at < one.due_us:
            self.faults.append(f"I3: {number}: {said['step']} is late twice, too early or in vain")
        one.late = True
        self.owed[f"0:{row.position}"] = number

    def _ended(self, what: str, number: str, one: Asked, row: Row) -> None:
        if one.state not in ENDS[what]:
            self.faults.append(f"I4: {number} was {one.state} and then {what}")
        if what == "Closed" and row.recorded_at < one.due_us:
            self.faults.append(f"B5: {number} was closed before its time")
        if what == "Complained":
            self.owed[f"0:{row.position}"] = number
        one.end = what
        del self.open[number]

    def _went_on(self, what: str, number: str, one: Asked, row: Row, said: dict[str, Any]) -> None:
        was, becomes = STEPS[what]
        if one.state not in was:
            self.faults.append(f"I4: {number} was {one.state} and then {what}")
        if what == "Approved" and one.grade and row.actor == one.asked_by:
            self.faults.append(f"I4: {row.actor} signs {number}, which they asked for")
        if said.get("to", one.to) == one.unit:
            self.faults.append(f"I4: {one.unit} is to give itself {number}")
        if what in ("Accepted", "Begun", "Reported") and said["to"] != one.to:
            self.faults.append(f"I4: {number} was assigned to {one.to}; {said['to']} has {what}")
        one.to = said.get("to", one.to) if what != "Refused" else ""
        one.state, one.due_us, one.late = becomes, said.get("due_us", 0), False
