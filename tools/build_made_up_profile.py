"""Measure the shape of real calls: towns/made_up/profile.toml from San Francisco's packaged calls.

Rates, shares and quantiles, no call. The same input gives the same bytes.

    python -m tools.build_made_up_profile
"""

from __future__ import annotations

import csv
import datetime
import gzip
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from answerable.place.roads import CLASSES
from answerable.place.town_places import Places, load_places
from answerable.towns.load import packaged_towns
from answerable.towns.made_up.profile import HOURS

TARGET = Path(__file__).parent.parent / "src/answerable/towns/made_up/profile.toml"
AT = (0.0, 0.01, *(round(0.025 * step, 3) for step in range(1, 40)), 0.99, 1.0)
TOP = 0.995
"""The last quantile: what is beyond it is a record gone wrong, or a day of its own."""
URGENT = "3"
SMALL = 30
"""A kind with fewer calls than these lends its rates from all calls of the source."""
POPULATION = 873_965
"""San Francisco, United States census of April 2020."""
ALSO = {
    "Medical Incident": ("Medical", "Medical emergency", "Ambulance"),
    "Alarms": ("Fire alarm", "Automatic fire alarm", "Alarm"),
    "Structure Fire": ("Building fire", "House fire"),
    "Traffic Collision": ("Traffic accident", "Road accident", "Traffic"),
    "Citizen Assist / Service Call": ("Help for a citizen", "Citizen assist", "Service call"),
    "Outside Fire": ("Outdoor fire", "Wildfire", "Grass fire", "Rubbish fire"),
    "Gas Leak (Natural and LP Gases)": ("Gas leak", "Gas", "Gas or chemicals"),
    "Vehicle Fire": ("Car fire",),
    "Elevator / Escalator Rescue": ("Elevator rescue", "Lift rescue"),
    "Fuel Spill": ("Spill on the road", "Spill"),
    "Electrical Hazard": ("Electrical",),
    "Smoke Investigation (Outside)": ("Smoke",),
    "Odor (Strange / Unknown)": ("Odor", "Smell"),
    "Water Rescue": ("Rescue on water",),
}
Row = dict[str, str]
STAMPS = {
    "received": "received_ts", "entry": "entry_ts", "dispatch": "dispatch_ts",
    "en_route": "response_ts", "scene": "on_scene_ts", "transport": "transport_ts",
    "hospital": "hospital_ts", "available": "available_ts",
}  # fmt: skip


class Job:
    """One row of the source: a unit on a call, its stages in seconds since 1970 (wall time)."""

    def __init__(self, row: Row) -> None:
        self.row = row
        self.urgent = row["final_priority"] == URGENT
        self.at = {
            stage: datetime.datetime.fromisoformat(row[column]).replace(tzinfo=datetime.UTC)
            for stage, column in STAMPS.items()
            if row[column]
        }

    def gap(self, a: str, b: str) -> float | None:
        """Return the seconds between two stages; None where one is missing or they are swapped."""
        if a not in self.at or b not in self.at or self.at[b] < self.at[a]:
            return None
        return (self.at[b] - self.at[a]).total_seconds()


