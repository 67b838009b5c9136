"""A console over a record on a disk, with its public log."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx

from answerable.console.app import App, application
from answerable.console.centre import open_centre
from answerable.console.log.asking import Asking
from answerable.console.log.begin import begin_log
from answerable.console.log.service import LogService
from answerable.intake import words as i
from answerable.kernel.authority import Actor
from answerable.kernel.clock import SetClock
from answerable.kernel.hub import Accepted

NOON_US = 1_585_854_000_000_000
HOST = "http://127.0.0.1"
TAKER = Actor(name="lee", role="call_taker")


class Scene:
    """A centre on a disk whose log nobody runs: a test looks when it wants to."""

    def __init__(self, folder: Path, asking: Iterable[Asking] = ()) -> None:
        self.folder = folder
        self.clock = SetClock(NOON_US)
        self.centre = open_centre(folder, "san_francisco", self.clock, on_fatal=lambda why: None)
        self.keys, self.closed = 0, False
        try:
            publisher = begin_log(self.centre, folder)
        except BaseException:
            self.centre.close()
            raise
        self.app = App(self.centre, None)
        self.front = self.app.front
        self.wall = [1000.0]
        self.log = LogService(self.front, publisher, tuple(asking), clock=lambda: self.wall[0])
        self.asgi = application(self.app)

    @property
    def recorded(self) -> int:
        """The last recorded position."""
        return self.centre.head.size

    def ring(self, count: int = 1) -> None:
        """Record some calls."""
        for _ in range(count):
            self.keys += 1
            outcome = self.centre.hub.do(i.AnswerCall(key=f"call-{self.recorded}-{self.keys}"),
                                         TAKER)  # fmt: skip
            assert isinstance(outcome, Accepted), outcome
        self.centre.hub.commit()

    def look(self) -> None:
        """Sign what is new, as the running service does every second."""
        asyncio.run(self.log.look())

    def get(self, *paths: str, **headers: str) -> Any:
        """Return the answer to each request, made by nobody in particular."""

        async def ask() -> list[httpx.Response]:
            transport = httpx.ASGITransport(self.asgi)
            async with httpx.AsyncClient(transport=transport, base_url=HOST) as client:
                return [await client.get(path, headers=headers) for path in paths]

        answers = asyncio.run(ask())
        return answers[0] if len(paths) == 1 else answers

    def close(self) -> None:
        """Let go of everything; twice does nothing."""
        if not self.closed:
            self.closed = True
            self.log.close()
            self.centre.close()
