"""The little town, made once and copied for every test that plants a fault in it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.towns.little import write_town


@pytest.fixture(scope="session")
def sound_town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A town in which nothing is wrong. Do not write into it."""
    return write_town(tmp_path_factory.mktemp("towns") / "little")


@pytest.fixture
def town(sound_town: Path, tmp_path: Path) -> Path:
    """A copy of the town for one test."""
    folder = tmp_path / "little"
    shutil.copytree(sound_town, folder)
    return folder
