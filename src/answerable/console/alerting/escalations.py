"""What supervisors were told and have not taken note of yet: by incident, the longest first."""

from __future__ import annotations

from typing import Any

from answerable.console.acts import Act, Acts
from answerable.console.front import Front
from answerable.console.language import _
from answerable.console.phrases import Phrases, place
from answerable.dispatch import words as dispatch
from answerable.dispatch.alert_words import AcknowledgeEscalation
from answerable.dispatch.state import UNDER_WAY, Escalation, State

GROUPS_MAX = 200
"""Incidents and calls on the page; the rest follows as note is taken."""


def state_of(front: Front) -> State:
    """Return the state of dispatch."""
    state: State = front.hub.state["dispatch"]
    return state


def _about(told: Escalation) -> tuple[str, str]:
    """Return what an escalation belongs to: an incident, a call, or neither."""
    return (told.incident, "") if told.incident else ("", told.call)


def count(front: Front) -> int:
    """Return of how many incidents and calls a supervisor has still to take note."""
    told = state_of(front).escalations.values()
    return len({_about(one) for one in told if not one.noted_us})


def groups(front: Front, phrases: Phrases, role: str) -> list[dict[str, Any]]:
    """Return what was told, by incident or call: what is open first, the longest first."""
    found: dict[tuple[str, str], list[tuple[str, Escalation]]] = {}
    for name, told in state_of(front).escalations.items():
        found.setdefault(_about(told), []).append((name, told))
    acts = front.acts(role, phrases.lang.tag)
    made = [_group(front, phrases, acts, about, told) for about, told in found.items()]
    made.sort(key=lambda one: (not one["open"], not one["running"], one["since_us"]))
    return made[:GROUPS_MAX]


def _group(
    front: Front, phrases: Phrases, acts: Acts, about: tuple[str, str],
    told: list[tuple[str, Escalation]],
) -> dict[str, Any]:  # fmt: skip
    incident, call = about
    line = front.board.line(incident) if incident else None
    opened = [name for name, one in told if not one.noted_us]
    items = [_item(front, phrases, name, one) for name, one in told]
    return {
        "incident": incident,
        "call": call,
        "kind": phrases.kind(line.kind) if line else "",
        "where": place(line.address) if line else "",
        "items": items,
        "open": bool(opened),
        "running": any(item["running"] for item in items),
        "since_us": min(one.told_us for _name, one in told),
        "proposals": _proposals(front, phrases, acts, incident),
        "ask": _ask(acts, opened[0]) if opened else None,
    }


def _item(front: Front, phrases: Phrases, name: str, told: Escalation) -> dict[str, Any]:
    chinese = front.clocks.chinese(told.promise)
    what = phrases.named(told.promise, chinese) if told.promise else phrases.lang(told.about)
    standards = front.hub.state["standards"]
    running, known = name.split(".")[0] in standards.runs(), standards.standards.get(told.standard)
    return {
        "what": what,
        "standard": phrases.named(told.standard, known.zh if known else ""),
        "unit": told.unit,
        "at": phrases.clock(told.told_us),
        "noted": phrases.clock(told.noted_us) if told.noted_us else "",
        "running": running and not told.noted_us,
        "clock": bool(told.promise),
    }


def _ask(acts: Acts, name: str) -> Act | None:
    """Return the form that takes note of all that stands about an incident, where one may."""
    if not acts.may(AcknowledgeEscalation):
        return None
    return acts.act(AcknowledgeEscalation, _("Take note"), {"escalation": name}, first=True)


def _proposals(
    front: Front, phrases: Phrases, acts: Acts, incident: str
) -> list[dict[str, Any]]:  # fmt: skip
    """Return whom to send in the place of units that did not sign, as it was proposed."""
    response = state_of(front).responses.get(incident)
    line = front.board.line(incident)
    if response is None or line is None:
        return []
    made = []
    for unit, job in response.jobs.items():
        if job.alert is None or job.alert.state != "proposed" or job.state not in UNDER_WAY:
            continue
        other = job.alert.instead
        known = front.board.units.get(other)
        free = known is not None and known.status == "free" and line.state == "open"
        may = acts.may(dispatch.SendUnit)
        made.append(
            {
                "unit": other, "instead_of": unit,
                "send": _sending(phrases, incident, other, unit) if free and may else None,
                "taken": bool(other) and not free,
            }
        )  # fmt: skip
    return made


def _sending(phrases: Phrases, incident: str, unit: str, instead_of: str) -> dict[str, Any]:
    why = phrases.lang.say(_("{unit} did not sign"), unit=instead_of)
    fields = {"incident": incident, "unit": unit, "why": why}
    return {"type": dispatch.SendUnit.tag, "fields": fields}
