"""The short paths of a call: silence, hanging up, ringing back, texts, a call for others.

Somebody beside the call-takers follows calls that do not go the usual way. Both may reach for one
call; the record decides, and whoever comes second is refused.
"""

from __future__ import annotations

from functools import partial

from answerable.intake import line_words as w
from answerable.intake import words as intake
from answerable.kernel.authority import Actor
from answerable.kernel.event import Recorded
from answerable.kernel.hub import Outcome
from answerable.planning.ground import AGENCY
from answerable.planning.people.person import Person, event_of

LINE = Actor(name="line", role="line")
TRIES_MAX = 3
"""How often somebody who hung up is rung back here before the call is left as it is."""


class Attendant(Person):
    """Whoever takes up the calls that do not go the usual way."""

    role = "call_taker"
    hears_of = (intake.CallAnswered.tag, intake.CallAbandoned.tag)

    def hears(self, one: Recorded) -> None:
        """Hear of a call; most of them are none of this."""
        call: str = one.event.call  # type: ignore[attr-defined]
        if isinstance(one.event, intake.CallAbandoned):
            if self.chance(0.8):
                self.world.timeline.after(self.soon(30, 600), partial(self._ring, call, 1))
        elif self.chance(0.2):
            act = self.dice.choice((self._silent, self._hang_up, self._offer, self._write))
            self.world.timeline.after(self.soon(1, 30), partial(act, call))

    def _silent(self, call: str) -> None:
        self.send(w.MarkSilent, call=call)
        if self.chance(0.5):
            self._write(call)

    def _write(self, call: str) -> None:
        self.send(w.ReadCall, call=call)
        self.send(w.TextCaller, call=call, words=self.world.secret("text"))
        if self.chance(0.5):
            told = w.TakeText(key=self.new_key(), call=call, words=self.world.secret("reply"))
            self.world.timeline.after(self.soon(5, 120), lambda: self.world.post.send(told, LINE))

    def _hang_up(self, call: str) -> None:
        self.world.post.send(
            w.HangUp(key=self.new_key(), call=call), LINE, partial(self._off, call)
        )

    def _off(self, call: str, outcome: Outcome) -> None:
        if event_of(outcome, w.CallHungUp) is not None:
            self.world.timeline.after(self.soon(1, 20), partial(self._ring, call, 1))

    def _ring(self, call: str, nth: int) -> None:
        """Ring somebody back who hung up, some times."""
        reached = self.dice.random() < 0.35
        outcome = "reached" if reached else self.dice.choice(("no answer", "busy"))
        self.send(w.TryCallBack, call=call, outcome=outcome)
        if not reached and nth < TRIES_MAX and self.chance(0.8):
            self.world.timeline.after(self.soon(5, 40), partial(self._ring, call, nth + 1))

    def _offer(self, call: str) -> None:
        self.send(w.TransferCall, call=call, agency=AGENCY, reason="their matter")
        self.world.timeline.after(self.soon(30, 600), partial(self._receipt, call))

    def _receipt(self, call: str) -> None:
        """Say whether the other side has it; nobody leaves a call between two services."""
        if self.dice.random() < 0.7:
            self.send(w.ConfirmTransfer, call=call, receipt=f"W{self.world.keys}")
        else:
            self.send(w.DeclineTransfer, call=call, reason="it is not theirs")

    def looks(self) -> None:
        """Ask again about what was offered long ago: an answer may have been lost on the way."""
        board = self.board
        if board is None or not self.world.radio.fair:
            return
        for call, line in board.calls.items():
            if line.state.startswith("offered"):
                self._receipt(call)
                return
