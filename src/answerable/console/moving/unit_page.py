"""A unit's own page: what it is, what it is doing, and what may be done with it."""

from __future__ import annotations

from typing import Any

from answerable.console.board import STATES
from answerable.console.front import Front
from answerable.console.language import Language, _
from answerable.console.moving import marks, offers
from answerable.console.pages import Pages
from answerable.console.phrases import Phrases, may_see, place
from answerable.console.reading import masked
from answerable.console.reporting import keyed
from answerable.console.sanity import Refused
from answerable.console.session import Session
from answerable.dispatch.views import UnitLine

LAST = 40
"""As many of the unit's own events as are shown, the newest first."""


def page(
    front: Front, pages: Pages, session: Session, lang: Language, theme: str, unit: str
) -> str:
    """Return the page of a unit. Raises Refused (403, 404)."""
    here = f"/units/{unit}"
    frame = pages.frame("units", session, lang, theme, here, f"account/{lang.tag}")
    line = front.board.units.get(unit)
    if line is None:
        raise Refused(
            404, "console.NoUnit", "Not shown.", "There is no unit {unit}.",
            "Look it up among the units.", unit=unit[:40],
        )  # fmt: skip
    phrases, role = front.phrases(lang.tag), session.actor.role
    return lang.render(
        "unit.html",
        **frame,
        unit=told(front, line, phrases),
        acts=offers.of_unit(front, line, phrases, role),
        entries=entries(front, line, phrases, role),
    )


def told(front: Front, unit: UnitLine, phrases: Phrases) -> dict[str, Any]:
    """Return what a unit is and does."""
    jobs = []
    for incident, state in unit.jobs.items():
        if (line := front.board.line(incident)) is not None:
            where = f"{phrases.kind(line.kind)}, {place(line.address)}"
            state_told = phrases.lang(STATES[state])
            jobs.append({"id": incident, "where": where, "state": state_told})
    known = [
        (phrases.lang(_("Kind")), phrases.unit_type(unit.unit_type)),
        (phrases.lang(_("Station")), unit.station),
        (phrases.lang(_("Skills")), phrases.lang.join(unit.skills)),
        (phrases.lang(_("Why")), phrases.lang(unit.reason)),
    ]
    return {
        "name": unit.unit,
        "state": phrases.lang(STATES[unit.status]),
        "since": phrases.clock(unit.since_us) if unit.since_us else "",
        "marks": [
            *marks.of_unit(unit, phrases, front.now_us()),
            *keyed.of_unit(front, unit, phrases),
        ],
        "jobs": jobs,
        "facts": [(name, value) for name, value in known if value],
    }


def entries(front: Front, unit: UnitLine, phrases: Phrases, role: str) -> list[dict[str, str]]:
    """Return what happened to the unit itself: duty, returns, move-ups; the newest first."""
    rights = may_see(front.hub.rooms.authority, role)
    rows = list(front.hub.store.stream(f"unit:{unit.unit}"))[-LAST:]
    made = []
    for row in reversed(rows):
        said = phrases.event(front.hub.rooms.decode(row), row, rights, masked)
        day, at = phrases.day(row.happened_at), phrases.clock(row.happened_at)
        made.append({"when": f"{day} {at}", "said": said, "who": phrases.who(row.actor)})
    return made
