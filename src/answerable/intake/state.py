"""What intake decides on: the STEPS of calls and incidents, the state, what all deciders share."""

from __future__ import annotations

import re
from collections.abc import Collection

import msgspec

from answerable.intake import counting
from answerable.intake import join_words as j
from answerable.intake import line_words as line
from answerable.intake import script_words as script
from answerable.intake import words as w
from answerable.kernel.alarms import Alarms
from answerable.kernel.event import Command, Event
from answerable.kernel.refusals import Refusal, Unknown
from answerable.kernel.room import Arms, Context, Deciders, Decision
from answerable.kernel.steps import Steps
from answerable.towns.model import Town

CALL = Steps(
    "call",
    first="new",
    last=frozenset({"abandoned", "matched", "ended", "transferred"}),
    table={
        ("new", w.CallRung): "ringing",
        ("new", w.CallAnswered): "answered",
        ("ringing", w.CallAnswered): "answered",
        ("ringing", w.CallAbandoned): "abandoned",
        ("ringing", line.TextTaken): "ringing",
        ("answered", w.IncidentOpened): "matched",
        ("answered", w.CallAttached): "matched",
        ("answered", w.CallEnded): "ended",
        ("matched", j.CallDetached): "answered",
        ("answered", line.CallSilent): "silent",
        ("answered", line.CallHungUp): "hung up",
        ("answered", line.TextTaken): "answered",
        ("answered", line.CallerTexted): "answered",
        ("answered", line.CallRead): "answered",
        ("answered", line.CallTransferOffered): "offered",
        ("silent", w.IncidentOpened): "matched",
        ("silent", w.CallAttached): "matched",
        ("silent", w.CallEnded): "ended",
        ("silent", line.CallHungUp): "hung up",
        ("silent", line.TextTaken): "silent",
        ("silent", line.CallerTexted): "silent",
        ("silent", line.CallRead): "silent",
        ("silent", line.CallTransferOffered): "offered",
        ("hung up", w.IncidentOpened): "matched",
        ("hung up", w.CallAttached): "matched",
        ("hung up", w.CallEnded): "ended",
        ("hung up", line.CallBackTried): "hung up",
        ("hung up", line.CallerReached): "answered",
        ("hung up", line.TextTaken): "answered",
        ("hung up", line.CallerTexted): "hung up",
        ("hung up", line.CallRead): "hung up",
        ("hung up", line.CallTransferOffered): "offered, hung up",
        ("abandoned", line.CallBackTried): "abandoned",
        ("abandoned", line.CallerReached): "answered",
        ("abandoned", line.TextTaken): "ringing",
        ("abandoned", line.CallerTexted): "abandoned",
        ("abandoned", line.CallRead): "abandoned",
        ("abandoned", w.CallEnded): "ended",
        ("offered", line.CallTransferred): "transferred",
        ("offered", line.CallTransferDeclined): "answered",
        ("offered", line.CallHungUp): "offered, hung up",
        ("offered", line.TextTaken): "offered",
        ("offered", line.CallerTexted): "offered",
        ("offered", line.CallRead): "offered",
        ("offered, hung up", line.CallTransferred): "transferred",
        ("offered, hung up", line.CallTransferDeclined): "hung up",
        ("offered, hung up", line.TextTaken): "offered",
        ("offered, hung up", line.CallerTexted): "offered, hung up",
        ("offered, hung up", line.CallRead): "offered, hung up",
        ("matched", line.LineFreed): "matched",
        ("matched", line.TextTaken): "matched",
        ("matched", line.CallerTexted): "matched",
    },
)
"""The life of a call. An answered call cannot rest: an outcome must be recorded (I2).

An abandoned one may rest, because nobody answered it, and is rung back all the same.
"""

INCIDENT = Steps(
    "incident",
    first="new",
    last=frozenset({"open", "cancelled"}),
    table={
        ("new", w.IncidentOpened): "open",
        ("new", w.IncidentBooked): "booked",
        ("booked", w.IncidentOpened): "open",
        ("booked", w.BookingCancelled): "cancelled",
        ("booked", w.NoteAdded): "booked",
        ("booked", w.NoteStruck): "booked",
        ("booked", script.QuestionAnswered): "booked",
        ("booked", script.InstructionGiven): "booked",
        ("open", w.CallAttached): "open",
        ("open", j.CallDetached): "open",
        ("open", j.IncidentsLinked): "open",
        ("open", j.IncidentsUnlinked): "open",
        ("open", j.IncidentSplit): "open",
        ("open", j.IncidentSplitOff): "open",
        ("open", w.KindChanged): "open",
        ("open", w.PlaceCorrected): "open",
        ("open", w.NoteAdded): "open",
        ("open", w.NoteStruck): "open",
        ("open", script.QuestionAnswered): "open",
        ("open", script.InstructionGiven): "open",
    },
)
"""The life of an incident in this room; its response and its end belong to dispatch."""


