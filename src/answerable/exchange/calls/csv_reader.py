"""CSV rows as text, one physical line at a time, so that a broken row costs itself and no other.

A quote that is never closed would swallow the rest of the file into one field. A record may
therefore span at most ``RECORD_LINES_MAX`` lines; beyond that its first line is reported and
reading goes on with its second.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import zlib
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import IO, cast

from answerable.exchange.calls.mapping import Mapping
from answerable.exchange.calls.problems import Reported, reported
from answerable.exchange.calls.reader import BATCH_ROWS, Batch, Column, check_columns, not_read

RECORD_LINES_MAX = 64
LINE_CHARS_MAX = 1_000_000


class _TooLong(Exception):
    """A record spans more lines than any real one: a quote was not closed."""


class _Lines:
    """Physical lines with their numbers; what a broken record took can be given back."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self._back: deque[str] = deque()
        self.taken: list[str] = []
        self.number = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if len(self.taken) >= RECORD_LINES_MAX:
            raise _TooLong
        line = self._back.popleft() if self._back else self._file.readline(LINE_CHARS_MAX)
        if not line:
            raise StopIteration
        self.taken.append(line)
        self.number += 1
        return line

    def start(self) -> int:
        """Begin a record; return the number of its first line."""
        self.taken.clear()
        return self.number + 1

    def give_back(self) -> str:
        """Put back all but the first line of the record; return that first line."""
        self._back.extendleft(reversed(self.taken[1:]))
        self.number -= len(self.taken) - 1
        return self.taken[0]


def csv_batches(path: Path, mapping: Mapping) -> Iterator[Batch]:
    """Yield the rows of a CSV file. Raises SourceRefused for the file as a whole."""
    try:
        with _open(path, mapping.source.encoding) as file:
            lines = _Lines(file)
            records = csv.reader(lines, delimiter=_delimiter(path, mapping))
            header = _header(path, mapping, lines, records)
            yield from _batches(mapping, header, lines, records)
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        because = "Its compression is damaged or cut short."
        raise not_read(path, because, "Copy or export the file again.") from error
    except OSError as error:
        because = f"Reading failed: {error.strerror or error}."
        raise not_read(path, because, "Copy or export the file again.") from error
    except UnicodeError as error:
        raise _wrong_encoding(path, mapping) from error


def _open(path: Path, encoding: str) -> IO[str]:
    # utf-8-sig also reads plain UTF-8 and drops the mark that spreadsheets put in front.
    encoding = "utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding
    opened = gzip.open if path.name.lower().endswith(".gz") else open
    text = opened(path, "rt", encoding=encoding, errors="surrogateescape", newline="")
    return cast("IO[str]", text)


def _delimiter(path: Path, mapping: Mapping) -> str:
    tabs = path.name.lower().endswith(".tsv") and mapping.source.delimiter == ","
    return "\t" if tabs else mapping.source.delimiter


def _wrong_encoding(path: Path, mapping: Mapping) -> Exception:
    return not_read(
        path,
        f"It is not {mapping.source.encoding} text.",
        "Save it as UTF-8, or name its encoding in the mapping (source.encoding).",
    )


def _header(path: Path, mapping: Mapping, lines: _Lines, records: Iterator[list[str]]) -> list[str]:
    """Return the column names; refuse what cannot be a header of this source."""
    try:
        header = [name.strip() for name in next(records, [])]
    except (csv.Error, _TooLong) as error:
        because = "Its first line cannot be read as CSV."
        raise not_read(path, because, "Check its quotes and delimiter.") from error
    text = "".join(lines.taken)
    if "\x00" in text or not _clean(text):
        raise _wrong_encoding(path, mapping)
    if not any(header):
        raise not_read(path, "Its first line is blank.", "The first line must name the columns.")
    check_columns(path, mapping, header)
    return header


def _clean(text: str) -> bool:
    """Say whether every byte of the line was of the encoding (surrogates stand for others)."""
    return text.isascii() or not any("\ud800" <= c <= "\udfff" for c in text)


def _batches(
    mapping: Mapping, header: list[str], lines: _Lines, records: Iterator[list[str]]
) -> Iterator[Batch]:
    rows: list[tuple[int, list[str]]] = []
    broken: list[Reported] = []
    for item in _rows(header, lines, records):
        if isinstance(item, Reported):
            broken.append(item)
        else:
            rows.append(item)
        if len(rows) >= BATCH_ROWS:
            yield _batch(mapping, header, rows, broken)
            rows, broken = [], []
    if rows or broken:
        yield _batch(mapping, header, rows, broken)


def _rows(
    header: list[str], lines: _Lines, records: Iterator[list[str]]
) -> Iterator[tuple[int, list[str]] | Reported]:
    """Yield rows with their first line's number, and reports of those that cannot be read."""
    while True:
        line = lines.start()
        fault, fields = "", []
        try:
            fields = next(records)
        except StopIteration:
            return
        except _TooLong:
            fault = "a quote is not closed"
        except csv.Error as error:
            fault = f"not readable as CSV: {error}"
        if not fault and len(fields) != len(header):
            if not "".join(lines.taken).strip():
                continue  # a blank line is no row
            fault = f"{len(fields)} fields where the header has {len(header)}"
        if not fault and not all(map(_clean, fields)):
            fault = "bytes that are not of the file's encoding"
        if not fault:
            yield line, fields
        else:
            yield reported(line, "", fault, lines.give_back().rstrip("\r\n"))


def _batch(
    mapping: Mapping, header: list[str], rows: list[tuple[int, list[str]]], broken: list[Reported]
) -> Batch:
    missing = {"", *mapping.source.missing}
    columns: dict[str, Column] = {}
    for name in mapping.required_columns():
        at = header.index(name)
        texts = (fields[at].strip() for _, fields in rows)
        columns[name] = [None if text in missing else text for text in texts]
    prints = [
        hashlib.blake2b("\x1f".join(fields).encode(), digest_size=16).digest() for _, fields in rows
    ]
    return Batch([line for line, _ in rows], prints, columns, broken)
