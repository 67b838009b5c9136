"""A simulated trunk: it rings in bursts, hangs up, keeps silent and texts, by a clock it is given.

For the demonstration and for tests. Each *conversation* is a row of steps, some the caller's and
some those of a simulated desk; a desk's step is left out once a person has taken the call. Nothing
in it waits: whoever has the clock asks what is due.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from answerable.intake import line_words as w
from answerable.intake import words as i
from answerable.kernel.authority import Actor
from answerable.kernel.event import Command
from answerable.kernel.hub import Accepted, Outcome
from answerable.towns.made_up import MADE_UP

LINE = "simulated trunk"
CALLER = Actor(name=LINE, role="line")
DESK = Actor(name="simulated desk", role="call_taker")
US = 1_000_000
EVERY_S = 600.0
"""On average one conversation in so many seconds of the clock."""

Ask = Callable[[Command, Actor], Outcome]
Holder = Callable[[str], str]
"""Returns who has a call now, "" where nobody has."""


class Step(NamedTuple):
    """After so many seconds of the conversation somebody does something to its call."""

    after_s: float
    by: Actor
    command: type[Command]
    fields: Mapping[str, Any]


class Script(NamedTuple):
    """A sort of conversation: what the caller says when a person takes it, and the steps."""

    name: str
    says: str
    medium: i.Medium
    steps: tuple[Step, ...]


def _desk(after_s: float, command: type[Command], **fields: Any) -> Step:  # noqa: ANN401
    return Step(after_s, DESK, command, fields)


def _caller(after_s: float, command: type[Command], **fields: Any) -> Step:  # noqa: ANN401
    return Step(after_s, CALLER, command, fields)


ANSWER = _desk(9, i.AnswerCall, desk="", marks=(MADE_UP,))
SCRIPTS: dict[str, Script] = {
    script.name: script
    for script in (
        Script("hangs up before the answer", "It was nothing, thank you.", "voice", (
            _caller(7, w.HangUp),
            _desk(80, w.TryCallBack, outcome="no answer"),
            _desk(170, w.TryCallBack, outcome="reached"),
            _desk(200, i.EndCall, reason="dialled by mistake"),
        )),
        Script("hangs up after the answer", "Please come, there is …", "voice", (
            ANSWER, _caller(22, w.HangUp),
            _desk(60, w.TryCallBack, outcome="busy"),
            _desk(110, w.TryCallBack, outcome="reached"),
            _desk(150, i.EndCall, reason="a neighbour has helped"),
        )),
        Script("says nothing", "(nobody speaks)", "voice", (
            ANSWER, _desk(18, w.MarkSilent),
            _desk(35, w.TextCaller, words="This is the emergency centre. Do you need help?"),
            _caller(60, w.TakeText, words="no sorry my pocket"),
            _desk(85, w.TextCaller, words="Thank you. Call us again if you do."),
            _desk(95, i.EndCall, reason="a pocket dialled"), _caller(97, w.HangUp),
        )),
        Script("writes", "(a text)", "text", (
            _caller(1, w.TakeText, words="is this how one writes to you"),
            ANSWER, _desk(40, w.TextCaller, words="Yes. What has happened?"),
            _caller(70, w.TakeText, words="nothing yet, I only wanted to know"),
            _desk(100, w.TextCaller, words="Good. Write here whenever you need help."),
            _desk(110, i.EndCall, reason="a question about the service"),
        )),
        Script("asks for somebody else", "There is no bin on our corner.", "voice", (
            ANSWER, _desk(40, w.TransferCall, agency="", reason="not an emergency"),
            _desk(75, w.ConfirmTransfer, receipt="SIM-1"), _caller(80, w.HangUp),
        )),
        Script("dialled wrongly", "Sorry, I dialled wrongly.", "voice", (
            ANSWER, _desk(25, i.EndCall, reason="wrong number"), _caller(26, w.HangUp),
        )),
    )
}  # fmt: skip
"""Every sort of conversation there is. Nobody is sent anywhere by one."""


@dataclass
class Conversation:
    """One call of the trunk: which script, since when, and which step comes next."""

    script: Script
    began_us: int
    call: str = ""
    at: int = 0
    left_to: str = ""
    """The person who took it: the desk's steps are theirs from then on."""

    def next_us(self) -> int | None:
        """Return when its next step is due, None at its end."""
        if self.at >= len(self.script.steps):
            return None
        return self.began_us + int(self.script.steps[self.at].after_s * US)


