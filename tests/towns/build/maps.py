"""Little maps as OpenStreetMap XML, written out by hand, and what a build makes of them.

Node n of `at(x, y)` stands x steps east and y steps north of 9.50, 47.10; a step is 0.001 degrees,
about 76 m and 111 m.
"""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import quoteattr

from answerable.place.roads import RoadGraph, load_roads
from answerable.towns.build.files import streets_file
from answerable.towns.build.options import BuildOptions
from answerable.towns.build.source import OsmData, read_osm
from answerable.towns.build.speeds import read_speeds
from answerable.towns.build.streets import Segment, Streets, streets_of

WEST, SOUTH, STEP = 9.50, 47.10, 0.001
Tags = dict[str, str]


def quiet(line: str) -> None:
    """Tell nobody."""


def tagged(tags: Tags) -> str:
    return "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items())


def node(number: int, x: float, y: float, **tags: str) -> str:
    """A node; `addr__street` stands for the key addr:street."""
    at = f'lon="{WEST + STEP * x:.7f}" lat="{SOUTH + STEP * y:.7f}"'
    return f'<node id="{number}" version="1" {at}>{tagged(keys(tags))}</node>'


def way(number: int, refs: list[int], tags: Tags) -> str:
    nds = "".join(f'<nd ref="{ref}"/>' for ref in refs)
    return f'<way id="{number}" version="1">{nds}{tagged(tags)}</way>'


def relation(number: int, members: list[tuple[str, int, str]], tags: Tags) -> str:
    told = "".join(f'<member type="{t}" ref="{r}" role="{role}"/>' for t, r, role in members)
    return f'<relation id="{number}" version="1">{told}{tagged(tags)}</relation>'


def keys(tags: Tags) -> Tags:
    return {key.replace("__", ":"): value for key, value in tags.items()}


def osm(*things: str) -> str:
    return "<?xml version='1.0' encoding='UTF-8'?><osm version='0.6'>" + "".join(things) + "</osm>"


ROW = tuple(node(n, n, 0) for n in range(1, 6))
"""Nodes 1 to 5 in a row from west to east."""
STREET: Tags = {"highway": "residential", "name": "Long Street"}


def square(*extra: str, first: int = 100) -> tuple[list[str], list[str]]:
    """The nodes and ways of a square of two-way streets that the town's roads can hang on."""
    nodes = [node(first + i, x, y) for i, (x, y) in enumerate(((0, 0), (5, 0), (5, 5), (0, 5)))]
    ring = [first, first + 1, first + 2, first + 3, first]
    return nodes, [
        way(first + i, ring[i : i + 2], {"highway": "residential", "name": f"Side {i}"})
        for i in range(4)
    ]


def written(folder: Path, text: str, name: str = "map.osm") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def data_of(folder: Path, *things: str) -> OsmData:
    return read_osm(written(folder, osm(*things)), quiet)


def streets(folder: Path, *things: str) -> Streets:
    """What the build makes of a map, with the packaged speeds."""
    return streets_of(data_of(folder, *things), read_speeds(None))


def one_street(folder: Path, tags: Tags) -> Segment | None:
    """The segment of a single way with these tags, None where it is left out."""
    made = streets(folder, *ROW, way(7, [1, 2], tags)).segments
    return made[0] if made else None


def graph(folder: Path, made: Streets) -> RoadGraph:
    path = folder / "streets.geojson.gz"
    path.write_bytes(streets_file(made.segments))
    return load_roads(path)


def options(folder: Path, map_file: Path, **more: object) -> BuildOptions:
    """The options of a build of the town "little" into `folder`/out."""
    given = {"name": "little", "roads": map_file, "zone": "Europe/Vaduz", "into": folder / "out"}
    return BuildOptions(**(given | more))  # type: ignore[arg-type]
