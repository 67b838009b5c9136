"""How fast, and how soon durable, the SQLite record takes events; beside the machine's own sync.

One command, one JSON object::

    python benchmarks/append.py [--offered 10000] [--seconds 10] [--rows 200000] [--folder DIR]

It measures, on the same disk in the same run: fdatasync of one 4 KiB page; the time from an
event's arrival to its being durable while events arrive at the offered rate, whether or not the
record keeps up (an open loop: a stall is counted against every event that arrives during it); and
the throughput of full batches. Keys come in two kinds: ``ordered`` as the console and ``replay``
issue them, and ``random`` as a foreign client may send, the worst case for the key's index.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from answerable.kernel.event import Row
from answerable.record.sqlite import SqliteStore

EVENTS_PER_COMMAND = 2
BATCH_ROWS_MAX = 512
BODY = (
    b'{"incident":"200930004","call":"200930004","kind":"Medical Incident","priority":"3",'
    b'"place":{"address":"100 Block of MAIN ST","lat_e7":377700000,"lon_e7":-1224100000,'
    b'"area":"Financial District/South Beach","class":"core"},'
    b'"words":"sealed:s4nLQbGPC4vk3IsYbBqN2r3Uq0y1fGQ2Zx0l8o3oJxg"}'
)


def percentiles(values_s: list[float]) -> dict[str, float]:
    """Return p50, p90, p99 and max in milliseconds."""
    ordered = sorted(values_s)
    at = {"p50_ms": 0.5, "p90_ms": 0.9, "p99_ms": 0.99, "p99.9_ms": 0.999}
    found = {name: ordered[int(share * (len(ordered) - 1))] for name, share in at.items()}
    return {name: round(s * 1000, 3) for name, s in {**found, "max_ms": ordered[-1]}.items()}


def machine(folder: Path, times: int = 1000) -> dict[str, float]:
    """Measure fdatasync after rewriting one page, as a WAL frame is rewritten."""
    descriptor = os.open(folder / "sync.bin", os.O_RDWR | os.O_CREAT)
    page, took = os.urandom(4096), []
    os.pwrite(descriptor, page * 256, 0)
    os.fsync(descriptor)
    for n in range(times):
        os.pwrite(descriptor, page, 4096 * (n % 256))
        begun = time.perf_counter()
        os.fdatasync(descriptor)
        took.append(time.perf_counter() - begun)
    os.close(descriptor)
    return percentiles(took)


def rows(count: int, keys: str, epoch: int) -> Iterator[Row]:
    """Yield rows as a hub would make them: two events a command, sixty incidents at a time."""
    source = random.Random(1)
    key = ""
    for n in range(1, count + 1):
        if n % EVENTS_PER_COMMAND == 1:
            number = source.getrandbits(128)
            key = f"{number:032x}" if keys == "random" else f"c:{n:012d}:{number >> 96:08x}"
        incident = 200_930_004 + n // 20 - source.randrange(60)
        yield Row(
            n, f"incident:{incident}", "intake.IncidentOpened", 1,
            1_587_000_000_000_000 + n, 1_587_000_000_100_000 + n, "dispatcher.lee", key, epoch,
            BODY,
        )  # fmt: skip


def offered(folder: Path, keys: str, per_s: int, seconds: float) -> dict[str, object]:
    """Offer events at a steady rate; return the time from arrival to durable."""
    store = SqliteStore.open(folder / f"offered-{keys}.db")
    waiting = list(rows(int(per_s * seconds), keys, store.epoch))
    took: list[float] = []
    batches, done = 0, 0
    gc.freeze()
    begun = time.perf_counter()
    while done < len(waiting):
        arrived = min(int((time.perf_counter() - begun) * per_s), len(waiting))
        if arrived == done:
            continue
        end = min(arrived, done + BATCH_ROWS_MAX)
        store.append(waiting[done:end])
        now = time.perf_counter() - begun
        took.extend(now - n / per_s for n in range(done, end))
        done, batches = end, batches + 1
    lasted_s = time.perf_counter() - begun
    gc.unfreeze()
    store.close()
    return {
        "offered_per_s": per_s,
        "taken_per_s": round(done / lasted_s),
        "rows_per_commit": round(done / batches, 1),
        **percentiles(took),
    }


def throughput(folder: Path, keys: str, count: int, batch: int) -> dict[str, object]:
    """Append full batches one after the other, then open and read everything again."""
    path = folder / f"throughput-{keys}-{batch}.db"
    store = SqliteStore.open(path)
    everything = list(rows(count, keys, store.epoch))
    begun = time.perf_counter()
    for first in range(0, count, batch):
        store.append(everything[first : first + batch])
    wrote_s = time.perf_counter() - begun
    store.close()
    begun = time.perf_counter()
    store = SqliteStore.open(path)
    opened_s = time.perf_counter() - begun
    begun = time.perf_counter()
    for _ in store.rows():
        pass
    read_s = time.perf_counter() - begun
    store.close()
    return {
        "rows": count,
        "batch": batch,
        "append_per_s": round(count / wrote_s),
        "append_us_per_row": round(wrote_s / count * 1e6, 2),
        "open_ms": round(opened_s * 1000, 1),
        "read_us_per_row": round(read_s / count * 1e6, 2),
        "bytes_per_row": round(path.stat().st_size / count),
    }


def main() -> int:
    """Measure everything and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--offered", type=int, default=10_000, help="events a second")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long to offer")
    parser.add_argument("--rows", type=int, default=200_000, help="rows for the throughput")
    parser.add_argument("--folder", type=Path, default=None, help="a folder on the disk to measure")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=asked.folder, prefix="append-") as name:
        folder = Path(name)
        result = {
            "fdatasync": machine(folder),
            "offered": {
                keys: offered(folder, keys, asked.offered, asked.seconds)
                for keys in ("ordered", "random")
            },
            "throughput": {
                f"{keys}, batches of {batch}": throughput(folder, keys, asked.rows, batch)
                for keys, batch in (("ordered", 256), ("ordered", 4096), ("random", 256))
            },
            "fdatasync_after": machine(folder),
        }
    json.dump(result, sys.stdout, indent=2)
    print()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
