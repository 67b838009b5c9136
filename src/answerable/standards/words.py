"""The words of standards: promises, and what happens to a clock that is not stopped in time.

A *standard* is a named set of promises with a source. A *clock* is one promise: it starts at one
event, must be stopped by another within a limit, and rings when it is not. Starting and stopping
are not events of this room (they are the events of other rooms); ringing, suspending, resuming and
extending are, so that no clock ever acts unrecorded (B5).
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from answerable.kernel.event import (
    Command,
    Event,
    Inside,
    Line,
    Name,
    Open,
    Reason,
    tagged,
)
from answerable.kernel.refusals import Refusal

Kind = Annotated[str, msgspec.Meta(pattern=r"^[a-z_]+\.[A-Za-z]+$(?!\n)", max_length=64)]
"""The tag of an event: ``dispatch.UnitSent``."""
Share = Annotated[float, msgspec.Meta(gt=0, le=1)]
Seconds = Annotated[float, msgspec.Meta(gt=0, le=31_622_400)]
"""A limit: more than nothing, at most a leap year."""
DueField = Annotated[str, msgspec.Meta(pattern=r"^[a-z_]*_us$(?!\n)", max_length=40)]
"""A field of an event that holds an instant: ``due_us``."""
Number = Annotated[str, msgspec.Meta(pattern=r"^\d{1,6}:\d{1,15}$(?!\n)")]
"""The number of one running clock: promise and position of the event that started it."""


# -- a promise as data -----------------------------------------------------------------------


class Consequence(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What ringing leads to, ``after_s`` seconds past the limit."""

    do: Line
    after_s: Annotated[float, msgspec.Meta(ge=0, le=31_622_400)] = 0.0


