"""The outermost door: which hosts are served, and the headers every answer carries.

The policy allows scripts, styles, fonts and workers from this origin only, no inline script or
style, no eval, no frames. It wraps the whole application, so an error page carries it too.
"""

from __future__ import annotations

from collections.abc import Collection

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "worker-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
    )
)

HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (
        b"permissions-policy",
        b"camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()",
    ),
)

LOOPBACK = frozenset({"127.0.0.1", "localhost", "[::1]"})
"""The names a centre on one's own machine answers to; any other name is refused, so that a page
elsewhere cannot reach it by pointing its own name at this machine."""


def host_of(scope: Scope) -> str:
    """Return the host a request was sent to, without the port; "" where it names none, or two."""
    named = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
    host = named[0] if len(named) == 1 else ""
    return host.rpartition(":")[0] if ":" in host.rpartition("]")[2] else host


def guarded(app: ASGIApp, hosts: Collection[str] = LOOPBACK) -> ASGIApp:
    """Return ``app`` behind the host check and the headers of every answer."""

    async def door(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                had = {name.lower() for name, _ in message["headers"]}
                extra = [pair for pair in HEADERS if pair[0] not in had]
                if b"cache-control" not in had:
                    extra.append((b"cache-control", b"no-store"))
                message["headers"] = [*message["headers"], *extra]
            await send(message)

        if host_of(scope).lower() not in hosts:
            await refuse_host(dressed)
            return
        await app(scope, receive, dressed)

    return door


async def refuse_host(send: Send) -> None:
    """Answer 421: this name is not served here."""
    body = b"Not served: this centre does not answer to that name. Use the address it printed.\n"
    await send(
        {
            "type": "http.response.start",
            "status": 421,
            "headers": [
                (b"content-type", b"text/plain; charset=utf-8"),
                (b"content-length", str(len(body)).encode()),
            ],
        }
    )
    await send({"type": "http.response.body", "body": body, "more_body": False})
