"""What the desk keyed instead of the crew: the mark beside a step, and the share of all steps.

A time that the desk keyed is when the desk heard of it. Where many are, the clocks tell less about
the crews than they seem to; so it is shown, by unit, station and shift, and never by a person.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from answerable.console.front import Front
from answerable.console.language import _
from answerable.console.phrases import Phrases
from answerable.dispatch.report_views import HOUR_US, KEPT_DAYS, Keyed, Reports
from answerable.dispatch.state import PATH
from answerable.dispatch.views import JobLine, UnitLine
from answerable.kernel.event import Event

BY_DESK = _("keyed by the desk")
EVENT_OF = {state: event.__name__ for state, event in PATH}
"""The event that brought a job into its state."""
FEW = 20
"""Below so many steps a share says little; it is shown dim, behind the others."""
BAR = 120
"""The width of the bar of a share."""


def note(event: Event, phrases: Phrases) -> list[dict[str, str]]:
    """Return the words beside an entry of a thread that the desk keyed; [] for any other."""
    if not getattr(event, "by_desk", False):
        return []
    return [{"state": "", "text": phrases.lang(BY_DESK)}]


def of_job(job: JobLine, phrases: Phrases) -> list[str]:
    """Return the mark of a job whose present state the desk keyed."""
    return [phrases.lang(BY_DESK)] if EVENT_OF.get(job.state) in job.by_desk else []


def of_unit(front: Front, unit: UnitLine, phrases: Phrases) -> list[str]:
    """Return the mark of a unit whose present state the desk keyed."""
    line = front.board.line(unit.incident)
    job = line.jobs.get(unit.unit) if line is not None else None
    return of_job(job, phrases) if job is not None else []


# -- shares ----------------------------------------------------------------------------------


def shares(front: Front, phrases: Phrases) -> dict[str, Any]:
    """Return the shares that the desk keyed in the last days: of all, by station, shift and unit.

    An hour counts for the shift in which it begins.
    """
    view: Reports = front.hub.state["reports"]
    units: dict[str, Keyed] = {}
    for day in view.units.values():
        for unit, keyed in day.items():
            _add(units, unit, keyed)
    stations: dict[str, Keyed] = {}
    shifts: dict[str, Keyed] = {shift: [0, 0] for shift in front.town.outcomes.shifts}
    for hour, told in view.stations.items():
        shift = shift_of(front, hour * HOUR_US)
        for station, keyed in told.items():
            _add(stations, station, keyed)
            _add(shifts, shift, keyed)
    return {
        "days": KEPT_DAYS,
        "all": _row("", units.values(), phrases),
        "stations": _rows(stations, phrases),
        "shifts": [_row(_from(name, phrases), [one], phrases) for name, one in shifts.items()],
        "units": _rows(units, phrases),
    }


def shift_of(front: Front, at_us: int) -> str:
    """Return the shift an instant (UTC us) lies in: the hour and minute at which that began."""
    clock, begins = f"{front.town.local(at_us):%H:%M}", sorted(front.town.outcomes.shifts)
    return max((one for one in begins if one <= clock), default=begins[-1])


def _add(table: dict[str, Keyed], name: str, keyed: Keyed) -> None:
    known = table.setdefault(name, [0, 0])
    known[0] += keyed[0]
    known[1] += keyed[1]


def _from(shift: str, phrases: Phrases) -> str:
    return phrases.lang.say(_("from {hour}"), hour=shift)


def _rows(table: dict[str, Keyed], phrases: Phrases) -> list[dict[str, Any]]:
    """Return the rows of a table, the largest share first; those of few steps come last."""
    listed = sorted(
        table, key=lambda name: (table[name][0] < FEW, -table[name][1] / table[name][0], name)
    )
    return [_row(name, [table[name]], phrases) for name in listed]


def _row(name: str, counted: Iterable[Keyed], phrases: Phrases) -> dict[str, Any]:
    told = list(counted)
    steps, by_desk = sum(one[0] for one in told), sum(one[1] for one in told)
    share = by_desk / steps if steps else 0.0
    return {
        "name": name,
        "steps": phrases.lang.number(steps),
        "by_desk": phrases.lang.number(by_desk),
        "share": phrases.lang.percent(share, 0) if steps else "",
        "bar": f"{BAR * share:.1f}",
        "few": steps < FEW,
    }
