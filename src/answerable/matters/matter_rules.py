"""The rules of tracked matters: whatever must not be forgotten."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Mapping, Sequence

from answerable.kernel.authority import Authority, Holder
from answerable.kernel.event import Command, Event, Row
from answerable.kernel.refusals import Refusal, Unknown
from answerable.kernel.room import Decision
from answerable.kernel.steps import Steps
from answerable.matters import matter_words as w
from answerable.matters.matter_state import MATTER, Matter, Pending
from answerable.matters.state import Ctx, State, decide, evolve, rings
from answerable.towns.terms import Counting, MatterKind, MattersFile, Span

READ_US = 3_600_000_000
"""A reading of a matter's words counts for an hour, for whoever read."""
REMINDER, STANDSTILL = "matter-reminder", "matter-standstill"
"""The sorts of alarms: a reminder is due, a standstill ends."""


def _counting(ctx: Ctx) -> Counting:
    return Counting(ctx.town.zone, ctx.town.holidays)


def _kind(ctx: Ctx, sort: str) -> MatterKind:
    """Return a kind of the town's file; one it has no more allows nothing beyond being done."""
    kind = ctx.town.matters.kind(sort)
    return kind or MatterKind(
        code=sort, titles={"en": sort}, source="no longer in matters.toml", term=Span(30),
        norm=Span(30),
    )  # fmt: skip


def _timed(number: str, kind: MatterKind, due: tuple[int, int], ctx: Ctx) -> w.MatterTimed:
    """Return by when a matter has to be done (norm, term), and the reminders to come."""
    norm_us, term_us = min(due), due[1]
    coming = _counting(ctx).reminders(kind, norm_us, term_us, ctx.at_us)
    return w.MatterTimed(
        matter=number, norm_us=norm_us, term_us=term_us,
        remind_us=tuple(at_us for at_us, _one in coming),
        remind_ways=tuple(w.Way(one.way) for _at, one in coming),
        remind_of=tuple(w.Due(one.of) for _at, one in coming),
    )  # fmt: skip


def _begun(number: str, kind: MatterKind, ctx: Ctx) -> w.MatterTimed:
    """Return the terms of a matter that begin now."""
    counting = _counting(ctx)
    due = (counting.due_us(kind.norm, ctx.at_us), counting.due_us(kind.term, ctx.at_us))
    return _timed(number, kind, due, ctx)


# -- what is named ---------------------------------------------------------------------------


def _step(
    state: State, command: Command, number: str, step: type[Event], ctx: Ctx
) -> Matter | Refusal:
    """Return the matter that a step is about, or why the step may not happen to it."""
    matter = state.tracked.find(number)
    if matter is None:
        return Unknown(command=command.tag, what="matter", name=number)
    not_theirs = _not_theirs(command, matter, ctx)
    return not_theirs or MATTER.refuse(matter.state, step, number) or matter


def _not_theirs(command: Command, matter: Matter, ctx: Ctx) -> Refusal | None:
    """Return the refusal of a matter that is not of the unit its crew acts for, or its station."""
    home = ctx.town.units.get(ctx.actor.unit)
    if matter.owner_sort == w.OwnerSort.STATION and home and home.station == matter.owner:
        return None
    unit = matter.owner if matter.owner_sort == w.OwnerSort.UNIT else f"({matter.owner})"
    return ctx.authority.refuse_unit(ctx.actor, command.tag, unit)


def _owner(command: Command, sort: w.OwnerSort, owner: str, ctx: Ctx) -> Refusal | None:
    """Return why nothing can belong to an owner: the town has none of that name."""
    known: Collection[str]
    if sort == w.OwnerSort.UNIT:
        known = ctx.town.units
    elif sort == w.OwnerSort.STATION:
        known = ctx.town.stations
    else:
        known = ctx.authority.roles_for(Holder.ACCOUNT)
    return None if owner in known else _not_named(command, str(sort), owner, known)


def _not_named(command: Command, what: str, name: str, known: Collection[str]) -> w.NotNamed:
    return w.NotNamed(command=command.tag, what=what, name=name, known=tuple(known)[:24])


def signers(
    authority: Authority, grades: MattersFile, grade: int, command: type[Command]
) -> tuple[str, ...]:
    """Return the roles of people that may sign something of a grade, by name."""
    return tuple(
        role
        for role in authority.roles_for(Holder.ACCOUNT)
        if authority.may_do(role, command.tag) and grades.grade(role) >= grade
    )


