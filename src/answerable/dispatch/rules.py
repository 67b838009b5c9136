"""The rules of dispatch: who can be sent, each step of each job, and the end of the incident.

A unit has one duty (off duty, on duty, out of service) and any number of jobs, each with its own
state. What a unit is doing is always derived from its jobs, never stored a second time (B1-B3).
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from answerable.dispatch import words as w
from answerable.intake import words as intake
from answerable.kernel.event import Command, Event, Row
from answerable.kernel.refusals import NotYet, Refusal, Unknown
from answerable.kernel.room import Arms, Context, Deciders, Decision, Room
from answerable.kernel.steps import Steps
from answerable.towns.model import Town

DUTY = Steps(
    "unit",
    first="off duty",
    last=frozenset({"off duty"}),
    table={
        ("off duty", w.UnitOnDuty): "on duty",
        ("on duty", w.UnitOffDuty): "off duty",
        ("on duty", w.UnitOutOfService): "out of service",
        ("out of service", w.UnitInService): "on duty",
        ("out of service", w.UnitOffDuty): "off duty",
    },
)

RESPONSE = Steps(
    "response",
    first="new",
    last=frozenset({"closed"}),
    table={
        ("new", intake.IncidentOpened): "open",
        ("open", w.IncidentClosed): "closed",
        ("closed", w.IncidentReopened): "open",
    },
)

_PATH: tuple[tuple[str, type[Event]], ...] = (
    ("acknowledged", w.UnitAcknowledged),
    ("en route", w.UnitEnRoute),
    ("arrived", w.UnitArrived),
    ("transporting", w.UnitTransporting),
    ("at hospital", w.UnitAtHospital),
)
"""The steps of a job in their order. Any may be left out, none may be taken back."""


def _job_table() -> dict[tuple[str, type[Event]], str]:
    table: dict[tuple[str, type[Event]], str] = {
        ("new", w.UnitSent): "sent",
        ("new", w.UnitStacked): "stacked",
        ("stacked", w.UnitSent): "sent",
        ("stacked", w.UnitUnstacked): "cancelled",
    }
    states = ("sent", *(state for state, _ in _PATH))
    for here, state in enumerate(states):
        table |= {(state, event): to for to, event in _PATH[here:]}
        table[state, w.UnitCleared] = "cleared"
        if state in ("sent", "acknowledged", "en route"):
            table[state, w.UnitCancelled] = "cancelled"
        else:
            table[state, w.FieldReported] = state
    table["cleared", w.FieldReported] = "cleared"
    for ended in ("cleared", "cancelled"):
        table[ended, w.UnitSent] = "sent"
        table[ended, w.UnitStacked] = "stacked"
    return table


JOB = Steps("job", first="new", last=frozenset({"cleared", "cancelled"}), table=_job_table())
"""The life of one unit on one incident."""

UNDER_WAY = frozenset({"sent", *(state for state, _ in _PATH)})
"""The states in which a job occupies its unit."""

ENTERS = {event.__name__: to for (state, event), to in JOB.table.items() if to != state}
"""The state that a job enters by an event."""


class Job(msgspec.Struct):
    """One unit on one incident: its state, since when, and the time of each step (UTC us)."""

    state: str
    since_us: int
    times: dict[str, int] = {}


class Response(msgspec.Struct):
    """An incident as dispatch sees it."""

    state: str
    since_us: int
    area_class: str = ""
    jobs: dict[str, Job] = {}


class Unit(msgspec.Struct):
    """A unit: its duty, and the incidents that occupy it or wait for it, oldest first."""

    duty: str
    unit_type: str = ""
    station: str = ""
    skills: tuple[str, ...] = ()
    reason: str = ""
    busy: list[str] = []
    stacked: list[str] = []


class State(msgspec.Struct):
    """Everything dispatch decides on."""

    units: dict[str, Unit] = {}
    responses: dict[str, Response] = {}


decide: Deciders[State, Town] = Deciders()
evolve: Arms[State] = Arms()
Ctx = Context[Town]


# -- units -----------------------------------------------------------------------------------


@decide.on(w.PutOnDuty)
def _put_on_duty(state: State, command: w.PutOnDuty, ctx: Ctx) -> Decision:
    known = state.units.get(command.unit)
    duty = known.duty if known else DUTY.first
    return DUTY.refuse(duty, w.UnitOnDuty, command.unit) or [
        w.UnitOnDuty(
            unit=command.unit,
            unit_type=command.unit_type,
            station=command.station,
            skills=command.skills,
        )
    ]


def _duty_step(
    state: State, command: Command, unit: str, event: Event, ctx: Ctx, *, free: bool
) -> Decision:
    """Decide a change of a unit's duty; ``free`` means it must have no job."""
    known = state.units.get(unit)
    if known is None:
        return Unknown(command=command.tag, what="unit", name=unit)
    if refusal := DUTY.refuse(known.duty, type(event), unit):
        return refusal
    if free and (waiting := known.busy or known.stacked):
        return w.UnitOnJob(
            step=type(event).__name__,
            unit=unit,
            incident=waiting[0],
            since=_since(state, waiting[0], unit, ctx),
        )
    return [event]


