"""A centre of toy rooms for the tests of the kernel, and a store that fails on request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from answerable.kernel.authority import Actor, Authority, Rights
from answerable.kernel.clock import SetClock
from answerable.kernel.event import Mark, Row, SealedValue
from answerable.kernel.hub import Accepted, Ask, Hub, Outcome, Refused
from answerable.kernel.ids import SeededIds
from answerable.kernel.room import Rooms
from answerable.kernel.store import CannotRecord, Head, LaidAside
from answerable.record.memory import MemoryStore
from tests.kernel.tally import rules as tally
from tests.kernel.toy import rules as toy
from tests.kernel.toy import words as w

START_US = 1_585_810_800_000_000
"""2 April 2020, midnight in San Francisco."""
SECOND_US = 1_000_000
DAY_US = 86_400 * SECOND_US

KEEPER = Actor(name="kim", role="keeper")
OTHER = Actor(name="ola", role="keeper")
GUEST = Actor(name="gus", role="guest")

AUTHORITY = Authority(
    roles={
        "keeper": Rights(
            commands=frozenset(c.tag for c in w.COMMANDS),
            sees=frozenset({Mark.OPEN, Mark.INSIDE}),
            pages=frozenset({"shelf"}),
        ),
        "system": Rights(commands=frozenset({"toy.ShutBox", "tally.CountOpening"})),
        "guest": Rights(),
    }
)


def rooms(authority: Authority = AUTHORITY) -> Rooms:
    """Return the toy product."""
    return Rooms((toy.ROOM, tally.ROOM), authority, (tally.SEEN,))


class FailingStore(MemoryStore):
    """A memory store whose next append fails the way it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.fail: Exception | None = None
        self.but_written = False

    def append(
        self,
        rows: Sequence[Row],
        sealed: Sequence[SealedValue] = (),
        aside: Sequence[LaidAside] = (),
    ) -> Head:
        fail, self.fail = self.fail, None
        if fail is None:
            return super().append(rows, sealed, aside)
        if self.but_written and not isinstance(fail, CannotRecord):
            super().append(rows, sealed, aside)
        raise fail


def centre(store: Any = None, *, now_us: int = START_US, authority: Authority = AUTHORITY) -> Hub:
    """Return a started hub over the toy rooms."""
    hub = Hub(
        rooms(authority),
        FailingStore() if store is None else store,
        clock=SetClock(now_us),
        ids=SeededIds(7),
    )
    hub.start()
    return hub


def tell(hub: Hub, command: Any, actor: Actor = KEEPER) -> Outcome:
    """Have one command done and committed."""
    return hub.handle([Ask(command, actor)])[0]


def happened(outcome: Outcome) -> list[str]:
    """Return the kinds of the events of an accepted command."""
    assert isinstance(outcome, Accepted), outcome
    return [one.row.kind for one in outcome.recorded]


def refused(outcome: Outcome) -> str:
    """Return the code of a refusal."""
    assert isinstance(outcome, Refused), outcome
    return outcome.refusal.code


def packed(hub: Hub) -> bytes:
    """Return the bytes of the whole state."""
    return hub.rooms.pack(hub.state)
