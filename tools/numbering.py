"""Work out where every block of a town's streets is, from some that are known.

A town whose files hold no house numbers can learn them: past calls say "500 Block of Mission St"
and where that is. What is known of one street also tells about its neighbours. For every street
and junction the number is sought that fits all of this best, each with its weight in `WEIGHTS`:

    known     the middle of a known block of hundred h has the number h + 50
    along     the numbers grow along a street, in the direction of its segments
    even      from block to block at the same pace
    step      between the same two crossing streets, parallel streets gain the same number
    level     at the same crossing street, parallel streets have the same number
    origin    a street begins at 0

These contradict each other; the sum of their squares is made small by conjugate gradients, and
what fits badly is given less weight, seven times over (iteratively reweighted least squares).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from numba import njit

from answerable.place.gazetteer.streets import Street, Streets

Floats = npt.NDArray[np.float64]
Variable = tuple[int, int]
"""A street and a junction of it."""

WEIGHTS = {"even": 0.3, "step": 1.0, "level": 0.02, "along": 0.2, "origin": 0.3, "known": 3.0}
SCALE = {"even": 60.0, "step": 40.0, "level": 60.0, "along": 60.0, "origin": 60.0, "known": 60.0}
POWER = {"even": 0.5, "step": 1.0, "level": 1.5, "along": 0.5, "origin": 1.5, "known": 0.5}
"""How fast a row loses weight when it fits badly (in numbers, beyond SCALE)."""
KINDS = tuple(WEIGHTS)
PER_M = 0.6
"""House numbers to the metre: a hundred to 165 m, about a block."""
NEIGHBOUR_M, NEIGHBOURS, PARALLEL = 700.0, 6, 0.95
STEP_M_MAX = 600.0
ROUNDS, STEPS = 6, 800
ON_STREET_M = 60.0
OFF_NUMBERS = 90.0
"""A hundred whose middle is farther than this from every segment's is not on the street."""
BLOCK_MAX = 99_900


class Known(NamedTuple):
    """A known block: street, hundred, position in degrees."""

    street: int
    hundred: int
    lon: float
    lat: float


class Row(NamedTuple):
    """One wish: a sum of numbers at junctions that should be `value`."""

    terms: tuple[tuple[Variable, float], ...]
    value: float
    kind: str
    weight: float


