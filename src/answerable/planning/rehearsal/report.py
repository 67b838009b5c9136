"""What two ways of sending came to: by incident, by area, by kind, and as a whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import msgspec
import numpy as np

from answerable.planning.rehearsal.past import US, Answer, Day, Past, Played
from answerable.towns.sending import Sending

REST_OVERRIDDEN = "rest overridden"


class Side(msgspec.Struct, frozen=True):
    """What one way of sending came to. Times are seconds, None where there are none.

    ``first`` is when the first unit would have been there, ``last`` when everybody the card asks
    for would have been, counted from the opening; 50 and 90 are percentiles (interpolated).
    ``missing`` are units lacking at the opening, ``never`` those that lacked to the end.
    """

    units: int
    first_50_s: float | None
    first_90_s: float | None
    last_50_s: float | None
    last_90_s: float | None
    short: int
    missing: int
    never: int
    rest_overridden: int
    cover_broken: int


class Cell(msgspec.Struct, frozen=True):
    """Incidents of one area or kind, before and after; ``changed`` had other units sent."""

    name: str
    incidents: int
    changed: int
    before: Side
    after: Side


class Line(msgspec.Struct, frozen=True):
    """One incident: who really went, who would have gone before, and who after."""

    incident: str
    opened_us: int
    kind: str
    priority: str
    area: str
    card_before: str
    card_after: str
    recorded: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]
    first_before_s: float | None
    first_after_s: float | None
    missing_before: int
    missing_after: int
    why: dict[str, str] = {}


class Broken(msgspec.Struct, frozen=True):
    """How long a place had too few units, minutes, before and after."""

    place: str
    before_min: float
    after_min: float


class Comparison(msgspec.Struct, frozen=True):
    """What ``answerable rules try`` found out.

    ``broken`` is counted by the rules of cover of ``counted_by``; ``any_broken_min`` are minutes in
    which at least one place had too few units, of ``span_min`` that were watched, and
    ``broken_min`` the minutes of all places together.
    """

    incidents: int
    from_us: int
    until_us: int
    units: int
    whole: Cell
    by_area: tuple[Cell, ...]
    by_kind: tuple[Cell, ...]
    counted_by: str
    span_min: float
    any_broken_min: tuple[float, float]
    broken_min: tuple[float, float]
    broken: tuple[Broken, ...]
    lines: tuple[Line, ...]

    @property
    def changed(self) -> list[Line]:
        """Return the incidents to which other units would have gone."""
        return [line for line in self.lines if set(line.before) != set(line.after)]


Both = tuple[Past, Answer, Answer]


def compare(day: Day, before: Played, after: Played, counted_by: str) -> Comparison:
    """Return what changed between two ways a day was played."""
    rows = list(zip(day.incidents, before.answers, after.answers, strict=True))
    times = [past.opened_us for past in day.incidents]
    minutes = 60 * US
    return Comparison(
        incidents=len(rows),
        from_us=min(times, default=0),
        until_us=max(times, default=0),
        units=len({shift.unit for shift in day.shifts}),
        whole=_cell("", rows),
        by_area=_cells(rows, lambda past: past.neighborhood),
        by_kind=_cells(rows, lambda past: past.kind),
        counted_by=counted_by,
        span_min=round(before.span_us / minutes, 1),
        any_broken_min=(
            round(before.any_broken_us / minutes, 1), round(after.any_broken_us / minutes, 1),
        ),
        broken_min=(
            round(sum(before.broken_us.values()) / minutes, 1),
            round(sum(after.broken_us.values()) / minutes, 1),
        ),
        broken=tuple(
            Broken(
                place,
                round(before.broken_us.get(place, 0) / minutes, 1),
                round(after.broken_us.get(place, 0) / minutes, 1),
            )
            for place in sorted({*before.broken_us, *after.broken_us})
        ),
        lines=tuple(_line(*row) for row in rows),
    )  # fmt: skip


def watched_by(before: Sending, after: Sending) -> tuple[Sending, str]:
    """Return whose rules of cover both ways are counted by: the new ones, else the old ones."""
    if after.cover:
        return after, "the rules that are tried"
    return before, "the rules as they are" if before.cover else ""


def _cells(rows: list[Both], key: Callable[[Past], str]) -> tuple[Cell, ...]:
    """Return the cells of a way to part incidents, the largest first."""
    parts: dict[str, list[Both]] = {}
    for row in rows:
        parts.setdefault(key(row[0]), []).append(row)
    cells = [_cell(name, part) for name, part in parts.items()]
    return tuple(sorted(cells, key=lambda cell: (-cell.incidents, cell.name)))


def _cell(name: str, rows: list[Both]) -> Cell:
    changed = sum(1 for _, was, now in rows if set(was.units) != set(now.units))
    return Cell(
        name, len(rows), changed, side([was for _, was, _ in rows]), side([now for *_, now in rows])
    )


def side(answers: Sequence[Answer]) -> Side:
    """Return what some answers come to."""
    first = percentiles(answer.first_s() for answer in answers)
    last = percentiles(answer.last_s() for answer in answers)
    went = [one for answer in answers for one in answer.went]
    return Side(
        units=len(went),
        first_50_s=first[0],
        first_90_s=first[1],
        last_50_s=last[0],
        last_90_s=last[1],
        short=sum(1 for answer in answers if answer.missing),
        missing=sum(answer.missing for answer in answers),
        never=sum(answer.never for answer in answers),
        rest_overridden=sum(one.reason == REST_OVERRIDDEN for one in went),
        cover_broken=sum(one.gaps > 0 for one in went),
    )


def percentiles(values: Iterable[float | None]) -> tuple[float | None, float | None]:
    """Return the median and the 90th percentile (interpolated) of what is known."""
    known = [value for value in values if value is not None]
    if not known:
        return None, None
    middle, most = np.percentile(known, [50, 90]).tolist()
    return round(middle, 1), round(most, 1)


def _line(past: Past, was: Answer, now: Answer) -> Line:
    return Line(
        incident=past.incident,
        opened_us=past.opened_us,
        kind=past.kind,
        priority=past.priority,
        area=past.neighborhood,
        card_before=was.card,
        card_after=now.card,
        recorded=past.sent,
        before=tuple(was.units),
        after=tuple(now.units),
        first_before_s=_rounded(was.first_s()),
        first_after_s=_rounded(now.first_s()),
        missing_before=was.missing,
        missing_after=now.missing,
        why={one.unit: one.reason for one in now.went if one.unit not in was.units},
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
