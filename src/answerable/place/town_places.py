"""The places of one town, read from its folder: the door through which the product asks "where".

A town's folder holds (only the first three are needed):

    streets.geojson.gz      the street graph, drawn and driven (`roads.py`)
    neighborhoods.geojson   polygons with a `name` (`areas.py`)
    areas.toml              the 1-3-5 class of each neighbourhood (`areas.py`)
    hub_labels.npz          travel times prepared from the streets (`hublabels.py`)
    calibration.toml        fitted from past runs (`calibrate.py`)
    stations.geojson        points with `id`, `name`, `battalion`
    unit_homes.csv          unit,station
    battalions.csv          junction,battalion (`areas.py`)

Everything is read when it is first asked for, without pandas, pyarrow or a compiler.
"""

import csv
import functools
import math
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import msgspec

from answerable.place.areas import (
    AREAS_FILE,
    NEIGHBORHOODS_FILE,
    Area,
    AreaClass,
    Areas,
    read_areas_file,
    read_features,
)
from answerable.place.calibrate import CALIBRATION_FILE, Calibration, read_calibration
from answerable.place.errors import PlaceError
from answerable.place.hublabels import LABELS_FILE, labels_for
from answerable.place.roads import STREETS_FILE, RoadGraph, load_roads
from answerable.place.snap import Snap, Snapper
from answerable.place.travel import Travel, UnitBuckets

STATIONS_FILE = "stations.geojson"
UNIT_HOMES_FILE = "unit_homes.csv"
BATTALIONS_FILE = "battalions.csv"


@dataclass(frozen=True, slots=True)
class Station:
    """A station, where it stands, the junction it drives from, and its battalion ("" = none)."""

    id: str
    name: str
    lon: float
    lat: float
    node: int
    battalion: str


@dataclass(frozen=True, slots=True)
class Located:
    """Where a position lies. `far` and `inside` say when the rest should not be trusted."""

    neighborhood: str  # "" outside the town
    battalion: str
    area_class: AreaClass
    node: int
    distance_m: float  # to the nearest street
    far: bool  # farther from any street than `snap.FAR_M`
    inside: bool  # within a neighbourhood of the town, or on its shore


class _Point(msgspec.Struct, frozen=True, tag_field="type", tag="Point"):
    coordinates: tuple[float, float]


