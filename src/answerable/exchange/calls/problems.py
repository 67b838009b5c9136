"""What can be wrong with a source: the file as a whole (refused), or one row of it (reported).

A refusal is one line with three parts: what was not done, because of what, what to do instead.
A reported row keeps its line, the column, the reason and the value, so that
rows in = rows recorded + rows reported, always.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable
from pathlib import Path

import msgspec

VALUE_CHARS_MAX = 120
"""A reported value is cut here: enough to find it in the source, not a copy of the source."""


class SourceRefused(Exception):
    """A file or a mapping that cannot be used at all. Its text is one line with a way out."""

    def __init__(self, not_done: str, because: str, instead: str) -> None:
        self.not_done, self.because, self.instead = not_done, because, instead
        super().__init__(" ".join(f"{not_done} {because} {instead}".split()))


class Reported(msgspec.Struct, frozen=True, gc=False):
    """A row of the source that was not recorded, and why.

    ``line`` counts from 1: the physical line of a CSV file (the header is line 1), the row number
    of a Parquet file.
    """

    line: int
    column: str
    reason: str
    value: str


def reported(line: int, column: str, reason: str, value: object = "") -> Reported:
    """Return a report of one row, its value made printable and cut to a sane length."""
    text = "" if value is None else str(value)
    text = text.encode("utf-8", "backslashreplace").decode("utf-8")
    text = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text[:VALUE_CHARS_MAX])
    return Reported(line, column, reason, text[:VALUE_CHARS_MAX])


def write_report(path: Path, rows: Iterable[Reported]) -> None:
    """Write the rows that were not recorded to ``path``: JSON when it ends in .json, else CSV.

    Raises SourceRefused when the file cannot be written.
    """
    ordered = sorted(rows, key=lambda row: row.line)
    try:
        if path.suffix == ".json":
            path.write_bytes(msgspec.json.format(msgspec.json.encode(ordered), indent=1) + b"\n")
            return
        with path.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out, lineterminator="\n")
            writer.writerow(Reported.__struct_fields__)
            writer.writerows(msgspec.structs.astuple(row) for row in ordered)
    except OSError as error:
        raise _no_report(path, error.strerror or str(error)) from error


def check_report(path: Path) -> None:
    """Raise SourceRefused where a report surely cannot be written; touches nothing."""
    if path.is_dir():
        raise _no_report(path, "it is a folder")
    if not path.parent.is_dir():
        raise _no_report(path, "its folder does not exist")
    if not os.access(path.parent, os.W_OK):
        raise _no_report(path, "its folder cannot be written")


def _no_report(path: Path, because: str) -> SourceRefused:
    return SourceRefused(
        "The report of unread rows was not written.",
        f"{path}: {because}.",
        "Give a path in a folder that exists and can be written.",
    )
