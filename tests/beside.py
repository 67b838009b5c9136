"""Two processes share the tests: each takes the next file that nobody has (ADR 0008).

``pytest --beside`` starts another pytest, which goes through the files from the other end. Whoever
comes to a file first has it; they meet where the work is done. The other writes down what came of
its files: how many tests passed, which refusals they provoked. The tests that look back over the
whole run wait for that, and so does the summary, which counts both. On two cores it takes about
half the time; without ``--beside`` it is one process.
"""

from __future__ import annotations

import itertools
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

TELL = "ANSWERABLE_TESTS_TELL"
WAIT_S_MAX = 1_500.0
COUNTED = ("passed", "failed", "error", "skipped", "xfailed", "xpassed")
KEY: pytest.StashKey[Beside] = pytest.StashKey()
TOLD: pytest.StashKey[Path] = pytest.StashKey()


class Beside:
    """The other process, and what it told once it had ended."""

    def __init__(self, root: Path, words: Sequence[str]) -> None:
        """Start it with the same words on its command line."""
        self.place = Path(tempfile.mkdtemp(prefix="tests-beside-"))
        self.log, self.told = self.place / "log.txt", self.place / "told.json"
        command = [sys.executable, "-m", "pytest", *words]
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
            return {"exit": 3, "stats": {"error": 1}, "codes": []}
        found: dict[str, Any] = json.loads(self.told.read_text("utf-8"))
        return found

    def stop(self) -> None:
        """End it where this run is broken off."""
        if self.process.poll() is None:
            self.process.terminate()


# -- who runs what ---------------------------------------------------------------------------


def begin(config: pytest.Config) -> None:
    """Start the other process where that is asked for; be it, where another one says so."""
    if told := os.environ.pop(TELL, ""):  # not for a pytest that a test starts
        config.stash[TOLD] = Path(told)
    elif config.getoption("--beside") and not config.getoption("--collect-only"):
        words = [word for word in config.invocation_params.args if word != "--beside"]
        config.stash[KEY] = Beside(config.rootpath, words)


def claims(config: pytest.Config) -> Path | None:
    """Return the folder in which files of tests are claimed; None in a run of one process."""
    if (other := config.stash.get(KEY, None)) is not None:
        return other.place
    told = config.stash.get(TOLD, None)
    return told.parent if told else None


def claimed(items: Sequence[pytest.Item], place: Path, *, first: bool) -> Iterator[pytest.Item]:
    """Yield the tests of each file that this process was first to claim, a file at a time.

    ``first`` is the process that began: it goes forward, and has the tests that look back.
    """
    looking_back = [item for item in items if item.get_closest_marker("last")]
    others = (item for item in items if item not in looking_back)
    files = [list(group) for _path, group in itertools.groupby(others, lambda item: item.path)]
    for group in files if first else reversed(files):
        name = group[0].nodeid.partition("::")[0].replace("/", "+")
        try:
            os.close(os.open(place / name, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            continue
        yield from group
    yield from looking_back if first else []


def run(session: pytest.Session, place: Path) -> bool:
    """Run the tests that fall to this process; the next file is claimed with a file's last test."""
    items = claimed(session.items, place, first=KEY in session.config.stash)
    item = next(items, None)
    while item is not None:
        following = next(items, None)
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)
        item = following
    return True


# -- what came of it -------------------------------------------------------------------------


def tell(config: pytest.Config, status: int, codes: set[str]) -> None:
    """Write down what came of this process, where another one waits for it."""
    if (place := config.stash.get(TOLD, None)) is None:
        return
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    stats = {name: len(found) for name, found in reporter.stats.items() if name}
    body = {"exit": int(status), "stats": stats, "codes": sorted(codes)}
    place.write_text(json.dumps(body), "utf-8")


def summed(reporter: Any, beside: Beside) -> None:
    """Show the output of the other process, and count its tests in the summary of this one."""
    told = beside.ended()
    reporter.write_sep("=", "the process beside")
    reporter.write_line(beside.log.read_text("utf-8", "replace"))
    for name in COUNTED:
        reports = [counted(name)] * told["stats"].get(name, 0)
        reporter.stats.setdefault(name, []).extend(reports)


def counted(name: str) -> pytest.TestReport:
    """Return a test of the other process, as the summary counts it; its story stands above."""
    why: Any = ("tests", 0, "its reason stands above") if name == "skipped" else "see above"
    return pytest.TestReport(
        nodeid="the process beside", location=("tests", 0, "tests"), keywords={},
        outcome="failed" if name in ("failed", "error") else name, longrepr=why, when="call",
    )  # type: ignore[arg-type]  # fmt: skip
