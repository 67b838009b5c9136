"""A town's street graph: junctions, streets with their geometry, and free-flow driving times.

The graph is read from one open file of the town, `streets.geojson.gz`, the same file that the map
draws: a GeoJSON FeatureCollection with one LineString per street segment and these properties:

    id     the segment's number in the town's own records
    from   the junction where the geometry begins; `to`: where it ends (the town's numbers)
    name   what is shown; "" where it has none
    class  freeway, ramp, main, street, lane or path (a path is drawn, and not driven)
    mph    the free-flow speed, miles an hour
    m      the length, metres
    way    "both", "forward" (only as drawn) or "backward"; unknown is written as "both"

Free-flow time is length over speed, in whole tenths of a second (`TICKS_PER_S`), at least one.
Not modelled: turn restrictions, traffic and signals, the time of day, closures, lanes, height
and weight limits, and one-way marks which the source does not know. What drivers really need
above free flow is what `calibrate.py` measures.
"""

import gzip
import hashlib
import math
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt

from answerable.place.errors import PlaceError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]

TICKS_PER_S = 10
M_PER_S_PER_MPH = 0.44704
STREETS_FILE = "streets.geojson.gz"
FILE_BYTES_MAX = 1 << 30
SEGMENTS_MAX = 2_000_000

RoadClass = Literal["freeway", "ramp", "main", "street", "lane", "path"]
CLASSES: tuple[RoadClass, ...] = ("freeway", "ramp", "main", "street", "lane", "path")


class SegmentProperties(msgspec.Struct, frozen=True, gc=False):
    """What the file says of one street segment; the module's head explains the fields."""

    id: int
    begin: int = msgspec.field(name="from")
    end: int = msgspec.field(name="to")
    road_class: RoadClass = msgspec.field(name="class")
    mph: float
    m: float
    way: Literal["both", "forward", "backward"] = "both"
    name: str = ""


class LineGeometry(msgspec.Struct, frozen=True, gc=False, tag_field="type", tag="LineString"):
    """The drawn line, as pairs of longitude and latitude (WGS 84)."""

    coordinates: list[tuple[float, float]]


class Segment(msgspec.Struct, frozen=True, gc=False, tag_field="type", tag="Feature"):
    """One street segment between two junctions."""

    properties: SegmentProperties
    geometry: LineGeometry


class StreetsFile(msgspec.Struct, frozen=True, tag_field="type", tag="FeatureCollection"):
    """The whole file of streets."""

    features: list[Segment]


@dataclass(frozen=True, slots=True)
class Adjacency:
    """Arcs grouped by the junction they leave: those of node i are start[i] to start[i + 1]."""

    start: Ints
    to: Ints
    ticks: Ints  # driving time, tenths of a second
    segment: Ints  # which street segment the arc drives on
    backward: npt.NDArray[np.bool_]  # whether it drives against the drawn direction


@dataclass(frozen=True, slots=True)
class RoadGraph:
    """Junctions (nodes), street segments and the arcs that may be driven between junctions."""

    node_id: npt.NDArray[np.int64]
    lon: Floats
    lat: Floats
    usable: npt.NDArray[np.bool_]  # in the largest part in which everything reaches everything
    segment_id: npt.NDArray[np.int64]
    segment_begin: Ints
    segment_end: Ints
    segment_length_m: Floats
    segment_mph: Floats
    segment_class: npt.NDArray[np.int8]  # place in CLASSES
    segment_name: Ints  # place in `names`
    names: tuple[str, ...]
    line_start: Ints  # the points of segment i are line_start[i] to line_start[i + 1]
    line_lon: Floats
    line_lat: Floats
    out: Adjacency
    checksum: str

    @property
    def nodes(self) -> int:
        """How many junctions there are."""
        return len(self.node_id)

    @property
    def segments(self) -> int:
        """How many street segments there are."""
        return len(self.segment_id)

    def line(self, segment: int) -> tuple[Floats, Floats]:
        """Return the drawn points of a segment: longitudes, latitudes."""
        part = slice(self.line_start[segment], self.line_start[segment + 1])
        return self.line_lon[part], self.line_lat[part]

    def name(self, segment: int) -> str:
        """Return the street's name, "" where it has none."""
        return self.names[int(self.segment_name[segment])]

    def unusable(self) -> int:
        """Count the junctions cut off from the rest; nothing is ever snapped to them."""
        return int(self.nodes - self.usable.sum())


