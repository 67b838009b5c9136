"""The callers of a demonstration after "closed": made-up numbers, and a desk that rings them back.

The recorded calls have no number, so most are given one of those that telephone companies keep free
for fiction (555-0100 to 555-0199). A simulated desk rings most of them; a quarter is left to
people. Which caller says what is drawn from the name of the call, so the same demonstration gives
the same answers. Its rates are shaped on published ones:

* 15 of 20 callers reached, and callers without a number counted apart (call-backs of every valid
  call by the police of Liangshan, Xinyu, 2013): 37 % an attempt, three attempts;
* satisfied with attitude 99.76 %, speed 96.55 %, result 98.58 % (Chuzhou, 2013), speed being the
  worst, and 98.68 % all in all (Inner Mongolia, 2023): what remains marks 1 or 2 here.

How often a caller has no number, is better rung later, speaks the other language or says something
in their own words is published by nobody; those rates are this module's own.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from answerable.followup import back_words as w
from answerable.followup.back_arms import DUE
from answerable.followup.views import Entries, Entry
from answerable.intake import words as i
from answerable.kernel.authority import Actor
from answerable.kernel.event import Command
from answerable.kernel.hub import Accepted, Hub
from answerable.towns.model import Town

Ask = Callable[[Command, Actor], Any]
DESK = Actor(name="simulated call-back desk", role="call_back")
MINUTE_US = 60_000_000
EVERY_US = MINUTE_US
WAITS_US, LEFT_US = 20 * MINUTE_US, 480 * MINUTE_US
"""So long a caller waits before the simulated desk rings; and one who is left to people."""
LEFT = 250
"""Of a thousand callers those that are left to whoever sits at the demonstration."""
STAFF = 4
"""Callers that the simulated desk rings at one time."""
RINGS_US = (MINUTE_US, 4 * MINUTE_US)
"""The shortest and the longest time from ringing to what came of it."""
THOUSAND = 1_000
NO_NUMBER, SPEAKS_OTHER, LATER, BARRED = 70, 80, 30, 6
"""Of a thousand callers: without a number, in another language, better later, barred by hand."""
REACHED = 370
"""Of a thousand attempts those that reach the caller."""
MISSED: tuple[tuple[int, w.Outcome], ...] = (
    (640, w.Outcome.NO_ANSWER), (820, w.Outcome.BUSY), (880, w.Outcome.NOT_IN_SERVICE),
    (940, w.Outcome.WRONG_PERSON), (THOUSAND, w.Outcome.REFUSED),
)  # fmt: skip
"""What the others come to, up to which of a thousand."""
UNHAPPY = {"manner": 0.0024, "speed": 0.0345, "result": 0.0142}
OVERALL = 0.0132
"""The share that is not satisfied all in all."""
SAID = ("It was quick and kind.", "They explained what they did.", "All good, thank you.")
COMPLAINED = ("It took far too long.", "Nobody came back to us.", "It is still not dealt with.")


def drawn(name: str, what: str) -> int:
    """Return a number from 0 to 999 that is always the same for the same name and question."""
    return zlib.crc32(f"{what}:{name}".encode()) % THOUSAND


def share(name: str, what: str) -> float:
    """Return a number from 0 to 1, as ``drawn``, finer than a thousandth."""
    return zlib.crc32(f"{what}/{name}".encode()) / 2**32


class CallBacks:
    """Numbers for recorded calls, and the simulated desk. Lives beside the feed of the calls."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._next_us = 0
        self._ringing: dict[str, int] = {}
        self._seen: set[str] = set()

    @property
    def _view(self) -> Entries:
        view: Entries = self._hub.state["call-backs"]
        return view

    @staticmethod
    def numbered(command: Command) -> Command:
        """Return a recorded answer with a made-up number of its own, where the caller has one."""
        if not isinstance(command, i.AnswerCall) or not command.call or command.number:
            return command
        if drawn(command.call, "number") < NO_NUMBER:
            return command
        last = drawn(command.call, "digits") % 100
        return msgspec.structs.replace(command, number=f"+1 415 555 01{last:02d}")

    def run(self, now_us: int, ask: Ask) -> None:
        """Let the desk ring, and record what came of it, up to a moment (UTC microseconds)."""
        if now_us < self._next_us:
            return
        self._next_us = now_us + EVERY_US
        for call in [call for call, until_us in self._ringing.items() if until_us <= now_us]:
            del self._ringing[call]
            entry = self._view.waiting.get(call)
            if entry is not None and entry.state == DUE and entry.by == DESK.name:
                ask(self._comes_of(entry), DESK)
        for entry in list(self._free(now_us)):
            self._begin(entry, now_us, ask)

    def _free(self, now_us: int) -> Iterator[Entry]:
        """Yield whom the desk rings next: due long enough, and rung by nobody."""
        left = STAFF - len(self._ringing)
        for entry in self._view.waiting.values():
            if left <= 0:
                return
            waits_us = LEFT_US if drawn(entry.call, "left") < LEFT else WAITS_US
            due = entry.state == DUE and entry.from_us <= now_us - waits_us
            if due and entry.until_us <= now_us and entry.call not in self._ringing:
                left -= 1
                yield entry

    def _begin(self, entry: Entry, now_us: int, ask: Ask) -> None:
        if entry.call not in self._seen:
            self._seen.add(entry.call)
            if (first := self._before(entry, now_us)) is not None:
                ask(first, DESK)
                return
        taken = w.TakeCallBack(**self._ids(entry, "take"))
        if isinstance(ask(taken, DESK), Accepted):
            least, most = RINGS_US
            takes_us = least + int((most - least) * share(entry.call, f"takes{entry.tries}"))
            self._ringing[entry.call] = now_us + takes_us

    def _before(self, entry: Entry, now_us: int) -> Command | None:
        """Return what is done about a caller before they are rung, None for nearly all."""
        town = self._hub.town
        assert isinstance(town, Town), "a demonstration has a town"
        if drawn(entry.call, "bar") < BARRED:
            reason = w.BY_HAND[drawn(entry.call, "why") % 2]
            return w.BarCallBack(**self._ids(entry, "bar"), reason=reason)
        if drawn(entry.call, "later") < LATER:
            until_us = now_us + 180 * MINUTE_US
            return w.DeferCallBack(**self._ids(entry, "later"), until=until_us)
        others = [one for one in town.following.languages if one != entry.language]
        if others and drawn(entry.call, "speaks") < SPEAKS_OTHER:
            return w.SpeakCallBack(**self._ids(entry, "speak"), language=others[0])
        return None

    def _comes_of(self, entry: Entry) -> Command:
        """Return what comes of ringing: the answers, or the attempt."""
        nth = f"{entry.call}#{entry.tries}"
        if drawn(nth, "reached") >= REACHED:
            found = drawn(nth, "missed")
            outcome = next(outcome for below, outcome in MISSED if found < below)
            return w.TriedCallBack(**self._ids(entry, f"tried{entry.tries}"), outcome=outcome)
        marks: dict[str, Any] = {
            about: _mark(entry.call, about, unhappy) for about, unhappy in UNHAPPY.items()
        }
        worst = min(marks.values())
        unhappy = worst <= w.UNHAPPY_MAX or share(entry.call, "overall") < OVERALL
        overall = min(worst, w.UNHAPPY_MAX) if unhappy else _mark(entry.call, "overall", 0.0)
        return w.AnswerCallBack(
            **self._ids(entry, "answer"), **marks, overall=overall,
            words=_words(entry.call, unhappy=unhappy),
            wants=unhappy and drawn(entry.call, "wants") < THOUSAND // 2,
        )  # fmt: skip

    @staticmethod
    def _ids(entry: Entry, what: str) -> dict[str, Any]:
        return {"key": f"back:{entry.call}:{what}:{entry.at_us}",
                "incident": entry.incident, "call": entry.call}  # fmt: skip


def _mark(call: str, about: str, unhappy: float) -> int:
    """Return a mark: 1 or 2 as often as published, 3 now and then, mostly 4 and 5."""
    found = share(call, about)
    if found < unhappy:
        return 1 + drawn(call, f"{about}-low") % 2
    return 3 if found > 0.97 else 4 if found > 0.62 else 5


def _words(call: str, *, unhappy: bool) -> str:
    said = COMPLAINED if unhappy else SAID
    speaks = unhappy or drawn(call, "words") < THOUSAND // 5
    return said[drawn(call, "said") % len(said)] if speaks else ""
