"""What the board shows of incidents that have to do with each other: folds, no decisions."""

from __future__ import annotations

from answerable.dispatch import merge_words as m
from answerable.dispatch.views import Board, CallLine, evolve
from answerable.intake import join_words as j
from answerable.kernel.event import Row


@evolve.on(j.CallDetached)
def _detached(board: Board, event: j.CallDetached, row: Row) -> None:
    board.calls[event.call] = CallLine(event.call, "answered", row.happened_at)
    if line := board.line(event.incident):
        line.calls.remove(event.call)
        line.position = row.position


@evolve.on(j.IncidentsLinked)
def _linked(board: Board, event: j.IncidentsLinked, row: Row) -> None:
    if line := board.line(event.incident):
        line.linked.append(event.other)
        line.position = row.position


@evolve.on(j.IncidentsUnlinked)
def _unlinked(board: Board, event: j.IncidentsUnlinked, row: Row) -> None:
    if line := board.line(event.incident):
        line.linked.remove(event.other)
        line.position = row.position


@evolve.on(j.IncidentSplit)
def _split(board: Board, event: j.IncidentSplit, row: Row) -> None:
    if line := board.line(event.incident):
        line.parts.append(event.into)
        line.position = row.position


@evolve.on(j.IncidentSplitOff)
def _split_off(board: Board, event: j.IncidentSplitOff, row: Row) -> None:
    if line := board.line(event.incident):
        line.part_of = event.other
        line.position = row.position


@evolve.on(m.IncidentMerged)
def _merged(board: Board, event: m.IncidentMerged, row: Row) -> None:
    line = board.incidents.pop(event.incident, None)
    if line is None:
        return
    line.state, line.into, line.taken = "merged", event.into, []
    line.changed_us, line.position = row.happened_at, row.position
    board.closed[event.incident] = line


@evolve.on(m.IncidentUnmerged)
def _unmerged(board: Board, event: m.IncidentUnmerged, row: Row) -> None:
    line = board.closed.pop(event.incident, None)
    if line is None:
        return
    line.state, line.into = "open", ""
    line.changed_us, line.position = row.happened_at, row.position
    board.incidents[event.incident] = line


@evolve.on(m.IncidentTookOver)
def _took_over(board: Board, event: m.IncidentTookOver, row: Row) -> None:
    if line := board.line(event.incident):
        line.merged.append(event.merged)
        line.position = row.position


@evolve.on(m.IncidentGaveBack)
def _gave_back(board: Board, event: m.IncidentGaveBack, row: Row) -> None:
    if line := board.line(event.incident):
        line.merged.remove(event.merged)
        line.position = row.position
