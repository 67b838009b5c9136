"""Who should be sent: run card, status, road time, crew, rest and cover, with a reason for each.

Pure ranking: the road times come in, a proposal goes out. Every unit of a type that the card asks
for is named, as chosen or as passed over, each with one reason code; what the card asks for and
nobody can give is stated as a shortfall, never silently dropped.

The nearest unit that is able goes, with two exceptions, both within a stated limit of seconds: a
crew that rests is passed over for one that has rested, and a unit without which a rule of cover
would be broken for one that leaves it kept. Rest weighs more than cover: whom the rules leave a
choice, they leave the rested ones. Where no other is near enough, the nearest goes all the same,
and the proposal says what that costs.
"""

from __future__ import annotations

import enum
import math
from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from answerable.dispatch.cover import Cover, Gap
from answerable.dispatch.views import UnitLine
from answerable.towns.model import Need, RunCard
from answerable.towns.sending import NOTHING_MORE, Rest, Sending

US = 1_000_000


class Reason(enum.StrEnum):
    """Why a unit was chosen or passed over."""

    ALREADY_ON_IT = "already on it"
    NEAREST = "nearest"
    NEXT_NEAREST = "next nearest"
    RESTED = "nearest that has rested"
    KEEPS_COVER = "nearest that keeps cover"
    REST_OVERRIDDEN = "rest overridden"
    BREAKS_COVER = "nearest, breaks cover"
    FARTHER = "farther"
    RESTING = "resting"
    KEPT_FOR_COVER = "kept for cover"
    LACKS_SKILL = "lacks a skill"
    UNDERSTAFFED = "lacks crew"
    BUSY = "busy"
    OUT_OF_SERVICE = "out of service"
    OFF_DUTY = "off duty"
    NO_WAY = "no way by road"
    PLACE_UNKNOWN = "free, place unknown"


CHOSEN_FOR = frozenset(
    {Reason.NEAREST, Reason.NEXT_NEAREST, Reason.RESTED, Reason.KEEPS_COVER,
     Reason.REST_OVERRIDDEN, Reason.BREAKS_COVER, Reason.PLACE_UNKNOWN}
)  # fmt: skip
"""The reasons of a chosen unit whose detail is the skill that was asked for."""


class Tired(msgspec.Struct, frozen=True):
    """Why a crew rests: free for so long after a job, or so much work in so long; seconds.

    ``least_s`` is the rule's number: rest after a job, or the work from which it rests.
    """

    free_s: int = 0
    worked_s: int = 0
    of_s: int = 0
    least_s: int = 0


class Pick(msgspec.Struct, frozen=True):
    """A unit with its reason. ``time_s`` is road time in seconds, None where it has none.

    ``detail`` belongs to the reason: the incident it is on, the skill it lacks, why it is out, the
    crew it has and needs. ``instead_of`` is a nearer unit it was chosen before, ``extra_s`` how
    much longer it takes than that. ``tired`` and ``gaps`` say what sending it costs.
    """

    unit: str
    unit_type: str
    reason: Reason
    time_s: float | None = None
    detail: str = ""
    need: int = 0
    instead_of: str = ""
    extra_s: float = 0.0
    tired: Tired | None = None
    gaps: tuple[Gap, ...] = ()


class Shortfall(msgspec.Struct, frozen=True):
    """Units the card asks for that nobody can give, and what those that exist are doing."""

    need: Need
    missing: int
    because: dict[str, int] = {}


class Recommendation(msgspec.Struct, frozen=True):
    """The proposal for one incident. ``card`` is the run card's code, "" where none fits.

    ``limit_s`` is how much longer than the nearest a unit may take that is chosen for rest or
    cover. ``cover`` is the expected cover before and after, None where the town scores none.
    """

    card: str
    chosen: tuple[Pick, ...] = ()
    passed: tuple[Pick, ...] = ()
    shortfalls: tuple[Shortfall, ...] = ()
    level: int = 1
    limit_s: int = 0
    cover: tuple[float, float] | None = None


Fleet = Mapping[str, Iterable[UnitLine]]
"""All units of the centre by type."""


class Weighing:
    """What counts beside run card and road time, at one moment and for one urgency."""

    def __init__(
        self, sending: Sending = NOTHING_MORE, cover: Cover | None = None, now_us: int = 0,
        *, urgent: bool = False,
    ) -> None:  # fmt: skip
        self.cover = cover if cover else None
        self.now_us = now_us
        self.limit_s = sending.urgent_detour_s if urgent else sending.detour_s
        self.crews = {one.unit_type: sending.crew_of(one.unit_type) for one in sending.staffing}
        self.rests = sending.rest
        self.spent: Counter[int] = Counter()
        """How many of the chosen units counted for each group of the cover."""
        self.plain = self.cover is None and not self.rests

    def lacks_crew(self, unit: UnitLine) -> str:
        """Return the crew a unit has and needs, as "2/3"; "" where it has enough."""
        least = self.crews.get(unit.unit_type, 0)
        return f"{unit.staff}/{least}" if 0 < unit.staff < least else ""

    def tired(self, unit: UnitLine) -> Tired | None:
        """Return why the crew of a free unit rests, None where it may be sent."""
        for rest in self.rests:
            if rest.types and unit.unit_type not in rest.types:
                continue
            if found := tired_by(rest, unit, self.now_us):
                return found
        return None

    def gaps(self, unit: str) -> tuple[Gap, ...]:
        """Return the rules of cover that sending this unit too would leave broken."""
        return self.cover.gaps(unit, self.spent) if self.cover is not None else ()

    def take(self, unit: str) -> None:
        """Let a unit be gone for what is chosen after it."""
        if self.cover is not None:
            self.spent.update(self.cover.of(unit))


