"""How long it takes to say which incidents a call may be about, among many open and recent ones.

    python -m benchmarks.nearby [--incidents 10000] [--asks 2000]

Incidents lie at the places of real calls of the packaged town, opened over the last four hours,
half of them open; every ask is for another real place. Beside it the same by trying every incident,
which must give the same answer, and asks at the one place where all incidents lie. The times are of
the processor, so that a busy machine shows the same. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable, Iterable

from answerable.dispatch.nearby import RECENT_US, Asked, Candidate, Nearby, among
from answerable.dispatch.views import Board, IncidentLine
from answerable.exchange.calls.mapping import load_mapping
from answerable.exchange.calls.rows import read_calls
from answerable.place.town_places import load_places
from answerable.towns.load import load_town, town_folder

NOW_US = 1_585_854_000_000_000
Place = tuple[str, float, float]


def made(places: Iterable[Place], pick: random.Random) -> Board:
    """Return a board of incidents at these places, every other one closed."""
    board = Board()
    for n, (kind, lon, lat) in enumerate(places):
        opened_us = NOW_US - pick.randrange(RECENT_US)
        one = IncidentLine(f"i{n:06d}", kind, "3", "x", opened_us, lon=lon, lat=lat)
        one.state = "closed" if n % 2 else "open"
        (board.closed if n % 2 else board.incidents)[one.incident] = one
    return board


def timed(ask: Callable[[Place], list[Candidate]], places: list[Place]) -> dict[str, float]:
    """Return how long asks take, milliseconds: median, 99th percentile, the longest."""
    ask(places[0])
    took = []
    for place in places:
        began = time.thread_time()
        ask(place)
        took.append((time.thread_time() - began) * 1000)
    took.sort()
    p99 = took[int(0.99 * len(took))]
    figures = {"ms_p50": statistics.median(took), "ms_p99": p99, "ms_max": took[-1]}
    return {name: round(value, 3) for name, value in figures.items()}


def measure(incidents: int, asks: int, seed: int = 1) -> dict[str, object]:
    """Ask ``asks`` times among ``incidents``."""
    folder = town_folder("san_francisco")
    town = load_town(folder)
    town.places = load_places(folder)
    pick = random.Random(seed)
    source = read_calls(folder / "calls.csv.gz", load_mapping(folder / "mapping.toml"), 10**16)
    rows = [row for row in source.rows if row.point is not None and row.kind in town.kinds]
    real: list[Place] = [(row.kind, *row.point) for row in rows]  # type: ignore[list-item]
    board = made(pick.choices(real, k=incidents), pick)
    index = Nearby(board, town)
    lines = [*board.incidents.values(), *board.closed.values()]

    def tried(place: Place) -> list[Candidate]:
        asked = Asked(place[0], *index.likeness.plane.xy(*place[1:]), NOW_US)
        return among(lines, board.line, index.likeness, asked, 5)

    places = pick.choices(real, k=asks)
    if any(index.like(*place, NOW_US) != tried(place) for place in places[:20]):
        raise SystemExit("the index and trying every incident do not give the same")
    alike = Nearby(made([real[0]] * incidents, pick), town)
    return {
        "incidents": incidents,
        "asks": asks,
        **timed(lambda place: index.like(*place, NOW_US), places),
        "trying_every_incident": timed(tried, places[:20]),
        "all_at_one_place": timed(lambda _: alike.like(*real[0], NOW_US), places[:20]),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--incidents", type=int, default=10_000)
    parser.add_argument("--asks", type=int, default=2000)
    options = parser.parse_args()
    print(json.dumps(measure(options.incidents, options.asks), indent=2))


if __name__ == "__main__":
    main()
