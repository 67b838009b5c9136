"""The words of tracked matters: whatever must not be forgotten.

A *matter* is opened from an incident, a problem, a complaint, an order or by hand, and belongs to a
role, a unit or a station. Its kind has a statutory term and a shorter service norm. Whoever has it
in hand is the actor of ``MatterTaken``, as everywhere; no event and no state counts or compares
people. What it is about, and every note on it, is Sealed in a stream of its own (``matter:M7``).
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
    Micros,
    Name,
    Open,
    Reason,
    Sealed,
    tagged,
)
from answerable.kernel.refusals import Refusal

Number = Annotated[str, msgspec.Meta(pattern=r"^M[1-9]\d{0,8}$(?!\n)")]
"""The number of a matter: M7."""
Subject = Annotated[str, msgspec.Meta(min_length=2, max_length=2000)]
"""What has to be done, in words."""
Note = Annotated[str, msgspec.Meta(min_length=2, max_length=4000)]
"""What was done or found out."""
Reference = Annotated[str, msgspec.Meta(max_length=48)]
"""The number under which a complaint or an order is filed."""

MATTERS_MAX = 50_000
"""Matters that are open at one time."""
REOPEN_DAYS = 365
"""A closed matter can be opened again for so long."""


class Origin(enum.StrEnum):
    """What a matter was opened from."""

    INCIDENT = "incident"
    PROBLEM = "problem"
    COMPLAINT = "complaint"
    ORDER = "order"
    HAND = "hand"


class OwnerSort(enum.StrEnum):
    """What a matter belongs to: never a person."""

    ROLE = "role"
    UNIT = "unit"
    STATION = "station"


class Way(enum.StrEnum):
    """How an owner is reminded."""

    PAGE = "page"
    MESSAGE = "message"
    TELEPHONE = "telephone"


class Due(enum.StrEnum):
    """What a reminder is about."""

    NORM = "norm"
    TERM = "term"
    ASKED = "asked"


class Rung(enum.StrEnum):
    """What came of ringing an owner."""

    REACHED = "reached"
    NOT_REACHED = "not reached"


# -- commands --------------------------------------------------------------------------------


class _Command(Command, tag=tagged("matters"), frozen=True, kw_only=True):
    """A command of this room."""


class OpenMatter(_Command, frozen=True, kw_only=True):
    """Something must not be forgotten. ``about`` is the number of its incident or problem."""

    kind: Name
    words: Subject
    origin: Origin = Origin.HAND
    about: Annotated[str, msgspec.Meta(max_length=64)] = ""
    reference: Reference = ""
    owner_sort: OwnerSort
    owner: Name


class GiveMatter(_Command, frozen=True, kw_only=True):
    """A matter goes to another owner, with the reason; nobody has it in hand then."""

    matter: Number
    owner_sort: OwnerSort
    owner: Name
    reason: Reason


class TakeMatter(_Command, frozen=True, kw_only=True):
    """Whoever gives this has the matter in hand from now on."""

    matter: Number


class LeaveMatter(_Command, frozen=True, kw_only=True):
    """Whoever has a matter in hand gives it back to its owner."""

    matter: Number


class ProgressMatter(_Command, frozen=True, kw_only=True):
    """A note of what was done or found out."""

    matter: Number
    words: Note


class SuspendMatter(_Command, frozen=True, kw_only=True):
    """Both clocks stand still, with the reason, until a day at the latest."""

    matter: Number
    reason: Reason
    until_us: Micros


class ResumeMatter(_Command, frozen=True, kw_only=True):
    """The clocks run on; an alarm gives this when the day has come."""

    matter: Number


class ExtendMatter(_Command, frozen=True, kw_only=True):
    """The term is extended by what its kind allows, with the reason."""

    matter: Number
    reason: Reason


class RemindMatter(_Command, frozen=True, kw_only=True):
    """Somebody has the owner reminded now."""

    matter: Number
    way: Way


class RemindDue(_Command, frozen=True, kw_only=True):
    """A reminder of the kind's table is due (an alarm gives this)."""

    matter: Number


class NoteMessage(_Command, frozen=True, kw_only=True):
    """A channel carried a reminder, or could not (the channel gives this)."""

    matter: Number
    channel: Name
    carried: bool
    why: Line = ""


class NoteRung(_Command, frozen=True, kw_only=True):
    """The desk rang an owner, as a reminder by telephone asks."""

    matter: Number
    outcome: Rung


class ReadMatter(_Command, frozen=True, kw_only=True):
    """Somebody is about to read the sealed words of a matter."""

    matter: Number


class FinishMatter(_Command, frozen=True, kw_only=True):
    """Its owner says what came of it; it waits for the signature of somebody else."""

    matter: Number
    result: Name
    words: Note


class SignOffMatter(_Command, frozen=True, kw_only=True):
    """Somebody who has not worked on it closes a matter. That is their signature."""

    matter: Number