# -- decide: opening, giving, holding --------------------------------------------------------


@decide.on(w.OpenMatter)
def _open(state: State, command: w.OpenMatter, ctx: Ctx) -> Decision:
    kinds = ctx.town.matters
    if len(state.tracked.open) >= w.MATTERS_MAX:
        return w.TooManyMatters(kind=command.kind, most=w.MATTERS_MAX)
    kind = kinds.kind(command.kind)
    if kind is None:
        known = [one.code for one in kinds.kinds]
        return _not_named(command, "kind of matter", command.kind, known)
    if refusal := _owner(command, command.owner_sort, command.owner, ctx):
        return refusal
    if not _about_fits(state, command):
        return w.AboutWhat(kind=command.kind, origin=command.origin)
    number = f"M{state.tracked.made + 1}"
    opened = w.MatterOpened(
        matter=number, matter_kind=command.kind, origin=command.origin, about=command.about,
        reference=command.reference.strip(), owner_sort=command.owner_sort, owner=command.owner,
        words=command.words.strip(),
    )  # fmt: skip
    return [opened, _begun(number, kind, ctx)]


def _about_fits(state: State, command: w.OpenMatter) -> bool:
    """Say whether the number that is given is one of what the matter is said to come from.

    A problem is looked up here; whoever lets people type an incident looks that one up.
    """
    if command.origin == w.Origin.INCIDENT:
        return command.about.isascii() and command.about.isalnum()
    if command.origin == w.Origin.PROBLEM:
        return command.about in state.problems
    return not command.about


@decide.on(w.GiveMatter)
def _give(state: State, command: w.GiveMatter, ctx: Ctx) -> Decision:
    found = _step(state, command, command.matter, w.MatterGiven, ctx)
    if isinstance(found, Refusal):
        return found
    if refusal := _owner(command, command.owner_sort, command.owner, ctx):
        return refusal
    return [
        w.MatterGiven(
            matter=command.matter, owner_sort=command.owner_sort, owner=command.owner,
            reason=command.reason.strip(),
        )
    ]  # fmt: skip


@decide.on(w.TakeMatter)
def _take(state: State, command: w.TakeMatter, ctx: Ctx) -> Decision:
    found = _step(state, command, command.matter, w.MatterTaken, ctx)
    if isinstance(found, Refusal):
        return found
    if found.holder:
        return w.HeldAlready(matter=command.matter, since_us=found.held_us)
    return [w.MatterTaken(matter=command.matter)]


@decide.on(w.LeaveMatter)
def _leave(state: State, command: w.LeaveMatter, ctx: Ctx) -> Decision:
    found = _step(state, command, command.matter, w.MatterLeft, ctx)
    if isinstance(found, Refusal):
        return found
    if found.holder != ctx.actor.name:
        return w.NotInHand(matter=command.matter)
    return [w.MatterLeft(matter=command.matter)]


@decide.on(w.ProgressMatter)
def _progress(state: State, command: w.ProgressMatter, ctx: Ctx) -> Decision:
    found = _step(state, command, command.matter, w.MatterProgressed, ctx)
    if isinstance(found, Refusal):
        return found
    return [w.MatterProgressed(matter=command.matter, words=command.words.strip())]


@decide.on(w.ReadMatter)
def _read(state: State, command: w.ReadMatter, ctx: Ctx) -> Decision:
    found = state.tracked.find(command.matter)
    if found is None:
        return Unknown(command=command.tag, what="matter", name=command.matter)
    if refusal := _not_theirs(command, found, ctx):
        return refusal
    return [w.MatterRead(matter=command.matter, until_us=ctx.at_us + READ_US)]


# -- decide: the clocks ----------------------------------------------------------------------


@decide.on(w.SuspendMatter)
def _suspend(state: State, command: w.SuspendMatter, ctx: Ctx) -> Decision:
    found = _step(state, command, command.matter, w.MatterSuspended, ctx)
    if isinstance(found, Refusal):
        return found
    most = _kind(ctx, found.sort).suspend_days
    if not most:
        return w.NoStandstill(matter=command.matter, kind=found.sort)
    counting = _counting(ctx)  # by the calendar: some days have 25 hours
    last = counting.date(ctx.at_us) + datetime.timedelta(days=most)
    if not ctx.at_us < command.until_us <= counting.end(last):
        return w.NotThatDay(matter=command.matter, most=most)
    reason = command.reason.strip()
    return [w.MatterSuspended(matter=command.matter, reason=reason, until_us=command.until_us)]


