"""Wall-clock times of a row's stages -> instants (UTC microseconds), repaired where that is safe.

Four things go wrong with local times, and each leaves its mark on the stage it touched:
a stamp after midnight that keeps the date of the call (a day is added), the hour that a clock
change repeats (resolved by the order of the stages), the hour that one skips (read with the offset
before the change), and stamps out of order (kept as they are). Nothing else is touched.
"""

from __future__ import annotations

import datetime
import enum
import zoneinfo
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from answerable.exchange.calls.stamps import ABSENT, DAY_US, Micros
from answerable.measure.facts import NOT_GIVEN

QUARTER_US = 900_000_000
"""Clock changes since 1970 begin and end on a quarter of an hour, so one look-up serves each."""

Flags = npt.NDArray[np.uint8]


class Flag(enum.IntFlag):
    """What was done to, or is odd about, the time of one stage."""

    ROLLED_OVER = 1
    REPEATED_HOUR = 2
    SKIPPED_HOUR = 4
    OUT_OF_ORDER = 8
    NOT_GIVEN = 16

    @property
    def said(self) -> str:
        """Return the mark in plain English."""
        return _SAID[self]


_SAID = {
    Flag.ROLLED_OVER: "a day added: the source kept the date of the call past midnight",
    Flag.REPEATED_HOUR: "in the hour the clock change repeats; resolved by the order of the stages",
    Flag.SKIPPED_HOUR: "in the hour the clock change skips; read with the offset before the change",
    Flag.OUT_OF_ORDER: "before an earlier stage; kept as the source has it",
    Flag.NOT_GIVEN: NOT_GIVEN,
}


def roll_over(wall: Micros, within_s: int) -> Flags:
    """Add a day, in place, where a stage lies about a day before the former; return the marks.

    ``wall`` is rows × stages. "About" means: with one day more, the stage comes no later than
    ``within_s`` after the former present stage.
    """
    flags = np.zeros(wall.shape, np.uint8)
    former = wall[:, 0].copy()
    for stage in range(1, wall.shape[1]):
        now = wall[:, stage]
        both = (now != ABSENT) & (former != ABSENT)
        step = np.where(both, now - np.where(both, former, 0), 0)
        rolled = both & (step < 0) & (step + DAY_US <= within_s * 1_000_000)
        now[rolled] += DAY_US
        flags[rolled, stage] = np.uint8(Flag.ROLLED_OVER)
        former = np.where(now != ABSENT, now, former)
    return flags


