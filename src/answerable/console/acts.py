"""What a person may do next: forms made from the rooms' STEPS tables and the table of rights.

A button is there because a STEPS table has a step from the present state, its command is in the
role's rights, and this table says which command asks for that step and what to call it. The fields
of a form are the fields of the command.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin

import msgspec

from answerable.console.language import Language, _
from answerable.dispatch import merge_words as merge
from answerable.dispatch import move_words as moving
from answerable.dispatch import report_words as report
from answerable.dispatch import words as dispatch
from answerable.intake import join_words as join
from answerable.intake import words as intake
from answerable.kernel.authority import Authority
from answerable.kernel.event import Command, Event
from answerable.kernel.steps import Steps
from answerable.towns.model import Town
from answerable.vault import words as vault

ASKED_BY: dict[type[Event], tuple[type[Command], str]] = {
    dispatch.UnitAcknowledged: (dispatch.Acknowledge, _("Signed for")),
    dispatch.UnitEnRoute: (dispatch.GoEnRoute, _("En route")),
    dispatch.UnitArrived: (dispatch.Arrive, _("Arrived")),
    dispatch.UnitTransporting: (dispatch.Transport, _("To hospital")),
    dispatch.UnitAtHospital: (dispatch.ReachHospital, _("At hospital")),
    dispatch.FieldReported: (dispatch.ReportBack, _("Report")),
    dispatch.UnitCleared: (dispatch.ClearUnit, _("Clear")),
    dispatch.UnitCancelled: (dispatch.CancelUnit, _("Cancel")),
    dispatch.UnitUnstacked: (dispatch.UnstackUnit, _("Unstack")),
    dispatch.UnitSent: (dispatch.SendUnit, _("Send")),
    dispatch.UnitStacked: (dispatch.StackUnit, _("Stack")),
    dispatch.UnitOutOfService: (dispatch.TakeOutOfService, _("Out of service")),
    dispatch.UnitInService: (dispatch.ReturnToService, _("Back in service")),
    dispatch.UnitOnDuty: (dispatch.PutOnDuty, _("On duty")),
    dispatch.UnitOffDuty: (dispatch.TakeOffDuty, _("Off duty")),
    dispatch.IncidentClosed: (dispatch.CloseIncident, _("Close")),
    dispatch.IncidentReopened: (dispatch.ReopenIncident, _("Reopen")),
    report.ReportReturned: (report.ReturnReport, _("Send the report back")),
    report.ReportReminded: (report.RemindReport, _("Remind of the report")),
    report.ReopeningAsked: (report.AskReopening, _("Ask to reopen it")),
    report.ReopeningGranted: (report.GrantReopening, _("Grant the reopening")),
    report.ReopeningDeclined: (report.DeclineReopening, _("Decline the reopening")),
    moving.UnitsExchanged: (moving.ExchangeUnits, _("Exchange")),
    moving.UnitPreempted: (moving.PreemptUnit, _("Take away")),
    moving.IncidentOnHold: (moving.HoldIncident, _("Put on hold")),
    moving.HoldEnded: (moving.EndHold, _("End the hold")),
    moving.MoveUpOrdered: (moving.OrderMoveUp, _("Move up")),
    moving.MoveUpEnded: (moving.EndMoveUp, _("Back to its own station")),
    moving.AlarmRaised: (moving.RaiseAlarm, _("Raise the alarm")),
    moving.AlarmLowered: (moving.LowerAlarm, _("Lower the alarm")),
    moving.MessageSent: (moving.SendMessage, _("Message")),
    intake.KindChanged: (intake.ChangeKind, _("Change kind or priority")),
    intake.PlaceCorrected: (intake.CorrectPlace, _("Correct the place")),
    intake.NoteAdded: (intake.AddNote, _("Note")),
    intake.NoteStruck: (intake.StrikeNote, _("Strike")),
    intake.CallAttached: (intake.AttachCall, _("Attach a call")),
    intake.IncidentOpened: (intake.OpenIncident, _("Open an incident")),
    intake.IncidentBooked: (intake.BookIncident, _("Book for later")),
    intake.BookingCancelled: (intake.CancelBooking, _("Cancel the booking")),
    join.CallDetached: (join.DetachCall, _("Take off")),
    join.IncidentsLinked: (join.LinkIncidents, _("Link with another")),
    join.IncidentsUnlinked: (join.UnlinkIncidents, _("Unlink")),
    join.IncidentSplit: (join.SplitIncident, _("Split off")),
    merge.IncidentMerged: (merge.MergeIncident, _("Merge into another")),
    merge.IncidentUnmerged: (merge.UnmergeIncident, _("Unmerge")),
    vault.IncidentHeld: (vault.HoldIncident, _("Hold: nothing of it is erased")),
    vault.HoldLifted: (vault.LiftHold, _("Lift the hold")),
    vault.ErasureAsked: (vault.AskErasure, _("Ask to erase the sealed words")),
    vault.ErasureDenied: (vault.DenyErasure, _("Refuse the erasure")),
    vault.Erased: (vault.ApproveErasure, _("Approve the erasure")),
}

FIELDS = {
    "reason": _("Why"), "outcome": _("Outcome"), "words": _("Words"), "hospital": _("Hospital"),
    "kind": _("Kind"), "priority": _("Priority"), "address": _("Place: block or crossing"),
    "lon": _("Longitude"), "lat": _("Latitude"), "door": _("Exact door (sealed)"),
    "unverified": _("No position, because"), "call": _("Call number"), "unit": _("Unit"),
    "agency": _("To whom"), "receipt": _("Receipt the other side gives"),
    "other": _("The other incident"), "into": _("The incident that goes on"),
    "remark": _("What is being done"),
    "why": _("Why this one"), "number": _("Number to ring back (sealed)"),
    "by": _("The unit that takes over"), "swap_to": _("The incident it changes places with"),
    "until": _("Until (14:30)"), "awaits": _("Or until this unit is free"),
    "back": _("Back at (14:30)"), "station": _("Station"), "level": _("Alarm level"),
    "desk": _("Desk"), "staff": _("How many people are on it"),
}  # fmt: skip
"""Fields a person fills in. Fields of commands that are not here are not asked for."""

NOTHING = ("", "–", "")
"""The choice that chooses nothing; a required field is not sent with it."""
ASKED_WORDS = frozenset(FIELDS)
NOT_ASKED = frozenset({(dispatch.ReportBack, "agency")})
"""Fields of this name that a command has for programs: here the unit's own agency is meant."""


