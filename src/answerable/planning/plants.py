"""Faults planted in the town on purpose: each must be caught, or the town is looking away.

A plant puts another class or another rule in the place of the real one, nothing else; what catches
it are the ordinary invariants.
"""

from __future__ import annotations

import copy
import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec

from answerable.dispatch.merge_words import IncidentTookOver, MergeIncident
from answerable.dispatch.move_words import ExchangeUnits, HoldEnded, PreemptUnit
from answerable.dispatch.report_words import ReportMissing
from answerable.dispatch.words import (
    CloseIncident,
    IncidentClosed,
    IncidentReopened,
    SendUnit,
    UnitCancelled,
    UnitCleared,
)
from answerable.followup import right_words as right
from answerable.followup.back_words import (
    CallBackAnswered,
    CallBackBarred,
    CallBackTried,
    CallBackUnreachable,
    OpenCallBacks,
    TakeCallBack,
    TriedCallBack,
)
from answerable.intake.line_words import TryCallBack
from answerable.intake.script_words import AnswerQuestion, QuestionAnswered
from answerable.kernel.authority import Actor
from answerable.kernel.event import Command, Event, Row, SealedValue
from answerable.kernel.hub import Accepted, Hub, Outcome
from answerable.kernel.room import Arms, Context, Deciders, Decision, Fold, Room, Rooms
from answerable.kernel.store import Head, LaidAside, Snapshot
from answerable.matters import support_words as support
from answerable.planning.disk import Fault, TownStore
from answerable.planning.radio import Letter
from answerable.planning.server import Server
from answerable.planning.world import Plant
from answerable.rooms import product

UNRUNG = 5
"""Every so many rows the planted clock sets no alarm."""
SWAPPED = 97
"""Every so many batches two rows change places on the planted disk."""
SILENT_S = 5.0
"""After how many seconds the planted timer acts on an incident that was reopened."""


# -- the process -----------------------------------------------------------------------------


class EarlyServer(Server):
    """Answers before the commit."""

    def do(self, hub: Hub, batch: list[Letter], fault: Fault | None) -> None:
        """Decide and answer; commit after that."""
        hub.store.ready()
        outcomes = [self.decide(hub, letter) for letter in batch]
        for letter, outcome in zip(batch, outcomes, strict=True):
            self.answer(letter, outcome)
        self.secure(hub, fault)
        hub.publish()


class HastyServer(Server):
    """Saves its snapshots while a batch is decided and not yet written."""

    def secure(self, hub: Hub, fault: Fault | None) -> None:
        """Save the state as that of the last commit, then commit."""
        if hub.waiting:
            body = hub.rooms.pack(hub.state)
            self.store.save_snapshot(hub.rooms.fingerprint(), Snapshot(self.store.size, body))
        super().secure(hub, fault)


class TimerServer(Server):
    """Has a timer of an incident's first life that closes it again, and records nothing."""

    def answer(self, letter: Letter, outcome: Outcome) -> None:
        """Answer, and set that timer where an incident was reopened."""
        super().answer(letter, outcome)
        if isinstance(outcome, Accepted) and not outcome.again:
            for one in outcome.recorded:
                if isinstance(one.event, IncidentReopened):
                    act = partial(self._close, one.event.incident)
                    self.world.timeline.after(SILENT_S, act)

    def _close(self, incident: str) -> None:
        if self.hub is None:
            return
        board = self.hub.state["board"]
        if (line := board.incidents.pop(incident, None)) is not None:
            line.state = "closed"
            board.closed[incident] = line
            self.hub.state["dispatch"].responses[incident].state = "closed"


# -- the hub ---------------------------------------------------------------------------------


class ForgetfulHub(Hub):
    """Knows the keys of this process only."""

    def _known(self, command: Command, actor: Actor) -> Outcome | None:
        return super()._known(command, actor) if command.key in self._keys else None


