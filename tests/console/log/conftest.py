"""A console with a public log for every test that asks for one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.console.log.scene import Scene


@pytest.fixture
def scene(tmp_path) -> Iterator[Scene]:
    made = Scene(tmp_path)
    yield made
    made.close()