@dataclass(frozen=True)
class Field:
    """One field of a form."""

    name: str
    label: str
    required: bool
    max: int
    long: bool = False
    value: str = ""
    choices: tuple[tuple[str, str, str], ...] = ()
    """Value, words, and the usual value of the field that follows from it."""


@dataclass(frozen=True)
class Act:
    """One thing that may be done: a command, what is known of it, what is to be filled in."""

    type: str
    label: str
    fixed: Mapping[str, str]
    fields: tuple[Field, ...] = ()
    first: bool = False
    small: bool = True
    step: str = ""
    to: str = "/do"

    @property
    def places(self) -> bool:
        """Say whether the form has a place and its position, so that one is found by the other."""
        return {"address", "lon", "lat"} <= {field.name for field in self.fields}


class Acts:
    """Makes forms for one role in one language."""

    def __init__(self, authority: Authority, role: str, town: Town, language: Language) -> None:
        rights = authority.roles.get(role)
        self._given = rights.commands if rights else frozenset()
        self._town = town
        self._lang = language

    def may(self, command: type[Command]) -> bool:
        """Say whether the role is given a command."""
        return command.tag in self._given

    def from_steps(
        self, steps: Steps, state: str, fixed: Mapping[str, str], leave_out: Iterable[str] = ()
    ) -> list[Act]:
        """Return what may be done next according to a STEPS table; the first is the usual one."""
        acts: list[Act] = []
        for event in steps.possible(state):
            asked = ASKED_BY.get(event)
            if asked is None or not self.may(asked[0]) or event.__name__ in leave_out:
                continue
            acts.append(self.act(*asked, fixed, first=not acts, step=event.__name__))
        return acts

    def act(
        self,
        command: type[Command],
        label: str,
        fixed: Mapping[str, str],
        *,
        first: bool = False,
        values: Mapping[str, str] | None = None,
        step: str = "",
    ) -> Act:
        """Return the form of one command."""
        known = values or {}
        shown = tuple(
            self._field(info, known.get(info.name, ""))
            for info in _fields(command)
            if info.name in ASKED_WORDS
            and info.name not in fixed
            and (command, info.name) not in NOT_ASKED
        )
        return Act(command.tag, self._lang(label), dict(fixed), shown, first, step=step)

    def with_values(self, act: Act, values: Mapping[str, str]) -> Act:
        """Return a form whose fields already hold what is known."""
        fields = tuple(
            dataclasses.replace(
                field,
                value=values[field.name],
                choices=self._choices(field.name, values[field.name]),
            )
            if values.get(field.name)
            else field
            for field in act.fields
        )
        return dataclasses.replace(act, fields=fields)

    def _field(self, info: msgspec.structs.FieldInfo, value: str) -> Field:
        longest = _max_length(info.type)
        return Field(
            name=info.name,
            label=self._lang(FIELDS[info.name]),
            required=info.required,
            max=longest,
            long=longest > 1000,
            value=value,
            choices=self._choices(info.name, value),
        )

    def _choices(self, name: str, value: str) -> tuple[tuple[str, str, str], ...]:
        """Return the closed list of a field's values, where the town has one."""
        if name == "kind":
            tag = self._lang.tag
            listed = [(k.code, k.title.of(tag), k.priority) for k in self._town.file.kinds]
            return (NOTHING, *sorted(listed, key=lambda choice: self._lang.key(choice[1])))
        if name == "priority":
            listed_codes = self._town.file.priorities or {k.priority for k in self._town.file.kinds}
            codes = sorted({*listed_codes, value} - {""})
            return (NOTHING, *((code, code, "") for code in codes))
        if name == "agency":
            tag = self._lang.tag
            return (NOTHING, *((a.code, a.title.of(tag), "") for a in self._town.file.agencies))
        if name == "hospital" and self._town.file.hospitals:
            return (NOTHING, *((name, name, "") for name in self._town.file.hospitals))
        return ()


