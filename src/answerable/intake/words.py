"""The words of intake: calls and incidents.

A *call* is one ring on the line. An *incident* is what the calls are about; several calls may be
about one. A call's outcome is always recorded (I2). A caller's number is sealed: it exists to ring
that caller back about that incident.

A *line* counts its own rings. Its count of a day and the record's are laid side by side (I8).
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from answerable.kernel.event import (
    Command,
    Event,
    Inside,
    Line,
    Micros,
    Name,
    Open,
    Reason,
    Sealed,
    tagged,
)
from answerable.kernel.refusals import Refusal

Lon = Annotated[float, msgspec.Meta(ge=-180, le=180)]
Lat = Annotated[float, msgspec.Meta(ge=-90, le=90)]
Marks = Annotated[tuple[Line, ...], msgspec.Meta(max_length=12)]
"""Notes of the importer on what it repaired: "rolled over midnight", "out of order" ..."""
Day = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$(?!\n)")]
"""A day of the town's own calendar: 2020-04-02."""
Medium = Literal["voice", "text"]
"""How somebody calls: by speaking, or by a text message."""
Count = Annotated[int, msgspec.Meta(ge=0, le=10_000_000)]


# -- commands --------------------------------------------------------------------------------


class _Command(Command, tag=tagged("intake"), frozen=True, kw_only=True):
    """A command of this room."""


class RingCall(_Command, frozen=True, kw_only=True):
    """A line rings. ``call`` is given where the source numbers its calls."""

    call: Name | None = None
    line: Line = ""
    number: Line = ""
    medium: Medium = "voice"


class AnswerCall(_Command, frozen=True, kw_only=True):
    """A call-taker answers; a call nobody saw ring (a walk-in, an old record) begins here.

    ``desk`` is the place where it is answered, as desks are numbered in the room; never a person.
    """

    call: Name | None = None
    line: Line = ""
    number: Line = ""
    desk: Line = ""
    marks: Marks = ()


class AbandonCall(_Command, frozen=True, kw_only=True):
    """The caller hung up before the answer."""

    call: Name


class EndCall(_Command, frozen=True, kw_only=True):
    """The answered call ends without an incident, with the reason."""

    call: Name
    reason: Reason


class OpenIncident(_Command, frozen=True, kw_only=True):
    """An incident is opened, from an answered call or by the service itself.

    Place: WGS84 degrees, and the block or crossing in words; ``door`` is the exact door, sealed.
    A place that cannot be verified is accepted with ``unverified`` saying why.
    """

    kind: Name
    priority: Name
    address: Line
    lon: Lon | None = None
    lat: Lat | None = None
    door: Line = ""
    call: Name | None = None
    incident: Name | None = None
    group: Line = ""
    unverified: Line = ""
    reference: Line = ""
    marks: Marks = ()


class BookIncident(_Command, frozen=True, kw_only=True):
    """An incident is booked for later; it occupies nobody until ``due`` (B6).

    A place that cannot be verified is accepted with ``unverified`` saying why.
    """

    kind: Name
    priority: Name
    address: Line
    lon: Lon | None = None
    lat: Lat | None = None
    due: Micros
    incident: Name | None = None
    unverified: Line = ""


class OpenBooked(_Command, frozen=True, kw_only=True):
    """The booked time has come (an alarm gives this)."""

    incident: Name


class CancelBooking(_Command, frozen=True, kw_only=True):
    """The booking is not wanted any more."""

    incident: Name
    reason: Reason


class AttachCall(_Command, frozen=True, kw_only=True):
    """Another call about an incident that is known already."""

    call: Name
    incident: Name


class ChangeKind(_Command, frozen=True, kw_only=True):
    """Kind or priority turn out to be different."""

    incident: Name
    kind: Name
    priority: Name
    reason: Reason


class CorrectPlace(_Command, frozen=True, kw_only=True):
    """The place turns out to be different; the old one stays in the record."""

    incident: Name
    address: Line
    lon: Lon | None = None
    lat: Lat | None = None
    door: Line = ""
    reason: Reason


