"""What pages read of incidents and units: folds of events, no decisions.

One fold, ``Board``, holds every open incident with its jobs, the closed ones (an incident may be
reopened at any time), and every unit with what it is doing. All screens read it, so they cannot
disagree (B3). No field of a person is in it, and nothing is keyed by one (I7).
"""

from __future__ import annotations

import msgspec

from answerable.dispatch import move_words as m
from answerable.dispatch import report_words as report
from answerable.dispatch import words as w
from answerable.dispatch.state import ENTERS, JOB, REPORT, RESPONSE, UNDER_WAY, report_after
from answerable.intake import line_words as lines
from answerable.intake import words as intake
from answerable.kernel.event import Row
from answerable.kernel.room import Arms, Fold

WORKED_US = 86_400_000_000
"""How far back the work of a crew is kept: a day."""
SPELLS_MAX = 64


class JobLine(msgspec.Struct):
    """A unit on an incident: state, since when, and when each state was reached (UTC us)."""

    unit: str
    unit_type: str
    state: str
    since_us: int
    reached: dict[str, int] = {}
    eta_s: float | None = None
    report: str = REPORT.first
    by_desk: list[str] = []
    """Names of the events that the desk keyed instead of the crew."""


class IncidentLine(msgspec.Struct):
    """An incident as the board shows it. Position in WGS84 degrees, times UTC microseconds.

    ``linked``, ``into``, ``merged``, ``part_of`` and ``parts`` are the numbers of others: what it
    has to do with, was merged into, goes on for, was split off, and what was split off it.
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
    jobs: dict[str, JobLine] = {}
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
    """Units taken away to something more urgent, for whom nobody has been sent yet."""

    def under_way(self) -> list[JobLine]:
        """Return the jobs that occupy a unit now."""
        return [job for job in self.jobs.values() if job.state in UNDER_WAY]


class UnitLine(msgspec.Struct):
    """A unit and what it is doing: its duty, its jobs (incident -> state), its last place.

    ``staff`` is how many came on duty with it, 0 where nobody told. ``left`` is the station it set
    out from at ``left_us``, to cover another or to go back to its own. ``work_from_us`` is since
    when a job occupies it, 0 for none; ``worked`` the ended spells of a day (UTC us).
    """

    unit: str
    unit_type: str
    station: str = ""
    skills: tuple[str, ...] = ()
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

    def shown(self) -> tuple[str, str]:
        """Return its status in one word and the incident it is on: those of its first job."""
        for incident, state in self.jobs.items():
            if state in UNDER_WAY:
                return state, incident
        return ("free" if self.duty == "on duty" else self.duty), ""

    @property
    def status(self) -> str:
        """Return the one word for the unit: its first job under way, else its duty."""
        return self.shown()[0]

    @property
    def incident(self) -> str:
        """Return the incident of its first job under way, or ""."""
        return self.shown()[1]


class CallLine(msgspec.Struct):
    """A call without an outcome, by its state in intake: ringing, answered, hung up ... (I2)."""

    call: str
    state: str
    since_us: int


LETTERS_MAX = 500
"""As many messages as the board remembers, of all desks and units."""


class Letter(msgspec.Struct, frozen=True):
    """A message to a unit or a desk: where its sealed words stand, who wrote it, about what."""

    position: int
    at_us: int
    by: str
    incident: str
    to_unit: str = ""
    to_desk: str = ""


class Board(msgspec.Struct):
    """Open incidents, closed ones (oldest first), booked ones, calls without outcome, units.

    ``over`` names the calls that ended without an incident, in the order in which they ended.
    """

    incidents: dict[str, IncidentLine] = {}
    closed: dict[str, IncidentLine] = {}
    booked: dict[str, int] = {}
    calls: dict[str, CallLine] = {}
    over: dict[str, None] = {}
    units: dict[str, UnitLine] = {}
    letters: list[Letter] = []

    def line(self, incident: str) -> IncidentLine | None:
        """Return an open or closed incident."""
        return self.incidents.get(incident) or self.closed.get(incident)


evolve: Arms[Board] = Arms()


@evolve.on(intake.CallRung)
def _rung(board: Board, event: intake.CallRung, row: Row) -> None:
    board.calls[event.call] = CallLine(event.call, "ringing", row.happened_at)


@evolve.on(intake.CallAnswered)
def _answered(board: Board, event: intake.CallAnswered, row: Row) -> None:
    board.calls[event.call] = CallLine(event.call, "answered", row.happened_at)


MOVES: dict[tuple[str, type[intake.CallEvent]], str] = {
    ("answered", lines.CallSilent): "silent",
    ("answered", lines.CallHungUp): "hung up",
    ("silent", lines.CallHungUp): "hung up",
    ("hung up", lines.CallerReached): "answered",
    ("hung up", lines.TextTaken): "answered",
    ("abandoned", lines.CallerReached): "answered",
    ("abandoned", lines.TextTaken): "ringing",
    ("answered", lines.CallTransferOffered): "offered",
    ("silent", lines.CallTransferOffered): "offered",
    ("hung up", lines.CallTransferOffered): "offered, hung up",
    ("offered", lines.CallHungUp): "offered, hung up",
    ("offered", lines.CallTransferDeclined): "answered",
    ("offered, hung up", lines.CallTransferDeclined): "hung up",
    ("offered, hung up", lines.TextTaken): "offered",
}
"""How a call without outcome goes from state to state, as its life in intake has it."""


@evolve.on(
    lines.CallSilent, lines.CallHungUp, lines.CallerReached, lines.TextTaken,
    lines.CallTransferOffered, lines.CallTransferDeclined,
)  # fmt: skip
def _call_moved(board: Board, event: intake.CallEvent, row: Row) -> None:
    """Keep a call that has no outcome yet; one with an incident is shown with that."""
    known = board.calls.get(event.call)
    was = known.state if known else "abandoned" if event.call in board.over else "matched"
    if (state := MOVES.get((was, type(event)))) is not None:
        board.over.pop(event.call, None)
        board.calls[event.call] = CallLine(event.call, state, row.happened_at)


@evolve.on(intake.CallAbandoned, intake.CallEnded, lines.CallTransferred)
def _call_over(board: Board, event: intake.CallEvent, row: Row) -> None:
    board.calls.pop(event.call, None)
    board.over[event.call] = None


@evolve.on(intake.IncidentOpened)
def _opened(board: Board, event: intake.IncidentOpened, row: Row) -> None:
    board.calls.pop(event.call, None)
    board.booked.pop(event.incident, None)
    board.incidents[event.incident] = IncidentLine(
        incident=event.incident,
        kind=event.kind,
        priority=event.priority,
        address=event.address,
        opened_us=row.happened_at,
        group=event.group,
        lon=event.lon,
        lat=event.lat,
        neighborhood=event.neighborhood,
        battalion=event.battalion,
        area_class=event.area_class,
        unverified=event.unverified,
        changed_us=row.happened_at,
        position=row.position,
        calls=[event.call] if event.call else [],
    )


@evolve.on(intake.CallAttached)
def _attached(board: Board, event: intake.CallAttached, row: Row) -> None:
    board.calls.pop(event.call, None)
    if line := board.line(event.incident):
        line.calls.append(event.call)
        line.position = row.position


@evolve.on(intake.IncidentBooked)
def _booked(board: Board, event: intake.IncidentBooked, row: Row) -> None:
    board.booked[event.incident] = event.due_us


@evolve.on(intake.BookingCancelled)
def _unbooked(board: Board, event: intake.BookingCancelled, row: Row) -> None:
    board.booked.pop(event.incident, None)


@evolve.on(intake.KindChanged)
def _kind_changed(board: Board, event: intake.KindChanged, row: Row) -> None:
    if line := board.line(event.incident):
        line.kind, line.priority, line.position = event.kind, event.priority, row.position


@evolve.on(intake.PlaceCorrected)
def _place_corrected(board: Board, event: intake.PlaceCorrected, row: Row) -> None:
    if line := board.line(event.incident):
        line.address, line.lon, line.lat = event.address, event.lon, event.lat
        line.unverified = event.reason if event.lon is None or event.lat is None else ""
        line.neighborhood, line.battalion = event.neighborhood, event.battalion
        line.area_class, line.position = event.area_class, row.position


STEP_OF = {"ringing": "CallRung", "answered": "CallAnswered"}
"""The event that brought a call into its state."""


@evolve.on(intake.CallTimeCorrected)
def _call_time_corrected(board: Board, event: intake.CallTimeCorrected, row: Row) -> None:
    if (call := board.calls.get(event.call)) and event.step == STEP_OF.get(call.state):
        call.since_us = event.now_us
    if (line := board.line(event.incident)) and event.step == "IncidentOpened":
        line.opened_us, line.position = event.now_us, row.position


@evolve.on(w.UnitOnDuty)
def _on_duty(board: Board, event: w.UnitOnDuty, row: Row) -> None:
    board.units[event.unit] = UnitLine(
        unit=event.unit,
        unit_type=event.unit_type,
        station=event.station,
        skills=event.skills,
        since_us=row.happened_at,
        position=row.position,
        staff=event.staff,
    )


@evolve.on(w.UnitOffDuty, w.UnitInService, w.UnitOutOfService)
def _duty(board: Board, event: w.UnitEvent, row: Row) -> None:
    unit = board.units[event.unit]
    unit.duty = _DUTY[type(event)]
    out = event if isinstance(event, w.UnitOutOfService) else None
    unit.reason, unit.back_us = (out.reason, out.back_us or 0) if out else ("", 0)
    unit.overdue = False
    unit.since_us, unit.position = row.happened_at, row.position


_DUTY: dict[type[w.UnitEvent], str] = {
    w.UnitOffDuty: "off duty",
    w.UnitInService: "on duty",
    w.UnitOutOfService: "out of service",
}


@evolve.on(
    w.UnitSent, w.UnitStacked, w.UnitUnstacked, w.UnitAcknowledged, w.UnitEnRoute, w.UnitArrived,
    w.UnitTransporting, w.UnitAtHospital, w.FieldReported, w.UnitCleared, w.UnitCancelled,
)  # fmt: skip
def _job(board: Board, event: w.JobEvent, row: Row) -> None:
    line = board.line(event.incident)
    if line is None:
        return
    unit = board.units[event.unit]
    job = line.jobs.get(event.unit)
    if job is None:
        job = line.jobs[event.unit] = JobLine(event.unit, unit.unit_type, JOB.first, 0)
    was, job.state = job.state, JOB.after(job.state, event)
    job.reached[type(event).__name__] = row.happened_at
    job.report = report_after(job.report, event)
    _keyed(job, event)
    if isinstance(event, w.UnitSent):
        job.eta_s = event.eta_s
        del line.taken[:1]  # whoever is sent takes the place of who was taken away
    line.changed_us, line.position = row.happened_at, row.position
    unit.position = row.position
    if job.state != was:
        job.since_us = row.happened_at
        _unit(board, unit, event.incident, was, job)


def _keyed(job: JobLine, event: w.JobEvent) -> None:
    """Keep which of the last steps the desk keyed; a unit that is sent anew begins anew."""
    if isinstance(event, w.UnitSent):
        job.by_desk = []
    elif getattr(event, "by_desk", False):
        job.by_desk.append(type(event).__name__)


@evolve.on(report.ReportReturned)
def _report_returned(board: Board, event: report.ReportReturned, row: Row) -> None:
    line = board.line(event.incident)
    if line is not None and event.unit in line.jobs:
        job = line.jobs[event.unit]
        job.report = report_after(job.report, event)
        line.position = row.position


def _unit(board: Board, unit: UnitLine, incident: str, was: str, job: JobLine) -> None:
    """Keep what the unit does; only the job on this incident is touched (B2).

    ``jobs`` stays in the order in which they came under way. A unit shows since when it does what
    it shows, and its last place is that of the last job it was really on.
    """
    before = unit.shown()
    if job.state in JOB.last or (job.state in UNDER_WAY and was not in UNDER_WAY):
        unit.jobs.pop(incident, None)
    if job.state not in JOB.last:
        unit.jobs[incident] = job.state
    elif was in UNDER_WAY:
        unit.last_incident, unit.freed_us = incident, job.since_us
    now = unit.shown()
    if bool(now[1]) != bool(before[1]):
        _spell(unit, job.since_us, begins=bool(now[1]))
    if now != before:
        line = board.line(now[1])
        unit.since_us = line.jobs[unit.unit].since_us if line else job.since_us


def _spell(unit: UnitLine, at_us: int, *, begins: bool) -> None:
    """Keep when the unit's crew was at work: from its first job under way to the end of its last.

    Rest is reckoned from this. It stays as it was recorded when a time is corrected later. Spells
    go from the front, so one entered late may stay a while longer than its day.
    """
    if begins:
        unit.work_from_us = at_us
        return
    spells = unit.worked
    spells.append((unit.work_from_us, max(at_us, unit.work_from_us)))
    while spells and (spells[0][1] <= at_us - WORKED_US or len(spells) > SPELLS_MAX):
        del spells[0]
    unit.work_from_us = 0


@evolve.on(m.UnitPreempted, m.UnitsExchanged)
def _gave_up(board: Board, event: w.JobEvent, row: Row) -> None:
    line = board.incidents[event.incident]
    if isinstance(event, m.UnitPreempted):
        line.taken.append(event.unit)
    line.changed_us, line.position = row.happened_at, row.position


@evolve.on(m.IncidentOnHold)
def _on_hold(board: Board, event: m.IncidentOnHold, row: Row) -> None:
    if line := board.line(event.incident):
        line.held_until_us, line.held, line.awaits = event.until_us, event.reason, event.awaits
        line.changed_us, line.position = row.happened_at, row.position


@evolve.on(m.HoldEnded)
def _hold_ended(board: Board, event: m.HoldEnded, row: Row) -> None:
    if line := board.line(event.incident):
        line.held_until_us, line.held, line.awaits = 0, "", ""
        line.changed_us, line.position = row.happened_at, row.position


@evolve.on(m.AlarmRaised, m.AlarmLowered)
def _alarm_level(board: Board, event: m.AlarmEvent, row: Row) -> None:
    if line := board.line(event.incident):
        line.alarm = event.level
        line.changed_us, line.position = row.happened_at, row.position


@evolve.on(m.MessageSent)
def _message(board: Board, event: m.MessageSent, row: Row) -> None:
    if line := board.line(event.incident):
        line.position = row.position
    if event.to_unit or event.to_desk:
        board.letters.append(
            Letter(row.position, row.happened_at, row.actor, event.incident,
                   event.to_unit, event.to_desk)
        )  # fmt: skip
        del board.letters[:-LETTERS_MAX]


@evolve.on(m.MoveUpOrdered, m.MoveUpEnded)
def _moved_up(board: Board, event: m.MoveUpEvent, row: Row) -> None:
    unit = board.units[event.unit]
    ordered = isinstance(event, m.MoveUpOrdered)
    unit.moved_up, unit.left = (event.station, unit.station) if ordered else ("", event.station)
    unit.left_us, unit.position = row.happened_at, row.position


@evolve.on(m.ReturnOverdue)
def _overdue(board: Board, event: m.ReturnOverdue, row: Row) -> None:
    unit = board.units[event.unit]
    unit.overdue, unit.position = True, row.position


@evolve.on(w.TimeCorrected)
def _time_corrected(board: Board, event: w.TimeCorrected, row: Row) -> None:
    line = board.line(event.incident)
    if line is None or event.unit not in line.jobs:
        return
    job, unit = line.jobs[event.unit], board.units[event.unit]
    job.reached[event.step] = event.now_us
    line.position = row.position
    if ENTERS.get(event.step) != job.state or job.since_us != event.was_us:
        return
    job.since_us = event.now_us
    if unit.incident == event.incident:
        unit.since_us, unit.position = event.now_us, row.position


@evolve.on(w.IncidentClosed)
def _closed(board: Board, event: w.IncidentClosed, row: Row) -> None:
    line = board.incidents.pop(event.incident, None)
    if line is None:
        return
    line.state, line.outcome, line.taken = "closed", event.outcome, []
    line.changed_us, line.position = row.happened_at, row.position
    board.closed[event.incident] = line


@evolve.on(w.IncidentReopened)
def _reopened(board: Board, event: w.IncidentReopened, row: Row) -> None:
    line = board.closed.pop(event.incident, None)
    if line is None:
        return
    line.state, line.outcome = "open", ""
    line.reopened += 1
    line.changed_us, line.position = row.happened_at, row.position
    board.incidents[event.incident] = line


@evolve.on(report.ReopeningAsked, report.ReopeningDeclined)
def _reopening(board: Board, event: report.ReopeningEvent, row: Row) -> None:
    if line := board.closed.get(event.incident):
        line.state = RESPONSE.after(line.state, event)
        line.position = row.position


BOARD: Fold[Board] = Fold(name="board", state=Board, arms=evolve)
