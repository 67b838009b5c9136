"""The rules of intake: what may happen to calls and incidents, and what follows from it."""

from __future__ import annotations

from collections.abc import Sequence

import answerable.intake.join_rules  # noqa: F401 - registers its decisions and arms
from answerable.intake import (
    counting,
    line_rules,
    script_rules,  # noqa: F401 - registers its deciders and arms
)
from answerable.intake import join_words as j
from answerable.intake import line_words as line
from answerable.intake import script_words as script
from answerable.intake import words as w
from answerable.intake.state import (
    CALL,
    INCIDENT,
    Booking,
    Call,
    Ctx,
    Incident,
    State,
    areas,
    call_step,
    count_number,
    decide,
    evolve,
    next_number,
    refuse_incident,
)  # fmt: skip
from answerable.kernel.authority import IMPORTER
from answerable.kernel.event import Command, Row
from answerable.kernel.refusals import NotYet, Refusal, Unknown
from answerable.kernel.room import Decision, Room

# -- calls -----------------------------------------------------------------------------------

NOBODY = frozenset({
    "anonymous", "blocked", "none", "no number", "private", "restricted", "suppressed",
    "unavailable", "unknown", "withheld", "匿名", "保密", "无", "未知", "隐藏",
})  # fmt: skip
"""What lines give, and people write, for a number that is withheld (RFC 3323, and usage)."""


def shown(number: str) -> str:
    """Return a caller's number, or address, as it came; "" for one that is withheld.

    Noughts and signs alone are none either; any other words may say how to reach somebody.
    """
    plain = number.casefold().removeprefix("sip:").removeprefix("sips:")
    name = " ".join(plain.partition("@")[0].split())
    return "" if name in NOBODY or not any(s.isalnum() and s != "0" for s in name) else number


@decide.on(w.RingCall)
def _ring(state: State, command: w.RingCall, ctx: Ctx) -> Decision:
    call = command.call or next_number(state, "C", ctx.at_us, ctx.town, state.calls)
    if call in state.calls:
        return w.NumberTaken(what="call", name=call)
    number = shown(command.number)
    return [w.CallRung(call=call, line=command.line, number=number, medium=command.medium)]


@decide.on(w.AnswerCall)
def _answer(state: State, command: w.AnswerCall, ctx: Ctx) -> Decision:
    call = command.call or next_number(state, "C", ctx.at_us, ctx.town, state.calls)
    known = state.calls.get(call)
    at = known.state if known else CALL.first
    if known is not None and (had := line_rules.taken(call, known, ctx.town)):
        return had
    if refusal := CALL.refuse(at, w.CallAnswered, f"call {call}"):
        return refusal
    return [
        w.CallAnswered(
            call=call, line=command.line, number=shown(command.number), desk=command.desk,
            marks=command.marks,
        )
    ]  # fmt: skip


@decide.on(w.AbandonCall)
def _abandon(state: State, command: w.AbandonCall, ctx: Ctx) -> Decision:
    return call_step(state, command, command.call, w.CallAbandoned(call=command.call))


@decide.on(w.EndCall)
def _end(state: State, command: w.EndCall, ctx: Ctx) -> Decision:
    event = w.CallEnded(call=command.call, reason=command.reason)
    return call_step(state, command, command.call, event)


@decide.on(w.AttachCall)
def _attach(state: State, command: w.AttachCall, ctx: Ctx) -> Decision:
    event = w.CallAttached(call=command.call, incident=command.incident)
    if refusal := refuse_incident(state, command, command.incident, w.CallAttached):
        return refusal
    return call_step(state, command, command.call, event)


# -- incidents -------------------------------------------------------------------------------


def _refuse_kind(
    command: w.OpenIncident | w.BookIncident | w.ChangeKind, ctx: Ctx
) -> Refusal | None:
    """Return why the town cannot have this kind, or this priority.

    The list of priorities binds the desks; an old record keeps the word of its own source.
    """
    if command.kind not in ctx.town.kinds:
        return w.UnknownKind(kind=command.kind)
    known = ctx.town.file.priorities
    if known and command.priority not in known and ctx.actor.role != IMPORTER.role:
        return w.UnknownPriority(priority=command.priority, possible=", ".join(known))
    return None


