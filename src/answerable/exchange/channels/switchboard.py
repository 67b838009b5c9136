"""All callers of a centre: one for each channel of its settings, in tasks of their own.

Whoever sends a unit waits for none of this: what is recorded only wakes the callers (B9). That the
next channel is tried when one fails follows from the record too: the failure is an event, and the
next channel's caller is woken by it like by any other.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import NamedTuple

from answerable.dispatch.alert_words import AlertMissed, UnitReminded
from answerable.dispatch.report_words import ReportReminded
from answerable.dispatch.words import UnitCancelled, UnitSent
from answerable.exchange.channels.adapters import Adapter, adapter_of
from answerable.exchange.channels.caller import Caller, Centre
from answerable.exchange.channels.definition import Alerts, ChannelAt
from answerable.exchange.hooks.addresses import Network, Resolver
from answerable.exchange.hooks.book import Book
from answerable.exchange.hooks.courier import Source, Times
from answerable.exchange.hooks.letters import Target
from answerable.kernel.event import Recorded
from answerable.matters.matter_words import MatterMessaged, MatterReminded

BOOK_FILE = "channels.sqlite"
ROLE = "channel"
KINDS = frozenset({
    UnitSent.tag, UnitReminded.tag, ReportReminded.tag, AlertMissed.tag, UnitCancelled.tag,
    MatterReminded.tag, MatterMessaged.tag,
})  # fmt: skip
"""The events that may lead to an alert."""

log = logging.getLogger("answerable.channels")


class Standing(NamedTuple):
    """How a channel stands. ``since_s`` is when it began to fail (seconds since 1970), else 0."""

    name: str
    kind: str
    address: str
    waiting: int
    failures: int
    down: bool
    trying: bool
    why: str
    since_s: float
    carried: int
    carried_s: float
    missed: int


Make = Callable[[ChannelAt, Resolver, Iterable[Network]], Adapter]


class Switchboard:
    """The channels of a centre. Lives on its event loop; without channels it does nothing."""

    def __init__(
        self,
        channels: Collection[ChannelAt],
        alerts: Alerts,
        book: Book,
        source: Source,
        centre: Centre,
        *,
        inside: Iterable[Network] = (),
        times: Times | None = None,
        make: Make = adapter_of,
    ) -> None:
        """``inside`` are the networks of one's own to which http alerts may go."""
        self.channels = tuple(channels)
        self.alerts = alerts
        self.book = book
        self.trouble = ""
        """Why nothing is carried: the book cannot be used."""
        self._source = source
        self._centre = centre
        self._inside = tuple(inside)
        self._times = times or Times()
        self._make = make
        self._resolver = Resolver()
        self._callers: dict[str, Caller] = {}
        self._tasks: list[asyncio.Task[None]] = []

    async def run(self) -> None:
        """Carry alerts for as long as the task lives; ends all callers with it."""
        for name in set(self.book.hooks()) - {one.name for one in self.channels}:
            self.book.forget(name)
        try:
            for channel in self.channels:
                self._begin(channel)
            await asyncio.Event().wait()
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            self._callers.clear()
            self._resolver.close()

    def close(self) -> None:
        """Let go of the book, after ``run`` has ended."""
        self.book.close()

    def _begin(self, channel: ChannelAt) -> None:
        target = Target(
            channel.name, channel.address, ROLE, channel.mark(), KINDS, self._source.recorded()
        )
        adapter = self._make(channel, self._resolver, self._inside)
        caller = Caller(target, self.book, self._source, adapter, self._centre, self._times)
        self._callers[channel.name] = caller
        task = asyncio.create_task(caller.run(), name=f"channel {channel.name}")
        task.add_done_callback(_told_if_it_fails)
        self._tasks.append(task)

    def committed(self, recorded: Sequence[Recorded]) -> None:
        """Wake the callers; a batch that alerts nobody costs each of them one comparison."""
        if not self._callers:
            return
        alerting = any(one.row.kind in KINDS for one in recorded)
        first, last = recorded[0].row.position, recorded[-1].row.position
        for caller in self._callers.values():
            if alerting:
                caller.wake()
            else:
                caller.passed(first, last)

    def next_after(self, unit: str, channel: str) -> str:
        """Return the channel of a unit that follows one of them, "" where none does."""
        order = self.alerts.of(unit)
        place = order.index(channel) + 1 if channel in order else len(order)
        return order[place] if place < len(order) else ""

    def standing(self) -> list[Standing]:
        """Return how each channel stands, in the order of the settings."""
        return [
            Standing(
                channel.name, channel.kind, channel.address, one.waiting(), one.failures,
                one.down, one.trying, one.why, one.since_s, one.carried, one.carried_s, one.missed,
            )
            for channel in self.channels
            if (one := self._callers.get(channel.name)) is not None
        ]  # fmt: skip


def _told_if_it_fails(task: asyncio.Task[None]) -> None:
    """Tell that a caller has ended by a fault; the centre goes on."""
    if not task.cancelled() and (fault := task.exception()) is not None:
        log.error("%s stopped: %s", task.get_name(), type(fault).__name__)
