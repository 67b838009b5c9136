"""The state of all clocks, and what every part of the engine does to it."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from answerable.kernel.alarms import Alarms
from answerable.kernel.event import Event
from answerable.standards import past
from answerable.standards.definition import known_events
from answerable.standards.past import Case, Cell, Known, Run
from answerable.standards.plans import (
    REVIVE,
    STOP,
    WITHDRAW,
    AnyEvent,
    Plan,
    Promise,
    Work,
    plan_of,
)

CLOCKS_MAX = 1024
"""Different promises in one record, replaced editions included."""


class Adopted(msgspec.Struct, frozen=True):
    """A standard in force and the numbers of its promises."""

    name: str
    zh: str
    source: str
    note: str
    digest: str
    edition: int
    from_us: int
    clocks: tuple[int, ...]


class State(msgspec.Struct, dict=True):
    """Everything about clocks: promises, what runs, what became of the rest."""

    standards: dict[str, Adopted] = {}
    clocks: list[Promise] = []
    kinds: list[str] = []
    known: dict[str, Known] = {}
    types: dict[str, str] = {}
    cases: dict[str, dict[str, Case]] = {}
    cells: list[Cell] = []
    latest_us: int = 0
    alarms: Alarms = msgspec.field(default_factory=Alarms)

    def __post_init__(self) -> None:
        """Build what is derived: the running clocks by number, the cells by key, the works."""
        self._plans: dict[str, Plan | None] = {}
        self._works: list[Work] = []
        self._runs: dict[str, Run] = {
            run.number: run
            for cases in self.cases.values()
            for case in cases.values()
            for run in case.open
        }
        self._cells = {(c.clock, c.area_class, c.kind): n for n, c in enumerate(self.cells)}
        if self.clocks:
            self.compile()

    def compile(self) -> None:
        """Make every promise ready for use, and forget the plans made before."""
        events = known_events()
        self._plans.clear()
        self._works = [Work(number, promise) for number, promise in enumerate(self.clocks)]
        for work in self._works:
            self.cases.setdefault(work.by0, {})
            work.starts = self.kind_number(work.clock.starts, work.by1)
            roles = ((work.clock.stops, STOP), (work.clock.voids, WITHDRAW))
            for kinds, role in (*roles, (work.clock.revives, REVIVE)):
                for kind in kinds:
                    number, rest = self._end_number(work, kind, events)
                    work.ends[number] = (role, rest)
            for kind, void in work.clock.revives.items():
                number, _ = self._end_number(work, kind, events)
                work.takes_back[number], _ = self._end_number(work, void, events)

    def _end_number(
        self, work: Work, kind: str, events: Mapping[str, type[Event]]
    ) -> tuple[int, bool]:
        """Return the number of an event in a promise, and whether it names its second identity."""
        fields = events[kind].__struct_fields__ if kind in events else ()
        rest = work.by1 if work.by1 in fields else ""
        return self.kind_number(kind, rest), bool(rest)

    def kind_number(self, kind: str, rest: str) -> int:
        """Return the number of (kind of event, second identity field), noting a new one."""
        name = f"{kind}|{rest}"
        if name not in self.kinds:
            self.kinds.append(name)
        return self.kinds.index(name)

    def plan(self, cls: type[Event]) -> Plan | None:
        """Return what to do with events of a class, worked out at the first of them."""
        in_force = (n for adopted in self.standards.values() for n in adopted.clocks)
        plan = plan_of(cls, self._works, self.kinds, in_force)
        self._plans[cls.tag] = plan
        return plan

    def runs(self) -> dict[str, Run]:
        """Return the open clocks by number."""
        return self._runs

    def work(self, clock: int) -> Work:
        """Return a promise made ready for use."""
        return self._works[clock]

    def works(self) -> list[Work]:
        """Return all promises made ready for use."""
        return self._works

    def cell(self, run: Run) -> Cell:
        """Return the cell an open clock is counted in."""
        return self.cells[run.cell]

    def limit_us(self, cell: Cell, slot: int) -> int:
        """Return how long a clock may take, extensions included.

        A date that lies before the start leaves no time at all; the clock rings as it starts.
        """
        work = self._works[cell.clock]
        limit_us = work.limit_us
        if work.due:
            limit_us = max(0, cell.due_us[str(slot)] - cell.start(slot)[0])
        return limit_us + cell.extra_us.get(str(slot), 0)

    def cell_number(self, clock: int, known: Known | None) -> int:
        """Return the number of the cell of a promise, area class and kind, making it if needed."""
        area, kind = ("", "") if known is None else (known.area_class, known.kind)
        cell = self._cells.get((clock, area, kind))
        if cell is None:
            cell = self._cells[clock, area, kind] = len(self.cells)
            self.cells.append(Cell(clock, area, kind))
        return cell


def owner_of(state: State, field: str, event: AnyEvent) -> str:
    """Return the owner's value an event names; a call also through the incident it led to."""
    value: str = getattr(event, field, "")
    if not value and field == "call":
        known = state.known.get(getattr(event, "incident", ""))
        return known.call if known is not None else ""
    return value


def finish(state: State, run: Run, role: int, us: int, position: int) -> None:
    """Write down what became of an open clock; the caller takes it out of its case."""
    cell, slot = state.cells[run.cell], run.slot
    if run.since_us and us > run.since_us:
        cell.stood.setdefault(str(slot), []).append((run.since_us, us))
    past.HALF.pack_into(cell.rows, slot * past.ROW + past.HALF.size, us, position)
    flags = cell.states[slot] & ~past.CODE
    if flags & (past.STOOD | past.EXTENDED) or us < run.start_us:
        code = judge(state, cell, slot, role)
    elif role == WITHDRAW:
        code = past.VOID
    else:
        code = past.KEPT if us <= run.due_us else past.BROKEN
    if role == WITHDRAW and run.stage:
        cell.rung[str(slot)] = run.stage
    cell.states[slot] = flags | code
    del state._runs[run.number]
    state.alarms.cancel(run.number)


def judge(state: State, cell: Cell, slot: int, role: int) -> int:
    """Return the state of an ended row: void, kept within its limit, or broken.

    An end before the start is no time at all: void, until one of the two is corrected.
    """
    start_us, end_us = cell.start(slot)[0], cell.end(slot)[0]
    if role == WITHDRAW or end_us < start_us:
        return past.VOID
    elapsed_us = end_us - start_us
    if cell.states[slot] & (past.STOOD | past.EXTENDED):
        elapsed_us -= cell.stood_us(slot, start_us, end_us)
    return past.KEPT if elapsed_us <= state.limit_us(cell, slot) else past.BROKEN
