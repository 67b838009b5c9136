"""``answerable replay``: a file of call records through the real hub into a fresh record.

Prints the service report: a table for people, one JSON object for programs. Exit codes: 0 done,
1 the record failed under way, 2 the file, the town, the mapping or the record cannot be used; then
nothing was recorded.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Protocol, TextIO, runtime_checkable

import msgspec

from answerable.exchange.calls.fresh import fresh_record
from answerable.exchange.calls.mapping import load_mapping
from answerable.exchange.calls.plan import plan_calls
from answerable.exchange.calls.problems import Reported, SourceRefused, check_report, write_report
from answerable.exchange.calls.replay import Feed, Replayed, replay
from answerable.exchange.calls.rows import SourceFile, read_calls
from answerable.kernel.clock import SetClock, SystemClock
from answerable.kernel.event import Command
from answerable.kernel.hub import Hub
from answerable.kernel.ids import SecretIds
from answerable.kernel.room import Rooms
from answerable.kernel.store import CommitFailed, StoreRefusal
from answerable.measure.facts import Facts, add_facts, call_facts
from answerable.measure.service import ServiceRow, service_report
from answerable.place.errors import PlaceError
from answerable.towns.load import TownRefused, town_folder
from answerable.towns.model import Located, Locator, Town

MAPPING = "mapping.toml"
AHEAD_US = 86_400_000_000
"""A record may run ahead of this machine's clock by a day; later times are absurd."""
PROGRESS_S = 0.5
PLACES_MAX = 65_536
"""Positions that a replay remembers."""

