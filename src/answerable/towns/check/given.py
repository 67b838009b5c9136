"""A town's folder, read once for all checks: what can be read is there, what cannot is a finding.

The checks read the values as they stand in the files (tables, lists, text), not as structs, so that
one fault hides no other.
"""

from __future__ import annotations

import csv
import functools
import gzip
import io
import json
import re
import tomllib
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path as FilePath
from typing import Any

import msgspec

from answerable.place.errors import PlaceError
from answerable.place.roads import FILE_BYTES_MAX, RoadGraph, StreetsFile, load_roads
from answerable.towns import files as f
from answerable.towns.check import shape
from answerable.towns.check.finding import Finding, Place, finding
from answerable.towns.check.where import Path, TomlPlaces, feature_places

Table = dict[str, Any]
_AT_LINE = re.compile(r"\(at line (\d+), column (\d+)\)")
LINES_MAX = 2000
"""Lines of a file that is searched for the one that is wrong."""
PAGE = "docs/reference/town.md"


class Line(msgspec.Struct, frozen=True):
    """A line of a CSV file: its number, and its values by column."""

    number: int
    values: dict[str, str]

    @property
    def place(self) -> Place:
        """Return where it stands."""
        return Place(self.number)


class Given:
    """What a town's folder holds. ``found`` gathers the findings of reading it."""

    def __init__(self, folder: FilePath) -> None:
        """Look into a folder; every file is read when it is first asked for."""
        self.folder = folder
        self.found: list[Finding] = []
        self._toml_places: dict[str, TomlPlaces] = {}

    def doubtful(self, part: f.TownPart) -> bool:
        """Say whether a file that was read has a fault of its own: what names it is let be."""
        return any(one.file == part.name for one in self.found)

    def has(self, part: f.TownPart) -> bool:
        """Say whether the folder has a file."""
        return (self.folder / part.name).is_file()

    # -- TOML --------------------------------------------------------------------------------

    @functools.cached_property
    def town(self) -> Table:
        """``town.toml``; {} where it cannot be read."""
        return self._toml(f.TOWN)

    @functools.cached_property
    def classes(self) -> Table:
        """``areas.toml``."""
        return self._toml(f.CLASSES)

    @functools.cached_property
    def calibration(self) -> Table:
        """``calibration.toml``."""
        return self._toml(f.CALIBRATION)

    @functools.cached_property
    def holidays(self) -> Table:
        """``holidays.toml``."""
        return self._toml(f.HOLIDAYS)

    @functools.cached_property
    def retention(self) -> Table:
        """``retention.toml``."""
        return self._toml(f.RETENTION)

    @functools.cached_property
    def narrative(self) -> Table:
        """``narrative.toml``."""
        return self._toml(f.NARRATIVE)

    @functools.cached_property
    def questions(self) -> Table:
        """``questions.toml``."""
        return self._toml(f.QUESTIONS)

    @functools.cached_property
    def outcomes(self) -> Table:
        """``outcomes.toml``."""
        return self._toml(f.OUTCOMES)

    @functools.cached_property
    def following(self) -> Table:
        """``following.toml``."""
        return self._toml(f.FOLLOWING)

    @functools.cached_property
    def support(self) -> Table:
        """``support.toml``."""
        return self._toml(f.SUPPORT)

    @functools.cached_property
    def referral(self) -> Table:
        """``referral.toml``."""
        return self._toml(f.REFERRAL)

    @functools.cached_property
    def matters(self) -> Table:
        """``matters.toml``."""
        return self._toml(f.MATTERS)

    @functools.cached_property
    def repeats(self) -> Table:
        """``repeats.toml``."""
        return self._toml(f.REPEATS)

    def place(self, part: f.TownPart, *path: str | int) -> Place:
        """Return where a value of a TOML file stands."""
        places = self._toml_places.get(part.name)
        return places.place(path) if places else Place()

    def _toml(self, part: f.TownPart) -> Table:
        text = self._text(part)
        if text is None:
            return {}
        try:
            value = tomllib.loads(text)
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            told = _AT_LINE.search(str(error))
            at = Place(int(told[1]), int(told[2])) if told else _first_bad_line(text)
            because = str(error).partition(" (at ")[0].strip().rstrip(".")
            self._add("broken-file", part, at, form="TOML", because=_small(because))
            return {}
        places = self._toml_places[part.name] = TomlPlaces(text)
        assert part.struct is not None
        self._shape(part, value, places.place)
        return value

    def _shape(
        self, part: f.TownPart, value: object, place: Callable[[Path], Place], hint: object = None
    ) -> bool:
        """Note every fault of shape; say whether there is none."""
        faults = shape.faults(value, hint or part.struct)
        for fault in faults:
            path = shape.said(fault.path)
            more = {"path": path, "page": PAGE, **fault.values}
            self._add(fault.code, part, place(fault.path), **more)
        return not faults

    # -- CSV ---------------------------------------------------------------------------------

    @functools.cached_property
    def units(self) -> list[Line]:
        """The lines of ``units.csv``."""
        return self._csv(f.UNITS)

    @functools.cached_property
    def homes(self) -> list[Line]:
        """The lines of ``unit_homes.csv``."""
        return self._csv(f.HOMES)

    @functools.cached_property
    def battalions(self) -> list[Line]:
        """The lines of ``battalions.csv``."""
        return self._csv(f.BATTALIONS)

    def _csv(self, part: f.TownPart) -> list[Line]:
        text = self._text(part)
        if text is None:
            return []
        rows = csv.reader(io.StringIO(text))
        columns, found = part.columns, []
        try:
            head = tuple(next(rows, ()))
            if head != columns:
                told = ",".join(head) or "empty"
                self._add("wrong-columns", part, Place(1), found=told, wanted=",".join(columns))
                return []
            for row in rows:
                line = Line(rows.line_num, dict(zip(columns, row, strict=False)))
                if len(row) == len(columns):
                    if not part.struct or self._row(part, line):
                        found.append(line)
                else:
                    counts = {"found": len(row), "wanted": len(columns)}
                    self._add("wrong-row", part, line.place, columns=",".join(columns), **counts)
        except csv.Error as error:
            at = Place(rows.line_num)
            self._add("broken-file", part, at, form="CSV", because=_small(str(error)))
        return found

    def _row(self, part: f.TownPart, line: Line) -> bool:
        assert part.struct is not None
        try:
            msgspec.convert(line.values, part.struct, strict=False)
        except msgspec.ValidationError:
            return self._shape(part, line.values, lambda _path: line.place)
        return True

    # -- GeoJSON -----------------------------------------------------------------------------

    @functools.cached_property
    def stations(self) -> list[tuple[Place, Table]]:
        """The features of ``stations.geojson`` that have the right shape, with their places."""
        return self._features(f.STATIONS, f.StationFeature)

    @functools.cached_property
    def polygons(self) -> list[tuple[Place, Table]]:
        """The features of ``neighborhoods.geojson`` that have the right shape."""
        return self._features(f.POLYGONS, f.AreaFeature)

    def _features(
        self, part: f.TownPart, struct: type[msgspec.Struct]
    ) -> list[tuple[Place, Table]]:
        text = self._text(part)
        if text is None:
            return []
        try:
            value = json.loads(text)
        except json.JSONDecodeError as error:
            at = Place(error.lineno, error.colno)
            self._add("broken-file", part, at, form="GeoJSON", because=_small(error.msg))
            return []
        listed = value.get("features") if isinstance(value, dict) else None
        if not isinstance(listed, list):
            because = "it is no FeatureCollection with a list of features"
            self._add("broken-file", part, Place(1, 1), form="GeoJSON", because=because)
            return []
        places = feature_places(text)
        return [
            (at, feature)
            for index, (at, feature) in enumerate(zip(places, listed, strict=False))
            if self._feature(part, struct, at, index, feature)
        ]

    def _feature(
        self, part: f.TownPart, struct: type[msgspec.Struct], at: Place, index: int, value: object
    ) -> bool:
        try:
            msgspec.convert(value, struct)
        except msgspec.ValidationError:
            if isinstance(value, dict) and value.get("type") == "Feature":
                value = {key: value[key] for key in value if key != "type"}
            return self._shape(part, value, lambda _path: at, struct)
        return True

    # -- streets -----------------------------------------------------------------------------

    @functools.cached_property
    def roads(self) -> RoadGraph | None:
        """The street graph; None where it cannot be made."""
        if not self.has(f.STREETS):
            return None
        try:
            return load_roads(self.folder / f.STREETS.name)
        except PlaceError as error:
            at = self._bad_segment(error)
            values = {"because": error.because.rstrip("."), "remedy": error.instead.rstrip(".")}
            self._add("bad-streets", f.STREETS, at, **values)
            return None

    def _bad_segment(self, error: PlaceError) -> Place:
        """Return where in the unpacked text the first feature stands that has not the shape."""
        try:
            text = gzip.decompress((self.folder / f.STREETS.name).read_bytes()).decode()
            if len(text) > FILE_BYTES_MAX:
                return Place()
            listed, places = json.loads(text)["features"], feature_places(text)
        except json.JSONDecodeError as broken:
            return Place(broken.lineno, broken.colno)
        except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError, RecursionError):
            return Place()
        named = re.match(r"segment (-?\d+):", error.because)
        for at, feature in zip(places, listed, strict=False):
            if named:
                if str(feature["properties"].get("id")) == named[1]:
                    return at
            elif _misshapen({"type": "FeatureCollection", "features": [feature]}):
                return at
        return Place()

    # -- words -------------------------------------------------------------------------------

    def _text(self, part: f.TownPart) -> str | None:
        """Return a file's text; None where there is none, or it cannot be read."""
        if not self.has(part):
            return None
        try:
            return (self.folder / part.name).read_text("utf-8")
        except OSError as error:
            self._add("unreadable", part, because=_small(error.strerror or str(error)))
        except UnicodeDecodeError as error:
            self._add("broken-file", part, form="UTF-8 text", because=f"byte {error.start}")
        return None

    def _add(self, code: str, part: f.TownPart, at: Place | None = None, **values: object) -> None:
        self.found.append(finding(code, part.name, at, **values))


def _first_bad_line(text: str) -> Place:
    """Return where a TOML text goes wrong when the parser only noticed at its end."""
    lines = text.splitlines()
    for count in range(min(len(lines), LINES_MAX) - 1, -1, -1):
        try:
            tomllib.loads("\n".join(lines[:count]))
        except (tomllib.TOMLDecodeError, RecursionError):
            continue
        return Place(count + 1)
    return Place()


def _misshapen(value: object) -> bool:
    try:
        msgspec.convert(value, StreetsFile)
    except msgspec.ValidationError:
        return True
    return False


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]


def tables(value: object) -> Iterator[tuple[int, Table]]:
    """Yield the tables in a list with their places in it; nothing where it is no list."""
    for index, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, dict):
            yield index, item


def texts(value: object) -> Iterator[tuple[int, str]]:
    """Yield the texts in a list with their places in it; nothing where it is no list."""
    for index, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, str):
            yield index, item


def text_of(table: Table, key: str) -> str:
    """Return the text under a key; "" where there is none."""
    value = table.get(key)
    return value if isinstance(value, str) else ""
