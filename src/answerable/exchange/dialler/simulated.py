"""A dialler that is only played, for the demonstration and for exercises. It reaches nobody.

The share of callers who answer is shaped on what is published: of 20 callers rung back the next
day 15 were reached (Xinyu, 2013); a first attempt reaches somewhat fewer.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Awaitable, Callable

from answerable.exchange.dialler.definition import DiallerAt
from answerable.exchange.dialler.protocol import Dial, NotDialled, Told

RINGS_S = (2.0, 9.0)
"""So long it rings until somebody answers, or the caller who plays is known not to."""


class SimulatedDialler:
    """Seeded: the same seed and the same order of attempts give the same outcomes."""

    def __init__(
        self, dialler: DiallerAt, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._at = dialler
        self._dice = random.Random(dialler.seed)  # noqa: S311 - a simulation, not a secret
        self._sleep = sleep

    async def dial(self, asked: Dial) -> AsyncGenerator[Told, None]:
        """Play one attempt. Raises NotDialled where it is dead."""
        if self._at.dead:
            raise NotDialled("it is dead")
        thrown, rings_s = self._dice.random(), self._dice.uniform(*RINGS_S)
        await self._sleep(self._at.delay_s)
        if thrown >= 1 - self._at.busy:
            yield Told(asked.id, "busy")
            return
        yield Told(asked.id, "ringing")
        await self._sleep(min(rings_s, asked.rings_s))
        yield Told(asked.id, "answered" if thrown < self._at.answers else "no answer")

    async def close(self) -> None:
        """Hold nothing."""
