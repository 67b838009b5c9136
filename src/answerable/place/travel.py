"""Road travel times, exact and one-way aware, and the routes behind them.

`Travel` answers between two junctions. `UnitBuckets` keeps every available unit's forward label in
one bucket per hub, so that the times of all of them to an incident come from scanning the
incident's own backward label: tens of hubs, whatever the number of units.

Times are in seconds from en route to on scene: `start_s + factor x free flow`, with the two numbers
fitted from past runs (`calibrate.py`). What cannot be reached takes `inf`, never a made-up number.
Not safe for two threads at once: both keep scratch arrays, as the one writer of a centre may.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from answerable.place.errors import PlaceError
from answerable.place.hublabels import FAR, HubLabels
from answerable.place.roads import TICKS_PER_S, Floats, RoadGraph

Unit = int | str
UNITS_MAX = 100_000


@dataclass(frozen=True, slots=True)
class Route:
    """A drawn way: points with the seconds and metres since its beginning, and the names passed."""

    lon: Floats
    lat: Floats
    at_s: Floats
    length_m: float
    streets: tuple[str, ...]

    def position(self, at_s: float) -> tuple[float, float]:
        """Return the longitude and latitude after `at_s` seconds, held at both ends."""
        return (
            float(np.interp(at_s, self.at_s, self.lon)),
            float(np.interp(at_s, self.at_s, self.lat)),
        )


class Travel:
    """Exact travel times on one town's roads, under its calibration."""

    def __init__(
        self, roads: RoadGraph, labels: HubLabels, factor: float = 1.0, start_s: float = 0.0
    ) -> None:
        if labels.checksum != roads.checksum:
            raise PlaceError(
                "Travel times not set up",
                "the hub labels were built from other streets",
                "Build them from these streets",
            )
        if not (0 < factor < math.inf and 0 <= start_s < math.inf):
            raise PlaceError(
                "Travel times not set up",
                f"factor {factor} and start_s {start_s} make no driving time",
                "Correct them in calibration.toml",
            )
        self.roads = roads
        self.labels = labels
        self.factor = factor
        self.start_s = start_s
        self.s_per_tick = factor / TICKS_PER_S
        self._via = np.full(roads.nodes, FAR, np.int32)

    def node(self, node: int) -> int:
        """Return the junction's number if there is such a junction, else refuse."""
        if not 0 <= node < self.roads.nodes:
            raise PlaceError(
                "Travel time not found",
                f"there is no junction {node} among {self.roads.nodes}",
                "Snap the position to a junction first",
            )
        return node

    def ticks(self, a_node: int, b_node: int) -> int:
        """Return the free-flow time from a to b, tenths of a second; FAR where there is no way."""
        self.node(a_node)  # refused before anything is marked
        hubs, ticks = self.labels.backward.of(self.node(b_node))
        self._via[hubs] = ticks
        found = self._ticks_to_marked(a_node)
        self._via[hubs] = FAR
        return found

    def _ticks_to_marked(self, node: int) -> int:
        """Return the time from `node` to the junction whose backward label stands in `_via`."""
        hubs, ticks = self.labels.forward.of(node)
        return min(FAR, int((self._via[hubs] + ticks).min(initial=FAR)))

    def time_s(self, a_node: int, b_node: int) -> float:
        """Return the seconds from en route at junction a to on scene at b; inf without a way."""
        ticks = self.ticks(a_node, b_node)
        return self.start_s + ticks * self.s_per_tick if ticks < FAR else math.inf

    def route(self, a_node: int, b_node: int) -> Route | None:
        """Return one fastest way from a to b, or None where there is none.

        The way is followed junction by junction: an arc lies on a fastest way exactly when its
        own time and the time left from its end add up to the time left here. Whole tenths of a
        second make that comparison exact.
        """
        self.node(a_node)
        hubs, ticks = self.labels.backward.of(self.node(b_node))
        self._via[hubs] = ticks
        try:
            if self._ticks_to_marked(a_node) >= FAR:
                return None
            arcs = list(self._arcs_to_marked(a_node, b_node))
        finally:
            self._via[hubs] = FAR
        return self._drawn(a_node, arcs)

    def _arcs_to_marked(self, a_node: int, b_node: int) -> Iterator[int]:
        out, node, left = self.roads.out, a_node, self._ticks_to_marked(a_node)
        while node != b_node:
            for arc in range(out.start[node], out.start[node + 1]):
                rest = left - int(out.ticks[arc])
                if rest >= 0 and self._ticks_to_marked(int(out.to[arc])) == rest:
                    node, left = int(out.to[arc]), rest
                    yield arc
                    break
            else:
                raise AssertionError("the hub labels do not describe these arcs")

    def _drawn(self, a_node: int, arcs: list[int]) -> Route:
        """Join the drawn lines of the arcs, sharing out each arc's time along its line.

        The whole is stretched evenly, `start_s` with it, so that it ends at `time_s`.
        """
        roads = self.roads
        lon, lat = [roads.lon[a_node : a_node + 1]], [roads.lat[a_node : a_node + 1]]
        at_ticks = [np.zeros(1)]
        names: list[str] = []
        begun, length_m = 0, 0.0
        for arc in arcs:
            segment = int(roads.out.segment[arc])
            x, y = roads.line(segment)
            if roads.out.backward[arc]:
                x, y = x[::-1], y[::-1]
            along = np.cumsum(np.hypot(np.diff(x) * math.cos(math.radians(y[0])), np.diff(y)))
            share = along / along[-1] if along[-1] > 0 else np.ones_like(along)
            lon.append(x[1:])
            lat.append(y[1:])
            at_ticks.append(begun + share * roads.out.ticks[arc])
            begun += int(roads.out.ticks[arc])
            length_m += float(roads.segment_length_m[segment])
            if not names or names[-1] != roads.name(segment):
                names.append(roads.name(segment))
        stretch = self.s_per_tick + (self.start_s / begun if begun else 0.0)
        return Route(
            np.concatenate(lon), np.concatenate(lat),
            np.concatenate(at_ticks) * stretch, length_m, tuple(names),
        )  # fmt: skip


