"""A line's calls: its own names for them, the record's numbers, and the commands they become.

Nothing here waits or writes: an adapter gives what its line says and asks what it is given. What a
line says twice is one thing in the record (B14), because its keys come from its own names.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterator

from answerable.exchange.lines.protocol import Counted, HungUp, Rings, Saying, Wrote
from answerable.intake import line_words as w
from answerable.intake import words as i
from answerable.kernel.event import Command
from answerable.kernel.hub import Accepted, Outcome, Refused
from answerable.kernel.refusals import Unknown, WrongStep

CALLS_MAX = 10_000
"""Calls whose names are remembered at once, the newest."""
COUNTS_MAX = 100
"""So often a counter of one day may come back to a figure it was told as before."""


class LineCalls:
    """What one line has said of its calls. ``line`` names the line where it does not itself."""

    def __init__(self, line: str, of: str) -> None:
        """``of`` is whoever speaks for the line: its names for calls are unique under that."""
        self.line = line
        self._of = of
        self._calls: OrderedDict[str, str] = OrderedDict()
        self._texts: dict[str, int] = {}
        self._again: dict[str, int] = {}
        self._repeated = False

    def call_of(self, id_: str) -> str:
        """Return the record's number of a call, "" where it is not known."""
        return self._calls.get(id_, "")

    def id_of(self, call: str) -> str:
        """Return the line's own name of a call, "" where it is none of this line's."""
        return next((id_ for id_, known in self._calls.items() if known == call), "")

    def commands(self, said: Saying) -> Iterator[Command]:
        """Yield what is asked because of something said; a step needs the outcome of the last."""
        if isinstance(said, Rings):
            yield self._ring(said.id, said.line, said.number, said.medium)
        elif isinstance(said, HungUp):
            call = self.call_of(said.id)
            yield w.HangUp(
                key=self._key(f"{said.id}\0{call}", "off", self._texts.get(call, 0)),
                call=call or "-",
            )
        elif isinstance(said, Wrote):
            if not self.call_of(said.id):
                yield self._ring(said.id, said.line, said.number, "text")
            yield self._text(said)
        elif isinstance(said, Counted):
            yield from self._counted(said)

    def _counted(self, said: Counted) -> Iterator[i.CountLine]:
        """Yield a counter under a key of its figure, or a further key where it had that before.

        One that goes from 10 to 12 and back to 10 is no repetition: it is asked under one key after
        the other until it is recorded, or refused because the record has that very count.
        """
        line = said.line or self.line
        name = f"{said.day}:{line}"
        for nth in range(COUNTS_MAX):
            key = self._key(name if nth == 0 else f"{name}\0{nth}", "count", said.rung)
            yield i.CountLine(key=key, day=said.day, line=line, rung=said.rung)
            if not self._repeated:
                return

    def _ring(self, id_: str, line: str, number: str, medium: i.Medium) -> i.RingCall:
        key = self._key(id_, "ring", self._again.get(id_, 0))
        return i.RingCall(key=key, line=line or self.line, number=number, medium=medium)

    def _text(self, said: Wrote) -> w.TakeText:
        call = self.call_of(said.id)
        key = said.key or self._key(f"{said.id}\0{call}", "text", self._texts.get(call, 0))
        return w.TakeText(key=key, call=call or "-", words=said.words)

    def _key(self, id_: str, what: str, nth: int) -> str:
        digest = hashlib.sha256(f"{self._of}\0{id_}".encode()).hexdigest()[:32]
        return f"line:{digest}:{what}:{nth}"

    def happened(self, said: Saying, outcome: Accepted) -> None:
        """Take up what was recorded of something said, now or when it was said before."""
        self._repeated = outcome.again
        for one in outcome.recorded:
            if isinstance(one.event, i.CallRung) and isinstance(said, Rings | Wrote):
                self._calls[said.id] = one.event.call
                self._calls.move_to_end(said.id)
            elif isinstance(one.event, w.TextTaken):
                self._texts[one.event.call] = self._texts.get(one.event.call, 0) + 1
        while len(self._calls) > CALLS_MAX:
            id_, call = self._calls.popitem(last=False)
            self._texts.pop(call, None)
            self._again.pop(id_, None)

    def over(self, said: Saying, outcome: Outcome) -> bool:
        """Say whether a text came to a call that is over: then its call is forgotten, to ring anew.

        What a person writes is never refused because somebody has ended the call.
        """
        if not isinstance(said, Wrote) or not isinstance(outcome, Refused):
            return False
        if not isinstance(outcome.refusal, WrongStep | Unknown):
            return False
        if not self._calls.pop(said.id, ""):
            return False
        self._again[said.id] = self._again.get(said.id, 0) + 1
        return True


def number_of(outcome: Outcome) -> str:
    """Return the call that an outcome is about, "" where nothing was recorded of one."""
    if not isinstance(outcome, Accepted):
        return ""
    return next((c for one in outcome.recorded if (c := getattr(one.event, "call", ""))), "")
