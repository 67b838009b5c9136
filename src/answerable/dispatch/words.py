"""The words of dispatch: units, jobs and the end of an incident.

A *job* is one unit on one incident. Each job has its own status (B1, B2): sent, acknowledged, en
route, arrived, transporting, at hospital, then cleared, or cancelled on the way. A job may be
stacked on purpose: it waits until the unit is free (I1).
"""

from __future__ import annotations

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
    Words,
    tagged,
)
from answerable.kernel.refusals import Refusal

Marks = Annotated[tuple[Line, ...], msgspec.Meta(max_length=12)]
Skills = Annotated[tuple[Name, ...], msgspec.Meta(max_length=16)]
Staff = Annotated[int, msgspec.Meta(ge=0, le=99)]
"""How many people are on a unit; 0 where nobody told."""
Proposed = Annotated[tuple[Name, ...], msgspec.Meta(max_length=64)]
"""The units that were recommended when one was sent; none where nobody asked."""


# -- commands --------------------------------------------------------------------------------


class _Command(Command, tag=tagged("dispatch"), frozen=True, kw_only=True):
    """A command of this room."""


class PutOnDuty(_Command, frozen=True, kw_only=True):
    """A unit comes on duty with what it is and where it stands."""

    unit: Name
    unit_type: Name
    station: Line = ""
    skills: Skills = ()
    staff: Staff = 0


class TakeOffDuty(_Command, frozen=True, kw_only=True):
    """A free unit goes off duty."""

    unit: Name


class TakeOutOfService(_Command, frozen=True, kw_only=True):
    """A free unit cannot be sent for now, with the reason, and when it should be ``back``."""

    unit: Name
    reason: Reason
    back: Micros | None = None


class ReturnToService(_Command, frozen=True, kw_only=True):
    """A unit can be sent again."""

    unit: Name


class SendUnit(_Command, frozen=True, kw_only=True):
    """A unit is sent to an incident. ``why`` is given when it was not one of those ``proposed``."""

    incident: Name
    unit: Name
    eta_s: Annotated[float, msgspec.Meta(ge=0, le=86_400)] | None = None
    why: Line = ""
    proposed: Proposed = ()
    marks: Marks = ()


class StackUnit(_Command, frozen=True, kw_only=True):
    """A busy unit gets a further job on purpose; it is sent when the unit is free."""

    incident: Name
    unit: Name
    reason: Reason


class UnstackUnit(_Command, frozen=True, kw_only=True):
    """A stacked job is taken away again."""

    incident: Name
    unit: Name
    reason: Reason


class StepCommand(_Command, frozen=True, kw_only=True):
    """A unit's step on one job."""

    incident: Name
    unit: Name
    marks: Marks = ()


class Acknowledge(StepCommand, frozen=True, kw_only=True):
    """The unit signs for the dispatch."""


class GoEnRoute(StepCommand, frozen=True, kw_only=True):
    """The unit is on its way."""


class Arrive(StepCommand, frozen=True, kw_only=True):
    """The unit is at the place."""


class Transport(StepCommand, frozen=True, kw_only=True):
    """The unit leaves the place for a hospital."""

    hospital: Line = ""


class ReachHospital(StepCommand, frozen=True, kw_only=True):
    """The unit is at the hospital."""


class ReportBack(StepCommand, frozen=True, kw_only=True):
    """The crew's field report: an outcome, and words that are sealed.

    ``code`` is one of the outcomes the town lists for the kind and the agency; where it lists none
    the ``outcome`` stands alone. ``agency`` is the one that reports: the unit's own if not given.
    """

    outcome: Line = ""
    words: Words = ""
    code: Line = ""
    agency: Line = ""


class ClearUnit(StepCommand, frozen=True, kw_only=True):
    """The unit is done with this job."""

    outcome: Line = ""


class CancelUnit(_Command, frozen=True, kw_only=True):
    """The unit is called off on the way."""

    incident: Name
    unit: Name
    reason: Reason
    marks: Marks = ()


class CorrectTime(_Command, frozen=True, kw_only=True):
    """A time of a job was wrong; ``step`` names the event, for example UnitArrived."""

    incident: Name
    unit: Name
    step: Name
    to: Micros
    reason: Reason


class CloseIncident(_Command, frozen=True, kw_only=True):
    """The response is over, with its outcome. Closed is not solved (B16)."""

    incident: Name
    outcome: Reason
    marks: Marks = ()


