"""Measure the roads: preparing them, all units to an incident, a move, a route, beside Dijkstra.

    python benchmarks/roads.py [--town san_francisco] [--units 500] [--bay ../shared/data/roads]

Prints one JSON object. Everything is measured in one run on one machine; the peer is the plain
Dijkstra of `tests/place/road_oracle.py`'s kind, searched backwards from the incident once for all
units, and SciPy's where it is installed. `--bay` adds the preparation of a larger graph.
"""

import argparse
import heapq
import json
import math
import os
import platform
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np

from answerable.place.hublabels import LABELS_FILE, build_labels
from answerable.place.roads import Adjacency, adjacency, free_flow_ticks, turned_round
from answerable.place.town_places import Places, load_places
from answerable.place.travel import Travel, UnitBuckets
from answerable.towns.load import town_folder

BUILD = """
import sys, time
from pathlib import Path
from answerable.place.roads import STREETS_FILE, load_roads
from answerable.place.hublabels import build_labels
roads = load_roads(Path(sys.argv[1]) / STREETS_FILE)
begun = time.perf_counter()
build_labels(roads.out)
print(time.perf_counter() - begun)
"""


def timed_us(ask: Callable[..., Any], rows: Iterable[tuple[Any, ...]]) -> dict[str, float]:
    """Return the p50 and p99 of one call in microseconds."""
    took = []
    for row in rows:
        begun = time.perf_counter_ns()
        ask(*row)
        took.append((time.perf_counter_ns() - begun) / 1000)
    return {
        "p50_us": round(float(np.percentile(took, 50)), 1),
        "p99_us": round(float(np.percentile(took, 99)), 1),
        "times": len(took),
    }


def build_in_new_process_s(folder: Path, cache: str) -> float:
    """Return the seconds a new process needs to build the labels, compiling where it must."""
    told = subprocess.run(
        [sys.executable, "-c", BUILD, str(folder)],
        env={**os.environ, "NUMBA_CACHE_DIR": cache},
        capture_output=True,
        text=True,
        check=True,
    )
    return round(float(told.stdout), 2)


def build_s(arcs: Adjacency, times: int = 3) -> float:
    """Return the median seconds of building labels here, once compiled."""
    build_labels(arcs)
    took = []
    for _ in range(times):
        begun = time.perf_counter()
        build_labels(arcs)
        took.append(time.perf_counter() - begun)
    return round(statistics.median(took), 2)


def dijkstra(arcs: list[list[tuple[int, int]]], source: int) -> list[float]:
    """Return the ticks from one junction to all others: binary heap, lists, nothing prepared."""
    best = [math.inf] * len(arcs)
    best[source] = 0
    queue = [(0, source)]
    while queue:
        far, node = heapq.heappop(queue)
        if far > best[node]:
            continue
        for there, ticks in arcs[node]:
            if far + ticks < best[there]:
                best[there] = far + ticks
                heapq.heappush(queue, (far + ticks, there))
    return best


def lists(arcs: Adjacency) -> list[list[tuple[int, int]]]:
    """Return the arcs as Python lists, the form plain Dijkstra is quickest with."""
    pairs = list(zip(arcs.to.tolist(), arcs.ticks.tolist(), strict=True))
    return [pairs[arcs.start[i] : arcs.start[i + 1]] for i in range(len(arcs.start) - 1)]


def peers(places: Places, buckets: UnitBuckets, goals: list[int]) -> dict[str, Any]:
    """Measure Dijkstra for all units to the same incidents, and whether the times agree."""
    into = turned_round(places.roads.out)
    backwards = lists(into)
    free = buckets.travel
    at = [buckets.node_of(unit) for unit in buckets.units]
    agree = all(
        np.allclose(
            np.array(dijkstra(backwards, goal))[at] * free.s_per_tick + free.start_s,
            buckets.times_to(goal),
            atol=1e-6,
        )
        for goal in goals[:5]
    )
    told: dict[str, Any] = {
        "agrees_within_1e-6_s": agree,
        "dijkstra_python": timed_us(lambda goal: dijkstra(backwards, goal), zip(goals[:20])),
    }
    try:
        from scipy.sparse import csr_array
        from scipy.sparse.csgraph import dijkstra as scipys
    except ImportError:
        return told
    table = csr_array((into.ticks.astype(float), into.to, into.start))
    told["dijkstra_scipy"] = timed_us(lambda goal: scipys(table, indices=goal), zip(goals[:40]))
    return told


