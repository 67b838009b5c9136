"""What is referred: an incident, a tracked matter or a problem, and what the rules look at of it.

Of a matter its kind is looked at, and where and when it was if an incident led to it; of a problem
its place, and the kind it is about, or its cause where that is not one kind. The words of a matter
and the notes of a problem are sealed and stay here: what the agency is asked is written anew.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from answerable.console.front import Front
from answerable.console.language import _
from answerable.console.problems.shown import problem_of
from answerable.console.referring.listing import facts_of
from answerable.console.sanity import Refused
from answerable.console.session import Session
from answerable.console.tracking.listing import look_at
from answerable.dispatch.views import IncidentLine
from answerable.kernel.event import Command
from answerable.matters import referral_words as w
from answerable.matters.matter_state import Matter
from answerable.matters.problem_state import Problem
from answerable.towns.referring import Facts

NAME_MAX = 64
SORTS = ("incident", "matter", "problem")
"""The fields by which a referral, a form and an address name what is referred; one of them."""
HEADINGS: dict[str, tuple[str, str]] = {
    "incident": (_("Refer an incident"), _("Back to the incident")),
    "matter": (_("Refer a tracked matter"), _("Back to the matter")),
    "problem": (_("Refer a problem"), _("Back to the problem")),
}


@dataclass(frozen=True)
class Subject:
    """Something that can be referred; ``opened_us`` in UTC microseconds, position in WGS84."""

    sort: str
    number: str
    facts: Facts
    address: str = ""
    lon: float | None = None
    lat: float | None = None
    opened_us: int = 0
    line: IncidentLine | None = None
    """The incident it is, or that it came from."""

    @property
    def command(self) -> type[Command]:
        """Return the command that refers it."""
        return w.ReferIncident if self.sort == "incident" else w.ReferMatter

    def fields(self) -> dict[str, Any]:
        """Return the fields of that command, but for the agency and what is written for it."""
        facts = self.facts
        return {
            "type": self.command.tag, self.sort: self.number, "kind": facts.kind,
            "group": facts.group, "priority": facts.priority, "areas": facts.areas,
            "outcome": facts.outcome, "address": self.address, "lon": self.lon, "lat": self.lat,
            "opened_us": self.opened_us,
        }  # fmt: skip


def href(sort: str, number: str) -> str:
    """Return the page of an incident, a matter or a problem."""
    return f"/{sort}s/{quote(number, safe='')}"


def anew(sort: str, number: str) -> str:
    """Return the address of the form that refers it."""
    return f"/referrals/new?{sort}={quote(number, safe='')}"


def subject_of(front: Front, session: Session, given: dict[str, str]) -> Subject:
    """Return what a form or an address names. Raises Refused (403, 404, 410)."""
    sort = next((name for name in SORTS if given.get(name)), SORTS[0])
    number = given.get(sort, "")[:NAME_MAX]
    if sort == "matter":
        return _matter(front, session, number)
    return _problem(front, number) if sort == "problem" else _incident(front, session, number)


def _incident(front: Front, session: Session, number: str) -> Subject:
    with front.at_hand(number):
        line = front.board.line(number)
        if line is None:
            raise Refused(
                404, "console.NoIncident", "Not shown.", "There is no incident {incident}.",
                "Check the number, or look it up on the board.", incident=number[:40],
            )  # fmt: skip
        front.gate.check_reach(session.actor, number)
    return Subject(
        "incident", number, facts_of(line), line.address, line.lon, line.lat, line.opened_us, line
    )


def _matter(front: Front, session: Session, number: str) -> Subject:
    return of_matter(front, session, number, look_at(front, session.actor, number))


def of_matter(front: Front, session: Session, number: str, matter: Matter) -> Subject:
    """Return a matter that somebody looks at, as it can be referred."""
    line = _came_from(front, session, matter.incident)
    if line is None:
        return Subject("matter", number, Facts(matter.sort), opened_us=matter.opened_us)
    facts = Facts(matter.sort, areas=facts_of(line).areas)
    return Subject(
        "matter", number, facts, line.address, line.lon, line.lat, matter.opened_us, line
    )


def _came_from(front: Front, session: Session, incident: str) -> IncidentLine | None:
    """Return the incident a matter came from; None where there is none, or it is out of reach."""
    if not incident:
        return None
    with front.at_hand(incident), suppress(Refused):
        front.gate.check_reach(session.actor, incident)
        return front.board.line(incident)
    return None


def _problem(front: Front, number: str) -> Subject:
    return of_problem(problem_of(front, number))


def of_problem(problem: Problem) -> Subject:
    """Return a problem as it can be referred."""
    kind = problem.kinds[0] if len(problem.kinds) == 1 else problem.cause
    facts = Facts(kind, areas=(problem.area,) if problem.area else ())
    return Subject(
        "problem", problem.problem, facts, problem.place, problem.lon, problem.lat,
        problem.opened_us,
    )  # fmt: skip
