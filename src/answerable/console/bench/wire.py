"""HTTP/1.1 as a load driver needs it: bytes made beforehand, answers split without a parser's cost.

A driver shares the machine with the server it measures, so it does as little as it can: no
library between it and the socket, one buffer a connection, time taken right at the two ends.
"""

from __future__ import annotations

import re
import socket
import time
from dataclasses import dataclass, field

import msgspec

ANSWER_S_MAX = 30.0
"""A server that is silent for so long is not measured any further."""
_LENGTH = re.compile(rb"\r\ncontent-length: (\d+)\r\n", re.IGNORECASE)
encode = msgspec.json.Encoder().encode


class BenchRefused(Exception):
    """The load cannot be driven; the three sentences say why and what to do."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where the server is, and the bearer token that every request carries."""

    host: str
    port: int
    token: str

    def request(self, method: str, path: str, body: bytes = b"") -> bytes:
        """Return a whole request."""
        head = (
            f"{method} {path} HTTP/1.1\r\nhost: {self.host}:{self.port}\r\n"
            f"authorization: Bearer {self.token}\r\n"
        )
        if method == "POST":
            head += f"content-type: application/json\r\ncontent-length: {len(body)}\r\n"
        return head.encode() + b"\r\n" + body

    def command(self, command: dict[str, object]) -> bytes:
        """Return the request that posts a command."""
        return self.request("POST", "/api/commands", encode(command))

    def connect(self) -> socket.socket:
        """Return a connected socket. Raises BenchRefused."""
        try:
            made = socket.create_connection((self.host, self.port), timeout=ANSWER_S_MAX)
        except OSError as error:
            raise BenchRefused(
                f"Not measured. Nothing answers at {self.host}:{self.port} ({error}). "
                "Start 'answerable serve' there, or leave --url away to have one started."
            ) from error
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return made


@dataclass(slots=True)
class Answer:
    """One answer: status, body, and how long it took (seconds)."""

    status: int
    body: bytes
    took_s: float


def whole_answer(buffer: bytes) -> tuple[int, bytes] | None:
    """Return status and body once all of an answer is there, else None."""
    end = buffer.find(b"\r\n\r\n")
    if end < 0:
        return None
    told = _LENGTH.search(buffer, 0, end + 2)
    length = int(told[1]) if told else 0
    if len(buffer) < end + 4 + length:
        return None
    return int(buffer[9:12]), buffer[end + 4 : end + 4 + length]


@dataclass(slots=True)
class Line:
    """One connection that asks and waits."""

    target: Target
    sock: socket.socket = field(init=False)

    def __post_init__(self) -> None:
        """Connect. Raises BenchRefused."""
        self.sock = self.target.connect()

    def ask(self, request: bytes) -> Answer:
        """Send a request and wait for its whole answer. Raises BenchRefused."""
        began = time.perf_counter()
        self.sock.sendall(request)
        buffer = b""
        while (answer := whole_answer(buffer)) is None:
            try:
                chunk = self.sock.recv(262_144)
            except OSError:
                chunk = b""
            if not chunk:
                raise BenchRefused(
                    "Not measured. The server ended the connection or went silent. "
                    "Look at its log, then run it again."
                )
            buffer += chunk
        return Answer(*answer, time.perf_counter() - began)

    def close(self) -> None:
        """Let go of the connection."""
        self.sock.close()
