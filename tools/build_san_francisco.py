"""Make the places of the San Francisco town: streets, hub labels, stations, neighbourhoods, areas.

    python tools/build_san_francisco.py [--data ../shared/data] [--out FOLDER]

Reads the street graph, stations, neighbourhoods and past calls of the data folder and writes the
files that `answerable.place.town_places.load_places` reads, the same bytes every time. The rules
by which speeds, classes, areas and the calibration factor come about are in
`docs/explanation/roads.md`; each is a short function below.
"""

import argparse
import csv
import gzip
import itertools
import json
import math
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow.parquet as pq
import shapely
from shapely.geometry.base import BaseGeometry

from answerable.place import calibrate
from answerable.place.areas import read_features
from answerable.place.hublabels import LABELS_FILE, build_labels, write_labels
from answerable.place.roads import STREETS_FILE, load_roads
from answerable.place.snap import Plane
from answerable.place.town_places import Places, load_places
from answerable.place.travel import Travel

ROOT = Path(__file__).resolve().parent.parent
TOWN = ROOT / "src" / "answerable" / "towns" / "san_francisco"
CALLS = ("dev/sffd_citywide_2016-12-31_2017-01-07", "dev/sffd_citywide_2020-04-02_2020-04-13")
DAYS = 8 + 12  # whole days in those two files
CORE, NEAR = 7, 2  # calls a day and km2
MIDDLE = Plane(-122.43, 37.76)
BOUND = ("NORTHBOUND", "SOUTHBOUND", "EASTBOUND", "WESTBOUND")


def road_class(name: str, posted: float | None, osm: float | None) -> str:
    """Return the class of a street from its name, its limit and whether OSM calls it a main road.

    The arterial graph from which `osm` was taken holds main roads only, so having it is a mark.
    """
    last = name.split()[-1] if name else ""
    if last in ("STWY", "STPS"):
        return "path"
    if "RAMP" in name:
        return "ramp"
    if name.startswith(("I-", "HWY ")) or any(word in name for word in BOUND):
        return "freeway"
    if last == "ALY" or (posted or 99) <= 15:
        return "lane"
    return "main" if osm or (posted or 0) >= 30 else "street"


def speed_mph(kind: str, posted: float | None, osm: float | None) -> float:
    """Return the free-flow speed: the posted limit; else OSM's; else what the class allows.

    OSM's speed is not believed above 40 mph off a freeway: it was matched by position, and streets
    under a viaduct got the viaduct's. California's limit where nothing is posted is 25 mph.
    """
    if posted:
        return posted
    if osm and (kind == "freeway" or (osm <= 40 and kind != "ramp")):
        return osm
    return {"freeway": 55.0, "ramp": 35.0, "lane": 15.0, "path": 3.0}.get(kind, 25.0)


def shown_name(name: str) -> str:
    """Return a street's name as it is shown: "03RD ST" becomes "3rd St"."""
    words = [word.lstrip("0") or word for word in name.split() if word != "nan"]
    return " ".join(w if w.startswith("I-") else w.capitalize() for w in words)


def line_of(
    geometry: BaseGeometry, begin: tuple[float, float], end: tuple[float, float]
) -> list[Any]:
    """Return the drawn points from junction to junction, about a metre exact.

    The junctions' own positions close lines that stop short of them.
    """
    inner = [] if geometry.is_empty else list(geometry.simplify(1e-5).coords)
    if inner and _metres(inner[0], begin) < 2:
        inner = inner[1:]
    if inner and _metres(inner[-1], end) < 2:
        inner = inner[:-1]
    return [[round(x, 5), round(y, 5)] for x, y in (begin, *inner, end)]


def _metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    return math.dist(MIDDLE.xy(*a), MIDDLE.xy(*b))


def street_feature(
    row: dict[str, Any], geometry: BaseGeometry, at: dict[int, Any]
) -> dict[str, Any]:
    """Return one street segment as the feature `answerable.place.roads` describes."""
    begin, end = at[row["from_cnn"]], at[row["to_cnn"]]
    line = line_of(geometry, begin, end)
    drawn_m = sum(_metres(a, b) for a, b in itertools.pairwise(line))
    kind = road_class(row["street"], row["posted_limit_mph"], row["osm_speed_mph"])
    told = {
        "id": row["cnn"],
        "from": row["from_cnn"],
        "to": row["to_cnn"],
        "name": shown_name(row["street"]),
        "class": kind,
        "mph": speed_mph(kind, row["posted_limit_mph"], row["osm_speed_mph"]),
        # the stated length, unless the line had to be led on to its junctions
        "m": round(max(row["length_m"], drawn_m - 5), 1),
    }
    if row["oneway"] in ("forward", "backward"):
        told["way"] = row["oneway"]
    geometry_out = {"type": "LineString", "coordinates": line}
    return {"type": "Feature", "properties": told, "geometry": geometry_out}


