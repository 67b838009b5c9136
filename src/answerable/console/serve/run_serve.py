"""``answerable serve``: one centre, run for real until it is told to stop.

Exit codes: 0 stopped by a signal; 1 the record failed (start it again: everything acknowledged is
in it); 2 it could not begin (settings, town, record, port).
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from answerable.console.app import App, application
from answerable.console.centre import Centre, open_centre
from answerable.console.running import CannotBegin, address_of, listen, serve_until_over
from answerable.console.serve.clock import SteadyClock
from answerable.console.serve.settings import Settings
from answerable.kernel.store import StoreRefusal
from answerable.place.errors import PlaceError
from answerable.towns.load import TownRefused

TICK_S = 1.0


def run_serve(settings: Settings) -> int:
    """Serve a centre until it is over; returns the exit code."""
    died: list[str] = []
    try:
        listener = listen(
            settings.host, settings.port, "Stop it, or choose another with --host and --port."
        )
        clock = SteadyClock()
        centre = open_centre(Path(settings.data), settings.town, clock, on_fatal=died.append)
        clock.not_before(centre.hub.last_us)
    except (CannotBegin, TownRefused, PlaceError, StoreRefusal) as refusal:
        print(str(refusal), file=sys.stderr)
        return 2
    try:
        app = App(centre, None)
        say(f"Answerable is at {settings.url or address_of(listener)}")
        serve_until_over(
            application(app, settings.hosts()), listener, lambda: _beside(centre, died),
            **uvicorn_settings(settings),
        )  # fmt: skip
    finally:
        centre.close()
    if died:
        print(
            f"Stopped: the record failed ({died[0]}). Everything that was acknowledged is in it. "
            "Look at the disk; started again, the service goes on from there.",
            file=sys.stderr,
        )
        return 1
    return 0


def uvicorn_settings(settings: Settings) -> dict[str, object]:
    """Return what the settings mean for the server."""
    return {
        "proxy_headers": settings.behind_proxy,
        "forwarded_allow_ips": list(settings.proxies),
        "limit_concurrency": settings.limits.connections,
        "backlog": settings.limits.waiting_connections,
        "timeout_keep_alive": settings.limits.keep_alive_s,
    }


async def _beside(centre: Centre, died: list[str]) -> None:
    """Keep snapshots until the record fails."""
    while not died:
        await asyncio.sleep(TICK_S)
        centre.save_if_due()


def say(text: str) -> None:
    """Tell whoever started the service."""
    print(text, flush=True)
