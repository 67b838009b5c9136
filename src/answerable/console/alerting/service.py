"""All that alerting does beside the work, as one thing the application begins and ends."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from answerable.console.alerting.channels import switchboard_of, watched
from answerable.console.alerting.proposer import Proposer
from answerable.exchange.channels.definition import Alerts, ChannelAt
from answerable.exchange.channels.switchboard import Switchboard
from answerable.exchange.hooks.addresses import Network
from answerable.exchange.hooks.courier import Times
from answerable.kernel.event import Recorded

if TYPE_CHECKING:
    from answerable.console.front import Front


class Alerting:
    """The channels of a centre, and who is proposed when nobody signs. One per process."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self.proposer = Proposer(front)
        self.switchboard: Switchboard = switchboard_of(front)
        watched(front)

    def set_up(
        self,
        channels: Collection[ChannelAt],
        alerts: Alerts,
        inside: Iterable[Network] = (),
        times: Times | None = None,
    ) -> None:
        """Take the channels of the settings, before anything runs."""
        self.switchboard.close()
        self.switchboard = switchboard_of(self._front, channels, alerts, inside=inside, times=times)

    def committed(self, recorded: Sequence[Recorded]) -> None:
        """Take up what has just been recorded; nothing here waits for anybody outside."""
        self.proposer.committed(recorded)
        self.switchboard.committed(recorded)

    async def run(self) -> None:
        """Alert and propose for as long as the task lives."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.proposer.run())
            group.create_task(self.switchboard.run())

    def close(self) -> None:
        """Let go of the book, after ``run`` has ended."""
        self.switchboard.close()