class StubbornHub(Hub):
    """Goes on with its state when the record could not take it."""

    def start(self, *, use_snapshot: bool = True) -> int:
        """Build the state; where rows could not be written, forget them and keep it as it is."""
        if self._rows:
            self.position -= len(self._rows)
            self._folding.position = self.position
            self._rows, self._sealed = [], []
            return 0
        return super().start(use_snapshot=use_snapshot)


class PlainHub(Hub):
    """Leaves what is sealed in plain words."""

    def _seal(self, event: Event, *rest: Any) -> Event:  # noqa: ANN401 - passed on as it came
        super()._seal(event, *rest)
        return event


# -- the disk --------------------------------------------------------------------------------


class SwappingStore(TownStore):
    """Lets two rows change places now and then."""

    _batches = 0

    def append(
        self,
        rows: Sequence[Row],
        sealed: Sequence[SealedValue] = (),
        aside: Sequence[LaidAside] = (),
    ) -> Head:
        """Write, and mix up the last two rows."""
        head = super().append(rows, sealed, aside)
        self._batches += 1
        if self._batches % SWAPPED == 0 and len(self._rows) > 1:
            first, second = self._rows[-2:]
            self._rows[-2] = second._replace(position=first.position)
            self._rows[-1] = first._replace(position=second.position)
        return head


class KeepingStore(TownStore):
    """Says that keys are destroyed, and keeps them."""

    def destroy_keys(self, orders: Mapping[int, Sequence[str]]) -> int:
        """Destroy nothing."""
        return len(orders)


class LosingStore(TownStore):
    """Keeps nothing of what was laid aside."""

    def laid_aside(self, fingerprint: str, stream: str, position: int) -> bytes | None:
        """Find nothing."""
        return None


# -- the rules -------------------------------------------------------------------------------


def _with(name: str, change: Callable[[Room[Any]], Room[Any]]) -> Rooms:
    """Return the product's rooms with one of them changed."""
    rooms = copy.copy(product())
    rooms.fingerprint()
    rooms.rooms = tuple(change(room) if room.name == name else room for room in rooms.rooms)
    rooms.folds = (*rooms.rooms, *rooms.views)
    rooms.room_of = {command: room for room in rooms.rooms for command in room.commands}
    return rooms


def _arms(room: Fold[Any]) -> Arms[Any]:
    arms: Arms[Any] = Arms()
    arms.table, arms.every = dict(room.arms.table), room.arms.every
    return arms


@functools.cache
def busy_rooms() -> Rooms:
    """Return rooms in which a busy unit can be sent."""

    def change(room: Room[Any]) -> Room[Any]:
        deciders: Deciders[Any, Any] = Deciders()
        deciders.table = dict(room.deciders.table)
        real = deciders.table[SendUnit]

        def send(state: Any, command: Any, context: Context[Any]) -> Decision:  # noqa: ANN401
            unit = state.units.get(command.unit)
            if unit is None:
                return real(state, command, context)
            held, unit.busy = unit.busy, []
            decision = real(state, command, context)
            unit.busy = held
            return decision

        deciders.table[SendUnit] = send
        return dataclasses.replace(room, deciders=deciders)

    return _with("dispatch", change)


@functools.cache
def forgetful_moves() -> Rooms:
    """Return rooms in which moving a unit leaves out what it ends: its old job, a hold."""

    def change(room: Room[Any]) -> Room[Any]:
        deciders: Deciders[Any, Any] = Deciders()
        deciders.table = dict(room.deciders.table)
        for command in (SendUnit, PreemptUnit, ExchangeUnits):
            deciders.table[command] = _without(room.deciders.table[command])
        return dataclasses.replace(room, deciders=deciders)

    return _with("dispatch", change)


def _without(real: Callable[..., Decision]) -> Callable[..., Decision]:
    """Return a decision that leaves out every end."""

    def decide(state: Any, command: Any, context: Context[Any]) -> Decision:  # noqa: ANN401
        decision = real(state, command, context)
        ends = (HoldEnded, UnitCancelled, UnitCleared)
        if not isinstance(decision, Sequence):
            return decision
        return [event for event in decision if not isinstance(event, ends)]

    return decide


