"""The rules of dispatch: who can be sent, each step of each job, and the end of the incident.

A unit has one duty (off duty, on duty, out of service) and any number of jobs, each with its own
state. What a unit is doing is always derived from its jobs, never stored a second time (B1-B3).
"""

from __future__ import annotations

from collections.abc import Sequence

import answerable.dispatch.merge_rules  # noqa: F401 - registers its decisions and arms
from answerable.dispatch import alert_rules as alerts
from answerable.dispatch import alert_words as a
from answerable.dispatch import merge_words as merge
from answerable.dispatch import move_words as m
from answerable.dispatch import report_rules as reports
from answerable.dispatch import report_words as report
from answerable.dispatch import words as w
from answerable.dispatch.move_rules import (
    end_holds,
    hold_over,
    move_over,
    refuse_time,
    refuse_unreasoned,
    sent,
    wait_for_return,
)
from answerable.dispatch.state import (
    DUTY,
    ENTERS,
    HOLD,
    JOB,
    MOVE,
    PATH,
    RESPONSE,
    UNDER_WAY,
    Ctx,
    Job,
    Response,
    State,
    Unit,
    decide,
    evolve,
    job_since,
    job_state,
    job_step,
    refuse_job,
    refuse_job_step,
    refuse_response_step,
    refuse_step,
    report_after,
    response_step,
    rings,
)  # fmt: skip
from answerable.intake import words as intake
from answerable.kernel.authority import IMPORTER
from answerable.kernel.event import Command, Event, Row
from answerable.kernel.refusals import NotYet, Refusal, Unknown
from answerable.kernel.room import Decision, Room

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
            staff=command.staff,
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
            since=job_since(state, waiting[0], unit, ctx),
        )
    return [*move_over(known, unit, m.Ended.LEFT), event]


@decide.on(w.TakeOffDuty)
def _take_off_duty(state: State, command: w.TakeOffDuty, ctx: Ctx) -> Decision:
    event = w.UnitOffDuty(unit=command.unit)
    return _duty_step(state, command, command.unit, event, ctx, free=True)


@decide.on(w.TakeOutOfService)
def _take_out_of_service(state: State, command: w.TakeOutOfService, ctx: Ctx) -> Decision:
    event = w.UnitOutOfService(unit=command.unit, reason=command.reason, back_us=command.back)
    decision = _duty_step(state, command, command.unit, event, ctx, free=True)
    if isinstance(decision, Refusal) or command.back is None:
        return decision
    return refuse_time(command, command.back, ctx) or decision


@decide.on(w.ReturnToService)
def _return_to_service(state: State, command: w.ReturnToService, ctx: Ctx) -> Decision:
    event = w.UnitInService(unit=command.unit)
    return _duty_step(state, command, command.unit, event, ctx, free=False)


# -- jobs ------------------------------------------------------------------------------------


@decide.on(w.SendUnit)
def _send(state: State, command: w.SendUnit, ctx: Ctx) -> Decision:
    incident, unit = command.incident, command.unit
    if refusal := refuse_job(state, command, incident, unit, ctx):
        return refusal
    response, known = state.responses[incident], state.units[unit]
    stacked = job_state(response, unit) == "stacked"
    elsewhere = [other for other in known.busy if other != incident]
    if elsewhere and not stacked:
        since = job_since(state, elsewhere[0], unit, ctx)
        return w.UnitBusy(unit=unit, incident=elsewhere[0], since=since)
    if refusal := JOB.refuse(job_state(response, unit), w.UnitSent, f"{unit} on {incident}"):
        return refusal
    return refuse_unreasoned(command) or sent(state, command)


@decide.on(w.StackUnit)
def _stack(state: State, command: w.StackUnit, ctx: Ctx) -> Decision:
    incident, unit = command.incident, command.unit
    if refusal := refuse_job(state, command, incident, unit, ctx):
        return refusal
    if not state.units[unit].busy:
        return w.UnitFree(unit=unit)
    return refuse_step(state.responses[incident], incident, unit, w.UnitStacked) or [
        w.UnitStacked(incident=incident, unit=unit, reason=command.reason)
    ]


