"""Reading the files a town's folder may hold for the gazetteer.

    streets.geojson.gz   `name` and, beside it, zh, en, alt (";" between names), ref
    addresses.csv.gz     street,number,lon,lat
    blocks.csv.gz        street,block,lon,lat,learnt   (the middle of "the 500 block")
    places.csv.gz        name,zh,en,alt,kind,lon,lat
    names.csv            name,means,kind,lon,lat       (a clerk's own; outranks the map)
    stations.geojson     id, name

Only the streets are needed. Whatever is wrong is refused with the file and the line.
"""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from answerable.place.errors import PlaceError
from answerable.place.roads import STREETS_FILE
from answerable.place.snap import checked

ADDRESSES_FILE = "addresses.csv.gz"
BLOCKS_FILE = "blocks.csv.gz"
PLACES_FILE = "places.csv.gz"
NAMES_FILE = "names.csv"
ADDRESS_COLUMNS = ("street", "number", "lon", "lat")
BLOCK_COLUMNS = ("street", "block", "lon", "lat", "learnt")
PLACE_COLUMNS = ("name", "zh", "en", "alt", "kind", "lon", "lat")
NAME_COLUMNS = ("name", "means", "kind", "lon", "lat")
ROWS_MAX = 2_000_000
BYTES_MAX = 1 << 28
NAME_MAX = 120
AREA = "area"
"""The kind of the town's own areas, among places."""


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


DWELLINGS = _set(
    "house detached semidetached_house semidetached bungalow villa cabin hut farm farmhouse "
    "houseboat static_caravan home building"
)
"""Homes of one household: their names may be a family's, so none of them is indexed."""
PERSONS = _set(
    "person resident family grave tomb doctors dentist physician psychotherapist midwife "
    "therapist lawyer notary accountant tax_advisor architect"
)
"""Kinds that are named after whoever works or lies there: a gazetteer does not look for people."""


class StreetNames(NamedTuple):
    """A street's name on the map, and what else it is called."""

    name: str
    zh: str
    en: str
    alt: tuple[str, ...]


class Place(NamedTuple):
    """A named place; `local` where a clerk wrote it."""

    name: str
    zh: str
    en: str
    alt: tuple[str, ...]
    kind: str
    lon: float
    lat: float
    local: bool = False


class OtherName(NamedTuple):
    """A clerk's name for something that has a name on the map."""

    name: str
    means: str


class _Told(msgspec.Struct, frozen=True, gc=False):
    name: str = ""
    zh: str = ""
    en: str = ""
    alt: str = ""
    ref: str = ""


class _Feature(msgspec.Struct, frozen=True, gc=False):
    properties: _Told


class _Streets(msgspec.Struct, frozen=True):
    features: list[_Feature]


def sayable(kind: str) -> bool:
    """Say whether places of a kind may be looked up by name."""
    return kind.casefold() not in DWELLINGS | PERSONS


def read_street_names(folder: Path) -> list[StreetNames]:
    """Read the names of all streets, once each; PlaceError where there are none to read."""
    path = folder / STREETS_FILE
    try:
        read = msgspec.json.decode(gzip.decompress(path.read_bytes()), type=_Streets).features
    except (
        OSError, EOFError, zlib.error, msgspec.MsgspecError, UnicodeDecodeError, RecursionError,
    ) as error:  # fmt: skip
        raise _unread(path, str(error)) from error
    told: dict[str, list[_Told]] = {}
    for one in dict.fromkeys(feature.properties for feature in read):
        told.setdefault(one.name, []).append(one)
    return [_all_names(name, ones) for name, ones in told.items() if name]


def _all_names(name: str, told: list[_Told]) -> StreetNames:
    """Join what the segments of one street say of its names."""
    other = [part for one in told for text in (one.alt, one.ref) for part in _split(text)]
    zh = next((one.zh for one in told if one.zh), "")
    en = next((one.en for one in told if one.en), "")
    return StreetNames(name, zh, en, tuple(dict.fromkeys(other)))


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip()[:NAME_MAX] for part in text.split(";") if part.strip())


