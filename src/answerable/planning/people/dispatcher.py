"""Dispatchers: they send, stack, call off, close and reopen, on a screen that may be stale."""

from __future__ import annotations

from functools import partial
from typing import Any

from answerable.dispatch import report_words as r
from answerable.dispatch import words as w
from answerable.dispatch.move_words import HoldIncident
from answerable.dispatch.state import JOB
from answerable.dispatch.views import Board, IncidentLine
from answerable.intake import words as intake
from answerable.kernel.event import Command, Recorded
from answerable.kernel.hub import Outcome, Refused
from answerable.planning.ground import KINDS, drive_s
from answerable.planning.people.person import Person, Value, event_of

PATIENCE = 12
"""Looks at an incident without a free unit, after which it is closed without one."""


class Dispatcher(Person):
    """Somebody who tends the open incidents."""

    role = "dispatcher"
    hears_of = (
        intake.IncidentOpened.tag, w.UnitCleared.tag, w.UnitCancelled.tag, w.IncidentReopened.tag,
    )  # fmt: skip

    def hears(self, one: Recorded) -> None:
        """Hear of news, and look some seconds later."""
        self.world.timeline.after(self.soon(3, 60), self.looks)
        event = one.event
        if isinstance(event, intake.IncidentOpened) and not event.call:
            self.world.incidents.append(event.incident)

    def looks(self) -> None:
        """Tend every open incident that nobody is just acting on."""
        board = self.board
        if board is None:
            return
        for incident, line in list(board.incidents.items()):
            if incident not in self.world.tended or self.chance(0.01):
                self._tend(board, incident, line)

    def act(self, incident: str, command: type[Command], **fields: Value) -> None:
        """Send a command about an incident, and leave it alone until the answer is there."""
        self.world.tended.add(incident)
        self.send(command, partial(self._done, incident), incident=incident, **fields)

    def _done(self, incident: str, outcome: Outcome) -> None:
        self.world.tended.discard(incident)
        if (sent := event_of(outcome, w.UnitSent)) is not None and self.chance(0.07):
            self.world.timeline.after(self.soon(5, 200), partial(self._call_off, incident, sent))
        if event_of(outcome, w.IncidentClosed) is not None and self.chance(0.1):
            self.world.timeline.after(self.soon(60, 7_200), partial(self._reopen, incident))
        if isinstance(outcome, Refused) and isinstance(outcome.refusal, r.ReportMissing):
            self._ask_for(incident, outcome.refusal)
        if event_of(outcome, w.FieldReported) is not None and self.chance(0.04):
            self._send_back(incident)

    # -- one incident ------------------------------------------------------------------------

    def _tend(self, board: Board, incident: str, line: IncidentLine) -> None:
        active = [job for job in line.jobs.values() if job.state not in JOB.last]
        cleared = len([job for job in line.jobs.values() if job.state == "cleared"])
        if line.held_until_us and not self.chance(0.02):
            return  # it waits; its alarm, or the unit it waits for, takes it up again
        if not line.jobs and self.chance(0.08):
            self._hold(board, incident)
        elif self.chance(0.01):
            self.act(incident, w.CloseIncident, outcome="closed too early")
        elif self.chance(0.02):
            self._change(incident)
        elif len(active) + cleared < self._wanted(line) and not (line.reopened and cleared):
            self._send_one(board, incident, line)
        elif not active:
            self.act(incident, w.CloseIncident, outcome="done")

    def _wanted(self, line: IncidentLine) -> int:
        """Return how many units the incident needs, 0 once nobody came for too long."""
        world = self.world
        if world.waits.get(line.incident, 0) > PATIENCE:
            return 0
        card = world.ground.town.run_card(line.kind, line.priority)
        return sum(need.count for need in card.needs) if card else 1

    def _send_one(self, board: Board, incident: str, line: IncidentLine) -> None:
        units = [u for u in board.units.values() if u.unit not in line.jobs and u.duty == "on duty"]
        free = [u.unit for u in units if u.status == "free"]
        busy = [u.unit for u in units if u.status != "free"]
        if self.chance(0.04) and busy:
            self.act(incident, w.SendUnit, unit=self.dice.choice(busy), why="by mistake")
        elif self.chance(0.06) and busy:
            unit = self.dice.choice(busy)
            self.act(incident, w.StackUnit, unit=unit, reason="it is next door")
        elif free:
            unit, seconds = self._nearest(free, line)
            self.act(incident, w.SendUnit, unit=unit, eta_s=round(seconds, 1))
        elif self.chance(0.3) and busy:
            unit = self.dice.choice(busy)
            self.act(incident, w.StackUnit, unit=unit, reason="nobody is free")
            if self.chance(0.2):
                again = w.UnstackUnit if self.chance(0.5) else w.SendUnit
                more: dict[str, Any] = {"reason": "wrong"} if again is w.UnstackUnit else {}
                self.send(again, incident=incident, unit=unit, **more)
        else:
            waits = self.world.waits
            waits[incident] = waits.get(incident, 0) + 1

    def _nearest(self, units: list[str], line: IncidentLine) -> tuple[str, float]:
        posts = self.world.ground.posts
        there = self.world.place_of(line.lon, line.lat)
        times = [(drive_s(posts[unit], there), unit) for unit in units]
        seconds, unit = min(times)
        return unit, seconds

    def _hold(self, board: Board, incident: str) -> None:
        """Have an incident wait, until a time or until somebody in particular is free."""
        busy = [u.unit for u in board.units.values() if u.incident]
        awaits = self.dice.choice(busy) if busy and self.dice.random() < 0.5 else None
        until = self.world.server.clock.now_us() + round(self.dice.uniform(60, 3_600) * 1e6)
        self.act(incident, HoldIncident, until=until, awaits=awaits, reason="police go in first")

    # -- the rarer acts ----------------------------------------------------------------------

    def _call_off(self, incident: str, sent: w.UnitSent) -> None:
        self.send(w.CancelUnit, incident=incident, unit=sent.unit, reason="a nearer one is free")

    def _reopen(self, incident: str) -> None:
        if self.chance(0.3):
            self.send(r.AskReopening, incident=incident, reason="the caller rang again")
            return
        self.send(w.ReopenIncident, incident=incident, reason="the caller rang again")

    def _ask_for(self, incident: str, missing: r.ReportMissing) -> None:
        """Ring the crews that have not reported, and enter what they say after a while."""
        named = ", ".join(part for part in (missing.units, missing.returned) if part)
        for unit in named.split(", "):
            late = partial(self._report_for, incident, unit)
            self.world.timeline.after(self.soon(30, 1_800), late)

    def _report_for(self, incident: str, unit: str) -> None:
        done = partial(self._done, incident)
        self.send(w.ReportBack, done, incident=incident, unit=unit, code="helped")

    def _send_back(self, incident: str) -> None:
        """Send one of the reports back for completion."""
        state = self.state("dispatch")
        response = state.responses.get(incident) if state is not None else None
        given = [u for u, job in response.jobs.items() if job.report == "given"] if response else []
        if given:
            unit = self.dice.choice(given)
            self.send(r.ReturnReport, incident=incident, unit=unit, reason="say more")

    def _change(self, incident: str) -> None:
        kind, _, priority, _ = self.dice.choice(KINDS)
        self.act(
            incident, intake.ChangeKind, kind=kind, priority=priority, reason="more is known now"
        )
