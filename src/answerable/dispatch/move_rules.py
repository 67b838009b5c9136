"""The rules of moving units about: exchange, pre-empt, hold, move-up, return, alarm, message.

Nothing here moves a job by itself: a unit that is taken off an incident leaves it by the ordinary
end of its job, and comes to the other by the ordinary sending, in one command (B1, B2, I1).
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from answerable.dispatch import move_words as m
from answerable.dispatch import words as w
from answerable.dispatch.state import (
    HOLD,
    JOB,
    MOVE,
    OWING,
    Ctx,
    Response,
    State,
    Unit,
    decide,
    evolve,
    job_since,
    job_state,
    refuse_job,
    response_step,
    rings,
)  # fmt: skip
from answerable.intake import words as intake
from answerable.kernel.authority import refuse_area
from answerable.kernel.event import Command, Event, Row
from answerable.kernel.refusals import Refusal, Unknown
from answerable.kernel.room import Decision

DAY_US = 86_400_000_000
HOLD_ALARM = "hold"
BACK_ALARM = "back"
EXCHANGED = "taken over by another unit"
PREEMPTED = "taken away to something more urgent"
"""The outcomes of a unit that had arrived and leaves for another."""


# -- sending, and what it ends ---------------------------------------------------------------


def sent(state: State, command: w.SendUnit) -> list[Event]:
    """Return what it means that a unit is sent, once nothing stands against it.

    A hold of the incident and a move-up of the unit end by it.
    """
    incident, unit = command.incident, command.unit
    known = state.units[unit]
    return [
        *hold_over(state, incident, m.Ended.SENT),
        *move_over(known, unit, m.Ended.SENT),
        w.UnitSent(
            incident=incident,
            unit=unit,
            unit_type=known.unit_type,
            area_class=state.responses[incident].area_class,
            eta_s=command.eta_s,
            why=command.why,
            proposed=command.proposed,
            marks=command.marks,
        ),
    ]


def hold_over(state: State, incident: str, because: m.Ended) -> list[Event]:
    """Return the end of an incident's hold, nothing where it is not held."""
    held = state.responses[incident].hold == "held"
    return [m.HoldEnded(incident=incident, because=because)] if held else []


def move_over(known: Unit, unit: str, because: m.Ended) -> list[Event]:
    """Return the end of a unit's move-up, nothing where it covers no other station."""
    if not known.moved_up:
        return []
    return [m.MoveUpEnded(unit=unit, station=known.moved_up, because=because)]


def refuse_unreasoned(command: w.SendUnit) -> m.ReasonNeeded | None:
    """Return that a reason is wanted where the unit is none of those that were recommended."""
    if not command.proposed or command.unit in command.proposed or command.why.strip():
        return None
    names = ", ".join(command.proposed)
    return m.ReasonNeeded(unit=command.unit, incident=command.incident, proposed=names)


def _moved(command: Command, incident: str, unit: str, why: str, eta_s: float | None) -> w.SendUnit:
    """Return the sending that is part of an exchange or a pre-emption."""
    return w.SendUnit(key=command.key, incident=incident, unit=unit, why=why, eta_s=eta_s)


def _leave(response: Response, incident: str, unit: str, reason: str, outcome: str) -> Event:
    """Return the ordinary end of a job: called off on the way, cleared once it had arrived.

    Whoever was there before and owes a report is cleared, too: as called off nobody could give it.
    """
    owing = unit in response.jobs and response.jobs[unit].report in OWING
    if JOB.allows(job_state(response, unit), w.UnitCancelled) and not owing:
        return w.UnitCancelled(incident=incident, unit=unit, reason=reason)
    return w.UnitCleared(incident=incident, unit=unit, outcome=outcome)


# -- exchange --------------------------------------------------------------------------------


