"""What is looked at when the day is over, the town has healed and the backlog has drained."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from answerable.planning.book import OPEN_CALLS, Entry, entry_of
from answerable.standards import past
from answerable.vault.carrying import waiting

if TYPE_CHECKING:
    from answerable.planning.world import World

JUDGED = (past.KEPT, past.BROKEN)


def everybody_has_an_answer(world: World) -> Iterator[str]:
    """B14: whoever sent a command has learnt what became of it."""
    for key, letter in world.post.waiting.items():
        yield f"{letter.command.tag} with key {key} has no answer after {letter.tries} tries"


def live_replayed_and_restored_are_one(world: World) -> Iterator[str]:
    """I5: the live state, a replay from the first event and a start from a snapshot agree."""
    hub = world.server.hub
    if hub is None:
        yield "the centre is not there"
        return
    replayed = world.begun(use_snapshot=False)
    yield from world.differs(hub, "the live state", replayed)
    restored = world.begun(use_snapshot=True)
    yield from world.differs(restored, "the state from a snapshot", replayed)


def the_root_is_that_of_the_rows(world: World) -> Iterator[str]:
    """I6: the tree head is RFC 6962's over the rows as they lie in the record, worked out anew."""
    store = world.server.store
    leaves = [_leaf(entry) for entry in map(entry_of, store.rows())]
    if store.head().size != len(leaves):
        yield f"the head counts {store.head().size} rows; there are {len(leaves)}"
    elif store.head().root != _root(leaves):
        yield "the root is not that of the rows"


def _leaf(entry: Entry) -> bytes:
    """Return the leaf of a row, by the words of docs/explanation/record.md."""
    row, veil = entry.row, entry.row.veil
    head, tail = (json.dumps(part, ensure_ascii=False, separators=(",", ":")).encode()
                  for part in (row[:6], row[6:9]))  # fmt: skip
    opening = b"%b\n%b}" % (head, row.body[: row.cut])
    back = b"%b\n%b" % (tail, row.body[row.cut :])
    both = hashlib.sha256(veil[:16] + opening).digest() + hashlib.sha256(veil[16:] + back).digest()
    return hashlib.sha256(b"\x00" + both).digest()


def _root(leaves: list[bytes]) -> bytes:
    """Return the root of leaves: pairs level by level, an odd one carried up (RFC 6962, 2.1)."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    while len(leaves) > 1:
        pairs = zip(leaves[::2], leaves[1::2], strict=False)
        above = [hashlib.sha256(b"\x01" + left + right).digest() for left, right in pairs]
        leaves = above + leaves[len(above) * 2 :]
    return leaves[0]


def rows_say_what_was_recorded(world: World) -> Iterator[str]:
    """B17: every row decodes to an event that encodes to the very bytes of the row."""
    rooms = world.rooms
    for row in world.server.store.rows():
        event = rooms.decode(row)
        if rooms.forms[type(event)].encode(event) != (row.body, row.cut):
            yield f"position {row.position} ({row.kind}) is not what its event says"


def consoles_have_seen_every_row(world: World) -> Iterator[str]:
    """B3: a console that follows and takes up after breaks has every row once, in order."""
    rows = list(world.server.store.rows())
    if world.console != rows:
        yield f"the console has {len(world.console)} rows, the record {len(rows)}, not the same"


def answered_calls_have_an_outcome(world: World) -> Iterator[str]:
    """I2: every call that was answered has ended in a recorded outcome."""
    for call, state in world.book.calls.items():
        if state in OPEN_CALLS:
            yield f"call {call} is still {state}"
    if world.server.hub is not None and (open_calls := world.server.hub.state["board"].calls):
        yield f"the board still shows the calls {', '.join(open_calls)}"


def calls_rung_are_calls_recorded(world: World) -> Iterator[str]:
    """I8: calls rung, by the line's own counter, minus calls recorded is nothing."""
    if world.line.rung != world.book.calls_rung:
        yield f"{world.line.rung} calls rang, {world.book.calls_rung} are recorded"


def open_clocks_stop_stand_or_ring(world: World) -> Iterator[str]:
    """I3: every clock that is still open is not due, stands still with a reason, or has rung."""
    if world.server.hub is None:
        return
    state, now_us = world.server.hub.state["standards"], world.server.clock.now_us()
    for number, run in state.runs().items():
        if run.state == "running" and run.due_us < now_us:
            yield f"clock {number} is open, past its limit, and never rang"
        if run.state == "ringing" and not world.book.rung.get(number):
            yield f"clock {number} is said to ring; no row says so"


def every_dispatch_started_its_clock(world: World) -> Iterator[str]:
    """I3: each unit that was sent has a clock for signing that began with that very row."""
    if world.server.hub is None:
        return
    state = world.server.hub.state["standards"]
    begun = {
        cell.start(slot)[1]
        for cell in state.cells
        if state.clocks[cell.clock].clock.name == "sign for it"
        for slot in range(len(cell.states))
    }
    for row in world.server.store.rows(world.adopted_at):
        if row.kind == "dispatch.UnitSent" and row.position not in begun:
            yield f"no clock began when a unit was sent at position {row.position}"


