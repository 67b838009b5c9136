"""The demonstration: recorded calls of a real town, fed to the real hub at the pace of a clock.

The clock may be paused, made faster or slower, or moved to a later hour; on the way to that hour
everything recorded in between happens too, as fast as it goes. What people do meanwhile stands:
a recorded step that no longer fits (the unit was sent elsewhere by hand) is left out and counted.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from answerable.console.demo_call_backs import CallBacks
from answerable.console.demo_callers import Callers
from answerable.console.demo_matters import TrackedMatters
from answerable.console.demo_problems import MadeUpProblems
from answerable.console.demo_referrals import MadeUpReferrals
from answerable.console.demo_reports import Crews
from answerable.console.demo_righting import PutRights
from answerable.console.demo_support import MadeUpSupport
from answerable.exchange.calls.counter import actor_of
from answerable.exchange.calls.plan import Planned
from answerable.exchange.calls.replay import Feed, instead
from answerable.exchange.lines.trunk import Trunk
from answerable.kernel.authority import IMPORTER, Actor
from answerable.kernel.clock import PacedClock
from answerable.kernel.event import Command
from answerable.kernel.hub import BATCH_MAX, Accepted, Hub

SPEED_MIN, SPEED_MAX = 1.0, 600.0
POLL_S = 0.05
HOUR_US = 3_600_000_000


class Demo:
    """The feed and its controls. Lives on the event loop of the centre's desk."""

    def __init__(
        self, hub: Hub, clock: PacedClock, feed: Feed, begin_us: int, end_us: int, *,
        made_up: bool = False, trunk: Trunk | None = None,
    ) -> None:  # fmt: skip
        """``begin_us`` and ``end_us`` are the first and last recorded moment (UTC us).

        ``made_up``: none of the calls happened, and every page says so. ``trunk``: a simulated
        line that rings beside the recorded calls.
        """
        self._callers = Callers(hub, feed.plan.commands, trunk)
        self._crews = Crews(hub, feed.plan.commands)
        self._call_backs = CallBacks(hub)
        self._put_rights = PutRights(hub)
        self._matters = TrackedMatters(hub)
        self._problems = MadeUpProblems(hub)
        self._referrals = MadeUpReferrals(hub)
        self._support = MadeUpSupport(hub)
        self.made_up = made_up
        self._hub = hub
        self._clock = clock
        self._feed = feed
        self.begin_us = begin_us
        self.end_us = end_us
        self.left_out = 0
        self._target_us: int | None = None
        self._resume = False
        self._changed: list[Callable[[], None]] = []

    # -- what pages show ---------------------------------------------------------------------

    @property
    def speed(self) -> float:
        """Return the chosen speed, simulated seconds per second."""
        return self._clock.chosen_speed

    @property
    def paused(self) -> bool:
        """Say whether the clock stands still by choice."""
        return self._clock.speed == 0.0 and not self.jumping

    @property
    def jumping(self) -> bool:
        """Say whether it is on its way to a later hour."""
        return self._target_us is not None

    @property
    def target_us(self) -> int | None:
        """Return the moment it is on its way to."""
        return self._target_us

    def says(self, call: str) -> str:
        """Return what the simulated caller of a call says; "" where this demonstration has none."""
        return self._callers.says(call)

    @property
    def over(self) -> bool:
        """Say whether all recorded calls have been fed."""
        return self._feed.next_us is None

    def on_change(self, tell: Callable[[], None]) -> None:
        """Call ``tell`` whenever speed, pause or time are changed by hand."""
        self._changed.append(tell)

    def _tell(self) -> None:
        for tell in self._changed:
            tell()

    # -- controls ----------------------------------------------------------------------------

    def run_at(self, speed: float) -> float:
        """Run on at a speed, held between 1 and 600; returns the speed it took."""
        held = min(max(speed, SPEED_MIN), SPEED_MAX)
        self._clock.run_at(held)
        self._resume = True
        self._tell()
        return held

    def pause(self) -> None:
        """Stand still."""
        self._clock.pause()
        self._resume = False
        self._tell()

    def jump(self, to_us: int) -> bool:
        """Go on to a later moment; False if it lies behind the clock or beyond the record."""
        if not self._clock.now_us() < to_us <= self.end_us:
            return False
        if not self.jumping:
            self._resume = self._clock.speed > 0
        self._clock.pause()
        self._target_us = to_us
        self._tell()
        return True

    # -- running -----------------------------------------------------------------------------

    def prepare(self, until_us: int) -> None:
        """Put the units on duty and feed everything up to a moment, before anybody looks."""
        self._hub.commit()
        for command in self._feed.duty():
            self._ask(command)
        self._clock.pause()
        while self._step(until_us):
            pass
        self._clock.jump(until_us)

    async def run(self) -> None:
        """Feed what is due, for as long as the task lives."""
        self._callers.start(self._hub.do)
        self._crews.start(self._clock.now_us())
        while not self._hub.broken:
            if self._target_us is not None:
                self._leap(self._target_us)
                await asyncio.sleep(0)
            else:
                self._catch_up(self._clock.now_us())
                await asyncio.sleep(POLL_S)

    def _leap(self, target_us: int) -> None:
        """Feed a part of the way to ``target_us``; at its end take up the old pace."""
        if self._step(target_us):
            return
        self._clock.jump(target_us)
        self._target_us = None
        if self._resume:
            self._clock.run_at(self._clock.chosen_speed)
        self._tell()

    def _step(self, until_us: int) -> bool:
        """Feed up to one batch with the clock moved along; False when nothing is left."""
        batch = self._feed.take(until_us, BATCH_MAX // 2)
        for planned in self._callers.at_once(batch):
            self._crews_before(planned.now_us)
            self._ring_before(planned.now_us)
            self._clock.jump(planned.now_us)
            self._do(planned)
            self._call_backs.run(planned.now_us, self._hub.do)
            self._put_rights.run(planned.now_us, self._hub.do)
            self._matters.run(planned.now_us, self._hub.do)
            self._problems.run(planned.now_us, self._hub.do)
            self._referrals.run(planned.now_us, self._hub.do)
            self._support.run(planned.now_us, self._hub.do)
        if not batch:
            self._crews_before(until_us)
            self._ring_before(until_us)
        self._hub.commit()
        return bool(batch)

    def _ring_before(self, moment_us: int) -> None:
        """Let the alarms due before a moment ring, each at its own time."""
        while (due_us := self._hub.next_alarm_us()) is not None and due_us < moment_us:
            self._clock.jump(due_us)
            if not self._hub.ring(due_us):
                break
            if self._hub.waiting >= BATCH_MAX:
                self._hub.commit()

    def _catch_up(self, now_us: int) -> None:
        """Feed what the running clock has reached, alarms in between in their order."""
        for planned in self._callers.due(self._feed.take(now_us), now_us):
            self._hub.ring(planned.now_us - 1)
            self._do(planned)
        for at_us, command, actor in self._crews.due(now_us):
            self._hub.ring(at_us - 1)
            self._ask(command, actor)
        if self._clock.speed > 0:
            self._callers.run(now_us, self._hub.do)
            self._call_backs.run(now_us, self._hub.do)
            self._put_rights.run(now_us, self._hub.do)
            self._matters.run(now_us, self._hub.do)
            self._problems.run(now_us, self._hub.do)
            self._referrals.run(now_us, self._hub.do)
            self._support.run(now_us, self._hub.do)
        self._hub.ring(now_us)
        self._hub.commit()

    def _crews_before(self, moment_us: int) -> None:
        """Let crews do what they do before a moment, each thing at its own time."""
        for at_us, command, actor in self._crews.due(moment_us):
            self._ring_before(at_us)
            self._clock.jump(max(at_us, self._clock.now_us()))
            self._ask(command, actor)

    def _do(self, planned: Planned) -> None:
        """Have a step of the plan done, and before it what its crew does first."""
        for command, actor in self._crews.before(planned):
            self._ask(command, actor)
        self._ask(planned.command, self._crews.actor_of(planned.command))

    def _ask(self, command: Command, by: Actor | None = None) -> None:
        command = self._call_backs.numbered(command)
        outcome = self._hub.do(command, by or actor_of(command, IMPORTER))
        self._crews.after(command, outcome, self._clock.now_us())
        for other in instead(command, outcome):
            outcome = self._hub.do(other, IMPORTER)
        if not isinstance(outcome, Accepted) and not self._crews.holds(command):
            self.left_out += 1
        if self._hub.waiting >= BATCH_MAX:
            self._hub.commit()
