"""The words of specialist support: a unit asks for help that it does not have itself.

A *request* for support (forensics, a drone, an interpreter, a dog, a negotiator, an engineer) is
signed by a role of the grade that its kind asks for, assigned to whoever can do it, begun, and
reported on. The unit that asked says thanks or complains, and that ends it. Each step has a clock:
``due_us`` says until when the next one is waited for. It belongs to an incident, whose stream and
key it shares, and goes on after that incident is closed. What is asked for, found and said of it in
words is Sealed.
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
    Sealed,
    tagged,
)
from answerable.kernel.refusals import Refusal

Number = Annotated[
    str, msgspec.Meta(max_length=76, pattern=r"^[^\x00-\x1f\x7f]{1,64}S[1-9]\d{0,8}$(?!\n)")
]
"""The number of a request: 118S4, the fourth of its centre, made on incident 118."""
Text = Annotated[str, msgspec.Meta(max_length=4000)]

SUPPORT_MAX = 5_000
"""Requests that are open at one time in a centre."""


class CameTo(enum.StrEnum):
    """What came of the help. None of them says that the incident is solved."""

    DONE = "done"
    PARTLY = "partly done"
    NOT_FOUND = "nothing found"
    NOT_POSSIBLE = "not possible"


class Complaint(enum.StrEnum):
    """What a unit complains of: about the help, never about a person."""

    TOO_LATE = "too late"
    NOT_WHAT_WAS_ASKED = "not what was asked for"
    NOT_ENOUGH = "not enough"
    NOT_TOGETHER = "did not work together"
    OTHER = "another reason"


class Step(enum.StrEnum):
    """A step that is waited for, and can be late."""

    APPROVAL = "approval"
    ASSIGNMENT = "assignment"
    ACCEPTANCE = "acceptance"
    BEGINNING = "beginning"
    RESULT = "result"


class ReadFor(enum.StrEnum):
    """What the sealed words of a request are read for, by whoever it is assigned to."""

    GIVING = "giving the support"


# -- commands --------------------------------------------------------------------------------


class _Command(Command, tag=tagged("matters"), frozen=True, kw_only=True):
    """A command of this room."""


class AskSupport(_Command, frozen=True, kw_only=True):
    """A unit asks for help on an incident; ``kind`` is a code of the town's ``support.toml``."""

    incident: Name
    unit: Name
    kind: Name
    words: Text = ""
    urgent: bool = False


class _OnSupport(_Command, frozen=True, kw_only=True):
    """Something about one request."""

    support: Number


class ApproveSupport(_OnSupport, frozen=True, kw_only=True):
    """A role of the grade that the kind asks for approves it. That is their signature."""


class DeclineSupport(_OnSupport, frozen=True, kw_only=True):
    """Whoever would sign does not; that ends it."""

    reason: Reason


class AssignSupport(_OnSupport, frozen=True, kw_only=True):
    """Somebody of the kind's list is to do it: a unit, a station, or an agency's code."""

    to: Name


class AcceptSupport(_OnSupport, frozen=True, kw_only=True):
    """Whoever it is assigned to will do it."""


class RefuseSupport(_OnSupport, frozen=True, kw_only=True):
    """Whoever it is assigned to cannot do it: it is to be assigned again."""

    reason: Reason


class BeginSupport(_OnSupport, frozen=True, kw_only=True):
    """The specialist is at work: on the scene, on the line, in the laboratory."""


class ReadSupport(_OnSupport, frozen=True, kw_only=True):
    """Whoever it is assigned to is about to read what was asked for, in its sealed words."""

    purpose: ReadFor = ReadFor.GIVING


class ReportSupport(_OnSupport, frozen=True, kw_only=True):
    """What came of it."""

    result: CameTo
    words: Text = ""


class ThankSupport(_OnSupport, frozen=True, kw_only=True):
    """The unit that asked says thanks; that ends it."""

    words: Text = ""


