"""Time as an input: nothing below the edge of the process reads the machine's clock by itself."""

from __future__ import annotations

import time
from typing import Protocol


class Clock(Protocol):
    """Something that tells the time."""

    def now_us(self) -> int:
        """Return the time now, UTC microseconds."""
        ...


class SystemClock:
    """The machine's clock, never going back: a step backwards is held until time catches up."""

    def __init__(self) -> None:
        self._last_us = 0

    def now_us(self) -> int:
        """Return the time now, UTC microseconds, never smaller than before."""
        self._last_us = max(self._last_us, time.time_ns() // 1000)
        return self._last_us


class SetClock:
    """A clock that stands where it was set: tests, replays, simulations."""

    def __init__(self, now_us: int = 0) -> None:
        self._now_us = now_us

    def now_us(self) -> int:
        """Return the time it was set to."""
        return self._now_us

    def set(self, now_us: int) -> None:
        """Move forward to ``now_us``; a time in the past leaves the clock where it is."""
        self._now_us = max(self._now_us, now_us)


class PacedClock:
    """A clock for demonstrations: starts at a chosen instant and runs at a chosen speed."""

    def __init__(self, start_us: int, speed: float = 1.0) -> None:
        self._base_us = start_us
        self._since_ns = time.monotonic_ns()
        self._speed = speed
        self._paused = False

    @property
    def speed(self) -> float:
        """Return simulated seconds per real second, 0 while paused."""
        return 0.0 if self._paused else self._speed

    @property
    def chosen_speed(self) -> float:
        """Return the speed it runs at when it is not paused."""
        return self._speed

    def now_us(self) -> int:
        """Return the simulated time, UTC microseconds."""
        passed_us = (time.monotonic_ns() - self._since_ns) / 1000 * self.speed
        return self._base_us + int(passed_us)

    def _rebase(self) -> None:
        self._base_us = self.now_us()
        self._since_ns = time.monotonic_ns()

    def run_at(self, speed: float) -> None:
        """Run on at ``speed`` simulated seconds per second."""
        self._rebase()
        self._speed = speed
        self._paused = False

    def pause(self) -> None:
        """Stand still until ``run_at``."""
        self._rebase()
        self._paused = True

    def jump(self, to_us: int) -> None:
        """Leap forward to ``to_us``; a time in the past is left alone."""
        self._rebase()
        self._base_us = max(self._base_us, to_us)