class CorrectCallTime(_Command, frozen=True, kw_only=True):
    """A time of the call was wrong: ``step`` is CallRung, CallAnswered or IncidentOpened."""

    step: Name
    to: Micros
    call: Name | None = None
    incident: Name | None = None
    reason: Reason


class AddNote(_Command, frozen=True, kw_only=True):
    """A note on an incident; its words are sealed."""

    incident: Name
    words: Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]


class StrikeNote(_Command, frozen=True, kw_only=True):
    """A note is struck; it stays legible, struck through."""

    incident: Name
    note: Annotated[int, msgspec.Meta(ge=1)]
    reason: Reason


class CountLine(_Command, frozen=True, kw_only=True):
    """A line's own counter: how often it rang on a day that is over.

    ``line`` is the line as its calls name it. A later count of the same day corrects the earlier.
    """

    day: Day
    line: Line = ""
    rung: Count


class CompareCounts(_Command, frozen=True, kw_only=True):
    """Lay the counts of a day beside the record's (an alarm gives this, or a call come late)."""

    day: Day


class ExplainDifference(_Command, frozen=True, kw_only=True):
    """Why the count of a line and the record's differ on a day, or why no count came."""

    day: Day
    line: Line = ""
    reason: Reason


class RetireLine(_Command, frozen=True, kw_only=True):
    """A line is used no more; no count of it is waited for. It comes back when it is counted."""

    line: Line = ""
    reason: Reason


COMMANDS: tuple[type[Command], ...] = (
    RingCall, AnswerCall, AbandonCall, EndCall, OpenIncident, BookIncident, OpenBooked,
    CancelBooking, AttachCall, ChangeKind, CorrectPlace, CorrectCallTime, AddNote, StrikeNote,
    CountLine, CompareCounts, ExplainDifference, RetireLine,
)  # fmt: skip


# -- events ----------------------------------------------------------------------------------


class CallEvent(Event, frozen=True, kw_only=True):
    """Something about one call."""

    ids = ("call",)
    call: Open[Name]


class CallRung(CallEvent, frozen=True, kw_only=True):
    """A line rang."""

    said = "Call {call} rang[ on {line}]."
    line: Inside[Line] = ""
    number: Sealed[str] = ""
    medium: Open[Line] = "voice"


class CallAnswered(CallEvent, frozen=True, kw_only=True):
    """A call-taker answered."""

    said = "Call {call} was answered[ at {desk}]."
    line: Inside[Line] = ""
    number: Sealed[str] = ""
    desk: Inside[Line] = ""
    marks: Inside[tuple[Line, ...]] = ()


class CallAbandoned(CallEvent, frozen=True, kw_only=True):
    """The caller hung up before anybody answered."""

    said = "Call {call} was abandoned before the answer."
    call: Open[Name]


class CallEnded(CallEvent, frozen=True, kw_only=True):
    """An answered call ended without an incident."""

    said = "Call {call} ended without an incident: {reason}."
    reason: Inside[Line]


class CallAttached(Event, frozen=True, kw_only=True):
    """A call is about an incident that was known already."""

    said = "Call {call} is about incident {incident} too."
    ids = ("call", "incident")
    call: Open[Name]
    incident: Open[Name]


class IncidentOpened(Event, frozen=True, kw_only=True):
    """An incident was opened. Areas and distance from the road are those found then."""

    said = "Incident {incident} was opened: {kind}, priority {priority}, {address}."
    ids = ("call", "incident")
    incident: Open[Name]
    call: Open[str] = ""
    kind: Open[Name]
    group: Open[Line] = ""
    priority: Open[Name]
    address: Open[Line]
    lon: Open[float | None] = None
    lat: Open[float | None] = None
    door: Sealed[str] = ""
    neighborhood: Open[Line] = ""
    battalion: Open[Line] = ""
    area_class: Open[Line] = ""
    off_road_m: Inside[float | None] = None
    unverified: Inside[Line] = ""
    reference: Open[Line] = ""
    marks: Inside[tuple[Line, ...]] = ()


class IncidentBooked(Event, frozen=True, kw_only=True):
    """An incident was booked for later."""

    said = "Incident {incident} was booked for later: {kind}, {address}."
    ids = ("incident",)
    incident: Open[Name]
    kind: Open[Name]
    priority: Open[Name]
    address: Open[Line]
    lon: Open[float | None] = None
    lat: Open[float | None] = None
    due_us: Open[int]
    unverified: Inside[Line] = ""