@decide.on(m.ExchangeUnits)
def _exchange(state: State, command: m.ExchangeUnits, ctx: Ctx) -> Decision:
    refusal = _refuse_exchange(state, command, ctx)
    if refusal is not None:
        return refusal
    incident, unit, by, reason = command.incident, command.unit, command.by, command.reason
    response, there = state.responses[incident], command.swap_to or ""
    gone: list[Event] = [
        m.UnitsExchanged(incident=incident, unit=unit, by=by, swap_to=there, reason=reason),
        _leave(response, incident, unit, reason, EXCHANGED),
    ]
    come = sent(state, _moved(command, incident, by, reason, command.eta_s))
    if not there:
        return [*gone, *come]
    other = state.responses[there]
    gone += [
        m.UnitsExchanged(incident=there, unit=by, by=unit, swap_to=incident, reason=reason),
        _leave(other, there, by, reason, EXCHANGED),
    ]
    return [*gone, *come, *sent(state, _moved(command, there, unit, reason, None))]


def _refuse_exchange(state: State, command: m.ExchangeUnits, ctx: Ctx) -> Refusal | None:
    """Return why two units cannot be exchanged, on one incident or between two."""
    incident, there = command.incident, command.swap_to
    if refusal := _refuse_coming(state, command, incident, command.by, there, ctx):
        return refusal
    if refusal := _refuse_leaving(state, command, incident, command.unit, m.UnitsExchanged, ctx):
        return refusal
    if not there:
        return None
    return _refuse_coming(
        state, command, there, command.unit, incident, ctx
    ) or _refuse_leaving(state, command, there, command.by, m.UnitsExchanged, ctx)  # fmt: skip


def _refuse_coming(
    state: State, command: Command, incident: str, unit: str, leaves: str | None, ctx: Ctx
) -> Refusal | None:
    """Return why a unit cannot come to an incident while it ``leaves`` another one."""
    if refusal := refuse_job(state, command, incident, unit, ctx):
        return refusal
    for other in state.units[unit].busy:
        if other not in (incident, leaves):
            since = job_since(state, other, unit, ctx)
            return w.UnitBusy(unit=unit, incident=other, since=since)
    return _step(state.responses[incident], incident, unit, w.UnitSent)


def _refuse_leaving(
    state: State, command: Command, incident: str, unit: str, event: type[Event], ctx: Ctx
) -> Refusal | None:
    """Return why a unit cannot leave an incident now: not on it, not this person's, its state."""
    response = state.responses.get(incident)
    if response is None or unit not in response.jobs:
        what = f"job on incident {incident} of unit" if response else "incident"
        return Unknown(command=command.tag, what=what, name=unit if response else incident)
    if refusal := refuse_area(ctx.actor, command.tag, incident, response.areas):
        return refusal
    return _step(response, incident, unit, event)


def _step(response: Response, incident: str, unit: str, event: type[Event]) -> Refusal | None:
    return JOB.refuse(job_state(response, unit), event, f"{unit} on {incident}")


# -- pre-empt --------------------------------------------------------------------------------


@decide.on(m.PreemptUnit)
def _preempt(state: State, command: m.PreemptUnit, ctx: Ctx) -> Decision:
    incident, unit = command.incident, command.unit
    if refusal := refuse_job(state, command, incident, unit, ctx):
        return refusal
    if refusal := _step(state.responses[incident], incident, unit, w.UnitSent):
        return refusal
    if not state.units[unit].busy:
        return m.NothingToPreempt(unit=unit)
    events: list[Event] = []
    for other in state.units[unit].busy:
        if refusal := _refuse_preempting(state, command, other, ctx):
            return refusal
        events += [
            m.UnitPreempted(incident=other, unit=unit, to=incident, reason=command.reason),
            _leave(state.responses[other], other, unit, command.reason, PREEMPTED),
        ]
    return [*events, *sent(state, _moved(command, incident, unit, command.reason, command.eta_s))]


