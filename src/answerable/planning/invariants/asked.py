"""What is looked at of those who called: each is asked once it is over, or there is a reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from answerable.followup import back_words as w
from answerable.planning.book import Matter, entry_of

if TYPE_CHECKING:
    from answerable.planning.world import World

WAITS = (w.CallBackHeld.tag, w.CallBackAllowed.tag)
"""After these nobody asks the caller; where what they called about is over, somebody must."""
OPEN = ("open", "booked", "withdrawn")
"""What is not over; a closed one that somebody asks to have opened again still is."""


def every_caller_is_asked_or_there_is_a_reason(world: World) -> Iterator[str]:
    """I4: whoever called about something over is to be asked, has been, or is barred with why."""
    if world.server.hub is None:
        return
    last = _last(world)
    for name, matter in world.book.matters.items():
        is_over = _over(world, matter, name)
        for call in world.book.ties.of(name).calls:
            stands = last.get(call, "")
            if is_over and stands in ("", *WAITS):
                yield f"nobody asks the caller of {call} about {name}, which is over"
            if not is_over and stands == w.CallBackDue.tag:
                yield f"the caller of {call} is asked about {name}, which is open"


def nobody_is_asked_twice(world: World) -> Iterator[str]:
    """I4: a call has one call-back: it is due again only after it was held or put back."""
    due: set[str] = set()
    for row in world.server.store.rows():
        if not row.kind.startswith("followup.CallBack"):
            continue
        call = entry_of(row).said["call"]
        if row.kind == w.CallBackDue.tag:
            if call in due:
                yield f"position {row.position} asks the caller of {call} a second time"
            due.add(call)
        elif row.kind in WAITS:
            due.discard(call)


def _last(world: World) -> dict[str, str]:
    """Return the kind of the last event of calling back, by call."""
    return {
        entry_of(row).said["call"]: row.kind
        for row in world.server.store.rows()
        if row.kind.startswith("followup.CallBack")
    }


def _over(world: World, matter: Matter, name: str) -> bool:
    """Say by the rows whether something, or what it was merged into, is closed."""
    seen: set[str] = set()
    while matter.state == "merged" and name not in seen:
        seen.add(name)
        name = world.book.ties.of(name).into
        matter = world.book.matters[name]
    return matter.state not in OPEN
