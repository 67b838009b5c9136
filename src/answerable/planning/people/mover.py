"""Who moves units about: exchange, pre-empt, hold, move up, out until a time, alarms, messages."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from answerable.dispatch import move_words as m
from answerable.dispatch import words as w
from answerable.dispatch.views import IncidentLine, UnitLine
from answerable.planning.people.person import Person

US = 1_000_000
LEAVES = ("sent", "acknowledged", "en route", "arrived")


class Mover(Person):
    """Somebody whose day is full of second thoughts, on a screen that may be stale."""

    role = "supervisor"

    def begins_day(self) -> None:
        """Plan the acts of the day."""
        acts: tuple[tuple[Callable[[], None], float], ...] = (
            (self._exchange, 0.20), (self._swap, 0.06), (self._preempt, 0.14), (self._hold, 0.16),
            (self._end_hold, 0.04), (self._move_up, 0.14), (self._out, 0.06),
            (self._alarm, 0.10), (self._message, 0.10), (self._against_advice, 0.06),
        )  # fmt: skip
        for act, share in acts:
            for _ in range(round(self.world.ground.per_day * share + self.dice.random())):
                self.today(self.dice.random() * 86_400, act)

    # -- what is on the screen ---------------------------------------------------------------

    def _units(self, *, free: bool) -> list[UnitLine]:
        board = self.board
        units = board.units.values() if board is not None else ()
        return [u for u in units if u.duty == "on duty" and (u.status == "free") is free]

    def _open(self) -> list[IncidentLine]:
        board = self.board
        return list(board.incidents.values()) if board is not None else []

    def _leaving(self) -> UnitLine | None:
        """Return a unit that could leave what it is on."""
        found = [u for u in self._units(free=False) if u.status in LEAVES]
        return self.dice.choice(found) if found else None

    def _now_us(self) -> int:
        now_us: int = self.world.server.clock.now_us()
        return now_us

    def _later(self, act: Callable[[], None]) -> None:
        """Try again in some minutes, mostly: nothing of the kind could be done now."""
        if self.dice.random() < 0.8:
            self.today(self.dice.uniform(120, 900), act)

    # -- exchange and pre-empt ---------------------------------------------------------------

    def _exchange(self) -> None:
        gone, free = self._leaving(), self._units(free=True)
        if gone is None or not free:
            self._later(self._exchange)
            return
        by = self.dice.choice(free).unit
        self.send(
            m.ExchangeUnits, incident=gone.incident, unit=gone.unit, by=by, reason="it is nearer"
        )

    def _swap(self) -> None:
        gone, other = self._leaving(), self._leaving()
        if gone is None or other is None or gone.unit == other.unit:
            self._later(self._swap)
            return
        there = other.incident if self.dice.random() < 0.9 else gone.incident
        self.send(
            m.ExchangeUnits, incident=gone.incident, unit=gone.unit, by=other.unit, swap_to=there,
            reason="each is nearer to the other's",
        )  # fmt: skip

    def _preempt(self) -> None:
        gone, wanting = self._leaving(), self._open()
        if gone is None or not wanting:
            self._later(self._preempt)
            return
        urgent = max(wanting, key=lambda line: line.priority)
        line = urgent if self.dice.random() < 0.7 else self.dice.choice(wanting)
        self.send(m.PreemptUnit, incident=line.incident, unit=gone.unit, reason="it is worse there")

    # -- hold --------------------------------------------------------------------------------

    def _hold(self) -> None:
        """Hold an incident that nobody is on, until a time, often also until a unit is free."""
        lines = self._open()
        idle = [line for line in lines if not line.under_way()] or lines
        busy = self._units(free=False)
        if not idle:
            return
        awaits = self.dice.choice(busy).unit if busy and self.dice.random() < 0.5 else None
        seconds = self.dice.uniform(-60, 7_200)
        self.send(
            m.HoldIncident, incident=self.dice.choice(idle).incident, awaits=awaits,
            until=self._now_us() + int(seconds * US), reason="the police go in first",
        )  # fmt: skip

    def _end_hold(self) -> None:
        held = [line for line in self._open() if line.held_until_us]
        if held:
            incident = self.dice.choice(held).incident
            self.send(m.EndHold, incident=incident, reason="they are there")

    # -- where units wait --------------------------------------------------------------------

    def _move_up(self) -> None:
        free = self._units(free=True)
        if not free:
            return
        unit = self.dice.choice(free)
        stations = [s.station for s in self.world.ground.town.units.values()]
        station = self.dice.choice(stations)
        self.send(m.OrderMoveUp, unit=unit.unit, station=station, reason="nobody is there")
        if self.dice.random() < 0.5:
            back = partial(self.send, m.EndMoveUp, unit=unit.unit)
        else:
            back = partial(self.send, m.CancelMoveUp, unit=unit.unit, reason="a mistake")
        self.world.timeline.after(self.soon(300, 7_200), back)

    def _out(self) -> None:
        """Take a unit out until a time; it may be late."""
        free = self._units(free=True)
        if not free:
            return
        unit, seconds = self.dice.choice(free).unit, self.dice.uniform(60, 3_600)
        back_us = self._now_us() + int(seconds * US)
        self.send(w.TakeOutOfService, unit=unit, reason="refuelling", back=back_us)
        back = partial(self.send, w.ReturnToService, unit=unit)
        self.world.timeline.after(seconds * self.dice.uniform(0.5, 2), back)

    # -- alarms, messages, advice ------------------------------------------------------------

    def _alarm(self) -> None:
        lines = self._open()
        if not lines:
            return
        line = self.dice.choice(lines)
        level = min(line.alarm + self.dice.randrange(1, 3), m.LEVEL_MAX)
        incident = line.incident
        self.send(m.RaiseAlarm, incident=incident, level=level, reason="it spreads")
        lower = partial(
            self.send, m.LowerAlarm, incident=incident, level=1, reason="it is contained"
        )
        self.world.timeline.after(self.soon(20, 1_200), lower)

    def _message(self) -> None:
        lines, busy = self._open(), self._units(free=False)
        words = self.world.secret("message")
        if busy and self.dice.random() < 0.5:
            self.send(m.SendMessage, unit=self.dice.choice(busy).unit, words=words)
        elif lines:
            desk = "Desk 1" if self.dice.random() < 0.5 else None
            incident = self.dice.choice(lines).incident
            self.send(m.SendMessage, incident=incident, desk=desk, words=words)

    def _against_advice(self) -> None:
        """Send somebody who was not recommended; without a reason that is refused."""
        lines, free = self._open(), self._units(free=True)
        if not lines or len(free) < 2:
            return
        first, second = self.dice.sample(free, 2)
        why = "it passes by" if self.dice.random() < 0.5 else ""
        self.send(
            w.SendUnit, incident=self.dice.choice(lines).incident, unit=second.unit,
            proposed=(first.unit,), why=why,
        )  # fmt: skip
