"""The rules of the tally: it asks itself to count whenever the toy room opens a box."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from answerable.kernel.event import Command, Event, Row
from answerable.kernel.room import Arms, Context, Deciders, Decision, Fold, Room
from tests.kernel.tally import words as w
from tests.kernel.toy import words as toy


class State(msgspec.Struct):
    """How often each box has been opened."""

    times: dict[str, int] = {}


decide: Deciders[State, Any] = Deciders()
evolve: Arms[State] = Arms()


@decide.on(w.CountOpening)
def _count(state: State, command: w.CountOpening, ctx: Context[Any]) -> Decision:
    times = state.times.get(command.box, 0) + 1
    if times > 3:
        return w.CountedOut(box=command.box)
    return [w.OpeningCounted(box=command.box, times=times)]


@evolve.on(w.OpeningCounted)
def _counted(state: State, event: w.OpeningCounted, row: Row) -> None:
    state.times[event.box] = event.times


def _opened(state: State, event: toy.BoxOpened, row: Row) -> Sequence[Command]:
    if event.box == "jack":
        raise ValueError("a fault in a reaction")
    return [w.CountOpening(key=f"count:{row.position}", box=event.box)]


ROOM: Room[State] = Room(
    name="tally",
    state=State,
    arms=evolve,
    commands=w.COMMANDS,
    events=w.EVENTS,
    refusals=w.REFUSALS,
    deciders=decide,
    reacts={toy.BoxOpened: _opened},
)


class Seen(msgspec.Struct):
    """A view that looks at every event: how many there were, and the last position."""

    events: int = 0
    position: int = 0


seen: Arms[Seen] = Arms()


def _see(state: Seen, event: Event, row: Row) -> None:
    state.events += 1
    state.position = row.position


seen.every = _see
SEEN: Fold[Seen] = Fold(name="seen", state=Seen, arms=seen)
