"""Road times from a junction to a fixed set of places, exact, all of them in one scan.

The mirror image of `travel.UnitBuckets`: there many units are asked for the way to one incident,
here one unit is asked for the way to many places that never move. The backward labels of the places
stand end to end in one array; the junction's forward label is marked once, and every place takes
the least sum over its own stretch.
"""

import math
from collections.abc import Sequence

import numpy as np

from answerable.place.hublabels import FAR
from answerable.place.travel import Travel


class Reach:
    """Places to be reached from anywhere in one town."""

    def __init__(self, travel: Travel, nodes: Sequence[int]) -> None:
        """``nodes`` are the junctions of the places, in the order of the answers."""
        self.travel = travel
        self.nodes = tuple(nodes)
        labels = [travel.labels.backward.of(travel.node(node)) for node in self.nodes]
        self._hubs = np.concatenate([hubs for hubs, _ in labels] or [np.zeros(0, np.int32)])
        self._ticks = np.concatenate([ticks for _, ticks in labels] or [np.zeros(0, np.int32)])
        ends = np.cumsum([len(hubs) for hubs, _ in labels], dtype=np.int64)
        self._starts = np.concatenate([np.zeros(1, np.int64), ends[:-1]]) if labels else ends
        self._via = np.full(travel.roads.nodes, FAR, np.int32)

    def times_s(self, node: int) -> list[float]:
        """Return the seconds from en route at a junction to each place; inf where there is no way.

        The same numbers as `Travel.time_s` gives one by one.
        """
        if not self.nodes:
            return []
        hubs, ticks = self.travel.labels.forward.of(self.travel.node(node))
        self._via[hubs] = ticks
        least = np.minimum.reduceat(self._via[self._hubs] + self._ticks, self._starts)
        self._via[hubs] = FAR
        start_s, s_per_tick = self.travel.start_s, self.travel.s_per_tick
        return [start_s + t * s_per_tick if t < FAR else math.inf for t in least.tolist()]
