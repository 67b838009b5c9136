"""The clocks of San Francisco's real days against counts made without the engine."""

from __future__ import annotations

import io
from collections import Counter, defaultdict
from contextlib import redirect_stdout
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from answerable.console import run_replay
from answerable.standards.kept import KeptRow, kept_table

FILE = Path(__file__).parents[3] / "shared/data/dev/sffd_citywide_2020-04-02_2020-04-13.parquet"
EMERGENCY = ("Fire", "Alarm", "Potentially Life-Threatening")

pytestmark = [
    pytest.mark.town_data,
    pytest.mark.skipif(not FILE.exists(), reason="../shared/data is not here"),
]


@cache
def calls() -> list[list[dict[str, Any]]]:
    """Return the unit rows of every call."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in pq.read_table(FILE).to_pylist():
        found[row["call_number"]].append(row)
    return list(found.values())


@cache
def kept() -> list[KeptRow]:
    """Return how promises were kept, by kind, in a replay through the whole product."""
    tables: list[list[KeptRow]] = []
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(io.StringIO()):
        patch.setattr(
            run_replay,
            "kept_table",
            lambda state: tables.append(kept_table(state, by=("kind",))) or [],
        )
        code = run_replay.run_replay(
            FILE, "san_francisco", as_json=True, data=None, report=None, mapping=None
        )
    assert code == 0
    return tables[-1]


def counted(name: str) -> dict[str, int]:
    """Return how many clocks of a promise were kept, broken and void."""
    rows = [row for row in kept() if row.name == name]
    return {state: sum(getattr(row, state) for row in rows) for state in ("kept", "broken", "void")}


def judged(seconds: list[float | None], limit_s: float) -> dict[str, int]:
    """Return the same of plain durations, None where there is no stop."""
    states = Counter("void" if s is None else "kept" if s <= limit_s else "broken" for s in seconds)
    return {state: states[state] for state in ("kept", "broken", "void")}


def after(start: datetime, stops: list[datetime | None], end: datetime | None) -> float | None:
    """Return the seconds to the first stop from the start on, None if the end comes before."""
    times = [stop for stop in stops if stop is not None and stop >= start]
    if not times or (end is not None and start <= end < min(times)):
        return None
    return (min(times) - start).total_seconds()


def test_the_first_unit_sent_is_timed_from_the_answer():
    seconds = [
        (min(r["dispatch_ts"] for r in rows) - min(r["received_ts"] for r in rows)).total_seconds()
        for rows in calls()
    ]
    assert counted("first unit sent") == judged(list(seconds), 60)


def test_turnout_is_timed_for_each_unit():
    seconds = [
        after(r["dispatch_ts"], [r["response_ts"], r["on_scene_ts"]], r["available_ts"])
        for rows in calls()
        for r in rows
        if rows[0]["call_type_group"] in ("Potentially Life-Threatening", "Non Life-threatening")
    ]
    assert counted("turnout, medical") == judged(seconds, 60)


def test_travel_is_timed_from_the_first_unit_under_way_to_the_first_there():
    seconds = []
    for rows in calls():
        starts = [r["response_ts"] for r in rows if r["response_ts"] is not None]
        if rows[0]["call_type_group"] in EMERGENCY and starts:
            seconds.append(after(min(starts), [r["on_scene_ts"] for r in rows], None))
    assert counted("travel, first unit") == judged(seconds, 240)


def test_percentiles_are_those_of_numpy_over_the_plain_file():
    of_kind = defaultdict(list)
    for rows in calls():
        starts = [r["response_ts"] for r in rows if r["response_ts"] is not None]
        if rows[0]["call_type_group"] in EMERGENCY and starts:
            took_s = after(min(starts), [r["on_scene_ts"] for r in rows], None)
            if took_s is not None:
                of_kind[rows[0]["call_type"]].append(took_s)
    rows = [row for row in kept() if row.name == "travel, first unit"]
    assert {row.kind for row in rows if row.p90_s is not None} == set(of_kind)
    for row in rows:
        if row.p90_s is not None:
            expected = np.quantile(of_kind[row.kind], [0.5, 0.9, 0.95])
            assert [row.p50_s, row.p90_s, row.p95_s] == pytest.approx(list(expected), abs=1e-6)
