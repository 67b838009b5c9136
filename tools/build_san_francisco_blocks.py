"""Make ``blocks.csv.gz`` of the San Francisco town: where "the 500 block of Mission St" is.

    python -m tools.build_san_francisco_blocks [--data ../shared/data] [--out FOLDER]

The city's street files here hold no house numbers. Its published calls (DataSF, Fire Department
Calls for Service, PDDL) name blocks with positions; those are the known ones (``learnt`` 1), the
rest is worked out from them (``learnt`` 0; `tools/numbering.py`). No call is in the file: a block
has no time, no kind and no count. The same bytes every time.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import re
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow.parquet as pq

from answerable.place.gazetteer.files import BLOCK_COLUMNS, BLOCKS_FILE
from answerable.place.gazetteer.naming import keys
from answerable.place.gazetteer.streets import Streets
from answerable.place.roads import STREETS_FILE, load_roads
from tools.numbering import Known, Numbering

ROOT = Path(__file__).resolve().parent.parent
TOWN = ROOT / "src" / "answerable" / "towns" / "san_francisco"
PERIODS = (
    "sffd_citywide_2016-12-31_2017-01-07", "sffd_six_neighborhoods_2018h1",
    "sffd_citywide_2020-04-02_2020-04-13",
)  # fmt: skip
_DOOR = re.compile(r"\s*(?:#|APT|UNIT).*$")


class Call(NamedTuple):
    """Where a published call was: its words and its position."""

    address: str
    lon: float
    lat: float


def calls_of(data: Path, period: str) -> list[Call]:
    """Return the calls of a period, each once."""
    columns = ["call_number", "block_address", "lon", "lat"]
    table = pq.read_table(data / "dev" / f"{period}.parquet", columns=columns).to_pydict()
    found: dict[str, Call] = {}
    for number, address, lon, lat in zip(*(table[c] for c in columns), strict=True):
        found.setdefault(number, Call(address, lon, lat))
    return list(found.values())


def block_of(address: str) -> tuple[int, str] | None:
    """Return the hundred and the street of "500 Block of MISSION ST"."""
    number, sign, street = address.partition(" Block of ")
    if not sign or not number.isdecimal() or int(number) % 100:
        return None
    return int(number), _DOOR.sub("", street).strip()


class Blocks:
    """Where the blocks named in calls are, by street; one street may not be on the map."""

    def __init__(self, streets: Streets) -> None:
        self.streets = streets
        self._by_key = defaultdict(list)
        for street in streets.all:
            for key in keys(street.name):
                self._by_key[key].append(street)

    def street_of(self, name: str, lon: float, lat: float) -> int | None:
        """Return the street of a name that is nearest to a position; None off the map."""
        found = next((self._by_key[key] for key in keys(name)[:1] if key in self._by_key), [])
        near = min(found, key=lambda s: self.streets.distance_m(s, lon, lat), default=None)
        return near.id if near else None

    def told(
        self, calls: Iterable[Call]
    ) -> tuple[list[Known], dict[tuple[str, int], tuple[float, float]]]:
        """Return the blocks that calls name, and those of streets that are not on the map."""
        seen: dict[tuple[int | str, int], list[tuple[float, float]]] = defaultdict(list)
        for call in calls:
            if (named := block_of(call.address)) is not None:
                hundred, name = named
                found = self.street_of(name, call.lon, call.lat)
                seen[name if found is None else found, hundred].append((call.lon, call.lat))
        known: list[Known] = []
        loose: dict[tuple[str, int], tuple[float, float]] = {}
        for (street, hundred), at in sorted(seen.items(), key=lambda item: str(item[0])):
            lon, lat = middle_one(at)
            if isinstance(street, int):
                known.append(Known(street, hundred, lon, lat))
            else:
                loose[street, hundred] = (lon, lat)
        return known, loose


def middle_one(at: list[tuple[float, float]]) -> tuple[float, float]:
    """Return the position that lies nearest to all the others."""
    points = np.array(sorted(set(at)))
    weight = np.array([at.count(tuple(point)) for point in points])
    plane = points * [0.79, 1.0]
    apart = np.hypot(*(plane[:, None, :] - plane[None, :, :]).transpose(2, 0, 1))
    lon, lat = points[int((apart * weight).sum(axis=1).argmin())]
    return float(lon), float(lat)


def rows_of(streets: Streets, calls: Iterable[Call], numbering: Numbering) -> list[tuple[str, ...]]:
    """Return the rows of the file: known blocks, and those worked out from them."""
    known, loose = Blocks(streets).told(calls)
    rows = [(streets.all[k.street].name, k.hundred, k.lon, k.lat, 1) for k in known]
    rows += [
        (streets.all[k.street].name, k.hundred, k.lon, k.lat, 0) for k in numbering.blocks(known)
    ]
    rows += [(name.title(), hundred, *at, 1) for (name, hundred), at in loose.items()]
    return [
        (name, str(hundred), f"{lon:.5f}", f"{lat:.5f}", str(learnt))
        for name, hundred, lon, lat, learnt in sorted(rows)
    ]


def packed(rows: Iterable[tuple[str, ...]]) -> bytes:
    """Return the file, the same bytes for the same rows."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(BLOCK_COLUMNS)
    writer.writerows(rows)
    return gzip.compress(text.getvalue().encode(), 9, mtime=0)


def main() -> int:
    """Write the file and say what is in it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--out", type=Path, default=TOWN)
    options = parser.parse_args()
    streets = Streets(load_roads(TOWN / STREETS_FILE))
    calls = [call for period in PERIODS for call in calls_of(options.data, period)]
    rows = rows_of(streets, calls, Numbering(streets))
    (options.out / BLOCKS_FILE).write_bytes(packed(rows))
    known = sum(row[-1] == "1" for row in rows)
    print(f"{BLOCKS_FILE}: {len(rows)} blocks, {known} of them from calls")
    return 0


if __name__ == "__main__":
    sys.exit(main())
