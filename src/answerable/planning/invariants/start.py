"""What is looked at when a process has begun on what the one before it left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from answerable.planning.world import World


def acknowledged_events_are_there(world: World) -> Iterator[str]:
    """I6: every acknowledged event is in the record once, where it was, byte for byte."""
    rows = list(world.server.store.rows())
    for key, recorded in world.acked.items():
        for one in recorded:
            at = one.row.position
            if at > len(rows):
                yield f"key {key}: position {at} was acknowledged; the record ends at {len(rows)}"
            elif rows[at - 1] != one.row:
                yield f"key {key}: position {at} is not what was acknowledged"


def snapshots_give_the_same_state(world: World) -> Iterator[str]:
    """I5: what was started from a snapshot is what a start from the first event gives."""
    hub = world.server.hub
    if hub is not None and world.mishaps.looks_closely():
        replayed = world.begun(use_snapshot=False)
        yield from world.differs(hub, "the state after this start", replayed)
