"""What takes a deed back, where the trade lets one: the opposite command, in words, or why not.

A deed is what one form or line had recorded. Nothing is ever removed: what takes it back is a
command like any other, decided by the rooms and recorded. What has happened in the street (a unit
that arrived) or was said to somebody cannot be taken back by a key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

from answerable.console.language import _
from answerable.dispatch import merge_words as merge
from answerable.dispatch import move_words as moving
from answerable.dispatch import words as dispatch
from answerable.dispatch.state import JOB
from answerable.dispatch.views import Board, IncidentLine
from answerable.intake import join_words as join
from answerable.intake import words as intake
from answerable.kernel.authority import SYSTEM
from answerable.kernel.event import Command, Event, Recorded

E = TypeVar("E", bound=Event)
States = Mapping[str, Any]
Past = Callable[[str, int], Iterable[Event]]
"""Gives what was recorded in a stream before a position, the newest first."""
WHY = _("taken back")
"""The reason that is recorded with whatever takes a deed back."""


class Way(NamedTuple):
    """The command that takes something back, and what it would do: a template and its values."""

    command: type[Command]
    fields: dict[str, Any]
    says: str
    values: dict[str, Any]

    def body(self, key: str) -> dict[str, Any]:
        """Return the command as it is sent."""
        return {"type": self.command.tag, "key": key, **self.fields}


class NoWay(NamedTuple):
    """Why something cannot be taken back, and what to do instead: templates and their values."""

    because: str
    instead: str
    values: dict[str, Any]


class Here(NamedTuple):
    """What a way back may depend on: how things stand, where the deed stands, what came before."""

    states: States
    position: int
    past: Past

    def line(self, incident: str) -> IncidentLine | None:
        """Return an incident as the board has it."""
        board: Board = self.states["board"]
        return board.line(incident)


Find = Callable[[Any, Here], Way | NoWay]
WAYS: dict[type[Event], Find] = {}
"""By which function the way back from an event is found. An event that is not here has none."""


def back_from(
    event: type[E],
) -> Callable[[Callable[[E, Here], Way | NoWay]], Callable[[E, Here], Way | NoWay]]:
    """Register the way back from an event."""

    def register(find: Callable[[E, Here], Way | NoWay]) -> Callable[[E, Here], Way | NoWay]:
        WAYS[event] = find
        return find

    return register


def inverse(deed: Sequence[Recorded], states: States, past: Past) -> list[Way] | NoWay:
    """Return the commands that take a deed back, in their order, or why it cannot be.

    A deed may be several commands; the last is taken back first, and all of them or none. What a
    room did by itself in answer to a command is not the desk's deed.
    """
    commands: dict[str, list[Recorded]] = {}
    for one in deed:
        if one.row.actor != SYSTEM.name:
            commands.setdefault(one.row.key, []).append(one)
    ways: list[Way] = []
    for recorded in reversed(commands.values()):
        way = _way(recorded, states, past)
        if isinstance(way, NoWay):
            return way
        ways.append(way)
    return ways or NOTHING


def _way(recorded: Sequence[Recorded], states: States, past: Past) -> Way | NoWay:
    """Return the way back from what one command had recorded: that of its leading event."""
    if any(isinstance(one.event, moving.UnitsExchanged | moving.UnitPreempted) for one in recorded):
        return NOT_TAKEN_BACK  # several jobs moved at once, and their crews were told
    for one in recorded:
        if (find := WAYS.get(type(one.event))) is not None:
            return find(one.event, Here(states, one.row.position, past))
    return NOT_TAKEN_BACK


NOTHING = NoWay(
    _("This desk has done nothing since it was signed in that could be taken back."),
    _("Look at the thread of the incident, and do the opposite there."), {},
)  # fmt: skip
NOT_TAKEN_BACK = NoWay(
    _("What was done last is of a kind that is not taken back."),
    _("Correct it on the page of the incident or unit."), {},
)  # fmt: skip
MEANWHILE = _("Look at how it stands now, and do there what is still needed.")


# -- calls and notes -------------------------------------------------------------------------


@back_from(intake.CallAttached)
def _attached(event: intake.CallAttached, here: Here) -> Way | NoWay:
    call = here.states["intake"].calls.get(event.call)
    values = {"call": event.call, "incident": event.incident}
    if call is None or call.incident != event.incident:
        return NoWay(_("Call {call} is not about incident {incident} any more."), MEANWHILE, values)
    says = _("Call {call} is taken off incident {incident} and waits for its outcome again.")
    return Way(join.DetachCall, {"call": event.call, "reason": WHY}, says, values)


@back_from(join.CallDetached)
def _detached(event: join.CallDetached, here: Here) -> Way | NoWay:
    call = here.states["intake"].calls.get(event.call)
    values = {"call": event.call, "incident": event.incident}
    if call is None or call.incident:
        return NoWay(_("Call {call} has been dealt with meanwhile."), MEANWHILE, values)
    says = _("Call {call} is about incident {incident} again.")
    return Way(intake.AttachCall, values, says, values)


@back_from(intake.NoteAdded)
def _noted(event: intake.NoteAdded, here: Here) -> Way | NoWay:
    known = here.states["intake"].incidents.get(event.incident)
    values = {"note": event.note, "incident": event.incident}
    if known is None or event.note in known.struck:
        return NoWay(_("Note {note} of incident {incident} is struck already."), MEANWHILE, values)
    says = _("Note {note} of incident {incident} is struck; it stays legible.")
    return Way(intake.StrikeNote, {**values, "reason": WHY}, says, values)


# -- incidents that have to do with each other -----------------------------------------------


@back_from(join.IncidentsLinked)
def _linked(event: join.IncidentsLinked, here: Here) -> Way | NoWay:
    values = {"incident": event.incident, "other": event.other}
    line = here.line(event.incident)
    if line is None or event.other not in line.linked:
        return NoWay(_("Incidents {incident} and {other} are not linked any more."), MEANWHILE,
                     values)  # fmt: skip
    says = _("Incidents {incident} and {other} are no longer linked.")
    return Way(join.UnlinkIncidents, {**values, "reason": WHY}, says, values)


@back_from(join.IncidentsUnlinked)
def _unlinked(event: join.IncidentsUnlinked, here: Here) -> Way | NoWay:
    values = {"incident": event.incident, "other": event.other}
    line = here.line(event.incident)
    if line is None or event.other in line.linked:
        return NoWay(_("Incidents {incident} and {other} are linked again."), MEANWHILE, values)
    says = _("Incidents {incident} and {other} are linked again.")
    return Way(join.LinkIncidents, {**values, "reason": WHY}, says, values)


@back_from(join.IncidentSplit)
def _split(event: join.IncidentSplit, here: Here) -> Way | NoWay:
    return _merging(event.into, event.incident, here)


@back_from(merge.IncidentUnmerged)
def _unmerged(event: merge.IncidentUnmerged, here: Here) -> Way | NoWay:
    return _merging(event.incident, event.out_of, here)


def _merging(incident: str, into: str, here: Here) -> Way | NoWay:
    """Return the way back to one incident where there are two now."""
    values = {"incident": incident, "into": into}
    one, other = here.line(incident), here.line(into)
    if one is None or other is None or (one.state, other.state) != ("open", "open"):
        return NoWay(_("Incidents {incident} and {into} are not both open any more."), MEANWHILE,
                     values)  # fmt: skip
    on_it = [job.unit for job in one.jobs.values() if job.state not in JOB.last]
    if on_it:
        return NoWay(
            _("Units are on incident {incident} by now: {units}."),
            _("Exchange, clear or cancel them first, then merge it into {into}."),
            {**values, "units": ", ".join(on_it)},
        )
    says = _("Incident {incident} is merged into {into}, which goes on for both.")
    return Way(merge.MergeIncident, {**values, "reason": WHY}, says, values)


@back_from(merge.IncidentMerged)
def _merged(event: merge.IncidentMerged, here: Here) -> Way | NoWay:
    values = {"incident": event.incident, "into": event.into}
    line = here.line(event.incident)
    if line is None or line.into != event.into:
        return NoWay(_("Incident {incident} is not merged into {into} any more."), MEANWHILE,
                     values)  # fmt: skip
    says = _("Incident {incident} is one of its own again, not the same as {into}.")
    return Way(merge.UnmergeIncident, {"incident": event.incident, "reason": WHY}, says, values)


# -- what an incident is, and whether it goes on ---------------------------------------------


@back_from(intake.KindChanged)
def _kind_changed(event: intake.KindChanged, here: Here) -> Way | NoWay:
    line = here.line(event.incident)
    values = {
        "incident": event.incident, "kind": event.was_kind, "priority": event.was_priority,
    }  # fmt: skip
    if line is None or (line.kind, line.priority) != (event.kind, event.priority):
        return NoWay(_("Kind or priority of incident {incident} were changed again meanwhile."),
                     MEANWHILE, values)  # fmt: skip
    says = _("Incident {incident} is {kind}, priority {priority} again.")
    return Way(intake.ChangeKind, {**values, "reason": WHY}, says, values)


@back_from(intake.PlaceCorrected)
def _place_corrected(event: intake.PlaceCorrected, here: Here) -> Way | NoWay:
    line = here.line(event.incident)
    values = {"incident": event.incident, "address": event.was_address}
    now = (line.address, line.lon, line.lat) if line else None
    if now != (event.address, event.lon, event.lat):
        return NoWay(_("The place of incident {incident} was corrected again meanwhile."),
                     MEANWHILE, values)  # fmt: skip
    before = here.past(f"incident:{event.incident}", here.position)
    was = next(
        (one for one in before if isinstance(one, intake.IncidentOpened | intake.PlaceCorrected)),
        None,
    )
    if was is None:
        return NoWay(_("Where incident {incident} was before is not known."), MEANWHILE, values)
    says = _("The place of incident {incident} is {address} again.")
    if was.door:  # it is sealed, and nothing reads it to write it anew
        says = _("The place of incident {incident} is {address} again; tell the exact door anew.")
    place = {"lon": was.lon, "lat": was.lat}
    return Way(intake.CorrectPlace, {**values, **place, "reason": WHY}, says, values)


@back_from(dispatch.IncidentClosed)
def _closed(event: dispatch.IncidentClosed, here: Here) -> Way | NoWay:
    line = here.line(event.incident)
    values = {"incident": event.incident}
    if line is None or line.state != "closed":
        return NoWay(_("Incident {incident} is not closed any more."), MEANWHILE, values)
    says = _("Incident {incident} is taken up again.")
    return Way(dispatch.ReopenIncident, {**values, "reason": WHY}, says, values)


@back_from(intake.IncidentBooked)
def _booked(event: intake.IncidentBooked, here: Here) -> Way | NoWay:
    values = {"incident": event.incident}
    if event.incident not in here.states["board"].booked:
        return NoWay(_("What was booked as {incident} has been taken up or cancelled."), MEANWHILE,
                     values)  # fmt: skip
    says = _("The booking of incident {incident} is cancelled.")
    return Way(intake.CancelBooking, {**values, "reason": WHY}, says, values)


@back_from(intake.IncidentOpened)
def _opened(event: intake.IncidentOpened, here: Here) -> Way | NoWay:
    return NoWay(
        _("Incident {incident} was opened; what was reported stays."),
        _("Merge it into the one it belongs to, or close it with its outcome."),
        {"incident": event.incident},
    )


# -- units -----------------------------------------------------------------------------------


@back_from(dispatch.UnitSent)
def _sent(event: dispatch.UnitSent, here: Here) -> Way | NoWay:
    values = {"unit": event.unit, "incident": event.incident}
    state = _job_state(event, here)
    if not JOB.allows(state, dispatch.UnitCancelled):
        return NoWay(
            _("{unit} is no longer on its way to incident {incident}."),
            _("Clear it with its outcome, or look at what it does now."), values,
        )  # fmt: skip
    says = _("{unit} is called off incident {incident}.")
    return Way(dispatch.CancelUnit, {**values, "reason": WHY}, says, values)


@back_from(dispatch.UnitStacked)
def _stacked(event: dispatch.UnitStacked, here: Here) -> Way | NoWay:
    values = {"unit": event.unit, "incident": event.incident}
    if _job_state(event, here) != "stacked":
        return NoWay(_("{unit} is not stacked on incident {incident} any more."), MEANWHILE, values)
    says = _("{unit} is no longer stacked on incident {incident}.")
    return Way(dispatch.UnstackUnit, {**values, "reason": WHY}, says, values)


def _job_state(event: dispatch.JobEvent, here: Here) -> str:
    line = here.line(event.incident)
    job = line.jobs.get(event.unit) if line else None
    return job.state if job else JOB.first


@back_from(dispatch.UnitOutOfService)
def _out_of_service(event: dispatch.UnitOutOfService, here: Here) -> Way | NoWay:
    values = {"unit": event.unit}
    unit = here.states["board"].units.get(event.unit)
    if unit is None or unit.duty != "out of service":
        return NoWay(_("{unit} is not out of service any more."), MEANWHILE, values)
    says = _("{unit} is in service again.")
    return Way(dispatch.ReturnToService, dict(values), says, values)


HOLDS = (moving.IncidentOnHold, moving.HoldEnded)


@back_from(moving.IncidentOnHold)
def _on_hold(event: moving.IncidentOnHold, here: Here) -> Way | NoWay:
    values = {"incident": event.incident}
    response = here.states["dispatch"].responses.get(event.incident)
    if response is None or response.hold != "held":
        return NoWay(_("Incident {incident} is not on hold any more."), MEANWHILE, values)
    before = here.past(f"incident:{event.incident}", here.position)
    was = next((one for one in before if isinstance(one, HOLDS)), None)
    if isinstance(was, moving.IncidentOnHold):
        return NoWay(
            _("Incident {incident} was on hold already before; only its time was changed."),
            _("Hold it until the time you want, or end the hold."), values,
        )  # fmt: skip
    says = _("Incident {incident} is no longer on hold.")
    return Way(moving.EndHold, {**values, "reason": WHY}, says, values)


@back_from(moving.MoveUpOrdered)
def _moved_up(event: moving.MoveUpOrdered, here: Here) -> Way | NoWay:
    values = {"unit": event.unit, "station": event.station}
    unit = here.states["dispatch"].units.get(event.unit)
    if unit is None or unit.moved_up != event.station:
        return NoWay(_("{unit} does not cover station {station} any more."), MEANWHILE, values)
    says = _("{unit} no longer covers station {station}.")
    return Way(moving.CancelMoveUp, {"unit": event.unit, "reason": WHY}, says, values)


@back_from(moving.AlarmRaised)
def _alarm_raised(event: moving.AlarmRaised, here: Here) -> Way | NoWay:
    values = {"incident": event.incident, "level": event.level}
    response = here.states["dispatch"].responses.get(event.incident)
    if response is None or response.alarm != event.level:
        return NoWay(_("The alarm level of incident {incident} was changed again meanwhile."),
                     MEANWHILE, values)  # fmt: skip
    before = here.past(f"incident:{event.incident}", here.position)
    level = next((one.level for one in before if isinstance(one, moving.AlarmEvent)), 1)
    values = {"incident": event.incident, "level": level}
    says = _("The alarm level of incident {incident} is {level} again; who was sent stays.")
    return Way(moving.LowerAlarm, {**values, "reason": WHY}, says, values)
