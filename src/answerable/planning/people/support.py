"""Specialist support: units and desks ask for help, officers sign it, somebody gives it.

Some are slow, so that steps are late; some reach for what is not theirs: whoever asked signs it,
the unit that asked is to help itself. The rules have to refuse that.
"""

from __future__ import annotations

from abc import abstractmethod
from functools import partial
from typing import TYPE_CHECKING

from answerable.dispatch.words import UnitArrived
from answerable.kernel.authority import Actor
from answerable.kernel.event import Command, Recorded
from answerable.kernel.hub import Outcome
from answerable.matters import support_words as w
from answerable.planning.ground import SUPPORT
from answerable.planning.people.person import Person, Value, event_of

if TYPE_CHECKING:
    from answerable.matters.support_state import Request
    from answerable.planning.world import World

STEP_S = (20.0, 2_400.0)
ASKS = 0.03
"""The share of arrivals after which each officer has help asked for."""
Step = tuple[type[Command], dict[str, Value]]


class _Supporting(Person):
    """Somebody who does the next step of requests in some states, each of them once at a time."""

    states: tuple[str, ...] = ()

    def __init__(self, world: World, name: str) -> None:
        super().__init__(world, name)
        self.myself = self.actor
        self._doing: set[str] = set()

    def _open(self) -> dict[str, Request]:
        room = self.state("matters")
        return room.support.open if room is not None else {}

    def looks(self) -> None:
        """Plan the next step of everything that waits for this person."""
        for number, known in self._open().items():
            if known.state in self.states and number not in self._doing:
                self._doing.add(number)
                self.world.timeline.after(self.soon(*STEP_S), partial(self._acts, number))

    def _acts(self, number: str) -> None:
        """Do the step that is due by then; a request that went on or has ended needs none."""
        known = self._open().get(number)
        step = self._next(number, known) if known and known.state in self.states else None
        if step is None:
            self._doing.discard(number)
            return
        command, more = step
        self.send(command, partial(self._told, number), support=number, **more)

    def _told(self, number: str, outcome: Outcome) -> None:
        self._doing.discard(number)

    @abstractmethod
    def _next(self, number: str, known: Request) -> Step | None:
        """Return what is done next, None for nothing."""


class DutyOfficer(_Supporting):
    """Has help asked for, by crews or for them, and signs; now and then what is their own."""

    role = "supervisor"
    states = ("asked",)
    hears_of = (UnitArrived.tag,)

    def hears(self, one: Recorded) -> None:
        """Hear that a unit is there; sometimes it cannot do the work alone."""
        if self.chance(ASKS):
            event: UnitArrived = one.event  # type: ignore[assignment]
            asks = partial(self._ask, event.incident, event.unit)
            self.world.timeline.after(self.soon(5, 300), asks)

    def _ask(self, incident: str, unit: str) -> None:
        mine = self.dice.random() < 0.6
        self.actor = self.myself if mine else Actor(f"crew of {unit}", "crew", unit=unit)
        told = self._sign_own if mine else None
        self.send(
            w.AskSupport, told, incident=incident, unit=unit, kind=self.dice.choice(SUPPORT).code,
            words=self.world.secret("help"), urgent=self.dice.random() < 0.3,
        )  # fmt: skip
        self.actor = self.myself

    def _sign_own(self, outcome: Outcome) -> None:
        """Reach for the signature of what was asked for a moment ago."""
        asked = event_of(outcome, w.SupportAsked)
        if asked is not None and asked.grade and self.chance(0.9):
            self.send(w.ApproveSupport, support=asked.support)

    def _next(self, number: str, known: Request) -> Step | None:
        if known.asked_by == self.myself.name:
            return None
        if self.chance(0.1):
            return w.DeclineSupport, {"reason": "there is another way"}
        return w.ApproveSupport, {}


class SupportDesk(_Supporting):
    """Assigns what was signed; sometimes to the wrong one."""

    role = "dispatcher"
    states = ("approved",)

    def _next(self, number: str, known: Request) -> Step | None:
        town = self.world.ground.town
        kind = next(one for one in SUPPORT if one.code == known.sort)
        able = [to for to in kind.able(town.units, town.unit_types) if to != known.unit]
        if self.chance(0.1):
            able = [known.unit]
        return w.AssignSupport, {"to": self.dice.choice(able)}


class Specialists(_Supporting):
    """Whoever gives the help, and the unit that asked: what they say of it in the end."""

    role = "dispatcher"
    states = ("asked", "assigned", "accepted", "begun", "reported")

    def _next(self, number: str, known: Request) -> Step | None:
        self._as(known.unit)
        if known.state == "reported":
            return self._judges()
        if self.chance(0.04):
            return w.WithdrawSupport, {"reason": "not needed any more"}
        if known.state == "asked":
            return None
        self._as(known.to)
        if known.state != "begun" and self.chance(0.15):
            return w.RefuseSupport, {"reason": "nobody is free"}
        if known.state == "assigned" and self.actor.role == "crew" and self.chance(0.3):
            self.send(w.ReadSupport, support=number)
        if known.state != "begun":
            return (w.BeginSupport if known.state == "accepted" else w.AcceptSupport), {}
        result = self.dice.choice(tuple(w.CameTo))
        return w.ReportSupport, {"result": result, "words": self.world.secret("result")}

    def _as(self, unit: str) -> None:
        """Act as the crew of a unit; for an agency the desk does."""
        ours = unit in self.world.ground.town.units
        self.actor = Actor(f"crew of {unit}", "crew", unit=unit) if ours else self.myself

    def _judges(self) -> Step | None:
        """Say thanks, complain, or leave it until the day is over and nobody says anything."""
        if self.chance(0.4):
            return None
        if self.dice.random() < 0.3:
            why = self.dice.choice(tuple(w.Complaint))
            return w.ComplainSupport, {"why": why, "words": self.world.secret("why")}
        return w.ThankSupport, {"words": self.world.secret("thanks")}
