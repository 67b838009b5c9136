"""The board: open incidents by their soonest clock, units by what they do, what to send."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

from answerable.console import proposal
from answerable.console.acts import BETWEEN, Acts
from answerable.console.clocks import shown
from answerable.console.front import Front
from answerable.console.language import _
from answerable.console.moving import marks, offers
from answerable.console.phrases import Phrases, place
from answerable.console.public.staff import matters
from answerable.dispatch import words as dispatch
from answerable.dispatch.recommend import Pick, Reason
from answerable.dispatch.views import IncidentLine, UnitLine
from answerable.standards.views import RunningClock
from answerable.towns.titles import Title

NO_CLOCK = 9_000_000_000_000_000
"""The rank of an incident without a clock: after all others, the oldest last."""
PASSED_MAX = 24


STATES = {
    "free": _("free"), "stacked": _("stacked"), "sent": _("sent"),
    "acknowledged": _("signed for"), "en route": _("en route"), "arrived": _("on scene"),
    "transporting": _("to hospital"), "at hospital": _("at hospital"),
    "cleared": _("cleared"), "cancelled": _("cancelled"), "out of service": _("out of service"),
    "off duty": _("off duty"), "on duty": _("on duty"), "open": _("open"),
    "reopening asked": _("closed, reopening asked for"),
    "reopening granted": _("reopening granted"),
    "closed": _("closed"), "merged": _("merged"), "booked": _("booked"), "new": _("new"),
}  # fmt: skip
"""The words for a state, which are not always its name in the rules."""

GROUPS: tuple[tuple[str, frozenset[str], bool], ...] = (
    (_("En route"), frozenset({"en route"}), True),
    (_("Sent"), frozenset({"sent", "acknowledged"}), False),
    (_("On scene"), frozenset({"arrived"}), False),
    (_("To hospital"), frozenset({"transporting"}), True),
    (_("At hospital"), frozenset({"at hospital"}), False),
    (_("Free"), frozenset({"free"}), False),
    (_("Out of service"), frozenset({"out of service"}), False),
)
ORDER = ("arrived", "en route", "acknowledged", "sent", "transporting", "at hospital", "stacked")


def units_text(line: IncidentLine, phrases: Phrases) -> str:
    """Return who is on an incident: "E41, T03 on scene, E38 en route"."""
    by_state: dict[str, list[str]] = {}
    for job in line.jobs.values():
        by_state.setdefault(job.state, []).append(job.unit)
    parts = [
        f"{phrases.lang.join(sorted(by_state[state]))} {phrases.lang(STATES[state])}"
        for state in ORDER
        if state in by_state
    ]
    return phrases.lang.join(parts)


def row(front: Front, line: IncidentLine, phrases: Phrases, now_us: int) -> dict[str, Any]:
    """Return an open incident as a row of the board."""
    clock = front.clocks.soonest(line.incident)
    rank = rank_of(clock) if clock else NO_CLOCK - line.opened_us // 1000
    return {
        "id": line.incident,
        "number": line.incident,
        "priority": line.priority,
        "lights": line.priority in front.town.file.urgent,
        "kind": phrases.kind(line.kind),
        "where": place(line.address),
        "area": line.neighborhood,
        "received": phrases.clock(line.opened_us),
        "units": units_text(line, phrases),
        "marks": marks.of_incident(line, phrases, now_us, brief=True),
        "clock": shown(clock, now_us, phrases),
        "rank": rank,
        "mark": f"{line.position}",
    }


def rank_of(clock: RunningClock) -> int:
    """Return where a clock puts its incident: ringing ones first, the last to ring on top."""
    due_ms = clock.due_us // 1000
    return -due_ms if clock.state == "ringing" else due_ms


def rows(front: Front, phrases: Phrases) -> list[dict[str, Any]]:
    """Return all open incidents, the soonest clock first."""
    now_us = front.now_us()
    made = [row(front, line, phrases, now_us) for line in front.board.incidents.values()]
    return sorted(made, key=lambda one: (one["rank"], one["id"]))


def ringing(front: Front) -> int:
    """Return how many incidents have a clock that has run out."""
    now_us = front.now_us()
    soonest = (front.clocks.soonest(incident) for incident in front.board.incidents)
    return sum(1 for clock in soonest if clock is not None and clock.due_us <= now_us)


def calls(front: Front, phrases: Phrases) -> dict[str, Any]:
    """Return how many calls have no outcome yet, and the one that has waited longest (I2)."""
    waiting = sorted(front.board.calls.values(), key=lambda call: call.since_us)
    first = waiting[0] if waiting else None
    return {
        "count": len(waiting),
        "first": first.call if first else "",
        "state": phrases.lang(first.state) if first else "",
        "since": phrases.clock(first.since_us) if first else "",
        "matters": matters(front, phrases),
    }


def last_closed(front: Front, phrases: Phrases) -> str:
    """Return when the last incident was closed, or ""."""
    line = next(reversed(front.board.closed.values()), None)
    return phrases.clock(line.changed_us) if line else ""


def groups(front: Front, phrases: Phrases) -> list[dict[str, Any]]:
    """Return the units by what they are doing."""
    by_status: dict[str, list[UnitLine]] = {}
    for unit in front.board.units.values():
        by_status.setdefault(unit.status, []).append(unit)
    made = []
    for number, (label, states, moving) in enumerate(GROUPS, 1):
        units = sorted(
            (unit for state in states for unit in by_status.get(state, ())),
            key=lambda unit: phrases.lang.key(unit.unit),
        )
        made.append(
            {
                "number": number,
                "label": phrases.lang(label),
                "moving": moving,
                "units": [unit_name(unit, phrases, front.now_us()) for unit in units],
            }
        )
    return made


def unit_name(unit: UnitLine, phrases: Phrases, now_us: int) -> dict[str, str]:
    """Return a unit as a name that leads to its job, else to its own page."""
    job, more = unit.incident, marks.of_unit(unit, phrases, now_us)
    told = [phrases.unit_type(unit.unit_type), phrases.lang(STATES[unit.status]), *more]
    return {
        "name": unit.unit,
        "href": f"/incidents/{job}" if job else f"/units/{quote(unit.unit, safe='')}",
        "title": ", ".join([*told, job] if job else told),
        "sign": "!" if unit.overdue else "↑" if unit.moved_up else "",
    }


def pick(
    one: Pick, incident: str, shown: str, why: str, acts: Acts, phrases: Phrases
) -> dict[str, Any]:
    """Return a unit of the proposal with its reason, and how to send it.

    ``shown`` names those that are recommended: it is recorded with what is done.
    """
    free = one.time_s is not None or one.reason is Reason.PLACE_UNKNOWN
    sendable = free and acts.may(dispatch.SendUnit)
    eta = "" if one.time_s is None else f"{one.time_s:.0f}"
    known = {"incident": incident, "unit": one.unit, "eta_s": eta, "proposed": shown}
    return {
        "unit": one.unit,
        "eta": "" if one.time_s is None else phrases.lang.length(one.time_s),
        "why": why,
        "passed": False,
        "state": phrases.lang(STATES[one.detail]) if one.reason is Reason.ALREADY_ON_IT else "",
        "send": {"type": dispatch.SendUnit.tag, "fields": known} if sendable else None,
        "first": False,
        "acts": [],
    }


def together(chosen: Iterable[dict[str, Any]], shown: str) -> dict[str, str] | None:
    """Return what one press sends: all that are chosen and not on it, None for fewer than two."""
    fields = [one["send"]["fields"] for one in chosen if one["send"]]
    if len(fields) < 2:
        return None
    return {
        "incident": fields[0]["incident"],
        "units": BETWEEN.join(one["unit"] for one in fields),
        "etas": BETWEEN.join(one["eta_s"] for one in fields),
        "proposed": shown,
    }


def advice(front: Front, incident: str, acts: Acts, phrases: Phrases) -> dict[str, Any] | None:
    """Return whom to send to an incident, and why; None where nothing can be said."""
    line = front.board.incidents.get(incident)
    if line is None or front.fleet is None:
        return None
    found = front.fleet.recommend(line, front.now_us())
    names = BETWEEN.join(one.unit for one in found.chosen)
    whys = {
        one.unit: proposal.why(one, found, front, phrases)
        for one in (*found.chosen, *found.passed[:PASSED_MAX])
    }
    chosen = [pick(one, incident, names, whys[one.unit], acts, phrases) for one in found.chosen]
    first_to_send(chosen)
    passed = []
    for one in found.passed[:PASSED_MAX]:
        others = offers.instead(front, one, line, names, acts, phrases)
        told = pick(one, incident, names, whys[one.unit], acts, phrases)
        passed.append({**told, "passed": True, "send": None, "acts": others})
    return {
        "number": line.incident,
        "card": phrases.lang(found.card) if found.card else "",
        "chosen": chosen,
        "passed": passed,
        "proposed": names,
        "all": together(chosen, names),
        "level": found.level if found.level > 1 else "",
        "shortfalls": [proposal.shortfall(one, front, line, phrases) for one in found.shortfalls],
        "cover": proposal.cover(front, found, acts, phrases),
        "error": road_time_error(front, phrases),
    }


def road_time_error(front: Front, phrases: Phrases) -> str:
    """Say how far road times can be trusted: by past runs, and by what the town notes of itself."""
    fitted = front.centre.places.calibration
    if fitted.runs:
        told = phrases.lang.say(
            _(
                "Times by road are estimates: on {runs} past runs half were within {half}, "
                "nine in ten within {most}."
            ),
            runs=phrases.lang.number(fitted.runs),
            half=phrases.lang.length(fitted.error_median_s),
            most=phrases.lang.length(fitted.error_p90_s),
        )
    else:
        told = phrases.lang.say(
            _("Times by road are free flow; no past runs of this town were measured.")
        )
    notes = [Title(note).of(phrases.lang.tag) for note in front.town.file.notes]
    return " ".join([told, *notes])


def first_to_send(chosen: Iterable[dict[str, Any]]) -> None:
    """Mark the one button that is meant to be pressed next."""
    for one in chosen:
        if one["send"]:
            one["first"] = True
            return
