"""Receivers of letters on real sockets: a good one, and every kind of bad one."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable
from typing import Any, Self

from answerable.client import check_letter


class Receiver:
    """A port of this machine that answers letters in its own way."""

    def __init__(self, answer: Callable[[Receiver, socket.socket], None]) -> None:
        self.called = 0
        self.letters: list[tuple[dict[str, str], bytes]] = []
        self.stop = threading.Event()
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}/hook?from=answerable"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._open: list[socket.socket] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._thread.join(5)

    def _accept(self) -> None:
        while not self.stop.is_set():
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(near)
            threading.Thread(target=self._serve, args=(near,), daemon=True).start()

    def _serve(self, near: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError):
            while self.read(near):
                self.called += 1
                self._answer(self, near)

    def read(self, near: socket.socket) -> bool:
        """Read one request; False at the end of the connection."""
        data = b""
        while b"\r\n\r\n" not in data:
            if not (more := near.recv(65_536)):
                return False
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        headers = {n.lower(): v for n, _, v in (line.partition(": ") for line in lines[1:])}
        headers["request"] = lines[0]
        while len(body) < int(headers["content-length"]):
            body += near.recv(65_536)
        self.letters.append((headers, body))
        return True

    # -- what a good one has got -------------------------------------------------------------

    def events(self, secret: str) -> list[dict[str, Any]]:
        """Return the events of all letters, each proved by its signature, once an id."""
        found, seen = [], set()
        for headers, body in list(self.letters):
            number = check_letter(secret, headers, body)
            if number not in seen:
                seen.add(number)
                found += json.loads(body)["data"]["events"]
        return found


Way = Callable[[Receiver, socket.socket], None]


def says(status: str, *headers: str, body: bytes = b"") -> Way:
    """Answer every letter with a status."""
    lines = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", *headers]
    data = "\r\n".join(lines).encode() + b"\r\n\r\n" + body
    return lambda _receiver, near: near.sendall(data)


def hangs(receiver: Receiver, _near: socket.socket) -> None:
    """Take the letter and say nothing."""
    receiver.stop.wait(60)


def drips(receiver: Receiver, near: socket.socket) -> None:
    """Answer a byte at a time, for ever."""
    near.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
    while not receiver.stop.wait(0.05):
        near.sendall(b"x")


def floods(receiver: Receiver, near: socket.socket) -> None:
    """Answer with more than anybody wants to read, for ever."""
    near.sendall(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
    chunk = b"10000\r\n" + b"x" * 65_536 + b"\r\n"
    while not receiver.stop.is_set():
        near.sendall(chunk)


good = says("204 No Content")


def nowhere() -> str:
    """Return the address of a port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    return f"http://127.0.0.1:{port}/"
