"""Time in the simulated town: what happens when, and what the machine's clock makes of it.

True time goes forward evenly. The machine's wall clock may be set forth or back; the clock of a
running centre never goes back (``TownClock``), as in a real one.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable

US = 1_000_000
SLOWER = 99
"""Hundredths of true time at which a steady clock runs while it waits for the wall (ADR 0015)."""

Act = Callable[[], None]


class Timeline:
    """What is going to happen, earliest first; of two at one instant the one planned first."""

    def __init__(self, begin_us: int) -> None:
        self.now_us = begin_us
        self.step = 0
        self.offset_us = 0
        self._planned: list[tuple[int, int, Act]] = []
        self._nth = 0

    @property
    def wall_us(self) -> int:
        """What the machine's clock shows, UTC microseconds."""
        return self.now_us + self.offset_us

    def at(self, us: int, act: Act) -> None:
        """Have something happen at an instant (UTC microseconds), not before now."""
        heapq.heappush(self._planned, (max(us, self.now_us), self._nth, act))
        self._nth += 1

    def after(self, seconds: float, act: Act) -> None:
        """Have something happen so many seconds from now."""
        self.at(self.now_us + int(seconds * US), act)

    def run(self, until_us: int, steps_max: int | None = None) -> None:
        """Let everything happen that is planned up to an instant, or up to a step."""
        planned = self._planned
        while planned and planned[0][0] <= until_us:
            if self.step == steps_max:
                return
            self.now_us, _, act = heapq.heappop(planned)
            self.step += 1
            act()
        self.now_us = max(self.now_us, until_us)


class TownClock:
    """The clock of one process: the wall's, never smaller than before.

    ``steady``: while the wall is behind it runs on, a little slower than true time, and begins at
    the record's last time, as ``answerable serve`` does (ADR 0015). Without it, time is held until
    the wall has caught up, as the kernel's own ``SystemClock`` does.
    """

    def __init__(self, timeline: Timeline, last_us: int, *, steady: bool) -> None:
        self._timeline = timeline
        self._steady = steady
        self._last_us = last_us if steady else 0
        self._since_us = timeline.now_us

    def now_us(self) -> int:
        """Return the time now, UTC microseconds."""
        timeline = self._timeline
        told_us = self._last_us
        if self._steady:
            told_us += (timeline.now_us - self._since_us) * SLOWER // 100
            self._since_us = timeline.now_us
        wall_us = timeline.wall_us
        self._last_us = wall_us if wall_us > told_us else told_us
        return self._last_us

    def wait_us(self, due_us: int) -> int:
        """Return in how many microseconds of true time this clock shows an instant, about."""
        now_us = self.now_us()
        if now_us >= due_us:
            return 0
        by_wall_us = due_us - self._timeline.wall_us
        if not self._steady:
            return by_wall_us
        return min(by_wall_us, (due_us - now_us) * 100 // SLOWER)
