"""What a crew sees: its unit, the job it is on, the next steps, and what is known of the place.

Nothing is decided here: the steps that may be taken come from STEPS and the table of rights, and
that it is the crew's own unit is seen to by the hub.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from answerable.console.acts import ASKED_BY, Act, Acts
from answerable.console.board import STATES
from answerable.console.clocks import shown as shown_clock
from answerable.console.front import Front
from answerable.console.language import _
from answerable.console.phrases import Phrases, may_see, place
from answerable.console.reading import masked
from answerable.console.reporting import choice
from answerable.console.thread import rows_of
from answerable.dispatch import words as w
from answerable.dispatch.report_views import Reports, name_of
from answerable.dispatch.state import UNDER_WAY
from answerable.dispatch.views import IncidentLine, JobLine, UnitLine
from answerable.kernel.authority import Actor
from answerable.kernel.event import Event

STEPS: tuple[tuple[type[Event], str], ...] = (
    (w.UnitAcknowledged, _("Signed for")), (w.UnitEnRoute, _("En route")),
    (w.UnitArrived, _("Arrived")),
)  # fmt: skip
"""The three large buttons that are steps; the fourth holds the report and the end."""
FURTHER: tuple[type[Event], ...] = (w.UnitTransporting, w.UnitAtHospital)
ENDS: tuple[type[Event], ...] = (w.FieldReported, w.UnitCleared)
TOLD_MAX = 6
"""Sentences of the thread, the newest first."""
CHANNEL = "crew"


def units_for(front: Front, actor: Actor, account: str) -> list[str]:
    """Return the units that may be chosen: those given to the account, at a demo's desk any."""
    if account:
        known = front.door.state.accounts.get(account)
        return list(known.units) if known else []
    return sorted(name for name, unit in front.board.units.items() if unit.duty != "off duty")


def job_of(front: Front, unit: str) -> tuple[IncidentLine, JobLine] | None:
    """Return the job a unit shows: the first under way, else the first that waits for it."""
    known = front.board.units.get(unit)
    incident = (known.incident or next(iter(known.jobs), "")) if known else ""
    line = front.board.line(incident) if incident else None
    job = line.jobs.get(unit) if line is not None else None
    return (line, job) if line is not None and job is not None else None


def concerned(front: Front, unit: str, units: Collection[str], incidents: Collection[str]) -> bool:
    """Say whether a crew's page changes with some units and incidents."""
    if unit in units:
        return True
    known = front.board.units.get(unit)
    return known is not None and any(incident in incidents for incident in known.jobs)


def shown(front: Front, phrases: Phrases, role: str, unit: str) -> dict[str, Any]:
    """Return all that the page shows of a unit."""
    known, found = front.board.units.get(unit), job_of(front, unit)
    lang = phrases.lang
    return {
        "unit": unit,
        "unit_type": phrases.unit_type(known.unit_type) if known else "",
        "state": lang(STATES.get(known.status, known.status)) if known else lang(_("not on duty")),
        "since": phrases.clock(known.since_us) if known else "",
        "job": _job(front, phrases, role, *found) if found else None,
        "waiting": list(_waiting(front, phrases, known, found)) if known else [],
        "owed": list(_owed(front, phrases, role, unit, found)),
    }


