"""Whoever puts right what a caller was unhappy about: a desk, crews, field officers, oversight.

They do the next step of what is open, some time later. Officers ride with a unit, and try now and
then to end what is said about that very unit: the rules have to refuse it.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from answerable.followup import right_words as w
from answerable.kernel.authority import Actor
from answerable.kernel.event import Command
from answerable.kernel.hub import Outcome
from answerable.planning.people.person import Person, Value

if TYPE_CHECKING:
    from answerable.followup.state import Right
    from answerable.planning.world import World

STEP_S = (60.0, 5_400.0)
Step = tuple[type[Command], dict[str, Value]]


class _Doing(Person):
    """Somebody who does one step after another of what is open, each of them once at a time."""

    def __init__(self, world: World, name: str) -> None:
        super().__init__(world, name)
        self._doing: set[str] = set()

    def looks(self) -> None:
        """Plan the next step of everything that is open and waits for none."""
        room = self.state("followup")
        for name in list(room.rights) if room is not None else ():
            if name not in self._doing and self._mine(room.rights[name]):
                self._doing.add(name)
                self.world.timeline.after(self.soon(*STEP_S), partial(self._acts, name))

    def _acts(self, name: str) -> None:
        """Do the step that is due by then; what has ended meanwhile needs none."""
        self._doing.discard(name)
        room = self.state("followup")
        right = room.rights.get(name) if room is not None else None
        if right is not None and (step := self._next(right)) is not None:
            command, more = step
            self._doing.add(name)
            told: Callable[[Outcome], None] = partial(self._told, name)
            self.send(command, told, incident=right.incident, right=name, **more)

    def _told(self, name: str, outcome: Outcome) -> None:
        self._doing.discard(name)
        self.looks()

    def _mine(self, right: Right) -> bool:
        """Say whether something waits for this person."""
        return right.state != "oversight"

    @abstractmethod
    def _next(self, right: Right) -> Step | None:
        """Return what is done next, None for nothing."""


class Righter(_Doing):
    """The desk that puts right."""

    role = "call_back"

    def _next(self, right: Right) -> Step | None:
        if right.state != "oversight" and self.chance(0.03):
            return w.WithdrawPutRight, {"reason": "the caller does not want it"}
        steps = {"open": self._open, "heard": self._heard, "done": self._done}
        step = steps.get(right.state)
        return step(right) if step is not None else None

    def _open(self, right: Right) -> Step:
        if not right.owner:
            return w.OwnPutRight, {"owner": self.dice.choice(("call_back", "supervisor"))}
        return w.SpokeWithCaller, {"words": self.world.secret("told")}

    def _heard(self, right: Right) -> Step:
        unasked = [u for u in right.units[:2] if u not in right.asked and u not in right.given]
        if unasked and self.chance(0.7):
            return w.AskAccount, {"unit": unasked[0]}
        if right.asked and self.chance(0.6):
            unit = next(iter(right.asked))
            return w.GiveAccount, {"unit": unit, "words": self.world.secret("account")}
        if self.chance(0.04):
            return w.SeekReopening, {"reason": "it must be done again"}
        if self.chance(0.04):
            return w.SendToOversight, {"reason": "nobody agrees"}
        return w.DoPutRight, {"what": self.dice.choice(tuple(w.What))}

    def _done(self, right: Right) -> Step | None:
        if self.chance(0.4):
            if right.tries >= w.TRIES_AGAIN or self.chance(0.1):
                return w.ClosePutRight, {"reason": "nobody answers"}
            if right.again_us > self.world.server.clock.now_us():
                return None  # rung lately: whoever looks next does it
            return w.MissAgain, {"outcome": w.Missed.NO_ANSWER}
        words = self.world.secret("said again")
        return w.RingBackAgain, {"happy": self.dice.random() < 0.7, "words": words}


class Oversight(_Doing):
    """Looks into what a caller is still unhappy about."""

    role = "oversight"

    def _mine(self, right: Right) -> bool:
        return right.state == "oversight"

    def _next(self, right: Right) -> Step | None:
        if right.state != "oversight":
            return None
        if self.chance(0.3):
            return w.ReturnFromOversight, {"reason": "there is more to be done"}
        found = self.dice.choice(tuple(w.Found))
        return w.JudgePutRight, {"found": found, "reason": "seen in the record"}


class Officers(Person):
    """Officers who ride with units: they account for them, and reach for what is not theirs."""

    role = "supervisor"

    def looks(self) -> None:
        """Have the officer of some unit do something about something that is open."""
        room = self.state("followup")
        names = list(room.rights) if room is not None else []
        if not names or self.world.radio.fair:
            return
        name = self.dice.choice(names)
        right: Right = room.rights[name]
        units = right.units or list(self.world.ground.posts)
        unit = self.dice.choice(
            units if self.dice.random() < 0.8 else list(self.world.ground.posts)
        )
        self.actor = Actor(name=f"officer of {unit}", role=self.role, unit=unit)
        for command, more in self._reaches(right, unit):
            self.send(command, incident=right.incident, right=name, **more)

    def _reaches(self, right: Right, unit: str) -> Iterator[Step]:
        if unit in right.asked:
            yield w.GiveAccount, {"unit": unit, "words": self.world.secret("account")}
        if right.state == "heard":
            yield w.DoPutRight, {"what": w.What.EXPLAINED}
        elif right.state == "done":
            yield w.RingBackAgain, {"happy": True}
        elif right.state == "oversight":
            yield w.JudgePutRight, {"found": w.Found.NO_FAULT, "reason": "all was done"}
        if self.dice.random() < 0.2:
            yield w.WithdrawPutRight, {"reason": "it came to nothing"}