class SendBackMatter(_Command, frozen=True, kw_only=True):
    """Whoever should sign does not: the matter goes back, with the reason."""

    matter: Number
    reason: Reason


class ReopenMatter(_Command, frozen=True, kw_only=True):
    """A closed matter is opened again, with the reason; its terms begin anew."""

    matter: Number
    reason: Reason


COMMANDS: tuple[type[Command], ...] = (
    OpenMatter, GiveMatter, TakeMatter, LeaveMatter, ProgressMatter, SuspendMatter, ResumeMatter,
    ExtendMatter, RemindMatter, RemindDue, NoteMessage, NoteRung, ReadMatter, FinishMatter,
    SignOffMatter, SendBackMatter, ReopenMatter,
)  # fmt: skip


# -- events ----------------------------------------------------------------------------------


class MatterEvent(Event, frozen=True, kw_only=True):
    """Something about one matter, in a stream of its own."""

    ids = ("matter",)
    matter: Open[str]


class MatterOpened(MatterEvent, frozen=True, kw_only=True):
    """A matter was opened; ``about`` is the number of its incident or problem."""

    said = (
        "Matter {matter} was opened ({origin}[ {about}][, {reference}]): {matter_kind}, "
        "for {owner}. {words}"
    )
    matter_kind: Open[str]
    origin: Open[Origin]
    about: Open[str] = ""
    reference: Inside[str] = ""
    owner_sort: Open[OwnerSort]
    owner: Open[str]
    words: Sealed[str] = ""


class MatterTimed(MatterEvent, frozen=True, kw_only=True):
    """By when a matter has to be done: service norm and statutory term (UTC microseconds).

    It follows whatever sets the clocks: opening, running on, extension, sending back, reopening.
    ``remind_us`` are the reminders to come, each with its way and what it is about.
    """

    said = "Matter {matter} is to be done by {norm_us}, and by law by {term_us}."
    norm_us: Open[int]
    term_us: Open[int]
    remind_us: Open[tuple[int, ...]] = ()
    remind_ways: Open[tuple[Way, ...]] = ()
    remind_of: Open[tuple[Due, ...]] = ()


class MatterGiven(MatterEvent, frozen=True, kw_only=True):
    """A matter belongs to another owner."""

    said = "Matter {matter} was given to {owner}: {reason}."
    owner_sort: Open[OwnerSort]
    owner: Open[str]
    reason: Inside[Line]


class MatterTaken(MatterEvent, frozen=True, kw_only=True):
    """Somebody has a matter in hand."""

    said = "Matter {matter} was taken in hand."


class MatterLeft(MatterEvent, frozen=True, kw_only=True):
    """Nobody has a matter in hand any more."""

    said = "Matter {matter} was given back to its owner."


class MatterProgressed(MatterEvent, frozen=True, kw_only=True):
    """What was done or found out."""

    said = "Progress on matter {matter}: {words}"
    words: Sealed[str]


class MatterSuspended(MatterEvent, frozen=True, kw_only=True):
    """Both clocks stand still."""

    said = "The clocks of matter {matter} stand still until {until_us}: {reason}."
    reason: Inside[Line]
    until_us: Open[int]


class MatterResumed(MatterEvent, frozen=True, kw_only=True):
    """The clocks run on."""

    said = "The clocks of matter {matter} run on."


class MatterExtended(MatterEvent, frozen=True, kw_only=True):
    """The statutory term was extended."""

    said = "The term of matter {matter} was extended by {days} days: {reason}."
    days: Open[int]
    reason: Inside[Line]


class MatterReminded(MatterEvent, frozen=True, kw_only=True):
    """Its owner is reminded, by page, message or telephone."""

    said = "{owner} was reminded of matter {matter} ({way}, {due})."
    owner: Open[str]
    way: Open[Way]
    due: Open[Due]


class MatterMessaged(MatterEvent, frozen=True, kw_only=True):
    """A channel carried the reminder, or could not."""

    said = "The reminder of matter {matter} went out over {channel}[; it was not carried: {why}]."
    channel: Open[str]
    carried: Open[bool]
    why: Inside[Line] = ""


class MatterRung(MatterEvent, frozen=True, kw_only=True):
    """The desk rang its owner."""

    said = "The owner of matter {matter} was rung: {outcome}."
    outcome: Open[Rung]


class MatterRead(MatterEvent, frozen=True, kw_only=True):
    """Somebody read its sealed words; it counts until ``until_us``."""

    said = "The words of matter {matter} were read."
    until_us: Open[int]


class MatterFinished(MatterEvent, frozen=True, kw_only=True):
    """Its owner says what came of it; somebody else has yet to sign, by ``due_us``."""

    said = "Matter {matter} is done, and waits for a second signature: {came_to}. {words}"
    came_to: Open[str]
    words: Sealed[str]
    due_us: Open[int]


class MatterSignedOff(MatterEvent, frozen=True, kw_only=True):
    """A second person signed; the matter is closed."""

    said = "Matter {matter} was signed off and closed."


