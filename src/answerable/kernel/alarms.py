"""Durable alarms: what must happen at a time, as part of a room's state.

Alarms are set and cancelled only while events evolve the state, so they are a fold over the record
like everything else: after a crash they are all there again, and none can act unrecorded (B5).
"""

from __future__ import annotations

import heapq

import msgspec

STALE_MAX = 4096
"""Cancelled alarms that may lie in the heap beside twice the set ones until it is made anew."""


class Alarms(msgspec.Struct, dict=True):
    """Named alarms with their due instants (UTC microseconds)."""

    due: dict[str, int] = {}

    def __post_init__(self) -> None:
        """Leave the heap until somebody asks what comes next: a start sets millions and never does.

        It is derived, so snapshots do not carry it.
        """
        self._muted: set[tuple[int, str]] = set()
        self._heap: list[tuple[int, str]] = []
        self._built = False

    def set(self, name: str, due_us: int) -> None:
        """Set or move the alarm ``name``."""
        self.due[name] = due_us
        if self._built:
            heapq.heappush(self._heap, (due_us, name))
            if len(self._heap) > 2 * len(self.due) + STALE_MAX:
                self._build()

    def _build(self) -> None:
        self._heap = [(at, name) for name, at in self.due.items()]
        heapq.heapify(self._heap)
        self._built = True

    def cancel(self, name: str) -> None:
        """Cancel the alarm ``name``, if it is set."""
        self.due.pop(name, None)

    def mute(self, name: str) -> None:
        """Pass over an alarm that could not act; it is still set, and tried at the next start."""
        self._muted.add((self.due[name], name))

    def next(self) -> tuple[int, str] | None:
        """Return the earliest alarm as (due, name), or None."""
        if not self._built:
            self._build()
        heap, due, muted = self._heap, self.due, self._muted
        while heap:
            first = heap[0]
            at_us, name = first
            if due.get(name) == at_us and not (muted and first in muted):
                return first
            heapq.heappop(heap)
        return None
