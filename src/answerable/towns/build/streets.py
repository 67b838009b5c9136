"""Street segments: driven ways cut at their junctions, with length, speed, class and names.

A junction is a node that two driven ways share, or one way passes twice, or where a way begins or
ends. A way is also cut where the file lacks its nodes (an extract is cut at its edge), and at a
barrier that stops a crew: there each side gets a dead end of its own.

The numbers are OpenStreetMap's: a junction has its node's number (a dead end at a barrier a
negative one), segment i of way w has the number w x 10000 + i.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter

import msgspec
import shapely

from answerable.place.roads import RoadClass
from answerable.place.snap import M_PER_DEGREE
from answerable.towns.build.source import OsmData, Tags, Way, located
from answerable.towns.build.speeds import Speeds, speed_of
from answerable.towns.build.tags import CLASSES, Drive, Left, barrier, judged

PER_WAY = 10_000
DECIMALS = 5
"""A position is kept to about a metre, as in the packaged towns."""
SIMPLER = 1e-5
OTHER_MAX = 120
Point = tuple[float, float]


class Properties(msgspec.Struct, frozen=True, omit_defaults=True, rename={"road_class": "class"}):
    """The properties of a segment, as ``place/roads.py`` describes them, and its other names."""

    id: int
    begin: int = msgspec.field(name="from")
    end: int = msgspec.field(name="to")
    road_class: RoadClass
    mph: float
    m: float
    way: str = "both"
    name: str = ""
    zh: str = ""
    en: str = ""
    alt: str = ""
    """Further names, separated by ";"."""
    ref: str = ""


class Segment(msgspec.Struct, frozen=True):
    """A segment, and its drawn line (longitude, latitude)."""

    told: Properties
    line: tuple[Point, ...]


class Tally(msgspec.Struct):
    """What was counted on the way from ways to segments."""

    left_out: Counter[str] = msgspec.field(default_factory=Counter)
    """Ways that are no street, by the reason."""
    highways: Counter[str] = msgspec.field(default_factory=Counter)
    speeds: Counter[str] = msgspec.field(default_factory=Counter)
    not_understood: Counter[str] = msgspec.field(default_factory=Counter)
    barriers: Counter[str] = msgspec.field(default_factory=Counter)
    one_way: int = 0
    private: int = 0
    conditional: int = 0
    limits: int = 0
    """Ways with a limit of height, width or weight."""
    zero_length: int = 0
    """Segments without length that lead back to where they begin."""
    repeated: int = 0
    """Segments that lay exactly on another one, class and direction the same."""
    nodes_missing: int = 0
    ways: int = 0


class Streets(msgspec.Struct):
    """The segments, what was counted, and the ways they came from."""

    segments: list[Segment]
    tally: Tally
    drives: dict[int, Drive]


def metres(line: tuple[Point, ...]) -> float:
    """Return the length of a line, on a plane that fits each of its steps."""
    return sum(
        math.hypot(
            (b[0] - a[0]) * math.cos(math.radians((a[1] + b[1]) / 2)), b[1] - a[1]
        ) * M_PER_DEGREE
        for a, b in itertools.pairwise(line)
    )  # fmt: skip


def streets_of(data: OsmData, speeds: Speeds) -> Streets:
    """Make the street segments of a map, in the order of the ways' numbers."""
    tally = Tally()
    drives = _drives(data, tally)
    stops = {
        node.id: node.tags.get("barrier", "")
        for node in data.nodes.values()
        if barrier(node.tags) == "stopped"
    }
    uses = Counter(ref for number in drives for ref in _uses(data.ways[number]))
    for ref in uses.keys() & data.nodes.keys():
        kind = barrier(data.nodes[ref].tags)
        if kind:
            tally.barriers[f"{kind}: {data.nodes[ref].tags['barrier']}"] += 1
    cutter = _Cutter(uses, set(stops), tally)
    found = []
    for number, drive in drives.items():
        way = data.ways[number]
        found += _segments(way, drive, cutter.parts(way), speeds, tally)
    return Streets(_without_repeats(found, tally), tally, drives)


def _drives(data: OsmData, tally: Tally) -> dict[int, Drive]:
    drives = {}
    for number in sorted(data.ways):
        way = data.ways[number]
        drive = judged(way.tags)
        if isinstance(drive, Drive) and sum(map(located, way.line)) < 2:
            drive = Left("fewer than two of its nodes are in the file")
        if isinstance(drive, Left):
            tally.left_out[drive.why] += 1
        elif drive is not None:
            drives[number] = drive
            _count(way, drive, tally)
    return drives


def _count(way: Way, drive: Drive, tally: Tally) -> None:
    tally.ways += 1
    tally.highways[drive.highway] += 1
    tally.one_way += drive.way != "both"
    tally.private += drive.private
    tally.conditional += drive.conditional
    tally.limits += any(key in way.tags for key in ("maxheight", "maxwidth", "maxweight"))
    tally.nodes_missing += sum(not located(point) for point in way.line)


def _uses(way: Way) -> list[int]:
    """Return the way's nodes that the file has."""
    return [r for r, point in zip(way.refs, way.line, strict=True) if located(point)]


