"""A fresh record for a replay: the real store, in a folder that is kept or goes at the end."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from answerable.exchange.calls.problems import SourceRefused
from answerable.record import RECORD_FILE
from answerable.record.sqlite import SqliteStore


@contextmanager
def fresh_record(data: Path | None) -> Iterator[SqliteStore]:
    """Open a new record in ``data``, or in a folder that goes when the command ends.

    Raises SourceRefused where ``data`` holds a record already, and what the store refuses.
    """
    if data is not None and (data / RECORD_FILE).exists():
        raise SourceRefused(
            "Nothing was replayed.",
            f"{data / RECORD_FILE} is there already, and a replay needs a fresh record.",
            "Give another folder with --data, or none.",
        )
    with tempfile.TemporaryDirectory(prefix="answerable-") as folder:
        store = SqliteStore.open((data or Path(folder)) / RECORD_FILE)
        try:
            yield store
        finally:
            store.close()
