"""Around the routes: files of fixed address first, and streams that end when the server stops."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from collections.abc import Callable, Collection, Iterator
from types import FrameType
from typing import Any

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from answerable.console.api import problem, send_json
from answerable.console.assets import Assets, send_asset
from answerable.kernel.hub import where

COMMANDS = "/api/commands"
FAULTED = problem(
    "console.Faulted", "Not done.", "The program failed; nothing was recorded.",
    "Try again; if it stays so, tell whoever keeps this centre.",
)  # fmt: skip

log = logging.getLogger("answerable.serving")


@contextlib.contextmanager
def ending_streams(close: Callable[[], None]) -> Iterator[None]:
    """End open streams at the first signal to stop: the server waits for them otherwise."""
    loop = asyncio.get_running_loop()
    before: dict[signal.Signals, Any] = {}

    def chained(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(close)
        handler = before[signal.Signals(number)]
        if callable(handler):
            handler(number, frame)

    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            before[number] = signal.signal(number, chained)
    except ValueError:  # not in the main thread: a test, where nobody sends signals
        pass
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def with_files(app: ASGIApp, sets: Collection[Assets]) -> ASGIApp:
    """Serve the files of fixed address before any route is looked for."""
    roots = tuple(f"{files.root}/" for files in sets)

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP and scope["path"].startswith(roots):
            for files in sets:
                if (found := files.find(scope["path"])) and scope.get("method") in ("GET", "HEAD"):
                    await send_asset(scope, send, found)
                    return
        await app(scope, receive, send)

    return serve


def with_commands(app: ASGIApp, commands: ASGIApp) -> ASGIApp:
    """Take a posted command before any route is looked for: this is the hot path.

    Every other method is left to the route of the same address, which refuses it. A fault of the
    program is told as the routes tell it.
    """

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or (
            scope["path"] != COMMANDS or scope.get("method") != "POST"
        ):
            await app(scope, receive, send)
            return
        try:
            await commands(scope, receive, send)
        except Exception as error:
            log.error("fault while taking a command: %s", where(error))
            await send_json(send, 500, FAULTED)

    return serve