class ComplainSupport(_OnSupport, frozen=True, kw_only=True):
    """The unit that asked complains; that ends it, and begins a matter or is told."""

    why: Complaint
    words: Text = ""


class WithdrawSupport(_OnSupport, frozen=True, kw_only=True):
    """The help is not needed any more."""

    reason: Reason


class CloseSupport(_OnSupport, frozen=True, kw_only=True):
    """Nobody said thanks or complained in time (an alarm gives this)."""


class MarkSupportLate(_OnSupport, frozen=True, kw_only=True):
    """The step that is waited for did not come in time (an alarm gives this)."""


COMMANDS: tuple[type[Command], ...] = (
    AskSupport, ApproveSupport, DeclineSupport, AssignSupport, AcceptSupport, RefuseSupport,
    BeginSupport, ReadSupport, ReportSupport, ThankSupport, ComplainSupport, WithdrawSupport,
    CloseSupport, MarkSupportLate,
)  # fmt: skip


# -- events ----------------------------------------------------------------------------------


class SupportEvent(Event, frozen=True, kw_only=True):
    """Something about one request, in the stream of its incident."""

    ids = ("incident", "support")
    incident: Open[Name]
    support: Open[str]


class SupportAsked(SupportEvent, frozen=True, kw_only=True):
    """A unit asked for help. ``grade`` signs it (0: nobody has to), by ``due_us`` (UTC us)."""

    said = "{unit} asked for support ({support}): {support_kind}.[ {words}]"
    unit: Open[Name]
    support_kind: Open[Name]
    urgent: Open[bool] = False
    grade: Open[int] = 0
    words: Sealed[str] = ""
    due_us: Open[int] = 0


class SupportStep(SupportEvent, frozen=True, kw_only=True):
    """A step after which another one is waited for, until ``due_us`` (UTC microseconds)."""

    due_us: Open[int] = 0


class SupportApproved(SupportStep, frozen=True, kw_only=True):
    """It may be given; it is to be assigned by ``due_us``."""

    said = "Support {support} was approved."


class SupportDeclined(SupportEvent, frozen=True, kw_only=True):
    """It was not approved."""

    said = "Support {support} was not approved: {reason}."
    reason: Inside[Line]


class SupportAssigned(SupportStep, frozen=True, kw_only=True):
    """Somebody is to do it, and says by ``due_us`` whether they can."""

    said = "Support {support} was assigned to {to}."
    to: Open[Name]


class SupportAccepted(SupportStep, frozen=True, kw_only=True):
    """They will do it, and begin by ``due_us``."""

    said = "{to} accepted support {support}."
    to: Open[Name]


class SupportRefused(SupportStep, frozen=True, kw_only=True):
    """They cannot do it; it is to be assigned again by ``due_us``."""

    said = "{to} cannot give support {support}: {reason}."
    to: Open[Name]
    reason: Inside[Line]


class SupportBegun(SupportStep, frozen=True, kw_only=True):
    """The specialist is at work; a result is waited for until ``due_us``."""

    said = "{to} began with support {support}."
    to: Open[Name]


class SupportRead(SupportEvent, frozen=True, kw_only=True):
    """Its sealed words were shown to whoever the row names; it counts until ``until_us`` (UTC us).

    ``unit`` is the one they acted for. Of the incident nothing else was opened to them.
    """

    said = "The words of support {support} were read for {unit}: {purpose}."
    unit: Open[str] = ""
    purpose: Inside[ReadFor]
    until_us: Open[int]


class SupportReported(SupportStep, frozen=True, kw_only=True):
    """What came of it; without thanks or a complaint it is closed at ``due_us``."""

    said = "{to} reported on support {support}: {result}.[ {words}]"
    to: Open[Name]
    result: Open[CameTo]
    words: Sealed[str] = ""


class SupportThanked(SupportEvent, frozen=True, kw_only=True):
    """The unit that asked said thanks."""

    said = "{unit} said thanks to {to} for support {support}.[ {words}]"
    unit: Open[Name]
    to: Open[Name]
    words: Sealed[str] = ""


