"""What each place called about and when, for as long as it takes to know what is usual there.

One fold, ``Places``. An incident that goes on is a small entry under its number; one that is over
is ten bytes at the end of its place's log: the minute it was opened, how many minutes it lasted,
its kind, and how many called about it. So an event costs a look-up, a year of a large town lies in
some megabytes, and a page reads it all as columns at once (``calls_of``).

Bounded: ``KEPT_DAYS`` days, and never more than about ``KEPT_MAX`` incidents, the oldest go first.
Places are blocks, crossings and names (``place_of``), never a door; nothing of a person is in it.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from answerable.dispatch import merge_words as merge
from answerable.dispatch import words as dispatch
from answerable.intake import join_words as join
from answerable.intake import words as intake
from answerable.kernel.event import Row
from answerable.kernel.room import Arms, Fold
from answerable.matters.naming import place_of
from answerable.matters.repeats.calls import Calls, Spot

MINUTE_US = 60_000_000
DAY_MIN = 1_440
KEPT_DAYS = 400
KEPT_MAX = 4_000_000
"""Incidents kept at most (40 MB): 400 days of 10,000 a day, 133 days of 30,000 a day."""
SWEPT_MIN = 7 * DAY_MIN
"""How often what is too old is looked for: that walks through every place."""
LASTED_MAX, REPORTS_MAX, KINDS_MAX = 65_535, 65_535, 65_535
LINE = np.dtype([("at", "<u4"), ("lasted", "<u2"), ("kind", "<u2"), ("reports", "<u2")])
"""One incident that is over: minute opened (since 1970), minutes it lasted, kind, calls."""


class Going(msgspec.Struct):
    """An incident that goes on: where, of what kind, since which minute, and how many called.

    ``merged`` are those that turned out to be the same, as they were.
    """

    place: str
    kind: int
    at: int
    reports: int = 1
    merged: dict[str, Going] = {}


class PlaceLog(msgspec.Struct):
    """A place: where it lies (WGS84 degrees), its area, and its incidents that are over."""

    lon: float | None = None
    lat: float | None = None
    area: str = ""
    log: bytearray = msgspec.field(default_factory=bytearray)


class Places(msgspec.Struct):
    """Incidents by place. ``kinds`` numbers the kinds; times are minutes since 1970 (UTC)."""

    going: dict[str, Going] = {}
    places: dict[str, PlaceLog] = {}
    kinds: dict[str, int] = {}
    kept: int = 0
    from_min: int = 0
    """Nothing opened before this minute is kept."""
    swept_min: int = 0

    def kind(self, kind: str) -> int:
        """Return the number of a kind, a new one for a new kind."""
        number = self.kinds.get(kind)
        if number is None:
            number = self.kinds[kind] = min(len(self.kinds), KINDS_MAX)
        return number


evolve: Arms[Places] = Arms()


@evolve.on(intake.IncidentOpened)
def _opened(view: Places, event: intake.IncidentOpened, row: Row) -> None:
    if place := place_of(event.address):
        at = row.happened_at // MINUTE_US
        view.going[event.incident] = Going(place, view.kind(event.kind), at)
        _lies(view, place, event)


def _lies(view: Places, place: str, event: intake.IncidentOpened | intake.PlaceCorrected) -> None:
    """Remember where a place lies, as it was told last."""
    there = view.places.get(place)
    if there is None:
        there = view.places[place] = PlaceLog()
    if event.lon is not None:
        there.lon, there.lat, there.area = event.lon, event.lat, event.neighborhood


@evolve.on(intake.KindChanged)
def _kind(view: Places, event: intake.KindChanged, row: Row) -> None:
    if going := view.going.get(event.incident):
        going.kind = view.kind(event.kind)


@evolve.on(intake.PlaceCorrected)
def _moved(view: Places, event: intake.PlaceCorrected, row: Row) -> None:
    going, place = view.going.get(event.incident), place_of(event.address)
    if going and place:
        going.place = place
        _lies(view, place, event)


@evolve.on(intake.CallTimeCorrected)
def _time(view: Places, event: intake.CallTimeCorrected, row: Row) -> None:
    going = view.going.get(event.incident)
    if going and event.step == intake.IncidentOpened.__name__:
        going.at = event.now_us // MINUTE_US


@evolve.on(intake.CallAttached)
def _attached(view: Places, event: intake.CallAttached, row: Row) -> None:
    if going := view.going.get(event.incident):
        going.reports += 1


@evolve.on(join.CallDetached)
def _detached(view: Places, event: join.CallDetached, row: Row) -> None:
    if going := view.going.get(event.incident):
        going.reports = max(1, going.reports - 1)


@evolve.on(merge.IncidentMerged)
def _merged(view: Places, event: merge.IncidentMerged, row: Row) -> None:
    """Two incidents are one: its callers reported the one that goes on."""
    going = view.going.pop(event.incident, None)
    into = view.going.get(event.into)
    if going and into:
        into.merged[event.incident] = going
        into.reports += going.reports


@evolve.on(merge.IncidentUnmerged)
def _unmerged(view: Places, event: merge.IncidentUnmerged, row: Row) -> None:
    out_of = view.going.get(event.out_of)
    going = out_of.merged.pop(event.incident, None) if out_of else None
    if out_of and going:
        out_of.reports = max(1, out_of.reports - going.reports)
        view.going[event.incident] = going


@evolve.on(dispatch.IncidentClosed)
def _closed(view: Places, event: dispatch.IncidentClosed, row: Row) -> None:
    """Move an incident to its place's log; closed again after a reopening, it is there already."""
    going = view.going.pop(event.incident, None)
    if going is None:
        return
    over = row.happened_at // MINUTE_US
    there = view.places.get(going.place)
    if there is None:
        there = view.places[going.place] = PlaceLog()
    there.log += (
        going.at.to_bytes(4, "little")
        + min(max(over - going.at, 1), LASTED_MAX).to_bytes(2, "little")
        + going.kind.to_bytes(2, "little")
        + min(going.reports, REPORTS_MAX).to_bytes(2, "little")
    )
    view.kept += 1
    if over - view.swept_min >= SWEPT_MIN or view.kept > KEPT_MAX:
        _sweep(view, over)


