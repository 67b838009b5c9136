"""The counter of the simulated line: how often it rings each day, told the night after.

It is read from the plan, as a telephone exchange counts what it is about to put through: not from
what the centre recorded. So the demonstration shows a difference where a call is lost (I8).
"""

from __future__ import annotations

import datetime
from collections import Counter

import msgspec

from answerable.exchange.calls.plan import Plan, Planned
from answerable.intake.words import CountLine, RingCall
from answerable.kernel.authority import Actor
from answerable.kernel.event import Command
from answerable.towns.model import Town

LINE = Actor(name="simulated line", role="line")
"""Who tells it: a line may tell its counter and nothing else that a replay does."""
AFTER = datetime.timedelta(minutes=5)
"""How long after midnight a counter is told."""


def with_counters(plan: Plan, town: Town) -> Plan:
    """Return a plan in which every line tells after each day how often it rang."""
    rung: Counter[tuple[datetime.date, str]] = Counter()
    for planned in plan.commands:
        if isinstance(planned.command, RingCall):
            at_us = planned.command.at or planned.now_us
            rung[town.local(at_us).date(), planned.command.line] += 1
    if not rung:
        return plan
    lines = sorted({line for _, line in rung})
    first, last = min(rung)[0], town.local(plan.commands[-1].now_us).date()
    days = [first + datetime.timedelta(days=n) for n in range((last - first).days)]
    told = [
        _told(town, day, nth, line, rung[day, line])
        for day in days
        for nth, line in enumerate(lines, 1)
    ]
    return msgspec.structs.replace(
        plan, commands=sorted([*plan.commands, *told], key=lambda planned: planned.order)
    )


def _told(town: Town, day: datetime.date, nth: int, line: str, rung: int) -> Planned:
    """Return the telling of one line's counter, after everything else of that moment."""
    after = datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time(), town.zone)
    at_us = int((after + AFTER).timestamp()) * 1_000_000
    command = CountLine(key=f"count:{day}:{nth}", day=day.isoformat(), line=line, rung=rung)
    return Planned((at_us, at_us, at_us, 2**62), 0, command)


def actor_of(command: Command, usual: Actor) -> Actor:
    """Return who gives a command of a plan: a line its counter, ``usual`` everything else."""
    return LINE if isinstance(command, CountLine) else usual
