"""Made-up calls as files: a table of calls and the mapping that the importer reads it by."""

from __future__ import annotations

import csv
import datetime
import gzip
import io
from collections.abc import Iterable
from pathlib import Path

from answerable.towns.made_up import MADE_UP
from answerable.towns.made_up.calls import Call, Wish
from answerable.towns.made_up.profile import profile
from answerable.towns.model import Town

CALLS_FILE = "calls.csv.gz"
MAPPING_FILE = "mapping.toml"
COLUMNS = (
    "call", "unit", "unit_type", "kind", "priority", "lon", "lat", "place", "area", "received",
    "entry", "dispatch", "en_route", "scene", "transport", "hospital", "available",
)  # fmt: skip
STAGES = {
    "received": ("rung", "answered"), "entry": ("opened",), "dispatch": ("sent",),
    "en_route": ("en_route",), "scene": ("arrived",), "transport": ("transporting",),
    "hospital": ("at_hospital",), "available": ("cleared",),
}  # fmt: skip


def table(calls: Iterable[Call]) -> str:
    """Return the calls as CSV, one row a unit; a call nobody was sent to has one row without."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for call in calls:
        head = [call.kind, call.priority, call.spot.lon, call.spot.lat, call.spot.text,
                call.spot.area, _utc(call.received), _utc(call.entry)]  # fmt: skip
        if not call.jobs:
            writer.writerow([call.number, "", "", *head, *[""] * 6])
        for job in call.jobs:
            stages = (
                job.dispatch, job.en_route, job.scene, job.transport, job.hospital, job.available
            )  # fmt: skip
            times = [_utc(at) if at is not None else "" for at in stages]
            writer.writerow([call.number, job.unit, job.unit_type, *head, *times])
    return text.getvalue()


def _utc(seconds: float) -> str:
    return f"{datetime.datetime.fromtimestamp(seconds, datetime.UTC):%Y-%m-%dT%H:%M:%S}"


def mapping(town: Town, wish: Wish) -> str:
    """Return the mapping of the table, as TOML: every call of it is marked as made up."""
    shape = profile()
    lines = [
        "# Calls that were made up: none of them happened. docs/explanation/made-up-calls.md",
        "",
        "[source]",
        f'name = "Made-up calls of {town.name} ({wish.per_day:g} a day, seed {wish.seed})"',
        f'licence = "{shape.licence}"',
        f'attribution = ["{MADE_UP}; shaped on: {shape.source}"]',
        'zone = "UTC"',
        f'marks = ["{MADE_UP}"]',
        "",
        "[columns]",
        *(f'{name} = "{name}"' for name in COLUMNS[:9]),
        "",
        "[defaults]",
        f'group = "{MADE_UP}"',
        f'disposition = "{MADE_UP}"',
    ]
    for column, steps in STAGES.items():
        said = ", ".join(f'"{step}"' for step in steps)
        lines += ["", "[[stage]]", f'column = "{column}"', f"steps = [{said}]"]
        lines += ["required = true"] if column == "received" else []
    return "\n".join(lines) + "\n"


def write(calls: Iterable[Call], town: Town, wish: Wish, file: Path) -> Path:
    """Write the table (gzipped where its name ends in .gz), ``mapping.toml`` beside it; return it.

    Raises OSError where it cannot.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    text = table(calls).encode("utf-8")
    file.write_bytes(gzip.compress(text, mtime=0) if file.suffix == ".gz" else text)
    beside = file.with_name(MAPPING_FILE)
    beside.write_text(mapping(town, wish), encoding="utf-8")
    return beside
