"""The book: a second, simpler account of what the record says, kept by hand beside the rules.

It reads nothing but rows (kind, body as plain JSON, times), so a fault in a rule or in the folding
of a state shows as a difference. It knows no refusal and decides nothing.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from answerable.kernel.event import Row
from answerable.planning.backs import Backs
from answerable.planning.supports import Supports
from answerable.planning.ties import Ties

JOB_STATE = {
    "dispatch.UnitSent": "sent",
    "dispatch.UnitStacked": "stacked",
    "dispatch.UnitUnstacked": "cancelled",
    "dispatch.UnitAcknowledged": "acknowledged",
    "dispatch.UnitEnRoute": "en route",
    "dispatch.UnitArrived": "arrived",
    "dispatch.UnitTransporting": "transporting",
    "dispatch.UnitAtHospital": "at hospital",
    "dispatch.UnitCleared": "cleared",
    "dispatch.UnitCancelled": "cancelled",
}
"""The state a job enters by an event, written down from DESIGN, not read from the rules."""
OCCUPIES = frozenset({
    "sent", "acknowledged", "en route", "arrived", "transporting", "at hospital",
})  # fmt: skip
DUTY = {
    "dispatch.UnitOnDuty": "on duty",
    "dispatch.UnitInService": "on duty",
    "dispatch.UnitOffDuty": "off duty",
    "dispatch.UnitOutOfService": "out of service",
}
CALL_STATE = {
    "intake.CallRung": "ringing",
    "intake.CallAnswered": "answered",
    "intake.CallAbandoned": "abandoned",
    "intake.CallEnded": "ended",
    "intake.CallAttached": "matched",
    "intake.CallTransferred": "transferred",
    "intake.CallSilent": "silent",
    "intake.CallHungUp": "hung up",
    "intake.CallTransferOffered": "offered",
    "intake.CallTransferDeclined": "answered",
}
OPEN_CALLS = frozenset({"ringing", "answered", "silent", "hung up", "offered"})
"""The states of a call that is still to be given its outcome."""
REOPENING = {
    "dispatch.ReopeningAsked": ("closed", "reopening asked"),
    "dispatch.ReopeningGranted": ("reopening asked", "reopening granted"),
    "dispatch.ReopeningDeclined": ("reopening asked", "closed"),
}
"""What an incident was before each of these, and what it becomes."""
NOTED = {
    "dispatch.IncidentOnHold": "_hold", "dispatch.HoldEnded": "_hold",
    "dispatch.FieldReported": "_report", "dispatch.ReportReturned": "_report",
}  # fmt: skip
"""What notes an event of a kind."""
AFTERWARDS = (
    "followup.", "matters.", "intake.TextTaken", "intake.CallHungUp", "intake.CallAbandoned",
)  # fmt: skip
"""What starts a promise that is kept when all is over: to whoever called, or of a matter."""
REOPENED_FROM = ("closed", "reopening asked", "reopening granted")
OVER = frozenset({"ended", "matched", "transferred"})
"""The states of a call that has its outcome; an abandoned one may still be rung back or ended."""
BY_OTHERS = frozenset({"intake.CallTransferred", "intake.CallTransferDeclined"})
"""What the other side says of a call offered to it; until then nothing else becomes of it."""
_plain = msgspec.json.Decoder(dict[str, Any]).decode


class Entry(NamedTuple):
    """A row and its body as plain values."""

    row: Row
    said: dict[str, Any]


class Matter:
    """An incident in the book. Positions are those of its opening, last closing and reopening."""

    __slots__ = (
        "closed_at", "due_us", "held_us", "jobs", "opened_at", "owed", "priority", "reopened_at",
        "state",
    )  # fmt: skip

    def __init__(self, state: str) -> None:
        self.state = state
        self.due_us = 0
        self.opened_at = 0
        self.closed_at = 0
        self.reopened_at = 0
        self.held_us = 0
        self.priority = ""
        self.jobs: dict[str, str] = {}
        self.owed: dict[str, None] = {}


class Book:
    """What happened to calls, incidents, units and keys, row by row."""

    def __init__(self) -> None:
        self.position = 0
        self.last_us = 0
        self.epoch = 0
        self.calls: dict[str, str] = {}
        self.matters: dict[str, Matter] = {}
        self.open: dict[str, None] = {}
        self.duty: dict[str, str] = {}
        self.on: dict[str, list[str]] = {}
        self.keys: dict[str, tuple[int, int]] = {}
        self.rung: dict[str, int] = {}
        self.afterwards: set[int] = set()
        self.calls_rung = 0
        self.tried: dict[str, int] = {}
        self.hung_up: set[str] = set()
        self.faults: list[str] = []
        self.ties = Ties(self.faults)
        self.backs = Backs(self.faults, self.ties)
        self.supports = Supports(self.faults)

    def take(self, entry: Entry) -> None:
        """Write one row down; what cannot be true is noted in ``faults``."""
        row, said = entry
        kind = row.kind
        if (job := JOB_STATE.get(kind)) is not None:
            self._job(row, said, job)
        elif (call := CALL_STATE.get(kind)) is not None:
            self._call(kind, said["call"], call)
        elif kind == "intake.CallDetached":
            self._detached(said["call"])
        elif kind in ("intake.CallerReached", "intake.CallBackTried"):
            self._rung_back(kind, said)
        elif kind == "intake.TextTaken":
            call = said["call"]
            was = self.calls.get(call, "")
            self.calls[call] = {"abandoned": "ringing", "hung up": "answered"}.get(was, was)
        elif (duty := DUTY.get(kind)) is not None:
            self.duty[said["unit"]] = duty
        elif (noted := NOTED.get(kind)) is not None:
            getattr(self, noted)(row, said)
        elif kind == "dispatch.UnitPreempted":
            self._preempted(said)
        elif kind == "intake.KindChanged":
            self.matters[said["incident"]].priority = said["priority"]
        elif kind.startswith(("intake.Incident", "intake.Booking", "dispatch.Incident")) or (
            kind in REOPENING
        ):
            self._matter(row, said)
        elif kind == "standards.ClockRang":
            self._rang(row, said)
        self.afterwards |= {row.position} if kind.startswith(AFTERWARDS) else set()
        self.ties.take(kind, said)
        self.backs.take(row, said)
        self.supports.take(row, said)
        self.position, self.last_us, self.epoch = row.position, row.recorded_at, row.epoch

    # -- calls and incidents -----------------------------------------------------------------

    def _call(self, kind: str, call: str, state: str) -> None:
        was = self.calls.get(call)
        if was in OVER or (was == "abandoned" and state != "ended"):
            self.faults.append(f"I2: call {call} was over ({was}) and then {state}")
        if (kind in BY_OTHERS) != (was == "offered") and kind != "intake.CallHungUp":
            self.faults.append(f"I2: call {call} was {was} and then {state}: nobody gave it back")
        state = self._off(kind, call, was, state)
        if kind == "intake.CallRung":
            self.calls_rung += 1
            if was is not None:
                self.faults.append(f"B14: call {call} rang twice")
        self.calls[call] = state

    def _off(self, kind: str, call: str, was: str | None, state: str) -> str:
        """Return how a call stands whose caller may have hung up while it was offered elsewhere."""
        if kind == "intake.CallHungUp" and was == "offered":
            self.hung_up.add(call)
            return "offered"
        if kind == "intake.CallTransferOffered" and was == "hung up":
            self.hung_up.add(call)
        elif kind == "intake.CallTransferDeclined" and call in self.hung_up:
            self.hung_up.discard(call)
            return "hung up"
        return state

    def _rung_back(self, kind: str, said: dict[str, Any]) -> None:
        """Somebody who hung up is rung back, and counted; who is reached has an answered call."""
        call = said["call"]
        was, tries = self.calls.get(call), self.tried.get(call, 0) + 1
        if was not in ("abandoned", "hung up"):
            self.faults.append(f"I2: call {call} was {was} and its caller was rung back")
        if said["attempt"] != tries:
            self.faults.append(f"I2: call {call} was rung back {tries} times; the row says another")
        self.tried[call] = tries
        if kind == "intake.CallerReached":
            self.calls[call] = "answered"

    def _detached(self, call: str) -> None:
        if (was := self.calls.get(call)) != "matched":
            self.faults.append(f"I2: call {call} was {was} and was taken off an incident")
        self.calls[call] = "answered"

    def _matter(self, row: Row, said: dict[str, Any]) -> None:
        name, kind = said["incident"], row.kind
        matter = self.matters.get(name)
        if kind in ("intake.IncidentOpened", "intake.IncidentBooked") and matter is None:
            matter = self.matters[name] = Matter("new")
        if matter is None:
            self.faults.append(f"I6: {kind} of incident {name}, which was never opened")
            return
        if kind == "intake.IncidentOpened":
            self._opened(row, said, matter)
        elif kind == "intake.IncidentBooked":
            self._becomes(name, matter, ("new",), "booked")
            matter.due_us = said["due_us"]
        elif kind == "intake.BookingCancelled":
            self._becomes(name, matter, ("booked",), "withdrawn")
        elif kind == "dispatch.IncidentClosed":
            self._becomes(name, matter, ("open",), "closed")
            matter.closed_at = row.position
            if matter.owed:
                units = ", ".join(matter.owed)
                self.faults.append(f"{name} was closed without a report of {units}")
        elif kind == "dispatch.IncidentReopened":
            self._becomes(name, matter, REOPENED_FROM, "open")
            matter.reopened_at = row.position
        elif kind in REOPENING:
            was, now = REOPENING[kind]
            self._becomes(name, matter, (was,), now)
        elif kind == "dispatch.IncidentMerged":
            self._becomes(name, matter, ("open",), "merged")
        elif kind == "dispatch.IncidentUnmerged":
            self._becomes(name, matter, ("merged",), "open")

    def _opened(self, row: Row, said: dict[str, Any], matter: Matter) -> None:
        if matter.state == "booked" and row.recorded_at < matter.due_us:
            self.faults.append(f"B6: booked incident {said['incident']} was opened too early")
        self._becomes(said["incident"], matter, ("new", "booked"), "open")
        matter.opened_at, matter.priority = row.position, said["priority"]
        if call := said.get("call"):
            self._call(row.kind, call, "matched")

    def _becomes(self, name: str, matter: Matter, was: tuple[str, ...], now: str) -> None:
        if matter.state not in was:
            self.faults.append(f"B12: incident {name} was {matter.state} and became {now}")
        matter.state = now
        if now == "open":
            self.open[name] = None
        else:
            self.open.pop(name, None)

    def _hold(self, row: Row, said: dict[str, Any]) -> None:
        matter = self.matters[said["incident"]]
        if row.kind == "dispatch.HoldEnded":
            if said["because"] == "its time was up" and row.recorded_at < matter.held_us:
                self.faults.append(f"B5: the hold of {said['incident']} ended before its time")
            matter.held_us = 0
            return
        matter.held_us = said["until_us"]
        if at := [u for u, job in matter.jobs.items() if job in OCCUPIES or job == "stacked"]:
            self.faults.append(f"B6: incident {said['incident']} waits and has {', '.join(at)}")

    def _preempted(self, said: dict[str, Any]) -> None:
        """Note a unit taken away to something that is not more urgent: a higher digit is."""
        here, there = self.matters[said["incident"]], self.matters[said["to"]]
        if there.priority <= here.priority:
            self.faults.append(
                f"{said['unit']} was taken from {said['incident']} to the less urgent {said['to']}"
            )

    # -- jobs --------------------------------------------------------------------------------

    def _job(self, row: Row, said: dict[str, Any], state: str) -> None:
        name, unit = said["incident"], said["unit"]
        matter = self.matters.get(name)
        if matter is None or matter.state in ("booked", "withdrawn"):
            self.faults.append(f"B6: {unit} has a job on {name}, which is not open")
            return
        was = matter.jobs.get(unit, "")
        on = self.on.setdefault(unit, [])
        if state == "sent":
            if self.duty.get(unit) != "on duty":
                self.faults.append(f"I1: {unit} was sent while {self.duty.get(unit, 'unknown')}")
            if matter.held_us:
                self.faults.append(f"B6: {unit} was sent to {name}, which still waits")
            if matter.state != "open":
                self.faults.append(f"B12: {unit} was sent to {name}, which is {matter.state}")
            if on and was != "stacked":
                self.faults.append(
                    f"I1: {unit} was sent to {name} while on {on[0]}, and not stacked"
                )
        matter.jobs[unit] = state
        if said.get("owes"):
            matter.owed[unit] = None
        if state in OCCUPIES and name not in on:
            on.append(name)
        elif state not in OCCUPIES and name in on:
            on.remove(name)

    def _report(self, row: Row, said: dict[str, Any]) -> None:
        """Note that a report came in, or went back."""
        owed, unit = self.matters[said["incident"]].owed, said["unit"]
        if row.kind == "dispatch.ReportReturned":
            owed[unit] = None
        else:
            owed.pop(unit, None)

    # -- clocks ------------------------------------------------------------------------------

    def _rang(self, row: Row, said: dict[str, Any]) -> None:
        clock = said["clock"]
        self.rung[clock] = self.rung.get(clock, 0) + 1
        if said["due_us"] > row.recorded_at:
            self.faults.append(f"I3: clock {clock} rang before it was due")
        if row.actor != "system":
            self.faults.append(f"B5: clock {clock} was rung by {row.actor}")
        matter = self.matters.get(said.get("incident", ""))
        if matter is None:
            return
        begun = int(clock.partition(":")[2])
        if matter.closed_at > begun and begun not in self.afterwards:
            self.faults.append(
                f"B5: clock {clock} began at {begun}, incident {said['incident']} was closed at "
                f"{matter.closed_at}, and it rang at {row.position}"
            )


def entry_of(row: Row) -> Entry:
    """Read a row's body without the rooms' own decoders."""
    return Entry(row, _plain(row.body))
