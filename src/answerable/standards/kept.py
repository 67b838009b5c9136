"""How the promises were kept: counts, shares and exact percentiles, split as a page asks.

Quantiles interpolate linearly over every single duration, at reading; nothing is approximated.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
import numpy as np
from numpy.typing import NDArray

from answerable.standards import past
from answerable.standards.past import Cell
from answerable.standards.plans import Work
from answerable.standards.state import State

Bytes = NDArray[np.uint8]
GROUPS = ("area_class", "kind")
"""By what the kept table can be split."""


class KeptRow(msgspec.Struct, frozen=True, kw_only=True):
    """How one promise was kept, overall or in one area class and kind of incident.

    ``started`` = running + ringing + suspended + kept + broken + void. ``share`` is kept / (kept +
    broken + ringing): a clock past its limit counts as not kept until it is stopped; None where
    there is nothing to divide. Seconds are those of stopped clocks, without the time they stood
    still; None where there is none. ``limit_s`` is None where each start says by when.
    ``percentile_s`` belongs to the promise's own ``percentile``.
    """

    standard: str
    edition: int
    in_force: bool
    name: str
    zh: str
    limit_s: float | None
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
        found = [_kept(work, current, key, group) for key, group in sorted(groups.items())]
        found = [row for row in found if row.started]
        rows += found or ([_kept(work, current, ("", ""), [])] if current else [])
    return rows


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
    rows = np.frombuffer(b"".join(bytes(cell.rows) for cell in cells), dtype="<i8").reshape(-1, 4)
    taken_us = rows[:, 2] - rows[:, 0]
    first = 0
    for cell in cells:
        for slot in cell.stood:
            taken_us[first + int(slot)] -= cell.stood_us(
                int(slot), cell.start(int(slot))[0], cell.end(int(slot))[0]
            )
        first += len(cell.states)
    stopped = (codes == past.KEPT) | (codes == past.BROKEN)
    seconds: NDArray[np.float64] = taken_us[stopped] / 1e6
    return seconds


def _quantiles(values: NDArray[np.float64], percents: tuple[float, ...]) -> list[float | None]:
    """Return linear quantiles, None for each where there is no value."""
    if not len(values):
        return [None] * len(percents)
    return [float(q) for q in np.quantile(values, [p / 100 for p in percents])]