@functools.cache
def _fields(command: type[Command]) -> tuple[msgspec.structs.FieldInfo, ...]:
    """Return the fields of a command; finding them out costs more than drawing the form."""
    return msgspec.structs.fields(command)


def _max_length(kind: object) -> int:
    """Return the longest text a field's type allows."""
    if get_origin(kind) is Annotated:
        for meta in get_args(kind)[1:]:
            if isinstance(meta, msgspec.Meta) and meta.max_length:
                return meta.max_length
    return next((m for arg in get_args(kind) if (m := _max_length(arg)) != 240), 240)


NUMBERS = frozenset({"lon", "lat", "eta_s"})
BETWEEN = "\t"
"""Stands between the names of a list in a form; no name has it."""
LISTS = frozenset({"proposed"})
WHOLE = frozenset({"note", "at", "due", "to", "until", "back", "level", "staff"})


class NotANumber(ValueError):
    """A field that should hold a number holds something else."""

    def __init__(self, field: str, text: str) -> None:
        """Keep the name of the field and what it holds."""
        self.field = field
        self.text = text
        super().__init__(f"{field}: {text} is not a number")


def command_body(form: Mapping[str, str]) -> dict[str, Any]:
    """Turn a form into the fields of a tagged command; empty fields are left out.

    Raises NotANumber where a number is not one.
    """
    body: dict[str, Any] = {}
    for name, text in form.items():
        value = text.strip()
        if name == "token" or not value:
            continue
        if name in NUMBERS:
            body[name] = _number(name, value)
        elif name in WHOLE:
            body[name] = int(_number(name, value))
        elif name in LISTS:
            body[name] = value.split(BETWEEN)
        else:
            body[name] = value
    return body


def _number(name: str, text: str) -> float:
    """Return a number as a person writes it, with a hyphen or a minus sign."""
    try:
        number = float(text.replace("\u2212", "-"))
    except ValueError as error:
        raise NotANumber(name, text) from error
    if not math.isfinite(number):
        raise NotANumber(name, text)
    return number
