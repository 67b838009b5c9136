"""The words of moving units about: exchange, pre-empt, hold, move-up, alarm levels, messages.

Whatever takes a unit off an incident is told twice: by the event that says why
(``UnitsExchanged``, ``UnitPreempted``), and by the ordinary end and beginning of its jobs, which
follow in the same command. So a job is moved by the events of jobs alone (B2), and every clock
stops as it always does.
"""

from __future__ import annotations

import enum
from typing import Annotated

import msgspec

from answerable.dispatch.words import JobEvent, UnitEvent
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

LEVEL_MAX = 9
"""The highest alarm level there is."""
AHEAD_DAYS_MAX = 7
"""How far ahead a hold or a return can be timed at most; later than that is booked anew."""
Level = Annotated[int, msgspec.Meta(ge=1, le=LEVEL_MAX)]
Eta = Annotated[float, msgspec.Meta(ge=0, le=86_400)]
Said = Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]


class Ended(enum.StrEnum):
    """Why a hold or a move-up ended."""

    TIME = "its time was up"
    HAND = "ended by hand"
    FREE = "the unit waited for is free"
    SENT = "a unit was sent"
    CLOSED = "the incident was closed"
    MERGED = "the incident was merged into another"
    RETURNED = "it returned"
    CANCELLED = "it was cancelled"
    LEFT = "it left service"


# -- commands --------------------------------------------------------------------------------


class _Command(Command, tag=tagged("dispatch"), frozen=True, kw_only=True):
    """A command of this room."""


class ExchangeUnits(_Command, frozen=True, kw_only=True):
    """``by`` takes over from ``unit`` on an incident.

    Where ``by`` is on another incident, ``swap_to`` names that one, and the two change places.
    """

    incident: Name
    unit: Name
    by: Name
    swap_to: Name | None = None
    reason: Reason
    eta_s: Eta | None = None


class PreemptUnit(_Command, frozen=True, kw_only=True):
    """A unit is taken from whatever less urgent incident it is on, and sent to this one."""

    incident: Name
    unit: Name
    reason: Reason
    eta_s: Eta | None = None


class HoldIncident(_Command, frozen=True, kw_only=True):
    """An incident without units waits until a time, or until a unit (``awaits``) is free."""

    incident: Name
    until: Micros
    awaits: Name | None = None
    reason: Reason


class EndHold(_Command, frozen=True, kw_only=True):
    """A held incident is taken up again: by hand, by the alarm, by the unit it waited for."""

    incident: Name
    reason: Line = ""


class OrderMoveUp(_Command, frozen=True, kw_only=True):
    """A free unit covers a station that is not its own."""

    unit: Name
    station: Name
    reason: Reason


class EndMoveUp(_Command, frozen=True, kw_only=True):
    """The cover is not needed any more; the unit goes back to its own station."""

    unit: Name


class CancelMoveUp(_Command, frozen=True, kw_only=True):
    """The order was a mistake, or is overtaken."""

    unit: Name
    reason: Reason


class RemindReturn(_Command, frozen=True, kw_only=True):
    """The time at which a unit was to be back has come (an alarm gives this)."""

    unit: Name


class RaiseAlarm(_Command, frozen=True, kw_only=True):
    """The alarm level of an incident rises: the run card asks for more."""

    incident: Name
    level: Level
    reason: Reason


class LowerAlarm(_Command, frozen=True, kw_only=True):
    """The alarm level of an incident falls again; who was sent stays until called off."""

    incident: Name
    level: Level
    reason: Reason


class SendMessage(_Command, frozen=True, kw_only=True):
    """Words to a unit, to a desk, or (neither named) to all who work the incident.

    To a unit the incident may be left out: it is the one the unit is on. The words are sealed, and
    lie under the incident's key.
    """

    words: Said
    incident: Name | None = None
    unit: Name | None = None
    desk: Name | None = None


