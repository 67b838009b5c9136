"""The words of the line: what it says of a call, and what is done when nobody speaks to us.

A call may be silent, be a text, be hung up, be abandoned and rung back, or be for somebody else.
Claiming a ringing call is ``AnswerCall``: the first has it, the second hears who has it.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from answerable.intake.words import CallEvent
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

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]
"""A text message: what a person wrote, or what is written to them. Sealed wherever it is kept."""
Receipt = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
"""What the other side gives for a call it takes over: its own number, or a name of its desk."""
Tried = Literal["reached", "no answer", "busy", "not in service"]
"""What came of ringing somebody back."""


# -- commands --------------------------------------------------------------------------------


class LineCommand(Command, tag=tagged("intake"), frozen=True, kw_only=True):
    """A command about one call."""

    call: Name


class HangUp(LineCommand, frozen=True, kw_only=True):
    """The line says that the caller hung up: before the answer the call is abandoned by that."""


class MarkSilent(LineCommand, frozen=True, kw_only=True):
    """Nobody speaks on an answered call."""


class TryCallBack(LineCommand, frozen=True, kw_only=True):
    """Somebody who hung up was rung back, with what came of it."""

    outcome: Tried


class TakeText(LineCommand, frozen=True, kw_only=True):
    """The line delivers a text of the caller."""

    words: Text


class TextCaller(LineCommand, frozen=True, kw_only=True):
    """A text is written to the caller; the line sends it."""

    words: Text


class TransferCall(LineCommand, frozen=True, kw_only=True):
    """A call for elsewhere is offered to another agency of the town's list."""

    agency: Name
    reason: Reason


class ConfirmTransfer(LineCommand, frozen=True, kw_only=True):
    """The other side has taken the call over, and gave this receipt."""

    receipt: Receipt


class DeclineTransfer(LineCommand, frozen=True, kw_only=True):
    """The other side does not take it: the call is ours again."""

    reason: Reason


class ReadCall(LineCommand, frozen=True, kw_only=True):
    """Somebody is about to read the number and the texts of a call that has no outcome yet."""


COMMANDS: tuple[type[Command], ...] = (
    HangUp, MarkSilent, TryCallBack, TakeText, TextCaller, TransferCall, ConfirmTransfer,
    DeclineTransfer, ReadCall,
)  # fmt: skip


# -- events ----------------------------------------------------------------------------------


class CallSilent(CallEvent, frozen=True, kw_only=True):
    """Nobody speaks on an answered call."""

    said = "Nobody speaks on call {call}."


class CallHungUp(CallEvent, frozen=True, kw_only=True):
    """The caller hung up after the answer and before an outcome: it stays to be dealt with."""

    said = "The caller of call {call} hung up."


class LineFreed(CallEvent, frozen=True, kw_only=True):
    """The caller of a call that has its incident is off the line."""

    said = "The caller of call {call} is off the line."


class CallBackTried(CallEvent, frozen=True, kw_only=True):
    """A caller was rung back and not reached."""

    said = "Call {call} was rung back, attempt {attempt}: {outcome}."
    attempt: Open[int]
    outcome: Open[Line]


class CallerReached(CallEvent, frozen=True, kw_only=True):
    """A caller was rung back and reached: the call is an answered one from here on."""

    said = "Call {call} was rung back, attempt {attempt}: the caller was reached."
    attempt: Open[int]


class TextTaken(CallEvent, frozen=True, kw_only=True):
    """The caller wrote. The words lie in the vault."""

    said = "The caller of call {call} wrote: {words}"
    words: Sealed[str]


class CallerTexted(CallEvent, frozen=True, kw_only=True):
    """The caller was written to. The words lie in the vault."""

    said = "The caller of call {call} was written to: {words}"
    words: Sealed[str]


class CallTransferOffered(CallEvent, frozen=True, kw_only=True):
    """The call was offered to another agency; it is ours until that confirms it."""

    said = "Call {call} was offered to {agency}: {reason}."
    agency: Open[Name]
    reason: Inside[Line]


class CallTransferred(CallEvent, frozen=True, kw_only=True):
    """The other agency has the call, and gave a receipt for it."""

    said = "Call {call} was taken over by {agency}, receipt {receipt}."
    agency: Open[Name]
    receipt: Inside[Line]


class CallTransferDeclined(CallEvent, frozen=True, kw_only=True):
    """The other agency does not take the call: it is ours again."""

    said = "Call {call} was not taken over by {agency}: {reason}."
    agency: Open[Name]
    reason: Inside[Line]


class CallRead(CallEvent, frozen=True, kw_only=True):
    """Number and texts were shown to whoever the row names; for an hour from then."""

    said = "The number and the texts of call {call} were read."


EVENTS: tuple[type[Event], ...] = (
    CallSilent, CallHungUp, LineFreed, CallBackTried, CallerReached, TextTaken, CallerTexted,
    CallTransferOffered, CallTransferred, CallTransferDeclined, CallRead,
)  # fmt: skip


# -- refusals, in the order in which they are checked ----------------------------------------


class CallTaken(Refusal, frozen=True, kw_only=True):
    """Somebody else was quicker."""

    not_done = "Not claimed: call {call}."
    because = "{by} has had it since {since}."
    instead = "Leave it to them, or claim the next one that rings."
    call: Open[str]
    by: Inside[str]
    since: Open[str]


class NoNumber(Refusal, frozen=True, kw_only=True):
    """Nothing is known by which the caller could be reached."""

    not_done = "Not done: {command} for call {call}."
    because = "The line gave no number for it."
    instead = "Open an incident with what is known, or end the call with the reason."
    command: Open[str]
    call: Open[str]


class UnknownAgency(Refusal, frozen=True, kw_only=True):
    """The town's list of agencies does not have this one."""

    not_done = "Not offered: call {call} to {agency}."
    because = "The town's list of agencies does not have it."
    instead = "Choose one of: {possible}."
    call: Open[str]
    agency: Open[str]
    possible: Open[str]


REFUSALS: tuple[type[Refusal], ...] = (CallTaken, NoNumber, UnknownAgency)