@decide.on(w.TakeOffDuty)
def _take_off_duty(state: State, command: w.TakeOffDuty, ctx: Ctx) -> Decision:
    event = w.UnitOffDuty(unit=command.unit)
    return _duty_step(state, command, command.unit, event, ctx, free=True)


@decide.on(w.TakeOutOfService)
def _take_out_of_service(state: State, command: w.TakeOutOfService, ctx: Ctx) -> Decision:
    event = w.UnitOutOfService(unit=command.unit, reason=command.reason)
    return _duty_step(state, command, command.unit, event, ctx, free=True)


@decide.on(w.ReturnToService)
def _return_to_service(state: State, command: w.ReturnToService, ctx: Ctx) -> Decision:
    event = w.UnitInService(unit=command.unit)
    return _duty_step(state, command, command.unit, event, ctx, free=False)


def _since(state: State, incident: str, unit: str, ctx: Ctx) -> str:
    return ctx.town.clock(state.responses[incident].jobs[unit].since_us)


# -- jobs ------------------------------------------------------------------------------------


def _refuse_job(
    state: State, command: Command, incident: str, unit: str, ctx: Ctx
) -> Refusal | None:
    """Return why no unit can be given a job here: unknown, closed, off duty, out of service."""
    response, known = state.responses.get(incident), state.units.get(unit)
    if response is None:
        return Unknown(command=command.tag, what="incident", name=incident)
    if known is None:
        return Unknown(command=command.tag, what="unit", name=unit)
    if response.state != "open":
        since = ctx.town.clock(response.since_us)
        return w.IncidentIsClosed(unit=unit, incident=incident, since=since)
    if known.duty != "on duty":
        return w.UnitNotAvailable(unit=unit, duty=known.duty, reason=known.reason)
    return None


def _job_state(response: Response, unit: str) -> str:
    job = response.jobs.get(unit)
    return job.state if job else JOB.first


def _refuse_step(response: Response, incident: str, unit: str, event: type[Event]) -> Decision:
    return JOB.refuse(_job_state(response, unit), event, f"{unit} on {incident}") or []


@decide.on(w.SendUnit)
def _send(state: State, command: w.SendUnit, ctx: Ctx) -> Decision:
    incident, unit = command.incident, command.unit
    if refusal := _refuse_job(state, command, incident, unit, ctx):
        return refusal
    response, known = state.responses[incident], state.units[unit]
    stacked = _job_state(response, unit) == "stacked"
    elsewhere = [other for other in known.busy if other != incident]
    if elsewhere and not stacked:
        since = _since(state, elsewhere[0], unit, ctx)
        return w.UnitBusy(unit=unit, incident=elsewhere[0], since=since)
    return _refuse_step(response, incident, unit, w.UnitSent) or [
        w.UnitSent(
            incident=incident,
            unit=unit,
            unit_type=known.unit_type,
            area_class=response.area_class,
            eta_s=command.eta_s,
            why=command.why,
            marks=command.marks,
        )
    ]


@decide.on(w.StackUnit)
def _stack(state: State, command: w.StackUnit, ctx: Ctx) -> Decision:
    incident, unit = command.incident, command.unit
    if refusal := _refuse_job(state, command, incident, unit, ctx):
        return refusal
    if not state.units[unit].busy:
        return w.UnitFree(unit=unit)
    return _refuse_step(state.responses[incident], incident, unit, w.UnitStacked) or [
        w.UnitStacked(incident=incident, unit=unit, reason=command.reason)
    ]


def _step(state: State, command: Command, event: w.JobEvent) -> Decision:
    """Decide a step of a job that must exist: only STEPS says whether it may happen."""
    response = state.responses.get(event.incident)
    if response is None:
        return Unknown(command=command.tag, what="incident", name=event.incident)
    if event.unit not in response.jobs:
        what = f"job on incident {event.incident} of unit"
        return Unknown(command=command.tag, what=what, name=event.unit)
    return _refuse_step(response, event.incident, event.unit, type(event)) or [event]


