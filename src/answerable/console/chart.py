"""What the map shows: the town's streets once, and where units and incidents are, as they change.

Streets come from the town's own file, joined by name so that a name has room to stand on its
street. A unit's way is the road network's fastest way from where it stood; nothing here is a
position report, and the page says so.
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np

from answerable.console.assets import Assets
from answerable.console.front import Front
from answerable.console.language import Language, _
from answerable.dispatch.views import IncidentLine, UnitLine
from answerable.place.town_places import STATIONS_FILE, Places

CLASSES = {"freeway": 2, "main": 1, "ramp": 1, "street": 0, "lane": 0}
WAYPOINTS_MAX = 160
US = 1_000_000


def street_features(raw: dict[str, Any]) -> list[dict[str, Any]]:
    """Join the street segments of one name and class into long lines."""
    from shapely import MultiLineString, line_merge

    gathered: dict[tuple[str, int], list[Any]] = {}
    for feature in raw["features"]:
        told = feature["properties"]
        rank = CLASSES.get(told.get("class", "street"))
        if rank is not None:
            line = feature["geometry"]["coordinates"]
            gathered.setdefault((told.get("name", ""), rank), []).append(line)
    features = []
    for (name, rank), lines in gathered.items():
        merged = line_merge(MultiLineString(lines))
        parts = getattr(merged, "geoms", [merged])
        properties: dict[str, Any] = {"c": rank} | ({"n": name} if name else {})
        for part in parts:
            points = [[round(x, 5), round(y, 5)] for x, y in part.coords]
            geometry = {"type": "LineString", "coordinates": points}
            features.append({"type": "Feature", "properties": properties, "geometry": geometry})
    return features


def name_points(areas: dict[str, Any]) -> dict[str, Any]:
    """Return one point for the name of each area: in the middle of its largest part."""
    from shapely.geometry import shape

    features = []
    for feature in areas["features"]:
        whole = shape(feature["geometry"])
        largest = max(getattr(whole, "geoms", [whole]), key=lambda part: part.area)
        point = largest.representative_point()
        geometry = {"type": "Point", "coordinates": [round(point.x, 5), round(point.y, 5)]}
        name = {"name": feature["properties"].get("name", "")}
        features.append({"type": "Feature", "properties": name, "geometry": geometry})
    return {"type": "FeatureCollection", "features": features}


def bounds_of(features: list[dict[str, Any]]) -> list[float]:
    """Return west, south, east, north of what lies close together: far islands are left out."""
    points = np.array([p for f in features for p in f["geometry"]["coordinates"]])
    (west, south), (east, north) = np.quantile(points, (0.004, 0.996), axis=0)
    return [round(float(v), 4) for v in (west, south, east, north)]


def _collection(path: Path) -> dict[str, Any]:
    if not path.exists():
        return {"type": "FeatureCollection", "features": []}
    raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    found: dict[str, Any] = json.loads(raw)
    return found


def town_assets(folder: Path) -> Assets:
    """Return the town's map, its streets apart (a basemap draws them too), and as one drawing."""
    features = street_features(_collection(folder / "streets.geojson.gz"))
    bounds = bounds_of(features) if features else [-180.0, -85.0, 180.0, 85.0]
    town = {
        "bounds": bounds,
        "stations": _collection(folder / STATIONS_FILE),
        "areas": _collection(folder / "neighborhoods.geojson"),
        "names": name_points(_collection(folder / "neighborhoods.geojson")),
    }
    streets = {"type": "FeatureCollection", "features": features}
    drawing = street_drawing(features, bounds)
    named = {"map.json": _json(town), "streets.json": _json(streets), "streets.svg": drawing}
    return Assets("town", named)


STATION_TYPES = {
    "fire_station": _("Fire station"), "ambulance_station": _("Ambulance station"),
    "police": _("Police station"), "hospital": _("Hospital"), "": _("Station"),
}  # fmt: skip


def fixed_places(places: Places, lang: Language) -> list[dict[str, str]]:
    """Return the stations and hospitals that the map shows, as rows, sorted by what they are."""
    rows = []
    for feature in _collection(places.folder / STATIONS_FILE)["features"]:
        told, (lon, lat) = feature["properties"], feature["geometry"]["coordinates"][:2]
        kind = STATION_TYPES.get(told.get("type", ""), STATION_TYPES[""])
        name = told.get(lang.tag[:2]) or told.get("name") or told.get("id", "")
        area = places.locate(lon, lat).neighborhood
        rows.append({"name": str(name), "kind": lang(kind), "area": area})
    return sorted(rows, key=lambda row: (lang.key(row["kind"]), lang.key(row["name"])))


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def street_drawing(features: list[dict[str, Any]], bounds: list[float]) -> bytes:
    """Return the streets as a drawing without colour, 1000 units wide."""
    west, south, east, north = bounds
    tall = 1000 * (north - south) / ((east - west) * float(np.cos(np.radians((north + south) / 2))))
    parts = {0: "", 1: "", 2: ""}
    for feature in features:
        points = [
            f"{1000 * (x - west) / (east - west):.1f} {tall * (north - y) / (north - south):.1f}"
            for x, y in feature["geometry"]["coordinates"]
        ]
        parts[feature["properties"]["c"]] += "M" + "L".join(points)
    paths = "".join(
        f'<path d="{d}" stroke-width="{0.5 + 0.5 * rank}"/>' for rank, d in parts.items()
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1000 {tall:.0f}" fill="none" '
        f'stroke="#000" stroke-linejoin="round">{paths}</svg>'
    ).encode()


