"""One hook's courier: letters in order, tries with growing pauses, then the next letter."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import NamedTuple, Protocol

from answerable.exchange.hooks import letters
from answerable.exchange.hooks.book import Book
from answerable.exchange.hooks.letters import CannotWrite, Letter, Target
from answerable.exchange.hooks.post import Carrier, NotTaken
from answerable.kernel.event import Row

TRIES_MAX = 10
"""Tries of one letter, within about three hours, before it is dead and the next follows."""
FIRST_PAUSE_S = 2.0
GROWTH = 3.0
PAUSE_S_MAX = 3_600.0
REACH_EVERY = 5_000
"""Positions with nothing to tell after which the book notes that they were passed."""

log = logging.getLogger("answerable.hooks")


class Secrets(Protocol):
    """Where the signing secrets are: the keyring."""

    def secret(self, credential: str) -> str | None:
        """Return the signing secret of a number, or None."""
        ...


class Source(Protocol):
    """The record as couriers read it."""

    def recorded(self) -> int:
        """Return the position up to which everything is durable."""
        ...

    def rows(self, after: int, limit: int) -> Iterator[Row]:
        """Yield rows after a position."""
        ...

    def told(self, row: Row, role: str) -> bytes:
        """Return an event as JSON with what a role may see of it; sealed words never."""
        ...


async def wait_for(event: asyncio.Event, seconds: float) -> None:
    """Wait until something comes in between, or so many seconds."""
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)


class Times(NamedTuple):
    """Time and chance, so that a test need not wait. Chance gives numbers from 0 to 1."""

    now_s: Callable[[], float] = time.time
    wait: Callable[[asyncio.Event, float], Awaitable[None]] = wait_for
    chance: Callable[[], float] = random.random


class Courier:
    """Tells one hook. ``position`` is how far it has been told, or had nothing to be told."""

    def __init__(
        self, target: Target, book: Book, source: Source, secrets: Secrets, carrier: Carrier,
        times: Times,
    ) -> None:  # fmt: skip
        self.target = target
        self._book = book
        self._source = source
        self._secrets = secrets
        self._carrier = carrier
        self._times = times
        standing = book.standing(target)
        self.failures = standing.failures
        self.position = self._noted = standing.position
        if self.position > source.recorded():  # an older copy of the record was put back
            self.position = source.recorded()
            self._note()
        self._woken = asyncio.Event()
        self._hurried = asyncio.Event()

    def wake(self) -> None:
        """Look again: something was recorded."""
        self._woken.set()

    def hurry(self) -> None:
        """Look again and wait for nothing: letters are to be tried again."""
        self.failures = 0
        self._hurried.set()
        self._woken.set()

    def passed(self, first: int, last: int) -> None:
        """Take note of positions that hold nothing for this hook."""
        if self.position + 1 == first:
            self.position = last
            if self.position - self._noted >= REACH_EVERY:
                self._note()

    def _note(self) -> None:
        self._book.reach(self.target.hook, self.position)
        self._noted = self.position

    async def run(self) -> None:
        """Deliver for as long as the task lives."""
        try:
            while True:
                self._woken.clear()
                self._hurried.clear()
                letter = self._book.in_hand(self.target.hook) or await self._new()
                if letter is None:
                    await self._woken.wait()
                elif (wait_s := letter.next_us / 1e6 - self._times.now_s()) > 0:
                    await self._times.wait(self._hurried, wait_s)
                else:
                    await self._try(letter)
        finally:
            await self._carrier.close()

    async def _new(self) -> Letter | None:
        """Take the next letter in hand, or return None where there is nothing to tell."""
        while self.position < self._source.recorded():
            span = self._span()
            if span is not None:
                self.position = max(self.position, span.last)
                self._book.take(span)
                return span
            await asyncio.sleep(0)  # others first: this may be a long way through the record
        return None

    def _span(self) -> Letter | None:
        """Return a letter over the next positions, or pass over them where they hold nothing."""
        first, last, size, found = self.position + 1, self.position, 0, 0
        for row in self._source.rows(self.position, letters.EVENTS_MAX):
            last = row.position
            if self._wanted(row):
                found += 1
                size += len(row.body)
            if size >= letters.BODY_BYTES_MAX:
                break
        if found:
            return Letter(self.target.hook, first, last)
        self.position = last
        if self.position - self._noted >= REACH_EVERY:
            self._note()
        return None

    def _wanted(self, row: Row) -> bool:
        return not self.target.kinds or row.kind in self.target.kinds

    # -- one try -----------------------------------------------------------------------------

    async def _try(self, letter: Letter) -> None:
        try:
            headers, body = self._written(letter)
            await self._carrier.carry(self.target.url, headers, body)
        except (NotTaken, CannotWrite) as error:
            self._failed(letter, str(error), getattr(error, "wait_s", 0.0))
            return
        except Exception as fault:  # a fault of ours: the letter must not stop those after it
            log.error("fault while telling a hook: %s", type(fault).__name__)
            self._failed(letter, "the program failed while writing it", 0.0)
            return
        if self.failures:
            log.warning("hook %s takes letters again", self.target.hook)
        self.failures = 0
        self._book.delivered(letter)
        self._settled(letter)

    def _settled(self, letter: Letter) -> None:
        self.position = max(self.position, letter.last)
        self._noted = max(self._noted, letter.last)

    def _written(self, letter: Letter) -> tuple[dict[str, str], bytes]:
        """Return the headers and the body of a letter, from the record as it stands."""
        secret = self._secrets.secret(self.target.credential)
        if secret is None:
            raise CannotWrite("its secret is not in the keyring")
        rows = list(self._source.rows(letter.first - 1, letter.last - letter.first + 1))
        if not rows or rows[-1].position != letter.last:
            raise CannotWrite("the record does not hold these events any more")
        events = [self._source.told(row, self.target.role) for row in rows if self._wanted(row)]
        body = letters.body_of(letter, rows[-1].recorded_at, events)
        number = letters.number_of(self.target, letter)
        return letters.headers_of(secret, number, int(self._times.now_s()), body), body

    def _failed(self, letter: Letter, why: str, asked_s: float) -> None:
        hook = self.target.hook
        if not self.failures:
            log.warning("hook %s was not told: %s", hook, why)
        self.failures += 1
        if letter.tries + 1 >= TRIES_MAX or letter.state == "again":
            log.error("hook %s: events %d to %d are given up: %s", hook, letter.first,
                      letter.last, why)  # fmt: skip
            self._book.died(letter, why)
            self._settled(letter)
            return
        pause_s = max(self._pause_s(), asked_s)
        next_us = int((self._times.now_s() + pause_s) * 1e6)
        self._book.failed(letter, why, next_us)

    def _pause_s(self) -> float:
        """Return the pause after so many failures in a row, a quarter longer or shorter by chance.

        It grows with the hook's failures, not with the letter's: a dead receiver is asked once an
        hour, whichever letter is in hand.
        """
        grown: float = FIRST_PAUSE_S * GROWTH ** min(self.failures - 1, 20)
        return min(grown, PAUSE_S_MAX) * (0.75 + self._times.chance() / 2)
