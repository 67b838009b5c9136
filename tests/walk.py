"""Random but sensible walks through the real rooms: what Hypothesis draws, as commands."""

from __future__ import annotations

import random
from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

from answerable.dispatch import merge_words as m
from answerable.dispatch import words as d
from answerable.dispatch.state import DUTY, JOB, RESPONSE
from answerable.intake import join_words as j
from answerable.intake import words as i
from answerable.intake.state import CALL, INCIDENT
from answerable.kernel.event import Command, Event
from answerable.kernel.steps import Steps
from answerable.standards import words as c
from answerable.standards.rules import LIFE
from tests.story import PLACE, T0, US, Centre

UNITS = ("E1", "E2", "T1", "M1")
INCIDENTS = ("200930001", "200930002", "200930003")
CALLS = ("C200930001", "C200930002")
KINDS = ("Fire", "Medical", "Other", "Dragon")

unit = st.sampled_from(UNITS)
incident = st.sampled_from(INCIDENTS)
call = st.sampled_from(CALLS)
kind = st.sampled_from(KINDS)
note = st.integers(1, 3)
said = st.sampled_from(["rain", "smoke", "x" * 240, "Grüße 值班长 \U0001f692"])
lon = st.sampled_from([-122.47, -122.43, -122.40, None])
sooner_us = st.one_of(st.none(), st.integers(0, 300).map(lambda s: T0 - s * US))
job = {"incident": incident, "unit": unit}

ASKS: tuple[tuple[type[Command], dict[str, Any]], ...] = (
    (i.RingCall, {"call": st.one_of(st.none(), call), "number": said}),
    (i.AnswerCall, {"call": st.one_of(st.none(), call)}),
    (i.AbandonCall, {"call": call}),
    (i.EndCall, {"call": call, "reason": said}),
    (i.AttachCall, {"call": call, "incident": incident}),
    (
        i.OpenIncident,
        {"kind": kind, "lon": lon, "call": st.one_of(st.none(), call), "at": sooner_us},
    ),
    (i.BookIncident, {"kind": kind, "due": st.integers(1, 90).map(lambda m: T0 + m * 60 * US)}),
    (i.CancelBooking, {"incident": incident, "reason": said}),
    (i.ChangeKind, {"incident": incident, "kind": kind, "priority": st.just("1"), "reason": said}),
    (i.CorrectPlace, {"incident": incident, "address": said, "lon": lon, "reason": said}),
    (
        i.CorrectCallTime,
        {
            "call": st.one_of(st.none(), call),
            "incident": incident,
            "step": st.sampled_from(["CallRung", "CallAnswered", "IncidentOpened"]),
            "to": st.just(T0 - 60 * US),
            "reason": said,
        },
    ),
    (i.AddNote, {"incident": incident, "words": said}),
    (i.StrikeNote, {"incident": incident, "note": note, "reason": said}),
    (d.PutOnDuty, {"unit": unit, "unit_type": st.sampled_from(["ENGINE", "TRUCK"])}),
    (d.TakeOffDuty, {"unit": unit}),
    (d.TakeOutOfService, {"unit": unit, "reason": said}),
    (d.ReturnToService, {"unit": unit}),
    (d.SendUnit, {**job, "at": sooner_us}),
    (d.SendUnit, job),
    (d.StackUnit, {**job, "reason": said}),
    (d.UnstackUnit, {**job, "reason": said}),
    (d.Acknowledge, job),
    (d.GoEnRoute, job),
    (d.Arrive, job),
    (d.Transport, {**job, "hospital": said}),
    (d.ReachHospital, job),
    (d.ReportBack, {**job, "outcome": said, "words": said}),
    (d.ClearUnit, job),
    (d.CancelUnit, {**job, "reason": said}),
    (
        d.CorrectTime,
        {
            **job,
            "step": st.sampled_from(["UnitSent", "UnitArrived"]),
            "to": st.just(T0 - 30 * US),
            "reason": said,
        },
    ),
    (d.CloseIncident, {"incident": incident, "outcome": said}),
    (d.ReopenIncident, {"incident": incident, "reason": said}),
    (m.MergeIncident, {"incident": incident, "into": incident, "reason": said}),
    (m.UnmergeIncident, {"incident": incident, "reason": said}),
    (j.DetachCall, {"call": call, "reason": said}),
    (j.LinkIncidents, {"incident": incident, "other": incident}),
    (j.UnlinkIncidents, {"incident": incident, "other": incident, "reason": said}),
    (j.SplitIncident, {"incident": incident, "call": call, "reason": said}),
)
"""Every command a person may give, with what its fields may be. Most are refused, as in life."""