class UnitBuckets:
    """Where the available units stand, ready to be asked how long all of them need to a place.

    The buckets are one table of hub by unit that holds `FAR - time`, so that zero means "this unit
    has no such hub" and the table's untouched pages cost no memory. Asking reads only the rows of
    the hubs in the incident's backward label.
    """

    def __init__(self, travel: Travel, capacity: int = 64) -> None:
        self.travel = travel
        self._units: list[Unit] = []
        self._slot: dict[Unit, int] = {}
        self._node: list[int] = []
        self._offset_s = np.zeros(max(capacity, 1))
        self._table = np.zeros((travel.roads.nodes, max(capacity, 1)), np.int32)

    def __len__(self) -> int:
        return len(self._units)

    def __contains__(self, unit: Unit) -> bool:
        return unit in self._slot

    @property
    def units(self) -> tuple[Unit, ...]:
        """The units held, in the order in which `times_to` gives their times."""
        return tuple(self._units)

    def node_of(self, unit: Unit) -> int:
        """Return the junction a held unit stands at; KeyError if it is not held."""
        return self._node[self._slot[unit]]

    def put(self, unit: Unit, node: int, offset_s: float = 0.0) -> None:
        """Hold a unit at a junction, or move it there.

        `offset_s` (seconds, 0 or more) is added to its times, for what it must do before it drives.
        """
        self.travel.node(node)
        if not (math.isfinite(offset_s) and offset_s >= 0):
            raise PlaceError(
                f"Unit {unit} not placed",
                f"its delay of {offset_s} s is not a number of seconds from 0 up",
                "Give the seconds it needs before it can drive, or 0",
            )
        slot = self._slot.get(unit)
        if slot is None:
            slot = self._new_slot(unit)
            self._node.append(node)
            self._fill(slot, node)
        elif self._node[slot] != node:
            self._clear(slot)
            self._node[slot] = node
            self._fill(slot, node)
        self._offset_s[slot] = offset_s

    def drop(self, unit: Unit) -> None:
        """Stop holding a unit; nothing happens if it was not held."""
        slot = self._slot.pop(unit, None)
        if slot is None:
            return
        self._clear(slot)
        last = len(self._units) - 1
        if slot != last:  # the last unit moves into the gap, so the slots stay together
            self._clear(last)
            self._units[slot], self._node[slot] = self._units[last], self._node[last]
            self._offset_s[slot] = self._offset_s[last]
            self._slot[self._units[slot]] = slot
            self._fill(slot, self._node[slot])
        self._units.pop()
        self._node.pop()

    def times_to(self, node: int) -> Floats:
        """Return the seconds every held unit needs to a junction, in the order of `units`."""
        hubs, ticks = self.travel.labels.backward.of(self.travel.node(node))
        held = len(self._units)
        spare = self._table[hubs]  # a copy: whole rows are quicker to fetch than parts of rows
        spare -= ticks[:, None]
        best = spare[:, :held].max(axis=0, initial=0)
        times: Floats = (FAR - best) * self.travel.s_per_tick + self.travel.start_s
        times[best <= 0] = math.inf
        times += self._offset_s[:held]
        return times

    def _new_slot(self, unit: Unit) -> int:
        slot = len(self._units)
        if slot >= UNITS_MAX:
            raise PlaceError(
                f"Unit {unit} not placed",
                f"{UNITS_MAX} units are held already",
                "Drop units that are off duty",
            )
        if slot == self._table.shape[1]:
            table: npt.NDArray[np.int32] = np.zeros((self._table.shape[0], 2 * slot), np.int32)
            table[:, :slot] = self._table
            self._table = table
            self._offset_s = np.concatenate([self._offset_s, np.zeros(slot)])
        self._units.append(unit)
        self._slot[unit] = slot
        return slot

    def _fill(self, slot: int, node: int) -> None:
        hubs, ticks = self.travel.labels.forward.of(node)
        self._table[hubs, slot] = FAR - ticks

    def _clear(self, slot: int) -> None:
        self._table[self.travel.labels.forward.of(self._node[slot])[0], slot] = 0
