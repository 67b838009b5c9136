"""What pages and reports read about clocks: what runs, and what was kept.

These are plain readings of the room's own state, not a second copy of it: every page shows the same
clock in the same state (B3), and the engine does its work once per event. ``VIEWS`` is therefore
empty. ``kept.py`` has the table of what was kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from answerable.kernel.room import Fold
from answerable.standards import past
from answerable.standards.kept import KeptRow, kept_table
from answerable.standards.past import STATES, Case, Cell, Run
from answerable.standards.plans import Work
from answerable.standards.state import State

__all__ = [
    "VIEWS",
    "ClockLine",
    "KeptRow",
    "RunningClock",
    "StandardRow",
    "clocks_of",
    "every_clock",
    "kept_table",
    "running",
    "running_for",
    "running_of_unit",
    "standards",
]

VIEWS: tuple[Fold[Any], ...] = ()


class RunningClock(msgspec.Struct, frozen=True, kw_only=True):
    """One open clock as a page shows it. Instants are UTC microseconds.

    ``started_at`` is the position of the event that started it; ``about`` what it is about besides
    incident, unit and call, and ``sort`` what that is ("matter", "problem" ...). A suspended clock
    stands at ``since_us``; what it has left is ``due_us - since_us``.
    """

    number: str
    standard: str
    name: str
    zh: str
    state: str
    incident: str
    unit: str
    call: str
    start_us: int
    started_at: int
    due_us: int
    limit_s: float
    since_us: int
    stage: int
    consequences: tuple[str, ...]
    about: str = ""
    sort: str = ""


class ClockLine(msgspec.Struct, frozen=True, kw_only=True):
    """One clock, open (its end is 0) or ended, for the margin of an incident's thread."""

    standard: str
    name: str
    zh: str
    state: str
    incident: str
    unit: str
    call: str
    start_us: int
    end_us: int
    started_at: int
    ended_at: int
    limit_s: float
    rang: bool
    extended: bool


class StandardRow(msgspec.Struct, frozen=True, kw_only=True):
    """A standard in force."""

    name: str
    zh: str
    source: str
    note: str
    edition: int
    digest: str
    from_us: int


# -- running ---------------------------------------------------------------------------------


def running(state: State, limit: int | None = None) -> list[RunningClock]:
    """Return the open clocks, ringing and soonest first."""
    runs = sorted(state.runs().values(), key=lambda run: (run.due_us, run.number))
    return [_running(state, run) for run in runs[:limit]]


def running_for(state: State, incident: str) -> list[RunningClock]:
    """Return the open clocks of an incident and of the call it came from, soonest first."""
    runs = [run for case, _ in _cases_of(state, incident) for run in case.open]
    return [_running(state, run) for run in sorted(runs, key=lambda run: run.due_us)]


def promised(state: State, incident: str, event: str) -> int:
    """Return when the soonest open promise of an incident that such an event keeps falls due.

    ``event`` is a tag, the time UTC microseconds; 0 where nothing of the kind is promised, or the
    promise stands still.
    """
    runs = (run for case, _ in _cases_of(state, incident) for run in case.open)
    dues = (
        run.due_us for run in runs
        if run.state != "suspended" and event in state.work(run.clock).clock.stops
    )  # fmt: skip
    return min(dues, default=0)


def clock_of(state: State, number: str) -> RunningClock | None:
    """Return the open clock of a number, None where there is none."""
    run = state.runs().get(number)
    return _running(state, run) if run else None


def running_of_unit(state: State, unit: str) -> list[RunningClock]:
    """Return the open clocks of a unit over all its jobs, soonest first."""
    return [clock for clock in running(state) if clock.unit == unit]


def _running(state: State, run: Run) -> RunningClock:
    work = state.work(run.clock)
    names = _identity(state, work, run.owner, run.rest)
    rung = [what for stage in work.stages[: run.stage] for what in stage.consequences]
    sort = next((name for name in names if name not in ("incident", "unit", "call", "")), "")
    return RunningClock(
        number=run.number,
        standard=work.standard,
        name=work.clock.name,
        zh=work.clock.zh or work.clock.name,
        state=run.state,
        incident=names.get("incident", ""),
        unit=names.get("unit", ""),
        call=names.get("call", ""),
        start_us=run.start_us,
        started_at=state.cell(run).start(run.slot)[1],
        due_us=run.due_us,
        limit_s=run.limit_us / 1e6,
        since_us=run.since_us,
        stage=run.stage,
        consequences=tuple(rung),
        about=names.get(sort, ""),
        sort=sort,
    )


def _identity(state: State, work: Work, owner: str, rest: str) -> dict[str, str]:
    """Return what a clock is about, by identity field; of a call also the incident it led to."""
    names = {work.by0: owner, work.by1: rest}
    if work.by0 == "call":
        names.setdefault("incident", state.cases["call"][owner].incident)
    return names


def _cases_of(state: State, incident: str) -> list[tuple[Case, str]]:
    """Return the cases of an incident and of its first call, each with its owner."""
    known = state.known.get(incident)
    call = known.call if known is not None else ""
    found = [
        (state.cases.get(field, {}).get(owner), owner)
        for field, owner in (("incident", incident), ("call", call))
        if owner
    ]
    return [(case, owner) for case, owner in found if case is not None]


def clocks_of(state: State, incident: str) -> list[ClockLine]:
    """Return every clock an incident (and the call it came from) has had, by start."""
    clocks = [
        _clock(state, state.cells[cell], slot, owner, case.rests[rest])
        for case, owner in _cases_of(state, incident)
        for cell, slot, rest in case.each_run()
    ]
    return sorted(clocks, key=lambda clock: clock.start_us)


def every_clock(state: State) -> Iterator[ClockLine]:
    """Yield every clock of the record, open or ended: for small records and examples."""
    for cases in state.cases.values():
        for owner, case in cases.items():
            for cell, slot, rest in case.each_run():
                yield _clock(state, state.cells[cell], slot, owner, case.rests[rest])


def _clock(state: State, cell: Cell, slot: int, owner: str, rest: str) -> ClockLine:
    work = state.work(cell.clock)
    names = _identity(state, work, owner, rest)
    start_us, started_at = cell.start(slot)
    end_us, ended_at = cell.end(slot)
    return ClockLine(
        standard=work.standard,
        name=work.clock.name,
        zh=work.clock.zh or work.clock.name,
        state=STATES[cell.code(slot)],
        incident=names.get("incident", ""),
        unit=names.get("unit", ""),
        call=names.get("call", ""),
        start_us=start_us,
        end_us=end_us,
        started_at=started_at,
        ended_at=ended_at,
        limit_s=state.limit_us(cell, slot) / 1e6,
        rang=bool(cell.states[slot] & past.RANG),
        extended=bool(cell.states[slot] & past.EXTENDED),
    )


def standards(state: State) -> list[StandardRow]:
    """Return the standards in force, in the order in which they were first adopted."""
    return [
        StandardRow(
            name=one.name,
            zh=one.zh or one.name,
            source=one.source,
            note=one.note,
            edition=one.edition,
            digest=one.digest,
            from_us=one.from_us,
        )
        for one in state.standards.values()
    ]
