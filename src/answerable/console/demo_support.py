"""Specialist support in a demonstration: made-up crews ask, made-up desks sign, assign and report.

No public record says how often a crew asks for help that it does not have itself, and no service
publishes how soon it comes. Assumed here: one response in fourteen asks, five steps in six come
within the time that the town's file sets for them, nine in ten are answered with thanks, and one
signature in three is left, for twice its time, to whoever sits at the demonstration. What each does
is drawn from its number, so that the same demonstration plays the same requests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from answerable.console.demo_call_backs import drawn, share
from answerable.kernel.authority import Actor
from answerable.kernel.event import Command
from answerable.kernel.hub import Hub
from answerable.matters import support_words as w
from answerable.matters.support_state import (
    ACCEPTED,
    APPROVED,
    ASKED,
    ASSIGNED,
    BEGUN,
    REPORTED,
    Request,
    Support,
)
from answerable.towns.model import Town
from answerable.towns.supporting import MINUTE_US, SupportKind

Ask = Callable[[Command, Actor], Any]
DESK = Actor(name="simulated support desk", role="dispatcher")
SIGNS = Actor(name="simulated supervisor", role="supervisor")
EVERY_US = MINUTE_US
ASKS, LEFT, URGENT, SILENT, COMPLAINS, CANNOT, WITHDRAWN = 70, 333, 200, 100, 60, 80, 40
"""Of a thousand: jobs that ask, signatures left to people, urgent ones, those nobody answers,
complaints, helpers who cannot, requests not needed any more."""
WITHIN_US = 12 * MINUTE_US
"""A crew asks in the first minutes of its job."""
LEAST, MOST = 0.2, 1.16
"""A step takes at least and at most this share of its time: five in six come within it."""
THANKS_US = 40 * MINUTE_US
RESULTS = (w.CameTo.DONE,) * 7 + (w.CameTo.PARTLY, w.CameTo.NOT_FOUND, w.CameTo.NOT_POSSIBLE)
NEEDS: dict[str, str] = {
    "forensics": "Traces at the door are to be secured before the rain.",
    "drone": "The roof cannot be seen from the street.",
    "interpreter": "Nobody here speaks the language of those who called.",
    "dog": "The cellar is large and dark.",
    "negotiator": "The door stays shut; talking is what is left.",
    "engineer": "Cracks over the entrance: may we go in?",
}
FOUND = "Seen to; the unit was told on the spot."
CANNOT_COME = "all of them are out"


class MadeUpSupport:
    """Asks for support and gives it. Lives beside the feed of the calls."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._next_us = 0
        self._asks: dict[tuple[str, str], int] = {}

    @property
    def _support(self) -> Support:
        support: Support = self._hub.state["matters"].support
        return support

    def run(self, now_us: int, ask: Ask) -> None:
        """Let crews ask and each request go on, up to a moment (UTC microseconds)."""
        town = self._hub.town
        if now_us < self._next_us or not isinstance(town, Town) or not town.supporting.kinds:
            return
        self._next_us = now_us + EVERY_US
        for command, actor in [*self._new(town, now_us), *self._all_next(town, now_us)]:
            ask(command, actor)

    # -- asking ------------------------------------------------------------------------------

    def _new(self, town: Town, now_us: int) -> Iterator[tuple[Command, Actor]]:
        """Yield what crews ask for now; each job is drawn for once, while it lasts."""
        on = {(unit, incident) for unit, jobs in self._support.jobs.items() for incident in jobs}
        self._asks = {job: due_us for job, due_us in self._asks.items() if job in on}
        for job in sorted(on):
            name = f"{job[1]}:{job[0]}"
            if job not in self._asks:
                asks = drawn(name, "support") < ASKS and job[0] in town.units
                self._asks[job] = now_us + int(WITHIN_US * share(name, "asks")) if asks else 0
            elif 0 < self._asks[job] <= now_us:
                self._asks[job] = 0
                yield self._asking(town, *job, name), crew_of(job[0])

    @staticmethod
    def _asking(town: Town, unit: str, incident: str, name: str) -> Command:
        kinds = town.supporting.kinds
        kind = kinds[drawn(name, "kind of support") % len(kinds)].code
        return w.AskSupport(
            key=f"made-up:support:{name}", incident=incident, unit=unit, kind=kind,
            words=NEEDS.get(kind, ""), urgent=drawn(name, "urgent") < URGENT,
        )  # fmt: skip

    # -- what follows ------------------------------------------------------------------------

    def _all_next(self, town: Town, now_us: int) -> Iterator[tuple[Command, Actor]]:
        """Yield the next step of each request whose time has come."""
        for number, known in list(self._support.open.items()):
            kind = town.supporting.kind(known.sort)
            if kind is None or now_us < known.since_us + self._takes_us(number, known, kind):
                continue
            yield from self._next(town, number, known, kind)

    @staticmethod
    def _takes_us(number: str, known: Request, kind: SupportKind) -> int:
        """Return how long the step that a request waits for takes."""
        if known.state == REPORTED:
            return int(THANKS_US * share(number, "thanks"))
        minutes = {
            ASKED: kind.approve_minutes, APPROVED: kind.assign_minutes,
            ASSIGNED: kind.accept_minutes, ACCEPTED: kind.begin_minutes,
            BEGUN: kind.result_minutes,
        }[known.state]  # fmt: skip
        span_us = kind.span_us(minutes, urgent=known.urgent)
        if known.state == ASKED and drawn(number, "left") < LEFT:
            return 2 * span_us
        return int(span_us * (LEAST + (MOST - LEAST) * share(number, known.state)))

    def _next(
        self, town: Town, number: str, known: Request, kind: SupportKind
    ) -> Iterator[tuple[Command, Actor]]:
        """Yield what is done next, and who does it."""
        key = f"made-up:{number}:{known.state}:{known.since_us}"
        about: dict[str, Any] = {"key": key, "support": number}
        if known.state == ASKED:
            yield w.ApproveSupport(**about), SIGNS
        elif known.state == APPROVED:
            able = [one for one in kind.able(town.units, town.unit_types) if one != known.unit]
            if able:
                to = able[drawn(f"{number}{known.since_us}", "to") % len(able)]
                yield w.AssignSupport(**about, to=to), DESK
        elif known.state == ASSIGNED:
            yield self._answered(number, known, about)
        elif known.state == ACCEPTED:
            yield w.BeginSupport(**about), DESK
        elif known.state == BEGUN:
            result = RESULTS[drawn(number, "result") % len(RESULTS)]
            yield w.ReportSupport(**about, result=result, words=FOUND), DESK
        elif drawn(number, "silent") >= SILENT:
            yield self._said(number, about), crew_of(known.unit)

    @staticmethod
    def _answered(number: str, known: Request, about: dict[str, Any]) -> tuple[Command, Actor]:
        """Return what whoever it is assigned to says; some help is not needed any more by then."""
        if drawn(number, "withdrawn") < WITHDRAWN:
            reason = "it is over already"
            return w.WithdrawSupport(**about, reason=reason), crew_of(known.unit)
        if drawn(f"{number}{known.since_us}", "cannot") < CANNOT:
            return w.RefuseSupport(**about, reason=CANNOT_COME), DESK
        return w.AcceptSupport(**about), DESK

    @staticmethod
    def _said(number: str, about: dict[str, Any]) -> Command:
        if drawn(number, "complains") < COMPLAINS:
            why = list(w.Complaint)[drawn(number, "why") % len(w.Complaint)]
            return w.ComplainSupport(**about, why=why)
        return w.ThankSupport(**about)


def crew_of(unit: str) -> Actor:
    """Return the simulated crew of a unit."""
    return Actor(name=f"crew of {unit}", role="crew", unit=unit)
