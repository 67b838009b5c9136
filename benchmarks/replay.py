"""How fast recorded calls go through the real hub into a real, synced record.

    python -m benchmarks.replay [--file FILE] [--runs 5]

Each run is a fresh process of ``answerable replay --json`` on the packaged calls (12 whole days of
San Francisco, 8,926 unit rows) unless FILE says otherwise. Prints one JSON object: medians of the
whole command (as typed, with imports), of its own seconds, and of events a second.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

PACKAGED = Path("src/answerable/towns/san_francisco/calls.csv.gz")


def once(file: Path) -> dict[str, float]:
    """Replay once in a fresh process."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "answerable.console.cli", "replay", str(file), "--json"]
    done = subprocess.run(command, check=True, capture_output=True)
    wall_s = time.perf_counter() - began
    told = json.loads(done.stdout)
    assert told["rows_in"] == told["rows_recorded"] + told["rows_reported"]
    return {"wall_s": wall_s, "seconds": told["seconds"], "events": told["events"]}


def measure(file: Path, runs: int) -> dict[str, object]:
    """Replay ``runs`` times; return the medians and every run."""
    done = [once(file) for _ in range(runs)]
    seconds = statistics.median(run["seconds"] for run in done)
    return {
        "file": file.name,
        "runs": runs,
        "events": done[0]["events"],
        "wall_s_p50": round(statistics.median(run["wall_s"] for run in done), 3),
        "seconds_p50": seconds,
        "events_per_s_p50": round(done[0]["events"] / seconds),
        "seconds_of_each": [run["seconds"] for run in done],
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--file", type=Path, default=PACKAGED)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    print(json.dumps(measure(options.file, options.runs), indent=2))


if __name__ == "__main__":
    main()
