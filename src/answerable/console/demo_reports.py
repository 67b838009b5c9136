"""The crews of a demonstration: they key their own steps, and report back; some of it late.

The recorded calls say when a unit arrived and cleared, but nothing of who keyed it or what a crew
reported; both are made up here, and pages that show it say so. No service publishes how many steps
its desk keys: the shares are chosen so that they differ between units (3 to 35 of a hundred).
A crew reports the source's own disposition where the town's list has it, else one of the list.
Seven of ten report before they clear, the others within forty minutes; one in thirty reports is
sent back once. Whoever closes waits until the reports are in, as the rules ask.
"""

from __future__ import annotations

import heapq
import zlib
from collections.abc import Iterator, Sequence

import msgspec

from answerable.dispatch import report_words as r
from answerable.dispatch import words as d
from answerable.dispatch.report_views import Reports
from answerable.dispatch.state import JOB, Job, State
from answerable.exchange.calls.plan import Planned
from answerable.kernel.authority import Actor
from answerable.kernel.event import Command
from answerable.kernel.hub import Hub, Outcome, Refused
from answerable.towns.model import Town

US = 1_000_000
MINUTE_US = 60 * US
DESK = Actor(name="simulated desk", role="dispatcher")
TAKER = Actor(name="simulated desk", role="call_taker")
SUPERVISOR = Actor(name="simulated desk", role="supervisor")
KEYED = (d.Acknowledge, d.GoEnRoute, d.Arrive, d.Transport, d.ReachHospital, d.ClearUnit)
"""The steps that a crew keys, or the desk for it."""
AT_ONCE, SENT_BACK = 70, 30
"""So many of a hundred report before they clear; one in so many reports is sent back."""
LATE_US = (2 * MINUTE_US, 40 * MINUTE_US)
AFTER_US = MINUTE_US
"""How long after a report whoever waits for it closes the incident, or sees what else lacks."""
ASKED_AGAIN = 60
"""The opening of one closed incident in so many is asked for, and declined an hour later."""
AGAIN, DECLINED = "the caller rang again", "it was another matter, which has its own number"
WHY = ("the outcome does not fit what was found", "which floor it was is missing")

Later = tuple[int, int, Command, Actor]
"""When something is asked (UTC us), a number that keeps the order, what, and by whom."""


