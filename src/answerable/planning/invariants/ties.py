"""What is looked at of calls and of incidents that have to do with each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from answerable.planning.book import AFTERWARDS

if TYPE_CHECKING:
    from answerable.planning.world import World


def ties_are_what_the_rows_say(world: World) -> Iterator[str]:
    """B3: calls, links, splits and merges on the board are those of the rows, in their order."""
    if world.server.hub is None:
        return
    board, ties = world.server.hub.state["board"], world.book.ties
    for name in world.touched_incidents:
        line, said = board.line(name), ties.of(name)
        if line is None:
            continue
        shown = (line.calls, line.linked, line.merged, line.parts, line.part_of, line.into)
        told = (said.calls, said.linked, said.merged, said.parts, said.part_of, said.into)
        if shown != told:
            yield f"the board ties incident {name} to {shown}, the rows to {told}"


def rules_know_the_same_ties(world: World) -> Iterator[str]:
    """B3: each room knows of a call and of an incident what the rows say, and nothing else."""
    if world.server.hub is None:
        return
    intake, dispatch = (world.server.hub.state[name] for name in ("intake", "dispatch"))
    for name in world.touched_incidents:
        known, said = intake.incidents.get(name), world.book.ties.of(name)
        if known is not None and (known.calls, known.linked) != (len(said.calls), said.linked):
            yield f"intake knows {known.calls} calls and {known.linked} of {name}, not {said.calls}"
        response = dispatch.responses.get(name)
        if response is not None and response.into != said.into:
            yield f"dispatch has {name} merged into {response.into}, the rows {said.into}"
        for call in said.calls:
            if (held := intake.calls.get(call)) is not None and held.incident != name:
                yield f"intake has call {call} about {held.incident}, the rows about {name}"


def every_tie_has_two_sides(world: World) -> Iterator[str]:
    """B3: what is linked, split or merged is so in the thread of either incident."""
    yield from world.book.ties.one_sided()


def a_merged_incident_is_over(world: World) -> Iterator[str]:
    """I3: an incident that was merged has no unit on it, and no clock of its response runs."""
    if world.server.hub is None:
        return
    standards = world.server.hub.state["standards"]
    for name, matter in world.book.matters.items():
        if matter.state != "merged":
            continue
        if on := [unit for unit, job in matter.jobs.items() if job not in ("cleared", "cancelled")]:
            yield f"incident {name} is merged, and {', '.join(on)} is still on it"
        case = standards.cases.get("incident", {}).get(name)
        for run in case.open if case is not None else ():
            if not standards.clocks[run.clock].clock.starts.startswith(AFTERWARDS):
                yield f"incident {name} is merged, and its clock {run.number} runs"
