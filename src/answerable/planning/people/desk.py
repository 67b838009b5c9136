"""Call-takers: they answer, ask, and end every call in one of its outcomes (I2)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from answerable.intake import script_words as s
from answerable.intake import words as w
from answerable.kernel.event import Recorded
from answerable.kernel.hub import Accepted, Outcome
from answerable.planning.people.line import Matter
from answerable.planning.people.person import Person, event_of

TALK_S = (15.0, 150.0)
DUE_S = (600.0, 14_400.0)
"""How far ahead something is booked."""


class CallTaker(Person):
    """One desk. Two desks may reach for the same call; the record decides who had it (B13)."""

    role = "call_taker"
    hears_of = (w.CallRung.tag,)

    def hears(self, one: Recorded) -> None:
        """Hear a line ring, and reach for it."""
        if self.dice.random() < 0.6:
            self.world.timeline.after(self.soon(2, 25), self.looks)

    def looks(self) -> None:
        """Take the first call that nobody has; now and then one that somebody else has."""
        if self.chance(0.02):
            self.send(w.AnswerCall, self._walked_in, number=self.world.secret("number"))
        board, taken = self.board, self.world.taken
        if board is None:
            return
        for call, line in board.calls.items():
            if call in taken and not self.chance(0.01):
                continue
            taken.add(call)
            if line.state == "ringing":
                self.send(w.AnswerCall, partial(self._answered, call), call=call)
            else:
                self._finish(call)
            return

    def _walked_in(self, outcome: Outcome) -> None:
        if (event := event_of(outcome, w.CallAnswered)) is not None:
            self._answered(event.call, outcome)

    def _answered(self, call: str, outcome: Outcome) -> None:
        if not isinstance(outcome, Accepted):
            self.world.taken.discard(call)
            return
        self.world.taken.add(call)
        self.world.timeline.after(self.soon(*TALK_S), partial(self._finish, call))

    def _finish(self, call: str) -> None:
        """Give the call its outcome."""
        line = self.world.line
        matter = line.about.setdefault(call, line.new_matter())
        if matter.incident and self.dice.random() < 0.85:
            self.send(w.AttachCall, partial(self._over, call), call=call, incident=matter.incident)
            return
        drawn = self.dice.random()
        if drawn < 0.08:
            self._end(call, "nothing to be done")
        elif drawn < 0.13:
            self._book(call, matter)
        else:
            self._open(call, matter)

    def _end(self, call: str, reason: str) -> None:
        self.send(w.EndCall, partial(self._over, call), call=call, reason=reason)

    def _over(self, call: str, outcome: Outcome) -> None:
        """Make sure that the call has an outcome, whatever became of the last attempt."""
        self.world.taken.discard(call)

    def _book(self, call: str, matter: Matter) -> None:
        due_us = self.world.server.clock.now_us() + int(self.dice.uniform(*DUE_S) * 1e6)
        self.send(
            w.BookIncident, self._booked, kind=matter.kind, priority=matter.priority,
            address=matter.place.address, lon=matter.place.lon, lat=matter.place.lat, due=due_us,
        )  # fmt: skip
        self._end(call, "booked for later")

    def _booked(self, outcome: Outcome) -> None:
        event = event_of(outcome, w.IncidentBooked)
        if event is not None and self.chance(0.3):
            cancel = partial(
                self.send, w.CancelBooking, incident=event.incident, reason="not wanted any more"
            )
            self.world.timeline.after(self.soon(60, 9_000), cancel)

    def _open(self, call: str, matter: Matter) -> None:
        place: dict[str, Any] = {"lon": matter.place.lon, "lat": matter.place.lat}
        if self.chance(0.04):
            place = {"unverified": "the caller does not know"}
        wrong = self.chance(0.02)
        self.send(
            w.OpenIncident, partial(self._opened, call, matter), call=call,
            kind="Unheard Of" if wrong else matter.kind, priority=matter.priority,
            group=matter.group, address=matter.place.address, door=self.world.secret("door"),
            **place,
        )  # fmt: skip

    def _opened(self, call: str, matter: Matter, outcome: Outcome) -> None:
        self._over(call, outcome)
        event = event_of(outcome, w.IncidentOpened)
        if event is None:
            return
        matter.incident = event.incident
        self.world.incidents.append(event.incident)
        if self.chance(0.5):
            self._later(self._note, event.incident)
        if self.chance(0.2):
            self._script(event.incident, matter.kind)
        if self.chance(0.08):
            self._later(self._correct, event.incident)

    def _later(self, act: Callable[[str], None], incident: str) -> None:
        self.world.timeline.after(self.soon(5, 600), partial(act, incident))

    def _script(self, incident: str, kind: str) -> None:
        """Ask what the script asks about such a matter, and read out what it says."""
        script = self.world.ground.town.script
        asked = [one.code for one in script.asked(kind)]
        told = [one.code for one in script.always(kind)] or ["leave"]
        if self.chance(0.2):
            asked, told = ["unheard of"], ["unheard of"]
        for code in asked:
            answer = self.world.secret("answer")
            self.send(s.AnswerQuestion, incident=incident, question=code, answer=answer)
        self.send(s.GiveInstruction, incident=incident, instruction=told[0])

    def _note(self, incident: str) -> None:
        self.send(w.AddNote, incident=incident, words=self.world.secret("words"))
        if self.chance(0.1):
            self.send(w.StrikeNote, incident=incident, note=1, reason="wrong incident")

    def _correct(self, incident: str) -> None:
        place = self.world.ground.grid.place(self.dice)
        self.send(
            w.CorrectPlace, incident=incident, address=place.address, lon=place.lon,
            lat=place.lat, door=self.world.secret("door"), reason="the caller was mistaken",
        )  # fmt: skip
