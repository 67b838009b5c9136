"""Worked examples: an ``[[example]]`` in a standard's file is run through the real engine.

An example lists events with times of day and what must come of them. Anybody who writes a promise
writes one, and it is a test from then on: tests/standards/test_catalogue.py runs them all.
"""

from __future__ import annotations

import datetime
from typing import Any

import msgspec

from answerable.kernel.authority import SYSTEM
from answerable.kernel.event import Event, Row, stream_of
from answerable.kernel.refusals import Refusal
from answerable.kernel.room import Context
from answerable.standards.definition import BadStandard, known_events, read_standard
from answerable.standards.rules import ROOM
from answerable.standards.state import State
from answerable.standards.views import every_clock
from answerable.standards.words import AdoptStandard, ClockRang, Standard

IDENTITIES = ("incident", "unit", "call")
DAY_US = 1_600_000_000_000_000 // 86_400_000_000 * 86_400_000_000
"""Midnight (UTC) of the day on which all examples play."""
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
MICROSECOND = datetime.timedelta(microseconds=1)


class Expected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What must have become of a clock when the example is over; ``none``: there is no such clock.

    ``took_s`` is the time it took, ``rang`` every consequence it rang for, in order.
    """

    clock: str
    state: str
    incident: str = ""
    unit: str = ""
    call: str = ""
    took_s: float | None = None
    rang: tuple[str, ...] | None = None


class Example(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Events with times, an instant until which alarms ring, and what is expected.

    An instant is a time of the day on which all examples play (2020-09-13), or a date with a time;
    both are UTC. One that an event says of itself (``due_us``) is written in the same way.
    """

    name: str
    events: tuple[dict[str, Any], ...]
    expect: tuple[Expected, ...]
    until: Any = None


class _Bench:
    """The room alone, with a record of what it said."""

    def __init__(self) -> None:
        self.state = State()
        self.position = 0
        self.rang: list[ClockRang] = []

    def happen(self, event: Event, at_us: int) -> None:
        """Let the room take an event into account, as the hub would."""
        self.position += 1
        row = Row(
            self.position, stream_of(event), event.tag, event.version, at_us, at_us,
            "example", f"example:{self.position}", 1, b"",
        )  # fmt: skip
        arm = ROOM.arms.table.get(event.tag)
        if arm is not None:
            arm(self.state, event, row)
        assert ROOM.arms.every is not None
        ROOM.arms.every(self.state, event, row)
        if isinstance(event, ClockRang):
            self.rang.append(event)

    def ask(self, command: Any, at_us: int) -> None:  # noqa: ANN401 - any command of the room
        """Decide a command; raises ValueError with the refusal's words."""
        context: Context[None] = Context(at_us=at_us, now_us=at_us, actor=SYSTEM, town=None)
        decision = ROOM.deciders.table[type(command)](self.state, command, context)
        if isinstance(decision, Refusal):
            raise ValueError(decision.text())
        for event in decision:
            self.happen(event, at_us)

    def ring_until(self, until_us: int) -> None:
        """Ring what is due, each at its time."""
        while (first := self.state.alarms.next()) is not None and first[0] <= until_us:
            assert ROOM.ring is not None
            self.ask(ROOM.ring(self.state, first[1], first[0]), first[0])


def examples_in(text: str, file: str = "the text") -> list[Example]:
    """Return the examples of a standard's TOML; raises BadStandard for one that is malformed."""
    raw = msgspec.toml.decode(text).get("example", [])
    try:
        return msgspec.convert(raw, list[Example])
    except msgspec.ValidationError as error:
        raise BadStandard(
            file, "[[example]]", str(error), "Compare the examples in 'catalogue/'."
        ) from None


def run_example(standard: Standard, example: Example) -> list[str]:
    """Run one example; returns what came out differently from what was expected, in sentences."""
    bench = _Bench()
    bench.ask(AdoptStandard(key="example", definition=standard), DAY_US)
    events = known_events()
    for said in example.events:
        fields = dict(said)
        kind = fields.pop("event")
        fields = {name: _instant_us(value) for name, value in fields.items()}
        at_us = fields.pop("at")
        bench.ring_until(at_us - 1)
        bench.happen(msgspec.convert(fields, events[kind]), at_us)
    if example.until is not None:
        bench.ring_until(_instant_us(example.until))
    return [fault for wanted in example.expect for fault in _compare(bench, wanted)]


def run_text(text: str, file: str = "the text") -> list[str]:
    """Run every example of a standard's TOML; returns the faults. Raises BadStandard."""
    standard = read_standard(text, file)
    examples = examples_in(text, file)
    if not examples:
        return [f"{file}: it has no [[example]]"]
    return [
        f"{file}: example {example.name}: {fault}"
        for example in examples
        for fault in run_example(standard, example)
    ]


def _instant_us(value: Any) -> Any:  # noqa: ANN401 - whatever the field of an event holds
    """Return an instant of an example in UTC microseconds; any other value as it is."""
    if isinstance(value, datetime.time):
        value = datetime.datetime.combine(EPOCH + DAY_US * MICROSECOND, value)
    if isinstance(value, datetime.datetime):
        return (
            (value if value.tzinfo else value.replace(tzinfo=datetime.UTC)) - EPOCH
        ) // MICROSECOND
    return value


def _compare(bench: _Bench, wanted: Expected) -> list[str]:
    found = _found(bench.state, wanted)
    if wanted.state == "none":
        return [f"{wanted.clock}: it started, expected none"] if found else []
    if len(found) != 1:
        return [f"{wanted.clock}: {len(found)} such clocks, expected one"]
    state, took_s = found[0]
    faults = []
    if state != wanted.state:
        faults.append(f"{wanted.clock} is {state}, expected {wanted.state}")
    if wanted.took_s is not None and took_s != wanted.took_s:
        faults.append(f"{wanted.clock} took {took_s} s, expected {wanted.took_s} s")
    rang = tuple(
        what for event in bench.rang if _means(event, wanted) for what in event.consequences
    )
    if wanted.rang is not None and rang != wanted.rang:
        faults.append(f"{wanted.clock} rang for {rang}, expected {wanted.rang}")
    return faults


def _means(event: ClockRang, wanted: Expected) -> bool:
    return event.promise == wanted.clock and all(
        getattr(wanted, name) in ("", getattr(event, name)) for name in IDENTITIES
    )


def _found(state: State, wanted: Expected) -> list[tuple[str, float | None]]:
    """Return state and seconds taken of the clocks an expectation names."""
    return [
        (line.state, (line.end_us - line.start_us) / 1e6 if line.end_us else None)
        for line in every_clock(state)
        if line.name == wanted.clock
        and all(getattr(wanted, name) in ("", getattr(line, name)) for name in IDENTITIES)
    ]