def ended_clocks_are_judged_by_their_times(world: World) -> Iterator[str]:
    """B8: a clock that ended, and never stood still, is kept exactly when it took no longer."""
    if world.server.hub is None:
        return
    state = world.server.hub.state["standards"]
    for cell in state.cells:
        for slot, flags in enumerate(cell.states):
            if flags & (past.STOOD | past.EXTENDED) or cell.code(slot) not in JUDGED:
                continue
            clock = state.clocks[cell.clock].clock
            limit_us = round((clock.limit_s or 0) * 1e6)
            if clock.due:
                limit_us = max(0, cell.due_us[str(slot)] - cell.start(slot)[0])
            took_us = cell.end(slot)[0] - cell.start(slot)[0]
            if (cell.code(slot) == past.KEPT) != (0 <= took_us <= limit_us):
                promise = state.clocks[cell.clock].clock.name
                yield f"{promise} took {took_us} µs of {limit_us} and counts as {flags}"


def nobody_is_left_on_a_job(world: World) -> Iterator[str]:
    """I1: when everything is closed no unit is on a job, and no job is under way."""
    if world.server.hub is None:
        return
    for name, unit in world.server.hub.state["dispatch"].units.items():
        if unit.busy or unit.stacked:
            yield f"unit {name} is still on {unit.busy + unit.stacked}"
    for name, on in world.book.on.items():
        if on:
            yield f"by the rows unit {name} is still on {on}"


def incidents_end_where_the_book_says(world: World) -> Iterator[str]:
    """B5: an incident is open or closed as its last row says; no timer closed one in silence."""
    if world.server.hub is None:
        return
    board = world.server.hub.state["board"]
    for name, matter in world.book.matters.items():
        line = board.line(name)
        if line is not None and line.state != matter.state:
            yield f"the board shows incident {name} {line.state}; its rows say {matter.state}"
        if matter.state == "open":
            yield f"incident {name} is still open"


def withdrawn_bookings_are_nowhere(world: World) -> Iterator[str]:
    """B12: a booking that was withdrawn is on no list, and waits for no alarm."""
    if world.server.hub is None:
        return
    board = world.server.hub.state["board"]
    alarms = [room.alarms(world.server.hub.state[room.name]) for room in world.rooms.rooms
              if room.alarms is not None]  # fmt: skip
    waiting = {part for one in alarms for name in one.due for part in name.split(":")}
    for name, matter in world.book.matters.items():
        if matter.state != "withdrawn":
            continue
        if board.line(name) is not None or name in board.booked or name in waiting:
            yield f"booking {name} was withdrawn and is still served"


def what_was_laid_aside_comes_back(world: World) -> Iterator[str]:
    """I5: every incident of the record can be looked at, in memory or laid aside."""
    hub = world.server.hub
    if hub is None:
        return
    for name, matter in world.book.matters.items():
        if matter.state in ("booked", "withdrawn"):
            continue
        with hub.at_hand(f"incident:{name}"):
            line = hub.state["board"].line(name)
            jobs = {unit: job.state for unit, job in line.jobs.items()} if line else {}
            if line is None:
                yield f"incident {name} is in the record and cannot be looked at"
            elif line.state != matter.state or jobs != matter.jobs:
                yield f"incident {name} came back {line.state} with {jobs}, not {matter.jobs}"


def erased_words_are_gone_and_no_others(world: World) -> Iterator[str]:
    """B4, B12: what was ordered erased can be read no more; every other value is what was said."""
    store = world.server.store
    ordered: dict[str, int] = {}
    rows = list(store.rows())
    for row, said in map(entry_of, (row for row in rows if row.kind == "vault.Erased")):
        ordered.update(dict.fromkeys(said["streams"], row.position))
    for (position, field), value in world.sealed.items():
        erased = position <= ordered.get(rows[position - 1].stream, 0)
        if store.unseal(position, field) != (None if erased else value):
            yield f"the sealed {field} at {position} is {'there' if erased else 'lost or another'}"
    if world.server.hub is not None and waiting(world.server.hub):
        yield "an erasure is ordered, and its keys are not destroyed"


def nothing_sealed_is_in_a_state(world: World) -> Iterator[str]:
    """I7: no state, snapshot or matter laid aside holds what a caller said."""
    if world.server.hub is None:
        return
    store, marker = world.server.store, world.marker_bytes
    if marker in world.rooms.pack(world.server.hub.state):
        yield "a state holds a sealed value in plain words"
    if any(marker in body for body in (*store.snapshots(), *store.asides())):
        yield "a snapshot or a matter laid aside holds a sealed value in plain words"
