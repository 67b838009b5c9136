"""Test side: plain Dijkstra and small made-up towns, written apart from what they check."""

import heapq
import math

from answerable.place.roads import LineGeometry, RoadGraph, Segment, SegmentProperties, graph_of


def dijkstra(roads: RoadGraph, source: int) -> list[float]:
    """Return the free-flow ticks from `source` to every junction, from the segments themselves."""
    ways: list[list[tuple[int, int]]] = [[] for _ in range(roads.nodes)]
    for node in range(roads.nodes):
        for arc in range(roads.out.start[node], roads.out.start[node + 1]):
            ways[node].append((int(roads.out.to[arc]), int(roads.out.ticks[arc])))
    best = [math.inf] * roads.nodes
    best[source] = 0
    queue = [(0, source)]
    while queue:
        far, node = heapq.heappop(queue)
        if far > best[node]:
            continue
        for there, ticks in ways[node]:
            if far + ticks < best[there]:
                best[there] = far + ticks
                heapq.heappush(queue, (far + ticks, there))
    return best


def position(node: int) -> tuple[float, float]:
    """Return a made-up position: junctions stand in rows of ten, a hundredth of a degree apart."""
    return (round(-122.4 + node % 10 / 100, 5), round(37.7 + node // 10 / 100, 5))


def street(
    number: int, begin: int, end: int, m: float = 100.0, way: str = "both", kind: str = "street"
) -> Segment:
    """Return a straight made-up street at 22.36936 mph, which is 10 m/s."""
    told = SegmentProperties(
        id=number, begin=begin, end=end, road_class=kind, mph=22.3693629, m=m, way=way,
        name=f"{number} St",
    )  # fmt: skip
    return Segment(told, LineGeometry([position(begin), position(end)]))


def town(*streets: Segment) -> RoadGraph:
    """Return the graph of made-up streets."""
    return graph_of(list(streets), "a test")
