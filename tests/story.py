"""Given these events, when this command, then these events (or this refusal).

``Story`` runs the product's real rooms over a small made-up town, without a hub or a store.
``Centre`` is the whole hub over a store, under a clock that stands where it was set.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from answerable.dispatch import words as dispatch
from answerable.intake import words as intake
from answerable.kernel.authority import Actor
from answerable.kernel.clock import SetClock
from answerable.kernel.event import Command, Event, Row, fill, sealed_fields, stream_of
from answerable.kernel.hub import Accepted, Ask, Hub, Outcome, Refused, commitment_of
from answerable.kernel.ids import SeededIds
from answerable.kernel.refusals import Refusal
from answerable.kernel.room import Context, Rooms
from answerable.kernel.store import Store
from answerable.record.memory import MemoryStore
from answerable.record.sqlite import SqliteStore
from answerable.rooms import product
from answerable.standards.words import AdoptStandard
from answerable.towns.model import (
    Kind,
    Need,
    RunCard,
    Title,
    Town,
    TownFile,
    UnitSpec,
    UnitType,
)
from answerable.towns.narrative import Answer, Instruction, Question, QuestionsFile
from answerable.towns.referring import FIELDS, Partner, ReferralFile, ReferralRule
from answerable.towns.supporting import Helper, SupportFile, SupportKind
from answerable.towns.terms import MatterKind, MattersFile, Result, Span

US = 1_000_000
ZONE = ZoneInfo("America/Los_Angeles")


def at_local(text: str) -> int:
    """Return an instant (UTC microseconds) from the clock on the toy town's wall."""
    local = datetime.fromisoformat(text).replace(tzinfo=ZONE)
    return int((local.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds()) * US


T0 = at_local("2020-04-02T14:00:00")
"""When every story begins: 14:00 on 2 April 2020 in San Francisco."""


class Spot(NamedTuple):
    """Where a position lies in the toy town."""

    neighborhood: str
    battalion: str
    area_class: str
    distance_m: float


class ToyPlaces:
    """Areas by longitude: core west of -122.45, near up to -122.41, outer beyond."""

    def locate(self, lon: float, lat: float) -> Spot:
        """Return the area of a position."""
        if lon < -122.45:
            return Spot("Old Town", "B01", "core", 12.34)
        if lon < -122.41:
            return Spot("Middle", "B02", "near", 48.0)
        return Spot("Rim", "B02", "outer", 260.0)


def _named(code: str) -> Title:
    return Title(en=code, zh=code)


SCRIPT = QuestionsFile(
    questions=(
        Question("out", {"en": "Is everybody out?"},
                 (Answer({"en": "yes"}), Answer({"en": "no"}, priority="3")), ("Fire",)),
        Question("where", {"en": "Where?"}, (Answer({"en": "in"}), Answer({"en": "out"}))),
    ),
    instructions=(
        Instruction("low", {"en": "Stay low."}, ("Fire",)), Instruction("wait", {"en": "Wait."}),
    ),
)  # fmt: skip
"""What the toy town asks and reads out."""

MATTERS = MattersFile(
    kinds=tuple(
        MatterKind(code=code, titles=_named(code), source="nobody's law", term=Span(20),
                   norm=Span(5, "working"), suspend_days=9)
        for code in ("Fire", "Medical")
    ),
    results=(Result(code="some result", titles=_named("some result")),),
)  # fmt: skip
"""The kinds of matters that the toy town tracks."""


REFERRING = ReferralFile(
    agencies=(Partner(code="coast", titles={"en": "Coast guard"}, may_see=FIELDS),),
    rules=(
        ReferralRule(code="fires", why={"en": "they look after it"}, agency="coast",
                     kinds=("Fire",), sees=FIELDS),
    ),
)  # fmt: skip
"""To whom the toy town refers: every fire to one agency, which sees all that can be named."""


SUPPORTING = SupportFile(
    agencies=(Helper(code="coast", titles=_named("coast")),),
    kinds=tuple(
        SupportKind(code=code, titles=_named(code), by=("coast", "TRUCK"))
        for code in ("Fire", "Medical")
    ),
)  # fmt: skip
"""What help the toy town's units can ask for: nobody has to sign it."""


def toy_town() -> Town:
    """Return a town of three kinds, four types, three run cards and seven units."""
    kinds = (
        Kind("Fire", _named("Fire"), "3", "fire"),
        Kind("Medical", _named("Medical"), "2", "medical"),
        Kind("Other", _named("Other"), "1", "fire"),
    )
    cards = (
        RunCard(
            "F1",
            (Need(("ENGINE",), 2), Need(("TRUCK",)), Need(("CHIEF",))),
            kinds=("Fire",),
        ),
        RunCard("M1", (Need(("MEDIC", "ENGINE"), 1, ("ALS",)),), kinds=("Medical",)),
        RunCard("X1", (Need(("ENGINE",)),), priorities=("1",)),
    )
    types = tuple(UnitType(code, _named(code)) for code in ("ENGINE", "TRUCK", "MEDIC", "CHIEF"))
    units = (
        UnitSpec("E1", "ENGINE", "1", ("ALS",)),
        UnitSpec("E2", "ENGINE", "2"),
        UnitSpec("E3", "ENGINE", "3"),
        UnitSpec("T1", "TRUCK", "1"),
        UnitSpec("M1", "MEDIC", "", ("ALS",)),
        UnitSpec("M2", "MEDIC", ""),
        UnitSpec("C1", "CHIEF", "2"),
    )
    file = TownFile(
        priorities=("1", "2", "3"),
        name="toy",
        titles=_named("Toy"),
        zone="America/Los_Angeles",
        centre=(-122.43, 37.76),
        kinds=kinds,
        unit_types=types,
        run_cards=cards,
        standards=(),
    )
    return Town(
        file, units, ToyPlaces(), script=SCRIPT, matters=MATTERS, referring=REFERRING,
        supporting=SUPPORTING,
    )  # fmt: skip


_keys = itertools.count(1)


def make(command: Command | type[Command], fields: Mapping[str, Any]) -> Command:
    """Return a command as it comes through the door: checked, with a key of its own."""
    if isinstance(command, Command):
        made = msgspec.structs.replace(command, **fields) if fields else command
    else:
        made = command(**{"key": f"test-{next(_keys)}", **fields})
    return msgspec.json.decode(msgspec.json.encode(made), type=type(made))


def said(event: Event) -> str:
    """Return an event in its one sentence."""
    return fill(type(event).said, {name: getattr(event, name) for name in event.__struct_fields__})


class Story:
    """One story: events that happened, a command, what came of it."""

    def __init__(self, town: Town | None = None, now_us: int = T0) -> None:
        self.rooms: Rooms = product()
        self.town = town or toy_town()
        self.now_us = now_us
        self.states: dict[str, Any] = self.rooms.new_states()
        self.rows: list[Row] = []
        self.outcome: list[Event] | Refusal = []
        self.reactions: list[Command] = []

    def given(self, *events: Event, at: int | None = None) -> Story:
        """Let events have happened, ``at`` an instant (UTC us) or one second after another."""
        for event in events:
            if at is None:
                self.now_us += US
            self._happen(event, self.now_us if at is None else at)
        return self

    def when(
        self,
        command: Command | type[Command],
        *,
        role: str = "dispatcher",
        name: str = "",
        aboard: str = "",
        after_s: float = 1,
        **fields: Any,
    ) -> Story:
        """Decide a command, a second after what came before, and let its events happen.

        ``aboard`` is the unit that whoever gives it acts for.
        """
        self.now_us += int(after_s * US)
        asked = make(command, fields)
        actor = Actor(name=name or f"a {role}", role=role, unit=aboard)
        denied = self.rooms.authority.refuse(actor, asked.tag)
        self.outcome = denied or self._decide(asked, actor)
        self.reactions = []
        if not isinstance(self.outcome, Refusal):
            at_us = self.now_us if asked.at is None else min(asked.at, self.now_us)
            for event in self.outcome:
                self._react(self._happen(event, at_us))
        return self

    def _decide(self, command: Command, actor: Actor) -> list[Event] | Refusal:
        room = self.rooms.room_of[type(command)]
        at_us = self.now_us if command.at is None else min(command.at, self.now_us)
        context = Context(
            at_us=at_us, now_us=self.now_us, actor=actor, town=self.town,
            authority=self.rooms.authority,
        )  # fmt: skip
        decision = room.deciders.table[type(command)](self.states[room.name], command, context)
        return decision if isinstance(decision, Refusal) else list(decision)

    def _happen(self, event: Event, at_us: int) -> Row:
        """Evolve every fold from the event's bytes, its sealed words taken out, as the hub does."""
        cls = type(event)
        hidden = {
            name: commitment_of(name, b"salt", getattr(event, name))
            for name in sealed_fields(cls)
            if getattr(event, name)
        }
        body = msgspec.json.encode(msgspec.structs.replace(event, **hidden))
        row = Row(
            len(self.rows) + 1, stream_of(event), cls.tag, cls.version, at_us,
            max(self.now_us, at_us), "somebody", "key", 1, body,
        )  # fmt: skip
        self.rows.append(row)
        decoded = self.rooms.decode(row)
        for fold in self.rooms.folds:
            for arm in (fold.arms.table.get(cls.tag), fold.arms.every):
                if arm is not None:
                    arm(self.states[fold.name], decoded, row)
        return row

    def _react(self, row: Row) -> None:
        event = self.rooms.decode(row)
        for room in self.rooms.rooms:
            if (react := room.reacts.get(type(event))) is not None:
                self.reactions += react(self.states[room.name], event, row)

    def then(self, *events: Event) -> Story:
        """Compare what came of the command with these events, field by field."""
        assert self.outcome == list(events), _shown(self.outcome)
        return self

    def refused(self, cls: type[Refusal], *, text: str = "", **fields: Any) -> Story:
        """Say that the command was refused so, with these fields, reading ``text`` as a whole."""
        assert isinstance(self.outcome, cls), _shown(self.outcome)
        for name, value in fields.items():
            assert getattr(self.outcome, name) == value, (name, self.outcome)
        if text:
            assert self.outcome.text() == text
        return self

    @property
    def events(self) -> list[Event]:
        """What came of the command; fails the test where it was refused."""
        assert not isinstance(self.outcome, Refusal), self.outcome.text()
        return self.outcome


def _shown(outcome: list[Event] | Refusal) -> str:
    return outcome.text() if isinstance(outcome, Refusal) else f"accepted: {outcome}"


class Centre:
    """A whole hub over a store that a test can close and open again."""

    def __init__(
        self,
        store: Store | None = None,
        *,
        town: Town | None = None,
        now_us: int = T0,
        reopen: Callable[[Store], Store] | None = None,
    ) -> None:
        self.clock = SetClock(now_us)
        self.town = town or toy_town()
        self._reopen = reopen or _reopened
        self._open(store if store is not None else MemoryStore())

    def _open(self, store: Store, *, use_snapshot: bool = True) -> None:
        self.store = store
        self.hub = Hub(
            product(), store, clock=self.clock, ids=SeededIds(store.epoch), town=self.town
        )
        self.replayed = self.hub.start(use_snapshot=use_snapshot)

    def restart(self, *, use_snapshot: bool = True) -> Centre:
        """End this process and begin the next one on the same record."""
        self._open(self._reopen(self.store), use_snapshot=use_snapshot)
        return self

    def stand_at(self, now_us: int) -> Centre:
        """Put the server's clock anywhere, also back (UTC microseconds)."""
        self.hub.clock = self.clock = SetClock(now_us)
        return self

    def tick(self, seconds: float) -> Centre:
        """Let time pass, and let every alarm that falls due act."""
        self.clock.set(self.clock.now_us() + int(seconds * US))
        while self.hub.ring(self.clock.now_us()):
            self.hub.commit()
        return self

    def do(
        self,
        command: Command | type[Command],
        *,
        role: str = "dispatcher",
        name: str = "",
        own: str = "",
        **fields: Any,
    ) -> Outcome:
        """Have one command done and committed; ``own`` is the unit that a crew acts for."""
        actor = Actor(name=name or f"a {role}", role=role, unit=own)
        return self.hub.handle([Ask(make(command, fields), actor)])[0]

    def done(self, command: Command | type[Command], **fields: Any) -> list[Event]:
        """Have a command done that must be accepted; returns its events as recorded."""
        outcome = self.do(command, **fields)
        assert isinstance(outcome, Accepted), outcome
        return [one.event for one in outcome.recorded]

    def refused(self, command: Command | type[Command], **fields: Any) -> Refusal:
        """Have a command done that must be refused; returns the refusal."""
        outcome = self.do(command, **fields)
        assert isinstance(outcome, Refused), outcome
        return outcome.refusal

    def state(self, name: str) -> Any:
        """Return the state of a room or view."""
        return self.hub.state[name]

    @property
    def board(self) -> Any:
        """Return the board, which every screen reads."""
        return self.hub.state["board"]

    def events(self) -> list[Event]:
        """Return everything in the record, decoded."""
        return [self.hub.rooms.decode(row) for row in self.store.rows()]

    # -- what most stories begin with --------------------------------------------------------

    def adopt(self, *standards: str) -> Centre:
        """Adopt standards of the catalogue; all of them where none is named."""
        catalogue = files("answerable.standards").joinpath("catalogue")
        texts = {path.name.removesuffix(".toml"): path for path in catalogue.iterdir()}
        for name in standards or sorted(texts):
            self.done(AdoptStandard, role="system", text=texts[name].read_text("utf-8"))
        return self

    def duty(self, *units: str) -> Centre:
        """Put units of the town on duty; all of them where none is named."""
        for unit in units or tuple(self.town.units):
            spec = self.town.units[unit]
            self.done(
                dispatch.PutOnDuty,
                unit=unit,
                unit_type=spec.unit_type,
                station=spec.station,
                skills=spec.skills,
            )
        return self

    def incident(self, **fields: Any) -> str:
        """Open an incident and return its number."""
        [event] = self.done(intake.OpenIncident, **{**PLACE, **fields})
        assert isinstance(event, intake.IncidentOpened)
        return event.incident


PLACE: dict[str, Any] = {
    "kind": "Fire",
    "priority": "3",
    "address": "100 Block of Main St",
    "lon": -122.43,
    "lat": 37.76,
}
"""An ordinary incident at an ordinary place."""


def centre(store: Store | None = None, **options: Any) -> Centre:
    """Return a real hub over a memory store, or the store given."""
    return Centre(store, **options)


def _reopened(store: Store) -> Store:
    if isinstance(store, MemoryStore):
        return store.reopen()
    assert isinstance(store, SqliteStore)
    store.close()
    return SqliteStore.open(store.path, create=False)


def opened(incident: str = "200930001", **changes: Any) -> intake.IncidentOpened:
    """Return the event of an incident at the ordinary place."""
    fields: dict[str, Any] = {
        **PLACE, "incident": incident, "neighborhood": "Middle", "battalion": "B02",
        "area_class": "near", "off_road_m": 48.0, **changes,
    }  # fmt: skip
    return intake.IncidentOpened(**fields)


def on_duty(*units: str) -> list[Event]:
    """Return the events of the toy town's units coming on duty."""
    town = toy_town()
    return [
        dispatch.UnitOnDuty(
            unit=unit,
            unit_type=town.units[unit].unit_type,
            station=town.units[unit].station,
            skills=town.units[unit].skills,
        )
        for unit in units
    ]


def sent(unit: str, incident: str = "200930001", **fields: Any) -> dispatch.UnitSent:
    """Return the event of a unit being sent."""
    kind = toy_town().units[unit].unit_type
    return dispatch.UnitSent(
        incident=incident, unit=unit, **{"unit_type": kind, "area_class": "near", **fields}
    )
