"""How long a centre with a long record takes to start: from the first event, and from a snapshot.

    python benchmarks/start.py [--events 1000000] [--folder DIR]

Fills a record by sending the packaged town's calls through the real hub and the real store again
and again, each round under other numbers and twelve days later, then opens it in fresh processes.
Prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

DAYS_US = 13 * 86_400_000_000


def fill(path: Path, events: int) -> dict[str, float]:
    """Record at least ``events`` events; return how many, in what time, and the file's size."""
    from answerable.console.centre import adopt_standards
    from answerable.exchange.calls.replay import instead
    from answerable.kernel.authority import IMPORTER
    from answerable.kernel.clock import SetClock
    from answerable.kernel.hub import BATCH_MAX, Hub
    from answerable.kernel.ids import SecretIds
    from answerable.record.sqlite import SqliteStore
    from answerable.rooms import product

    town, plan = town_and_plan()
    store, clock = SqliteStore.open(path), SetClock()
    hub = Hub(product(), store, clock=clock, ids=SecretIds(), town=town)
    hub.start()
    clock.set(plan.commands[0].now_us)
    adopt_standards(hub, town)
    began = time.perf_counter()
    for now_us, command in rounds(plan, town, events):
        while (due_us := hub.next_alarm_us()) is not None and due_us < now_us:
            clock.set(due_us)
            hub.ring(due_us)
        clock.set(now_us)
        outcome = hub.do(command, IMPORTER)
        for other in instead(command, outcome):
            hub.do(other, IMPORTER)
        if hub.waiting >= BATCH_MAX:
            hub.commit()
        if hub.position >= events:
            break
    hub.commit()
    hub.save_snapshot()
    seconds = time.perf_counter() - began
    store.close()
    return {"events": hub.position, "fill_s": seconds, "file_mb": path.stat().st_size / 1e6}


def town_and_plan() -> tuple:
    """Return the packaged town with its places, and the plan of its recorded calls."""
    from answerable.exchange.calls.mapping import load_mapping
    from answerable.exchange.calls.plan import plan_calls
    from answerable.exchange.calls.rows import read_calls
    from answerable.place.town_places import load_places
    from answerable.towns.load import load_town, town_folder

    folder = town_folder("san_francisco")
    town = load_town(folder)
    town.places = load_places(folder)
    source = read_calls(folder / "calls.csv.gz", load_mapping(folder / "mapping.toml"), 10**16)
    return town, plan_calls(source, town.kinds)


def rounds(plan: object, town: object, events: int) -> Iterator[tuple[int, object]]:
    """Yield (moment, command) for as many rounds of the plan as ``events`` can need."""
    from answerable.dispatch.words import PutOnDuty

    commands = plan.commands
    for found in plan.units:
        spec = town.units.get(found.unit)
        yield (
            commands[0].now_us,
            PutOnDuty(
                key=f"duty:{found.unit}",
                unit=found.unit,
                unit_type=found.unit_type or "ENGINE",
                station=spec.station if spec else "",
                skills=spec.skills if spec else (),
            ),
        )
    for turn in range(events // len(commands) + 2):
        for planned in commands:
            command, shift_us = planned.command, turn * DAYS_US
            names = {
                name: f"{getattr(command, name)}r{turn}"
                for name in ("call", "incident", "key")
                if getattr(command, name, None)
            }
            at_us = None if command.at is None else command.at + shift_us
            yield planned.now_us + shift_us, msgspec.structs.replace(command, at=at_us, **names)


def start(path: Path, how: str) -> dict[str, float]:
    """Open the record as a centre does; return seconds and the memory it takes (MB)."""
    import gc

    from answerable.kernel.clock import SystemClock
    from answerable.kernel.hub import Hub
    from answerable.kernel.ids import SecretIds
    from answerable.record.sqlite import SqliteStore
    from answerable.rooms import product

    rooms = product()
    began = time.perf_counter()
    gc.disable()
    store = SqliteStore.open(path)
    hub = Hub(rooms, store, clock=SystemClock(), ids=SecretIds())
    replayed = hub.start(use_snapshot=how == "snapshot")
    seconds = time.perf_counter() - began
    status = Path("/proc/self/status").read_text()
    rss_mb = int(status.partition("VmRSS:")[2].split()[0]) / 1024
    store.close()
    return {"start_s": seconds, "replayed": replayed, "events": hub.position, "rss_mb": rss_mb}


def main() -> None:
    """Run the whole benchmark, or (for its child processes) one start."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--start", choices=["zero", "snapshot"])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        path = (options.folder or Path(temporary)) / "start.sqlite"
        if options.start:
            print(json.dumps(start(path, options.start)))
            return
        result: dict[str, object] = {"fill": fill(path, options.events)}
        for how in ("zero", "snapshot"):
            command = [sys.executable, __file__, "--folder", str(path.parent), "--start", how]
            runs = [
                json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
                for _ in range(3)
            ]
            result[how] = sorted(runs, key=lambda run: run["start_s"])[1]
        print(json.dumps(result, indent=2))


if __name__ == "__main__":
    main()
