"""The order of importance of junctions, by contracting a road graph (compiled with numba).

A junction is contracted by joining its neighbours with the shortcuts that keep travel times as
they were; the cheapest junction goes first and the last ones left are the ones most journeys pass.
Only this order is kept: it decides how short the hub labels are (`hublabels.py`), never whether
they are right, so a limit on the witness search costs size and not truth.

After Geisberger, Sanders, Schultes and Delling, "Contraction Hierarchies" (WEA 2008).
Times are whole ticks (tenths of a second). Importing this module imports numba (about 65 MB of
memory), which is why nothing in the serving path does so.
"""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
# heads and nexts of the out-lists, then of the in-lists; then to, from and time of each arc
Lists = tuple[Ints, Ints, Ints, Ints, Ints, Ints, Ints]
Scratch = tuple[Longs, Ints, Longs]  # time found, search that found it, heap
Compiled = TypeVar("Compiled", bound=Callable[..., Any])

WITNESS_SETTLED_MAX = 60
HEAP_SIZE = 1 << 15


def compiled(function: Compiled) -> Compiled:
    """Compile with numba and keep the result on disk; without the disk where it is not writable."""
    try:
        return cast(Compiled, numba.njit(cache=True)(function))
    except RuntimeError:  # numba: "cannot cache function: no locator available"
        return cast(Compiled, numba.njit(function))


@compiled
def heap_push(heap: Longs, size: int, key: int) -> int:
    """Put a key into the binary heap of `size` keys and return the new size."""
    at = size
    while at > 0:
        up = (at - 1) >> 1
        if heap[up] <= key:
            break
        heap[at] = heap[up]
        at = up
    heap[at] = key
    return size + 1


@compiled
def heap_pop(heap: Longs, size: int) -> int:
    """Take the smallest key (at `heap[0]`, read it first) out and return the new size."""
    size -= 1
    key = heap[size]
    at = 0
    while True:
        down = 2 * at + 1
        if down >= size:
            break
        if down + 1 < size and heap[down + 1] < heap[down]:
            down += 1
        if heap[down] >= key:
            break
        heap[at] = heap[down]
        at = down
    heap[at] = key
    return size


@compiled
def _unlink(head: Ints, after: Ints, node: int, arc: int) -> None:
    """Take `arc` out of the list of `node`."""
    if head[node] == arc:
        head[node] = after[arc]
        return
    at = head[node]
    while after[at] != arc:
        at = after[at]
    after[at] = after[arc]


@compiled
def _witness(
    source: int, avoid: int, limit: int, lists: Lists, scratch: Scratch, stamp: int
) -> None:
    """Search from `source` around `avoid` up to `limit` ms; times stand in the scratch arrays."""
    out_head, out_after, arc_to, arc_ticks = lists[0], lists[1], lists[4], lists[6]
    dist, seen, heap = scratch
    dist[source] = 0
    seen[source] = stamp
    size = heap_push(heap, 0, source)
    settled = 0
    while size > 0 and settled < WITNESS_SETTLED_MAX:
        here_ticks, here = heap[0] >> 32, heap[0] & 0xFFFFFFFF
        size = heap_pop(heap, size)
        if here_ticks > dist[here]:
            continue
        if here_ticks > limit:
            break
        settled += 1
        arc = out_head[here]
        while arc >= 0:
            there, ticks = arc_to[arc], here_ticks + arc_ticks[arc]
            if there != avoid and (seen[there] != stamp or ticks < dist[there]):
                seen[there] = stamp
                dist[there] = ticks
                if size < HEAP_SIZE:
                    size = heap_push(heap, size, (ticks << 32) | there)
            arc = out_after[arc]


@compiled
def _shortcuts(
    node: int, lists: Lists, scratch: Scratch, stamp: int, found: Ints
) -> tuple[int, int]:
    """Write the shortcuts contracting `node` would need to `found`; return (how many, stamp)."""
    out_head, out_after, in_head, in_after, arc_to, arc_from, arc_ticks = lists
    dist, seen, _ = scratch
    longest = 0
    arc = out_head[node]
    while arc >= 0:
        longest = max(longest, arc_ticks[arc])
        arc = out_after[arc]
    count = 0
    into = in_head[node]
    while into >= 0:
        source = arc_from[into]
        stamp += 1
        _witness(source, node, arc_ticks[into] + longest, lists, scratch, stamp)
        arc = out_head[node]
        while arc >= 0:
            target, ticks = arc_to[arc], arc_ticks[into] + arc_ticks[arc]
            if target != source and (seen[target] != stamp or dist[target] > ticks):
                if count < found.shape[0]:
                    found[count, 0], found[count, 1], found[count, 2] = source, target, ticks
                count += 1
            arc = out_after[arc]
        into = in_after[into]
    return count, stamp


