"""How long a stranger needs to check a whole log: the one-file verifier, in a process of its own.

A log of as many entries as asked for is laid down in a folder, as a mirror of the service would
hold it, by code that shares nothing with the verifier; then ``record/verify.py`` is copied beside
it and run by this Python with nothing but the standard library in reach.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from answerable.record import verify
from answerable.record.log.notes import Signer
from answerable.record.log.tiles import Tile, bundle

EVENTS = 1_000_000
SEED = b"verify"
ORIGIN = "benchmark.answerable.local/log"
SIGNER = Signer(ORIGIN, bytes(range(32)))
WIDTH, HASH, ENTRY = 256, 32, 64
sha256 = hashlib.sha256


def lay(folder: Path, events: int, seed: bytes = SEED) -> bytes:
    """Lay a log of made-up entries down in a folder; returns its checkpoint, signed."""
    stream = hashlib.shake_256(seed).digest(ENTRY * events)
    entries = [stream[at : at + ENTRY] for at in range(0, len(stream), ENTRY)]
    for index in range(0, events, WIDTH):
        part = entries[index : index + WIDTH]
        put(folder, Tile(None, index // WIDTH, len(part)), bundle(part))
    hashes, level = [sha256(b"\0" + entry).digest() for entry in entries], 0
    edge: list[bytes] = []
    while hashes:
        for index in range(0, len(hashes), WIDTH):
            part = hashes[index : index + WIDTH]
            put(folder, Tile(level, index // WIDTH, len(part)), b"".join(part))
        whole = len(hashes) - len(hashes) % WIDTH
        rest, tiles = hashes[whole:], [hashes[at : at + WIDTH] for at in range(0, whole, WIDTH)]
        # what hangs over the right edge, from the bottom up, joined as RFC 6962 does
        edge = [joined(rest + edge)] if rest + edge else []
        hashes, level = [joined(tile) for tile in tiles], level + 1
    root = edge[0] if edge else sha256(b"").digest()
    text = f"{ORIGIN}\n{events}\n{base64.b64encode(root).decode()}\n"
    note = SIGNER.sign(text.encode())
    (folder / "checkpoint").write_bytes(note)
    return note


def joined(nodes: list[bytes]) -> bytes:
    """Return the RFC 6962 root over nodes, split at the largest power of two below their number."""
    if len(nodes) == 1:
        return nodes[0]
    half = 1 << (len(nodes) - 1).bit_length() - 1
    return sha256(b"\1" + joined(nodes[:half]) + joined(nodes[half:])).digest()


def put(folder: Path, tile: Tile, data: bytes) -> None:
    """Write one file of the log."""
    path = folder / "tile" / tile.path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def run(events: int = EVENTS) -> dict[str, object]:
    """Lay a log down, verify it from outside, and return how long that took, in seconds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began_s = time.perf_counter()
        lay(folder / "log", events)
        laid_s = time.perf_counter() - began_s
        alone = folder / "verify.py"
        shutil.copyfile(str(verify.__file__), alone)
        command = [sys.executable, "-I", "-S", str(alone), str(folder / "log"), "--json",
                   "--key", SIGNER.verifier.vkey]  # fmt: skip
        began_s = time.perf_counter()
        told = subprocess.run(command, capture_output=True, check=True, text=True)
        took_s = time.perf_counter() - began_s
        found = json.loads(told.stdout)
        assert (found["verified"], found["entries"]) == (True, events)
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return {
        "events": events, "seed": SEED.decode(), "seconds": round(took_s, 2),
        "events_per_s": round(events / took_s), "log_mb": round(size / 1e6, 1),
        "laid_down_in_s": round(laid_s, 2),
    }  # fmt: skip


def main() -> None:
    """Measure and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=EVENTS)
    print(json.dumps(run(parser.parse_args().events), indent=2))


if __name__ == "__main__":
    main()
