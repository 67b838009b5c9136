"""Alerting in the town: a pager that is not always heard, who proposes, a supervisor who notes."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from answerable.dispatch import alert_words as a
from answerable.kernel.event import Command, Recorded
from answerable.planning.people.person import Person, Value
from answerable.standards.consequences import Act
from answerable.standards.words import ClockRang

if TYPE_CHECKING:
    from answerable.planning.world import World


class Pager(Person):
    """A channel outside: it reports, late and not always, whether a crew was reached."""

    role = "channel"
    hears_of = (a.UnitReminded.tag,)

    def __init__(self, world: World) -> None:
        super().__init__(world, "channel/pager")

    def hears(self, one: Recorded) -> None:
        """Hear that a unit is reminded, and report what became of it."""
        if isinstance(one.event, a.UnitReminded):
            self.world.timeline.after(self.soon(1, 60), partial(self._report, one.event))

    def _report(self, event: a.UnitReminded) -> None:
        command: type[Command] = a.HearAlert
        more: dict[str, Value] = {}
        if self.chance(0.3):
            command, more = a.MissAlert, {"why": "no signal", "last": self.chance(0.5)}
        self.send(
            command, None, incident=event.incident, unit=event.unit, channel="pager", **more
        )  # fmt: skip


class Proposer(Person):
    """Whoever knows the roads: it answers the rings that ask for another unit."""

    role = "system"
    hears_of = (ClockRang.tag,)

    def __init__(self, world: World) -> None:
        super().__init__(world, "system")

    def hears(self, one: Recorded) -> None:
        """Hear a clock ring."""
        event = one.event
        if isinstance(event, ClockRang) and Act.PROPOSE in event.consequences:
            ring = f"{event.clock}.{event.stage}.{one.row.position}"
            propose = partial(self._propose, event.incident, event.unit, ring)
            self.world.timeline.after(self.soon(0.1, 5), propose)

    def _propose(self, incident: str, instead_of: str, ring: str) -> None:
        board = self.board
        units = board.units.values() if board is not None else ()
        free = [unit.unit for unit in units if unit.status == "free"]
        unit = self.dice.choice(free) if free else ""
        self.send(a.ProposeNext, incident=incident, instead_of=instead_of, ring=ring, unit=unit)


class Watch(Person):
    """A supervisor who takes note of what they are told, sometimes of what a colleague has."""

    role = "supervisor"
    hears_of = (a.SupervisorTold.tag,)

    def hears(self, one: Recorded) -> None:
        """Hear that something was told."""
        if isinstance(one.event, a.SupervisorTold):
            self.world.timeline.after(
                self.soon(5, 900), partial(self._note, one.event.escalation)
            )  # fmt: skip

    def _note(self, name: str) -> None:
        remark = "another unit goes" if self.chance(0.3) else ""
        self.send(a.AcknowledgeEscalation, escalation=name, remark=remark)
