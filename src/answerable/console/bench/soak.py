"""A long load at a steady pace: what grows, slows down or fails.

An open loop: commands leave at their times whether or not the ones before are answered, over a few
connections, so a stall is counted against every command that waits behind it. Consoles look on all
the while. Every minute the server's memory and the last minute's times are written down.
"""

from __future__ import annotations

import selectors
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from answerable.console.bench.closed import Client, fault_of, percentiles
from answerable.console.bench.consoles import Audience
from answerable.console.bench.server import Served
from answerable.console.bench.wire import BenchRefused
from answerable.console.bench.work import Command

MINUTE_S = 60.0
LATE_S_MAX = 20.0


class Soak:
    """One run: ``per_s`` commands a second over the given works, with an audience."""

    def __init__(
        self, server: Served, works: Sequence[Iterator[Command]], consoles: int, per_s: float
    ) -> None:
        """Connect everybody. Raises BenchRefused."""
        self.server = server
        self.gap_s = 1 / per_s
        self.audience = Audience(server.target(), consoles)
        self.clients = [Client(server.target(n), work) for n, work in enumerate(works)]
        for client in self.clients:
            self.audience.selector.register(client.sock, selectors.EVENT_READ, client)
        self.idle = list(self.clients)
        self.due: dict[int, float] = {}
        self.took_s: list[float] = []
        self.faults: Counter[str] = Counter()
        self.minutes: list[dict[str, object]] = []

    def run(self, seconds: float, tell: Callable[[dict[str, object]], None]) -> dict[str, object]:
        """Drive for so many seconds; ``tell`` hears of every minute. Raises BenchRefused."""
        began_s = next_s = time.perf_counter()
        minute_s, done = began_s + MINUTE_S, 0
        while (now_s := time.perf_counter()) < began_s + seconds:
            while next_s <= now_s and self.idle:
                self._send(next_s)
                next_s += self.gap_s
            if now_s - next_s > LATE_S_MAX:
                raise BenchRefused(
                    f"Not measured any further. Commands are {LATE_S_MAX:.0f} s late: the server "
                    "does not keep up. Look at its log, or offer less."
                )
            for key, _ in self.audience.selector.select(max(0.0, min(next_s - now_s, 0.05))):
                self._read(key.data)
            if now_s >= minute_s:
                minute_s += MINUTE_S
                done = self._minute(done, tell)
        return self._told(seconds)

    def _send(self, due_s: float) -> None:
        client = self.idle.pop()
        client.go()
        self.due[id(client)] = due_s

    def _read(self, who: object) -> None:
        if not isinstance(who, Client):
            if not who.read():  # type: ignore[attr-defined]
                raise BenchRefused(
                    "Not measured any further. The server ended a console's stream. "
                    "Look at its log."
                )
            return
        answer = who.take()
        if answer is None:
            return
        status, body, _ = answer
        self.took_s.append(time.perf_counter() - self.due[id(who)])
        if status != 201:
            self.faults[fault_of(status, body)] += 1
        self.idle.append(who)

    def _minute(self, done: int, tell: Callable[[dict[str, object]], None]) -> int:
        numbers = percentiles(self.took_s[done:])
        told: dict[str, object] = {
            "minute": len(self.minutes) + 1, "memory_mb": self.server.memory_mb(),
            "commands": numbers["count"], "p50_ms": numbers.get("p50_ms"),
            "p99_ms": numbers.get("p99_ms"), "faults": sum(self.faults.values()),
        }  # fmt: skip
        self.minutes.append(told)
        tell(told)
        return len(self.took_s)

    def _told(self, seconds: float) -> dict[str, object]:
        again = sum(console.again for console in self.audience.consoles)
        result = {
            "minutes": round(seconds / 60, 1), "offered_per_s": round(1 / self.gap_s, 1),
            "consoles": len(self.audience.consoles), **percentiles(self.took_s),
            "faults": dict(self.faults), "consoles_told_to_load_again": again,
            "memory_mb_by_minute": [minute["memory_mb"] for minute in self.minutes],
            "p99_ms_by_minute": [minute["p99_ms"] for minute in self.minutes],
        }  # fmt: skip
        self.audience.close()
        for client in self.clients:
            client.sock.close()
        return result
