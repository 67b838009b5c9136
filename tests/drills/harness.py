"""Killing a writer at a random moment, and looking at what it left."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from answerable.kernel.store import Head
from answerable.record import opening
from answerable.record.fsck import fsck
from answerable.record.rebuild import Rebuild
from answerable.record.sqlite import SqliteStore
from tests.drills.writer import SEALED_EVERY, row_at, words_at

ROOT = Path(__file__).parents[2]
ROUNDS = int(os.environ.get("ANSWERABLE_DRILL_ROUNDS", "12"))
"""How often a writer is killed: 12 in the short set, 200 in ``make drill``."""
SEED = int(os.environ.get("ANSWERABLE_DRILL_SEED", str(random.SystemRandom().getrandbits(32))))
"""Printed with every failure; set it to see the same moments again."""


class Broken(AssertionError):
    """A promise of the record was broken."""


class Killed(NamedTuple):
    """What a killed writer had acknowledged."""

    acknowledged: list[Head]
    opened: bool


def command(path: Path, seed: int, mode: str) -> list[str]:
    """Return the command line of a writer."""
    return [sys.executable, "-m", "tests.drills.writer", str(path), str(seed), mode]


def heads_in(output: bytes) -> list[Head]:
    """Return the acknowledgements in a writer's output; a line cut by the kill was never read."""
    whole = output[: output.rfind(b"\n") + 1].splitlines()
    return [Head(int(size), bytes.fromhex(root.decode())) for size, root in map(bytes.split, whole)]


def run_and_kill(path: Path, seed: int, mode: str) -> Killed:
    """Start a writer and kill it at a random moment: while it opens, or while it writes."""
    dice = random.Random(seed)
    process = subprocess.Popen(command(path, seed, mode), stdout=subprocess.PIPE, cwd=ROOT)
    assert process.stdout is not None
    first = b""
    if dice.random() < 0.85:
        first = process.stdout.readline()
        time.sleep(dice.random() * 0.15)
    else:
        time.sleep(dice.random() * 0.5)
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read()
    process.wait()
    process.stdout.close()
    return Killed(heads_in(first + rest), bool(first))


def check_after(
    path: Path, killed: Killed, rebuild: Callable[[], Rebuild] | None = None
) -> SqliteStore:
    """Restart on what was left; raises Broken where a promise does not hold."""
    try:
        store = SqliteStore.open(path)
    except Exception as refusal:
        raise Broken(f"the restart was refused: {refusal}") from refusal
    for head in killed.acknowledged:
        if head.size > store.head().size:
            raise Broken(f"{head.size} were acknowledged, {store.head().size} are there")
        if head.size:
            found = store._db.execute(opening.SQL["head_at"], (head.size,)).fetchone()
            if found is None or found[0] != head.root:
                raise Broken(f"another tree head at {head.size} than acknowledged")
    report = fsck(path, rebuild=rebuild)
    if not report.sound:
        raise Broken(report.text())
    return store


def check_content(store: SqliteStore) -> bool:
    """Compare every row and sealed value with what the writer must have written.

    Returns whether all sealed values are there; raises Broken where anything is another.
    """
    for row in store.rows():
        if row != row_at(row.position, row.epoch):
            raise Broken(f"position {row.position} is not what was written")
    complete = True
    for position in range(1, store.head().size + 1):
        kept = words_at(position) if position % SEALED_EVERY == 0 else None
        found = store.unseal(position, "words")
        if found not in (kept, None):
            raise Broken(f"the sealed words of position {position} are others")
        complete = complete and found == kept
    return complete
