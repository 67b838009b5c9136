"""What pages and reports read about clocks: what runs, and what was kept.

These are plain readings of the room's own state, not a second copy of it: every page shows the same
clock in the same state (B3), and the engine does its work once per event. ``VIEWS`` is therefore
empty. Quantiles are exact: linear interpolation over every single duration, at reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from answerable.kernel.room import Fold
from answerable.standards import past
from answerable.standards.past import STATES, Case, Cell, Run
from answerable.standards.plans import Work
from answerable.standards.state import State

VIEWS: tuple[Fold[Any], ...] = ()
Bytes = NDArray[np.uint8]
GROUPS = ("area_class", "kind")
"""By what the kept table can be split."""


class RunningClock(msgspec.Struct, frozen=True, kw_only=True):
    """One open clock as a page shows it. Instants are UTC microseconds.

    A suspended clock stands at ``since_us``; what it has left is ``due_us - since_us``.
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
    due_us: int
    limit_s: float
    since_us: int
    stage: int
    consequences: tuple[str, ...]


class ClockLine(msgspec.Struct, frozen=True, kw_only=True):
    """One clock, open (``end_us`` 0) or ended, for the margin of an incident's thread."""

    standard: str
    name: str
    zh: str
    state: str
    incident: str
    unit: str
    call: str
    start_us: int
    end_us: int
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


class KeptRow(msgspec.Struct, frozen=True, kw_only=True):
    """How one promise was kept, overall or in one area class and kind of incident.

    ``started`` = running + ringing + suspended + kept + broken + void. ``share`` is kept / (kept +
    broken + ringing): a clock past its limit counts as not kept until it is stopped; None where
    there is nothing to divide. Seconds are those of stopped clocks, without the time they stood
    still; None where there is none. ``percentile_s`` belongs to the promise's own ``percentile``.
    """

    standard: str
    edition: int
    in_force: bool
    name: str
    zh: str
    limit_s: float
    target: float | None
    percentile: float | None
    area_class: str
    kind: str
    started: int
    running: int
    ringing: int
    suspended: int
    kept: int
    broken: int
    void: int
    rang: int
    kept_after_ringing: int
    void_after_ringing: int
    extended: int
    stood_still: int
    share: float | None
    met: bool | None
    p50_s: float | None
    p90_s: float | None
    p95_s: float | None
    percentile_s: float | None


# -- running ---------------------------------------------------------------------------------


def running(state: State, limit: int | None = None) -> list[RunningClock]:
    """Return the open clocks, ringing and soonest first."""
    runs = sorted(state.runs().values(), key=lambda run: (run.due_us, run.number))
    return [_running(state, run) for run in runs[:limit]]


def running_for(state: State, incident: str) -> list[RunningClock]:
    """Return the open clocks of an incident and of the call it came from, soonest first."""
    runs = [run for case, _ in _cases_of(state, incident) for run in case.open]
    return [_running(state, run) for run in sorted(runs, key=lambda run: run.due_us)]


def running_of_unit(state: State, unit: str) -> list[RunningClock]:
    """Return the open clocks of a unit over all its jobs, soonest first."""
    return [clock for clock in running(state) if clock.unit == unit]


def _running(state: State, run: Run) -> RunningClock:
    work = state.work(run.clock)
    names = _identity(state, work, run.owner, run.rest)
    rung = [what for stage in work.stages[: run.stage] for what in stage.consequences]
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
        due_us=run.due_us,
        limit_s=run.limit_us / 1e6,
        since_us=run.since_us,
        stage=run.stage,
        consequences=tuple(rung),
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
    start_us, end_us = cell.span(slot)
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
        limit_s=(work.limit_us + cell.extra_us.get(str(slot), 0)) / 1e6,
        rang=bool(cell.states[slot] & past.RANG),
        extended=bool(cell.states[slot] & past.EXTENDED),
    )


# -- kept ------------------------------------------------------------------------------------


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


