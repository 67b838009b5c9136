"""How long a whole recommendation takes: run card, road times of every free unit, reasons.

    python -m benchmarks.recommend [--units 500] [--asks 2000]

The packaged town's streets, units and run cards; units are made up to the number asked for. Every
ask is for another incident, at the place of a real call. It is measured twice over the same asks:
with run cards alone, and with all that the town's ``[sending]`` says, every unit with a crew that
was told, a third of them free for less than their rest, and all of them with a day of work behind
them. ``cpu`` is time of the processor, which other programs do not lengthen. Prints one JSON
object.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time

from answerable.dispatch.fleet import Fleet
from answerable.dispatch.views import Board, IncidentLine, UnitLine
from answerable.exchange.calls.mapping import load_mapping
from answerable.exchange.calls.rows import read_calls
from answerable.place.town_places import Places, load_places
from answerable.towns.load import load_town, town_folder
from answerable.towns.model import Town
from answerable.towns.sending import Sending

US = 1_000_000
NOW_US = 10**15
SPELLS = 12


def board_of(town: Town, units: int, pick: random.Random) -> Board:
    """Make up a board of free units that have worked."""
    specs = pick.choices(list(town.units.values()), k=units)
    made = {}
    for n, spec in enumerate(specs):
        freed_us = NOW_US - pick.choice((100, 1_000, 10_000)) * US
        ends = [freed_us - k * 3_600 * US for k in range(SPELLS)]
        made[f"{spec.unit}-{n}"] = UnitLine(
            f"{spec.unit}-{n}", spec.unit_type, spec.station, spec.skills, freed_us=freed_us,
            staff=pick.choice((3, 5, 5, 5)),
            worked=[(end - 900 * US, end) for end in reversed(ends)],
        )  # fmt: skip
    return Board(units=made)


def lines_of(town: Town, asks: int, pick: random.Random) -> list[IncidentLine]:
    """Return incidents at the places of real calls."""
    folder = town_folder("san_francisco")
    source = read_calls(folder / "calls.csv.gz", load_mapping(folder / "mapping.toml"), 10**16)
    placed = [row for row in source.rows if row.point is not None and row.kind in town.kinds]
    return [
        IncidentLine(
            f"i{n}", row.kind, row.priority, row.place, 0, lon=row.point[0], lat=row.point[1]
        )
        for n, row in enumerate(pick.choices(placed, k=asks))
        if row.point is not None
    ]


def timed(
    town: Town, places: Places, board: Board, lines: list[IncidentLine], sending: Sending
) -> dict[str, float]:
    """Ask for every incident under some rules; return milliseconds."""
    fleet = Fleet(board, town, places, sending_for=lambda _now_us: sending)
    wall: list[float] = []
    began_cpu = time.process_time()
    for line in lines:
        began = time.perf_counter()
        fleet.recommend(line, NOW_US)
        wall.append((time.perf_counter() - began) * 1000)
    cpu_ms = (time.process_time() - began_cpu) * 1000 / len(lines)
    wall.sort()
    return {
        "recommendation_ms_p50": round(statistics.median(wall), 4),
        "recommendation_ms_p99": round(wall[int(0.99 * len(wall))], 4),
        "recommendation_cpu_ms_mean": round(cpu_ms, 4),
    }


def measure(units: int, asks: int, seed: int = 1) -> dict[str, object]:
    """Ask for ``asks`` incidents with ``units`` free units in the town, without rules and with."""
    town, places = (
        load_town(town_folder("san_francisco")),
        load_places(town_folder("san_francisco")),
    )
    pick = random.Random(seed)
    board = board_of(town, units, pick)
    lines = lines_of(town, asks, pick)
    plain = timed(town, places, board, lines, Sending())
    return {
        "units": len(board.units),
        "asks": asks,
        **timed(town, places, board, lines, town.file.sending),
        "run_cards_alone": plain,
        "of_it": "snapping the place, road times of all free units, crew, rest, cover, reasons",
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=500)
    parser.add_argument("--asks", type=int, default=2000)
    options = parser.parse_args()
    print(json.dumps(measure(options.units, options.asks), indent=2))


if __name__ == "__main__":
    main()
