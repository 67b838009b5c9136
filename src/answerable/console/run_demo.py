"""``answerable demo``: the packaged town, the embedded store, a console on the loopback."""

from __future__ import annotations

import asyncio
import datetime
import socket
import sys
from pathlib import Path

import msgspec

from answerable.console.centre import Centre, open_centre
from answerable.console.demo import Demo
from answerable.console.running import BACKLOG, CannotBegin, address_of, listen, serve_until_over
from answerable.exchange.calls.mapping import load_mapping
from answerable.exchange.calls.plan import Plan, plan_calls
from answerable.exchange.calls.problems import SourceRefused
from answerable.exchange.calls.replay import Feed
from answerable.exchange.calls.rows import read_calls
from answerable.kernel.clock import PacedClock, SystemClock
from answerable.kernel.store import CommitFailed, StoreRefusal
from answerable.place.errors import PlaceError
from answerable.record import RECORD_FILE
from answerable.record.lock import WriterLock
from answerable.towns.load import TownRefused, load_town, town_folder
from answerable.towns.model import Town

CALLS_FILE = "calls.csv.gz"
MAPPING_FILE = "mapping.toml"
HOST = "127.0.0.1"
OVERLAP_US = 600_000_000
"""How far a resumed demo reaches back: what was not recorded is given again, by its key."""


class DemoOptions(msgspec.Struct, frozen=True):
    """The options of the command."""

    town: str
    port: int
    speed: float
    at: str
    data: Path
    fresh: bool = False


def run_demo(options: DemoOptions) -> int:
    """Run the demo until it is stopped; returns the exit code."""
    try:
        listener = listen(
            HOST,
            options.port,
            f"Stop it, or choose another port: answerable demo --port {options.port + 1}",
        )
        clock = PacedClock(0, options.speed)
        died: list[str] = []
        demo, centre = _prepare(options, clock, died)
    except (CannotBegin, TownRefused, PlaceError, StoreRefusal, SourceRefused) as refusal:
        print(str(refusal), file=sys.stderr)
        return 2
    try:
        return _serve(options, centre, demo, listener, died)
    finally:
        centre.close()


def _prepare(options: DemoOptions, clock: PacedClock, died: list[str]) -> tuple[Demo, Centre]:
    """Open the centre and bring it to the hour at which the demo begins."""
    folder = town_folder(options.town)
    town = load_town(folder)
    plan = _plan(folder, town)
    begin_us, end_us = plan.commands[0].now_us, plan.commands[-1].now_us
    start_us = _start_us(options.at, town, begin_us, end_us)
    if options.fresh:
        _begin_anew(options.data)
    clock.pause()
    clock.jump(begin_us)
    centre = open_centre(options.data, options.town, clock, on_fatal=died.append)
    feed = Feed(plan, town.units)
    resumed_us = centre.hub.last_us
    if resumed_us > begin_us:
        feed.skip(resumed_us - OVERLAP_US)
        clock.jump(resumed_us)
    demo = Demo(centre.hub, clock, feed, begin_us, end_us)
    if resumed_us < start_us:
        _say(f"Recording the hours before {town.local(start_us):%Y-%m-%d %H:%M} ...")
    else:
        _say(f"Going on from {town.local(resumed_us):%Y-%m-%d %H:%M}; --fresh begins anew.")
    demo.prepare(max(start_us, clock.now_us()))
    demo.run_at(options.speed)
    return demo, centre


def _plan(folder: Path, town: Town) -> Plan:
    latest_us = SystemClock().now_us()
    source = read_calls(folder / CALLS_FILE, load_mapping(folder / MAPPING_FILE), latest_us)
    plan = plan_calls(source, town.kinds)
    if not plan.commands:
        raise CannotBegin(
            f"Not started: {folder / CALLS_FILE} holds no call that can be shown. "
            "Every row of it was refused. Look at it with 'answerable replay --report'."
        )
    return plan


def _start_us(at: str, town: Town, begin_us: int, end_us: int) -> int:
    """Return the moment to begin at; CannotBegin where it is no time, or outside the record."""
    first, last = town.local(begin_us), town.local(end_us)
    try:
        start = datetime.datetime.fromisoformat(at)
    except ValueError as error:
        raise CannotBegin(
            f"Not started: '{at}' is not a time. {error}. Write it as {first:%Y-%m-%dT%H:%M}."
        ) from error
    if start.tzinfo is None:
        start = start.replace(tzinfo=town.zone)
    start_us = int(start.timestamp() * 1_000_000)
    if not begin_us <= start_us <= end_us:
        raise CannotBegin(
            f"Not started: there are no calls at {at}. The recorded ones go from "
            f"{first:%Y-%m-%dT%H:%M} to {last:%Y-%m-%dT%H:%M} ({town.zone.key}). "
            "Choose a time between."
        )
    return start_us


def _begin_anew(data: Path) -> None:
    """Remove an old demo record, and nothing else that may lie in the folder.

    Raises RecordInUse while another process writes it, CannotBegin where it cannot be removed.
    """
    record = data / RECORD_FILE
    if not record.exists():
        return
    lock = WriterLock(record)
    try:
        for file in data.glob(f"{RECORD_FILE}*"):
            if not file.name.endswith(".lock"):
                file.unlink()
    except OSError as error:
        raise CannotBegin(
            f"Not started: the old record {record} cannot be removed ({error.strerror}). "
            "Remove it by hand, or choose another folder with --data."
        ) from error
    finally:
        lock.release()


def _serve(
    options: DemoOptions, centre: Centre, demo: Demo, listener: socket.socket, died: list[str]
) -> int:
    from answerable.console.app import make_app

    url = address_of(listener)
    listener.listen(BACKLOG)  # whoever reads the line may come at once
    _say(f"Answerable is at {url}  (Ctrl+C stops it; the record stays in {options.data})")
    for role in ("call-taker", "dispatcher", "supervisor"):
        _say(f"  sign in as {role}: {url}/demo/sign-in/{role}")
    serve_until_over(make_app(centre, demo=demo), listener, lambda: _feed(demo, centre, died))
    if died:
        print(
            f"Stopped: the record failed ({died[0]}). Everything that was acknowledged is in "
            "it. Look at the disk, then start the demo again.",
            file=sys.stderr,
        )
        return 1
    return 0


async def _feed(demo: Demo, centre: Centre, died: list[str]) -> None:
    """Feed the calls and keep snapshots until the record fails."""
    running = asyncio.create_task(demo.run())
    try:
        while not died and not running.done():
            await asyncio.sleep(0.5)
            centre.save_if_due()
        if running.done() and (error := running.exception()) is not None:
            died.append(str(error))
            if not isinstance(error, (CommitFailed, StoreRefusal)):
                raise error
    finally:
        running.cancel()


def _say(text: str) -> None:
    print(text, flush=True)
