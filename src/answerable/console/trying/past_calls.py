"""A file of call records as a past day: incidents, how long units stayed, who was on duty.

A record says when units were sent and when they were free again; it does not say who was on duty.
A unit is taken to have been on duty from ``DUTY_S`` before a job of its own to ``DUTY_S`` after it,
and all the while between two jobs that are less than ``TOGETHER_S`` apart.
"""

from __future__ import annotations

import datetime
import functools
import statistics
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import msgspec

from answerable.console.trying.refusals import NotTried
from answerable.exchange.calls.mapping import Mapping, Step, load_mapping
from answerable.exchange.calls.plan import NO_PLACE, OTHER
from answerable.exchange.calls.rows import SourceFile, SourceRow, read_calls
from answerable.planning.rehearsal.past import US, Day, Past, Shift
from answerable.towns.load import town_folder
from answerable.towns.model import Located, Town

LATEST_US = 4_102_444_800_000_000
"""Past calls lie before the year 2100."""
DUTY_S = 7_200
"""How long before and after a job a unit is taken to be on duty, seconds."""
TOGETHER_S = 28_800
"""Two jobs of a unit less than this apart, seconds, belong to one spell of duty."""
STAY_S = 1_200.0
"""How long a unit stays where the record has no time at all of any unit, seconds."""
INCIDENTS_MAX = 200_000


def past_day(source: SourceFile, town: Town, days: tuple[str, ...] = ()) -> Day:
    """Return the incidents of a record, or those opened on some days (YYYY-MM-DD) of the town.

    Raises NotTried where none is left.
    """
    reading = _Reading(source.mapping, town)
    for row in source.rows:
        reading.add(row)
    kept = chosen(reading.incidents(), town, days)
    first_us, last_us = kept[0].opened_us, kept[-1].opened_us
    shifts = [s for s in reading.shifts() if s.until_us >= first_us and s.from_us <= last_us]
    return Day(tuple(kept), tuple(shifts))


def chosen(found: list[Past], town: Town, days: tuple[str, ...]) -> list[Past]:
    """Return the incidents opened on some days of the town, all for none. Raises NotTried."""
    wanted = {_day(text) for text in days}
    kept = [one for one in found if not wanted or town.local(one.opened_us).date() in wanted]
    if not kept:
        raise _nothing(found, days, town)
    if len(kept) > INCIDENTS_MAX:
        raise NotTried(
            "Not tried: the rules.",
            f"There are {len(kept):,} incidents; {INCIDENTS_MAX:,} are played at most.",
            "Name some days.",
        )
    return kept