def offsets_us(zone: str, wall: Micros) -> tuple[Micros, Micros]:
    """Return the UTC offsets of wall times read as the first and as the second of their hour."""
    info = zoneinfo.ZoneInfo(zone)
    quarters, where = np.unique(wall // QUARTER_US, return_inverse=True)
    pairs = np.zeros((len(quarters), 2), np.int64)
    for i, quarter in enumerate(quarters.tolist()):
        base = datetime.datetime(1970, 1, 1) + datetime.timedelta(  # noqa: DTZ001 - wall time
            microseconds=quarter * QUARTER_US
        )
        for fold in (0, 1):
            offset = base.replace(tzinfo=info, fold=fold).utcoffset()
            assert offset is not None
            pairs[i, fold] = offset // datetime.timedelta(microseconds=1)
    found = pairs[where.reshape(wall.shape)]
    return found[..., 0], found[..., 1]


def to_instants(
    zone: str, wall: Micros, calls: Sequence[object], shared: int
) -> tuple[Micros, Flags]:
    """Return instants (ABSENT where absent) and marks for ``wall`` (rows × stages).

    ``calls`` names the call of each row; the first ``shared`` stages belong to the call and so
    mean the same instant in each of its rows.
    """
    present = wall != ABSENT
    first, second = offsets_us(zone, np.where(present, wall, 0))
    utc = np.where(present, wall - first, ABSENT)
    flags = np.zeros(wall.shape, np.uint8)
    flags[present & (first < second)] |= np.uint8(Flag.SKIPPED_HOUR)
    twice = present & (first > second)
    if twice.any():
        flags[twice] |= np.uint8(Flag.REPEATED_HOUR)
        _resolve_repeated(utc, twice, first - second, calls, shared)
    return utc, flags


def order_marks(utc: Micros) -> Flags:
    """Return the marks of stages that lie before a former one."""
    flags = np.zeros(utc.shape, np.uint8)
    latest = utc[:, 0].copy()
    for stage in range(1, utc.shape[1]):
        now = utc[:, stage]
        flags[(now != ABSENT) & (now < latest), stage] |= np.uint8(Flag.OUT_OF_ORDER)
        latest = np.maximum(latest, now)
    return flags


def _resolve_repeated(
    utc: Micros, twice: npt.NDArray[np.bool_], shift: Micros, calls: Sequence[object], shared: int
) -> None:
    """Move stamps of the repeated hour to its second pass where the order of stages says so.

    All rows of a call decide together: of the readings with the fewest stages before their former
    one, the one with the shortest jobs; between equals, the first pass of the hour.
    """
    touched = np.flatnonzero(twice.any(axis=1)).tolist()
    names = {calls[i] for i in touched}
    groups: dict[object, list[int]] = {}
    for i, name in enumerate(calls):
        if name in names:
            groups.setdefault(name, []).append(i)
    for rows in groups.values():
        readings = [_readings(utc[i], twice[i], shift[i]) for i in rows]
        for i, chosen in zip(rows, _choose(readings, shared), strict=True):
            utc[i] = chosen


def _readings(utc: Micros, twice: npt.NDArray[np.bool_], shift: Micros) -> list[tuple[int, ...]]:
    """Return for each stage of a row the instants it may mean (none if absent)."""
    return [
        () if t == ABSENT else (t, t + s) if two else (t,)
        for t, two, s in zip(utc.tolist(), twice.tolist(), shift.tolist(), strict=True)
    ]


_Cost = tuple[int, int, int]


def _choose(rows: list[list[tuple[int, ...]]], shared: int) -> list[list[int]]:
    """Return the best reading of the rows of one call: shared stages agree, the rest is free."""
    heads: list[tuple[int, ...]] = [()]
    for stage in range(shared):
        options = sorted({t for row in rows for t in row[stage]})[:2] or [ABSENT]
        heads = [(*head, t) for head in heads for t in options]
    best: tuple[_Cost, list[list[int]]] | None = None
    for head in heads:
        paths = [_best_path(row, head) for row in rows]
        costs = [cost for cost, _ in paths]
        total = (sum(c[0] for c in costs), sum(c[1] for c in costs), sum(c[2] for c in costs))
        if best is None or total < best[0]:
            best = (total, [path for _, path in paths])
    assert best is not None
    return best[1]


def _best_path(row: list[tuple[int, ...]], head: tuple[int, ...]) -> tuple[_Cost, list[int]]:
    """Return cost and instants of one row, its shared stages read as ``head`` where it may be.

    The cost is (steps backwards, total length, later readings chosen), compared in that order.
    """
    states: list[tuple[_Cost, int, list[int]]] = [((0, 0, 0), ABSENT, [])]
    for stage, options in enumerate(row):
        pinned = tuple(t for t in options if stage >= len(head) or t == head[stage]) or options
        if not pinned:
            states = [(cost, last, [*path, ABSENT]) for cost, last, path in states]
            continue
        reached = []
        for t in pinned:
            ways = [
                (_step_cost(cost, last, t, t != options[0]), path) for cost, last, path in states
            ]
            cost, path = min(ways)
            reached.append((cost, t, [*path, t]))
        states = reached
    cost, _, path = min(states)
    return cost, path


def _step_cost(cost: _Cost, last: int, now: int, second: bool) -> _Cost:
    if last == ABSENT:
        return (cost[0], cost[1], cost[2] + second)
    return (cost[0] + (now < last), cost[1] + abs(now - last), cost[2] + second)
