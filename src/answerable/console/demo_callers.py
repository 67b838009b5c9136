"""The callers of a demonstration, and the simulated desk that answers them when nobody else does.

Recorded calls ring for some seconds of the demonstration's clock before the simulated desk answers.
Until then any desk may claim one; then it is theirs: what the source did about it is left out, and
the page tells them what the simulated caller says. Beside the recorded calls a simulated trunk
rings now and then, for callers who hang up, say nothing, or write.
"""

from __future__ import annotations

import datetime
import zlib
from collections.abc import Iterator, Sequence

from answerable.console.phrases import place
from answerable.exchange.calls.plan import Planned
from answerable.exchange.lines.trunk import LINE, Ask, Trunk
from answerable.intake import words as i
from answerable.intake.line_views import Lines
from answerable.intake.state import State
from answerable.kernel.authority import IMPORTER, Actor
from answerable.kernel.hub import Hub
from answerable.towns.model import Town

US = 1_000_000
RINGS_S = (4, 9)
"""So long a recorded call rings, seconds of the clock: less than the least limit for an answer."""
MINE_MAX = 2_000
"""Calls that desks claimed and whose further course in the source is still looked for."""
LINE_ACTOR = Actor(name=LINE, role="line")


class Callers:
    """Holds recorded answers back for as long as a call rings, and runs the trunk."""

    def __init__(self, hub: Hub, plan: Sequence[Planned], trunk: Trunk | None = None) -> None:
        """``plan`` is what is fed; its incidents are what its callers say."""
        self._hub = hub
        self._plan = plan
        self._trunk = trunk
        self._said: dict[str, str] | None = None
        self._rings: dict[str, tuple[Planned, int]] = {}
        self._claimed: dict[str, None] = {}
        self._day: datetime.date | None = None

    def says(self, call: str) -> str:
        """Return what the simulated caller of a call says, "" where there is none."""
        if self._trunk is not None and (words := self._trunk.says(call)):
            return words
        if self._said is None:
            told = (one.command for one in self._plan)
            self._said = {
                c.call: f"{c.kind}, {place(c.address)}"
                for c in told
                if isinstance(c, i.OpenIncident) and c.call
            }
        return self._said.get(call, "")

    # -- recorded calls ----------------------------------------------------------------------

    def due(self, batch: Sequence[Planned], now_us: int) -> Iterator[Planned]:
        """Yield what is to be asked now: the batch, without answers to calls that still ring.

        An answer keeps the time the source gives it; it is only entered later. Nothing of a call
        that a desk has claimed is asked any more.
        """
        for planned in batch:
            yield from self._answers(planned.now_us)  # before a clock could ring for it
            command = planned.command
            if (
                isinstance(command, i.AnswerCall)
                and command.call
                and self._is_ringing(command.call)
            ):
                until_us = planned.now_us + _rings_us(command.call)
                self._rings[command.call] = (planned, until_us)
                continue
            matter = getattr(command, "call", None) or getattr(command, "incident", None) or ""
            if matter in self._rings:
                yield from self._answer(matter)
            if not self._is_claimed(matter):
                yield planned
        yield from self._answers(now_us)

    def at_once(self, batch: Sequence[Planned]) -> Iterator[Planned]:
        """Yield a batch while the clock leaps: nothing rings then, and nobody can claim a call."""
        for call in list(self._rings):
            yield from self._answer(call)
        for planned in batch:
            command = planned.command
            matter = getattr(command, "call", None) or getattr(command, "incident", None) or ""
            if matter not in self._claimed:
                yield planned

    def _answers(self, now_us: int) -> Iterator[Planned]:
        for call in [c for c, (_, until_us) in self._rings.items() if until_us <= now_us]:
            yield from self._answer(call)

    def _answer(self, call: str) -> Iterator[Planned]:
        planned, _until_us = self._rings.pop(call)
        if self._is_ringing(call):
            yield planned
        elif self._holder(call) not in ("", IMPORTER.name):
            self._claimed[call] = None
            while len(self._claimed) > MINE_MAX:
                del self._claimed[next(iter(self._claimed))]

    def _is_ringing(self, call: str) -> bool:
        known = self._intake.calls.get(call)
        return known is not None and known.state == "ringing"

    def _is_claimed(self, matter: str) -> bool:
        return matter in self._claimed

    def _holder(self, call: str) -> str:
        known = self._intake.calls.get(call)
        return known.by if known is not None else ""

    @property
    def _intake(self) -> State:
        state: State = self._hub.state["intake"]
        return state

    # -- the trunk ---------------------------------------------------------------------------

    def start(self, ask: Ask) -> None:
        """End what an earlier run of the trunk left open; a call that a person took is theirs."""
        lines: Lines = self._hub.state["lines"]
        if self._trunk is None:
            return
        left = {
            one.call: one.state
            for one in lines.calls.values()
            if one.line == LINE and one.state != "matched" and one.by in ("", "simulated desk")
        }
        for command, actor in self._trunk.leftover(left):
            ask(command, actor)

    def run(self, now_us: int, ask: Ask) -> None:
        """Let the trunk ring, and tell its counter once a day is over."""
        town = self._hub.town
        if self._trunk is None or not isinstance(town, Town):
            return
        today = town.local(now_us).date()
        if self._day is not None and today != self._day:
            day, rung = self._day.isoformat(), self._trunk.rung
            key = f"trunk:count:{day}"
            ask(i.CountLine(key=key, day=day, line=LINE, rung=rung), LINE_ACTOR)
            self._trunk.rung = 0
        self._day = today
        self._trunk.run(now_us, ask, self._holder)


def _rings_us(call: str) -> int:
    """Return how long a call rings: always the same for the same call."""
    least, most = RINGS_S
    return (least + zlib.crc32(call.encode()) % (most - least + 1)) * US