def _day(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError as error:
        raise NotTried(
            "Not tried: the rules.", f"{text} is not a day.", "Write it as 2020-04-02."
        ) from error


def _nothing(found: list[Past], days: tuple[str, ...], town: Town) -> NotTried:
    if not found:
        return NotTried(
            "Not tried: the rules.", "There is no incident to play.",
            "Give a record of calls with incidents in it, of this town.",
        )  # fmt: skip
    have = [town.local(one.opened_us).date().isoformat() for one in (found[0], found[-1])]
    return NotTried(
        "Not tried: the rules.", f"The record has no incident on {', '.join(days)}.",
        f"It goes from {have[0]} to {have[1]}; name a day of those.",
    )  # fmt: skip


class _Reading:
    """Gathers what a record says, call by call and unit by unit."""

    def __init__(self, mapping: Mapping, town: Town) -> None:
        self._town = town
        self._at = {step: n for n, stage in enumerate(mapping.stage) for step in stage.steps}
        self._calls: dict[str, list[SourceRow]] = {}
        self._jobs: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self._types: dict[str, str] = {}
        self._stays: dict[str, list[float]] = defaultdict(list)
        self._locate = functools.lru_cache(maxsize=65_536)(self._located)

    def add(self, row: SourceRow) -> None:
        """Take in a row: a unit on a call."""
        self._calls.setdefault(row.call, []).append(row)
        sent_us = self._first(row, ("sent", "en_route", "arrived"))
        for unit in row.units:
            known = self._town.units.get(unit)
            kind = known.unit_type if known else row.unit_type
            if kind in self._town.unit_types:
                self._types[unit] = kind
            if sent_us is not None:
                self._jobs[unit].append((sent_us, self._time(row, "cleared") or sent_us))

    def _time(self, row: SourceRow, step: Step) -> int | None:
        at = self._at.get(step)
        return None if at is None else row.at[at]

    def _first(self, row: SourceRow, steps: Iterable[Step]) -> int | None:
        return next((t for step in steps if (t := self._time(row, step)) is not None), None)

    def _located(self, lon: float, lat: float) -> Located | None:
        return self._town.places.locate(lon, lat) if self._town.places is not None else None

    def _stay_s(self, row: SourceRow) -> float | None:
        """Return how long the unit of a row was busy from its arrival, else from its sending."""
        begin, end = self._first(row, ("arrived", "en_route", "sent")), self._time(row, "cleared")
        return (end - begin) / US if begin is not None and end is not None and end > begin else None

    # -- incidents ---------------------------------------------------------------------------

    def incidents(self) -> list[Past]:
        """Return the incidents in the order of their opening."""
        found = [self._past(rows) for rows in self._calls.values()]
        usual = {kind: statistics.median(stays) for kind, stays in self._stays.items()}
        every = [stay for stays in self._stays.values() for stay in stays]
        other_s = statistics.median(every) if every else STAY_S
        filled = [self._filled(past, usual, other_s) for past in found]
        return sorted(filled, key=lambda past: (past.opened_us, past.incident))

    def _past(self, rows: list[SourceRow]) -> Past:
        first = rows[0]
        opened = [t for row in rows if (t := self._first(row, ("opened", "answered", "rung")))]
        stays: dict[str, list[float]] = defaultdict(list)
        for row in rows:
            stay_s = self._stay_s(row)
            for unit in row.units if stay_s is not None else ():
                kind = self._types.get(unit, "")
                stays[kind].append(stay_s or 0.0)
                self._stays[kind].append(stay_s or 0.0)
        here = self._locate(*first.point) if first.point else None
        lon, lat = first.point or (None, None)
        every = [stay for each in stays.values() for stay in each]
        return Past(
            incident=first.call,
            kind=first.kind if first.kind in self._town.kinds else OTHER,
            priority=first.priority,
            address=first.place or first.area or NO_PLACE,
            opened_us=min(opened),
            lon=lon,
            lat=lat,
            neighborhood=here.neighborhood if here else first.area,
            battalion=here.battalion if here else "",
            area_class=here.area_class if here else "",
            busy_s={kind: statistics.median(each) for kind, each in stays.items()},
            other_s=statistics.median(every) if every else 0.0,
            sent=tuple(dict.fromkeys(unit for row in rows for unit in row.units)),
        )

    def _filled(self, past: Past, usual: dict[str, float], other_s: float) -> Past:
        """Return an incident with the usual stay where nobody's is known of it."""
        if past.other_s:
            return past
        return msgspec.structs.replace(past, busy_s=usual, other_s=other_s)

    # -- units -------------------------------------------------------------------------------

    def shifts(self) -> list[Shift]:
        """Return who is taken to have been on duty from when to when."""
        made = []
        for unit, jobs in sorted(self._jobs.items()):
            kind = self._types.get(unit)
            if kind is None:
                continue
            known = self._town.units.get(unit)
            for from_us, until_us in merged(jobs):
                made.append(
                    Shift(
                        unit, kind, from_us, until_us, known.station if known else "",
                        known.skills if known else (),
                    )
                )  # fmt: skip
        return made


def merged(jobs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the spells of duty around jobs (UTC us)."""
    found: list[tuple[int, int]] = []
    for begin, end in sorted(jobs):
        if found and begin <= found[-1][1] + TOGETHER_S * US:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((begin, end))
    return [(begin - DUTY_S * US, end + DUTY_S * US) for begin, end in found]


def calls_of(folder: Path) -> Path | None:
    """Return the recorded calls of a town's folder, None where it has none."""
    path = folder / "calls.csv.gz"
    return path if path.is_file() else None


def source_of(on: Path | None, mapping: Path | None, town: str) -> SourceFile:
    """Read a record of calls, None: that of the town, a packaged one's name or a folder's path.

    Raises NotTried where the town has none, and what a record or its mapping raises.
    """
    folder = town_folder(town)
    calls = on or calls_of(folder)
    if calls is None:
        raise NotTried(
            "Not tried: the rules.", f"The town {town} has no recorded calls.",
            "Give a record of calls with --on, and its mapping with --mapping.",
        )  # fmt: skip
    return read_calls(calls, load_mapping(mapping or folder / "mapping.toml"), LATEST_US)
