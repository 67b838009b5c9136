"""The words of putting right: what a caller was unhappy about is looked into, and answered for.

A *put right* is named after its incident (``200930004R17``). It is opened by a call-back, or by
hand; somebody owns it (a unit, a station or the role of a desk: a place to knock, never a league of
persons); a human speaks with the caller; the units give their account; what was done is recorded;
and the caller is rung back again. Who is still unhappy then goes to oversight. The reason is one of
a few words about the service; whatever a caller or a crew says in their own words is Sealed.
"""

from __future__ import annotations

import enum
from typing import Annotated, ClassVar

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
    Words,
    tagged,
)
from answerable.kernel.refusals import Refusal

Said = Annotated[str, msgspec.Meta(min_length=2, max_length=4000)]
"""What somebody says in their own words; never empty."""

HUMAN_US = 24 * 3_600_000_000
"""A human speaks with the caller within this; the clock names the date."""
WORKING_DAYS = 5
"""Working days of the town in which it is to be put right."""
ACCOUNT_DAYS = 2
"""Working days a unit has for its account."""
STILL_UNHAPPY = "the caller is still unhappy"
"""Why it goes to oversight by itself."""
TRIES_AGAIN = 3
"""Attempts to ring back again after which it may end without having reached the caller."""
MISSED_APART_US = 3_600_000_000
"""From one attempt to the next where the record does not say it: those kept before it did."""
ACCOUNTS_MAX = 24
"""Units that are asked about one matter."""


class Why(enum.StrEnum):
    """What a caller was unhappy about: a part of the service, never a person."""

    MANNER = "manner"
    SPEED = "speed"
    RESULT = "result"
    OVERALL = "overall"
    ASKED = "asked for it"
    COMPLAINT = "complaint"


class What(enum.StrEnum):
    """What was done about it."""

    EXPLAINED = "explained"
    APOLOGISED = "apologised"
    DONE_AGAIN = "done again"
    CORRECTED = "record corrected"
    INSTRUCTED = "unit instructed"
    REFERRED = "passed to another agency"
    NOTHING = "nothing could be done"


class Missed(enum.StrEnum):
    """What came of ringing back again, where the caller was not reached."""

    NO_ANSWER = "no answer"
    BUSY = "busy"
    NOT_IN_SERVICE = "not in service"


class Ending(enum.StrEnum):
    """How a put right ends."""

    HAPPY = "the caller is content"
    NOT_REACHED = "the caller was not reached"
    OVERSIGHT = "oversight has found"


class Found(enum.StrEnum):
    """What oversight finds."""

    PUT_RIGHT = "it is put right now"
    NO_FAULT = "no fault of the service"


# -- commands --------------------------------------------------------------------------------


class OpenPutRight(Command, tag=tagged("followup"), frozen=True, kw_only=True):
    """Something is to be put right: a caller says so (a reaction gives this), or somebody for one.

    ``call`` is the call whose caller is spoken with, where there is one.
    """

    incident: Name
    reason: Why
    call: Line = ""


class _Command(Command, tag=tagged("followup"), frozen=True, kw_only=True):
    """A command about one put right; ``incident`` is what it belongs to."""

    incident: Name
    right: Name


class OwnPutRight(_Command, frozen=True, kw_only=True):
    """A unit, a station or the role of a desk answers for it from now on."""

    owner: Name


class SpokeWithCaller(_Command, frozen=True, kw_only=True):
    """A human spoke with the caller; ``words`` is what the caller said."""

    words: Words = ""


class AskAccount(_Command, frozen=True, kw_only=True):
    """A unit is asked how it was."""

    unit: Name


class GiveAccount(_Command, frozen=True, kw_only=True):
    """A unit says how it was: its crew from its phone, or a desk for it."""

    unit: Name
    words: Said


class SeekReopening(_Command, frozen=True, kw_only=True):
    """The matter itself must be done again: dispatch is asked to open the incident again."""

    reason: Reason


class DoPutRight(_Command, frozen=True, kw_only=True):
    """This was done about it; the caller is to be rung back again."""

    what: What
    words: Words = ""


class MissAgain(_Command, frozen=True, kw_only=True):
    """The caller was rung back again, and not reached."""

    outcome: Missed


class RingBackAgain(_Command, frozen=True, kw_only=True):
    """The caller was rung back again and says whether that puts it right.

    Who is content ends it; who is not is looked into by oversight.
    """

    happy: bool
    words: Words = ""


class WithdrawPutRight(_Command, frozen=True, kw_only=True):
    """The caller does not want it looked into any more."""

    reason: Reason