def _refuse_preempting(
    state: State, command: m.PreemptUnit, other: str, ctx: Ctx
) -> Refusal | None:
    """Return why a unit cannot be taken away from this incident for that of the command."""
    if refusal := _refuse_leaving(state, command, other, command.unit, m.UnitPreempted, ctx):
        return refusal
    mine, theirs = state.responses[command.incident].priority, state.responses[other].priority
    if more_urgent(ctx.town.file.priorities, mine, theirs):
        return None
    return m.NotMoreUrgent(
        unit=command.unit,
        incident=command.incident,
        priority=mine,
        other=other,
        other_priority=theirs,
    )


def more_urgent(order: Sequence[str], mine: str, theirs: str) -> bool:
    """Say whether a priority comes later in the town's list, whose most urgent is the last.

    One that is not listed is less urgent than every one that is.
    """
    return mine in order and (theirs not in order or order.index(mine) > order.index(theirs))


# -- hold ------------------------------------------------------------------------------------


@decide.on(m.HoldIncident)
def _hold(state: State, command: m.HoldIncident, ctx: Ctx) -> Decision:
    incident, awaits = command.incident, command.awaits or ""
    event = m.IncidentOnHold(
        incident=incident, until_us=command.until, awaits=awaits, reason=command.reason
    )
    decision = response_step(state, command, event, incident)
    if isinstance(decision, Refusal):
        return decision
    response = state.responses[incident]
    still = [unit for unit, job in response.jobs.items() if job.state not in JOB.last]
    if still:
        return m.StillOnIt(incident=incident, units=", ".join(still))
    if refusal := refuse_time(command, command.until, ctx):
        return refusal
    if awaits and awaits not in state.units:
        return Unknown(command=command.tag, what="unit", name=awaits)
    if awaits and _free(state, awaits):
        return m.AlreadyFree(incident=incident, unit=awaits)
    return HOLD.refuse(response.hold, m.IncidentOnHold, f"incident {incident}") or [event]


def _free(state: State, unit: str) -> bool:
    known = state.units[unit]
    return known.duty == "on duty" and not known.busy


def refuse_time(command: Command, until_us: int, ctx: Ctx) -> Refusal | None:
    """Return why something cannot be timed for then: it has passed, or is too far ahead."""
    until = f"{ctx.town.local(until_us):%Y-%m-%d %H:%M}"
    if until_us <= ctx.now_us:
        return m.TimePassed(command=command.tag, until=until)
    days = (until_us - ctx.now_us) // DAY_US
    if days < m.AHEAD_DAYS_MAX:
        return None
    return m.TooFarAhead(command=command.tag, until=until, days=days, days_max=m.AHEAD_DAYS_MAX)


@decide.on(m.EndHold)
def _end_hold(state: State, command: m.EndHold, ctx: Ctx) -> Decision:
    """Why it ends follows from how things stand, not from who asks."""
    response = state.responses.get(command.incident)
    if response is None:
        return Unknown(command=command.tag, what="incident", name=command.incident)
    because = m.Ended.HAND
    if ctx.now_us >= response.held_until_us:
        because = m.Ended.TIME
    elif response.awaits and _free(state, response.awaits):
        because = m.Ended.FREE
    what = f"incident {command.incident}"
    return HOLD.refuse(response.hold, m.HoldEnded, what) or [
        m.HoldEnded(incident=command.incident, because=because, reason=command.reason)
    ]


# -- move-up ---------------------------------------------------------------------------------


@decide.on(m.OrderMoveUp)
def _order_move_up(state: State, command: m.OrderMoveUp, ctx: Ctx) -> Decision:
    unit, station = command.unit, command.station
    known = state.units.get(unit)
    if known is None:
        return Unknown(command=command.tag, what="unit", name=unit)
    if known.duty != "on duty":
        return m.NoMoveUp(unit=unit, duty=known.duty, reason=known.reason)
    if waiting := known.busy or known.stacked:
        since = job_since(state, waiting[0], unit, ctx)
        return w.UnitOnJob(
            step=m.MoveUpOrdered.__name__, unit=unit, incident=waiting[0], since=since
        )
    possible = _stations(state, ctx) - {known.station}
    if station not in possible:
        names = ", ".join(sorted(possible)[:24]) or "none"
        return m.NoSuchStation(unit=unit, station=station, possible=names)
    return MOVE.refuse(_move_state(known), m.MoveUpOrdered, unit) or [
        m.MoveUpOrdered(unit=unit, station=station, reason=command.reason)
    ]


