"""The rules of the vault: who may read what, what is held, and what is erased by whose decision.

Only an order is decided here: the keys are destroyed after it is recorded (``carrying``), and that
is recorded too. Nothing here ever sees a sealed word.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, time, timedelta
from itertools import islice
from typing import Any

from msgspec.structs import replace

import answerable.vault.lone_rules  # noqa: F401 - registers its arms
from answerable.dispatch import merge_words as merge
from answerable.dispatch import words as dispatch
from answerable.followup import back_words as backs
from answerable.intake import join_words as join
from answerable.intake import words as intake
from answerable.kernel.event import Command, Event, Row, sealed_fields
from answerable.kernel.refusals import Refusal, Unknown
from answerable.kernel.room import Decision, Room
from answerable.towns.model import Town
from answerable.towns.retention import (
    LONE,
    NOTHING_DUE,
    Act,
    Due,
    RetentionFile,
    more_after,
    retention,
)
from answerable.vault import words as w
from answerable.vault.lives import (
    CALLED,
    CURED,
    ERASURE,
    HOLD,
    REACH,
    SAID_LATER,
    TOLD,
    TRACKED,
    WORDS,
)
from answerable.vault.state import (
    DAY_US,
    SWEEP,
    Asked,
    Case,
    Ctx,
    Ended,
    State,
    decide,
    done_of,
    entered,
    evolve,
)

HOUR_US = 3_600_000_000
READING_US = HOUR_US
"""How long a reading counts."""
AGAIN_US = 2_000_000
"""The next look at the table where one did not do for all."""
NEVER = 10**6
NIGHT = time(3, 30)
"""When the table is gone through, by the town's clock."""


def table_of(town: object) -> RetentionFile:
    """Return the town's table of retention; a hub without a town erases nothing by itself."""
    return town.retention if isinstance(town, Town) else NOTHING_DUE


# -- reading ---------------------------------------------------------------------------------


def _known(state: State, command: Command, incident: str) -> Case | Unknown:
    found = state.cases.get(incident)
    return found or Unknown(command=command.tag, what="incident", name=incident)


def _worked_on(state: State, case: Case) -> bool:
    """Say whether an incident is open, or the one that goes on for it is."""
    while case.into and case.into in state.cases:
        case = state.cases[case.into]
    return case.sealed != "kept"


def _unclear(command: w.ReadSealed | w.OpenArchived) -> Refusal | None:
    if command.purpose is w.Purpose.OTHER and not command.note.strip():
        return w.PurposeUnclear(incident=command.incident)
    return None


@decide.on(w.ReadSealed)
def _read(state: State, command: w.ReadSealed, ctx: Ctx) -> Decision:
    case = _known(state, command, command.incident)
    if isinstance(case, Unknown):
        return case
    if case.reach != REACH.first and case.reads.get(ctx.actor.name, 0) <= ctx.now_us:
        return w.OutOfReach(incident=command.incident, state=case.reach)
    if refusal := WORDS.refuse(case.sealed, w.SealedRead, f"incident {command.incident}"):
        return refusal
    if command.purpose is w.Purpose.WORKING and not _worked_on(state, case):
        return w.NotWorkedOn(incident=command.incident)
    if refusal_ := _unclear(command):
        return refusal_
    return [
        w.SealedRead(incident=command.incident, purpose=command.purpose, note=command.note.strip())
    ]


@decide.on(w.OpenArchived)
def _open_archived(state: State, command: w.OpenArchived, ctx: Ctx) -> Decision:
    case = _known(state, command, command.incident)
    if isinstance(case, Unknown):
        return case
    if refusal := REACH.refuse(case.reach, w.ArchiveOpened, f"incident {command.incident}"):
        return refusal
    if refusal_ := _unclear(command):
        return refusal_
    note = command.note.strip()
    return [w.ArchiveOpened(incident=command.incident, purpose=command.purpose, note=note)]


# -- holds -----------------------------------------------------------------------------------


@decide.on(w.HoldIncident)
def _hold(state: State, command: w.HoldIncident, ctx: Ctx) -> Decision:
    event = w.IncidentHeld(incident=command.incident, reason=command.reason)
    return _held_step(state, command, command.incident, event)


@decide.on(w.LiftHold)
def _lift(state: State, command: w.LiftHold, ctx: Ctx) -> Decision:
    event = w.HoldLifted(incident=command.incident, reason=command.reason)
    return _held_step(state, command, command.incident, event)