def _refuse_opening(
    state: State, command: w.OpenIncident | w.BookIncident, ctx: Ctx
) -> Refusal | None:
    if command.incident in state.incidents:
        return w.NumberTaken(what="incident", name=str(command.incident))
    if refusal := _refuse_kind(command, ctx):
        return refusal
    if (command.lon is None or command.lat is None) and not command.unverified:
        return w.PlaceNeeded(address=command.address)
    return None


@decide.on(w.OpenIncident)
def _open(state: State, command: w.OpenIncident, ctx: Ctx) -> Decision:
    if refusal := _refuse_opening(state, command, ctx):
        return refusal
    event = w.IncidentOpened(
        incident=command.incident or next_number(state, "", ctx.at_us, ctx.town, state.incidents),
        call=command.call or "",
        kind=command.kind,
        group=command.group,
        priority=command.priority,
        address=command.address,
        lon=command.lon,
        lat=command.lat,
        door=command.door,
        unverified=command.unverified,
        reference=command.reference,
        marks=command.marks,
        **areas(command.lon, command.lat, ctx.town),  # type: ignore[arg-type]
    )
    if command.call is not None:
        return call_step(state, command, command.call, event)
    return [event]


@decide.on(w.BookIncident)
def _book(state: State, command: w.BookIncident, ctx: Ctx) -> Decision:
    if refusal := _refuse_opening(state, command, ctx):
        return refusal
    if command.due <= ctx.now_us:
        return w.NotLater(address=command.address, due=ctx.town.clock(command.due))
    return [
        w.IncidentBooked(
            incident=command.incident
            or next_number(state, "", ctx.at_us, ctx.town, state.incidents),
            kind=command.kind,
            priority=command.priority,
            address=command.address,
            lon=command.lon,
            lat=command.lat,
            due_us=command.due,
            unverified=command.unverified,
        )
    ]


@decide.on(w.OpenBooked)
def _open_booked(state: State, command: w.OpenBooked, ctx: Ctx) -> Decision:
    known = state.incidents.get(command.incident)
    if known is None or known.booking is None:
        return Unknown(command=command.tag, what="booking", name=command.incident)
    booking = known.booking
    return [
        w.IncidentOpened(
            incident=command.incident,
            kind=booking.kind,
            priority=booking.priority,
            address=booking.address,
            lon=booking.lon,
            lat=booking.lat,
            unverified=booking.unverified,
            **areas(booking.lon, booking.lat, ctx.town),  # type: ignore[arg-type]
        )
    ]


@decide.on(w.CancelBooking)
def _cancel_booking(state: State, command: w.CancelBooking, ctx: Ctx) -> Decision:
    event = w.BookingCancelled(incident=command.incident, reason=command.reason)
    return refuse_incident(state, command, command.incident, type(event)) or [event]


@decide.on(w.ChangeKind)
def _change_kind(state: State, command: w.ChangeKind, ctx: Ctx) -> Decision:
    if refusal := refuse_incident(state, command, command.incident, w.KindChanged):
        return refusal
    if refusal := _refuse_kind(command, ctx):
        return refusal
    known = state.incidents[command.incident]
    return [
        w.KindChanged(
            incident=command.incident,
            kind=command.kind,
            priority=command.priority,
            was_kind=known.kind,
            was_priority=known.priority,
            reason=command.reason,
        )
    ]


@decide.on(w.CorrectPlace)
def _correct_place(state: State, command: w.CorrectPlace, ctx: Ctx) -> Decision:
    if refusal := refuse_incident(state, command, command.incident, w.PlaceCorrected):
        return refusal
    return [
        w.PlaceCorrected(
            incident=command.incident,
            address=command.address,
            was_address=state.incidents[command.incident].address,
            lon=command.lon,
            lat=command.lat,
            door=command.door,
            reason=command.reason,
            **areas(command.lon, command.lat, ctx.town),  # type: ignore[arg-type]
        )
    ]


@decide.on(w.CorrectCallTime)
def _correct_time(state: State, command: w.CorrectCallTime, ctx: Ctx) -> Decision:
    if command.to > ctx.now_us:
        ahead_s = (command.to - ctx.now_us) // 1_000_000
        return NotYet(command=command.tag, ahead_s=ahead_s)
    times, what = _times(state, command)
    if command.step not in times:
        return w.NoSuchTime(step=command.step, what=what, possible=", ".join(times) or "none")
    return [
        w.CallTimeCorrected(
            call=command.call or "",
            incident="" if command.call else command.incident or "",
            step=command.step,
            was_us=times[command.step],
            now_us=command.to,
            reason=command.reason,
        )
    ]


