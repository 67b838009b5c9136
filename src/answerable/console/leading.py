"""Where an act leads once it is done: the same address for a script and for a plain browser."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response

from answerable.console.sanity import header


def led(request: Request[Any, Any, Any], to: str) -> Response[Any]:
    """Lead to an address of this console: htmx by a header (201), a form without it by 303."""
    if header(request.scope, b"hx-request") == "true":
        return Response(b"", status_code=201, headers={"hx-redirect": to})
    return Response(b"", status_code=303, headers={"location": to})