@st.composite
def asks(draw: st.DrawFn) -> tuple[type[Command], dict[str, Any]]:
    """Draw one command and its fields."""
    command, fields = draw(st.sampled_from(ASKS))
    drawn = {name: draw(strategy) for name, strategy in fields.items()}
    if command in (i.OpenIncident, i.BookIncident):
        drawn = {**PLACE, **drawn}
        if command is i.OpenIncident and drawn["lon"] is None:
            drawn["unverified"] = "caller unsure"
        elif drawn["lon"] is None:
            drawn["lon"] = -122.43
    if command is i.CorrectPlace and drawn["lon"] is not None:
        drawn["lat"] = 37.76
    return command, drawn


Table = dict[type[Event], type[Command]]
"""Which command asks for an event."""

_CALL: Table = {
    i.CallAnswered: i.AnswerCall,
    i.CallAbandoned: i.AbandonCall,
    i.CallEnded: i.EndCall,
    i.IncidentOpened: i.OpenIncident,
    i.CallAttached: i.AttachCall,
    j.CallDetached: j.DetachCall,
}
_INCIDENT: Table = {
    i.IncidentOpened: i.OpenBooked,
    i.BookingCancelled: i.CancelBooking,
    i.KindChanged: i.ChangeKind,
    i.PlaceCorrected: i.CorrectPlace,
    i.NoteAdded: i.AddNote,
    i.NoteStruck: i.StrikeNote,
    i.CallAttached: i.AttachCall,
    j.IncidentsLinked: j.LinkIncidents,
    j.IncidentsUnlinked: j.UnlinkIncidents,
    j.IncidentSplit: j.SplitIncident,
}
_UNIT: Table = {
    d.UnitOnDuty: d.PutOnDuty,
    d.UnitOffDuty: d.TakeOffDuty,
    d.UnitOutOfService: d.TakeOutOfService,
    d.UnitInService: d.ReturnToService,
}
_RESPONSE: Table = {
    d.IncidentClosed: d.CloseIncident,
    d.IncidentReopened: d.ReopenIncident,
    m.IncidentMerged: m.MergeIncident,
    m.IncidentUnmerged: m.UnmergeIncident,
}
_JOB: Table = {
    d.UnitSent: d.SendUnit,
    d.UnitStacked: d.StackUnit,
    d.UnitUnstacked: d.UnstackUnit,
    d.UnitAcknowledged: d.Acknowledge,
    d.UnitEnRoute: d.GoEnRoute,
    d.UnitArrived: d.Arrive,
    d.UnitTransporting: d.Transport,
    d.UnitAtHospital: d.ReachHospital,
    d.FieldReported: d.ReportBack,
    d.UnitCleared: d.ClearUnit,
    d.UnitCancelled: d.CancelUnit,
}
_CLOCK: Table = {
    c.ClockSuspended: c.SuspendClock,
    c.ClockResumed: c.ResumeClock,
    c.ClockExtended: c.ExtendClock,
}
WORDS = {
    "reason": "reason", "outcome": "outcome", "words": "words", "note": 1, "kind": "Other",
    "priority": "2", "address": "5th St", "unit_type": "ENGINE", "lon": -122.46, "lat": 37.76,
    "by_s": 45.0,
}  # fmt: skip