def _sweep(view: Places, now_min: int) -> None:
    """Let go of what is too old, and of the oldest weeks where there are too many."""
    view.swept_min = now_min
    view.from_min = max(view.from_min, now_min - KEPT_DAYS * DAY_MIN)
    _cut(view)
    while view.kept > KEPT_MAX and view.from_min < now_min:
        view.from_min += SWEPT_MIN
        _cut(view)


def _cut(view: Places) -> None:
    """Let go of what was opened before ``from_min``, and of places where nothing is left."""
    empty: list[str] = []
    busy = {going.place for going in view.going.values()}
    for name, place in view.places.items():
        lines = np.frombuffer(bytes(place.log), LINE)
        if len(lines) and int(lines["at"].min()) < view.from_min:
            kept = lines[lines["at"] >= view.from_min]
            view.kept -= len(lines) - len(kept)
            place.log = bytearray(kept.tobytes())
        if not place.log and name not in busy:
            empty.append(name)
    for name in empty:
        del view.places[name]


def calls_of(view: Places, zone: ZoneInfo) -> Calls:
    """Return every incident kept as columns, those that go on among them."""
    names = list(view.places)
    at = {name: number for number, name in enumerate(names)}
    logs = [np.frombuffer(bytes(place.log), LINE) for place in view.places.values()]
    over = np.concatenate(logs) if logs else np.zeros(0, LINE)
    place = np.repeat(np.arange(len(names)), [len(log) for log in logs])
    going = [one for one in view.going.values() if one.place in at]
    opened = over["at"].astype(np.int64)
    none = np.zeros(len(going), np.int64)
    return Calls.ordered(
        tuple(names), tuple(view.kinds),
        tuple(Spot(one.lon, one.lat, one.area) for one in view.places.values()),
        np.concatenate([place, np.array([at[one.place] for one in going], np.int64)]),
        np.concatenate([over["kind"], np.array([one.kind for one in going], np.int64)]),
        np.concatenate([opened, np.array([one.at for one in going], np.int64)]) * MINUTE_US,
        np.concatenate([opened + over["lasted"], none]) * MINUTE_US,
        np.concatenate([over["reports"], np.array([o.reports for o in going], np.int64)]),
        zone,
    )  # fmt: skip


PLACES: Fold[Places] = Fold(name="places", state=Places, arms=evolve)
