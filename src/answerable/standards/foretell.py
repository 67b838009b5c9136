"""What an event would do to the clocks, told before it happens; nothing changes.

The bar shows it before Enter is pressed: which promises would begin, which running clocks would
stop. It asks the same plan the engine works by (``clocks.py``), so the two cannot disagree.
"""

from __future__ import annotations

import msgspec

from answerable.kernel.event import Event
from answerable.standards.clocks import has_it, meant
from answerable.standards.past import Case
from answerable.standards.plans import STOP, Plan
from answerable.standards.state import State, owner_of
from answerable.standards.views import RunningClock, clock_of


class Begins(msgspec.Struct, frozen=True):
    """A promise that would begin: its names, its limit in seconds, or by when (the other is 0)."""

    name: str
    zh: str
    limit_s: float
    due_us: int = 0

    def left_s(self, now_us: int) -> float:
        """Return how long there would be, were it to begin now."""
        return max(0.0, (self.due_us - now_us) / 1e6) if self.due_us else self.limit_s


class Foretold(msgspec.Struct, frozen=True):
    """What an event would begin, stop, and make void."""

    begins: tuple[Begins, ...] = ()
    stops: tuple[RunningClock, ...] = ()
    voids: tuple[RunningClock, ...] = ()


def foretell(state: State, event: Event) -> Foretold:
    """Return what an event that has not happened would do to the clocks."""
    plan = state.plan(type(event))
    if plan is None:
        return Foretold()
    ended = _ended(state, plan, event)
    return Foretold(
        _begun(state, plan, event),
        tuple(clock for clock, role in ended if role == STOP),
        tuple(clock for clock, role in ended if role != STOP),
    )


def _begun(state: State, plan: Plan, event: Event) -> tuple[Begins, ...]:
    found = []
    for work, conditions in plan.starts:
        owner = getattr(event, work.by0, "")
        rest = getattr(event, work.by1, "") if work.by1 else ""
        if not owner or (work.by1 and not rest) or not meant(state, conditions, event):
            continue
        case = state.cases.get(work.by0, {}).get(owner, Case())
        due_us = getattr(event, work.due) if work.due else 0
        if not has_it(state, case, work, rest) and not (work.due and not due_us):
            clock = work.clock
            found.append(Begins(clock.name, clock.zh or clock.name, clock.limit_s or 0.0, due_us))
    return tuple(found)


def _ended(state: State, plan: Plan, event: Event) -> list[tuple[RunningClock, int]]:
    found = []
    for field, _seen, roles, _revives in plan.ends:
        case = state.cases.get(field, {}).get(owner_of(state, field, event))
        for run in case.open if case is not None else ():
            role = roles.get(run.clock)
            if role is None or (role[1] and getattr(event, role[1]) != run.rest):
                continue
            if (clock := clock_of(state, run.number)) is not None:
                found.append((clock, role[0]))
    return found
