"""The five real extracts: each builds, loads and gives road times, and its counts are right.

The other side of each comparison is made here from the file itself with osmium, apart from the
code under test: a plain reading of the tags, and Dijkstra from node to node along the raw ways.
"""

from __future__ import annotations

import heapq
import itertools
import math
import random
import re
import time
import tomllib
from collections import Counter
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import msgspec
import numpy as np
import osmium
import pytest

from answerable.place.town_places import Places, load_places
from answerable.towns.build.options import BuildOptions
from answerable.towns.build.report import Report
from answerable.towns.build.town import build_town
from answerable.towns.load import load_town, packaged_towns
from tests.conftest import SHARED_DATA
from tests.place.road_oracle import dijkstra
from tests.towns.build.maps import quiet

pytestmark = pytest.mark.town_data

MAPS = SHARED_DATA / "osm"
CAR = {
    "motorway", "motorway_link", "trunk", "trunk_link", "primary", "primary_link", "secondary",
    "secondary_link", "tertiary", "tertiary_link", "unclassified", "residential", "service",
    "living_street",
}  # fmt: skip


class Told(msgspec.Struct, frozen=True):
    """What ../shared/data/README.md says of a file; 0 where it says nothing."""

    file: str
    zone: str
    nodes: int
    ways: int
    car_ways: int
    restrictions: int = 0
    stations: dict[str, int] = {}


TOWNS = {
    "reno": Told("reno_east3.osm.pbf", "America/Los_Angeles", 9_658, 1_572, 1_572),
    "monaco_xml": Told(
        "monaco.osm.gz", "Europe/Monaco", 13_739, 1_944, 507, 0, {"hospital": 3, "police": 6}
    ),
    "monaco": Told(
        "monaco.osm.pbf", "Europe/Monaco", 180_118, 27_377, 1_763, 27,
        {"fire_station": 3, "police": 14, "hospital": 5},
    ),
    "liechtenstein": Told(
        "liechtenstein.osm.pbf", "Europe/Vaduz", 142_832, 15_247, 2_388, 0,
        {"fire_station": 6, "police": 1, "hospital": 1},
    ),
    "helsinki": Told("helsinki_centre.osm.pbf", "Europe/Helsinki", 24_260, 5_130, 1_002, 45),
    "porto": Told("porto.osm.pbf", "Europe/Lisbon", 347_944, 51_458, 42_827),
}  # fmt: skip


class Raw(msgspec.Struct):
    """A file read plainly."""

    ways: dict[int, tuple[dict[str, str], list[int]]] = {}
    at: dict[int, tuple[float, float]] = {}
    stopped: set[int] = set()
    restrictions: Counter[str] = msgspec.field(default_factory=Counter)


def read_raw(path: Path) -> Raw:
    raw = Raw({}, {}, set())
    for thing in osmium.FileProcessor(str(path)):
        tags = {tag.k: tag.v for tag in thing.tags}
        if thing.is_node():
            raw.at[thing.id] = (thing.location.lon, thing.location.lat)
            if stops(tags):
                raw.stopped.add(thing.id)
        elif thing.is_way() and ("highway" in tags or tags.get("route") == "ferry"):
            raw.ways[thing.id] = (tags, [node.ref for node in thing.nodes])
        elif thing.is_relation() and tags.get("type") == "restriction":
            raw.restrictions[tags.get("restriction", "other")] += 1
    return raw


def motor_of(tags: dict[str, str]) -> str:
    told = [tags[k] for k in ("motorcar", "motor_vehicle", "vehicle", "access") if k in tags]
    return told[0] if told else ""


def stops(tags: dict[str, str]) -> bool:
    """A barrier, told the other way round: what does not open stops."""
    opens = {
        "no", "gate", "lift_gate", "swing_gate", "sliding_gate", "hampshire_gate", "bump_gate",
        "entrance", "cattle_grid", "toll_booth", "border_control", "sally_port", "checkpoint",
        "kerb", "traffic_island",
    }  # fmt: skip
    if "barrier" not in tags or tags["barrier"] == "no" or tags.get("emergency") == "yes":
        return False
    motor = next(
        (tags[k] for k in ("motorcar", "motor_vehicle", "vehicle", "access") if k in tags), ""
    )
    if motor == "no" or tags.get("locked") == "yes":
        return True
    opened = motor in ("yes", "designated", "official", "permissive", "destination")
    return not (opened or tags["barrier"] in opens)