class SupportComplained(SupportEvent, frozen=True, kw_only=True):
    """The unit that asked complained; a matter of ``matter_kind`` is opened of it, if not ""."""

    said = "{unit} complained about support {support} by {to}: {why}.[ {words}]"
    unit: Open[Name]
    to: Open[Name]
    support_kind: Open[Name] = ""
    why: Open[Complaint]
    words: Sealed[str] = ""
    matter_kind: Open[str] = ""
    owner: Open[str] = ""


class SupportWithdrawn(SupportEvent, frozen=True, kw_only=True):
    """The help is not needed any more."""

    said = "Support {support} was withdrawn: {reason}."
    reason: Inside[Line]


class SupportClosed(SupportEvent, frozen=True, kw_only=True):
    """Nobody said thanks or complained within a day."""

    said = "Support {support} was closed: nobody said thanks or complained in time."


class SupportLate(SupportEvent, frozen=True, kw_only=True):
    """A step did not come in time."""

    said = "Support {support} is late: no {step} by the time set."
    step: Open[Step]
    due_us: Open[int] = 0


EVENTS: tuple[type[Event], ...] = (
    SupportAsked, SupportApproved, SupportDeclined, SupportAssigned, SupportAccepted,
    SupportRefused, SupportBegun, SupportRead, SupportReported, SupportThanked,
    SupportComplained, SupportWithdrawn, SupportClosed, SupportLate,
)  # fmt: skip


# -- refusals, in the order in which they are checked ----------------------------------------


class TooManySupport(Refusal, frozen=True, kw_only=True):
    """There is a limit on everything."""

    not_done = "Not asked for: {support_kind} on incident {incident}."
    because = "{most} requests for support are open; a centre follows no more."
    instead = "Report on those that are done, or withdraw what is not needed any more."
    support_kind: Open[str]
    incident: Open[str]
    most: Open[int]


class NoSuchSupportKind(Refusal, frozen=True, kw_only=True):
    """The town's list does not have this kind of help."""

    not_done = "Not asked for: {support_kind} on incident {incident}."
    because = "The town's list has no support of that kind."
    instead = "Choose one of these: {support_kinds}."
    support_kind: Open[str]
    incident: Open[str]
    support_kinds: Open[tuple[str, ...]] = ()


class NotOnIncident(Refusal, frozen=True, kw_only=True):
    """A crew asks where it works."""

    not_done = "Not asked for: {support_kind} on incident {incident}."
    because = "{unit} has no job there."
    instead = "Ask on the incident that the unit is on, or have the desk ask."
    support_kind: Open[str]
    incident: Open[str]
    unit: Open[str]


class BeforeLastStep(Refusal, frozen=True, kw_only=True):
    """A step that is entered late happened after the step before it."""

    not_done = "Not done: {command} for support {support}."
    because = "The step before it was at {since_us}, which is later."
    instead = "Give the time at which it truly happened, after that."
    command: Open[str]
    support: Open[str]
    since_us: Open[int]


class OwnRequest(Refusal, frozen=True, kw_only=True):
    """Nobody approves what they asked for themselves."""

    not_done = "Not approved: support {support}."
    because = "You asked for it yourself; somebody else signs."
    instead = "Ask somebody else who is: {who}."
    support: Open[str]
    who: Open[tuple[str, ...]] = ()


class CannotDoIt(Refusal, frozen=True, kw_only=True):
    """Only those on the kind's list do such work."""

    not_done = "Not assigned: support {support}."
    because = "{to} is not on the town's list of those who can do this: {support_kind}."
    instead = "Choose one of these: {helpers}."
    support: Open[str]
    to: Open[str]
    support_kind: Open[str]
    helpers: Open[tuple[str, ...]] = ()


REFUSALS: tuple[type[Refusal], ...] = (
    TooManySupport, NoSuchSupportKind, NotOnIncident, BeforeLastStep, OwnRequest, CannotDoIt,
)  # fmt: skip
