"""A centre with accounts for every test of the door."""

from __future__ import annotations

import pytest

from tests.console.doors import Place


@pytest.fixture
def place(tmp_path):
    made = Place(tmp_path)
    yield made
    made.door.workers.close()
    made.centre.close()