class BookingCancelled(Event, frozen=True, kw_only=True):
    """A booking was cancelled before its time."""

    said = "The booking of incident {incident} was cancelled: {reason}."
    ids = ("incident",)
    incident: Open[Name]
    reason: Inside[Line]


class KindChanged(Event, frozen=True, kw_only=True):
    """Kind or priority were changed; what they were is in the earlier events."""

    said = "It is {kind}, priority {priority}, not {was_kind}, priority {was_priority}: {reason}."
    ids = ("incident",)
    incident: Open[Name]
    kind: Open[Name]
    priority: Open[Name]
    was_kind: Open[Name]
    was_priority: Open[Name]
    reason: Inside[Line]


class PlaceCorrected(Event, frozen=True, kw_only=True):
    """The place was corrected; the old one stays in the record."""

    said = "The place is {address}, not {was_address}: {reason}."
    ids = ("incident",)
    incident: Open[Name]
    address: Open[Line]
    was_address: Open[Line]
    lon: Open[float | None] = None
    lat: Open[float | None] = None
    door: Sealed[str] = ""
    neighborhood: Open[Line] = ""
    battalion: Open[Line] = ""
    area_class: Open[Line] = ""
    off_road_m: Inside[float | None] = None
    reason: Inside[Line]


class CallTimeCorrected(Event, frozen=True, kw_only=True):
    """A time was corrected; ``step`` names the event whose time it is."""

    said = "The time of {step} was corrected: {reason}."
    ids = ("call", "incident")
    call: Open[str] = ""
    incident: Open[str] = ""
    step: Open[Name]
    was_us: Open[int]
    now_us: Open[int]
    reason: Inside[Line]


class NoteAdded(Event, frozen=True, kw_only=True):
    """A note was added. Its words lie in the vault."""

    said = "Note {note}: {words}"
    ids = ("incident",)
    incident: Open[Name]
    note: Open[int]
    words: Sealed[str]


class NoteStruck(Event, frozen=True, kw_only=True):
    """A note was struck; it stays legible."""

    said = "Note {note} was struck: {reason}."
    ids = ("incident",)
    incident: Open[Name]
    note: Open[int]
    reason: Inside[Line]


class CountEvent(Event, frozen=True, kw_only=True):
    """Something about the count of one line on one day."""

    ids = ("day",)
    day: Open[Name]
    line: Inside[Line] = ""


class LineCounted(CountEvent, frozen=True, kw_only=True):
    """A line's counter was told.

    The day goes from ``from_us`` to ``until_us`` (UTC); from ``due_us`` on its count is missed.
    """

    said = "On {day} the line[ {line}] rang {rung} times, by its own counter."
    rung: Open[int]
    from_us: Open[int]
    until_us: Open[int]
    due_us: Open[int]


class CountsAgreed(CountEvent, frozen=True, kw_only=True):
    """The line's counter and the record say the same."""

    said = "The counts of {day} agree[ for {line}]: {recorded} calls rang and were recorded."
    recorded: Open[int]


class CountDiffered(CountEvent, frozen=True, kw_only=True):
    """The line's counter and the record do not say the same: a matter for the supervisor."""

    said = "The counts of {day} differ[ for {line}]: {rung} calls rang, {recorded} were recorded."
    rung: Open[int]
    recorded: Open[int]


class CountMissed(CountEvent, frozen=True, kw_only=True):
    """No counter was told in time: a matter for the supervisor."""

    said = "No count of {day} came[ from {line}]; {recorded} calls were recorded."
    recorded: Open[int]


class DifferenceExplained(CountEvent, frozen=True, kw_only=True):
    """Somebody looked into a difference, or into a count that did not come."""

    said = "The difference of {day}[ for {line}] was explained: {reason}."
    reason: Inside[Line]


class DayCompared(Event, frozen=True, kw_only=True):
    """The counts of a day were compared; those of ``next_day`` will be at ``due_us`` (UTC)."""

    said = "The counts of {day} were compared."
    ids = ("day",)
    day: Open[Name]
    from_us: Open[int]
    until_us: Open[int]
    next_day: Open[Name]
    due_us: Open[int]


