"""The served centre, the browser and the desks of the tests of presence; it draws maps here."""

from typing import Any

import pytest

from tests.console.presence.conftest import desk, served

__all__ = ["desk", "served"]


@pytest.fixture(scope="module")
def chrome(drawing) -> Any:
    return drawing
