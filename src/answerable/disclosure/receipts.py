"""What a receipt shows of a call, in the order in which it happened.

A receipt says what the service did and when. It says no address, no name, no unit (only what type
it is), no note and no outcome, and nothing that is marked Inside or Sealed: whoever holds number
and code may not be who called. A response that is over is "closed", never "solved" (B16).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from answerable.disclosure import afterwards
from answerable.disclosure.afterwards import Afterwards, Expected
from answerable.dispatch import merge_words as m
from answerable.dispatch import words as d
from answerable.intake import line_words as line
from answerable.intake import words as i
from answerable.kernel.event import Event, Recorded, Row

STEPS = (
    "rung", "answered", "abandoned", "rung back", "reached", "handed on", "ended", "joined",
    "parted",
    "opened", "booked", "unbooked", "sent", "arrived", "called off", "closed", "reopened",
    *afterwards.STEPS,
)  # fmt: skip
"""What a receipt can speak of."""
STATES = (
    "ringing", "answered", "abandoned", "handed on", "ended", "booked", "unbooked", "waiting",
    "sent", "arrived", "called off", "closed", "reopened",
)  # fmt: skip
"""How a call can stand."""
SPEAKS_OF: dict[type[Event], str] = {
    i.CallRung: "rung", i.CallAnswered: "answered", i.CallAbandoned: "abandoned",
    i.CallEnded: "ended", i.IncidentOpened: "opened", i.IncidentBooked: "booked",
    i.BookingCancelled: "unbooked", line.CallBackTried: "rung back", line.CallerReached: "reached",
    line.CallTransferred: "handed on",
}  # fmt: skip
"""Events that are one step each; the others need to be counted."""
STANDS = SPEAKS_OF | {
    i.CallRung: "ringing", i.IncidentOpened: "waiting", line.CallerReached: "answered",
}  # fmt: skip
"""How it stands after such a step."""
OPENS = frozenset({
    i.CallRung.tag, i.CallAnswered.tag, i.CallAbandoned.tag, i.CallEnded.tag, i.CallAttached.tag,
    d.IncidentReopened.tag, m.IncidentMerged.tag, m.IncidentUnmerged.tag,
})  # fmt: skip
"""The events whose opening a caller is given: it says nothing but their own call's number, the
number of the incident, and times. The others name a place, a unit or an outcome (ADR 0019)."""


class Step(NamedTuple):
    """One thing that happened, when (UTC us), the type of unit, and the event's position.

    ``until_us`` is to when something was put off (UTC us), 0 for nothing.
    """

    name: str
    at_us: int
    position: int
    unit_type: str = ""
    until_us: int = 0


OF_THE_OTHER = afterwards.OF_THE_MATTER | {"sent", "arrived", "called off", "closed", "reopened"}
"""What is told of the matter that goes on for a merged one; the rest was somebody else's."""


class Shown(NamedTuple):
    """How a call stands, its steps in order of time, and what its caller may expect."""

    state: str
    steps: tuple[Step, ...]
    expects: tuple[Expected, ...] = ()


@dataclass
class _Telling:
    """A call or an incident while its events are gone through."""

    call: str
    of_call: str = ""
    of_matter: str = ""
    """How the call stands, and what it is about; the matter counts once the call belongs to it."""
    joined: bool = False
    steps: list[Step] = field(default_factory=list)
    on_it: set[str] = field(default_factory=set)
    arrived: bool = False
    by_unit: dict[tuple[str, str], int] = field(default_factory=dict)
    after: Afterwards = field(init=False)

    def __post_init__(self) -> None:
        self.after = Afterwards(self.call)

    def say(self, name: str, row: Row, unit_type: str = "", until_us: int = 0) -> None:
        self.steps.append(Step(name, row.happened_at, row.position, unit_type, until_us))


def shown(happened: Iterable[Recorded], call: str = "") -> Shown:
    """Return what a receipt shows of the events of a call and its incident, or of an incident.

    ``happened`` is everything recorded of both, in order of position.
    """
    telling = _Telling(call)
    for one in happened:
        _take(telling, one.event, one.row)
    # Who calls about a known matter is not told when somebody else had called about it.
    told = [step for step in telling.steps if not (telling.joined and step.name == "opened")]
    steps = sorted(told, key=lambda step: (step.at_us, step.position))
    state = telling.of_matter or telling.of_call
    return Shown(state, tuple(steps), telling.after.expected())