def build_streets(data: Path, out: Path) -> None:
    """Write streets.geojson.gz from the city's centre lines."""
    nodes = pq.read_table(data / "roads/sf_nodes.parquet").to_pylist()
    at = {node["cnn"]: (node["lon"], node["lat"]) for node in nodes}
    table = pq.read_table(data / "roads/sf_edges.parquet")
    lines = shapely.from_wkb(table["geometry"].to_numpy(zero_copy_only=False))
    rows = sorted(
        zip(table.drop(["geometry"]).to_pylist(), lines, strict=True), key=lambda r: r[0]["cnn"]
    )
    features = [street_feature(row, line, at) for row, line in rows]
    told = json.dumps({"type": "FeatureCollection", "features": features}, separators=(",", ":"))
    (out / STREETS_FILE).write_bytes(gzip.compress(told.encode(), 9, mtime=0))


def build_stations(data: Path, out: Path) -> None:
    """Write stations.geojson, and unit_homes.csv of the units whose station is among them."""
    told = json.loads((data / "places/sf_fire_stations.geojson").read_text())
    battalions = {
        row["Fire Station"]: row["Battalion"]
        for row in _rows(data / "places/sf_station_battalion_division.csv")
    }
    features = []
    for feature in sorted(told["features"], key=lambda f: int(f["properties"]["station"])):
        number = feature["properties"]["station"]
        lon, lat = feature["geometry"]["coordinates"]
        features.append({
            "type": "Feature",
            "properties": {
                "id": f"{int(number):02d}",
                "name": f"Station {int(number)}",
                "address": feature["properties"]["address"],
                "battalion": f"B{int(battalions[number]):02d}",
            },
            "geometry": {"type": "Point", "coordinates": [round(lon, 6), round(lat, 6)]},
        })  # fmt: skip
    _write_features(out / "stations.geojson", features)
    homes = _rows(data / "places/sf_unit_home_station.csv")
    located = {_station_id(feature["properties"]["station"]) for feature in told["features"]}
    pairs = [(row["unit"], _station_id(row["home_station"])) for row in homes]
    lines = [f"{unit},{station}" for unit, station in pairs if station in located]
    (out / "unit_homes.csv").write_text("unit,station\n" + "\n".join(sorted(lines)) + "\n")


def _station_id(told: str) -> str:
    return f"{int(told):02d}" if told.isdigit() else told


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _write_features(path: Path, features: list[dict[str, Any]]) -> None:
    rows = ",\n".join(json.dumps(feature, separators=(",", ":")) for feature in features)
    path.write_text(f'{{"type":"FeatureCollection","features":[\n{rows}\n]}}\n', encoding="utf-8")


def build_neighborhoods(data: Path, out: Path) -> None:
    """Write neighborhoods.geojson: the city's analysis neighbourhoods, as exact as they came.

    Borders run along the middle of streets, where calls lie: rounding them to a metre would move
    one call in eighty next door.
    """
    told = json.loads((data / "places/sf_analysis_neighborhoods.geojson").read_text())
    features = [
        {
            "type": "Feature",
            "properties": {"name": feature["properties"]["neighborhood"]},
            "geometry": feature["geometry"],
        }
        for feature in sorted(told["features"], key=lambda f: str(f["properties"]["neighborhood"]))
    ]
    _write_features(out / "neighborhoods.geojson", features)


def past_calls(data: Path) -> list[dict[str, Any]]:
    """Return the unit rows of the two city-wide files, each with its period (0 or 1)."""
    rows = []
    for period, name in enumerate(CALLS):
        for row in pq.read_table(data / f"{name}.parquet").to_pylist():
            rows.append({**row, "period": period})
    return rows


def build_areas(rows: list[dict[str, Any]], out: Path) -> None:
    """Write areas.toml: the 1-3-5 class of each neighbourhood, by its calls a day and km2."""
    calls = {(row["call_number"], row["neighborhood"]) for row in rows}
    per_day = Counter(name for _, name in calls)
    listed: dict[str, list[str]] = {"core": [], "near": [], "outer": []}
    for feature in read_features(out / "neighborhoods.geojson"):
        name = feature.properties["name"]
        ground = shapely.transform(
            shapely.from_geojson(bytes(feature.geometry)),
            lambda at: MIDDLE.points(at[:, 0], at[:, 1]),
        )
        density = per_day[name] / DAYS / (shapely.area(ground) / 1e6)
        kind = "core" if density >= CORE else "near" if density >= NEAR else "outer"
        listed[kind].append(f"    {json.dumps(name)},  # {density:.1f}")
    text = f"""\
# The 1-3-5 class of each neighbourhood: "core" one minute, "near" three, "outer" five.
# San Francisco has no such classes. These were chosen for the demo by a rule: calls a day and km2,
# over {DAYS} whole days of past calls; {CORE} and more is core, {NEAR} and more near. The number behind a
# name is its density. Edit the lists freely: what stands here is what counts (the building tool,
# tools/build_san_francisco.py, writes the file anew).

chosen = "chosen for the demo: core has {CORE} calls a day and km2 or more, near {NEAR} or more"

[area_class]
"""  # noqa: E501 - the lines of the file, not of this one
    for kind, names in listed.items():
        text += f"{kind} = [\n" + "\n".join(names) + "\n]\n"
    (out / "areas.toml").write_text(text, encoding="utf-8")


