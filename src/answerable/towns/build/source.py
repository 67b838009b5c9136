"""Reading an OpenStreetMap file: tagged nodes, ways with their positions, relations.

What comes out is plain data, so that the rules of the build know nothing of osmium. Positions are
WGS 84 degrees. A file of the whole object history, one that is not sorted (nodes, ways, relations),
a damaged one and one that is no map are refused.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import msgspec

from answerable.towns.build.options import BuildRefused, Say

if TYPE_CHECKING:
    from osmium.osm import Node as OsmNode
    from osmium.osm import Relation as OsmRelation
    from osmium.osm import Way as OsmWay

Tags = dict[str, str]

ENDINGS = (".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2")
FILE_BYTES_MAX = 2 << 30
NODES_MAX = 60_000_000
EVERY = 1_000_000
CUT_IT = "Cut the file to the town first: osmium extract -b WEST,SOUTH,EAST,NORTH FILE -o OUT"
GET_ONE = "Give an OpenStreetMap extract (.osm.pbf, .osm, .osm.gz or .osm.bz2), downloaded whole"


class Node(msgspec.Struct, frozen=True, gc=False):
    """A tagged node."""

    id: int
    tags: Tags
    lon: float
    lat: float


class Way(msgspec.Struct, frozen=True, gc=False):
    """A way: the nodes that the file has, in order, and how many of them it lacks."""

    id: int
    tags: Tags
    refs: tuple[int, ...]
    line: tuple[tuple[float, float], ...]
    """Longitude and latitude; (nan, nan) where the file lacks the node."""

    @property
    def whole(self) -> bool:
        """Say whether the file has every node of the way."""
        return all(map(located, self.line))

    @property
    def closed(self) -> bool:
        """Say whether the way ends where it begins."""
        return len(self.refs) > 3 and self.refs[0] == self.refs[-1]


class Member(msgspec.Struct, frozen=True, gc=False):
    """One member of a relation: "n", "w" or "r", its number, its role."""

    type: str
    ref: int
    role: str


class Relation(msgspec.Struct, frozen=True, gc=False):
    """A relation."""

    id: int
    tags: Tags
    members: tuple[Member, ...]


Thing = Node | Way | Relation


class OsmData(msgspec.Struct):
    """What was read, by number; and what the file says of itself."""

    nodes: dict[int, Node] = msgspec.field(default_factory=dict)
    ways: dict[int, Way] = msgspec.field(default_factory=dict)
    relations: dict[int, Relation] = msgspec.field(default_factory=dict)
    node_count: int = 0
    repeated: int = 0
    """Objects that came a second time; the last one counts."""
    taken_at: str = ""
    """When the data was current, ISO 8601; "" where the file does not say."""
    taken_from: str = ""
    """Where that was read: the file's replication timestamp, or its newest object."""

    def tagged(self) -> Iterator[Thing]:
        """Return all tagged things: relations, ways, nodes, each by number."""
        for things in (self.relations, self.ways, self.nodes):
            for number in sorted(things):
                if things[number].tags:
                    yield things[number]


def located(point: tuple[float, float]) -> bool:
    """Say whether the file has this node."""
    return not math.isnan(point[0])


def read_osm(path: Path, say: Say) -> OsmData:
    """Read a file. Raises BuildRefused where it is none, is damaged or too large."""
    try:
        import osmium
    except ImportError as error:
        raise BuildRefused(
            "the library that reads OpenStreetMap files (osmium) is not installed",
            "Install it, and begin again: pip install 'answerable[osm]'",
        ) from error
    _check_file(path)
    data = OsmData()
    try:
        with osmium.io.Reader(str(path)) as reader:
            header = reader.header()
        if header.has_multiple_object_versions:
            raise BuildRefused(f"{path.name} is a history file", GET_ONE)
        data.taken_at = header.get("osmosis_replication_timestamp", "")
        data.taken_from = "replication timestamp" if data.taken_at else ""
        _read(path, data, say)
    except (
        RuntimeError, ValueError, OSError, MemoryError, osmium.InvalidLocationError,
    ) as error:  # fmt: skip
        raise BuildRefused(
            f"{path.name} cannot be read as a map ({str(error) or type(error).__name__}); "
            "it is another kind of file, or was cut short",
            GET_ONE,
        ) from error
    if not data.node_count:
        raise BuildRefused(f"{path.name} holds no node", GET_ONE)
    return data


