"""What intake decides on: the STEPS of calls and incidents, the state, what all deciders share."""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from answerable.intake import counting
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
    last=frozenset({"abandoned", "matched", "ended"}),
    table={
        ("new", w.CallRung): "ringing",
        ("new", w.CallAnswered): "answered",
        ("ringing", w.CallAnswered): "answered",
        ("ringing", w.CallAbandoned): "abandoned",
        ("answered", w.IncidentOpened): "matched",
        ("answered", w.CallAttached): "matched",
        ("answered", w.CallEnded): "ended",
    },
)
"""The life of a call. An answered call cannot rest: an outcome must be recorded (I2)."""

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
        ("open", w.CallAttached): "open",
        ("open", w.KindChanged): "open",
        ("open", w.PlaceCorrected): "open",
        ("open", w.NoteAdded): "open",
        ("open", w.NoteStruck): "open",
    },
)
"""The life of an incident in this room; its response and its end belong to dispatch."""


class Call(msgspec.Struct):
    """A call: where it stands, its line, and the times that may be corrected (UTC us)."""

    state: str
    times: dict[str, int] = {}
    incident: str = ""
    line: str = ""


class Booking(msgspec.Struct, frozen=True):
    """What a booked incident will be."""

    kind: str
    priority: str
    address: str
    lon: float | None
    lat: float | None


class Incident(msgspec.Struct):
    """An incident: state, kind, place in words, notes still standing, time it was opened."""

    state: str
    kind: str = ""
    priority: str = ""
    address: str = ""
    opened_us: int = 0
    notes: int = 0
    struck: list[int] = []
    booking: Booking | None = None


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


def next_number(state: State, prefix: str, at_us: int, town: Town, taken: Collection[str]) -> str:
    """Return the next free number of the day: YYDDD and four digits (more when the day is full)."""
    day = prefix + town.day_code(at_us)
    number = state.numbered.get(day, 0) + 1
    while (name := f"{day}{number:04d}") in taken:
        number += 1
    return name


def count_number(state: State, name: str) -> None:
    """Remember the highest number given in a day, so that the next one is found at once."""
    day, number = name[:-4], name[-4:]
    if number.isdecimal():
        state.numbered[day] = max(state.numbered.get(day, 0), int(number))


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
