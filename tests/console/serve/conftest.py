"""A service in this process for each test, its town's roads read once."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator

import pytest

from answerable.console import app as app_module
from answerable.console import centre as centre_module
from tests.console.serve.scene import Scene


@pytest.fixture(scope="session", autouse=True)
def read_once() -> Iterator[None]:
    """Read the town's roads, map and files once: nothing changes them."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name in ((centre_module, "load_places"), (app_module, "town_assets"),
                             (app_module, "console_assets")):  # fmt: skip
            patch.setattr(module, name, functools.cache(getattr(module, name)))
        yield


@pytest.fixture
def scene(tmp_path) -> Iterator[Callable[..., Scene]]:
    """Make scenes with settings; they end with the test."""
    made: list[Scene] = []

    def make(**settings: object) -> Scene:
        made.append(Scene(tmp_path, **settings))
        return made[-1]

    yield make
    for one in made:
        one.centre.close()
