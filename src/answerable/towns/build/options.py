"""What a build is asked for, and the one error it raises, in the house's three parts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

Say = Callable[[str], None]
"""Told what is going on, a line at a time; nothing depends on it."""


class BuildRefused(Exception):
    """The town was not built; the three sentences say why and what to do."""

    def __init__(self, because: str, instead: str) -> None:
        """Keep the parts; ``because`` and ``instead`` are given without their full stop."""
        self.because = because
        self.instead = instead
        super().__init__(f"Not built: {because}. {instead}. Nothing was left behind.")


class BuildOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The options of ``answerable town build``."""

    name: str
    roads: Path
    zone: str
    stations: Path | None = None
    areas: Path | None = None
    into: Path = Path("towns")
    title: str = ""
    title_zh: str = ""
    country_speeds: Path | None = None
    replace: bool = False
    basemap: bool = True
    """Whether the base map is drawn; a town is whole without one."""
