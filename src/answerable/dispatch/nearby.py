"""Which incidents a call may be about: near its place, like its kind, not long ago; and why.

A grid of squares over the town holds where every open and recent incident is, kept in step with the
record; what an incident is now is read from the board. So an ask looks at the few of its
surroundings and not at all of them. The order is that of trying every incident (``among``).
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from answerable.dispatch.views import Board, IncidentLine
from answerable.kernel.event import Recorded
from answerable.place.snap import Plane
from answerable.towns.model import Town

US = 1_000_000
RADIUS_M = 600.0
"""No farther: within it the callers of one event are, who say where they stand themselves."""
HALF_M = 150.0
"""At this distance nearness counts half: about a block and a half."""
HALF_US = 30 * 60 * US
"""At this age of an incident newness counts half."""
RECENT_US = 4 * 3600 * US
"""What is over is thought of for so long after it was opened."""
OVER = 0.4
"""What an incident that is over counts beside an open one."""
SAME, AKIN, UNKNOWN, OTHER = 1.0, 0.55, 0.7, 0.25
"""How like two kinds are: the same; of one service; one not told yet; of different services."""
SPARE = 64
"""Places that may be kept of incidents that are over beside those of the board."""


class Because(NamedTuple):
    """One reason, for words: what it is and its figure: metres, minutes, or 0 where it has none."""

    code: str
    figure: int = 0


class Candidate(NamedTuple):
    """An incident that a call may be about. ``score`` is between 0 and 1; times UTC us."""

    incident: str
    kind: str
    address: str
    distance_m: float
    opened_us: int
    state: str
    score: float
    because: tuple[Because, ...]


class Asked(NamedTuple):
    """What is known of a call: its kind ("" for none yet), its place in the plane, the time."""

    kind: str
    x_m: float
    y_m: float
    now_us: int


class Scored(NamedTuple):
    """How well an incident fits, the best first when sorted; ``line`` is the one that lies there.

    ``meant`` goes on for it where it was merged, and is the incident itself where it was not.
    """

    against: float
    incident: str
    distance_m: float
    line: IncidentLine
    meant: IncidentLine


class Likeness:
    """Compares a call with an incident: how near, how like, how new. Pure."""

    def __init__(self, town: Town) -> None:
        self.plane = Plane(*town.file.centre)
        self._service = {kind.code: kind.discipline for kind in town.file.kinds}

    def kinds(self, one: str, other: str) -> tuple[float, str]:
        """Return how like two kinds are, and that in a word."""
        if not one:
            return UNKNOWN, ""
        if one == other:
            return SAME, "same kind"
        mine, theirs = self._service.get(one, ""), self._service.get(other, "")
        return (AKIN, "same service") if mine and mine == theirs else (OTHER, "another kind")

    def scored(
        self, asked: Asked, line: IncidentLine, meant: IncidentLine, distance_m: float
    ) -> Scored | None:
        """Return how an incident fits a call, None where it lies too far away or too long ago."""
        if distance_m > RADIUS_M or too_old(line, asked.now_us):
            return None
        age_us = max(0, asked.now_us - line.opened_us)
        score = self.kinds(asked.kind, line.kind)[0] / (
            (1 + (distance_m / HALF_M) ** 2) * (1 + age_us / HALF_US)
        )
        if meant.state != "open":
            score *= OVER
        return Scored(-score, meant.incident, distance_m, line, meant)

    def candidate(self, asked: Asked, one: Scored) -> Candidate:
        """Return an incident that fits as a person sees it, with the reasons."""
        line, meant = one.line, one.meant
        _, word = self.kinds(asked.kind, line.kind)
        because = (
            Because("metres away", round(one.distance_m)),
            *((Because(word),) if word else ()),
            Because("minutes ago", max(0, asked.now_us - line.opened_us) // (60 * US)),
            *(() if meant is line else (Because("merged into it"),)),
            *(() if meant.state == "open" else (Because(meant.state),)),
        )
        return Candidate(
            meant.incident, meant.kind, meant.address, one.distance_m, line.opened_us, meant.state,
            -one.against, because,
        )  # fmt: skip


def too_old(line: IncidentLine, now_us: int) -> bool:
    """Say whether an incident is over, and was opened too long ago to be thought of."""
    return line.state != "open" and now_us - line.opened_us > RECENT_US


Find = Callable[[str], IncidentLine | None]
"""Gives an incident by its number, None where the board does not have it."""


def goes_on(line: IncidentLine, find: Find) -> IncidentLine | None:
    """Return the incident that goes on for a merged one, itself where it was not merged."""
    found: IncidentLine | None = line
    while found is not None and found.state == "merged":
        found = find(found.into)
    return found


def likeliest(scored: Iterable[Scored | None], most: int) -> list[Scored]:
    """Return the best, each incident once; of two alike the one with the lower number first.

    Only so many are held at a time: thousands at one place are passed over as they come.
    """
    found: dict[str, Scored] = {}
    bar = math.inf
    for one in scored:
        if one is None or one.against > bar:
            continue
        known = found.get(one.incident)
        if known is None or _rank(one) < _rank(known):
            found[one.incident] = one
        if len(found) > most:
            del found[max(found.values(), key=_rank).incident]
        if len(found) == most:
            bar = max(kept.against for kept in found.values())
    return sorted(found.values(), key=_rank)


def _rank(one: Scored) -> tuple[float, str, float, str]:
    return one.against, one.incident, one.distance_m, one.line.incident


def among(
    lines: Iterable[IncidentLine], find: Find, likeness: Likeness, asked: Asked, most: int
) -> list[Candidate]:
    """Return the likeliest by trying and sorting every incident: what the grid must give, too."""
    scored: list[Scored | None] = []
    for line in lines:
        meant = goes_on(line, find)
        if line.lon is not None and line.lat is not None and meant is not None:
            x_m, y_m = likeness.plane.xy(line.lon, line.lat)
            distance_m = math.hypot(x_m - asked.x_m, y_m - asked.y_m)
            scored.append(likeness.scored(asked, line, meant, distance_m))
    best: dict[str, Scored] = {}
    for one in sorted((one for one in scored if one is not None), key=_rank):
        best.setdefault(one.incident, one)
    return [likeness.candidate(asked, one) for one in [*best.values()][:most]]


Square = tuple[int, int]
Spot = tuple[float, float]


class Nearby:
    """Where the open and recent incidents of a centre are. Derived, never saved."""

    def __init__(self, board: Board, town: Town) -> None:
        self.likeness = Likeness(town)
        self.follow(board)

    def follow(self, board: Board) -> None:
        """Take up a board afresh: at start, and when the hub has rebuilt its state."""
        self.board = board
        self._spot: OrderedDict[str, Spot] = OrderedDict()
        self._there: dict[Square, dict[str, Spot]] = {}
        for lines in (board.closed, board.incidents):
            for line in lines.values():
                self._put(line)

    def __len__(self) -> int:
        """Return how many places are kept."""
        return len(self._spot)

    def committed(self, recorded: Sequence[Recorded]) -> None:
        """Take up what has been recorded."""
        for name in {getattr(one.event, "incident", "") for one in recorded} - {""}:
            if (line := self.board.line(name)) is not None:
                self._put(line)
        for name in self._oldest(2 * len(recorded)):
            self._look(name)

    def like(
        self, kind: str, lon: float, lat: float, now_us: int, most: int = 5
    ) -> list[Candidate]:
        """Return the incidents a call of a kind ("" for unknown) at a place may be about.

        Degrees WGS84, UTC microseconds. The likeliest first, each with the reasons.
        """
        asked = Asked(kind, *self.likeness.plane.xy(lon, lat), now_us)
        likeness = self.likeness
        found = likeliest(self._scored(asked), most)
        return [likeness.candidate(asked, one) for one in found]

    def _scored(self, asked: Asked) -> Iterator[Scored | None]:
        """Yield how the incidents fit that lie in the squares which the radius touches."""
        find, scored = self.board.line, self.likeness.scored
        east, north = _square_of((asked.x_m, asked.y_m))
        for square in ((east + e, north + n) for e in (-1, 0, 1) for n in (-1, 0, 1)):
            for name, (x_m, y_m) in self._there.get(square, _NOBODY).items():
                distance_m = math.hypot(x_m - asked.x_m, y_m - asked.y_m)
                if distance_m > RADIUS_M or (line := find(name)) is None:
                    continue
                if (meant := goes_on(line, find)) is not None:
                    yield scored(asked, line, meant, distance_m)

    def _put(self, line: IncidentLine) -> None:
        """Put an incident where it is now; one without a place is nowhere."""
        name, spot = line.incident, None
        if line.lon is not None and line.lat is not None:
            spot = self.likeness.plane.xy(line.lon, line.lat)
        if spot == self._spot.get(name):
            return
        self._drop(name)
        if spot is not None:
            self._spot[name] = spot
            self._there.setdefault(_square_of(spot), {})[name] = spot

    def _drop(self, name: str) -> None:
        spot = self._spot.pop(name, None)
        if spot is not None:
            square = _square_of(spot)
            del self._there[square][name]
            if not self._there[square]:
                del self._there[square]

    def _oldest(self, count: int) -> list[str]:
        """Return the places looked at longest ago, where more are kept than the board has."""
        spare = len(self._spot) - len(self.board.incidents) - len(self.board.closed) - SPARE
        return list(islice(self._spot, min(count, max(0, spare))))

    def _look(self, name: str) -> None:
        """Forget the place of an incident that the board no longer has; else look again later."""
        if self.board.line(name) is None:
            self._drop(name)
        else:
            self._spot.move_to_end(name)


_NOBODY: dict[str, Spot] = {}


def _square_of(spot: Spot) -> Square:
    return math.floor(spot[0] / RADIUS_M), math.floor(spot[1] / RADIUS_M)