def _skipped(state: State, command: w.StepCommand, to: str) -> tuple[str, ...]:
    """Return the steps that are left out when the job goes straight to ``to``."""
    response = state.responses.get(command.incident)
    at = _job_state(response, command.unit) if response else JOB.first
    order = ("sent", *(state_name for state_name, _ in _PATH[:3]))
    if at not in order or to not in order:
        return ()
    return order[order.index(at) + 1 : order.index(to)]


@decide.on(w.UnstackUnit)
def _unstack(state: State, command: w.UnstackUnit, ctx: Ctx) -> Decision:
    event = w.UnitUnstacked(incident=command.incident, unit=command.unit, reason=command.reason)
    return _step(state, command, event)


@decide.on(w.Acknowledge)
def _acknowledge(state: State, command: w.Acknowledge, ctx: Ctx) -> Decision:
    event = w.UnitAcknowledged(incident=command.incident, unit=command.unit, marks=command.marks)
    return _step(state, command, event)


@decide.on(w.GoEnRoute)
def _go(state: State, command: w.GoEnRoute, ctx: Ctx) -> Decision:
    event = w.UnitEnRoute(
        incident=command.incident,
        unit=command.unit,
        skipped=_skipped(state, command, "en route"),
        marks=command.marks,
    )
    return _step(state, command, event)


@decide.on(w.Arrive)
def _arrive(state: State, command: w.Arrive, ctx: Ctx) -> Decision:
    event = w.UnitArrived(
        incident=command.incident,
        unit=command.unit,
        skipped=_skipped(state, command, "arrived"),
        marks=command.marks,
    )
    return _step(state, command, event)


@decide.on(w.Transport)
def _transport(state: State, command: w.Transport, ctx: Ctx) -> Decision:
    event = w.UnitTransporting(
        incident=command.incident,
        unit=command.unit,
        hospital=command.hospital,
        marks=command.marks,
    )
    return _step(state, command, event)


@decide.on(w.ReachHospital)
def _reach_hospital(state: State, command: w.ReachHospital, ctx: Ctx) -> Decision:
    event = w.UnitAtHospital(incident=command.incident, unit=command.unit, marks=command.marks)
    return _step(state, command, event)


@decide.on(w.ReportBack)
def _report_back(state: State, command: w.ReportBack, ctx: Ctx) -> Decision:
    event = w.FieldReported(
        incident=command.incident,
        unit=command.unit,
        outcome=command.outcome,
        words=command.words,
        marks=command.marks,
    )
    return _step(state, command, event)


@decide.on(w.ClearUnit)
def _clear(state: State, command: w.ClearUnit, ctx: Ctx) -> Decision:
    event = w.UnitCleared(
        incident=command.incident,
        unit=command.unit,
        outcome=command.outcome,
        marks=command.marks,
    )
    return _step(state, command, event)


@decide.on(w.CancelUnit)
def _cancel(state: State, command: w.CancelUnit, ctx: Ctx) -> Decision:
    event = w.UnitCancelled(
        incident=command.incident,
        unit=command.unit,
        reason=command.reason,
        marks=command.marks,
    )
    return _step(state, command, event)


@decide.on(w.CorrectTime)
def _correct_time(state: State, command: w.CorrectTime, ctx: Ctx) -> Decision:
    response = state.responses.get(command.incident)
    if response is None:
        return Unknown(command=command.tag, what="incident", name=command.incident)
    if command.to > ctx.now_us:
        ahead_s = (command.to - ctx.now_us) // 1_000_000
        return NotYet(command=command.tag, ahead_s=ahead_s)
    job = response.jobs.get(command.unit)
    times = job.times if job else {}
    if command.step not in times:
        possible = ", ".join(times) or "none"
        return w.NoSuchStep(step=command.step, unit=command.unit, possible=possible)
    return [
        w.TimeCorrected(
            incident=command.incident,
            unit=command.unit,
            step=command.step,
            was_us=times[command.step],
            now_us=command.to,
            reason=command.reason,
        )
    ]


# -- the end of the incident -----------------------------------------------------------------


def _response_step(state: State, command: Command, event: Event, incident: str) -> Decision:
    response = state.responses.get(incident)
    if response is None:
        return Unknown(command=command.tag, what="incident", name=incident)
    return RESPONSE.refuse(response.state, type(event), f"incident {incident}") or [event]


@decide.on(w.CloseIncident)
def _close(state: State, command: w.CloseIncident, ctx: Ctx) -> Decision:
    event = w.IncidentClosed(
        incident=command.incident, outcome=command.outcome, marks=command.marks
    )
    decision = _response_step(state, command, event, command.incident)
    if isinstance(decision, Refusal):
        return decision
    jobs = state.responses[command.incident].jobs
    still = [unit for unit, job in jobs.items() if job.state not in JOB.last]
    if still:
        return w.UnitsAttached(incident=command.incident, units=", ".join(still))
    return decision


