"""Made-up calls of a town: hours, kinds, places, units and gaps drawn from the shape of real ones.

Everything hangs on one seed: the same town, days and seed give the same calls. The units are the
town's own, sent by its run cards to the place they reach soonest by its roads; a unit that is on a
call is sent to no other, and a call that finds nobody free waits. Between calls a unit stands at
its station. Nothing here is about anybody: no caller, no number, no name is drawn.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from answerable.place.town_places import Places
from answerable.towns.made_up.ground import Ground, Spot
from answerable.towns.made_up.kinds import Drawn, crew, kinds_of
from answerable.towns.made_up.profile import Gap, KindShape, Profile, draw_back, profile
from answerable.towns.model import Town, UnitSpec

HOUR = datetime.timedelta(hours=1)
PER_DAY_MAX = 5000.0
DAYS_MAX = 366
WAIT_S_MAX = 7200.0
"""A call that has found no unit for two hours ends without one."""
TRAVEL_S_MIN = 20.0
FLEET_PART = 6
"""More units than the run card names go to a call while they are this part of the fleet at most."""


class Wish(msgspec.Struct, frozen=True):
    """What is wanted: from when (an instant), how many days, how many calls a day, which seed."""

    begin: datetime.datetime
    days: float
    per_day: float
    seed: int


class Job(msgspec.Struct, frozen=True):
    """One unit on a call. Seconds since 1970 UTC; None where the stage did not come."""

    unit: str
    unit_type: str
    dispatch: float
    en_route: float | None
    scene: float | None
    transport: float | None
    hospital: float | None
    available: float


class Call(msgspec.Struct, frozen=True):
    """One made-up call and its jobs, in the order of their dispatch. Seconds since 1970 UTC."""

    number: str
    kind: str
    priority: str
    spot: Spot
    received: float
    entry: float
    jobs: tuple[Job, ...]


class CannotMakeUp(Exception):
    """No calls can be made up; the three sentences say why and what to do."""


def usual_per_day(town: Town) -> float:
    """Return the calls a day a demonstration of the town shows when nobody states a number.

    The source's rate for the town's population, but no fewer than three a unit: a board on which
    nothing moves shows nothing.
    """
    by_people = town.file.population / 1000 * profile().per_day_and_1000
    return max(by_people, 3.0 * len(town.units), 24.0)


def make_up(town: Town, places: Places, wish: Wish, shape: Profile | None = None) -> list[Call]:
    """Return the calls of the days wished for, in the order they come in.

    Raises CannotMakeUp where the town has no kind of incident with a rate, or no unit; and
    PlaceError where its streets cannot be used.
    """
    shape = shape or profile()
    if not (0 < wish.per_day <= PER_DAY_MAX and 0 < wish.days <= DAYS_MAX):
        raise CannotMakeUp(
            f"No calls were made up. {wish.per_day:g} a day for {wish.days:g} days is not within "
            f"{PER_DAY_MAX:g} a day and {DAYS_MAX} days. Give fewer."
        )
    kinds = kinds_of(town, shape)
    if not kinds or not town.units:
        lacks = "unit" if kinds else "kind of incident that real rates are known for"
        raise CannotMakeUp(
            f"No calls were made up. The town has no {lacks}. Add one, for instance a kind with "
            "the code Other; 'answerable town check' says what else is missing."
        )
    return list(_Days(town, Ground(places, shape), kinds, shape, wish).calls())


class _Days:
    """The drawing of one span of days."""

    def __init__(
        self, town: Town, ground: Ground, kinds: list[Drawn], shape: Profile, wish: Wish
    ) -> None:
        self._town, self._ground, self._kinds = town, ground, kinds
        self._shape, self._wish = shape, wish
        self._chance = np.random.default_rng(wish.seed)
        self._shares = np.cumsum([kind.share for kind in kinds])
        self._weights = shape.hour_weights()
        self._stands = {unit: ground.post(unit) for unit in town.units}
        self._free_at = dict.fromkeys(town.units, -math.inf)

    def calls(self) -> Iterator[Call]:
        """Yield the calls in the order they come in."""
        for number, received in enumerate(sorted(self._moments()), start=1):
            yield self._call(f"M{number:06d}", received)

    def _moments(self) -> Iterator[float]:
        """Yield the seconds at which calls come in: a Poisson stream with the week's hours."""
        begin = self._wish.begin.astimezone(datetime.UTC)
        end = begin + datetime.timedelta(days=self._wish.days)
        hour = begin.replace(minute=0, second=0, microsecond=0)
        while hour < end:
            rate = self._wish.per_day / 24 * self._weight(hour, self._town.zone)
            for part in self._chance.random(self._chance.poisson(rate)).tolist():
                at = hour + part * HOUR
                if begin <= at < end:
                    yield round(at.timestamp(), 0)
            hour += HOUR

    def _weight(self, hour: datetime.datetime, zone: ZoneInfo) -> float:
        local = hour.astimezone(zone)
        return float(self._weights[local.weekday() * 24 + local.hour])

    # -- a call ------------------------------------------------------------------------------

    def _call(self, number: str, received: float) -> Call:
        chance = self._chance.random
        kind = self._kinds[min(int(np.searchsorted(self._shares, chance())), len(self._kinds) - 1)]
        urgent = bool(chance() < kind.shape.urgent)
        spot = self._ground.spot(float(chance()), float(chance()))
        entry = received + self._gap(self._shape.gaps.received_entry, urgent)
        first = entry + self._gap(self._shape.gaps.entry_dispatch, urgent)
        jobs = tuple(self._jobs(kind, urgent, spot, first))
        priority = kind.priority(urgent)
        return Call(number, kind.code, priority, spot, received, entry, jobs)

    def _gap(self, gap: Gap, urgent: bool) -> float:
        drawn = draw_back(self._shape.at, gap.of(urgent), float(self._chance.random()))
        return float(round(max(drawn, 0.0)))

    def _jobs(self, kind: Drawn, urgent: bool, spot: Spot, first: float) -> Iterator[Job]:
        """Yield the jobs of a call; the unit of the card's last need takes the patient."""
        shape = kind.shape
        count = 1 + int(np.searchsorted(np.cumsum(shape.units), self._chance.random()))
        takes = bool(self._chance.random() < shape.transport)
        card = self._town.run_card(kind.code, kind.priority(urgent))
        named = sum(need.count for need in card.needs) if card else 1
        most = min(len(shape.units), max(named, len(self._town.units) // FLEET_PART))
        count = min(count, most)
        wanted = crew(card, count, self._town.unit_types)
        times = self._ground.times_to(spot.node)
        sent: set[str] = set()
        dispatch = first
        for place, (types, skills) in enumerate(wanted):
            if sent:
                dispatch = max(dispatch, first + self._further(urgent))
            fit = [unit for unit in self._fit(types, skills, times) if unit.unit not in sent]
            unit, at = self._choose(fit, times, dispatch, waits=not sent)
            if unit is None:
                continue
            sent.add(unit.unit)
            dispatch = at
            patient = takes and place == count - 1
            job = self._job(unit, at, times[self._stands[unit.unit]], shape, urgent, patient)
            self._free_at[unit.unit] = job.available
            yield job

    def _further(self, urgent: bool) -> float:
        return self._gap(self._shape.gaps.first_further_dispatch, urgent)

    def _fit(
        self, types: set[str], skills: set[str], times: dict[int | str, float]
    ) -> list[UnitSpec]:
        """Return the units of these types and skills that have a way there."""
        return [
            unit
            for unit in self._town.units.values()
            if unit.unit_type in types and skills <= set(unit.skills)
            and times[self._stands[unit.unit]] < math.inf
        ]  # fmt: skip

    def _choose(
        self, fit: list[UnitSpec], times: dict[int | str, float], at: float, *, waits: bool
    ) -> tuple[UnitSpec | None, float]:
        """Return the free unit that is there first, and when it is sent; None where nobody is.

        The first unit of a call is waited for, a further one is not.
        """
        free = [unit for unit in fit if self._free_at[unit.unit] < at]
        if not free and waits and fit:
            soonest = min(self._free_at[unit.unit] for unit in fit) + 1.0
            if soonest - at <= WAIT_S_MAX:
                at = soonest
                free = [unit for unit in fit if self._free_at[unit.unit] < at]
        if not free:
            return None, at
        return min(free, key=lambda unit: (times[self._stands[unit.unit]], unit.unit)), at

    def _job(
        self, unit: UnitSpec, dispatch: float, road_s: float, shape: KindShape, urgent: bool,
        patient: bool,
    ) -> Job:  # fmt: skip
        """Return the stages of one unit: on its way, there, with a patient to hospital, free."""
        gaps, chance = self._shape.gaps, self._chance.random
        ratio = draw_back(self._shape.at, self._shape.travel_ratio, float(chance()))
        drive = float(round(max(TRAVEL_S_MIN, road_s * ratio)))
        en_route = dispatch + self._gap(gaps.dispatch_en_route, urgent)
        called_off = self._gap(gaps.en_route_available, urgent)
        goes = bool(chance() < shape.en_route) or patient
        arrives = bool(chance() < shape.arrived) or patient
        if not goes:
            free = dispatch + max(called_off, 1.0)
            return Job(unit.unit, unit.unit_type, dispatch, None, None, None, None, free)
        if not arrives:
            free = en_route + min(called_off, drive)
            return Job(unit.unit, unit.unit_type, dispatch, en_route, None, None, None, free)
        scene = en_route + drive
        if not patient:
            free = scene + self._gap(gaps.scene_available, urgent)
            return Job(unit.unit, unit.unit_type, dispatch, en_route, scene, None, None, free)
        leaves = scene + self._gap(gaps.scene_transport, urgent)
        hospital = leaves + self._gap(gaps.transport_hospital, urgent)
        free = hospital + self._gap(gaps.hospital_available, urgent)
        return Job(unit.unit, unit.unit_type, dispatch, en_route, scene, leaves, hospital, free)
