"""Who should be sent: run card, status and road time, with a reason for every unit.

Pure ranking: the road times come in, a proposal goes out. Every unit of a type that the card asks
for is named, as chosen or as passed over, each with one reason code; what the card asks for and
nobody can give is stated as a shortfall, never silently dropped.
"""

from __future__ import annotations

import enum
import math
from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from answerable.dispatch.views import UnitLine
from answerable.towns.model import Need, RunCard


class Reason(enum.StrEnum):
    """Why a unit was chosen or passed over."""

    ALREADY_ON_IT = "already on it"
    NEAREST = "nearest"
    NEXT_NEAREST = "next nearest"
    FARTHER = "farther"
    LACKS_SKILL = "lacks a skill"
    BUSY = "busy"
    OUT_OF_SERVICE = "out of service"
    OFF_DUTY = "off duty"
    NO_WAY = "no way by road"
    PLACE_UNKNOWN = "free, place unknown"


class Pick(msgspec.Struct, frozen=True):
    """A unit with its reason. ``time_s`` is road time in seconds, None where it has none.

    ``detail`` belongs to the reason: the incident it is on, the skill it lacks, why it is out.
    """

    unit: str
    unit_type: str
    reason: Reason
    time_s: float | None = None
    detail: str = ""
    need: int = 0


class Shortfall(msgspec.Struct, frozen=True):
    """Units the card asks for that nobody can give, and what those that exist are doing."""

    need: Need
    missing: int
    because: dict[str, int] = {}


class Recommendation(msgspec.Struct, frozen=True):
    """The proposal for one incident. ``card`` is the run card's code, "" where none fits."""

    card: str
    chosen: tuple[Pick, ...] = ()
    passed: tuple[Pick, ...] = ()
    shortfalls: tuple[Shortfall, ...] = ()


Fleet = Mapping[str, Iterable[UnitLine]]
"""All units of the centre by type."""


def recommend(
    card: RunCard, incident: str, fleet: Fleet, times_s: Mapping[str, float]
) -> Recommendation:
    """Rank the fleet for an incident.

    ``times_s`` holds the road time (seconds, inf = no way) of every unit that is free; a unit that
    is not in it cannot be sent, and its status says why.
    """
    taken: set[str] = set()
    chosen: list[Pick] = []
    passed: dict[str, Pick] = {}
    shortfalls: list[Shortfall] = []
    for index, need in enumerate(card.needs):
        units = [unit for kind in dict.fromkeys(need.types) for unit in fleet.get(kind, ())]
        picks, missing = _fill(need, index, incident, units, times_s, taken)
        chosen += picks
        rest = [
            _pass(unit, need, index, incident, times_s) for unit in units if unit.unit not in taken
        ]
        for pick in rest:
            passed.setdefault(pick.unit, pick)
        if missing:
            because = Counter(pick.reason.value for pick in rest)
            shortfalls.append(Shortfall(need, missing, dict(because)))
    left = [pick for name, pick in passed.items() if name not in taken]
    left.sort(key=lambda pick: math.inf if pick.time_s is None else pick.time_s)
    return Recommendation(card.code, tuple(chosen), tuple(left), tuple(shortfalls))


def without_times(found: Recommendation) -> Recommendation:
    """Take the road times out of a proposal for a place that has no position.

    Who is free, able and wanted still stands; who is nearer cannot be said.
    """

    def bare(pick: Pick) -> Pick:
        if pick.time_s is None:
            return pick
        reason = Reason.LACKS_SKILL if pick.reason is Reason.LACKS_SKILL else Reason.PLACE_UNKNOWN
        return msgspec.structs.replace(pick, time_s=None, reason=reason)

    return msgspec.structs.replace(
        found, chosen=tuple(map(bare, found.chosen)), passed=tuple(map(bare, found.passed))
    )


def _fill(
    need: Need,
    index: int,
    incident: str,
    units: list[UnitLine],
    times_s: Mapping[str, float],
    taken: set[str],
) -> tuple[list[Pick], int]:
    """Choose units for one need: those already on the incident, then the nearest free ones."""
    picks: list[Pick] = []
    free: list[tuple[float, str, UnitLine]] = []
    for unit in units:
        if unit.unit in taken or not set(need.skills).issubset(unit.skills):
            continue
        if incident in unit.jobs:
            if len(picks) < need.count:
                state = unit.jobs[incident]
                picks.append(
                    Pick(unit.unit, unit.unit_type, Reason.ALREADY_ON_IT, None, state, index)
                )
        elif (time_s := times_s.get(unit.unit, math.inf)) < math.inf:
            free.append((time_s, unit.unit, unit))
    free.sort()
    for place, (time_s, name, unit) in enumerate(free[: need.count - len(picks)]):
        reason = Reason.NEXT_NEAREST if place else Reason.NEAREST
        picks.append(Pick(name, unit.unit_type, reason, time_s, " ".join(need.skills), index))
    taken.update(pick.unit for pick in picks)
    return picks, need.count - len(picks)


def _pass(
    unit: UnitLine, need: Need, index: int, incident: str, times_s: Mapping[str, float]
) -> Pick:
    """Say why a unit of the right type was not chosen."""
    name, kind = unit.unit, unit.unit_type
    if incident in unit.jobs:
        return Pick(name, kind, Reason.ALREADY_ON_IT, None, unit.jobs[incident], index)
    if unit.duty == "off duty":
        return Pick(name, kind, Reason.OFF_DUTY, None, "", index)
    if unit.duty == "out of service":
        return Pick(name, kind, Reason.OUT_OF_SERVICE, None, unit.reason, index)
    time_s = times_s.get(name)
    if time_s is None:
        return Pick(name, kind, Reason.BUSY, None, unit.incident, index)
    if time_s == math.inf:
        return Pick(name, kind, Reason.NO_WAY, None, "", index)
    if lacking := [skill for skill in need.skills if skill not in unit.skills]:
        return Pick(name, kind, Reason.LACKS_SKILL, time_s, " ".join(lacking), index)
    return Pick(name, kind, Reason.FARTHER, time_s, "", index)
