"""The rules of specialist support: asked for, signed, assigned, begun, reported, thanked.

A request is about an incident and outlives it. One alarm a request says when the step that is
waited for is late, and at the end that nobody said thanks or complained.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from answerable.dispatch import words as dispatch
from answerable.dispatch.alert_words import TellSupervisor
from answerable.kernel.authority import Holder
from answerable.kernel.event import Command, Event, Row
from answerable.kernel.refusals import Refusal, Unknown
from answerable.kernel.room import Decision
from answerable.kernel.steps import Steps
from answerable.matters import matter_words
from answerable.matters import support_words as w
from answerable.matters.matter_rules import signers
from answerable.matters.state import Ctx, State, decide, evolve, rings
from answerable.matters.support_state import REPORTED, SUPPORT, WAITS, Request
from answerable.towns.supporting import MINUTE_US, SupportKind

SORT = "support"
"""The sort of this subject's alarms."""
LATE, COMPLAINED = "support is late", "a unit complained about support"
"""What the supervisor is told."""
WHATS = ("support", "step due of support")
"""What there is none of, where a command names one that is not there."""
READ_US = 60 * MINUTE_US
"""So long a reading of what was asked for counts, for whoever read."""
LISTED_MAX = 24
"""So many choices are told in a refusal."""


def _kind(ctx: Ctx, sort: str) -> SupportKind:
    """Return a kind of the town's file; of one it has no more only its code is known."""
    kind = ctx.town.supporting.kind(sort)
    return kind or SupportKind(code=sort, titles={"en": sort}, by=(sort,))


def _due_us(ctx: Ctx, known: Request, minutes: int) -> int:
    return ctx.at_us + _kind(ctx, known.sort).span_us(minutes, urgent=known.urgent)


# -- decide: asking --------------------------------------------------------------------------


@decide.on(w.AskSupport)
def _ask(state: State, command: w.AskSupport, ctx: Ctx) -> Decision:
    """Decide to ask; the checks stand in the order of the refusals."""
    kind = ctx.town.supporting.kind(command.kind)
    refusal = _not_asked(state, command, kind, ctx)
    if refusal is not None or kind is None:
        return refusal or _no_kind(command, ctx)
    number = f"{command.incident}S{state.support.made + 1}"
    wait_us = kind.span_us(kind.approve_minutes, urgent=command.urgent) if kind.grade else 0
    asked = w.SupportAsked(
        incident=command.incident, support=number, unit=command.unit, support_kind=kind.code,
        urgent=command.urgent, grade=kind.grade, words=command.words.strip(),
        due_us=ctx.at_us + wait_us if kind.grade else 0,
    )  # fmt: skip
    if kind.grade:
        return [asked]
    due_us = ctx.at_us + kind.span_us(kind.assign_minutes, urgent=command.urgent)
    return [asked, w.SupportApproved(incident=command.incident, support=number, due_us=due_us)]


def _not_asked(
    state: State, command: w.AskSupport, kind: SupportKind | None, ctx: Ctx
) -> Refusal | None:
    """Return why a unit cannot ask for this here."""
    incident, unit = command.incident, command.unit
    if len(state.support.open) >= w.SUPPORT_MAX:
        return w.TooManySupport(support_kind=command.kind, incident=incident, most=w.SUPPORT_MAX)
    if kind is None:
        return _no_kind(command, ctx)
    on = state.support.jobs.get(unit, ())
    if unit not in ctx.town.units and not on:
        return Unknown(command=command.tag, what="unit", name=unit)
    if ctx.authority.bound_to_unit(ctx.actor.role) and incident not in on:
        return w.NotOnIncident(support_kind=command.kind, incident=incident, unit=unit)
    return None


def _no_kind(command: w.AskSupport, ctx: Ctx) -> w.NoSuchSupportKind:
    return w.NoSuchSupportKind(
        support_kind=command.kind, incident=command.incident,
        support_kinds=tuple(one.code for one in ctx.town.supporting.kinds)[:LISTED_MAX],
    )  # fmt: skip


# -- decide: what comes after ----------------------------------------------------------------


def _of(number: str, known: Request) -> dict[str, str]:
    """Return the fields by which an event names its request."""
    return {"incident": known.incident, "support": number}


