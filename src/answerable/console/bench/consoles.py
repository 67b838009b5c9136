"""Consoles that look on: how soon a change is at every one of them.

Each console is an open stream of the board's page. The time runs from the moment a command is sent
until the console has read the message that carries its event's position: deciding, the disk,
drawing and sending are all in it, and so is this driver, which reads a thousand sockets itself.
"""

from __future__ import annotations

import re
import selectors
import socket
import time
from collections.abc import Iterator

from answerable.console.bench.closed import percentiles
from answerable.console.bench.wire import BenchRefused, Line, Target, encode
from answerable.console.bench.work import Command

PAGE = "/live/board/en"
_buffer = bytearray(262_144)
"""Read into by every console in turn: a buffer of its own for each would be most of the cost."""
_POSITION = re.compile(rb'"position":(\d+)')
SEEN_S_MAX = 5.0


class Console:
    """One open stream, and the last position it has been told."""

    def __init__(self, target: Target) -> None:
        """Open the stream; the answer is read as it comes."""
        self.sock: socket.socket = target.connect()
        self.sock.sendall(target.request("GET", PAGE))
        self.seen = 0
        self.bytes = 0
        self.again = 0

    def read(self) -> bool:
        """Read what came; say whether the stream is still open."""
        count = self.sock.recv_into(_buffer)
        self.bytes += count
        at = _buffer.rfind(b"\nid: ", 0, count)
        if at >= 0:
            self.seen = max(self.seen, int(_buffer[at + 5 : _buffer.find(b"\n", at + 1, count)]))
        if _buffer.rfind(b"event: again", 0, count) >= 0:
            self.again += 1
        return bool(count)


class Audience:
    """Many consoles read by one selector."""

    def __init__(self, target: Target, count: int) -> None:
        """Open them all, and wait for each to be answered. Raises BenchRefused."""
        self.selector = selectors.DefaultSelector()
        self.consoles = [Console(target) for _ in range(count)]
        for console in self.consoles:
            self.selector.register(console.sock, selectors.EVENT_READ, console)
        until_s = time.perf_counter() + 30
        while not all(console.bytes for console in self.consoles):
            self.listen(0.2)
            if time.perf_counter() > until_s:
                raise BenchRefused(
                    f"Not measured. Not all of {count} consoles were let in within 30 s. "
                    "Look at the server's limit of consoles and its log."
                )

    def listen(self, seconds: float) -> None:
        """Read whatever comes within some seconds."""
        end_s = time.perf_counter() + seconds
        while (left_s := end_s - time.perf_counter()) > 0:
            for key, _ in self.selector.select(left_s):
                key.data.read()

    def await_position(self, position: int, sent_s: float) -> list[float]:
        """Return when each console had a position, seconds after ``sent_s``; lost ones lack."""
        waiting = {id(console) for console in self.consoles if console.seen < position}
        took: list[float] = []
        end_s = time.perf_counter() + SEEN_S_MAX
        while waiting and time.perf_counter() < end_s:
            for key, _ in self.selector.select(0.1):
                console: Console = key.data
                console.read()
                if console.seen >= position and id(console) in waiting:
                    took.append(time.perf_counter() - sent_s)
                    waiting.discard(id(console))
        return took

    def close(self) -> None:
        """End every stream."""
        self.selector.close()
        for console in self.consoles:
            console.sock.close()


def fan_out(
    target: Target, count: int, commands: Iterator[Command], changes: int, pause_s: float = 0.1
) -> dict[str, object]:
    """Measure how soon each of ``changes`` changes is at each of ``count`` consoles."""
    audience = Audience(target, count)
    line = Line(target)
    took: list[float] = []
    try:
        for _ in range(changes):
            audience.listen(pause_s)
            request = target.request("POST", "/api/commands", encode(next(commands)))
            sent_s = time.perf_counter()
            answer = line.ask(request)
            found = _POSITION.findall(answer.body)
            if answer.status != 201 or not found:
                raise BenchRefused(
                    f"Not measured. A command was refused: {answer.body[:200]!r}. "
                    "Measure on a record of its own, or look at the server's log."
                )
            took += audience.await_position(max(map(int, found)), sent_s)
        lost = changes * count - len(took)
        again = sum(console.again for console in audience.consoles)
    finally:
        line.close()
        audience.close()
    return {"consoles": count, "changes": changes, **percentiles(took), "lost": lost,
            "told_to_load_again": again}  # fmt: skip