def _stations(state: State, ctx: Ctx) -> set[str]:
    """Return the stations there are: those of the town's map, and those that units come from."""
    homes = {unit.station for unit in ctx.town.units.values()}
    now = {unit.station for unit in state.units.values()}
    return {*homes, *now, *getattr(ctx.town.places, "stations", ())} - {""}


def _move_state(known: Unit) -> str:
    return "moved up" if known.moved_up else MOVE.first


def _end_move_up(
    state: State, command: m.EndMoveUp | m.CancelMoveUp, because: m.Ended, reason: str
) -> Decision:
    known = state.units.get(command.unit)
    if known is None:
        return Unknown(command=command.tag, what="unit", name=command.unit)
    event = m.MoveUpEnded(unit=command.unit, station=known.moved_up, because=because, reason=reason)
    refusal = MOVE.refuse(_move_state(known), m.MoveUpEnded, command.unit)
    if refusal is not None and because is m.Ended.CANCELLED:
        # two commands ask for this one step: each is refused under its own name
        return msgspec.structs.replace(refusal, step=command.tag)
    return refusal or [event]


@decide.on(m.EndMoveUp)
def _return(state: State, command: m.EndMoveUp, ctx: Ctx) -> Decision:
    return _end_move_up(state, command, m.Ended.RETURNED, "")


@decide.on(m.CancelMoveUp)
def _cancel_move_up(state: State, command: m.CancelMoveUp, ctx: Ctx) -> Decision:
    return _end_move_up(state, command, m.Ended.CANCELLED, command.reason)


# -- a unit that is not back ------------------------------------------------------------------


@decide.on(m.RemindReturn)
def _remind_return(state: State, command: m.RemindReturn, ctx: Ctx) -> Decision:
    known = state.units.get(command.unit)
    if known is None or not known.back_us:
        return Unknown(command=command.tag, what="return to wait for, of unit", name=command.unit)
    return [m.ReturnOverdue(unit=command.unit, back_us=known.back_us)]


# -- alarm levels and messages ----------------------------------------------------------------


def _level(state: State, command: m.RaiseAlarm | m.LowerAlarm, event: m.AlarmEvent) -> Decision:
    """Decide a change of the level: up by one command, down by the other."""
    decision = response_step(state, command, event, command.incident)
    if isinstance(decision, Refusal):
        return decision
    now = state.responses[command.incident].alarm
    wanted = command.level > now if isinstance(command, m.RaiseAlarm) else command.level < now
    if wanted:
        return decision
    return m.NotThatLevel(
        command=command.tag, incident=command.incident, level=command.level, now=now
    )


@decide.on(m.RaiseAlarm)
def _raise(state: State, command: m.RaiseAlarm, ctx: Ctx) -> Decision:
    event = m.AlarmRaised(incident=command.incident, level=command.level, reason=command.reason)
    return _level(state, command, event)


@decide.on(m.LowerAlarm)
def _lower(state: State, command: m.LowerAlarm, ctx: Ctx) -> Decision:
    event = m.AlarmLowered(incident=command.incident, level=command.level, reason=command.reason)
    return _level(state, command, event)


