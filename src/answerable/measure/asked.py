"""How callers were asked and what they said, added up as it is recorded: by week, unit, area, kind.

One fold, ``Asked``. What one caller adds stands in a vector of counts; an event takes the old
vector away and adds the new one, so that every cell is always the sum over its callers, also after
a slip was taken back or an incident was opened again. Weeks are the town's, from Monday on. A unit
has the callers of every incident it arrived at; where none arrived, those sent have them. Whoever
called about an incident that was merged counts with what it is part of in the end: under its units,
its area and its kind, whether they were asked or barred.

Nobody is in it: no caller, no number, no word, and nobody who asked. Weeks beyond ``WEEKS`` are
forgotten, and so is who adds what, once nothing can change any more.
"""

from __future__ import annotations

import datetime
import functools
from collections.abc import Iterator
from itertools import islice

import msgspec

from answerable.dispatch import merge_words as merge
from answerable.dispatch import words as d
from answerable.followup import back_words as b
from answerable.intake import words as i
from answerable.kernel.event import Row
from answerable.kernel.room import Arms, Fold

WEEKS = 60
"""Weeks that are kept."""
OVER_KEPT = 5_000
"""Incidents that are over and of which it is still known who was there."""
SETTLED_US = 14 * 86_400_000_000
"""So long after it ended a call-back may still turn out otherwise."""
CALLERS, BARRED, REACHED, ANSWERED, DECLINED, UNREACHABLE, TRIES, WANTS, MARKS = range(9)
"""Places in a vector; from ``MARKS`` on there are three for each question."""
GIVEN, SATISFIED, UNHAPPY = range(3)
"""Of one question: how many answered it, with 4 or 5, with 1 or 2."""
LENGTH = MARKS + 3 * len(b.QUESTIONS)
SATISFIED_MIN, UNHAPPY_MAX = 4, 2
ALL = "all"
SORTS = ("unit", "area", "kind")
"""By what the figures can be asked for, besides all together and by week."""

Vector = list[int]


def place_of(question: str, which: int) -> int:
    """Return where a count of a question stands in a vector."""
    return MARKS + 3 * b.QUESTIONS.index(question) + which


class Where(msgspec.Struct, array_like=True, gc=False):
    """Where an incident is, which units were sent to it and arrived, and of what kind it is."""

    area: str = ""
    sent: tuple[str, ...] = ()
    arrived: tuple[str, ...] = ()
    kind: str = ""


class One(msgspec.Struct, array_like=True, gc=False):
    """What is counted of one caller. ``end`` is "", or how the asking ended; marks 0 are none."""

    week: str
    incident: str
    kind: str
    area: str
    units: tuple[str, ...]
    end: str = ""
    reason: str = ""
    way: str = ""
    tries: int = 0
    wants: bool = False
    marks: tuple[int, ...] = ()


class Asked(msgspec.Struct):
    """The cells: by week, then by sort and name. The rest is what they are added up from."""

    weeks: dict[str, dict[str, Vector]] = {}
    ones: dict[str, One] = {}
    settled: dict[str, int] = {}
    """Calls whose asking ended, the earliest first, with when (UTC us)."""
    where: dict[str, Where] = {}
    over: dict[str, None] = {}
    """Incidents that are over, closed or merged, the earliest first."""

    def bucket(self, day: str) -> str:
        """Return under which name what counts on a day of the town is added up: its week's."""
        return week_of(day)

    def keeps(self, bucket: str) -> bool:
        """Say whether anything of a bucket is wanted."""
        return True

    def most(self) -> int:
        """Return how many buckets are kept, the newest."""
        return WEEKS


ENDED = {"barred": BARRED, "answered": ANSWERED, "declined": DECLINED, "unreachable": UNREACHABLE}


