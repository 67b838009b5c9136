"""A test world whose record is published as a log, as a running centre's is."""

from __future__ import annotations

from pathlib import Path

from answerable.console.log.begin import begin_log
from answerable.console.log.service import LogService
from tests.console.conftest import World


def with_log(world: World, folder: Path) -> World:
    """Begin the log of a world; its keys lie in a folder."""
    LogService(world.app.front, begin_log(world.centre, folder))
    return world
