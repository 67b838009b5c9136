"""Plans: what the engine does with each kind of event, worked out once and never stored.

A promise becomes a ``Work``, and all works together a ``Plan`` for every kind of event, so that an
event that concerns no clock costs one look-up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from answerable.kernel.event import Event
from answerable.standards.definition import OF_INCIDENT, OF_UNIT, OWN_ROOM
from answerable.standards.words import Clock, Consequence

AnyEvent = Any
"""An event of any room, read by the names of its fields."""
STOP, WITHDRAW, REVIVE = 1, 2, 3
"""What an event does to an open clock: stops it, makes it void; or takes a void back."""
UNLINKS = "intake.CallDetached"
"""The one event with a call and an incident that parts the two; any other joins them."""


class Promise(msgspec.Struct, frozen=True):
    """A clock's definition together with the standard and edition it came in."""

    standard: str
    edition: int
    clock: Clock


class Stage(NamedTuple):
    """One ring: how long after the limit, and what follows."""

    after_us: int
    consequences: tuple[str, ...]


def stages_of(rings: tuple[Consequence, ...]) -> tuple[Stage, ...]:
    """Return the rings of a clock: always one at the limit, then one for each later delay."""
    delays = sorted({0, *(round(ring.after_s * 1e6) for ring in rings)})
    return tuple(
        Stage(delay, tuple(r.do for r in rings if round(r.after_s * 1e6) == delay))
        for delay in delays
    )


class Work:
    """A promise made ready for use; derived from it, never stored.

    ``ends`` maps the number of an ending event to (its role, whether it names ``by1``);
    ``takes_back`` that of one that takes a void back to the void's. ``limit_us`` is 0 where the
    start event says by when (``due``).
    """

    def __init__(self, number: int, promise: Promise) -> None:
        clock = promise.clock
        self.number = number
        self.clock = clock
        self.standard = promise.standard
        self.edition = promise.edition
        self.due = clock.due
        self.limit_us = round((clock.limit_s or 0) * 1e6)
        self.by0 = clock.by[0]
        self.by1 = clock.by[1] if len(clock.by) > 1 else ""
        self.again = clock.again is not False
        self.where = tuple((name, frozenset(values)) for name, values in clock.where.items())
        self.stages = stages_of(clock.rings)
        self.starts = 0
        self.ends: dict[int, tuple[int, bool]] = {}
        self.takes_back: dict[int, int] = {}


class End(NamedTuple):
    """What an event of one kind does to the clocks of one owner.

    ``seen`` lists (kind number, second identity field); ``roles`` maps a promise to (role, second
    identity field to compare, "" for all); ``revives`` the promises whose voids it takes back to
    the number of the void.
    """

    owner: str
    seen: tuple[tuple[int, str], ...]
    roles: dict[int, tuple[int, str]]
    revives: dict[int, int]


class Start(NamedTuple):
    """A promise an event starts, and where each field of its ``where`` is found."""

    work: Work
    conditions: tuple[tuple[str, str, frozenset[str]], ...]


class Plan(NamedTuple):
    """All the engine does with events of one kind."""

    learns: tuple[str, ...]
    typed: bool
    links: bool
    corrects: str
    starts: tuple[Start, ...]
    ends: tuple[End, ...]


def plan_of(
    cls: type[Event], works: Sequence[Work], kinds: Sequence[str], in_force: Iterable[int]
) -> Plan | None:
    """Return what to do with events of a class, or None where that is nothing."""
    if cls.tag.startswith(f"{OWN_ROOM}."):
        return None
    fields, current = cls.__struct_fields__, set(in_force)
    corrects = cls.tag.partition(".")[0] if {"step", "was_us", "now_us"} <= set(fields) else ""
    plan = Plan(
        learns=_learns(fields),
        typed="unit" in fields and "unit_type" in fields,
        links="call" in fields and "incident" in fields and not corrects,
        corrects=corrects,
        starts=tuple(
            Start(work, tuple((name, _source(name, fields), v) for name, v in work.where))
            for work in works
            if work.clock.starts == cls.tag and work.number in current
        ),
        ends=ends_of(cls.tag, works, kinds),
    )
    return plan if any(plan) else None


def _learns(fields: tuple[str, ...]) -> tuple[str, ...]:
    """Return what an event says about its incident: kind with priority, areas with their class.

    An event of a later room may have a ``kind`` of its own; it has no priority of the incident.
    """
    if "incident" not in fields or "unit" in fields:
        return ()
    signs = {"kind": "priority", "group": "priority", "priority": "kind"}
    return tuple(
        name for name in OF_INCIDENT if name in fields and signs.get(name, "area_class") in fields
    )


def _source(name: str, fields: tuple[str, ...]) -> str:
    """Say where a condition's field is found: event, event or incident, incident, unit."""
    if name in fields:
        return "both" if name in OF_INCIDENT and "incident" in fields else "event"
    return "unit" if name in OF_UNIT else "incident"


def ends_of(kind: str, works: Sequence[Work], kinds: Sequence[str]) -> tuple[End, ...]:
    """Gather by owner field what a kind of event ends, and what it must be remembered for."""
    seen: dict[str, dict[int, str]] = {}
    roles: dict[str, dict[int, tuple[int, str]]] = {}
    revives: dict[str, dict[int, int]] = {}
    for work in works:
        for number in (work.starts, *work.ends):
            name, _, rest = kinds[number].partition("|")
            if name == kind:
                seen.setdefault(work.by0, {})[number] = rest
                if number in work.takes_back:
                    revives.setdefault(work.by0, {})[work.number] = work.takes_back[number]
                elif number in work.ends:
                    roles.setdefault(work.by0, {})[work.number] = (work.ends[number][0], rest)
    return tuple(
        End(owner, tuple(numbers.items()), roles.get(owner, {}), revives.get(owner, {}))
        for owner, numbers in seen.items()
    )
