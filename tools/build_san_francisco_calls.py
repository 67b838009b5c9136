"""Cut the packaged San Francisco calls from the April 2020 extract of DataSF dataset nuek-vuh3.

Keeps the columns that the town's mapping names and all rows, in order; positions are rounded to six
decimals (0.1 m). The same input gives the same bytes: no time stamp, no file name in the archive.

    python tools/build_san_francisco_calls.py EXTRACT.parquet

with ../shared/data/dev/sffd_citywide_2020-04-02_2020-04-13.parquet as the extract.
"""

from __future__ import annotations

import csv
import datetime
import gzip
import io
import sys
from pathlib import Path

import pyarrow.parquet as pq

from answerable.exchange.calls.mapping import load_mapping

TOWN = Path(__file__).parent.parent / "src/answerable/towns/san_francisco"
TARGET = TOWN / "calls.csv.gz"


def cell(value: object) -> str:
    """Return a value as the file holds it: ISO times, six decimals, nothing for None."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6f}"
    return value.isoformat() if isinstance(value, datetime.date) else str(value)


def cut(source: Path) -> bytes:
    """Return the CSV text of ``source``, as bytes."""
    names = list(load_mapping(TOWN / "mapping.toml").required_columns())
    table = pq.read_table(source, columns=names).select(names)
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    for row in table.to_pylist():
        writer.writerow([cell(row[name]) for name in names])
    return text.getvalue().encode("utf-8")


def packed(text: bytes) -> bytes:
    """Return ``text`` compressed, without a time or a name in it."""
    return gzip.compress(text, compresslevel=9, mtime=0)


def main() -> None:
    """Write the packaged file and say how large it is."""
    if len(sys.argv) != 2:
        raise SystemExit(f"Not built. Usage: {Path(sys.argv[0]).name} EXTRACT.parquet")
    text = cut(Path(sys.argv[1]))
    TARGET.write_bytes(packed(text))
    rows = text.count(b"\n") - 1
    print(f"{TARGET.name}: {rows:,} rows, {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