@compiled
def _degree(head: Ints, after: Ints, node: int) -> int:
    """Return how many arcs are in the list of `node`."""
    count = 0
    arc = head[node]
    while arc >= 0:
        count += 1
        arc = after[arc]
    return count


@compiled
def _priority(node: int, lists: Lists, level: Ints, added: int) -> int:
    """Return how late `node` should be contracted: its level, then arcs added for each removed."""
    out_head, out_after, in_head, in_after = lists[0], lists[1], lists[2], lists[3]
    removed = _degree(out_head, out_after, node) + _degree(in_head, in_after, node)
    return int(500 * level[node] + (1000 * added) // max(removed, 1))


@compiled
def _link(lists: Lists, used: int, source: int, target: int, ticks: int) -> int:
    """Join source to target, or shorten the arc there is; return how many arcs are now used."""
    out_head, out_after, in_head, in_after, arc_to, arc_from, arc_ticks = lists
    arc = out_head[source]
    while arc >= 0:
        if arc_to[arc] == target:
            arc_ticks[arc] = min(arc_ticks[arc], ticks)
            return used
        arc = out_after[arc]
    if source == target or used == arc_to.shape[0]:
        return used  # a loop leads nowhere; a full pool only makes the order a little worse
    arc_from[used], arc_to[used], arc_ticks[used] = source, target, ticks
    out_after[used], out_head[source] = out_head[source], used
    in_after[used], in_head[target] = in_head[target], used
    return used + 1


@compiled
def _take_out(node: int, lists: Lists, level: Ints) -> None:
    """Unlink `node` from its neighbours and raise them one level above it."""
    out_head, out_after, in_head, in_after, arc_to, arc_from, _ = lists
    above = level[node] + 1
    arc = out_head[node]
    while arc >= 0:
        _unlink(in_head, in_after, arc_to[arc], arc)
        level[arc_to[arc]] = max(level[arc_to[arc]], above)
        arc = out_after[arc]
    arc = in_head[node]
    while arc >= 0:
        _unlink(out_head, out_after, arc_from[arc], arc)
        level[arc_from[arc]] = max(level[arc_from[arc]], above)
        arc = in_after[arc]


@compiled
def _lists(arc_from: Ints, arc_to: Ints, arc_ticks: Ints, n: int) -> tuple[Lists, int]:
    """Return the arcs as linked lists with room for shortcuts, and how many arcs are used."""
    room = 4 * arc_from.shape[0] + 16
    lists = (
        np.full(n, -1, np.int32), np.empty(room, np.int32),
        np.full(n, -1, np.int32), np.empty(room, np.int32),
        np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.int32),
    )  # fmt: skip
    used = 0
    for i in range(arc_from.shape[0]):
        used = _link(lists, used, arc_from[i], arc_to[i], arc_ticks[i])
    return lists, used


@compiled
def contraction_order(arc_from: Ints, arc_to: Ints, arc_ticks: Ints, n: int) -> Ints:
    """Contract every node, cheapest first; return the nodes from most to least important."""
    lists, used = _lists(arc_from, arc_to, arc_ticks, n)
    scratch = (np.zeros(n, np.int64), np.zeros(n, np.int32), np.empty(HEAP_SIZE + 1, np.int64))
    found = np.empty((1 << 14, 3), np.int32)
    level, stamp = np.zeros(n, np.int32), 0
    queue, size = np.empty(n + 1, np.int64), 0
    for node in range(n):
        added, stamp = _shortcuts(node, lists, scratch, stamp, found)
        size = heap_push(queue, size, (_priority(node, lists, level, added) << 32) | node)
    order = np.empty(n, np.int32)
    left = n
    while left > 0:
        node = queue[0] & 0xFFFFFFFF
        size = heap_pop(queue, size)
        added, stamp = _shortcuts(node, lists, scratch, stamp, found)
        priority = _priority(node, lists, level, added)
        if size > 0 and priority > queue[0] >> 32:  # dearer than when it was put in: later
            size = heap_push(queue, size, (priority << 32) | node)
            continue
        left -= 1
        order[left] = node
        _take_out(node, lists, level)
        for i in range(min(added, found.shape[0])):
            used = _link(lists, used, found[i, 0], found[i, 1], found[i, 2])
    return order
