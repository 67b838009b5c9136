"""Scenes of the service with a provider."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.console.provider.false_provider import FalseProvider
from tests.console.serve.conftest import read_once, scene

__all__ = ["read_once", "scene"]


@pytest.fixture
def false() -> Iterator[FalseProvider]:
    provider = FalseProvider()
    yield provider
    provider.close()
