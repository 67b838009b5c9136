"""How long a backup takes, what it weighs, and what it costs whoever gives commands meanwhile.

    python -m benchmarks.backup [--events N] [--seconds S]

A record of real commands (a call rings with a sealed number, and is abandoned) is backed up in
full, then again after a hundredth more, and is put back. Every backup is proved by restoring it, as
always. Then single commands are given at a steady pace, without a backup and while full ones are
made in a process of their own, as the service makes them; the two are measured in turns.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from answerable.intake.words import AbandonCall, RingCall
from answerable.kernel.authority import Actor
from answerable.kernel.clock import SystemClock
from answerable.kernel.hub import BATCH_MAX, Accepted, Ask, Hub
from answerable.kernel.ids import SecretIds
from answerable.record import RECORD_FILE
from answerable.record.backup.boxes import Identity
from answerable.record.backup.restore import restore
from answerable.record.backup.run import Made, Order, back_up
from answerable.record.sqlite import SqliteStore
from answerable.rooms import product

LINE = Actor(name="line", role="line")
PACE_S = 0.004
TURNS = 3
AGAIN = """
import sys
from pathlib import Path
from answerable.console.keep.run_backup import stand_back
from answerable.record.backup.boxes import Recipient
from answerable.record.backup.run import Order, back_up
stand_back()
while True:
    back_up(Order(data=Path(sys.argv[1]), to=Path(sys.argv[2]), full=True, keep=1,
                  writers=(Recipient.parse(sys.argv[3]),)))
"""


class Calls:
    """A hub over a record, and calls that ring and are abandoned."""

    def __init__(self, data: Path) -> None:
        self.store = SqliteStore.open(data / RECORD_FILE)
        self.hub = Hub(product(), self.store, clock=SystemClock(), ids=SecretIds())
        self.hub.start()
        self._count = 0

    def _ring(self) -> RingCall:
        self._count += 1
        number = f"+1 555 {self._count:07d}"
        return RingCall(
            key=f"ring-{self._count:08d}", call=f"c{self._count}", line="7", number=number
        )

    def fill(self, events: int) -> None:
        """Record so many events, half of them with a sealed value."""
        while self.hub.position < events:
            asks = []
            for _ in range(BATCH_MAX // 2):
                ring = self._ring()
                left = AbandonCall(key=f"left-{self._count:08d}", call=ring.call)
                asks += [Ask(ring, LINE), Ask(left, LINE)]
            self.hub.handle(asks)

    def waits_ms(self, seconds: float) -> list[float]:
        """Give single commands at a steady pace; return how long each took."""
        waits, end_s = [], time.perf_counter() + seconds
        while (began_s := time.perf_counter()) < end_s:
            [outcome] = self.hub.handle([Ask(self._ring(), LINE)])
            assert isinstance(outcome, Accepted), outcome
            took_s = time.perf_counter() - began_s
            waits.append(took_s * 1e3)
            time.sleep(max(0.0, PACE_S - took_s))
        return waits


def figures(made: Made, record_bytes: int) -> dict[str, object]:
    """Return what is told of one backup; MB are those of the record, restored and compared."""
    mb = record_bytes / 2**20
    return {
        "seconds": made.seconds, "file_mb": round(made.bytes / 2**20, 2),
        "record_mb": round(mb, 1), "mb_per_s": round(mb / made.seconds, 1),
        "events": made.head.size - made.head.since, "sealed": made.sealed,
    }  # fmt: skip


def beside(calls: Calls, data: Path, to: Path, public: str, seconds: float) -> dict[str, object]:
    """Measure commands without and during backups, in turns."""
    without: list[float] = []
    during: list[float] = []
    for _ in range(TURNS):
        without += calls.waits_ms(seconds)
        words = [sys.executable, "-c", AGAIN, str(data), str(to), public]
        with subprocess.Popen(words, stderr=subprocess.DEVNULL) as running:
            time.sleep(1.0)  # its imports are no backup yet
            during += calls.waits_ms(seconds)
            assert running.poll() is None, "the backup ended by itself"
            running.kill()
    told = {name: at(waits) for name, waits in (("without", without), ("during", during))}
    return {
        **told,
        "p50_ratio": round(told["during"]["p50_ms"] / told["without"]["p50_ms"], 2),
        "p99_ratio": round(told["during"]["p99_ms"] / told["without"]["p99_ms"], 2),
    }


def at(waits: list[float]) -> dict[str, float]:
    """Return the percentiles of waits."""
    cuts = statistics.quantiles(waits, n=100)
    return {"count": len(waits), "p50_ms": round(cuts[49], 3), "p99_ms": round(cuts[98], 3)}


def main() -> int:
    """Measure, and print one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--seconds", type=float, default=8.0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        data, to, identity = place / "data", place / "to", Identity.make()[0]
        calls = Calls(data)
        calls.fill(given.events)
        order = Order(data=data, to=to, writers=(identity.recipient,))
        size = (data / RECORD_FILE).stat().st_size
        full = figures(back_up(order), size)
        calls.fill(calls.hub.position + given.events // 100)
        more = figures(back_up(order), (data / RECORD_FILE).stat().st_size)
        began_s = time.perf_counter()
        restore(to, place / "back", [identity])
        restored_s = round(time.perf_counter() - began_s, 2)
        told = {
            "events": calls.hub.position, "full": full, "incremental": more,
            "restore_s": restored_s,
            "commands": beside(calls, data, place / "again", str(identity.recipient),
                               given.seconds),
        }  # fmt: skip
        calls.store.close()
    print(json.dumps(told))
    return 0


if __name__ == "__main__":
    sys.exit(main())
