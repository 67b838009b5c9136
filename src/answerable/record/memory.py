"""A record in memory: for tests, simulation and dry runs. Nothing survives the process."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from answerable.kernel.event import Row, SealedValue
from answerable.kernel.store import Head, LaidAside, Snapshot
from answerable.record import tree
from answerable.record.batch import Batch

SNAPSHOTS_KEPT = 2


class MemoryStore:
    """The same contract as the SQLite store, without a disk."""

    def __init__(self) -> None:
        self._epoch = 1
        self._frontier = tree.EMPTY
        self._last_us = 0
        self._rows: list[Row] = []
        self._streams: dict[str, list[int]] = defaultdict(list)
        self._keys: dict[str, list[int]] = defaultdict(list)
        self._sealed: dict[str, dict[tuple[int, str], str]] = defaultdict(dict)
        self._snapshots: list[tuple[str, Snapshot]] = []
        self._aside: dict[tuple[str, str, int], bytes] = {}

    @property
    def epoch(self) -> int:
        """The fencing number of this opening."""
        return self._epoch

    def ready(self) -> None:
        """There is always room."""

    def append(
        self,
        rows: Sequence[Row],
        sealed: Sequence[SealedValue] = (),
        aside: Sequence[LaidAside] = (),
    ) -> Head:
        """Keep a batch. Raises CannotRecord where the rows are not the next ones."""
        batch = Batch.of(rows, sealed, self._frontier, self._epoch, self._last_us)
        for row in rows:
            self._rows.append(row)
            self._streams[row.stream].append(row.position)
            self._keys[row.key].append(row.position)
        for held in sealed:
            stream = self._rows[held.position - 1].stream
            self._sealed[stream][held.position, held.field] = held.value
        self._aside.update({one[:3]: one.body for one in aside})
        self._frontier, self._last_us = batch.frontier, batch.last_us
        return self.head()

    def head(self) -> Head:
        """Return the tree head over all rows."""
        return Head(self._frontier.size, tree.root(self._frontier))

    def rows(self, after: int = 0, limit: int | None = None) -> Iterator[Row]:
        """Yield rows in order of position, those after position ``after``."""
        first = max(after, 0)
        end = None if limit is None else first + limit
        yield from self._rows[first:end]

    def stream(self, stream: str) -> Iterator[Row]:
        """Yield the rows of one stream in order of position."""
        yield from [self._rows[position - 1] for position in self._streams.get(stream, ())]

    def with_key(self, key: str) -> list[Row]:
        """Return the rows recorded under an idempotency key."""
        return [self._rows[position - 1] for position in self._keys.get(key, ())]

    def unseal(self, position: int, field: str) -> str | None:
        """Return a sealed value, or None where it was erased or never was."""
        if not 0 < position <= len(self._rows):
            return None
        stream = self._rows[position - 1].stream
        return self._sealed.get(stream, {}).get((position, field))

    def destroy_keys(self, orders: Mapping[int, Sequence[str]]) -> int:
        """Forget the sealed values of streams up to a position; returns how many streams had any.

        There are no keys here: what is never written needs none.
        """
        destroyed = 0
        for by, stream in ((by, stream) for by, streams in orders.items() for stream in streams):
            held = self._sealed.pop(stream, {})
            later = {name: value for name, value in held.items() if name[0] > by}
            destroyed += len(later) < len(held)
            if later:
                self._sealed[stream] = later
        return destroyed

    def save_snapshot(self, fingerprint: str, snapshot: Snapshot) -> None:
        """Keep a snapshot, and the one before it."""
        self._snapshots = [*self._snapshots, (fingerprint, snapshot)][-SNAPSHOTS_KEPT:]

    def load_snapshot(self, fingerprint: str) -> Snapshot | None:
        """Return the newest snapshot with this fingerprint, or None."""
        fitting = (one for mark, one in reversed(self._snapshots) if mark == fingerprint)
        return next(fitting, None)

    def keep_aside(self, fingerprint: str, aside: Sequence[LaidAside]) -> None:
        """Keep what a start laid aside, and forget what other programs did."""
        kept = {name: body for name, body in self._aside.items() if name[0] == fingerprint}
        self._aside = kept | {one[:3]: one.body for one in aside}

    def laid_aside(self, fingerprint: str, stream: str, position: int) -> bytes | None:
        """Return what was laid aside last at or before a position, or None."""
        there = [
            at for mark, name, at in self._aside
            if (mark, name) == (fingerprint, stream) and at <= position
        ]  # fmt: skip
        return self._aside[fingerprint, stream, max(there)] if there else None

    def has_any_aside(self, fingerprint: str) -> bool:
        """Say whether a program of this fingerprint laid anything aside."""
        return any(mark == fingerprint for mark, _, _ in self._aside)

    def aside_after(self, fingerprint: str, position: int) -> Iterator[tuple[str, int]]:
        """Yield what was laid aside after a position: its stream, and at which position."""
        for mark, stream, at in self._aside:
            if mark == fingerprint and at > position:
                yield stream, at

    def close(self) -> None:
        """Nothing to let go of: closing keeps the rows, as a file would."""

    def reopen(self) -> MemoryStore:
        """Return the same record as the next process would open it: one epoch later."""
        again = MemoryStore()
        again.__dict__.update(self.__dict__)
        again._epoch = self._epoch + 1
        return again
