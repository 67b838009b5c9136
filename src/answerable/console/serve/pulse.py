"""The pulse: once a second it looks at the clock, the alarms and how long the loop kept it waiting.

It also keeps the snapshots, which a centre takes between two commands.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from answerable.console.centre import Centre
    from answerable.console.serve.clock import ClockWatch
    from answerable.console.serve.metrics import Counts

TICK_S = 1.0
LATE_S = 1.0
"""An alarm that waits longer than this past its time is counted as late."""
LAGS_KEPT = 60
MICROS = 1_000_000


class Pulse:
    """What the last looks found."""

    def __init__(self, centre: Centre, counts: Counts, clock_watch: ClockWatch | None) -> None:
        self._centre, self._counts, self._clock_watch = centre, counts, clock_watch
        self._lags_s: deque[float] = deque([0.0], maxlen=LAGS_KEPT)
        self._late_due_us = 0
        self.late = 0

    @property
    def lag_s(self) -> float:
        """The longest time the loop was late in the last minute, in seconds."""
        return max(self._lags_s)

    def lateness_s(self) -> float:
        """Return how long the earliest alarm has been due; 0 where none is."""
        due_us = self._centre.hub.next_alarm_us()
        return 0.0 if due_us is None else max(0.0, (self._centre.now_us() - due_us) / MICROS)

    def look(self) -> None:
        """Look once."""
        if self._clock_watch is not None:
            self._clock_watch.look()
        due_us = self._centre.hub.next_alarm_us()
        if due_us is not None and due_us != self._late_due_us and self.lateness_s() > LATE_S:
            self._late_due_us = due_us
            self.late += 1

    def keep(self) -> None:
        """Keep a snapshot where one is due, and count the time it took."""
        began_s, before = time.perf_counter(), self._centre.saved_at
        self._centre.save_if_due()
        if self._centre.saved_at != before:
            self._counts.snapshots += 1
            self._counts.snapshot_s += time.perf_counter() - began_s

    async def beat(self, died: list[str]) -> None:
        """Look and keep for as long as the record lives."""
        while not died:
            began_s = time.monotonic()
            await asyncio.sleep(TICK_S)
            self._lags_s.append(max(0.0, time.monotonic() - began_s - TICK_S))
            self.look()
            self.keep()