class Call(msgspec.Struct):
    """A call: where it stands, its line, and the times that may be corrected (UTC us).

    ``by`` and ``desk`` are who answered it, ``reachable`` says that a number is sealed with it,
    ``attempts`` how often it was rung back, ``off_us`` when the caller was last said to hang up.
    """

    state: str
    times: dict[str, int] = {}
    incident: str = ""
    line: str = ""
    medium: str = "voice"
    by: str = ""
    desk: str = ""
    reachable: bool = False
    attempts: int = 0
    agency: str = ""
    off_us: int = 0
    reads: dict[str, int] = {}
    """Until when a reading of number and texts counts, by who read."""


class Booking(msgspec.Struct, frozen=True):
    """What a booked incident will be."""

    kind: str
    priority: str
    address: str
    lon: float | None
    lat: float | None
    unverified: str = ""


class Incident(msgspec.Struct):
    """An incident: state, kind, place, notes still standing, time it was opened.

    ``calls`` is how many calls are about it, ``linked`` what it has been linked with.
    """

    state: str
    kind: str = ""
    priority: str = ""
    address: str = ""
    opened_us: int = 0
    notes: int = 0
    struck: list[int] = []
    booking: Booking | None = None
    group: str = ""
    lon: float | None = None
    lat: float | None = None
    unverified: str = ""
    calls: int = 0
    linked: list[str] = []
    asked: list[str] = []
    """Questions of the script that were answered; the answers are sealed and not kept here."""
    told: list[str] = []
    """Instructions of the script that were read out."""


class State(msgspec.Struct):
    """Everything intake decides on. The alarms are those of bookings and of days to compare."""

    calls: dict[str, Call] = {}
    incidents: dict[str, Incident] = {}
    numbered: dict[str, int] = {}
    counts: counting.Counts = msgspec.field(default_factory=counting.Counts)
    alarms: Alarms = msgspec.field(default_factory=Alarms)


decide: Deciders[State, Town] = Deciders()
evolve: Arms[State] = Arms()
Ctx = Context[Town]

NUMBERED = re.compile(r"([A-Z]*[0-9]{5})([0-9]{4,6})")
"""A number of the day: the day's code, then four digits, or more where the day is full."""


def next_number(state: State, prefix: str, at_us: int, town: Town, taken: Collection[str]) -> str:
    """Return the next free number of the day: YYDDD and four digits (more when the day is full)."""
    day = prefix + town.day_code(at_us)
    number = state.numbered.get(day, 0) + 1
    while (name := f"{day}{number:04d}") in taken:
        number += 1
    return name


def count_number(state: State, name: str) -> None:
    """Remember the highest number given in a day, so that the next one is found at once."""
    if found := NUMBERED.fullmatch(name):
        day, number = found[1], int(found[2])
        state.numbered[day] = max(state.numbered.get(day, 0), number)


def call_step(state: State, command: Command, call: str, event: Event) -> Decision:
    """Decide a step of a call that must be known already."""
    known = state.calls.get(call)
    if known is None:
        return Unknown(command=command.tag, what="call", name=call)
    return CALL.refuse(known.state, type(event), f"call {call}") or [event]


def refuse_incident(
    state: State, command: Command, incident: str, event: type[Event]
) -> Refusal | None:
    """Return why this cannot happen to an incident: unknown, or not in its present state."""
    known = state.incidents.get(incident)
    if known is None:
        return Unknown(command=command.tag, what="incident", name=incident)
    return INCIDENT.refuse(known.state, event, f"incident {incident}")


def areas(lon: float | None, lat: float | None, town: Town) -> dict[str, str | float]:
    """Return the area fields of an event for a position; empty where there is none."""
    if lon is None or lat is None or town.places is None:
        return {}
    found = town.places.locate(lon, lat)
    return {
        "neighborhood": found.neighborhood,
        "battalion": found.battalion,
        "area_class": found.area_class,
        "off_road_m": round(found.distance_m, 1),
    }
