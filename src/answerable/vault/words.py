"""The words of the vault: readings with a purpose, holds, and erasure.

Sealed words are read by somebody, for a purpose, and the reading is an event of the incident. A
*hold* keeps them from being erased while a court or an authority may still want them. What the
town's table of retention says is erased by the service itself; anything earlier, or graver, is
asked for by one person and approved by another. No word of a caller is ever in one of these events.
"""

from __future__ import annotations

import enum
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

SWEEP_MAX = 100
"""Matters that one look at the table finds due; more are found by the next look."""


class Purpose(enum.StrEnum):
    """For what sealed words are read."""

    WORKING = "working the incident"
    CALL_BACK = "call-back"
    COMPLAINT = "complaint"
    QUALITY = "quality review"
    COURT = "court or authority"
    OTHER = "other"


class Grave(enum.StrEnum):
    """What two people may decide together."""

    ERASE = "erase"
    DESTROY = "destroy"


# -- commands --------------------------------------------------------------------------------


class _Command(Command, tag=tagged("vault"), frozen=True, kw_only=True):
    """A command of this room."""


class ReadSealed(_Command, frozen=True, kw_only=True):
    """Somebody is about to read the sealed words of an incident and its calls.

    ``note`` says more of the purpose, as the number of a file; never what is read.
    """

    incident: Name
    purpose: Purpose
    note: Line = ""


class OpenArchived(_Command, frozen=True, kw_only=True):
    """Somebody is about to look at an archived incident."""

    incident: Name
    purpose: Purpose
    note: Line = ""


class HoldIncident(_Command, frozen=True, kw_only=True):
    """Nothing of the incident may be erased until the hold is lifted."""

    incident: Name
    reason: Reason


class LiftHold(_Command, frozen=True, kw_only=True):
    """The hold has served its purpose."""

    incident: Name
    reason: Reason


class AskErasure(_Command, frozen=True, kw_only=True):
    """One person asks that sealed words be erased now, or that all of it be destroyed."""

    incident: Name
    act: Grave = Grave.ERASE
    reason: Reason


class DenyErasure(_Command, frozen=True, kw_only=True):
    """What was asked for is not done."""

    incident: Name
    reason: Reason


class ApproveErasure(_Command, frozen=True, kw_only=True):
    """Another person agrees: it is done now and cannot be taken back."""

    incident: Name


class EraseDue(_Command, frozen=True, kw_only=True):
    """What the table of retention says of one matter is done: erased, archived. Never destroyed."""

    incident: Name | None = None
    call: Name | None = None
    handover: Name | None = None
    matter: Name | None = None
    problem: Name | None = None


class SweepDue(_Command, frozen=True, kw_only=True):
    """The day has come to look what the table of retention says (an alarm gives this)."""


class ConfirmErasures(_Command, frozen=True, kw_only=True):
    """The keys of every erasure up to a position are destroyed (the service gives this)."""

    through: Annotated[int, msgspec.Meta(ge=1)]


COMMANDS: tuple[type[Command], ...] = (
    ReadSealed, OpenArchived, HoldIncident, LiftHold, AskErasure, DenyErasure, ApproveErasure,
    EraseDue, SweepDue, ConfirmErasures,
)  # fmt: skip


# -- events ----------------------------------------------------------------------------------


class IncidentEvent(Event, frozen=True, kw_only=True):
    """Something about the sealed words of one incident."""

    ids = ("incident",)
    incident: Open[Name]


class SealedRead(IncidentEvent, frozen=True, kw_only=True):
    """Sealed words were shown to whoever the row names; for an hour from then."""

    said = "The sealed words were read: {purpose}[ ({note})]."
    purpose: Inside[Purpose]
    note: Inside[Line] = ""


class ArchiveOpened(IncidentEvent, frozen=True, kw_only=True):
    """An archived incident was shown to whoever the row names; for an hour from then."""

    said = "It was looked at in the archive: {purpose}[ ({note})]."
    purpose: Inside[Purpose]
    note: Inside[Line] = ""


class IncidentHeld(IncidentEvent, frozen=True, kw_only=True):
    """Nothing of it may be erased from now on."""

    said = "Held: nothing of it is erased. {reason}."
    reason: Inside[Line]


class HoldLifted(IncidentEvent, frozen=True, kw_only=True):
    """The hold is over."""

    said = "The hold was lifted: {reason}."
    reason: Inside[Line]


class ErasureAsked(IncidentEvent, frozen=True, kw_only=True):
    """Somebody asked for an erasure; it waits for another person."""

    said = "It was asked to {act} this: {reason}."
    act: Open[Grave]
    reason: Inside[Line]


class ErasureDenied(IncidentEvent, frozen=True, kw_only=True):
    """What was asked for is not done."""

    said = "It was not agreed to {act} this: {reason}."
    act: Open[Grave]
    reason: Inside[Line]