@decide.on(w.ResumeMatter)
def _resume(state: State, command: w.ResumeMatter, ctx: Ctx) -> Decision:
    found = _step(state, command, command.matter, w.MatterResumed, ctx)
    if isinstance(found, Refusal):
        return found
    kind, counting = _kind(ctx, found.sort), _counting(ctx)
    stood = (found.suspended_us, ctx.at_us)
    due = (
        counting.moved_us(found.norm_us, kind.norm.count, *stood),
        counting.moved_us(found.term_us, kind.term.count, *stood),
    )
    return [w.MatterResumed(matter=command.matter), _timed(command.matter, kind, due, ctx)]


@decide.on(w.ExtendMatter)
def _extend(state: State, command: w.ExtendMatter, ctx: Ctx) -> Decision:
    found = _step(state, command, command.matter, w.MatterExtended, ctx)
    if isinstance(found, Refusal):
        return found
    kind = _kind(ctx, found.sort)
    if kind.extend is None or found.extensions >= kind.extensions_max:
        return w.NoExtension(
            matter=command.matter, kind=found.sort, most=kind.extensions_max,
            times=found.extensions,
        )  # fmt: skip
    later = _counting(ctx).later_us(found.term_us, kind.extend)
    reason = command.reason.strip()
    # the norm is the service's own promise: only the law's term is put off
    return [
        w.MatterExtended(matter=command.matter, days=kind.extend.days, reason=reason),
        _timed(command.matter, kind, (found.norm_us, later), ctx),
    ]


# -- decide: reminders -----------------------------------------------------------------------


@decide.on(w.RemindMatter)
def _remind(state: State, command: w.RemindMatter, ctx: Ctx) -> Decision:
    found = _step(state, command, command.matter, w.MatterReminded, ctx)
    if isinstance(found, Refusal):
        return found
    return [_reminded(command.matter, found, command.way, w.Due.ASKED)]


@decide.on(w.RemindDue)
def _remind_due(state: State, command: w.RemindDue, ctx: Ctx) -> Decision:
    found = _step(state, command, command.matter, w.MatterReminded, ctx)
    if isinstance(found, Refusal):
        return found
    # all of them: an alarm that is set to the same instant again would not ring again
    due = [one for one in found.pending if one.at_us <= ctx.at_us]
    if not due:
        return Unknown(command=command.tag, what="reminder due of matter", name=command.matter)
    return [_reminded(command.matter, found, one.way, one.due) for one in due]


def _reminded(number: str, matter: Matter, way: w.Way, due: w.Due) -> w.MatterReminded:
    return w.MatterReminded(matter=number, owner=matter.owner, way=way, due=due)


@decide.on(w.NoteMessage)
def _note_message(state: State, command: w.NoteMessage, ctx: Ctx) -> Decision:
    if command.matter not in state.tracked.open:
        return Unknown(command=command.tag, what="open matter", name=command.matter)
    return [
        w.MatterMessaged(
            matter=command.matter, channel=command.channel, carried=command.carried,
            why=command.why,
        )
    ]  # fmt: skip


@decide.on(w.NoteRung)
def _note_rung(state: State, command: w.NoteRung, ctx: Ctx) -> Decision:
    found = _step(state, command, command.matter, w.MatterRung, ctx)
    if isinstance(found, Refusal):
        return found
    if not found.ring_us:
        return w.NothingToRing(matter=command.matter)
    return [w.MatterRung(matter=command.matter, outcome=command.outcome)]


# -- decide: the end -------------------------------------------------------------------------


@decide.on(w.FinishMatter)
def _finish(state: State, command: w.FinishMatter, ctx: Ctx) -> Decision:
    found = _step(state, command, command.matter, w.MatterFinished, ctx)
    if isinstance(found, Refusal):
        return found
    results = ctx.town.matters
    if results.result(command.result) is None:
        known = [one.code for one in results.results]
        return _not_named(command, "result", command.result, known)
    due_us = _counting(ctx).due_us(_kind(ctx, found.sort).sign, ctx.at_us)
    return [
        w.MatterFinished(
            matter=command.matter, came_to=command.result, words=command.words.strip(),
            due_us=due_us,
        )
    ]  # fmt: skip


