"""Made-up sources as files, and the way to the shared data where it is."""

from collections.abc import Callable
from pathlib import Path

import pytest

from answerable.exchange.calls.mapping import Mapping, parse_mapping
from tests.exchange.made_up import HEADER, MAPPING

SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


@pytest.fixture
def mapping() -> Mapping:
    return parse_mapping(MAPPING, "made-up.toml")


@pytest.fixture
def csv_file(tmp_path: Path) -> Callable[..., Path]:
    def write(*rows: str, header: str = HEADER, name: str = "calls.csv") -> Path:
        path = tmp_path / name
        path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
        return path

    return write


@pytest.fixture
def shared() -> Path:
    if not (SHARED / "dev").is_dir():
        pytest.skip("../shared/data is not here")
    return SHARED
