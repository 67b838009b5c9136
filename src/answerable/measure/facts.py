"""Fact tables: one row a call, one row a unit's job, folded from recorded events.

A fact is what a measure counts. Corrections have been applied; a time that the source of an
imported record did not give (its event carries the mark ``NOT_GIVEN``) is no fact and stays out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from answerable.dispatch import words as d
from answerable.intake import words as i
from answerable.kernel.event import Event, Recorded, Row
from answerable.kernel.room import Arms, Fold
from answerable.measure.service import CallFact

NOT_GIVEN = "time not given by the source"
"""The mark of an event whose time had to be taken from its neighbours."""
NO_GROUP = "(none)"


class UnitFact(msgspec.Struct):
    """One unit on one incident: what it is, and the time of each of its steps (UTC us)."""

    unit: str
    unit_type: str
    times: dict[str, int] = {}


class IncidentFact(msgspec.Struct):
    """One incident: what it is, where, its calls, its opening (UTC us), its jobs in order."""

    incident: str
    kind: str = ""
    group: str = NO_GROUP
    priority: str = ""
    neighborhood: str = ""
    area_class: str = ""
    opened_us: int | None = None
    calls: list[str] = []
    units: list[UnitFact] = []


class Facts(msgspec.Struct):
    """The fact tables: rings by call, incidents by number. Times are UTC microseconds."""

    rung: dict[str, int] = {}
    incidents: dict[str, IncidentFact] = {}


arms: Arms[Facts] = Arms()


@arms.on(i.CallRung, i.CallAnswered)
def _call(facts: Facts, event: i.CallEvent, row: Row) -> None:
    """Keep when the call began: its ring, or its answer where nobody saw it ring."""
    facts.rung.setdefault(event.call, row.happened_at)


@arms.on(i.IncidentOpened)
def _opened(facts: Facts, event: i.IncidentOpened, row: Row) -> None:
    facts.incidents[event.incident] = IncidentFact(
        incident=event.incident,
        kind=event.kind,
        group=event.group or NO_GROUP,
        priority=event.priority,
        neighborhood=event.neighborhood,
        area_class=event.area_class,
        opened_us=None if NOT_GIVEN in event.marks else row.happened_at,
        calls=[event.call] if event.call else [],
    )


@arms.on(i.CallAttached)
def _attached(facts: Facts, event: i.CallAttached, row: Row) -> None:
    if fact := facts.incidents.get(event.incident):
        fact.calls.append(event.call)


@arms.on(i.KindChanged)
def _kind_changed(facts: Facts, event: i.KindChanged, row: Row) -> None:
    fact = facts.incidents[event.incident]
    fact.kind, fact.priority = event.kind, event.priority


@arms.on(i.CallTimeCorrected)
def _call_time_corrected(facts: Facts, event: i.CallTimeCorrected, row: Row) -> None:
    if event.step == "CallRung":
        facts.rung[event.call] = event.now_us
    elif event.step == "IncidentOpened":
        facts.incidents[event.incident].opened_us = event.now_us


@arms.on(d.UnitSent)
def _sent(facts: Facts, event: d.UnitSent, row: Row) -> None:
    fact = UnitFact(event.unit, event.unit_type)
    facts.incidents[event.incident].units.append(fact)
    _keep(fact, event, row)


@arms.on(
    d.UnitAcknowledged, d.UnitEnRoute, d.UnitArrived, d.UnitTransporting, d.UnitAtHospital,
    d.UnitCleared,
)  # fmt: skip
def _stepped(facts: Facts, event: d.StepEvent, row: Row) -> None:
    if fact := _job(facts, event.incident, event.unit):
        _keep(fact, event, row)


@arms.on(d.UnitCancelled)
def _cancelled(facts: Facts, event: d.UnitCancelled, row: Row) -> None:
    if fact := _job(facts, event.incident, event.unit):
        _keep(fact, event, row)


@arms.on(d.TimeCorrected)
def _time_corrected(facts: Facts, event: d.TimeCorrected, row: Row) -> None:
    if fact := _job(facts, event.incident, event.unit):
        fact.times[event.step] = event.now_us


def _job(facts: Facts, incident: str, unit: str) -> UnitFact | None:
    """Return the newest job of a unit on an incident."""
    units = facts.incidents[incident].units
    return next((fact for fact in reversed(units) if fact.unit == unit), None)


def _keep(fact: UnitFact, event: d.UnitSent | d.StepEvent | d.UnitCancelled, row: Row) -> None:
    if NOT_GIVEN not in event.marks:
        fact.times[type(event).__name__] = row.happened_at


FACTS: Fold[Facts] = Fold(name="facts", state=Facts, arms=arms)
"""For ``rooms.py``, where the facts are wanted live."""


def add_facts(facts: Facts, events: Iterable[Recorded]) -> None:
    """Fold committed events into ``facts``, in place."""
    for one in events:
        arm = arms.table.get(one.row.kind)
        if arm is not None:
            arm(facts, one.event, one.row)


def call_facts(facts: Facts) -> Iterator[CallFact]:
    """Yield one fact a call: the earliest of each step among its units, as the reports define."""
    for fact in facts.incidents.values():
        yield CallFact(
            call=fact.incident,
            group=fact.group,
            priority=fact.priority,
            received_us=min((facts.rung[c] for c in fact.calls if c in facts.rung), default=None),
            opened_us=fact.opened_us,
            dispatched_us=_earliest(fact.units, d.UnitSent),
            arrived_us=_earliest(fact.units, d.UnitArrived),
            unit_rows=len(fact.units),
        )


def _earliest(units: list[UnitFact], step: type[Event]) -> int | None:
    return min((t for u in units if (t := u.times.get(step.__name__)) is not None), default=None)
