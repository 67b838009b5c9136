"""What dispatch decides on: the STEPS of units, jobs and responses, the state, what is shared."""

from __future__ import annotations

import msgspec

from answerable.dispatch import merge_words as merge
from answerable.dispatch import move_words as m
from answerable.dispatch import report_words as report
from answerable.dispatch import words as w
from answerable.intake import words as intake
from answerable.kernel.alarms import Alarms
from answerable.kernel.event import Command, Event
from answerable.kernel.refusals import Refusal, Unknown
from answerable.kernel.room import Arms, Context, Deciders, Decision, Rings
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
        ("out of service", m.ReturnOverdue): "out of service",
    },
)

MOVE = Steps(
    "move-up",
    first="at its own station",
    last=frozenset({"at its own station"}),
    table={
        ("at its own station", m.MoveUpOrdered): "moved up",
        ("moved up", m.MoveUpOrdered): "moved up",
        ("moved up", m.MoveUpEnded): "at its own station",
    },
)
"""Where a unit waits for work; it is sent from either."""

RESPONSE = Steps(
    "response",
    first="new",
    last=frozenset({"closed", "merged"}),
    table={
        ("new", intake.IncidentOpened): "open",
        ("open", w.IncidentClosed): "closed",
        ("closed", w.IncidentReopened): "open",
        ("closed", report.ReopeningAsked): "reopening asked",
        ("reopening asked", report.ReopeningGranted): "reopening granted",
        ("reopening asked", report.ReopeningDeclined): "closed",
        ("reopening asked", w.IncidentReopened): "open",
        ("reopening granted", w.IncidentReopened): "open",
        ("open", merge.IncidentMerged): "merged",
        ("merged", merge.IncidentUnmerged): "open",
        ("open", merge.IncidentTookOver): "open",
        ("open", merge.IncidentGaveBack): "open",
        ("closed", merge.IncidentGaveBack): "closed",
        ("reopening asked", merge.IncidentGaveBack): "reopening asked",
        ("merged", merge.IncidentGaveBack): "merged",
        **{
            ("open", event): "open"
            for event in (m.AlarmRaised, m.AlarmLowered, m.IncidentOnHold, m.MessageSent)
        },
    },
)

HOLD = Steps(
    "hold",
    first="not held",
    last=frozenset({"not held"}),
    table={
        ("not held", m.IncidentOnHold): "held",
        ("held", m.IncidentOnHold): "held",
        ("held", m.HoldEnded): "not held",
    },
)
"""An incident that waits; its time, a free unit, a sending, or its end ends that."""

