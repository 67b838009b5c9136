"""Many towns, each from its seed: ``answerable drill town``, and how a failure shrinks."""

from __future__ import annotations

from typing import NamedTuple

from answerable.planning.faults.results import Outcome
from answerable.planning.plants import PLANTS
from answerable.planning.world import SOUND, Violation, World

SHORTER_TRIES = 24
"""Runs that are spent on finding a shorter failure."""
STEPS_MIN = 50
PLANTED_DAYS = 5
"""Days in which a planted fault must show: not every sort of mishap comes every day."""


class Town(NamedTuple):
    """How a seed is lived through.

    ``steps`` ends the day after so many steps. ``plant`` names a planted fault, "" for none.
    ``shorter`` looks for the fewest steps with which the same is still violated.
    """

    days: int = 1
    steps: int | None = None
    plant: str = ""
    shorter: bool = False


def planted(seed: int, plant: str) -> Outcome:
    """Live through days of a seed with a planted fault, until it shows."""
    return live(seed, Town(PLANTED_DAYS, plant=plant))


def live(seed: int, town: Town) -> Outcome:
    """Live through the days of one seed; what is violated is a finding."""
    days, steps, plant, shorter = town
    outcome = Outcome("town", seeds=1)
    violation, world = attempt(seed, days, steps, plant)
    if violation is not None and shorter:
        violation, steps = shortened(seed, days, plant, violation)
    outcome.tried = world.day
    outcome.distinct = world.timeline.step
    outcome.acknowledged = sum(map(len, world.acked.values()))
    outcome.by_kind = dict(world.mishaps.happened)
    if violation is not None:
        again = ["town", "--seed", str(seed), "--seeds", "1", "--days", str(violation.day)]
        again += ["--steps", str(steps)] if steps is not None else []
        again += ["--plant", plant] if plant else []
        outcome.find(seed, violation.text(), again)
    return outcome


def attempt(
    seed: int, days: int, steps: int | None, plant: str = ""
) -> tuple[Violation | None, World]:
    """Live through the days of a seed; return what was violated, None where nothing was."""
    world = World(seed, PLANTS[plant] if plant else SOUND)
    try:
        world.run(days, steps)
    except Violation as violation:
        return violation, world
    return None, world


def shortened(
    seed: int, days: int, plant: str, violation: Violation
) -> tuple[Violation, int | None]:
    """Look for fewer steps after which the same invariant is violated, the day then healing.

    A town of fewer steps is another town, so this need not find the fewest of all.
    """
    fewest, best = violation.step, (violation, None)
    found: tuple[Violation, int | None] = best
    low = STEPS_MIN
    for _ in range(SHORTER_TRIES):
        if low >= fewest:
            break
        steps = (low + fewest) // 2
        again, _ = attempt(seed, days, steps, plant)
        if again is not None and again.name == violation.name:
            found, fewest = (again, steps), steps
        else:
            low = steps + 1
    return found