class LineRetired(Event, frozen=True, kw_only=True):
    """A line is used no more. Its name is for staff, so it names no stream."""

    said = "No count is waited for any more[ from {line}]: {reason}."
    line: Inside[Line] = ""
    reason: Inside[Line]


EVENTS: tuple[type[Event], ...] = (
    CallRung, CallAnswered, CallAbandoned, CallEnded, CallAttached, IncidentOpened,
    IncidentBooked, BookingCancelled, KindChanged, PlaceCorrected, CallTimeCorrected,
    NoteAdded, NoteStruck, LineCounted, CountsAgreed, CountDiffered, CountMissed,
    DifferenceExplained, DayCompared, LineRetired,
)  # fmt: skip


# -- refusals, in the order in which they are checked ----------------------------------------


class NumberTaken(Refusal, frozen=True, kw_only=True):
    """The number given for a call or incident is in use."""

    not_done = "Not recorded: {what} {name}."
    because = "That number is in use."
    instead = "Leave the number out and the next free one is taken."
    what: Open[str]
    name: Open[str]


class UnknownKind(Refusal, frozen=True, kw_only=True):
    """The town has no such kind of incident."""

    not_done = "Not opened: an incident of kind {kind}."
    because = "The town's list of kinds does not have it."
    instead = "Choose one of the list; 'Other' is always there."
    kind: Open[str]


class UnknownPriority(Refusal, frozen=True, kw_only=True):
    """The town has no such priority."""

    not_done = "Not recorded: priority {priority}."
    because = "The town has no such priority."
    instead = "Choose one of: {possible}."
    priority: Open[str]
    possible: Open[str]


class PlaceNeeded(Refusal, frozen=True, kw_only=True):
    """Neither a position nor a reason why there is none."""

    not_done = "Not opened: {address}."
    because = "It has no position and no reason why it has none."
    instead = "Give longitude and latitude, or say why the place is unverified."
    address: Open[str]


class NotLater(Refusal, frozen=True, kw_only=True):
    """A booking for a time that is not in the future."""

    not_done = "Not booked: {address}."
    because = "The time {due} is not in the future."
    instead = "Open the incident now, or give a later time."
    address: Open[str]
    due: Open[str]


class NoSuchNote(Refusal, frozen=True, kw_only=True):
    """The incident has no such note, or it is struck already."""

    not_done = "Not struck: note {note} of incident {incident}."
    because = "The incident has no such note, or it is struck already."
    instead = "Look at the thread for the number of the note."
    incident: Open[str]
    note: Open[int]


class NoSuchTime(Refusal, frozen=True, kw_only=True):
    """The step whose time is to be corrected has not happened."""

    not_done = "Not corrected: the time of {step}."
    because = "{what} has no recorded time of that name."
    instead = "Correct one of: {possible}."
    step: Open[str]
    what: Open[str]
    possible: Open[str]


class NoSuchDay(Refusal, frozen=True, kw_only=True):
    """The day is none of the calendar."""

    not_done = "Not recorded: the count of {day}."
    because = "The calendar has no such day."
    instead = "Write year, month and day, such as 2020-04-02."
    day: Open[str]


class DayNotOver(Refusal, frozen=True, kw_only=True):
    """A count of a day that is not over yet."""

    not_done = "Not recorded: the count of {day}."
    because = "In this town that day ends at {until}."
    instead = "Send the count once the day is over."
    day: Open[str]
    until: Open[str]


class CountKnown(Refusal, frozen=True, kw_only=True):
    """The count is in the record already."""

    not_done = "Not recorded: {rung} calls on {day}."
    because = "That very count is in the record already."
    instead = "Nothing more is needed."
    day: Open[str]
    rung: Open[int]


REFUSALS: tuple[type[Refusal], ...] = (
    NumberTaken, UnknownKind, UnknownPriority, PlaceNeeded, NotLater, NoSuchNote, NoSuchTime,
    NoSuchDay, DayNotOver, CountKnown,
)  # fmt: skip
