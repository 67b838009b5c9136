"""Refusals: what was not done, because of what, what to do instead.

The same words on the page, in the API (409 with a code) and on the command line (exit 1).
A refusal is returned by ``decide``, never raised.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from answerable.kernel.event import Open, fill, tag_of


class Refusal(msgspec.Struct, frozen=True, kw_only=True):
    """A command that was not carried out. The three sentences are templates over the fields."""

    code: ClassVar[str] = ""
    not_done: ClassVar[str] = ""
    because: ClassVar[str] = ""
    instead: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        """Give every refusal its code, ``room.Class``, unless it states one."""
        if not cls.code:
            cls.code = tag_of(cls)

    def text(self) -> str:
        """Return the whole refusal in plain English."""
        values = {name: getattr(self, name) for name in self.__struct_fields__}
        parts = (self.not_done, self.because, self.instead)
        return " ".join(fill(part, values) for part in parts if part)


class NotAllowed(Refusal, frozen=True, kw_only=True):
    """The actor's role is not given the command."""

    code = "kernel.NotAllowed"
    not_done = "Not done: {command}."
    because = "The role {role} is not given this command."
    instead = "Ask a colleague whose role has it, or an administrator."
    command: Open[str]
    role: Open[str]


class NotYourUnit(Refusal, frozen=True, kw_only=True):
    """The actor's role acts for its own unit only, and this is another."""

    code = "kernel.NotYourUnit"
    not_done = "Not done: {command} for {unit}."
    because = "It is not the unit you act for[; that is {yours}]."
    instead = "Choose your unit first, or ask a dispatcher."
    command: Open[str]
    unit: Open[str]
    yours: Open[str] = ""


class NotYourArea(Refusal, frozen=True, kw_only=True):
    """The incident lies in none of the areas the actor acts in."""

    code = "kernel.NotYourArea"
    not_done = "Not done: {command} for {incident}."
    because = "It lies in {area}; you act in {yours}."
    instead = "Ask whoever acts there, or a supervisor."
    command: Open[str]
    incident: Open[str]
    area: Open[str]
    yours: Open[str]


class KeyReused(Refusal, frozen=True, kw_only=True):
    """An idempotency key came back with another command or another actor."""

    code = "kernel.KeyReused"
    not_done = "Not done: {command}."
    because = "Its key {key} already belongs to another command."
    instead = "Send it again with a new key."
    command: Open[str]
    key: Open[str]


class NotYet(Refusal, frozen=True, kw_only=True):
    """The stated time lies in the future."""

    code = "kernel.NotYet"
    not_done = "Not recorded: {command}."
    because = "It is said to have happened {ahead_s} s from now."
    instead = "Check the time; give one that has passed."
    command: Open[str]
    ahead_s: Open[int]


class TooLongAgo(Refusal, frozen=True, kw_only=True):
    """The stated time lies before anything the centre can have known."""

    code = "kernel.TooLongAgo"
    not_done = "Not recorded: {command}."
    because = "It is said to have happened {days} days ago; late entry reaches {days_max}."
    instead = "Check the date; import old records with 'answerable replay'."
    command: Open[str]
    days: Open[int]
    days_max: Open[int]


class WrongStep(Refusal, frozen=True, kw_only=True):
    """The thing is in a state from which the STEPS table has no such step."""

    code = "kernel.WrongStep"
    not_done = "Not done: {step} for {what}."
    because = "It is {state}."
    instead = "Possible now: {possible}."
    step: Open[str]
    what: Open[str]
    state: Open[str]
    possible: Open[str]


class Unknown(Refusal, frozen=True, kw_only=True):
    """The command names something that is not in the record."""

    code = "kernel.Unknown"
    not_done = "Not done: {command}."
    because = "There is no {what} {name}."
    instead = "Check the number, or look it up on the board."
    command: Open[str]
    what: Open[str]
    name: Open[str]


KERNEL_REFUSALS: tuple[type[Refusal], ...] = (
    NotAllowed, NotYourUnit, NotYourArea, KeyReused, NotYet, TooLongAgo, WrongStep, Unknown,
)  # fmt: skip
"""In the order in which they are checked."""
