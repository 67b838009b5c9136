"""What goes wrong in a day: when the process is killed, the disk full, the clock set, all slow.

How often each happens is itself drawn, so that some days are calm and some are not. While the town
heals (``calm``) nothing new goes wrong.
"""

from __future__ import annotations

import random
from functools import partial
from typing import TYPE_CHECKING

from answerable.planning.disk import Fault
from answerable.planning.timeline import US

if TYPE_CHECKING:
    from answerable.planning.world import World

DAY_S = 86_400
BATCHES = 22
"""About how many batches an incident makes: what turns crashes a day into crashes a batch."""
EACH = 0.7
"""The chance of each sort of fault in a day, besides those that come by accident."""
JUMP_S_MAX = 7_200
"""How far the machine's clock is set forth or back at most."""
FULL_S_MAX = 1_800
SLOW_S = (2.0, 45.0)
"""A moment in which the process does nothing: messages gather and are done in one batch."""


class Mishaps:
    """The mishaps of one town."""

    def __init__(self, dice: random.Random, per_day: int) -> None:
        self.calm = True
        self.happened: dict[str, int] = {}
        self._dice = dice
        self._crash = dice.uniform(0, 2) / (per_day * BATCHES)
        self._due: list[Fault] = []
        self._slow = dice.uniform(0, 0.04)
        self._snapshot = dice.choice((0.7, 1.0))

    def between(self, low: float, high: float) -> float:
        """Draw a number."""
        return self._dice.uniform(low, high)

    def _note(self, what: str) -> None:
        self.happened[what] = self.happened.get(what, 0) + 1

    def snapshot(self) -> bool:
        """Say whether this start may use a snapshot."""
        return self._dice.random() < self._snapshot

    def looks_closely(self) -> bool:
        """Say whether the state after this start is compared with one from the first event."""
        return self._dice.random() < 0.1

    def slow_s(self) -> float:
        """Return for how long the process stands still before the next batch, mostly 0."""
        if self.calm or self._dice.random() >= self._slow:
            return 0.0
        self._note("a slow moment")
        return self._dice.uniform(*SLOW_S)

    def for_batch(self) -> Fault | None:
        """Return what goes wrong with the next batch, mostly nothing."""
        if self.calm:
            return None
        if self._due:
            fault = self._due.pop()
        elif self._dice.random() < self._crash:
            fault = self._dice.choice(tuple(Fault))
        else:
            return None
        self._note(fault.value)
        return fault

    def for_ring(self) -> Fault | None:
        """Return what goes wrong with a batch of alarms; nobody waits for an answer to those."""
        if self.calm or self._dice.random() >= 5 * self._crash:
            return None
        fault = self._dice.choice(tuple(Fault))
        self._note(f"{fault.value} (alarms)")
        return fault

    def for_later(self, fault: Fault) -> None:
        """Keep a fault for the next batch: in this one there was nothing to write."""
        self._due.append(fault)

    def for_snapshot(self) -> Fault | None:
        """Return whether the process is killed while it writes a snapshot, before or after."""
        if self.calm or self._dice.random() >= 0.05:
            return None
        self._note("killed while writing a snapshot")
        return self._dice.choice((Fault.KILLED_LOST, Fault.KILLED_KEPT))

    def for_erasure(self) -> Fault | None:
        """Return whether the process is killed before keys are destroyed, or just after."""
        if self.calm or self._dice.random() >= 0.3:
            return None
        self._note("killed while destroying keys")
        return self._dice.choice((Fault.KILLED_LOST, Fault.KILLED_KEPT))

    # -- at moments of the day ---------------------------------------------------------------

    def plan_day(self, world: World) -> None:
        """Plan what goes wrong at some moment of the coming day, whatever is done just then."""
        dice, after = self._dice, world.timeline.after
        for fault in Fault:
            if dice.random() < EACH:
                after(dice.random() * DAY_S, partial(self._due.append, fault))
        for _ in range(dice.randrange(3)):
            after(dice.random() * DAY_S, lambda: self._kill(world))
        for _ in range(dice.randrange(2)):
            after(dice.random() * DAY_S, lambda: self._restart(world))
        for _ in range(dice.randrange(4)):
            after(dice.random() * DAY_S, lambda: self._jump(world))
        for _ in range(dice.choice((0, 0, 1, 2))):
            after(dice.random() * DAY_S, lambda: self._fill(world))

    def _kill(self, world: World) -> None:
        if not self.calm and world.server.hub is not None:
            self._note("killed while idle")
            world.server.die()

    def _restart(self, world: World) -> None:
        if not self.calm and world.server.hub is not None:
            self._note("restarted in good order")
            world.server.restart()

    def _jump(self, world: World) -> None:
        if self.calm:
            return
        far = self._dice.random() < 0.5
        by_s = self._dice.uniform(-1, 1) * (JUMP_S_MAX if far else 5)
        self._note("the clock was set forth" if by_s > 0 else "the clock was set back")
        world.timeline.offset_us += int(by_s * US)
        world.server.look_at_clock()

    def _fill(self, world: World) -> None:
        if self.calm:
            return
        self._note("the disk was full for a while")
        world.server.store.full = True
        world.timeline.after(self._dice.random() * FULL_S_MAX, lambda: make_room(world))


def make_room(world: World) -> None:
    """End a full disk, and let the process look at its alarms again."""
    world.server.store.full = False
    world.server.look_at_clock()
