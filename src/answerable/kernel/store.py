"""What the kernel asks of a record. ``answerable.record`` holds the stores that keep it.

Two kinds of failure, two types: ``CannotRecord`` means nothing was written and the centre may go
on (disk full before the transaction, a batch too large); ``CommitFailed`` means it is not known
what is on the disk, so the process must stop and come back through its normal start.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Protocol

from answerable.kernel.event import Row, SealedValue


class StoreRefusal(Exception):
    """The record refuses to open or to accept, with three sentences a person can act on."""


class CannotRecord(StoreRefusal):
    """Nothing was written; the same batch may be tried again."""


class CommitFailed(Exception):
    """The outcome of a commit is unknown: stop the process and start again."""


class Head(NamedTuple):
    """The tree head (RFC 6962): number of leaves and root hash."""

    size: int
    root: bytes


class Snapshot(NamedTuple):
    """A saved state: the position it stands at and the bytes of every room's state."""

    position: int
    body: bytes


class LaidAside(NamedTuple):
    """A matter that is over, packed: by which program, its stream, and after which position."""

    fingerprint: str
    stream: str
    position: int
    body: bytes


class Store(Protocol):
    """A durable, ordered, hashed log of rows. Positions start at 1 and have no gap."""

    @property
    def epoch(self) -> int:
        """The fencing number of this opening: one more than at the last opening."""
        ...

    def ready(self) -> None:
        """Raise CannotRecord where an append would surely be refused, before anything is decided.

        A full disk is so met before the state has moved; it costs a look at the free space.
        """
        ...

    def append(
        self,
        rows: Sequence[Row],
        sealed: Sequence[SealedValue] = (),
        aside: Sequence[LaidAside] = (),
    ) -> Head:
        """Write a batch in one synced transaction; it is durable when this returns.

        Raises CannotRecord (nothing written) or CommitFailed (unknown: stop the process).
        """
        ...

    def head(self) -> Head:
        """Return the tree head over all rows."""
        ...

    def rows(self, after: int = 0, limit: int | None = None) -> Iterator[Row]:
        """Yield rows in order of position, those after position ``after``."""
        ...

    def stream(self, stream: str) -> Iterator[Row]:
        """Yield the rows of one stream in order of position."""
        ...

    def with_key(self, key: str) -> list[Row]:
        """Return the rows recorded under an idempotency key."""
        ...

    def unseal(self, position: int, field: str) -> str | None:
        """Return a sealed value, or None where it was erased or never was.

        Only the reading gate of the console asks: it has a reading recorded first.
        """
        ...

    def destroy_keys(self, orders: Mapping[int, Sequence[str]]) -> int:
        """Destroy the keys and sealed values of streams, each as the event at a position orders.

        What was sealed after that event is kept. Doing it again changes nothing. Returns how many
        keys there were. Raises CannotRecord or CommitFailed.
        """
        ...

    def save_snapshot(self, fingerprint: str, snapshot: Snapshot) -> None:
        """Keep a snapshot made by code with this fingerprint; older ones may go."""
        ...

    def load_snapshot(self, fingerprint: str) -> Snapshot | None:
        """Return the newest whole snapshot with this fingerprint, or None."""
        ...

    def keep_aside(self, fingerprint: str, aside: Sequence[LaidAside]) -> None:
        """Keep what a start laid aside, and forget what other programs did.

        It is derived from the rows and can be made again. Raises CannotRecord or CommitFailed.
        """
        ...

    def laid_aside(self, fingerprint: str, stream: str, position: int) -> bytes | None:
        """Return what was laid aside last at or before a position, None where that is damaged."""
        ...

    def has_any_aside(self, fingerprint: str) -> bool:
        """Say whether a program of this fingerprint laid anything aside."""
        ...

    def aside_after(self, fingerprint: str, position: int) -> Iterator[tuple[str, int]]:
        """Yield what was laid aside after a position: its stream, and at which position."""
        ...

    def close(self) -> None:
        """Let go of the file."""
        ...
