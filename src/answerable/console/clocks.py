"""The clocks as pages show them, read from the standards room's own views."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from answerable.console.phrases import Phrases
from answerable.kernel.event import Event, Row
from answerable.kernel.hub import Hub
from answerable.standards import views
from answerable.standards.state import State
from answerable.standards.views import ClockLine, KeptRow, RunningClock, StandardRow

US = 1_000_000
NEAR_SHARE = 0.25
"""A clock is near its end in the last quarter of its time."""
TONES = {
    "kept": "calm", "running": "calm", "broken": "late", "ringing": "late", "suspended": "none",
    "void": "none",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Past:
    """A clock of an incident, running or ended, between two entries of its thread.

    ``started_at`` and ``stopped_at`` are positions; ``stopped_at`` is None while it runs.
    """

    name: str
    zh: str
    unit: str
    tone: str
    limit_s: float
    took_s: float | None
    started_at: int
    stopped_at: int | None


def state_of(from_us: int, due_us: int, now_us: int) -> str:
    """Return how a clock stands: calm, near its end, or late."""
    if now_us >= due_us:
        return "late"
    return "near" if (due_us - now_us) <= NEAR_SHARE * max(1, due_us - from_us) else "calm"


class Clocks:
    """Reads the standards room."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    @property
    def _state(self) -> State:
        state: State = self._hub.state["standards"]
        return state

    def chinese(self, name: str) -> str:
        """Return the Chinese name of a promise; "" where its standard gives none."""
        named = (work.clock.zh for work in self._state.works() if work.clock.name == name)
        return next((zh for zh in named if zh), "")

    def of(self, incident: str) -> list[RunningClock]:
        """Return the open clocks of an incident, the soonest first."""
        return views.running_for(self._state, incident)

    def all(self, limit: int | None = None) -> list[RunningClock]:
        """Return every open clock, the soonest first."""
        return views.running(self._state, limit)

    def count(self) -> int:
        """Return how many clocks are open."""
        return len(self._state.runs())

    def soonest(self, incident: str) -> RunningClock | None:
        """Return the clock that speaks for an incident: the last one to ring, else the soonest.

        A clock that stands still does not end. One that rang an hour ago has been heard; what rang
        just now has not.
        """
        moving = [one for one in self.of(incident) if one.state != "suspended"]
        ringing = [one for one in moving if one.state == "ringing"]
        return ringing[-1] if ringing else next(iter(moving), None)

    def standards(self) -> list[tuple[StandardRow, list[KeptRow]]]:
        """Return each standard in force with what was kept of its promises."""
        kept: dict[str, list[KeptRow]] = {}
        for row in views.kept_table(self._state, by=()):
            if row.in_force:
                kept.setdefault(row.standard, []).append(row)
        return [(one, kept.get(one.name, [])) for one in views.standards(self._state)]

    def titles(self) -> dict[str, StandardRow]:
        """Return each standard in force by its name."""
        return {one.name: one for one in views.standards(self._state)}

    def history(self, incident: str, told: list[tuple[Row, Event]]) -> list[Past]:
        """Return the clocks of an incident between the entries of its thread.

        A clock that fell away (void) without ringing promised nothing in the end and is left out.
        """
        found = []
        known = {row.position for row, _event in told}
        for line in views.clocks_of(self._state, incident):
            if line.state == "void" and not line.rang:
                continue
            by_time = _position(told, line.start_us, line.unit)
            started_at = line.started_at if line.started_at in known else by_time
            if started_at is not None:
                found.append(_past(line, started_at, told, known))
        return found


def _past(line: ClockLine, started_at: int, told: list[tuple[Row, Event]], known: set[int]) -> Past:
    ended = line.end_us > 0
    stopped_at = line.ended_at if line.ended_at in known else None
    if ended and stopped_at is None:
        stopped_at = _position(told, line.end_us, line.unit, stop=True)
    return Past(
        name=line.name,
        zh=line.zh,
        unit=line.unit,
        tone=TONES[line.state],
        limit_s=line.limit_s,
        took_s=(line.end_us - line.start_us) / US if ended else None,
        started_at=started_at,
        stopped_at=stopped_at if ended else None,
    )


def _position(
    told: list[tuple[Row, Event]], at_us: int, unit: str, *, stop: bool = False
) -> int | None:
    """Return the position of what happened at an instant, to a unit where the clock has one.

    Of several things in one instant the first started a clock, the last stopped it.
    """
    same = [(row, event) for row, event in told if row.happened_at == at_us]
    own = [row for row, event in same if getattr(event, "unit", "") == unit]
    if stop and not unit:
        own = []
    if own or same:
        return (own or [row for row, _event in (same[::-1] if stop else same)])[0].position
    return None


def shown(
    running: RunningClock | None, now_us: int, phrases: Phrases, *, unit: bool = False
) -> dict[str, Any] | None:
    """Return a clock as the templates want it, or None."""
    if running is None:
        return None
    still = running.state == "suspended"
    name = phrases.named(running.name, running.zh)
    at_us = running.since_us if still else now_us
    return {
        "name": f"{name} · {running.unit}" if unit and running.unit else name,
        "due_ms": running.due_us // 1000,
        "from_ms": running.start_us // 1000,
        "state": "none" if still else state_of(running.start_us, running.due_us, now_us),
        "left": phrases.lang.length((running.due_us - at_us) / US),
        "still": still,
    }
