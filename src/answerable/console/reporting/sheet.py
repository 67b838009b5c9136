"""What the page of field reports shows: whose report is missing, overdue first; what is asked for.

Rows stand under the station of the unit. What is overdue comes first, then what is due soonest; a
report that no clock runs for comes last, the oldest first. The address of the page says which
station and which state it shows.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from urllib.parse import urlencode

from answerable.console.acts import ASKED_BY, Act, Acts
from answerable.console.clocks import shown
from answerable.console.front import Front
from answerable.console.language import _
from answerable.console.phrases import Phrases, may_see, place
from answerable.console.reporting import choice, keyed
from answerable.dispatch import report_words as report
from answerable.dispatch import words as dispatch
from answerable.dispatch.report_views import Asked, Owed, Reports
from answerable.dispatch.views import IncidentLine
from answerable.kernel.event import Mark
from answerable.standards.state import State
from answerable.standards.views import RunningClock

ROWS_MAX = 300
"""Rows on the page, the most urgent; the rest follows as reports come in."""
NEVER = 9_000_000_000_000_000
MISSING, BACK = _("not given yet"), _("sent back")
HERE = "/reports"
STATION_MAX = 64
STATES: tuple[tuple[str, str], ...] = (
    ("", _("all of them")), ("missing", MISSING), ("returned", BACK),
    ("asked", _("reopening asked for")),
)  # fmt: skip
"""What the page may be narrowed to, with the words for each."""


@dataclass(frozen=True)
class Sieve:
    """What the address asks for: one station, one state; "" for all of them."""

    station: str = ""
    state: str = ""

    def href(self, **other: str) -> str:
        """Return the address of this page with something else asked for."""
        one = replace(self, **other)
        told = {"state": one.state, "station": one.station}
        query = urlencode({name: value for name, value in told.items() if value})
        return f"{HERE}?{query}" if query else HERE


def sieve_of(query: dict[str, str]) -> Sieve:
    """Return what an address asks for; what makes no sense is as if it were not there."""
    state = query.get("state", "")
    return Sieve(query.get("station", "")[:STATION_MAX], state if state in dict(STATES) else "")


ALL = Sieve()


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


def sheet(front: Front, phrases: Phrases, role: str, sieve: Sieve = ALL) -> dict[str, Any]:
    """Return all that the page shows to a role, narrowed to what the address asks for."""
    at_all = _dues(front)
    there = [due for due in at_all if sieve.station in ("", due.owed.station)]
    asked = [one for one in _askings(front) if _at(front, one, sieve.station)]
    dues = [due for due in there if sieve.state in ("", state_of(due.owed))]
    now_us = front.now_us()
    acts = front.acts(role, phrases.lang.tag)
    inside = may_see(front.hub.rooms.authority, role)(Mark.INSIDE)
    stations: dict[str, list[dict[str, Any]]] = {}
    for due in dues[:ROWS_MAX]:
        row = _row(front, phrases, due, now_us, inside=inside)
        row["act"] = choice.reminding(acts, due.owed, now_us)
        stations.setdefault(due.owed.station, []).append(row)
    return {
        "count": len(dues),
        "shown": min(len(dues), ROWS_MAX),
        "overdue": sum(1 for due in dues if due.clock and due.clock.due_us <= now_us),
        "stations": [
            {"name": name, "rows": rows, "overdue": sum(1 for row in rows if row["late"])}
            for name, rows in stations.items()
        ],
        "asked": [_asked(front, phrases, acts, one, inside=inside) for one in asked]
        if sieve.state in ("", "asked") else [],
        "keyed": keyed.shares(front, phrases),
        "state": sieve.state,
        "station": sieve.station,
        "here": sieve.href(),
        "all": sieve.href(station=""),
        "sorts": _sorts(sieve, there, len(asked), phrases),
        "of_stations": _stations(sieve, at_all, phrases),
    }  # fmt: skip


def state_of(owed: Owed) -> str:
    """Return the state of a report that is owed, as the address names it."""
    return "returned" if owed.reason else "missing"


def _sorts(sieve: Sieve, there: list[_Due], asked: int, phrases: Phrases) -> list[dict[str, Any]]:
    """Return the states to choose from, each with how many there are at the chosen station."""
    lang = phrases.lang
    counts = Counter(state_of(due.owed) for due in there)
    counts[""], counts["asked"] = len(there) + asked, asked
    return [
        {"href": sieve.href(state=name), "label": lang(words), "on": name == sieve.state,
         "count": lang.number(counts[name])}
        for name, words in STATES
    ]  # fmt: skip


def _stations(sieve: Sieve, dues: list[_Due], phrases: Phrases) -> list[tuple[str, str]]:
    """Return the stations that owe reports, and the one that is asked for, each with how many."""
    counts = Counter(due.owed.station for due in dues)
    names = sorted({*counts, sieve.station} - {""}, key=phrases.lang.key)
    return [(name, phrases.lang.number(counts[name])) for name in names]


def _at(front: Front, one: Asked, station: str) -> bool:
    """Say whether a unit of a station was on an incident that is asked for again."""
    line = front.board.line(one.incident) if station else None
    of = view_of(front).station_of
    return not station or (line is not None and any(of.get(u) == station for u in units_of(line)))


def units_of(line: IncidentLine) -> set[str]:
    """Return the units that were given an incident."""
    return {job.unit for job in line.jobs.values()}


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
        "state": phrases.lang(dict(STATES)[state_of(owed)]),
        "reason": owed.reason if inside else "",
        "since": phrases.clock(owed.since_us),
        "day": phrases.day(owed.since_us),
        "reminded": phrases.clock(owed.reminded_us) if owed.reminded_us else "",
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
