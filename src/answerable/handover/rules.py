"""The rules of handing over: one sits at a desk, one hands it over, another takes it; both sign."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from answerable.access import words as access
from answerable.handover import words as w
from answerable.handover.state import DESK, EMPTY, State
from answerable.kernel.event import Command, Event, Row
from answerable.kernel.refusals import Refusal
from answerable.kernel.room import Arms, Context, Deciders, Decision, Room

decide: Deciders[State, Any] = Deciders()
evolve: Arms[State] = Arms()
Ctx = Context[Any]


# -- decide: sitting down and standing up ----------------------------------------------------


@decide.on(w.SitDown)
def _sit(state: State, command: w.SitDown, ctx: Ctx) -> Decision:
    seat = state.seat(command.desk)
    if seat.by == ctx.actor.name:
        return w.SitsThere(desk=command.desk)
    if seat.by:
        return w.DeskInUse(desk=command.desk, since_us=seat.since_us)
    if refusal := DESK.refuse(seat.state, w.SatDown, command.desk):
        return refusal
    if command.desk not in state.desks and len(state.desks) >= w.DESKS_MAX:
        return w.TooManyDesks(desk=command.desk, most=w.DESKS_MAX)
    return [w.SatDown(desk=command.desk, session=command.session)]


@decide.on(w.StandUp)
def _stand(state: State, command: w.StandUp, ctx: Ctx) -> Decision:
    if refusal := _not_theirs(state, command, command.desk, w.StoodUp, ctx):
        return refusal
    return [w.StoodUp(desk=command.desk, left=w.Left.STOOD_UP)]


@decide.on(w.LeaveDesk)
def _leave(state: State, command: w.LeaveDesk, ctx: Ctx) -> Decision:
    if refusal := DESK.refuse(state.seat(command.desk).state, w.StoodUp, command.desk):
        return refusal
    return [w.StoodUp(desk=command.desk, left=w.Left.SESSION_ENDED)]


@decide.on(w.FreeDesk)
def _free(state: State, command: w.FreeDesk, ctx: Ctx) -> Decision:
    seat = state.seat(command.desk)
    if seat.state == EMPTY:
        return DESK.refuse(EMPTY, w.StoodUp, command.desk) or []
    made: list[Event] = []
    if seat.handover:
        made.append(w.HandOverWithdrawn(handover=seat.handover, desk=command.desk))
    if seat.by:
        reason = command.reason.strip()
        made.append(w.StoodUp(desk=command.desk, left=w.Left.FREED, reason=reason))
    return made


def _not_theirs(
    state: State, command: Command, desk: str, step: type[Event], ctx: Ctx
) -> Refusal | None:
    """Return why an act at a desk is not for this person, or not for now."""
    seat = state.seat(desk)
    if refusal := DESK.refuse(seat.state, step, desk):
        return refusal
    if seat.by != ctx.actor.name:
        return w.NotYourDesk(command=command.tag, desk=desk)
    return None


# -- decide: handing over --------------------------------------------------------------------


@decide.on(w.OfferHandOver)
def _offer(state: State, command: w.OfferHandOver, ctx: Ctx) -> Decision:
    if refusal := _not_theirs(state, command, command.desk, w.HandOverOffered, ctx):
        return refusal
    name = f"H{state.offers + 1}"
    return [w.HandOverOffered(handover=name, desk=command.desk, words=command.words.strip())]


@decide.on(w.WithdrawHandOver)
def _withdraw(state: State, command: w.WithdrawHandOver, ctx: Ctx) -> Decision:
    seat = state.seat(command.desk)
    if refusal := DESK.refuse(seat.state, w.HandOverWithdrawn, command.desk):
        return refusal
    if seat.offered_by != ctx.actor.name:
        return w.NotYourDesk(command=command.tag, desk=command.desk)
    if seat.handover != command.handover:
        return w.OfferedAnew(command=command.tag, desk=command.desk)
    return [w.HandOverWithdrawn(handover=command.handover, desk=command.desk)]


@decide.on(w.ReadHandOver)
def _read(state: State, command: w.ReadHandOver, ctx: Ctx) -> Decision:
    seat = state.seat(command.desk)
    if refusal := DESK.refuse(seat.state, w.HandOverRead, command.desk):
        return refusal
    if seat.handover != command.handover:
        return w.OfferedAnew(command=command.tag, desk=command.desk)
    return [w.HandOverRead(handover=seat.handover, desk=command.desk)]


@decide.on(w.TakeHandOver)
def _take(state: State, command: w.TakeHandOver, ctx: Ctx) -> Decision:
    seat = state.seat(command.desk)
    if refusal := DESK.refuse(seat.state, w.HandOverTaken, command.desk):
        return refusal
    if seat.handover != command.handover:
        return w.OfferedAnew(command=command.tag, desk=command.desk)
    if seat.offered_by == ctx.actor.name:
        return w.OneHand(desk=command.desk)
    return [w.HandOverTaken(handover=seat.handover, desk=command.desk, session=command.session)]


# -- evolve ----------------------------------------------------------------------------------


@evolve.on(w.SatDown)
def _sat(state: State, event: w.SatDown, row: Row) -> None:
    seat = state.desks[event.desk] = state.seat(event.desk)
    seat.state = DESK.after(seat.state, event)
    seat.by, seat.session = row.actor, event.session
    seat.since_us, seat.position = row.happened_at, row.position


@evolve.on(w.StoodUp)
def _stood(state: State, event: w.StoodUp, row: Row) -> None:
    seat = state.desks[event.desk]
    seat.state = DESK.after(seat.state, event)
    seat.by, seat.session = "", ""
    seat.since_us, seat.position, seat.told_at = 0, 0, 0
    _forget_empty(state, event.desk)


@evolve.on(w.HandOverOffered)
def _offered(state: State, event: w.HandOverOffered, row: Row) -> None:
    seat = state.desks[event.desk]
    seat.state = DESK.after(seat.state, event)
    seat.handover, seat.offered_by = event.handover, row.actor
    seat.offered_us, seat.offered_at = row.happened_at, row.position
    state.offers += 1


@evolve.on(w.HandOverRead)
def _was_read(state: State, event: w.HandOverRead, row: Row) -> None:
    seat = state.desks[event.desk]
    seat.state = DESK.after(seat.state, event)
    if row.actor not in seat.readers:
        seat.readers.append(row.actor)


@evolve.on(w.HandOverWithdrawn)
def _withdrawn(state: State, event: w.HandOverWithdrawn, row: Row) -> None:
    _settled(state, event)
    _forget_empty(state, event.desk)


@evolve.on(w.HandOverTaken)
def _taken(state: State, event: w.HandOverTaken, row: Row) -> None:
    told_at = state.desks[event.desk].offered_at
    _settled(state, event)
    seat = state.desks[event.desk]
    seat.by, seat.session, seat.told_at = row.actor, event.session, told_at
    seat.since_us, seat.position = row.happened_at, row.position


def _settled(state: State, event: w.HandOverEvent) -> None:
    """End what was offered."""
    seat = state.desks[event.desk]
    seat.state = DESK.after(seat.state, event)
    seat.handover, seat.offered_by = "", ""
    seat.offered_us, seat.offered_at, seat.readers = 0, 0, []


def _forget_empty(state: State, desk: str) -> None:
    """Keep nothing of a desk at which nobody sits and nothing is offered."""
    if state.desks[desk].state == EMPTY:
        del state.desks[desk]


# -- react -----------------------------------------------------------------------------------


def _ended(state: State, event: access.SignedOut, row: Row) -> Sequence[Command]:
    """Free the desks of a session that ended; a person with another session keeps that one's."""
    mine = [
        desk
        for desk, seat in state.desks.items()
        if seat.by == event.account and seat.session == event.session
    ]
    return [w.LeaveDesk(key=f"left:{row.position}:{nth}", desk=d) for nth, d in enumerate(mine)]


ROOM: Room[State] = Room(
    name="handover",
    state=State,
    arms=evolve,
    commands=w.COMMANDS,
    events=w.EVENTS,
    refusals=w.REFUSALS,
    deciders=decide,
    steps={"desk": DESK},
    reacts={access.SignedOut: _ended},
)