def queries(places: Places, units: int, seed: int = 1) -> dict[str, Any]:
    """Measure what the service asks while it runs."""
    chance, nodes = random.Random(seed), places.roads.nodes
    buckets = UnitBuckets(places.travel, units)
    for unit in range(units):
        buckets.put(unit, chance.randrange(nodes))
    goals = [chance.randrange(nodes) for _ in range(3000)]
    pairs = [(chance.randrange(nodes), chance.randrange(nodes)) for _ in range(2000)]
    roads = places.roads
    at = [(float(roads.lon[i]) + 0.0003, float(roads.lat[i]) - 0.0002) for i in goals[:2000]]
    places.locate(*at[0])
    told = {
        "units": units,
        "all_units_to_an_incident": timed_us(buckets.times_to, zip(goals)),
        "unit_move": timed_us(buckets.put, [(chance.randrange(units), goal) for goal in goals]),
        "one_pair": timed_us(places.travel.time_s, pairs),
        "route": timed_us(places.travel.route, pairs[:300]),
        "snap": timed_us(places.snap, at),
        "locate": timed_us(places.locate, at),
    }
    told["peers"] = peers(places, buckets, goals)
    python_us = told["peers"]["dijkstra_python"]["p50_us"]
    ratio = python_us / told["all_units_to_an_incident"]["p50_us"]
    told["times_faster_than_dijkstra_python"] = round(ratio)
    return told


def label_sizes(travel: Travel) -> dict[str, Any]:
    """Return how long the labels are and what they weigh."""
    labels = travel.labels
    both = (labels.forward, labels.backward)
    return {
        "mean_forward": round(len(labels.forward.hub) / labels.nodes, 1),
        "mean_backward": round(len(labels.backward.hub) / labels.nodes, 1),
        "longest": max(int(np.diff(side.start).max()) for side in both),
        "memory_mb": round(sum(side.hub.nbytes + side.ticks.nbytes for side in both) / 1e6, 1),
    }


def bay(folder: Path) -> dict[str, Any]:
    """Prepare the nine-county Bay Area's main roads: a test of scale."""
    import pyarrow.parquet as pq

    told = pq.read_table(folder / "bay_area_arterials_edges.parquet")
    u, v, length_m, mph = (told[c].to_numpy() for c in ("u", "v", "length", "speed_mph"))
    names, place = np.unique(np.concatenate([u, v]), return_inverse=True)
    ticks = free_flow_ticks(length_m, np.maximum(mph, 5.0))
    source, target = place[: len(u)].astype(np.int32), place[len(u) :].astype(np.int32)
    arcs = adjacency(source, target, ticks, len(names))
    labels = build_labels(arcs)
    return {
        "junctions": len(names),
        "arcs": len(ticks),
        "build_s": build_s(arcs, 1),
        "mean_label": round(len(labels.forward.hub) / len(names), 1),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--town", default="san_francisco")
    parser.add_argument("--units", type=int, default=500)
    parser.add_argument("--bay", type=Path)
    options = parser.parse_args()
    folder = town_folder(options.town)
    begun = time.perf_counter()
    places = load_places(folder)
    places.locate(float(places.roads.lon[0]), float(places.roads.lat[0]))
    load_s = time.perf_counter() - begun
    served = queries(places, options.units)
    serving_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    numba_in_serving = "numba" in sys.modules
    with tempfile.TemporaryDirectory() as cache:
        cold_s, cached_s = (build_in_new_process_s(folder, cache) for _ in range(2))
    print(json.dumps({
        "machine": f"{os.cpu_count()} cores, Python {platform.python_version()}",
        "town": options.town,
        "junctions": places.roads.nodes,
        "segments": places.roads.segments,
        "arcs": len(places.roads.out.to),
        "load_everything_s": round(load_s, 3),
        "labels_file_mb": round((folder / LABELS_FILE).stat().st_size / 1e6, 2),
        "labels": label_sizes(places.travel),
        "prepare": {
            "compiled_s": build_s(places.roads.out),
            "new_process_compiled_code_on_disk_s": cached_s,
            "new_process_compiling_first_s": cold_s,
        },
        "serving": served,
        "serving_memory_mb_at_most": round(serving_mb),
        "compiler_loaded_while_serving": numba_in_serving,
        **({"bay_area": bay(options.bay)} if options.bay else {}),
    }, indent=2))  # fmt: skip


if __name__ == "__main__":
    main()
