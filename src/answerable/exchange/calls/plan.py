"""Read rows -> the commands that would have been given, in the order of time.

A command's ``at`` is when the thing truly happened. The moment it is *given* is never before the
step it follows in its own job, so that a record with stamps out of order still passes through the
rules; then ``at`` lies before the moment and the event carries a mark. What the source does not
say is not invented: a step without a time is left out, and the three that a record cannot do
without (opened, sent, cleared) take the nearest time of their own row and are marked.
"""

from __future__ import annotations

import datetime
from collections.abc import Container, Iterator, Mapping

import msgspec

from answerable.dispatch import words as d
from answerable.exchange.calls.mapping import CALL_STEPS, STEPS, Step
from answerable.exchange.calls.rows import SourceFile, SourceRow
from answerable.exchange.calls.times import Flag
from answerable.intake import words as i
from answerable.kernel.event import Command

OTHER = "Other"
"""The kind every town has."""
NO_PLACE = "place not given by the source"
NO_POSITION = "the source gives no position"

_JOB_COMMANDS: dict[Step, type[d.StepCommand]] = {
    "acknowledged": d.Acknowledge,
    "en_route": d.GoEnRoute,
    "arrived": d.Arrive,
    "transporting": d.Transport,
    "at_hospital": d.ReachHospital,
    "cleared": d.ClearUnit,
}

Order = tuple[int, int, int, int]


class Planned(msgspec.Struct, frozen=True, gc=False):
    """A command, the moment it is given (UTC microseconds), and the source line it speaks for.

    ``order`` sorts the whole plan: moment, begin and end of its job, then as planned. Where one job
    of a unit ends in the very moment its next one begins, the end so comes first.
    """

    order: Order
    line: int
    command: Command

    @property
    def now_us(self) -> int:
        """Return the moment the command is given."""
        return self.order[0]


class _Time(msgspec.Struct, frozen=True, gc=False):
    """A step's true time and its marks."""

    at_us: int
    marks: tuple[str, ...] = ()


class UnitFound(msgspec.Struct, frozen=True):
    """A unit that a file names: its type there, when it is first needed, and for which row."""

    unit: str
    key: str
    unit_type: str
    from_us: int


class Plan(msgspec.Struct, frozen=True):
    """What a source file comes to: commands in order, and the units they need on duty."""

    commands: list[Planned]
    units: list[UnitFound]
    calls: int


def plan_calls(source: SourceFile, kinds: Container[str]) -> Plan:
    """Return the commands that record ``source``; ``kinds`` are the town's kinds of incident.

    A kind the town does not have is recorded as "Other", with the source's own word as a mark.
    """
    calls: dict[str, list[SourceRow]] = {}
    for row in source.rows:
        calls.setdefault(row.call, []).append(row)
    planner = _Planner(source, kinds)
    for rows in calls.values():
        planner.add_call(rows)
    commands = sorted(planner.commands, key=lambda planned: planned.order)
    return Plan(commands, sorted(planner.units.values(), key=lambda u: u.unit), len(calls))


