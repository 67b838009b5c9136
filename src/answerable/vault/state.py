"""What the vault remembers: how each matter stands, what is held, and when what falls due.

A matter is an incident, a call that led to none, or a hand-over. Those that have ended lie in
bundles by the day they ended (days since 1970, UTC) and by kind and end, so that the day's look at
the table passes over thousands without touching one. What the centre lays aside takes its ``Case``
along.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from answerable.kernel.alarms import Alarms
from answerable.towns.retention import CALL, HANDOVER, Act

DAY_US = 86_400_000_000
MINUTE_US = 60_000_000
SWEEP = "sweep"
"""The one alarm of the room."""


def done_of(bits: int) -> tuple[Act, ...]:
    """Return the acts that are done: 1 stands for erased, 2 for archived."""
    return tuple(act for bit, act in ((1, Act.ERASE), (2, Act.ARCHIVE)) if bits & bit)


class Asked(msgspec.Struct, frozen=True):
    """An erasure that waits for another person."""

    act: str
    by: str
    position: int


class Case(msgspec.Struct):
    """One incident as the vault sees it. Times are UTC microseconds; 0 and "" stand for none.

    ``reads`` says until when a reading counts, by who reads; it is emptied when the incident is
    closed or taken up again, and whatever is over goes with the next reading. ``into`` is what the
    incident was merged into.
    """

    sealed: str
    reach: str = "in reach"
    kind: str = ""
    end: str = ""
    ended_us: int = 0
    calls: list[str] = []
    held_us: int = 0
    asked: Asked | None = None
    erased_at: int = 0
    reads: dict[str, int] = {}
    into: str = ""

    def done(self) -> tuple[Act, ...]:
        """Return what the table need not have done again."""
        return done_of((self.sealed == "erased") + 2 * (self.reach == "archived"))


class Over(msgspec.Struct):
    """A call that led to no incident, or a hand-over: how and when it ended (UTC us)."""

    sealed: str
    end: str
    ended_us: int


class Ended(NamedTuple):
    """A matter that has ended, as it lies in its bundle. ``done``: see ``done_of``."""

    name: str
    kind: str
    end: str
    ended_us: int
    done: int = 0

    @property
    def is_call(self) -> bool:
        """Whether it is a call, not an incident."""
        return self.kind == CALL

    @property
    def is_handover(self) -> bool:
        """Whether it is what one shift told the next."""
        return self.kind == HANDOVER


class State(msgspec.Struct):
    """Everything the vault decides on.

    ``ordered``: the streams whose keys are still to be destroyed, by the position of the order.
    """

    cases: dict[str, Case] = {}
    calls: dict[str, Over] = {}
    handovers: dict[str, Over] = {}
    ended: dict[int, dict[str, list[str]]] = {}
    held: dict[str, int] = {}
    ordered: dict[int, list[str]] = {}
    sweeps: Alarms = msgspec.field(default_factory=Alarms)

    def add(self, one: Ended) -> None:
        """Put a matter into its bundle."""
        day, bundle, entry = _place(one)
        self.ended.setdefault(day, {}).setdefault(bundle, []).append(entry)

    def remove(self, one: Ended) -> None:
        """Take a matter out of its bundle; one that is in none is no error."""
        day, bundle, entry = _place(one)
        held = self.ended.get(day, {}).get(bundle, [])
        if entry not in held:
            return
        held.remove(entry)
        if not held:
            del self.ended[day][bundle]
        if not self.ended[day]:
            del self.ended[day]

    def bundles(self) -> Iterator[tuple[int, str, str, int, list[str]]]:
        """Yield day, kind, end, acts done, and the entries of every bundle, the oldest first."""
        for day in sorted(self.ended):
            for bundle, entries in self.ended[day].items():
                done, kind, end = bundle.split("\t")
                yield day, kind, end, int(done), entries


def _place(one: Ended) -> tuple[int, str, str]:
    """Return the day, the bundle and the entry of a matter; an entry keeps the minute it ended."""
    day, rest_us = divmod(one.ended_us, DAY_US)
    bundle = f"{one.done}\t{one.kind}\t{one.end}"
    return day, bundle, f"{rest_us // MINUTE_US:04d}{one.name}"


def entered(day: int, kind: str, end: str, done: int, entry: str) -> Ended:
    """Return the matter of an entry in a bundle; its end to the minute."""
    return Ended(entry[4:], kind, end, day * DAY_US + int(entry[:4]) * MINUTE_US, done)