class Places:
    """The places of one town; each part is read when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @functools.cached_property
    def roads(self) -> RoadGraph:
        """The street graph."""
        return load_roads(self.folder / STREETS_FILE)

    @functools.cached_property
    def calibration(self) -> Calibration:
        """What was fitted from past runs; free flow where nothing was."""
        return read_calibration(self.folder / CALIBRATION_FILE)

    @functools.cached_property
    def travel(self) -> Travel:
        """Travel times under the town's calibration."""
        labels = labels_for(self.roads, self.folder / LABELS_FILE)
        return Travel(self.roads, labels, self.calibration.factor, self.calibration.start_s)

    @functools.cached_property
    def areas(self) -> Areas:
        """The neighbourhoods and classes of place."""
        return Areas(
            read_features(self.folder / NEIGHBORHOODS_FILE),
            read_areas_file(self.folder / AREAS_FILE),
        )

    @functools.cached_property
    def stations(self) -> dict[str, Station]:
        """The stations by id, in the order of their ids; none where the town has no file."""
        path = self.folder / STATIONS_FILE
        if not path.exists():
            return {}
        found = {}
        for feature in read_features(path):
            try:
                lon, lat = msgspec.json.decode(feature.geometry, type=_Point).coordinates
                told = feature.properties
                station = Station(
                    told["id"], told["name"], lon, lat,
                    self.snap(lon, lat).node, told.get("battalion", ""),
                )  # fmt: skip
            except (KeyError, msgspec.MsgspecError) as error:
                raise PlaceError(
                    f"{path.name} not read",
                    f"a station lacks {error}",
                    "Give every station a Point and the properties id and name",
                ) from error
            found[station.id] = station
        return dict(sorted(found.items()))

    @property
    def station_ids(self) -> tuple[str, ...]:
        """The ids of the stations."""
        return tuple(self.stations)

    @functools.cached_property
    def area_names(self) -> tuple[str, ...]:
        """The names of every neighbourhood, battalion and class of place, each once."""
        named = [*self.areas.names, *self.battalion_names, *get_args(AreaClass)]
        return tuple(dict.fromkeys(name for name in named if name))

    @functools.cached_property
    def battalion_names(self) -> tuple[str, ...]:
        """The battalions that stations belong to, in order."""
        return tuple(sorted({station.battalion for station in self.stations.values()} - {""}))

    @functools.cached_property
    def unit_homes(self) -> dict[str, str]:
        """The home station of each unit that has one, located or not."""
        return _pairs(self.folder / UNIT_HOMES_FILE, ("unit", "station"))

    @functools.cached_property
    def _snapper(self) -> Snapper:
        return Snapper(self.roads)

    @functools.cached_property
    def _station_buckets(self) -> UnitBuckets:
        """Every station as a "unit", so that one scan gives the road times from all of them."""
        buckets = UnitBuckets(self.travel, len(self.stations))
        for station in self.stations.values():
            buckets.put(station.id, station.node)
        return buckets

    @functools.cached_property
    def _battalions(self) -> list[str]:
        """The battalion of each junction, "" where the town's file has no line for it."""
        told = _pairs(self.folder / BATTALIONS_FILE, ("junction", "battalion"))
        return [told.get(str(junction), "") for junction in self.roads.node_id.tolist()]

    def snap(self, lon: float, lat: float) -> Snap:
        """Take a position to the roads; PlaceError off the earth."""
        return self._snapper.snap(lon, lat)

    def near_station(self, lon: float, lat: float) -> Station | None:
        """Return the station with the shortest road time to a position; None without stations."""
        return self.first_due(self.snap(lon, lat).node)

    def first_due(self, node: int) -> Station | None:
        """Return the station with the shortest road time to a junction (ties: the lowest id)."""
        if not self.stations:
            return None
        times_s = self._station_buckets.times_to(node)
        return self.stations[str(self._station_buckets.units[int(times_s.argmin())])]

    def battalion(self, node: int) -> str:
        """Return the battalion of a junction: by the town's file, else its first-due station's."""
        told = self._battalions[self.travel.node(node)]
        station = None if told else self.first_due(node)
        return station.battalion if station else told

    def _battalion_off_the_roads(self, lon: float, lat: float) -> str:
        """Return the battalion of the station nearest in a straight line: an island, an airport."""
        at = self._snapper.plane.xy(lon, lat)
        return min(
            (math.dist(at, self._snapper.plane.xy(s.lon, s.lat)), s.id, s.battalion)
            for s in self.stations.values()
        )[2]

    def locate(self, lon: float, lat: float) -> Located:
        """Return where a position (WGS 84 degrees) lies; PlaceError off the earth."""
        return self.locate_many([(lon, lat)])[0]

    def locate_many(self, positions: Sequence[tuple[float, float]]) -> list[Located]:
        """Return where each position (WGS 84 degrees) lies; PlaceError off the earth."""
        snaps, areas = self._snapper.snap_many(positions), self.areas.at_many(positions)
        return list(map(self._located, positions, snaps, areas))

    def _located(self, position: tuple[float, float], snap: Snap, area: Area) -> Located:
        lon, lat = position
        off = snap.far and self.stations
        return Located(
            neighborhood=area.neighborhood,
            battalion=self._battalion_off_the_roads(lon, lat) if off else self.battalion(snap.node),
            area_class=area.area_class,
            node=snap.node,
            distance_m=snap.distance_m,
            far=snap.far,
            inside=area.inside,
        )

    def posting(self, unit_id: str) -> int:
        """Return the junction where a unit stands when nothing else is known.

        Its home station where that is located; else a station picked by the unit's name alone:
        consecutive numbers of one fleet go to stations far apart in the list, so that a fleet is
        spread evenly, and the same unit always stands at the same place.
        """
        home = self.stations.get(self.unit_homes.get(unit_id, ""))
        if home:
            return home.node
        if not self.stations:
            return int(self.roads.usable.argmax())
        stations = list(self.stations.values())
        return stations[spread(unit_id, len(stations))].node


def spread(unit_id: str, count: int) -> int:
    """Return a place from 0 to count - 1 for a unit's name.

    The number in the name steps through the places by a stride near the golden section that has
    no divisor in common with `count`; the letters choose where the fleet begins.
    """
    number = int("".join(c for c in unit_id if c in "0123456789")[:9] or "0")
    letters = "".join(c for c in unit_id if c not in "0123456789")
    stride = next(
        s for s in range(max(1, round(count * 0.618)), 2 * count + 2) if math.gcd(s, count) == 1
    )
    return (zlib.crc32(letters.encode()) + number * stride) % count


def _pairs(path: Path, columns: tuple[str, str]) -> dict[str, str]:
    """Read a CSV file of two columns as a mapping; empty where there is no file."""
    if not path.exists():
        return {}
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = csv.reader(file)
            if tuple(next(rows, ())) != columns:
                raise ValueError(f"the first line is not {','.join(columns)}")
            return {key: value for key, value in rows}  # noqa: C416 - it checks the two columns
    except (OSError, ValueError, csv.Error) as error:
        raise PlaceError(
            f"{path.name} not read", str(error), f"Give it the two columns {','.join(columns)}"
        ) from error


def load_places(folder: Path) -> Places:
    """Return the places of a town's folder; PlaceError where it has no streets."""
    if not (folder / STREETS_FILE).is_file():
        raise PlaceError(
            f"Places not loaded from {folder}",
            f"there is no {STREETS_FILE}",
            "Give the folder of a packaged town, or build one as docs/explanation/roads.md says",
        )
    return Places(folder)