def _step(
    state: State, command: w._OnSupport, event: type[w.SupportEvent], unit: str, ctx: Ctx
) -> Request | Refusal:
    """Return the request that a step is about, or why the step may not happen to it.

    ``unit`` is the one whose crew may give it ("" where the role alone decides).
    """
    known = state.support.open[command.support]
    not_theirs = ctx.authority.refuse_unit(ctx.actor, command.tag, unit)
    wrong = SUPPORT.refuse(known.state, event, f"support {command.support}")
    if refusal := not_theirs or wrong:
        return refusal
    if ctx.at_us < known.since_us:
        return w.BeforeLastStep(
            command=command.tag, support=command.support, since_us=known.since_us
        )
    return known


def _asker(known: Request, ctx: Ctx) -> str:
    return known.unit


def _giver(known: Request, ctx: Ctx) -> str:
    """Return the unit that acts for whoever it is assigned to; one in brackets is none's own."""
    if not known.to or known.to in ctx.town.units:
        return known.to
    home = ctx.town.units.get(ctx.actor.unit)
    return ctx.actor.unit if home and home.station == known.to else f"({known.to})"


def _at_work(known: Request, ctx: Ctx) -> str:
    """Return the unit that says how the work goes: of an agency's work, the one that asked."""
    to = known.to
    ours = not to or to in ctx.town.units or to in ctx.town.stations
    return _giver(known, ctx) if ours else known.unit


def _anybody(known: Request, ctx: Ctx) -> str:
    return ""


Made = Callable[[Any, Request, Ctx], "dict[str, Any] | Refusal"]


def _deciding(
    command: type[w._OnSupport], event: type[w.SupportEvent],
    whose: Callable[[Request, Ctx], str], made: Made,
) -> None:  # fmt: skip
    """Register the decision on a step: found, theirs, its turn, in time, and what is recorded."""

    def decided(state: State, given: w._OnSupport, ctx: Ctx) -> Decision:
        known = state.support.open.get(given.support)
        if known is None:
            return Unknown(command=given.tag, what=WHATS[0], name=given.support)
        found = _step(state, given, event, whose(known, ctx), ctx)
        if isinstance(found, Refusal):
            return found
        more = made(given, found, ctx)
        if isinstance(more, Refusal):
            return more
        fields: dict[str, Any] = {**_of(given.support, known), **more}
        return [event(**fields)]

    decide.on(command)(decided)


def _grade_too_low(command: w._OnSupport, known: Request, ctx: Ctx) -> Refusal | None:
    grades = ctx.town.matters
    if (yours := grades.grade(ctx.actor.role)) >= known.grade:
        return None
    return matter_words.GradeTooLow(
        what=command.support, grade=known.grade, role=ctx.actor.role, yours=yours,
        who=signers(ctx.authority, grades, known.grade, type(command)),
    )  # fmt: skip


def _approve(command: w.ApproveSupport, known: Request, ctx: Ctx) -> dict[str, Any] | Refusal:
    who = signers(ctx.authority, ctx.town.matters, known.grade, w.ApproveSupport)
    if ctx.actor.name == known.asked_by:
        return w.OwnRequest(support=command.support, who=who)
    if refusal := _grade_too_low(command, known, ctx):
        return refusal
    return {"due_us": _due_us(ctx, known, _kind(ctx, known.sort).assign_minutes)}


def _decline(command: w.DeclineSupport, known: Request, ctx: Ctx) -> dict[str, Any] | Refusal:
    return _grade_too_low(command, known, ctx) or {"reason": command.reason.strip()}


def _assign(command: w.AssignSupport, known: Request, ctx: Ctx) -> dict[str, Any] | Refusal:
    kind, town = _kind(ctx, known.sort), ctx.town
    able = [one for one in kind.able(town.units, town.unit_types) if one != known.unit]
    if command.to not in able:
        return w.CannotDoIt(
            support=command.support, to=command.to, support_kind=known.sort,
            helpers=tuple(able)[:LISTED_MAX],
        )  # fmt: skip
    return {"to": command.to, "due_us": _due_us(ctx, known, kind.accept_minutes)}


def _accept(command: w.AcceptSupport, known: Request, ctx: Ctx) -> dict[str, Any]:
    return {"to": known.to, "due_us": _due_us(ctx, known, _kind(ctx, known.sort).begin_minutes)}


