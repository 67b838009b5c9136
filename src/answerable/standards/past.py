"""What the engine keeps of the past, packed: one short row per clock and per event that mattered.

A year of a city is a million clocks. Rows are packed into bytearrays (about 100 bytes a clock in
all), which a snapshot carries as they are and numpy reads without decoding.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Literal

import msgspec

State = Literal["running", "ringing", "suspended", "kept", "broken", "void"]
"""Where a clock stands. ``void`` is neither kept nor broken: the matter fell away."""

STATES: tuple[State, ...] = ("running", "ringing", "suspended", "kept", "broken", "void")
RUNNING, RINGING, SUSPENDED, KEPT, BROKEN, VOID = range(6)
MOVED = 7
"""The row was carried over to another cell (the kind of its incident became known)."""
CODE = 7
"""Mask of the state in a row's byte; the rest are flags."""
RANG, EXTENDED, STOOD = 8, 16, 32
"""Flags: the clock rang at least once, was extended, stood still for a time."""

HALF = struct.Struct("<qq")
"""When (UTC microseconds) and at which position of the record a clock started, or ended."""
ROW = 2 * HALF.size
"""Bytes of a row: its start, then its end (zeros while it is open)."""
BOTH = struct.Struct("<qqqq")
SEEN = struct.Struct("<HIqq")
"""One event that mattered to some clock: kind number, subject number, when, at which position."""
RUN = struct.Struct("<III")
"""Where a clock's row lies: cell, slot; and its subject number."""


class Cell(msgspec.Struct):
    """All clocks of one promise, area class and kind of incident, one slot each.

    ``stood`` holds, by slot, the spans a clock stood still; ``extra_us`` what it was extended by;
    ``rung`` how often one had rung that fell away, should that be taken back; ``due_us`` by when
    one had to be done whose start said so.
    """

    clock: int
    area_class: str = ""
    kind: str = ""
    states: bytearray = msgspec.field(default_factory=bytearray)
    rows: bytearray = msgspec.field(default_factory=bytearray)
    stood: dict[str, list[tuple[int, int]]] = {}
    extra_us: dict[str, int] = {}
    rung: dict[str, int] = {}
    due_us: dict[str, int] = {}

    def add(self, start_us: int, position: int) -> int:
        """Take a new row and return its slot."""
        self.states.append(RUNNING)
        self.rows += BOTH.pack(start_us, position, 0, 0)
        return len(self.states) - 1

    def start(self, slot: int) -> tuple[int, int]:
        """Return when and at which position a slot started."""
        us, position = HALF.unpack_from(self.rows, slot * ROW)
        return us, position

    def end(self, slot: int) -> tuple[int, int]:
        """Return when and at which position a slot ended, zeros while it is open."""
        us, position = HALF.unpack_from(self.rows, slot * ROW + HALF.size)
        return us, position

    def set_start(self, slot: int, us: int, position: int) -> None:
        """Set when and at which position a slot started."""
        HALF.pack_into(self.rows, slot * ROW, us, position)

    def set_end(self, slot: int, us: int, position: int) -> None:
        """Set when and at which position a slot ended."""
        HALF.pack_into(self.rows, slot * ROW + HALF.size, us, position)

    def code(self, slot: int) -> int:
        """Return the state of a slot without its flags."""
        return self.states[slot] & CODE

    def mark(self, slot: int, code: int) -> None:
        """Set the state of a slot, keeping its flags; ``code`` may bring some with it."""
        self.states[slot] = self.states[slot] & ~CODE | code

    def flag(self, slot: int, flag: int) -> None:
        """Add a flag to a slot."""
        self.states[slot] |= flag

    def stood_us(self, slot: int, start_us: int, end_us: int) -> int:
        """Return for how long the clock stood still between two instants."""
        spans = self.stood.get(str(slot), ())
        return sum(max(0, min(to, end_us) - max(since, start_us)) for since, to in spans)

    def move(self, slot: int, to: Cell) -> int:
        """Carry a row over to another cell; returns its slot there."""
        there = to.add(*self.start(slot))
        to.set_end(there, *self.end(slot))
        to.states[there] = self.states[slot]
        if self.states[slot] & (EXTENDED | STOOD):
            to.stood[str(there)] = self.stood.pop(str(slot), [])
            to.extra_us[str(there)] = self.extra_us.pop(str(slot), 0)
        if (rung := self.rung.pop(str(slot), 0)) > 0:
            to.rung[str(there)] = rung
        if (due_us := self.due_us.pop(str(slot), 0)) > 0:
            to.due_us[str(there)] = due_us
        self.states[slot] = MOVED
        return there


class Known(msgspec.Struct, gc=False):
    """What is remembered of an incident, for ``where`` and for the tables."""

    kind: str = ""
    group: str = ""
    priority: str = ""
    area_class: str = ""
    neighborhood: str = ""
    battalion: str = ""
    call: str = ""


class Run(msgspec.Struct, gc=False):
    """One open clock. ``number`` is its name to people, alarms and commands.

    ``owner`` and ``rest`` are the values of its ``by`` fields; ``limit_us`` includes extensions;
    ``since_us`` is since when it stands still (0: it does not).
    """

    number: str
    clock: int
    owner: str
    rest: str
    cell: int
    slot: int
    start_us: int
    due_us: int
    limit_us: int
    state: State = "running"
    stage: int = 0
    since_us: int = 0


class Case(msgspec.Struct):
    """What happened to one owner (an incident, a call ...) so far as clocks are concerned.

    ``incident`` is the incident a call led to, where the owner is a call. ``odd`` says that a clock
    of it ended before it started, so that a later end may still be the true one. The first of
    ``rests`` is "", the second identity of clocks that have only one.
    """

    incident: str = ""
    odd: bool = False
    rests: list[str] = msgspec.field(default_factory=lambda: [""])
    seen: bytearray = msgspec.field(default_factory=bytearray)
    runs: bytearray = msgspec.field(default_factory=bytearray)
    open: list[Run] = []

    def rest(self, rest: str) -> int:
        """Return the number of the second identity (a unit, for example), noting a new one."""
        rests = self.rests
        if rest in rests:
            return rests.index(rest)
        rests.append(rest)
        return len(rests) - 1

    def each_run(self) -> Iterator[tuple[int, int, int]]:
        """Return cell, slot and subject number of every clock of this owner, as they stand now."""
        return RUN.iter_unpack(bytes(self.runs))

    def each_seen(self) -> Iterator[tuple[int, int, int, int]]:
        """Return kind, subject number, time and position of every event that mattered."""
        return SEEN.iter_unpack(bytes(self.seen))
