"""What is looked at when alarms have acted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from answerable.planning.world import World


def due_clocks_have_rung(world: World) -> Iterator[str]:
    """I3: every open clock past its limit has rung; one that has not is running in vain."""
    if world.server.hub is None:
        return
    state = world.server.hub.state["standards"]
    for number, run in state.runs().items():
        if run.state == "running" and run.due_us <= world.rung_until_us:
            late_s = (world.rung_until_us - run.due_us) / 1e6
            yield f"clock {number} was due {late_s:.1f} s ago and has not rung"
        elif run.stage > world.book.rung.get(number, 0):
            yield f"clock {number} counts {run.stage} rings; the record has fewer"


def durations_are_whole(world: World) -> Iterator[str]:
    """B8: setting a clock alters no duration: what never stood still is due at its limit."""
    if world.server.hub is None:
        return
    state = world.server.hub.state["standards"]
    for number, run in state.runs().items():
        stood = state.cell(run).stood.get(str(run.slot))
        if not stood and run.due_us - run.start_us != run.limit_us:
            yield f"clock {number} lasts {run.due_us - run.start_us} µs, not {run.limit_us}"


def alarms_have_acted(world: World) -> Iterator[str]:
    """B5: every alarm of every room that was due has acted, and left a row that says so."""
    if world.server.hub is None:
        return
    due_us = world.server.hub.next_alarm_us()
    if due_us is not None and due_us <= world.rung_until_us:
        yield f"an alarm was due {(world.rung_until_us - due_us) / 1e6:.1f} s ago"
