"""The problems of a demonstration: real repeat places of its town, with plans that are made up.

San Francisco's twelve days in April 2020 have blocks that call every day. Two of them become
problems here. The first is opened when the demonstration begins, so that its page shows something
at once: what it called in the sixty days before, its plan, its steps and its notes are invented
(the record begins with that day and cannot know), and every text says so. What it calls from then
on is the city's record. The second is opened on the ninth day by a simulated supervisor, from the
record alone: its past is counted by the program, and it waits for somebody to own it.

The invented history is Poisson with 2.8 calls a day: what the block called on average in the twelve
days that are known (34 incidents at the 300 block of Eddy Street from 2 to 13 April 2020).
"""

from __future__ import annotations

import datetime
import math
import random
from collections.abc import Callable
from typing import Any, NamedTuple

from answerable.kernel.authority import SYSTEM, Actor
from answerable.kernel.event import Command
from answerable.kernel.hub import Hub
from answerable.matters import problem_sums as sums
from answerable.matters import problem_words as w
from answerable.matters.problem_state import Problem
from answerable.towns.model import Town

Ask = Callable[[Command, Actor], Any]
DESK = Actor(name="simulated station desk", role="dispatcher")
SUPERVISOR = Actor(name="simulated supervisor", role="supervisor")
HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
EVERY_US = HOUR_US // 4
TOWN = "san_francisco"
KINDS = ("Medical Incident",)
PLACE, LON, LAT, AREA = "300 Block of Eddy St", -122.41293, 37.78383, "Tenderloin"
HISTORY_DAYS, A_DAY = 60, 2.8
SECOND, SECOND_AFTER_US = "1000 Block of Polk St", 9 * DAY_US + 9 * HOUR_US
SAID = "made up for the demonstration"


class Act(NamedTuple):
    """Something that is done so long after the problem was opened, by whom."""

    after_us: int
    by: Actor
    command: type[Command]
    fields: dict[str, Any]
    due_days: int = 0


PLAY: tuple[Act, ...] = (
    Act(0, SUPERVISOR, w.TakeProblem, {"owner": "supervisor"}),
    Act(0, DESK, w.PlanProblem, {
        "goal": f"Half as many falls at the stairs ({SAID})",
        "plan": f"Light and a handrail at the entrance, a round of the street team ({SAID}).",
    }),
    Act(0, DESK, w.JoinAgency, {"agency": "311"}),
    Act(0, DESK, w.AddStep, {"what": f"Have the lamp over the stairs repaired ({SAID})",
                             "agency": "311"}, 2),
    Act(0, DESK, w.AddStep, {"what": f"Ask the owner for a handrail ({SAID})"}, 5),
    Act(0, DESK, w.AddStep, {"what": f"A round of the street team each evening ({SAID})"}, 9),
    Act(8 * HOUR_US, DESK, w.NoteProblem, {"words": f"The lamp is out on both sides ({SAID})."}),
    Act(2 * DAY_US, DESK, w.DoneStep, {"step": 1}),
    Act(2 * DAY_US + HOUR_US, DESK, w.NoteProblem,
        {"words": f"The lamp burns again; the caretaker was told ({SAID})."}),
    Act(4 * DAY_US, DESK, w.NoteProblem,
        {"words": f"The owner wants an estimate before the handrail ({SAID})."}),
    Act(6 * DAY_US, DESK, w.DoneStep, {"step": 3}),
)  # fmt: skip
"""What the simulated desk does; the handrail is left to people, and its date passes."""


def poisson(chance: random.Random, mean: float) -> int:
    """Return a count whose mean is given (Knuth's way, for small means)."""
    least, product, count = math.exp(-mean), chance.random(), 0
    while product > least:
        product *= chance.random()
        count += 1
    return count


class MadeUpProblems:
    """Opens the two problems and works on the first. Lives beside the feed of the calls."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._next_us = 0
        self._played = 0
        self._begun_us = 0

    def run(self, now_us: int, ask: Ask) -> None:
        """Play what is due at a moment (UTC microseconds); nothing in any other town."""
        town = self._hub.town
        if now_us < self._next_us or not isinstance(town, Town) or town.name != TOWN:
            return
        self._next_us = now_us + EVERY_US
        problem = self._first(town, now_us, ask)
        if problem is None:
            return
        if self._played == len(PLAY) and now_us < problem.opened_us + SECOND_AFTER_US:
            return
        self._play(problem, town, now_us, ask)
        if now_us >= problem.opened_us + SECOND_AFTER_US:
            ask(
                w.OpenProblem(
                    key="demo:problem:second", place=SECOND, kinds=KINDS,
                    because=f"many calls at one block since yesterday; the case is {SAID}",
                ),
                SUPERVISOR,
            )  # fmt: skip

    def _first(self, town: Town, now_us: int, ask: Ask) -> Problem | None:
        """Return the first problem, opened with its invented history where it is not there yet."""
        problems: dict[str, Problem] = self._hub.state["matters"].problems
        found = next((one for one in problems.values() if one.place == PLACE), None)
        if found is not None:
            return found
        ask(
            w.OpenProblem(
                key="demo:problem:first", place=PLACE, kinds=KINDS, cause="premises", area=AREA,
                lon=LON, lat=LAT, because=f"falls at the stairs, nearly every day; {SAID}",
            ),
            SUPERVISOR,
        )  # fmt: skip
        found = next((one for one in problems.values() if one.place == PLACE), None)
        if found is not None:
            chance = random.Random(PLACE)  # noqa: S311 - the same history in every demonstration
            first = sums.day_of(town, now_us) - datetime.timedelta(days=HISTORY_DAYS)
            counts = (*(poisson(chance, A_DAY) for _ in range(HISTORY_DAYS)), 0)
            key = f"demo:count:{found.problem}"
            ask(
                w.CountPlace(
                    key=key, problem=found.problem, first=first.isoformat(), counts=counts,
                    position=found.position,
                ),
                SYSTEM,
            )  # fmt: skip
        return found

    def _play(self, problem: Problem, town: Town, now_us: int, ask: Ask) -> None:
        """Do what is due; after a restart all of it is asked again, and known by its key."""
        while self._played < len(PLAY):
            act = PLAY[self._played]
            if now_us < problem.opened_us + act.after_us:
                return
            fields = {"problem": problem.problem, **act.fields}
            if "step" in fields:
                fields["step"] = f"{problem.problem}.{fields['step']}"
            if act.due_days:
                day = sums.day_of(town, problem.opened_us) + (act.due_days + 1) * sums.DAY
                fields["due"] = sums.midnight_us(town, day) - sums.US
            ask(act.command(key=f"demo:problem:{self._played}", **fields), act.by)
            self._played += 1
