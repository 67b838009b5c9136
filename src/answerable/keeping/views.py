"""What pages, health and metrics read of the record's keeping: no decisions, no fold of its own.

The state of the room is small and is read as it is, because a second fold of the same events could
come to disagree with the first (B3).
"""

from __future__ import annotations

import msgspec

from answerable.keeping.rules import HOUR_US, STANDING, Proven, State, Trouble
from answerable.keeping.words import Of


class Kept(msgspec.Struct, frozen=True):
    """How the backups of the record, or of the keys, stand. Times are UTC microseconds.

    ``next_us`` is by when the next proven one is expected, 0 where nobody waits for one.
    """

    of: Of
    every_h: int
    last: Proven | None
    next_us: int

    def age_s(self, now_us: int) -> float | None:
        """Return how old the last proven one is in seconds, None where there never was one."""
        return max(0.0, (now_us - self.last.at_us) / 1e6) if self.last else None


def kept(state: State, of: Of) -> Kept:
    """Return how the backups of the record, or of the keys, stand."""
    last, every_h = state.last(of), state.hours(of)
    since_us = last.at_us if last else state.watched_us
    return Kept(of, every_h, last, since_us + every_h * HOUR_US if every_h else 0)


def standing(state: State) -> dict[str, Trouble]:
    """Return the alarms that stand: neither put right nor acknowledged, the oldest first."""
    found = [(name, one) for name, one in state.troubles.items() if one.state == STANDING]
    return dict(sorted(found, key=lambda each: each[1].position))