def jobs(folder: Path) -> Iterator[Job]:
    """Yield the rows of the packaged calls."""
    with gzip.open(folder / "calls.csv.gz", "rt", encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            yield Job(row)


def by_call(every: Iterable[Job]) -> dict[str, list[Job]]:
    """Return the rows of each call."""
    found: dict[str, list[Job]] = {}
    for job in every:
        found.setdefault(job.row["call_number"], []).append(job)
    return found


# -- what is measured ------------------------------------------------------------------------


def week(calls: Mapping[str, list[Job]]) -> list[list[float]]:
    """Return the calls an hour, by day of the week and hour."""
    counts = np.zeros((7, HOURS))
    days = set()
    for rows in calls.values():
        at = rows[0].at["received"]
        counts[at.weekday(), at.hour] += 1
        days.add(at.date())
    per = Counter(day.weekday() for day in days)
    return [[round(float(n) / per[day], 2) for n in row] for day, row in enumerate(counts)]


def kinds(calls: Mapping[str, list[Job]]) -> list[dict[str, Any]]:
    """Return the shape of each kind, the most frequent first."""
    of: dict[str, list[list[Job]]] = {}
    for rows in calls.values():
        of.setdefault(rows[0].row["call_type"], []).append(rows)
    everything = list(calls.values())
    found = []
    for name, some in sorted(of.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        basis = some if len(some) >= SMALL else everything
        each = [job for rows in basis for job in rows]
        gone = [job for job in each if "en_route" in job.at]
        found.append({
            "name": name,
            "share": _share(len(some), len(everything)),
            "urgent": _share(sum(rows[0].urgent for rows in some), len(some)),
            "units": _units([len(rows) for rows in some]),
            "en_route": _share(len(gone), len(each)),
            "arrived": _share(sum("scene" in job.at for job in gone), len(gone)),
            "transport": _share(
                sum(any("transport" in job.at for job in rows) for rows in some), len(some)
            ),
            "also": list(ALSO.get(name, ())),
        })  # fmt: skip
    return found


def _share(part: int, whole: int) -> float:
    return round(part / whole, 5) if whole else 0.0


def _units(counts: list[int]) -> list[float]:
    shares = np.bincount(counts)[1:] / len(counts)
    return [round(float(share), 5) for share in shares]


def gaps(calls: Mapping[str, list[Job]]) -> dict[str, dict[str, list[float]]]:
    """Return the quantiles of each gap, of urgent calls and of others."""
    values: dict[str, dict[bool, list[float]]] = {}

    def note(name: str, urgent: bool, seconds: float | None) -> None:
        if seconds is not None:
            values.setdefault(name, {True: [], False: []})[urgent].append(seconds)

    for rows in calls.values():
        first, urgent = rows[0], rows[0].urgent
        note("received_entry", urgent, first.gap("received", "entry"))
        sent = sorted(job.at["dispatch"] for job in rows)
        note("entry_dispatch", urgent, (sent[0] - first.at["entry"]).total_seconds()
             if sent[0] >= first.at["entry"] else None)  # fmt: skip
        for before, after in pairwise([sent[0], *sent[1:]]):
            note("first_further_dispatch", urgent, (after - sent[0]).total_seconds()
                 if after >= before else None)  # fmt: skip
        for job in rows:
            _note_job(note, job)
    return {
        name: {
            word: _quantiles(some[urgent]) for word, urgent in (("urgent", True), ("other", False))
        }
        for name, some in values.items()
    }


def _note_job(note: Any, job: Job) -> None:
    note("dispatch_en_route", job.urgent, job.gap("dispatch", "en_route"))
    note("scene_transport", job.urgent, job.gap("scene", "transport"))
    note("transport_hospital", job.urgent, job.gap("transport", "hospital"))
    note("hospital_available", job.urgent, job.gap("hospital", "available"))
    if "transport" not in job.at:
        note("scene_available", job.urgent, job.gap("scene", "available"))
    if "scene" not in job.at:
        note("en_route_available", job.urgent, job.gap("en_route", "available"))


def _quantiles(values: list[float]) -> list[float]:
    at = [min(share, TOP) for share in AT]
    return [round(float(q), 1) for q in np.quantile(np.array(values), at)]


def travel_ratio(every: list[Job], places: Places) -> list[float]:
    """Return the quantiles of observed over foretold time, of urgent runs from a home station."""
    ratios = []
    for job in every:
        home = places.stations.get(places.unit_homes.get(job.row["unit_id"], ""))
        seconds = job.gap("en_route", "scene")
        if home and seconds and job.urgent:
            scene = places.snap(float(job.row["lon"]), float(job.row["lat"])).node
            ratios.append(seconds / places.travel.time_s(home.node, scene))
    return [
        round(float(q), 3) for q in np.quantile(ratios, [min(max(s, 1 - TOP), TOP) for s in AT])
    ]


def streets(calls: Mapping[str, list[Job]], places: Places, days: int) -> dict[str, Any]:
    """Return calls a day and kilometre by class of area and of street."""
    roads, metres = places.roads, defaultdict[tuple[str, str], float](float)
    for segment in range(roads.segments):
        lon, lat = roads.line(segment)
        area = places.areas.at(float(lon[len(lon) // 2]), float(lat[len(lat) // 2])).area_class
        road = CLASSES[int(roads.segment_class[segment])]
        metres[area, road] += float(roads.segment_length_m[segment])
    count = Counter[tuple[str, str]]()
    for rows in calls.values():
        lon_, lat_ = float(rows[0].row["lon"]), float(rows[0].row["lat"])
        snap = places.snap(lon_, lat_)
        area = places.areas.at(lon_, lat_).area_class
        count[area, CLASSES[int(roads.segment_class[snap.segment])]] += 1
    return {
        area: {
            road: round(1000 * count[area, road] / (days * max(metres[area, road], 1000.0)), 4)
            for road in CLASSES
            if road != "path"
        }
        for area in ("core", "near", "outer")
    }


# -- writing ---------------------------------------------------------------------------------


def _toml(value: Any) -> str:
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(part) for part in value) + "]"
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {_toml(part)}" for key, part in value.items()) + " }"
    return repr(value)


def text() -> str:
    """Return the profile as TOML."""
    folder = packaged_towns()["san_francisco"]
    places = load_places(folder)
    every = list(jobs(folder))
    calls = by_call(every)
    days = sorted({rows[0].at["received"].date() for rows in calls.values()})
    head = {
        "source": "San Francisco Fire Department Calls for Service (DataSF nuek-vuh3), as packaged",
        "licence": "ODC-PDDL-1.0",
        "period": f"{days[0]} to {days[-1]}",
        "command": "python -m tools.build_made_up_profile",
        "calls": len(calls),
        "per_day": round(len(calls) / len(days), 2),
        "population": POPULATION,
        "at": list(AT),
        "travel_ratio": travel_ratio(every, places),
    }
    lines = [
        "# The shape of real calls, to draw made-up ones from. Shares and quantiles, no call.",
        "# docs/explanation/made-up-calls.md says what each number means and what it cannot say.",
        *(f"{key} = {_toml(value)}" for key, value in head.items()),
        "week = [",
        *(f"  {_toml(row)},  # {day}" for day, row in zip(
            ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
            week(calls), strict=True)),
        "]",
    ]  # fmt: skip
    for kind in kinds(calls):
        lines += ["", "[[kinds]]", *(f"{key} = {_toml(value)}" for key, value in kind.items())]
    for name, gap in gaps(calls).items():
        lines += ["", f"[gaps.{name}]", *(f"{key} = {_toml(value)}" for key, value in gap.items())]
    for area, rates in streets(calls, places, len(days)).items():
        lines += ["", f"[streets.{area}]", *(f"{key} = {_toml(v)}" for key, v in rates.items())]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the profile and say how large it is."""
    TARGET.write_text(text(), encoding="utf-8")
    print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
