"""The rows of a CSV (plain or gzip) or Parquet file, in batches, with the broken ones set aside.

A file that cannot be used at all is refused in one line: missing, empty, not what its name says,
wrongly encoded, or without a column the mapping needs. A row that cannot be read is reported.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from answerable.exchange.calls.mapping import Mapping
from answerable.exchange.calls.problems import Reported, SourceRefused
from answerable.exchange.calls.stamps import Micros

BATCH_ROWS = 8_192

Cells = list[str | float | None]
"""A column of text, or of numbers where the file has numbers; None where it has nothing."""


class Walls(msgspec.Struct, frozen=True):
    """A column of native times: microseconds (ABSENT where none); ``utc`` if they are instants."""

    us: Micros
    utc: bool = False


Column = Cells | Walls


class Batch(msgspec.Struct, frozen=True):
    """Some rows: their lines in the file, a fingerprint of each whole row, the columns named.

    ``broken`` are rows in the same stretch of the file that could not be read.
    """

    lines: list[int]
    fingerprints: list[bytes]
    columns: dict[str, Column]
    broken: list[Reported]


def read_batches(path: Path, mapping: Mapping) -> Iterator[Batch]:
    """Yield the rows of ``path`` that ``mapping`` needs. Raises SourceRefused."""
    name = path.name.lower()
    _check_file(path)
    if name.endswith((".csv", ".csv.gz", ".txt", ".tsv")):
        from answerable.exchange.calls.csv_reader import csv_batches

        return csv_batches(path, mapping)
    if name.endswith((".parquet", ".pq")):
        # pyarrow takes a third of a second to import; a CSV does not need it.
        from answerable.exchange.calls.parquet_reader import parquet_batches

        return parquet_batches(path, mapping)
    raise not_read(path, "Its name does not say what it is.", "Give a .csv, .csv.gz or .parquet.")


def not_read(path: Path, because: str, instead: str) -> SourceRefused:
    """Return the refusal of the file as a whole."""
    return SourceRefused(f"{path.name} was not read.", because, instead)


def _check_file(path: Path) -> None:
    try:
        if path.is_dir():
            raise not_read(path, "It is a folder.", "Give the file itself.")
        with path.open("rb") as file:
            if not file.read(1):
                raise not_read(path, "It is empty.", "Export it again, or give another file.")
    except OSError as error:
        because = f"It cannot be opened: {error.strerror or error}."
        raise not_read(path, because, "Check the path and your right to read it.") from error


def check_columns(path: Path, mapping: Mapping, found: list[str]) -> None:
    """Raise SourceRefused unless every column the mapping needs is in the file, once."""
    missing = [name for name in mapping.required_columns() if name not in found]
    if missing:
        raise not_read(
            path,
            f"It has no column {', '.join(missing)}; it has {_some(found)}.",
            f"Give a file of {mapping.source.name}, or a mapping that names its columns.",
        )
    twice = [name for name in mapping.required_columns() if found.count(name) > 1]
    if twice:
        raise not_read(
            path,
            f"It has the column {', '.join(twice)} more than once.",
            "Rename or remove one of them.",
        )


def _some(names: list[str]) -> str:
    shown = ", ".join(name[:40] if name.isprintable() else repr(name)[:40] for name in names[:40])
    return shown + (f" and {len(names) - 40} more" if len(names) > 40 else "")