def driven(tags: dict[str, str]) -> bool:
    """The rule of docs/howto/build-a-town.md, read plainly."""
    highway, crews = tags.get("highway", ""), tags.get("emergency")
    motor = next(
        (tags[k] for k in ("motorcar", "motor_vehicle", "vehicle", "access") if k in tags), ""
    )
    opened = crews in ("yes", "designated", "official", "permissive", "destination")
    if tags.get("area") == "yes" or crews == "no" or tags.get("oneway") == "reversible":
        return False
    if highway in ("pedestrian", "footway", "cycleway", "path", "bridleway", "busway"):
        ours = motor in ("yes", "designated", "official", "permissive", "destination")
        return opened or (highway == "pedestrian" and ours)
    if highway not in CAR | {"road", "track"}:
        return False
    if opened or tags.get("service") == "emergency_access":
        return True
    if motor == "no" or (
        tags.get("motor_vehicle:forward") == "no" and tags.get("oneway:motor_vehicle") == "yes"
    ):
        return False
    if highway == "service" and tags.get("service") in (
        "driveway", "parking_aisle", "drive-through", "slipway", "spur", "siding", "yard", "busway",
    ):  # fmt: skip
        return False
    if highway == "track" and tags.get("tracktype") not in ("grade1", "grade2"):
        return False
    return not (highway in ("service", "track") and motor in ("private", "military"))


def one_way(tags: dict[str, str]) -> str:
    """Which way, for tags without rarer exceptions (none of the five files has others)."""
    told = tags.get("oneway:motor_vehicle", tags.get("oneway", ""))
    if told in ("yes", "1", "true") or (
        told not in ("no", "0", "false", "-1", "alternating", "reverse")
        and (tags["highway"] == "motorway" or tags.get("junction") in ("roundabout", "circular"))
    ):
        return "forward"
    if told in ("-1", "reverse"):
        return "backward"
    if any(tags.get(f"{who}:backward") == "no" for who in ("motor_vehicle", "vehicle", "access")):
        return "forward"
    return "both"


class Built(msgspec.Struct):
    """A town that was built, and the file read plainly beside it."""

    told: Told
    folder: Path
    report: Report
    places: Places
    raw: Raw
    took_s: float

    def driven_ways(self) -> Iterator[tuple[int, dict[str, str], list[int]]]:
        for number, (tags, refs) in self.raw.ways.items():
            here = [ref for ref in refs if ref in self.raw.at]
            if driven(tags) and len(here) > 1:
                yield number, tags, refs


@pytest.fixture(scope="module", params=list(TOWNS))
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """One town after the other, each built once."""
    told = TOWNS[request.param]
    begun = time.process_time()
    folder, report = build_town(
        BuildOptions(
            name=request.param, roads=MAPS / told.file, zone=told.zone, basemap=False,
            into=tmp_path_factory.mktemp("built"),
        ),
        quiet,
    )  # fmt: skip
    took_s = time.process_time() - begun
    print(f"{told.file}: {took_s:.1f} s of one core, {report.pieces.junctions:,} junctions")
    return Built(told, folder, report, load_places(folder), read_raw(MAPS / told.file), took_s)


def test_it_loads_and_holds_what_the_file_holds(built: Built) -> None:
    town = load_town(built.folder)
    assert town.file.zone == built.told.zone
    assert (built.report.map.nodes, built.report.map.ways) == (built.told.nodes, built.told.ways)
    car = sum(tags.get("highway") in CAR for tags, _ in built.raw.ways.values())
    assert car == built.told.car_ways
    assert built.took_s < 45, "a metropolis is built in well under a minute"


def test_every_way_is_driven_or_left_out_with_a_reason(built: Built) -> None:
    streets = built.report.streets
    assert streets.ways_driven + sum(streets.left_out.values()) == len(built.raw.ways)