PATH: tuple[tuple[str, type[Event]], ...] = (
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
    states = ("sent", *(state for state, _ in PATH))
    for here, state in enumerate(states):
        table |= {(state, event): to for to, event in PATH[here:]}
        table[state, w.UnitCleared] = "cleared"
        if state in ("sent", "acknowledged", "en route"):
            table[state, w.UnitCancelled] = "cancelled"
        else:
            table[state, w.FieldReported] = state
        if state not in ("transporting", "at hospital"):  # a patient is aboard
            table |= {(state, m.UnitsExchanged): state, (state, m.UnitPreempted): state}
    table["cleared", w.FieldReported] = "cleared"
    for ended in ("cleared", "cancelled"):
        table[ended, w.UnitSent] = "sent"
        table[ended, w.UnitStacked] = "stacked"
    return table


JOB = Steps("job", first="new", last=frozenset({"cleared", "cancelled"}), table=_job_table())
"""The life of one unit on one incident."""

UNDER_WAY = frozenset({"sent", *(state for state, _ in PATH)})
"""The states in which a job occupies its unit."""

ENTERS = {event.__name__: to for (state, event), to in JOB.table.items() if to != state}
"""The state that a job enters by an event."""


OWING = ("owed", "returned")
"""The states of a report that is waited for."""


def _report_table() -> dict[tuple[str, type[Event]], str]:
    there: tuple[type[Event], ...] = (w.UnitArrived, w.UnitTransporting, w.UnitAtHospital)
    return {
        **{("not owed", event): "owed" for event in there},
        **{("owed", event): "owed" for event in there},
        ("not owed", w.FieldReported): "given",
        ("owed", w.FieldReported): "given",
        ("returned", w.FieldReported): "given",
        ("given", w.FieldReported): "given",
        ("given", report.ReportReturned): "returned",
        ("given", w.UnitSent): "not owed",
        **{(state, report.ReportReminded): state for state in OWING},
    }


REPORT = Steps(
    "report", first="not owed", last=frozenset({"not owed", "given"}), table=_report_table()
)
"""A unit's report about one job. A step at the place leads to "owed" where it says that it does."""


def report_after(state: str, event: Event) -> str:
    """Return how a job's report stands after an event; most events leave it as it was."""
    if isinstance(event, w.PlaceEvent) and not event.owes:
        return state
    return REPORT.led(state, event)


class Alert(msgspec.Struct):
    """How the alerting of a crew about one job stands.

    ``wanted`` is the ring that asks for another unit to be proposed, "" where none does;
    ``instead`` the unit that was proposed. ``heard_us`` is when a device was first reached.
    """

    state: str
    heard_us: int = 0
    reminded: int = 0
    wanted: str = ""
    instead: str = ""


class Job(msgspec.Struct):
    """One unit on one incident: its state, since when, and the time of each step (UTC us)."""

    state: str
    since_us: int
    times: dict[str, int] = {}
    alert: Alert | None = None
    report: str = REPORT.first
    reminded_us: int = 0
    """When its crew was last reminded, of the job or of its report; 0 for never."""


class Response(msgspec.Struct):
    """An incident as dispatch sees it; ``into`` is what it was merged into, "" while it was not."""

    state: str
    since_us: int
    area_class: str = ""
    jobs: dict[str, Job] = {}
    into: str = ""
    priority: str = ""
    areas: tuple[str, ...] = ()
    alarm: int = 1
    hold: str = HOLD.first
    held_until_us: int = 0
    awaits: str = ""
    kind: str = ""


class Unit(msgspec.Struct):
    """A unit: its duty, and the incidents that occupy it or wait for it, oldest first."""

    duty: str
    unit_type: str = ""
    station: str = ""
    skills: tuple[str, ...] = ()
    reason: str = ""
    busy: list[str] = []
    stacked: list[str] = []
    moved_up: str = ""
    back_us: int = 0


class Escalation(msgspec.Struct):
    """What a supervisor was told: about an incident, a unit on it or a call, and by which promise.

    ``told_us`` and ``noted_us`` (0: not yet) are when they were told and took note (UTC us).
    """

    state: str
    told_us: int
    incident: str = ""
    call: str = ""
    unit: str = ""
    promise: str = ""
    standard: str = ""
    about: str = ""
    noted_us: int = 0


class State(msgspec.Struct):
    """Everything dispatch decides on. An alarm's name is a sort, a colon, and what it is about.

    ``awaited``: the incidents on hold that wait for a unit to be free, by the unit.
    """

    units: dict[str, Unit] = {}
    responses: dict[str, Response] = {}
    alarms: Alarms = msgspec.field(default_factory=Alarms)
    escalations: dict[str, Escalation] = {}
    awaited: dict[str, list[str]] = {}


decide: Deciders[State, Town] = Deciders()
evolve: Arms[State] = Arms()
Ctx = Context[Town]
rings: Rings[State] = Rings()


def job_since(state: State, incident: str, unit: str, ctx: Ctx) -> str:
    """Return since when a unit is on an incident, as the town's clock shows it."""
    return ctx.town.clock(state.responses[incident].jobs[unit].since_us)


def refuse_job(
    state: State, command: Command, incident: str, unit: str, ctx: Ctx
) -> Refusal | None:
    """Return why no unit can be given a job here: unknown, closed, off duty, out of service."""
    response, known = state.responses.get(incident), state.units.get(unit)
    if response is None:
        return Unknown(command=command.tag, what="incident", name=incident)
    if known is None:
        return Unknown(command=command.tag, what="unit", name=unit)
    if response.state == "merged":
        return merge.IncidentIsMerged(unit=unit, incident=incident, into=response.into)
    if response.state != "open":
        since = ctx.town.clock(response.since_us)
        return w.IncidentIsClosed(unit=unit, incident=incident, since=since)
    if known.duty != "on duty":
        return w.UnitNotAvailable(unit=unit, duty=known.duty, reason=known.reason)
    return None


def job_state(response: Response, unit: str) -> str:
    """Return the state of the job of a unit here; the first one where it has none."""
    job = response.jobs.get(unit)
    return job.state if job else JOB.first


def refuse_step(response: Response, incident: str, unit: str, event: type[Event]) -> Decision:
    """Return why a step of a job cannot happen; an empty list where it can."""
    return JOB.refuse(job_state(response, unit), event, f"{unit} on {incident}") or []


def job_of(state: State, command: Command, incident: str, unit: str) -> Job | Refusal:
    """Return the job of a unit on an incident, or why there is none."""
    response = state.responses.get(incident)
    if response is None:
        return Unknown(command=command.tag, what="incident", name=incident)
    job = response.jobs.get(unit)
    if job is None:
        what = f"job on incident {incident} of unit"
        return Unknown(command=command.tag, what=what, name=unit)
    return job


def refuse_job_step(
    state: State, command: Command, incident: str, unit: str, event: type[Event]
) -> Refusal | None:
    """Return why a step of a job cannot happen: no such incident or job, or STEPS has it not."""
    job = job_of(state, command, incident, unit)
    if isinstance(job, Refusal):
        return job
    return JOB.refuse(job.state, event, f"{unit} on {incident}")


def job_step(state: State, command: Command, event: w.JobEvent) -> Decision:
    """Decide a step of a job that must exist: only STEPS says whether it may happen."""
    refusal = refuse_job_step(state, command, event.incident, event.unit, type(event))
    return [event] if refusal is None else refusal


def refuse_response_step(
    state: State, command: Command, event: type[Event], incident: str
) -> Refusal | None:
    """Return why a step of an incident's response cannot happen, None where it can."""
    response = state.responses.get(incident)
    if response is None:
        return Unknown(command=command.tag, what="incident", name=incident)
    return RESPONSE.refuse(response.state, event, f"incident {incident}")


def response_step(state: State, command: Command, event: Event, incident: str) -> Decision:
    """Decide a step of an incident's response: only STEPS says whether it may happen."""
    refusal = refuse_response_step(state, command, type(event), incident)
    return [event] if refusal is None else refusal
