"""A whole source file as timed rows: each row either read, with its marks, or reported.

This is where the account is kept: rows in = rows read + rows reported, for any file at all.
"""

from __future__ import annotations

import datetime
import zoneinfo
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from answerable.exchange.calls.mapping import CALL_STEPS, Mapping, Stage
from answerable.exchange.calls.problems import Reported
from answerable.exchange.calls.reader import Walls, not_read, read_batches
from answerable.exchange.calls.stamps import ABSENT, DAY_US, Micros, parse_clocks, parse_stamps
from answerable.exchange.calls.table import LINE_CHARS_MAX, NAME_CHARS_MAX, Table
from answerable.exchange.calls.times import Flag, Flags, order_marks, roll_over, to_instants

_TEXTS = {
    "call": NAME_CHARS_MAX,
    "incident": NAME_CHARS_MAX,
    "unit_type": NAME_CHARS_MAX,
    "kind": NAME_CHARS_MAX,
    "group": NAME_CHARS_MAX,
    "priority": NAME_CHARS_MAX,
    "disposition": LINE_CHARS_MAX,
    "place": LINE_CHARS_MAX,
    "area": LINE_CHARS_MAX,
}
_EPOCH = datetime.datetime(1970, 1, 1)  # noqa: DTZ001 - wall time has no zone


class SourceRow(msgspec.Struct, frozen=True, gc=False):
    """One row of the source, read: what it says, and when (UTC microseconds per stage).

    ``key`` is the row's first time and a digest of the whole row, the same whenever the same row
    is read again. The time comes first so that the record's index of keys grows at its end.
    ``at`` and ``flags`` stand in the order of the mapping's stages; ``flags`` are ``times.Flag``.
    """

    line: int
    key: str
    call: str
    incident: str
    units: tuple[str, ...]
    unit_type: str
    kind: str
    group: str
    priority: str
    disposition: str
    point: tuple[float, float] | None
    place: str
    area: str
    at: tuple[int | None, ...]
    flags: tuple[int, ...]


class SourceFile(msgspec.Struct, frozen=True):
    """A source file, read: its mapping, its rows in the file's order, and the rows reported."""

    mapping: Mapping
    rows: list[SourceRow]
    reported: list[Reported]

    @property
    def rows_in(self) -> int:
        """Return how many rows the file has."""
        return len(self.rows) + len(self.reported)

    def marks(self) -> dict[tuple[str, Flag], int]:
        """Return how many rows carry each mark, by column of the source."""
        counts: dict[tuple[str, Flag], int] = {}
        for at, stage in enumerate(self.mapping.stage):
            flags = np.fromiter((row.flags[at] for row in self.rows), np.uint8, len(self.rows))
            for flag in Flag:
                if found := int(np.count_nonzero(flags & flag)):
                    counts[stage.column, flag] = found
        return counts


def read_calls(path: Path, mapping: Mapping, now_us: int | None = None) -> SourceFile:
    """Return the rows of a call record. Times after ``now_us`` (if given) are absurd.

    Raises SourceRefused when the file as a whole cannot be used, or holds no rows.
    """
    table = Table(read_batches(path, mapping), mapping)
    if not len(table) and not table.broken:
        because = "It has a header and no rows."
        raise not_read(path, because, "Export it again, or give another file.")
    texts = {name: table.field(name, chars_max) for name, chars_max in _TEXTS.items()}
    for i in (i for i, call in enumerate(texts["call"]) if not call):
        table.fault(i, mapping.columns.call, "no value; a row belongs to no call without it")
    columns: dict[str, Sequence[object]] = {
        **texts, "line": table.lines,
        "units": table.units(), "point": table.points(),
    }  # fmt: skip
    instants, flags = _times(table, texts["call"], now_us)
    first_us = instants[:, 0].tolist()
    columns["at"] = [tuple(None if t == ABSENT else t for t in row) for row in instants.tolist()]
    columns["flags"] = [tuple(row) for row in flags.tolist()]
    columns["key"] = [f"{max(t, 0):x}.{key}" for t, key in zip(first_us, table.keys, strict=True)]
    every = zip(*(columns[name] for name in SourceRow.__struct_fields__), strict=True)
    rows = [_row(row) for i, row in enumerate(every) if i not in table.faults]
    faults = [*table.broken, *table.faults.values()]
    return SourceFile(mapping, rows, sorted(faults, key=lambda fault: fault.line))


def _row(values: tuple[object, ...]) -> SourceRow:
    """Return a row from its values in the order of its fields."""
    return SourceRow(*values)  # type: ignore[arg-type]