class Nearest:
    """The battalion recorded most often among the past calls nearest to a position."""

    def __init__(self, rows: list[dict[str, Any]]) -> None:
        calls = {row["call_number"]: row for row in rows if row["battalion"] not in (None, "B99")}
        self.battalions = [row["battalion"] for row in calls.values()]
        at = [shapely.Point(*MIDDLE.xy(row["lon"], row["lat"])) for row in calls.values()]
        self.tree = shapely.STRtree(at)

    def battalion(self, lon: float, lat: float) -> str:
        """Return the commonest battalion of the five nearest calls, of equals the nearest's."""
        x, y = MIDDLE.xy(lon, lat)
        around = shapely.Point(x, y)
        reach_m = 100.0
        while len(found := self.tree.query(around, predicate="dwithin", distance=reach_m)) < 5:
            reach_m *= 2
        far_m = shapely.distance(self.tree.geometries[found], around)
        near: list[str] = [self.battalions[int(i)] for i in found[np.lexsort((found, far_m))][:5]]
        return Counter(near).most_common(1)[0][0]  # of equals the first met: the nearest


def build_battalions(rows: list[dict[str, Any]], places: Places) -> dict[str, float]:
    """Write battalions.csv; return how often the rule and the station's own battalion are right.

    Each period is judged by a rule made from the other period only.
    """
    nearest = Nearest(rows)
    roads = places.roads
    lines = [
        f"{junction},{nearest.battalion(float(lon), float(lat))}"
        for junction, lon, lat in zip(roads.node_id, roads.lon, roads.lat, strict=True)
    ]
    path = places.folder / "battalions.csv"
    path.write_text("junction,battalion\n" + "\n".join(lines) + "\n", encoding="utf-8")
    right = {"nearest_calls": 0, "first_due_battalion": 0, "first_due_station": 0}
    calls = {row["call_number"]: row for row in rows if row["battalion"] not in (None, "B99")}
    other = [Nearest([row for row in rows if row["period"] != period]) for period in (0, 1)]
    for row in calls.values():
        snap = places.snap(row["lon"], row["lat"])
        at = float(roads.lon[snap.node]), float(roads.lat[snap.node])
        due = places.first_due(snap.node)
        right["nearest_calls"] += other[row["period"]].battalion(*at) == row["battalion"]
        right["first_due_battalion"] += due is not None and due.battalion == row["battalion"]
        right["first_due_station"] += due is not None and due.id == row["station_area"]
    return {"calls": len(calls), **{k: round(v / len(calls), 4) for k, v in right.items()}}


def past_runs(rows: list[dict[str, Any]], places: Places) -> calibrate.Runs:
    """Return the runs of engines and trucks from their home stations with lights and sirens."""
    free_flow = Travel(places.roads, places.travel.labels)
    kept = []
    for row in rows:
        home = places.stations.get(places.unit_homes.get(row["unit_id"], ""))
        if not home or row["unit_type"] not in ("ENGINE", "TRUCK") or row["final_priority"] != "3":
            continue
        if row["response_ts"] is None or row["on_scene_ts"] is None:
            continue
        observed_s = (row["on_scene_ts"] - row["response_ts"]).total_seconds()
        snap = places.snap(row["lon"], row["lat"])
        if 0 < observed_s < 3600 and not snap.far:
            kept.append((free_flow.time_s(home.node, snap.node), observed_s, row["period"]))
    table = np.array(kept)
    return calibrate.Runs(table[:, 0], table[:, 1], table[:, 2].astype(np.int64))


def main() -> None:
    """Build every file, then print what was measured on the way, as JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--out", type=Path, default=TOWN)
    options = parser.parse_args()
    data, out = options.data, options.out
    out.mkdir(parents=True, exist_ok=True)
    build_streets(data, out)
    build_stations(data, out)
    build_neighborhoods(data, out)
    write_labels(build_labels(load_roads(out / STREETS_FILE).out), out / LABELS_FILE)
    rows = past_calls(data)
    build_areas(rows, out)
    places = load_places(out)
    found = calibrate.calibrate(
        past_runs(rows, places),
        source="SFFD Calls for Service (DataSF nuek-vuh3): engines and trucks from their home "
        "station, lights and sirens, en route to on scene",
        period="2016-12-31 to 2017-01-07 and 2020-04-02 to 2020-04-13",
        command="python tools/build_san_francisco.py",
    )
    calibrate.write_calibration(found, out / calibrate.CALIBRATION_FILE)
    print(json.dumps({
        "junctions": places.roads.nodes,
        "segments": places.roads.segments,
        "junctions_never_snapped_to": places.roads.unusable(),
        "battalions_right": build_battalions(rows, places),
        "calibration": msgspec.structs.asdict(found),
    }, indent=2))  # fmt: skip


if __name__ == "__main__":
    main()