def possible(town: Centre) -> list[tuple[type[Command], dict[str, Any]]]:
    """Return what the STEPS tables allow now, as commands: what a page would have buttons for."""
    intake, dispatch = town.state("intake"), town.state("dispatch")
    found: list[tuple[type[Command], dict[str, Any]]] = []

    def add(table: Table, steps: Steps, state: str, about: dict[str, Any]) -> None:
        for event in steps.possible(state):
            if (command := table.get(event)) is not None:
                names = set(command.__struct_fields__)
                words = {n: v for n, v in WORDS.items() if n in names}
                found.append((command, {**words, **{n: v for n, v in about.items() if n in names}}))

    some = next((n for n, one in intake.incidents.items() if one.state == "open"), INCIDENTS[0])
    for name, one in intake.calls.items():
        add(_CALL, CALL, one.state, {"call": name, "incident": some})
    for name, one in intake.incidents.items():
        its = next((n for n, held in intake.calls.items() if held.incident == name), CALLS[0])
        add(_INCIDENT, INCIDENT, one.state, {"incident": name, "call": its, "other": some})
    for name in UNITS:
        duty = dispatch.units[name].duty if name in dispatch.units else DUTY.first
        add(_UNIT, DUTY, duty, {"unit": name})
    for name, response in dispatch.responses.items():
        add(_RESPONSE, RESPONSE, response.state, {"incident": name, "into": some})
        for unit_name in dispatch.units:
            job = response.jobs.get(unit_name)
            state = job.state if job else JOB.first
            about = {"incident": name, "unit": unit_name}
            add(_JOB, JOB, state, about)
            if job and (last := list(job.times)[-1]):
                to = {"step": last, "to": job.times[last] - 7 * US}
                found.append((d.CorrectTime, {**about, **to, "reason": "radio log"}))
    for number, run in town.state("standards").runs().items():
        add(_CLOCK, LIFE, run.state, {"clock": number})
    found = [(one, {**f, "incident": None} if one is i.OpenIncident else f) for one, f in found]
    return sorted(found, key=lambda one: (one[0].__name__, str(one[1])))


picks = st.integers(0, 9_999)
"""The how-manieth of the possible commands is given."""
steps = st.one_of(picks, picks, picks, picks, asks())
"""One step of a walk: mostly something possible, sometimes anything at all."""
walks = st.lists(steps, min_size=1, max_size=90).map(lambda taken: taken * (1 + 30 // len(taken)))
"""A walk of thirty to ninety steps; short ones go round again, so that they shrink well."""
Step = int | tuple[type[Command], dict[str, Any]]


def asked(step: Step, town: Centre) -> tuple[type[Command], dict[str, Any]]:
    """Return the command of a step as things stand: in two of three it is a unit's job."""
    if not isinstance(step, int):
        return step
    listed = possible(town)
    turn, nth = divmod(step, 3)
    jobs = [one for one in listed if one[0] in _JOB.values()]
    listed = jobs if jobs and nth else listed
    return listed[turn % len(listed)]


def seeded(seed: int, length: int) -> list[Step]:
    """Return a long walk of a seed: what Hypothesis' short ones seldom reach."""
    chance = random.Random(seed)
    return [chance.randrange(1_000_000) for _ in range(length)]


def begun(town: Centre) -> Centre:
    """Give a walk something to walk on: two units, two incidents, an answered call."""
    town.duty("E1", "T1")
    town.incident()
    town.incident()
    town.done(i.AnswerCall)
    return town


def walk(town: Centre, taken: Iterable[Step]) -> None:
    """Take steps, one a second, as the one role that each command is given to."""
    for step in taken:
        town.tick(1)
        command, fields = asked(step, town)
        town.do(command, role=role_for(command), name="one of us", **fields)


def role_for(command: type[Command]) -> str:
    """Return a role that may give a command."""
    if command in (i.RingCall, i.AbandonCall):
        return "line"
    return "system" if command is i.OpenBooked else "supervisor"
