"""The words of calling back: whoever called is asked, after the response, how it was done.

A *call-back* is that of one call, and has no name but the call's. It is due once the incident is
closed, waits while that is open again, and ends in one of four ways: answered, declined,
unreachable, or barred with the reason. What a caller says in their own words is Sealed and lies in
the incident's stream; the four marks, 1 to 5, are about the service. The number stays in the vault.
"""

from __future__ import annotations

import enum
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
    Words,
    tagged,
)
from answerable.kernel.refusals import Refusal

Mark = Annotated[int, msgspec.Meta(ge=0, le=5)]
"""What a caller thinks of one thing: 1 very bad to 5 very good; 0: not asked, or no answer."""
Way = Literal["phone", "text", "link"]
"""How a caller is asked, or asked to answer."""
Tongue = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$(?!\n)")]
"""The tag of a language: en, zh-CN."""
Token = Annotated[str, msgspec.Meta(max_length=96, pattern=r"^[A-Za-z0-9_\-]*$(?!\n)")]
"""What a single-use token is known again by, a digest of it and never the token."""

QUESTIONS = ("manner", "speed", "result", "overall")
"""What is asked about: how one was spoken with, how soon help came, what it did, all in all."""
UNHAPPY_MAX = 2
"""A caller is unhappy who marks it so, all in all, or worse; or who wants it looked into."""
SENT_APART_US = 3_600_000_000
"""A caller is not sent the questions again within this; a lost text is tried again meanwhile."""


class Outcome(enum.StrEnum):
    """What came of ringing, where no answers came of it."""

    NO_ANSWER = "no answer"
    BUSY = "busy"
    NOT_IN_SERVICE = "not in service"
    WRONG_PERSON = "wrong person"
    REFUSED = "refused to talk"


class Bar(enum.StrEnum):
    """Why a caller is not rung. Each is counted; nobody is left out without one."""

    SENSITIVE = "sensitive kind"
    NO_NUMBER = "no number"
    CHILD = "a child"
    SAFETY = "safety at risk"
    ALARM = "automatic alarm"
    ERASED = "erased"
    NO_INCIDENT = "no incident"
    OTHER = "other"


BY_HAND = (Bar.SAFETY, Bar.CHILD, Bar.ALARM, Bar.OTHER)
"""The reasons that a person gives, and may take back; the others are found by the rules."""


def unhappy(event: CallBackAnswered) -> bool:
    """Say whether something is to be put right: the caller marked it so, or asks for it."""
    return event.wants or 0 < event.overall <= UNHAPPY_MAX


# -- commands --------------------------------------------------------------------------------


class _Command(Command, tag=tagged("followup"), frozen=True, kw_only=True):
    """A command about one call's call-back; ``incident`` is what the call was about."""

    incident: Name
    call: Name


class OpenCallBacks(Command, tag=tagged("followup"), frozen=True, kw_only=True):
    """The incident is over: its callers are to be rung, or barred (a reaction gives this).

    ``call`` where it is about one of them alone. ``into`` is the incident that went on for it,
    where it was merged. One command for all, because one incident may have a thousand callers.
    """

    incident: Name
    call: Line = ""
    into: Line = ""


class HoldCallBacks(Command, tag=tagged("followup"), frozen=True, kw_only=True):
    """It is open again, or not what the call was about (a reaction gives this): nobody is rung."""

    incident: Name
    call: Line = ""


class DropCallBacks(Command, tag=tagged("followup"), frozen=True, kw_only=True):
    """Whoever is still to be rung is barred for a reason that the rules found (a reaction).

    For a sensitive kind only where it, or what it was merged into, is of one.
    """

    incident: Name
    call: Line = ""
    reason: Bar


class BarCallBack(_Command, frozen=True, kw_only=True):
    """Somebody knows why this caller must not be rung; also while the incident is open."""

    reason: Bar
    note: Line = ""


class AllowCallBack(_Command, frozen=True, kw_only=True):
    """What somebody barred by hand may be rung after all."""

    reason: Reason


class TakeCallBack(_Command, frozen=True, kw_only=True):
    """Somebody is about to ring this caller; nobody else does meanwhile."""


class LeaveCallBack(_Command, frozen=True, kw_only=True):
    """Somebody leaves it to the next."""


class TriedCallBack(_Command, frozen=True, kw_only=True):
    """The caller was rung, and no answers came of it.

    By another ``way`` than the telephone nobody rang: the caller wrote that they refuse.
    """

    outcome: Outcome
    way: Way = "phone"


class DeferCallBack(_Command, frozen=True, kw_only=True):
    """The caller is better rung later: not before ``until``."""

    until: Micros


class SpeakCallBack(_Command, frozen=True, kw_only=True):
    """The caller is asked in another language."""

    language: Tongue


