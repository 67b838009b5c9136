"""``--drill`` makes the drills long: ``make drill``. It is known where drills are asked for."""

from __future__ import annotations

import os

LONG_ROUNDS = 200


def pytest_addoption(parser):
    """Offer the option."""
    parser.addoption("--drill", action="store_true", help=f"{LONG_ROUNDS} rounds of each drill")


def pytest_configure(config):
    """Pass it on to the harness, unless a number of rounds was given by hand."""
    if config.getoption("--drill", default=False):
        os.environ.setdefault("ANSWERABLE_DRILL_ROUNDS", str(LONG_ROUNDS))