class Numbering:
    """The wishes of one town that do not depend on what is known; then solved for what is."""

    def __init__(self, streets: Streets) -> None:
        self.streets = streets
        self.roads = streets.roads
        self.of_segment = {s: street.id for street in streets.all for s in street.segments}
        self.at_node: dict[int, list[int]] = defaultdict(list)
        for segment in self.of_segment:
            for node in {*self.ends(segment)}:
                self.at_node[node].append(segment)
        self.length_m = self.roads.segment_length_m
        self.rows = [*self._along(), *self._even(), *self._origins(), *self._neighbours()]
        self.variables: dict[Variable, int] = {}
        for segment, street in self.of_segment.items():
            for node in self.ends(segment):
                self.variables.setdefault((street, node), len(self.variables))
        self.fixed = _arrays(self.rows, self.variables)

    def ends(self, segment: int) -> tuple[int, int]:
        """Return the junctions of a segment, the lower number first."""
        return int(self.roads.segment_begin[segment]), int(self.roads.segment_end[segment])

    def counted(self, street: Street) -> bool:
        """Say whether a street can have numbers: ramps and freeways have none."""
        words = street.name.lower()
        return not ("ramp" in words or words.startswith(("hwy ", "i-", "highway ")))

    # -- what each street wishes -------------------------------------------------------------

    def _along(self) -> Iterator[Row]:
        for segment, street in sorted(self.of_segment.items()):
            length_m = float(self.length_m[segment])
            begin, end = self.ends(segment)
            if length_m > 5 and begin != end:
                yield Row(
                    (((street, end), 1.0), ((street, begin), -1.0)), PER_M * length_m, "along",
                    80 / max(length_m, 30),
                )  # fmt: skip

    def _even(self) -> Iterator[Row]:
        for node, segments in sorted(self.at_node.items()):
            for at, one in enumerate(segments):
                for other in segments[:at]:
                    street = self.of_segment[one]
                    if street != self.of_segment[other] or self._turns(one, other, node):
                        continue
                    per_one, per_other = (80 / max(self.length_m[s], 15) for s in (one, other))
                    a, b = self._far(one, node), self._far(other, node)
                    yield Row(
                        (((street, a), per_one), ((street, node), -per_one - per_other),
                         ((street, b), per_other)), 0.0, "even", 1.0,
                    )  # fmt: skip

    def _far(self, segment: int, node: int) -> int:
        begin, end = self.ends(segment)
        return end if begin == node else begin

    def _leaving(self, segment: int, node: int) -> Floats:
        """Return the direction in which a segment leaves a junction."""
        lon, lat = self.roads.line(segment)
        points = self.streets.plane.points(lon, lat)
        points = points if self.ends(segment)[0] == node else points[::-1]
        step: Floats = points[1] - points[0]
        return step / (math.hypot(*step) + 1e-9)

    def _turns(self, one: int, other: int, node: int) -> bool:
        return float(self._leaving(one, node) @ self._leaving(other, node)) > -0.3

    def _origins(self) -> Iterator[Row]:
        """A street begins at 0: at its segment that the town's records number lowest."""
        for street in self.streets.all:
            if self.counted(street):
                first = min(street.segments, key=lambda s: int(self.roads.segment_id[s]))
                yield Row((((street.id, self.ends(first)[0]), 1.0),), 0.0, "origin", 1.0)

    # -- what neighbours wish ----------------------------------------------------------------

    def _direction(self, street: int, node: int) -> Floats:
        """Return the direction in which a street's numbers grow at a junction."""
        sum_of = np.zeros(2)
        for segment in self.at_node[node]:
            if self.of_segment[segment] == street:
                sign = 1 if self.ends(segment)[0] == node else -1
                sum_of += sign * self._leaving(segment, node)
        unit: Floats = sum_of / (math.hypot(*sum_of) + 1e-9)
        return unit

    def _neighbours(self) -> Iterator[Row]:
        pairs: dict[tuple[int, int], list[tuple[int, int, float, int]]] = defaultdict(list)
        crossed: dict[int, dict[Variable, None]] = defaultdict(dict)
        for node, segments in sorted(self.at_node.items()):
            met = sorted({self.of_segment[s] for s in segments})
            met = [s for s in met if self.counted(self.streets.all[s])]
            for along in met:
                crossed[along].update({(s, node): None for s in met if s != along})
        for points in crossed.values():
            for one, other, apart_m, sign in self._parallel(list(points)):
                pairs[one[0], other[0]].append((one[1], other[1], apart_m, sign))
        for streets, met_at in pairs.items():
            yield from self._pair(*streets, met_at)

    def _parallel(self, points: list[Variable]) -> Iterator[tuple[Variable, Variable, float, int]]:
        """Yield the streets that cross one street near each other in the same direction."""
        at = self.streets.at[[node for _, node in points]]
        ways = np.array([self._direction(*point) for point in points])
        for i, point in enumerate(points):
            apart = np.hypot(*(at - at[i]).T)
            turned = ways @ ways[i]
            near = [
                j
                for j in np.argsort(apart, kind="stable")
                if apart[j] < NEIGHBOUR_M and points[j][0] != point[0] and abs(turned[j]) > PARALLEL
            ]
            for j in near[:NEIGHBOURS]:
                yield point, points[j], float(apart[j]), 1 if turned[j] > 0 else -1

    def _pair(self, one: int, other: int, met: list[tuple[int, int, float, int]]) -> Iterator[Row]:
        sign = 1 if 2 * sum(m[3] > 0 for m in met) >= len(met) else -1
        way = self._direction(one, met[0][0])
        met = sorted(met, key=lambda m: (float(self.streets.at[m[0]] @ way), m))
        for a, b in pairwise(met):
            gain_m = math.dist(self.streets.at[a[0]], self.streets.at[b[0]])
            their_m = math.dist(self.streets.at[a[1]], self.streets.at[b[1]])
            if 1 <= gain_m <= STEP_M_MAX and abs(gain_m - their_m) <= 60 + 0.2 * gain_m:
                yield Row(
                    (((one, b[0]), 1.0), ((one, a[0]), -1.0),
                     ((other, b[1]), -float(sign)), ((other, a[1]), float(sign))),
                    0.0, "step", min(1.0, 200 / max(a[2] + b[2], 60)),
                )  # fmt: skip
        if sign > 0:
            for mine, theirs, apart_m, _ in met:
                yield Row(
                    (((one, mine), 1.0), ((other, theirs), -1.0)), 0.0, "level",
                    min(1.0, 100 / max(apart_m, 30)),
                )  # fmt: skip

    # -- solving -----------------------------------------------------------------------------

    def segment_of(self, street: Street, lon: float, lat: float) -> tuple[float, int, float]:
        """Return how far a position is from a street, its segment, and where along it (0 to 1)."""
        point = shapely.Point(*self.streets.plane.xy(lon, lat))
        lines = self.streets.lines(street.id)
        apart = shapely.distance(lines, point)
        near = int(np.argmin(apart))
        return (
            float(apart[near]), street.segments[near],
            float(lines[near].project(point, normalized=True)),
        )  # fmt: skip

    def solved(self, known: Iterable[Known]) -> dict[Variable, float]:
        """Return the number at every junction of every street."""
        wishes = []
        for one in known:
            apart_m, segment, along = self.segment_of(
                self.streets.all[one.street], one.lon, one.lat
            )
            if apart_m < ON_STREET_M:
                begin, end = self.ends(segment)
                terms = (((one.street, begin), 1 - along), ((one.street, end), along))
                wishes.append(Row(terms, one.hundred + 50.0, "known", 1.0))
        variables = self.variables
        parts = [self.fixed, _arrays(wishes, variables, len(self.rows))] if wishes else [self.fixed]
        row, column, factor, value, weight, kind = (
            np.concatenate(arrays) for arrays in zip(*parts, strict=True)
        )
        numbers = _solve(row, column, factor, value, weight, kind, len(variables))
        return {variable: float(numbers[at]) for variable, at in variables.items()}

    def blocks(self, known: list[Known]) -> Iterator[Known]:
        """Yield every block that was not known, where it was worked out to be."""
        numbers = self.solved(known)
        have = {(one.street, one.hundred) for one in known}
        for street in self.streets.all:
            if not self.counted(street):
                continue
            middles = [
                (sum(numbers.get((street.id, n), math.nan) for n in self.ends(s)) / 2, s)
                for s in street.segments
            ]
            middles = [m for m in middles if not math.isnan(m[0])]
            if not middles:
                continue
            low = max(0, int(min(middles)[0] - OFF_NUMBERS) // 100 * 100)
            high = min(BLOCK_MAX, int(max(middles)[0] + OFF_NUMBERS))
            for hundred in range(low, high + 1, 100):
                if (street.id, hundred) not in have:
                    yield from self._block(street, hundred, middles)

    def _block(
        self, street: Street, hundred: int, middles: list[tuple[float, int]]
    ) -> Iterator[Known]:
        """Yield a block in the middle of the segment whose number is nearest to its middle."""
        off, segment = min(
            (abs(number - hundred - 50) - 0.05 * min(float(self.length_m[s]), 100.0), s)
            for number, s in middles
        )
        if off <= OFF_NUMBERS:
            line = self.streets.lines(street.id)[street.segments.index(segment)]
            middle = line.interpolate(0.5, normalized=True)
            yield Known(street.id, hundred, *self.streets.degrees(middle.x, middle.y))


def _arrays(
    rows: list[Row], variables: dict[Variable, int], first: int = 0
) -> tuple[npt.NDArray[Any], ...]:
    """Return rows as arrays: row, column and factor of each term; value, weight, kind of each."""
    terms = [(at, variables[v], f) for at, row in enumerate(rows, first) for v, f in row.terms]
    row, column, factor = (np.array(part) for part in zip(*terms, strict=True))
    return (
        row, column, factor.astype(np.float64),
        np.array([r.value for r in rows]),
        np.array([r.weight * WEIGHTS[r.kind] for r in rows]),
        np.array([KINDS.index(r.kind) for r in rows]),
    )  # fmt: skip


def _solve(
    row: npt.NDArray[np.int64],
    column: npt.NDArray[np.int64],
    factor: Floats,
    value: Floats,
    weight: Floats,
    kind: npt.NDArray[np.int64],
    count: int,
) -> Floats:
    """Return the numbers that fit best, what fits badly counting less from round to round."""
    scale = np.array([SCALE[name] for name in KINDS])[kind]
    power = np.array([POWER[name] for name in KINDS])[kind]
    numbers, used = np.full(count, 500.0), weight.copy()
    row_start = np.searchsorted(row, np.arange(len(value) + 1)).astype(np.int64)
    order = np.argsort(column, kind="stable")
    column_start = np.searchsorted(column[order], np.arange(count + 1)).astype(np.int64)
    by_row, by_column = (row_start, column, factor), (column_start, row[order], factor[order])
    for _ in range(ROUNDS):
        _fit(by_row, by_column, value, used * used, numbers)
        misfit = (_times(*by_row, numbers) - value) / scale
        used = weight / np.sqrt(1 + misfit**2) ** power
    return numbers


Sparse = tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], Floats]


@njit(fastmath=False)
def _times(start: Any, at: Any, factor: Any, x: Any) -> Any:
    """Multiply a sparse matrix, given by rows, with a vector."""
    out = np.empty(len(start) - 1)
    for i in range(len(out)):
        total = 0.0
        for k in range(start[i], start[i + 1]):
            total += factor[k] * x[at[k]]
        out[i] = total
    return out


def _fit(by_row: Sparse, by_column: Sparse, value: Floats, square: Floats, numbers: Floats) -> None:
    """Move `numbers` to the least sum of weighted squares (conjugate gradients, Jacobi scaled)."""
    start, at, factor = by_column
    steepness = _times(start, at, factor**2, square) + 1e-7
    rest = _times(*by_column, square * (value - _times(*by_row, numbers)))
    way = rest / steepness
    size = float(rest @ way)
    for _ in range(STEPS):
        pushed = _times(*by_column, square * _times(*by_row, way)) + 1e-7 * way
        step = size / float(way @ pushed)
        numbers += step * way
        rest -= step * pushed
        scaled = rest / steepness
        new = float(rest @ scaled)
        if new < 1e-3:
            return
        way, size = scaled + new / size * way, new