def _times(table: Table, calls: list[str], now_us: int | None) -> tuple[Micros, Flags]:
    """Return instants and marks of every stage of every row; set aside the rows that lie."""
    mapping = table.mapping
    stages = [_stage(table, stage) for stage in mapping.stage]
    _check_calendar(table, stages)
    _drop_faulty(table, [walls.us for walls in stages])
    wall = np.stack([_local(walls) for walls in stages], axis=1)
    flags = np.zeros(wall.shape, np.uint8)
    if mapping.time.rollover == "repair":
        flags |= roll_over(wall, mapping.time.rollover_within_s)
    shared = sum(CALL_STEPS.issuperset(stage.steps) for stage in mapping.stage)
    utc, marks = to_instants(mapping.source.zone, wall, calls, shared)
    for i, walls in enumerate(stages):
        if walls.utc:
            utc[:, i] = walls.us
    _check_instants(table, utc, now_us)
    return utc, flags | marks | order_marks(utc)


def _stage(table: Table, stage: Stage) -> Walls:
    """Return the times of one stage as the source's clock showed them."""
    values = table.column(stage.column)
    if isinstance(values, Walls) and not stage.date:
        walls = Walls(values.us.copy(), values.utc)
    else:
        texts: list[str | None] = [text or None for text in table.texts(stage.column)]
        if stage.date:
            us, bad = parse_clocks(table.days(stage.date), texts)
        else:
            us, bad = parse_stamps(texts, table.mapping.time.formats)
        for i in bad:
            table.fault(i, stage.column, "not a time in the form the mapping gives", texts[i])
        walls = Walls(us)
    if stage.required:
        for i in np.flatnonzero(walls.us == ABSENT).tolist():
            table.fault(i, stage.column, "no time; a call begins with it")
    return walls


def _local(walls: Walls) -> Micros:
    """Return wall times; a column of instants has none and needs none."""
    return np.full_like(walls.us, ABSENT) if walls.utc else walls.us


def _drop_faulty(table: Table, stages: list[Micros]) -> None:
    """Blank the times of rows set aside, so that they decide nothing for other rows."""
    aside = list(table.faults)
    for us in stages:
        us[aside] = ABSENT


def _check_calendar(table: Table, stages: list[Walls]) -> None:
    """Set aside rows with a time outside the years the mapping holds possible."""
    times = table.mapping.time
    first, last = (_wall_of(day) for day in (times.earliest, times.latest))
    for stage, walls in zip(table.mapping.stage, stages, strict=True):
        outside = (walls.us != ABSENT) & ((walls.us < first) | (walls.us >= last + DAY_US))
        for i in np.flatnonzero(outside).tolist():
            reason = f"not between {times.earliest} and {times.latest}"
            table.fault(i, stage.column, reason, _said(int(walls.us[i])))


def _check_instants(table: Table, utc: Micros, now_us: int | None) -> None:
    """Set aside rows with a time days before or after its call, or still to come."""
    times, call = table.mapping.time, utc[:, 0]
    zone = zoneinfo.ZoneInfo(table.mapping.source.zone)
    for at, stage in enumerate(table.mapping.stage):
        present = (utc[:, at] != ABSENT) & (call != ABSENT)
        after = np.where(present, utc[:, at] - np.where(present, call, 0), 0)
        late = after > times.after_call_s * 1_000_000
        early = after < -times.before_call_s * 1_000_000
        ahead = present & (utc[:, at] > now_us) if now_us is not None else np.zeros_like(late)
        for bad, reason in (
            (early, f"more than {times.before_call_s} s before its call"),
            (late, f"more than {times.after_call_s} s after its call"),
            (ahead, "still to come"),
        ):
            for i in np.flatnonzero(bad).tolist():
                table.fault(i, stage.column, reason, _shown(int(utc[i, at]), zone))


def _wall_of(day: datetime.date) -> int:
    return (day - _EPOCH.date()).days * DAY_US


def _said(wall_us: int) -> str:
    """Return wall microseconds as text; years Python cannot say stay a number."""
    try:
        return str(_EPOCH + datetime.timedelta(microseconds=wall_us))
    except OverflowError:
        return f"{wall_us} µs"


def _shown(utc_us: int, zone: zoneinfo.ZoneInfo) -> str:
    instant = datetime.datetime.fromtimestamp(utc_us / 1_000_000, datetime.UTC)
    return instant.astimezone(zone).isoformat()
