"""The next unit, proposed: it answers the rings that ask for one, because it knows the roads.

Which rings wait for an answer stands in the record's own state, so nothing is lost by a restart; a
ring that was answered, or whose crew signed meanwhile, is refused by the rules.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from answerable.dispatch.alert_words import ProposeNext
from answerable.dispatch.recommend import CHOSEN_FOR, Pick, Reason
from answerable.kernel.authority import SYSTEM
from answerable.kernel.desk import Unavailable
from answerable.kernel.event import Recorded
from answerable.standards.consequences import Act
from answerable.standards.words import ClockRang

if TYPE_CHECKING:
    from answerable.console.front import Front

AGAIN_S = 1.0
"""How long to wait where the record could not take a proposal."""
LATER = (Reason.KEPT_FOR_COVER, Reason.RESTING)
"""Reasons of units that can go but should stay, the lesser one first."""
SENDABLE = frozenset({*CHOSEN_FOR, Reason.FARTHER, *LATER})

log = logging.getLogger("answerable.alerting")


def next_unit(front: Front, incident: str, instead_of: str) -> Pick | None:
    """Return whom to send in the place of a unit: free, for the same need, the nearest."""
    line = front.board.incidents.get(incident)
    if line is None:
        return None
    found = front.fleet.recommend(line, front.now_us())
    picks = (*found.chosen, *found.passed)
    need = next((one.need for one in picks if one.unit == instead_of), None)

    def rank(one: Pick) -> tuple[bool, int, float]:
        later = LATER.index(one.reason) + 1 if one.reason in LATER else 0
        return one.need != need, later, math.inf if one.time_s is None else one.time_s

    free = [one for one in picks if one.reason in SENDABLE and one.unit != instead_of]
    return min(free, key=rank, default=None)


class Proposer:
    """Follows the record for rings that ask for another unit. One per process."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._woken = asyncio.Event()
        self._asking: dict[tuple[str, str], None] = {}
        front.hub.on_start(self.look_again)

    def look_again(self) -> None:
        """Find what waits in the states: at a start, and when they have been built anew."""
        responses = self._front.hub.state["dispatch"].responses
        for incident, response in responses.items():
            for unit, job in response.jobs.items():
                if job.alert is not None and job.alert.wanted:
                    self._asking[incident, unit] = None
        self._woken.set()

    def committed(self, recorded: Sequence[Recorded]) -> None:
        """Take up rings that ask for another unit."""
        for one in recorded:
            event = one.event
            if isinstance(event, ClockRang) and Act.PROPOSE in event.consequences:
                self._asking[event.incident, event.unit] = None
                self._woken.set()

    async def run(self) -> None:
        """Answer for as long as the task lives."""
        self.look_again()
        while True:
            await self._woken.wait()
            self._woken.clear()
            while self._asking:
                incident, unit = next(iter(self._asking))
                del self._asking[incident, unit]  # first: it may ring again while this is answered
                if not await self._answer(incident, unit):
                    self._asking[incident, unit] = None
                    await asyncio.sleep(AGAIN_S)

    async def _answer(self, incident: str, unit: str) -> bool:
        """Propose somebody where a ring still waits; False where the record cannot take it now."""
        try:
            command = self.proposal(incident, unit)
        except Exception as fault:  # a fault in one proposal must not stop those after it
            log.error("fault while proposing: %s", type(fault).__name__)
            return True
        if command is None:
            return True
        try:
            await self._front.desk.ask(command, SYSTEM)
        except Unavailable as refusal:
            log.warning("not proposed: %s", refusal)
            return False
        return True

    def proposal(self, incident: str, unit: str) -> ProposeNext | None:
        """Return what to propose in the place of a unit, None where nobody asks any more."""
        response = self._front.hub.state["dispatch"].responses.get(incident)
        job = response.jobs.get(unit) if response is not None else None
        if job is None or job.alert is None or not job.alert.wanted:
            return None
        ring = job.alert.wanted
        found = next_unit(self._front, incident, unit)
        return ProposeNext(
            key=f"next:{ring}", incident=incident, instead_of=unit, ring=ring,
            unit=found.unit if found else "", eta_s=found.time_s if found else None,
        )  # fmt: skip
