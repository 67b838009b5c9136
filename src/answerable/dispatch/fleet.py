"""Where the free units are and what they cover, kept in step with the record.

A free unit stands in the buckets of the hub labels (a move costs about 5 us), so that asking is
cheap: an incident scans its own label once and has the road times of all of them. After a job a
unit counts as standing at the place of that job until it would be back at its station, and one that
was moved up where it set out until it would be there; there is no position report to know better,
and pages say "estimated".
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Mapping, Sequence

import msgspec

from answerable.dispatch.cover import Cover
from answerable.dispatch.lacks import Help, helps
from answerable.dispatch.moveup import MoveUp, move_ups
from answerable.dispatch.recommend import (
    Recommendation,
    Shortfall,
    Weighing,
    recommend,
    without_times,
)
from answerable.dispatch.views import Board, IncidentLine, UnitLine
from answerable.kernel.event import Recorded
from answerable.place.town_places import Places
from answerable.place.travel import UnitBuckets
from answerable.towns.model import RunCard, Town
from answerable.towns.sending import Sending

US = 1_000_000
NODES_MAX = 4_096
"""Incidents whose junction is remembered; it is found again in a moment."""
CardFor = Callable[[str, str, int, tuple[str, ...]], RunCard | None]
"""Gives the card that holds for kind, priority, instant (UTC us) and the areas of the place."""
SendingFor = Callable[[int], Sending]
"""Gives the rules beside the cards that hold at an instant (UTC microseconds)."""


class Fleet:
    """The units of a centre by type, and the road times of the free ones. Derived, never saved."""

    def __init__(
        self, board: Board, town: Town, places: Places, card_for: CardFor | None = None,
        sending_for: SendingFor | None = None,
    ) -> None:  # fmt: skip
        """Take up a board.

        ``card_for`` and ``sending_for`` give what was adopted; without them the town's file holds.
        """
        self._card_for = card_for or (
            lambda kind, priority, _now_us, where: town.run_card(kind, priority, where)
        )
        self._sending_for = sending_for or (lambda _now_us: town.file.sending)
        self._town = town
        self._places = places
        self._buckets = UnitBuckets(places.travel, max(64, len(board.units)))
        self._nodes: dict[str, tuple[float, float, int | None]] = {}
        self._returning: list[tuple[int, str, int]] = []
        self._moves: tuple[tuple[Cover | None, int], tuple[MoveUp, ...]] = ((None, 0), ())
        self._sending = self._sending_for(0)
        self.cover = Cover(self._sending, places)
        self.follow(board)

    def follow(self, board: Board) -> None:
        """Take up a board afresh: at start, and when the hub has rebuilt its state."""
        self.board = board
        self.by_type: dict[str, list[UnitLine]] = {}
        self.cover.clear()
        for name in self._buckets.units:
            self._buckets.drop(name)
        for unit in board.units.values():
            self.by_type.setdefault(unit.unit_type, []).append(unit)
            self._place(unit)

    def sending(self, now_us: int) -> Sending:
        """Return the rules beside the cards that hold now; cover is counted by them from here on.

        They change when an edition begins to hold, which no event tells.
        """
        sending = self._sending_for(now_us)
        if sending is not self._sending:
            if sending != self._sending:
                self.cover = Cover(sending, self._places)
                self._sending = sending
                for unit in self.board.units.values():
                    self._count(unit)
            self._sending = sending
        return sending

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

    def home(self, unit: UnitLine) -> int:
        """Return the junction a unit goes to after a job: where it was moved up to, else its own.

        That is its station, or its posting where it has none.
        """
        return self._stand(unit.unit, unit.moved_up or unit.station)

    def _stand(self, unit: str, station: str) -> int:
        known = self._places.stations.get(station)
        return known.node if known else self._places.posting(unit)

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
        self._count(unit)
        if unit.status != "free":
            self._buckets.drop(unit.unit)
            return
        home = self.home(unit)
        node, since_us = self._set_out(unit)
        if node is None or node == home:
            self._buckets.put(unit.unit, home)
            return
        back_s = self._places.travel.time_s(node, home)
        self._buckets.put(unit.unit, node)
        if back_s < math.inf:
            back_us = since_us + int(back_s * US)
            heapq.heappush(self._returning, (back_us, unit.unit, since_us))

    def _set_out(self, unit: UnitLine) -> tuple[int | None, int]:
        """Return where a free unit last set out from, and when (UTC us); None: it never did.

        That is the place of its last job, or the station it left to cover another. Ordered away on
        its way home from a job, it is taken to set out from that job.
        """
        last = self.board.line(unit.last_incident) if unit.last_incident else None
        node = self.node_of(last) if last else None
        if unit.left_us <= unit.freed_us:
            return node, unit.freed_us
        left = self._stand(unit.unit, unit.left)
        if node is not None and node != left:
            back_s = self._places.travel.time_s(node, left)
            if unit.left_us < unit.freed_us + back_s * US:
                return node, unit.left_us
        return left, unit.left_us

    def _count(self, unit: UnitLine) -> None:
        """Let a unit count for cover if it could be sent, else not."""
        if not self.cover and self.cover.score is None:
            return
        crew = self._sending.crew_of(unit.unit_type)
        if unit.status == "free" and not 0 < unit.staff < crew:
            self.cover.put(unit.unit, unit.unit_type, self.home(unit))
        else:
            self.cover.drop(unit.unit)

    def _bring_home(self, now_us: int) -> None:
        while self._returning and self._returning[0][0] <= now_us:
            _, name, since_us = heapq.heappop(self._returning)
            unit = self.board.units.get(name)
            if unit is None or name not in self._buckets:
                continue
            if max(unit.freed_us, unit.left_us) == since_us:
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

    def recommend(
        self, line: IncidentLine, now_us: int, level: int | None = None
    ) -> Recommendation:
        """Return who should be sent to an incident as it stands, at its alarm level or another.

        Without a position there are no road times: free units are named without one, in the
        order of their names, so that somebody can still be sent; rest and cover then have no say.
        """
        where = (line.neighborhood, line.battalion, line.area_class)
        card = self._card_for(line.kind, line.priority, now_us, where)
        if card is None:
            return Recommendation(card="")
        level = line.alarm if level is None else level
        sending = self.sending(now_us)
        node = self.node_of(line)
        if node is None:
            free = {str(name): 0.0 for name in self._buckets.units}
            crews = Weighing(msgspec.structs.replace(sending, rest=()))
            return without_times(recommend(card, line.incident, self.by_type, free, crews, level))
        urgent = line.priority in self._town.file.urgent
        weighing = Weighing(sending, self.cover, now_us, urgent=urgent)
        times_s = self.times_s(node, now_us)
        return recommend(card, line.incident, self.by_type, times_s, weighing, level)

    def helps(self, short: Shortfall, line: IncidentLine, now_us: int) -> tuple[Help, ...]:
        """Return what would help where units lack for an incident, the soonest first."""
        units = [unit for kind in short.need.types for unit in self.by_type.get(kind, ())]
        sending = self.sending(now_us)
        return helps(short, line, units, self.board, self._town.file, sending, now_us)

    def move_ups(self, now_us: int) -> tuple[MoveUp, ...]:
        """Return which units should cover which stations, where a rule of cover is broken now.

        A unit that covers another station already is left there. What was found holds until a
        unit begins or ceases to count.
        """
        self.sending(now_us)
        key = (self.cover, self.cover.changes)
        if self._moves[0] != key:
            self._bring_home(now_us)
            self._moves = (key, self._move_ups())
        return self._moves[1]

    def _move_ups(self) -> tuple[MoveUp, ...]:
        spare = {
            name: self._buckets.node_of(name)
            for name in self.cover.counted()
            if name in self._buckets and not self.board.units[name].moved_up
        }
        stations = {station.id: station.node for station in self._places.stations.values()}
        return move_ups(self.cover, spare, stations, self._places.travel)