def _held_step(state: State, command: Command, incident: str, event: Event) -> Decision:
    case = _known(state, command, incident)
    if isinstance(case, Unknown):
        return case
    at = "held" if case.held_us else "free"
    return HOLD.refuse(at, type(event), f"incident {incident}") or [event]


def _on_hold(case: Case, incident: str, step: type[Event], ctx: Ctx) -> Refusal | None:
    if not case.held_us:
        return None
    since = f"{ctx.town.local(case.held_us):%Y-%m-%d}" if isinstance(ctx.town, Town) else "before"
    return w.OnHold(incident=incident, step=step.__name__, since=since)


# -- erasing by two people -------------------------------------------------------------------


@decide.on(w.AskErasure)
def _ask(state: State, command: w.AskErasure, ctx: Ctx) -> Decision:
    case = _known(state, command, command.incident)
    if isinstance(case, Unknown):
        return case
    what = f"incident {command.incident}"
    if case.sealed not in ("kept", "erased"):  # the first thing to do is to close it
        wrong = WORDS.refuse(case.sealed, w.Erased, what)
        return [] if wrong is None else replace(wrong, step=w.ErasureAsked.__name__)
    if command.act is w.Grave.ERASE and case.sealed == "erased":
        return w.NothingSealed(incident=command.incident)
    if case.reach == "destroyed":
        return w.OutOfReach(incident=command.incident, state=case.reach)
    if refusal := _on_hold(case, command.incident, w.ErasureAsked, ctx):
        return refusal
    if refusal_ := ERASURE.refuse(_asking(case), w.ErasureAsked, what):
        return refusal_
    event = w.ErasureAsked(incident=command.incident, act=command.act, reason=command.reason)
    return [event]


def _asking(case: Case) -> str:
    return "asked" if case.asked else ERASURE.first


@decide.on(w.DenyErasure)
def _deny(state: State, command: w.DenyErasure, ctx: Ctx) -> Decision:
    case = _known(state, command, command.incident)
    if isinstance(case, Unknown):
        return case
    what = f"incident {command.incident}"
    if case.asked is None:
        return ERASURE.refuse(ERASURE.first, w.ErasureDenied, what) or []
    act = w.Grave(case.asked.act)
    return [w.ErasureDenied(incident=command.incident, act=act, reason=command.reason)]


@decide.on(w.ApproveErasure)
def _approve(state: State, command: w.ApproveErasure, ctx: Ctx) -> Decision:
    case = _known(state, command, command.incident)
    if isinstance(case, Unknown):
        return case
    if case.asked is None:
        what = f"incident {command.incident}"
        return ERASURE.refuse(ERASURE.first, w.Erased, what) or []
    if refusal := _on_hold(case, command.incident, w.Erased, ctx):
        return refusal
    if case.asked.by == ctx.actor.name:
        return w.SamePerson(incident=command.incident)
    return _decided(case, command.incident, case.asked, table_of(ctx.town))


def _decided(case: Case, incident: str, asked: Asked, table: RetentionFile) -> list[Event]:
    """Return the events of what two people decided."""
    because, destroy = "two people decided it", asked.act == w.Grave.DESTROY
    made: list[Event] = []
    if case.sealed == "kept":
        more = not destroy and more_after(table, case.kind, case.end, (Act.ERASE, *case.done()))
        made.append(
            w.Erased(
                incident=incident, because=because, streams=streams_of(incident, case),
                asked_by=asked.by, more=more,
            )
        )  # fmt: skip
    if destroy:
        made.append(w.Destroyed(incident=incident, because=because, asked_by=asked.by))
    return made


def streams_of(incident: str, case: Case) -> tuple[str, ...]:
    """Return the streams whose sealed words go with an incident: its own and its calls'."""
    return (f"incident:{incident}", *(f"call:{call}" for call in case.calls))


# -- erasing by the table --------------------------------------------------------------------


def because_of(due: Due) -> str:
    """Return why something is done by the table, in words."""
    return f"{due.days} days have passed ({due.because})"


