"""Around the whole application: numbers for requests, counts, a line for what is refused.

A refused request is told in the log once a minute for each class of it (status, route, code); the
others of the class are counted and told with the next. Only the route's template is named, never
the address asked for: that may hold a link, a token or somebody's words.
"""

from __future__ import annotations

import contextvars
import itertools
import logging
import secrets
import time
from collections.abc import Callable

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from answerable.console.headers import HEADERS
from answerable.console.serve.metrics import Counts
from answerable.kernel.hub import where

REQUEST: contextvars.ContextVar[str] = contextvars.ContextVar("request", default="")
"""The number of the request that is being answered; every line of the log about it has it."""
AGAIN_S = 60.0
CLASSES_MAX = 500
TOLD = frozenset({400, 401, 403, 404, 405, 411, 413, 414, 421, 429, 431, 500, 503})
"""Statuses told in the log. A 409 is a rule that held: it is counted, and nobody's trouble."""
FAULT = (
    b"Not done: the program failed. Try again; if it stays so, tell whoever keeps this centre.\n"
)

log = logging.getLogger("answerable.requests")
Class = tuple[int, str, str]


class Refusals:
    """Tells each class of refused requests once a minute."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._told_s: dict[Class, float] = {}
        self._more: dict[Class, int] = {}

    def note(self, status: int, scope: Scope) -> None:
        """Tell a refused request, or count it where its class was told a moment ago."""
        kind = (status, str(scope.get("path_template", "")), str(scope.get("refused", "")))
        now_s = self._clock()
        if now_s - self._told_s.get(kind, -AGAIN_S) < AGAIN_S:
            self._more[kind] = self._more.get(kind, 0) + 1
            return
        if len(self._told_s) >= CLASSES_MAX:
            self._told_s.clear()
        self._told_s[kind] = now_s
        client = scope.get("client")
        log.warning(
            "request refused",
            extra={
                "status": status, "method": scope.get("method"), "route": kind[1] or "(none)",
                "code": kind[2], "client": client[0] if client else "",
                "also": self._more.pop(kind, 0),
            },
        )  # fmt: skip


def observed(app: ASGIApp, counts: Counts, refusals: Refusals) -> ASGIApp:
    """Return ``app`` with every answer numbered and counted."""
    begun, numbers = secrets.token_hex(4), itertools.count(1)
    answers = counts.answers

    async def outermost(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        number, started = f"{begun}-{next(numbers):x}", False
        REQUEST.set(number)

        async def noted(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                status = message["status"]
                message["headers"] = [*message["headers"], (b"x-request-id", number.encode())]
                answers[status] += 1
                if status in TOLD:
                    refusals.note(status, scope)
            await send(message)

        try:
            await app(scope, receive, noted)
        except Exception as error:  # nothing of it may reach the server, which would print it whole
            log.error("fault while answering: %s", where(error))
            if started:
                raise ConnectionAbortedError from None
            await _tell_fault(noted)

    return outermost


async def _tell_fault(send: Send) -> None:
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(FAULT)).encode()), (b"cache-control", b"no-store"), *HEADERS,
    ]  # fmt: skip
    await send({"type": "http.response.start", "status": 500, "headers": headers})
    await send({"type": "http.response.body", "body": FAULT, "more_body": False})
