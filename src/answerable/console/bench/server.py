"""The server that is measured: a real ``answerable serve`` in a process of its own.

Its record is a new one in a folder of its own. The tokens of the load are issued into that record
before the server opens it, by the same rule that an administrator's command goes through.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from answerable.access.keys import new_word, token_text
from answerable.access.words import IssueToken
from answerable.console.bench.wire import BenchRefused, Target
from answerable.console.control import OPERATOR
from answerable.kernel.clock import SystemClock
from answerable.kernel.hub import Accepted, Ask

ROLE = "supervisor"
DAY_US = 86_400_000_000
START_S_MAX = 60.0
STOP_S_MAX = 15.0
PER_S = 20_000
"""The pace the measured server is set to: the limit of a client is not what is measured."""


@dataclass(frozen=True, slots=True)
class Served:
    """A running server: where it is, one token a client, and its process (0: somebody else's)."""

    host: str
    port: int
    tokens: tuple[str, ...]
    pid: int = 0

    def target(self, client: int = 0) -> Target:
        """Return where a client sends, with its own token."""
        return Target(self.host, self.port, self.tokens[client % len(self.tokens)])

    def memory_mb(self) -> float | None:
        """Return the resident memory of the server's process, MB; None where it is not ours."""
        return resident_mb(self.pid) if self.pid else None


def resident_mb(pid: int) -> float:
    """Return the resident memory of a process, MB (Linux)."""
    told = Path(f"/proc/{pid}/status").read_text("ascii")
    found = re.search(r"VmRSS:\s+(\d+) kB", told)
    return round(int(found[1]) / 1024, 1) if found else 0.0


def issue_tokens(data: Path, town: str, count: int) -> tuple[str, ...]:
    """Issue tokens into a new record, as its operator. Raises TownRefused, StoreRefusal."""
    from answerable.console.centre import open_centre

    centre = open_centre(data, town, SystemClock(), on_fatal=lambda _why: None)
    made = []
    try:
        for number in range(count):
            word, name = new_word(), f"bench-{number:02d}"
            command = IssueToken(
                key=f"bench-token-{number}", token=name, label="measured load", role=ROLE,
                digest=word.digest, until=SystemClock().now_us() + DAY_US,
            )  # fmt: skip
            [outcome] = centre.hub.handle([Ask(command, OPERATOR)])
            if not isinstance(outcome, Accepted):
                raise BenchRefused(f"Not measured. No token could be issued: {outcome}. Report it.")
            made.append(token_text(name, word.text))
    finally:
        centre.close()
    return tuple(made)


@contextlib.contextmanager
def served(town: str, clients: int, folder: Path | None = None) -> Iterator[Served]:
    """Run a server on a new record until the block ends. Raises BenchRefused."""
    with contextlib.ExitStack() as stack:
        place = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        data = place / "data"
        tokens = issue_tokens(data, town, clients)
        settings = place / "serve.toml"
        settings.write_text(
            f'town = "{town}"\ndata = "data"\nport = 0\n'
            f"[limits]\ncommands_per_s = {PER_S}\ncommand_burst = {PER_S}\n"
            '[log]\nlevel = "warning"\n',
            "utf-8",
        )
        log = stack.enter_context((place / "server.log").open("w+"))
        process = subprocess.Popen(  # noqa: S603 - our own program, no shell
            [sys.executable, "-m", "answerable.console.cli", "serve", "--settings", str(settings)],
            stdout=subprocess.PIPE, stderr=log, text=True, env=os.environ | {"LANG": "C.UTF-8"},
        )  # fmt: skip
        stack.callback(_stop, process)
        host, port = _address(process, place / "server.log")
        yield Served(host, port, tokens, process.pid)


def _address(process: subprocess.Popen[str], log: Path) -> tuple[str, int]:
    """Wait until the server says where it is. Raises BenchRefused with the end of its log."""
    assert process.stdout is not None
    until_s = time.monotonic() + START_S_MAX
    while time.monotonic() < until_s:
        line = process.stdout.readline()
        if found := re.search(r"http://([\d.]+):(\d+)", line):
            return found[1], int(found[2])
        if not line and process.poll() is not None:
            break
    tail = log.read_text("utf-8", "replace").strip().splitlines()[-3:]
    raise BenchRefused(f"Not measured. The server did not start: {' '.join(tail)} Look at that.")


def _stop(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_S_MAX)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
