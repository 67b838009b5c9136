"""What runs out in the next half hour, and which open incidents the next person should know of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from answerable.console.board import units_text
from answerable.console.clocks import state_of
from answerable.console.front import Front
from answerable.console.language import _
from answerable.console.phrases import Phrases, place
from answerable.console.sheets import running_row
from answerable.dispatch.views import IncidentLine

US = 1_000_000
AHEAD_US = 1_800 * US
"""How far one looks ahead: half an hour."""
SHOWN_MAX = 40
MANY_UNITS = 5
"""So many units on one incident make it one to know of."""


def soon(front: Front, phrases: Phrases) -> dict[str, Any]:
    """Return what runs out in the next half hour, the soonest first, and how much it is in all.

    A clock that rings already stands first; one that stands still runs out at no time.
    """
    now_us = front.now_us()
    found = [*_clocks(front, phrases, now_us), *_booked(front, phrases, now_us),
             *_held(front, phrases, now_us), *_back(front, phrases, now_us)]  # fmt: skip
    found.sort(key=lambda one: one["due_ms"])
    return {"listed": found[:SHOWN_MAX], "count": len(found)}


def _item(
    front: Front, phrases: Phrases, now_us: int, due_us: int, name: str, *,
    incident: str = "", also: str = "", href: str = "",
) -> dict[str, Any]:  # fmt: skip
    line = front.board.line(incident) if incident else None
    begun_us = due_us - AHEAD_US
    return {
        "name": name,
        "due": phrases.clock(due_us),
        "due_ms": due_us // 1000,
        "from_ms": begun_us // 1000,
        "left": phrases.lang.length((due_us - now_us) / US),
        "state": state_of(begun_us, due_us, now_us),
        "number": incident,
        "kind": phrases.kind(line.kind) if line else "",
        "where": place(line.address) if line else also,
        "href": href or (f"/incidents/{incident}" if line else ""),
    }


def _clocks(front: Front, phrases: Phrases, now_us: int) -> Iterator[dict[str, Any]]:
    for one in front.clocks.all():
        if one.due_us > now_us + AHEAD_US:
            return
        if one.state == "suspended":
            continue
        yield running_row(front, one, phrases, now_us)


def _booked(front: Front, phrases: Phrases, now_us: int) -> Iterator[dict[str, Any]]:
    for incident, due_us in front.board.booked.items():
        if due_us <= now_us + AHEAD_US:
            known = front.hub.state["intake"].incidents.get(incident)
            also = place(known.booking.address) if known and known.booking else ""
            name = phrases.lang(_("booked for then"))
            told = _item(front, phrases, now_us, due_us, name, also=also,
                         href=f"/incidents/{incident}")  # fmt: skip
            yield told | {"number": incident}


def _held(front: Front, phrases: Phrases, now_us: int) -> Iterator[dict[str, Any]]:
    for line in front.board.incidents.values():
        if line.held_until_us and line.held_until_us <= now_us + AHEAD_US:
            name = phrases.lang(_("held until then"))
            yield _item(front, phrases, now_us, line.held_until_us, name, incident=line.incident)


def _back(front: Front, phrases: Phrases, now_us: int) -> Iterator[dict[str, Any]]:
    for unit in front.board.units.values():
        if unit.back_us and unit.back_us <= now_us + AHEAD_US:
            name = phrases.lang.say(_("{unit} back in service"), unit=unit.unit)
            yield _item(front, phrases, now_us, unit.back_us, name, also=phrases.lang(unit.reason),
                        href=f"/units#unit-{unit.unit}")  # fmt: skip


# -- what is booked --------------------------------------------------------------------------


def booked(front: Front, phrases: Phrases) -> dict[str, Any]:
    """Return what is booked for later, the soonest first, and how much it is in all."""
    now_us, standing = front.now_us(), front.hub.state["intake"].incidents
    due = sorted((due_us, incident) for incident, due_us in front.board.booked.items())
    listed = [
        {
            "number": incident,
            "due": phrases.moment(due_us, now_us),
            "kind": phrases.kind(about.kind),
            "where": place(about.address),
        }
        for due_us, incident in due[:SHOWN_MAX]
        if (about := standing[incident].booking) is not None
    ]
    return {"count": len(due), "listed": listed}


# -- open incidents of note ------------------------------------------------------------------


def of_note(front: Front, phrases: Phrases) -> dict[str, Any]:
    """Return the open incidents that somebody new should know of, each with the reasons."""
    now_us = front.now_us()
    listed = []
    for line in front.board.incidents.values():
        if why := list(_why(front, line, phrases, now_us)):
            listed.append((line, why))
    listed.sort(key=lambda one: (-len(one[1]), one[0].opened_us))
    return {
        "open": len(front.board.incidents),
        "count": len(listed),
        "listed": [
            {
                "number": line.incident,
                "kind": phrases.kind(line.kind),
                "priority": line.priority,
                "lights": line.priority in front.town.file.urgent,
                "where": place(line.address),
                "units": units_text(line, phrases),
                "opened": phrases.clock(line.opened_us),
                "why": phrases.lang.join(why),
            }
            for line, why in listed[:SHOWN_MAX]
        ],
    }


def _why(front: Front, line: IncidentLine, phrases: Phrases, now_us: int) -> Iterator[str]:
    lang = phrases.lang
    clock = front.clocks.soonest(line.incident)
    if clock is not None and clock.due_us <= now_us:
        yield lang(_("a promise is broken"))
    if line.priority in front.town.file.urgent and not line.under_way():
        yield lang(_("urgent, nobody on it"))
    if line.alarm > 1:
        yield lang.say(_("alarm level {level}"), level=line.alarm)
    if line.held_until_us:
        yield lang.say(_("held until {time}"), time=phrases.clock(line.held_until_us))
    if line.reopened:
        yield lang(_("opened again"))
    if line.unverified:
        yield lang(_("place not verified"))
    if (units := len(line.under_way())) >= MANY_UNITS:
        yield lang.say(_("{count} units"), count=units)
