"""What pages read of field reports: a fold of events, no decisions.

``Reports`` holds whose report is owed and since when, which openings are asked for, and how many of
the steps of the last days the desk keyed instead of the crew: by unit and day, and by station and
hour, never by a person. Steps that an importer brings are not counted: nobody knows who keyed them.
"""

from __future__ import annotations

import msgspec

from answerable.dispatch import report_words as r
from answerable.dispatch import words as w
from answerable.kernel.authority import IMPORTER
from answerable.kernel.event import Row
from answerable.kernel.room import Arms, Fold

DAY_US = 86_400_000_000
HOUR_US = 3_600_000_000
KEPT_DAYS = 7
"""How far back keyed steps are counted: whole days of UTC, today among them."""
OWED_MAX = 20_000
"""Reports that are owed at a time; the oldest gives way."""
ASKED_MAX = 2_000

Keyed = list[int]
"""How many steps there were, and how many of them the desk keyed."""


class Owed(msgspec.Struct):
    """A report that is owed: by which unit of which station, of what, since when (UTC us).

    ``reason`` says why it went back, "" where it was never given; ``reminded_us`` when its crew was
    last reminded of it, 0 for never.
    """

    incident: str
    unit: str
    station: str
    since_us: int
    reason: str = ""
    reminded_us: int = 0


class Asked(msgspec.Struct):
    """An opening that is asked for: of which incident, since when (UTC us), and why."""

    incident: str
    since_us: int
    reason: str


class Reports(msgspec.Struct):
    """What is owed (by incident and unit) and asked for, and what the desk keyed.

    ``units`` counts by day and unit, ``stations`` by hour and station, both numbered from 1970 UTC.
    """

    station_of: dict[str, str] = {}
    owed: dict[str, Owed] = {}
    asked: dict[str, Asked] = {}
    units: dict[int, dict[str, Keyed]] = {}
    stations: dict[int, dict[str, Keyed]] = {}


evolve: Arms[Reports] = Arms()


def name_of(incident: str, unit: str) -> str:
    """Return under which name a job's report is kept."""
    return f"{incident}\t{unit}"


@evolve.on(w.UnitOnDuty)
def _on_duty(view: Reports, event: w.UnitOnDuty, row: Row) -> None:
    view.station_of[event.unit] = event.station


@evolve.on(w.UnitAcknowledged, w.UnitEnRoute, w.UnitCleared)
def _stepped(view: Reports, event: w.StepEvent, row: Row) -> None:
    _count(view, event.unit, row, by_desk=event.by_desk)


@evolve.on(w.UnitArrived, w.UnitTransporting, w.UnitAtHospital)
def _at_the_place(view: Reports, event: w.PlaceEvent, row: Row) -> None:
    _count(view, event.unit, row, by_desk=event.by_desk)
    name = name_of(event.incident, event.unit)
    if not event.owes or name in view.owed:
        return
    view.owed[name] = Owed(
        event.incident, event.unit, view.station_of.get(event.unit, ""), row.happened_at
    )
    if len(view.owed) > OWED_MAX:
        del view.owed[next(iter(view.owed))]


@evolve.on(w.FieldReported)
def _reported(view: Reports, event: w.FieldReported, row: Row) -> None:
    _count(view, event.unit, row, by_desk=event.by_desk)
    view.owed.pop(name_of(event.incident, event.unit), None)


@evolve.on(r.ReportReturned)
def _returned(view: Reports, event: r.ReportReturned, row: Row) -> None:
    view.owed[name_of(event.incident, event.unit)] = Owed(
        event.incident, event.unit, view.station_of.get(event.unit, ""), row.happened_at,
        event.reason,
    )  # fmt: skip


@evolve.on(r.ReportReminded)
def _reminded(view: Reports, event: r.ReportReminded, row: Row) -> None:
    owed = view.owed.get(name_of(event.incident, event.unit))
    if owed is not None:
        owed.reminded_us = row.happened_at


@evolve.on(r.ReopeningAsked)
def _asked(view: Reports, event: r.ReopeningAsked, row: Row) -> None:
    view.asked[event.incident] = Asked(event.incident, row.happened_at, event.reason)
    if len(view.asked) > ASKED_MAX:
        del view.asked[next(iter(view.asked))]


@evolve.on(r.ReopeningDeclined)
def _declined(view: Reports, event: r.ReopeningDeclined, row: Row) -> None:
    view.asked.pop(event.incident, None)


@evolve.on(w.IncidentReopened)
def _reopened(view: Reports, event: w.IncidentReopened, row: Row) -> None:
    view.asked.pop(event.incident, None)


# -- who keyed it ----------------------------------------------------------------------------


def _count(view: Reports, unit: str, row: Row, *, by_desk: bool) -> None:
    """Count a step, under the unit's day and its station's hour in which it was entered."""
    if row.actor == IMPORTER.name:
        return
    day, hour = row.recorded_at // DAY_US, row.recorded_at // HOUR_US
    station = view.station_of.get(unit, "")
    for table, slot, name in ((view.units, day, unit), (view.stations, hour, station)):
        counted = table.get(slot)
        if counted is None:
            counted = table[slot] = {}
            _forget(table, slot - (KEPT_DAYS - 1) * (1 if table is view.units else 24))
        keyed = counted.setdefault(name, [0, 0])
        keyed[0] += 1
        keyed[1] += by_desk


def _forget(table: dict[int, dict[str, Keyed]], before: int) -> None:
    """Let go of the slots that lie before one."""
    for slot in [slot for slot in table if slot < before]:
        del table[slot]


REPORTS: Fold[Reports] = Fold(name="reports", state=Reports, arms=evolve)
