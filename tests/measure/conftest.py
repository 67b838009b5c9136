"""The way to the shared data where it is."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.fixture
def shared() -> Path:
    if not (SHARED / "published").is_dir():
        pytest.skip("../shared/data is not here")
    return SHARED
