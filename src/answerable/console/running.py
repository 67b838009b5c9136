"""One process that serves a console until it is over: what ``demo`` and ``serve`` share.

The port is taken first, so that a busy one is told before anything is made. The server runs beside
one task of the caller; it stops at SIGINT or SIGTERM, or when that task ends. Open streams end at
the signal (``console/serving.py``), requests under way have ``GRACE_S`` to finish.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Awaitable, Callable, Iterator
from typing import TYPE_CHECKING

from litestar.types import ASGIApp

from answerable.console.tongue import said

if TYPE_CHECKING:
    from uvicorn import Server

GRACE_S = 2
"""How long requests under way may take once the process is asked to stop."""
KEEP_ALIVE_S = 75
"""How long an idle connection is kept: longer than a proxy's own (60 s), so that it ends them."""
BACKLOG = 2048


class CannotBegin(Exception):
    """The service cannot begin; the three sentences say why and what to do."""


def listen(host: str, port: int, instead: str) -> socket.socket:
    """Take a port (0: any that is free). Raises CannotBegin, with ``instead`` as the way out."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)  # a start takes seconds; whoever comes meanwhile waits, not fails
    except OSError as error:
        listener.close()
        raise CannotBegin(
            said(
                "Not started: port {port} on {host} cannot be used ({why}). Another program has "
                "it, or this machine does not have that address. {instead}",
                port=port,
                host=host,
                why=error.strerror or error,
                instead=instead,
            )
        ) from error
    return listener


def address_of(listener: socket.socket) -> str:
    """Return the address a browser on this machine reaches a listener by."""
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def serve_until_over(
    app: ASGIApp, listener: socket.socket, beside: Callable[[], Awaitable[None]], **more: object
) -> None:
    """Serve ``app`` until a signal, or until ``beside`` ends; raises what ``beside`` raised.

    ``more`` are further settings of uvicorn. Returns only when every connection has ended.
    """
    import uvicorn

    from answerable.console.serve.wire import Wire

    chosen: dict[str, object] = {
        "log_level": "warning", "access_log": False, "server_header": False, "lifespan": "on",
        "loop": "uvloop", "http": Wire, "ws": "none", "proxy_headers": False,
        "timeout_graceful_shutdown": GRACE_S, "timeout_keep_alive": KEEP_ALIVE_S,
        "backlog": BACKLOG,
    }  # fmt: skip
    config = uvicorn.Config(app, **(chosen | more))  # type: ignore[arg-type]
    with asyncio.Runner(loop_factory=config.get_loop_factory()) as runner, staying_alive():
        runner.run(_until_over(uvicorn.Server(config), listener, beside))


@contextlib.contextmanager
def staying_alive() -> Iterator[None]:
    """Let a signal to stop end the server, not the process: the record is closed after it.

    uvicorn raises the signals it took once more when it is done; without this they would kill.
    """
    handlers = {}
    for number in (signal.SIGINT, signal.SIGTERM):
        handlers[number] = signal.signal(number, lambda *_: None)
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


async def _until_over(
    server: Server, listener: socket.socket, beside: Callable[[], Awaitable[None]]
) -> None:
    def stop(_task: object) -> None:
        server.should_exit = True

    working = asyncio.ensure_future(beside())
    working.add_done_callback(stop)
    try:
        await server.serve(sockets=[listener])
    finally:
        if not working.done():
            working.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await working
    if not working.cancelled():
        working.result()
