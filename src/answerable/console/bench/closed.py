"""A closed loop: every client sends its next command as soon as the last one is answered."""

from __future__ import annotations

import json
import selectors
import socket
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from answerable.console.bench.wire import ANSWER_S_MAX, BenchRefused, Target, whole_answer
from answerable.console.bench.work import Command


def percentiles(took_s: Sequence[float]) -> dict[str, float]:
    """Return count, p50, p90, p99, p99.9 and max, in milliseconds; none without values."""
    if not took_s:
        return {"count": 0}
    ordered = sorted(took_s)
    at = {"p50_ms": 0.5, "p90_ms": 0.9, "p99_ms": 0.99, "p99.9_ms": 0.999}
    found = {name: ordered[int(share * (len(ordered) - 1))] for name, share in at.items()}
    found["max_ms"] = ordered[-1]
    return {"count": len(ordered), **{name: round(s * 1000, 3) for name, s in found.items()}}


@dataclass(slots=True)
class Tally:
    """What came of a run: times by command (seconds), and every answer that was not 201."""

    took_s: dict[str, list[float]] = field(default_factory=dict)
    faults: Counter[str] = field(default_factory=Counter)

    def note(self, command: Command, status: int, body: bytes, took_s: float) -> None:
        """Count one answer."""
        self.took_s.setdefault(str(command["type"]), []).append(took_s)
        if status != 201:
            self.faults[fault_of(status, body)] += 1

    @property
    def all_s(self) -> list[float]:
        """Every time, seconds."""
        return [took for times in self.took_s.values() for took in times]

    def told(self, seconds: float) -> dict[str, object]:
        """Return the run as numbers."""
        return {
            "per_s": round(len(self.all_s) / seconds, 1),
            **percentiles(self.all_s),
            "p50_ms_by_command": {
                name: percentiles(times)["p50_ms"] for name, times in sorted(self.took_s.items())
            },
            "faults": dict(self.faults),
        }


def fault_of(status: int, body: bytes) -> str:
    """Return what an answer that is not 201 says, short."""
    try:
        told = json.loads(body)
        return f"{status} {told.get('code', '')}: {told.get('because', '')}"[:160]
    except ValueError:
        return f"{status} {body[:80]!r}"


class Client:
    """One client: its connection, its commands, and the one it waits for."""

    def __init__(self, target: Target, commands: Iterator[Command]) -> None:
        self.target, self.commands = target, commands
        self.sock: socket.socket = target.connect()
        self.buffer = b""
        self.command: Command = {}
        self.sent_s = 0.0

    def go(self) -> None:
        """Send the next command."""
        self.command, self.buffer = next(self.commands), b""
        request = self.target.command(self.command)
        self.sent_s = time.perf_counter()
        self.sock.sendall(request)

    def take(self) -> tuple[int, bytes, float] | None:
        """Read what came; return the whole answer once it is there. Raises BenchRefused."""
        chunk = self.sock.recv(65_536)
        if not chunk:
            raise BenchRefused(
                "Not measured. The server ended a client's connection. "
                "Look at its log, then run it again."
            )
        self.buffer += chunk
        answer = whole_answer(self.buffer)
        return None if answer is None else (*answer, time.perf_counter() - self.sent_s)


def run_closed(
    targets: Sequence[Target], works: Sequence[Iterator[Command]], seconds: float
) -> Tally:
    """Drive one client a work for so many seconds. Raises BenchRefused."""
    clients = [Client(target, work) for target, work in zip(targets, works, strict=True)]
    tally = Tally()
    with selectors.DefaultSelector() as selector:
        for client in clients:
            selector.register(client.sock, selectors.EVENT_READ, client)
            client.go()
        end_s = time.perf_counter() + seconds
        while time.perf_counter() < end_s:
            ready = selector.select(ANSWER_S_MAX)
            if not ready:
                raise BenchRefused(
                    f"Not measured. No answer came for {ANSWER_S_MAX:.0f} s. "
                    "Look at the server's log, then run it again."
                )
            for key, _ in ready:
                client = key.data
                if (answer := client.take()) is not None:
                    tally.note(client.command, *answer)
                    client.go()
    for client in clients:
        client.sock.close()
    return tally
