"""What is left behind when a unit goes: rules of cover, expected cover, and move-ups.

A unit *counts* where it will stand when nothing happens: at its station, or at the one it was moved
up to; on the way there it counts as if it had arrived, as an ambulance does for the policy DMEXCLP
in JEMSS (``src/decision/move_up/dmexclp.jl``). Only a unit that could be sent counts: free, on
duty, with its crew.

The *expected cover* of a place with demand d that k counting units reach in time is
``d (1 - q^k)``, where q is the share of its time a unit is busy: the model MEXCLP (Daskin 1983).
What the k-th unit adds is ``d (1 - q) q^(k-1)``, the marginal benefit of DMEXCLP (Jagtenberg,
Bhulai and van der Mei 2015; ``marginalBenefit`` in the same file of JEMSS). Units are taken to be
busy independently of each other, which they are not; it ranks, it does not promise.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
import numpy as np
import numpy.typing as npt

from answerable.place.reach import Reach
from answerable.place.town_places import Places
from answerable.towns.sending import CoverRule, Expected, Sending

Ints = npt.NDArray[np.int64]


class Gap(msgspec.Struct, frozen=True):
    """A place that has, or would have, fewer units left than a rule asks for."""

    rule: str
    place: str
    left: int
    least: int


class Group(msgspec.Struct, frozen=True):
    """One place of one rule. ``point`` is its number among the places that are reached."""

    rule: CoverRule
    place: str
    point: int


class Cover:
    """Which units cover what, kept in step one unit at a time. Derived, never saved."""

    def __init__(self, sending: Sending, places: Places) -> None:
        """Find the middles of the places that the rules speak of; they are asked for ever after."""
        nodes: dict[int, int] = {}
        self.rules = {rule.code: rule for rule in sending.cover}
        self.groups: list[Group] = []
        for rule in sending.cover:
            for name, node in _places_of(rule, places):
                point = nodes.setdefault(node, len(nodes))
                self.groups.append(Group(rule, name, point))
        self.least = [group.rule.least for group in self.groups]
        self.counts = [0] * len(self.groups)
        self.changes = 0
        """How often a unit began or ceased to count; what was worked out for one number holds."""
        self._counts_for: dict[str, tuple[int, ...]] = {}
        self._at: dict[str, tuple[str, int]] = {}
        self._known: dict[tuple[str, int], tuple[int, ...]] = {}
        self._times: dict[int, list[float]] = {}
        self.score = Score(sending.expected, places) if sending.expected else None
        self._reach = Reach(places.travel, tuple(nodes))

    def __bool__(self) -> bool:
        """Say whether there is any rule of cover."""
        return bool(self.groups)

    def put(self, unit: str, unit_type: str, node: int) -> None:
        """Count a unit that is bound for a junction, wherever it counted before."""
        if self._at.get(unit) == (unit_type, node):
            return
        self.drop(unit)
        self.changes += 1
        self._at[unit] = (unit_type, node)
        self._counts_for[unit] = reached = self.reached(unit_type, node)
        for group in reached:
            self.counts[group] += 1
        if self.score is not None:
            self.score.put(unit, unit_type, node)

    def drop(self, unit: str) -> None:
        """Count a unit no longer; nothing happens if it did not count."""
        if self._at.pop(unit, None) is None:
            return
        self.changes += 1
        for group in self._counts_for.pop(unit):
            self.counts[group] -= 1
        if self.score is not None:
            self.score.drop(unit)

    def clear(self) -> None:
        """Count nobody."""
        for unit in list(self._at):
            self.drop(unit)

    def of(self, unit: str) -> tuple[int, ...]:
        """Return the groups a unit counts for; none where it does not count."""
        return self._counts_for.get(unit, ())

    def counted(self) -> Mapping[str, tuple[str, int]]:
        """Return the type and the junction of every unit that counts."""
        return self._at

    def times_s(self, node: int) -> list[float]:
        """Return the road time from a junction to every point, seconds; remembered."""
        known = self._times.get(node)
        if known is None:
            known = self._times[node] = self._reach.times_s(node)
        return known

    def reached(self, unit_type: str, node: int) -> tuple[int, ...]:
        """Return the groups that a unit of this type counts for when it stands at a junction."""
        known = self._known.get((unit_type, node))
        if known is None:
            times_s = self.times_s(node)
            known = self._known[unit_type, node] = tuple(
                number
                for number, group in enumerate(self.groups)
                if unit_type in group.rule.types and times_s[group.point] <= group.rule.within_s
            )
        return known

    def gaps(self, unit: str, spent: Mapping[int, int]) -> tuple[Gap, ...]:
        """Return what would lack a unit if this one went too; ``spent`` counts those that did."""
        found = []
        for number in self._counts_for.get(unit, ()):
            left = self.counts[number] - spent.get(number, 0) - 1
            if left < self.least[number]:
                group = self.groups[number]
                found.append(Gap(group.rule.code, group.place, left, group.rule.least))
        return tuple(found)

    def broken(self) -> tuple[Gap, ...]:
        """Return every place that has too few units now, in the order of the rules."""
        return tuple(
            Gap(group.rule.code, group.place, count, group.rule.least)
            for group, count in zip(self.groups, self.counts, strict=True)
            if count < group.rule.least
        )

    def kept(self) -> float:
        """Return the share of places that have the units their rule asks for; 1 without rules."""
        broken = sum(1 for n, least in zip(self.counts, self.least, strict=True) if n < least)
        return 1 - broken / len(self.least) if self.least else 1.0

    def within_s(self, group: int) -> float:
        """Return when the last of the units a group asks for would be there, seconds; inf: never.

        That is the time of the ``least``-th nearest of the units that count and are of its types.
        """
        rule, point = self.groups[group].rule, self.groups[group].point
        times = sorted(
            self.times_s(node)[point]
            for unit_type, node in self._at.values()
            if unit_type in rule.types
        )
        return times[rule.least - 1] if len(times) >= rule.least else float("inf")


class Score:
    """Expected cover: how much of the demand finds a free unit in time."""

    def __init__(self, expected: Expected, places: Places) -> None:
        middles = _neighbourhoods(places)
        demand = [expected.demand.get(name, 0.0) for name, _ in middles]
        if not expected.demand:
            demand = [1.0] * len(middles)
        whole = sum(demand)
        self.weights = np.array(demand) / whole if whole else np.zeros(len(demand))
        self.rule = expected
        self.counts = np.zeros(len(middles), np.int64)
        self._reach = Reach(places.travel, [node for _, node in middles])
        self._masks: dict[int, Ints] = {}
        self._mask_of: dict[str, Ints] = {}

    def mask(self, node: int) -> Ints:
        """Return which places a unit at a junction reaches in time: 1 or 0 for each."""
        known = self._masks.get(node)
        if known is None:
            times_s = np.array(self._reach.times_s(node))
            known = self._masks[node] = (times_s <= self.rule.within_s).astype(np.int64)
        return known

    def put(self, unit: str, unit_type: str, node: int) -> None:
        """Count a unit if it is of the types this is about."""
        if unit_type in self.rule.types:
            self._mask_of[unit] = mask = self.mask(node)
            self.counts += mask

    def drop(self, unit: str) -> None:
        """Count a unit no longer."""
        mask = self._mask_of.pop(unit, None)
        if mask is not None:
            self.counts -= mask

    def of(self, counts: Ints) -> float:
        """Return the expected cover that numbers of units per place give, 0 to 1."""
        return float(self.weights @ (1.0 - self.rule.busy**counts))

    def now(self) -> float:
        """Return the expected cover as it stands, 0 to 1."""
        return self.of(self.counts)

    def without(self, units: Iterable[str]) -> float:
        """Return the expected cover if these units were gone."""
        gone = [self._mask_of[unit] for unit in units if unit in self._mask_of]
        return self.of(self.counts - np.sum(gone, axis=0)) if gone else self.now()


def _neighbourhoods(places: Places) -> list[tuple[str, int]]:
    """Return every neighbourhood with the junction nearest to its middle."""
    return [(name, places.snap(lon, lat).node) for name, lon, lat in places.areas.middles()]


def _places_of(rule: CoverRule, places: Places) -> list[tuple[str, int]]:
    """Return the places of a rule with the junction each is reached at, in the order of names.

    A station is reached where it stands, a neighbourhood at its middle, and a battalion at the one
    of its stations from which its others are nearest by road, taken together.
    """
    if rule.each == "station":
        found = [(station.id, station.node) for station in places.stations.values()]
    elif rule.each == "neighborhood":
        found = sorted(_neighbourhoods(places))
    else:
        found = [(name, middle_station(name, places)) for name in places.battalion_names]
    return [one for one in found if not rule.only or one[0] in rule.only]


def middle_station(battalion: str, places: Places) -> int:
    """Return the junction of the station from which the others of its battalion are nearest."""
    nodes = [s.node for s in places.stations.values() if s.battalion == battalion]
    reach = Reach(places.travel, nodes)
    return min(nodes, key=lambda node: (sum(reach.times_s(node)), node))
