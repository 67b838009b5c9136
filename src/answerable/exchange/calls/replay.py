"""A plan through the real hub: command by command in the order of time, alarms in between.

``Feed`` knows what is next and what to do when a unit is still busy; ``replay`` drives a hub with
it as fast as it goes, and the live demonstration drives a desk with it at the pace of its clock.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import msgspec

from answerable.dispatch import words as d
from answerable.exchange.calls.plan import Plan, Planned, UnitFound
from answerable.exchange.calls.problems import Reported, reported
from answerable.kernel.authority import IMPORTER
from answerable.kernel.clock import SetClock
from answerable.kernel.event import Command
from answerable.kernel.hub import BATCH_MAX, Accepted, Faulted, Hub, Outcome, Refused
from answerable.towns.model import UnitSpec

UNIT_TYPE = "not given"
"""The type of a unit that neither the town nor the source describes."""
LATER_US = 86_400_000_000
"""Alarms that fall due within a day after the last command are still rung."""
ROWS_MAX = 4096
"""Rows in one commit of a replay: nobody waits for an answer, so it may be a large one."""
RINGS_MAX = 1_000_000
"""A replay in which more alarms ring than this is endless, not long."""


class Feed:
    """The commands of a plan, in order, for whoever has the clock."""

    def __init__(self, plan: Plan, units: Mapping[str, UnitSpec] | None = None) -> None:
        """Begin at the first command. ``units`` are the town's own, by name."""
        self.plan = plan
        self._known = units or {}
        self._next = 0

    @property
    def next_us(self) -> int | None:
        """Return the moment of the next command (UTC microseconds), or None at the end."""
        left = self.plan.commands[self._next : self._next + 1]
        return left[0].now_us if left else None

    def duty(self) -> list[Command]:
        """Return the commands that put the units of the file on duty, at its first moment."""
        at_us = self.next_us
        return [self._on_duty(unit, at_us) for unit in self.plan.units]

    def _on_duty(self, found: UnitFound, at_us: int | None) -> d.PutOnDuty:
        spec = self._known.get(found.unit)
        return d.PutOnDuty(
            key=f"duty:{found.key}",
            at=at_us,
            unit=found.unit,
            unit_type=found.unit_type or (spec.unit_type if spec else UNIT_TYPE),
            station=spec.station if spec else "",
            skills=spec.skills if spec else (),
        )

    def take(self, until_us: int, most: int = BATCH_MAX) -> Sequence[Planned]:
        """Return the next commands up to the moment ``until_us``, at most ``most`` of them."""
        begin = end = self._next
        commands = self.plan.commands
        stop = min(begin + most, len(commands))
        while end < stop and commands[end].now_us <= until_us:
            end += 1
        self._next = end
        return commands[begin:end]

    def skip(self, before_us: int) -> int:
        """Pass over all commands before a moment; returns how many."""
        begin = self._next
        while (next_us := self.next_us) is not None and next_us < before_us:
            self._next += 1
        return self._next - begin


def instead(command: Command, outcome: Outcome) -> tuple[Command, ...]:
    """Return what to ask when the source sent a unit that the record still has elsewhere.

    The further job is stacked on purpose, with the reason, and begins at its true time (I1).
    """
    if not (isinstance(outcome, Refused) and isinstance(outcome.refusal, d.UnitBusy)):
        return ()
    assert isinstance(command, d.SendUnit)
    stack = d.StackUnit(
        key=f"{command.key}:stacked",
        at=command.at,
        incident=command.incident,
        unit=command.unit,
        reason=f"sent by the source while on {outcome.refusal.incident}",
    )
    return (stack, command)


class Replayed(msgspec.Struct):
    """What a replay came to. ``refused`` are rows that did not get into the record whole."""

    events: int = 0
    stacked: int = 0
    rung: int = 0
    refused: dict[int, Reported] = {}


def replay(
    hub: Hub,
    clock: SetClock,
    feed: Feed,
    progress: Callable[[int, int], None] | None = None,
) -> Replayed:
    """Give every command of ``feed`` to ``hub`` in the order of time, and commit it all.

    ``clock`` must be the hub's own. ``progress`` is told (commands done, commands) per commit.
    Raises what the hub's ``commit`` raises.
    """
    assert hub.clock is clock, "the hub must run on the clock that the replay sets"
    run = _Run(hub, clock)
    before = hub.position
    total = len(feed.plan.commands)
    with collector_off():
        if (begin_us := feed.next_us) is not None:
            clock.set(begin_us)
        for command in feed.duty():
            hub.do(command, IMPORTER)  # refused where the unit is on duty already, which is fine
        done = 0
        while batch := feed.take(_FOREVER_US):
            for planned in batch:
                run.at(planned.now_us)
                run.ask(planned.line, planned.command)
            done += len(batch)
            if progress is not None:
                progress(done, total)
        run.at(clock.now_us() + LATER_US)
        hub.commit()
    run.result.events = hub.position - before
    return run.result


_FOREVER_US = 2**62


class _Run:
    """One replay: the hub, its clock, and what has come of it so far."""

    def __init__(self, hub: Hub, clock: SetClock) -> None:
        self._hub = hub
        self._clock = clock
        self.result = Replayed()

    def at(self, now_us: int) -> None:
        """Come to a moment: ring what is due before it, commit when enough has gathered.

        What happens in the very moment a clock would ring still stops it, so alarms due then wait.
        """
        while (due_us := self._hub.next_alarm_us()) is not None and due_us < now_us:
            self._clock.set(due_us)
            self.result.rung += self._hub.ring(due_us)
            assert self.result.rung < RINGS_MAX, "alarms without end"
            self._settle()
        self._clock.set(now_us)

    def ask(self, line: int, command: Command) -> None:
        """Have one command done; a row whose command is refused is not recorded whole."""
        outcome = self._hub.do(command, IMPORTER)
        for other in instead(command, outcome):
            outcome = self._hub.do(other, IMPORTER)
            self.result.stacked += isinstance(other, d.StackUnit)
        if not isinstance(outcome, Accepted):
            self._report(line, command, outcome)
        self._settle()

    def _report(self, line: int, command: Command, outcome: Refused | Faulted) -> None:
        why = outcome.refusal.text() if isinstance(outcome, Refused) else outcome.error
        self.result.refused.setdefault(line, reported(line, "", why, command.tag))

    def _settle(self) -> None:
        """Commit between two batches of commands where alarms have rung without end."""
        if self._hub.waiting >= ROWS_MAX:
            self._hub.commit()


@contextmanager
def collector_off() -> Iterator[None]:
    """Run without the cycle collector: for work that only builds state up, and makes no cycles."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
