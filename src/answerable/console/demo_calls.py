"""The calls of a demonstration: those a town has recorded, or such as are made up at the start.

Made-up calls are kept as a file beside the record, so that a demonstration that is stopped goes on
with the same ones. They begin some hours before the moment that is shown, so that units are under
way when somebody looks.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path

import msgspec

from answerable.console.running import CannotBegin
from answerable.console.tongue import said
from answerable.dispatch import words as d
from answerable.exchange.calls.mapping import load_mapping
from answerable.exchange.calls.plan import Plan, UnitFound, plan_calls
from answerable.exchange.calls.rows import read_calls
from answerable.place.town_places import load_places
from answerable.record import RECORD_FILE
from answerable.towns.files import CALLS, MAPPING
from answerable.towns.made_up.calls import CannotMakeUp, Wish, make_up, usual_per_day
from answerable.towns.made_up.profile import profile
from answerable.towns.made_up.write import write
from answerable.towns.model import Town

MADE_UP_FOLDER = "made-up-calls"
CALLS_MOST = 2000
"""About so many calls are made up at most for a start that is quick."""
DAYS_LEAST, DAYS_MOST = 1.5, 7.0
SHOWN_HOUR = 14
"""Calls are shown from this hour on of their first day, when much is going on."""
HOUR_US = 3_600_000_000
BEFORE = datetime.timedelta(hours=6)
"""How long before the moment that is shown made-up calls begin."""
SHOWN_US = 3 * HOUR_US
"""Made-up calls are shown from the moment in these hours at which the most units are out."""
NOW = "now"

Say = Callable[[str], None]


class DemoCalls(msgspec.Struct, frozen=True):
    """What a demonstration feeds: a plan, its span and where to begin (UTC us); made up or not."""

    plan: Plan
    begin_us: int
    end_us: int
    start_us: int
    made_up: bool = False


class MakeUp(msgspec.Struct, frozen=True):
    """How calls are made up: how many a day (None: what suits the town), and from which seed."""

    per_day: float | None = None
    seed: int = 1


def recorded_calls(folder: Path, town: Town, at: str | None, now_us: int) -> DemoCalls:
    """Return the calls a town has recorded; raises CannotBegin or SourceRefused."""
    plan = _plan(folder / CALLS.name, folder / MAPPING.name, town, now_us)
    begin_us, end_us = plan.commands[0].now_us, plan.commands[-1].now_us
    if at is None:
        first = town.local(begin_us).replace(hour=SHOWN_HOUR, minute=0, second=0, microsecond=0)
        start_us = min(max(_us(first), begin_us), end_us)
    else:
        start_us = _us(moment(at, town, town.local(begin_us)))
        _within(at, start_us, begin_us, end_us, town)
    return DemoCalls(plan, begin_us, end_us, start_us)


def made_up_calls(
    folder: Path, town: Town, data: Path, at: str | None, how: MakeUp, *, fresh: bool,
    now_us: int, begin_anew: Callable[[], None], say: Say,
) -> DemoCalls:  # fmt: skip
    """Return made-up calls: those kept in ``data``, or new ones where it holds no record yet.

    ``begin_anew`` removes the old record once it is sure that new calls can be made. Raises
    CannotBegin, PlaceError, SourceRefused.
    """
    kept = data / MADE_UP_FOLDER / CALLS.name
    new = fresh or not (data / RECORD_FILE).exists()
    if not new and not kept.is_file():
        raise CannotBegin(
            said(
                "Not started: {data} holds a record, and not the made-up calls it was fed with "
                "({folder}). It is of another town, or they were removed. Choose another folder "
                "with --data, or begin anew with --fresh.",
                data=data,
                folder=MADE_UP_FOLDER,
            )
        )
    if new:
        _make(folder, town, kept, at, how, now_us=now_us, begin_anew=begin_anew, say=say)
    plan = _plan(kept, kept.with_name(MAPPING.name), town, None)
    plan = msgspec.structs.replace(plan, units=_all_on_duty(plan, town))
    begin_us, end_us = plan.commands[0].now_us, plan.commands[-1].now_us
    if at is None:
        start_us = _shown_us(plan, town, now_us) if new else begin_us
    else:
        start_us = _us(_start(at, town, now_us))
    begin_us = min(begin_us, start_us) if new else begin_us
    _within(at or "that time", start_us, begin_us, end_us, town)
    return DemoCalls(plan, begin_us, end_us, start_us, made_up=True)


def _shown_us(plan: Plan, town: Town, now_us: int) -> int:
    return busiest_us(plan, _us(_start(None, town, now_us)), SHOWN_US)


def busiest_us(plan: Plan, from_us: int, within_us: int) -> int:
    """Return the first moment of a span at which a unit sets out and the most are out.

    Where none sets out in the span, that is its beginning. Microseconds.
    """
    out, most, found_us = 0, 0, from_us
    for planned in plan.commands:
        if planned.now_us > from_us + within_us:
            break
        command = planned.command
        out += isinstance(command, d.SendUnit) - isinstance(command, d.ClearUnit)
        if isinstance(command, d.GoEnRoute) and planned.now_us >= from_us and out > most:
            most, found_us = out, planned.now_us
    return found_us


def _start(at: str | None, town: Town, now_us: int) -> datetime.datetime:
    """Return the moment asked for: a time, "now", or (None) two in the afternoon of today."""
    now = town.local(_minute(now_us))
    if at is None:
        return now.replace(hour=SHOWN_HOUR, minute=0)
    return now if at == NOW else moment(at, town, now)


def _make(
    folder: Path, town: Town, kept: Path, at: str | None, how: MakeUp, *, now_us: int,
    begin_anew: Callable[[], None], say: Say,
) -> None:  # fmt: skip
    """Make calls up and keep them; nothing is written or removed where they cannot be made."""
    start = _start(at, town, now_us)
    per_day = how.per_day or usual_per_day(town)
    days = min(max(CALLS_MOST / per_day, DAYS_LEAST), DAYS_MOST)
    wish = Wish(start - BEFORE, days + BEFORE / datetime.timedelta(days=1), per_day, how.seed)
    say(
        said(
            "{town} has no recorded calls: {per_day} a day are made up for {days} days, shaped on "
            "those of {source}.",
            town=town.file.title.en,
            per_day=f"{per_day:g}",
            days=f"{days:.3g}",
            source=profile().source.partition(" (")[0],
        )
    )
    try:
        calls = make_up(town, load_places(folder), wish)
    except CannotMakeUp as refusal:
        raise CannotBegin(str(refusal).replace("No calls were made up.", "Not started.")) from None
    begin_anew()
    try:
        write(calls, town, wish, kept)
    except OSError as error:
        raise CannotBegin(
            said(
                "Not started: the made-up calls cannot be kept in {folder} ({why}). "
                "Choose another folder with --data.",
                folder=kept.parent,
                why=error.strerror,
            )
        ) from error


def _all_on_duty(plan: Plan, town: Town) -> list[UnitFound]:
    """Return the units of a plan and the rest of the town's: all of them are there to be sent."""
    named = {found.unit for found in plan.units}
    begin_us = plan.commands[0].now_us
    rest = [
        UnitFound(unit.unit, f"town:{unit.unit}", unit.unit_type, begin_us)
        for unit in town.units.values()
        if unit.unit not in named
    ]
    return [*plan.units, *rest]


