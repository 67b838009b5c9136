"""A log on a disk for every test that asks for one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.record.log.scene import Log


@pytest.fixture
def log(tmp_path) -> Iterator[Log]:
    made = Log(tmp_path)
    yield made
    made.close()