@decide.on(w.SignOffMatter)
def _sign_off(state: State, command: w.SignOffMatter, ctx: Ctx) -> Decision:
    found = _step(state, command, command.matter, w.MatterSignedOff, ctx)
    if isinstance(found, Refusal):
        return found
    grade = _kind(ctx, found.sort).grade
    who = signers(ctx.authority, ctx.town.matters, grade, w.SignOffMatter)
    if ctx.actor.name in found.hands:
        return w.OwnWork(matter=command.matter, who=who)
    yours = ctx.town.matters.grade(ctx.actor.role)
    if yours < grade:
        return w.GradeTooLow(
            what=command.matter, grade=grade, role=ctx.actor.role, yours=yours, who=who
        )
    return [w.MatterSignedOff(matter=command.matter)]


@decide.on(w.SendBackMatter)
def _send_back(state: State, command: w.SendBackMatter, ctx: Ctx) -> Decision:
    found = _step(state, command, command.matter, w.MatterSentBack, ctx)
    if isinstance(found, Refusal):
        return found
    kind, due = _kind(ctx, found.sort), (found.norm_us, found.term_us)
    return [
        w.MatterSentBack(matter=command.matter, reason=command.reason.strip()),
        _timed(command.matter, kind, due, ctx),
    ]


@decide.on(w.ReopenMatter)
def _reopen(state: State, command: w.ReopenMatter, ctx: Ctx) -> Decision:
    found = _step(state, command, command.matter, w.MatterReopened, ctx)
    if isinstance(found, Refusal):
        return found
    return [
        w.MatterReopened(matter=command.matter, reason=command.reason.strip()),
        _begun(command.matter, _kind(ctx, found.sort), ctx),
    ]


# -- evolve ----------------------------------------------------------------------------------


def _after(state: State, event: w.MatterEvent) -> Matter:
    """Move an open matter on, and return it."""
    matter = state.tracked.open[event.matter]
    matter.state = MATTER.after(matter.state, event)
    return matter


def _worked(matter: Matter, row: Row) -> None:
    """Remember whose hand was on it: they do not sign it off."""
    if row.actor not in matter.hands:
        matter.hands.append(row.actor)


def _quiet(state: State, number: str, matter: Matter) -> None:
    """Take away the reminders of a matter whose clocks do not run."""
    matter.pending, matter.ring_us = [], 0
    state.alarms.cancel(f"{REMINDER}:{number}")


def _set_next(state: State, number: str, matter: Matter) -> None:
    if matter.pending:
        state.alarms.set(f"{REMINDER}:{number}", matter.pending[0].at_us)
    else:
        state.alarms.cancel(f"{REMINDER}:{number}")


@evolve.on(w.MatterOpened)
def _opened(state: State, event: w.MatterOpened, row: Row) -> None:
    tracked = state.tracked
    tracked.made += 1
    tracked.open[event.matter] = Matter(
        event.matter_kind, event.origin, event.about, event.reference, event.owner_sort,
        event.owner, row.happened_at, row.position,
    )  # fmt: skip
    if incident := tracked.open[event.matter].incident:
        tracked.of_incident.setdefault(incident, []).append(event.matter)
    tracked.forget_before(row.happened_at)


@evolve.on(w.MatterTimed)
def _was_timed(state: State, event: w.MatterTimed, row: Row) -> None:
    matter = _after(state, event)
    matter.norm_us, matter.term_us = event.norm_us, event.term_us
    reminders = zip(event.remind_us, event.remind_ways, event.remind_of, strict=True)
    matter.pending = [Pending(*one) for one in reminders]
    _set_next(state, event.matter, matter)


@evolve.on(w.MatterGiven)
def _given(state: State, event: w.MatterGiven, row: Row) -> None:
    matter = _after(state, event)
    matter.owner_sort, matter.owner = event.owner_sort, event.owner
    matter.holder, matter.held_us, matter.ring_us, matter.reminded_us = "", 0, 0, 0


@evolve.on(w.MatterTaken)
def _taken(state: State, event: w.MatterTaken, row: Row) -> None:
    matter = _after(state, event)
    matter.holder, matter.held_us = row.actor, row.happened_at
    _worked(matter, row)


