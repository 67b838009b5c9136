"""The process that a drill kills: it writes, and says what is recorded only after it is.

Run as ``python -m tests.drills.writer RECORD SEED MODE [BATCHES]``; it ends by being killed, or
abruptly after so many batches. Each line on standard output is one
acknowledgement: the position, and the root of the tree there. The modes:

``store``  batches straight into the store, with sealed words and now and then a snapshot;
``hub``    commands through the real hub and the product's own rooms;
``early``  the planted fault: acknowledges a batch before it is committed;
``power``  as ``store``, with a checkpoint every few commits, for the power-cut drill;
``unsynced``  the other planted fault: like ``power``, but commits are not synced to the disk.
"""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

from answerable.kernel.authority import Actor
from answerable.kernel.clock import SystemClock
from answerable.kernel.event import Row, SealedValue
from answerable.kernel.hub import Ask, Hub, commitment_of
from answerable.kernel.ids import SecretIds
from answerable.kernel.store import Head, Snapshot
from answerable.record import tree
from answerable.record.entry import leaf_of
from answerable.record.sqlite import SqliteStore

SALT = b"a salt of drills"
SEALED_EVERY = 7
SNAPSHOT_EVERY = 40
BATCH_MAX = 48


def row_at(position: int, epoch: int) -> Row:
    """The row of a position: the same whoever makes it, so that a reader can tell."""
    words = commitment_of("words", SALT, words_at(position))
    body = f'{{"call":"{position}","words":"{words}","text":"{"x" * (position * 37 % 400)}"}}'
    return Row(
        position, f"call:{position % 50}", "intake.CallRung", 1, position, position, "drill",
        f"key-{position}", epoch, body.encode(),
    )  # fmt: skip


def words_at(position: int) -> str:
    """The sealed words of a position."""
    return f"words {position}"


def sealed_at(position: int) -> SealedValue:
    """The sealed value of a position, as the hub would make it."""
    words, stream = words_at(position), f"call:{position % 50}"
    return SealedValue(position, stream, "words", commitment_of("words", SALT, words), SALT, words)


def say(head: Head) -> None:
    """Acknowledge: one whole line in one write."""
    os.write(1, f"{head.size} {head.root.hex()}\n".encode())


def write_store(path: Path, seed: int, mode: str, batches_max: int) -> None:
    """Append batches until killed, or until there are enough."""
    dice = random.Random(seed)
    store = SqliteStore.open(path)
    if mode in ("power", "unsynced"):
        store._db.execute("PRAGMA wal_autocheckpoint = 30")
    if mode == "unsynced":
        store._db.execute("PRAGMA synchronous = OFF")
    say(store.head())
    batches = 0
    while batches < batches_max:
        first = store.head().size + 1
        span = range(first, first + dice.randint(1, BATCH_MAX))
        rows = [row_at(n, store.epoch) for n in span]
        sealed = [sealed_at(n) for n in span if n % SEALED_EVERY == 0]
        if mode == "early":
            leaves = [leaf_of(row) for row in rows]
            ahead = tree.extend(store._frontier, leaves)
            say(Head(ahead.size, tree.root(ahead)))
        store.append(rows, sealed)
        if mode != "early":
            say(store.head())
        batches += 1
        if batches % SNAPSHOT_EVERY == 0:
            size = store.head().size
            store.save_snapshot("drill", Snapshot(size, f"state at {size} ".encode() * 5000))


def write_hub(path: Path, seed: int) -> None:
    """Give commands to the real hub until killed."""
    from answerable.intake.words import AnswerCall, EndCall
    from answerable.rooms import product

    dice = random.Random(seed)
    store = SqliteStore.open(path)
    hub = Hub(product(), store, clock=SystemClock(), ids=SecretIds())
    hub.start()
    actor = Actor(name="drill", role="call_taker")
    say(store.head())
    while True:
        asks = []
        for n in range(store.head().size, store.head().size + dice.randint(1, 12)):
            call = f"c{store.epoch}-{n}"
            asks.append(Ask(AnswerCall(key=f"{call}:answer", call=call, number="555 0100"), actor))
            asks.append(Ask(EndCall(key=f"{call}:end", call=call, reason="no incident"), actor))
        hub.handle(asks)
        say(store.head())
        if dice.random() < 0.05:
            hub.save_snapshot()


if __name__ == "__main__":
    where, number, how = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    if how == "hub":
        write_hub(where, number)
    else:
        write_store(where, number, how, int(sys.argv[4]) if sys.argv[4:] else 1 << 60)
        os._exit(0)