def read_addresses(folder: Path) -> Iterator[tuple[str, str, float, float]]:
    """Yield street, number, longitude, latitude; nothing without the file."""
    for row, (street, number, lon, lat) in _rows(folder / ADDRESSES_FILE, ADDRESS_COLUMNS):
        yield street, number, *_position(folder / ADDRESSES_FILE, row, lon, lat)


def read_blocks(folder: Path) -> Iterator[tuple[str, int, float, float, bool]]:
    """Yield street, hundred, longitude, latitude, and whether past calls tell it."""
    path = folder / BLOCKS_FILE
    for row, (street, block, lon, lat, learnt) in _rows(path, BLOCK_COLUMNS):
        if not block.isdecimal() or len(block) > 6 or learnt not in ("0", "1"):
            raise _wrong(path, row, f"block {block!r:.20} or learnt {learnt!r:.20} is no number")
        yield street, int(block), *_position(path, row, lon, lat), learnt == "1"


def read_places(folder: Path) -> Iterator[Place]:
    """Yield the map's named places that may be looked up."""
    path = folder / PLACES_FILE
    for row, (name, zh, en, alt, kind, lon, lat) in _rows(path, PLACE_COLUMNS):
        if name.strip() and sayable(kind):
            at = _position(path, row, lon, lat)
            yield Place(name[:NAME_MAX], zh, en, _split(alt), kind, *at)


def read_names(folder: Path) -> Iterator[Place | OtherName]:
    """Yield a clerk's own names: places with a position, or other names of what the map has."""
    path = folder / NAMES_FILE
    for row, (name, means, kind, lon, lat) in _rows(path, NAME_COLUMNS):
        if not name.strip() or not sayable(kind):
            raise _wrong(
                path, row, "it has no name" if not name.strip() else f"{kind} is a person's or home"
            )
        if means.strip():
            yield OtherName(name.strip()[:NAME_MAX], means.strip()[:NAME_MAX])
        else:
            at = _position(path, row, lon, lat)
            yield Place(name.strip()[:NAME_MAX], "", "", (), kind, *at, local=True)


def _rows(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, list[str]]]:
    """Yield line number and values of a CSV file, packed or not; nothing where there is none."""
    if not path.is_file():
        return
    try:
        packed = path.read_bytes()
        text = (gzip.decompress(packed) if path.suffix == ".gz" else packed).decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise _unread(path, str(error)) from error
    if len(text) > BYTES_MAX:
        raise _unread(path, f"it is above {BYTES_MAX} bytes")
    lines = csv.reader(io.StringIO(text, newline=""))
    try:
        head = tuple(next(lines, ()))
        if head != columns:
            raise _wrong(path, 1, f"the columns are {','.join(head)!s:.80}")
        for values in lines:
            if len(values) == len(columns):
                yield lines.line_num, values
            elif values:
                raise _wrong(path, lines.line_num, f"it has {len(values)} values")
    except csv.Error as error:
        raise _wrong(path, lines.line_num, str(error)) from error


def _position(path: Path, row: int, lon: str, lat: str) -> tuple[float, float]:
    try:
        return checked(float(lon), float(lat))
    except (ValueError, PlaceError) as error:
        raise _wrong(path, row, f"{lon!s:.20}, {lat!s:.20} is no position") from error


def _unread(path: Path, why: str) -> PlaceError:
    return PlaceError(
        f"{path.name} not read", why, "Write it as docs/explanation/gazetteer.md describes"
    )


def _wrong(path: Path, row: int, why: str) -> PlaceError:
    return PlaceError(
        f"{path.name} not read",
        f"line {row}: {why}",
        "Correct that line; docs/explanation/gazetteer.md describes the file",
    )
