"""Parquet rows: text as text, times as microseconds, everything else as its text.

pyarrow is imported here and nowhere else in the import path, and only for Parquet files.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from answerable.exchange.calls.mapping import Mapping
from answerable.exchange.calls.reader import (
    BATCH_ROWS,
    Batch,
    Column,
    Walls,
    check_columns,
    not_read,
)
from answerable.exchange.calls.stamps import ABSENT

_FAR_US = 2**62
"""Stands for a time too far off for 64 bits of microseconds; the calendar check reports it."""


def parquet_batches(path: Path, mapping: Mapping) -> Iterator[Batch]:
    """Yield the rows of a Parquet file. Raises SourceRefused for the file as a whole."""
    try:
        with pq.ParquetFile(path) as file:
            check_columns(path, mapping, list(file.schema_arrow.names))
            first = 1
            for part in file.iter_batches(batch_size=BATCH_ROWS):
                yield _batch(part, mapping, first)
                first += part.num_rows
    except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError) as error:
        # Bytes that went wrong surface as any of these, names that are no UTF-8 as a ValueError.
        because = "It is not a Parquet file, or it is damaged."
        raise not_read(path, because, "Copy or export the file again.") from error


def _batch(part: pa.RecordBatch, mapping: Mapping, first: int) -> Batch:
    missing = set(mapping.source.missing)
    columns = {name: _column(part.column(name), missing) for name in mapping.required_columns()}
    lines = list(range(first, first + part.num_rows))
    return Batch(lines, _fingerprints(part), columns, [])


def _column(values: pa.Array, missing: set[str]) -> Column:
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    kind = values.type
    if pa.types.is_timestamp(kind):
        return _walls(values)
    if pa.types.is_floating(kind):
        return [float(v) if v is not None else None for v in values.to_pylist()]
    texts = [_cell(text) for text in _texts(values).to_pylist()]
    return [None if text in missing else text for text in texts]


def _cell(text: str | None) -> str | None:
    """Return the text without its outer blanks; None when nothing is left."""
    return (text.strip() or None) if text else None


def _walls(values: pa.Array) -> Walls:
    counts = pc.fill_null(values.cast(pa.int64()), 0).to_numpy(zero_copy_only=False)
    per_us = {"s": 1_000_000, "ms": 1_000, "us": 1, "ns": 1}[values.type.unit]
    far = np.abs(counts.astype(np.float64)) * per_us > _FAR_US
    us = np.where(far, _FAR_US, counts * per_us)
    if values.type.unit == "ns":
        us = counts // 1_000
    us = np.where(values.is_null().to_numpy(zero_copy_only=False), ABSENT, us)
    return Walls(us.astype(np.int64), values.type.tz is not None)


def _texts(values: pa.Array) -> pa.Array:
    """Return any column as text; what has no text of its own, as Python shows it."""
    if pa.types.is_timestamp(values.type):
        values = values.cast(pa.int64())  # a time too far off for any calendar has no text
    try:
        texts = values.cast(pa.large_string())
        texts.validate(full=True)
    except pa.ArrowException:
        shown = [None if v is None else _shown(v) for v in values.to_pylist()]
        return pa.array(shown, pa.large_string())
    return texts


def _shown(value: Any) -> str:  # noqa: ANN401 - whatever a Parquet cell can hold
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)


def _fingerprints(part: pa.RecordBatch) -> list[bytes]:
    """Return a fingerprint of every whole row: equal rows, and only they, have equal ones."""
    if not part.num_columns or not part.num_rows:
        return [b""] * part.num_rows
    texts = [_texts(part.column(i)) for i in range(part.num_columns)]
    joined = pc.binary_join_element_wise(
        *texts,
        pa.scalar("\x1f", pa.large_string()),
        null_handling="replace",
        null_replacement="\x00",
    )
    return [hashlib.blake2b(t.encode(), digest_size=16).digest() for t in joined.to_pylist()]
