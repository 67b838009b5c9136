"""A centre with channels whose adapters are scripted, on a loop that the test owns."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from answerable.dispatch import words as d
from answerable.exchange.channels.definition import Alerts, ChannelAt
from answerable.exchange.channels.page import Page
from answerable.exchange.hooks.courier import Times
from answerable.exchange.hooks.post import NotTaken
from answerable.kernel.event import Event
from tests.console.conftest import World


class Scripted:
    """An adapter that does what it was told: True heard, False no receipt, or it fails so."""

    def __init__(self, *does: bool | str | Callable[[], Awaitable[Any]]) -> None:
        self.does = list(does) or [True]
        self.pages: list[Page] = []

    async def carry(self, page: Page) -> bool:
        self.pages.append(page)
        act = self.does.pop(0) if len(self.does) > 1 else self.does[0]
        if isinstance(act, str):
            raise NotTaken(act)
        if callable(act):
            return bool(await act())
        return act

    async def close(self) -> None:
        pass


async def hang() -> None:
    await asyncio.sleep(30)


class Alerted:
    """A centre whose channels are these adapters, by name; all units have them in this order."""

    def __init__(self, world: World, units: dict[str, tuple[str, ...]] | None = None,
                 **adapters: Scripted) -> None:  # fmt: skip
        self.world, self.adapters = world, adapters
        self.alerting = world.app.front.alerting
        self.now_s = 1_000_000.0
        channels = [ChannelAt(name=name, kind="simulated") for name in adapters]
        alerts = Alerts(order=tuple(adapters), units=units or {})
        self.alerting.set_up(channels, alerts, times=Times(now_s=self._now_s, wait=self._wait))
        self.alerting.switchboard._make = lambda channel, *_: adapters[channel.name]

    def _now_s(self) -> float:
        return self.now_s

    async def _wait(self, event: asyncio.Event, seconds: float) -> None:
        """Let a pause pass at once, but let the others have their turn."""
        self.now_s += seconds
        await asyncio.sleep(0)

    def play(self, scene: Callable[[], Awaitable[Any]]) -> Any:
        """Run a scene beside the channels."""

        async def whole() -> Any:
            running = asyncio.create_task(self.alerting.run())
            await settled()
            try:
                return await scene()
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)

        return asyncio.run(whole())

    async def send(self, unit: str = "E03", incident: str = "") -> str:
        incident = incident or self.world.incident()
        self.world.do(d.SendUnit, incident=incident, unit=unit)
        await settled()
        return incident

    def events(self, *kinds: type[Event]) -> list[Any]:
        """Return the events of some kinds, from the record."""
        hub = self.world.centre.hub
        found = [hub.rooms.decode(row) for row in hub.store.rows()]
        return [event for event in found if isinstance(event, kinds)]

    def sorts(self, channel: str) -> list[str]:
        return [page.sort for page in self.adapters[channel].pages]


async def settled(turns: int = 60) -> None:
    """Give everybody their turns."""
    for _ in range(turns):
        await asyncio.sleep(0)


def names(pages: Iterable[Page]) -> list[str]:
    return [f"{page.unit} {page.sort}" for page in pages]
