"""What is looked at of those who called: each is asked once it is over, or there is a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from answerable.followup import back_words as w
from answerable.measure.satisfaction import report
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


def every_caller_is_rung_to_an_end(world: World) -> Iterator[str]:
    """I4: at rest nobody waits to be rung: answered, declined, not reached, or barred with why."""
    for call, one in world.book.backs.calls.items():
        if one.state == "due":
            yield f"the caller of {call} is still to be rung, after {one.tries} attempts"
        if one.state == "barred" and not one.reason:
            yield f"the caller of {call} is barred, and nobody says why"


def whoever_waits_has_a_clock(world: World) -> Iterator[str]:
    """I3, I4: while somebody waits for the first ring, a clock runs or has rung for them."""
    if world.server.hub is None:
        return
    standards = world.server.hub.state["standards"]
    timed = {
        (run.owner, run.rest) for run in standards.runs().values()
        if standards.clocks[run.clock].clock.starts == w.CallBackDue.tag
    }  # fmt: skip
    for call, one in world.book.backs.calls.items():
        due_now = one.state == "due" and one.since_at > world.adopted_at and not one.begun
        if due_now and (one.incident, call) not in timed:
            yield f"the caller of {call} waits, and no clock runs for them"


def every_unhappy_caller_is_put_right(world: World) -> Iterator[str]:
    """I4: of every unhappy answer something is put right, and all of that has ended at rest."""
    backs = world.book.backs
    known = {(one.incident, one.call) for one in backs.rights.values()}
    for call, one in backs.calls.items():
        if one.unhappy and (one.told_of, call) not in known:
            yield f"the caller of {call} was unhappy, and nothing is put right"
    for name, seen in backs.rights.items():
        if not seen.end:
            yield f"{name} is open at rest"


def figures_count_every_caller(world: World) -> Iterator[str]:
    """I4, B3: the figures count each caller once: asked, answered, and barred by the reason."""
    if world.server.hub is None:
        return
    counted = world.server.hub.state["asked"]
    found = report(counted, list(counted.weeks))
    told = Counter(one.state for one in world.book.backs.calls.values())
    reasons = Counter(o.reason for o in world.book.backs.calls.values() if o.state == "barred")
    whole = found.whole
    mine = (told["barred"], told["answered"], told["declined"], told["unreachable"], told["due"])
    theirs = (whole.barred, whole.answered, whole.declined, whole.unreachable, whole.waiting)
    if mine != theirs:
        yield f"barred, answered, declined, not reached, waiting: rows {mine}, figures {theirs}"
    if found.barred != dict(reasons):
        yield f"callers are barred for {dict(reasons)}; the figures say {found.barred}"


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
