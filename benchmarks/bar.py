"""How long the server takes from a key in the command bar to what it would do.

    python -m benchmarks.bar [--incidents 500] [--rounds 5]

A centre of the packaged town with all its units on duty and many incidents open, half of them with
a unit on the way; somebody types lines of the trade key by key, and after each key the whole
answer is made: read, place looked up, decided on the present state, clocks foretold, offers ranked,
drawn as HTML. The times are of the processor, so that a busy machine shows the same. Prints one
JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from answerable.console.app import App
from answerable.console.centre import Centre, open_centre
from answerable.console.session import Session
from answerable.dispatch import words as dispatch
from answerable.exchange.calls.mapping import load_mapping
from answerable.exchange.calls.rows import read_calls
from answerable.intake import words as intake
from answerable.kernel.authority import Actor
from answerable.kernel.clock import PacedClock
from answerable.kernel.event import Command
from answerable.kernel.hub import Accepted
from answerable.record.memory import MemoryStore
from answerable.towns.load import read_units, town_folder

NOON_US = 1_585_854_000_000_000
ACTOR = Actor(name="supervisor", role="supervisor")
LINES = (
    "/send E03 E36 to #{other}",
    "/send all",
    "/clear {busy} taken to hospital",
    "/note 55 year old man, chest pain, second floor",
    "/kind structure fire because smoke is seen",
    "/hold until +20m nobody is free",
    "/oos E07 until 14:30 refuelling",
    "/open vehicle fire 3 at larkin & golden gate",
    "/find 1500 market",
    "/close #{other} false alarm",
    "/message {busy} use the north gate",
    "派E03",
)


class Bench:
    """A centre with many incidents, and somebody at its bar."""

    def __init__(self, folder: Path, incidents: int) -> None:
        clock = PacedClock(NOON_US, 1.0)
        self.centre: Centre = open_centre(
            folder, "san_francisco", clock, store=MemoryStore(), on_fatal=lambda why: None
        )
        self.keys = 0
        self.numbers = self._fill(incidents)
        self.app = App(self.centre, None)
        self.session = Session(ACTOR, "token")

    def _do(self, command: type[Command], **fields: Any) -> Any:
        self.keys += 1
        outcome = self.centre.hub.do(command(key=f"bench-{self.keys}", **fields), ACTOR)
        if not isinstance(outcome, Accepted):
            raise SystemExit(f"the centre could not be filled: {outcome}")
        return outcome.recorded[0].event

    def _fill(self, incidents: int) -> list[str]:
        folder = town_folder("san_francisco")
        text = (folder / "units.csv").read_text(encoding="utf-8")
        units = [unit for unit in read_units(text) if unit.unit_type != "AIRPORT"]
        for unit in units:
            self._do(dispatch.PutOnDuty, unit=unit.unit, unit_type=unit.unit_type,
                     station=unit.station, skills=unit.skills)  # fmt: skip
        source = read_calls(folder / "calls.csv.gz", load_mapping(folder / "mapping.toml"), 10**16)
        numbers = []
        for row in source.rows:
            if row.point is None or row.kind not in self.centre.town.kinds:
                continue
            lon, lat = row.point
            call = self._do(intake.AnswerCall).call
            opened = self._do(intake.OpenIncident, call=call, kind=row.kind, priority="3",
                              address=f"{lat:.4f} {lon:.4f}", lon=lon, lat=lat)  # fmt: skip
            numbers.append(opened.incident)
            if len(numbers) == incidents:
                break
        for number, unit in zip(numbers[::2], units[60:], strict=False):
            self._do(dispatch.SendUnit, incident=number, unit=unit.unit)
        self.centre.hub.commit()
        return numbers

    def typed(self) -> Iterator[str]:
        """Yield what stands in the line after every key."""
        board = self.centre.board
        busy = next(name for name, unit in board.units.items() if unit.incident)
        for line in LINES:
            whole = line.format(other=self.numbers[-1], busy=busy)
            yield from (whole[:size] for size in range(1, len(whole) + 1))

    async def one(self, line: str) -> tuple[float, float]:
        """Return how long one answer takes, milliseconds: of the processor, and of the clock."""
        phrases = self.app.front.phrases("en")
        began, wall = time.process_time(), time.perf_counter()
        panel = await self.app.bar.panel(self.session, phrases, line, len(line), self.numbers[0])
        phrases.lang.render("parts/bar.html", panel=panel)
        took = time.process_time() - began
        return took * 1000, (time.perf_counter() - wall) * 1000


def figures(took: list[float]) -> dict[str, float]:
    """Return median, 99th percentile and the longest."""
    took = sorted(took)
    p99 = took[int(0.99 * len(took))]
    return {"p50": round(statistics.median(took), 3), "p99": round(p99, 3),
            "max": round(took[-1], 3)}  # fmt: skip


async def typing(bench: Bench, rounds: int) -> tuple[list[float], list[float]]:
    """Type every line ``rounds`` times; the first round only warms up."""
    cpu, wall = [], []
    for round_ in range(rounds + 1):
        for line in bench.typed():
            took = await bench.one(line)
            if round_:
                cpu.append(took[0])
                wall.append(took[1])
    return cpu, wall


def measure(incidents: int, rounds: int) -> dict[str, object]:
    """Type lines key by key at a centre with so many open incidents."""
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), incidents)
        try:
            cpu, wall = asyncio.run(typing(bench, rounds))
        finally:
            bench.centre.close()
        return {
            "incidents": incidents, "units": len(bench.centre.board.units), "keys": len(cpu),
            "cpu_ms": figures(cpu), "wall_ms": figures(wall),
        }  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--incidents", type=int, default=500)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    print(json.dumps(measure(asked.incidents, asked.rounds)))


if __name__ == "__main__":
    main()