class MatterSentBack(MatterEvent, frozen=True, kw_only=True):
    """The second person did not sign."""

    said = "Matter {matter} was sent back: {reason}."
    reason: Inside[Line]


class MatterReopened(MatterEvent, frozen=True, kw_only=True):
    """A closed matter is open again."""

    said = "Matter {matter} was opened again: {reason}."
    reason: Inside[Line]


EVENTS: tuple[type[Event], ...] = (
    MatterOpened, MatterTimed, MatterGiven, MatterTaken, MatterLeft, MatterProgressed,
    MatterSuspended, MatterResumed, MatterExtended, MatterReminded, MatterMessaged, MatterRung,
    MatterRead, MatterFinished, MatterSignedOff, MatterSentBack, MatterReopened,
)  # fmt: skip


# -- refusals, in the order in which they are checked ----------------------------------------


class TooManyMatters(Refusal, frozen=True, kw_only=True):
    """There is a limit on everything."""

    not_done = "Not opened: a matter of kind {kind}."
    because = "{most} matters are open; a centre keeps no more."
    instead = "Have those signed off that are done, and open it then."
    kind: Open[str]
    most: Open[int]


class NotNamed(Refusal, frozen=True, kw_only=True):
    """The town's files do not have the kind, the owner or the result that is named."""

    not_done = "Not done: {command}."
    because = "The town has no {what} called {name}."
    instead = "Choose one of: {known}."
    command: Open[str]
    what: Open[str]
    name: Open[str]
    known: Open[tuple[str, ...]] = ()


class AboutWhat(Refusal, frozen=True, kw_only=True):
    """A matter from an incident or a problem names it; any other names none."""

    not_done = "Not opened: a matter of kind {kind}."
    because = "It is said to come from: {origin}, and the number of that does not fit."
    instead = "Give the number of the incident or problem; leave it out for anything else."
    kind: Open[str]
    origin: Open[Origin]


class HeldAlready(Refusal, frozen=True, kw_only=True):
    """Somebody has the matter in hand."""

    not_done = "Not taken: matter {matter}."
    because = "Somebody has it in hand since {since_us}."
    instead = "Have them give it back, or give the matter to an owner anew."
    matter: Open[str]
    since_us: Open[int]


class NotInHand(Refusal, frozen=True, kw_only=True):
    """Only whoever has a matter in hand gives it back."""

    not_done = "Not given back: matter {matter}."
    because = "You do not have it in hand."
    instead = "Give the matter to another owner; that frees it too."
    matter: Open[str]


class NoStandstill(Refusal, frozen=True, kw_only=True):
    """The kind's terms do not stand still."""

    not_done = "Not suspended: matter {matter}."
    because = "The terms of its kind ({kind}) run whatever happens."
    instead = "Extend the term where its kind allows it, or finish the matter."
    matter: Open[str]
    kind: Open[str]


class NotThatDay(Refusal, frozen=True, kw_only=True):
    """The day until which the clocks stand still lies in the past, or too far off."""

    not_done = "Not suspended: matter {matter}."
    because = "The clocks may stand still until a day to come, at most {most} days off."
    instead = "Choose a nearer day; they can be made to stand still again then."
    matter: Open[str]
    most: Open[int]


class NoExtension(Refusal, frozen=True, kw_only=True):
    """The kind's term cannot be extended, or not once more."""

    not_done = "Not extended: matter {matter}."
    because = "A matter of its kind ({kind}) is extended {most} times, and was {times} times."
    instead = "Finish it, or let the clocks stand still where its kind allows it."
    matter: Open[str]
    kind: Open[str]
    most: Open[int]
    times: Open[int]


class NothingToRing(Refusal, frozen=True, kw_only=True):
    """Nobody asked that this owner be rung."""

    not_done = "Not noted: matter {matter}."
    because = "No call to its owner is asked for."
    instead = "Remind by telephone first, or write a note of progress."
    matter: Open[str]


class OwnWork(Refusal, frozen=True, kw_only=True):
    """Nobody signs off what they had in hand or finished themselves."""

    not_done = "Not signed off: matter {matter}."
    because = "You worked on it yourself; two people close a matter."
    instead = "Ask somebody else who is: {who}."
    matter: Open[str]
    who: Open[tuple[str, ...]] = ()


class GradeTooLow(Refusal, frozen=True, kw_only=True):
    """A role of a higher grade signs this."""

    not_done = "Not signed: {what}."
    because = "That is signed by a role of grade {grade}; {role} has grade {yours}."
    instead = "Ask somebody who is: {who}."
    what: Open[str]
    grade: Open[int]
    role: Open[str]
    yours: Open[int]
    who: Open[tuple[str, ...]] = ()


REFUSALS: tuple[type[Refusal], ...] = (
    TooManyMatters, NotNamed, AboutWhat, HeldAlready, NotInHand, NoStandstill, NotThatDay,
    NoExtension, NothingToRing, OwnWork, GradeTooLow,
)  # fmt: skip