@functools.cache
def one_sided_rooms() -> Rooms:
    """Return rooms in which only the merged incident learns that it was merged."""

    def change(room: Room[Any]) -> Room[Any]:
        deciders: Deciders[Any, Any] = Deciders()
        deciders.table = dict(room.deciders.table)
        real = deciders.table[MergeIncident]

        def merge(state: Any, command: Any, context: Context[Any]) -> Decision:  # noqa: ANN401
            decision = real(state, command, context)
            if not isinstance(decision, Sequence):
                return decision
            return [event for event in decision if not isinstance(event, IncidentTookOver)]

        deciders.table[MergeIncident] = merge
        return dataclasses.replace(room, deciders=deciders)

    return _with("dispatch", change)


@functools.cache
def unreported_rooms() -> Rooms:
    """Return rooms in which an incident is closed while a report is missing."""

    def change(room: Room[Any]) -> Room[Any]:
        deciders: Deciders[Any, Any] = Deciders()
        deciders.table = dict(room.deciders.table)
        real = room.deciders.table[CloseIncident]

        def close(state: Any, command: CloseIncident, ctx: Context[Any]) -> Decision:  # noqa: ANN401
            decision = real(state, command, ctx)
            if not isinstance(decision, ReportMissing):
                return decision
            return [IncidentClosed(incident=command.incident, outcome=command.outcome)]

        deciders.table[CloseIncident] = close
        return dataclasses.replace(room, deciders=deciders)

    return _with("dispatch", change)


@functools.cache
def silent_rooms() -> Rooms:
    """Return rooms in which some clocks set no alarm."""

    def change(room: Room[Any]) -> Room[Any]:
        arms = _arms(room)
        real = room.arms.every
        assert real is not None, "the clocks look at every event"

        def every(state: Any, event: Event, row: Row) -> None:  # noqa: ANN401
            before = set(state.runs()) if row.position % UNRUNG == 0 else None
            real(state, event, row)
            if before is not None:
                for number in state.runs():
                    if number not in before:
                        state.alarms.cancel(number)

        arms.every = every
        return dataclasses.replace(room, arms=arms)

    return _with("standards", change)


@functools.cache
def forgotten_callers() -> Rooms:
    """Return rooms in which only the first of those who called is asked how it was (I4)."""

    def change(room: Room[Any]) -> Room[Any]:
        deciders: Deciders[Any, Any] = Deciders()
        real = room.deciders.table[OpenCallBacks]
        deciders.table = {
            **room.deciders.table,
            OpenCallBacks: lambda *asked: list(real(*asked))[:1],  # type: ignore[arg-type]
        }
        return dataclasses.replace(room, deciders=deciders)

    return _with("followup", change)


@functools.cache
def sweeping_rooms() -> Rooms:
    """Return rooms in which a unit that clears one job is free of all of them (B2)."""

    def change(room: Room[Any]) -> Room[Any]:
        arms = _arms(room)
        real = arms.table[UnitCleared.tag]

        def cleared(state: Any, event: Any, row: Row) -> None:  # noqa: ANN401
            real(state, event, row)
            unit = state.units[event.unit]
            for incident in (*unit.busy, *unit.stacked):
                state.responses[incident].jobs[event.unit].state = "cleared"
            unit.busy, unit.stacked = [], []

        arms.table[UnitCleared.tag] = cleared
        return dataclasses.replace(room, arms=arms)

    return _with("dispatch", change)


def _deciding(
    name: str, change: Callable[[Callable[..., Decision]], Callable[..., Decision]],
    *commands: type[Command],
) -> Rooms:  # fmt: skip
    """Return rooms in which some commands of one are decided on in another way."""

    def changed(room: Room[Any]) -> Room[Any]:
        deciders: Deciders[Any, Any] = Deciders()
        deciders.table = dict(room.deciders.table)
        for command in commands:
            deciders.table[command] = change(deciders.table[command])
        return dataclasses.replace(room, deciders=deciders)

    return _with(name, changed)


