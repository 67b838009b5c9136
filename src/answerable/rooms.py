"""The rooms in the order of a call's life: the one place where the product is assembled.

A room registers itself here and nowhere else. Views are folds like the rooms' own states: they are
rebuilt by the same replay and saved in the same snapshot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from importlib.resources import files
from typing import Any

import answerable.dispatch.joined  # noqa: F401 - arms of the board
from answerable.access import rules as access
from answerable.aside import ClosedLongAgo
from answerable.dispatch import rules as dispatch
from answerable.dispatch import views as board
from answerable.dispatch.report_views import REPORTS
from answerable.followup import rules as followup
from answerable.followup import views as call_backs
from answerable.handover import rules as handover
from answerable.intake import line_views as lines
from answerable.intake import rules as intake
from answerable.keeping import rules as keeping
from answerable.kernel.authority import Authority
from answerable.kernel.event import Command
from answerable.kernel.room import Fold, Room, Rooms
from answerable.matters import place_views as places
from answerable.matters import referral_views as referrals
from answerable.matters import rules as matters
from answerable.matters import support_views as supports
from answerable.matters.matter_state import incident_of as matter_incident
from answerable.matters.support_state import incident_of as support_incident
from answerable.measure.asked import ASKED
from answerable.standards import rules as standards
from answerable.standards import views as clocks
from answerable.standards.words import ClockRang
from answerable.towns import rules as towns
from answerable.vault import rules as vault

ROOMS: tuple[Room[Any], ...] = (
    towns.ROOM, access.ROOM, standards.ROOM, intake.ROOM, dispatch.ROOM, handover.ROOM,
    followup.ROOM, matters.ROOM, keeping.ROOM, vault.ROOM,
)  # fmt: skip
VIEWS: tuple[Fold[Any], ...] = (
    board.BOARD, lines.LINES, REPORTS, ASKED, referrals.VIEW, supports.VIEW, call_backs.CALL_BACKS,
    places.PLACES,
)  # fmt: skip


def areas_of(states: Mapping[str, Any], incident: str) -> tuple[str, ...]:
    """Return the names of the areas an incident lies in: neighbourhood and battalion."""
    line = states["board"].line(incident)
    return (line.neighborhood, line.battalion) if line else ()


def incident_of(states: Mapping[str, Any], command: Command) -> str:
    """Return the incident of a command that names only a clock, a call or a matter of it."""
    clock = clocks.clock_of(states["standards"], getattr(command, "clock", ""))
    name = (clock.call if clock else getattr(command, "call", None)) or ""
    call = states["intake"].calls.get(name)
    matters = states["matters"]
    tracked = matter_incident(matters.tracked, command)
    return (
        (clock.incident if clock else "")
        or (call.incident if call else "")
        or tracked
        or support_incident(matters.support, command)
    )


def authority() -> Authority:
    """Read the table of rights that comes with the product."""
    return Authority.read(files("answerable").joinpath("authority.toml").read_bytes())


def product(*, manned: bool = True) -> Rooms:
    """Return the whole product: every room, every view, the table of rights.

    ``manned`` is false for old calls that are recorded after their time: their clocks ring and
    break, but there was nobody then whom this program reminded or told, so it says so of nobody;
    and nobody who called is to be asked years later how it was.
    """
    rooms = ROOMS if manned else tuple(_nobody_told(room) for room in ROOMS)
    return Rooms(rooms, authority(), VIEWS, areas_of, ClosedLongAgo(), incident_of)


def _nobody_told(room: Room[Any]) -> Room[Any]:
    """Return a room that records what is told to it: no ringing clock, no caller to be rung."""
    if room.name == followup.ROOM.name:
        return replace(room, reacts={})
    reacts = {event: act for event, act in room.reacts.items() if event is not ClockRang}
    return replace(room, reacts=reacts)
