"""The words of referring to another agency, and what comes back.

A *referral* hands a matter down (to a station), across (to another agency) or up (to the municipal
desk). It is sent with a receipt, accepted or declined, returned with a result, and looked at once
more by whoever sent it: nothing that was referred is forgotten because somebody else has it.

``Referred`` holds all that leaves this house, already cut to what the town's rule lets that agency
see (``sees``); whatever carries it has nothing else to carry. A caller's name and number are in no
field of it. What is written for the agency, and what it answers, are Sealed.
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

Lon = Annotated[float, msgspec.Meta(ge=-180, le=180)]
Lat = Annotated[float, msgspec.Meta(ge=-90, le=90)]
Text = Annotated[str, msgspec.Meta(max_length=4000)]
Short = Annotated[str, msgspec.Meta(max_length=64)]
Digest = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$(?!\n)")]
"""SHA-256 of a link's token, in hexadecimals; the token itself is nowhere in the record."""

REFERRALS_MAX = 20_000
"""Referrals that are open at one time in a centre."""


class Why(enum.StrEnum):
    """Why an agency does not take a referral."""

    NOT_OURS = "not ours"
    NOT_ENOUGH = "not enough told"
    NO_MEANS = "nobody free"
    KNOWN = "known already"
    OTHER = "another reason"


class Result(enum.StrEnum):
    """With what an agency gives a referral back. None of them says that the matter is solved."""

    DONE = "done"
    PARTLY = "partly done"
    NOT_FOUND = "nothing found"
    NOT_POSSIBLE = "not possible"
    CLOSED = "closed there"


class Late(enum.StrEnum):
    """What is overdue."""

    ANSWER = "answer"
    RESULT = "result"


# -- commands --------------------------------------------------------------------------------


class _Command(Command, tag=tagged("matters"), frozen=True, kw_only=True):
    """A command of this room."""


class _Refer(_Command, frozen=True, kw_only=True):
    """Something is referred to an agency.

    What is known of it is told as its page shows it; what the agency may not see is left out.
    ``because`` is needed where the rules would send it elsewhere. ``words`` and ``door`` are for
    the agency, and are refused where it may not see them. ``instead_of`` is a referral that was
    declined, which this one settles.
    """

    agency: Name
    kind: Name
    group: Line = ""
    priority: Line = ""
    address: Line = ""
    lon: Lon | None = None
    lat: Lat | None = None
    areas: Annotated[tuple[Line, ...], msgspec.Meta(max_length=8)] = ()
    opened_us: Micros = 0
    outcome: Line = ""
    words: Text = ""
    door: Line = ""
    station: Short = ""
    because: Line = ""
    instead_of: Short = ""


class ReferIncident(_Refer, frozen=True, kw_only=True):
    """An incident is referred."""

    incident: Name


class ReferMatter(_Refer, frozen=True, kw_only=True):
    """A tracked matter, or a problem, is referred; exactly one of the two is named."""

    matter: Short = ""
    problem: Short = ""


class _OnReferral(_Command, frozen=True, kw_only=True):
    """Something about one referral."""

    referral: Name


class LinkReferral(_OnReferral, frozen=True, kw_only=True):
    """A link is made by which the agency sees and answers it; an earlier one ends."""

    digest: Digest


class ReceiveReferral(_OnReferral, frozen=True, kw_only=True):
    """The agency has it: the receipt it gave, over which way."""

    way: Line
    receipt: Line = ""


class FailReferral(_OnReferral, frozen=True, kw_only=True):
    """It could not be brought to the agency."""

    way: Line
    why: Line


class SendReferralAgain(_OnReferral, frozen=True, kw_only=True):
    """What could not be brought is sent once more."""


class AcceptReferral(_OnReferral, frozen=True, kw_only=True):
    """The agency takes it; ``expected_us`` is when it expects to be done, 0 where it said none."""

    way: Line = ""
    expected_us: Micros = 0
    words: Text = ""


class DeclineReferral(_OnReferral, frozen=True, kw_only=True):
    """The agency does not take it."""

    why: Why
    way: Line = ""
    words: Text = ""


