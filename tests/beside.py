"""The tests of the console run beside all others: a second process, one summary (ADR 0008).

``pytest --beside`` starts another pytest on ``tests/console`` and leaves these tests out. The other
writes down what came of it: how many passed, which refusals it provoked, which files took
part. The tests that look back over the whole run wait for that, and so does the summary, which
counts both. On two cores it takes about half the time; without ``--beside`` it is one process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

PART = "tests/console"
TELL = "ANSWERABLE_TESTS_TELL"
WAIT_S_MAX = 1_500.0
COUNTED = ("passed", "failed", "error", "skipped", "xfailed", "xpassed")
KEY: pytest.StashKey[Beside] = pytest.StashKey()


class Beside:
    """The other process, and what it told once it had ended."""

    def __init__(self, root: Path) -> None:
        """Start it."""
        self.place = Path(tempfile.mkdtemp(prefix="tests-beside-"))
        self.log, self.told = self.place / "log.txt", self.place / "told.json"
        command = [sys.executable, "-m", "pytest", PART]
        with self.log.open("w") as out:
            self.process = subprocess.Popen(
                command, cwd=root, stdout=out, stderr=subprocess.STDOUT,
                env=os.environ | {TELL: str(self.told)},
            )  # fmt: skip

    def ended(self) -> dict[str, Any]:
        """Wait for its end; return what it told, with a fault where it told nothing."""
        until_s = time.monotonic() + WAIT_S_MAX
        while self.process.poll() is None and time.monotonic() < until_s:
            time.sleep(0.2)
        if self.process.poll() is None:
            self.process.kill()
        if not self.told.is_file():
            return {"exit": 3, "stats": {"error": 1}, "codes": [], "paths": []}
        found: dict[str, Any] = json.loads(self.told.read_text("utf-8"))
        return found

    def stop(self) -> None:
        """End it where this run is broken off."""
        if self.process.poll() is None:
            self.process.terminate()


def tell(config: pytest.Config, status: int, codes: set[str], paths: set[Path]) -> None:
    """Write down what came of this process, where another one waits for it."""
    if not (place := os.environ.get(TELL)):
        return
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    stats = {name: len(found) for name, found in reporter.stats.items() if name}
    body = {"exit": int(status), "stats": stats, "codes": sorted(codes),
            "paths": [str(path) for path in sorted(paths)]}  # fmt: skip
    Path(place).write_text(json.dumps(body), "utf-8")


def summed(reporter: Any, beside: Beside) -> None:
    """Show the output of the other process, and count its tests in the summary of this one."""
    told = beside.ended()
    reporter.write_sep("=", f"{PART}, run beside")
    reporter.write_line(beside.log.read_text("utf-8", "replace"))
    for name in COUNTED:
        reports = [counted(name)] * told["stats"].get(name, 0)
        reporter.stats.setdefault(name, []).extend(reports)


def counted(name: str) -> pytest.TestReport:
    """Return a test of the other process, as the summary counts it; its story stands above."""
    why: Any = (PART, 0, "its reason stands above") if name == "skipped" else "see above"
    return pytest.TestReport(
        nodeid=f"{PART} (run beside)", location=(PART, 0, PART), keywords={},
        outcome="failed" if name in ("failed", "error") else name, longrepr=why, when="call",
    )  # type: ignore[arg-type]  # fmt: skip
