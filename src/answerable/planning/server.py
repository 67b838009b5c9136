"""The process of the simulated centre: the real hub, its queue, its alarms, and how it dies.

It does with a batch what ``kernel.desk`` does on the event loop, in the same order: is there room,
decide, commit, answer, publish. Between any two of these it may be killed.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from answerable.kernel.authority import SYSTEM
from answerable.kernel.hub import BATCH_MAX, Accepted, Hub, Outcome
from answerable.kernel.ids import SeededIds
from answerable.kernel.store import CannotRecord, CommitFailed
from answerable.planning.disk import IN_COMMIT, Fault, Killed, TownStore
from answerable.planning.radio import Letter
from answerable.planning.timeline import TownClock
from answerable.vault.carrying import carry_out, waiting

if TYPE_CHECKING:
    from answerable.planning.world import World

DOWN_S = (1.0, 90.0)
"""How long the centre is away after a crash, in seconds."""
FULL_S = 30.0
"""When alarms are tried again while the disk is full, in seconds."""
STARTS_MAX = 100
"""More starts a day than that are a process that cannot begin."""
GATHER_S = 0.02
"""How long a message lies before it is taken up; in a slow moment much longer."""


class Server:
    """The centre as its people reach it: sometimes there, sometimes not."""

    hub_class: type[Hub] = Hub

    def __init__(self, world: World, store: TownStore) -> None:
        self.world = world
        self.store = store
        self.hub: Hub | None = None
        self.clock = TownClock(world.timeline, 0, steady=world.steady)
        self.starts = 0
        self._inbox: deque[Letter] = deque()
        self._planned = False
        self._wake_us: int | None = None
        self._saved_at = 0

    # -- start and end -----------------------------------------------------------------------

    def start(self) -> None:
        """Begin a process on the record: from a snapshot, or from the first event."""
        world = self.world
        if self.starts:
            self.store = self.store.reopen()
        self.starts += 1
        assert self.starts <= STARTS_MAX * (world.day + 1), "it starts again and again, in vain"
        last = next(self.store.rows(self.store.head().size - 1), None)
        self.clock = TownClock(
            world.timeline, last.recorded_at if last else 0, steady=world.steady
        )  # fmt: skip
        hub = self.hub_class(
            world.rooms, self.store, clock=self.clock,
            ids=SeededIds(world.seed * 65_536 + self.store.epoch), town=world.ground.town,
        )  # fmt: skip
        hub.subscribe(world.published)
        hub.start(use_snapshot=world.mishaps.snapshot())
        self.hub, self._saved_at = hub, hub.position
        world.started()
        try:
            for command in world.first_commands(hub.state):
                hub.do(command, SYSTEM)
            self.secure(hub, world.mishaps.for_batch())
            hub.publish()
            carry_out(hub)
        except (CannotRecord, CommitFailed, Killed):
            self.die()
            return
        world.committed()
        self._plan_ring()

    def die(self) -> None:
        """End without a word; what was only in memory is gone. Another process begins soon."""
        self.hub = None
        self._inbox.clear()
        self._planned, self._wake_us = False, None
        low, high = DOWN_S
        wait_s = low if self.world.radio.fair else self.world.mishaps.between(low, high)
        self.world.timeline.after(wait_s, self.start)

    def restart(self) -> None:
        """End in good order, with a snapshot, as an update of the program does."""
        if self.hub is not None:
            self.save()
            if self.hub is not None:
                self.die()

    def save(self) -> None:
        """Keep a snapshot; the process may be killed while it is written."""
        if self.hub is None:
            return
        self.store.fault = self.world.mishaps.for_snapshot()
        try:
            self.hub.save_snapshot()
        except CannotRecord:
            pass
        except Killed:
            self.die()
            return
        self._saved_at = self.hub.position

    # -- commands ----------------------------------------------------------------------------

    def receive(self, letter: Letter) -> None:
        """Take a letter in; while the centre is away it is lost."""
        if self.hub is None:
            return
        self._inbox.append(letter)
        if not self._planned:
            self._planned = True
            self.world.timeline.after(self.world.mishaps.slow_s() or GATHER_S, self._drain)

    def _drain(self) -> None:
        self._planned = False
        if self.hub is None or not self._inbox:
            return
        batch = [self._inbox.popleft() for _ in range(min(BATCH_MAX, len(self._inbox)))]
        try:
            self.do(self.hub, batch, self.world.mishaps.for_batch())
        except CannotRecord:
            self.store.fault = None
        except (CommitFailed, Killed):
            self.die()
            return
        self.world.committed()
        if self._inbox:
            self._planned = True
            self.world.timeline.after(GATHER_S, self._drain)
        if self.hub.position - self._saved_at >= self.world.snapshot_every:
            self.save()
        self._plan_ring()

    def do(self, hub: Hub, batch: list[Letter], fault: Fault | None) -> None:
        """Do a batch of commands, and what goes wrong with it."""
        hub.store.ready()
        outcomes = [self.decide(hub, letter) for letter in batch]
        self.secure(hub, fault)
        half = len(batch) // 2 if fault is Fault.HALF_ANSWERED else None
        for nth, (letter, outcome) in enumerate(zip(batch, outcomes, strict=True)):
            if nth == half:
                raise Killed
            self.answer(letter, outcome)
        hub.publish()
        self.erase(hub)

    def erase(self, hub: Hub) -> None:
        """Destroy the keys of what was ordered erased; the process may be killed on the way."""
        if waiting(hub):
            self.store.fault = self.world.mishaps.for_erasure()
            carry_out(hub)

    def decide(self, hub: Hub, letter: Letter) -> Outcome:
        """Have the hub decide one command."""
        before = hub.position
        outcome = hub.do(letter.command, letter.actor)
        if not isinstance(outcome, Accepted) or outcome.again:
            self.world.left_no_event(letter, outcome, hub.position - before)
        return outcome

    def secure(self, hub: Hub, fault: Fault | None) -> None:
        """Commit what was decided."""
        if fault is not None and not hub.waiting:
            self.world.mishaps.for_later(fault)
            return
        if fault is Fault.BEFORE_COMMIT:
            raise Killed
        if fault in IN_COMMIT:
            self.store.fault = fault
        hub.secure()
        if fault is Fault.AFTER_COMMIT:
            raise Killed

    def answer(self, letter: Letter, outcome: Outcome) -> None:
        """Tell whoever asked; from here on the events count as acknowledged."""
        self.world.acknowledged(letter, outcome)
        self.world.post.answer(letter, outcome)

    # -- alarms ------------------------------------------------------------------------------

    def _plan_ring(self) -> None:
        """Look again when the next alarm is due by the clock of this process."""
        if self.hub is None or (due_us := self.hub.next_alarm_us()) is None:
            return
        now_us = self.world.timeline.now_us
        wake_us = now_us + self.clock.wait_us(due_us) + 100
        if self._wake_us is None or wake_us < self._wake_us or self._wake_us <= now_us:
            self._wake_us = wake_us
            self.world.timeline.at(wake_us, self._wake)

    def look_at_clock(self) -> None:
        """Look what is due now: the machine's clock was set."""
        self._wake_us = None
        self._plan_ring()

    def _wake(self) -> None:
        if self.hub is None or self._wake_us != self.world.timeline.now_us:
            return
        self._wake_us = None
        until_us = self.clock.now_us()
        try:
            while (due_us := self.hub.next_alarm_us()) is not None and due_us <= until_us:
                self.store.ready()
                self.ring(self.hub, until_us)
                self.secure(self.hub, self.world.mishaps.for_ring())
                self.hub.publish()
        except CannotRecord:
            self.store.fault = None
            self.world.timeline.after(FULL_S, self._plan_ring)
            return
        except (CommitFailed, Killed):
            self.die()
            return
        self.world.committed()
        self.world.rung(until_us)
        self._plan_ring()

    def ring(self, hub: Hub, until_us: int) -> None:
        """Have the hub do what is due."""
        hub.ring(until_us)
