"""A served world for the tests of the contract."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.console.contract.served import Served, serving


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Iterator[Served]:
    """One served world for a whole module."""
    with serving(tmp_path_factory.mktemp("served")) as there:
        yield there
