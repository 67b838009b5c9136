"""Who sees that two incidents are one, or one is two: links, splits, merges, and back again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from answerable.dispatch import merge_words as m
from answerable.dispatch.views import IncidentLine
from answerable.intake import join_words as j
from answerable.intake.words import CallAttached, IncidentOpened
from answerable.kernel.event import Command, Recorded
from answerable.kernel.hub import Accepted, Outcome
from answerable.planning.people.person import Person, Value


class Joiner(Person):
    """Somebody who compares what is reported, on a screen that may be stale."""

    role = "dispatcher"
    hears_of = (IncidentOpened.tag, CallAttached.tag)

    def hears(self, one: Recorded) -> None:
        """Hear of what is perhaps known already, before anybody is sent, or is about another."""
        event, act = one.event, None
        if isinstance(event, IncidentOpened) and self.chance(0.15):
            act = partial(self._same, event.incident)
        elif isinstance(event, CallAttached) and self.chance(0.15):
            act = partial(self._split_off, event.incident, event.call)
        if act is not None:
            self.world.timeline.after(self.soon(0.5, 8), act)

    def begins_day(self) -> None:
        """Plan the acts of the day."""
        acts: tuple[tuple[Callable[[], None], float], ...] = (
            (self._merge, 0.15), (self._link, 0.10), (self._split, 0.30), (self._detach, 0.15),
        )  # fmt: skip
        for act, share in acts:
            for _ in range(round(self.world.ground.per_day * share + self.dice.random())):
                self.today(self.dice.random() * 86_400, act)

    def _open(self) -> list[IncidentLine]:
        board = self.board
        return list(board.incidents.values()) if board is not None else []

    def _pair(self) -> Iterator[tuple[str, str]]:
        """Yield two incidents, now and then the same twice, or one that is over."""
        names = [line.incident for line in self._open()]
        if self.dice.random() < 0.1 and self.world.incidents:
            names.append(self.dice.choice(self.world.incidents))
        if len(names) > 1:
            yield self.dice.choice(names), self.dice.choice(names)

    def _later(self, act: Callable[[], None]) -> None:
        """Try again in some minutes, mostly: there was nothing of the kind just now."""
        if self.dice.random() < 0.9:
            self.today(self.dice.uniform(120, 1_200), act)

    def _then(self, undo: type[Command], **fields: Value) -> Callable[[Outcome], None]:
        """Return what takes an act back, in half of the cases, some time after it was done."""

        def told(outcome: Outcome) -> None:
            if isinstance(outcome, Accepted) and self.dice.random() < 0.5:
                back = partial(self.send, undo, reason="not the same after all", **fields)
                self.world.timeline.after(self.soon(5, 3_600), back)

        return told

    # -- the acts ----------------------------------------------------------------------------

    def _merge(self) -> None:
        idle = [line.incident for line in self._open() if not line.under_way()]
        for one, other in self._pair():
            incident = self.dice.choice(idle) if idle and self.dice.random() < 0.8 else one
            undo = self._then(m.UnmergeIncident, incident=incident)
            self.send(m.MergeIncident, undo, incident=incident, into=other, reason="the same")
            return
        self._later(self._merge)

    def _same(self, incident: str) -> None:
        others = [line.incident for line in self._open() if line.incident != incident]
        if others:
            undo = self._then(m.UnmergeIncident, incident=incident)
            into = self.dice.choice(others)
            self.send(m.MergeIncident, undo, incident=incident, into=into, reason="the same")

    def _link(self) -> None:
        for one, other in self._pair():
            undo = self._then(j.UnlinkIncidents, incident=other, other=one)
            self.send(j.LinkIncidents, undo, incident=one, other=other)
            return
        self._later(self._link)

    def _split(self) -> None:
        several = [line for line in self._open() if len(line.calls) > 1]
        if not several:
            self._later(self._split)
            return
        line = self.dice.choice(several)
        self._split_off(line.incident, self.dice.choice(line.calls))

    def _split_off(self, incident: str, call: str) -> None:
        if self.dice.random() < 0.3:
            self.send(
                j.SplitIncident, incident=incident, call=call, reason="it is elsewhere",
                address="somewhere else", unverified="the caller does not know",
                door=self.world.secret("door"),
            )  # fmt: skip
        else:
            self.send(j.SplitIncident, incident=incident, call=call, reason="it is another")

    def _detach(self) -> None:
        lines = [line for line in self._open() if line.calls]
        if not lines:
            self._later(self._detach)
            return
        call = self.dice.choice(self.dice.choice(lines).calls)
        self.send(j.DetachCall, call=call, reason="it is about something else")
