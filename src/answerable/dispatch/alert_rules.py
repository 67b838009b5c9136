"""The rules of alerting: heard, missed, reminded, the next unit proposed, the supervisor told.

What is to be done when a clock rings stands in the standard's file as words; ``ON_RING`` maps those
words that this room acts on (``standards.consequences`` lists them) to commands. Whom to propose is
not computed here, because rules know no roads: a ring leaves ``wanted`` at the job, and whoever
follows the record answers it once with ``ProposeNext``, also after a restart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from answerable.dispatch import alert_words as a
from answerable.dispatch import merge_words as merge
from answerable.dispatch import report_words as report
from answerable.dispatch import words as w
from answerable.dispatch.state import (
    OWING,
    UNDER_WAY,
    Alert,
    Ctx,
    Escalation,
    Job,
    State,
    decide,
    evolve,
    job_of,
)
from answerable.intake import words as intake
from answerable.kernel.event import Command, Event, Row
from answerable.kernel.refusals import Refusal, Unknown
from answerable.kernel.room import Decision
from answerable.kernel.steps import Steps
from answerable.standards.consequences import Act
from answerable.standards.words import ClockRang

ESCALATIONS_MAX = 2_000
"""Escalations kept; the oldest gives way. They go when their incident is closed, so few stand."""
UNSIGNED = ("sent", "acknowledged")
"""The states of a job in which another unit may still be proposed in its place."""
NO_CHANNEL = "no channel reached the crew"
NOBODY = "nobody is free"
WORDS = (NO_CHANNEL, NOBODY)
"""What this room itself writes into events, which pages say in their language."""

SIGNS = (
    w.UnitAcknowledged, w.UnitEnRoute, w.UnitArrived, w.UnitTransporting, w.UnitAtHospital,
    w.UnitCancelled, w.UnitCleared,
)  # fmt: skip
"""What shows that the crew has the alert, or that it has no need of it any more."""


def _alert_table() -> dict[tuple[str, type[Event]], str]:
    table: dict[tuple[str, type[Event]], str] = {("new", w.UnitSent): "sent"}
    for state in ("sent", "heard", "reminded", "proposed"):
        table |= {
            (state, a.AlertHeard): "proposed" if state == "proposed" else "heard",
            (state, a.AlertMissed): state,
            (state, a.UnitReminded): "proposed" if state == "proposed" else "reminded",
            (state, a.NextProposed): "proposed",
        }
        table |= {(state, sign): "over" for sign in SIGNS}
    table |= {("over", kind): "over" for kind in (a.AlertHeard, a.AlertMissed, a.UnitReminded)}
    return table | {("over", w.UnitSent): "sent", ("over", a.NextProposed): "proposed"}


ALERT = Steps("alert", first="new", last=frozenset({"over"}), table=_alert_table())
"""The alerting about one job; it is over once the crew acts, though it may still be reminded."""

ENDS: tuple[type[Event], ...] = (
    w.IncidentClosed, merge.IncidentMerged, intake.CallAnswered, intake.CallAbandoned,
    intake.CallEnded,
)  # fmt: skip
ESCALATION = Steps(
    "escalation",
    first="new",
    last=frozenset({"over"}),
    table={
        ("new", a.SupervisorTold): "open",
        ("open", a.EscalationAcknowledged): "acknowledged",
        **{
            (state, ends): "over"
            for state in ("open", "acknowledged")
            for ends in ENDS
        },
    },
)  # fmt: skip
"""What a supervisor was told; it is over with its incident, or with the call it was about."""


# -- the crew --------------------------------------------------------------------------------


def _alerting(state: State, command: Command, event: w.JobEvent) -> Decision:
    """Decide an event about the alerting of a crew: its job is under way, or it owes a report."""
    job = job_of(state, command, event.incident, event.unit)
    if isinstance(job, Refusal):
        return job
    told_of_its_report = job.report in OWING and not isinstance(event, a.UnitReminded)
    if job.state not in UNDER_WAY and not told_of_its_report:
        return a.NotAlerted(
            step=type(event).__name__, unit=event.unit, incident=event.incident, state=job.state
        )
    return [event]


@decide.on(a.HearAlert)
def _hear(state: State, command: a.HearAlert, ctx: Ctx) -> Decision:
    event = a.AlertHeard(incident=command.incident, unit=command.unit, channel=command.channel)
    return _alerting(state, command, event)


@decide.on(a.MissAlert)
def _miss(state: State, command: a.MissAlert, ctx: Ctx) -> Decision:
    event = a.AlertMissed(
        incident=command.incident, unit=command.unit, channel=command.channel,
        why=command.why, last=command.last, reminder=command.reminder,
    )  # fmt: skip
    return _alerting(state, command, event)


@decide.on(a.RemindUnit)
def _remind(state: State, command: a.RemindUnit, ctx: Ctx) -> Decision:
    event = a.UnitReminded(
        incident=command.incident, unit=command.unit, ring=command.ring or ""
    )  # fmt: skip
    return _alerting(state, command, event)


@decide.on(a.ProposeNext)
def _propose(state: State, command: a.ProposeNext, ctx: Ctx) -> Decision:
    job = job_of(state, command, command.incident, command.instead_of)
    if isinstance(job, Refusal):
        return job
    if job.alert is None or job.alert.wanted != command.ring:
        return a.RingAnswered(unit=command.unit, incident=command.incident, ring=command.ring)
    if job.state not in UNSIGNED:
        return a.NotAlerted(
            step=a.NextProposed.__name__, unit=command.instead_of, incident=command.incident,
            state=job.state,
        )  # fmt: skip
    if command.unit and command.unit not in state.units:
        return Unknown(command=command.tag, what="unit", name=command.unit)
    return [
        a.NextProposed(
            incident=command.incident, instead_of=command.instead_of, ring=command.ring,
            unit=command.unit, eta_s=command.eta_s, nobody="" if command.unit else NOBODY,
        )
    ]  # fmt: skip


# -- the supervisor --------------------------------------------------------------------------


@decide.on(a.TellSupervisor)
def _tell(state: State, command: a.TellSupervisor, ctx: Ctx) -> Decision:
    if command.incident and command.incident not in state.responses:
        return Unknown(command=command.tag, what="incident", name=command.incident)
    if (told := state.escalations.get(command.escalation)) is not None:
        since = ctx.town.clock(told.told_us)
        return a.AlreadyTold(escalation=command.escalation, since=since, state=told.state)
    return [
        a.SupervisorTold(
            incident=command.incident, call=command.call, unit=command.unit,
            escalation=command.escalation, promise=command.promise, standard=command.standard,
            limit_s=command.limit_s, about=command.about,
        )
    ]  # fmt: skip


@decide.on(a.AcknowledgeEscalation)
def _acknowledge(state: State, command: a.AcknowledgeEscalation, ctx: Ctx) -> Decision:
    told = state.escalations.get(command.escalation)
    if told is None:
        return Unknown(command=command.tag, what="escalation", name=command.escalation)
    if told.noted_us:
        since = ctx.town.clock(told.noted_us)
        return a.AlreadyNoted(escalation=command.escalation, since=since)
    names = [] if command.only else _of_incident(state, told.incident)
    return [
        _acknowledged(name, state.escalations[name], command.remark)
        for name in names or [command.escalation]
    ]


def _of_incident(state: State, incident: str) -> list[str]:
    """Return what stands open about an incident, oldest first."""
    return [
        name for name, told in state.escalations.items()
        if incident and told.incident == incident and not told.noted_us
    ]  # fmt: skip


def _acknowledged(name: str, told: Escalation, remark: str) -> a.EscalationAcknowledged:
    return a.EscalationAcknowledged(
        incident=told.incident, call=told.call, unit=told.unit, escalation=name, remark=remark
    )


# -- evolve ----------------------------------------------------------------------------------


def job_moved(job: Job, event: w.JobEvent) -> None:
    """Keep the alerting of a job in step with the job: sent anew it begins anew."""
    if isinstance(event, w.UnitSent):
        job.alert = Alert(state=ALERT.after(ALERT.first, event))
    elif (alert := job.alert) is not None and ALERT.allows(alert.state, type(event)):
        alert.state, alert.wanted = ALERT.after(alert.state, event), ""


@evolve.on(a.AlertHeard, a.AlertMissed, a.UnitReminded)
def _alerted(state: State, event: w.JobEvent, row: Row) -> None:
    job = state.responses[event.incident].jobs[event.unit]
    if isinstance(event, a.UnitReminded):
        job.reminded_us = row.happened_at
    alert = job.alert
    if alert is None:
        return
    alert.state = ALERT.after(alert.state, event)
    if isinstance(event, a.AlertHeard):
        alert.heard_us = alert.heard_us or row.happened_at
    elif isinstance(event, a.UnitReminded):
        alert.reminded += 1


@evolve.on(a.NextProposed)
def _proposed(state: State, event: a.NextProposed, row: Row) -> None:
    alert = state.responses[event.incident].jobs[event.instead_of].alert
    if alert is not None:
        alert.state = ALERT.after(alert.state, event)
        alert.wanted, alert.instead = "", event.unit


@evolve.on(a.SupervisorTold)
def _told(state: State, event: a.SupervisorTold, row: Row) -> None:
    state.escalations[event.escalation] = Escalation(
        state=ESCALATION.after(ESCALATION.first, event), told_us=row.happened_at,
        incident=event.incident, call=event.call, unit=event.unit, promise=event.promise,
        standard=event.standard, about=event.about,
    )  # fmt: skip
    if len(state.escalations) > ESCALATIONS_MAX:
        del state.escalations[next(iter(state.escalations))]


@evolve.on(a.EscalationAcknowledged)
def _noted(state: State, event: a.EscalationAcknowledged, row: Row) -> None:
    told = state.escalations.get(event.escalation)
    if told is None:
        return
    told.state, told.noted_us = ESCALATION.after(told.state, event), row.happened_at
    if not told.incident and not told.call:
        del state.escalations[event.escalation]  # nothing else will end it


@evolve.on(intake.CallAnswered, intake.CallAbandoned, intake.CallEnded)
def _call_over(state: State, event: intake.CallEvent, row: Row) -> None:
    over(state, call=event.call)


def over(state: State, *, incident: str = "", call: str = "") -> None:
    """Forget the escalations of an incident that is over, or of a call that waits no more."""
    standing = state.escalations.items()
    gone = [name for name, told in standing if told.incident == incident] if incident else []
    if call:
        gone += [name for name, told in standing if told.call == call and not told.incident]
    for name in gone:
        del state.escalations[name]


def opened(state: State, incident: str, call: str) -> None:
    """Let the escalations of a call be those of the incident that it led to."""
    if not call:
        return
    for told in state.escalations.values():
        if told.call == call:
            told.incident = incident


@evolve.on(ClockRang)
def _rang(state: State, event: ClockRang, row: Row) -> None:
    if Act.PROPOSE not in event.consequences:
        return
    response = state.responses.get(event.incident)
    job = response.jobs.get(event.unit) if response is not None else None
    if job is not None and job.alert is not None and job.state in UNSIGNED:
        job.alert.wanted = ring_of(event, row)


# -- reactions -------------------------------------------------------------------------------


def ring_of(event: ClockRang, row: Row) -> str:
    """Return the name of one ring of one clock."""
    return f"{event.clock}.{event.stage}.{row.position}"


def _remind_units(state: State, event: ClockRang, row: Row) -> Iterable[Command]:
    """Remind the unit of a clock, or all units of its incident where it is about no single one.

    A unit that has cleared is reminded of the report that it owes, and of nothing else.
    """
    response = state.responses.get(event.incident)
    jobs: Mapping[str, Job] = response.jobs if response is not None else {}
    for unit, job in jobs.items():
        if job.state in UNDER_WAY and event.unit in ("", unit):
            key = f"remind:{row.position}" if event.unit else f"remind:{row.position}:{unit}"
            yield a.RemindUnit(
                key=key, incident=event.incident, unit=unit, ring=ring_of(event, row)
            )
        elif job.report in OWING and event.unit == unit and not _just_now(job, row):
            key = f"remind-report:{row.position}"
            yield report.RemindReport(key=key, incident=event.incident, unit=unit)


def _just_now(job: Job, row: Row) -> bool:
    """Say whether the crew of a job was reminded so lately that it is not rung again."""
    return bool(job.reminded_us) and row.happened_at < job.reminded_us + report.REMIND_AGAIN_US


def _tell_supervisor(state: State, event: ClockRang, row: Row) -> Iterable[Command]:
    yield a.TellSupervisor(
        key=f"tell:{row.position}", escalation=ring_of(event, row), incident=event.incident,
        call=event.call, unit=event.unit, promise=event.promise, standard=event.standard,
        limit_s=event.limit_s, about=event.about,
    )  # fmt: skip


def _leave_wanted(state: State, event: ClockRang, row: Row) -> Iterable[Command]:
    """Ask for nothing here: the ring stands at the job until somebody who knows roads answers."""
    return ()


ON_RING: dict[str, Callable[[State, ClockRang, Row], Iterable[Command]]] = {
    Act.REMIND: _remind_units,
    Act.PROPOSE: _leave_wanted,
    Act.TELL: _tell_supervisor,
}
"""What this room does about the words of a ringing clock; other words are only shown."""


def rang(state: State, event: ClockRang, row: Row) -> Sequence[Command]:
    """Return what a ringing clock asks for."""
    acts = [act for word in event.consequences if (act := ON_RING.get(word)) is not None]
    return [command for act in acts for command in act(state, event, row)]


def missed(state: State, event: a.AlertMissed, row: Row) -> Sequence[Command]:
    """Have the supervisor told where no channel is left and the crew has not signed."""
    job = state.responses[event.incident].jobs[event.unit]
    if not event.last or job.state != "sent":
        return ()
    return (
        a.TellSupervisor(
            key=f"tell:{row.position}", escalation=f"0:{row.position}", incident=event.incident,
            unit=event.unit, about=NO_CHANNEL,
        ),
    )  # fmt: skip


STEPS = {"alert": ALERT, "escalation": ESCALATION}
REACTS: dict[type[Event], Callable[..., Sequence[Command]]] = {
    ClockRang: rang, a.AlertMissed: missed,
}  # fmt: skip