class ClosePutRight(_Command, frozen=True, kw_only=True):
    """It ends without the caller's word, who was rung often enough and not reached."""

    reason: Reason


class JudgePutRight(_Command, frozen=True, kw_only=True):
    """Oversight ends it with what it finds. Whoever had to put it right does not judge that."""

    found: Found
    reason: Reason


class SendToOversight(_Command, frozen=True, kw_only=True):
    """It is for oversight to look into, before the caller was rung back again."""

    reason: Reason


class ReturnFromOversight(_Command, frozen=True, kw_only=True):
    """Oversight says what is still to be done; the days begin anew."""

    reason: Reason


COMMANDS: tuple[type[Command], ...] = (
    OpenPutRight, OwnPutRight, SpokeWithCaller, AskAccount, GiveAccount, SeekReopening,
    DoPutRight, MissAgain, RingBackAgain, WithdrawPutRight, ClosePutRight, SendToOversight,
    ReturnFromOversight, JudgePutRight,
)  # fmt: skip


# -- events ----------------------------------------------------------------------------------


class RightEvent(Event, frozen=True, kw_only=True):
    """Something about one put right, in its incident's stream."""

    ids: ClassVar[tuple[str, ...]] = ("incident", "right")
    incident: Open[Name]
    right: Open[Name]


class PutRightOpened(RightEvent, frozen=True, kw_only=True):
    """Something is to be put right.

    A human speaks with the caller by ``human_due_us``; it is put right by ``due_us``: so many
    working days of the town as its calendar stood then (UTC microseconds).
    """

    said = "To be put right: {reason}[, call {call}]."
    reason: Open[Why]
    due_us: Open[int]
    human_due_us: Open[int]
    call: Open[str] = ""


class PutRightOwned(RightEvent, frozen=True, kw_only=True):
    """Somebody answers for it: a unit, a station, or the role of a desk."""

    said = "{owner} answers for putting it right."
    owner: Open[Name]


class HumanSpoke(RightEvent, frozen=True, kw_only=True):
    """A human spoke with the caller."""

    said = "Somebody spoke with the caller about it.[ {words}]"
    words: Sealed[str] = ""


class AccountAsked(RightEvent, frozen=True, kw_only=True):
    """A unit was asked for its account, by ``due_us`` (UTC microseconds)."""

    ids = ("incident", "right", "unit")
    said = "{unit} was asked for its account."
    unit: Open[Name]
    due_us: Open[int]


class AccountGiven(RightEvent, frozen=True, kw_only=True):
    """A unit gave its account; ``by_desk`` says that a desk wrote it down for the crew."""

    ids = ("incident", "right", "unit")
    said = "{unit} gave its account: {words}"
    unit: Open[Name]
    words: Sealed[str] = ""
    by_desk: Open[bool] = False


class ReopeningSought(RightEvent, frozen=True, kw_only=True):
    """The matter itself must be done again; dispatch is asked to open the incident."""

    said = "Dispatch is asked to open it again: {reason}."
    reason: Inside[Line]


class DonePutRight(RightEvent, frozen=True, kw_only=True):
    """What was done about it; the caller is to be rung back again."""

    said = "Put right: {what}.[ {words}]"
    what: Open[What]
    words: Sealed[str] = ""


class MissedAgain(RightEvent, frozen=True, kw_only=True):
    """The caller was rung back again, and not reached.

    The next attempt counts from ``again_us`` on (UTC microseconds; 0 in older records).
    """

    said = "The caller was rung back again, attempt {attempt}: {outcome}."
    attempt: Open[int]
    outcome: Open[Missed]
    again_us: Open[int] = 0


class RungBackAgain(RightEvent, frozen=True, kw_only=True):
    """The caller was rung back again and said whether that put it right; the next event says so."""

    said = "The caller was rung back again.[ {words}]"
    happy: Open[bool]
    words: Sealed[str] = ""


class PutRightWithdrawn(RightEvent, frozen=True, kw_only=True):
    """The caller does not want it looked into any more."""

    said = "The caller does not want it looked into any more: {reason}."
    reason: Inside[Line]


class SentToOversight(RightEvent, frozen=True, kw_only=True):
    """Oversight looks into it: the caller is still unhappy, or somebody asks for it."""

    said = "Sent to oversight: {reason}."
    reason: Inside[Line]


class ReturnedFromOversight(RightEvent, frozen=True, kw_only=True):
    """Oversight says what is still to be done, by ``due_us`` (UTC microseconds)."""

    said = "Oversight sent it back: {reason}."
    reason: Inside[Line]
    due_us: Open[int]


