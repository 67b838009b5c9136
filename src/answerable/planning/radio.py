"""The radio between people and the centre: it loses, delays, doubles and reorders messages.

Who sends a command sends it again, with the same idempotency key, until an answer has come.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

from answerable.kernel.authority import Actor
from answerable.kernel.event import Command
from answerable.kernel.hub import Accepted, Outcome, Refused
from answerable.planning.timeline import Act, Timeline

FAIR_S = 0.05
"""The way of a message on a fair radio, in seconds."""
LATE = 0.04
"""The share of messages that come late, some of them very late."""
LATE_S_MAX = 1_200.0
DOUBLE_S_MAX = 3_600.0
RETRY_S = (4.0, 20.0)
RETRY_S_MAX = 180.0

Told = Callable[[Outcome], None]


class Radio:
    """Carries a message, or does not. ``fair`` from the moment on when all shall heal."""

    def __init__(self, timeline: Timeline, dice: random.Random) -> None:
        self.fair = False
        self.lost = dice.uniform(0, 0.12)
        self.doubled = dice.uniform(0, 0.15)
        self._timeline = timeline
        self._dice = dice

    def carry(self, deliver: Act) -> None:
        """Have a message delivered: once, twice, late, or never."""
        if self.fair:
            self._timeline.after(FAIR_S, deliver)
            return
        chance = self._dice.random
        if chance() >= self.lost:
            late = chance() < LATE
            self._timeline.after(chance() ** 3 * LATE_S_MAX if late else chance() * 2, deliver)
        if chance() < self.doubled:
            self._timeline.after(chance() ** 4 * DOUBLE_S_MAX, deliver)


class Letter:
    """A command on its way: who sends it, and the answer once that has come."""

    __slots__ = ("actor", "answer", "command", "told", "tries")

    def __init__(self, command: Command, actor: Actor, told: Told | None) -> None:
        self.command = command
        self.actor = actor
        self.told = told
        self.answer: Outcome | None = None
        self.tries = 0


class Post:
    """All letters that people have sent; those without an answer are sent again."""

    def __init__(self, timeline: Timeline, radio: Radio, receive: Callable[[Letter], None]) -> None:
        """``receive`` is the centre's door."""
        self.waiting: dict[str, Letter] = {}
        self.sent = 0
        self.accepted = 0
        self.refused: dict[str, int] = {}
        self._timeline = timeline
        self._radio = radio
        self._receive = receive

    def send(self, command: Command, actor: Actor, told: Told | None = None) -> None:
        """Send a command until its answer is known; ``told`` then hears of it, once."""
        letter = self.waiting[command.key] = Letter(command, actor, told)
        self.sent += 1
        self._try(letter)

    def _try(self, letter: Letter) -> None:
        if letter.answer is not None:
            return
        letter.tries += 1
        self._radio.carry(partial(self._receive, letter))
        low, high = RETRY_S
        wait_s = min(low * 2**letter.tries, high + 10 * letter.tries, RETRY_S_MAX)
        self._timeline.after(wait_s, partial(self._try, letter))

    def answer(self, letter: Letter, outcome: Outcome) -> None:
        """Send the answer of the centre back by the same radio."""
        self._radio.carry(partial(self._answered, letter, outcome))

    def _answered(self, letter: Letter, outcome: Outcome) -> None:
        if letter.answer is not None:
            return
        letter.answer = outcome
        self.waiting.pop(letter.command.key, None)
        if isinstance(outcome, Refused):
            code = outcome.refusal.code
            self.refused[code] = self.refused.get(code, 0) + 1
        elif isinstance(outcome, Accepted):
            self.accepted += 1
        if letter.told is not None:
            letter.told(outcome)