class AnswerCallBack(_Command, frozen=True, kw_only=True):
    """What the caller says: four marks, their own words, and whether it is to be put right."""

    manner: Mark = 0
    speed: Mark = 0
    result: Mark = 0
    overall: Mark = 0
    words: Words = ""
    wants: bool = False
    way: Way = "phone"


class TakeBackCallBack(_Command, frozen=True, kw_only=True):
    """What was recorded last of it was a slip: it is due again, or one attempt less."""

    reason: Reason


class SendLink(_Command, frozen=True, kw_only=True):
    """The caller is sent the questions, to answer them by text or on a page."""

    way: Literal["text", "link"]
    token: Token = ""


COMMANDS: tuple[type[Command], ...] = (
    OpenCallBacks, HoldCallBacks, DropCallBacks, BarCallBack, AllowCallBack, TakeCallBack,
    LeaveCallBack, TriedCallBack, DeferCallBack, SpeakCallBack, AnswerCallBack, TakeBackCallBack,
    SendLink,
)  # fmt: skip


# -- events ----------------------------------------------------------------------------------


class BackEvent(Event, frozen=True, kw_only=True):
    """Something about one call's call-back, in the stream of what the call was about."""

    ids = ("incident", "call")
    incident: Open[Name]
    call: Open[Name]


class CallBackDue(BackEvent, frozen=True, kw_only=True):
    """A caller is to be rung on ``day`` of the town, not before ``from_us`` (UTC).

    ``tries`` is how often they were rung before, where the incident was open again meanwhile;
    ``into`` what went on for the incident, where it was merged.
    """

    said = "The caller of {call} is to be asked on {day}."
    day: Open[Name]
    from_us: Open[int]
    kind: Open[Name]
    language: Open[Line] = ""
    tries: Open[int] = 0
    into: Open[str] = ""


class CallBackBarred(BackEvent, frozen=True, kw_only=True):
    """A caller is not rung, for this reason. ``day`` is the town's on which it counts.

    ``into`` is what went on for the incident by then, where it was merged.
    """

    said = "The caller of {call} is not rung: {reason}[ ({note})]."
    reason: Open[Line]
    day: Open[Name]
    kind: Open[Line] = ""
    note: Inside[Line] = ""
    into: Open[str] = ""


class CallBackAllowed(BackEvent, frozen=True, kw_only=True):
    """What was barred by hand is so no more."""

    said = "The caller of {call} may be rung after all: {reason}."
    reason: Inside[Line]


class CallBackHeld(BackEvent, frozen=True, kw_only=True):
    """The caller waits: the incident is open again, or the call is about something else."""

    said = "The caller of {call} is not asked for now: this is open again, or not about the call."


class CallBackTaken(BackEvent, frozen=True, kw_only=True):
    """Whoever the row names is about to ring, until ``until_us`` (UTC)."""

    said = "The caller of {call} is being rung."
    until_us: Open[int]


class CallBackLeft(BackEvent, frozen=True, kw_only=True):
    """Nobody is about to ring any more."""

    said = "The caller of {call} is left to the next."


class CallBackTried(BackEvent, frozen=True, kw_only=True):
    """The caller was rung without answers. ``again_us``: not again before (UTC); 0: never."""

    said = "The caller of {call} was rung, attempt {attempt}: {outcome}."
    attempt: Open[int]
    outcome: Open[Line]
    again_us: Open[int] = 0


class CallBackDeferred(BackEvent, frozen=True, kw_only=True):
    """The caller is not rung before ``until_us`` (UTC)."""

    said = "The caller of {call} is rung later, not before {until_us}."
    until_us: Open[int]


class CallBackSpoken(BackEvent, frozen=True, kw_only=True):
    """The caller is asked in this language."""

    said = "The caller of {call} is asked in {language}."
    language: Open[Line]


class CallBackAnswered(BackEvent, frozen=True, kw_only=True):
    """What the caller said. Marks are 1 to 5, 0 where none was given; the words are sealed."""

    said = (
        "The caller of {call} answered: manner {manner}, speed {speed}, result {result}, "
        "overall {overall}.[ {words}]"
    )
    manner: Open[int] = 0
    speed: Open[int] = 0
    result: Open[int] = 0
    overall: Open[int] = 0
    words: Sealed[str] = ""
    wants: Open[bool] = False
    way: Open[Line] = "phone"
    attempt: Open[int] = 0


class CallBackDeclined(BackEvent, frozen=True, kw_only=True):
    """The caller was reached, or wrote back, and does not want to be asked."""

    said = "The caller of {call} did not want to be asked."
    way: Open[Line] = "phone"


class CallBackUnreachable(BackEvent, frozen=True, kw_only=True):
    """The caller was rung as often as the town says, or the number is none."""

    said = "The caller of {call} could not be reached, {tries} attempts."
    tries: Open[int]