class PutRightClosed(RightEvent, frozen=True, kw_only=True):
    """It has come to its end."""

    said = "Putting it right has ended: {end}[ {found}][ ({reason})]."
    end: Open[Ending]
    found: Open[Line] = ""
    reason: Inside[Line] = ""


EVENTS: tuple[type[Event], ...] = (
    PutRightOpened, PutRightOwned, HumanSpoke, AccountAsked, AccountGiven, ReopeningSought,
    DonePutRight, MissedAgain, RungBackAgain, PutRightWithdrawn, SentToOversight,
    ReturnedFromOversight, PutRightClosed,
)  # fmt: skip


# -- refusals, in the order in which they are checked ----------------------------------------


class OpenAlready(Refusal, frozen=True, kw_only=True):
    """One caller's matter is put right once at a time."""

    not_done = "Not opened: incident {incident}."
    because = "{right} is being put right for the same caller."
    instead = "Go on with {right}."
    incident: Open[str]
    right: Open[str]


class TheirOwnMatter(Refusal, frozen=True, kw_only=True):
    """Nobody answers for, or ends, what they themselves were complained about."""

    not_done = "Not done: {command} for {right}."
    because = "{what}."
    instead = "Have somebody else do it, who was not there."
    command: Open[str]
    right: Open[str]
    what: Open[str]


class NotAnOwner(Refusal, frozen=True, kw_only=True):
    """An owner is a place to knock at: a unit, a station, the role of a desk."""

    not_done = "Not given: {right} to {owner}."
    because = "This town has no unit, station or desk of that name."
    instead = "Name a unit, a station, or one of these desks: {roles}."
    right: Open[str]
    owner: Open[str]
    roles: Open[str]


class NobodySpoke(Refusal, frozen=True, kw_only=True):
    """What was done is no answer to somebody to whom nobody listened."""

    not_done = "Not recorded: what was done about {right}."
    because = "Nobody has spoken with the caller yet."
    instead = "Ring the caller, and record that; or have it withdrawn with the reason."
    right: Open[str]


class NotToReopen(Refusal, frozen=True, kw_only=True):
    """Dispatch is asked once at a time, and only about what is closed."""

    not_done = "Not asked: dispatch to open incident {incident} again."
    because = "{what}."
    instead = "Look at its thread, and go on with {right}."
    incident: Open[str]
    right: Open[str]
    what: Open[str]


class AskedAlready(Refusal, frozen=True, kw_only=True):
    """A unit gives one account."""

    not_done = "Not asked: {unit} about {right}."
    because = "{what}."
    instead = "Look at its account, or ask another unit."
    right: Open[str]
    unit: Open[str]
    what: Open[str]


class NotAsked(Refusal, frozen=True, kw_only=True):
    """Nobody asked this unit."""

    not_done = "Not taken: the account of {unit} about {right}."
    because = "{what}."
    instead = "Ask {unit} for its account first, or read the one it gave."
    right: Open[str]
    unit: Open[str]
    what: Open[str]


class MissedLately(Refusal, frozen=True, kw_only=True):
    """Three rings within minutes are one attempt: nobody is unreachable because of them."""

    not_done = "Not recorded: that the caller was not reached about {right}."
    because = "They were rung at {since}; another attempt counts from {next_time} on."
    instead = "Ring again then; if the caller is reached before, record the answer."
    right: Open[str]
    since: Open[str]
    next_time: Open[str]


class RingAgainFirst(Refusal, frozen=True, kw_only=True):
    """It does not end without the caller's word before the caller was rung often enough."""

    not_done = "Not ended: {right}."
    because = "The caller was rung back again {tries} times of {tries_max}."
    instead = "Ring the caller again, and record what comes of it."
    right: Open[str]
    tries: Open[int]
    tries_max: Open[int]


class NotWithOversight(Refusal, frozen=True, kw_only=True):
    """Oversight decides on what was sent to it."""

    not_done = "Not done: {command} for {right}."
    because = "It was not sent to oversight."
    instead = "Leave it to whoever answers for it, or send it to oversight with the reason."
    command: Open[str]
    right: Open[str]


REFUSALS: tuple[type[Refusal], ...] = (
    OpenAlready, TheirOwnMatter, NotAnOwner, NobodySpoke, NotToReopen, AskedAlready, NotAsked,
    MissedLately, RingAgainFirst, NotWithOversight,
)  # fmt: skip