COMMANDS: tuple[type[Command], ...] = (
    ExchangeUnits, PreemptUnit, HoldIncident, EndHold, OrderMoveUp, EndMoveUp, CancelMoveUp,
    RemindReturn, RaiseAlarm, LowerAlarm, SendMessage,
)  # fmt: skip


# -- events ----------------------------------------------------------------------------------


class UnitsExchanged(JobEvent, frozen=True, kw_only=True):
    """A unit was taken over from; where two changed places, ``swap_to`` is where it went."""

    said = "{by} takes over from {unit}[, which goes to incident {swap_to}]: {reason}."
    by: Open[Name]
    swap_to: Open[str] = ""
    reason: Inside[Line]


class UnitPreempted(JobEvent, frozen=True, kw_only=True):
    """A unit was taken away to a more urgent incident; somebody else is needed here."""

    said = "{unit} was taken away to incident {to}, which is more urgent: {reason}."
    to: Open[Name]
    reason: Inside[Line]


class _Incident(Event, frozen=True, kw_only=True):
    """Something about an incident as a whole."""

    ids = ("incident",)
    incident: Open[Name]


class IncidentOnHold(_Incident, frozen=True, kw_only=True):
    """An incident waits. It occupies nobody, and no clock of it stands still for that."""

    said = "On hold until {until_us}[, or until {awaits} is free]: {reason}."
    until_us: Open[int]
    awaits: Open[str] = ""
    reason: Inside[Line]


class HoldEnded(_Incident, frozen=True, kw_only=True):
    """A held incident is taken up again."""

    said = "No longer on hold, because {because}[: {reason}]."
    because: Open[Ended]
    reason: Inside[Line] = ""


class MoveUpEvent(UnitEvent, frozen=True, kw_only=True):
    """Something about a unit at a station that is not its own."""

    station: Open[Name]


class MoveUpOrdered(MoveUpEvent, frozen=True, kw_only=True):
    """A unit covers a station that is not its own."""

    said = "{unit} covers station {station}: {reason}."
    reason: Inside[Line]


class MoveUpEnded(MoveUpEvent, frozen=True, kw_only=True):
    """A unit covers no other station any more."""

    said = "{unit} no longer covers station {station}, because {because}[: {reason}]."
    because: Open[Ended]
    reason: Inside[Line] = ""


class ReturnOverdue(UnitEvent, frozen=True, kw_only=True):
    """A unit was to be back in service by now, and is not. Nothing changes by itself (B5)."""

    said = "{unit} was to be back in service at {back_us}; it is still out."
    back_us: Open[int]


class AlarmEvent(_Incident, frozen=True, kw_only=True):
    """A change of the alarm level, with the new one."""

    level: Open[int]
    reason: Inside[Line]


class AlarmRaised(AlarmEvent, frozen=True, kw_only=True):
    """The alarm level rose."""

    said = "Alarm level {level}: {reason}."


class AlarmLowered(AlarmEvent, frozen=True, kw_only=True):
    """The alarm level fell."""

    said = "The alarm level was lowered to {level}: {reason}."


class MessageSent(_Incident, frozen=True, kw_only=True):
    """Words to those named; nobody named: to all who work the incident."""

    said = "Message[ to {to_unit}][ to {to_desk}]: {words}"
    to_unit: Inside[str] = ""
    to_desk: Inside[str] = ""
    words: Sealed[str]


EVENTS: tuple[type[Event], ...] = (
    UnitsExchanged, UnitPreempted, IncidentOnHold, HoldEnded, MoveUpOrdered, MoveUpEnded,
    ReturnOverdue, AlarmRaised, AlarmLowered, MessageSent,
)  # fmt: skip


# -- refusals, in the order in which they are checked ----------------------------------------


class ReasonNeeded(Refusal, frozen=True, kw_only=True):
    """The unit is not among those recommended, and nobody said why."""

    not_done = "Not sent: {unit}."
    because = "It is not among those recommended for incident {incident}: {proposed}."
    instead = "Say why it is this one, or send one of those."
    unit: Open[str]
    incident: Open[str]
    proposed: Open[str]