class Chart:
    """Where everything is, for the map's live layer."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._paths: dict[tuple[str, str, int], list[list[float]] | None] = {}

    def whole(self) -> dict[str, Any]:
        """Return everything that is to be drawn now."""
        board = self._front.board
        busy = [unit for unit in board.units.values() if unit.incident]
        return {
            "units": [self.unit(unit) for unit in busy],
            "incidents": [self.incident(line) for line in board.incidents.values()],
        }

    def changes(self, units: set[str], incidents: set[str]) -> dict[str, Any]:
        """Return what changed."""
        board = self._front.board
        lines = [(name, board.incidents.get(name)) for name in incidents]
        return {
            "units": [self.unit(board.units[name]) for name in units if name in board.units],
            "incidents": [
                self.incident(line) if line else {"id": name, "gone": True} for name, line in lines
            ],
        }

    def incident(self, line: IncidentLine) -> dict[str, Any]:
        """Return an incident as a numbered ring."""
        clock = self._front.clocks.soonest(line.incident)
        return {
            "id": line.incident,
            "p": line.priority,
            "at": _at(line),
            "due": clock.due_us // 1000 if clock else None,
            "from": clock.start_us // 1000 if clock else None,
        }

    def unit(self, unit: UnitLine) -> dict[str, Any]:
        """Return a unit: on its way along a path, at a place, or at home (not drawn)."""
        told: dict[str, Any] = {"u": unit.unit, "look": "home"}
        line = self._front.board.line(unit.incident)
        job = line.jobs.get(unit.unit) if line else None
        if line is None or job is None:
            return told
        told["inc"] = line.incident
        if job.state == "arrived":
            return told | {"look": "scene", "at": _at(line)}
        if job.state in ("sent", "acknowledged", "en route"):
            started_us = job.reached.get("UnitEnRoute", job.since_us)
            path = self._path(unit, line, job.reached.get("UnitSent", job.since_us))
            if path is None:
                return told
            if job.state != "en route":
                return told | {"look": "sent", "at": path[0][:2]}
            return told | {"look": "moving", "path": path, "t0": started_us // 1000}
        return told

    def _path(self, unit: UnitLine, line: IncidentLine, sent_us: int) -> list[list[float]] | None:
        key = (unit.unit, line.incident, sent_us)
        if key not in self._paths:
            if len(self._paths) > 2000:
                self._paths.clear()
            self._paths[key] = self._route(unit, line, sent_us)
        return self._paths[key]

    def _route(self, unit: UnitLine, line: IncidentLine, sent_us: int) -> list[list[float]] | None:
        fleet, places = self._front.fleet, self._front.town.places
        if fleet is None or not isinstance(places, Places):
            return None
        goal = fleet.node_of(line)
        if goal is None:
            return None
        start = self._stood(unit, sent_us)
        route = places.travel.route(start, goal)
        if route is None or len(route.lon) == 0:
            return None
        step = max(1, len(route.lon) // WAYPOINTS_MAX)
        keep = sorted({*range(0, len(route.lon), step), len(route.lon) - 1})
        return [
            [round(float(route.lon[i]), 5), round(float(route.lat[i]), 5),
             round(float(route.at_s[i]), 1)]
            for i in keep
        ]  # fmt: skip

    def _stood(self, unit: UnitLine, at_us: int) -> int:
        """Return the junction where a unit stood when it was sent: last job, or home by then."""
        fleet = self._front.fleet
        assert fleet is not None
        home = fleet.home(unit)
        last = self._front.board.line(unit.last_incident) if unit.last_incident else None
        node = fleet.node_of(last) if last else None
        if node is None:
            return home
        places = self._front.town.places
        assert isinstance(places, Places)
        back_us = unit.freed_us + int(min(places.travel.time_s(node, home), 86_400) * US)
        return node if at_us < back_us else home


def _at(line: IncidentLine) -> list[float] | None:
    if line.lon is None or line.lat is None:
        return None
    return [round(line.lon, 5), round(line.lat, 5)]
