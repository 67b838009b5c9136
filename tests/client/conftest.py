"""A served world, and a line to it that can be cut."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.client.proxy import Proxy
from tests.console.conftest import read_once  # noqa: F401 - the town is read once here too
from tests.console.contract.served import Served, serving


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[Served]:
    """One served world for a whole module."""
    with serving(tmp_path_factory.mktemp("served")) as there:
        yield there


@pytest.fixture
def proxy(served: Served) -> Iterator[Proxy]:
    """A bad line to the served world."""
    with Proxy(served.port) as line:
        yield line