def _plan(calls: Path, mapping: Path, town: Town, latest_us: int | None) -> Plan:
    load_mapping.cache_clear()  # a new demo may have written the file anew
    plan = plan_calls(read_calls(calls, load_mapping(mapping), latest_us), town.kinds)
    if not plan.commands:
        raise CannotBegin(
            said(
                "Not started: {calls} holds no call that can be shown. Every row of it was "
                "refused. Look at it with 'answerable replay --report'.",
                calls=calls,
            )
        )
    return plan


def moment(at: str, town: Town, example: datetime.datetime) -> datetime.datetime:
    """Return a moment as a person wrote it, in the town's zone; CannotBegin where it is none."""
    try:
        start = datetime.datetime.fromisoformat(at)
    except ValueError as error:
        raise CannotBegin(
            said(
                "Not started: '{at}' is not a time. {why}. Write it as {example}.",
                at=at,
                why=error,
                example=f"{example:%Y-%m-%dT%H:%M}",
            )
        ) from error
    return start if start.tzinfo else start.replace(tzinfo=town.zone)


def _within(at: str, start_us: int, begin_us: int, end_us: int, town: Town) -> None:
    if not begin_us <= start_us <= end_us:
        first, last = town.local(begin_us), town.local(end_us)
        raise CannotBegin(
            said(
                "Not started: there are no calls at {at}. The recorded ones go from {first} to "
                "{last} ({zone}). Choose a time between.",
                at=at,
                first=f"{first:%Y-%m-%dT%H:%M}",
                last=f"{last:%Y-%m-%dT%H:%M}",
                zone=town.zone.key,
            )
        )


def _us(at: datetime.datetime) -> int:
    return int(at.timestamp() * 1_000_000)


def _minute(at_us: int) -> int:
    return at_us - at_us % 60_000_000
