"""The simulated town: the real hub, rooms and rules under a fake clock, disk and radio.

Everything comes from one seed: the town, its people, what goes wrong, every salt. The same seed
gives the same bytes. After each day nothing new goes wrong (the town *heals*), the backlog drains,
and then all that must always hold is looked at. A violation names its seed, day and step.

Anchors: FoundationDB's and TigerBeetle's deterministic simulation.
"""

from __future__ import annotations

import contextlib
import copy
import functools
import logging
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from answerable.aside import ClosedLongAgo
from answerable.dispatch.words import UnitSent
from answerable.kernel.event import Command, Recorded, Row
from answerable.kernel.hub import Accepted, Hub, Outcome, Refused, where
from answerable.kernel.ids import SeededIds
from answerable.kernel.refusals import KeyReused
from answerable.kernel.room import Rooms
from answerable.kernel.store import Head, Store
from answerable.planning import invariants
from answerable.planning.book import Book, Entry, entry_of
from answerable.planning.disk import TownStore
from answerable.planning.ground import Place, make_ground
from answerable.planning.mishaps import Mishaps, make_room
from answerable.planning.people.alerting import Pager, Proposer, Watch
from answerable.planning.people.attendant import Attendant
from answerable.planning.people.callers import Ringer
from answerable.planning.people.crew import Crew
from answerable.planning.people.desk import CallTaker
from answerable.planning.people.dispatcher import Dispatcher
from answerable.planning.people.joiner import Joiner
from answerable.planning.people.keeper import Keeper
from answerable.planning.people.line import Line
from answerable.planning.people.mover import Mover
from answerable.planning.people.office import Administrator, Door, Supervisor
from answerable.planning.people.person import Person
from answerable.planning.people.righters import Officers, Oversight, Righter
from answerable.planning.people.support import DutyOfficer, Specialists, SupportDesk
from answerable.planning.radio import Letter, Post, Radio
from answerable.planning.server import Server
from answerable.planning.timeline import US, Timeline, TownClock
from answerable.rooms import product
from answerable.standards.adopting import adoptions
from answerable.standards.shelf import shelf
from answerable.standards.state import State as Standards
from answerable.standards.words import AdoptStandard
from answerable.towns.rules import digest_of
from answerable.towns.words import AdoptRunCards, FileDigest, NoteFiles

DAY_US = 86_400 * US
LOOK_S = 900.0
"""How often people look at their screens although they heard nothing, in seconds."""
DRAIN_S_MAX = 18 * 3_600
"""How long the backlog may take to drain once nothing new goes wrong, in seconds."""
REST_S = 5 * 3_600
"""How long the town stands still after that, so that every alarm that is set may act."""


@functools.cache
def sound_rooms() -> Rooms:
    """Return the product's rooms, put together once a process."""
    rooms = product()
    rooms.fingerprint()
    return rooms


class Plant(NamedTuple):
    """A fault planted on purpose: other classes in place of the real ones."""

    name: str
    what: str
    hub: type[Hub] = Hub
    server: type[Server] = Server
    store: type[TownStore] = TownStore
    rooms: Callable[[], Rooms] = sound_rooms


SOUND = Plant("none", "nothing is planted")


class Violation(AssertionError):
    """Something that must always hold did not: which, where, and the seed that shows it again."""

    def __init__(self, world: World, name: str, what: str) -> None:
        self.seed, self.day, self.step = world.seed, world.day, world.timeline.step
        self.name, self.what = name, what
        again = f"answerable drill town --seed {self.seed} --seeds 1 --days {self.day}"
        super().__init__(f"seed {self.seed}, {self.text()}\n    again: {again}")

    def text(self) -> str:
        """Return where and what, without the seed."""
        return f"day {self.day}, step {self.step}: {self.name}: {self.what}"


class _Errors(logging.Handler):
    """Collects what the hub writes into its log as an error: a rule or a reaction that failed."""

    def __init__(self, found: list[str]) -> None:
        super().__init__(logging.ERROR)
        self._found = found

    def emit(self, record: logging.LogRecord) -> None:
        """Take one line of the log."""
        self._found.append(record.getMessage())


