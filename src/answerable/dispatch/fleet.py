"""Where the free units are, kept in step with the record, so that asking is cheap.

A free unit stands in the buckets of the hub labels (a move costs about 5 us); an incident scans its
own label once and has the road times of all of them. After a job a unit counts as standing at the
place of that job until it would be back at its station; there is no position report to know better,
and pages say "estimated".
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Mapping, Sequence

from answerable.dispatch.recommend import Recommendation, recommend, without_times
from answerable.dispatch.views import Board, IncidentLine, UnitLine
from answerable.kernel.event import Recorded
from answerable.place.town_places import Places
from answerable.place.travel import UnitBuckets
from answerable.towns.model import RunCard, Town

US = 1_000_000
NODES_MAX = 4_096
"""Incidents whose junction is remembered; it is found again in a moment."""
CardFor = Callable[[str, str, int], RunCard | None]
"""Gives the run card that holds for a kind and a priority at an instant (UTC microseconds)."""


class Fleet:
    """The units of a centre by type, and the road times of the free ones. Derived, never saved."""

    def __init__(
        self, board: Board, town: Town, places: Places, card_for: CardFor | None = None
    ) -> None:
        """``card_for`` gives the adopted run cards; without it those of the town's file hold."""
        self._card_for = card_for or (lambda kind, priority, _now_us: town.run_card(kind, priority))
        self._places = places
        self._buckets = UnitBuckets(places.travel, max(64, len(board.units)))
        self._home: dict[str, int] = {}
        self._nodes: dict[str, tuple[float, float, int | None]] = {}
        self._returning: list[tuple[int, str, int]] = []
        self.follow(board)

    def follow(self, board: Board) -> None:
        """Take up a board afresh: at start, and when the hub has rebuilt its state."""
        self.board = board
        self.by_type: dict[str, list[UnitLine]] = {}
        self._home.clear()
        for name in self._buckets.units:
            self._buckets.drop(name)
        for unit in board.units.values():
            self.by_type.setdefault(unit.unit_type, []).append(unit)
            self._place(unit)

    def committed(self, recorded: Sequence[Recorded]) -> None:
        """Take up what has been recorded."""
        for name in {getattr(one.event, "unit", "") for one in recorded} - {""}:
            unit = self.board.units.get(name)
            if unit is None:
                continue
            mates = self.by_type.setdefault(unit.unit_type, [])
            if not any(mate is unit for mate in mates):
                self._enlist(unit)
            self._place(unit)

    def _enlist(self, unit: UnitLine) -> None:
        """Take in a unit that came on duty, in the place of what it was before."""
        for kind, mates in self.by_type.items():
            self.by_type[kind] = [mate for mate in mates if mate.unit != unit.unit]
        self.by_type[unit.unit_type].append(unit)
        self._home.pop(unit.unit, None)

    def home(self, unit: UnitLine) -> int:
        """Return the junction of a unit's station, or of its posting where it has none."""
        node = self._home.get(unit.unit)
        if node is None:
            station = self._places.stations.get(unit.station)
            node = station.node if station else self._places.posting(unit.unit)
            self._home[unit.unit] = node
        return node

    def node_of(self, line: IncidentLine) -> int | None:
        """Return the junction nearest to an incident.

        None where it has no position, or one so far from every street that a road time to it
        would mean nothing.
        """
        if line.lon is None or line.lat is None:
            return None
        known = self._nodes.get(line.incident)
        if known is None or known[:2] != (line.lon, line.lat):
            snap = self._places.snap(line.lon, line.lat)
            known = (line.lon, line.lat, None if snap.far else snap.node)
            self._nodes[line.incident] = known
            if len(self._nodes) > NODES_MAX:
                del self._nodes[next(iter(self._nodes))]
        return known[2]

    def _place(self, unit: UnitLine) -> None:
        """Put a unit where it stands if it can be sent, else take it out."""
        if unit.status != "free":
            self._buckets.drop(unit.unit)
            return
        home = self.home(unit)
        last = self.board.line(unit.last_incident) if unit.last_incident else None
        node = self.node_of(last) if last else None
        if node is None or node == home:
            self._buckets.put(unit.unit, home)
            return
        back_s = self._places.travel.time_s(node, home)
        self._buckets.put(unit.unit, node)
        if back_s < math.inf:
            back_us = unit.freed_us + int(back_s * US)
            heapq.heappush(self._returning, (back_us, unit.unit, unit.freed_us))

    def _bring_home(self, now_us: int) -> None:
        while self._returning and self._returning[0][0] <= now_us:
            _, name, freed_us = heapq.heappop(self._returning)
            unit = self.board.units.get(name)
            if unit is not None and unit.freed_us == freed_us and name in self._buckets:
                self._buckets.put(name, self.home(unit))

    def where(self, unit: str, now_us: int) -> int | None:
        """Return the junction where a free unit is taken to stand, None where it is not free."""
        self._bring_home(now_us)
        return self._buckets.node_of(unit) if unit in self._buckets else None

    def times_s(self, node: int, now_us: int) -> Mapping[str, float]:
        """Return the road time of every free unit to a junction, seconds."""
        self._bring_home(now_us)
        times = self._buckets.times_to(node).tolist()
        return {str(name): time_s for name, time_s in zip(self._buckets.units, times, strict=True)}

    def recommend(self, line: IncidentLine, now_us: int) -> Recommendation:
        """Return who should be sent to an incident as it stands.

        Without a position there are no road times: free units are named without one, in the
        order of their names, so that somebody can still be sent.
        """
        card = self._card_for(line.kind, line.priority, now_us)
        if card is None:
            return Recommendation(card="")
        node = self.node_of(line)
        if node is None:
            free = {str(name): 0.0 for name in self._buckets.units}
            return without_times(recommend(card, line.incident, self.by_type, free))
        return recommend(card, line.incident, self.by_type, self.times_s(node, now_us))
