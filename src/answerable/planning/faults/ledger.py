"""What was given to a record and what it acknowledged, each with its moment in the disk's trace."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from answerable.kernel.event import Row, SealedValue
from answerable.kernel.store import Head, LaidAside, Snapshot
from answerable.planning.faults.disk import Disk
from answerable.record import tree
from answerable.record.entry import leaf_of


class Violation(Exception):
    """A promise of the record does not hold."""


class Given(NamedTuple):
    """A batch: from when on it may be there, until when, the head with it, and what it holds."""

    moment: int
    until: int
    head: Head
    frontier: tree.Frontier
    rows: tuple[Row, ...]
    sealed: tuple[SealedValue, ...]
    aside: tuple[LaidAside, ...]


class Acknowledged(NamedTuple):
    """From this moment on, everything up to the head has to be there."""

    moment: int
    head: Head


class Kept(NamedTuple):
    """A snapshot, from when it may be there and from when it must."""

    begun: int
    done: int
    fingerprint: str
    snapshot: Snapshot


class Erasure(NamedTuple):
    """The words of streams up to a position: from when they may be gone, from when they must."""

    begun: int
    done: int
    orders: dict[int, tuple[str, ...]]
    secrets: tuple[bytes, ...]

    def covers(self, stream: str, position: int) -> bool:
        """Say whether the words sealed at a position of a stream are among them."""
        return any(position <= by and stream in names for by, names in self.orders.items())


class Expected(NamedTuple):
    """What a start at some moment may find."""

    surely: Head
    perhaps: Given | None
    epoch: int

    @property
    def events_max(self) -> int:
        """Return how many events may be there at most."""
        return self.perhaps.head.size if self.perhaps else self.surely.size


NEVER = 1 << 62
EMPTY = Head(0, tree.EMPTY_ROOT)


class Ledger:
    """The drill's own book, beside the record and never read by it."""

    def __init__(self, disk: Disk, *, early: bool = False) -> None:
        """Watch one disk. ``early`` is a planted fault: batches count before they are committed."""
        self._disk = disk
        self._early = early
        self.rows: list[Row] = []
        self.leaves: list[bytes] = []
        self.sealed: dict[tuple[int, str], SealedValue] = {}
        self.erasures: list[Erasure] = []
        self.aside: dict[tuple[str, str, int], tuple[int, bytes]] = {}
        self.snapshots: list[Kept] = []
        self.given: list[Given] = []
        self.acknowledged: list[Acknowledged] = [Acknowledged(0, EMPTY)]
        self.epochs: list[tuple[int, int]] = [(0, 0)]
        self._frontier = tree.EMPTY
        self._waiting: Given | None = None

    @property
    def moment(self) -> int:
        """The number of operations that the disk has seen."""
        return len(self._disk.trace)

    @property
    def head(self) -> Head:
        """The last head that was acknowledged."""
        return self.acknowledged[-1].head

    def give(
        self, rows: Sequence[Row], sealed: Sequence[SealedValue], aside: Sequence[LaidAside]
    ) -> None:
        """Note a batch before the record gets it."""
        frontier = tree.extend(self._frontier, [leaf_of(row) for row in rows])
        head = Head(frontier.size, tree.root(frontier))
        content = (tuple(rows), tuple(sealed), tuple(aside))
        self._waiting = Given(self.moment, NEVER, head, frontier, *content)
        self.given.append(self._waiting)
        if self._early:
            self.acknowledged.append(Acknowledged(self.moment, head))

    def acknowledge(self, head: Head) -> None:
        """Note that the record acknowledged what waits. Raises Violation for another head."""
        batch = self._waiting
        assert batch is not None
        if head != batch.head:
            raise Violation(f"it acknowledged {head.size} events with another root than theirs")
        self._frontier, self._waiting = batch.frontier, None
        self.rows.extend(batch.rows)
        self.leaves.extend(leaf_of(row) for row in batch.rows)
        self.sealed.update(((one.position, one.field), one) for one in batch.sealed)
        self.aside.update((one[:3], (self.moment, one.body)) for one in batch.aside)
        self.acknowledged.append(Acknowledged(self.moment, head))

    def withdraw(self) -> None:
        """Note that what waits was refused, or is not there: from now on it may not be found."""
        if self._waiting is not None:
            self.given[-1] = self._waiting._replace(until=self.moment)
            self._waiting = None

    def opened(self, head: Head, epoch: int) -> None:
        """Note a start: what it found is settled from now on. Raises Violation."""
        if epoch <= self.epochs[-1][1]:
            raise Violation(f"epoch {epoch} follows epoch {self.epochs[-1][1]}")
        self.epochs.append((self.moment, epoch))
        if self._waiting is not None and head == self._waiting.head:
            self.acknowledge(head)
        elif head == self.head:
            self.withdraw()
        else:
            raise Violation(lost(self.head, head))

    @contextlib.contextmanager
    def snapping(self, fingerprint: str, snapshot: Snapshot) -> Iterator[None]:
        """Note a snapshot that is being kept; if that fails, it may be there and need not be."""
        begun, done = self.moment, NEVER
        try:
            yield
            done = self.moment
        finally:
            self.snapshots.append(Kept(begun, done, fingerprint, snapshot))

    @contextlib.contextmanager
    def erasing(
        self, orders: Mapping[int, Sequence[str]], secrets: Sequence[bytes]
    ) -> Iterator[None]:
        """Note an erasure; if it fails, the words may be gone and need not be."""
        begun, done = self.moment, NEVER
        try:
            yield
            done = self.moment
        finally:
            content = {by: tuple(streams) for by, streams in orders.items()}
            self.erasures.append(Erasure(begun, done, content, tuple(filter(None, secrets))))

    def may_be_kept(self, value: SealedValue, moment: int) -> tuple[str | None, ...]:
        """Return what a sealed value may read as at a moment: itself, None, or either."""
        mine = [one for one in self.erasures if one.covers(value.stream, value.position)]
        if any(one.done <= moment for one in mine):
            return (None,)
        return (value.value, None) if any(one.begun <= moment for one in mine) else (value.value,)

    def put_aside(self, aside: Sequence[LaidAside]) -> None:
        """Note what was laid aside by itself."""
        self.aside.update((one[:3], (self.moment, one.body)) for one in aside)

    def expected(self, moment: int) -> Expected:
        """Return what a start has to find after so many operations of the trace."""
        surely = next(one.head for one in reversed(self.acknowledged) if one.moment <= moment)
        given = (one for one in reversed(self.given) if one.moment <= moment < one.until)
        perhaps = next((one for one in given if one.head.size > surely.size), None)
        epoch = next(epoch for at, epoch in reversed(self.epochs) if at <= moment)
        return Expected(surely, perhaps, epoch)


def lost(expected: Head, found: Head) -> str:
    """Return what differs, in words."""
    if found.size < expected.size:
        return f"{expected.size} events were acknowledged, {found.size} are there"
    if found.size > expected.size:
        return f"{expected.size} events were acknowledged, and {found.size} are there"
    return f"the root of the first {found.size} events is another than the one acknowledged"
