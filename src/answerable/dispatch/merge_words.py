"""The words of merging: two incidents turn out to be one.

The merged one is over, and whoever asks about it is told how the other stands; it keeps its number,
its thread and its calls, so that it can be taken apart again. Each of the two threads has an event.
"""

from __future__ import annotations

from answerable.kernel.event import (
    Command,
    Event,
    Inside,
    Line,
    Name,
    Open,
    Reason,
    tagged,
)
from answerable.kernel.refusals import Refusal

# -- commands --------------------------------------------------------------------------------


class _Command(Command, tag=tagged("dispatch"), frozen=True, kw_only=True):
    """A command of this subject."""


class MergeIncident(_Command, frozen=True, kw_only=True):
    """An incident is the same as ``into``, which goes on for both."""

    incident: Name
    into: Name
    reason: Reason


class UnmergeIncident(_Command, frozen=True, kw_only=True):
    """A merged incident is one of its own after all, and open again."""

    incident: Name
    reason: Reason


COMMANDS: tuple[type[Command], ...] = (MergeIncident, UnmergeIncident)


# -- events ----------------------------------------------------------------------------------


class MergeEvent(Event, frozen=True, kw_only=True):
    """Something about an incident that is, or was, merged."""

    incident: Open[Name]


class TakingOver(Event, frozen=True, kw_only=True):
    """Something about an incident that goes on, or went on, for ``merged``."""

    ids = ("incident", "merged")
    incident: Open[Name]
    merged: Open[Name]
    reason: Inside[Line]


class IncidentMerged(MergeEvent, frozen=True, kw_only=True):
    """An incident was merged into another and is over itself."""

    said = "It is the same as incident {into}, which goes on for both: {reason}."
    ids = ("incident", "into")
    into: Open[Name]
    reason: Inside[Line]


class IncidentTookOver(TakingOver, frozen=True, kw_only=True):
    """This incident goes on for another one too, which was merged into it."""

    said = "Incident {merged} is the same and was merged into this one: {reason}."


class IncidentUnmerged(MergeEvent, frozen=True, kw_only=True):
    """A merged incident is one of its own again; ``out_of`` is what it was merged into."""

    said = "It is an incident of its own again, not the same as {out_of}: {reason}."
    ids = ("incident", "out_of")
    out_of: Open[Name]
    reason: Inside[Line]


class IncidentGaveBack(TakingOver, frozen=True, kw_only=True):
    """This incident no longer goes on for one that had been merged into it."""

    said = "Incident {merged} is not the same as this one after all: {reason}."


EVENTS: tuple[type[Event], ...] = (
    IncidentMerged, IncidentTookOver, IncidentUnmerged, IncidentGaveBack,
)  # fmt: skip


# -- refusals, in the order in which they are checked ----------------------------------------


class MergedIntoItself(Refusal, frozen=True, kw_only=True):
    """An incident cannot be merged into itself."""

    not_done = "Not merged: incident {incident}."
    because = "Both numbers are the same incident."
    instead = "Give the number of the incident that goes on."
    incident: Open[str]


class NothingToMergeInto(Refusal, frozen=True, kw_only=True):
    """The incident that should go on for both is over."""

    not_done = "Not merged: incident {incident}."
    because = "Incident {into} is {state}[, into {beyond}]."
    instead = "Merge it into an open one; reopen {into} first, or link the two."
    incident: Open[str]
    into: Open[str]
    state: Open[str]
    beyond: Open[str] = ""


class UnitsOnMerged(Refusal, frozen=True, kw_only=True):
    """Units are on the incident that would be over."""

    not_done = "Not merged: incident {incident}."
    because = "Still on it: {units}."
    instead = "Exchange, clear or cancel them first, or merge the other one into this one."
    incident: Open[str]
    units: Open[str]


class IncidentIsMerged(Refusal, frozen=True, kw_only=True):
    """Units are sent to the incident that goes on for both."""

    not_done = "Not sent: {unit}."
    because = "Incident {incident} is the same as {into}, which goes on for both."
    instead = "Send it to {into}, or unmerge {incident} first."
    unit: Open[str]
    incident: Open[str]
    into: Open[str]


REFUSALS: tuple[type[Refusal], ...] = (
    MergedIntoItself, NothingToMergeInto, UnitsOnMerged, IncidentIsMerged,
)  # fmt: skip
