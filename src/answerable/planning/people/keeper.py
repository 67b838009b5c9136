"""Two keepers of what was said: they read with a purpose, hold, and erase together."""

from __future__ import annotations

from functools import partial

from answerable.planning.people.person import Person
from answerable.vault import words as w


class Keeper(Person):
    """A supervisor who has to do with the sealed words of incidents that are over."""

    role = "supervisor"

    def begins_day(self) -> None:
        """Plan the acts of the day."""
        acts = ((self._read, 0.04), (self._hold, 0.03), (self._ask, 0.06), (self._decide, 0.1))
        for act, share in acts:
            for _ in range(round(self.world.ground.per_day * share + self.dice.random())):
                self.today(self.dice.random() * 86_400, act)

    def _some(self) -> str:
        incidents = self.world.incidents
        return self.dice.choice(incidents) if incidents else ""

    def _read(self) -> None:
        if incident := self._some():
            purpose = self.dice.choice((w.Purpose.WORKING, w.Purpose.COMPLAINT, w.Purpose.COURT))
            self.send(w.ReadSealed, incident=incident, purpose=purpose)

    def _hold(self) -> None:
        if incident := self._some():
            self.send(w.HoldIncident, incident=incident, reason="a court wants it")
            lift = partial(self.send, w.LiftHold, incident=incident, reason="it was decided")
            self.world.timeline.after(self.soon(600, 20_000), lift)

    def _ask(self) -> None:
        """Ask for an erasure; the other keeper is likely to come by it."""
        if incident := self._some():
            self.world.asked.append(incident)
            act = w.Grave.DESTROY if self.chance(0.1) else w.Grave.ERASE
            self.send(w.AskErasure, incident=incident, act=act, reason="the person asked for it")

    def _decide(self) -> None:
        """Agree to one of the last erasures that somebody asked for, or deny it."""
        if not self.world.asked:
            return
        incident = self.dice.choice(self.world.asked[-3:])
        if self.chance(0.15):
            self.send(w.DenyErasure, incident=incident, reason="it is needed")
        else:
            self.send(w.ApproveErasure, incident=incident)