def _times(state: State, command: w.CorrectCallTime) -> tuple[dict[str, int], str]:
    if command.call is not None:
        call = state.calls.get(command.call)
        return (call.times if call else {}), f"Call {command.call}"
    incident = state.incidents.get(command.incident or "")
    times = {"IncidentOpened": incident.opened_us} if incident and incident.opened_us else {}
    return times, f"Incident {command.incident}"


@decide.on(w.AddNote)
def _add_note(state: State, command: w.AddNote, ctx: Ctx) -> Decision:
    if refusal := refuse_incident(state, command, command.incident, w.NoteAdded):
        return refusal
    number = state.incidents[command.incident].notes + 1
    return [w.NoteAdded(incident=command.incident, note=number, words=command.words)]


@decide.on(w.StrikeNote)
def _strike_note(state: State, command: w.StrikeNote, ctx: Ctx) -> Decision:
    if refusal := refuse_incident(state, command, command.incident, w.NoteStruck):
        return refusal
    known = state.incidents[command.incident]
    if command.note > known.notes or command.note in known.struck:
        return w.NoSuchNote(incident=command.incident, note=command.note)
    return [w.NoteStruck(incident=command.incident, note=command.note, reason=command.reason)]


# -- counts ----------------------------------------------------------------------------------


@decide.on(w.CountLine)
def _count_line(state: State, command: w.CountLine, ctx: Ctx) -> Decision:
    return counting.count_line(state.counts, command, ctx)


@decide.on(w.CompareCounts)
def _compare_counts(state: State, command: w.CompareCounts, ctx: Ctx) -> Decision:
    return counting.compare_counts(state.counts, command, ctx)


@decide.on(w.ExplainDifference)
def _explain(state: State, command: w.ExplainDifference, ctx: Ctx) -> Decision:
    return counting.explain(state.counts, command)


@decide.on(w.RetireLine)
def _retire(state: State, command: w.RetireLine, ctx: Ctx) -> Decision:
    return counting.retire(state.counts, command)


# -- evolve ----------------------------------------------------------------------------------


@evolve.on(w.CallRung, w.CallAnswered, w.CallAbandoned, w.CallEnded)
def _call_moved(
    state: State,
    event: w.CallEvent,
    row: Row,
) -> None:
    call = state.calls.get(event.call)
    if call is None:
        call = state.calls[event.call] = Call(state=CALL.first)
        count_number(state, event.call)
    call.state = CALL.after(call.state, event)
    call.times[type(event).__name__] = row.happened_at
    if isinstance(event, w.CallRung):
        call.line, call.medium, call.reachable = event.line, event.medium, bool(event.number)
        counting.rang(state.counts, event.line, row.happened_at)
    elif isinstance(event, w.CallAnswered):
        call.by, call.desk = row.actor, event.desk
        call.reachable = call.reachable or bool(event.number)
        counting.answered(state.counts, row.happened_at)


@evolve.on(w.CallAttached)
def _call_attached(state: State, event: w.CallAttached, row: Row) -> None:
    call = state.calls[event.call]
    call.state, call.incident = CALL.after(call.state, event), event.incident
    state.incidents[event.incident].calls += 1


@evolve.on(w.IncidentOpened)
def _incident_opened(state: State, event: w.IncidentOpened, row: Row) -> None:
    known = state.incidents.get(event.incident)
    at = known.state if known else INCIDENT.first
    state.incidents[event.incident] = Incident(
        state=INCIDENT.after(at, event),
        kind=event.kind,
        priority=event.priority,
        address=event.address,
        opened_us=row.happened_at,
        notes=known.notes if known else 0,
        struck=known.struck if known else [],
        group=event.group,
        lon=event.lon,
        lat=event.lat,
        unverified=event.unverified,
        calls=1 if event.call else 0,
        asked=known.asked if known else [],
        told=known.told if known else [],
    )
    state.alarms.cancel(event.incident)
    if known is None:
        count_number(state, event.incident)
    if event.call:
        call = state.calls[event.call]
        call.state, call.incident = CALL.after(call.state, event), event.incident


