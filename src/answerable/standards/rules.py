"""The rules of standards: what is adopted, what rings, what may stand still or get more time.

Starting and stopping is not decided here: it follows from the events of the other rooms, in
``clocks.py``. A clock acts by itself in one way only: its alarm asks for ``RingClock``, and what
that does is recorded like everything else (B5).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from answerable.kernel.event import Event, Row
from answerable.kernel.refusals import Refusal, Unknown
from answerable.kernel.room import Arms, Context, Deciders, Room
from answerable.kernel.steps import Steps
from answerable.standards import past
from answerable.standards.clocks import adopt, every
from answerable.standards.consequences import only_shown
from answerable.standards.definition import (
    BadStandard,
    check_standard,
    digest_of,
    read_standard,
)
from answerable.standards.past import Run
from answerable.standards.state import CLOCKS_MAX, State
from answerable.standards.words import (
    COMMANDS,
    EVENTS,
    REFUSALS,
    AdoptStandard,
    AlreadyAdopted,
    BeforeThat,
    ClockExtended,
    ClockRang,
    ClockResumed,
    ClockSuspended,
    ExtendClock,
    NotAStandard,
    NotDue,
    PastDue,
    ResumeClock,
    RingClock,
    Standard,
    StandardAdopted,
    SuspendClock,
    TooManyStandards,
    TooShort,
)

# -- the life of a clock ---------------------------------------------------------------------
# What ends a clock is an event of another room; these stand for it in the table.


class StoppedInTime(Event, frozen=True, kw_only=True):
    """A stop whose true time lies within the limit, or a correction that moves it there."""


class StoppedLate(Event, frozen=True, kw_only=True):
    """A stop whose true time lies past the limit, or a correction that moves it there."""


class FellAway(Event, frozen=True, kw_only=True):
    """An event named in ``voids``: nothing is left to be done in time."""


class CameBack(Event, frozen=True, kw_only=True):
    """An event named in ``revives``: what the clock fell away by is taken back."""


LIFE = Steps(
    "clock",
    first="running",
    last=frozenset({"kept", "broken", "void"}),
    table={
        ("running", ClockRang): "ringing",
        ("running", ClockSuspended): "suspended",
        ("running", ClockExtended): "running",
        ("ringing", ClockRang): "ringing",
        ("ringing", ClockExtended): "running",
        ("suspended", ClockResumed): "running",
        ("suspended", ClockExtended): "suspended",
        **{
            (state, ends): to
            for state in ("running", "ringing", "suspended")
            for ends, to in ((StoppedInTime, "kept"), (StoppedLate, "broken"), (FellAway, "void"))
        },
        ("kept", StoppedLate): "broken",
        ("broken", StoppedInTime): "kept",
        ("kept", FellAway): "void",
        ("broken", FellAway): "void",
        ("void", StoppedInTime): "kept",
        ("void", StoppedLate): "broken",
        ("void", CameBack): "running",
    },
)
"""Running, ringing and suspended clocks are open; the others have ended, and only the correction of
a time still moves them."""


# -- decisions -------------------------------------------------------------------------------

decide: Deciders[State, Any] = Deciders()


@decide.on(AdoptStandard)
def _adopt(
    state: State, command: AdoptStandard, context: Context[Any]
) -> Sequence[Event] | Refusal:
    try:
        standard = _definition(command)
    except BadStandard as bad:
        return NotAStandard(
            standard=bad.file, where=bad.where, problem=bad.problem, remedy=bad.remedy
        )
    digest = digest_of(standard)
    before = state.standards.get(standard.name)
    if before is not None and before.digest == digest:
        return AlreadyAdopted(
            standard=standard.name, edition=before.edition, digest=digest[:12]
        )  # fmt: skip
    clocks = len(state.clocks) + len(standard.clocks)
    if clocks > CLOCKS_MAX:
        return TooManyStandards(standard=standard.name, clocks=clocks, clocks_max=CLOCKS_MAX)
    return [
        StandardAdopted(
            standard=standard.name,
            edition=before.edition + 1 if before is not None else 1,
            digest=digest,
            source=standard.source,
            from_us=context.at_us,
            definition=standard,
            only_shown=only_shown(standard.clocks),
        )
    ]


def _definition(command: AdoptStandard) -> Standard:
    """Return the definition a command carries; raises BadStandard."""
    if (command.definition is None) == (not command.text):
        raise BadStandard(
            "the standard", "the command", "it holds both a text and a definition, or neither",
            "Give one of the two.",
        )  # fmt: skip
    if command.definition is not None:
        return check_standard(command.definition, command.definition.name)
    return read_standard(command.text)


@decide.on(RingClock)
def _ring(state: State, command: RingClock, context: Context[Any]) -> Sequence[Event] | Refusal:
    run = state.runs().get(command.clock)
    if (refusal := _impossible(run, command, ClockRang)) is not None or run is None:
        return refusal or _unknown(command)
    stages = state.work(run.clock).stages
    if run.stage >= len(stages):
        return _not_due(state, run, "It has rung for all it had to.")
    due_us = run.due_us + stages[run.stage].after_us
    if due_us > context.at_us:
        return _not_due(state, run, f"It is due in {_seconds(due_us - context.at_us)} s.")
    return [
        ClockRang(
            **_names(state, run),
            due_us=due_us,
            limit_s=run.limit_us / 1e6,
            stage=run.stage + 1,
            consequences=stages[run.stage].consequences,
        )
    ]


@decide.on(SuspendClock)
def _suspend(
    state: State, command: SuspendClock, context: Context[Any]
) -> Sequence[Event] | Refusal:
    run = state.runs().get(command.clock)
    if (refusal := _impossible(run, command, ClockSuspended)) is not None or run is None:
        return refusal or _unknown(command)
    if context.at_us < run.start_us:
        return _before(state, run, "suspended", "started", run.start_us - context.at_us)
    if context.at_us > run.due_us:
        return PastDue(
            clock=run.number,
            promise=state.work(run.clock).clock.name,
            late_s=_seconds(context.at_us - run.due_us),
        )
    return [ClockSuspended(**_names(state, run), reason=command.reason)]


@decide.on(ResumeClock)
def _resume(state: State, command: ResumeClock, context: Context[Any]) -> Sequence[Event] | Refusal:
    run = state.runs().get(command.clock)
    if (refusal := _impossible(run, command, ClockResumed)) is not None or run is None:
        return refusal or _unknown(command)
    if context.at_us < run.since_us:
        return _before(state, run, "resumed", "stood still", run.since_us - context.at_us)
    due_us = run.due_us + context.at_us - run.since_us
    return [ClockResumed(**_names(state, run), due_us=due_us)]


@decide.on(ExtendClock)
def _extend(state: State, command: ExtendClock, context: Context[Any]) -> Sequence[Event] | Refusal:
    run = state.runs().get(command.clock)
    if (refusal := _impossible(run, command, ClockExtended)) is not None or run is None:
        return refusal or _unknown(command)
    due_us = run.due_us + round(command.by_s * 1e6)
    late_us = context.now_us - due_us
    if late_us >= 0 and run.state != "suspended":
        return TooShort(
            clock=run.number,
            promise=state.work(run.clock).clock.name,
            by_s=command.by_s,
            late_s=_seconds(late_us),
            more_s=_seconds(context.now_us - run.due_us),
        )
    return [
        ClockExtended(**_names(state, run), by_s=command.by_s, due_us=due_us, reason=command.reason)
    ]


Number = RingClock | SuspendClock | ResumeClock | ExtendClock


def _unknown(command: Number) -> Unknown:
    return Unknown(command=command.tag, what="open clock", name=command.clock)


def _impossible(run: Run | None, command: Number, event: type[Event]) -> Refusal | None:
    """Return the refusal of a step for a clock that is not open, or not in a state for it."""
    if run is None:
        return _unknown(command)
    return LIFE.refuse(run.state, event, f"clock {run.number}")


def _not_due(state: State, run: Run, reason: str) -> NotDue:
    return NotDue(clock=run.number, promise=state.work(run.clock).clock.name, reason=reason)


def _before(state: State, run: Run, step: str, what: str, before_us: int) -> BeforeThat:
    return BeforeThat(
        clock=run.number,
        promise=state.work(run.clock).clock.name,
        step=step,
        what=what,
        before_s=_seconds(before_us),
    )


def _seconds(us: int) -> float:
    return round(us / 1e6, 3)


def _names(state: State, run: Run) -> dict[str, Any]:
    """Return the fields every event about a clock has: which clock, and whose."""
    work = state.work(run.clock)
    names = {"clock": run.number, "standard": work.standard, "promise": work.clock.name}
    others = []
    for field, value in ((work.by0, run.owner), (work.by1, run.rest)):
        if field in ("incident", "unit", "call"):
            names[field] = value
        elif field:
            others.append(f"{field} {value}")
    if work.by0 == "call" and "incident" not in names:
        names["incident"] = state.cases["call"][run.owner].incident
    names["about"] = ", ".join(others)[:240]
    return names


# -- evolution -------------------------------------------------------------------------------

arms: Arms[State] = Arms()
arms.every = every


@arms.on(StandardAdopted)
def _adopted(state: State, event: StandardAdopted, row: Row) -> None:
    adopt(state, event)


@arms.on(ClockRang)
def _rang(state: State, event: ClockRang, row: Row) -> None:
    run = state.runs()[event.clock]
    run.state = "ringing"
    run.stage = stage = run.stage + 1
    state.cell(run).mark(run.slot, past.RINGING | past.RANG)
    stages = state.work(run.clock).stages
    if stage < len(stages):
        state.alarms.set(run.number, run.due_us + stages[stage].after_us)
    else:
        state.alarms.cancel(run.number)


@arms.on(ClockSuspended)
def _suspended(state: State, event: ClockSuspended, row: Row) -> None:
    run = state.runs()[event.clock]
    run.state, run.since_us = "suspended", row.happened_at
    cell = state.cell(run)
    cell.mark(run.slot, past.SUSPENDED)
    cell.flag(run.slot, past.STOOD)
    state.alarms.cancel(run.number)


@arms.on(ClockResumed)
def _resumed(state: State, event: ClockResumed, row: Row) -> None:
    run = state.runs()[event.clock]
    cell = state.cell(run)
    cell.stood.setdefault(str(run.slot), []).append((run.since_us, row.happened_at))
    cell.mark(run.slot, past.RUNNING)
    run.state, run.since_us, run.due_us = "running", 0, event.due_us
    state.alarms.set(run.number, run.due_us)


@arms.on(ClockExtended)
def _extended(state: State, event: ClockExtended, row: Row) -> None:
    run = state.runs()[event.clock]
    cell = state.cell(run)
    slot = str(run.slot)
    by_us = round(event.by_s * 1e6)
    cell.extra_us[slot] = cell.extra_us.get(slot, 0) + by_us
    cell.flag(run.slot, past.EXTENDED)
    run.due_us, run.limit_us = event.due_us, run.limit_us + by_us
    if run.state != "suspended":
        run.state, run.stage = "running", 0
        cell.mark(run.slot, past.RUNNING)
        state.alarms.set(run.number, run.due_us)


# -- alarms ----------------------------------------------------------------------------------


def _ring_command(state: State, number: str, due_us: int) -> RingClock:
    """Return what an alarm asks for; its key tells every ring of every clock apart."""
    stage = state.runs()[number].stage
    return RingClock(key=f"ring:{number}:{stage}:{due_us}", clock=number)


ROOM: Room[State] = Room(
    name="standards",
    state=State,
    arms=arms,
    commands=COMMANDS,
    events=EVENTS,
    refusals=REFUSALS,
    deciders=decide,
    steps={"clock": LIFE},
    alarms=lambda state: state.alarms,
    ring=_ring_command,
)
