"""Which methods an address takes: the others are a 405 that names them, ``OPTIONS`` lists them."""

from __future__ import annotations

from litestar.types import ASGIApp, Receive, Scope, Send

from answerable.console.sanity import Refused


def taking(handler: ASGIApp, *methods: str) -> ASGIApp:
    """Return a raw handler that takes these methods only, and answers ``OPTIONS``.

    No answer allows another origin anything: a program that is no browser needs no such leave.
    """
    allow = ", ".join((*methods, "OPTIONS"))

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        method = scope.get("method")
        if method in methods:
            await handler(scope, receive, send)
        elif method == "OPTIONS":
            headers = [(b"allow", allow.encode()), (b"content-length", b"0")]
            await send({"type": "http.response.start", "status": 204, "headers": headers})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        else:
            raise wrong_method(allow)

    return guarded


def wrong_method(allow: str) -> Refused:
    """Return the refusal of a method; ``allow`` is what the address takes, as the header has it."""
    refusal = Refused(
        405, "console.Method", "Not done.", "This address takes {methods} only.",
        "See the reference of the API.",
        methods=allow,
    )  # fmt: skip
    refusal.headers = {"allow": allow}
    return refusal