class ReopenIncident(_Command, frozen=True, kw_only=True):
    """A closed incident is taken up again."""

    incident: Name
    reason: Reason


COMMANDS: tuple[type[Command], ...] = (
    PutOnDuty, TakeOffDuty, TakeOutOfService, ReturnToService, SendUnit, StackUnit, UnstackUnit,
    Acknowledge, GoEnRoute, Arrive, Transport, ReachHospital, ReportBack, ClearUnit, CancelUnit,
    CorrectTime, CloseIncident, ReopenIncident,
)  # fmt: skip


# -- events ----------------------------------------------------------------------------------


class UnitEvent(Event, frozen=True, kw_only=True):
    """Something about a unit, whatever its jobs."""

    ids = ("unit",)
    unit: Open[Name]


class UnitOnDuty(UnitEvent, frozen=True, kw_only=True):
    """A unit came on duty."""

    said = "{unit} ({unit_type}) came on duty[ at station {station}]."
    unit_type: Open[Name]
    station: Open[Line] = ""
    skills: Open[tuple[Name, ...]] = ()
    staff: Inside[int] = 0


class UnitOffDuty(UnitEvent, frozen=True, kw_only=True):
    """A unit went off duty."""

    said = "{unit} went off duty."
    unit: Open[Name]


class UnitOutOfService(UnitEvent, frozen=True, kw_only=True):
    """A unit cannot be sent for now."""

    said = "{unit} is out of service[ until {back_us}]: {reason}."
    reason: Inside[Line]
    back_us: Open[int | None] = None


class UnitInService(UnitEvent, frozen=True, kw_only=True):
    """A unit can be sent again."""

    said = "{unit} is in service again."
    unit: Open[Name]


class JobEvent(Event, frozen=True, kw_only=True):
    """Something about one job: one unit on one incident."""

    ids = ("incident", "unit")
    incident: Open[Name]
    unit: Open[Name]


class UnitSent(JobEvent, frozen=True, kw_only=True):
    """A unit was sent; ``area_class`` and ``unit_type`` are those of that moment."""

    said = "{unit} was sent[, {eta_s} s away][ ({why})]."
    unit_type: Open[Name]
    area_class: Open[Line] = ""
    eta_s: Inside[float | None] = None
    why: Inside[Line] = ""
    proposed: Inside[tuple[Name, ...]] = ()
    marks: Inside[tuple[Line, ...]] = ()


class UnitStacked(JobEvent, frozen=True, kw_only=True):
    """A busy unit was given a further job on purpose."""

    said = "{unit} was stacked on this incident: {reason}."
    reason: Inside[Line]


class UnitUnstacked(JobEvent, frozen=True, kw_only=True):
    """A stacked job was taken away again."""

    said = "{unit} is no longer stacked here: {reason}."
    reason: Inside[Line]


class StepEvent(JobEvent, frozen=True, kw_only=True):
    """A step; ``skipped`` names the steps that were left out before it.

    ``by_desk``: somebody else than the crew entered it, so its time is when the desk heard of it.
    """

    skipped: Open[tuple[str, ...]] = ()
    marks: Inside[tuple[Line, ...]] = ()
    by_desk: Open[bool] = False


class PlaceEvent(StepEvent, frozen=True, kw_only=True):
    """A step of a unit that is or was at the place; ``owes`` is what it owes now: a "report"."""

    owes: Open[Line] = ""


class UnitAcknowledged(StepEvent, frozen=True, kw_only=True):
    """The unit signed for the dispatch."""

    said = "{unit} signed for it."


class UnitEnRoute(StepEvent, frozen=True, kw_only=True):
    """The unit set out."""

    said = "{unit} is en route."


class UnitArrived(PlaceEvent, frozen=True, kw_only=True):
    """The unit arrived at the place."""

    said = "{unit} arrived."


class UnitTransporting(PlaceEvent, frozen=True, kw_only=True):
    """The unit left the place for a hospital."""

    said = "{unit} left for hospital[ {hospital}]."
    hospital: Open[Line] = ""


class UnitAtHospital(PlaceEvent, frozen=True, kw_only=True):
    """The unit arrived at the hospital."""

    said = "{unit} is at the hospital."


class FieldReported(JobEvent, frozen=True, kw_only=True):
    """The crew reported back. Its words lie in the vault."""

    said = "{unit} reported back: {outcome}.[ {words}]"
    outcome: Open[Line]
    words: Sealed[str] = ""
    marks: Inside[tuple[Line, ...]] = ()
    code: Open[Line] = ""
    agency: Open[Line] = ""
    by_desk: Open[bool] = False