def added_by(one: One) -> list[tuple[int, int]]:
    """Return what one caller adds to each cell: places in its vector, and how much there."""
    made = [(CALLERS, 1)]
    if one.tries:
        made.append((TRIES, one.tries))
    if one.end:
        made.append((ENDED[one.end], 1))
    if one.end in ("answered", "declined"):
        made.append((REACHED, 1))
    if one.wants:
        made.append((WANTS, 1))
    for nth, mark in enumerate(one.marks):
        at = MARKS + 3 * nth
        if mark > 0:
            made.append((at + GIVEN, 1))
        if mark >= SATISFIED_MIN:
            made.append((at + SATISFIED, 1))
        if 0 < mark <= UNHAPPY_MAX:
            made.append((at + UNHAPPY, 1))
    return made


def cells_of(one: One) -> Iterator[str]:
    """Yield the cells that a caller counts in."""
    yield ALL
    yield f"area\t{one.area}"
    yield f"kind\t{one.kind}"
    for unit in one.units:
        yield f"unit\t{unit}"
    if one.end == "barred":
        yield f"barred\t{one.reason}"
    if one.end == "answered":
        yield f"way\t{one.way}"


@functools.lru_cache(maxsize=64)
def week_of(day: str) -> str:
    """Return the Monday of a day's week: 2020-04-02 becomes 2020-03-30."""
    found = datetime.date.fromisoformat(day)
    return (found - datetime.timedelta(days=found.weekday())).isoformat()


evolve: Arms[Asked] = Arms()


def _count(asked: Asked, one: One, sign: int) -> None:
    """Add a caller to their cells, or take them away again."""
    week = asked.weeks.get(one.week)
    if week is None:
        if sign < 0 or not asked.keeps(one.week):
            return  # the week is forgotten, and with it what this caller added; or never wanted
        week = asked.weeks[one.week] = {}
        _forget_weeks(asked)
    added = added_by(one)
    for name in cells_of(one):
        cell = week.get(name)
        if cell is None:
            cell = week[name] = [0] * LENGTH
        for at, count in added:
            cell[at] += sign * count


def _forget_weeks(asked: Asked) -> None:
    for old in sorted(asked.weeks)[: max(0, len(asked.weeks) - asked.most())]:
        del asked.weeks[old]


def _becomes(asked: Asked, call: str, one: One | None, row: Row) -> None:
    """Have a caller count as ``one`` from now on, and no more as before; None: not at all."""
    before = asked.ones.pop(call, None)
    if before is not None:
        _count(asked, before, -1)
    asked.settled.pop(call, None)
    if one is None:
        return
    asked.ones[call] = one
    _count(asked, one, 1)
    if one.end:
        asked.settled[call] = row.recorded_at
    _forget_settled(asked, row.recorded_at)


def _forget_settled(asked: Asked, now_us: int) -> None:
    """Let go of callers of whom nothing changes any more; at most two at a time, as they come."""
    for call in [c for c, at in islice(asked.settled.items(), 2) if at < now_us - SETTLED_US]:
        del asked.settled[call], asked.ones[call]


def _changed(asked: Asked, event: b.BackEvent, row: Row, **fields: object) -> None:
    """Change what is counted of a caller; one who is not known any more stays as they were."""
    one = asked.ones.get(event.call)
    if one is not None:
        _becomes(asked, event.call, msgspec.structs.replace(one, **fields), row)


# -- where it was, and who was there ----------------------------------------------------------


def _where(asked: Asked, incident: str) -> Where:
    found = asked.where.get(incident)
    if found is None:
        found = asked.where[incident] = Where()
    return found


@evolve.on(i.IncidentOpened)
def _opened(asked: Asked, event: i.IncidentOpened, row: Row) -> None:
    asked.where[event.incident] = Where(event.neighborhood, kind=event.kind)


@evolve.on(i.PlaceCorrected)
def _placed(asked: Asked, event: i.PlaceCorrected, row: Row) -> None:
    if (at := asked.where.get(event.incident)) is not None:
        at.area = event.neighborhood


@evolve.on(i.KindChanged)
def _kind_changed(asked: Asked, event: i.KindChanged, row: Row) -> None:
    if (at := asked.where.get(event.incident)) is not None:
        at.kind = event.kind


@evolve.on(d.UnitSent)
def _sent(asked: Asked, event: d.UnitSent, row: Row) -> None:
    at = _where(asked, event.incident)
    if event.unit not in at.sent:
        at.sent = (*at.sent, event.unit)