def _skipped(state: State, command: w.StepCommand, to: str) -> tuple[str, ...]:
    """Return the steps that are left out when the job goes straight to ``to``."""
    response = state.responses.get(command.incident)
    at = job_state(response, command.unit) if response else JOB.first
    order = ("sent", *(state_name for state_name, _ in PATH[:3]))
    if at not in order or to not in order:
        return ()
    return order[order.index(at) + 1 : order.index(to)]


@decide.on(w.UnstackUnit)
def _unstack(state: State, command: w.UnstackUnit, ctx: Ctx) -> Decision:
    event = w.UnitUnstacked(incident=command.incident, unit=command.unit, reason=command.reason)
    return job_step(state, command, event)


@decide.on(w.Acknowledge)
def _acknowledge(state: State, command: w.Acknowledge, ctx: Ctx) -> Decision:
    event = w.UnitAcknowledged(
        incident=command.incident,
        unit=command.unit,
        marks=command.marks,
        by_desk=reports.by_desk(ctx),
    )
    return job_step(state, command, event)


@decide.on(w.GoEnRoute)
def _go(state: State, command: w.GoEnRoute, ctx: Ctx) -> Decision:
    event = w.UnitEnRoute(
        incident=command.incident,
        unit=command.unit,
        skipped=_skipped(state, command, "en route"),
        marks=command.marks,
        by_desk=reports.by_desk(ctx),
    )
    return job_step(state, command, event)


@decide.on(w.Arrive)
def _arrive(state: State, command: w.Arrive, ctx: Ctx) -> Decision:
    event = w.UnitArrived(
        incident=command.incident,
        unit=command.unit,
        skipped=_skipped(state, command, "arrived"),
        marks=command.marks,
        by_desk=reports.by_desk(ctx),
        owes=reports.owes(state, command.incident, command.unit, ctx),
    )
    return job_step(state, command, event)


@decide.on(w.Transport)
def _transport(state: State, command: w.Transport, ctx: Ctx) -> Decision:
    event = w.UnitTransporting(
        incident=command.incident,
        unit=command.unit,
        hospital=command.hospital,
        marks=command.marks,
        by_desk=reports.by_desk(ctx),
        owes=reports.owes(state, command.incident, command.unit, ctx),
    )
    return job_step(state, command, event)


@decide.on(w.ReachHospital)
def _reach_hospital(state: State, command: w.ReachHospital, ctx: Ctx) -> Decision:
    event = w.UnitAtHospital(
        incident=command.incident,
        unit=command.unit,
        marks=command.marks,
        by_desk=reports.by_desk(ctx),
        owes=reports.owes(state, command.incident, command.unit, ctx),
    )
    return job_step(state, command, event)


@decide.on(w.ReportBack)
def _report_back(state: State, command: w.ReportBack, ctx: Ctx) -> Decision:
    refusal = refuse_job_step(state, command, command.incident, command.unit, w.FieldReported)
    if refusal is not None:
        return refusal
    event = reports.reported(state, command, ctx)
    return event if isinstance(event, Refusal) else [event]


@decide.on(w.ClearUnit)
def _clear(state: State, command: w.ClearUnit, ctx: Ctx) -> Decision:
    event = w.UnitCleared(
        incident=command.incident,
        unit=command.unit,
        outcome=command.outcome,
        marks=command.marks,
        by_desk=reports.by_desk(ctx),
    )
    return job_step(state, command, event)


@decide.on(w.CancelUnit)
def _cancel(state: State, command: w.CancelUnit, ctx: Ctx) -> Decision:
    event = w.UnitCancelled(
        incident=command.incident,
        unit=command.unit,
        reason=command.reason,
        marks=command.marks,
    )
    decision = job_step(state, command, event)
    if isinstance(decision, Refusal) or not reports.still_owed(state, event.incident, event.unit):
        return decision
    # It was there before: as cleared it can still give its report, as called off nobody could.
    cleared = w.UnitCleared(
        incident=event.incident, unit=event.unit, outcome=event.reason, marks=event.marks,
        by_desk=reports.by_desk(ctx),
    )  # fmt: skip
    return job_step(state, command, cleared)


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


