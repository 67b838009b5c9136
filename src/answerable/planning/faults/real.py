"""Real system calls that fail, or at which the process is killed: by strace, on a real disk.

Slower than an imagined disk and with fewer faults, but with nothing imagined: the product's own
SQLite, the system's own calls. The writer runs as a process of its own (``victim``) under strace,
which lets the n-th call of one kind on the record's own files fail, or kills the process at it.
"""

from __future__ import annotations

import collections
import functools
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from answerable.kernel.store import Head, StoreRefusal
from answerable.planning.faults import victim
from answerable.planning.faults.ledger import EMPTY, Violation, lost
from answerable.planning.faults.results import Outcome
from answerable.planning.faults.rows import RECORD, row_at
from answerable.record.fsck import fsck
from answerable.record.opening import SQL
from answerable.record.sqlite import SqliteStore

WAIT_S = 60
FILES = (
    RECORD, f"{RECORD}-wal", f"{RECORD}-journal", f"{RECORD}-shm", f"{RECORD}.mark",
    f"{RECORD}.lock", "vault.db", "vault.db-journal",
)  # fmt: skip
FAILS = ("error=EIO", "error=ENOSPC", "signal=KILL")
SYNC_FAILS = ("error=EIO", "signal=KILL")
SUFFERS = {
    "openat": FAILS, "pwrite64": FAILS, "write": FAILS, "fsync": SYNC_FAILS,
    "fdatasync": SYNC_FAILS, "ftruncate": SYNC_FAILS, "unlink": SYNC_FAILS,
    "rename": SYNC_FAILS,
}  # fmt: skip
"""Calls that decide whether an event survives, and what is made of them."""
ENDS = (victim.DONE, victim.UNKNOWN, victim.REFUSED, victim.NOT_OPENED, -signal.SIGKILL)
"""How a process may end under a fault; a traceback (1) is none of them."""
CALL = re.compile(r"^\d+ +(\w+)\(", re.MULTILINE)


class Point(NamedTuple):
    """The n-th call of a kind, and what happens to it."""

    call: str
    number: int
    how: str

    def text(self) -> str:
        """Return it as strace takes it."""
        return f"{self.call}:{self.how}:when={self.number}"


def possible() -> bool:
    """Say whether strace is installed."""
    return shutil.which("strace") is not None


def drill(seed: int, points: int = 0) -> Outcome:
    """Let ``points`` of a seed's calls fail, all of them for 0."""
    outcome = Outcome("real faults", seeds=1)
    everyone = _points(seed)
    dice = random.Random(f"{seed} real")
    chosen = dice.sample(everyone, points) if 0 < points < len(everyone) else everyone
    for point in chosen:
        outcome.count(f"{point.call}: {point.how}")
        try:
            with tempfile.TemporaryDirectory(prefix="drill-") as folder:
                outcome.acknowledged += _suffer(Path(folder).resolve(), seed, point)
        except Violation as violation:
            again = ["faults", "--real", "--seed", str(seed), "--seeds", "1"]
            again += ["--points", str(points)] if points else ["--points", "0"]
            outcome.find(seed, f"{violation} ({point.text()})", again)
    outcome.distinct = len(set(chosen))
    return outcome


@functools.cache
def _points(seed: int) -> list[Point]:
    """Return every point of a seed, from a run in which nothing fails."""
    with tempfile.TemporaryDirectory(prefix="drill-") as name:
        folder = Path(name).resolve()
        log = folder / "calls"
        _run(folder, seed, ["-e", f"trace={','.join(SUFFERS)}", "-o", str(log)])
        counts = collections.Counter(CALL.findall(log.read_text()))
    return [
        Point(call, number, how)
        for call, hows in SUFFERS.items()
        for number in range(1, counts[call] + 1)
        for how in hows
    ]


def _run(folder: Path, seed: int, options: list[str]) -> subprocess.CompletedProcess[bytes]:
    """Run a writer under strace, which looks only at the record's files and their folder."""
    only = [word for file in FILES for word in ("-P", str(folder / file))]
    command = [sys.executable, "-m", victim.__name__, str(folder / RECORD), str(seed)]
    return subprocess.run(  # noqa: S603 - this very program
        [str(shutil.which("strace")), "-f", "-y", *only, "-P", str(folder), *options, *command],
        capture_output=True, timeout=WAIT_S, check=False,
    )  # fmt: skip


def _suffer(folder: Path, seed: int, point: Point) -> int:
    """Run a writer with one fault and look at what it left. Raises Violation."""
    options = ["-e", f"trace={point.call}", "-e", f"inject={point.text()}"]
    ended = _run(folder, seed, [*options, "-o", str(folder / "calls")])
    if ended.returncode not in ENDS:
        last = ended.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise Violation(f"the process ended with {ended.returncode}: {last}")
    acknowledged = _heads(ended.stdout)
    try:
        store = SqliteStore.open(folder / RECORD)
    except StoreRefusal as refusal:
        raise Violation(f"the start was refused: {refusal}") from refusal
    try:
        _check(store, acknowledged)
    finally:
        store.close()
    report = fsck(folder / RECORD)
    if not report.sound:
        raise Violation(f"fsck finds: {report.damage[0].text()}")
    return acknowledged[-1].size


def _heads(output: bytes) -> list[Head]:
    """Return the acknowledgements; a line that the kill cut was never read by anybody."""
    whole = output[: output.rfind(b"\n") + 1].split(b"\n")[:-1]
    pairs = (line.split() for line in whole)
    return [EMPTY, *(Head(int(size), bytes.fromhex(root.decode())) for size, root in pairs)]


def _check(store: SqliteStore, acknowledged: list[Head]) -> None:
    last = acknowledged[-1]
    if store.head().size < last.size:
        raise Violation(lost(last, store.head()))
    for head in acknowledged[1:]:
        found = store._db.execute(SQL["head_at"], (head.size,)).fetchone()
        if head.size and (found is None or found[0] != head.root):
            raise Violation(f"another tree head at {head.size} than the one acknowledged")
    rows = list(store.rows())
    store.append([row_at(len(rows) + 1, store.epoch, store._last_us)])
