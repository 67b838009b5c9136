"""One service for all tests of a module: a siege takes nothing away that the next one needs."""

from __future__ import annotations

import functools
from collections.abc import Iterator

import pytest

from answerable.console import app as app_module
from answerable.console import centre as centre_module
from tests.attack.scene import Besieged


@pytest.fixture(scope="session", autouse=True)
def read_once() -> Iterator[None]:
    """Read the town's roads, map and files once for all tests: nothing changes them."""
    with pytest.MonkeyPatch.context() as patch:
        for module, name in ((centre_module, "load_places"), (app_module, "town_assets"),
                             (app_module, "console_assets")):  # fmt: skip
            patch.setattr(module, name, functools.cache(getattr(module, name)))
        yield


@pytest.fixture(scope="module")
def siege(tmp_path_factory) -> Iterator[Besieged]:
    """A service run for real, with a provider, and one incident full of words to look for."""
    besieged = Besieged(tmp_path_factory.mktemp("siege"))
    besieged.incident = besieged.day()
    yield besieged
    besieged.centre.close()


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Iterator[Besieged]:
    """A demonstration."""
    besieged = Besieged(tmp_path_factory.mktemp("demo"), demonstration=True)
    besieged.incident = besieged.day()
    yield besieged
    besieged.centre.close()