def _owed(
    front: Front, phrases: Phrases, role: str, unit: str,
    found: tuple[IncidentLine, JobLine] | None,
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """Yield the reports a unit owes of jobs that its page does not show, the oldest first."""
    view: Reports = front.hub.state["reports"]
    acts = front.acts(role, phrases.lang.tag)
    for owed in [one for one in view.owed.values() if one.unit == unit]:
        line = front.board.line(owed.incident)
        job = line.jobs.get(unit) if line is not None else None
        if line is None or job is None or (found is not None and line is found[0]):
            continue
        yield {
            "incident": owed.incident,
            "kind": phrases.kind(line.kind),
            "where": place(line.address),
            "reason": owed.reason,
            "reminded": phrases.clock(owed.reminded_us) if owed.reminded_us else "",
            "act": choice.give(front, phrases, acts, line, job),
        }


def _waiting(
    front: Front, phrases: Phrases, unit: UnitLine, found: tuple[IncidentLine, JobLine] | None
) -> Iterator[dict[str, str]]:  # fmt: skip
    """Yield the further jobs of a unit, in their order."""
    for incident, state in unit.jobs.items():
        line = front.board.line(incident)
        if line is not None and (found is None or incident != found[0].incident):
            words = phrases.lang(STATES.get(state, state))
            yield {"incident": incident, "state": words, "where": place(line.address)}


def _job(
    front: Front, phrases: Phrases, role: str, line: IncidentLine, job: JobLine
) -> dict[str, Any]:  # fmt: skip
    running = [one for one in front.clocks.of(line.incident) if one.unit in ("", job.unit)]
    moving = [one for one in running if one.state != "suspended"]
    return {
        "incident": line.incident,
        "kind": phrases.kind(line.kind),
        "priority": line.priority,
        "lights": line.priority in front.town.file.urgent,
        "where": place(line.address),
        "area": phrases.lang.join(p for p in (line.neighborhood, line.battalion) if p),
        "received": phrases.clock(line.opened_us),
        "cautions": list(cautions(line, phrases)),
        "geo": geo(line),
        "clock": shown_clock(next(iter(moving), None), front.now_us(), phrases),
        "steps": list(_steps(front, phrases, role, line, job)),
        "further": _further(front, phrases, role, line, job, FURTHER),
        "ends": _further(front, phrases, role, line, job, ENDS),
        "moving": job.state == "transporting",
        "report": choice.marks(job, phrases),
        "reminded": _reminded(front, phrases, line, job),
        "told": told(front, phrases, role, line),
        "others": phrases.lang.join(
            f"{other.unit} {phrases.lang(STATES[other.state])}"
            for other in line.under_way() if other.unit != job.unit
        ),
    }  # fmt: skip


def _reminded(front: Front, phrases: Phrases, line: IncidentLine, job: JobLine) -> str:
    """Return when the crew was last reminded of the report of its job, "" for never."""
    view: Reports = front.hub.state["reports"]
    owed = view.owed.get(name_of(line.incident, job.unit))
    return phrases.clock(owed.reminded_us) if owed is not None and owed.reminded_us else ""


def cautions(line: IncidentLine, phrases: Phrases) -> Iterator[str]:
    """Yield what a crew has to know of the place as it is recorded; nothing about anybody."""
    if line.unverified:
        yield phrases.lang.say(_("The place is unverified: {why}"), why=line.unverified)
    elif line.lon is None or line.lat is None:
        yield phrases.lang(_("The place has no position."))
    if line.reopened:
        yield phrases.lang(_("The incident was closed before and taken up again."))


def geo(line: IncidentLine) -> str:
    """Return the address by which a phone opens its own map at the place (RFC 5870), or ""."""
    if line.lon is None or line.lat is None:
        return ""
    return f"geo:{line.lat:.6f},{line.lon:.6f}"


def _steps(
    front: Front, phrases: Phrases, role: str, line: IncidentLine, job: JobLine
) -> Iterator[dict[str, Any]]:  # fmt: skip
    """Yield the three steps: what was done shows when, what may be done is a button."""
    acts, life = front.acts(role, phrases.lang.tag), front.steps("dispatch", "job")
    next_one = next((e for e, _label in STEPS if life.allows(job.state, e)), None)
    for event, label in STEPS:
        possible = life.allows(job.state, event)
        at_us = job.reached.get(event.__name__, 0)
        yield {
            "label": phrases.lang(label),
            "act": _act(acts, event, line, job) if possible else None,
            "at": phrases.clock(at_us) if at_us and not possible else "",
            "left_out": job.state in UNDER_WAY and not possible and not at_us,
            "next": event is next_one,
        }


def _further(
    front: Front, phrases: Phrases, role: str, line: IncidentLine, job: JobLine,
    events: tuple[type[Event], ...],
) -> list[Act]:  # fmt: skip
    acts, life = front.acts(role, phrases.lang.tag), front.steps("dispatch", "job")
    made = (_act(acts, event, line, job) for event in events if life.allows(job.state, event))
    return [choice.offered(front, phrases, line, job, act) for act in made if act is not None]


def _act(acts: Acts, event: type[Event], line: IncidentLine, job: JobLine) -> Act | None:
    """Return the form of a step, None where the role is not given its command."""
    command, label = ASKED_BY[event]
    if not acts.may(command):
        return None
    fixed = {"incident": line.incident, "unit": job.unit}
    return acts.act(command, label, fixed, step=event.__name__)


def told(front: Front, phrases: Phrases, role: str, line: IncidentLine) -> list[dict[str, str]]:
    """Return the newest sentences of the thread, as the role may see them; no sealed word."""
    rights = may_see(front.hub.rooms.authority, role)
    rows = rows_of(front, line)[-TOLD_MAX:]
    return [
        {
            "time": phrases.clock(row.happened_at),
            "said": phrases.event(front.hub.rooms.decode(row), row, rights, masked),
        }
        for row in reversed(rows)
    ]