def goes_on_as(happened: Iterable[Recorded]) -> str:
    """Return the incident that goes on for one that was merged, "" for one that was not."""
    into = ""
    for one in happened:
        if isinstance(one.event, m.MergeEvent):
            into = one.event.into if isinstance(one.event, m.IncidentMerged) else ""
    return into


def continued(own: Shown, other: Shown) -> Shown:
    """Return what a receipt shows of a merged matter: its own steps, and how the other one goes on.

    Whoever called about it is told how what was done for them stands, as if they had called about
    the other one from the beginning.
    """
    steps = [*own.steps, *(step for step in other.steps if step.name in OF_THE_OTHER)]
    steps.sort(key=lambda step: (step.at_us, step.position))
    expects = [*own.expects, *(one for one in other.expects if one.what in afterwards.OF_ALL)]
    return Shown(other.state, tuple(steps), tuple(expects))


def _take(telling: _Telling, event: Event, row: Row) -> None:
    if isinstance(event, i.CallEvent):
        if event.call == telling.call and (name := SPEAKS_OF.get(type(event))):
            telling.say(name, row)
            if type(event) is not line.CallBackTried:  # that one was not reached changes nothing
                telling.of_call = STANDS[type(event)]
    elif isinstance(event, i.CallAttached):
        if event.call == telling.call:
            telling.joined = True
            telling.say("joined", row)
    elif type(event) in SPEAKS_OF:
        telling.say(SPEAKS_OF[type(event)], row)
        telling.of_matter = STANDS[type(event)]
    elif isinstance(event, m.MergeEvent):
        telling.say("joined" if isinstance(event, m.IncidentMerged) else "parted", row)
        telling.of_matter, telling.arrived = "waiting", False
    elif isinstance(event, d.JobEvent):
        _take_job(telling, event, row)
    elif isinstance(event, d.IncidentClosed | d.IncidentReopened):
        _take_end(telling, event, row)
    elif isinstance(event, i.CallTimeCorrected):
        _correct_call(telling, event)
    elif name := telling.after.take(event):
        telling.say(name, row, until_us=getattr(event, "term_us", 0))


def _take_job(telling: _Telling, event: d.JobEvent, row: Row) -> None:
    if isinstance(event, d.UnitSent):
        telling.on_it.add(event.unit)
        if telling.of_matter not in ("sent", "arrived"):
            telling.by_unit["UnitSent", event.unit] = row.position
            telling.say("sent", row, event.unit_type)
            telling.of_matter = "sent"
    elif isinstance(event, d.UnitArrived):
        if not telling.arrived:
            telling.by_unit["UnitArrived", event.unit] = row.position
            telling.say("arrived", row)
            telling.of_matter, telling.arrived = "arrived", True
    elif isinstance(event, d.UnitCancelled):
        telling.on_it.discard(event.unit)
        if not telling.on_it and not telling.arrived:
            telling.say("called off", row)
            telling.of_matter = "called off"
    elif isinstance(event, d.TimeCorrected):
        _move(telling, telling.by_unit.get((event.step, event.unit)), event.now_us)


def _take_end(telling: _Telling, event: Event, row: Row) -> None:
    name = "closed" if isinstance(event, d.IncidentClosed) else "reopened"
    telling.say(name, row)
    telling.of_matter, telling.arrived = name, False
    telling.on_it.clear()


def _correct_call(telling: _Telling, event: i.CallTimeCorrected) -> None:
    named = {"CallRung": "rung", "CallAnswered": "answered", "IncidentOpened": "opened"}
    if event.call in ("", telling.call):
        wanted = named.get(event.step, "")
        found = [step.position for step in telling.steps if step.name == wanted]
        _move(telling, found[-1] if found else None, event.now_us)


def _move(telling: _Telling, position: int | None, at_us: int) -> None:
    """Put a step at its corrected time."""
    for nth, step in enumerate(telling.steps):
        if step.position == position:
            telling.steps[nth] = step._replace(at_us=at_us)


def may_open(row: Row) -> bool:
    """Say whether a caller is given the opening of an event, or only that it is in the record."""
    return row.kind in OPENS


def positions(shown: Shown) -> Sequence[int]:
    """Return the positions of the events that a receipt speaks of, in order."""
    return sorted({step.position for step in shown.steps})
