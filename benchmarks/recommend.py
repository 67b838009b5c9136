"""How long a whole recommendation takes: run card, road times of every free unit, reasons.

    python -m benchmarks.recommend [--units 500] [--asks 2000]

The packaged town's streets, units and run cards; units are made up to the number asked for. Every
ask is for another incident, at the place of a real call. Prints one JSON object.
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
from answerable.place.town_places import load_places
from answerable.towns.load import load_town, town_folder


def measure(units: int, asks: int, seed: int = 1) -> dict[str, object]:
    """Ask for ``asks`` incidents with ``units`` free units in the town."""
    folder = town_folder("san_francisco")
    town, places = load_town(folder), load_places(folder)
    pick = random.Random(seed)
    specs = pick.choices(list(town.units.values()), k=units)
    board = Board(
        units={
            f"{spec.unit}-{n}": UnitLine(
                f"{spec.unit}-{n}", spec.unit_type, spec.station, spec.skills
            )
            for n, spec in enumerate(specs)
        }
    )
    fleet = Fleet(board, town, places)
    source = read_calls(folder / "calls.csv.gz", load_mapping(folder / "mapping.toml"), 10**16)
    placed = [row for row in source.rows if row.point is not None and row.kind in town.kinds]
    lines = [
        IncidentLine(
            f"i{n}", row.kind, row.priority, row.place, 0, lon=row.point[0], lat=row.point[1]
        )
        for n, row in enumerate(pick.choices(placed, k=asks))
    ]
    took: list[float] = []
    for line in lines:
        began = time.perf_counter()
        fleet.recommend(line, 0)
        took.append((time.perf_counter() - began) * 1000)
    took.sort()
    return {
        "units": len(board.units),
        "asks": asks,
        "recommendation_ms_p50": round(statistics.median(took), 4),
        "recommendation_ms_p99": round(took[int(0.99 * len(took))], 4),
        "of_it": "snapping the place, road times of all free units, ranking with reasons",
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
