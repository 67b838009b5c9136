"""Every number of the design that this program can show, in one run, beside the machine's own disk.

    python -m benchmarks [--quick] [--only NAME ...]      (``make bench``)

Each part runs in a process of its own, one after the other; parts print JSON, and this prints one
JSON object of them all, with the machine. ``--quick`` uses small sizes: it proves that it runs.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time

PARTS: dict[str, tuple[list[str], list[str]]] = {
    "append": ([], ["--seconds", "1", "--rows", "20000"]),
    "roads": ([], ["--units", "100"]),
    "recommend": ([], ["--asks", "100"]),
    "nearby": ([], ["--incidents", "1000", "--asks", "50"]),
    "taking": ([], ["--incidents", "1000", "--asks", "40"]),
    "bar": ([], ["--incidents", "50", "--rounds", "1"]),
    "display": ([], ["--consoles", "4", "--samples", "40"]),
    "call_backs": ([], ["--calls", "400", "--asks", "3"]),
    "replay": ([], ["--runs", "1"]),
    "start": ([], ["--events", "20000"]),
    "demo": ([], ["--seconds", "3"]),
    "gazetteer": ([], ["--quick"]),
    "serve": ([], ["--quick"]),
    "matters": ([], ["--open", "500", "--asks", "20"]),
    "merkle": ([], ["--leaves", "20003", "--proofs", "2000", "--events", "2000"]),
    "verify": ([], ["--events", "70000"]),
    "sealing": ([], ["--lives", "400", "--rounds", "4"]),
    "repeats": ([], ["--runs", "4", "--looks", "40"]),
    "backup": ([], ["--events", "5000", "--seconds", "1"]),
}
"""The parts with their options: in full, and when quick."""


def run(part: str, options: list[str]) -> object:
    """Run one part and return what it printed."""
    print(f"{part} ...", file=sys.stderr, flush=True)
    began = time.perf_counter()
    command = [sys.executable, "-m", f"benchmarks.{part}", *options]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        return {"failed": done.stderr.strip().splitlines()[-1:]}
    print(f"{part}: {time.perf_counter() - began:.0f} s", file=sys.stderr, flush=True)
    return json.loads(done.stdout)


def machine() -> dict[str, object]:
    """Return what the figures were measured on."""
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "system": platform.system(),
        "load": round(os.getloadavg()[0], 2),
    }


def main() -> int:
    """Run the parts and print one JSON object; 1 where a part failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", nargs="*", choices=list(PARTS), default=list(PARTS))
    options = parser.parse_args()
    result: dict[str, object] = {"machine": machine()}
    for part in options.only:
        full, quick = PARTS[part]
        result[part] = run(part, quick if options.quick else full)
    print(json.dumps(result, indent=2))
    return int(any(isinstance(r, dict) and "failed" in r for r in result.values()))


if __name__ == "__main__":
    sys.exit(main())
