"""A console for reading lines only: made once, and no test changes it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from answerable.console.bar.parse import read
from answerable.console.bar.reading import Reading
from answerable.console.bar.service import Bar, Panel
from answerable.console.centre import open_centre
from answerable.console.demo import Demo
from answerable.console.session import Session
from answerable.dispatch import words as d
from answerable.exchange.calls.plan import Plan
from answerable.exchange.calls.replay import Feed
from answerable.intake import words as i
from answerable.kernel.authority import IMPORTER, Actor
from answerable.kernel.clock import PacedClock
from answerable.matters import matter_words as m
from answerable.matters import problem_words as p
from answerable.record.memory import MemoryStore
from tests.console.conftest import MINUTE_US, NOON_US, PLACE, World

OPEN, OTHER, CLOSED, BOOKED = "200930603", "200930604", "200930701", "200930702"
CALL, RINGING = "C200931012", "C200931013"
DAY_US = 24 * 60 * MINUTE_US
SUPERVISOR = Actor(name="supervisor", role="supervisor")


@dataclass
class Desk:
    """Somebody at the bar of a world."""

    world: World
    bar: Bar
    session: Session
    tag: str = "en"

    @property
    def front(self) -> Any:
        """The centre as its pages see it."""
        return self.world.app.front

    def at(self, role: str, tag: str = "en") -> Desk:
        """Return somebody else at the same bar."""
        return Desk(self.world, self.bar, self.world.session(role), tag)

    def read(self, line: str, chosen: str = OPEN) -> Reading:
        """Read a line."""
        return read(self.front, self.bar.verbs(self.session.actor.role), line, chosen)

    def panel(self, line: str, chosen: str = OPEN, caret: int = -1) -> Panel:
        """Return what is shown while a line is written."""
        phrases = self.front.phrases(self.tag)
        return asyncio.run(self.bar.panel(self.session, phrases, line, caret, chosen))


def made(path: Any) -> tuple[Any, World]:
    """Return a centre with incidents open, closed and booked, calls, a matter and a problem."""
    clock = PacedClock(NOON_US, 1.0)
    centre = open_centre(
        path, "san_francisco", clock, store=MemoryStore(), on_fatal=lambda why: None
    )
    plan = Plan(commands=[], units=[], calls=0)
    demo = Demo(centre.hub, clock, Feed(plan), NOON_US, NOON_US + 600 * MINUTE_US)
    world = World(centre, demo)
    for unit, kind in (("E03", "ENGINE"), ("E07", "ENGINE"), ("E36", "ENGINE"), ("T03", "TRUCK"),
                       ("M12", "MEDIC")):  # fmt: skip
        world.do(d.PutOnDuty, unit=unit, unit_type=kind, station=unit[1:], skills=("ALS",))
    place = {"address": "GOLDEN GATE AV/LARKIN ST", **PLACE}
    for number, kind in ((OPEN, "Medical Incident"), (OTHER, "Structure Fire"),
                         (CLOSED, "Alarms")):  # fmt: skip
        call = world.do(i.AnswerCall).call
        world.do(i.OpenIncident, IMPORTER, call=call, incident=number, kind=kind, priority="3",
                 **place)  # fmt: skip
    world.do(d.CloseIncident, incident=CLOSED, outcome="false alarm")
    world.do(i.BookIncident, incident=BOOKED, kind="Administrative", priority="2",
             due=NOON_US + 60 * MINUTE_US, **place)  # fmt: skip
    world.do(i.AnswerCall, call=CALL, number="415 555 0147")
    line = Actor(name="line", role="line")
    world.do(i.RingCall, line, call=RINGING, line="110")
    world.do(m.OpenMatter, kind="hazard", words="a loose board", owner_sort="unit", owner="E03")
    world.do(p.OpenProblem, place="MISSION ST/8TH ST", because="often")
    world.do(p.TakeProblem, SUPERVISOR, problem="P1", owner="supervisor")
    world.do(p.PlanProblem, problem="P1", goal="quiet nights")
    world.do(p.AddStep, problem="P1", what="a letter", due=NOON_US + 9 * DAY_US)
    return centre, world


@pytest.fixture(scope="session")
def desk(tmp_path_factory) -> Iterator[Desk]:
    """A supervisor at the bar; nothing may be recorded there."""
    centre, world = made(tmp_path_factory.mktemp("bar"))
    before = centre.hub.position
    yield Desk(world, world.app.bar, world.session("supervisor"))
    assert centre.hub.position == before, "a test that only reads has recorded something"
    centre.close()


@pytest.fixture
def busy(tmp_path) -> Iterator[Desk]:
    """A supervisor at a bar of their own, where things are done."""
    centre, world = made(tmp_path)
    yield Desk(world, world.app.bar, world.session("supervisor"))
    centre.close()
