"""What would help where a run card asks for more units than can be sent.

Nothing here is done by itself: each is an act that a dispatcher may choose, with the unit, the
time or the agency it is about.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator

import msgspec

from answerable.dispatch.recommend import Shortfall
from answerable.dispatch.views import Board, IncidentLine, UnitLine
from answerable.towns.model import TownFile
from answerable.towns.sending import Sending

EACH_MAX = 2
"""Units named of one kind of help; the panel has room for a few."""


class Helps(enum.StrEnum):
    """What would help."""

    BACK = "out until"
    FREE_SOON = "free soon"
    PREEMPT = "on something less urgent"
    CREW = "lacks crew"
    MUTUAL_AID = "mutual aid"


class Help(msgspec.Struct, frozen=True):
    """One thing that would help. ``unit`` or ``agency`` can give it; ``at_us`` is when (UTC us)."""

    what: Helps
    unit: str = ""
    incident: str = ""
    agency: str = ""
    at_us: int = 0
    detail: str = ""


def helps(
    short: Shortfall, line: IncidentLine, units: list[UnitLine], board: Board, file: TownFile,
    sending: Sending, now_us: int,
) -> tuple[Help, ...]:  # fmt: skip
    """Return what would help with one shortfall of an incident, what is soonest first."""
    able = [unit for unit in units if set(short.need.skills) <= set(unit.skills)]
    able = [unit for unit in able if line.incident not in unit.jobs]
    found: list[Help] = []
    for kind in (
        _preempted(able, line, board, file),
        _lacking_crew(able, sending),
        _free_soon(able, board),
        _back(able, now_us),
    ):
        found += list(kind)[:EACH_MAX]
    found += [
        Help(Helps.MUTUAL_AID, agency=aid.agency)
        for aid in sending.mutual_aid
        if set(aid.types) & set(short.need.types)
    ]
    return tuple(found)


def _preempted(
    able: list[UnitLine], line: IncidentLine, board: Board, file: TownFile
) -> Iterator[Help]:
    """Yield units on their way to something less urgent by the town's order of priorities."""
    rank = {priority: place for place, priority in enumerate(file.priorities)}
    here = rank.get(line.priority, -1)
    for unit in able:
        other = board.incidents.get(unit.incident)
        if other is None or unit.status not in ("sent", "acknowledged", "en route"):
            continue
        if rank.get(other.priority, here) < here:
            yield Help(Helps.PREEMPT, unit.unit, other.incident, detail=other.priority)


def _lacking_crew(able: list[UnitLine], sending: Sending) -> Iterator[Help]:
    for unit in able:
        least = sending.crew_of(unit.unit_type)
        if unit.status == "free" and 0 < unit.staff < least:
            yield Help(Helps.CREW, unit.unit, detail=f"{unit.staff}/{least}")


def _free_soon(able: list[UnitLine], board: Board) -> Iterator[Help]:
    """Yield units at a hospital, the one that has been there longest first."""
    waiting = [unit for unit in able if unit.status == "at hospital"]
    for unit in sorted(waiting, key=lambda unit: (unit.since_us, unit.unit)):
        yield Help(Helps.FREE_SOON, unit.unit, unit.incident)


def _back(able: list[UnitLine], now_us: int) -> Iterator[Help]:
    """Yield units that are out of service until a time, the first back first."""
    out = [unit for unit in able if unit.duty == "out of service" and unit.back_us > now_us]
    for unit in sorted(out, key=lambda unit: (unit.back_us, unit.unit)):
        yield Help(Helps.BACK, unit.unit, at_us=unit.back_us, detail=unit.reason)