ClockRows = Callable[[Hub], list[dict[str, Any]]]


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What ``answerable replay --json`` prints.

    ``seconds`` is the whole: reading, planning, deciding, committing, reporting.
    """

    events: int
    seconds: float
    rows_in: int
    rows_recorded: int
    rows_reported: int
    service: list[ServiceRow]
    clocks: list[dict[str, Any]]
    calls: int
    stacked: int
    alarms_rung: int
    precision_s: float
    not_in_source: list[str]
    marks: dict[str, dict[str, int]]
    reported: dict[str, int]
    source_marks: list[str]


class Assembly(msgspec.Struct, frozen=True):
    """What the assembled product gives the command: the layers above know it, this one does not.

    ``load`` reads a town folder, ``prepare`` readies a hub whose clock stands at the first call
    (adopting the town's standards), ``clock_rows`` reports the clocks of a hub.
    """

    rooms: Rooms
    load: Callable[[Path], Town]
    prepare: Callable[[Hub, Town], None] | None = None
    clock_rows: ClockRows | None = None


@runtime_checkable
class ManyLocator(Locator, Protocol):
    """Something that is quicker when it is asked for many positions together."""

    def locate_many(self, positions: Sequence[tuple[float, float]]) -> Sequence[Located]:
        """Return where each position (WGS84 degrees) lies."""
        ...


class Remembered:
    """Places that answer a position asked before from memory: calls come back to their blocks.

    Taking a position to roads and areas costs as much as three events. Of twelve days of calls in
    San Francisco nearly half are at a place that had one already, and a file tells all of them
    before the first is recorded, so they are asked for together.
    """

    def __init__(self, places: Locator, planned: Iterable[Command] = ()) -> None:
        """Ask ``places`` for every position once, for those of ``planned`` commands at once."""
        self._places = places
        at = ((getattr(one, "lon", None), getattr(one, "lat", None)) for one in planned)
        known = {(lon, lat) for lon, lat in at if lon is not None and lat is not None}
        positions = list(islice((p for p in sorted(known) if _on_earth(*p)), PLACES_MAX))
        self._known: dict[tuple[float, float], Located] = {}
        if positions and isinstance(places, ManyLocator):
            self._known.update(zip(positions, places.locate_many(positions), strict=True))

    def locate(self, lon: float, lat: float) -> Located:
        """Return where a position (WGS84 degrees) lies."""
        found = self._known.get((lon, lat))
        if found is None:
            found = self._places.locate(lon, lat)
            if len(self._known) < PLACES_MAX:
                self._known[lon, lat] = found
        return found


def _on_earth(lon: float, lat: float) -> bool:
    return -180 <= lon <= 180 and -90 <= lat <= 90


def replay_command(
    file: Path,
    town: str,
    *,
    rooms: Rooms,
    load: Callable[[Path], Town],
    prepare: Callable[[Hub, Town], None] | None = None,
    clock_rows: ClockRows | None = None,
    as_json: bool = False,
    data: Path | None = None,
    report: Path | None = None,
    mapping: Path | None = None,
    out: TextIO | None = None,
    err: TextIO | None = None,
) -> int:
    """Replay ``file`` and print the report; returns the exit code.

    ``rooms``, ``load``, ``prepare`` and ``clock_rows`` are explained in ``Assembly``. ``data``
    keeps the record, otherwise it goes when the command ends; ``report`` gets the rows that were
    not recorded; ``mapping`` replaces the town's own.
    """
    out, err = out or sys.stdout, err or sys.stderr
    product = Assembly(rooms, load, prepare, clock_rows)
    try:
        if report is not None:
            check_report(report)  # told before the work, not after it
        outcome, rows = _run(file, town, product, data, mapping, err)
        if report is not None:
            write_report(report, rows)
    except (SourceRefused, TownRefused, PlaceError, StoreRefusal) as refusal:
        print(str(refusal), file=err)
        return 2
    except CommitFailed as failure:
        print(_failed(failure), file=err)
        return 1
    if as_json:
        out.write(msgspec.json.encode(outcome).decode() + "\n")
    else:
        out.write("\n".join(_said(outcome, file, report)) + "\n")
    return 0


def _failed(failure: CommitFailed) -> str:
    return (
        f"The replay was not finished. The record failed: {failure}. "
        "Look at the disk, then replay into a fresh folder."
    )


def _run(
    file: Path, town_name: str, product: Assembly, data: Path | None, mapping: Path | None,
    err: TextIO,
) -> tuple[Outcome, list[Reported]]:  # fmt: skip
    began = time.perf_counter()
    folder = town_folder(town_name)
    town = product.load(folder)
    latest_us = SystemClock().now_us() + AHEAD_US
    source = read_calls(file, load_mapping(mapping or folder / MAPPING), latest_us)
    plan = plan_calls(source, town.kinds)
    if town.places is not None:
        town.places = Remembered(town.places, (planned.command for planned in plan.commands))
    facts, feed = Facts(), Feed(plan, town.units)
    clock = SetClock(feed.next_us or 0)
    with fresh_record(data) as store:
        hub = Hub(product.rooms, store, clock=clock, ids=SecretIds(), town=town)
        hub.start()
        hub.subscribe(lambda recorded, _head: add_facts(facts, recorded))
        if product.prepare is not None:
            product.prepare(hub, town)
        replayed = replay(hub, clock, feed, _progress(err))
        clocks = product.clock_rows(hub) if product.clock_rows is not None else []
        events = hub.position
    service = service_report(call_facts(facts))
    rows = sorted([*source.reported, *replayed.refused.values()], key=lambda row: row.line)
    seconds = time.perf_counter() - began
    outcome = _outcome(source, replayed, service, clocks, seconds, rows, plan.calls)
    return msgspec.structs.replace(outcome, events=events), rows


def _outcome(
    source: SourceFile,
    replayed: Replayed,
    service: list[ServiceRow],
    clocks: list[dict[str, Any]],
    seconds: float,
    rows: list[Reported],
    calls: int,
) -> Outcome:
    marks: dict[str, dict[str, int]] = {}
    for (column, flag), count in source.marks().items():
        marks.setdefault(column, {})[flag.name.lower() if flag.name else str(flag)] = count
    reasons: dict[str, int] = {}
    for row in rows:
        reasons[row.reason] = reasons.get(row.reason, 0) + 1
    assert source.rows_in >= len(rows), "a row is reported twice"
    return Outcome(
        events=replayed.events,
        seconds=round(seconds, 3),
        rows_in=source.rows_in,
        rows_recorded=source.rows_in - len(rows),
        rows_reported=len(rows),
        service=service,
        clocks=clocks,
        calls=calls,
        stacked=replayed.stacked,
        alarms_rung=replayed.rung,
        precision_s=source.mapping.source.precision_s,
        not_in_source=list(source.mapping.lacks()),
        marks=marks,
        reported=reasons,
        source_marks=list(source.mapping.source.marks),
    )


def _progress(err: TextIO) -> Callable[[int, int], None]:
    """Return a progress line for ``err``: one that renews itself, only where somebody looks."""
    if not err.isatty():
        return lambda done, total: None
    last = [0.0]

    def show(done: int, total: int) -> None:
        now = time.monotonic()
        if done == total or now - last[0] >= PROGRESS_S:
            last[0] = now
            share = done / total
            bar = "#" * int(30 * share)
            end = "\n" if done == total else ""
            err.write(f"\r[{bar:<30}] {done:,} of {total:,} commands{end}")
            err.flush()

    return show


_COLUMNS = (
    ("calls", "calls", "{:,}"),
    ("unit rows", "unit_rows", "{:,}"),
    ("entry p50 s", "p50_received_entry_s", "{:.1f}"),
    ("to unit p50 s", "p50_entry_dispatch_s", "{:.1f}"),
    ("sent p90 s", "p90_received_dispatch_s", "{:.1f}"),
    ("there p50 s", "p50_received_first_arrival_s", "{:.1f}"),
    ("there p90 s", "p90_received_first_arrival_s", "{:.1f}"),
    ("in 5 min", "share_arrival_within_5min", "{:.1%}"),
    ("in 10 min", "share_within_10min", "{:.1%}"),
    ("sent in 2 min", "share_dispatch_within_2min", "{:.1%}"),
)


def _said(outcome: Outcome, file: Path, report: Path | None) -> Iterator[str]:
    """Yield the report for people, line by line."""
    yield f"{file.name}: {outcome.events:,} events in {outcome.seconds:.1f} s"
    yield (
        f"rows in {outcome.rows_in:,} = recorded {outcome.rows_recorded:,} "
        f"+ reported {outcome.rows_reported:,}; {outcome.calls:,} calls"
    )
    if outcome.source_marks:
        yield f"  every call of it is marked: {', '.join(outcome.source_marks)}"
    for reason, count in sorted(outcome.reported.items(), key=lambda pair: -pair[1]):
        yield f"  {count:,} not recorded: {reason}"
    if outcome.rows_reported and report is None:
        yield "  (--report FILE lists them, each with its line, column and value)"
    for column, marks in outcome.marks.items():
        for mark, count in marks.items():
            yield f"  {column}: {count:,} marked {mark.replace('_', ' ')}"
    if outcome.stacked:
        yield f"  {outcome.stacked:,} jobs began while their unit had another (stacked)"
    if outcome.not_in_source:
        yield f"  the source has no time for: {', '.join(outcome.not_in_source)}"
    if outcome.precision_s > 1:
        yield f"  times are given to {outcome.precision_s:g} s; shorter waits are not known"
    yield ""
    yield from _table(outcome.service)


def _table(service: list[ServiceRow]) -> Iterator[str]:
    rows = [["group", "priority", *(title for title, _, _ in _COLUMNS)]]
    for cell in service:
        values = [(getattr(cell, name), form) for _, name, form in _COLUMNS]
        numbers = ["-" if value is None else form.format(value) for value, form in values]
        rows.append([cell.call_type_group, cell.final_priority, *numbers])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        words = [text.ljust(width) for text, width in zip(row[:2], widths, strict=False)]
        numbers = [text.rjust(width) for text, width in zip(row[2:], widths[2:], strict=True)]
        yield "  ".join([*words, *numbers]).rstrip()
