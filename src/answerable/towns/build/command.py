"""``answerable town build`` as a command: what is told, where, and the exit code."""

from __future__ import annotations

import sys

import msgspec

from answerable.towns.build.options import BuildOptions, BuildRefused
from answerable.towns.build.report import Report


def run_build(options: BuildOptions, *, as_json: bool) -> int:
    """Build the town; progress goes to stderr, the report to stdout. Returns the exit code."""
    from answerable.towns.build.town import build_town

    try:
        folder, report = build_town(options, _say)
    except BuildRefused as refusal:
        print(refusal, file=sys.stderr)
        return 2
    if as_json:
        print(msgspec.json.format(msgspec.json.encode(report), indent=1).decode())
        return 0
    print(_summary(report))
    print(f"The town is in {folder}; BUILD.md there says what was left out.")
    return 0


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _summary(report: Report) -> str:
    """Return what was made in three lines."""
    units = sum(report.stations.units_made_up.values())
    stations = sum(report.stations.by_type.values())
    return "\n".join((
        f"{report.streets.segments:,} street segments between {report.pieces.junctions:,} "
        f"junctions, {report.pieces.in_largest:,} of which reach each other.",
        f"{stations} stations with {units} made-up units, {len(report.areas.density)} areas, "
        f"{report.names.addresses:,} house numbers, {report.names.places:,} named places.",
        f"{report.turn_restrictions.in_map} turn restrictions are in the map and are not kept.",
    ))  # fmt: skip