@decide.on(w.ReopenIncident)
def _reopen(state: State, command: w.ReopenIncident, ctx: Ctx) -> Decision:
    event = w.IncidentReopened(incident=command.incident, reason=command.reason)
    return _response_step(state, command, event, command.incident)


# -- evolve ----------------------------------------------------------------------------------


@evolve.on(intake.IncidentOpened)
def _incident_opened(state: State, event: intake.IncidentOpened, row: Row) -> None:
    state.responses[event.incident] = Response(
        state=RESPONSE.after(RESPONSE.first, event),
        since_us=row.happened_at,
        area_class=event.area_class,
    )


@evolve.on(intake.PlaceCorrected)
def _place_corrected(state: State, event: intake.PlaceCorrected, row: Row) -> None:
    if response := state.responses.get(event.incident):
        response.area_class = event.area_class


@evolve.on(w.UnitOnDuty)
def _unit_on_duty(state: State, event: w.UnitOnDuty, row: Row) -> None:
    state.units[event.unit] = Unit(
        duty="on duty", unit_type=event.unit_type, station=event.station, skills=event.skills
    )


@evolve.on(w.UnitOffDuty, w.UnitInService)
def _duty_changed(state: State, event: w.UnitEvent, row: Row) -> None:
    unit = state.units[event.unit]
    unit.duty, unit.reason = DUTY.after(unit.duty, event), ""


@evolve.on(w.UnitOutOfService)
def _out_of_service(state: State, event: w.UnitOutOfService, row: Row) -> None:
    unit = state.units[event.unit]
    unit.duty, unit.reason = DUTY.after(unit.duty, event), event.reason


@evolve.on(
    w.UnitSent, w.UnitStacked, w.UnitUnstacked, w.UnitAcknowledged, w.UnitEnRoute, w.UnitArrived,
    w.UnitTransporting, w.UnitAtHospital, w.FieldReported, w.UnitCleared, w.UnitCancelled,
)  # fmt: skip
def _job_moved(state: State, event: w.JobEvent, row: Row) -> None:
    jobs = state.responses[event.incident].jobs
    job = jobs.get(event.unit)
    if job is None:
        job = jobs[event.unit] = Job(state=JOB.first, since_us=row.happened_at)
    was, job.state = job.state, JOB.after(job.state, event)
    if job.state != was:
        job.since_us = row.happened_at
        _occupy(state.units[event.unit], event.incident, was, job.state)
    job.times[type(event).__name__] = row.happened_at


def _occupy(unit: Unit, incident: str, was: str, now: str) -> None:
    """Keep the unit's list of jobs under way and of stacked ones; no other job is touched (B2)."""
    if was in UNDER_WAY and now not in UNDER_WAY:
        unit.busy.remove(incident)
    elif now in UNDER_WAY and was not in UNDER_WAY:
        unit.busy.append(incident)
    if was == "stacked":
        unit.stacked.remove(incident)
    elif now == "stacked":
        unit.stacked.append(incident)


@evolve.on(w.TimeCorrected)
def _time_corrected(state: State, event: w.TimeCorrected, row: Row) -> None:
    job = state.responses[event.incident].jobs[event.unit]
    job.times[event.step] = event.now_us
    if ENTERS.get(event.step) == job.state and job.since_us == event.was_us:
        job.since_us = event.now_us


@evolve.on(w.IncidentClosed)
def _closed(state: State, event: w.IncidentClosed, row: Row) -> None:
    response = state.responses[event.incident]
    response.state, response.since_us = RESPONSE.after(response.state, event), row.happened_at


@evolve.on(w.IncidentReopened)
def _reopened(state: State, event: w.IncidentReopened, row: Row) -> None:
    response = state.responses[event.incident]
    response.state, response.since_us = RESPONSE.after(response.state, event), row.happened_at


# -- reactions -------------------------------------------------------------------------------


def _send_stacked(state: State, event: w.JobEvent, row: Row) -> Sequence[Command]:
    """Send a unit that has become free to the first job stacked on it."""
    unit = state.units[event.unit]
    if unit.busy or not unit.stacked:
        return ()
    return (
        w.SendUnit(
            key=f"stacked:{row.position}",
            incident=unit.stacked[0],
            unit=event.unit,
            at=row.happened_at,
        ),
    )


ROOM: Room[State] = Room(
    name="dispatch",
    state=State,
    arms=evolve,
    commands=w.COMMANDS,
    events=w.EVENTS,
    refusals=w.REFUSALS,
    deciders=decide,
    steps={"unit": DUTY, "response": RESPONSE, "job": JOB},
    reacts={w.UnitCleared: _send_stacked, w.UnitCancelled: _send_stacked},
)
