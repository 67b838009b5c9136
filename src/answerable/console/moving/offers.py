"""What may be done about moving units: the forms beside an incident, a job, a unit passed over."""

from __future__ import annotations

import dataclasses

from answerable.console.acts import ASKED_BY, Act, Acts
from answerable.console.front import Front
from answerable.console.language import _
from answerable.console.phrases import Phrases
from answerable.dispatch import move_words as m
from answerable.dispatch import words as w
from answerable.dispatch.move_rules import more_urgent
from answerable.dispatch.recommend import Pick, Reason
from answerable.dispatch.state import JOB
from answerable.dispatch.views import IncidentLine, UnitLine

MEDICAL = "medical"
"""The discipline whose units take people to a hospital."""
TO_HOSPITAL = ("UnitTransporting", "UnitAtHospital")


def beside_incident(
    front: Front, line: IncidentLine, shown: str, phrases: Phrases, role: str
) -> list[Act]:
    """Return the forms that send, stack and hold, where they may be used.

    ``shown`` names those that are recommended.
    """
    acts, fixed = front.acts(role, phrases.lang.tag), {"incident": line.incident}
    made: list[Act] = []
    if line.state != "open":
        return made
    if acts.may(w.SendUnit):
        known = {**fixed, "proposed": shown}
        made.append(acts.act(w.SendUnit, _("Send another unit"), known))
    if acts.may(w.StackUnit):
        made.append(acts.act(w.StackUnit, _("Stack a unit"), fixed))
    held = "held" if line.held_until_us else "not held"
    idle = all(job.state in JOB.last for job in line.jobs.values())
    left = () if idle else (m.IncidentOnHold.__name__,)
    return made + acts.from_steps(front.steps("dispatch", "hold"), held, fixed, left)


def left_out(line: IncidentLine) -> tuple[str, ...]:
    """Return the steps of a response that have a form elsewhere, or would change nothing."""
    lower = () if line.alarm > 1 else (m.AlarmLowered.__name__,)
    return (m.IncidentOnHold.__name__, *lower)


def not_for(front: Front, line: IncidentLine) -> tuple[str, ...]:
    """Return the steps of a job that are not offered here: to a hospital, unless it is medical.

    The command bar still takes them: somebody may be hurt at a fire.
    """
    kind = front.town.kinds.get(line.kind)
    fits = kind is None or kind.discipline == MEDICAL
    again = (w.UnitSent.__name__, w.UnitStacked.__name__, m.UnitPreempted.__name__)
    return again if fits else (*again, *TO_HOSPITAL)


def instead(
    front: Front, one: Pick, line: IncidentLine, shown: str, acts: Acts, phrases: Phrases
) -> list[Act]:
    """Return what may be done with a unit that was passed over: each wants a reason.

    ``shown`` names those that were recommended. A free one may be sent all the same; a busy one
    may be stacked, or taken away from something less urgent.
    """
    unit = front.board.units.get(one.unit)
    if unit is None or unit.duty != "on duty" or line.incident in unit.jobs:
        return []
    fixed = {"incident": line.incident, "unit": one.unit}
    eta = "" if one.time_s is None else f"{one.time_s:.0f}"
    if unit.status == "free":
        known = {**fixed, "eta_s": eta, "proposed": shown}
        return [_reasoned(acts.act(w.SendUnit, _("Send"), known))] if acts.may(w.SendUnit) else []
    made = []
    if acts.may(w.StackUnit):
        made.append(acts.act(w.StackUnit, _("Stack"), fixed))
    if one.reason is Reason.BUSY and acts.may(m.PreemptUnit) and _may_be_taken(front, unit, line):
        made.append(acts.act(*ASKED_BY[m.UnitPreempted], fixed))
    return made


def _reasoned(act: Act) -> Act:
    """Return a form whose reason must be filled in."""
    fields = tuple(dataclasses.replace(f, required=f.name == "why") for f in act.fields)
    return dataclasses.replace(act, fields=fields)


def _may_be_taken(front: Front, unit: UnitLine, line: IncidentLine) -> bool:
    """Say whether everything the unit is on is less urgent, and lets it go."""
    order = front.town.file.priorities
    for incident, state in unit.jobs.items():
        other = front.board.line(incident)
        if state == "stacked" or other is None:
            continue
        if not JOB.allows(state, m.UnitPreempted):
            return False
        if not more_urgent(order, line.priority, other.priority):
            return False
    return True


def of_unit(front: Front, unit: UnitLine, phrases: Phrases, role: str) -> list[Act]:
    """Return what may be done with a unit itself: its duty, its return, where it stands."""
    acts, fixed = front.acts(role, phrases.lang.tag), {"unit": unit.unit}
    made = []
    if unit.duty != "off duty" and not unit.jobs:
        made += acts.from_steps(front.steps("dispatch", "unit"), unit.duty, fixed)
    if unit.duty == "on duty" and not unit.jobs:
        where = "moved up" if unit.moved_up else "at its own station"
        made += acts.from_steps(front.steps("dispatch", "move-up"), where, fixed)
    if unit.moved_up and acts.may(m.CancelMoveUp):
        made.append(acts.act(m.CancelMoveUp, _("Cancel the move-up"), fixed))
    if unit.incident and acts.may(m.SendMessage):
        message = acts.act(m.SendMessage, _("Message"), {**fixed, "incident": unit.incident})
        fields = tuple(f for f in message.fields if f.name == "words")
        made.append(dataclasses.replace(message, fields=fields))
    return [dataclasses.replace(act, first=False) for act in made]
