"""A place that called once a day for sixty days, and the stories that tests tell of it."""

from __future__ import annotations

import datetime

import msgspec

from answerable.matters import problem_words as w
from answerable.matters.problem_state import Problem
from answerable.towns.model import Agency, Title, Town
from tests.story import T0, US, Story, at_local, opened, toy_town

PLACE = "100 Block of Main St"
DAY = datetime.timedelta(days=1)
DAY_US = 86_400 * US
MONDAY = at_local("2020-04-06T00:00:00")
MAY = at_local("2020-05-01T00:00:00")
OPENED = w.ProblemOpened(
    problem="P1", place=PLACE, kinds=("Fire",), cause="noise", because="rings every night",
    bulletin_us=MONDAY, review_us=MAY,
)  # fmt: skip
COUNTED = w.PlaceCounted(problem="P1", first="2020-02-02", counts=(1,) * 60 + (3,), upto=1)
TAKEN = w.ProblemTaken(problem="P1", owner="supervisor")
PLANNED = w.ProblemPlanned(problem="P1", goal="quiet nights", plan="talk to the house")
ADDED = w.StepAdded(problem="P1", step="P1.1", what="a letter", due_us=T0 + 9 * DAY_US)
DONE = w.StepDone(problem="P1", step="P1.1", what="a letter")
BASE = (OPENED, COUNTED, TAKEN, PLANNED)


def town() -> Town:
    """Return the toy town with one agency that can take part."""
    made = toy_town()
    agency = Agency("noise", Title(en="Noise office"))
    file = msgspec.structs.replace(made.file, agencies=(agency,))
    return Town(file, tuple(made.units.values()), made.places, script=made.script)


def story(*events) -> Story:
    return Story(town()).given(*events)


def problem(told) -> Problem:
    """Return the problem of a story or a centre."""
    states = told.states if isinstance(told, Story) else told.hub.state
    return states["matters"].problems["P1"]


def quiet(days: float, *events, calls: int = 0) -> Story:
    """Return a story in which a step was done and so many days have passed, with some calls."""
    told = story(*BASE, ADDED, DONE, *events)
    for n in range(calls):
        call = opened(f"20100{n:04}", address=PLACE)
        told.given(call, at=told.now_us + round((n + 1.3) / (calls + 1) * days * DAY_US))
    told.now_us += round(days * DAY_US)
    return told


def watching(*, calls: int = 0, days: int = 40) -> Story:
    """Return a story in which the place was found quiet and is watched."""
    told = quiet(days, calls=calls)
    claim(told)
    told.when(w.WatchProblem, role="supervisor", name="second", problem="P1", days=28)
    assert problem(told).state == "watched"
    return told


def changed(event, **changes):
    return msgspec.structs.replace(event, **changes)


def claim(told: Story, *, name: str = "somebody", **fields) -> Story:
    return told.when(w.ClaimStopped, name=name, problem="P1", because="it is quiet", **fields)
