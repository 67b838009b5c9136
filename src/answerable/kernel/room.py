"""What a room is to the kernel: its words, its rules, and the folds that carry its state."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar, Union

import msgspec

from answerable.kernel.alarms import Alarms
from answerable.kernel.authority import Actor, Authority, refuse_area
from answerable.kernel.event import (
    Command,
    Encode,
    Event,
    Recorded,
    Row,
    encoder_of,
    marks_of,
    sealed_fields,
)
from answerable.kernel.refusals import Refusal
from answerable.kernel.steps import Steps
from answerable.kernel.store import StoreRefusal

if TYPE_CHECKING:
    from answerable.kernel.folding import Aside

S = TypeVar("S")
E = TypeVar("E", bound=Event)
C = TypeVar("C", bound=Command)
W = TypeVar("W")

BESIDE = ("other", "into")
"""Fields of a command that name a further incident, to which an area binds as much."""
Decision = Sequence[Event] | Refusal
Upcast = Callable[[dict[str, Any]], dict[str, Any]]


class Context(msgspec.Struct, Generic[W], frozen=True):
    """What a decision may know besides the state: when, who, the town's settings, the rights.

    ``at_us`` is when the thing happened, ``now_us`` when it is recorded (UTC microseconds).
    """

    at_us: int
    now_us: int
    actor: Actor
    town: W
    authority: Authority = Authority(roles={})


class Arms(Generic[S]):
    """``evolve`` as a table: one short function an event kind. Arms change the state in place.

    An arm reads nothing but the state, the event and its row: never a clock, never a file.
    """

    def __init__(self) -> None:
        self.table: dict[str, Callable[[S, Any, Row], None]] = {}
        self.every: Callable[[S, Event, Row], None] | None = None

    def on(
        self, *events: type[E]
    ) -> Callable[[Callable[[S, E, Row], None]], Callable[[S, E, Row], None]]:
        """Register an arm for one or more events."""

        def register(arm: Callable[[S, E, Row], None]) -> Callable[[S, E, Row], None]:
            for event in events:
                if event.tag in self.table:
                    raise TypeError(f"{event.tag} has two arms in one fold")
                self.table[event.tag] = arm
            return arm

        return register


class Rings(dict[str, Callable[[S, str, int], Command]]):
    """What the alarms of a room ask for, by their sort: an alarm is named ``sort:about``.

    Each is given the state, what it is about, and when it was due (UTC microseconds).
    """

    def __call__(self, state: S, name: str, due_us: int) -> Command:
        """Return the command of an alarm that is due."""
        sort, _, about = name.partition(":")
        return self[sort](state, about, due_us)


class Deciders(Generic[S, W]):
    """``decide`` as a table: one short pure function a command."""

    def __init__(self) -> None:
        self.table: dict[type[Command], Callable[[S, Any, Context[W]], Decision]] = {}

    def on(
        self, command: type[C]
    ) -> Callable[[Callable[[S, C, Context[W]], Decision]], Callable[[S, C, Context[W]], Decision]]:
        """Register the decision on a command."""

        def register(
            decide: Callable[[S, C, Context[W]], Decision],
        ) -> Callable[[S, C, Context[W]], Decision]:
            if command in self.table:
                raise TypeError(f"{command.tag} is decided twice")
            self.table[command] = decide
            return decide

        return register


@dataclass(frozen=True, kw_only=True)
class Fold(Generic[S]):
    """A state built from events: a room's own, or a view that pages read.

    ``state`` is a msgspec Struct class whose fields all have defaults; its bytes are the snapshot.
    """

    name: str
    state: type[S]
    arms: Arms[S]


@dataclass(frozen=True, kw_only=True)
class Room(Fold[S]):
    """A room: words, rules, and what it does by itself (reactions and alarms)."""

    commands: tuple[type[Command], ...]
    events: tuple[type[Event], ...]
    refusals: tuple[type[Refusal], ...] = ()
    deciders: Deciders[S, Any]
    steps: Mapping[str, Steps] = field(default_factory=dict)
    reacts: Mapping[type[Event], Callable[[S, Any, Row], Sequence[Command]]] = field(
        default_factory=dict
    )
    alarms: Callable[[S], Alarms] | None = None
    ring: Callable[[S, str, int], Command] | None = None
    upcasts: Mapping[tuple[str, int], Upcast] = field(default_factory=dict)


class Form(NamedTuple):
    """How an event class becomes a row and comes back: looked up once an event, on the hot path."""

    tag: str
    version: int
    sealed: tuple[str, ...]
    decode: Callable[[bytes], Event]
    encode: Encode


class UnknownEvent(StoreRefusal, LookupError):
    """The record holds an event this program does not know; a newer program wrote it."""


class Rooms:
    """All rooms and views of a product, checked against each other once, at start."""

    def __init__(
        self,
        rooms: Sequence[Room[Any]],
        authority: Authority,
        views: Sequence[Fold[Any]] = (),
        areas_of: Callable[[Mapping[str, Any], str], Iterable[str]] | None = None,
        aside: Aside | None = None,
        incident_of: Callable[[Mapping[str, Any], Command], str] | None = None,
    ) -> None:
        """Check them. ``areas_of`` names the areas that an incident lies in, given all states.

        ``incident_of`` finds the incident of a command that does not name it itself.
        """
        self.rooms = tuple(rooms)
        self.views = tuple(views)
        self.authority = authority
        self.aside = aside
        self._areas_of = areas_of
        self._incident_of = incident_of
        self.folds: tuple[Fold[Any], ...] = (*self.rooms, *self.views)
        self.commands = {c.tag: c for room in rooms for c in room.commands}
        self.events = {e.tag: e for room in rooms for e in room.events}
        self.refusals = {r.code: r for room in rooms for r in room.refusals}
        self.room_of = {c: room for room in rooms for c in room.commands}
        self._check()
        self.forms = {
            cls: Form(
                cls.tag,
                cls.version,
                sealed_fields(cls),
                msgspec.json.Decoder(cls).decode,
                encoder_of(cls),
            )
            for cls in self.events.values()
        }
        self.readers = {(f.tag, f.version): f.decode for f in self.forms.values()}
        self._upcasts = {k: up for room in rooms for k, up in room.upcasts.items()}
        union: Any = Union[tuple(self.commands.values())]  # noqa: UP007 - built at run time
        self._command_decoder = msgspec.json.Decoder(union)
        self._fingerprint = ""

    def _check(self) -> None:
        """Raise TypeError where the rooms do not fit together."""
        seen: list[str] = [fold.name for fold in self.folds]
        for room in self.rooms:
            for command in room.commands:
                if command not in room.deciders.table:
                    raise TypeError(f"nothing decides {command.tag}")
                if command.__struct_config__.tag != command.tag:
                    raise TypeError(f"{command.tag} is tagged {command.__struct_config__.tag!r}")
            for cls in (*room.events, *room.refusals):
                marks_of(cls)
            self._check_history(room)
            if (room.alarms is None) != (room.ring is None):
                raise TypeError(f"{room.name} needs both alarms and ring, or neither")
        for fold in self.folds:
            if seen.count(fold.name) > 1:
                raise TypeError(f"two folds are called {fold.name}")
            if strange := set(fold.arms.table) - set(self.events):
                raise TypeError(f"{fold.name} has arms for unknown events: {sorted(strange)}")
        for role, rights in self.authority.roles.items():
            if lost := rights.commands - set(self.commands):
                raise TypeError(f"role {role} is given unknown commands: {sorted(lost)}")

    def _check_history(self, room: Room[Any]) -> None:
        """Raise TypeError where an old version cannot be read, or a reaction waits for nothing."""
        for event in room.events:
            for version in range(1, event.version):
                if (event.tag, version) not in room.upcasts:
                    raise TypeError(f"nothing upcasts {event.tag} version {version}")
        if strange := {event.tag for event in room.reacts} - set(self.events):
            raise TypeError(f"{room.name} reacts to unknown events: {sorted(strange)}")

    def command(self, body: bytes) -> Command:
        """Decode one tagged command; raises msgspec.DecodeError with a reason."""
        decoded: Command = self._command_decoder.decode(body)
        return decoded

    def refuse(self, states: Mapping[str, Any], command: Command, actor: Actor) -> Refusal | None:
        """Return why an actor may not give a command: not given to its role, not its unit, area."""
        denied = self.authority.refuse(actor, command.tag) or self.authority.refuse_unit(
            actor, command.tag, getattr(command, "unit", "")
        )
        if denied is not None or not actor.areas or self._areas_of is None:
            return denied
        incident = getattr(command, "incident", None)
        if not incident and self._incident_of is not None:
            incident = self._incident_of(states, command)
        for name in (incident, *(getattr(command, named, None) for named in BESIDE)):
            areas = self._areas_of(states, name) if name else ()
            if name and (refusal := refuse_area(actor, command.tag, name, areas)):
                return refusal
        return None

    def decode(self, row: Row) -> Event:
        """Decode the event of a row, upcasting an old version.

        Raises UnknownEvent for a kind, or a version, that this program does not have.
        """
        reader = self.readers.get(row[2:4])  # by kind and version
        if reader is not None:
            return reader(row.body)
        cls = self.events.get(row.kind)
        if cls is None or row.version > cls.version:
            raise UnknownEvent(
                f"The record was not opened. It holds {row.kind} version {row.version} at position "
                f"{row.position}, which this program does not know. "
                "Start it with the newer program that wrote it."
            )
        values: dict[str, Any] = msgspec.json.decode(row.body)
        for version in range(row.version, cls.version):
            values = self._upcasts[row.kind, version](values)
        return msgspec.convert(values, cls)

    def new_states(self) -> dict[str, Any]:
        """Return the empty state of every fold."""
        return {fold.name: fold.state() for fold in self.folds}

    def pack(self, states: Mapping[str, Any]) -> bytes:
        """Encode all states: the same events give the same bytes.

        Mappings keep the order they grew in, because "the oldest job first" is part of a state.
        """
        return msgspec.msgpack.encode(dict(states))

    def unpack(self, body: bytes) -> dict[str, Any]:
        """Decode what ``pack`` made; raises msgspec.DecodeError where it does not fit."""
        raw: dict[str, msgspec.Raw] = msgspec.msgpack.decode(body, type=dict[str, msgspec.Raw])
        return {
            fold.name: msgspec.msgpack.decode(raw[fold.name], type=fold.state)
            for fold in self.folds
        }

    def fingerprint(self) -> str:
        """Return a digest of the program text that makes states: a snapshot fits only its own.

        All of a room's package counts: an arm is only the door to what evolves a state. The files
        are read once: what runs is the text as it was.
        """
        if self._fingerprint:
            return self._fingerprint
        modules = {arm.__module__ for fold in self.folds for arm in fold.arms.table.values()}
        modules |= {fold.state.__module__ for fold in self.folds}
        modules |= {event.__module__ for event in self.events.values()}
        modules |= {Event.__module__}
        if self.aside is not None:
            modules.add(type(self.aside).__module__)
        folders = {Path(str(sys.modules[name].__file__)).parent for name in modules}
        digest = hashlib.sha256()
        for folder in sorted(folders, key=lambda folder: folder.parts[-2:]):
            for file in sorted(folder.glob("*.py")):
                digest.update("/".join(file.parts[-3:]).encode() + b"\0" + file.read_bytes())
        self._fingerprint = digest.hexdigest()
        return self._fingerprint


def recorded(rooms: Rooms, row: Row) -> Recorded:
    """Return a row together with its event."""
    return Recorded(row=row, event=rooms.decode(row))
