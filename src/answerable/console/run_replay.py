"""``answerable replay``: the product assembled for ``exchange.calls.cli``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from answerable.console.centre import adopt_standards
from answerable.exchange.calls.cli import replay_command
from answerable.exchange.calls.replay import collector_off
from answerable.kernel.hub import Hub
from answerable.place.town_places import load_places
from answerable.rooms import product
from answerable.standards.views import kept_table
from answerable.towns.load import load_town
from answerable.towns.model import Town


def run_replay(
    file: Path,
    town: str,
    *,
    as_json: bool,
    data: Path | None,
    report: Path | None,
    mapping: Path | None,
) -> int:
    """Replay a file under the town's places and standards; returns the exit code."""
    with collector_off():
        return replay_command(
            file,
            town,
            rooms=product(manned=False),
            load=_load,
            prepare=_prepare,
            clock_rows=_clock_rows,
            as_json=as_json,
            data=data,
            report=report,
            mapping=mapping,
        )


def _load(folder: Path) -> Town:
    town = load_town(folder)
    town.places = load_places(folder)
    return town


def _prepare(hub: Hub, town: Town) -> None:
    adopt_standards(hub, town)


def _clock_rows(hub: Hub) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = msgspec.to_builtins(kept_table(hub.state["standards"]))
    return rows
