"""What the page of field reports shows: whose report is missing, overdue first; what is asked for.

Rows stand under the station of the unit. What is overdue comes first, then what is due soonest; a
report that no clock runs for comes last, the oldest first.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from answerable.console.acts import ASKED_BY, Act, Acts
from answerable.console.clocks import shown
from answerable.console.front import Front
from answerable.console.language import _
from answerable.console.phrases import Phrases, may_see, place
from answerable.console.reporting import keyed
from answerable.dispatch import report_words as report
from answerable.dispatch import words as dispatch
from answerable.dispatch.report_views import Asked, Owed, Reports
from answerable.kernel.event import Mark
from answerable.standards.state import State
from answerable.standards.views import RunningClock

ROWS_MAX = 300
"""Rows on the page, the most urgent; the rest follows as reports come in."""
NEVER = 9_000_000_000_000_000
MISSING, BACK = _("not given yet"), _("sent back")


class _Due(NamedTuple):
    """A report that is owed, the clock that runs for it, and where it stands in the list."""

    owed: Owed
    clock: RunningClock | None

    @property
    def rank(self) -> tuple[int, int]:
        """Return where it stands: by when it is due, then by since when it is owed."""
        return (self.clock.due_us if self.clock else NEVER, self.owed.since_us)


def view_of(front: Front) -> Reports:
    """Return the view of field reports."""
    view: Reports = front.hub.state["reports"]
    return view


def sheet(front: Front, phrases: Phrases, role: str) -> dict[str, Any]:
    """Return all that the page shows to a role."""
    dues = _dues(front)
    now_us = front.now_us()
    acts = front.acts(role, phrases.lang.tag)
    inside = may_see(front.hub.rooms.authority, role)(Mark.INSIDE)
    stations: dict[str, list[dict[str, Any]]] = {}
    for due in dues[:ROWS_MAX]:
        row = _row(front, phrases, due, now_us, inside=inside)
        stations.setdefault(due.owed.station, []).append(row)
    return {
        "count": len(dues),
        "shown": min(len(dues), ROWS_MAX),
        "overdue": sum(1 for due in dues if due.clock and due.clock.due_us <= now_us),
        "stations": [
            {"name": name, "rows": rows, "overdue": sum(1 for row in rows if row["late"])}
            for name, rows in stations.items()
        ],
        "asked": [_asked(front, phrases, acts, one, inside=inside) for one in _askings(front)],
        "keyed": keyed.shares(front, phrases),
    }


def _askings(front: Front) -> list[Asked]:
    return sorted(view_of(front).asked.values(), key=lambda one: one.since_us)


def _dues(front: Front) -> list[_Due]:
    """Return every report that is owed with its clock, the most urgent first."""
    standards: State = front.hub.state["standards"]
    kept_by = {
        (work.standard, work.clock.name)
        for work in standards.works()
        if dispatch.FieldReported.tag in work.clock.stops
    }
    clocks: dict[str, list[RunningClock]] = {}
    made = []
    for owed in view_of(front).owed.values():
        running = clocks.get(owed.incident)
        if running is None:
            running = clocks[owed.incident] = front.clocks.of(owed.incident)
        own = (one for one in running if one.unit == owed.unit)
        found = (one for one in own if (one.standard, one.name) in kept_by)
        made.append(_Due(owed, next(found, None)))
    return sorted(made, key=lambda due: due.rank)


def _row(front: Front, phrases: Phrases, due: _Due, now_us: int, *, inside: bool) -> dict[str, Any]:
    owed = due.owed
    line = front.board.line(owed.incident)
    return {
        "unit": owed.unit,
        "incident": owed.incident,
        "kind": phrases.kind(line.kind) if line else "",
        "where": place(line.address) if line else "",
        "over": line is not None and line.state != "open",
        "state": phrases.lang(BACK if owed.reason else MISSING),
        "reason": owed.reason if inside else "",
        "since": phrases.clock(owed.since_us),
        "day": phrases.day(owed.since_us),
        "clock": shown(due.clock, now_us, phrases),
        "late": due.clock is not None and due.clock.due_us <= now_us,
    }


def _asked(
    front: Front, phrases: Phrases, acts: Acts, one: Asked, *, inside: bool
) -> dict[str, Any]:  # fmt: skip
    line = front.board.line(one.incident)
    return {
        "incident": one.incident,
        "kind": phrases.kind(line.kind) if line else "",
        "where": place(line.address) if line else "",
        "since": phrases.clock(one.since_us),
        "reason": one.reason if inside else "",
        "acts": _decisions(acts, one.incident),
    }


def _decisions(acts: Acts, incident: str) -> list[Act]:
    """Return the forms that grant or decline, where the role decides."""
    asked = (ASKED_BY[event] for event in (report.ReopeningGranted, report.ReopeningDeclined))
    fixed = {"incident": incident}
    return [acts.act(command, label, fixed) for command, label in asked if acts.may(command)]
