"""How fast the hash tree takes entries, and makes and checks proofs; beside pymerkle, if installed.

One command, one JSON object::

    python -m benchmarks.merkle [--leaves 1000003] [--proofs 200000] [--batch 256] [--events 20000]

``append`` hashes entries of 64 bytes to leaves and takes them in, a batch at a time, as the store
does at every commit. ``levels`` does the same for the log's own rows of nodes, which proofs are
made from. ``inclusion`` makes the proofs of random leaves in the tree of that size (no power of
two, so that its right edge counts), ``check`` checks them. ``served`` makes whole .tlog-proof files
from a record on a disk, at random: tiles are read from it and hashed where they are not held.
pymerkle is measured in the same run on the same entries, fewer of them, for it takes longer.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from answerable.kernel.event import Row
from answerable.record import tree
from answerable.record.entry import leaves_of
from answerable.record.log.keys import KEYS_FILE, keys_at_start
from answerable.record.log.levels import Levels
from answerable.record.log.proofs import View, check_inclusion
from answerable.record.log.publisher import Publisher
from answerable.record.sqlite import SqliteStore

PEER_SHARE = 20
"""The peer is given one entry of so many."""
BODY = b'{"call":"200930004","incident":"200930004","line":"7"}'


def per_s(count: int, act: Callable[[], object]) -> int:
    """Return how many a second were done."""
    began_s = time.perf_counter()
    act()
    return round(count / (time.perf_counter() - began_s))


def each(act: Callable[[int], object], picked: list[int]) -> None:
    """Do it for each, and keep nothing."""
    for at in picked:
        act(at)


def entries_of(count: int) -> list[bytes]:
    """Return entries as the record has them: 64 bytes each that say nothing."""
    source = random.Random(1)
    return [source.randbytes(64) for _ in range(count)]


def ours(entries: list[bytes], batch: int, picked: list[int]) -> dict[str, int]:
    """Measure this program's tree."""

    def append() -> None:
        frontier = tree.EMPTY
        for at in range(0, len(entries), batch):
            frontier = tree.extend(frontier, leaves_of(entries[at : at + batch]))

    levels = Levels()

    def grow() -> None:
        for at in range(0, len(entries), batch):
            levels.extend(b"".join(leaves_of(entries[at : at + batch])))

    found = {"append_per_s": per_s(len(entries), append)}
    found["levels_per_s"] = per_s(len(entries), grow)
    view, root = View(levels, len(entries)), View(levels, len(entries)).root
    found["inclusion_per_s"] = per_s(len(picked), lambda: each(view.inclusion, picked))
    some = [(at, view.inclusion(at), levels.node(0, at)) for at in picked[:20_000]]

    def check() -> None:
        for at, path, leaf in some:
            check_inclusion(leaf, at, view.size, path, root)

    return found | {"check_per_s": per_s(len(some), check)}


def served(folder: Path, events: int, proofs: int) -> dict[str, int]:
    """Measure whole proof files made from a record on a disk."""
    record, source = folder / "record.sqlite", random.Random(2)
    store = SqliteStore.open(record)
    for first in range(1, events + 1, 500):
        last = min(first + 500, events + 1)
        store.append([row(position, store.epoch) for position in range(first, last)])
    publisher = Publisher.open(record, keys_at_start(folder / KEYS_FILE, "bench.example/log", 1))
    took = per_s(events, lambda: publisher.publish(store.head()))
    picked = [source.randint(1, events) for _ in range(proofs)]
    made = per_s(proofs, lambda: each(publisher.proof, picked))
    publisher.close()
    store.close()
    return {"first_checkpoint_events_per_s": took, "proof_files_per_s": made}


def row(position: int, epoch: int) -> Row:
    """Return a row as the store takes it."""
    veil = random.Random(position).randbytes(32)
    return Row(position, f"call:{position}", "intake.CallRung", 1, position, position, "lee",
               f"key-{position:012d}", epoch, BODY, 40, veil)  # fmt: skip


def peer(entries: list[bytes], picked: list[int]) -> dict[str, Any] | None:
    """Measure pymerkle; None where it is not installed."""
    try:
        import pymerkle
    except ImportError:
        return None
    other = pymerkle.InmemoryTree(algorithm="sha256")

    def append() -> None:
        for entry in entries:
            other.append_entry(entry)

    found = {"append_per_s": per_s(len(entries), append)}
    chosen = [1 + at % len(entries) for at in picked[: len(picked) // PEER_SHARE]]
    size = len(entries)
    found["inclusion_per_s"] = per_s(
        len(chosen), lambda: each(lambda at: other.prove_inclusion(at, size), chosen)
    )
    return found


def main() -> int:
    """Measure, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--leaves", type=int, default=1_000_003)
    parser.add_argument("--proofs", type=int, default=200_000)
    parser.add_argument("--batch", type=int, default=256)
    parser.add_argument("--events", type=int, default=20_000)
    options = parser.parse_args()
    source = random.Random(3)
    entries = entries_of(options.leaves)
    picked = [source.randrange(options.leaves) for _ in range(options.proofs)]
    found: dict[str, Any] = {"leaves": options.leaves, "batch": options.batch}
    found |= ours(entries, options.batch, picked)
    with tempfile.TemporaryDirectory() as folder:
        found["served"] = served(Path(folder), options.events, max(options.proofs // 20, 100))
    if told := peer(entries[: options.leaves // PEER_SHARE], picked):
        found["pymerkle"] = told
        for name in told:
            found[name.replace("_per_s", "_times_pymerkle")] = round(found[name] / told[name], 1)
    print(json.dumps(found, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