@contextlib.contextmanager
def _listening(found: list[str]) -> Iterator[None]:
    """Collect the errors of the program's log instead of printing anything of it."""
    log, handler = logging.getLogger("answerable"), _Errors(found)
    was = log.propagate, log.level
    log.propagate = False
    log.addHandler(handler)
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.removeHandler(handler)
        log.propagate = was[0]
        log.setLevel(was[1])


class World:
    """One town from one seed."""

    def __init__(self, seed: int, plant: Plant = SOUND) -> None:
        """Make the town; nothing happens before ``run``."""
        self.seed = seed
        self.plant = plant
        self.dice = random.Random(seed)
        self.ground = make_ground(self.dice)
        self.timeline = Timeline(self.ground.begin_us)
        self.rooms = copy.copy(plant.rooms())
        self.rooms.aside = ClosedLongAgo(self.dice.choice((2, 10, 40)))
        self.steady = self.dice.random() < 0.5
        self.snapshot_every = self.dice.randrange(60, 300)
        self.late_entries = self.dice.choice((0.0, 0.02, 0.1))
        self.radio = Radio(self.timeline, self._dice())
        self.mishaps = Mishaps(self._dice(), self.ground.per_day)
        self.server = type("PlantedServer", (plant.server,), {"hub_class": plant.hub})(
            self, plant.store()
        )
        self.post = Post(self.timeline, self.radio, self.server_door)
        self.marker = f"qz{seed:x}zq"
        self.marker_bytes = self.marker.encode()
        self.standards = standards()
        self.day = 0
        self.keys = 0
        self._people()
        self._looking()

    def _dice(self) -> random.Random:
        return random.Random(self.dice.getrandbits(64))

    def _people(self) -> None:
        """Let people in: the line, desks, dispatchers, a crew for each unit, the office."""
        self.taken: set[str] = set()
        self.tended: set[str] = set()
        self.waits: dict[str, int] = {}
        self.incidents: list[str] = []
        self.asked: list[str] = []
        self.line = Line(self)
        desks = self.ground.desks
        self.crews = {unit: Crew(self, unit) for unit in self.ground.posts}
        self.people: tuple[Person, ...] = (
            self.line,
            *(CallTaker(self, f"desk {n}") for n in range(1, desks + 1)),
            *(Dispatcher(self, f"dispatcher {n}") for n in range(1, desks)),
            *self.crews.values(),
            Supervisor(self, "supervisor"),
            Pager(self),
            Proposer(self),
            Watch(self, "third supervisor"),
            Mover(self, "second supervisor"),
            Joiner(self, "last dispatcher"),
            Keeper(self, "keeper"),
            Keeper(self, "second keeper"),
            Attendant(self, "attendant"),
            Ringer(self, "call-back desk"),
            Ringer(self, "second call-back desk"),
            Righter(self, "put-right desk"),
            Oversight(self, "oversight"),
            Officers(self, "officers"),
            DutyOfficer(self, "duty officer"),
            DutyOfficer(self, "second duty officer"),
            SupportDesk(self, "support desk"),
            Specialists(self, "specialists"),
            Administrator(self, "administrator"),
            Door(self),
        )
        self.hearers: dict[str, list[Person]] = {}
        for person in self.people:
            for kind in person.hears_of:
                self.hearers.setdefault(kind, []).append(person)
        self.hearers[UnitSent.tag] = [next(iter(self.crews.values()))]

    def _looking(self) -> None:
        """Begin to look: the book, what was acknowledged, what a console has seen."""
        self.book = Book()
        self.fresh: list[Entry] = []
        self.touched_units: dict[str, None] = {}
        self.touched_incidents: dict[str, None] = {}
        self.checked = self.checked_us = self.checked_epoch = 0
        self.rung_until_us = 0
        self.adopted_at = 0
        self.acked: dict[str, tuple[Recorded, ...]] = {}
        self.done: dict[str, Command] = {}
        self.console: list[Row] = []
        self.sealed: dict[tuple[int, str], str] = {}
        self.errors: list[str] = []

    # -- what the people use -----------------------------------------------------------------

    def secret(self, what: str) -> str:
        """Return a person's words, which must never be seen in the record: they are marked."""
        self.keys += 1
        return f"{what} {self.marker} {self.keys}"

    def place_of(self, lon: float | None, lat: float | None) -> Place:
        """Return the place of a position; the middle of the town where there is none."""
        return Place("", lon or 0.0, lat or 0.0)

    def server_door(self, letter: Letter) -> None:
        """Take a letter to the centre."""
        self.server.receive(letter)

    def first_commands(self, states: Mapping[str, Any]) -> Iterator[Command]:
        """Yield what a centre records at its first start: run cards, files, standards, units."""
        towns, adopted = states["towns"], states["standards"].standards
        if not towns.last_edition:
            cards = self.ground.town.file.run_cards
            key = f"adopt-run-cards:1:{digest_of(cards)[:16]}"
            yield AdoptRunCards(key=key, cards=cards, reason="the first start")
        if not towns.noted:
            file = FileDigest("town.toml", f"{self.seed:064x}")
            yield NoteFiles(key=f"town-files:1:{self.seed}", files=(file,))
        for command in self.standards:
            if command.definition is not None and command.definition.name not in adopted:
                yield command

    # -- what the centre tells ---------------------------------------------------------------

    def started(self) -> None:
        """Take note that a process has begun; a console takes up what it missed."""
        self.console.extend(self.server.store.rows(len(self.console)))
        self._look(invariants.AFTER_START)

    def published(self, recorded: Sequence[Recorded], head: Head) -> None:
        """Take a batch that was published to the consoles and to the people."""
        rows = [one.row for one in recorded]
        if rows[0].position != len(self.console) + 1:
            self.fail("consoles_have_seen_every_row", f"a gap before {rows[0].position}")
        self.console.extend(rows)
        for one in recorded:
            for person in self.hearers.get(one.row.kind, ()):
                person.hears(one)

    def acknowledged(self, letter: Letter, outcome: Outcome) -> None:
        """Take note of an answer that leaves: its events must be in the record, now and always."""
        if not isinstance(outcome, Accepted):
            return
        self.done.setdefault(letter.command.key, letter.command)
        known = self.acked.setdefault(letter.command.key, outcome.recorded)
        if known is not outcome.recorded and known != outcome.recorded:
            self.fail("keys_are_done_once", f"key {letter.command.key} was answered in two ways")

    def left_no_event(self, letter: Letter, outcome: Outcome, moved: int) -> None:
        """B11: a refusal leaves no event, and who has no right is refused, whatever the state."""
        tag, key = letter.command.tag, letter.command.key
        if moved:
            self.fail("refusals_leave_no_event", f"{tag} with key {key} was refused and recorded")
        if not isinstance(outcome, Accepted | Refused):
            self.fail("nothing_failed_in_silence", f"{tag} with key {key}: {outcome}")
        if isinstance(outcome, Refused) and key in self.acked:
            if isinstance(outcome.refusal, KeyReused) and letter.command != self.done[key]:
                return  # one ring told in two ways: the other one stands in the record
            self.fail("keys_are_done_once", f"{tag} with key {key} was done, then {outcome}")

    def committed(self) -> None:
        """Look at what is new in the record."""
        store = self.server.store
        if (size := store.size) == self.checked and not self.errors:
            return
        self.fresh = [entry_of(row) for row in store.rows(self.checked)]
        units, incidents = self.touched_units, self.touched_incidents
        for entry in self.fresh:
            said = entry.said
            if unit := said.get("unit"):
                units[unit] = None
            if incident := said.get("incident"):
                incidents[incident] = None
            self.book.take(entry)
        self._look(invariants.AFTER_BATCH)
        if self.fresh:
            last = self.fresh[-1].row
            self.checked, self.checked_us, self.checked_epoch = size, last.recorded_at, last.epoch
        units.clear()
        incidents.clear()

    def rung(self, until_us: int) -> None:
        """Look at what is due, now that alarms have acted."""
        self.rung_until_us = until_us
        self._look(invariants.AFTER_RING)

    # -- looking -----------------------------------------------------------------------------

    def _look(self, checks: Iterable[invariants.Check]) -> None:
        for check in checks:
            for what in check(self):
                self.fail(check.__name__, what)

    def fail(self, name: str, what: str) -> None:
        """Stop: something that must always hold does not."""
        raise Violation(self, name, what)

    def begun(self, *, use_snapshot: bool, store: Store | None = None) -> Hub:
        """Return a hub begun beside the one that runs: on its record, or on another store."""
        clock = TownClock(self.timeline, 0, steady=False)
        hub = Hub(self.rooms, store or self.server.store, clock=clock, ids=SeededIds(0),
                  town=self.ground.town)  # fmt: skip
        hub.start(use_snapshot=use_snapshot)
        return hub

    def differs(self, hub: Hub, what: str, replayed: Hub) -> Iterator[str]:
        """Yield the rooms and views in which a state is not that of a replay."""
        if hub.position != replayed.position:
            yield f"{what} stands at {hub.position}, the record at {replayed.position}"
            return
        mine, other = self.rooms.pack(hub.state), self.rooms.pack(replayed.state)
        if mine == other:
            return
        names = [
            name
            for name in hub.state
            if self.rooms.pack({name: hub.state[name]})
            != self.rooms.pack({name: replayed.state[name]})
        ]
        yield f"{what} is not what the record gives, in: {', '.join(names)}"

    # -- days --------------------------------------------------------------------------------

    def run(self, days: int = 1, steps_max: int | None = None) -> Head:
        """Live through so many days; return the tree head at their end.

        Raises Violation. With ``steps_max`` a day ends after so many steps of all, and heals.
        """
        with _listening(self.errors):
            try:
                if not self.server.starts:
                    self._begin()
                for _ in range(days):
                    self._live(steps_max)
                    self._heal()
            except Exception as error:
                if isinstance(error, Violation):
                    raise
                # Whatever it is, the centre would have ended here and not come back by itself.
                what = f"{type(error).__name__}: {error} in {where(error)}"
                raise Violation(self, "the_program_goes_on", what) from error
        head: Head = self.server.store.head()
        return head

    def _begin(self) -> None:
        self.server.start()
        for nth, person in enumerate(self.people):
            self.timeline.after(nth * 0.1, partial(self._looks, person))

    def _looks(self, person: Person) -> None:
        """Have somebody look, and look again some time later."""
        person.looks()
        again_s = LOOK_S / 4 if self.radio.fair else LOOK_S * (0.5 + self.dice.random())
        self.timeline.after(again_s, partial(self._looks, person))

    def _live(self, steps_max: int | None) -> None:
        """Let a day pass with everything that goes wrong in it."""
        self.day += 1
        self.radio.fair = self.mishaps.calm = False
        for person in self.people:
            person.begins_day()
        self.mishaps.plan_day(self)
        self.timeline.run(self.timeline.now_us + DAY_US, steps_max)

    def _heal(self) -> None:
        """Let nothing new go wrong until the backlog has drained, and look at everything."""
        self.radio.fair = self.mishaps.calm = True
        make_room(self)
        self._drain()
        self.timeline.run(self.timeline.now_us + REST_S * US)
        self._drain()
        self.committed()
        self._look(invariants.AT_REST)

    def _drain(self) -> None:
        """Go on until nobody waits for anything, or for as long as that may take at most."""
        until_us = self.timeline.now_us + DRAIN_S_MAX * US
        while self.timeline.now_us < until_us and not self._drained():
            self.timeline.run(self.timeline.now_us + 600 * US)

    def _drained(self) -> bool:
        hub = self.server.hub
        if hub is None or self.post.waiting:
            return False
        board, rung = hub.state["board"], hub.state["call-backs"]
        if any(entry.state == "due" for entry in rung.waiting.values()):
            return False
        rights, asked = hub.state["followup"].rights, hub.state["matters"].support.open
        return not (board.calls or board.incidents or board.booked or rights or asked)


_STANDARDS: list[AdoptStandard] = []


def standards() -> list[AdoptStandard]:
    """Return the commands that adopt every standard of the catalogue; read once a process."""
    if not _STANDARDS:
        _STANDARDS.extend(adoptions(shelf(), Standards()))
    return _STANDARDS
