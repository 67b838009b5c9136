"""The strip under the head of every page: who rings, what was claimed, what else waits.

What the strip says is data without a language: numbers of calls, lines, desks and times. The words
are in the page, so the same bytes go to every console that may answer.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from answerable.console.stream import Subscriber, framed, message
from answerable.intake.line_views import BACK, LINES, Lines, OnLine
from answerable.intake.words import AnswerCall
from answerable.kernel.authority import IMPORTER, Actor
from answerable.kernel.event import Mark, Recorded

if TYPE_CHECKING:
    from answerable.console.front import Front

AMBER_S = 60
"""A claim that nothing has followed for so long turns amber, and everybody sees it."""
SHOWN = 6
"""Calls of each sort that stand in the strip; the page of calls has them all."""
PACE_S = 0.03
"""So long changes are gathered: a burst of rings is told in one message."""
KINDS = frozenset(LINES.arms.table)
"""The events that can change the strip."""


def lines_of(front: Front) -> Lines:
    """Return the fold that strip and page read."""
    lines: Lines = front.hub.state["lines"]
    return lines


def may_answer(front: Front, actor: Actor | None) -> bool:
    """Say whether somebody may claim a call, and know which line and which desk."""
    rights = front.hub.rooms.authority
    return (
        actor is not None
        and rights.may_do(actor.role, AnswerCall.tag)
        and rights.may_see(actor.role, Mark.INSIDE)
        and rights.may_open(actor.role, "calls")
    )


def _rings(one: OnLine) -> dict[str, Any]:
    return {
        "call": one.call, "line": one.line, "medium": one.medium, "since": one.rung_us // 1000,
    }  # fmt: skip


def _held(front: Front, one: OnLine) -> dict[str, Any]:
    says = front.demo.says(one.call) if front.demo is not None else ""
    return {
        "call": one.call, "by": one.by, "desk": one.desk, "since": one.since_us // 1000,
        "says": says,
    }  # fmt: skip


def of(front: Front) -> dict[str, Any]:
    """Return what the strip shows: calls ringing and held, the oldest first; counts of the rest.

    What a replay of old records answered was claimed by no desk.
    """
    calls = list(lines_of(front).calls.values())
    ringing = sorted((c for c in calls if c.state == "ringing"), key=lambda c: c.rung_us)
    held = [c for c in calls if c.state == "answered" and not c.followed]
    held = sorted((c for c in held if c.by != IMPORTER.name), key=lambda c: c.since_us)
    return {
        "ringing": [_rings(one) for one in ringing[:SHOWN]],
        "held": [_held(front, one) for one in held[:SHOWN]],
        "more": max(0, len(ringing) - SHOWN),
        "back": sum(1 for c in calls if c.state in BACK),
        "texts": sum(1 for c in calls if c.texts and c.state != "ringing"),
        "transfers": sum(1 for c in calls if c.state.startswith("offered")),
    }


class Ringing:
    """Tells every console that may answer what rings. One per process."""

    def __init__(self, front: Front) -> None:
        self.front = front
        self._said = ""
        self._planned: asyncio.TimerHandle | None = None

    def committed(self, recorded: Sequence[Recorded]) -> None:
        """Take up what has just been recorded."""
        if self._planned is None and any(one.row.kind in KINDS for one in recorded):
            try:
                loop = asyncio.get_running_loop()
            except RuntimeError:
                return  # no loop, so nobody is connected
            self._planned = loop.call_later(PACE_S, self.tell)

    def tell(self) -> None:
        """Tell the strip to everybody who may have it, where it has changed."""
        self._planned = None
        said = self._now()
        if said == self._said:
            return
        self._said = said
        data = message(said, event="ringing")
        frame = framed(data)
        for channel in self.front.channels.live().values():
            for subscriber in channel.subscribers:
                if may_answer(self.front, subscriber.actor):
                    subscriber.push(data, frame)

    def greet(self, subscriber: Subscriber) -> None:
        """Tell a console that has just come."""
        if may_answer(self.front, subscriber.actor):
            subscriber.push(message(self._now(), event="ringing"))

    def _now(self) -> str:
        return json.dumps(of(self.front), ensure_ascii=False, separators=(",", ":"))