class Clock(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """One promise. ``by`` says what it is about: at most two identity fields.

    Its limit is ``limit_s`` or ``due``, one of the two: seconds from the start, or the field of the
    start event that says by when (UTC microseconds; an event that says 0 starts no such clock).

    ``target`` is the share to be kept, ``percentile`` the one reported beside it. ``where`` maps a
    field of the start event, of its incident or of its unit to the values that are meant.
    ``again`` says whether a subject that has had this clock gets another at the next start.
    ``revives`` names events that take a void back, each with the void it takes back.
    """

    name: Name
    zh: Line = ""
    starts: Kind
    stops: tuple[Kind, ...]
    voids: tuple[Kind, ...] = ()
    revives: dict[Kind, Kind] = {}
    limit_s: Seconds | None = None
    due: DueField = ""
    target: Share | None = None
    percentile: Annotated[float, msgspec.Meta(gt=0, lt=100)] | None = None
    rings: tuple[Consequence, ...] = ()
    where: dict[str, tuple[str, ...]] = {}
    by: Annotated[tuple[Name, ...], msgspec.Meta(max_length=2)] = ()
    again: bool | None = None


class Standard(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """A set of promises with its source (title, year, clause)."""

    name: Name
    zh: Line = ""
    source: Line
    note: Annotated[str, msgspec.Meta(max_length=1000)] = ""
    clocks: Annotated[tuple[Clock, ...], msgspec.Meta(min_length=1, max_length=64)]


# -- commands --------------------------------------------------------------------------------


class _Command(Command, tag=tagged("standards"), frozen=True, kw_only=True):
    """A command of this room."""


class AdoptStandard(_Command, frozen=True, kw_only=True):
    """The centre takes a standard as its own: ``text`` (TOML) or ``definition``, one of the two.

    It holds for every clock that starts after this; clocks already running keep what was promised
    when they started.
    """

    text: Annotated[str, msgspec.Meta(max_length=60_000)] = ""
    definition: Standard | None = None


class RingClock(_Command, frozen=True, kw_only=True):
    """A clock has reached its limit, or its next consequence (an alarm gives this)."""

    clock: Number


class SuspendClock(_Command, frozen=True, kw_only=True):
    """A running clock stands still, with the reason: waiting for the caller, road closed ..."""

    clock: Number
    reason: Reason


class ResumeClock(_Command, frozen=True, kw_only=True):
    """A suspended clock runs on; its due time moves by the time it stood still."""

    clock: Number


class ExtendClock(_Command, frozen=True, kw_only=True):
    """A clock gets more time, with the reason. It counts as extended in every report."""

    clock: Number
    by_s: Seconds
    reason: Reason


COMMANDS: tuple[type[Command], ...] = (
    AdoptStandard, RingClock, SuspendClock, ResumeClock, ExtendClock,
)  # fmt: skip


# -- events ----------------------------------------------------------------------------------


class StandardAdopted(Event, frozen=True, kw_only=True):
    """A standard was adopted, word for word, so that a replay needs no file.

    ``digest`` is the SHA-256 of its canonical JSON; ``edition`` counts the adoptions of one name.
    ``only_shown`` are the consequences of its clocks on which nothing acts by itself.
    """

    said = (
        "The standard {standard} was adopted (edition {edition}): {source}."
        "[ When its clocks ring, people are only shown: {only_shown}.]"
    )
    ids = ("standard",)
    standard: Open[Name]
    edition: Open[int]
    digest: Open[str]
    source: Open[Line]
    from_us: Open[int]
    definition: Open[Standard]
    only_shown: Open[tuple[Line, ...]] = ()


class _ClockEvent(Event, frozen=True, kw_only=True):
    """Something about one running clock. ``about`` names a subject of another sort."""

    ids = ("incident", "unit", "call")
    clock: Open[Number]
    standard: Open[Name]
    promise: Open[Name]
    incident: Open[str] = ""
    unit: Open[str] = ""
    call: Open[str] = ""
    about: Open[Line] = ""


class ClockRang(_ClockEvent, frozen=True, kw_only=True):
    """A clock reached its limit, or a later consequence of that; ``stage`` counts from 1."""

    said = (
        "The clock rang: {promise} ({standard})[ of {unit}][ of call {call}][ of {about}] "
        "was not done within {limit_s} s.[ Now: {consequences}.]"
    )
    due_us: Open[int]
    limit_s: Open[float]
    stage: Open[int]
    consequences: Open[tuple[Line, ...]] = ()


class ClockSuspended(_ClockEvent, frozen=True, kw_only=True):
    """A clock stands still."""

    said = "The clock stands still: {promise} ({standard})[ of {unit}]: {reason}."
    reason: Inside[Line]


class ClockResumed(_ClockEvent, frozen=True, kw_only=True):
    """A clock runs on; ``due_us`` is its new due time."""

    said = "The clock runs on: {promise} ({standard})[ of {unit}]."
    due_us: Open[int]


class ClockExtended(_ClockEvent, frozen=True, kw_only=True):
    """A clock was given more time; ``due_us`` is its new due time."""

    said = "The clock was given {by_s} s more: {promise} ({standard})[ of {unit}]: {reason}."
    by_s: Open[float]
    due_us: Open[int]
    reason: Inside[Line]


EVENTS: tuple[type[Event], ...] = (
    StandardAdopted, ClockRang, ClockSuspended, ClockResumed, ClockExtended,
)  # fmt: skip


# -- refusals, in the order in which they are checked ----------------------------------------


class NotAStandard(Refusal, frozen=True, kw_only=True):
    """The text or definition is not a standard this centre can keep time by."""

    not_done = "Not adopted: {standard}."
    because = "{where}: {problem}."
    instead = "{remedy}"
    standard: Open[str]
    where: Open[str]
    problem: Open[str]
    remedy: Open[str]


class AlreadyAdopted(Refusal, frozen=True, kw_only=True):
    """The very same text is in force already."""

    not_done = "Not adopted: {standard}."
    because = "The same text is in force already, as edition {edition} (digest {digest})."
    instead = "Nothing needs to be done; change the text first if it should hold differently."
    standard: Open[str]
    edition: Open[int]
    digest: Open[str]


class TooManyStandards(Refusal, frozen=True, kw_only=True):
    """There is a limit on everything."""

    not_done = "Not adopted: {standard}."
    because = "The centre would keep {clocks} different promises; it can keep {clocks_max}."
    instead = "Put several promises into one, or keep the rare ones in another centre's record."
    standard: Open[str]
    clocks: Open[int]
    clocks_max: Open[int]


class NotDue(Refusal, frozen=True, kw_only=True):
    """The clock has not reached its limit, or has rung for all it had to."""

    not_done = "Not rung: {promise}, clock {clock}."
    because = "{reason}"
    instead = "Leave ringing to the alarm; it comes by itself."
    clock: Open[str]
    promise: Open[str]
    reason: Open[str]


class PastDue(Refusal, frozen=True, kw_only=True):
    """A clock past its limit cannot be made to stand still."""

    not_done = "Not suspended: {promise}, clock {clock}."
    because = "Its limit passed {late_s} s before that."
    instead = "Extend it, with the reason, or have it stopped."
    clock: Open[str]
    promise: Open[str]
    late_s: Open[float]


class BeforeThat(Refusal, frozen=True, kw_only=True):
    """The stated time lies before the clock started or stood still."""

    not_done = "Not {step}: {promise}, clock {clock}."
    because = "The time given lies {before_s} s before the clock {what}."
    instead = "Give the true time; it cannot be earlier than that."
    clock: Open[str]
    promise: Open[str]
    step: Open[str]
    what: Open[str]
    before_s: Open[float]


class TooShort(Refusal, frozen=True, kw_only=True):
    """The new due time would lie in the past."""

    not_done = "Not extended: {promise}, clock {clock}."
    because = "{by_s} s more would still end {late_s} s ago."
    instead = "Give more than {more_s} s."
    clock: Open[str]
    promise: Open[str]
    by_s: Open[float]
    late_s: Open[float]
    more_s: Open[float]


REFUSALS: tuple[type[Refusal], ...] = (
    NotAStandard, AlreadyAdopted, TooManyStandards, NotDue, BeforeThat, PastDue, TooShort,
)  # fmt: skip
