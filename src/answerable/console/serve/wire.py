"""The wire: uvicorn's reading of HTTP, with a limit on heads and patience, and our headers.

What is no HTTP at all never reaches the application, so its answer is dressed here. A head longer
than ``HEAD_BYTES_MAX`` ends the connection, and so does a request that is not there as a whole
after ``PATIENCE_S``: a slow sender holds a connection and nothing else, and not for long.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from litestar.types import Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from answerable.console.headers import HEADERS
from answerable.console.stream import DIRECT

if TYPE_CHECKING:
    from uvicorn._types import ASGI3Application

HEAD_BYTES_MAX = 65_536
REQUEST_BYTES_MAX = 64 * 1024 * 1024
PATIENCE_S = 30.0
NOT_HTTP = b"Not read: the request is not HTTP. Ask with a browser, or as the reference says.\n"
FULL = b"Not served: as many connections are open as this centre takes. Try again in 5 s.\n"
TOO_LONG = b"Not read: the request is too long. Send less at a time.\n"


class Wire(HttpToolsProtocol):
    """One connection."""

    _bytes = 0
    _begun_s = 0.0
    _in_head = True
    _too_long = False
    _look: asyncio.TimerHandle | None = None

    def __init__(self, *args: Any, **named: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*args, **named)
        # uvicorn would answer beyond its limit with a bare page; ours says what to do.
        self._most, self.limit_concurrency = self.limit_concurrency, None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for a request."""
        super().connection_made(transport)
        self._begun_s = self.loop.time()
        self._look = self.loop.call_later(PATIENCE_S, self._lose_patience)

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        if self._look is not None:
            self._look.cancel()
        super().connection_lost(exc)

    def _lose_patience(self) -> None:
        """End a connection whose request does not come to its end; look again later."""
        if self._begun_s and self.loop.time() - self._begun_s >= PATIENCE_S:
            self.transport.abort()
            return
        self._look = self.loop.call_later(PATIENCE_S, self._lose_patience)

    def data_received(self, data: bytes) -> None:
        """Read on, up to what a head or a whole request may be long."""
        self._bytes += len(data)
        if self._bytes > (HEAD_BYTES_MAX if self._in_head else REQUEST_BYTES_MAX):
            self._too_long = True
            self.send_400_response("")
        elif not self.transport.is_closing():
            super().data_received(data)

    def on_message_begin(self) -> None:
        """Begin a request."""
        super().on_message_begin()
        self._begun_s = self.loop.time()

    def on_headers_complete(self) -> None:
        """Go on to the body."""
        self._in_head = False
        self.scope["extensions"] = {DIRECT: self.write_at_once}  # type: ignore[dict-item]
        full = self._most is not None and len(self.connections) > self._most
        self.app = cast("ASGI3Application", refuse_full) if full else self.config.loaded_app
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Take note that the request is there as a whole."""
        self._begun_s, self._bytes, self._in_head = 0.0, 0, True
        super().on_message_complete()

    def write_at_once(self, chunk: bytes) -> bool:
        """Write a chunk of the answer under way; False where the reader is behind or gone."""
        if self.flow.write_paused or self.transport.is_closing():
            return False
        self.transport.write(chunk)
        return True

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, and end the connection."""
        status, body = (431, TOO_LONG) if self._too_long else (400, NOT_HTTP)
        headers = [
            *self.server_state.default_headers, *HEADERS, (b"cache-control", b"no-store"),
            (b"content-type", b"text/plain; charset=utf-8"),
            (b"content-length", str(len(body)).encode()), (b"connection", b"close"),
        ]  # fmt: skip
        head = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
        self.transport.write(STATUS_LINE[status] + head + b"\r\n" + body)
        self.transport.close()


async def refuse_full(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer 503: as many connections are open as the settings allow."""
    headers = [
        *HEADERS, (b"cache-control", b"no-store"), (b"retry-after", b"5"),
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(FULL)).encode()), (b"connection", b"close"),
    ]  # fmt: skip
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": FULL, "more_body": False})
