"""The rules of field reports: structured outcomes, what is missing, opening again.

Whether a unit owes a report is decided once, when it is at the place, from what the incident is
then and from the town's list; the step says it (``owes``), and from there on the state is a fold.
Old records, and such as are imported, say nothing of it: their units owe nothing, and an importer's
closing is marked where no report is there, never refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from answerable.dispatch import report_words as w
from answerable.dispatch import words as d
from answerable.dispatch.state import (
    OWING,
    REPORT,
    RESPONSE,
    Ctx,
    Job,
    Response,
    State,
    decide,
    evolve,
    job_of,
    report_after,
    response_step,
)
from answerable.kernel.authority import IMPORTER, SYSTEM
from answerable.kernel.event import Command, Event, Row
from answerable.kernel.refusals import Refusal
from answerable.kernel.room import Decision
from answerable.kernel.steps import Steps
from answerable.towns.outcomes import NOTHING_OWED, Outcome, OutcomesFile

NOT_THE_DESK = (IMPORTER.role, SYSTEM.role)
"""Roles that key a step as it was told to them; a crew is known by being bound to its unit."""
WITHOUT = "closed without a field report of {units}"
"""The mark of an incident that an importer closed; the source has no report of these units."""
LINE_MAX = 240
MARKS_MAX = 12


# -- what the town says ----------------------------------------------------------------------


def _file(ctx: Ctx) -> OutcomesFile:
    """Return the town's lists; a centre without a town has none."""
    return ctx.town.outcomes if ctx.town is not None else NOTHING_OWED


def _agency(state: State, unit: str, ctx: Ctx) -> str:
    """Return the agency a unit belongs to, "" where the town names none."""
    known = state.units.get(unit)
    return _file(ctx).agency_of(known.unit_type) if known else ""


def _discipline(response: Response, ctx: Ctx) -> str:
    kind = ctx.town.kinds.get(response.kind) if ctx.town is not None else None
    return kind.discipline if kind is not None else ""


def by_desk(ctx: Ctx) -> bool:
    """Say whether the desk keys a step: not the crew itself, and nobody who passes a record on."""
    role = ctx.actor.role
    return role not in NOT_THE_DESK and not ctx.authority.bound_to_unit(role)


def owes(state: State, incident: str, unit: str, ctx: Ctx) -> str:
    """Return what a unit that is at the place owes: ``OWED``, or "" for nothing."""
    response, known = state.responses.get(incident), state.units.get(unit)
    if ctx.actor.role == IMPORTER.role or response is None or known is None:
        return ""
    job, file = response.jobs.get(unit), _file(ctx)
    if job is None or job.report == "given" or not file.rules:
        return ""
    agency = file.agency_of(known.unit_type)
    return w.OWED if file.owes(response.kind, _discipline(response, ctx), agency) else ""


def still_owed(state: State, incident: str, unit: str) -> bool:
    """Say whether a report of a unit is waited for, from whenever it was there."""
    response = state.responses.get(incident)
    job = response.jobs.get(unit) if response is not None else None
    return job is not None and job.report in OWING


# -- a report --------------------------------------------------------------------------------


def reported(state: State, command: d.ReportBack, ctx: Ctx) -> d.FieldReported | Refusal:
    """Return the report as it is recorded, or why its agency or its outcome is none of the list.

    What an importer brings is taken as the source has it.
    """
    unit, response = command.unit, state.responses[command.incident]
    agency = command.agency or _agency(state, unit, ctx)
    outcome = command.outcome.strip()
    if ctx.actor.role != IMPORTER.role:
        belongs = _agency(state, unit, ctx)
        if command.agency and command.agency != belongs:
            return w.NotTheAgency(unit=unit, agency=command.agency, belongs=belongs or "-")
        file, kind = _file(ctx), response.kind
        listed = file.listed(kind, _discipline(response, ctx), agency)
        chosen = next((one for one in listed if one.code == command.code), None)
        if chosen is None and (listed or command.code):
            return _not_listed(unit, kind, command.code, listed)
        outcome = outcome or (chosen.title.en if chosen is not None else "")
        if not outcome:
            return w.NoOutcome(unit=unit)
    return d.FieldReported(
        incident=command.incident, unit=unit, outcome=outcome, words=command.words,
        marks=command.marks, code=command.code, agency=agency, by_desk=by_desk(ctx),
    )  # fmt: skip


def _not_listed(unit: str, kind: str, code: str, listed: Sequence[Outcome]) -> w.OutcomeNotListed:
    possible = ", ".join(one.code for one in listed) or "-"
    return w.OutcomeNotListed(unit=unit, kind=kind, given=code, possible=possible)