def _without_reaction(name: str, event: type[Event]) -> Rooms:
    """Return rooms in which nothing follows from an event in one of them."""

    def change(room: Room[Any]) -> Room[Any]:
        assert event in room.reacts, f"{name} does not react to {event.tag}"
        left = {known: act for known, act in room.reacts.items() if known is not event}
        return dataclasses.replace(room, reacts=left)

    return _with(name, change)


@functools.cache
def deaf_rooms() -> Rooms:
    """Return rooms in which nothing is put right for who is unhappy."""
    return _without_reaction("followup", CallBackAnswered)


@functools.cache
def impatient_rooms() -> Rooms:
    """Return rooms in which one attempt is enough."""

    def change(real: Callable[..., Decision]) -> Callable[..., Decision]:
        def tried(state: Any, command: Any, context: Context[Any]) -> Decision:  # noqa: ANN401
            decision = real(state, command, context)
            if not isinstance(decision, Sequence) or len(decision) > 1:
                return decision
            one = decision[0]
            assert isinstance(one, CallBackTried)
            ids = {"incident": one.incident, "call": one.call}
            return [one, CallBackUnreachable(**ids, tries=one.attempt)]

        return tried

    return _deciding("followup", change, TriedCallBack)


@functools.cache
def crowded_rooms() -> Rooms:
    """Return rooms in which two may ring one caller at one time."""

    def change(real: Callable[..., Decision]) -> Callable[..., Decision]:
        def takes(state: Any, command: Any, context: Context[Any]) -> Decision:  # noqa: ANN401
            back = state.backs.get(command.call)
            by = back.by if back else ""
            if back:
                back.by = ""
            decision = real(state, command, context)
            if back:
                back.by = by
            return decision

        return takes

    return _deciding("followup", change, TakeCallBack, TriedCallBack)


@functools.cache
def countless_rooms() -> Rooms:
    """Return rooms that call every attempt to ring somebody back the first."""

    def change(real: Callable[..., Decision]) -> Callable[..., Decision]:
        def tried(state: Any, command: Any, context: Context[Any]) -> Decision:  # noqa: ANN401
            decision = real(state, command, context)
            if not isinstance(decision, Sequence):
                return decision
            return [msgspec.structs.replace(event, attempt=1) for event in decision]

        return tried

    return _deciding("intake", change, TryCallBack)


@functools.cache
def own_judges() -> Rooms:
    """Return rooms in which anybody may end anything, also what is said about them."""

    def change(real: Callable[..., Decision]) -> Callable[..., Decision]:
        def ends(state: Any, command: Any, context: Context[Any]) -> Decision:  # noqa: ANN401
            other = Actor(name="somebody", role=context.actor.role)
            return real(state, command, msgspec.structs.replace(context, actor=other))

        return ends

    return _deciding(
        "followup", change, right.DoPutRight, right.RingBackAgain, right.WithdrawPutRight,
        right.JudgePutRight,
    )  # fmt: skip


@functools.cache
def uncounted_rooms() -> Rooms:
    """Return rooms whose figures leave out who is barred."""
    rooms = _with("followup", lambda room: room)
    asked = next(view for view in rooms.views if view.name == "asked")
    arms = _arms(asked)
    del arms.table[CallBackBarred.tag]
    views = (dataclasses.replace(v, arms=arms) if v is asked else v for v in rooms.views)
    rooms.views = tuple(views)
    rooms.folds = (*rooms.rooms, *rooms.views)
    return rooms