class Crews:
    """Who keys the steps of the recorded jobs, and what crews report of them."""

    def __init__(self, hub: Hub, plan: Sequence[Planned]) -> None:
        """``plan`` is what is fed: it knows how each incident ended."""
        self._hub = hub
        self._plan = plan
        self._ends: dict[str, str] | None = None
        self._later: list[Later] = []
        self._held: dict[str, d.CloseIncident] = {}
        self._count = 0

    # -- who keys it -------------------------------------------------------------------------

    def actor_of(self, command: Command) -> Actor | None:
        """Return who keys a step of the plan, or closes; None for whatever nobody here does."""
        if isinstance(command, d.CloseIncident):
            return DESK
        if not isinstance(command, KEYED):
            return None
        share = 3 + _dice(command.unit, 33)
        return DESK if _dice(command.key, 100) < share else _crew(command.unit)

    def before(self, planned: Planned) -> Iterator[tuple[Command, Actor]]:
        """Yield what a crew does before a step of the plan: most report before they clear."""
        command = planned.command
        if not isinstance(command, d.ClearUnit) or not self._owes(command.incident, command.unit):
            return
        if _dice(f"{command.incident}{command.unit}", 100) < AT_ONCE:
            yield self._report(command.incident, command.unit, "report"), _crew(command.unit)

    def after(self, command: Command, outcome: Outcome, now_us: int) -> None:
        """Plan what follows a step: a late report, a sending back, another try at closing."""
        refusal = outcome.refusal if isinstance(outcome, Refused) else None
        if isinstance(command, d.CloseIncident) and isinstance(refusal, r.ReportMissing):
            late = msgspec.structs.replace(command, at=None)  # it is closed when it can be
            self._held[command.incident] = late
        elif refusal is not None:
            return
        elif isinstance(command, (d.ClearUnit, r.ReturnReport)):
            if self._owes(command.incident, command.unit):
                self._plan_report(command.incident, command.unit, now_us)
        elif isinstance(command, d.ReportBack):
            if command.key.endswith(":report"):
                self._perhaps_back(command, now_us)
            if (close := self._held.pop(command.incident, None)) is not None:
                self._plan_for(now_us + AFTER_US, close, DESK)
        elif isinstance(command, d.CloseIncident):
            self._perhaps_again(command.incident, now_us)

    def holds(self, command: Command) -> bool:
        """Say whether a closing waits for reports: it comes later, and is not left out."""
        return isinstance(command, d.CloseIncident) and command.incident in self._held

    # -- what waits --------------------------------------------------------------------------

    def start(self, now_us: int) -> None:
        """Take up what an earlier run of the demonstration left: reports owed, ends not told."""
        view: Reports = self._hub.state["reports"]
        for owed in list(view.owed.values()):
            job = self._job(owed.incident, owed.unit)
            if job is not None and job.state in JOB.last:
                self._plan_report(owed.incident, owed.unit, now_us)
        for incident, response in self._state.responses.items():
            jobs = response.jobs.values()
            over = jobs and all(job.state in JOB.last for job in jobs)
            if response.state == "open" and over and incident in self._said:
                close = d.CloseIncident(
                    key=f"{incident}:closed:{now_us}", incident=incident,
                    outcome=self._said[incident],
                )  # fmt: skip
                self._plan_for(now_us + AFTER_US, close, DESK)

    def due(self, until_us: int) -> Iterator[tuple[int, Command, Actor]]:
        """Yield what waits and is due by a moment, with when; what no longer fits is left out."""
        while self._later and self._later[0][0] <= until_us:
            at_us, _nth, command, actor = heapq.heappop(self._later)
            if self._fits(command):
                yield at_us, command, actor

    def _fits(self, command: Command) -> bool:
        """Say whether something that waited still has a place: people act meanwhile."""
        if isinstance(command, d.ReportBack):
            return self._owes(command.incident, command.unit)
        if not isinstance(command, (r.AskReopening, r.DeclineReopening)):
            return True
        response = self._state.responses.get(command.incident)
        asks = isinstance(command, r.AskReopening)
        wanted = "closed" if asks else "reopening asked"
        return response is not None and response.state == wanted

    def _perhaps_again(self, incident: str, now_us: int) -> None:
        """Have the opening of one closed incident in many asked for, and declined at last."""
        if _dice(f"{incident}again", ASKED_AGAIN):
            return
        ask = r.AskReopening(key=f"again:{incident}:{now_us}", incident=incident, reason=AGAIN)
        no = r.DeclineReopening(key=f"no:{incident}:{now_us}", incident=incident, reason=DECLINED)
        self._plan_for(now_us + 10 * MINUTE_US, ask, TAKER)
        self._plan_for(now_us + 70 * MINUTE_US, no, SUPERVISOR)

    def _plan_for(self, at_us: int, command: Command, actor: Actor) -> None:
        self._count += 1
        heapq.heappush(self._later, (at_us, self._count, command, actor))

    def _plan_report(self, incident: str, unit: str, now_us: int) -> None:
        """Plan a late report: always after the same time for the same job."""
        least, most = LATE_US
        name = f"{incident}:{unit}:{now_us}"
        after_us = least + _dice(name, (most - least) // US) * US
        self._plan_for(now_us + after_us, self._report(incident, unit, f"{now_us}"), _crew(unit))

    def _perhaps_back(self, command: d.ReportBack, now_us: int) -> None:
        if _dice(f"{command.incident}back{command.unit}", SENT_BACK):
            return
        back = r.ReturnReport(
            key=f"{command.key}:back", incident=command.incident, unit=command.unit,
            reason=WHY[_dice(command.key, len(WHY))],
        )  # fmt: skip
        self._plan_for(now_us + 3 * MINUTE_US, back, DESK)

    # -- what is reported --------------------------------------------------------------------

    def _report(self, incident: str, unit: str, mark: str) -> d.ReportBack:
        code, outcome = self._found(incident, unit)
        key = f"crew:{incident}:{unit}:{mark}".replace(" ", "-")
        return d.ReportBack(key=key[:96], incident=incident, unit=unit, code=code, outcome=outcome)

    def _found(self, incident: str, unit: str) -> tuple[str, str]:
        """Return the code of an outcome of the list; words of one's own where there is none."""
        town, said = self._hub.town, self._said.get(incident, "")
        response, known = self._state.responses[incident], self._state.units[unit]
        assert isinstance(town, Town)
        kind, file = town.kinds.get(response.kind), town.outcomes
        discipline = kind.discipline if kind is not None else ""
        listed = file.listed(response.kind, discipline, file.agency_of(known.unit_type))
        if not listed:
            return "", said or "done"
        same = (one.code for one in listed if one.title.en == said)
        return next(same, listed[_dice(incident, min(4, len(listed)))].code), ""

    @property
    def _said(self) -> dict[str, str]:
        """How each incident of the plan ended, by its number."""
        if self._ends is None:
            told = (one.command for one in self._plan)
            self._ends = {c.incident: c.outcome for c in told if isinstance(c, d.CloseIncident)}
        return self._ends

    @property
    def _state(self) -> State:
        state: State = self._hub.state["dispatch"]
        return state

    def _job(self, incident: str, unit: str) -> Job | None:
        response = self._state.responses.get(incident)
        return response.jobs.get(unit) if response is not None else None

    def _owes(self, incident: str, unit: str) -> bool:
        job = self._job(incident, unit)
        return job is not None and job.report in ("owed", "returned")


def _crew(unit: str) -> Actor:
    """Return the crew of a unit, which acts for that unit and no other."""
    return Actor(name=f"crew of {unit}", role="crew", unit=unit)


def _dice(name: str, sides: int) -> int:
    """Return a number below ``sides``: always the same for the same name."""
    return zlib.crc32(name.encode()) % sides