def _refuse(command: w.RefuseSupport, known: Request, ctx: Ctx) -> dict[str, Any]:
    due_us = _due_us(ctx, known, _kind(ctx, known.sort).assign_minutes)
    return {"to": known.to, "reason": command.reason.strip(), "due_us": due_us}


def _begin(command: w.BeginSupport, known: Request, ctx: Ctx) -> dict[str, Any]:
    return {"to": known.to, "due_us": _due_us(ctx, known, _kind(ctx, known.sort).result_minutes)}


def _read(command: w.ReadSupport, known: Request, ctx: Ctx) -> dict[str, Any]:
    until_us = ctx.at_us + READ_US
    return {"unit": ctx.actor.unit, "purpose": command.purpose, "until_us": until_us}


def _report(command: w.ReportSupport, known: Request, ctx: Ctx) -> dict[str, Any]:
    due_us = ctx.at_us + ctx.town.supporting.thanks_minutes * MINUTE_US
    words = command.words.strip()
    return {"to": known.to, "result": command.result, "words": words, "due_us": due_us}


def _thank(command: w.ThankSupport, known: Request, ctx: Ctx) -> dict[str, Any]:
    return {"unit": known.unit, "to": known.to, "words": command.words.strip()}


def _complain(command: w.ComplainSupport, known: Request, ctx: Ctx) -> dict[str, Any]:
    file = ctx.town.supporting
    tracked = ctx.town.matters.kind(file.complaint_kind) is not None
    owned = file.complaint_owner in ctx.authority.roles_for(Holder.ACCOUNT)
    sort, owner = (file.complaint_kind, file.complaint_owner) if tracked and owned else ("", "")
    return {
        "unit": known.unit, "to": known.to, "support_kind": known.sort, "why": command.why,
        "words": command.words.strip(), "matter_kind": sort, "owner": owner,
    }  # fmt: skip


def _withdraw(command: w.WithdrawSupport, known: Request, ctx: Ctx) -> dict[str, Any]:
    return {"reason": command.reason.strip()}


def _not_due(command: w._OnSupport, known: Request, ctx: Ctx) -> Refusal | None:
    """Return the refusal of what an alarm gives before its time, or twice."""
    if 0 < known.due_us <= ctx.at_us:
        return None
    return Unknown(command=command.tag, what=WHATS[1], name=command.support)


def _close(command: w.CloseSupport, known: Request, ctx: Ctx) -> dict[str, Any] | Refusal:
    return _not_due(command, known, ctx) or {}


def _mark_late(command: w.MarkSupportLate, known: Request, ctx: Ctx) -> dict[str, Any] | Refusal:
    late = {"step": WAITS[known.state], "due_us": known.due_us}
    return _not_due(command, known, ctx) or late


_deciding(w.ApproveSupport, w.SupportApproved, _anybody, _approve)
_deciding(w.DeclineSupport, w.SupportDeclined, _anybody, _decline)
_deciding(w.AssignSupport, w.SupportAssigned, _anybody, _assign)
_deciding(w.AcceptSupport, w.SupportAccepted, _giver, _accept)
_deciding(w.RefuseSupport, w.SupportRefused, _giver, _refuse)
_deciding(w.BeginSupport, w.SupportBegun, _at_work, _begin)
_deciding(w.ReadSupport, w.SupportRead, _giver, _read)
_deciding(w.ReportSupport, w.SupportReported, _at_work, _report)
_deciding(w.ThankSupport, w.SupportThanked, _asker, _thank)
_deciding(w.ComplainSupport, w.SupportComplained, _asker, _complain)
_deciding(w.WithdrawSupport, w.SupportWithdrawn, _asker, _withdraw)
_deciding(w.CloseSupport, w.SupportClosed, _anybody, _close)
_deciding(w.MarkSupportLate, w.SupportLate, _anybody, _mark_late)


# -- evolve ----------------------------------------------------------------------------------


@evolve.on(dispatch.UnitSent)
def _has_job(state: State, event: dispatch.UnitSent, row: Row) -> None:
    on = state.support.jobs.setdefault(event.unit, [])
    if event.incident not in on:
        on.append(event.incident)


