"""What is looked at after every batch, over the rows that are new in the record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from answerable.kernel.hub import commitment_of
from answerable.planning.book import OCCUPIES, Matter

if TYPE_CHECKING:
    from answerable.planning.world import World

BY_PEOPLE = ("dispatch.", "intake.Call", "intake.Kind", "intake.Place", "intake.Note")
"""Kinds of events that are acts of people: nothing of the kind comes about by a timer."""
BY_ITSELF = frozenset({
    "dispatch.UnitSent", "dispatch.HoldEnded", "dispatch.ReturnOverdue",
    "dispatch.UnitReminded", "dispatch.ReportReminded", "dispatch.NextProposed",
    "dispatch.SupervisorTold", "dispatch.ReopeningAsked",
})  # fmt: skip
"""The exceptions: a unit that has become free is sent to what was stacked on it; what waited is
taken up at its time; people are told what is late; and where putting something right needs it, a
reopening is asked for, which a person grants."""


def positions_have_no_gap(world: World) -> Iterator[str]:
    """I6: positions count from 1 without a gap or a repetition."""
    at = world.checked
    for row, _ in world.fresh:
        at += 1
        if row.position != at:
            yield f"position {row.position} stands where {at} should"


def times_never_go_back(world: World) -> Iterator[str]:
    """B8: recording times never go back, and nothing happens after it was recorded."""
    last_us = world.checked_us
    for row, _ in world.fresh:
        if row.recorded_at < last_us:
            yield f"position {row.position} is {last_us - row.recorded_at} µs before the last"
        if row.happened_at > row.recorded_at:
            yield f"position {row.position} happened after it was recorded"
        last_us = row.recorded_at


def epochs_are_those_of_the_openings(world: World) -> Iterator[str]:
    """I6: every row carries the number of the opening that wrote it, and those go up."""
    for row, _ in world.fresh:
        if not world.checked_epoch <= row.epoch <= world.server.store.epoch:
            yield f"position {row.position} carries epoch {row.epoch}"


def nothing_sealed_is_in_a_row(world: World) -> Iterator[str]:
    """I7: no body, key, actor or stream holds what a caller said; only commitments are there."""
    for row, _ in world.fresh:
        if world.marker_bytes in row.body or world.marker in f"{row.stream}{row.actor}{row.key}":
            yield f"position {row.position} ({row.kind}) holds a sealed value in plain words"


def sealed_values_fit_their_commitments(world: World) -> Iterator[str]:
    """B4: every sealed value fits the commitment in its row, and every commitment has its value."""
    store = world.server.store
    if not store.sealed_now:
        return
    said = {row.position: values for row, values in world.fresh}
    for one in store.sealed_now:
        made = commitment_of(one.field, one.salt, one.value)
        if not made == one.commitment == said.get(one.position, {}).get(one.field):
            yield f"the sealed {one.field} at {one.position} does not fit its commitment"
        if world.marker not in one.value:
            yield f"the sealed {one.field} at {one.position} is not what anybody said"
        world.sealed[one.position, one.field] = one.value
    store.sealed_now.clear()


def keys_are_done_once(world: World) -> Iterator[str]:
    """B14: no command is done twice: all rows of a key stand together, written at once."""
    keys = world.book.keys
    for row, _ in world.fresh:
        known = keys.get(row.key)
        if known is not None and (known[0] != row.position - 1 or known[1] != row.recorded_at):
            yield f"key {row.key} was done at {known[0]} and again at {row.position}"
        keys[row.key] = (row.position, row.recorded_at)


def the_book_agrees(world: World) -> Iterator[str]:
    """I1, I2, B5, B6, B12: each row can follow those before it, by an account kept by hand."""
    yield from world.book.faults
    world.book.faults.clear()


def jobs_are_what_the_rows_say(world: World) -> Iterator[str]:
    """B1, B2: a row changes the one job it names; every other job of unit and incident stays."""
    if world.server.hub is None:
        return
    responses = world.server.hub.state["dispatch"].responses
    for incident in world.touched_incidents:
        response, matter = responses.get(incident), world.book.matters.get(incident)
        if response is None or matter is None:
            continue
        jobs = {unit: job.state for unit, job in response.jobs.items()}
        if jobs != matter.jobs:
            yield f"incident {incident}: the rules have jobs {jobs}, the rows say {matter.jobs}"


def board_and_rules_show_the_same(world: World) -> Iterator[str]:
    """B3: the board shows of every unit and incident what the rules decide on."""
    if world.server.hub is None:
        return
    board, rules = (world.server.hub.state[name] for name in ("board", "dispatch"))
    for name in world.touched_units:
        shown, known = board.units.get(name), rules.units.get(name)
        if shown is None or known is None:
            if shown is not known:
                yield f"unit {name} is known to the board or to the rules only"
            continue
        jobs = {incident for incident, state in shown.jobs.items() if state in OCCUPIES}
        moved = (shown.moved_up, shown.back_us if not shown.overdue else 0)
        if moved != (known.moved_up, known.back_us):
            yield f"the board shows {name} moved up or back {moved}, the rules {known}"
        if jobs != set(known.busy) or shown.duty != known.duty:
            yield f"the board shows {name} {shown.duty} on {jobs}, the rules {known}"
    for incident in world.touched_incidents:
        line, response = board.line(incident), rules.responses.get(incident)
        if line is None or response is None:
            continue
        waits = (line.held_until_us, line.awaits, line.alarm)
        if waits != (response.held_until_us, response.awaits, response.alarm):
            yield f"the board shows incident {name} waiting {waits}, the rules {response}"
        drawn = {unit: job.state for unit, job in line.jobs.items()}
        held = {unit: job.state for unit, job in response.jobs.items()}
        if line.state != response.state or drawn != held:
            yield f"the board shows incident {incident} {line.state} with {drawn}, the rules {held}"


def open_incidents_stay_open(world: World) -> Iterator[str]:
    """B5: what the rows say is open is on the board as open, reopened or not, and nothing else."""
    if world.server.hub is None:
        return
    shown = world.server.hub.state["board"].incidents
    if shown.keys() != world.book.open.keys():
        yield f"the board shows as open {sorted(shown)}, the rows say {sorted(world.book.open)}"


def units_are_on_one_incident(world: World) -> Iterator[str]:
    """I1: no unit is on two incidents unless stacked on purpose; none waits while it is free."""
    if world.server.hub is None:
        return
    units = world.server.hub.state["dispatch"].units
    for name in world.touched_units:
        if (unit := units.get(name)) is None:
            continue
        if unit.busy != world.book.on.get(name, []):
            yield f"unit {name} is on {unit.busy}; the rows say {world.book.on.get(name)}"
        if unit.stacked and not unit.busy:
            yield f"unit {name} is free, and {unit.stacked} is still stacked on it"


def bookings_occupy_nobody(world: World) -> Iterator[str]:
    """B6: what is booked for later has no unit and is on no list of open incidents."""
    if world.server.hub is None:
        return
    board, rules = (world.server.hub.state[name] for name in ("board", "dispatch"))
    for incident in board.booked:
        if incident in board.incidents or incident in rules.responses:
            yield f"incident {incident} is booked for later and open at once"
        if incident in world.touched_incidents and _jobs(world.book.matters.get(incident)):
            yield f"incident {incident} is booked for later and occupies a unit"


def _jobs(matter: Matter | None) -> bool:
    return matter is not None and bool(matter.jobs)


def the_program_acts_in_its_own_name(world: World) -> Iterator[str]:
    """B5: what nobody asked for stands in the record as the program's own act, and is of few kinds.

    A timer does nothing else: it closes no incident, moves no unit, changes no place.
    """
    for row, said in world.fresh:
        if row.actor != "system":
            continue
        if row.kind.startswith(BY_PEOPLE) and row.kind not in BY_ITSELF:
            yield f"position {row.position}: {row.kind} was done by the program itself"
        if row.kind == "intake.IncidentOpened" and said.get("call"):
            yield f"position {row.position}: the program took a call"


def nothing_failed_in_silence(world: World) -> Iterator[str]:
    """B17: no rule fails, no reaction fails, no alarm is put aside: the log of errors is empty."""
    yield from world.errors
    world.errors.clear()
