"""The rules of the toy room."""

from __future__ import annotations

from typing import Any

import msgspec

from answerable.kernel.alarms import Alarms
from answerable.kernel.event import Command, Row
from answerable.kernel.refusals import Unknown
from answerable.kernel.room import Arms, Context, Deciders, Decision, Room
from answerable.kernel.steps import Steps
from tests.kernel.toy import words as w

BOX = Steps(
    "box",
    first="new",
    last=frozenset({"scrapped"}),
    table={
        ("new", w.BoxMade): "shut",
        ("shut", w.BoxOpened): "open",
        ("open", w.BoxShut): "shut",
        ("shut", w.BoxScrapped): "scrapped",
    },
)


class State(msgspec.Struct):
    """Where every box stands, and which are to be shut by an alarm."""

    boxes: dict[str, str] = {}
    made_us: dict[str, int] = {}
    shutting: Alarms = msgspec.field(default_factory=Alarms)


decide: Deciders[State, Any] = Deciders()
evolve: Arms[State] = Arms()
Ctx = Context[Any]


def _step(state: State, command: Command, event: w.BoxEvent) -> Decision:
    if event.box not in state.boxes:
        return Unknown(command=command.tag, what="box", name=event.box)
    return BOX.refuse(state.boxes[event.box], type(event), f"box {event.box}") or [event]


@decide.on(w.MakeBox)
def _make(state: State, command: w.MakeBox, ctx: Ctx) -> Decision:
    if command.box in state.boxes:
        return w.BoxExists(box=command.box)
    return [w.BoxMade(box=command.box, secret=command.secret)]


@decide.on(w.OpenBox)
def _open(state: State, command: w.OpenBox, ctx: Ctx) -> Decision:
    return _step(state, command, w.BoxOpened(box=command.box, shut_us=command.shut_at))


@decide.on(w.ShutBox)
def _shut(state: State, command: w.ShutBox, ctx: Ctx) -> Decision:
    return _step(state, command, w.BoxShut(box=command.box))


@decide.on(w.ScrapBox)
def _scrap(state: State, command: w.ScrapBox, ctx: Ctx) -> Decision:
    return _step(state, command, w.BoxScrapped(box=command.box, why=command.why))


@decide.on(w.TouchBox)
def _touch(state: State, command: w.TouchBox, ctx: Ctx) -> Decision:
    return []


@decide.on(w.DropBox)
def _drop(state: State, command: w.DropBox, ctx: Ctx) -> Decision:
    if command.fault == "decide":
        raise ValueError(f"what lay in {command.box}")
    first = w.BoxDropped(box=command.box, fault=command.fault)
    if command.fault == "event":  # the second of two events does not decode again
        return [first, w.BoxDropped(box="", fault="event")]
    return [first]


@evolve.on(w.BoxMade)
def _made(state: State, event: w.BoxMade, row: Row) -> None:
    state.boxes[event.box] = BOX.after(BOX.first, event)
    state.made_us[event.box] = row.happened_at


@evolve.on(w.BoxOpened, w.BoxShut, w.BoxScrapped)
def _moved(state: State, event: w.BoxEvent, row: Row) -> None:
    state.boxes[event.box] = BOX.after(state.boxes[event.box], event)
    state.shutting.cancel(event.box)
    if isinstance(event, w.BoxOpened) and event.shut_us is not None:
        state.shutting.set(event.box, event.shut_us)


@evolve.on(w.BoxDropped)
def _dropped(state: State, event: w.BoxDropped, row: Row) -> None:
    if event.fault == "evolve":
        raise KeyError(event.box)


def _ring(state: State, name: str, due_us: int) -> Command:
    return w.ShutBox(key=f"shut:{name}:{due_us}", box=name, at=due_us)


def scrapped_v1(values: dict[str, Any]) -> dict[str, Any]:
    """Read version 1, which called the reason ``note``."""
    return {"box": values["box"], "why": values.get("note", "")}


ROOM: Room[State] = Room(
    name="toy",
    state=State,
    arms=evolve,
    commands=w.COMMANDS,
    events=w.EVENTS,
    refusals=w.REFUSALS,
    deciders=decide,
    steps={"box": BOX},
    alarms=lambda state: state.shutting,
    ring=_ring,
    upcasts={("toy.BoxScrapped", 1): scrapped_v1},
)
