"""What all tests share: what this machine lacks is named, and refusals that came are remembered."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests import beside
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


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--beside", action="store_true", help="share the tests with a second process")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[Provoked.KEY] = Provoked.watching()
    beside.begin(config)
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
    looking_back = [item for item in items if item.get_closest_marker("last")]
    for item in looking_back:
        item.add_marker(pytest.mark.timeout(0))  # waits for the other process, which has its own
    items.sort(key=looking_back.__contains__)
    config.stash[Provoked.KEY].collected({item.path for item in items})


def pytest_deselected(items: list[pytest.Item]) -> None:
    if items:
        items[0].config.stash[Provoked.KEY].partial = "some tests were deselected"


def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Share the files with the process beside this one, where there is one."""
    place = beside.claims(session.config)
    if place is None or session.config.option.collectonly or session.testsfailed:
        return None
    return beside.run(session, place)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    provoked, other = session.config.stash[Provoked.KEY], session.config.stash.get(beside.KEY, None)
    beside.tell(session.config, exitstatus, provoked.codes)
    if other is None:
        return
    if exitstatus == pytest.ExitCode.INTERRUPTED:
        other.stop()
    elif other.ended()["exit"] and not exitstatus:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(tryfirst=True)
def pytest_terminal_summary(terminalreporter: object, config: pytest.Config) -> None:
    if (other := config.stash.get(beside.KEY, None)) is not None:
        beside.summed(terminalreporter, other)


@pytest.fixture
def provoked(request: pytest.FixtureRequest) -> Provoked:
    """What has been refused so far in this run, also in the process beside it."""
    found = request.config.stash[Provoked.KEY]
    if (other := request.config.stash.get(beside.KEY, None)) is not None:
        told = other.ended()
        found.codes |= set(told["codes"])
    return found