@evolve.on(dispatch.UnitCleared, dispatch.UnitCancelled)
def _job_over(state: State, event: dispatch.JobEvent, row: Row) -> None:
    on = state.support.jobs.get(event.unit)
    if on is not None and event.incident in on:
        on.remove(event.incident)
        if not on:
            del state.support.jobs[event.unit]


def _wait(state: State, number: str, due_us: int) -> None:
    """Note until when the next step is waited for, and set the alarm."""
    state.support.open[number].due_us = due_us
    if due_us:
        state.alarms.set(f"{SORT}:{number}", due_us)
    else:
        state.alarms.cancel(f"{SORT}:{number}")


@evolve.on(w.SupportAsked)
def _was_asked(state: State, event: w.SupportAsked, row: Row) -> None:
    state.support.made += 1
    state.support.open[event.support] = Request(
        incident=event.incident, unit=event.unit, sort=event.support_kind, asked_by=row.actor,
        asked_us=row.happened_at, position=row.position, urgent=event.urgent, grade=event.grade,
        state=SUPPORT.after(SUPPORT.first, event), since_us=row.happened_at,
    )  # fmt: skip
    _wait(state, event.support, event.due_us)


@evolve.on(
    w.SupportApproved, w.SupportAssigned, w.SupportAccepted, w.SupportRefused, w.SupportBegun,
    w.SupportReported,
)  # fmt: skip
def _went_on(state: State, event: w.SupportStep, row: Row) -> None:
    known = state.support.open[event.support]
    known.state, known.since_us = SUPPORT.after(known.state, event), row.happened_at
    if isinstance(event, w.SupportAssigned):
        known.to = event.to
    elif isinstance(event, w.SupportRefused):
        known.to, known.reads = "", {}
    elif isinstance(event, w.SupportReported):
        known.result = event.result
    _wait(state, event.support, event.due_us)


@evolve.on(w.SupportRead)
def _was_read(state: State, event: w.SupportRead, row: Row) -> None:
    state.support.open[event.support].reads[row.actor] = event.until_us


@evolve.on(w.SupportLate)
def _was_late(state: State, event: w.SupportLate, row: Row) -> None:
    state.support.open[event.support].late.append(event.step)
    _wait(state, event.support, 0)


@evolve.on(
    w.SupportDeclined, w.SupportWithdrawn, w.SupportThanked, w.SupportComplained, w.SupportClosed,
)  # fmt: skip
def _ended(state: State, event: w.SupportEvent, row: Row) -> None:
    del state.support.open[event.support]
    state.alarms.cancel(f"{SORT}:{event.support}")


# -- by itself -------------------------------------------------------------------------------


def _ring(state: State, about: str, due_us: int) -> Command:
    known = state.support.open[about]
    command = w.CloseSupport if known.state == REPORTED else w.MarkSupportLate
    return command(key=f"support-due:{about}:{due_us}", support=about)


rings[SORT] = _ring


def _told(event: w.SupportEvent, row: Row, about: str) -> TellSupervisor:
    return TellSupervisor(
        key=f"tell-support:{row.position}", escalation=f"0:{row.position}",
        incident=event.incident, about=about,
    )  # fmt: skip


def _tell_late(state: State, event: w.SupportLate, row: Row) -> Sequence[Command]:
    return (_told(event, row, LATE),)


def _take_up(state: State, event: w.SupportComplained, row: Row) -> Sequence[Command]:
    """Have a complaint carried to its end: as a tracked matter, else by the supervisor."""
    if not event.matter_kind:
        return (_told(event, row, COMPLAINED),)
    known = event.incident.isascii() and event.incident.isalnum()
    return (
        matter_words.OpenMatter(
            key=f"support-complaint:{row.position}", kind=event.matter_kind,
            words=f"{event.support}: {event.support_kind}, {event.to}, {event.why}",
            origin=matter_words.Origin.INCIDENT if known else matter_words.Origin.HAND,
            about=event.incident if known else "",
            owner_sort=matter_words.OwnerSort.ROLE, owner=event.owner,
        ),
    )  # fmt: skip


STEPS: Mapping[str, Steps] = {"support": SUPPORT}
REACTS: Mapping[type[Event], Callable[[State, Any, Row], Sequence[Command]]] = {
    w.SupportLate: _tell_late, w.SupportComplained: _take_up,
}  # fmt: skip
