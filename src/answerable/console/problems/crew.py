"""The problems of a crew's unit and of its station, as its phone shows them.

Each with its next step and by when; the crew says what there is to say today, and that a step is
done. The notes stay sealed, and nothing here is about anybody: a problem is a place.
"""

from __future__ import annotations

from typing import Any

from answerable.console.front import Front
from answerable.console.phrases import Phrases, place
from answerable.console.problems.shown import CAUSES, kinds
from answerable.matters import problem_words as w
from answerable.matters.problem_state import GOES_ON, KNOWN, OPEN, PLANNED, Problem

LISTED_MAX = 20
"""Problems one page lists, what is due first comes first."""


def theirs(front: Front, unit: str) -> list[Problem]:
    """Return the problems that go on and are of a unit or its station, the next due first."""
    known, spec = front.board.units.get(unit), front.town.units.get(unit)
    homes = {unit, spec.station if spec else known.station if known else ""} - {""}
    problems: dict[str, Problem] = front.hub.state["matters"].problems
    found = [one for one in problems.values() if one.state in KNOWN and one.owner in homes]
    return sorted(found, key=lambda one: (_next(one)[1], one.problem))[:LISTED_MAX]


def _next(problem: Problem) -> tuple[str, int]:
    """Return the step that the owner is to do next, "" for none, and by when (UTC us)."""
    steps = problem.steps.items() if problem.state == PLANNED else ()
    due = [(one.due_us, name) for name, one in steps if one.state == OPEN and not one.agency]
    due_us, name = min(due, default=(2**62, ""))
    return name, due_us


def of_crew(front: Front, phrases: Phrases, role: str, unit: str) -> list[dict[str, Any]]:
    """Return what a crew's page shows of its problems; [] where the role has no part in them."""
    rights = front.hub.rooms.authority
    if not unit or not rights.may_do(role, w.NoteProblem.tag):
        return []
    return [_one(front, phrases, role, problem) for problem in theirs(front, unit)]


def _one(front: Front, phrases: Phrases, role: str, problem: Problem) -> dict[str, Any]:
    name, due_us = _next(problem)
    may = front.hub.rooms.authority.may_do(role, w.DoneStep.tag)
    return {
        "problem": problem.problem,
        "where": place(problem.place),
        "cause": phrases.lang(CAUSES[problem.cause]),
        "kinds": kinds(problem, phrases),
        "watched": problem.state not in GOES_ON,
        "step": name if may else "",
        "what": problem.steps[name].what if name else "",
        "due": phrases.day(due_us) if name else "",
        "late": bool(name) and due_us < front.now_us(),
        "noted": phrases.day(problem.noted[-1]) if problem.noted else "",
    }


def marks_of(front: Front, role: str, unit: str) -> str:
    """Return what changes when the problems of a crew do: its page is read again then."""
    if not front.hub.rooms.authority.may_do(role, w.NoteProblem.tag):
        return ""
    return str([
        (one.problem, one.state, _next(one), len(one.noted)) for one in theirs(front, unit)
    ])  # fmt: skip
