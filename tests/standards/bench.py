"""The real hub with the standards room and the toy room, under a clock that a test sets."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec

from answerable.kernel.authority import SYSTEM, Actor, Authority, Rights
from answerable.kernel.clock import SetClock
from answerable.kernel.event import Command, Event
from answerable.kernel.hub import Accepted, Hub, Refused
from answerable.kernel.ids import SeededIds
from answerable.kernel.refusals import Refusal
from answerable.kernel.room import Rooms
from answerable.record.memory import MemoryStore
from answerable.standards import rules as standards
from answerable.standards.state import State
from answerable.standards.views import ClockLine, every_clock
from answerable.standards.words import AdoptStandard, ClockRang
from tests.standards.toyroom import rules as toyroom
from tests.standards.toyroom.words import Tell

US = 1_000_000
T0 = 1_600_000_000 * US
WHO = Actor("somebody", "supervisor")
_keys = itertools.count(1)

ERRANDS = """
name = "errands"
source = "the toy room"
[[clock]]
name = "sign"
starts = "toyroom.Sent"
stops = ["toyroom.Signed", "toyroom.Came"]
voids = ["toyroom.CalledOff", "toyroom.Over"]
limit_s = 30
target = 0.9
percentile = 80
rings = ["remind unit", {after_s = 30, do = "escalate supervisor"}]
[[clock]]
name = "come"
starts = "toyroom.Sent"
stops = "toyroom.Came"
voids = ["toyroom.CalledOff", "toyroom.Over"]
limit_s = 60
rings = ["ask where"]
[[clock]]
name = "somebody there"
starts = "toyroom.Sent"
stops = "toyroom.Came"
voids = "toyroom.Over"
by = "incident"
limit_s = 120
"""


def rooms() -> Rooms:
    """Return the two rooms; the supervisor may do everything, the system what it has to."""
    parts = (standards.ROOM, toyroom.ROOM)
    everything = frozenset(c.tag for room in parts for c in room.commands)
    roles = {
        "supervisor": Rights(commands=everything - {"standards.RingClock"}),
        "system": Rights(commands=frozenset({"standards.RingClock", "standards.AdoptStandard"})),
    }
    return Rooms(parts, Authority(roles))


class Bench:
    """Seconds count from ``T0``; ``at`` is the true time of what is entered ``now``."""

    def __init__(self, *texts: str) -> None:
        self.clock = SetClock(T0)
        self.store = MemoryStore()
        self.hub = Hub(rooms(), self.store, clock=self.clock, ids=SeededIds(1))
        self.hub.start()
        for text in texts:
            self.did(AdoptStandard, text=text)

    @property
    def state(self) -> State:
        """The state of the standards room."""
        state: State = self.hub.state["standards"]
        return state

    @property
    def now_s(self) -> float:
        """The time now."""
        return (self.clock.now_us() - T0) / US

    def ask(self, command: type[Command], *, actor: Actor = WHO, **fields: Any) -> Any:
        """Give a command as it comes through the door; returns the outcome, committed."""
        if "at_s" in fields:
            fields["at"] = T0 + round(fields.pop("at_s") * US)
        fields.setdefault("key", f"bench-{next(_keys)}")
        made = msgspec.json.decode(msgspec.json.encode(command(**fields)), type=command)
        outcome = self.hub.do(made, actor)
        self.hub.commit()
        return outcome

    def did(self, command: type[Command], **fields: Any) -> list[Event]:
        """Give a command that must be carried out; returns its events."""
        outcome = self.ask(command, **fields)
        assert isinstance(outcome, Accepted), outcome
        return [one.event for one in outcome.recorded]

    def refused(self, command: type[Command], **fields: Any) -> Refusal:
        """Give a command that must be refused; returns the refusal."""
        outcome = self.ask(command, **fields)
        assert isinstance(outcome, Refused), outcome
        return outcome.refusal

    def until(self, now_s: float) -> Bench:
        """Let the time come, ringing on the way what is due."""
        until_us = T0 + round(now_s * US)
        while (due := self.hub.next_alarm_us()) is not None and due <= until_us:
            self.clock.set(due)
            assert self.hub.ring(due) > 0
        self.clock.set(until_us)
        self.hub.commit()
        return self

    def tell(self, what: str, now_s: float | None = None, *, at_s: float | None = None,
             **fields: Any) -> Bench:  # fmt: skip
        """Something happens now, or happened at ``at_s`` and is entered now."""
        if now_s is not None:
            self.until(now_s)
        if at_s is not None:
            fields["at_s"] = at_s
        fields.setdefault("incident", "A")
        fields.setdefault("unit", "E1")
        self.did(Tell, what=what, **fields)
        return self

    def correct(self, step: str, was_s: float, to_s: float, **fields: Any) -> Bench:
        """The time of a step is corrected."""
        was_us, now_us = (T0 + round(s * US) for s in (was_s, to_s))
        return self.tell("Corrected", step=step, was_us=was_us, now_us=now_us, **fields)

    def lines(self, name: str = "", **ids: str) -> list[ClockLine]:
        """Return the clocks of a name, and of an incident or unit."""
        return [
            line for line in every_clock(self.state)
            if name in ("", line.name) and all(getattr(line, k) == v for k, v in ids.items())
        ]  # fmt: skip

    def one(self, name: str, **ids: str) -> tuple[str, float | None]:
        """Return state and seconds taken of the one clock of that name."""
        [line] = self.lines(name, **ids)
        return line.state, (line.end_us - line.start_us) / US if line.end_us else None

    def number(self, name: str) -> str:
        """Return the number of the one open clock of that name."""
        [number] = [run.number for run in self.state.runs().values()
                    if self.state.work(run.clock).clock.name == name]  # fmt: skip
        return number

    def rings(self, name: str) -> list[tuple[float, int, tuple[str, ...]]]:
        """Return the recorded rings of a clock: when, which stage, for what."""
        return [
            ((row.happened_at - T0) / US, event.stage, event.consequences)
            for row in self.store.rows()
            if isinstance(event := self.hub.rooms.decode(row), ClockRang)
            and event.promise == name
        ]  # fmt: skip

    def packed(self) -> bytes:
        """Return the bytes of the whole state."""
        return self.hub.rooms.pack(self.hub.state)


__all__ = ["ERRANDS", "SYSTEM", "T0", "US", "WHO", "Bench"]