def test_the_ways_driven_are_those_of_a_plain_reading(built: Built) -> None:
    ours = set((built.places.roads.segment_id // 10_000).tolist())
    theirs = {number for number, _, _ in built.driven_ways()}
    assert ours <= theirs
    repeated = theirs - ours
    assert len(repeated) <= built.report.streets.repeated_dropped


def test_junctions_and_one_ways_agree_with_an_independent_count(built: Built) -> None:
    uses: Counter[int] = Counter()
    ends: Counter[int] = Counter()
    for _, _, refs in built.driven_ways():
        for run in runs(refs, built.raw):
            uses.update(run)
            ends.update((run[0], run[-1]))
    junctions = {ref for ref in uses if uses[ref] > 1 or ends[ref]} - built.raw.stopped
    roads = built.places.roads
    ours = set(roads.node_id[roads.node_id > 0].tolist())
    dropped = built.report.streets.zero_length_dropped + built.report.streets.repeated_dropped
    assert ours <= junctions
    assert len(junctions - ours) <= dropped
    marked = sum(one_way(tags) != "both" for _, tags, _ in built.driven_ways())
    assert built.report.streets.one_way_ways == marked


def runs(refs: list[int], raw: Raw) -> list[list[int]]:
    """The stretches of a way whose nodes the file has, repeats of a node in a row taken once."""
    told = [ref for ref, _ in itertools.groupby(refs)]
    found = [
        list(group) for there, group in itertools.groupby(told, key=raw.at.__contains__) if there
    ]
    return [run for run in found if len(run) > 1]


def test_turn_restrictions_are_counted_as_the_file_has_them(built: Built) -> None:
    counted = built.report.turn_restrictions
    assert counted.in_map == sum(built.raw.restrictions.values())
    if built.told.restrictions:
        assert counted.in_map == built.told.restrictions
    plain = {kind: n for kind, n in built.raw.restrictions.items() if kind != "other"}
    assert {k: n for k, n in counted.by_type.items() if k in plain} == plain


def test_stations_are_those_the_map_shows(built: Built) -> None:
    """As many as the file has things of the kind, less those found to be the same one."""
    seen = sum(built.told.stations.values())
    counted = built.report.stations
    if seen:
        assert sum(counted.by_type.values()) + counted.same == seen
        assert set(counted.by_type) == set(built.told.stations)


def test_shortest_times_are_dijkstras_over_the_same_arcs(built: Built) -> None:
    roads, travel = built.places.roads, built.places.travel
    chance = random.Random(7)
    for source in chance.sample(range(roads.nodes), 2):
        right = dijkstra(roads, source)
        for target in chance.sample(range(roads.nodes), 200):
            found = travel.time_s(source, target)
            assert found == pytest.approx(right[target] / 10), (source, target)


def test_times_are_those_along_the_raw_ways_of_the_file(built: Built) -> None:
    """Node by node from the file, with lengths by great circle: no junction, no segment."""
    table = tomllib.loads((files("answerable.towns.build") / "speeds.toml").read_text())
    arcs: dict[int, list[tuple[int, float]]] = {}
    for _, tags, refs in built.driven_ways():
        kmh, way = plain_speed(tags, table), one_way(tags)
        for run in runs(refs, built.raw):
            for a, b in itertools.pairwise(run):
                s = great_circle_m(built.raw.at[a], built.raw.at[b]) / (kmh / 3.6)
                if way != "backward":
                    arcs.setdefault(a, []).append((b, s))
                if way != "forward":
                    arcs.setdefault(b, []).append((a, s))
    roads, travel, chance = built.places.roads, built.places.travel, random.Random(3)
    here = [n for n in np.flatnonzero(roads.usable).tolist() if roads.node_id[n] > 0]
    source = here[len(here) // 2]
    right = plain_dijkstra(arcs, int(roads.node_id[source]), built.raw.stopped)
    for target in chance.sample(here, 100):
        # every segment rounds to a tenth of a second, mostly up and down in turn, at least one
        expected_s = right[int(roads.node_id[target])]
        assert travel.time_s(source, target) == pytest.approx(expected_s, rel=0.004, abs=1.0)


def plain_speed(tags: dict[str, str], table: dict[str, dict[str, float]]) -> float:
    highway = tags["highway"]
    default = table["class"].get(highway, table["class"]["opened"])
    sides = [tags[k] for k in ("maxspeed:forward", "maxspeed:backward") if k in tags]
    for told in (tags.get("maxspeed", ""), min(sides, default="")):
        found = re.fullmatch(r"(\d+)( ?mph)?(;\d+)?", told)
        if found:
            kmh = float(found[1]) * (1.609344 if found[2] else 1)
            return min(kmh, default) if highway in ("service", "track") else kmh
        if told:
            return table["word"].get(told, default)
    zone = re.fullmatch(r"([A-Z]{2}):(\w+)", tags.get("source:maxspeed", ""))
    if zone:
        of_country = table["zone"].get(zone[0])
        return of_country or table["zone"].get(zone[2], default)
    return default


def great_circle_m(a: tuple[float, float], b: tuple[float, float]) -> float:
    (x1, y1), (x2, y2) = (tuple(map(math.radians, p)) for p in (a, b))
    h = math.sin((y2 - y1) / 2) ** 2
    h += math.cos(y1) * math.cos(y2) * math.sin((x2 - x1) / 2) ** 2
    return 2 * 6_371_008.8 * math.asin(math.sqrt(h))


def plain_dijkstra(
    arcs: dict[int, list[tuple[int, float]]], source: int, stopped: set[int]
) -> dict[int, float]:
    """Seconds from a node to every other; nothing drives on past a barrier."""
    done: dict[int, float] = {}
    queue = [(0.0, source)]
    while queue:
        far, node = heapq.heappop(queue)
        if node in done:
            continue
        done[node] = far
        if node in stopped and node != source:
            continue
        for there, s in arcs.get(node, ()):
            if there not in done:
                heapq.heappush(queue, (far + s, there))
    return done


def test_the_packaged_liechtenstein_is_what_its_command_makes(tmp_path: Path) -> None:
    """Its attribution names the command: run again, it gives the same files."""
    packaged = packaged_towns()["liechtenstein"]
    _, report = build_town(
        BuildOptions(
            name="liechtenstein", roads=MAPS / "liechtenstein.osm.pbf", zone="Europe/Vaduz",
            title="Liechtenstein", title_zh="列支敦士登", into=tmp_path,
        ),
        quiet,
    )  # fmt: skip
    assert report.command in (packaged / "ATTRIBUTION.md").read_text("utf-8")
    derived = ("streets.geojson.gz", "addresses.csv.gz", "places.csv.gz", "hub_labels.npz")
    for name in (*derived, "neighborhoods.geojson", "stations.geojson"):
        made = (tmp_path / "liechtenstein" / name).read_bytes()
        assert made == (packaged / name).read_bytes(), name