@evolve.on(w.IncidentBooked)
def _incident_booked(state: State, event: w.IncidentBooked, row: Row) -> None:
    booking = Booking(
        event.kind, event.priority, event.address, event.lon, event.lat, event.unverified
    )
    state.incidents[event.incident] = Incident(
        state=INCIDENT.after(INCIDENT.first, event), booking=booking
    )
    state.alarms.set(event.incident, event.due_us)
    count_number(state, event.incident)


@evolve.on(w.BookingCancelled)
def _booking_cancelled(state: State, event: w.BookingCancelled, row: Row) -> None:
    known = state.incidents[event.incident]
    known.state, known.booking = INCIDENT.after(known.state, event), None
    state.alarms.cancel(event.incident)


@evolve.on(w.KindChanged)
def _kind_changed(state: State, event: w.KindChanged, row: Row) -> None:
    known = state.incidents[event.incident]
    known.kind, known.priority = event.kind, event.priority


@evolve.on(w.PlaceCorrected)
def _place_corrected(state: State, event: w.PlaceCorrected, row: Row) -> None:
    known = state.incidents[event.incident]
    known.address, known.lon, known.lat = event.address, event.lon, event.lat
    known.unverified = event.reason if event.lon is None or event.lat is None else ""


@evolve.on(w.CallTimeCorrected)
def _time_corrected(state: State, event: w.CallTimeCorrected, row: Row) -> None:
    if event.call:
        call = state.calls[event.call]
        call.times[event.step] = event.now_us
        for at_us, by in ((event.was_us, -1), (event.now_us, 1)):
            if event.step == w.CallRung.__name__:
                counting.rang(state.counts, call.line, at_us, by)
            elif event.step == w.CallAnswered.__name__:
                counting.answered(state.counts, at_us, by)
    else:
        state.incidents[event.incident].opened_us = event.now_us


@evolve.on(w.NoteAdded)
def _note_added(state: State, event: w.NoteAdded, row: Row) -> None:
    state.incidents[event.incident].notes = event.note


@evolve.on(w.NoteStruck)
def _note_struck(state: State, event: w.NoteStruck, row: Row) -> None:
    state.incidents[event.incident].struck.append(event.note)


@evolve.on(w.LineCounted)
def _line_counted(state: State, event: w.LineCounted, row: Row) -> None:
    counting.counted(state.counts, event, state.alarms)


@evolve.on(w.CountsAgreed, w.CountDiffered, w.CountMissed, w.DifferenceExplained)
def _count_judged(state: State, event: w.CountEvent, row: Row) -> None:
    counting.judged(state.counts, event)


@evolve.on(w.DayCompared)
def _day_compared(state: State, event: w.DayCompared, row: Row) -> None:
    counting.compared(state.counts, event, state.alarms)


@evolve.on(w.LineRetired)
def _line_retired(state: State, event: w.LineRetired, row: Row) -> None:
    counting.retired(state.counts, event)


# -- by itself -------------------------------------------------------------------------------


def _rang_late(state: State, event: w.CallRung, row: Row) -> Sequence[Command]:
    return counting.late(state.counts, (row.happened_at,), row.position)


def _rang_elsewhen(state: State, event: w.CallTimeCorrected, row: Row) -> Sequence[Command]:
    if not event.call or event.step != w.CallRung.__name__:
        return ()
    return counting.late(state.counts, (event.was_us, event.now_us), row.position)


def _alarm(state: State, name: str, due_us: int) -> Command:
    if name.startswith(counting.ALARM):
        return counting.ring(name, due_us)
    return w.OpenBooked(key=f"booking:{name}:{due_us}", incident=name, at=due_us)


ROOM: Room[State] = Room(
    name="intake",
    state=State,
    arms=evolve,
    commands=w.COMMANDS + j.COMMANDS + line.COMMANDS + script.COMMANDS,
    events=w.EVENTS + j.EVENTS + line.EVENTS + script.EVENTS,
    refusals=w.REFUSALS + j.REFUSALS + line.REFUSALS + script.REFUSALS,
    deciders=decide,
    steps={"call": CALL, "incident": INCIDENT, "count": counting.COUNT},
    reacts={w.CallRung: _rang_late, w.CallTimeCorrected: _rang_elsewhen},
    alarms=lambda state: state.alarms,
    ring=_alarm,
)
