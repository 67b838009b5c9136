"""A file of call records as incidents by place: what a finding over past calls is made from."""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from answerable.exchange.calls.mapping import Step
from answerable.exchange.calls.rows import SourceFile, SourceRow
from answerable.matters.naming import place_of
from answerable.matters.repeats.calls import Call, Calls, Spot

BEGINS: tuple[Step, ...] = ("rung", "answered", "opened", "sent")
ENDS: tuple[Step, ...] = ("cleared", "at_hospital")


def calls_of(source: SourceFile) -> tuple[Calls, int]:
    """Return the incidents of a record, and how many have no place.

    Rows of one call are one incident: opened at its first time, over when its last unit was free.
    """
    mapping = source.mapping
    at = {step: n for n, stage in enumerate(mapping.stage) for step in stage.steps}
    begins = [at[step] for step in BEGINS if step in at]
    ends = [at[step] for step in ENDS if step in at]
    calls: dict[str, list[SourceRow]] = {}
    for row in source.rows:
        calls.setdefault(row.call, []).append(row)
    found: list[Call] = []
    spots: dict[str, Spot] = {}
    nowhere = 0
    for rows in calls.values():
        place = place_of(rows[0].place)
        if not place:
            nowhere += 1
            continue
        opened = min(_times(rows, begins), default=0)
        over = max(_times(rows, ends), default=0)
        found.append(Call(place, rows[0].kind, opened, over if over > opened else 0))
        lon, lat = rows[0].point or (None, None)
        if place not in spots or spots[place].lon is None:
            spots[place] = Spot(lon, lat, rows[0].area)
    return Calls.gathered(found, ZoneInfo(mapping.source.zone), spots), nowhere


def _times(rows: Iterable[SourceRow], stages: Iterable[int]) -> list[int]:
    stages = tuple(stages)
    return [at for row in rows for stage in stages if (at := row.at[stage]) is not None]