class Erased(Event, frozen=True, kw_only=True):
    """The sealed words of a matter are erased: by this event their keys are destroyed.

    ``streams`` are those whose keys it orders to be destroyed. ``asked_by`` is who asked, where two
    people decided; the row names the other one. ``more``: the table has something further for it.
    """

    said = "The sealed words were erased: {because}[; asked by {asked_by}]."
    ids = ("incident", "call", "handover", "matter", "problem")
    incident: Open[str] = ""
    call: Open[str] = ""
    handover: Open[str] = ""
    matter: Open[str] = ""
    problem: Open[str] = ""
    because: Open[Line]
    streams: Inside[tuple[Line, ...]]
    asked_by: Inside[str] = ""
    more: Open[bool] = False


class Archived(IncidentEvent, frozen=True, kw_only=True):
    """It is out of reach of the pages; a supervisor opens it with a purpose."""

    said = "It was archived: {because}."
    because: Open[Line]
    more: Open[bool] = False


class Destroyed(IncidentEvent, frozen=True, kw_only=True):
    """It is out of reach of everybody. What that means is told in the explanation of the vault."""

    said = "It was destroyed: {because}; asked by {asked_by}."
    because: Open[Line]
    asked_by: Inside[str]


class RetentionSwept(Event, frozen=True, kw_only=True):
    """The table of retention was gone through: what was due then. ``next_us``: the next time."""

    said = "The table of retention was gone through: {due} due."
    due: Open[int]
    incidents: Inside[tuple[Name, ...]] = ()
    calls: Inside[tuple[Name, ...]] = ()
    handovers: Inside[tuple[Name, ...]] = ()
    matters: Inside[tuple[Name, ...]] = ()
    problems: Inside[tuple[Name, ...]] = ()
    next_us: Inside[int]


class KeysDestroyed(Event, frozen=True, kw_only=True):
    """The keys that the erasures up to a position ordered destroyed are destroyed."""

    said = "The keys of {erasures} erasures were destroyed."
    erasures: Open[int]
    through: Inside[int]


EVENTS: tuple[type[Event], ...] = (
    SealedRead, ArchiveOpened, IncidentHeld, HoldLifted, ErasureAsked, ErasureDenied, Erased,
    Archived, Destroyed, RetentionSwept, KeysDestroyed,
)  # fmt: skip


# -- refusals, in the order in which they are checked ----------------------------------------


class NoSuchMatter(Refusal, frozen=True, kw_only=True):
    """Neither an incident nor a call was named, or both were."""

    not_done = "Not erased: nothing was named."
    because = "One incident or one call is needed."
    instead = "Name the one or the other."


class OutOfReach(Refusal, frozen=True, kw_only=True):
    """The incident is archived or destroyed."""

    not_done = "Not shown: incident {incident}."
    because = "It is {state}."
    instead = "What is archived a supervisor can open, with a purpose; what is destroyed nobody."
    incident: Open[str]
    state: Open[str]


class NotWorkedOn(Refusal, frozen=True, kw_only=True):
    """A closed incident is not read in the course of the work."""

    not_done = "Not shown: the sealed words of incident {incident}."
    because = "It is closed, so nobody is working it."
    instead = "Say for what else they are read, or reopen the incident."
    incident: Open[str]


class PurposeUnclear(Refusal, frozen=True, kw_only=True):
    """Another purpose, and not a word which."""

    not_done = "Not shown: the sealed words of incident {incident}."
    because = "The purpose 'other' needs a note."
    instead = "Say in a few words what for, without a person's name."
    incident: Open[str]


class OnHold(Refusal, frozen=True, kw_only=True):
    """A hold keeps it from being erased."""

    not_done = "Not done: {step} for incident {incident}."
    because = "It has been held since {since}."
    instead = "Lift the hold first, once whoever wanted it agrees."
    incident: Open[str]
    step: Open[str]
    since: Open[str]


class NothingSealed(Refusal, frozen=True, kw_only=True):
    """There is nothing left that could be erased."""

    not_done = "Not asked: to erase the sealed words of incident {incident}."
    because = "They are erased already."
    instead = "Nothing needs to be done."
    incident: Open[str]


class SamePerson(Refusal, frozen=True, kw_only=True):
    """It takes two people."""

    not_done = "Not approved: what was asked for incident {incident}."
    because = "You asked for it yourself."
    instead = "Ask another person who may approve it."
    incident: Open[str]


class NotDue(Refusal, frozen=True, kw_only=True):
    """The table does not say it yet."""

    not_done = "Not erased: {what}."
    because = "The table of retention does not say so yet."
    instead = "Wait for its day, or have two people decide it: one asks, another approves."
    what: Open[str]


class NothingOrdered(Refusal, frozen=True, kw_only=True):
    """No erasure up to there waits for its keys to be destroyed."""

    not_done = "Not confirmed: the erasures up to position {through}."
    because = "None of them waits for its keys to be destroyed."
    instead = "Nothing needs to be done."
    through: Open[int]


REFUSALS: tuple[type[Refusal], ...] = (
    NoSuchMatter, OutOfReach, NotWorkedOn, PurposeUnclear, OnHold, NothingSealed, SamePerson,
    NotDue, NothingOrdered,
)  # fmt: skip