UNREADABLE = (
    OSError, EOFError, zlib.error, msgspec.MsgspecError, UnicodeDecodeError, RecursionError,
)  # fmt: skip


def free_flow_ticks(length_m: Floats, mph: Floats) -> Ints:
    """Return the free-flow driving times in tenths of a second, at least one each."""
    ticks = np.rint(length_m / (mph * M_PER_S_PER_MPH) * TICKS_PER_S)
    return np.maximum(ticks, 1).astype(np.int32)


def load_roads(path: Path) -> RoadGraph:
    """Read the street graph from a town's `streets.geojson.gz`; PlaceError where it cannot be."""
    return graph_of(_decoded(path).features, str(path.name))


def _decoded(path: Path) -> StreetsFile:
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise PlaceError(
                f"Streets not read from {path}",
                f"the file is above {FILE_BYTES_MAX} bytes",
                "Cut the town to the area that is served",
            )
        return msgspec.json.decode(gzip.decompress(path.read_bytes()), type=StreetsFile)
    except UNREADABLE as error:
        raise PlaceError(
            f"Streets not read from {path}",
            str(error) or type(error).__name__,
            "Put a gzipped GeoJSON of streets there, as docs/explanation/roads.md describes",
        ) from error


def graph_of(segments: list[Segment], source: str) -> RoadGraph:
    """Build the graph from segments; `source` is named in refusals."""
    _check(segments, source)
    told = [segment.properties for segment in segments]
    begin_id = np.array([p.begin for p in told], np.int64)
    end_id = np.array([p.end for p in told], np.int64)
    node_id, place = np.unique(np.concatenate([begin_id, end_id]), return_inverse=True)
    begin, end = place[: len(told)].astype(np.int32), place[len(told) :].astype(np.int32)
    lines = [segment.geometry.coordinates for segment in segments]
    line_start = np.zeros(len(lines) + 1, np.int32)
    np.cumsum([len(line) for line in lines], out=line_start[1:])
    points = np.array([point for line in lines for point in line], np.float64)
    lon, lat = np.empty(len(node_id)), np.empty(len(node_id))
    for node, at in ((end, line_start[1:] - 1), (begin, line_start[:-1])):
        lon[node], lat[node] = points[at, 0], points[at, 1]
    names = sorted({p.name for p in told})
    number = {name: i for i, name in enumerate(names)}
    length_m, mph = np.array([p.m for p in told]), np.array([p.mph for p in told], np.float64)
    out = _adjacency(told, begin, end, free_flow_ticks(length_m, mph), len(node_id))
    return RoadGraph(
        node_id=node_id,
        lon=lon,
        lat=lat,
        usable=largest_strong_part(out),
        segment_id=np.array([p.id for p in told], np.int64),
        segment_begin=begin,
        segment_end=end,
        segment_length_m=length_m,
        segment_mph=mph,
        segment_class=np.array([CLASSES.index(p.road_class) for p in told], np.int8),
        segment_name=np.array([number[p.name] for p in told], np.int32),
        names=tuple(names),
        line_start=line_start,
        line_lon=points[:, 0].copy(),
        line_lat=points[:, 1].copy(),
        out=out,
        checksum=arcs_checksum(out),
    )


def _check(segments: list[Segment], source: str) -> None:
    """Refuse segments that no graph can be made of, naming the first bad one."""
    if not 0 < len(segments) <= SEGMENTS_MAX:
        raise PlaceError(
            f"Streets not read from {source}",
            f"it holds {len(segments)} segments, not 1 to {SEGMENTS_MAX}",
            "Cut the town to the area that is served",
        )
    for segment in segments:
        told, line = segment.properties, segment.geometry.coordinates
        if len(line) < 2 or not all(abs(x) <= 180 and abs(y) <= 90 for x, y in line):
            fault = "its line needs two or more points on the earth"
        elif not (math.isfinite(told.m) and told.m >= 0 and 0 < told.mph <= 200):
            fault = f"length {told.m} m and speed {told.mph} mph cannot be driven"
        else:
            continue
        raise PlaceError(
            f"Streets not read from {source}",
            f"segment {told.id}: {fault}",
            "Correct that feature in the file",
        )