@dataclass
class Trunk:
    """The calls of a simulated line, seeded: the same clock gives the same calls.

    ``agency`` is where calls for elsewhere are handed; where there is none, none is made.
    """

    seed: int = 1
    every_s: float = EVERY_S
    agency: str = ""
    burst: float = 0.2
    """The share of rings that come three at a time."""
    rung: int = 0
    """The trunk's own counter of today."""
    _dice: random.Random = field(init=False, repr=False)
    _next_us: int = 0
    _going: list[Conversation] = field(default_factory=list)
    _numbered: int = 0

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)  # noqa: S311 - a simulation, not a secret

    def says(self, call: str) -> str:
        """Return what the caller of a call says, "" where it is none of this trunk's."""
        return next((one.script.says for one in self._going if one.call == call), "")

    def begin(self, now_us: int) -> None:
        """Begin to ring from a moment on."""
        self._next_us = now_us + self._pause_us()

    def _pause_us(self) -> int:
        return int(self._dice.expovariate(1 / self.every_s) * US)

    def ring(self, name: str, now_us: int) -> None:
        """Have a conversation of a sort begin now."""
        self._going.append(Conversation(SCRIPTS[name], now_us))

    def _rings(self, now_us: int) -> None:
        """Begin the conversations that are due."""
        if not self._next_us:
            self.begin(now_us)
        while self._next_us <= now_us:
            names = [n for n in SCRIPTS if self.agency or n != "asks for somebody else"]
            for _ in range(3 if self._dice.random() < self.burst else 1):
                self.ring(self._dice.choice(names), self._next_us)
            self._next_us += self._pause_us()

    def run(self, now_us: int, ask: Ask, holder: Holder) -> None:
        """Do everything that is due, in the order of time."""
        self._rings(now_us)
        for one in self._going:
            if not one.call and one.began_us <= now_us:
                self._put_through(one, ask)
        while (due := self._due(now_us)) is not None:
            self._step(due, ask, holder)
        self._going = [one for one in self._going if one.next_us() is not None]

    def _due(self, now_us: int) -> Conversation | None:
        waiting = [
            (at, n) for n, one in enumerate(self._going) if one.call and (at := one.next_us())
        ]
        at_us, nth = min(waiting, default=(now_us + 1, 0))
        return self._going[nth] if at_us <= now_us else None

    def _put_through(self, one: Conversation, ask: Ask) -> None:
        self.rung += 1
        number = f"+1 555 01{self._dice.randrange(100):02d}"
        command = i.RingCall(
            key=self._key(), at=one.began_us, line=LINE, number=number, medium=one.script.medium
        )
        outcome = ask(command, CALLER)
        if isinstance(outcome, Accepted):
            one.call = next(
                e.event.call for e in outcome.recorded if isinstance(e.event, i.CallRung)
            )
        else:
            one.at = len(one.script.steps)

    def _step(self, one: Conversation, ask: Ask, holder: Holder) -> None:
        step = one.script.steps[one.at]
        one.at += 1
        if step.by is DESK:
            held = holder(one.call)
            if held not in ("", DESK.name):
                one.left_to = held
            if one.left_to:
                return
        at_us = one.began_us + int(step.after_s * US)
        fields = {**step.fields, "key": self._key(), "call": one.call, "at": at_us}
        if step.command is w.TransferCall:
            fields["agency"] = self.agency
        ask(step.command(**fields), step.by)

    def _key(self) -> str:
        self._numbered += 1
        return f"trunk:{self.seed}:{self._dice.getrandbits(64):016x}:{self._numbered}"

    def leftover(self, calls: dict[str, str]) -> Iterator[tuple[Command, Actor]]:
        """Yield what ends the calls that an earlier run left open: their states by number."""
        for call, state in calls.items():
            if state in ("ringing",):
                yield w.HangUp(key=self._key(), call=call), CALLER
            if state.startswith("offered"):
                yield w.DeclineTransfer(key=self._key(), call=call, reason="stopped"), DESK
            reason = "the simulation was stopped meanwhile"
            yield i.EndCall(key=self._key(), call=call, reason=reason), DESK
