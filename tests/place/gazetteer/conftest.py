"""The packaged town's gazetteer, and a small made-up town that speaks many languages."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from answerable.place.gazetteer.gazetteer import Gazetteer
from answerable.place.town_places import Places, load_places

WEST, SOUTH, STEP = 9.50, 47.10, 0.002
ACROSS = ("Bahnhofstrasse", "Mannerheimintie", "Rua de Santa Catarina", "Äulestrasse", "人民路")
ALONG = ("Rue Grimaldi", "Avenida da Boavista", "Städtle", "Kirchgasse", "中山大道", "Calçada")
OTHER_NAMES = {
    "Mannerheimintie": {"alt": "Mannerheimvägen", "en": "Mannerheim Road"},
    "人民路": {"en": "Renmin Road"},
    "Bahnhofstrasse": {"zh": "车站街"},
}


def at(column: float, row: float) -> tuple[float, float]:
    """Return the position of a place of the grid."""
    return round(WEST + column * STEP, 6), round(SOUTH + row * STEP, 6)


def segment(number: int, name: str, a: tuple[int, int], b: tuple[int, int]) -> dict[str, object]:
    ids = [x * 100 + y for x, y in (a, b)]
    told = {
        "id": number, "from": ids[0], "to": ids[1], "name": name, "class": "street", "mph": 25.0,
        "m": 150.0, "way": "both", **OTHER_NAMES.get(name, {}),
    }  # fmt: skip
    line = {"type": "LineString", "coordinates": [at(*a), at(*b)]}
    return {"type": "Feature", "properties": told, "geometry": line}


def write_grid(folder: Path) -> None:
    """Write streets: ACROSS go east, one a row; ALONG go north, one a column."""
    made = [
        segment(1000 * row + column, name, (column, row), (column + 1, row))
        for row, name in enumerate(ACROSS)
        for column in range(len(ALONG) - 1)
    ]
    made += [
        segment(100_000 + 1000 * column + row, name, (column, row), (column, row + 1))
        for column, name in enumerate(ALONG)
        for row in range(len(ACROSS) - 1)
    ]
    packed = gzip.compress(json.dumps({"type": "FeatureCollection", "features": made}).encode())
    (folder / "streets.geojson.gz").write_bytes(packed)
    ring = [at(-1, -1), at(6, -1), at(6, 5), at(-1, 5), at(-1, -1)]
    area = {
        "type": "Feature", "properties": {"name": "Altstadt"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }  # fmt: skip
    told = json.dumps({"type": "FeatureCollection", "features": [area]})
    (folder / "neighborhoods.geojson").write_text(told)
    (folder / "areas.toml").write_text(
        'chosen = "made up"\n[area_class]\ncore = ["Altstadt"]\nnear = []\n'
    )


def packed(folder: Path, name: str, *lines: str) -> None:
    """Write a file of lines, packed where its name says so."""
    raw = ("\n".join(lines) + "\n").encode()
    (folder / name).write_bytes(gzip.compress(raw) if name.endswith(".gz") else raw)


def row(*values: object) -> str:
    return ",".join(map(str, values))


@pytest.fixture
def grid(tmp_path) -> Path:
    """The folder of the made-up town, without the optional files."""
    write_grid(tmp_path)
    return tmp_path


@pytest.fixture
def built(grid) -> Callable[..., Gazetteer]:
    """Build the made-up town's gazetteer with some files: name=lines."""

    def build(**files: list[str]) -> Gazetteer:
        names = {"addresses": "addresses.csv.gz", "places": "places.csv.gz",
                 "blocks": "blocks.csv.gz", "names": "names.csv"}  # fmt: skip
        heads = {"addresses": "street,number,lon,lat", "places": "name,zh,en,alt,kind,lon,lat",
                 "blocks": "street,block,lon,lat,learnt",
                 "names": "name,means,kind,lon,lat"}  # fmt: skip
        for name, lines in files.items():
            packed(grid, names[name], heads[name], *lines)
        return Gazetteer.of(grid)

    return build


@pytest.fixture(scope="session")
def town(san_francisco: Places) -> Gazetteer:
    return Gazetteer.of(san_francisco)


@pytest.fixture(scope="session")
def tongues(tmp_path_factory) -> Gazetteer:
    """The made-up town with addresses and places."""
    folder = tmp_path_factory.mktemp("tongues")
    write_grid(folder)
    packed(
        folder, "addresses.csv.gz", "street,number,lon,lat",
        row("Bahnhofstrasse", "1", *at(0.1, 0)), row("Bahnhofstrasse", "5", *at(0.5, 0)),
        row("Bahnhofstrasse", "12a", *at(2.5, 0)), row("Mannerheimintie", "22", *at(1.5, 1)),
        row("Rua de Santa Catarina", "300", *at(3.5, 2)), row("Rue Grimaldi", "14", *at(0, 1.5)),
        row("人民路", "88", *at(2.5, 4)), row("Städtle", "7", *at(2, 0.5)),
    )  # fmt: skip
    packed(
        folder, "places.csv.gz", "name,zh,en,alt,kind,lon,lat",
        row("Café Zürich", "", "", "", "cafe", *at(1.2, 1.2)),
        row("Rautatieasema", "火车站", "Railway Station", "Järnvägsstation", "station", *at(3, 3)),
        row("Schule", "", "School", "", "school", *at(4, 1)),
    )  # fmt: skip
    return Gazetteer.of(load_places(folder))