@decide.on(m.SendMessage)
def _message(state: State, command: m.SendMessage, ctx: Ctx) -> Decision:
    unit = command.unit or ""
    known = state.units.get(unit)
    if unit and known is None:
        return Unknown(command=command.tag, what="unit", name=unit)
    incident = command.incident or next(iter(known.busy if known else ()), "")
    if not incident:
        return m.AboutNothing(unit=unit)
    event = m.MessageSent(
        incident=incident, to_unit=unit, to_desk=command.desk or "", words=command.words
    )
    return response_step(state, command, event, incident)


# -- evolve ----------------------------------------------------------------------------------


@evolve.on(intake.KindChanged)
def _kind_changed(state: State, event: intake.KindChanged, row: Row) -> None:
    if response := state.responses.get(event.incident):
        response.priority, response.kind = event.priority, event.kind


@evolve.on(m.IncidentOnHold)
def _on_hold(state: State, event: m.IncidentOnHold, row: Row) -> None:
    response = state.responses[event.incident]
    _await(state, response.awaits, event.incident, wanted=False)
    response.hold = HOLD.after(response.hold, event)
    response.held_until_us, response.awaits = event.until_us, event.awaits
    _await(state, event.awaits, event.incident, wanted=True)
    state.alarms.set(f"{HOLD_ALARM}:{event.incident}", event.until_us)


@evolve.on(m.HoldEnded)
def _hold_ended(state: State, event: m.HoldEnded, row: Row) -> None:
    response = state.responses[event.incident]
    _await(state, response.awaits, event.incident, wanted=False)
    response.hold = HOLD.after(response.hold, event)
    response.held_until_us, response.awaits = 0, ""
    state.alarms.cancel(f"{HOLD_ALARM}:{event.incident}")


def _await(state: State, unit: str, incident: str, *, wanted: bool) -> None:
    """Keep which incidents wait for a unit to be free."""
    waiting = [one for one in state.awaited.get(unit, ()) if one != incident]
    if wanted and unit:
        waiting.append(incident)
    if waiting:
        state.awaited[unit] = waiting
    else:
        state.awaited.pop(unit, None)


@evolve.on(m.MoveUpOrdered)
def _moved_up(state: State, event: m.MoveUpOrdered, row: Row) -> None:
    state.units[event.unit].moved_up = event.station


@evolve.on(m.MoveUpEnded)
def _move_up_ended(state: State, event: m.MoveUpEnded, row: Row) -> None:
    state.units[event.unit].moved_up = ""


@evolve.on(m.ReturnOverdue)
def _overdue(state: State, event: m.ReturnOverdue, row: Row) -> None:
    wait_for_return(state, event.unit, None)


def wait_for_return(state: State, unit: str, back_us: int | None) -> None:
    """Set the alarm of a unit's return; None takes it away."""
    state.units[unit].back_us = back_us or 0
    if back_us:
        state.alarms.set(f"{BACK_ALARM}:{unit}", back_us)
    else:
        state.alarms.cancel(f"{BACK_ALARM}:{unit}")


@evolve.on(m.AlarmRaised, m.AlarmLowered)
def _alarm_level(state: State, event: m.AlarmEvent, row: Row) -> None:
    state.responses[event.incident].alarm = event.level


# -- alarms and reactions ---------------------------------------------------------------------


def _hold_is_over(state: State, incident: str, due_us: int) -> Command:
    return m.EndHold(key=f"hold:{incident}:{due_us}", incident=incident)


def _was_to_be_back(state: State, unit: str, due_us: int) -> Command:
    return m.RemindReturn(key=f"back:{unit}:{due_us}", unit=unit)


rings[HOLD_ALARM] = _hold_is_over
rings[BACK_ALARM] = _was_to_be_back


def end_holds(
    state: State, event: w.JobEvent | w.UnitInService | w.UnitOnDuty, row: Row
) -> Sequence[Command]:
    """Take up the incidents that waited for a unit that has become free."""
    if not _free(state, event.unit):
        return ()
    return [
        m.EndHold(key=f"awaited:{row.position}:{incident}", incident=incident)
        for incident in state.awaited.get(event.unit, ())
    ]
