"""A centre with an incident that is over, whose caller may be asked."""

from __future__ import annotations

from typing import Any

import pytest

from answerable.console.saying.links import Link
from answerable.dispatch import words as d
from answerable.exchange.texts.adapters import SimulatedTexts
from answerable.exchange.texts.definition import TextsAt
from answerable.followup import back_words as b
from answerable.intake import words as i
from answerable.kernel.authority import Actor
from tests.console.conftest import PLACE, World
from tests.console.conftest import read_once as read_once
from tests.console.conftest import world as world

NUMBER = "+1 415 555 0142"
HOUR_US = 3_600_000_000


class Asked:
    """A world in which callers are asked; ``gateway`` is what carries the texts."""

    def __init__(self, world: World) -> None:
        self.world, self.front = world, world.app.front
        self.saying = self.front.saying
        self.at = TextsAt(kind="simulated")
        self.gateway = SimulatedTexts(self.at)
        self.saying.set_up(self.at, "https://centre.example", self.gateway)

    def over(
        self, number: str = NUMBER, kind: str = "Outside Fire", call: str = ""
    ) -> tuple[str, str]:
        """Have a call come in and its incident closed; returns incident and call."""
        name = self.world.do(i.AnswerCall, number=number, **({"call": call} if call else {})).call
        incident = self.world.do(
            i.OpenIncident, call=name, kind=kind, priority="3",
            address="GOLDEN GATE AV/LARKIN ST", **PLACE,
        ).incident  # fmt: skip
        self.world.do(d.CloseIncident, incident=incident, outcome="nothing found")
        return str(incident), str(name)

    def token(self, incident: str, call: str, lang: str = "en") -> str:
        """Return a token for a call, as its text has it."""
        until_us = self.front.now_us() + HOUR_US
        return self.saying.links.mint(Link(incident, call, lang, until_us))

    def missed(self, incident: str, call: str, times: int = 3) -> None:
        """Have a caller rung that often without an answer."""
        ids = {"incident": incident, "call": call}
        staff = Actor(name="supervisor", role="supervisor")
        for _ in range(times):
            self.world.do(b.TakeCallBack, staff, **ids)
            self.world.do(b.TriedCallBack, staff, **ids, outcome=b.Outcome.NO_ANSWER)

    def events(self, *kinds: type[Any]) -> list[Any]:
        """Return the events of some kinds, from the record."""
        hub = self.world.centre.hub
        found = [hub.rooms.decode(row) for row in hub.store.rows()]
        return [event for event in found if isinstance(event, kinds)]

    def answers(self) -> list[b.CallBackAnswered]:
        """Return what callers said."""
        return self.events(b.CallBackAnswered)


@pytest.fixture
def asked(world: World) -> Asked:
    return Asked(world)
