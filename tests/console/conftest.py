"""A console over San Francisco in memory, with a few calls, for page tests."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any

import httpx
import pytest

from answerable.console import app as app_module
from answerable.console import centre as centre_module
from answerable.console.app import App, application
from answerable.console.centre import Centre, open_centre
from answerable.console.demo import Demo
from answerable.console.session import Session
from answerable.dispatch import words as d
from answerable.exchange.calls.plan import Plan
from answerable.exchange.calls.replay import Feed
from answerable.intake import words as i
from answerable.kernel.authority import Actor
from answerable.kernel.clock import PacedClock
from answerable.kernel.event import Command
from answerable.kernel.hub import Accepted
from answerable.record.memory import MemoryStore
from tests.console.browser import DRAWS, FLAT, driven

NOON_US = 1_585_854_000_000_000
"""2 April 2020, 12:00 in San Francisco."""
MINUTE_US = 60_000_000
DISPATCHER = Actor(name="dispatcher", role="dispatcher")
PLACE = {"lon": -122.4177, "lat": 37.7816}
HOST = "http://127.0.0.1"


class World:
    """A centre, its console and a browser-like client for each desk."""

    def __init__(self, centre: Centre, demo: Demo) -> None:
        self.centre, self.demo = centre, demo
        self.app = App(centre, demo)
        self.keys = 0

    @functools.cached_property
    def asgi(self) -> Any:
        """The console's routes: made when somebody asks, because that takes half of all."""
        return application(self.app)

    def do(self, command: type[Command], actor: Actor = DISPATCHER, **fields: Any) -> Any:
        """Have a command done and return its first event."""
        self.keys += 1
        outcome = self.centre.hub.do(command(key=f"test-{self.keys}", **fields), actor)
        assert isinstance(outcome, Accepted), outcome
        self.centre.hub.commit()
        return outcome.recorded[0].event

    def session(self, role: str) -> Session:
        """Return a session of somebody in a role."""
        sessions = self.app.front.sessions
        found = sessions.find(sessions.begin(Actor(name=role, role=role)))
        assert found is not None
        return found

    def incident(self, **fields: Any) -> str:
        """Open an incident and return its number."""
        told = {"kind": "Medical Incident", "priority": "3", "address": "GOLDEN GATE AV/LARKIN ST"}
        call = self.do(i.AnswerCall).call
        return str(self.do(i.OpenIncident, call=call, **(told | PLACE | fields)).incident)

    @contextlib.asynccontextmanager
    async def client(self, role: str = "dispatcher") -> AsyncIterator[httpx.AsyncClient]:
        """Yield a client signed in at a desk; "" for nobody."""
        transport = httpx.ASGITransport(self.asgi)
        async with httpx.AsyncClient(transport=transport, base_url=HOST) as client:
            if role:
                answer = await client.get(f"/demo/sign-in/{role.replace('_', '-')}")
                assert answer.status_code == 303
            yield client

    def run(self, scene: Callable[[httpx.AsyncClient], Any], role: str = "dispatcher") -> Any:
        """Run one scene of a signed-in client to its end."""

        async def play() -> Any:
            async with self.client(role) as client:
                try:
                    return await scene(client)
                finally:
                    await self.app.end_work()

        return asyncio.run(play())


@pytest.fixture(scope="session", autouse=True)
def read_once() -> Iterator[None]:
    """Read the town's roads, map and files once for all tests: nothing changes them."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name in ((centre_module, "load_places"), (app_module, "town_assets"),
                             (app_module, "console_assets")):  # fmt: skip
            patch.setattr(module, name, functools.cache(getattr(module, name)))
        yield


@pytest.fixture(scope="module")
def launch() -> Iterator[Callable[[Sequence[str]], Any]]:
    """What launches browsers for the tests of a module."""
    with driven() as made:
        yield made


@pytest.fixture(scope="module")
def chrome(launch) -> Any:
    """A browser that is quick, and draws no map."""
    return launch(FLAT)


@pytest.fixture(scope="module")
def drawing(launch) -> Any:
    """A browser that draws maps: for tests that look at one, or at how pages are drawn."""
    return launch(DRAWS)


@pytest.fixture
def world(tmp_path) -> Iterator[World]:
    clock = PacedClock(NOON_US, 1.0)
    centre = open_centre(
        tmp_path, "san_francisco", clock, store=MemoryStore(), on_fatal=lambda why: None
    )
    plan = Plan(commands=[], units=[], calls=0)
    demo = Demo(centre.hub, clock, Feed(plan), NOON_US, NOON_US + 600 * MINUTE_US)
    made = World(centre, demo)
    for unit in ("E03", "T03", "E36"):
        made.do(d.PutOnDuty, unit=unit, unit_type="TRUCK" if unit[0] == "T" else "ENGINE",
                station=unit[1:], skills=("ALS",))  # fmt: skip
    yield made
    centre.close()
