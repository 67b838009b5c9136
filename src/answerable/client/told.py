"""What a centre tells, as types. Times are UTC microseconds, positions those of the record.

A newer centre may tell more than is named here; that is passed over. A role that may not see a
field gets it empty, or (in ``Event.event``) not at all.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Event(msgspec.Struct, frozen=True):
    """One event; ``event`` holds the fields that the role may see."""

    position: int
    type: str
    version: int
    stream: str
    happened_at: int
    recorded_at: int
    actor: str
    key: str
    event: dict[str, Any]


class Recorded(msgspec.Struct, frozen=True):
    """A command was carried out. ``again``: it had been already, by an earlier try."""

    recorded: list[Event]
    again: bool

    @property
    def first(self) -> dict[str, Any]:
        """Return the fields of the first event; none where a command needed no event."""
        return self.recorded[0].event if self.recorded else {}


class Page(msgspec.Struct, frozen=True):
    """Some events; ask again from ``after``. ``recorded`` is where the record ends.

    Up to ``sealed_up_to`` a signed checkpoint covers them, up to ``witnessed_up_to`` an outsider
    has cosigned one.
    """

    events: list[Event]
    after: int
    recorded: int
    sealed_up_to: int = 0
    witnessed_up_to: int = 0


class Job(msgspec.Struct, frozen=True):
    """A unit on an incident: its state, since when, and when it reached each state."""

    unit: str
    unit_type: str
    state: str
    since_us: int
    reached: dict[str, int] = {}
    eta_s: float | None = None
    report: str = "not owed"
    by_desk: list[str] = []


class Incident(msgspec.Struct, frozen=True):
    """An incident as the board has it. Place in WGS84 degrees, times UTC microseconds.

    ``linked``, ``into``, ``merged``, ``part_of`` and ``parts`` are numbers of other incidents.
    """

    incident: str
    kind: str
    priority: str
    address: str
    opened_us: int
    group: str = ""
    lon: float | None = None
    lat: float | None = None
    neighborhood: str = ""
    battalion: str = ""
    area_class: str = ""
    unverified: str = ""
    state: str = "open"
    changed_us: int = 0
    position: int = 0
    reopened: int = 0
    outcome: str = ""
    calls: list[str] = []
    jobs: dict[str, Job] = {}
    linked: list[str] = []
    into: str = ""
    merged: list[str] = []
    part_of: str = ""
    parts: list[str] = []
    alarm: int = 1
    held_until_us: int = 0
    held: str = ""
    awaits: str = ""
    taken: list[str] = []


class Call(msgspec.Struct, frozen=True):
    """A call without an outcome yet."""

    call: str
    state: str
    since_us: int


class Unit(msgspec.Struct, frozen=True):
    """A unit: its duty, its jobs (incident to state), since when."""

    unit: str
    unit_type: str
    station: str = ""
    skills: list[str] = []
    duty: str = "on duty"
    reason: str = ""
    since_us: int = 0
    position: int = 0
    jobs: dict[str, str] = {}
    last_incident: str = ""
    freed_us: int = 0
    moved_up: str = ""
    back_us: int = 0
    overdue: bool = False
    staff: int = 0
    left: str = ""
    left_us: int = 0
    work_from_us: int = 0
    worked: list[tuple[int, int]] = []


class Clock(msgspec.Struct, frozen=True):
    """A promise that runs: when it began, when it is due, how long it may take."""

    number: str
    standard: str
    name: str
    zh: str
    state: str
    incident: str
    unit: str
    call: str
    start_us: int
    started_at: int
    due_us: int
    limit_s: float
    since_us: int
    stage: int
    consequences: list[str]
    about: str = ""
    sort: str = ""


class Board(msgspec.Struct, frozen=True):
    """What is going on at one position. ``now`` is the centre's time."""

    position: int
    now: int
    speed: float
    incidents: list[Incident]
    calls: list[Call]
    units: list[Unit]
    clocks: list[Clock]


class IncidentTold(msgspec.Struct, frozen=True):
    """One incident, its running clocks, and what was recorded about it."""

    position: int
    incident: Incident
    clocks: list[Clock]
    events: list[Event]


class Problem(msgspec.Struct, frozen=True):
    """A refusal as it travels."""

    code: str
    not_done: str
    because: str
    instead: str
