"""What handing over decides on: the life of a desk, who sits there now, what is offered.

Only what stands now is kept: a desk that nobody sits at and nobody offers is forgotten, so there is
nothing here from which anybody's hours could be added up.
"""

from __future__ import annotations

import msgspec

from answerable.handover import words as w
from answerable.kernel.steps import Steps

EMPTY, TAKEN, OFFERED, WAITING = "empty", "taken", "offered", "waiting"

DESK = Steps(
    "desk",
    first=EMPTY,
    last=frozenset({EMPTY}),
    table={
        (EMPTY, w.SatDown): TAKEN,
        (TAKEN, w.HandOverOffered): OFFERED,
        (TAKEN, w.StoodUp): EMPTY,
        (OFFERED, w.HandOverRead): OFFERED,
        (OFFERED, w.HandOverTaken): TAKEN,
        (OFFERED, w.HandOverWithdrawn): TAKEN,
        (OFFERED, w.StoodUp): WAITING,
        (WAITING, w.HandOverRead): WAITING,
        (WAITING, w.HandOverTaken): TAKEN,
        (WAITING, w.HandOverWithdrawn): EMPTY,
    },
)
"""The life of a desk. What was offered waits for the next, also when whoever offered it has gone.

An offered desk is taken over or the offer is withdrawn; nobody sits down there past what was said.
"""


class Seat(msgspec.Struct):
    """A desk as it stands. Times are UTC microseconds; 0 and "" stand for none.

    ``by`` sits there in ``session`` since the event at ``position``; ``handover`` was offered at
    ``offered_at`` (a position) by ``offered_by``, and read by ``readers``; ``told_at`` is where
    the words stand that were left for whoever sits there now.
    """

    state: str = EMPTY
    by: str = ""
    session: str = ""
    since_us: int = 0
    position: int = 0
    handover: str = ""
    offered_us: int = 0
    offered_at: int = 0
    offered_by: str = ""
    readers: list[str] = []
    told_at: int = 0


class State(msgspec.Struct):
    """The desks that are in use, and how many hand-overs were ever offered, for their names."""

    desks: dict[str, Seat] = {}
    offers: int = 0

    def seat(self, desk: str) -> Seat:
        """Return a desk as it stands; one that nobody uses is empty."""
        return self.desks.get(desk) or Seat()