@decide.on(w.CloseIncident)
def _close(state: State, command: w.CloseIncident, ctx: Ctx) -> Decision:
    incident, marks = command.incident, command.marks
    refusal = refuse_response_step(state, command, w.IncidentClosed, incident)
    if refusal is not None:
        return refusal
    response = state.responses[incident]
    still = [unit for unit, job in response.jobs.items() if job.state not in JOB.last]
    if still:
        return w.UnitsAttached(incident=incident, units=", ".join(still))
    if ctx.actor.role == IMPORTER.role:
        marks = reports.marked_without(response, marks)
    elif missing := reports.missing(response, incident):
        return missing
    event = w.IncidentClosed(incident=incident, outcome=command.outcome, marks=marks)
    return [*hold_over(state, incident, m.Ended.CLOSED), event]


@decide.on(w.ReopenIncident)
def _reopen(state: State, command: w.ReopenIncident, ctx: Ctx) -> Decision:
    event = w.IncidentReopened(incident=command.incident, reason=command.reason)
    return response_step(state, command, event, command.incident)


# -- evolve ----------------------------------------------------------------------------------


@evolve.on(intake.IncidentOpened)
def _incident_opened(state: State, event: intake.IncidentOpened, row: Row) -> None:
    state.responses[event.incident] = Response(
        state=RESPONSE.after(RESPONSE.first, event),
        since_us=row.happened_at,
        area_class=event.area_class,
        priority=event.priority,
        areas=(event.neighborhood, event.battalion),
        kind=event.kind,
    )
    alerts.opened(state, event.incident, event.call)


@evolve.on(intake.PlaceCorrected)
def _place_corrected(state: State, event: intake.PlaceCorrected, row: Row) -> None:
    if response := state.responses.get(event.incident):
        response.area_class = event.area_class
        response.areas = (event.neighborhood, event.battalion)


@evolve.on(w.UnitOnDuty)
def _unit_on_duty(state: State, event: w.UnitOnDuty, row: Row) -> None:
    state.units[event.unit] = Unit(
        duty="on duty", unit_type=event.unit_type, station=event.station, skills=event.skills
    )


@evolve.on(w.UnitOffDuty, w.UnitInService)
def _duty_changed(state: State, event: w.UnitEvent, row: Row) -> None:
    wait_for_return(state, event.unit, None)
    unit = state.units[event.unit]
    unit.duty, unit.reason = DUTY.after(unit.duty, event), ""


@evolve.on(w.UnitOutOfService)
def _out_of_service(state: State, event: w.UnitOutOfService, row: Row) -> None:
    unit = state.units[event.unit]
    unit.duty, unit.reason = DUTY.after(unit.duty, event), event.reason
    wait_for_return(state, event.unit, event.back_us)


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
    job.report = report_after(job.report, event)
    if job.state != was:
        job.since_us = row.happened_at
        _occupy(state.units[event.unit], event.incident, was, job.state)
        alerts.job_moved(job, event)
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
    alerts.over(state, incident=event.incident)


@evolve.on(w.IncidentReopened)
def _reopened(state: State, event: w.IncidentReopened, row: Row) -> None:
    response = state.responses[event.incident]
    response.state, response.since_us = RESPONSE.after(response.state, event), row.happened_at


# -- reactions -------------------------------------------------------------------------------


def _send_stacked(state: State, event: w.JobEvent, row: Row) -> Sequence[Command]:
    """Send a unit that has become free to the first job stacked on it, else tell what waits."""
    unit = state.units[event.unit]
    if unit.busy or not unit.stacked:
        return end_holds(state, event, row)
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
    commands=w.COMMANDS + merge.COMMANDS + m.COMMANDS + a.COMMANDS + report.COMMANDS,
    events=w.EVENTS + merge.EVENTS + m.EVENTS + a.EVENTS + report.EVENTS,
    refusals=w.REFUSALS + merge.REFUSALS + m.REFUSALS + a.REFUSALS + report.REFUSALS,
    deciders=decide,
    alarms=lambda state: state.alarms,
    ring=rings,
    steps={
        "unit": DUTY,
        "move-up": MOVE,
        "response": RESPONSE,
        "hold": HOLD,
        "job": JOB,
        **alerts.STEPS,
        **reports.STEPS,
    },
    reacts={
        w.UnitCleared: _send_stacked,
        w.UnitCancelled: _send_stacked,
        w.UnitInService: end_holds,
        w.UnitOnDuty: end_holds,
        **alerts.REACTS,
        **reports.REACTS,
    },
)
