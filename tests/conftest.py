"""What all tests share: what this machine lacks is named, and refusals that came are remembered."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.house.provoked import Provoked

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
NEEDS = {
    "browser": "needs Chromium; install it with: sudo apt-get install chromium",
    "town_data": "needs the call records in ../shared/data, which are not part of the product",
}


def absent() -> dict[str, str]:
    """Return the markers whose tests cannot run here, with the reason."""
    there = {
        "browser": any(shutil.which(name) for name in BROWSERS),
        "town_data": SHARED_DATA.is_dir(),
    }
    return {marker: NEEDS[marker] for marker, here in there.items() if not here}


def pytest_configure(config: pytest.Config) -> None:
    config.stash[Provoked.KEY] = Provoked.watching()
    os.environ["LC_ALL"] = "C.UTF-8"  # programs started by tests speak English on every machine


def pytest_report_header() -> list[str]:
    return [f"not run here: @{marker} tests; {reason}" for marker, reason in absent().items()]


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what cannot run here, and put the tests that look back over the whole run last."""
    for marker, reason in absent().items():
        for item in items:
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=reason))
    items.sort(key=lambda item: item.get_closest_marker("last") is not None)
    config.stash[Provoked.KEY].collected({item.path for item in items})


def pytest_deselected(items: list[pytest.Item]) -> None:
    if items:
        items[0].config.stash[Provoked.KEY].partial = "some tests were deselected"


@pytest.fixture
def provoked(request: pytest.FixtureRequest) -> Provoked:
    """What has been refused so far in this run."""
    return request.config.stash[Provoked.KEY]
