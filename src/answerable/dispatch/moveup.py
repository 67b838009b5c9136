"""Which unit should cover which station when a rule of cover is broken.

A proposal is a set of moves of free units to stations. The best one lowers the number of missing
units most, with the fewest moves; among those it keeps the highest expected cover, and then drives
least. All sets of up to ``MOVES_MAX`` moves are tried where there are few enough; else the best
single move is taken, then the best one after it, which may miss a pair better only together.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterator, Mapping

import msgspec
import numpy as np
import numpy.typing as npt

from answerable.dispatch.cover import Cover, Gap
from answerable.place.travel import Travel

MOVES_MAX = 2
SETS_MAX = 600
"""Sets of moves that are all tried; one costs some twenty microseconds."""

Ints = npt.NDArray[np.int64]
Move = tuple[str, str]
"""A unit and the station it covers."""
Rank = tuple[int, float, float]
"""Units missing, expected cover lost, seconds driven: the least is the best."""


class MoveUp(msgspec.Struct, frozen=True):
    """One unit to one station, and what it gains.

    ``drive_s`` is the road time there. ``mends`` are the places it helps, as they are before.
    ``sooner_s`` is how much sooner the last of the units that the first of them asks for would be
    there, None where there are too few at all before. ``kept`` is the share of places that have
    what their rule asks for, ``cover`` the expected cover (None: not scored), before and after.
    """

    unit: str
    unit_type: str
    station: str
    drive_s: float
    mends: tuple[Gap, ...]
    sooner_s: float | None
    kept: tuple[float, float]
    cover: tuple[float, float] | None = None


def move_ups(
    cover: Cover, spare: Mapping[str, int], stations: Mapping[str, int], travel: Travel
) -> tuple[MoveUp, ...]:
    """Return the best set of moves, the one that mends most first; none where nothing is broken.

    ``spare`` are the units that may be moved, with the junction where each stands now.
    """
    if not spare or not stations or not cover.broken():
        return ()
    search = _Search(cover, spare, stations, travel)
    return search.told(search.best())


class _Search:
    """The moves there are, and what a set of them comes to."""

    def __init__(
        self, cover: Cover, spare: Mapping[str, int], stations: Mapping[str, int], travel: Travel
    ) -> None:
        self.cover = cover
        self.spare = spare
        self.stations = stations
        self.travel = travel
        self.least = np.array(cover.least, np.int64)
        self.counts = np.array(cover.counts, np.int64)
        self.missing = int(np.maximum(self.least - self.counts, 0).sum())
        self._adds: dict[tuple[str, int], Ints] = {}
        self._drives: dict[Move, float] = {}
        at = cover.counted()
        self.posts = sorted(stations)
        self.alike: dict[tuple[str, int], list[str]] = {}
        """Units of one type bound for one junction: for cover one is as good as another."""
        for unit in sorted(spare):
            self.alike.setdefault(at[unit], []).append(unit)

    @functools.cached_property
    def moves(self) -> list[Move]:
        """Return every unit with every station but the one it is bound for."""
        return [
            (unit, station)
            for (_, home), units in self.alike.items()
            for unit in units
            for station in self.posts
            if self.stations[station] != home
        ]

    def vector(self, unit_type: str, node: int) -> Ints:
        """Return 1 for every place that a unit of this type at a junction counts for."""
        known = self._adds.get((unit_type, node))
        if known is None:
            known = np.zeros(len(self.least), np.int64)
            known[list(self.cover.reached(unit_type, node))] = 1
            self._adds[unit_type, node] = known
        return known

    def change(self, move: Move) -> Ints:
        """Return by how much a move changes the number of units for every place."""
        unit_type, home = self.cover.counted()[move[0]]
        there = self.stations[move[1]]
        return self.vector(unit_type, there) - self.vector(unit_type, home)

    def drive_s(self, move: Move) -> float:
        """Return the road time of a move, seconds."""
        known = self._drives.get(move)
        if known is None:
            known = self.travel.time_s(self.spare[move[0]], self.stations[move[1]])
            self._drives[move] = known
        return known

    def rank(self, moves: tuple[Move, ...]) -> Rank:
        """Return how good a set of moves is; the least is the best."""
        counts = self.counts + sum(map(self.change, moves), np.zeros_like(self.counts))
        missing = int(np.maximum(self.least - counts, 0).sum())
        return missing, round(-self.expected(moves), 6), sum(map(self.drive_s, moves))

    def expected(self, moves: tuple[Move, ...]) -> float:
        """Return the expected cover after a set of moves; 0 where none is scored."""
        score = self.cover.score
        if score is None:
            return 0.0
        counts = score.counts.copy()
        for unit, station in moves:
            unit_type, home = self.cover.counted()[unit]
            if unit_type in score.rule.types:
                counts += score.mask(self.stations[station]) - score.mask(home)
        return score.of(counts)

    def best(self) -> tuple[Move, ...]:
        """Return the best set of moves that leaves fewer units missing; () where there is none.

        No move of a set may be left out without loss: what does not help is not ordered.
        """
        many = len(self.spare) * len(self.posts)
        sets = sum(math.comb(many, size) for size in range(1, MOVES_MAX + 1))
        found = self._tried() if sets <= SETS_MAX else self._one_by_one()
        return found if found and self.rank(found)[0] < self.missing else ()

    def _tried(self) -> tuple[Move, ...]:
        ranked = (
            (self.rank(moves), len(moves), moves)
            for size in range(1, MOVES_MAX + 1)
            for moves in itertools.combinations(self.moves, size)
            if len({unit for unit, _ in moves}) == size
        )
        best = min(
            (one for one in ranked if one[0][2] < math.inf),
            key=lambda one: (one[0][0], one[1], one[0][1:], one[2]),
            default=None,
        )
        return best[2] if best else ()

    def _one_by_one(self) -> tuple[Move, ...]:
        chosen: tuple[Move, ...] = ()
        missing = self.missing
        while len(chosen) < MOVES_MAX and missing:
            best = min(self._next(chosen), default=None)
            if best is None or best[0][0] >= missing:
                break
            chosen, missing = best[1], best[0][0]
        return chosen

    def _next(self, chosen: tuple[Move, ...]) -> Iterator[tuple[Rank, tuple[Move, ...]]]:
        """Yield the sets of one move more that leave the fewest units missing.

        Units that are alike are weighed once, all their stations in one table.
        """
        moved = {unit for unit, _ in chosen}
        base = self.counts + sum(map(self.change, chosen), np.zeros_like(self.counts))
        missing = {
            alike: np.maximum(self.least - (base + self._changes(*alike)), 0).sum(axis=1)
            for alike, units in self.alike.items()
            if not moved.issuperset(units)
        }
        fewest = min((int(each.min()) for each in missing.values()), default=0)
        for (unit_type, home), each in missing.items():
            for place in np.flatnonzero(each == fewest).tolist():
                station = self.posts[place]
                if self.stations[station] == home:
                    continue
                for unit in self.alike[unit_type, home]:
                    rank = self.rank((*chosen, (unit, station)))
                    if unit not in moved and rank[2] < math.inf:
                        yield rank, (*chosen, (unit, station))

    def _changes(self, unit_type: str, home: int) -> Ints:
        """Return what a unit bound for a junction changes at each station, by place."""
        there = [self.vector(unit_type, self.stations[station]) for station in self.posts]
        return np.array(there) - self.vector(unit_type, home)

    def told(self, moves: tuple[Move, ...]) -> tuple[MoveUp, ...]:
        """Return a set of moves with what each gains after those before it."""
        found = []
        after = self.counts
        for number, move in enumerate(moves, 1):
            before, after = after, after + self.change(move)
            helped = np.flatnonzero((before < self.least) & (after > before)).tolist()
            found.append(self._move_up(moves[:number], before, after, helped))
        return tuple(found)

    def _move_up(
        self, moves: tuple[Move, ...], before: Ints, after: Ints, helped: list[int]
    ) -> MoveUp:
        unit, station = moves[-1]
        gaps = tuple(
            Gap(group.rule.code, group.place, int(before[number]), group.rule.least)
            for number in helped
            for group in (self.cover.groups[number],)
        )
        shares = [float(np.mean(counts >= self.least)) for counts in (before, after)]
        scored = self.cover.score is not None
        return MoveUp(
            unit, self.cover.counted()[unit][0], station, self.drive_s(moves[-1]), gaps,
            self._sooner_s(helped[0], moves) if helped else None, (shares[0], shares[1]),
            (self.expected(moves[:-1]), self.expected(moves)) if scored else None,
        )  # fmt: skip

    def _sooner_s(self, group: int, moves: tuple[Move, ...]) -> float | None:
        """Return how much sooner the last unit a place asks for is there, by the last of moves."""
        before = self._last_s(group, moves[:-1])
        after = self._last_s(group, moves)
        return before - after if before < math.inf else None

    def _last_s(self, group: int, moves: tuple[Move, ...]) -> float:
        rule, point = self.cover.groups[group].rule, self.cover.groups[group].point
        bound = {unit: node for unit, (_, node) in self.cover.counted().items()}
        bound |= {unit: self.stations[station] for unit, station in moves}
        times = sorted(
            self.cover.times_s(bound[unit])[point]
            for unit, (unit_type, _) in self.cover.counted().items()
            if unit_type in rule.types
        )
        return times[rule.least - 1] if len(times) >= rule.least else math.inf
