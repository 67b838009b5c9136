"""Incidents as columns: what a finding is made from. Places, kinds and times; nothing of a person.

One row is one incident, in the order in which they were opened. ``Calls.gathered`` makes them from
whatever has them: the places of a running centre, a file of records, a test.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
QUARTER_US = 900_000_000
"""No zone changes its clocks within a quarter of an hour of the world's."""


class Spot(NamedTuple):
    """Where a place lies, WGS84 degrees (None where nobody knows), and its area."""

    lon: float | None = None
    lat: float | None = None
    area: str = ""


class Call(NamedTuple):
    """One incident: its place (as ``place_of`` names it), kind, when it was opened (UTC us).

    ``over_us`` is when it was closed, 0 for never yet; ``reports`` how many called about it.
    """

    place: str
    kind: str
    at_us: int
    over_us: int = 0
    reports: int = 1


@dataclass(frozen=True)
class Calls:
    """Columns of the same length, sorted by ``at_us``; ``place`` and ``kind`` index the names."""

    places: tuple[str, ...]
    kinds: tuple[str, ...]
    spots: tuple[Spot, ...]
    place: Ints
    kind: Ints
    at_us: Ints
    over_us: Ints
    reports: Ints
    day: Ints
    zone: ZoneInfo = field(repr=False)
    """``day`` is the day of the town's own calendar, as ``date.toordinal`` counts."""

    def __len__(self) -> int:
        """Return how many incidents there are."""
        return len(self.at_us)

    @classmethod
    def gathered(
        cls, calls: Iterable[Call], zone: ZoneInfo, spots: Mapping[str, Spot] | None = None
    ) -> Calls:
        """Return incidents as columns; those without a place are not for this."""
        rows = [call for call in calls if call.place]
        places = tuple(dict.fromkeys(row.place for row in rows))
        kinds = tuple(dict.fromkeys(row.kind for row in rows))
        of_place, of_kind = (_index(names) for names in (places, kinds))
        known = spots or {}
        return cls.ordered(
            places, kinds, tuple(known.get(place, Spot()) for place in places),
            [of_place[row.place] for row in rows], [of_kind[row.kind] for row in rows],
            [row.at_us for row in rows], [row.over_us for row in rows],
            [row.reports for row in rows], zone,
        )  # fmt: skip

    @classmethod
    def ordered(
        cls, places: tuple[str, ...], kinds: tuple[str, ...], spots: tuple[Spot, ...],
        place: npt.ArrayLike, kind: npt.ArrayLike, at_us: npt.ArrayLike, over_us: npt.ArrayLike,
        reports: npt.ArrayLike, zone: ZoneInfo,
    ) -> Calls:  # fmt: skip
        """Return columns in the order of their times; the same time keeps the order given."""
        at = np.asarray(at_us, np.int64)
        order = np.argsort(at, kind="stable")
        at = at[order]
        places_, kinds_, over, calls = (
            np.asarray(one, np.int64)[order] for one in (place, kind, over_us, reports)
        )
        return cls(places, kinds, spots, places_, kinds_, at, over, calls, days_of(at, zone), zone)

    def until(self, now_us: int) -> Calls:
        """Return the incidents up to a moment, as they stood then."""
        count = int(np.searchsorted(self.at_us, now_us, side="right"))
        if count == len(self) and not np.any(self.over_us > now_us):
            return self
        over = self.over_us[:count]
        return Calls(
            self.places, self.kinds, self.spots, self.place[:count], self.kind[:count],
            self.at_us[:count], np.where(over > now_us, 0, over), self.reports[:count],
            self.day[:count], self.zone,
        )  # fmt: skip

    def taken(self, chosen: npt.NDArray[np.bool_]) -> Calls:
        """Return some of the incidents."""
        return Calls(
            self.places, self.kinds, self.spots, self.place[chosen], self.kind[chosen],
            self.at_us[chosen], self.over_us[chosen], self.reports[chosen], self.day[chosen],
            self.zone,
        )  # fmt: skip


def day_of(at_us: int, zone: ZoneInfo) -> int:
    """Return the day of a town's calendar on which a moment lies, as ``toordinal`` counts."""
    return _day(at_us // QUARTER_US, zone)


def days_of(at_us: Ints, zone: ZoneInfo) -> Ints:
    """Return the day of the calendar of each moment."""
    quarters, where = np.unique(at_us // QUARTER_US, return_inverse=True)
    days = [_day(quarter, zone) for quarter in quarters.tolist()]
    return np.asarray(days, np.int64)[where.reshape(-1)] if days else np.zeros(0, np.int64)


@functools.lru_cache(maxsize=65_536)
def _day(quarter: int, zone: ZoneInfo) -> int:
    seconds = quarter * (QUARTER_US // 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).astimezone(zone).toordinal()


def _index(names: Sequence[str]) -> dict[str, int]:
    return {name: at for at, name in enumerate(names)}
