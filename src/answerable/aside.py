"""What a centre lays aside: incidents closed long ago, and calls that led to none.

A desk works with the last few thousand closed incidents; a city makes as many in days. The rest of
them is packed (about 1 kB each) and lies in the record file beside the events, from which it can be
made again. It comes back by itself for whoever looks at it, adds to it or opens it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from answerable.dispatch.merge_words import IncidentMerged
from answerable.dispatch.state import Response
from answerable.dispatch.state import State as Dispatch
from answerable.dispatch.views import Board, IncidentLine
from answerable.dispatch.words import IncidentClosed
from answerable.followup import back_words as back
from answerable.followup import right_words as right
from answerable.followup.state import About, Back
from answerable.followup.state import State as Followup
from answerable.intake.state import Call, Incident
from answerable.intake.state import State as Intake
from answerable.intake.words import (
    CallAbandoned,
    CallAnswered,
    CallEnded,
    CallRung,
    IncidentBooked,
    IncidentOpened,
)
from answerable.kernel.folding import POINTS_TO
from answerable.matters import referral_words as referral
from answerable.matters import support_words as support
from answerable.standards.past import Case, Known
from answerable.standards.state import State as Standards
from answerable.vault import state as vault
from answerable.vault import words as sealed

KEPT = 2_000
"""Closed incidents that stay in memory, the newest ones; and as many calls that led to none."""


class Lone(msgspec.Struct, tag=True):
    """All that the states hold of a call that ended without an incident."""

    name: str
    call: Call | None = None
    case: Case | None = None
    over: vault.Over | None = None
    back: Back | None = None


class Matter(msgspec.Struct, tag=True):
    """All that the states hold of one incident."""

    line: IncidentLine
    incident: Incident | None = None
    response: Response | None = None
    calls: dict[str, Call] = {}
    known: Known | None = None
    cases: dict[str, dict[str, Case]] = {}
    sealed: vault.Case | None = None
    about: About | None = None
    backs: dict[str, Back] = {}


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Matter | Lone).decode


class ClosedLongAgo:
    """Lays aside closed incidents, and calls without one, beyond the newest ``kept`` of each."""

    begins = frozenset({
        IncidentOpened.tag, IncidentBooked.tag, CallRung.tag, CallAnswered.tag,
    })  # fmt: skip
    after = frozenset({
        IncidentClosed.tag, IncidentMerged.tag, CallEnded.tag, CallAbandoned.tag,
        # these bring back what was laid aside
        *(event.tag for room in (sealed, back, right, referral, support) for event in room.EVENTS),
    })  # fmt: skip

    def __init__(self, kept: int = KEPT) -> None:
        self.kept = kept

    def holds(self, states: Mapping[str, Any], stream: str) -> bool:
        """Say whether the states hold an incident or a call; other streams are always there."""
        intake: Intake = states["intake"]
        if stream.startswith("incident:"):
            return stream[9:] in intake.incidents
        return not stream.startswith("call:") or stream[5:] in intake.calls

    def due(self, states: Mapping[str, Any]) -> str:
        """Return the oldest matter that is over, once there are too many.

        It is a closed or merged incident, or a call that ended without one. A clock of it that
        still runs stays where it is: a caller may wait a day to be rung back, and some for ever.
        """
        board = states["board"]
        if len(board.closed) > self.kept:
            return f"incident:{next(iter(board.closed))}"
        if len(board.over) > self.kept:
            return f"call:{next(iter(board.over))}"
        return ""

    @staticmethod
    def _owners(line: IncidentLine) -> list[tuple[str, str]]:
        """Return under which owners the clocks of an incident are kept."""
        return [("incident", line.incident), *(("call", call) for call in line.calls)]

    @staticmethod
    def _case(standards: Standards, field: str, owner: str) -> Case | None:
        """Take the past clocks of an owner out; one with a running clock stays, and rings."""
        cases = standards.cases.get(field, {})
        case = cases.get(owner)
        return None if case is None or case.open else cases.pop(owner)

    def take(self, states: Mapping[str, Any], stream: str) -> Matter | Lone:
        """Take an incident and its calls, or a call without one, out of the states."""
        kind, _, name = stream.partition(":")
        return self._take_call(states, name) if kind == "call" else self._take(states, name)

    def pack(self, matter: Matter | Lone) -> dict[str, bytes]:
        """Return the body of a matter under its stream, and a pointer to it under each call's."""
        if isinstance(matter, Lone):
            return {f"call:{matter.name}": _encode(matter)}
        stream = f"incident:{matter.line.incident}"
        pointer = POINTS_TO + stream.encode()
        return {stream: _encode(matter), **{f"call:{call}": pointer for call in matter.calls}}

    def _take_call(self, states: Mapping[str, Any], name: str) -> Lone:
        del states["board"].over[name]
        return Lone(
            name=name,
            call=states["intake"].calls.pop(name, None),
            case=self._case(states["standards"], "call", name),
            over=states["vault"].calls.pop(name, None),
            back=states["followup"].backs.pop(name, None),
        )

    def _take(self, states: Mapping[str, Any], name: str) -> Matter:
        intake: Intake = states["intake"]
        dispatch: Dispatch = states["dispatch"]
        standards: Standards = states["standards"]
        board: Board = states["board"]
        followup: Followup = states["followup"]
        line = board.closed.pop(name)
        calls = {c: intake.calls.pop(c) for c in line.calls if c in intake.calls}
        cases: dict[str, dict[str, Case]] = {}
        for field, owner in self._owners(line):
            case = self._case(standards, field, owner)
            if case is not None:
                cases.setdefault(field, {})[owner] = case
        return Matter(
            line=line,
            incident=intake.incidents.pop(name, None),
            response=dispatch.responses.pop(name, None),
            calls=calls,
            known=standards.known.pop(name, None),
            cases=cases,
            sealed=states["vault"].cases.pop(name, None),
            about=followup.incidents.pop(name, None),
            backs={c: followup.backs.pop(c) for c in line.calls if c in followup.backs},
        )

    def put(self, states: Mapping[str, Any], body: bytes) -> None:
        """Put an incident and its calls, or a call, back; it counts as the newest of its sort."""
        matter = _decode(body)
        if isinstance(matter, Lone):
            self._put_call(states, matter)
            return
        name = matter.line.incident
        states["board"].closed[name] = matter.line
        states["intake"].calls.update(matter.calls)
        states["followup"].backs.update(matter.backs)
        for field, cases in matter.cases.items():
            states["standards"].cases.setdefault(field, {}).update(cases)
        for held, part in (
            (states["intake"].incidents, matter.incident),
            (states["dispatch"].responses, matter.response),
            (states["standards"].known, matter.known),
            (states["vault"].cases, matter.sealed),
            (states["followup"].incidents, matter.about),
        ):
            if part is not None:
                held[name] = part

    @staticmethod
    def _put_call(states: Mapping[str, Any], lone: Lone) -> None:
        states["board"].over[lone.name] = None
        if lone.call is not None:
            states["intake"].calls[lone.name] = lone.call
        if lone.back is not None:
            states["followup"].backs[lone.name] = lone.back
        if lone.over is not None:
            states["vault"].calls[lone.name] = lone.over
        if lone.case is not None:
            states["standards"].cases.setdefault("call", {})[lone.name] = lone.case
