"""A fresh record for a replay: the real store, in a folder that is kept or goes at the end."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from answerable.exchange.calls.problems import SourceRefused
from answerable.kernel.event import Row, SealedValue
from answerable.kernel.store import Head
from answerable.record.sqlite import SqliteStore

RECORD = "record.db"


class FreshRecord(SqliteStore):
    """A record that began empty in this very process, and so knows all its keys by heart.

    The hub asks for the key of every command, and in a replay nearly all are new: the answer "not
    there" needs no query. Everything else is the store's own.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - the store's own
        """Open as the store does; the record must be empty."""
        super().__init__(*args, **kwargs)
        assert self.head().size == 0, "a record with rows in it is not fresh"
        self._seen: set[str] = set()

    def append(self, rows: Sequence[Row], sealed: Sequence[SealedValue] = ()) -> Head:
        """Write a batch and remember its keys."""
        head = super().append(rows, sealed)
        self._seen.update(row.key for row in rows)
        return head

    def with_key(self, key: str) -> list[Row]:
        """Return the rows recorded under an idempotency key."""
        return super().with_key(key) if key in self._seen else []


@contextmanager
def fresh_record(data: Path | None) -> Iterator[SqliteStore]:
    """Open a new record in ``data``, or in a folder that goes when the command ends.

    Raises SourceRefused where ``data`` holds a record already, and what the store refuses.
    """
    if data is not None and (data / RECORD).exists():
        raise SourceRefused(
            "Nothing was replayed.",
            f"{data / RECORD} is there already, and a replay needs a fresh record.",
            "Give another folder with --data, or none.",
        )
    with tempfile.TemporaryDirectory(prefix="answerable-") as folder:
        store = FreshRecord.open((data or Path(folder)) / RECORD)
        try:
            yield store
        finally:
            store.close()