@decide.on(w.EraseDue)
def _erase_due(state: State, command: w.EraseDue, ctx: Ctx) -> Decision:
    named = {sort: name for sort in ("incident", *LONE) if (name := getattr(command, sort))}
    if len(named) != 1:
        return w.NoSuchMatter()
    ((sort, incident),) = named.items()
    if sort in LONE:
        return _over_due(state, sort, command, incident, ctx)
    case = _known(state, command, incident)
    if isinstance(case, Unknown):
        return case
    if case.sealed not in ("kept", "erased"):
        return WORDS.refuse(case.sealed, w.Erased, f"incident {incident}") or []
    if refusal := _on_hold(case, incident, w.Erased, ctx):
        return refusal
    dues = _dues(case.kind, case.end, case.ended_us, case.done(), ctx)
    made = list(_by_table(incident, case, dues, table_of(ctx.town)))
    return made or w.NotDue(what=f"incident {incident}")


def _dues(kind: str, end: str, ended_us: int, done: Sequence[Act], ctx: Ctx) -> tuple[Due, ...]:
    if not isinstance(ctx.town, Town):
        return ()
    return retention(
        ctx.town.retention, ctx.town.zone, kind=kind, end=end, ended_us=ended_us,
        now_us=ctx.now_us, done=done,
    )  # fmt: skip


def _by_table(
    incident: str, case: Case, dues: Iterable[Due], table: RetentionFile
) -> Iterable[Event]:
    """Yield the events of what the table has due. To destroy takes two people, never the table."""
    done = list(case.done())
    for due in dues:
        done.append(due.act)
        more = more_after(table, case.kind, case.end, done)
        if due.act is Act.ERASE:
            yield w.Erased(
                incident=incident, because=because_of(due), streams=streams_of(incident, case),
                more=more,
            )  # fmt: skip
        elif due.act is Act.ARCHIVE and case.reach == REACH.first:
            yield w.Archived(incident=incident, because=because_of(due), more=more)


def _over_due(state: State, sort: str, command: Command, name: str, ctx: Ctx) -> Decision:
    """Erase what is kept beside the incidents: each has one stream, and only words."""
    over, kind = state.lone(sort).get(name), LONE[sort]
    if over is None:
        return Unknown(command=command.tag, what=kind, name=name)
    dues = _dues(kind, over.end, over.ended_us, (), ctx)
    due = next((one for one in dues if one.act is Act.ERASE), None)
    if due is None:
        return w.NotDue(what=f"{kind} {name}")
    named: dict[str, Any] = {sort: name}
    return [w.Erased(**named, because=because_of(due), streams=(f"{sort}:{name}",))]


@decide.on(w.SweepDue)
def _sweep(state: State, command: w.SweepDue, ctx: Ctx) -> Decision:
    due = [one for one, _ in islice(due_now(state, ctx.town, ctx.now_us), w.SWEEP_MAX)]
    next_us = ctx.now_us + AGAIN_US if len(due) == w.SWEEP_MAX else next_night(ctx)
    return [
        w.RetentionSwept(
            due=len(due),
            next_us=next_us,
            **{
                f"{sort}s": tuple(one.name for one in due if one.sort == sort)
                for sort in ("incident", *LONE)
            },
        )
    ]


def next_night(ctx: Ctx) -> int:
    """Return when the table is gone through next: the coming night, by the town's clock."""
    if not isinstance(ctx.town, Town):
        return ctx.now_us + DAY_US
    local = ctx.town.local(ctx.now_us)
    day = local.date() + timedelta(days=local.time() >= NIGHT)
    night = datetime.combine(day, NIGHT, tzinfo=ctx.town.zone)
    return max(int(night.timestamp()) * 1_000_000, ctx.now_us + AGAIN_US)


def due_now(
    state: State, town: object, now_us: int, acts: Sequence[Act] = (Act.ERASE, Act.ARCHIVE)
) -> Iterable[tuple[Ended, tuple[Due, ...]]]:
    """Yield every matter for which one of ``acts`` is due, the oldest first; what is held is not.

    A bundle in which not even the oldest can be due is passed over as a whole.
    """
    if not isinstance(town, Town):
        return
    today, least = now_us // DAY_US + 1, _least_days(town.retention, acts)
    for day, kind, end, bits, entries in state.bundles():
        if day + least(kind, end, bits) > today:
            continue
        for entry in sorted(entries):
            one = entered(day, kind, end, bits, entry)
            dues = retention(
                town.retention, town.zone, kind=kind, end=end, ended_us=one.ended_us,
                now_us=now_us, done=done_of(bits),
            )  # fmt: skip
            wanted = tuple(due for due in dues if due.act in acts)
            if not wanted:
                break  # nor is anything for what ended later
            if one.sort != "incident" or one.name not in state.held:
                yield one, wanted