class ReturnReferral(_OnReferral, frozen=True, kw_only=True):
    """The agency gives it back with a result."""

    result: Result
    way: Line = ""
    words: Text = ""


class WithdrawReferral(_OnReferral, frozen=True, kw_only=True):
    """Whoever sent it takes it back."""

    reason: Reason


class SettleReferral(_OnReferral, frozen=True, kw_only=True):
    """Somebody here has looked at what came back, and says what follows from it."""

    remark: Reason


class MarkReferralOverdue(_OnReferral, frozen=True, kw_only=True):
    """Its answer or its result did not come in time (an alarm gives this)."""


COMMANDS: tuple[type[Command], ...] = (
    ReferIncident, ReferMatter, LinkReferral, ReceiveReferral, FailReferral, SendReferralAgain,
    AcceptReferral, DeclineReferral, ReturnReferral, WithdrawReferral, SettleReferral,
    MarkReferralOverdue,
)  # fmt: skip


# -- events ----------------------------------------------------------------------------------


class ReferralEvent(Event, frozen=True, kw_only=True):
    """Something about one referral, in the stream of what it is about."""

    ids = ("incident", "matter", "problem", "referral")
    referral: Open[Name]
    incident: Open[Short] = ""
    matter: Open[Short] = ""
    problem: Open[Short] = ""
    agency: Open[Name]


class Referred(ReferralEvent, frozen=True, kw_only=True):
    """It was referred: these fields, and no others, leave for the agency.

    ``rule`` is the town's rule that fired ("" where somebody chose otherwise, ``because``),
    ``passed`` the rules before it, each with what did not fit. Times are UTC microseconds.
    """

    said = "It was referred to {agency} ({referral})[ by the rule {rule}][: {because}]."
    rule: Open[Short] = ""
    direction: Open[Short] = ""
    way: Open[Short] = ""
    station: Open[Short] = ""
    sees: Open[tuple[Short, ...]] = ()
    kind: Open[Line] = ""
    priority: Open[Line] = ""
    address: Open[Line] = ""
    lon: Open[float | None] = None
    lat: Open[float | None] = None
    area: Open[Line] = ""
    opened_us: Open[int] = 0
    outcome: Open[Line] = ""
    door: Sealed[str] = ""
    words: Sealed[str] = ""
    answer_due_us: Open[int] = 0
    due_us: Open[int] = 0
    passed: Inside[tuple[Line, ...]] = ()
    because: Inside[Line] = ""
    instead_of: Open[Short] = ""


class ReferralLinked(ReferralEvent, frozen=True, kw_only=True):
    """A link was made for the agency."""

    said = "A link was made for {agency} to see and answer {referral}."
    digest: Inside[str]


class ReferralReceived(ReferralEvent, frozen=True, kw_only=True):
    """The agency has it."""

    said = "{agency} received {referral}[ over {way}][, receipt {receipt}]."
    way: Open[Line] = ""
    receipt: Open[Line] = ""


class ReferralNotSent(ReferralEvent, frozen=True, kw_only=True):
    """It could not be brought to the agency; somebody here has to act."""

    said = "{referral} could not be brought to {agency}[ over {way}]: {why}."
    way: Open[Line] = ""
    why: Open[Line]


class ReferralSentAgain(ReferralEvent, frozen=True, kw_only=True):
    """It is on its way once more."""

    said = "{referral} was sent to {agency} again."


class ReferralAccepted(ReferralEvent, frozen=True, kw_only=True):
    """The agency takes it."""

    said = "{agency} accepted {referral}.[ {words}]"
    way: Open[Line] = ""
    expected_us: Open[int] = 0
    words: Sealed[str] = ""


class ReferralDeclined(ReferralEvent, frozen=True, kw_only=True):
    """The agency does not take it; it is in the hands of this house again."""

    said = "{agency} declined {referral}: {why}.[ {words}]"
    why: Open[Why]
    way: Open[Line] = ""
    words: Sealed[str] = ""