class _Planner:
    """Collects the commands of one call after the other."""

    def __init__(self, source: SourceFile, kinds: Container[str]) -> None:
        mapping = source.mapping
        self._kinds = kinds
        self._said_of_all = mapping.source.marks
        self._stage_of = {
            step: at for at, stage in enumerate(mapping.stage) for step in stage.steps
        }
        self._shared_with_ring = {
            step for step in mapping.stage[0].steps if step != "rung"
        }  # one column for several steps: they share a time the source gives once
        self._rounded = (
            (f"times are given to {mapping.source.precision_s:g} s",)
            if mapping.source.precision_s > 1
            else ()
        )
        self._steps: list[tuple[Step, int]] = sorted(
            ((step, at) for step, at in self._stage_of.items() if step not in CALL_STEPS),
            key=lambda pair: STEPS.index(pair[0]),
        )
        self.commands: list[Planned] = []
        self.units: dict[str, UnitFound] = {}

    # -- a call ------------------------------------------------------------------------------

    def add_call(self, rows: list[SourceRow]) -> None:
        """Plan a call: its ring, its incident, every job of its rows, and its end."""
        first = rows[0]
        rung = self._earliest(rows, "rung")
        assert rung is not None, "a row without a call time is reported, never planned"
        answered = self._earliest(rows, "answered") or _Time(rung.at_us, (Flag.NOT_GIVEN.said,))
        opened = self._earliest(rows, "opened") or _Time(answered.at_us, (Flag.NOT_GIVEN.said,))
        begin = rung.at_us
        answered_now = max(begin, answered.at_us)
        opened_now = max(answered_now, opened.at_us)
        ring = i.RingCall(key=f"{first.key}:rung", at=begin, call=first.call)
        answer = i.AnswerCall(
            key=f"{first.key}:answered",
            at=answered.at_us,
            call=first.call,
            marks=self._answer_marks(answered),
        )
        for now_us, command in (
            (begin, ring),
            (answered_now, answer),
            (opened_now, self._incident(rows, opened)),
        ):
            self._add((now_us, begin, begin), first, command)
        ends = self._jobs(rows, opened, opened_now)
        self._close(first, ends or [(opened_now, _Time(opened.at_us, (Flag.NOT_GIVEN.said,)))])

    def _add(self, order: tuple[int, int, int], row: SourceRow, command: Command) -> None:
        self.commands.append(Planned((*order, len(self.commands)), row.line, command))

    def _earliest(self, rows: list[SourceRow], step: Step) -> _Time | None:
        """Return the earliest time of a step among the rows of a call."""
        at = self._stage_of.get(step)
        if at is None:
            return None
        times = [(t, row.flags[at]) for row in rows if (t := row.at[at]) is not None]
        if not times:
            return None
        t, flags = min(times)
        return _Time(t, _said(flags))

    def _answer_marks(self, answered: _Time) -> tuple[str, ...]:
        ring = ("the source gives one time for ring and answer",)
        return (
            *self._said_of_all,
            *answered.marks,
            *(ring if self._shared_with_ring else ()),
            *self._rounded,
        )

    def _incident(self, rows: list[SourceRow], opened: _Time) -> i.OpenIncident:
        first = rows[0]
        known = first.kind in self._kinds
        marks = (
            *self._said_of_all,
            *opened.marks,
            *(() if known else (f"kind in the source: {first.kind}",)),
        )
        return i.OpenIncident(
            key=f"{first.key}:opened",
            at=opened.at_us,
            incident=first.call,
            call=first.call,
            kind=first.kind if known else OTHER,
            group=first.group,
            priority=first.priority,
            address=first.place or first.area or NO_PLACE,
            lon=first.point[0] if first.point else None,
            lat=first.point[1] if first.point else None,
            unverified="" if first.point else NO_POSITION,
            reference=first.incident,
            marks=(*marks, *self._unnamed(rows))[:12],
        )

    def _unnamed(self, rows: list[SourceRow]) -> Iterator[str]:
        """Yield the times of units that the source does not name; no unit is made up for them."""
        for row in rows:
            for step, at in self._steps:
                t = row.at[at]
                if t is not None and not row.units:
                    yield f"{step} at {_utc(t)} by a unit the source does not name"

    def _close(self, first: SourceRow, ends: list[tuple[int, _Time]]) -> None:
        """Close the incident when its last unit is clear, with the source's disposition."""
        now_us = max(now for now, _ in ends)
        last = max((time for _, time in ends), key=lambda time: time.at_us)
        command = d.CloseIncident(
            key=f"{first.key}:closed",
            at=last.at_us,
            incident=first.call,
            outcome=first.disposition if len(first.disposition) > 1 else f"({first.disposition})",
            marks=tuple(m for m in last.marks if m == Flag.NOT_GIVEN.said),
        )
        self._add((now_us, now_us, now_us), first, command)

    # -- its jobs ----------------------------------------------------------------------------

    def _jobs(
        self, rows: list[SourceRow], opened: _Time, opened_now: int
    ) -> list[tuple[int, _Time]]:
        """Plan the jobs of a call; return the moment and the true time each of them ended."""
        ends = []
        again: dict[str, int] = {}
        for row in rows:
            times = self._times(row, opened)
            for number, unit in enumerate(row.units):
                earliest = max(opened_now, again.get(unit, 0))
                ends.append(self._job(row, unit, number, times, earliest))
                again[unit] = ends[-1][0]
        return ends

    def _times(self, row: SourceRow, opened: _Time) -> dict[Step, _Time]:
        """Return the steps of a row's jobs with their times, sent first and cleared last."""
        times: dict[Step, _Time] = {
            step: _Time(t, _said(row.flags[at]))
            for step, at in self._steps
            if (t := row.at[at]) is not None
        }
        missing = (Flag.NOT_GIVEN.said,)
        first = min((time.at_us for time in times.values()), default=opened.at_us)
        sent = times.pop("sent", None) or _Time(first, missing)
        last = max((time.at_us for time in times.values()), default=sent.at_us)
        cleared = times.pop("cleared", None) or _Time(max(last, sent.at_us), missing)
        return {"sent": sent, **times, "cleared": cleared}

    def _job(
        self, row: SourceRow, unit: str, number: int, times: Mapping[Step, _Time], earliest: int
    ) -> tuple[int, _Time]:
        now_us = max(earliest, times["sent"].at_us)
        self._meet(row, unit, number, now_us)
        end = max(now_us, *(time.at_us for time in times.values()))
        begin = now_us
        for step, time in times.items():
            now_us = max(now_us, time.at_us)
            self._add((now_us, begin, end), row, _job_command(row, unit, number, step, time))
        return now_us, times["cleared"]

    def _meet(self, row: SourceRow, unit: str, number: int, now_us: int) -> None:
        known = self.units.get(unit)
        if known is None or now_us < known.from_us:
            kind = row.unit_type or (known.unit_type if known else "")
            self.units[unit] = UnitFound(unit, f"{row.key}:{number}", kind, now_us)


def _job_command(row: SourceRow, unit: str, number: int, step: Step, time: _Time) -> Command:
    key = f"{row.key}:{number}:{step}"
    if step == "sent":
        return d.SendUnit(key=key, at=time.at_us, incident=row.call, unit=unit, marks=time.marks)
    return _JOB_COMMANDS[step](
        key=key, at=time.at_us, incident=row.call, unit=unit, marks=time.marks
    )


_SAID_CACHE: dict[int, tuple[str, ...]] = {}


def _said(flags: int) -> tuple[str, ...]:
    """Return marks in words."""
    if not flags:
        return ()
    if flags not in _SAID_CACHE:
        _SAID_CACHE[flags] = tuple(flag.said for flag in Flag if flags & flag)
    return _SAID_CACHE[flags]


def _utc(at_us: int) -> str:
    instant = datetime.datetime.fromtimestamp(at_us / 1_000_000, datetime.UTC)
    return f"{instant:%Y-%m-%dT%H:%M:%SZ}"
