"""Hub labels from an order of importance, by pruned searches (compiled with numba).

Each junction, most important first, is searched from in both directions; a search stops wherever
the labels made so far already give a time as good. What is left is, for every junction, the short
list of hubs that lie on its fastest ways out (forward) and in (backward), exact for any order.

After Akiba, Iwata and Yoshida, "Fast Exact Shortest-Path Distance Queries on Large Networks by
Pruned Landmark Labeling" (SIGMOD 2013). Times are whole ticks (tenths of a second).
"""

import numpy as np

from answerable.place.contraction import Ints, Longs, compiled, heap_pop, heap_push

FAR = 1 << 29  # "no way": the sum of two still fits an int32 (the same as `hublabels.FAR`)

Arcs = tuple[Ints, Ints, Ints]  # start, to, ticks
Table = tuple[Ints, Ints, Ints]  # of each node: how many entries; their hubs; their ticks
Flat = tuple[Ints, Ints, Ints]  # start, hub, ticks
Scratch = tuple[Ints, Longs, Ints, Longs]  # ticks from the root by hub, by node; touched; heap


@compiled
def _wider(table: Ints) -> Ints:
    """Return the table with twice the columns."""
    wide = np.empty((table.shape[0], 2 * table.shape[1]), np.int32)
    wide[:, : table.shape[1]] = table
    return wide


@compiled
def _served(via: Ints, size: int, hubs: Ints, ticks: Ints, within: int) -> bool:
    """Say whether the labels made so far already lead here as quickly."""
    for i in range(size):  # noqa: SIM110 - numba compiles no generators
        if via[hubs[i]] + ticks[i] <= within:
            return True
    return False


@compiled
def _pruned_search(
    root: int, rank: int, arcs: Arcs, mine: Table, theirs: Table, scratch: Scratch
) -> Table:
    """Search from `root`, adding (rank, ticks) to every label of `theirs` it serves best.

    `mine` are the labels on the root's side; returns `theirs`, which may have grown wider.
    """
    start, to, arc_ticks = arcs
    my_size, my_hub, my_ticks = mine
    size_of, hub_of, ticks_of = theirs
    via, dist, touched, heap = scratch
    for i in range(my_size[root]):
        via[my_hub[root, i]] = my_ticks[root, i]
    via[rank] = 0
    dist[root], touched[0], marks = 0, root, 1
    size = heap_push(heap, 0, root)
    while size > 0:
        here_ticks, here = heap[0] >> 32, heap[0] & 0xFFFFFFFF
        size = heap_pop(heap, size)
        if here_ticks > dist[here]:
            continue
        if _served(via, size_of[here], hub_of[here], ticks_of[here], here_ticks):
            continue
        if size_of[here] == hub_of.shape[1]:
            hub_of, ticks_of = _wider(hub_of), _wider(ticks_of)
        hub_of[here, size_of[here]], ticks_of[here, size_of[here]] = rank, here_ticks
        size_of[here] += 1
        for arc in range(start[here], start[here + 1]):
            there, ticks = to[arc], here_ticks + arc_ticks[arc]
            if ticks < dist[there]:
                if dist[there] == FAR:
                    touched[marks] = there
                    marks += 1
                dist[there] = ticks
                size = heap_push(heap, size, (ticks << 32) | there)
    for i in range(marks):
        dist[touched[i]] = FAR
    for i in range(my_size[root]):
        via[my_hub[root, i]] = FAR
    via[rank] = FAR
    return size_of, hub_of, ticks_of


@compiled
def _flat(labels: Table) -> Flat:
    """Return (start, hub, ticks): the labels one after another."""
    size_of, hub_of, ticks_of = labels
    start = np.zeros(size_of.shape[0] + 1, np.int32)
    for node in range(size_of.shape[0]):
        start[node + 1] = start[node] + size_of[node]
    hub, ticks = np.empty(start[-1], np.int32), np.empty(start[-1], np.int32)
    for node in range(size_of.shape[0]):
        hub[start[node] : start[node + 1]] = hub_of[node, : size_of[node]]
        ticks[start[node] : start[node + 1]] = ticks_of[node, : size_of[node]]
    return start, hub, ticks


@compiled
def pruned_labels(order: Ints, arcs_out: Arcs, arcs_in: Arcs) -> tuple[Flat, Flat]:
    """Return the forward and the backward labels, each as (start, hub, ticks).

    A hub is written as its place in `order`, so every label is sorted by hub. `arcs_out` and
    `arcs_in` are (start, to, ticks) adjacency lists of the graph and of the graph turned round.
    """
    n = order.shape[0]
    ahead = (np.zeros(n, np.int32), np.empty((n, 32), np.int32), np.empty((n, 32), np.int32))
    back = (np.zeros(n, np.int32), np.empty((n, 32), np.int32), np.empty((n, 32), np.int32))
    scratch = (
        np.full(n, FAR, np.int32), np.full(n, FAR, np.int64), np.empty(n, np.int32),
        np.empty(arcs_out[1].shape[0] + 2, np.int64),
    )  # fmt: skip
    for rank in range(n):
        root = order[rank]
        # the root enters its own other-side label only in the second search, so that the
        # first one does not find "root to root" there and stop before it began
        back = _pruned_search(root, rank, arcs_out, ahead, back, scratch)
        ahead = _pruned_search(root, rank, arcs_in, back, ahead, scratch)
    return _flat(ahead), _flat(back)
