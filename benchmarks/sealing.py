"""What sealing costs: the same commands with and without a person's words in them.

One command, one JSON object::

    python benchmarks/sealing.py [--lives 1500] [--rounds 12] [--batch 16] [--folder DIR]

Two centres run in one process on one disk: hub, rules and record with the words left empty, and the
same with a caller's number, an exact door, a note in the report, each sealed under the key of its
stream. Every life is a call answered, an incident opened, a unit sent, there, back and clear, and
the incident closed: eight commands, three sealed values, two new keys. The two take turns, and each
goes first as often, so that whatever else the machine does falls on both. ``cost`` is the share of
command throughput that sealing takes: the median over the rounds.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

from answerable.dispatch import words as d
from answerable.intake import words as i
from answerable.kernel.authority import Actor
from answerable.kernel.clock import SystemClock
from answerable.kernel.event import Command
from answerable.kernel.hub import Accepted, Ask, Hub
from answerable.kernel.ids import SecretIds
from answerable.record.sqlite import SqliteStore
from answerable.rooms import product
from answerable.towns.load import load_town, packaged_towns

WHO = Actor(name="a dispatcher", role="dispatcher")
NUMBER, DOOR = "+1 555 0147", "second stairs, flat 14, the blue door"
REPORT = "talked to her in the stairwell; her brother stays with her; nobody hurt"
UNITS = 40


class Side:
    """One centre: its record, its hub, and how far its lives have come."""

    def __init__(self, path: Path, *, sealed: bool) -> None:
        self.sealed = sealed
        self.store = SqliteStore.open(path)
        town = load_town(packaged_towns()["san_francisco"])
        self.hub = Hub(product(), self.store, clock=SystemClock(), ids=SecretIds(), town=town)
        self.hub.start()
        self.lives = 0
        duty: list[Command] = [
            d.PutOnDuty(key=f"duty-{n:04}", unit=f"U{n}", unit_type="ENGINE", station="1")
            for n in range(UNITS)
        ]
        self.do(duty, len(duty))

    def life(self) -> list[Command]:
        """Return the commands of one more life, the words left empty where nothing is sealed."""
        n, self.lives = self.lives, self.lives + 1
        call, incident, unit = f"C{n}", f"I{n}", f"U{n % UNITS}"
        number, door, words = (NUMBER, DOOR, REPORT) if self.sealed else ("", "", "")
        job = {"incident": incident, "unit": unit}
        return [
            i.AnswerCall(key=f"answer-{n:08}", call=call, line="7", number=number),
            i.OpenIncident(
                key=f"open-{n:08}", call=call, incident=incident, kind="Medical Incident",
                priority="3", address="100 Block of MAIN ST", door=door, unverified="no map here",
            ),
            d.SendUnit(key=f"send-{n:08}", **job),
            d.GoEnRoute(key=f"route-{n:08}", **job),
            d.Arrive(key=f"arrive-{n:08}", **job),
            d.ReportBack(key=f"report-{n:08}", code="other", words=words, **job),
            d.ClearUnit(key=f"clear-{n:08}", **job),
            d.CloseIncident(key=f"close-{n:08}", incident=incident, outcome="helped"),
        ]  # fmt: skip

    def do(self, commands: list[Command], batch: int) -> None:
        """Have commands done, so many to a commit; every one must be accepted."""
        for first in range(0, len(commands), batch):
            asks = [Ask(one, WHO) for one in commands[first : first + batch]]
            for outcome in self.hub.handle(asks):
                assert isinstance(outcome, Accepted), outcome

    def round(self, lives: int, batch: int) -> tuple[float, float]:
        """Live so many lives; return commands a second, of the clock and of the processor."""
        commands = [one for _ in range(lives) for one in self.life()]
        begun, cpu = time.perf_counter(), time.process_time()
        self.do(commands, batch)
        took, took_cpu = time.perf_counter() - begun, time.process_time() - cpu
        return len(commands) / took, len(commands) / took_cpu


def measured(folder: Path, lives: int, rounds: int, batch: int) -> dict[str, object]:
    """Let the two take turns; return both throughputs and what sealing costs."""
    sides = Side(folder / "plain.db", sealed=False), Side(folder / "sealed.db", sealed=True)
    for side in sides:
        side.round(lives // 4, batch)  # warm
    gc.collect()
    gc.freeze()
    found: list[tuple[tuple[float, float], tuple[float, float]]] = []
    for n in range(rounds):
        took = {}
        for side in sides if n % 2 else sides[::-1]:
            took[side.sealed] = side.round(lives // rounds, batch)
        found.append((took[False], took[True]))
    for side in sides:
        side.store.close()
    plain, sealed = (statistics.median(one[k][0] for one in found) for k in (0, 1))
    costs = [sorted(1 - sealed[of] / plain[of] for plain, sealed in found) for of in (0, 1)]
    return {
        "plain_per_s": round(plain),
        "sealed_per_s": round(sealed),
        "cost": round(statistics.median(costs[0]), 4),
        "cost_of_the_processor": round(statistics.median(costs[1]), 4),
        "cost_least": round(costs[0][0], 4),
        "cost_most": round(costs[0][-1], 4),
        "lives": lives,
        "batch": batch,
    }


def main() -> int:
    """Run the benchmark and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--lives", type=int, default=6000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--folder", type=Path, default=None)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as folder:
        found = measured(Path(folder), given.lives, given.rounds, given.batch)
    print(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