class CallBackTakenBack(BackEvent, frozen=True, kw_only=True):
    """What was recorded of it was a slip; ``what`` names the event, which stays in the record."""

    said = "The call-back of {call} was put back ({what}): {reason}."
    what: Open[Name]
    reason: Inside[Line]


class LinkSent(BackEvent, frozen=True, kw_only=True):
    """The caller was sent the questions, by text or as the address of a page."""

    said = "The caller of {call} was sent the questions: {way}."
    way: Open[Line]
    token: Inside[Line] = ""


EVENTS: tuple[type[Event], ...] = (
    CallBackDue, CallBackBarred, CallBackAllowed, CallBackHeld, CallBackTaken, CallBackLeft,
    CallBackTried, CallBackDeferred, CallBackSpoken, CallBackAnswered, CallBackDeclined,
    CallBackUnreachable, CallBackTakenBack, LinkSent,
)  # fmt: skip


# -- refusals, in the order in which they are checked ----------------------------------------


class OpenAgain(Refusal, frozen=True, kw_only=True):
    """The incident is open: its callers are asked when it is over."""

    not_done = "Not done: {command} for call {call}."
    because = "Incident {incident} is open."
    instead = "Its callers are asked once it is closed."
    command: Open[str]
    call: Open[str]
    incident: Open[str]


class RungByAnother(Refusal, frozen=True, kw_only=True):
    """Somebody else is about to ring this caller."""

    not_done = "Not done: {command} for call {call}."
    because = "Somebody else is ringing this caller, since {since}."
    instead = "Take the next one; this one is free again at {until}."
    command: Open[str]
    call: Open[str]
    since: Open[str]
    until: Open[str]


class NotTheHour(Refusal, frozen=True, kw_only=True):
    """Nobody is rung at this hour."""

    not_done = "Not taken: call {call}."
    because = "In this town callers are rung from {from_time} to {until_time}."
    instead = "Ring this caller at {next_time}, or send the questions."
    call: Open[str]
    from_time: Open[str]
    until_time: Open[str]
    next_time: Open[str]


class NotBefore(Refusal, frozen=True, kw_only=True):
    """The time does not lie ahead, or too far."""

    not_done = "Not put off: call {call}."
    because = "{until} is not within the next {days} days."
    instead = "Give a later time, within that."
    call: Open[str]
    until: Open[str]
    days: Open[int]


class NothingSaid(Refusal, frozen=True, kw_only=True):
    """An answer without any answer."""

    not_done = "Not recorded: the answer of call {call}."
    because = "No question was answered."
    instead = "Choose one mark at least, or record that the caller did not want to talk."
    call: Open[str]


class NotTaken(Refusal, frozen=True, kw_only=True):
    """Whoever has not taken a caller was not shown the number, and has not rung it."""

    not_done = "Not recorded: an attempt to reach the caller of {call}."
    because = "You have not taken this caller, or it was recorded already."
    instead = "Take the caller, ring, and record what comes of it."
    call: Open[str]


class SentLately(Refusal, frozen=True, kw_only=True):
    """Nobody is sent the same questions over and over."""

    not_done = "Not sent: the questions to the caller of {call}."
    because = "They were sent at {since}, and may still be answered."
    instead = "Ring this caller, or send them again at {next_time}."
    call: Open[str]
    since: Open[str]
    next_time: Open[str]


class NotByHand(Refusal, frozen=True, kw_only=True):
    """The reason is one that the rules find, or found."""

    not_done = "Not done: {command} for call {call}."
    because = "The reason '{reason}' is found by the rules and not given by hand."
    instead = "Choose one of: {reasons}."
    command: Open[str]
    call: Open[str]
    reason: Open[str]
    reasons: Open[str]


class UnknownTongue(Refusal, frozen=True, kw_only=True):
    """The town has no script in this language."""

    not_done = "Not changed: the language of call {call}."
    because = "The town has no questions in {language}."
    instead = "Choose one of: {possible}."
    call: Open[str]
    language: Open[str]
    possible: Open[str]


class NothingToTakeBack(Refusal, frozen=True, kw_only=True):
    """Nothing was recorded of it that could be taken back."""

    not_done = "Not put back: call {call}."
    because = "Nothing was recorded of it last that can be taken back."
    instead = "Look at the thread of incident {incident}."
    call: Open[str]
    incident: Open[str]


class AnswerActedOn(Refusal, frozen=True, kw_only=True):
    """An unhappy answer is being put right, so it stands."""

    not_done = "Not put back: call {call}."
    because = "The caller was unhappy, and that is being put right."
    instead = "Say on the page of what is put right that the answer was a slip."
    call: Open[str]


REFUSALS: tuple[type[Refusal], ...] = (
    OpenAgain, RungByAnother, NotTheHour, NotTaken, SentLately, NotBefore, NothingSaid, NotByHand,
    UnknownTongue, NothingToTakeBack, AnswerActedOn,
)  # fmt: skip
