"""What a centre lays aside: incidents that were closed long ago, with all that belongs to them.

A desk works with the last few thousand closed incidents; a city makes as many in days. The rest of
them is packed (about 1 kB each) and lies in the record file beside the events, from which it can be
made again. It comes back by itself for whoever looks at it, adds to it or opens it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from answerable.dispatch.rules import Response
from answerable.dispatch.rules import State as Dispatch
from answerable.dispatch.views import Board, IncidentLine
from answerable.dispatch.words import IncidentClosed
from answerable.intake.rules import Call, Incident
from answerable.intake.rules import State as Intake
from answerable.intake.words import CallAnswered, CallRung, IncidentBooked, IncidentOpened
from answerable.kernel.folding import POINTS_TO
from answerable.standards.past import Case, Known
from answerable.standards.state import State as Standards

KEPT = 2_000
"""Closed incidents that stay in memory, the newest ones."""
LOOKS = 16
"""Incidents looked at for one that can go; one with a running clock stays."""


class Matter(msgspec.Struct):
    """All that the states hold of one incident."""

    line: IncidentLine
    incident: Incident | None = None
    response: Response | None = None
    calls: dict[str, Call] = {}
    known: Known | None = None
    cases: dict[str, dict[str, Case]] = {}


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Matter).decode


class ClosedLongAgo:
    """Lays closed incidents aside beyond the newest ``kept`` ones."""

    begins = frozenset({
        IncidentOpened.tag, IncidentBooked.tag, CallRung.tag, CallAnswered.tag,
    })  # fmt: skip
    after = frozenset({IncidentClosed.tag})

    def __init__(self, kept: int = KEPT) -> None:
        self.kept = kept

    def holds(self, states: Mapping[str, Any], stream: str) -> bool:
        """Say whether the states hold an incident or a call; other streams are always there."""
        kind, _, name = stream.partition(":")
        intake: Intake = states["intake"]
        if kind == "incident":
            return name in intake.incidents
        return kind != "call" or name in intake.calls

    def due(self, states: Mapping[str, Any]) -> str:
        """Return the oldest closed incident without a running clock, once there are too many."""
        board: Board = states["board"]
        if len(board.closed) <= self.kept:
            return ""
        for line, _ in zip(board.closed.values(), range(LOOKS), strict=False):
            if not self._running(states["standards"], line):
                return f"incident:{line.incident}"
        return ""

    @staticmethod
    def _owners(line: IncidentLine) -> list[tuple[str, str]]:
        """Return under which owners the clocks of an incident are kept."""
        return [("incident", line.incident), *(("call", call) for call in line.calls)]

    def _running(self, standards: Standards, line: IncidentLine) -> bool:
        cases = (standards.cases.get(field, {}).get(owner) for field, owner in self._owners(line))
        return any(case is not None and case.open for case in cases)

    def take(self, states: Mapping[str, Any], stream: str) -> dict[str, bytes]:
        """Take an incident and its calls out of the states."""
        name = stream.partition(":")[2]
        intake: Intake = states["intake"]
        dispatch: Dispatch = states["dispatch"]
        standards: Standards = states["standards"]
        board: Board = states["board"]
        line = board.closed.pop(name)
        calls = {c: intake.calls.pop(c) for c in line.calls if c in intake.calls}
        cases: dict[str, dict[str, Case]] = {}
        for field, owner in self._owners(line):
            case = standards.cases.get(field, {}).pop(owner, None)
            if case is not None:
                cases.setdefault(field, {})[owner] = case
        matter = Matter(
            line=line,
            incident=intake.incidents.pop(name, None),
            response=dispatch.responses.pop(name, None),
            calls=calls,
            known=standards.known.pop(name, None),
            cases=cases,
        )
        pointer = POINTS_TO + stream.encode()
        return {stream: _encode(matter), **{f"call:{call}": pointer for call in calls}}

    def put(self, states: Mapping[str, Any], body: bytes) -> None:
        """Put an incident and its calls back; it counts as the newest of the closed ones."""
        matter = _decode(body)
        name = matter.line.incident
        states["board"].closed[name] = matter.line
        states["intake"].calls.update(matter.calls)
        for field, cases in matter.cases.items():
            states["standards"].cases.setdefault(field, {}).update(cases)
        for held, part in (
            (states["intake"].incidents, matter.incident),
            (states["dispatch"].responses, matter.response),
            (states["standards"].known, matter.known),
        ):
            if part is not None:
                held[name] = part