def kept_table(
    state: State, by: Iterable[str] = GROUPS, *, standard: str | None = None
) -> list[KeptRow]:
    """Return how every promise was kept, split ``by`` area_class and kind (or one, or neither).

    A promise that nobody has started yet has one row of zeros. Raises ValueError for another split.
    """
    split = tuple(by)
    if not set(split) <= set(GROUPS):
        raise ValueError(f"the kept table is split by {' or '.join(GROUPS)}, not by {split}")
    in_force = {n for adopted in state.standards.values() for n in adopted.clocks}
    rows: list[KeptRow] = []
    cells: dict[int, list[Cell]] = {}
    for cell in state.cells:
        cells.setdefault(cell.clock, []).append(cell)
    for work in state.works():
        if standard is not None and work.standard != standard:
            continue
        groups: dict[tuple[str, str], list[Cell]] = {}
        for cell in cells.get(work.number, ()):
            key = (
                cell.area_class if "area_class" in split else "",
                cell.kind if "kind" in split else "",
            )
            groups.setdefault(key, []).append(cell)
        current = work.number in in_force
        rows += [_kept(work, current, key, group) for key, group in sorted(groups.items())]
        if not groups and current:
            rows.append(_kept(work, current, ("", ""), []))
    return [row for row in rows if row.started or row.in_force]


def _kept(work: Work, in_force: bool, key: tuple[str, str], cells: list[Cell]) -> KeptRow:
    """Count and measure the rows of some cells of one promise."""
    states = np.frombuffer(b"".join(bytes(cell.states) for cell in cells), dtype=np.uint8)
    codes: Bytes = (states & past.CODE).astype(np.uint8)
    counts = np.bincount(codes, minlength=8)
    rang = (states & past.RANG != 0) & (codes != past.MOVED)
    kept, broken, ringing = (int(counts[c]) for c in (past.KEPT, past.BROKEN, past.RINGING))
    judged = kept + broken + ringing
    share = kept / judged if judged else None
    clock = work.clock
    shares = (50.0, 90.0, 95.0, clock.percentile or 50.0)
    p50_s, p90_s, p95_s, own_s = _quantiles(_durations_s(cells, codes), shares)
    return KeptRow(
        standard=work.standard,
        edition=work.edition,
        in_force=in_force,
        name=clock.name,
        zh=clock.zh or clock.name,
        limit_s=clock.limit_s,
        target=clock.target,
        percentile=clock.percentile,
        area_class=key[0],
        kind=key[1],
        started=len(states) - int(counts[past.MOVED]),
        running=int(counts[past.RUNNING]),
        ringing=ringing,
        suspended=int(counts[past.SUSPENDED]),
        kept=kept,
        broken=broken,
        void=int(counts[past.VOID]),
        rang=int(rang.sum()),
        kept_after_ringing=int((rang & (codes == past.KEPT)).sum()),
        void_after_ringing=int((rang & (codes == past.VOID)).sum()),
        extended=_flagged(states, codes, past.EXTENDED),
        stood_still=_flagged(states, codes, past.STOOD),
        share=share,
        met=share >= clock.target if share is not None and clock.target is not None else None,
        p50_s=p50_s,
        p90_s=p90_s,
        p95_s=p95_s,
        percentile_s=own_s if clock.percentile is not None else None,
    )


def _flagged(states: Bytes, codes: Bytes, flag: int) -> int:
    return int(((states & flag != 0) & (codes != past.MOVED)).sum())


def _durations_s(cells: list[Cell], codes: Bytes) -> NDArray[np.float64]:
    """Return the seconds of the stopped clocks, without the time they stood still."""
    spans = np.frombuffer(b"".join(bytes(cell.spans) for cell in cells), dtype="<i8")
    taken_us = spans.reshape(-1, 2)[:, 1] - spans.reshape(-1, 2)[:, 0]
    first = 0
    for cell in cells:
        for slot in cell.stood:
            taken_us[first + int(slot)] -= cell.stood_us(int(slot), *cell.span(int(slot)))
        first += len(cell.states)
    stopped = (codes == past.KEPT) | (codes == past.BROKEN)
    seconds: NDArray[np.float64] = taken_us[stopped] / 1e6
    return seconds


def _quantiles(values: NDArray[np.float64], percents: tuple[float, ...]) -> list[float | None]:
    """Return linear quantiles, None for each where there is no value."""
    if not len(values):
        return [None] * len(percents)
    return [float(q) for q in np.quantile(values, [p / 100 for p in percents])]
