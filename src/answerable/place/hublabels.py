"""Hub labels: the short lists from which any road time follows exactly, kept in a file.

For each junction the forward label lists hubs and the time to each; the backward label lists hubs
and the time from each. The fastest time from a to b is the smallest sum over hubs in both lists.

Labels are built once, when a town is packaged, by `contraction.py` and `pruned.py` (numba); a
running service only reads them, with numpy, and never loads a compiler. The file carries the
checksum of the graph it was made from: a graph that has changed since gets new labels, built in
memory, which is right and slower to start. Times are in tenths of a second (`roads.TICKS_PER_S`).
"""

import logging
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from answerable.place.errors import PlaceError
from answerable.place.roads import Adjacency, Ints, RoadGraph, arcs_checksum, turned_round

FAR = 1 << 29  # "no way": the sum of two still fits an int32
LABELS_FILE = "hub_labels.npz"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Labels:
    """One side's labels: those of node i are hub[start[i]:start[i + 1]] and the same of ticks."""

    start: Ints
    hub: Ints  # ascending within a label
    ticks: Ints

    def of(self, node: int) -> tuple[Ints, Ints]:
        """Return the hubs and the times of one junction."""
        part = slice(self.start[node], self.start[node + 1])
        return self.hub[part], self.ticks[part]


@dataclass(frozen=True, slots=True)
class HubLabels:
    """Both sides' labels, and the checksum of the arcs they were built from."""

    forward: Labels
    backward: Labels
    checksum: str

    @property
    def nodes(self) -> int:
        """How many junctions have labels."""
        return len(self.forward.start) - 1


def build_labels(arcs: Adjacency) -> HubLabels:
    """Build the labels of a graph (loads numba; about a second for a city once compiled)."""
    from answerable.place.contraction import contraction_order
    from answerable.place.pruned import pruned_labels

    nodes = len(arcs.start) - 1
    source = np.repeat(np.arange(nodes, dtype=np.int32), np.diff(arcs.start))
    order = contraction_order(source, arcs.to, arcs.ticks, nodes)
    into = turned_round(arcs)
    forward, backward = pruned_labels(
        order, (arcs.start, arcs.to, arcs.ticks), (into.start, into.to, into.ticks)
    )
    return HubLabels(Labels(*forward), Labels(*backward), arcs_checksum(arcs))


def labels_for(roads: RoadGraph, path: Path) -> HubLabels:
    """Return the labels kept at `path` if they belong to this graph, else build them anew."""
    try:
        labels = read_labels(path)
    except PlaceError as error:
        log.warning("%s", error)
        return build_labels(roads.out)
    if labels.checksum != roads.checksum:
        log.warning("%s belongs to other streets: building hub labels anew", path.name)
        return build_labels(roads.out)
    return labels


def write_labels(labels: HubLabels, path: Path) -> None:
    """Keep the labels in a file: the same labels always give the same bytes."""
    parts: dict[str, npt.NDArray[np.uint8]] = {
        "checksum": np.frombuffer(bytes.fromhex(labels.checksum), np.uint8)
    }
    for side, of in (("forward", labels.forward), ("backward", labels.backward)):
        parts[f"{side}_size"] = _planes(np.diff(of.start))
        parts[f"{side}_hub"] = _planes(_steps(of))
        parts[f"{side}_ticks"] = _planes(of.ticks)
    with path.open("wb") as file:
        np.savez_compressed(file, **parts)  # type: ignore[arg-type]


def read_labels(path: Path) -> HubLabels:
    """Read labels from a file; PlaceError where it is absent or damaged."""
    try:
        with np.load(path, allow_pickle=False) as parts:
            return HubLabels(
                forward=_labels(parts["forward_size"], parts["forward_hub"],
                                parts["forward_ticks"]),
                backward=_labels(parts["backward_size"], parts["backward_hub"],
                                 parts["backward_ticks"]),
                checksum=parts["checksum"].tobytes().hex(),
            )  # fmt: skip
    except (OSError, ValueError, KeyError, IndexError, EOFError, BadZipFile) as error:
        raise PlaceError(
            f"Hub labels not read from {path.name}",
            str(error) or type(error).__name__,
            "They are built anew in memory; package the town again to keep them",
        ) from error


def _planes(values: Ints) -> npt.NDArray[np.uint8]:
    """Return the bytes of the values plane by plane, lowest first: it packs a third smaller."""
    planes = np.ascontiguousarray(values.astype("<i4").view(np.uint8).reshape(-1, 4).T)
    used = max(1, (int(values.max(initial=0)).bit_length() + 7) // 8)
    return planes[:used]


def _values(planes: npt.NDArray[np.uint8]) -> Ints:
    """Return the values whose byte planes these are."""
    if planes.ndim != 2 or not 1 <= len(planes) <= 4 or planes.dtype != np.uint8:
        raise ValueError("the byte planes are damaged")
    wide = np.zeros((planes.shape[1], 4), np.uint8)
    wide[:, : len(planes)] = planes.T
    return wide.reshape(-1).view("<i4").astype(np.int32)


def _steps(labels: Labels) -> Ints:
    """Return each hub as the step from the one before it in its label."""
    steps = np.diff(labels.hub, prepend=np.int32(0))
    heads = labels.start[:-1][np.diff(labels.start) > 0]
    steps[heads] = labels.hub[heads]
    return steps.astype(np.int32)


def _labels(
    size: npt.NDArray[np.uint8], hub: npt.NDArray[np.uint8], ticks: npt.NDArray[np.uint8]
) -> Labels:
    """Put one side's labels together from its byte planes; ValueError where they disagree."""
    sizes, steps, times = _values(size), _values(hub), _values(ticks)
    start = np.zeros(len(sizes) + 1, np.int32)
    np.cumsum(sizes, out=start[1:])
    if not start[-1] == len(steps) == len(times):
        raise ValueError("the labels have lost entries")
    run = np.cumsum(steps, dtype=np.int64)
    before = np.concatenate([[0], run])[start[:-1]]
    hubs = (run - np.repeat(before, sizes)).astype(np.int32)
    if len(hubs) and not 0 <= hubs.min() <= hubs.max() < len(sizes):
        raise ValueError("a hub is not a junction")
    return Labels(start, hubs, times)
