"""One channel's caller: the couriers' way through the record, with the haste of an alert.

It walks the record as a hook's courier does, with the same book, but one alert is one letter; a
failure is told at once, so that the unit's next channel is tried; and an alert that nobody needs
any more (the crew has signed, the unit was cancelled) is put away instead of sent late.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import NamedTuple, Protocol

from answerable.exchange.channels.adapters import Adapter
from answerable.exchange.channels.page import Page
from answerable.exchange.hooks.book import Book
from answerable.exchange.hooks.courier import Courier, Source, Times
from answerable.exchange.hooks.letters import Letter, Target
from answerable.exchange.hooks.post import TIMEOUT_S, NotTaken
from answerable.kernel.event import Row

TRIES_MAX = 5
"""Tries over the last channel of a unit, about half a minute; any other channel has one."""
PAUSES_S = (1.0, 2.0, 4.0, 8.0)
DOWN_AFTER = 3
"""Failures in a row after which a channel counts as down."""
PROBE_S = 15.0
"""A channel that is down is asked again so often; meanwhile its alerts pass to the next at once."""
SCAN = 500
"""Positions looked through for what still waits."""

log = logging.getLogger("answerable.channels")


class Wanted(NamedTuple):
    """An alert as a channel gets it: what to say, and whether the unit has a channel after this."""

    page: Page
    last: bool


class Centre(Protocol):
    """What a caller asks of the centre."""

    def wants(self, row: Row, channel: str) -> bool:
        """Say whether a channel has to carry what a row is about, as things stand now."""
        ...

    def page_of(self, row: Row, channel: str) -> Wanted | None:
        """Return the alert a row leads to on a channel, None where nobody needs it any more."""
        ...

    async def heard(self, page: Page) -> None:
        """Have it recorded that the crew's device was reached."""
        ...

    async def missed(self, page: Page, why: str, *, last: bool) -> None:
        """Have it recorded that an alert could not be passed on."""
        ...


class _NoSecrets:
    """A channel's letters are signed by its adapter, where at all."""

    def secret(self, credential: str) -> str | None:
        return None


class _NoCarrier:
    """A caller carries through its adapter."""

    async def carry(self, url: str, headers: object, body: bytes) -> None:
        raise NotTaken("an adapter carries it")

    async def close(self) -> None:
        return


class Caller(Courier):
    """Alerts over one channel. ``why`` is what its last failure was, ``since_s`` of the first."""

    def __init__(
        self, target: Target, book: Book, source: Source, adapter: Adapter, centre: Centre,
        times: Times, pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:  # fmt: skip
        super().__init__(target, book, source, _NoSecrets(), _NoCarrier(), times)
        self.adapter = adapter
        self.why = ""
        self.since_s = 0.0
        self.carried_s = 0.0
        self.carried = 0
        self.missed = 0
        self.trying = False
        self._tried_s = 0.0
        self._centre = centre
        self._pause = pause

    @property
    def name(self) -> str:
        """The channel's name."""
        return self.target.hook

    @property
    def down(self) -> bool:
        """Whether it counts as down: several failures in a row."""
        return self.failures >= DOWN_AFTER

    def waiting(self) -> int:
        """Return how many alerts it still has to carry, of the next ``SCAN`` positions."""
        rows = self._source.rows(self.position, SCAN)
        in_hand = self._book.in_hand(self.name) is not None
        return int(in_hand) + sum(1 for row in rows if self._wanted(row))

    async def run(self) -> None:
        """Carry for as long as the task lives."""
        try:
            await super().run()
        finally:
            await self.adapter.close()

    # -- the way through the record ----------------------------------------------------------

    def _wanted(self, row: Row) -> bool:
        return row.kind in self.target.kinds and self._centre.wants(row, self.name)

    def _span(self) -> Letter | None:
        """Return the next alert as a letter of its own, or pass over what is none."""
        last = self.position
        for row in self._source.rows(self.position, SCAN):
            last = row.position
            if self._wanted(row):
                return Letter(self.name, last, last)
        self.position = last
        self._note()
        return None

    # -- one alert ---------------------------------------------------------------------------

    async def _try(self, letter: Letter) -> None:
        row = next(iter(self._source.rows(letter.first - 1, 1)), None)
        wanted = self._centre.page_of(row, self.name) if row is not None else None
        if wanted is None:
            self._put_away(letter)
            return
        now_s = self._times.now_s()
        if self.down and not wanted.last and now_s - self._tried_s < PROBE_S:
            await self._give_up(letter, wanted, f"it is down: {self.why}")
            return
        self._tried_s, self.trying = now_s, True
        try:
            async with asyncio.timeout(TIMEOUT_S):
                heard = await self.adapter.carry(wanted.page)
        except TimeoutError:
            await self._not_carried(letter, wanted, f"no answer came within {TIMEOUT_S:g} s")
        except NotTaken as error:
            await self._not_carried(letter, wanted, error.why)
        except Exception as fault:  # an adapter's fault must not stop the alerts after this one
            log.error("fault of channel %s: %s", self.name, type(fault).__name__)
            await self._not_carried(letter, wanted, "the program failed while carrying it")
        else:
            await self._carried(letter, wanted, heard=heard)
        finally:
            self.trying = False

    def _put_away(self, letter: Letter) -> None:
        self._book.delivered(letter)
        self._settled(letter)

    async def _carried(self, letter: Letter, wanted: Wanted, *, heard: bool) -> None:
        if self.failures:
            log.warning("channel %s carries again", self.name)
        self.failures, self.why, self.since_s = 0, "", 0.0
        self.carried, self.carried_s = self.carried + 1, self._times.now_s()
        if heard:
            await self._centre.heard(wanted.page)
        self._put_away(letter)

    async def _not_carried(self, letter: Letter, wanted: Wanted, why: str) -> None:
        if not self.failures:
            log.warning("channel %s does not carry: %s", self.name, why)
            self.since_s = self._times.now_s()
        self.failures += 1
        self.why = why
        if not wanted.last or letter.tries + 1 >= TRIES_MAX:
            await self._give_up(letter, wanted, why)
            return
        pause_s = PAUSES_S[min(letter.tries, len(PAUSES_S) - 1)]
        self._book.failed(letter, why, int((self._times.now_s() + pause_s) * 1e6))

    async def _give_up(self, letter: Letter, wanted: Wanted, why: str) -> None:
        self.missed += 1
        await self._centre.missed(wanted.page, why, last=wanted.last)
        self._put_away(letter)
