"""The centre's own recent past as a day to be played: what its board still holds.

Nothing of a person is on the board, and so nothing of a person is in a trial. What was laid aside
long ago is not taken up again for it; a record of calls goes further back.
"""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Iterable

import msgspec

from answerable.console.trying.past_calls import STAY_S, chosen, merged
from answerable.dispatch.views import Board, IncidentLine, JobLine
from answerable.planning.rehearsal.past import US, Day, Past, Shift
from answerable.towns.model import Town

BEGIN = ("UnitArrived", "UnitEnRoute", "UnitSent")
END = ("UnitCleared", "UnitCancelled")


def own_day(board: Board, town: Town, days: tuple[str, ...], now_us: int) -> Day:
    """Return the incidents of the board, or those opened on some days (YYYY-MM-DD) of the town.

    Raises NotTried where none is left.
    """
    lines = [*board.closed.values(), *board.incidents.values()]
    pasts = sorted((_past(line) for line in lines), key=lambda one: (one.opened_us, one.incident))
    kept = chosen(pasts, town, days)
    usual = _usual(lines)
    filled = [one if one.other_s else _filled(one, usual) for one in kept]
    first_us, last_us = kept[0].opened_us, kept[-1].opened_us
    shifts = [s for s in _shifts(lines, board, now_us)
              if s.until_us >= first_us and s.from_us <= last_us]  # fmt: skip
    return Day(tuple(filled), tuple(shifts))


def _stay_s(job: JobLine) -> float | None:
    """Return how long a unit was busy from its arrival, seconds; None while it still is."""
    begin = next((job.reached[step] for step in BEGIN if step in job.reached), None)
    end = next((job.reached[step] for step in END if step in job.reached), None)
    return (end - begin) / US if begin is not None and end is not None and end > begin else None


def _past(line: IncidentLine) -> Past:
    stays = _stays([line])
    every = [stay for each in stays.values() for stay in each]
    return Past(
        line.incident, line.kind, line.priority, line.address, line.opened_us, line.lon, line.lat,
        line.neighborhood, line.battalion, line.area_class,
        {kind: statistics.median(each) for kind, each in stays.items()},
        statistics.median(every) if every else 0.0,
        tuple(job.unit for job in line.jobs.values() if "UnitSent" in job.reached),
    )  # fmt: skip


def _stays(lines: Iterable[IncidentLine]) -> dict[str, list[float]]:
    stays: dict[str, list[float]] = defaultdict(list)
    for line in lines:
        for job in line.jobs.values():
            if (stay_s := _stay_s(job)) is not None:
                stays[job.unit_type].append(stay_s)
    return stays


def _usual(lines: list[IncidentLine]) -> tuple[dict[str, float], float]:
    stays = _stays(lines)
    every = [stay for each in stays.values() for stay in each]
    usual = {kind: statistics.median(each) for kind, each in stays.items()}
    return usual, statistics.median(every) if every else STAY_S


def _filled(past: Past, usual: tuple[dict[str, float], float]) -> Past:
    return msgspec.structs.replace(past, busy_s=usual[0], other_s=usual[1])


def _shifts(lines: list[IncidentLine], board: Board, now_us: int) -> list[Shift]:
    """Return who is taken to have been on duty: around jobs, and who is now, since a while."""
    spells: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for line in lines:
        for job in line.jobs.values():
            if (sent_us := job.reached.get("UnitSent")) is not None:
                ends = [job.reached[step] for step in END if step in job.reached]
                spells[job.unit].append((sent_us, max(ends, default=now_us)))
    for name, unit in board.units.items():
        if unit.duty == "on duty":
            spells[name].append((now_us, now_us))
    return [
        Shift(name, known.unit_type, from_us, until_us, known.station, known.skills)
        for name, times in sorted(spells.items())
        if (known := board.units.get(name)) is not None
        for from_us, until_us in merged(times)
    ]