@evolve.on(d.UnitArrived)
def _arrived(asked: Asked, event: d.UnitArrived, row: Row) -> None:
    at = _where(asked, event.incident)
    if event.unit not in at.arrived:
        at.arrived = (*at.arrived, event.unit)


def _ended(asked: Asked, incident: str) -> None:
    """Keep where an ended incident was until ``OVER_KEPT`` others have ended after it."""
    asked.over.pop(incident, None)
    asked.over[incident] = None
    while len(asked.over) > OVER_KEPT:
        oldest = next(iter(asked.over))
        del asked.over[oldest]
        asked.where.pop(oldest, None)


@evolve.on(d.IncidentClosed)
def _closed(asked: Asked, event: d.IncidentClosed, row: Row) -> None:
    _ended(asked, event.incident)


@evolve.on(merge.IncidentMerged)
def _merged(asked: Asked, event: merge.IncidentMerged, row: Row) -> None:
    _ended(asked, event.incident)


@evolve.on(d.IncidentReopened)
def _reopened(asked: Asked, event: d.IncidentReopened, row: Row) -> None:
    asked.over.pop(event.incident, None)
    _where(asked, event.incident)


@evolve.on(merge.IncidentUnmerged)
def _unmerged(asked: Asked, event: merge.IncidentUnmerged, row: Row) -> None:
    asked.over.pop(event.incident, None)
    _where(asked, event.incident)


# -- what became of asking --------------------------------------------------------------------


def _one(asked: Asked, event: b.CallBackDue | b.CallBackBarred) -> One:
    at = asked.where.get(event.into or event.incident) or Where()
    units, kind = at.arrived or at.sent, at.kind if event.into else ""
    return One(asked.bucket(event.day), event.incident, kind or event.kind, at.area, units)


@evolve.on(b.CallBackDue)
def _due(asked: Asked, event: b.CallBackDue, row: Row) -> None:
    one = _one(asked, event)
    one.tries = event.tries
    _becomes(asked, event.call, one, row)


@evolve.on(b.CallBackBarred)
def _barred(asked: Asked, event: b.CallBackBarred, row: Row) -> None:
    one, before = _one(asked, event), asked.ones.get(event.call)
    one.end, one.reason = "barred", event.reason
    one.tries = before.tries if before else 0
    _becomes(asked, event.call, one, row)


@evolve.on(b.CallBackHeld, b.CallBackAllowed)
def _held(asked: Asked, event: b.BackEvent, row: Row) -> None:
    """Count nothing of whoever is not asked now; they come again when they are due."""
    _becomes(asked, event.call, None, row)


@evolve.on(b.CallBackTried)
def _tried(asked: Asked, event: b.CallBackTried, row: Row) -> None:
    _changed(asked, event, row, tries=event.attempt)


@evolve.on(b.CallBackAnswered)
def _answered(asked: Asked, event: b.CallBackAnswered, row: Row) -> None:
    one = asked.ones.get(event.call)
    _changed(
        asked, event, row, end="answered", wants=event.wants, way=event.way,
        marks=tuple(getattr(event, question) for question in b.QUESTIONS),
        tries=max(one.tries if one else 0, event.attempt),
    )  # fmt: skip


@evolve.on(b.CallBackDeclined)
def _declined(asked: Asked, event: b.CallBackDeclined, row: Row) -> None:
    _changed(asked, event, row, end="declined")


@evolve.on(b.CallBackUnreachable)
def _unreachable(asked: Asked, event: b.CallBackUnreachable, row: Row) -> None:
    _changed(asked, event, row, end="unreachable")


@evolve.on(b.CallBackTakenBack)
def _taken_back(asked: Asked, event: b.CallBackTakenBack, row: Row) -> None:
    one = asked.ones.get(event.call)
    tries = max(0, one.tries - 1) if one else 0
    _changed(asked, event, row, end="", marks=(), wants=False, way="", tries=tries)


ASKED: Fold[Asked] = Fold(name="asked", state=Asked, arms=evolve)