def tired_by(rest: Rest, unit: UnitLine, now_us: int) -> Tired | None:
    """Return why a rule lets the crew of a free unit rest now, None where it does not."""
    if unit.freed_us and now_us - unit.freed_us < rest.after_job_s * US:
        free_s = max(0, now_us - unit.freed_us) // US
        return Tired(free_s=free_s, least_s=rest.after_job_s)
    if rest.work_s:
        from_us = now_us - rest.within_s * US
        worked_us = sum(max(0, end - max(begin, from_us)) for begin, end in unit.worked)
        if worked_us >= rest.work_s * US:
            return Tired(worked_s=worked_us // US, of_s=rest.within_s, least_s=rest.work_s)
    return None


def recommend(
    card: RunCard,
    incident: str,
    fleet: Fleet,
    times_s: Mapping[str, float],
    weighing: Weighing | None = None,
    level: int = 1,
) -> Recommendation:
    """Rank the fleet for an incident at an alarm level.

    ``times_s`` holds the road time (seconds, inf = no way) of every unit that is free; a unit that
    is not in it cannot be sent, and its status says why.
    """
    weighing = weighing or Weighing()
    taken: set[str] = set()
    chosen: list[Pick] = []
    passed: dict[str, Pick] = {}
    shortfalls: list[Shortfall] = []
    for index, need in enumerate(card.needs_at(level)):
        units = [unit for kind in dict.fromkeys(need.types) for unit in fleet.get(kind, ())]
        filled = _Filling(need, index, incident, times_s, weighing, taken)
        picks = filled.choose(units)
        chosen += picks
        missing = need.count - len(picks)
        rest = [
            filled.passed_over(unit)
            for unit in units
            if unit.unit not in taken and (missing or unit.unit not in passed)
        ]
        for pick in rest:
            passed.setdefault(pick.unit, pick)
        if missing:
            because = Counter(pick.reason.value for pick in rest)
            shortfalls.append(Shortfall(need, missing, dict(because)))
    left = [pick for name, pick in passed.items() if name not in taken]
    left.sort(key=lambda pick: math.inf if pick.time_s is None else pick.time_s)
    return Recommendation(
        card.code, tuple(chosen), tuple(left), tuple(shortfalls), level, weighing.limit_s,
        _cover_of(weighing, chosen),
    )  # fmt: skip


def _cover_of(weighing: Weighing, chosen: list[Pick]) -> tuple[float, float] | None:
    score = weighing.cover.score if weighing.cover is not None else None
    if score is None:
        return None
    return score.now(), score.without(pick.unit for pick in chosen)


def without_times(found: Recommendation) -> Recommendation:
    """Take the road times out of a proposal for a place that has no position.

    Who is free, able and wanted still stands; who is nearer cannot be said.
    """

    def bare(pick: Pick) -> Pick:
        if pick.time_s is None:
            return pick
        keeps = pick.reason in (Reason.LACKS_SKILL, Reason.UNDERSTAFFED)
        reason = pick.reason if keeps else Reason.PLACE_UNKNOWN
        return msgspec.structs.replace(
            pick, time_s=None, reason=reason, instead_of="", extra_s=0.0, tired=None, gaps=()
        )

    return msgspec.structs.replace(
        found, chosen=tuple(map(bare, found.chosen)), passed=tuple(map(bare, found.passed))
    )


Free = tuple[float, str, UnitLine]


class _Filling:
    """One need being filled: those already on the incident, then free ones, the best first."""

    def __init__(
        self, need: Need, index: int, incident: str, times_s: Mapping[str, float],
        weighing: Weighing, taken: set[str],
    ) -> None:  # fmt: skip
        self.need = need
        self.index = index
        self.incident = incident
        self.times_s = times_s
        self.weighing = weighing
        self.taken = taken
        self.skills = frozenset(need.skills)
        self.asked = " ".join(need.skills)
        self.left: dict[str, Pick] = {}
        """Units that were nearer than one that was chosen, with why they were left."""

    def choose(self, units: list[UnitLine]) -> list[Pick]:
        """Return the picks of this need, and take them."""
        picks, free = self._split(units)
        free.sort()
        first = True
        while free and len(picks) < self.need.count:
            pick = self._next(free, first=first)
            first = False
            picks.append(pick)
            self.left.pop(pick.unit, None)
            self.weighing.take(pick.unit)
        self.taken.update(pick.unit for pick in picks)
        return picks

    def _split(self, units: list[UnitLine]) -> tuple[list[Pick], list[Free]]:
        """Return the units that are on the incident already, and those that can be sent."""
        picks: list[Pick] = []
        free: list[Free] = []
        times_s, taken, incident = self.times_s, self.taken, self.incident
        crews = self.weighing.crews
        for unit in units:
            name = unit.unit
            if name in taken or not self.skills.issubset(unit.skills):
                continue
            if incident in unit.jobs:
                if len(picks) < self.need.count:
                    state = unit.jobs[incident]
                    picks.append(
                        Pick(name, unit.unit_type, Reason.ALREADY_ON_IT, None, state, self.index)
                    )
            elif (time_s := times_s.get(name, math.inf)) < math.inf:
                if unit.staff and unit.staff < crews.get(unit.unit_type, 0):
                    continue
                free.append((time_s, name, unit))
        return picks, free

    def _next(self, free: list[Free], *, first: bool) -> Pick:
        """Take the best unit out of the free ones: rested, then keeping cover, then nearest."""
        nearest_s, nearest, _ = free[0]
        plain = Reason.NEAREST if first else Reason.NEXT_NEAREST
        if self.weighing.plain:
            time_s, name, unit = free.pop(0)
            return Pick(name, unit.unit_type, plain, time_s, self.asked, self.index)
        best: tuple[tuple[bool, bool], int, Tired | None, tuple[Gap, ...]] | None = None
        for place, (time_s, name, unit) in enumerate(free):
            if time_s > nearest_s + self.weighing.limit_s:
                break
            tired, gaps = self.weighing.tired(unit), self.weighing.gaps(name)
            if best is None or (tired is not None, bool(gaps)) < best[0]:
                best = ((tired is not None, bool(gaps)), place, tired, gaps)
            if best[0] == (False, False):
                break
            self._leave(unit, time_s, tired, gaps)
        assert best is not None, "the nearest is always within the limit"
        _, place, tired, gaps = best
        time_s, name, unit = free.pop(place)
        instead_of, extra_s = (nearest, time_s - nearest_s) if place else ("", 0.0)
        reason = self._why(free[:place], tired, gaps) or plain
        return Pick(
            name, unit.unit_type, reason, time_s, self.asked, self.index, instead_of, extra_s,
            tired, gaps,
        )  # fmt: skip

    def _leave(
        self, unit: UnitLine, time_s: float, tired: Tired | None, gaps: tuple[Gap, ...]
    ) -> None:
        """Note why a unit within the limit is passed over, should it stay so."""
        reason = Reason.RESTING if tired else Reason.KEPT_FOR_COVER
        self.left[unit.unit] = Pick(
            unit.unit, unit.unit_type, reason, time_s, "", self.index, "", 0.0, tired, gaps
        )

    def _why(self, nearer: list[Free], tired: Tired | None, gaps: tuple[Gap, ...]) -> Reason | None:
        """Return why this one was chosen where rest or cover had a say in it."""
        if tired is not None:
            return Reason.REST_OVERRIDDEN
        if gaps:
            return Reason.BREAKS_COVER
        if not nearer:
            return None
        rests = self.left[nearer[0][1]].reason is Reason.RESTING
        return Reason.RESTED if rests else Reason.KEEPS_COVER

    def passed_over(self, unit: UnitLine) -> Pick:
        """Say why a unit of the right type was not chosen."""
        name, kind = unit.unit, unit.unit_type
        time_s = self.times_s.get(name)
        if time_s is None or self.incident in unit.jobs:
            return self._cannot(unit)
        if time_s == math.inf:
            return Pick(name, kind, Reason.NO_WAY, None, "", self.index)
        if left := self.left.get(name):
            return left
        if self.skills and (lacking := [s for s in self.need.skills if s not in unit.skills]):
            return Pick(name, kind, Reason.LACKS_SKILL, time_s, " ".join(lacking), self.index)
        if unit.staff and (crew := self.weighing.lacks_crew(unit)):
            return Pick(name, kind, Reason.UNDERSTAFFED, time_s, crew, self.index)
        return Pick(name, kind, Reason.FARTHER, time_s, "", self.index)

    def _cannot(self, unit: UnitLine) -> Pick:
        """Say what keeps a unit that is not free, or is on this incident already."""
        name, kind = unit.unit, unit.unit_type
        if self.incident in unit.jobs:
            state = unit.jobs[self.incident]
            return Pick(name, kind, Reason.ALREADY_ON_IT, None, state, self.index)
        if unit.duty == "off duty":
            return Pick(name, kind, Reason.OFF_DUTY, None, "", self.index)
        if unit.duty == "out of service":
            return Pick(name, kind, Reason.OUT_OF_SERVICE, None, unit.reason, self.index)
        return Pick(name, kind, Reason.BUSY, None, unit.incident, self.index)
