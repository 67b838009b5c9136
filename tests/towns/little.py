"""A little town in a folder: a grid of streets, three stations, two areas; nothing is wrong in it.

Streets run every 0.002 degrees from 9.50 to 9.51 east and from 47.10 to 47.11 north.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

from answerable.place.hublabels import LABELS_FILE, build_labels, write_labels
from answerable.place.roads import load_roads

WEST, SOUTH, STEP, SIDE = 9.50, 47.10, 0.002, 6
EAST, NORTH = WEST + STEP * (SIDE - 1), SOUTH + STEP * (SIDE - 1)
METRES = {"east": 151.4, "north": 222.4}

TOWN = """\
name = "little"
title = { en = "Littleton", zh = "小城", de = "Kleinstadt" }
languages = ["en", "zh-CN", "de"]
zone = "Europe/Vaduz"
centre = [9.505, 47.105]
priorities = ["low", "high"]
urgent = ["high"]
standards = ["one-three-five"]
attribution = ["made for the tests"]

[[unit_types]]
code = "ENGINE"
title = { en = "Engine", zh = "泵浦车", de = "Löschfahrzeug" }

[[unit_types]]
code = "MEDIC"
title = { en = "Ambulance", zh = "救护车", de = "Rettungswagen" }

[[kinds]]
code = "Fire"
title = { en = "Fire", zh = "火灾", de = "Brand" }
priority = "high"
discipline = "fire"

[[kinds]]
code = "Medical"
title = { en = "Medical", zh = "医疗急救", de = "Medizinisch" }
priority = "high"
discipline = "medical"

[[kinds]]
code = "Other"
title = { en = "Other", zh = "其他", de = "Anderes" }
priority = "low"
discipline = "fire"

[[run_cards]]
code = "F1"
kinds = ["Fire"]
needs = [
  { types = ["ENGINE"], count = 2 },
]

[[run_cards]]
code = "M1"
kinds = ["Medical"]
priorities = ["high"]
needs = [{ types = ["MEDIC"], skills = ["ALS"] }]

[[run_cards]]
code = "X1"
needs = [{ types = ["ENGINE", "MEDIC"] }]
"""
UNITS = """\
unit,unit_type,station,skills
E1,ENGINE,S1,
E2,ENGINE,S2,
E3,ENGINE,S3,
M1,MEDIC,S1,ALS
M2,MEDIC,S2,ALS
"""
HOMES = "unit,station\nE1,S1\nM1,S1\n"
CLASSES = """\
chosen = "by hand"

[area_class]
core = ["West"]
near = []
outer = ["East"]
"""
RETENTION = """source = "a law"
[[rule]]
kinds = ["call"]
erase_days = 30
because = "rings back"
[[rule]]
erase_days = 365
archive_days = 1095
because = "the rest"
"""
HOLIDAYS = """\
source = "made for the tests"

