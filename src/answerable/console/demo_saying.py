"""Callers of a demonstration who answer by themselves: made up, like all that comes after "closed".

Whoever could not be reached by telephone is sent the questions by the simulated gateway; some of
them answer, by the page or by a reply, some time later. So many as answered the text of a service
that has published it (Denver: 15 of 100 count as a success); the marks are as on the telephone.
"""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

from answerable.console.demo_call_backs import OVERALL, UNHAPPY
from answerable.exchange.texts.adapters import SimulatedTexts
from answerable.exchange.texts.definition import TextsAt
from answerable.exchange.texts.text import Reply, Text
from answerable.followup import back_words as b
from answerable.kernel.authority import Actor
from answerable.kernel.desk import Unavailable
from answerable.kernel.event import Recorded
from answerable.towns.made_up import MADE_UP

if TYPE_CHECKING:
    from answerable.console.front import Front

DESK = Actor(name="simulated desk", role="call_back")
LOOK_S = 1.0
SENDS_MAX = 5
"""Texts sent at one look: no gateway takes a thousand at once."""
WAITING_MAX = 2_000
ANSWERS = 0.15
"""The share of those texted who answer."""
MINUTE_US = 60_000_000
AFTER_MIN = (2.0, 240.0)
"""So long after the text, minutes of the demonstration's clock; most of them soon."""
UNHAPPY_SHARE = {**UNHAPPY, "overall": OVERALL}
MIDDLING = 0.03
WORDS = {
    True: ("Nobody came for an hour.", "没有人给我回电话。"),
    False: ("Thank you.", "谢谢你们。"),
}


class Answering(NamedTuple):
    """A caller who will answer a text at a moment (UTC us)."""

    at_us: int
    text: Text


class SelfAnswering:
    """The texts and the callers of a demonstration. Lives on the event loop of its desk."""

    def __init__(self, front: Front, url: str, seed: int = 1) -> None:
        self._front = front
        at = TextsAt(kind="simulated")
        self.gateway = SimulatedTexts(at)
        front.saying.set_up(at, url, self.gateway)
        self._dice = random.Random(seed)  # noqa: S311 - a simulation, not a secret
        self._unreached: deque[tuple[str, str]] = deque(maxlen=WAITING_MAX)
        self._answering: list[Answering] = []
        self._seen = ""

    def committed(self, recorded: Sequence[Recorded]) -> None:
        """Note who could not be reached by telephone."""
        for one in recorded:
            if isinstance(one.event, b.CallBackUnreachable):
                self._unreached.append((one.event.incident, one.event.call))

    async def run(self) -> None:
        """Send and answer for as long as the task lives."""
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                await self.look()
            except Unavailable:
                continue  # the centre is busy; there is no haste

    async def look(self) -> None:
        """Do what is due now."""
        for _ in range(min(SENDS_MAX, len(self._unreached))):
            incident, call = self._unreached.popleft()
            way: Literal["link", "text"] = self._dice.choice(("link", "text"))
            await self._front.desk.ask(
                b.SendLink(key=f"demo:say:{call}:{self._front.hub.position}", incident=incident,
                           call=call, way=way),
                DESK,
            )  # fmt: skip
        self._read()
        now_us = self._front.now_us()
        due = [one for one in self._answering if one.at_us <= now_us]
        self._answering = [one for one in self._answering if one.at_us > now_us]
        for one in due:
            await self._answer(one.text)

    def _read(self) -> None:
        """Have some of those who were texted since the last look decide to answer."""
        carried = [text.id for text in self.gateway.carried]
        begun = carried.index(self._seen) + 1 if self._seen in carried else 0
        for text in self.gateway.carried[begun:]:
            if self._dice.random() < ANSWERS:
                least, most = AFTER_MIN
                minutes = min(most, least + self._dice.expovariate(1 / 30))
                at_us = self._front.now_us() + int(minutes * MINUTE_US)
                self._answering.append(Answering(at_us, text))
        self._seen = carried[-1] if carried else ""

    async def _answer(self, text: Text) -> None:
        marks = [self._mark(question) for question in b.QUESTIONS]
        unhappy = marks[-1] <= b.UNHAPPY_MAX
        words = WORDS[unhappy][text.lang.startswith("zh")] if self._dice.random() < 0.4 else ""
        words = f"{words} ({MADE_UP})" if words else ""
        if "/say/" in text.words:
            given = dict(zip(b.QUESTIONS, marks, strict=True))
            await self._front.saying.answer(text.id, given, words, wants=unhappy, way="link")
        else:
            figures = "".join(map(str, marks))
            await self._front.saying.take(Reply(text.id, f"{figures} {words}"))

    def _mark(self, question: str) -> int:
        thrown = self._dice.random()
        if thrown < UNHAPPY_SHARE[question]:
            return self._dice.choice((1, 2))
        return 3 if thrown > 1 - MIDDLING else self._dice.choice((4, 5))
