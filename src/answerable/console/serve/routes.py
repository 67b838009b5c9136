"""The addresses that watch the service: ``/health/live``, ``/health/ready`` and ``/metrics``.

Whoever asks needs the page ``health`` (a token with the role ``probe`` has it), or asks from this
machine itself, as far as the settings allow. Behind a proxy everybody seems to ask from this
machine; a request that says it was forwarded is therefore never taken as one from here.
"""

from __future__ import annotations

import time
from typing import Any

from litestar import Request, Response, get
from litestar.types import Scope

from answerable.console import api
from answerable.console.sanity import header
from answerable.console.serve.health import ready
from answerable.console.serve.metrics import CONTENT_TYPE
from answerable.console.serve.service import Service
from answerable.console.serve.settings import is_loopback

Req = Request[Any, Any, Any]
FORWARDED = (b"x-forwarded-for", b"forwarded", b"x-real-ip")


def from_here(scope: Scope) -> bool:
    """Say whether a request was made on this machine, and not passed on for another."""
    client = scope.get("client")
    near = client is not None and is_loopback(client[0])
    return near and not any(header(scope, name) for name in FORWARDED)


def routes(service: Service) -> list[Any]:
    """Return the routes."""
    settings = service.settings.health

    def let_in(request: Req, *, from_loopback: bool) -> None:
        """Refuse whoever may not look. Raises Refused (401, 403)."""
        if from_loopback and from_here(request.scope):
            return
        session = api.signed_in(service.front, request.scope)
        api.may_open(service.front, session, "health")

    @get("/health/live", sync_to_thread=False)
    def live(request: Req) -> Response[Any]:
        """Say that the process runs and answers."""
        let_in(request, from_loopback=settings.from_loopback)
        told = {"live": True, "for_s": round(time.time() - service.began_s, 1)}
        return Response(api.encode(told), media_type="application/json")

    @get("/health/ready", sync_to_thread=False)
    def is_ready(request: Req) -> Response[Any]:
        """Say whether the centre can take calls (200) or not (503), with every check."""
        let_in(request, from_loopback=settings.from_loopback)
        well, told = ready(service.front)
        status = 200 if well else 503
        return Response(api.encode(told), status_code=status, media_type="application/json")

    @get("/metrics", sync_to_thread=False)
    def metrics(request: Req) -> Response[Any]:
        """Give every number in Prometheus' text format."""
        let_in(request, from_loopback=settings.metrics_from_loopback)
        return Response(service.metrics(), headers={"content-type": CONTENT_TYPE})

    return [live, is_ready, metrics]