def _adjacency(
    told: list[SegmentProperties], begin: Ints, end: Ints, ticks: Ints, nodes: int
) -> Adjacency:
    driven = np.array([p.road_class != "path" for p in told])
    ahead = np.flatnonzero(driven & np.array([p.way != "backward" for p in told]))
    back = np.flatnonzero(driven & np.array([p.way != "forward" for p in told]))
    segment = np.concatenate([ahead, back]).astype(np.int32)
    return adjacency(
        np.concatenate([begin[ahead], end[back]]),
        np.concatenate([end[ahead], begin[back]]),
        ticks[segment],
        nodes,
        segment=segment,
        backward=np.arange(len(segment)) >= len(ahead),
    )


def adjacency(
    source: Ints,
    target: Ints,
    ticks: Ints,
    nodes: int,
    *,
    segment: Ints | None = None,
    backward: npt.NDArray[np.bool_] | None = None,
) -> Adjacency:
    """Group arcs by the junction they leave, keeping the order given within each."""
    order = np.argsort(source, kind="stable")
    start = np.zeros(nodes + 1, np.int32)
    np.cumsum(np.bincount(source, minlength=nodes), out=start[1:])
    segment = np.arange(len(source), dtype=np.int32) if segment is None else segment
    backward = np.zeros(len(source), np.bool_) if backward is None else backward
    return Adjacency(
        start, target[order].astype(np.int32), ticks[order].astype(np.int32),
        segment[order], backward[order],
    )  # fmt: skip


def turned_round(arcs: Adjacency) -> Adjacency:
    """Return the arcs grouped by where they lead: every arc driven the other way."""
    source = np.repeat(np.arange(len(arcs.start) - 1, dtype=np.int32), np.diff(arcs.start))
    return adjacency(
        arcs.to, source, arcs.ticks, len(arcs.start) - 1,
        segment=arcs.segment, backward=arcs.backward,
    )  # fmt: skip


def arcs_checksum(arcs: Adjacency) -> str:
    """Return the SHA-256 of what travel times depend on: the arcs and their driving times."""
    digest = hashlib.sha256(b"answerable roads 1\n")
    for part in (arcs.start, arcs.to, arcs.ticks):
        digest.update(part.astype("<i4").tobytes())
    return digest.hexdigest()


def _reached(arcs: Adjacency, node: int) -> npt.NDArray[np.bool_]:
    """Return which junctions can be reached from `node`."""
    seen = np.zeros(len(arcs.start) - 1, np.bool_)
    seen[node] = True
    edge = np.array([node])
    while len(edge):
        count = arcs.start[edge + 1] - arcs.start[edge]
        skip = np.repeat(arcs.start[edge] - (np.cumsum(count) - count), count)
        there = arcs.to[skip + np.arange(count.sum())]
        edge = np.unique(there[~seen[there]])
        seen[edge] = True
    return seen


def largest_strong_part(arcs: Adjacency) -> npt.NDArray[np.bool_]:
    """Mark the junctions of the largest part in which every one can be driven to from every other.

    Of two parts equally large it is the one with the lowest-numbered junction.
    """
    nodes = len(arcs.start) - 1
    into = turned_round(arcs)
    best = np.zeros(nodes, np.bool_)
    left = np.ones(nodes, np.bool_)
    while left.any() and left.sum() >= best.sum():
        # the best-joined junction left is nearly always in the largest part already
        node = int(np.argmax(np.where(left, np.diff(arcs.start) + np.diff(into.start), -1)))
        part = _reached(arcs, node) & _reached(into, node)
        left &= ~part
        if part.sum() > best.sum() or (part.sum() == best.sum() and part.argmax() < best.argmax()):
            best = part
    return best


def joined_parts(roads: RoadGraph) -> Ints:
    """Return the part of each junction, one-way marks put aside: that part's lowest junction."""
    part = np.arange(roads.nodes, dtype=np.int32)
    while True:
        lower = part.copy()
        low = np.minimum(part[roads.segment_begin], part[roads.segment_end])
        np.minimum.at(lower, roads.segment_begin, low)
        np.minimum.at(lower, roads.segment_end, low)
        lower = lower[lower]  # a junction follows its own lowest one: far fewer rounds
        if (lower == part).all():
            return part
        part = lower