@evolve.on(w.MatterLeft)
def _left(state: State, event: w.MatterLeft, row: Row) -> None:
    matter = _after(state, event)
    matter.holder, matter.held_us = "", 0


@evolve.on(w.MatterProgressed)
def _progressed(state: State, event: w.MatterProgressed, row: Row) -> None:
    matter = _after(state, event)
    matter.reminded_us = 0
    _worked(matter, row)


@evolve.on(w.MatterSuspended)
def _suspended(state: State, event: w.MatterSuspended, row: Row) -> None:
    matter = _after(state, event)
    matter.suspended_us, matter.until_us = row.happened_at, event.until_us
    _quiet(state, event.matter, matter)
    state.alarms.set(f"{STANDSTILL}:{event.matter}", event.until_us)


@evolve.on(w.MatterResumed)
def _resumed(state: State, event: w.MatterResumed, row: Row) -> None:
    matter = _after(state, event)
    matter.suspended_us, matter.until_us = 0, 0
    state.alarms.cancel(f"{STANDSTILL}:{event.matter}")


@evolve.on(w.MatterExtended)
def _extended(state: State, event: w.MatterExtended, row: Row) -> None:
    _after(state, event).extensions += 1


@evolve.on(w.MatterReminded)
def _was_reminded(state: State, event: w.MatterReminded, row: Row) -> None:
    matter = _after(state, event)
    matter.reminded_us = row.happened_at
    if event.way is w.Way.TELEPHONE and not matter.ring_us:
        matter.ring_us = row.happened_at
    if event.due is not w.Due.ASKED:
        matter.pending = matter.pending[1:]
        _set_next(state, event.matter, matter)


@evolve.on(w.MatterRung)
def _was_rung(state: State, event: w.MatterRung, row: Row) -> None:
    matter = _after(state, event)
    if event.outcome is w.Rung.REACHED:
        matter.ring_us = 0


@evolve.on(w.MatterRead)
def _was_read(state: State, event: w.MatterRead, row: Row) -> None:
    matter = state.tracked.find(event.matter)
    assert matter is not None, "what is read is open, or was closed within a year"
    counting = {who: until for who, until in matter.reads.items() if until > row.happened_at}
    matter.reads = counting | {row.actor: event.until_us}


@evolve.on(w.MatterFinished)
def _finished(state: State, event: w.MatterFinished, row: Row) -> None:
    matter = _after(state, event)
    matter.result, matter.finished_us, matter.sign_us = event.came_to, row.happened_at, event.due_us
    _worked(matter, row)
    _quiet(state, event.matter, matter)


@evolve.on(w.MatterSignedOff)
def _signed_off(state: State, event: w.MatterSignedOff, row: Row) -> None:
    matter = _after(state, event)
    matter.closed_us, matter.holder, matter.held_us = row.happened_at, "", 0
    state.tracked.closed[event.matter] = state.tracked.open.pop(event.matter)
    state.tracked.forget_before(row.happened_at)


@evolve.on(w.MatterSentBack)
def _sent_back(state: State, event: w.MatterSentBack, row: Row) -> None:
    matter = _after(state, event)
    matter.result, matter.finished_us, matter.sign_us = "", 0, 0


@evolve.on(w.MatterReopened)
def _reopened(state: State, event: w.MatterReopened, row: Row) -> None:
    state.tracked.open[event.matter] = state.tracked.closed.pop(event.matter)
    matter = _after(state, event)
    matter.result, matter.finished_us, matter.sign_us, matter.closed_us = "", 0, 0, 0
    matter.extensions, matter.hands = 0, []
    matter.reopened += 1


# -- what happens by itself ------------------------------------------------------------------


def _reminder(state: State, number: str, due_us: int) -> Command:
    return w.RemindDue(key=f"reminder:{number}:{due_us}", matter=number)


def _standstill(state: State, number: str, due_us: int) -> Command:
    return w.ResumeMatter(key=f"standstill:{number}:{due_us}", matter=number)


rings[REMINDER] = _reminder
rings[STANDSTILL] = _standstill

STEPS: Mapping[str, Steps] = {"matter": MATTER}
REACTS: Mapping[type[Event], Callable[[State, Event, Row], Sequence[Command]]] = {}