def _check_file(path: Path) -> None:
    if not path.is_file():
        raise BuildRefused(f"there is no file {path}", GET_ONE)
    if not path.name.endswith(ENDINGS):
        raise BuildRefused(f"{path.name} does not end in {', '.join(ENDINGS)}", GET_ONE)
    if path.stat().st_size > FILE_BYTES_MAX:
        raise BuildRefused(f"{path.name} is larger than {FILE_BYTES_MAX >> 30} GiB", CUT_IT)


def _read(path: Path, data: OsmData, say: Say) -> None:
    """Fill ``data``, in one pass over the file."""
    import osmium

    newest, stage = None, 0
    for entity in osmium.FileProcessor(str(path)).with_locations():
        one = cast("OsmNode | OsmWay | OsmRelation", entity)
        kind = 0 if one.is_node() else 1 if one.is_way() else 2
        if kind < stage:
            raise BuildRefused(
                f"{path.name} is not sorted: a {'node' if kind == 0 else 'way'} comes late in it",
                "Sort it first, as: osmium sort FILE -o sorted.osm.pbf",
            )
        if kind != stage:
            stage = kind
            say(f"{data.node_count:,} nodes read, {len(data.ways):,} ways read")
        if not one.visible:
            continue
        if not data.taken_from and (newest is None or one.timestamp > newest):
            newest = one.timestamp
        _take(data, one, say)
    if newest is not None and newest.year > 1970:
        data.taken_at, data.taken_from = f"{newest:%Y-%m-%dT%H:%M:%SZ}", "newest object"
    say(f"{len(data.ways):,} ways and {len(data.relations):,} relations read")


def _take(data: OsmData, one: OsmNode | OsmWay | OsmRelation, say: Say) -> None:
    """Keep one object of the file."""
    if one.is_node():
        _take_node(data, cast("OsmNode", one), say)
    elif one.is_way():
        _take_way(data, cast("OsmWay", one))
    else:
        _take_relation(data, cast("OsmRelation", one))


def _tags(one: OsmNode | OsmWay | OsmRelation) -> Tags:
    """Return the tags; signs that nobody sees (line ends, marks of direction) become spaces."""
    return {
        tag.k: tag.v
        if tag.v.isprintable()
        else " ".join("".join(c if c.isprintable() else " " for c in tag.v).split())
        for tag in one.tags
    }


def _take_node(data: OsmData, one: OsmNode, say: Say) -> None:
    data.node_count += 1
    if data.node_count % EVERY == 0:
        say(f"{data.node_count:,} nodes read")
        if data.node_count > NODES_MAX:
            raise BuildRefused(f"the map has more than {NODES_MAX:,} nodes", CUT_IT)
    if one.tags and one.location.valid():
        data.repeated += one.id in data.nodes
        node = Node(one.id, _tags(one), one.location.lon, one.location.lat)
        data.nodes[one.id] = node


def _take_way(data: OsmData, one: OsmWay) -> None:
    refs, line = [], []
    for node in one.nodes:
        refs.append(node.ref)
        line.append((node.lon, node.lat) if node.location.valid() else (math.nan, math.nan))
    data.repeated += one.id in data.ways
    data.ways[one.id] = Way(one.id, _tags(one), tuple(refs), tuple(line))


def _take_relation(data: OsmData, one: OsmRelation) -> None:
    members = tuple(Member(m.type, m.ref, m.role) for m in one.members)
    data.repeated += one.id in data.relations
    data.relations[one.id] = Relation(one.id, _tags(one), members)
