"""A bad line: a TCP proxy that loses answers, cuts streams, or answers like somebody else."""

from __future__ import annotations

import contextlib
import socket
import threading
from typing import Self

CHUNK = 65_536


class Proxy:
    """Forward to a port, badly on demand.

    ``lose``: so many answers are read from the centre and never passed on. ``cut_after``: every
    connection ends once so many bytes came back. ``instead``: what is answered without asking.
    """

    def __init__(self, to: int) -> None:
        self.to = to
        self.lose = 0
        self.cut_after: int | None = None
        self.instead: list[bytes] = []
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._thread = threading.Thread(target=self._accept, daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)
        self.break_all()

    def break_all(self) -> None:
        """Break every connection there is; new ones are taken."""
        for one in list(self._open):
            self._end(one)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._carry, args=(near,), daemon=True).start()

    def _carry(self, near: socket.socket) -> None:
        self._open.add(near)
        if self.instead:
            near.recv(CHUNK)
            near.sendall(self.instead.pop(0))
            self._end(near)
            return
        with contextlib.suppress(OSError):
            far = socket.create_connection(("127.0.0.1", self.to))
            self._open.add(far)
            threading.Thread(target=self._asking, args=(near, far), daemon=True).start()
            self._answering(near, far)
            self._end(far)
        self._end(near)

    def _asking(self, near: socket.socket, far: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := near.recv(CHUNK):
                far.sendall(data)
        self._end(far)

    def _answering(self, near: socket.socket, far: socket.socket) -> None:
        passed = 0
        while data := far.recv(CHUNK):
            if self.lose:
                self.lose -= 1
                return
            if self.cut_after is not None and passed + len(data) >= self.cut_after:
                near.sendall(data[: self.cut_after - passed])
                return
            near.sendall(data)
            passed += len(data)

    def _end(self, one: socket.socket) -> None:
        self._open.discard(one)
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)
        one.close()
