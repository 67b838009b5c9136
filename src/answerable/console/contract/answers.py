"""What the HTTP door answers, as types: the same ones make the answers and the schema.

Times are UTC microseconds, positions those of the record, places WGS84 degrees. A role that may not
see a mark gets the field empty (board, incident) or not at all (the fields of an event).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import msgspec

from answerable.console.front import Front
from answerable.dispatch.views import CallLine, IncidentLine, UnitLine
from answerable.kernel.event import Mark
from answerable.place.gazetteer.folding import TEXT_MAX
from answerable.place.gazetteer.gazetteer import LIMIT_MAX
from answerable.standards.views import RunningClock

PLACE_BYTES_MAX = 4_096
"""The longest body that is read where places are looked up."""
INSIDE_OF_INCIDENT = ("unverified", "held")
INSIDE_OF_JOB = ("eta_s",)
INSIDE_OF_UNIT = ("reason", "staff")


class Problem(msgspec.Struct, frozen=True):
    """A refusal: its code, what was not done, because of what, what to do instead."""

    code: str
    not_done: str
    because: str
    instead: str


class Told(msgspec.Struct, frozen=True):
    """One event as a role may see it; ``event`` holds its fields."""

    position: int
    type: str
    version: int
    stream: str
    happened_at: int
    recorded_at: int
    actor: str
    key: str
    event: dict[str, Any]


class Answered(msgspec.Struct, frozen=True):
    """A command was carried out: its events. ``again``: it had been already, by this key."""

    recorded: list[Told]
    again: bool


class Events(msgspec.Struct, frozen=True):
    """Events in order. Ask again from ``after``; ``recorded`` is where the record ends.

    Up to ``sealed_up_to`` they stand under a signed checkpoint of the public log, up to
    ``witnessed_up_to`` an outsider has cosigned; 0 where nothing does.
    """

    events: list[Told]
    after: int
    recorded: int
    sealed_up_to: int = 0
    witnessed_up_to: int = 0


class BoardNow(msgspec.Struct, frozen=True):
    """Open incidents, calls without one, units and running clocks, all at one position.

    ``now`` is the centre's time; ``speed`` how fast it runs, 1 but in a demonstration.
    """

    position: int
    now: int
    speed: float
    incidents: list[IncidentLine]
    calls: list[CallLine]
    units: list[UnitLine]
    clocks: list[RunningClock]


class Incident(msgspec.Struct, frozen=True):
    """One incident as the board has it, its running clocks, and everything recorded about it."""

    position: int
    incident: IncidentLine
    clocks: list[RunningClock]
    events: list[Told]


class PlaceAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is looked up: the words; what lies near ``near`` (longitude, latitude) comes first."""

    text: Annotated[str, msgspec.Meta(max_length=TEXT_MAX)]
    near: (
        tuple[
            Annotated[float, msgspec.Meta(ge=-180, le=180)],
            Annotated[float, msgspec.Meta(ge=-90, le=90)],
        ]
        | None
    ) = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=LIMIT_MAX)] = 8


class PlaceFound(msgspec.Struct, frozen=True):
    """One answer; ``door`` is an exact house number, and belongs into a sealed field only.

    ``precision``: point, block, street or area. ``confidence``: how well the words fit, 0 to 1.
    """

    kind: str
    address: str
    door: str
    lon: float
    lat: float
    precision: str
    confidence: float
    reasons: list[str]
    area: str
    inside: bool
    street_m: float


class PlacesFound(msgspec.Struct, frozen=True):
    """The answers, the best first; none where the words mean nothing in this town."""

    found: list[PlaceFound]


def incident_line(line: IncidentLine, rights: Callable[[Mark], bool]) -> IncidentLine:
    """Return an incident as a role may see it."""
    if rights(Mark.INSIDE):
        return line
    jobs = {
        unit: msgspec.structs.replace(job, **dict.fromkeys(INSIDE_OF_JOB))
        for unit, job in line.jobs.items()
    }
    return msgspec.structs.replace(line, jobs=jobs, **dict.fromkeys(INSIDE_OF_INCIDENT, ""))


def unit_line(line: UnitLine, rights: Callable[[Mark], bool]) -> UnitLine:
    """Return a unit as a role may see it."""
    if rights(Mark.INSIDE):
        return line
    return msgspec.structs.replace(line, reason="", staff=0)


def board_now(front: Front, rights: Callable[[Mark], bool]) -> BoardNow:
    """Return the board as a role may see it."""
    board = front.board
    return BoardNow(
        position=front.recorded,
        now=front.now_us(),
        speed=front.speed,
        incidents=[incident_line(line, rights) for line in board.incidents.values()],
        calls=list(board.calls.values()),
        units=[unit_line(line, rights) for line in board.units.values()],
        clocks=front.clocks.all(),
    )
