"""The disk of the simulated town: a record in memory that fails in the ways a disk does.

What was committed is there after a crash; of what was being committed when the power went, either
all is there or nothing, which is what SQLite promises and ``tests/drills`` show. Rows are bytes and
tuples that nobody can change, so an old process leaves nothing behind in a new one.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping, Sequence

from answerable.kernel.event import Row, SealedValue
from answerable.kernel.store import CannotRecord, Head, LaidAside, Snapshot
from answerable.record.memory import MemoryStore


class Killed(BaseException):
    """The process ends here and now: nothing in it runs any more, nothing is caught."""


class Fault(enum.Enum):
    """What goes wrong with one batch."""

    BEFORE_COMMIT = "killed between deciding and the commit"
    FAILED_LOST = "the commit failed, and nothing was written"
    FAILED_KEPT = "the commit failed, but had happened"
    KILLED_LOST = "killed in the commit; nothing was written"
    KILLED_KEPT = "killed in the commit; all was written"
    FULL = "the disk was full at the commit"
    AFTER_COMMIT = "killed after the commit, before any answer"
    HALF_ANSWERED = "killed after some of the answers"


IN_COMMIT = frozenset({
    Fault.FAILED_LOST, Fault.FAILED_KEPT, Fault.KILLED_LOST, Fault.KILLED_KEPT, Fault.FULL,
})  # fmt: skip
"""The faults that the disk brings about."""


class TownStore(MemoryStore):
    """The record on that disk."""

    def __init__(self) -> None:
        super().__init__()
        self.full = False
        self.fault: Fault | None = None
        self.sealed_now: list[SealedValue] = []
        self.kept_aside = 0

    @property
    def size(self) -> int:
        """How many rows are in the record."""
        return len(self._rows)

    def ready(self) -> None:
        """Refuse while the disk is full."""
        if self.full:
            raise CannotRecord("Not recorded. The disk is full. Make room and send it again.")

    def append(
        self,
        rows: Sequence[Row],
        sealed: Sequence[SealedValue] = (),
        aside: Sequence[LaidAside] = (),
    ) -> Head:
        """Write a batch, or fail as it was planned for this one."""
        fault, self.fault = self.fault, None
        if self.full or fault is Fault.FULL:
            raise CannotRecord("Not recorded. The disk is full. Make room and send it again.")
        if fault is Fault.KILLED_LOST:
            raise Killed
        if fault is Fault.FAILED_LOST:
            raise OSError("the disk did not answer")
        head = super().append(rows, sealed, aside)
        self.sealed_now.extend(sealed)
        if fault is Fault.KILLED_KEPT:
            raise Killed
        if fault is Fault.FAILED_KEPT:
            raise OSError("the disk did not answer")
        return head

    def destroy_keys(self, orders: Mapping[int, Sequence[str]]) -> int:
        """Destroy the keys of streams, unless the process is killed before; or kill it after."""
        self.ready()
        fault, self.fault = self.fault, None
        if fault is Fault.KILLED_LOST:
            raise Killed
        destroyed = super().destroy_keys(orders)
        if fault is Fault.KILLED_KEPT:
            raise Killed
        return destroyed

    def save_snapshot(self, fingerprint: str, snapshot: Snapshot) -> None:
        """Keep a snapshot, unless the disk is full or the process is killed while it is written."""
        self.ready()
        fault, self.fault = self.fault, None
        if fault is not Fault.KILLED_LOST:
            super().save_snapshot(fingerprint, snapshot)
        if fault is not None:
            raise Killed

    def keep_aside(self, fingerprint: str, aside: Sequence[LaidAside]) -> None:
        """Keep what a start laid aside, unless the disk is full."""
        self.ready()
        super().keep_aside(fingerprint, aside)

    def reopen(self) -> TownStore:
        """Return the same record as the next process opens it: one epoch later."""
        again = type(self)()
        again.__dict__.update(super().reopen().__dict__)
        again.fault, again.sealed_now = None, list(self.sealed_now)
        return again

    def snapshots(self) -> list[bytes]:
        """Return the bodies of the snapshots that are kept."""
        return [snapshot.body for _, snapshot in self._snapshots]

    def asides(self) -> list[bytes]:
        """Return the bodies of everything that was laid aside."""
        return list(self._aside.values())
