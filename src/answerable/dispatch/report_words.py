"""The words of field reports: sent back for completion, missing at the end, opening again.

A unit that was at the place owes a *report* where the town says so (``outcomes.toml``): one of the
outcomes that are listed for the kind of incident and for the agency the unit belongs to. Until it
is given the incident cannot be closed. Opening a closed incident again may be asked for; then it
is granted or declined, each with a reason.
"""

from __future__ import annotations

from answerable.dispatch.words import JobEvent
from answerable.kernel.event import Command, Event, Inside, Line, Name, Open, Reason, tagged
from answerable.kernel.refusals import Refusal

REMIND_AGAIN_US = 600_000_000
"""A crew that was reminded is not reminded of its report again before ten minutes have passed."""
OWED = "report"
"""What a step says that a unit owes once it has been at the place; a ``where`` can look at it."""


# -- commands --------------------------------------------------------------------------------


class _Command(Command, tag=tagged("dispatch"), frozen=True, kw_only=True):
    """A command of this room."""


class ReturnReport(_Command, frozen=True, kw_only=True):
    """A report goes back to the crew for completion; ``reason`` says what is missing in it."""

    incident: Name
    unit: Name
    reason: Reason


class RemindReport(_Command, frozen=True, kw_only=True):
    """A unit is reminded of a report that it owes, also once it has cleared."""

    incident: Name
    unit: Name


class AskReopening(_Command, frozen=True, kw_only=True):
    """Somebody asks that a closed incident be taken up again."""

    incident: Name
    reason: Reason


class GrantReopening(_Command, frozen=True, kw_only=True):
    """What was asked for is granted, and the incident is open again."""

    incident: Name
    reason: Reason


class DeclineReopening(_Command, frozen=True, kw_only=True):
    """What was asked for is declined, and the incident stays closed."""

    incident: Name
    reason: Reason


COMMANDS: tuple[type[Command], ...] = (
    ReturnReport, RemindReport, AskReopening, GrantReopening, DeclineReopening,
)  # fmt: skip


# -- events ----------------------------------------------------------------------------------


class ReportReturned(JobEvent, frozen=True, kw_only=True):
    """A report went back for completion: it is owed again."""

    said = "The report of {unit} went back for completion: {reason}."
    reason: Inside[Line]


class ReportReminded(JobEvent, frozen=True, kw_only=True):
    """A unit was reminded of a report that it owes."""

    said = "{unit} was reminded of its report."


class ReopeningEvent(Event, frozen=True, kw_only=True):
    """Something about taking a closed incident up again."""

    ids = ("incident",)
    incident: Open[Name]
    reason: Inside[Line]


class ReopeningAsked(ReopeningEvent, frozen=True, kw_only=True):
    """Somebody asked that a closed incident be taken up again."""

    said = "It was asked that the incident be reopened: {reason}."


class ReopeningGranted(ReopeningEvent, frozen=True, kw_only=True):
    """The asking was granted; the incident is reopened by that."""

    said = "The reopening was granted: {reason}."


class ReopeningDeclined(ReopeningEvent, frozen=True, kw_only=True):
    """The asking was declined; the incident stays closed."""

    said = "The reopening was declined: {reason}."


EVENTS: tuple[type[Event], ...] = (
    ReportReturned, ReportReminded, ReopeningAsked, ReopeningGranted, ReopeningDeclined,
)  # fmt: skip


# -- refusals, in the order in which they are checked ----------------------------------------


class ReportMissing(Refusal, frozen=True, kw_only=True):
    """Units were at the place and have not reported, or their report went back."""

    not_done = "Not closed: incident {incident}."
    because = "A report is missing[: {units} came to the place and gave none][; {returned} got \
theirs back for completion]."
    instead = "Have each of them report, or enter what they say by radio; then close it."
    incident: Open[str]
    units: Open[str] = ""
    returned: Open[str] = ""


class NotTheAgency(Refusal, frozen=True, kw_only=True):
    """The report is given for an agency that the unit does not belong to."""

    not_done = "Not recorded: the report of {unit}."
    because = "It was given for {agency}; {unit} belongs to {belongs}."
    instead = "Leave the agency out, or give the unit's own."
    unit: Open[str]
    agency: Open[str]
    belongs: Open[str]


class OutcomeNotListed(Refusal, frozen=True, kw_only=True):
    """The outcome is none of those that stand in the town's list for this kind and agency."""

    not_done = "Not recorded: the report of {unit}."
    because = "It has no outcome of the list for {kind}[; {given} is none of them]."
    instead = "Choose one of: {possible}."
    unit: Open[str]
    kind: Open[str]
    possible: Open[str]
    given: Open[str] = ""


class NoOutcome(Refusal, frozen=True, kw_only=True):
    """The report says nothing of what came of it."""

    not_done = "Not recorded: the report of {unit}."
    because = "It says nothing of the outcome."
    instead = "Say in one line what came of it."
    unit: Open[str]


class RemindedAlready(Refusal, frozen=True, kw_only=True):
    """The crew was reminded a short while ago."""

    not_done = "Not reminded: {unit} of its report on incident {incident}."
    because = "It was reminded at {since}."
    instead = "Wait until {again}, or call it by radio and enter what it says."
    unit: Open[str]
    incident: Open[str]
    since: Open[str]
    again: Open[str]


REFUSALS: tuple[type[Refusal], ...] = (
    ReportMissing, NotTheAgency, OutcomeNotListed, NoOutcome, RemindedAlready,
)  # fmt: skip
