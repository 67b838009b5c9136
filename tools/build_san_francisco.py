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
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import shapely
from shapely.geometry import mapping, shape

from answerable.place import calibrate
from answerable.place.hublabels import LABELS_FILE, build_labels, write_labels
from answerable.place.roads import STREETS_FILE, load_roads
from answerable.place.snap import Plane

ROOT = Path(__file__).resolve().parent.parent
TOWN = ROOT / "src" / "answerable" / "towns" / "san_francisco"
CALLS = ("dev/sffd_citywide_2016-12-31_2017-01-07", "dev/sffd_citywide_2020-04-02_2020-04-13")
DAYS = 8 + 12  # whole days in those two files
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


def line_of(geometry: Any, begin: tuple[float, float], end: tuple[float, float]) -> list[Any]:
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


def street_feature(row: dict[str, Any], geometry: Any, at: dict[int, Any]) -> dict[str, Any]:
    """Return one street segment as the feature `answerable.place.roads` describes."""
    begin, end = at[row["from_cnn"]], at[row["to_cnn"]]
    line = line_of(geometry, begin, end)
    drawn_m = sum(_metres(a, b) for a, b in zip(line, line[1:], strict=False))
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
    """Write stations.geojson and unit_homes.csv."""
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
    lines = [f"{row['unit']},{_station_id(row['home_station'])}" for row in homes]
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
    """Write neighborhoods.geojson: the city's analysis neighbourhoods, five decimals."""
    told = json.loads((data / "places/sf_analysis_neighborhoods.geojson").read_text())
    features = []
    for feature in sorted(told["features"], key=lambda f: str(f["properties"]["neighborhood"])):
        area = shapely.make_valid(shapely.set_precision(shape(feature["geometry"]), 1e-5))
        geometry = json.loads(json.dumps(mapping(area)), parse_float=lambda s: round(float(s), 5))
        name = feature["properties"]["neighborhood"]
        properties = {"name": name}
        features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    _write_features(out / "neighborhoods.geojson", features)
