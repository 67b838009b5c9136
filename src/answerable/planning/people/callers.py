"""Call-back staff: they ring callers back, and record what came of it. All of it is made up.

Two desks look at the same queue and may reach for the same caller. Somebody forgets to say what
came of a ring, puts back what was a slip, bars a caller, is better rung later. Who is unhappy, and
how often, is the town's own mix: far more than anywhere real, so that much is put right.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from answerable.followup import back_words as w
from answerable.kernel.event import Recorded
from answerable.kernel.hub import Accepted, Outcome
from answerable.planning.people.person import Person, Value

if TYPE_CHECKING:
    from answerable.followup.views import Entries, Entry
    from answerable.planning.world import World

TALK_S = (40.0, 300.0)
REACHED, UNHAPPY, SPEAKS = 0.6, 0.35, 0.4
"""The shares of rings that reach the caller, of callers who are unhappy, who say something."""
LATER_US = 3_600_000_000
MISSED = (
    w.Outcome.NO_ANSWER, w.Outcome.NO_ANSWER, w.Outcome.BUSY, w.Outcome.WRONG_PERSON,
    w.Outcome.NOT_IN_SERVICE, w.Outcome.REFUSED,
)  # fmt: skip


class Ringer(Person):
    """One desk that rings callers back, one at a time."""

    role = "call_back"
    hears_of = (w.CallBackDue.tag,)

    def __init__(self, world: World, name: str) -> None:
        super().__init__(world, name)
        self._ringing = ""

    def hears(self, one: Recorded) -> None:
        """Hear that somebody is to be rung."""
        if not self._ringing:
            self.world.timeline.after(self.soon(20, 600), self.looks)

    def looks(self) -> None:
        """Take the first who may be rung now; begin something unusual now and then."""
        view: Entries | None = self.state("call-backs")
        if self._ringing or view is None:
            return
        now_us = self.world.server.clock.now_us()
        for entry in view.waiting.values():
            free = max(entry.from_us, entry.until_us) <= now_us or self.chance(0.02)
            if entry.state == "due" and free:
                self._ringing = entry.call
                self._begin(entry, now_us)
                return

    def _begin(self, entry: Entry, now_us: int) -> None:
        about: dict[str, Value] = {"incident": entry.incident, "call": entry.call}
        if self.chance(0.02):
            reason = self.dice.choice(w.BY_HAND)
            self.send(w.BarCallBack, partial(self._barred, about), reason=reason, **about)
        elif self.chance(0.03):
            until = now_us + int(self.dice.random() * LATER_US)
            self.send(w.DeferCallBack, self._free, until=until, **about)
        elif self.chance(0.04):
            self.send(w.SendLink, self._free, way=self.dice.choice(("text", "link")), **about)
        else:
            if self.chance(0.05):
                self.send(w.SpeakCallBack, language="zh-CN", **about)
            self.send(w.TakeCallBack, partial(self._taken, about), **about)

    def _free(self, outcome: Outcome) -> None:
        """Be free for the next caller."""
        self._ringing = ""
        if isinstance(outcome, Accepted):
            self.world.timeline.after(self.soon(5, 60), self.looks)

    def _taken(self, about: dict[str, Value], outcome: Outcome) -> None:
        if not isinstance(outcome, Accepted):
            self._ringing = ""
            return
        if self.chance(0.03):
            self._free(outcome)  # somebody came to the desk, and it was forgotten
            return
        self.world.timeline.after(self.soon(*TALK_S), partial(self._comes_of, about))

    def _comes_of(self, about: dict[str, Value]) -> None:
        if self.chance(0.02):
            self.send(w.LeaveCallBack, self._free, **about)
        elif self.chance(1 - REACHED):
            outcome = self.dice.choice(MISSED)
            self.send(w.TriedCallBack, partial(self._said, about), outcome=outcome, **about)
        else:
            self.send(w.AnswerCallBack, partial(self._said, about), **self._says(), **about)

    def _says(self) -> dict[str, Value]:
        """Return what a caller says: all is well, or something was not."""
        low, high = (1, 3) if self.dice.random() < UNHAPPY else (4, 5)
        marks: dict[str, Value] = {name: self.dice.randint(low, high) for name in w.QUESTIONS}
        words = self.world.secret("said") if self.dice.random() < SPEAKS else ""
        return {**marks, "words": words, "wants": low == 1 and self.dice.random() < 0.5}

    def _said(self, about: dict[str, Value], outcome: Outcome) -> None:
        if self.chance(0.04):
            self.send(w.TakeBackCallBack, reason="a slip", **about)
        self._free(outcome)

    def _barred(self, about: dict[str, Value], outcome: Outcome) -> None:
        """Think better of it now and then, a while later."""
        self._free(outcome)
        if self.chance(0.5):
            allow = partial(self.send, w.AllowCallBack, reason="it was a mistake", **about)
            self.world.timeline.after(self.soon(60, 3_600), allow)
