"""A record of made-up rows, a fast clock and scripted carriers, for couriers without a network."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

from answerable.access import words as access
from answerable.exchange.hooks.book import Book
from answerable.exchange.hooks.courier import Times
from answerable.exchange.hooks.dispatcher import Dispatcher
from answerable.exchange.hooks.letters import new_secret
from answerable.exchange.hooks.post import NotTaken
from answerable.kernel.event import Event, Recorded, Row

CREDENTIAL = "0" * 32
UNIT_SENT = "dispatch.UnitSent"


class Record:
    """Rows of a record, each told as its position and kind."""

    def __init__(self) -> None:
        self.held: list[Row] = []
        self.reads = 0

    def add(self, count: int = 1, kind: str = UNIT_SENT, size: int = 10) -> list[Recorded]:
        """Record so many rows and return them."""
        made = []
        for _ in range(count):
            at = len(self.held) + 1
            row = Row(at, "", kind, 1, at * 10**6, at * 10**6, "", "", 1, b"x" * size)
            self.held.append(row)
            made.append(Recorded(row, Event()))
        return made

    def act(self, event: Event) -> list[Recorded]:
        """Record something about a hook."""
        (one,) = self.add(1, type(event).tag)
        return [Recorded(one.row, event)]

    def recorded(self) -> int:
        return len(self.held)

    def rows(self, after: int, limit: int) -> Iterator[Row]:
        self.reads += 1
        return iter(self.held[after : after + limit])

    def told(self, row: Row, role: str) -> bytes:
        return json.dumps({"position": row.position, "type": row.kind, "role": role}).encode()


class Ring:
    """The keyring: one secret."""

    def __init__(self) -> None:
        self.held: dict[str, str] = {CREDENTIAL: new_secret()}

    def secret(self, credential: str) -> str | None:
        return self.held.get(credential)


class Fast:
    """A clock that jumps to whatever is waited for, and notes how long that was."""

    def __init__(self) -> None:
        self.now_s = 1_700_000_000.0
        self.waits: list[float] = []

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        self.waits.append(seconds)
        await asyncio.sleep(0)
        if not event.is_set():
            self.now_s += seconds

    @property
    def times(self) -> Times:
        return Times(lambda: self.now_s, self.wait, lambda: 0.5)


class Carried:
    """A carrier that keeps letters, and refuses as often as it is told to."""

    def __init__(self) -> None:
        self.letters: list[tuple[dict[str, str], bytes]] = []
        self.refuse: list[NotTaken | None] = []
        self.always: NotTaken | None = None
        self.tries = 0
        self.closed = 0

    async def carry(self, url: str, headers: Mapping[str, str], body: bytes) -> None:
        self.tries += 1
        await asyncio.sleep(0)
        refusal = self.refuse.pop(0) if self.refuse else self.always
        if refusal is not None:
            raise refusal
        self.letters.append((dict(headers), body))

    async def close(self) -> None:
        self.closed += 1

    @property
    def positions(self) -> list[int]:
        bodies = [json.loads(body)["data"]["events"] for _, body in self.letters]
        return [event["position"] for events in bodies for event in events]


class Stage:
    """A dispatcher over all of these, with one hook of every event unless told otherwise."""

    def __init__(self, book: Book | None = None, record: Record | None = None, **hook: Any) -> None:
        self.record = record or Record()
        self.ring, self.fast, self.carried = Ring(), Fast(), Carried()
        told = {
            "hook": "stats", "url": "https://stats.example/in", "role": "reader",
            "credential": CREDENTIAL, "kinds": (), "state": "told", "position": 0,
        }  # fmt: skip
        self.hooks = {"stats": SimpleNamespace(**(told | hook))}
        self.acts: list[Recorded] = []
        self.book = book or Book.open(None)
        self.dispatcher = Dispatcher(
            self.book, self.record, self.ring, lambda: self.hooks, lambda _hook: self.acts,
            times=self.fast.times, carrier=lambda: self.carried,
        )  # fmt: skip

    def play(self, scene: Any = None, turns: int = 400) -> None:
        """Run the dispatcher for so many turns of the loop; ``scene`` acts meanwhile."""

        async def run() -> None:
            task = asyncio.create_task(self.dispatcher.run())
            await asyncio.sleep(0)
            if scene is not None:
                await scene()
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        asyncio.run(run())

    def happen(self, count: int = 1, kind: str = UNIT_SENT, size: int = 10) -> None:
        self.dispatcher.committed(self.record.add(count, kind, size))

    def retry(self, *letters: int) -> None:
        event = access.LettersRetried(hook="stats", letters=letters)
        self.dispatcher.committed(self.record.act(event))

    def drop(self, *letters: int) -> None:
        event = access.LettersDropped(hook="stats", letters=letters, reason="not wanted")
        self.dispatcher.committed(self.record.act(event))