class NothingToPreempt(Refusal, frozen=True, kw_only=True):
    """Only a unit that is on an incident can be taken from it."""

    not_done = "Not taken away: {unit}."
    because = "It is on no incident."
    instead = "Send it."
    unit: Open[str]


class NotMoreUrgent(Refusal, frozen=True, kw_only=True):
    """The incident that wants the unit is not more urgent than the one that has it."""

    not_done = "Not taken away: {unit}."
    because = (
        "Incident {incident} (priority {priority}) is not more urgent than {other} "
        "(priority {other_priority})."
    )
    instead = "Exchange it for another unit, call it off with a reason, or change the priority."
    unit: Open[str]
    incident: Open[str]
    priority: Open[str]
    other: Open[str]
    other_priority: Open[str]


class StillOnIt(Refusal, frozen=True, kw_only=True):
    """An incident that has units cannot wait."""

    not_done = "Not held: incident {incident}."
    because = "On it or stacked on it: {units}."
    instead = "Clear or call them off first, or let them finish."
    incident: Open[str]
    units: Open[str]


class AlreadyFree(Refusal, frozen=True, kw_only=True):
    """The unit that the incident would wait for is free."""

    not_done = "Not held: incident {incident}."
    because = "{unit}, which it would wait for, is free."
    instead = "Send it, or hold the incident until a time only."
    incident: Open[str]
    unit: Open[str]


class TimePassed(Refusal, frozen=True, kw_only=True):
    """The time given has passed already."""

    not_done = "Not done: {command} until {until}."
    because = "That time has passed."
    instead = "Give a later one."
    command: Open[str]
    until: Open[str]


class TooFarAhead(Refusal, frozen=True, kw_only=True):
    """The time given is so far ahead that nobody would remember."""

    not_done = "Not done: {command} until {until}."
    because = "That is {days} days ahead; it must be less than {days_max}."
    instead = "Give an earlier time, or book an incident for later."
    command: Open[str]
    until: Open[str]
    days: Open[int]
    days_max: Open[int]


class NoMoveUp(Refusal, frozen=True, kw_only=True):
    """The unit cannot cover another station now."""

    not_done = "Not moved up: {unit}."
    because = "It is {duty}[ ({reason})]."
    instead = "Put it in service first, or move another unit."
    unit: Open[str]
    duty: Open[str]
    reason: Inside[str] = ""


class NoSuchStation(Refusal, frozen=True, kw_only=True):
    """No such station, or the unit's own."""

    not_done = "Not moved up: {unit}."
    because = "{station} is its own station, or none of this town."
    instead = "Choose one of the other stations: {possible}."
    unit: Open[str]
    station: Open[str]
    possible: Open[str]


class NotThatLevel(Refusal, frozen=True, kw_only=True):
    """An alarm is raised to a higher level and lowered to a lower one."""

    not_done = "Not done: {command} to {level} for incident {incident}."
    because = "It stands at {now}."
    instead = "Raise it to a higher level, or lower it to a lower one."
    command: Open[str]
    incident: Open[str]
    level: Open[int]
    now: Open[int]


class AboutNothing(Refusal, frozen=True, kw_only=True):
    """A message belongs to an incident: its words are erased with that incident's."""

    not_done = "Not sent: the message."
    because = "It names no incident[, and {unit} is on none]."
    instead = "Name the incident it is about, or tell them by radio."
    unit: Open[str] = ""


REFUSALS: tuple[type[Refusal], ...] = (
    ReasonNeeded, NothingToPreempt, NotMoreUrgent, StillOnIt, TimePassed, TooFarAhead,
    AlreadyFree, NoMoveUp, NoSuchStation, NotThatLevel, AboutNothing,
)  # fmt: skip
