"""The service's clock, and the watch over the machine's: a clock that jumps is told, not believed.

The record's times never go back. Where the machine's clock is set back, the service's time runs on
with CLOCK_MONOTONIC, one part in a hundred slower, until the machine has caught up: alarms ring and
durations are right meanwhile. Where it is set forward the service follows; it cannot know better.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import NamedTuple

SLOWER = 100
"""Ahead of the machine, one part in this many is held back until it has caught up."""
JUMP_NS = 1_000_000_000
"""A step of the machine's clock smaller than this is not told."""
NS, US = 1_000_000_000, 1_000

log = logging.getLogger("answerable.clock")
Reading = Callable[[], int]


class SteadyClock:
    """The time of a running service, UTC microseconds, never smaller than before."""

    def __init__(
        self, wall_ns: Reading = time.time_ns, steady_ns: Reading = time.monotonic_ns
    ) -> None:
        """``wall_ns`` may be set by anybody; ``steady_ns`` only ever runs."""
        self._wall_ns, self._steady_ns = wall_ns, steady_ns
        self._told_ns, self._read_ns = wall_ns(), steady_ns()

    def now_us(self) -> int:
        """Return the time now."""
        read_ns = self._steady_ns()
        passed_ns = read_ns - self._read_ns
        run_on_ns = self._told_ns + passed_ns - passed_ns // SLOWER
        self._told_ns = max(self._wall_ns(), run_on_ns)
        self._read_ns = read_ns
        return self._told_ns // US

    def not_before(self, us: int) -> None:
        """Run on from a time that was recorded, where the machine's clock is behind it."""
        self._told_ns = max(self._told_ns, us * US)

    @property
    def ahead_s(self) -> float:
        """How far the service's time is ahead of the machine's, in seconds."""
        return max(0.0, (self.now_us() * US - self._wall_ns()) / NS)


class Jump(NamedTuple):
    """The machine's clock was set: by how much (seconds, negative: back), and when (UTC us)."""

    by_s: float
    at_us: int
    slept_s: float


class ClockWatch:
    """Compares the machine's clock with CLOCK_MONOTONIC whenever it is asked to look."""

    def __init__(
        self,
        clock: SteadyClock,
        wall_ns: Reading = time.time_ns,
        steady_ns: Reading = time.monotonic_ns,
        boot_ns: Reading = lambda: time.clock_gettime_ns(time.CLOCK_BOOTTIME),
    ) -> None:
        self.clock = clock
        self._readings = (wall_ns, steady_ns, boot_ns)
        self._offset_ns, self._asleep_ns = self._offsets()
        self.jumps: list[Jump] = []
        self.forward = self.back = 0

    @property
    def last(self) -> Jump | None:
        """The last jump, if there was one."""
        return self.jumps[-1] if self.jumps else None

    def _offsets(self) -> tuple[int, int]:
        wall_ns, steady_ns, boot_ns = (read() for read in self._readings)
        return wall_ns - steady_ns, boot_ns - steady_ns

    def look(self) -> Jump | None:
        """Return the jump since the last look, having told it in the log; None without one."""
        offset_ns, asleep_ns = self._offsets()
        by_ns, slept_ns = offset_ns - self._offset_ns, asleep_ns - self._asleep_ns
        self._offset_ns, self._asleep_ns = offset_ns, asleep_ns
        if abs(by_ns) < JUMP_NS:
            return None
        jump = Jump(by_ns / NS, self.clock.now_us(), slept_ns / NS)
        self.jumps = [*self.jumps[-9:], jump]
        self.forward += by_ns > 0
        self.back += by_ns < 0
        log.warning("%s", said(jump))
        return jump


def said(jump: Jump) -> str:
    """Return a jump as a sentence."""
    if jump.by_s < 0:
        return (
            f"The machine's clock was set back by {-jump.by_s:.1f} s. The service's time runs on, "
            "a hundredth slower, until it has caught up. See to the machine's time service."
        )
    if jump.slept_s >= jump.by_s / 2:
        return (
            f"The machine stood still for {jump.by_s:.1f} s (asleep, or moved). Alarms due "
            "meanwhile ring now. Do not let this machine sleep."
        )
    return (
        f"The machine's clock was set forward by {jump.by_s:.1f} s. The service follows it, and "
        "alarms due meanwhile ring now. See to the machine's time service."
    )
