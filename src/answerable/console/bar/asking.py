"""From a line that was read to the commands it asks for: bodies without their keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from answerable.console.bar.grammar import Sort
from answerable.console.bar.parts import ALL, FIRST
from answerable.console.bar.reading import Reading
from answerable.console.bar.spot import Spot
from answerable.console.front import Front
from answerable.console.language import _
from answerable.console.session import Session
from answerable.dispatch import words as dispatch
from answerable.dispatch.recommend import Reason
from answerable.handover.words import TakeHandOver
from answerable.intake import words as intake

Body = dict[str, Any]
NUMBERS = (Sort.WHEN, Sort.NUMBER)
WAY_S_MAX = 86_400


class Nobody(ValueError):
    """There is nobody to send; ``said`` is a marked message."""


def bodies(front: Front, session: Session, reading: Reading, spot: Spot) -> list[Body]:
    """Return the commands a whole reading asks for. Raises Nobody."""
    verb = reading.verb
    assert verb is not None, "only a line with a verb asks for something"
    assert reading.whole, "only a whole line asks for something"
    fixed: Body = {"type": verb.command, **verb.fixed}
    each: list[Body] = [fixed]
    for part in verb.parts:
        values = reading.got.get(part.field, [])
        if not values:
            continue
        if part.sort is Sort.PLACE:
            each = [body | spot.fields(values[0]) for body in each]
        elif part.sort is Sort.UNIT and part.many:
            names = named_units(front, values, reading.one("incident"))
            each = [body | {part.field: name} for name in names for body in each]
        else:
            value: Any = int(values[0]) if part.sort in NUMBERS else values[0]
            each = [body | {part.field: value} for body in each]
    finish = FINISH.get(verb.name)
    return [finish(front, session, body) for body in each] if finish else each


def named_units(front: Front, values: list[str], incident: str) -> list[str]:
    """Return the units that are meant: by name, or by what the run card still asks for."""
    names = [value for value in values if value not in (ALL, FIRST)]
    if len(names) == len(values):
        return names
    _all, proposed = recommended(front, incident)
    if not proposed:
        raise Nobody(_("The run card asks for nobody who is free."))
    wanted = proposed if ALL in values else proposed[:1]
    return [*names, *(name for name in wanted if name not in names)]


def recommended(front: Front, incident: str) -> tuple[list[str], list[str]]:
    """Return the units that are recommended for an incident, and those of them not on it yet."""
    line = front.board.incidents.get(incident)
    if line is None:
        return [], []
    chosen = front.fleet.recommend(line, front.now_us()).chosen
    wanted = [pick.unit for pick in chosen if pick.reason is not Reason.ALREADY_ON_IT]
    return [pick.unit for pick in chosen], wanted


def eta(front: Front, incident: str, unit: str) -> float | None:
    """Return the road time of a free unit to an open incident, seconds."""
    line = front.board.incidents.get(incident)
    node = front.fleet.node_of(line) if line else None
    if node is None:
        return None
    time_s = front.fleet.times_s(node, front.now_us()).get(unit)
    return round(time_s, 1) if time_s is not None and time_s < WAY_S_MAX else None


# -- what a verb adds ------------------------------------------------------------------------


def _send(front: Front, _session: Session, body: Body) -> Body:
    time_s = eta(front, body["incident"], body["unit"])
    proposed, _wanted = recommended(front, body["incident"])
    return body | ({} if time_s is None else {"eta_s": time_s}) | {"proposed": proposed}


def _preempt(front: Front, _session: Session, body: Body) -> Body:
    time_s = eta(front, body["incident"], body["unit"])
    return body if time_s is None else body | {"eta_s": time_s}


def _exchange(front: Front, _session: Session, body: Body) -> Body:
    """Name the incident the other unit is on, where the two change places."""
    by = front.board.units.get(body["by"])
    if "swap_to" in body:
        body = body | {"swap_to": by.incident if by else ""}
    time_s = eta(front, body["incident"], body["by"])
    return body if time_s is None else body | {"eta_s": time_s}


def _free(front: Front, _session: Session, body: Body) -> Body:
    """Call a unit off where its job may be cancelled, else clear it: the STEPS table says."""
    line = front.board.line(body["incident"])
    job = line.jobs.get(body["unit"]) if line else None
    steps = front.steps("dispatch", "job")
    if job is None or steps.allows(job.state, dispatch.UnitCancelled):
        return body
    rest = {name: value for name, value in body.items() if name != "reason"}
    return rest | {"type": dispatch.ClearUnit.tag, "outcome": body["reason"]}


def _on_duty(front: Front, _session: Session, body: Body) -> Body:
    """Fill in what the record knows of a unit from when it was last on duty."""
    unit = front.board.units[body["unit"]]
    known = {"unit_type": unit.unit_type, "station": unit.station, "skills": unit.skills}
    return known | body


def _answer(_front: Front, session: Session, body: Body) -> Body:
    """Say at which desk a call is answered."""
    return body | ({"desk": session.desk} if session.desk else {})


def _noted(front: Front, _session: Session, body: Body) -> Body:
    """Name what a supervisor was told first about an incident and has not taken note of."""
    told = front.hub.state["dispatch"].escalations
    mine = [name for name, one in told.items()
            if one.incident == body["incident"] and not one.noted_us]  # fmt: skip
    if not mine:
        raise Nobody(_("Nothing about that incident waits for a supervisor."))
    rest = {name: value for name, value in body.items() if name != "incident"}
    return rest | {"escalation": mine[0]}


def _at_desk(_front: Front, session: Session, body: Body) -> Body:
    """Fill in the desk one sits at, and the session."""
    desk = body.get("desk") or session.desk
    if not desk:
        raise Nobody(_("This session has no desk yet. Choose one on the hand-over page."))
    return {"desk": desk} | body | {"session": session.name}


def _offer(front: Front, session: Session, body: Body) -> Body:
    found = _at_desk(front, session, body)
    del found["session"]
    return found


def _offered(front: Front, session: Session, body: Body) -> Body:
    """Name what was offered at a desk."""
    found = _at_desk(front, session, body)
    seat = front.hub.state["handover"].seat(found["desk"])
    if not seat.handover:
        raise Nobody(_("Nothing was offered at that desk."))
    if body["type"] != TakeHandOver.tag:
        del found["session"]
    return found | {"handover": seat.handover}


def _support(_front: Front, _session: Session, body: Body) -> Body:
    """Say that a request is urgent where the line has the word."""
    return body | {"urgent": "urgent" in body}


def _matter(_front: Front, _session: Session, body: Body) -> Body:
    """Say whose a matter is by sort and name, and that an incident led to it where one is named."""
    sort, _colon, name = body["owner"].partition(":")
    origin = {"origin": "incident"} if "about" in body else {}
    return body | {"owner_sort": sort, "owner": name} | origin


def _step_done(_front: Front, _session: Session, body: Body) -> Body:
    """Name the problem of a step: its number begins with it."""
    return body | {"problem": body["step"].partition(".")[0]}


FINISH: dict[str, Callable[[Front, Session, Body], Body]] = {
    "send": _send, "preempt": _preempt, "exchange": _exchange, "free": _free, "onduty": _on_duty,
    "answer": _answer, "noted": _noted, "sit": _at_desk, "stand": _offer, "handover": _offer,
    "withdraw": _offered, "takeover": _offered, "support": _support,
    "matter": _matter, "step-done": _step_done,
}  # fmt: skip


def opens_a_call(body: Body) -> bool:
    """Say whether an incident is opened by hand, so that a call is answered for it first."""
    return body["type"] == intake.OpenIncident.tag and "call" not in body
