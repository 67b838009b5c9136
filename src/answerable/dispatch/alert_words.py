"""The words of alerting: was the crew reached, was it reminded, who is next, who was told.

A unit that is sent is alerted over the channels of its town (``exchange/channels``). Each act of
that is an event here: a channel says that an alert was heard, or that it could not pass it on; a
ringing clock reminds the unit, has the next unit proposed and the supervisor told. An *escalation*
is what a supervisor was told and has not yet acknowledged.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from answerable.dispatch.words import JobEvent
from answerable.kernel.event import Command, Event, Inside, Line, Name, Open, tagged
from answerable.kernel.refusals import Refusal

Ring = Annotated[str, msgspec.Meta(pattern=r"^[0-9:.]{3,64}$(?!\n)", max_length=64)]
"""One ring of one clock: its number, the stage and the position of the event, ``12:804.2.977``."""
Channel = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9_\-]{0,31}$(?!\n)")]
"""The name of an alerting channel: small letters, digits, dash, underscore."""


# -- commands --------------------------------------------------------------------------------


class _Command(Command, tag=tagged("dispatch"), frozen=True, kw_only=True):
    """A command of this room."""


class HearAlert(_Command, frozen=True, kw_only=True):
    """A channel's receipt: the alert about this job reached the crew's device."""

    incident: Name
    unit: Name
    channel: Channel


class MissAlert(_Command, frozen=True, kw_only=True):
    """A channel could not pass the alert about this job on; ``last`` where no other is left.

    ``reminder``: it was a reminder, which goes over every channel of the unit at once.
    """

    incident: Name
    unit: Name
    channel: Channel
    why: Line
    last: bool = False
    reminder: bool = False


class RemindUnit(_Command, frozen=True, kw_only=True):
    """The unit is alerted once more: a clock asks for it, or a person does (``ring`` is "")."""

    incident: Name
    unit: Name
    ring: Ring | None = None


class ProposeNext(_Command, frozen=True, kw_only=True):
    """Whom to send instead of a unit that does not sign; ``unit`` is "" where nobody is free.

    Who computed it names the ring it answers; one ring is answered once.
    """

    incident: Name
    instead_of: Name
    ring: Ring
    unit: Annotated[str, msgspec.Meta(max_length=64)] = ""
    eta_s: Annotated[float, msgspec.Meta(ge=0, le=86_400)] | None = None


class TellSupervisor(_Command, frozen=True, kw_only=True):
    """The supervisor is told: a promise was not kept (``promise``), or ``about`` something else."""

    escalation: Ring
    incident: Annotated[str, msgspec.Meta(max_length=64)] = ""
    call: Annotated[str, msgspec.Meta(max_length=64)] = ""
    unit: Annotated[str, msgspec.Meta(max_length=64)] = ""
    promise: Line = ""
    standard: Line = ""
    limit_s: float = 0.0
    about: Line = ""


class AcknowledgeEscalation(_Command, frozen=True, kw_only=True):
    """A supervisor has taken note of an escalation and says, if they want, what is done.

    It is about all that stands open about the same incident, or ``only`` about this one thing.
    """

    escalation: Ring
    remark: Line = ""
    only: bool = False


COMMANDS: tuple[type[Command], ...] = (
    HearAlert, MissAlert, RemindUnit, ProposeNext, TellSupervisor, AcknowledgeEscalation,
)  # fmt: skip


# -- events ----------------------------------------------------------------------------------


class AlertHeard(JobEvent, frozen=True, kw_only=True):
    """The alert reached the crew's device, as the channel says. It is not a signature."""

    said = "{unit} was reached over {channel}."
    channel: Open[str]


class AlertMissed(JobEvent, frozen=True, kw_only=True):
    """A channel could not pass the alert on; the unit's next channel is tried, if it has one."""

    said = "{unit} was not reached over {channel}: {why}."
    channel: Open[str]
    why: Inside[str]
    last: Open[bool] = False
    reminder: Open[bool] = False


class UnitReminded(JobEvent, frozen=True, kw_only=True):
    """The unit was alerted once more."""

    said = "{unit} was reminded."
    ring: Open[str] = ""


class NextProposed(Event, frozen=True, kw_only=True):
    """Another unit was proposed in place of one that did not sign; "" where nobody was free."""

    said = "Proposed instead of {instead_of}: {unit}[, {eta_s} s away]{nobody}."
    ids = ("incident",)
    incident: Open[Name]
    instead_of: Open[str]
    ring: Open[str]
    unit: Open[str] = ""
    eta_s: Inside[float | None] = None
    nobody: Open[str] = ""


class SupervisorTold(Event, frozen=True, kw_only=True):
    """The supervisor was told; it stands open until one of them acknowledges it."""

    said = (
        "The supervisor was told: [{promise} ({standard}) was not kept within {limit_s} s]"
        "[{about}][, unit {unit}][, call {call}]."
    )
    ids = ("incident", "call")
    incident: Open[str] = ""
    call: Open[str] = ""
    unit: Open[str] = ""
    escalation: Open[str]
    promise: Open[str] = ""
    standard: Open[str] = ""
    limit_s: Open[float] = 0.0
    about: Open[str] = ""


class EscalationAcknowledged(Event, frozen=True, kw_only=True):
    """A supervisor took note."""

    said = "A supervisor took note[ of {unit}][ of call {call}][: {remark}]."
    ids = ("incident", "call")
    incident: Open[str] = ""
    call: Open[str] = ""
    unit: Open[str] = ""
    escalation: Open[str]
    remark: Inside[str] = ""


EVENTS: tuple[type[Event], ...] = (
    AlertHeard, AlertMissed, UnitReminded, NextProposed, SupervisorTold, EscalationAcknowledged,
)  # fmt: skip


# -- refusals, in the order in which they are checked ----------------------------------------


class NotAlerted(Refusal, frozen=True, kw_only=True):
    """The job is not one the crew is alerted about now."""

    not_done = "Not recorded: {step} of {unit} on incident {incident}."
    because = "Its job there is {state}."
    instead = "Nothing needs to be done; nobody waits for it any more."
    step: Open[str]
    unit: Open[str]
    incident: Open[str]
    state: Open[str]


class RingAnswered(Refusal, frozen=True, kw_only=True):
    """The ring asks for no proposal, or has had one."""

    not_done = "Not proposed: {unit} for incident {incident}."
    because = "The ring {ring} asks for no proposal, or has had one."
    instead = "Nothing needs to be done; look at the incident for the proposal that stands."
    unit: Open[str]
    incident: Open[str]
    ring: Open[str]


class AlreadyTold(Refusal, frozen=True, kw_only=True):
    """The supervisor has been told of this very ring."""

    not_done = "Not told again: escalation {escalation}."
    because = "The supervisor was told at {since}; it is {state}."
    instead = "Nothing needs to be done."
    escalation: Open[str]
    since: Open[str]
    state: Open[str]


class AlreadyNoted(Refusal, frozen=True, kw_only=True):
    """Another supervisor was first."""

    not_done = "Not acknowledged: escalation {escalation}."
    because = "It was acknowledged at {since}."
    instead = "Nothing needs to be done; a colleague has it."
    escalation: Open[str]
    since: Open[str]


REFUSALS: tuple[type[Refusal], ...] = (NotAlerted, RingAnswered, AlreadyTold, AlreadyNoted)