class ReferralReturned(ReferralEvent, frozen=True, kw_only=True):
    """The agency gave it back with a result, which somebody here looks at."""

    said = "{agency} gave {referral} back: {result}.[ {words}]"
    result: Open[Result]
    way: Open[Line] = ""
    words: Sealed[str] = ""


class ReferralWithdrawn(ReferralEvent, frozen=True, kw_only=True):
    """It was taken back."""

    said = "{referral} to {agency} was withdrawn: {reason}."
    reason: Inside[Line]


class ReferralSettled(ReferralEvent, frozen=True, kw_only=True):
    """What came back was looked at here, and that ends the referral."""

    said = "What came back of {referral} was looked at: {remark}."
    remark: Inside[Line]


class ReferralOverdue(ReferralEvent, frozen=True, kw_only=True):
    """No answer, or no result, came in time."""

    said = "{agency} is overdue with {referral}: no {late} by the time set."
    late: Open[Late]
    due_us: Open[int]


EVENTS: tuple[type[Event], ...] = (
    Referred, ReferralLinked, ReferralReceived, ReferralNotSent, ReferralSentAgain,
    ReferralAccepted, ReferralDeclined, ReferralReturned, ReferralWithdrawn, ReferralSettled,
    ReferralOverdue,
)  # fmt: skip


# -- refusals, in the order in which they are checked ----------------------------------------


class TooManyReferrals(Refusal, frozen=True, kw_only=True):
    """As many referrals are open as a centre follows."""

    not_done = "Not referred to {agency}."
    because = "{most} referrals are open; a centre follows no more."
    instead = "Settle those that came back, or withdraw what is not wanted any more."
    agency: Open[str]
    most: Open[int]


class NothingToRefer(Refusal, frozen=True, kw_only=True):
    """A referral is about exactly one matter or problem."""

    not_done = "Not referred to {agency}."
    because = "It names neither a matter nor a problem, or both."
    instead = "Name the one it is about."
    agency: Open[str]


class NoSuchPartner(Refusal, frozen=True, kw_only=True):
    """The town's rules for referring do not have this agency."""

    not_done = "Not referred to {agency}."
    because = "The town refers nothing to an agency of that name."
    instead = "Choose one of these: {possible}."
    agency: Open[str]
    possible: Open[str]


class WhichStation(Refusal, frozen=True, kw_only=True):
    """What goes down goes to a station, and one that the town has."""

    not_done = "Not referred to {agency}."
    because = "It goes to a station, and the town has no station '{station}'."
    instead = "Name one of the town's stations."
    agency: Open[str]
    station: Open[str]


class MayNotSee(Refusal, frozen=True, kw_only=True):
    """Something was written for the agency that its rule does not let it see."""

    not_done = "Not referred to {agency}."
    because = "The rule does not let it see this: {field}."
    instead = "Leave it empty, or have the town's rule changed first."
    agency: Open[str]
    field: Open[str]


class OtherRule(Refusal, frozen=True, kw_only=True):
    """The rules would send it elsewhere, and nobody said why not."""

    not_done = "Not referred to {agency}."
    because = "The rules send it to {other}."
    instead = "Refer it there, or say why it goes elsewhere."
    agency: Open[str]
    other: Open[str]


class WithThem(Refusal, frozen=True, kw_only=True):
    """The same agency has it already."""

    not_done = "Not referred to {agency}."
    because = "It has it already: {referral}, {state}."
    instead = "Follow that one, or withdraw it first."
    agency: Open[str]
    referral: Open[str]
    state: Open[str]


class NotTheirs(Refusal, frozen=True, kw_only=True):
    """An agency's token answers for that agency only."""

    not_done = "Not done: {command} for {referral}."
    because = "It was not referred to {agency}."
    instead = "Check the number; an agency answers what was referred to it."
    command: Open[str]
    referral: Open[str]
    agency: Open[str]


REFUSALS: tuple[type[Refusal], ...] = (
    TooManyReferrals, NothingToRefer, NoSuchPartner, WhichStation, MayNotSee, OtherRule, WithThem,
    NotTheirs,
)  # fmt: skip
