"""The process that meets real faults: it writes a record, and says what was acknowledged.

Run by ``real`` as ``python -m answerable.planning.faults.victim RECORD SEED``. Each line on
standard output is one acknowledgement: the size and the root. What is refused is tried once more,
as a person would; the exit code says how it ended.
"""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

from answerable.kernel.event import SealedValue
from answerable.kernel.hub import commitment_of
from answerable.kernel.store import CannotRecord, CommitFailed, Head, Snapshot, StoreRefusal
from answerable.planning.faults.rows import SALT, row_at
from answerable.record.sqlite import SqliteStore

BATCHES = 6
DONE, UNKNOWN, REFUSED, NOT_OPENED = 0, 3, 4, 5
"""How it ended: everything recorded, a failed commit, refused twice, not opened."""


def say(head: Head) -> None:
    """Acknowledge: one whole line in one write."""
    os.write(1, f"{head.size} {head.root.hex()}\n".encode())


def append(store: SqliteStore, dice: random.Random) -> None:
    """Append one batch with a sealed word; what is refused is sent once more."""
    first = store.head().size + 1
    span = range(first, first + dice.randint(1, 6))
    said = f"words {first}"
    rows = [row_at(n, store.epoch, store._last_us + n, said if n == first else "") for n in span]
    commitment = commitment_of("words", SALT, said)
    sealed = [SealedValue(first, rows[0].stream, "words", commitment, SALT, said)]
    try:
        store.append(rows, sealed)
    except CannotRecord:
        store.append(rows, sealed)


def write(path: Path, seed: int) -> int:
    """Open the record, write and close it; returns the exit code."""
    dice = random.Random(seed)
    try:
        store = SqliteStore.open(path)
    except StoreRefusal as refusal:
        print(refusal, file=sys.stderr)
        return NOT_OPENED
    try:
        store._db.execute("PRAGMA wal_autocheckpoint = 12")
        say(store.head())
        for n in range(BATCHES):
            append(store, dice)
            say(store.head())
            if n == BATCHES // 2:
                store.save_snapshot("drill", Snapshot(store.head().size, dice.randbytes(5000)))
    except CannotRecord as refusal:
        print(refusal, file=sys.stderr)
        return REFUSED
    except CommitFailed as failed:
        print(failed, file=sys.stderr)
        return UNKNOWN
    finally:
        store.close()
    return DONE


if __name__ == "__main__":
    sys.exit(write(Path(sys.argv[1]), int(sys.argv[2])))
