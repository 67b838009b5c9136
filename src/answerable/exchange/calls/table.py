"""All rows of a source file as columns, and the faults found in them: at most one per row."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

import numpy as np

from answerable.exchange.calls.mapping import Mapping
from answerable.exchange.calls.problems import Reported, reported
from answerable.exchange.calls.reader import Batch, Cells, Column, Walls
from answerable.exchange.calls.stamps import ABSENT, Micros, parse_stamps

NAME_CHARS_MAX = 64
LINE_CHARS_MAX = 240
KEY_CHARS = 20
"""80 bits of a row's fingerprint: two of ten million rows agree by chance once in 10^10 files."""

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

Point = tuple[float, float]


class Table:
    """The columns of a file. ``faults`` holds the first fault of each row that cannot be used."""

    def __init__(self, batches: Iterable[Batch], mapping: Mapping) -> None:
        """Join the batches; a whole file of calls fits in memory many times over."""
        self.mapping = mapping
        self.lines: list[int] = []
        self.broken: list[Reported] = []
        self.faults: dict[int, Reported] = {}
        parts: dict[str, list[Column]] = {name: [] for name in mapping.required_columns()}
        prints: list[bytes] = []
        for batch in batches:
            self.lines += batch.lines
            self.broken += batch.broken
            prints += batch.fingerprints
            for name, column in batch.columns.items():
                parts[name].append(column)
        self._columns = {name: _joined(columns) for name, columns in parts.items()}
        self.keys = [print_.hex()[:KEY_CHARS] for print_ in prints]
        self._find_duplicates(prints)

    def __len__(self) -> int:
        return len(self.lines)

    def fault(self, i: int, column: str, reason: str, value: object = "") -> None:
        """Set row ``i`` aside, unless it already is."""
        self.faults.setdefault(i, reported(self.lines[i], column, reason, value))

    def _find_duplicates(self, prints: list[bytes]) -> None:
        seen: dict[bytes, int] = {}
        for i, print_ in enumerate(prints):
            first = seen.setdefault(print_, i)
            if first != i:
                self.fault(
                    i, "", "the same row again, in every column", f"line {self.lines[first]}"
                )

    def column(self, name: str) -> Column:
        """Return a column of the file as it was read."""
        return self._columns[name]

    def texts(self, name: str) -> list[str]:
        """Return a column as text, "" where it has no value."""
        return _as_texts(self._columns[name])

    def field(self, ours: str, chars_max: int = NAME_CHARS_MAX) -> list[str]:
        """Return one of the mapping's columns as text, coded by its crosswalk."""
        name = getattr(self.mapping.columns, ours)
        default: str = getattr(self.mapping.defaults, ours, "")
        if not name:
            return [default] * len(self)
        texts = [_one_line(text) for text in self.texts(name)]
        for i, text in enumerate(texts):
            if len(text) > chars_max or _CONTROL.search(text):
                self.fault(i, name, f"not one line of at most {chars_max} characters", text)
        codes: dict[str, str] = getattr(self.mapping.codes, ours, {})
        return [codes.get(text, text) or default for text in texts]

    def units(self) -> list[tuple[str, ...]]:
        """Return the units each row names, each once, in the row's order."""
        name, cut = self.mapping.columns.unit, self.mapping.columns.unit_separator
        if not name:
            return [()] * len(self)
        found = []
        for i, text in enumerate(self.texts(name)):
            parts = [_one_line(part.strip()) for part in (text.split(cut) if cut else (text,))]
            units = tuple(dict.fromkeys(part for part in parts if part))
            if any(len(unit) > NAME_CHARS_MAX or _CONTROL.search(unit) for unit in units):
                reason = f"a unit's name is not one line of at most {NAME_CHARS_MAX} characters"
                self.fault(i, name, reason, text)
            found.append(units)
        return found

    def days(self, name: str) -> Micros:
        """Return a column of dates as wall microseconds."""
        values = self._columns[name]
        if isinstance(values, Walls):
            return values.us
        us, bad = parse_stamps(_or_none(values), self.mapping.time.formats)
        for i in bad:
            self.fault(i, name, "not a date in the form the mapping gives", _as_texts(values)[i])
        return us

    def points(self) -> list[Point | None]:
        """Return the positions, lon before lat; None where the source has none."""
        columns = self.mapping.columns
        if not columns.lon:
            return [None] * len(self)
        lons, lats = self._columns[columns.lon], self._columns[columns.lat]
        pairs = zip(_as_values(lons), _as_values(lats), strict=True)
        return [self._point(i, lon, lat) for i, (lon, lat) in enumerate(pairs)]

    def _point(self, i: int, lon: object, lat: object) -> Point | None:
        if lon is None and lat is None:
            return None
        numbers = []
        columns = self.mapping.columns
        for name, value, limit in ((columns.lon, lon, 180), (columns.lat, lat, 90)):
            number = _number(value)
            if number is None:
                self.fault(i, name, "not a number of degrees", value)
                return None
            if abs(number) > limit:
                self.fault(i, name, f"off the earth: not within {limit} degrees", value)
                return None
            numbers.append(number)
        point = (numbers[0], numbers[1])
        return None if point in self.mapping.place.missing else point


def _joined(columns: list[Column]) -> Column:
    """Join the parts of one column; times stay an array, everything else a list."""
    walls = [c for c in columns if isinstance(c, Walls)]
    if walls and len(walls) == len(columns):
        return Walls(np.concatenate([c.us for c in walls]), walls[0].utc)
    whole: Cells = []
    for column in columns:
        assert not isinstance(column, Walls)
        whole += column
    return whole


def _as_texts(values: Column) -> list[str]:
    if isinstance(values, Walls):
        stamps = np.datetime_as_string(values.us.astype("datetime64[us]"), unit="s").tolist()
        pairs = zip(values.us.tolist(), stamps, strict=True)
        return ["" if us == ABSENT else text for us, text in pairs]
    return [v if isinstance(v, str) else _of_number(v) for v in values]


def _one_line(text: str) -> str:
    """Return the text with every run of blanks and line breaks as one space, if it has odd ones."""
    return text if text.isprintable() else " ".join(text.split())


def _of_number(value: float | None) -> str:
    """Return a number as text; spreadsheets make numbers of call numbers, and floats of those."""
    if value is None:
        return ""
    return str(int(value)) if value.is_integer() else str(value)


def _as_values(values: Column) -> list[object]:
    return list(_as_texts(values)) if isinstance(values, Walls) else list(values)


def _or_none(values: Column) -> list[str | None]:
    return [text or None for text in _as_texts(values)]


def _number(value: object) -> float | None:
    """Return a finite number, or None."""
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None
