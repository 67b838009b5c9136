"""The hub on the event loop: a bounded queue before it, alarms behind it.

Commands that have gathered while the loop was busy are done in one batch and one commit; nobody
waits for a fuller batch. When the queue is full the answer is a reasoned 503, not a longer wait.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from answerable.kernel.authority import Actor
from answerable.kernel.event import Command
from answerable.kernel.hub import BATCH_MAX, QUEUE_MAX, Hub, Outcome, where
from answerable.kernel.store import CannotRecord, CommitFailed

ALARM_POLL_S = 0.1


class Unavailable(Exception):
    """The centre cannot take the command now; the three sentences say why and what to do."""


class Desk:
    """What pages and the API ask. One per hub; lives on one event loop."""

    def __init__(self, hub: Hub, *, on_fatal: Callable[[str], None]) -> None:
        self.hub = hub
        self._on_fatal = on_fatal
        self._queue: deque[tuple[Command, Actor, asyncio.Future[Outcome]]] = deque()
        self._planned = False

    async def ask(self, command: Command, actor: Actor) -> Outcome:
        """Have a command done; returns when it is recorded or refused. Raises Unavailable."""
        if self.hub.broken:
            raise Unavailable(
                "Not recorded. The record failed and the centre is starting again. "
                "Send it again with the same key in a few seconds."
            )
        if len(self._queue) >= QUEUE_MAX:
            raise Unavailable(
                f"Not recorded. {QUEUE_MAX} commands are already waiting. "
                "Send it again with the same key in a moment."
            )
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Outcome] = loop.create_future()
        self._queue.append((command, actor, answer))
        self._plan(loop)
        return await answer

    def _plan(self, loop: asyncio.AbstractEventLoop) -> None:
        if not self._planned:
            self._planned = True
            loop.call_soon(self._drain, loop)

    def _drain(self, loop: asyncio.AbstractEventLoop) -> None:
        self._planned = False
        if self.hub.broken:
            return
        batch = [self._queue.popleft() for _ in range(min(BATCH_MAX, len(self._queue)))]
        try:
            self.hub.store.ready()
            outcomes = [self.hub.do(command, actor) for command, actor, _ in batch]
            self.hub.secure()
        except CannotRecord as refusal:
            self._fail([answer for _, _, answer in batch], str(refusal))
        except Exception as fault:  # a failed commit, a broken invariant, an arm that failed
            self._die([answer for _, _, answer in batch], fault)
        else:
            for (_, _, answer), outcome in zip(batch, outcomes, strict=True):
                if not answer.done():
                    answer.set_result(outcome)
            # Whoever asked is answered first; pages hear of it in the same turn of the loop, and
            # before anything further is decided.
            loop.call_soon(self.hub.publish)
        if self._queue:
            self._plan(loop)

    def _fail(self, answers: list[asyncio.Future[Outcome]], why: str) -> None:
        for answer in answers:
            if not answer.done():
                answer.set_exception(Unavailable(why))

    def fail(self, fault: Exception) -> None:
        """Let the process end: the record failed beside the queue."""
        self._die([], fault)

    def _die(self, answers: list[asyncio.Future[Outcome]], fault: Exception) -> None:
        """State may be ahead of the record: answer nobody well, and let the process end."""
        cause = str(fault) if isinstance(fault, CommitFailed) else where(fault)
        self.hub.broken = self.hub.broken or cause
        why = (
            f"Not known to be recorded. The record failed: {cause}. "
            "Send it again with the same key once the centre is back."
        )
        self._fail(answers + [answer for _, _, answer in self._queue], why)
        self._queue.clear()
        self._on_fatal(self.hub.broken)

    async def watch_alarms(self) -> None:
        """Do what falls due, for as long as the task lives."""
        while not self.hub.broken:
            try:
                self.ring_due()
            except CannotRecord:
                await asyncio.sleep(1.0)
            except Exception as fault:
                self._die([], fault)
            await asyncio.sleep(ALARM_POLL_S)

    def ring_due(self) -> None:
        """Do all alarms that are due now, in batches, each committed."""
        until_us = self.hub.clock.now_us()
        while (due_us := self.hub.next_alarm_us()) is not None and due_us <= until_us:
            self.hub.store.ready()
            self.hub.ring(until_us)
            self.hub.commit()
