"""The little town as an OpenStreetMap file: its grid of streets, a coast, a lake with an island,
a wood, works, houses with numbers, a railway, a river, a frontier, names in three languages."""

from __future__ import annotations

from pathlib import Path
from xml.sax.saxutils import quoteattr

from tests.towns.little import EAST, NORTH, SIDE, SOUTH, STEP, WEST

BOX = (WEST - 0.01, SOUTH - 0.01, EAST + 0.01, NORTH + 0.01)
COAST = SOUTH - 0.004
"""The latitude of the coast; south of it is the sea."""
NAMES = {"name": "Hauptgasse", "name:en": "Main Lane", "name:zh": "主街"}


class Paper:
    """Collects nodes, ways and relations."""

    def __init__(self) -> None:
        self.parts: dict[str, list[str]] = {"node": [], "way": [], "relation": []}
        self.numbers = 0

    def put(self, sort: str, head: str, inside: str, tags: dict[str, str]) -> int:
        self.numbers += 1
        told = "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items())
        self.parts[sort].append(
            f'<{sort} id="{self.numbers}" version="1"{head}>{inside}{told}</{sort}>'
        )
        return self.numbers

    def node(self, lon: float, lat: float, **tags: str) -> int:
        return self.put("node", f' lon="{lon:.7f}" lat="{lat:.7f}"', "", tags)

    def way(self, points: list[tuple[float, float]], tags: dict[str, str]) -> int:
        closed = points[0] == points[-1] and len(points) > 2
        nodes = [self.node(*point) for point in (points[:-1] if closed else points)]
        refs = "".join(f'<nd ref="{n}"/>' for n in (nodes + nodes[:1] if closed else nodes))
        return self.put("way", "", refs, tags)

    def relation(self, members: list[tuple[int, str]], tags: dict[str, str]) -> int:
        told = "".join(f'<member type="way" ref="{n}" role="{role}"/>' for n, role in members)
        return self.put("relation", "", told, tags)

    def write(self, path: Path, box: tuple[float, ...] | None = BOX) -> Path:
        bounds = ""
        if box:
            west, south, east, north = box
            bounds = f'<bounds minlon="{west}" minlat="{south}" maxlon="{east}" maxlat="{north}"/>'
        body = "".join("".join(self.parts[sort]) for sort in ("node", "way", "relation"))
        path.write_text(f'<osm version="0.6">{bounds}{body}</osm>', encoding="utf-8")
        return path


def square(lon: float, lat: float, size: float) -> list[tuple[float, float]]:
    """Return a closed square with its south-west corner at a place."""
    return [(lon, lat), (lon + size, lat), (lon + size, lat + size), (lon, lat + size), (lon, lat)]


def little_map(*, streets: bool = True, coast: bool = True) -> Paper:
    """Return the map of the little town."""
    paper = Paper()
    for i in range(SIDE if streets else 0):
        at = i * STEP
        kind = "secondary" if i == 0 else "residential"
        tags = {"highway": kind} | (NAMES if i == 0 else {"name": f"Weg {i}"})
        paper.way([(WEST + j * STEP, SOUTH + at) for j in range(SIDE)], tags)
        paper.way([(WEST + at, SOUTH + j * STEP) for j in range(SIDE)], tags)
    if streets:
        paper.way([(WEST, SOUTH), (WEST + 0.001, SOUTH + 0.001)], {"highway": "footway"})
        paper.way([(WEST, NORTH), (EAST, NORTH + 0.001)],
                  {"highway": "primary", "tunnel": "yes", "name": "Tunnel"})  # fmt: skip
    if coast:  # water on the right hand: going east, the sea is in the south
        paper.way([(BOX[0] - 0.001, COAST), (BOX[2] + 0.001, COAST)], {"natural": "coastline"})
    lake = paper.way(square(WEST + 0.0105, SOUTH + 0.001, 0.003), {})
    island = paper.way(square(WEST + 0.0112, SOUTH + 0.002, 0.001), {})
    paper.relation([(lake, "outer"), (island, "inner")],
                   {"type": "multipolygon", "natural": "water", "name": "Seelein"})  # fmt: skip
    paper.way(square(WEST - 0.004, SOUTH, 0.003), {"landuse": "forest"})
    paper.way(square(WEST - 0.004, SOUTH + 0.004, 0.003), {"landuse": "industrial"})
    paper.way(square(WEST - 0.004, SOUTH + 0.008, 0.001), {"landuse": "residential"})
    paper.way(square(WEST + 0.0003, SOUTH + 0.0003, 0.0002),
              {"building": "yes", "addr:housenumber": "7b"})  # fmt: skip
    paper.way(square(WEST + 0.0008, SOUTH + 0.0003, 0.0002), {"building": "no"})
    paper.way([(WEST, SOUTH - 0.001), (EAST, SOUTH - 0.001)], {"railway": "rail"})
    paper.way(
        [(WEST, SOUTH + 0.0012), (EAST, SOUTH + 0.0012)], {"waterway": "river", "name": "Ach"}
    )
    frontier = paper.way([(WEST - 0.005, NORTH + 0.002), (EAST, NORTH + 0.002)], {})
    line = {"type": "boundary", "boundary": "administrative", "admin_level": "2"}
    paper.relation([(frontier, "outer")], line)
    paper.node(WEST + 0.005, SOUTH + 0.005, place="town", **{**NAMES, "name": "Kleinstadt"})
    paper.node(WEST + 0.007, SOUTH + 0.007, amenity="hospital", name="Spital")
    paper.node(WEST + 0.003, SOUTH + 0.003, shop="bakery", name="Bäckerei")
    return paper
