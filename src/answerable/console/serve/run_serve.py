"""``answerable serve``: one centre, run for real until it is told to stop.

Exit codes: 0 stopped by a signal; 1 the record failed (start it again: everything acknowledged is
in it); 2 it could not begin (settings, town, record, port).
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import sys
from pathlib import Path
from typing import NamedTuple

from litestar.types import ASGIApp

from answerable.access.breached import Breached
from answerable.console.app import App, application
from answerable.console.centre import Centre, open_centre
from answerable.console.contract.pace import Pace
from answerable.console.control import first_link, start_control
from answerable.console.front import Front
from answerable.console.keep.by_itself import ByItself, leave_settings, watch
from answerable.console.log.begin import begun
from answerable.console.log.service import LogService
from answerable.console.provider.begin import need_libraries, secret_of
from answerable.console.ringing.socket import listening
from answerable.console.running import CannotBegin, address_of, listen, serve_until_over
from answerable.console.serve.around import Refusals, observed
from answerable.console.serve.clock import SteadyClock
from answerable.console.serve.logs import Lines, acts, quiet_loop, set_up
from answerable.console.serve.metrics import CountingDesk, Counts
from answerable.console.serve.routes import routes
from answerable.console.serve.service import Service
from answerable.console.serve.settings import Settings
from answerable.console.tongue import said
from answerable.console.town_checks import sound
from answerable.console.witnesses import Gap, asking_of, before_start, note_witnesses, went_on
from answerable.exchange.hooks.addresses import networks
from answerable.kernel.store import StoreRefusal
from answerable.place.errors import PlaceError
from answerable.record.log.publisher import Publisher
from answerable.towns.load import TownRefused, town_folder

LINK_FILE = "first-link.txt"

log = logging.getLogger("answerable.serve")


class Running(NamedTuple):
    """A centre with its watch, ready to be served."""

    service: Service
    asgi: ASGIApp


def run_serve(settings: Settings, go_on: str = "") -> int:
    """Serve a centre until it is over; returns the exit code.

    With a reason to ``go_on``, also without events that were witnessed and are missing.
    """
    died: list[str] = []
    clock = SteadyClock()
    try:
        secret = client_secret(settings)
        listener = listen(
            settings.host, settings.port, "Stop it, or choose another with --host and --port."
        )
        sound(town_folder(settings.town))
        gap = before_start(settings, go_on)
        centre = open_centre(Path(settings.data), settings.town, clock, on_fatal=died.append)
        clock.not_before(centre.hub.last_us)
        told(centre, settings, gap, go_on)
        publisher = begun(centre, Path(settings.data), settings.log.origin)
    except (CannotBegin, TownRefused, PlaceError, StoreRefusal) as refusal:
        print(str(refusal), file=sys.stderr)
        return 2
    lines = set_up(settings.log, sys.stderr)
    try:
        running = made(centre, settings, clock, secret, died, publisher)
        _serve(running, listener, lines, died)
    finally:
        log.info("stopped", extra={"position": centre.hub.position})
        centre.close()
        lines.close()
    if died:
        print(
            said(
                "Stopped: the record failed ({why}). Everything that was acknowledged is in it. "
                "Look at the disk; started again, the service goes on from there.",
                why=died[0],
            ),
            file=sys.stderr,
        )
        return 1
    return 0


def told(centre: Centre, settings: Settings, gap: Gap | None, go_on: str) -> None:
    """Have the record say what it goes on without, and who witnesses it."""
    try:
        if gap is not None:
            went_on(centre.hub, gap, go_on)
        note_witnesses(centre.hub, settings)
    except BaseException:
        centre.close()
        raise


def client_secret(settings: Settings) -> str:
    """Return the secret this centre has at the provider, "" without one. Raises CannotBegin."""
    if settings.provider is None:
        return ""
    need_libraries()
    return secret_of(settings.provider)


def made(
    centre: Centre, settings: Settings, clock: SteadyClock, secret: str, died: list[str],
    publisher: Publisher | None = None,
) -> Running:  # fmt: skip
    """Put the watch, the console and the door of a centre together."""
    counts = Counts()
    centre.desk = CountingDesk(centre.hub, counts, on_fatal=died.append)
    app = App(centre, None)
    _set(app.front, settings)
    service = Service(app.front, settings, counts, clock)
    if publisher is not None:
        LogService(app.front, publisher, asking_of(app.front, settings))
    centre.hub.subscribe(acts)
    more = routes(service)
    if settings.provider is not None:
        from answerable.console.provider.routes import routes as provider_routes
        from answerable.console.provider.signing import SigningIn

        more += provider_routes(SigningIn(service, settings.provider, secret), app)
    routed = application(app, settings.hosts(), more)
    return Running(service, observed(routed, counts, Refusals()))


def _set(front: Front, settings: Settings) -> None:
    """Give a front the limits and session ends of the settings."""
    limits, ends = settings.limits, settings.sessions
    front.pace = Pace(limits.commands_per_s, limits.command_burst)
    front.channels.most = limits.consoles
    front.door.factor_required = settings.accounts.second_factor == "required"
    front.door.keyring.drift_steps = settings.accounts.code_drift
    if settings.accounts.breached:
        front.door.breached = Breached(Path(settings.accounts.breached))
    front.hooks.inside = networks(settings.hooks.inside)
    front.alerting.set_up(settings.channels, settings.alerts, front.hooks.inside)
    front.messenger.set_up(settings.referring)
    front.dialling.set_up(settings.dialler)
    front.saying.set_up(settings.texts, settings.url)
    front.sessions.idle_s, front.sessions.age_s = ends.idle_min * 60.0, ends.longest_min * 60.0


def _serve(running: Running, listener: socket.socket, lines: Lines, died: list[str]) -> None:
    """Serve until it is over."""
    service = running.service
    service.lines_lost = lambda: lines.lost
    settings, front = service.settings, service.front
    data, at = Path(settings.data), settings.url or address_of(listener)
    watch(front.hub, settings)
    leave_settings(settings)

    async def beside() -> None:
        quiet_loop()
        control = await start_control(front, data, at)
        switchboards = await listening(front, settings.lines)
        backing_up = asyncio.create_task(ByItself(front, settings).run())
        try:
            await service.pulse.beat(died)
        finally:
            backing_up.cancel()
            await asyncio.gather(backing_up, return_exceptions=True)
            await switchboards.close()
            await control.close()

    log.info(
        "serving",
        extra={
            "town": front.town.name, "address": at, "listening": address_of(listener),
            "position": front.hub.position,
        },
    )  # fmt: skip
    print(said("Answerable is at {url}", url=at), flush=True)
    hand_over(first_link(front, at), data)
    serve_until_over(running.asgi, listener, beside, **uvicorn_settings(settings))


def hand_over(link: str | None, data: Path) -> None:
    """Print the first administrator's link; where that goes to a journal, lay it in the folder.

    A link opens the centre to whoever has it, so it is never a line of a log that others read.
    """
    path = data / LINK_FILE
    path.unlink(missing_ok=True)
    if link is None:
        return
    if "JOURNAL_STREAM" not in os.environ:
        print(
            said("The first administrator sets a password here, once, within 3 days: {link}",
                 link=link)
        )  # fmt: skip
        sys.stdout.flush()
        return
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(link + "\n")
    print(said("The first administrator's one-time link lies in {path}", path=path), flush=True)


def uvicorn_settings(settings: Settings) -> dict[str, object]:
    """Return what the settings mean for the server."""
    return {
        "proxy_headers": settings.behind_proxy,
        "forwarded_allow_ips": list(settings.proxies),
        "limit_concurrency": settings.limits.connections,
        "backlog": settings.limits.waiting_connections,
        "timeout_keep_alive": settings.limits.keep_alive_s,
        "log_config": None,
        "log_level": "error",
    }
