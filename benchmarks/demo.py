"""The demo as a newcomer meets it: command typed -> console answering, and the memory it takes.

    python -m benchmarks.demo [--seconds 30]

Starts ``answerable demo`` on a free port of the loopback with a fresh record, waits for the board
with a unit under way, lets it run at 60 times real time, and reads the memory of the process.
What installing takes is measured by ``make clone-check``. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import http.cookiejar
import json
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

WAIT_S_MAX = 90


def free_port() -> int:
    """Return a port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def rss_mb(pid: int) -> float:
    """Return the resident memory of a process, MB."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


def units_under_way(opener: urllib.request.OpenerDirector, base: str) -> int:
    """Return how many units are moving on the board, or 0 while it does not answer yet."""
    try:
        opener.open(f"{base}/demo/sign-in/dispatcher", timeout=2).read()
        board = json.load(opener.open(f"{base}/api/board", timeout=2))
    except (urllib.error.URLError, OSError):
        return 0
    moving = {"en route", "transporting"}
    return sum(bool(moving & set(unit["jobs"].values())) for unit in board["units"])


def measure(seconds: float) -> dict[str, object]:
    """Start the demo, wait for it, let it run, stop it."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    opener = urllib.request.build_opener(
        urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
    )
    with tempfile.TemporaryDirectory() as data:
        command = [sys.executable, "-m", "answerable.console.cli", "demo"]
        began = time.perf_counter()
        process = subprocess.Popen(
            [*command, "--port", str(port), "--data", data], stdout=subprocess.DEVNULL
        )
        try:
            while not (moving := units_under_way(opener, base)):
                if time.perf_counter() - began > WAIT_S_MAX or process.poll() is not None:
                    raise SystemExit("the demo did not come up")
                time.sleep(0.05)
            ready_s = time.perf_counter() - began
            first_mb = rss_mb(process.pid)
            time.sleep(seconds)
            return {
                "typed_to_moving_units_s": round(ready_s, 2),
                "units_moving_at_first": moving,
                "rss_mb_at_first": round(first_mb, 1),
                f"rss_mb_after_{seconds:g}_s": round(rss_mb(process.pid), 1),
            }
        finally:
            process.terminate()
            process.wait(10)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30)
    print(json.dumps(measure(parser.parse_args().seconds), indent=2))


if __name__ == "__main__":
    main()