@functools.cache
def own_signers() -> Rooms:
    """Return rooms in which whoever asks for support may sign it too."""

    def change(real: Callable[..., Decision]) -> Callable[..., Decision]:
        def signs(state: Any, command: Any, context: Context[Any]) -> Decision:  # noqa: ANN401
            other = msgspec.structs.replace(context.actor, name="somebody")
            return real(state, command, msgspec.structs.replace(context, actor=other))

        return signs

    return _deciding("matters", change, support.ApproveSupport)


@functools.cache
def patient_rooms() -> Rooms:
    """Return rooms that wait for ever for whoever support is assigned to."""

    def change(room: Room[Any]) -> Room[Any]:
        arms = _arms(room)
        real = arms.table[support.SupportAssigned.tag]

        def assigned(state: Any, event: Any, row: Row) -> None:  # noqa: ANN401
            real(state, event, row)
            state.alarms.cancel(f"support:{event.support}")

        arms.table[support.SupportAssigned.tag] = assigned
        return dataclasses.replace(room, arms=arms)

    return _with("matters", change)


@functools.cache
def untold_rooms() -> Rooms:
    """Return rooms in which a late step of support is marked, and the supervisor not told."""
    return _without_reaction("matters", support.SupportLate)


@functools.cache
def scriptless_rooms() -> Rooms:
    """Return rooms in which anything at all counts as a question of the script."""

    def change(_real: Callable[..., Decision]) -> Callable[..., Decision]:
        def answers(_state: Any, command: Any, _context: Context[Any]) -> Decision:  # noqa: ANN401
            return [
                QuestionAnswered(
                    incident=command.incident, question=command.question, answer=command.answer
                )
            ]  # fmt: skip

        return answers

    return _deciding("intake", change, AnswerQuestion)


PLANTS: dict[str, Plant] = {
    plant.name: plant
    for plant in (
        Plant("acknowledge-early", "answers before the commit", server=EarlyServer),
        Plant("forget-keys", "a process knows only its own keys", hub=ForgetfulHub),
        Plant("send-busy", "a busy unit can be sent", rooms=busy_rooms),
        Plant("forget-ends", "moving a unit ends nothing", rooms=forgetful_moves),
        Plant("one-sided", "a merge is told to one of the two", rooms=one_sided_rooms),
        Plant("close-unreported", "closes while a report is missing", rooms=unreported_rooms),
        Plant("silent-clock", "some clocks never ring", rooms=silent_rooms),
        Plant("forget-callers", "only the first caller is asked", rooms=forgotten_callers),
        Plant("forget-unhappy", "nothing is put right", rooms=deaf_rooms),
        Plant("give-up-early", "one attempt to ring back is enough", rooms=impatient_rooms),
        Plant("two-ring", "two ring one caller at one time", rooms=crowded_rooms),
        Plant("forget-attempts", "attempts are not counted", rooms=countless_rooms),
        Plant("judge-oneself", "anybody ends what is said about them", rooms=own_judges),
        Plant("sign-own", "whoever asks for support signs it", rooms=own_signers),
        Plant("wait-for-ever", "support that is assigned is never late", rooms=patient_rooms),
        Plant("late-untold", "nobody is told what support is late", rooms=untold_rooms),
        Plant("any-question", "the script asks anything", rooms=scriptless_rooms),
        Plant("uncounted", "the figures leave out who is barred", rooms=uncounted_rooms),
        Plant("swap-rows", "two rows change places on the disk", store=SwappingStore),
        Plant("keep-state", "the state is kept when nothing could be written", hub=StubbornHub),
        Plant("hasty-snapshot", "snapshots of what is not recorded yet", server=HastyServer),
        Plant("timer", "a timer closes reopened incidents in silence", server=TimerServer),
        Plant("plain-words", "sealed words go into the rows", hub=PlainHub),
        Plant("lost-aside", "what was laid aside is lost", store=LosingStore),
        Plant("keep-keys", "keys that are destroyed are kept", store=KeepingStore),
        Plant("clear-all", "clearing one job clears all of the unit", rooms=sweeping_rooms),
    )
}
"""Every planted fault by its name."""