@decide.on(w.ReturnReport)
def _return(state: State, command: w.ReturnReport, ctx: Ctx) -> Decision:
    incident, unit = command.incident, command.unit
    job = job_of(state, command, incident, unit)
    if isinstance(job, Refusal):
        return job
    here = state.responses[incident].state
    if here == "merged":  # the one that goes on has the units, and their reports
        return RESPONSE.refuse(here, w.ReportReturned, f"incident {incident}") or []
    if refusal := REPORT.refuse(job.report, w.ReportReturned, f"{unit} on {incident}"):
        return refusal
    return [w.ReportReturned(incident=incident, unit=unit, reason=command.reason)]


@decide.on(w.RemindReport)
def _remind(state: State, command: w.RemindReport, ctx: Ctx) -> Decision:
    incident, unit = command.incident, command.unit
    job = job_of(state, command, incident, unit)
    if isinstance(job, Refusal):
        return job
    here = state.responses[incident].state
    if here == "merged":
        return RESPONSE.refuse(here, w.ReportReminded, f"incident {incident}") or []
    if refusal := REPORT.refuse(job.report, w.ReportReminded, f"{unit} on {incident}"):
        return refusal
    again_us = job.reminded_us + w.REMIND_AGAIN_US
    if job.reminded_us and ctx.at_us < again_us:
        since, again = ctx.town.clock(job.reminded_us), ctx.town.clock(again_us)
        return w.RemindedAlready(unit=unit, incident=incident, since=since, again=again)
    return [w.ReportReminded(incident=incident, unit=unit)]


# -- closing ---------------------------------------------------------------------------------


def missing(response: Response, incident: str) -> w.ReportMissing | None:
    """Return why an incident cannot be closed: a unit's report is owed, or owed again."""
    units = [unit for unit, job in response.jobs.items() if job.report == "owed"]
    returned = [unit for unit, job in response.jobs.items() if job.report == "returned"]
    if not units and not returned:
        return None
    return w.ReportMissing(incident=incident, units=", ".join(units), returned=", ".join(returned))


def marked_without(response: Response, marks: tuple[str, ...]) -> tuple[str, ...]:
    """Return an importer's marks, with the units that were there and of which it has no report."""
    units = [unit for unit, job in response.jobs.items() if _unreported(job)]
    if not units or len(marks) >= MARKS_MAX:
        return marks
    return (*marks, WITHOUT.format(units=", ".join(units))[:LINE_MAX])


def _unreported(job: Job) -> bool:
    return "UnitArrived" in job.times and "FieldReported" not in job.times


# -- opening again ---------------------------------------------------------------------------


@decide.on(w.AskReopening)
def _ask(state: State, command: w.AskReopening, ctx: Ctx) -> Decision:
    event = w.ReopeningAsked(incident=command.incident, reason=command.reason)
    return response_step(state, command, event, command.incident)


@decide.on(w.GrantReopening)
def _grant(state: State, command: w.GrantReopening, ctx: Ctx) -> Decision:
    incident, reason = command.incident, command.reason
    granted = w.ReopeningGranted(incident=incident, reason=reason)
    decision = response_step(state, command, granted, incident)
    if isinstance(decision, Refusal):
        return decision
    return [*decision, d.IncidentReopened(incident=incident, reason=reason)]


@decide.on(w.DeclineReopening)
def _decline(state: State, command: w.DeclineReopening, ctx: Ctx) -> Decision:
    event = w.ReopeningDeclined(incident=command.incident, reason=command.reason)
    return response_step(state, command, event, command.incident)


# -- evolve ----------------------------------------------------------------------------------


@evolve.on(w.ReportReturned)
def _returned(state: State, event: w.ReportReturned, row: Row) -> None:
    job = state.responses[event.incident].jobs[event.unit]
    job.report = report_after(job.report, event)
    job.reminded_us = 0


@evolve.on(w.ReportReminded)
def _reminded(state: State, event: w.ReportReminded, row: Row) -> None:
    job = state.responses[event.incident].jobs[event.unit]
    job.report, job.reminded_us = REPORT.after(job.report, event), row.happened_at


@evolve.on(w.ReopeningAsked, w.ReopeningGranted, w.ReopeningDeclined)
def _reopening(state: State, event: w.ReopeningEvent, row: Row) -> None:
    response = state.responses[event.incident]
    response.state = RESPONSE.after(response.state, event)


STEPS: Mapping[str, Steps] = {"report": REPORT}
REACTS: Mapping[type[Event], Callable[[State, Event, Row], Sequence[Command]]] = {}
