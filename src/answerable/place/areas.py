"""Areas of a position: neighbourhood, battalion and the 1-3-5 class of place.

A *neighbourhood* is the polygon around the position, or the nearest one within `SHORE_M` (piers, a
simplified border); beyond that the position is outside the town.

The *1-3-5 class* ("core" one minute, "near" three, "outer" five) follows from the neighbourhood by
the lists in the town's `areas.toml`; what is in no list, and what is outside, is "outer".

The *battalion* has no polygons. It is what `battalions.csv` says of the junction; where that has
no line, the battalion of the station with the shortest road time to the junction; far from any
street, that of the station nearest in a straight line (`town_places.py`). How San Francisco's file
came about, and how often it is right, is in `docs/explanation/roads.md`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import msgspec
import shapely

from answerable.place.errors import PlaceError
from answerable.place.snap import M_PER_DEGREE, Plane, checked

AreaClass = Literal["core", "near", "outer"]
SHORE_M = 250.0
NEIGHBORHOODS_FILE = "neighborhoods.geojson"
AREAS_FILE = "areas.toml"


class Feature(msgspec.Struct, frozen=True):
    """One feature of a GeoJSON file: text properties and a geometry yet to be read."""

    properties: dict[str, str]
    geometry: msgspec.Raw


class Features(msgspec.Struct, frozen=True):
    """A GeoJSON FeatureCollection."""

    features: list[Feature]


class AreaClasses(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which neighbourhoods are of which class; the rest is "outer"."""

    core: list[str]
    near: list[str]
    outer: list[str] = []


class AreasFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What `areas.toml` holds."""

    chosen: str  # by whom, and by which rule: shown beside the classes
    area_class: AreaClasses


def read_features(path: Path) -> list[Feature]:
    """Read a GeoJSON file; PlaceError where it is absent or not one."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Features).features
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise PlaceError(
            f"{path.name} not read",
            str(error),
            f"Put a GeoJSON FeatureCollection at {path}",
        ) from error


def read_areas_file(path: Path) -> AreasFile:
    """Read the town's classes of place; PlaceError where they cannot be."""
    try:
        return msgspec.toml.decode(path.read_bytes(), type=AreasFile)
    except (OSError, ValueError, RecursionError) as error:
        raise PlaceError(
            f"{path.name} not read",
            str(error),
            "Give it `chosen` and [area_class] with lists core and near",
        ) from error


@dataclass(frozen=True, slots=True)
class Area:
    """What the layers say of a position; the name is "" outside the town."""

    neighborhood: str
    area_class: AreaClass
    inside: bool


OUTSIDE = Area("", "outer", False)


class Areas:
    """The layers of one town, ready to be asked."""

    def __init__(self, neighborhoods: list[Feature], classes: AreasFile) -> None:
        self.chosen = classes.chosen
        self.names = tuple(feature.properties.get("name", "") for feature in neighborhoods)
        unknown = self._listed(classes) - set(self.names)
        if unknown or not self.names:
            raise PlaceError(
                "Classes of place not used",
                f"no neighbourhood is called {', '.join(sorted(unknown)) or 'anything'}",
                f"Correct the names in {AREAS_FILE} or {NEIGHBORHOODS_FILE}",
            )
        try:
            shapes = shapely.from_geojson([bytes(f.geometry).decode() for f in neighborhoods])
        except (shapely.GEOSException, UnicodeDecodeError) as error:
            raise PlaceError(
                "Neighbourhoods not used", str(error), f"Correct {NEIGHBORHOODS_FILE}"
            ) from error
        west, south, east, north = shapely.total_bounds(shapes)
        self.plane = Plane((west + east) / 2, (south + north) / 2)
        self._shapes = shapely.transform(shapes, lambda at: self.plane.points(at[:, 0], at[:, 1]))
        shapely.prepare(self._shapes)
        self._tree = shapely.STRtree(self._shapes)
        self._areas = tuple(Area(n, class_of(n, classes.area_class), True) for n in self.names)

    def middles(self) -> list[tuple[str, float, float]]:
        """Return every named area with a position inside it (longitude, latitude)."""
        points = shapely.point_on_surface(self._shapes)
        return [
            (name, self.plane.lon + p.x / self.plane.x_m, self.plane.lat + p.y / M_PER_DEGREE)
            for name, p in zip(self.names, points, strict=True)
            if name
        ]

    @staticmethod
    def _listed(classes: AreasFile) -> set[str]:
        of = classes.area_class
        return {*of.core, *of.near, *of.outer}

    def at(self, lon: float, lat: float) -> Area:
        """Return the areas of a position (WGS 84 degrees); PlaceError off the earth."""
        return self.at_many([(lon, lat)])[0]

    def at_many(self, positions: Sequence[tuple[float, float]]) -> list[Area]:
        """Return the areas of each position (WGS 84 degrees); PlaceError off the earth."""
        points = shapely.points([self.plane.xy(*checked(lon, lat)) for lon, lat in positions])
        within = dict.fromkeys(range(len(points)), len(self._areas))
        for asked, shape in zip(*self._tree.query(points, "intersects").tolist(), strict=True):
            within[asked] = min(within[asked], shape)  # on a border: the first by name
        return [
            self._areas[shape] if shape < len(self._areas) else self._beyond(points[asked])
            for asked, shape in within.items()
        ]

    def _beyond(self, point: shapely.Point) -> Area:
        """Return the area of a position in none: the nearest one, where that is near."""
        near = int(self._tree.nearest(point))
        beyond_m = float(shapely.distance(self._shapes[near], point))
        return self._areas[near] if beyond_m <= SHORE_M else OUTSIDE


def class_of(neighborhood: str, classes: AreaClasses) -> AreaClass:
    """Return the 1-3-5 class of a neighbourhood."""
    for name in get_args(AreaClass):
        if neighborhood in getattr(classes, name):
            found: AreaClass = name
            return found
    return "outer"
