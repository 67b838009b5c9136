"""What watches over a centre that runs for real: counts, pulse, clock, log; one object for all."""

from __future__ import annotations

import time
from collections.abc import Callable

from answerable.console.front import Front
from answerable.console.serve.clock import ClockWatch, SteadyClock
from answerable.console.serve.metrics import CountingDesk, Counts, exposition, registry
from answerable.console.serve.pulse import Pulse
from answerable.console.serve.settings import Settings
from answerable.kernel.desk import Desk


class Service:
    """The watch over one front. Make it once, before anything is asked."""

    def __init__(
        self, front: Front, settings: Settings, counts: Counts, clock: SteadyClock | None = None
    ) -> None:
        self.front, self.settings, self.counts = front, settings, counts
        self.clock = clock
        self.clock_watch = ClockWatch(clock) if clock else None
        self.pulse = Pulse(front.centre, self.counts, self.clock_watch)
        self.began_s = time.time()
        self.lines_lost: Callable[[], int] = lambda: 0
        front.service = self
        front.hub.subscribe(self.counts.committed)
        self._registry = registry(front, self)

    def waiting(self) -> int:
        """Return how many commands wait for the hub."""
        desk: Desk = self.front.desk
        return desk.waiting if isinstance(desk, CountingDesk) else 0

    def ahead_s(self) -> float:
        """Return how far the service's time is ahead of the machine's, in seconds."""
        return self.clock.ahead_s if self.clock else 0.0

    def metrics(self) -> bytes:
        """Return all numbers in Prometheus' text format."""
        return exposition(self._registry)