def _least_days(table: RetentionFile, acts: Sequence[Act]) -> Callable[[str, str, int], int]:
    """Return a function that gives the days before which nothing of a bundle can be due."""

    @functools.cache
    def least(kind: str, end: str, bits: int) -> int:
        rule, done = table.rule(kind, end), done_of(bits)
        days = rule.acts() if rule else []
        return min((n for act, n in days if act in acts and act not in done), default=NEVER)

    return least


@decide.on(w.ConfirmErasures)
def _confirm(state: State, command: w.ConfirmErasures, ctx: Ctx) -> Decision:
    carried = sum(position <= command.through for position in state.ordered)
    if not carried:
        return w.NothingOrdered(through=command.through)
    return [w.KeysDestroyed(erasures=carried, through=command.through)]


# -- evolve: how matters come and end --------------------------------------------------------


@evolve.on(intake.IncidentBooked)
def _was_booked(state: State, event: intake.IncidentBooked, row: Row) -> None:
    sealed = WORDS.after(WORDS.first, event)
    state.cases[event.incident] = Case(sealed=sealed, kind=event.kind)


@evolve.on(intake.IncidentOpened)
def _was_opened(state: State, event: intake.IncidentOpened, row: Row) -> None:
    case = state.cases.get(event.incident)
    if case is None:
        case = state.cases[event.incident] = Case(sealed=WORDS.first)
    case.sealed, case.kind = WORDS.after(case.sealed, event), event.kind
    if event.call:
        case.calls.append(event.call)


@evolve.on(intake.CallAttached)
def _attached(state: State, event: intake.CallAttached, row: Row) -> None:
    if case := state.cases.get(event.incident):
        case.calls.append(event.call)


@evolve.on(join.CallDetached)
def _detached(state: State, event: join.CallDetached, row: Row) -> None:
    if case := state.cases.get(event.incident):
        case.calls.remove(event.call)


@evolve.on(intake.KindChanged)
def _kind_changed(state: State, event: intake.KindChanged, row: Row) -> None:
    if case := state.cases.get(event.incident):
        case.kind = event.kind


def _ended(incident: str, case: Case) -> Ended:
    done = (case.sealed == "erased") + 2 * (case.reach == "archived")
    return Ended(incident, case.kind, case.end, case.ended_us, done)


@evolve.on(dispatch.IncidentClosed)
def _was_closed(state: State, event: dispatch.IncidentClosed, row: Row) -> None:
    _ends(state, event.incident, event, event.outcome, row)


@evolve.on(merge.IncidentMerged)
def _was_merged(state: State, event: merge.IncidentMerged, row: Row) -> None:
    _ends(state, event.incident, event, "merged", row)
    if case := state.cases.get(event.incident):
        case.into = event.into


@evolve.on(intake.BookingCancelled)
def _was_cancelled(state: State, event: intake.BookingCancelled, row: Row) -> None:
    _ends(state, event.incident, event, "cancelled", row)


def _ends(state: State, incident: str, event: Event, end: str, row: Row) -> None:
    case = state.cases.get(incident)
    if case is None:
        return
    case.sealed, case.reads = WORDS.after(case.sealed, event), {}
    case.end, case.ended_us = end, row.happened_at
    state.add(_ended(incident, case))


@evolve.on(dispatch.IncidentReopened)
def _reopened(state: State, event: dispatch.IncidentReopened, row: Row) -> None:
    _lives_again(state, event.incident, event)


@evolve.on(merge.IncidentUnmerged)
def _unmerged(state: State, event: merge.IncidentUnmerged, row: Row) -> None:
    _lives_again(state, event.incident, event)


def _lives_again(state: State, incident: str, event: Event) -> None:
    case = state.cases.get(incident)
    if case is None:
        return
    state.remove(_ended(incident, case))
    case.sealed, case.reads, case.asked = WORDS.after(case.sealed, event), {}, None
    case.reach, case.end, case.ended_us, case.into = REACH.first, "", 0, ""


@evolve.on(*SAID_LATER)
def _said_later(state: State, event: Event, row: Row) -> None:
    """Let what is said after an erasure be erased in its turn: it lies under a new key."""
    incident: str = getattr(event, "incident", "")
    case = state.cases.get(incident)
    if case is None or case.sealed != "erased" or not _any_sealed(event):
        return
    state.remove(_ended(incident, case))
    case.sealed, case.ended_us = WORDS.after(case.sealed, event), row.happened_at
    state.add(_ended(incident, case))


