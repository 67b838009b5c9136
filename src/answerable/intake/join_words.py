"""The words of joining: a call taken off an incident, incidents linked, an incident split in two.

What touches two incidents is one event in the thread of each, recorded together or not at all, so
that either thread tells the whole story by itself. Merging belongs to dispatch: it ends a response.
"""

from __future__ import annotations

from answerable.intake.words import Lat, Lon
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

# -- commands --------------------------------------------------------------------------------


class _Command(Command, tag=tagged("intake"), frozen=True, kw_only=True):
    """A command of this subject."""


class DetachCall(_Command, frozen=True, kw_only=True):
    """A call is not about the incident it was put to; it waits for its outcome again (I2)."""

    call: Name
    reason: Reason


class LinkIncidents(_Command, frozen=True, kw_only=True):
    """Two incidents have to do with each other; each goes its own way."""

    incident: Name
    other: Name
    reason: Line = ""


class UnlinkIncidents(_Command, frozen=True, kw_only=True):
    """Two linked incidents have nothing to do with each other after all."""

    incident: Name
    other: Name
    reason: Reason


class SplitIncident(_Command, frozen=True, kw_only=True):
    """One of the calls about an incident is about something else, and becomes its own incident.

    What is left out is as it is for the incident the call was about: kind, priority, group, place.
    An address comes with its own position, or with why it has none. ``into`` is the number of the
    new incident where it is given from outside.
    """

    incident: Name
    call: Name
    reason: Reason
    kind: Name | None = None
    priority: Name | None = None
    group: Line | None = None
    address: Line | None = None
    lon: Lon | None = None
    lat: Lat | None = None
    door: Line = ""
    unverified: Line = ""
    into: Name | None = None


COMMANDS: tuple[type[Command], ...] = (
    DetachCall, LinkIncidents, UnlinkIncidents, SplitIncident,
)  # fmt: skip


# -- events ----------------------------------------------------------------------------------


class CallDetached(Event, frozen=True, kw_only=True):
    """A call was taken off an incident; it waits for its outcome again."""

    said = "Call {call} is not about incident {incident}: {reason}."
    ids = ("call", "incident")
    call: Open[Name]
    incident: Open[Name]
    reason: Inside[Line]


class PairEvent(Event, frozen=True, kw_only=True):
    """Something between two incidents, as it stands in the thread of ``incident``."""

    ids = ("incident", "other")
    incident: Open[Name]
    other: Open[Name]


class IncidentsLinked(PairEvent, frozen=True, kw_only=True):
    """Two incidents were linked. The thread of the other has the same with the names exchanged."""

    said = "It has to do with incident {other}[: {reason}]."
    reason: Inside[Line] = ""


class IncidentsUnlinked(PairEvent, frozen=True, kw_only=True):
    """Two incidents are no longer linked; the thread of the other has the same."""

    said = "It has nothing to do with incident {other} after all: {reason}."
    reason: Inside[Line]


class IncidentSplit(Event, frozen=True, kw_only=True):
    """A call about this incident became an incident of its own, ``into``."""

    said = "Call {call} became an incident of its own, {into}: {reason}."
    ids = ("incident", "into", "call")
    incident: Open[Name]
    call: Open[Name]
    into: Open[Name]
    reason: Inside[Line]


class IncidentSplitOff(PairEvent, frozen=True, kw_only=True):
    """This incident began as a part of another one."""

    said = "It was split off incident {other}: {reason}."
    reason: Inside[Line]


EVENTS: tuple[type[Event], ...] = (
    CallDetached, IncidentsLinked, IncidentsUnlinked, IncidentSplit, IncidentSplitOff,
)  # fmt: skip


# -- refusals, in the order in which they are checked ----------------------------------------


class SameIncident(Refusal, frozen=True, kw_only=True):
    """An incident cannot be joined with itself."""

    not_done = "Not done: {command} for incident {incident}."
    because = "Both numbers are the same incident."
    instead = "Give the number of the other one."
    command: Open[str]
    incident: Open[str]


class AlreadyLinked(Refusal, frozen=True, kw_only=True):
    """The two are linked already."""

    not_done = "Not linked: incidents {incident} and {other}."
    because = "They are linked already."
    instead = "Nothing more is needed."
    incident: Open[str]
    other: Open[str]


class NotLinked(Refusal, frozen=True, kw_only=True):
    """The two are not linked."""

    not_done = "Not unlinked: incidents {incident} and {other}."
    because = "They are not linked."
    instead = "Nothing more is needed; look at the thread for what they are linked with."
    incident: Open[str]
    other: Open[str]


class NotItsCall(Refusal, frozen=True, kw_only=True):
    """The call is not one of the calls about this incident."""

    not_done = "Not split: call {call} off incident {incident}."
    because = "That call is[ about incident {about}, and] not about this one."
    instead = "Choose one of the calls about this incident."
    call: Open[str]
    incident: Open[str]
    about: Open[str] = ""


class OnlyCall(Refusal, frozen=True, kw_only=True):
    """The only call about an incident cannot be split off: nothing would be left of it."""

    not_done = "Not split: call {call} off incident {incident}."
    because = "It is the only call about it."
    instead = "Change the kind or correct the place of the incident itself."
    call: Open[str]
    incident: Open[str]


REFUSALS: tuple[type[Refusal], ...] = (
    SameIncident, AlreadyLinked, NotLinked, NotItsCall, OnlyCall,
)  # fmt: skip