[[holiday]]
name = { en = "New Year", zh = "元旦", de = "Neujahr" }
month = 1
day = 1
"""
CALIBRATION = """\
factor = 1.1
factor_low = 1.0
factor_high = 1.2
start_s = 60.0
start_low_s = 50.0
start_high_s = 70.0
runs = 200
error_median_s = 30.0
error_p90_s = 90.0
error_bias_s = 0.5
ratio_median = 1.5
error_median_ratio_only_s = 40.0
source = "made for the tests"
period = "none"
command = "none"
"""
BATTALIONS = "junction,battalion\n0,B1\n7,B2\n"


def street(number: int, a: int, b: int, at: list[list[float]], **more: object) -> dict[str, Any]:
    """Return one street segment between two junctions."""
    told = {"id": number, "from": a, "to": b, "name": f"{'Row' if number % 2 else 'Column'} Street",
            "class": "street", "mph": 25.0, "m": 150.0, "way": "both"} | more  # fmt: skip
    line = {"type": "LineString", "coordinates": at}
    return {"type": "Feature", "properties": told, "geometry": line}


def grid(west: float = WEST, south: float = SOUTH, side: int = SIDE, first: int = 0) -> list[Any]:
    """Return the streets of a grid; its junctions are numbered from ``first``, row by row."""
    found = []

    def at(column: int, row: int) -> list[float]:
        return [round(west + column * STEP, 6), round(south + row * STEP, 6)]

    for row in range(side):
        for column in range(side):
            node = first + row * side + column
            for ahead, along, metres in (
                (column + 1 < side, (column + 1, row), METRES["east"]),
                (row + 1 < side, (column, row + 1), METRES["north"]),
            ):
                if ahead:
                    other = first + along[1] * side + along[0]
                    points = [at(column, row), at(*along)]
                    found.append(street(first * 4 + len(found), node, other, points, m=metres))
    return found


def collection(features: list[Any]) -> str:
    """Return features as GeoJSON text, one to a line."""
    lines = ",\n".join(json.dumps(feature, ensure_ascii=False) for feature in features)
    return '{"type":"FeatureCollection","features":[\n' + lines + "\n]}\n"


def station(number: str, lon: float, lat: float) -> dict[str, Any]:
    """Return a station."""
    told = {"id": number, "name": f"Station {number}", "battalion": "B1"}
    point = {"type": "Point", "coordinates": [lon, lat]}
    return {"type": "Feature", "properties": told, "geometry": point}


def area(name: str, west: float, east: float) -> dict[str, Any]:
    """Return an area from one longitude to another over the whole town."""
    south, north = SOUTH - 0.001, NORTH + 0.001
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    shape = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "properties": {"name": name}, "geometry": shape}


def write_streets(folder: Path, features: list[Any]) -> None:
    """Write the streets of a town's folder."""
    text = collection(features).encode()
    (folder / "streets.geojson.gz").write_bytes(gzip.compress(text, mtime=0))


STATIONS = [station("S1", 9.502, 47.102), station("S2", 9.508, 47.102), station("S3", 9.505, 47.11)]
AREAS = [area("West", WEST - 0.001, 9.505), area("East", 9.505, EAST + 0.001)]


NARRATIVE = """\
negations = ["no"]
[[rule]]
code = "smoke"
kind = "Fire"
any = ["smoke"]
why = { en = "smoke", zh = "烟", de = "Rauch" }
"""
OUTCOMES = """\
[[agency]]
code = "fire"
title = { en = "Fire", zh = "消防", de = "Feuerwehr" }
unit_types = ["ENGINE"]
[[report]]
owed = true
because = { en = "it was there", zh = "到场", de = "war dort" }
[[outcome]]
code = "out"
title = { en = "Out", zh = "扑灭", de = "Gelöscht" }
agencies = ["fire"]
"""
QUESTIONS = """\
[[question]]
code = "out"
kinds = ["Fire"]
ask = { en = "Is everybody out?", zh = "人都出来了吗？", de = "Sind alle draußen?" }
answers = [
  { say = { en = "yes", zh = "是", de = "ja" } },
  { say = { en = "no", zh = "否", de = "nein" }, priority = "high", instruct = "low" },
]
[[instruction]]
code = "low"
say = { en = "Stay low.", zh = "压低身体。", de = "Unten bleiben." }
"""


def write_town(folder: Path) -> Path:
    """Write the little town into a folder; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    write_streets(folder, grid())
    for name, text in {
        "town.toml": TOWN, "units.csv": UNITS, "unit_homes.csv": HOMES, "areas.toml": CLASSES,
        "holidays.toml": HOLIDAYS, "retention.toml": RETENTION,
        "narrative.toml": NARRATIVE, "questions.toml": QUESTIONS,
        "outcomes.toml": OUTCOMES,
        "calibration.toml": CALIBRATION, "battalions.csv": BATTALIONS,
        "stations.geojson": collection(STATIONS), "neighborhoods.geojson": collection(AREAS),
    }.items():  # fmt: skip
        (folder / name).write_text(text, encoding="utf-8")
    roads = load_roads(folder / "streets.geojson.gz")
    write_labels(build_labels(roads.out), folder / LABELS_FILE)
    return folder