def _any_sealed(event: Event) -> bool:
    return any(getattr(event, name) for name in sealed_fields(type(event)))


# -- evolve: what this room decided ----------------------------------------------------------


@evolve.on(w.SealedRead, w.ArchiveOpened)
def _was_read(state: State, event: w.IncidentEvent, row: Row) -> None:
    case = state.cases[event.incident]
    case.reads = {who: until for who, until in case.reads.items() if until > row.recorded_at}
    case.reads[row.actor] = row.recorded_at + READING_US


@evolve.on(w.IncidentHeld)
def _was_held(state: State, event: w.IncidentHeld, row: Row) -> None:
    state.cases[event.incident].held_us = state.held[event.incident] = row.recorded_at


@evolve.on(w.HoldLifted)
def _was_freed(state: State, event: w.HoldLifted, row: Row) -> None:
    state.cases[event.incident].held_us = 0
    state.held.pop(event.incident, None)


@evolve.on(w.ErasureAsked)
def _was_asked(state: State, event: w.ErasureAsked, row: Row) -> None:
    state.cases[event.incident].asked = Asked(event.act, row.actor, row.position)


@evolve.on(w.ErasureDenied)
def _was_denied(state: State, event: w.ErasureDenied, row: Row) -> None:
    state.cases[event.incident].asked = None


@evolve.on(w.Erased)
def _was_erased(state: State, event: w.Erased, row: Row) -> None:
    state.ordered[row.position] = list(event.streams)
    lone = next((sort for sort in LONE if getattr(event, sort)), "")
    if lone:
        state.lives(lone, getattr(event, lone))
        return
    case = state.cases[event.incident]
    state.remove(_ended(event.incident, case))
    case.sealed, case.erased_at = WORDS.after(case.sealed, event), row.position
    case.asked, case.reads = None, {}
    if event.more:
        state.add(_ended(event.incident, case))


@evolve.on(w.Archived)
def _was_archived(state: State, event: w.Archived, row: Row) -> None:
    case = state.cases[event.incident]
    state.remove(_ended(event.incident, case))
    case.reach, case.reads = REACH.after(case.reach, event), {}
    if event.more:
        state.add(_ended(event.incident, case))


@evolve.on(w.Destroyed)
def _was_destroyed(state: State, event: w.Destroyed, row: Row) -> None:
    case = state.cases[event.incident]
    state.remove(_ended(event.incident, case))
    case.reach, case.asked, case.reads = REACH.after(case.reach, event), None, {}


@evolve.on(w.RetentionSwept)
def _was_swept(state: State, event: w.RetentionSwept, row: Row) -> None:
    state.sweeps.set(SWEEP, event.next_us)


@evolve.on(w.KeysDestroyed)
def _were_destroyed(state: State, event: w.KeysDestroyed, row: Row) -> None:
    for position in [one for one in state.ordered if one <= event.through]:
        del state.ordered[position]


# -- what the room does by itself ------------------------------------------------------------


def _after_sweep(state: State, event: w.RetentionSwept, row: Row) -> Sequence[Command]:
    """Have every matter done that the look at the table found due."""
    return [
        w.EraseDue(key=f"due:{row.position}:{sort[0]}{n}", **{sort: name})
        for sort in ("incident", *LONE)
        for n, name in enumerate(getattr(event, f"{sort}s"))
    ]  # fmt: skip


def _after_erasure(state: State, event: w.Erased, row: Row) -> Sequence[Command]:
    """Have nobody rung any more whose number is erased; they are counted as that."""
    if not event.incident:
        return ()
    key, reason = f"erased:{row.position}", backs.Bar.ERASED
    return [backs.DropCallBacks(key=key, incident=event.incident, reason=reason)]


def _ring(state: State, name: str, due_us: int) -> Command:
    return w.SweepDue(key=f"retention:{due_us}")


ROOM: Room[State] = Room(
    name="vault",
    state=State,
    arms=evolve,
    commands=w.COMMANDS,
    events=w.EVENTS,
    refusals=w.REFUSALS,
    deciders=decide,
    steps={
        "sealed words": WORDS,
        "reach": REACH,
        "erasure": ERASURE,
        "hold": HOLD,
        "call without an incident": CALLED,
        "words for the next shift": TOLD,
        "words of a tracked matter": TRACKED,
        "words of a problem": CURED,
    },
    reacts={w.RetentionSwept: _after_sweep, w.Erased: _after_erasure},
    alarms=lambda state: state.sweeps,
    ring=_ring,
)
