"""What is being dialled: a queue in memory, a few lines at once, each cut off when it hangs.

Nobody waits for a dialler (B9): asking is putting into the queue. A number is held until its line
takes it up and by nothing else; it is in no attempt, no log and no file of ours. What a restart
loses is only dialled again: how a call-back stands is in the record, not here.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import NamedTuple

import msgspec

from answerable.exchange.dialler.definition import DiallerAt
from answerable.exchange.dialler.protocol import OVER, Adapter, Dial, NotDialled, State, Told

QUEUE_MAX = 200
"""Attempts that wait or run; beyond them nothing further is taken."""
KEPT = 500
"""Attempts that are over and still shown."""
TAKEN_S = 8.0
"""So long a dialler may take until it says that it rings."""
LONGER_S = 10.0
"""So much longer than it may ring is waited for the end."""
DOWN_AFTER = 3
PROBE_S = 15.0
"""One that failed so often in a row is asked again so often; meanwhile nobody waits for it."""
SILENT = "it does not answer"
NO_MORE = "this caller is not to be rung any more"

log = logging.getLogger("answerable.dialler")


class Attempt(msgspec.Struct):
    """One attempt to reach a caller, as pages show it. Times are seconds of the given clock."""

    id: str
    incident: str
    call: str
    desk: str
    by: str
    began_s: float
    state: State = "queued"
    why: str = ""

    @property
    def over(self) -> bool:
        """Whether nothing further comes of it."""
        return self.state in OVER


class Standing(NamedTuple):
    """How the dialler stands. ``since_s`` is when it began to fail, else 0."""

    kind: str
    waiting: int
    failures: int
    down: bool
    why: str
    since_s: float
    done: int


class CannotDial(Exception):
    """An attempt was not taken; its code says why: "desk", "call", "full", "down", "none"."""

    def __init__(self, code: str) -> None:
        """Keep the code."""
        super().__init__(code)
        self.code = code


Heard = Callable[[Attempt], Awaitable[None]]
"""Is told of every change of an attempt, beside the line that dials."""
Wanted = Callable[[Attempt], bool]
"""Says whether a caller is still to be rung, right before a line dials."""


class Switch:
    """The attempts of a centre. Lives on its event loop; without a dialler it takes none."""

    def __init__(
        self, dialler: DiallerAt, adapter: Adapter | None, heard: Heard,
        clock: Callable[[], float] = time.monotonic, wanted: Wanted = lambda _attempt: True,
    ) -> None:  # fmt: skip
        """``clock`` tells seconds, never going back."""
        self.dialler = dialler
        self.attempts: dict[str, Attempt] = {}
        """By call; the newest of each."""
        self.failures, self.done, self.why, self.since_s = 0, 0, "", 0.0
        self._adapter = adapter
        self._heard = heard
        self._clock, self._wanted = clock, wanted
        self._tried_s = -PROBE_S
        self._numbers: dict[str, str] = {}
        self._queue: asyncio.Queue[Attempt] = asyncio.Queue()

    @property
    def there(self) -> bool:
        """Whether there is a dialler at all."""
        return self._adapter is not None

    @property
    def down(self) -> bool:
        """Whether it failed so often in a row that it counts as down."""
        return self.failures >= DOWN_AFTER

    def standing(self) -> Standing:
        """Return how it stands."""
        waiting = sum(1 for one in self.attempts.values() if not one.over)
        return Standing(self.dialler.kind, waiting, self.failures, self.down, self.why,
                        self.since_s, self.done)  # fmt: skip

    def refused(self, call: str, desk: str) -> str:
        """Return why an attempt would not be taken now, as the code of CannotDial; "" for none."""
        if not self.there:
            return "none"
        going = [one for one in self.attempts.values() if not one.over]
        if any(one.call == call for one in going):
            return "call"
        if any(one.desk == desk for one in going):
            return "desk"
        if len(going) >= QUEUE_MAX:
            return "full"
        return "down" if self.down and self._clock() - self._tried_s < PROBE_S else ""

    def ask(self, incident: str, call: str, desk: str, number: str, by: str = "") -> Attempt:
        """Put an attempt into the queue. Raises CannotDial."""
        if code := self.refused(call, desk):
            raise CannotDial(code)
        made = Attempt(secrets.token_urlsafe(12), incident, call, desk, by, self._clock())
        self.attempts.pop(call, None)
        self.attempts[call] = made
        self._numbers[made.id] = number
        self._queue.put_nowait(made)
        self._forget()
        return made

    def _forget(self) -> None:
        over = [call for call, one in self.attempts.items() if one.over]
        for call in over[: max(0, len(over) - KEPT)]:
            del self.attempts[call]

    # -- dialling ----------------------------------------------------------------------------

    async def run(self) -> None:
        """Dial for as long as the task lives."""
        if self._adapter is None:
            return
        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(self.dialler.lines):
                    group.create_task(self._line(self._adapter))
        finally:
            self._numbers.clear()
            await self._adapter.close()

    async def _line(self, adapter: Adapter) -> None:
        while True:
            attempt = await self._queue.get()
            number = self._numbers.pop(attempt.id, "")
            if not self._wanted(attempt):  # barred, answered or left to another while it waited
                await self._into(attempt, "failed", NO_MORE)
                continue
            asked = Dial(id=attempt.id, desk=attempt.desk, number=number,
                         rings_s=self.dialler.rings_s)  # fmt: skip
            try:
                await self._dial(adapter, attempt, asked)
            except NotDialled as error:
                await self._failed(attempt, error.why)
            except TimeoutError:
                await self._failed(attempt, SILENT)
            except Exception as fault:  # an adapter's fault must not stop what is dialled after it
                log.error("fault of the dialler: %s", type(fault).__name__)
                await self._failed(attempt, "the program failed while dialling")

    async def _dial(self, adapter: Adapter, attempt: Attempt, asked: Dial) -> None:
        self._tried_s = self._clock()
        async with contextlib.aclosing(_of(adapter.dial(asked), asked)) as telling:
            wait_s = TAKEN_S
            while not attempt.over:
                async with asyncio.timeout(wait_s):
                    told = await anext(telling, None)
                if told is None:
                    raise NotDialled("it said no end")
                wait_s = self.dialler.rings_s + LONGER_S
                await self._take(attempt, told)

    async def _take(self, attempt: Attempt, told: Told) -> None:
        if told.state == "failed":
            raise NotDialled(told.why or "it could not try")
        if self.failures:
            log.warning("the dialler dials again")
        self.failures, self.why, self.since_s = 0, "", 0.0
        self.done += told.state in OVER
        await self._into(attempt, told.state)

    async def _failed(self, attempt: Attempt, why: str) -> None:
        if not self.failures:
            log.warning("the dialler does not dial: %s", why)
            self.since_s = self._clock()
        self.failures, self.why = self.failures + 1, why
        await self._into(attempt, "failed", why)

    async def _into(self, attempt: Attempt, state: State, why: str = "") -> None:
        attempt.state, attempt.why = state, why
        try:
            await self._heard(attempt)
        except Exception as fault:  # whoever is told must not stop the line
            log.error("fault while telling of an attempt: %s", type(fault).__name__)


async def _of(telling: AsyncGenerator[Told, None], asked: Dial) -> AsyncGenerator[Told, None]:
    """Yield what an adapter tells of this attempt and of no other."""
    async with contextlib.aclosing(telling):
        async for told in telling:
            if told.id == asked.id:
                yield told
