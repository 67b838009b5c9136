"""The rules of joining: calls are taken off, incidents are linked, and one is split in two."""

from __future__ import annotations

import msgspec

from answerable.intake import join_words as j
from answerable.intake import line_words as line
from answerable.intake import words as w
from answerable.intake.state import (
    CALL,
    INCIDENT,
    Ctx,
    Incident,
    State,
    call_step,
    decide,
    evolve,
    refuse_incident,
)
from answerable.kernel.event import Event, Row
from answerable.kernel.refusals import Refusal, Unknown
from answerable.kernel.room import Decision

# -- a call taken off ------------------------------------------------------------------------


@decide.on(j.DetachCall)
def _detach(state: State, command: j.DetachCall, ctx: Ctx) -> Decision:
    known = state.calls.get(command.call)
    about = known.incident if known else ""
    event = j.CallDetached(call=command.call, incident=about, reason=command.reason)
    decision = call_step(state, command, command.call, event)
    if isinstance(decision, Refusal) or known is None or not known.off_us:
        return decision
    return [*decision, line.CallHungUp(call=command.call)]  # nobody is there to be asked further


@evolve.on(j.CallDetached)
def _detached(state: State, event: j.CallDetached, row: Row) -> None:
    call = state.calls[event.call]
    call.state, call.incident = CALL.after(call.state, event), ""
    state.incidents[event.incident].calls -= 1


# -- links -----------------------------------------------------------------------------------


def _refuse_pair(
    state: State, command: j.LinkIncidents | j.UnlinkIncidents, event: type[Event]
) -> Refusal | None:
    """Return why two incidents cannot be joined so: one is unknown, not open, or they are one."""
    for incident in (command.incident, command.other):
        if refusal := refuse_incident(state, command, incident, event):
            return refusal
    if command.incident == command.other:
        return j.SameIncident(command=command.tag, incident=command.incident)
    return None


@decide.on(j.LinkIncidents)
def _link(state: State, command: j.LinkIncidents, ctx: Ctx) -> Decision:
    if refusal := _refuse_pair(state, command, j.IncidentsLinked):
        return refusal
    one, two, reason = command.incident, command.other, command.reason
    if two in state.incidents[one].linked:
        return j.AlreadyLinked(incident=one, other=two)
    return [
        j.IncidentsLinked(incident=one, other=two, reason=reason),
        j.IncidentsLinked(incident=two, other=one, reason=reason),
    ]


@decide.on(j.UnlinkIncidents)
def _unlink(state: State, command: j.UnlinkIncidents, ctx: Ctx) -> Decision:
    if refusal := _refuse_pair(state, command, j.IncidentsUnlinked):
        return refusal
    one, two, reason = command.incident, command.other, command.reason
    if two not in state.incidents[one].linked:
        return j.NotLinked(incident=one, other=two)
    return [
        j.IncidentsUnlinked(incident=one, other=two, reason=reason),
        j.IncidentsUnlinked(incident=two, other=one, reason=reason),
    ]


@evolve.on(j.IncidentsLinked)
def _linked(state: State, event: j.IncidentsLinked, row: Row) -> None:
    known = state.incidents[event.incident]
    known.state = INCIDENT.after(known.state, event)
    known.linked.append(event.other)


@evolve.on(j.IncidentsUnlinked)
def _unlinked(state: State, event: j.IncidentsUnlinked, row: Row) -> None:
    known = state.incidents[event.incident]
    known.state = INCIDENT.after(known.state, event)
    known.linked.remove(event.other)


# -- one becomes two -------------------------------------------------------------------------


@decide.on(j.SplitIncident)
def _split(state: State, command: j.SplitIncident, ctx: Ctx) -> Decision:
    incident, call, reason = command.incident, command.call, command.reason
    if refusal := _refuse_split(state, command):
        return refusal
    opened = decide.table[w.OpenIncident](state, _opening(state, command), ctx)
    if isinstance(opened, Refusal):
        return opened
    into = next(event for event in opened if isinstance(event, w.IncidentOpened))
    return [
        j.IncidentSplit(incident=incident, call=call, into=into.incident, reason=reason),
        j.CallDetached(call=call, incident=incident, reason=reason),
        *(msgspec.structs.replace(one, call=call) if one is into else one for one in opened),
        j.IncidentSplitOff(incident=into.incident, other=incident, reason=reason),
    ]


def _refuse_split(state: State, command: j.SplitIncident) -> Refusal | None:
    """Return why a call cannot be split off: unknown, not a call of this one, its only call."""
    incident, call = command.incident, command.call
    if refusal := refuse_incident(state, command, incident, j.IncidentSplit):
        return refusal
    known = state.calls.get(call)
    if known is None:
        return Unknown(command=command.tag, what="call", name=call)
    if known.incident != incident:
        return j.NotItsCall(call=call, incident=incident, about=known.incident)
    if state.incidents[incident].calls < 2:
        return j.OnlyCall(call=call, incident=incident)
    return None


def _opening(state: State, command: j.SplitIncident) -> w.OpenIncident:
    """Return the command that opens the new incident: as the old one where nothing else is said.

    It names no call: the call is free only once it has been taken off.
    """
    was = state.incidents[command.incident]
    return w.OpenIncident(
        key=command.key,
        at=command.at,
        kind=command.kind or was.kind,
        priority=command.priority or was.priority,
        group=was.group if command.group is None else command.group,
        door=command.door,
        incident=command.into,
        **_place(was, command),  # type: ignore[arg-type]
    )


def _place(was: Incident, command: j.SplitIncident) -> dict[str, str | float | None]:
    """Return where the new incident is: the place told with its position, or that of the old."""
    told = command.address is not None or command.lon is not None or command.lat is not None
    at = command if told else was
    return {
        "address": command.address or was.address,
        "lon": at.lon,
        "lat": at.lat,
        "unverified": at.unverified,
    }


@evolve.on(j.IncidentSplit)
def _was_split(state: State, event: j.IncidentSplit, row: Row) -> None:
    known = state.incidents[event.incident]
    known.state = INCIDENT.after(known.state, event)


@evolve.on(j.IncidentSplitOff)
def _split_off(state: State, event: j.IncidentSplitOff, row: Row) -> None:
    known = state.incidents[event.incident]
    known.state = INCIDENT.after(known.state, event)
