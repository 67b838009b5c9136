"""A centre on each store: what is promised holds on both."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from answerable.record.memory import MemoryStore
from answerable.record.sqlite import SqliteStore
from tests.story import Centre


@pytest.fixture(params=["memory", "sqlite"])
def town(request, tmp_path) -> Iterator[Centre]:
    """A centre of the toy town over a memory record, then over a file."""
    store = MemoryStore() if request.param == "memory" else SqliteStore.open(tmp_path / "r.db")
    centre = Centre(store)
    yield centre
    centre.store.close()