class _Cutter:
    """Cuts ways into parts between junctions."""

    def __init__(self, uses: Counter[int], stops: set[int], tally: Tally) -> None:
        self.uses, self.stops, self.tally = uses, stops, tally
        self.dead_ends = 0

    def parts(self, way: Way) -> list[tuple[int, int, tuple[Point, ...]]]:
        """Return the parts: junction where each begins, where it ends, its line."""
        out: list[tuple[int, int, tuple[Point, ...]]] = []
        for run in _runs(way):
            begin = 0
            for at in range(1, len(run)):
                if self.uses[run[at][0]] > 1 or run[at][0] in self.stops or at == len(run) - 1:
                    part = run[begin : at + 1]
                    line = tuple(point for _, point in part)
                    out.append((self._junction(part[0][0]), self._junction(part[-1][0]), line))
                    begin = at
        return out

    def _junction(self, ref: int) -> int:
        if ref not in self.stops:
            return ref
        self.dead_ends += 1
        return -self.dead_ends


def _runs(way: Way) -> list[list[tuple[int, Point]]]:
    """Return the stretches of a way whose nodes the file has, two nodes or more each."""
    runs: list[list[tuple[int, Point]]] = [[]]
    for ref, point in zip(way.refs, way.line, strict=True):
        if not located(point):
            runs.append([])
        elif not runs[-1] or runs[-1][-1][0] != ref:
            runs[-1].append((ref, point))
    return [run for run in runs if len(run) > 1]


def _segments(
    way: Way,
    drive: Drive,
    parts: list[tuple[int, int, tuple[Point, ...]]],
    speeds: Speeds,
    tally: Tally,
) -> list[Segment]:
    """Return the segments of one way."""
    highway = drive.highway if drive.highway in CLASSES else "opened"
    speed = speed_of(way.tags, highway, speeds)
    tally.speeds[speed.told_by] += 1
    if speed.told_by == "not understood":
        tally.not_understood[way.tags.get("maxspeed", "")[:40]] += 1
    names = street_names(way.tags)
    found = []
    for number, (begin, end, line) in enumerate(parts):
        length_m = metres(line)
        if length_m == 0.0 and begin == end:  # between two junctions it joins them all the same
            tally.zero_length += 1
            continue
        told = Properties(
            id=way.id * PER_WAY + number, begin=begin, end=end, road_class=drive.road_class,
            mph=speed.mph, m=round(length_m, 1), way=drive.way, **names,
        )  # fmt: skip
        found.append(Segment(told, _drawn(line)))
    return found


def street_names(tags: Tags) -> dict[str, str]:
    """Return the names of a street: what is shown, Chinese, English, others, its number.

    A street without a name is shown by its number (A13).
    """
    name, ref = tags.get("name", ""), tags.get("ref", "").replace(";", " / ")
    return {"name": name or ref, "ref": ref, **other_names(tags, name)}


def other_names(tags: Tags, name: str) -> dict[str, str]:
    """Return ``zh``, ``en`` and ``alt`` of a named thing, none of which repeats its name."""
    zh = tags.get("name:zh") or tags.get("name:zh-Hans") or tags.get("name:zh-Hant") or ""
    en = tags.get("name:en", "") if tags.get("name:en", "") != name else ""
    zh, en = zh[:OTHER_MAX], en[:OTHER_MAX]
    keys = ("alt_name", "official_name", "short_name", "loc_name", "int_name", "old_name")
    spoken = [tags[key] for key in keys if key in tags]
    spoken += [
        value
        for key, value in sorted(tags.items())
        if key.startswith("name:") and 7 <= len(key) <= 8 and key not in ("name:zh", "name:en")
    ]
    others = dict.fromkeys(part.strip() for told in spoken for part in told.split(";"))
    alt = ";".join(o for o in others if 0 < len(o) <= OTHER_MAX and o not in (name, zh, en))
    return {"zh": zh if zh != name else "", "en": en, "alt": alt}


def rounded(point: Point) -> Point:
    """Return a position to about a metre."""
    return round(point[0], DECIMALS), round(point[1], DECIMALS)


def _drawn(line: tuple[Point, ...]) -> tuple[Point, ...]:
    """Return the line as it is kept: about a metre exact, its ends exactly the junctions'."""
    if len(line) > 2:
        line = tuple(shapely.LineString(line).simplify(SIMPLER).coords)
        if len(line) < 2:
            raise AssertionError("a line is never simplified to a point")
    return tuple(map(rounded, line))


def _without_repeats(found: list[Segment], tally: Tally) -> list[Segment]:
    """Drop a segment that lies exactly on an earlier one between the same junctions."""
    seen: set[tuple[object, ...]] = set()
    kept = []
    for segment in found:
        told, line = segment.told, segment.line
        ends = (told.begin, told.end, told.way)
        turned = (told.end, told.begin, _TURNED[told.way])
        if (*ends, line) in seen or (*turned, line[::-1]) in seen:
            tally.repeated += 1
            continue
        seen.add((*ends, line))
        kept.append(segment)
    return kept


_TURNED = {"both": "both", "forward": "backward", "backward": "forward"}
