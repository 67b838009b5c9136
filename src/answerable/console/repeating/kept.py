"""``past_calls.csv.gz``: the incidents of a time before a centre's own record, place by place.

    place,kind,opened,minutes,lon,lat,area

One line an incident: the place as the product names it (a block, a crossing, a name), the kind as
the source has it, the minute it was opened (UTC, since 1970), how many minutes it lasted (0: nobody
knows), where the place lies (WGS84 degrees), its area. ``answerable repeats --keep`` writes it.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

from answerable.exchange.calls.problems import SourceRefused
from answerable.matters.repeats.calls import Call, Calls, Spot

COLUMNS = ("place", "kind", "opened", "minutes", "lon", "lat", "area")
MINUTE_US = 60_000_000
LINES_MAX = 4_000_000


def write_past(path: Path, calls: Calls) -> None:
    """Write incidents; the same ones give the same bytes. Raises SourceRefused."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(COLUMNS)
    for at in range(len(calls)):
        spot = calls.spots[calls.place[at]]
        opened = int(calls.at_us[at]) // MINUTE_US
        over = int(calls.over_us[at]) // MINUTE_US
        lines.writerow((
            calls.places[calls.place[at]], calls.kinds[calls.kind[at]], opened,
            max(over - opened, 1) if over else 0,
            "" if spot.lon is None else f"{spot.lon:.5f}",
            "" if spot.lat is None else f"{spot.lat:.5f}", spot.area,
        ))  # fmt: skip
    try:
        path.write_bytes(gzip.compress(text.getvalue().encode(), 9, mtime=0))
    except OSError as error:
        raise SourceRefused(
            "The incidents were not kept.", f"{path} cannot be written: {error.strerror}.",
            "Give another file.",
        ) from error  # fmt: skip


def read_past(path: Path, zone: ZoneInfo) -> Calls:
    """Read incidents. Raises SourceRefused naming the line that is wrong."""
    spots: dict[str, Spot] = {}
    try:
        with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
            return Calls.gathered(_lines(csv.reader(file), spots, path), zone, spots)
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise _wrong(path, f"It cannot be read: {error}.") from error


def _lines(rows: Iterator[list[str]], spots: dict[str, Spot], path: Path) -> Iterator[Call]:
    if tuple(next(rows, ())) != COLUMNS:
        raise _wrong(path, f"Its columns are not {', '.join(COLUMNS)}.")
    for number, row in enumerate(rows, 2):
        try:
            place, kind, opened, minutes, lon, lat, area = row
            at_us, lasted_us = int(opened) * MINUTE_US, int(minutes) * MINUTE_US
            if place not in spots:
                spots[place] = Spot(*_position(lon, lat), area)
        except ValueError as error:
            raise _wrong(path, f"Line {number} is not as it should be: {error}.") from error
        if number > LINES_MAX:
            raise _wrong(path, f"It has more than {LINES_MAX:,} lines.")
        yield Call(place, kind, at_us, at_us + lasted_us if lasted_us else 0)


def _position(lon: str, lat: str) -> tuple[float | None, float | None]:
    return (float(lon), float(lat)) if lon and lat else (None, None)


def _wrong(path: Path, because: str) -> SourceRefused:
    return SourceRefused(
        f"Not read: {path.name}.", because, "Write it anew with answerable repeats --keep."
    )
