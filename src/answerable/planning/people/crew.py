"""Crews: one for each unit; each job is signed for, driven to, reported on and cleared."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from answerable.dispatch import words as w
from answerable.kernel.event import Command, Recorded
from answerable.kernel.hub import Outcome
from answerable.planning.ground import drive_s
from answerable.planning.people.person import Person, event_of

if TYPE_CHECKING:
    from answerable.planning.world import World

WORK_S = (120.0, 3_000.0)
"""How long the work at a place takes."""

Step = tuple[type[Command], float, dict[str, Any]]


class Crew(Person):
    """The crew of one unit. It does one thing at a time and looks at its screen in between."""

    role = "crew"

    def __init__(self, world: World, unit: str) -> None:
        super().__init__(world, f"crew of {unit}", unit)
        self.unit = unit
        self._doing = False
        self._reported = ""

    def hears(self, one: Recorded) -> None:
        """Hear that a unit is sent; the radio room calls the right one."""
        self.world.crews[one.event.unit].hurries()  # type: ignore[attr-defined]

    def hurries(self) -> None:
        """Look at the screen in some seconds."""
        self.world.timeline.after(self.soon(1, 10), self.looks)

    def looks(self) -> None:
        """Look what the first job under way asks for, and do it after the time it takes."""
        board = self.board
        if self._doing or board is None or (line := board.units.get(self.unit)) is None:
            return
        incident = line.incident
        if not incident:
            return
        self._doing = True
        command, seconds, more = self._next(incident, line.status)
        self.world.timeline.after(seconds, partial(self._act, command, incident, more))

    def _act(self, command: type[Command], incident: str, more: dict[str, Any]) -> None:
        self.send(command, self._told, incident=incident, unit=self.unit, **more)
        if command is w.ReportBack:
            self._reported = incident
        if self.chance(0.004):
            self.send(w.SendUnit, incident=incident, unit=self.unit)

    def _told(self, outcome: Outcome) -> None:
        self._doing = False
        cleared = event_of(outcome, w.UnitCleared)
        if cleared is not None and self._reported != cleared.incident and self.chance(0.7):
            late = partial(self._report_late, cleared.incident)
            self.world.timeline.after(self.soon(60, 3_000), late)
        self.looks()

    def _report_late(self, incident: str) -> None:
        """Report what was left out at the place; some crews never do, and the desk has to ask."""
        words = self.world.secret("report")
        self.send(w.ReportBack, incident=incident, unit=self.unit, code="helped", words=words)

    def _next(self, incident: str, status: str) -> Step:
        """Return the next step from a state: which, after how many seconds, with what."""
        if status == "sent":
            if self.chance(0.1):
                return w.Arrive, self._drive_s(incident), {}
            first = w.GoEnRoute if self.chance(0.2) else w.Acknowledge
            return first, self.soon(4, 70), {}
        if status == "acknowledged":
            return w.GoEnRoute, self.soon(10, 120), {}
        if status == "en route":
            return w.Arrive, self._drive_s(incident), {}
        if status == "transporting":
            return w.ReachHospital, self.soon(120, 1_500), {}
        if self._reported != incident and self.chance(0.5):
            words = self.world.secret("report")
            return w.ReportBack, self.soon(*WORK_S) / 2, {"code": "helped", "words": words}
        if status == "arrived" and self.chance(0.2):
            return w.Transport, self.soon(*WORK_S), {"hospital": "General"}
        return w.ClearUnit, self.soon(*WORK_S), {"outcome": "done"}

    def _drive_s(self, incident: str) -> float:
        board = self.board
        line = board.line(incident) if board is not None else None
        if line is None or self.world.radio.fair:
            return 30.0
        there = self.world.place_of(line.lon, line.lat)
        return drive_s(self.world.ground.posts[self.unit], there) * self.dice.uniform(0.8, 1.6)
