"""The words of handing over: sitting down at a desk, offering it, taking it, standing up.

A *desk* is a place in the room and never a person: its name has a number in it. Who sits there is
the actor of the event, as everywhere; no event and no state counts, times or compares people. A
hand-over is signed by both: whoever goes offers it, whoever comes takes it, each under a session of
their own. What the one tells the other is Sealed, in a stream of its own, so that it can be erased
like a caller's words.
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

Desk = Annotated[
    str, msgspec.Meta(min_length=1, max_length=24, pattern=r"^(?=.*\d)\w[\w .\-]*$(?!\n)")
]
"""The name of a place: letters, figures, spaces, dots and hyphens, with at least one figure."""
Words = Annotated[str, msgspec.Meta(max_length=4000)]
"""What one shift tells the next; it may be nothing."""
Session = Annotated[str, msgspec.Meta(max_length=64, pattern=r"^[A-Za-z0-9_\-]*$(?!\n)")]
"""The public name of a session, by which a desk is freed when that session ends; "" for none."""

DESKS_MAX = 200
"""Desks that are taken or offered at one time."""


class Left(enum.StrEnum):
    """How a desk came to be left."""

    STOOD_UP = "stood up"
    SESSION_ENDED = "the session ended"
    FREED = "freed by a supervisor"


# -- commands --------------------------------------------------------------------------------


class _Command(Command, tag=tagged("handover"), frozen=True, kw_only=True):
    """A command of this room."""


class SitDown(_Command, frozen=True, kw_only=True):
    """Somebody begins to work at a desk; ``session`` is theirs."""

    desk: Desk
    session: Session = ""


class StandUp(_Command, frozen=True, kw_only=True):
    """Somebody leaves their desk. What they offered stays to be taken."""

    desk: Desk


class FreeDesk(_Command, frozen=True, kw_only=True):
    """A supervisor frees a desk that somebody left without a word; what was offered ends."""

    desk: Desk
    reason: Reason


class LeaveDesk(_Command, frozen=True, kw_only=True):
    """A session ended, so nobody sits there any more (a reaction gives this)."""

    desk: Desk


class OfferHandOver(_Command, frozen=True, kw_only=True):
    """Whoever sits at a desk hands it over, with words to the next. That is their signature."""

    desk: Desk
    words: Words = ""


class WithdrawHandOver(_Command, frozen=True, kw_only=True):
    """Whoever offered a hand-over stays after all."""

    desk: Desk
    handover: Name


class ReadHandOver(_Command, frozen=True, kw_only=True):
    """Somebody is about to read what was left for the next at a desk."""

    desk: Desk
    handover: Name


class TakeHandOver(_Command, frozen=True, kw_only=True):
    """Somebody takes a desk over, having seen what was offered. That is their signature."""

    desk: Desk
    handover: Name
    session: Session = ""


COMMANDS: tuple[type[Command], ...] = (
    SitDown, StandUp, FreeDesk, LeaveDesk, OfferHandOver, WithdrawHandOver, ReadHandOver,
    TakeHandOver,
)  # fmt: skip


# -- events ----------------------------------------------------------------------------------


class DeskEvent(Event, frozen=True, kw_only=True):
    """Something that happened at a desk."""

    ids = ("desk",)
    desk: Open[str]


class SatDown(DeskEvent, frozen=True, kw_only=True):
    """Somebody began to work at a desk."""

    said = "{desk} was taken."
    session: Inside[str] = ""


class StoodUp(DeskEvent, frozen=True, kw_only=True):
    """Nobody sits at a desk any more."""

    said = "{desk} was left: {left}[, {reason}]."
    left: Open[Left]
    reason: Inside[Line] = ""


class HandOverEvent(Event, frozen=True, kw_only=True):
    """Something about one hand-over, in a stream of its own."""

    ids = ("handover",)
    handover: Open[str]
    desk: Open[str]


class HandOverOffered(HandOverEvent, frozen=True, kw_only=True):
    """A desk was offered to the next; the actor has signed."""

    said = "{desk} was offered for hand-over[: {words}]."
    words: Sealed[str] = ""


class HandOverWithdrawn(HandOverEvent, frozen=True, kw_only=True):
    """What was offered is offered no more."""

    said = "The hand-over of {desk} was withdrawn."


class HandOverRead(HandOverEvent, frozen=True, kw_only=True):
    """Somebody read what was left for the next."""

    said = "What was left for the next at {desk} was read."


class HandOverTaken(HandOverEvent, frozen=True, kw_only=True):
    """A desk was taken over; the actor has signed, and so both have."""

    said = "{desk} was taken over; both have signed."
    session: Inside[str] = ""


EVENTS: tuple[type[Event], ...] = (
    SatDown, StoodUp, HandOverOffered, HandOverWithdrawn, HandOverRead, HandOverTaken,
)  # fmt: skip


# -- refusals, in the order in which they are checked ----------------------------------------


class TooManyDesks(Refusal, frozen=True, kw_only=True):
    """As many desks are in use as a centre has."""

    not_done = "Not taken: {desk}."
    because = "{most} desks are in use; a centre has no more."
    instead = "Have a desk freed that nobody sits at."
    desk: Open[str]
    most: Open[int]


class DeskInUse(Refusal, frozen=True, kw_only=True):
    """Somebody else sits there."""

    not_done = "Not taken: {desk}."
    because = "Somebody has sat there since {since_us}."
    instead = "Take another desk, or have this one handed over."
    desk: Open[str]
    since_us: Open[int]


class SitsThere(Refusal, frozen=True, kw_only=True):
    """One's own desk is taken once."""

    not_done = "Not taken: {desk}."
    because = "You sit there already."
    instead = "Nothing needs to be done."
    desk: Open[str]


class NotYourDesk(Refusal, frozen=True, kw_only=True):
    """Somebody else sits at the desk, or offered it."""

    not_done = "Not done: {command} for {desk}."
    because = "Somebody else sits there."
    instead = "Have them do it at their own desk, or ask a supervisor to free it."
    command: Open[str]
    desk: Open[str]


class OfferedAnew(Refusal, frozen=True, kw_only=True):
    """The hand-over one has read is not the one that is offered now."""

    not_done = "Not done: {command} for {desk}."
    because = "What you have read is not what is offered now."
    instead = "Load the page again, read it, and do it then."
    command: Open[str]
    desk: Open[str]


class OneHand(Refusal, frozen=True, kw_only=True):
    """A hand-over is signed by two people."""

    not_done = "Not taken over: {desk}."
    because = "You offered it yourself; a hand-over is signed by both."
    instead = "Let whoever comes sign with their own name, or withdraw it."
    desk: Open[str]


REFUSALS: tuple[type[Refusal], ...] = (
    TooManyDesks, DeskInUse, SitsThere, NotYourDesk, OfferedAnew, OneHand,
)  # fmt: skip
