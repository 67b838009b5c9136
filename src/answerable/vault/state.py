"""What the vault remembers: how each matter stands, what is held, and when what falls due.

A matter is an incident, or what is kept beside the incidents: a call that led to none, a hand-over,
a tracked matter, a problem. Those that have ended lie in bundles by the day they ended (days since
1970, UTC) and by kind and end, so that the day's look at the table passes over thousands without
touching one. What the centre lays aside takes its ``Case``
along.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec

from answerable.kernel.alarms import Alarms
from answerable.kernel.room import Arms, Context, Deciders
from answerable.towns.retention import LONE, Act

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
    """What is kept beside the incidents: how and when it ended (UTC us)."""

    sealed: str
    end: str
    ended_us: int


SORTS = {kind: sort for sort, kind in LONE.items()}


class Ended(NamedTuple):
    """A matter that has ended, as it lies in its bundle. ``done``: see ``done_of``."""

    name: str
    kind: str
    end: str
    ended_us: int
    done: int = 0

    @property
    def sort(self) -> str:
        """What it is named by in commands and events: incident, call, handover and so on."""
        return SORTS.get(self.kind, "incident")


class State(msgspec.Struct):
    """Everything the vault decides on.

    ``ordered``: the streams whose keys are still to be destroyed, by the position of the order.
    """

    cases: dict[str, Case] = {}
    calls: dict[str, Over] = {}
    handovers: dict[str, Over] = {}
    matters: dict[str, Over] = {}
    problems: dict[str, Over] = {}
    ended: dict[int, dict[str, list[str]]] = {}
    held: dict[str, int] = {}
    ordered: dict[int, list[str]] = {}
    sweeps: Alarms = msgspec.field(default_factory=Alarms)

    def lone(self, sort: str) -> dict[str, Over]:
        """Return those of one sort of what is kept beside the incidents, by name."""
        found: dict[str, Over] = getattr(self, f"{sort}s")
        return found

    def over(self, sort: str, name: str, over: Over) -> None:
        """Note that one of them has ended; one that ended before has one end, the later."""
        self.lives(sort, name)
        self.lone(sort)[name] = over
        self.add(Ended(name, LONE[sort], over.end, over.ended_us))

    def lives(self, sort: str, name: str) -> None:
        """Note that one of them has not ended, or is nothing to keep any more."""
        if (over := self.lone(sort).pop(name, None)) is not None:
            self.remove(Ended(name, LONE[sort], over.end, over.ended_us))

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


decide: Deciders[State, Any] = Deciders()
evolve: Arms[State] = Arms()
Ctx = Context[Any]