class UnitCleared(StepEvent, frozen=True, kw_only=True):
    """The unit is done with the job."""

    said = "{unit} cleared[: {outcome}]."
    outcome: Open[Line] = ""


class UnitCancelled(JobEvent, frozen=True, kw_only=True):
    """The unit was called off before it arrived."""

    said = "{unit} was cancelled on the way: {reason}."
    reason: Inside[Line]
    marks: Inside[tuple[Line, ...]] = ()


class TimeCorrected(JobEvent, frozen=True, kw_only=True):
    """A time of a job was corrected; the old one stays in the record."""

    said = "The time of {step} of {unit} was corrected: {reason}."
    step: Open[Name]
    was_us: Open[int]
    now_us: Open[int]
    reason: Inside[Line]


class IncidentClosed(Event, frozen=True, kw_only=True):
    """The response is over. This says nothing about whether the matter is solved (B16)."""

    said = "The incident was closed: {outcome}."
    ids = ("incident",)
    incident: Open[Name]
    outcome: Open[Line]
    marks: Inside[tuple[Line, ...]] = ()


class IncidentReopened(Event, frozen=True, kw_only=True):
    """The incident was taken up again."""

    said = "The incident was reopened: {reason}."
    ids = ("incident",)
    incident: Open[Name]
    reason: Inside[Line]


EVENTS: tuple[type[Event], ...] = (
    UnitOnDuty, UnitOffDuty, UnitOutOfService, UnitInService, UnitSent, UnitStacked,
    UnitUnstacked, UnitAcknowledged, UnitEnRoute, UnitArrived, UnitTransporting, UnitAtHospital,
    FieldReported, UnitCleared, UnitCancelled, TimeCorrected, IncidentClosed, IncidentReopened,
)  # fmt: skip


# -- refusals, in the order in which they are checked ----------------------------------------


class IncidentIsClosed(Refusal, frozen=True, kw_only=True):
    """The incident is closed."""

    not_done = "Not sent: {unit}."
    because = "Incident {incident} has been closed since {since}."
    instead = "Reopen it first, or open a new one."
    unit: Open[str]
    incident: Open[str]
    since: Open[str]


class UnitNotAvailable(Refusal, frozen=True, kw_only=True):
    """The unit is off duty or out of service."""

    not_done = "Not sent: {unit}."
    because = "It is {duty}[ ({reason})]."
    instead = "Put it in service first, or send another unit."
    unit: Open[str]
    duty: Open[str]
    reason: Inside[str] = ""


class UnitBusy(Refusal, frozen=True, kw_only=True):
    """The unit is on another incident."""

    not_done = "Not sent: {unit}."
    because = "It has been on incident {incident} since {since}."
    instead = "Free it first, stack it on purpose, or send another unit."
    unit: Open[str]
    incident: Open[str]
    since: Open[str]


class UnitFree(Refusal, frozen=True, kw_only=True):
    """Only a busy unit can be stacked."""

    not_done = "Not stacked: {unit}."
    because = "It is free."
    instead = "Send it."
    unit: Open[str]


class UnitOnJob(Refusal, frozen=True, kw_only=True):
    """The unit has a job and so cannot leave."""

    not_done = "Not done: {step} of {unit}."
    because = "It has been on incident {incident} since {since}."
    instead = "Clear or cancel that job first."
    step: Open[str]
    unit: Open[str]
    incident: Open[str]
    since: Open[str]


class UnitsAttached(Refusal, frozen=True, kw_only=True):
    """Units are still on the incident."""

    not_done = "Not closed: incident {incident}."
    because = "Still on it: {units}."
    instead = "Clear or cancel them first."
    incident: Open[str]
    units: Open[str]


class NoSuchStep(Refusal, frozen=True, kw_only=True):
    """The step whose time is to be corrected has not happened."""

    not_done = "Not corrected: the time of {step} of {unit}."
    because = "That step is not in the record of this job."
    instead = "Correct one of: {possible}."
    step: Open[str]
    unit: Open[str]
    possible: Open[str]


REFUSALS: tuple[type[Refusal], ...] = (
    IncidentIsClosed, UnitNotAvailable, UnitBusy, UnitFree, UnitOnJob, UnitsAttached, NoSuchStep,
)  # fmt: skip
