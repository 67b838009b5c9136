"""Counts what a place called before it was a problem, by itself, as soon as it is one.

Nobody may hand these figures in, for the test whether it stopped rests on them: the program reads
them in the fold of places and gives them as the service itself. What could not be counted (the
process ended between the two) is counted at the next start.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Sequence

import numpy as np

from answerable.console.front import Front
from answerable.kernel.authority import SYSTEM
from answerable.kernel.desk import Unavailable
from answerable.kernel.event import Recorded
from answerable.kernel.hub import Hub
from answerable.matters import problem_sums as sums
from answerable.matters import problem_words as w
from answerable.matters.place_views import LINE, MINUTE_US, Places
from answerable.matters.problem_state import KNOWN, Problem
from answerable.towns.model import Town

DAYS_MAX = 1_000
"""Days of history that are looked at; the fold of places keeps fewer."""
log = logging.getLogger("answerable.problems")


def uncounted(hub: Hub) -> list[Problem]:
    """Return the problems whose past was not counted yet."""
    problems = hub.state["matters"].problems.values()
    return [one for one in problems if not one.counted and one.state in KNOWN]


def command_for(hub: Hub, town: Town, problem: Problem) -> w.CountPlace:
    """Return the command that says what the place of a problem called before.

    Days are whole days from the first that the record has whole, and last the one on which the
    problem was opened, up to that moment.
    """
    view: Places = hub.state["places"]
    before = [us for us in _called(view, problem) if us < problem.opened_us]
    opened = sums.day_of(town, problem.opened_us)
    begun = _begun_us(view)
    first = min(opened, sums.day_of(town, begun) + sums.DAY) if begun else opened
    days = sums.days_between(max(first, opened - DAYS_MAX * sums.DAY), opened)
    found = Counter(sums.day_of(town, us) for us in before)
    return w.CountPlace(
        key=f"count:{problem.problem}:{problem.position}",
        problem=problem.problem,
        first=days[0].isoformat(),
        counts=tuple(found[day] for day in days),
        position=hub.position,
    )


def _called(view: Places, problem: Problem) -> list[int]:
    """Return when the place of a problem called about its kinds (UTC microseconds)."""
    kinds = {view.kinds[kind] for kind in problem.kinds if kind in view.kinds}

    def fits(kind: int) -> bool:
        return not problem.kinds or kind in kinds

    there = view.places.get(problem.place)
    over = np.frombuffer(bytes(there.log) if there else b"", LINE)
    found = [int(one["at"]) for one in over if fits(int(one["kind"]))]
    going = (one for one in view.going.values() if one.place == problem.place)
    found += [one.at for one in going if fits(one.kind)]
    return [minute * MINUTE_US for minute in found]


def _begun_us(view: Places) -> int:
    """Return when the first incident that is still known was opened (UTC us), 0 for none."""
    logs = [np.frombuffer(bytes(place.log), LINE)["at"] for place in view.places.values()]
    found = [int(at.min()) for at in logs if len(at)]
    found += [one.at for one in view.going.values()]
    return min(found, default=0) * MINUTE_US


class Counting:
    """Looks for what is not counted: at the start, and whenever a problem is opened."""

    def __init__(self, front: Front) -> None:
        self.front = front
        self._wanted = asyncio.Event()
        self._wanted.set()

    def committed(self, recorded: Sequence[Recorded]) -> None:
        """Look again where a problem was opened."""
        if any(isinstance(one.event, w.ProblemOpened) for one in recorded):
            self._wanted.set()

    async def run(self) -> None:
        """Count for as long as the task lives."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            await self.count()

    async def count(self) -> None:
        """Count what is not counted yet; what is refused now is tried when the next one comes."""
        front = self.front
        for problem in uncounted(front.hub):
            command = command_for(front.hub, front.town, problem)
            try:
                await front.desk.ask(command, SYSTEM)
            except Unavailable as error:
                log.warning("%s was not counted: %s", problem.problem, error)
