"""``answerable demo``: the packaged town, the embedded store, a console on the loopback."""

from __future__ import annotations

import asyncio
import socket
import sys
from pathlib import Path

import msgspec

from answerable.console.centre import Centre, open_centre
from answerable.console.demo import Demo
from answerable.console.demo_calls import DemoCalls, MakeUp, made_up_calls, recorded_calls
from answerable.console.demo_saying import SelfAnswering
from answerable.console.log.begin import begun
from answerable.console.running import CannotBegin, address_of, listen, serve_until_over
from answerable.console.tongue import said
from answerable.console.town_checks import sound
from answerable.exchange.calls.counter import with_counters
from answerable.exchange.calls.problems import SourceRefused
from answerable.exchange.calls.replay import Feed
from answerable.exchange.dialler.definition import DiallerAt
from answerable.exchange.lines.trunk import Trunk
from answerable.kernel.clock import PacedClock, SystemClock
from answerable.kernel.store import CommitFailed, StoreRefusal
from answerable.place.errors import PlaceError
from answerable.record import RECORD_FILE
from answerable.record.lock import WriterLock
from answerable.record.log.kept import checkpoint_of
from answerable.record.log.keys import KEYS_FILE
from answerable.record.log.publisher import Publisher
from answerable.towns.files import CALLS
from answerable.towns.load import TownRefused, load_town, town_folder
from answerable.towns.model import Town

DEMO_DATA = Path("data/demo")
USUAL_TOWN = "san_francisco"
HOST = "127.0.0.1"
OVERLAP_US = 600_000_000
"""How far a resumed demo reaches back: what was not recorded is given again, by its key."""


class DemoOptions(msgspec.Struct, frozen=True):
    """The options of the command. ``at`` and ``data`` are chosen for the town where left out."""

    town: str
    port: int
    speed: float
    at: str | None = None
    data: Path | None = None
    fresh: bool = False
    per_day: float | None = None
    seed: int = 1


def data_of(town: Town) -> Path:
    """Return the usual folder of a town's demo record: no two towns share one."""
    return DEMO_DATA if town.name == USUAL_TOWN else Path(f"{DEMO_DATA}-{town.name}")


def run_demo(options: DemoOptions) -> int:
    """Run the demo until it is stopped; returns the exit code."""
    try:
        listener = listen(
            HOST,
            options.port,
            said(
                "Stop it, or choose another port: {command}",
                command=f"answerable demo --port {options.port + 1}",
            ),
        )
        clock = PacedClock(0, options.speed)
        died: list[str] = []
        demo, centre, publisher, data = _prepare(options, clock, died)
    except (CannotBegin, TownRefused, PlaceError, StoreRefusal, SourceRefused) as refusal:
        print(str(refusal), file=sys.stderr)
        return 2
    try:
        return _serve(data, centre, demo, publisher, listener, died)
    finally:
        centre.close()


def _prepare(
    options: DemoOptions, clock: PacedClock, died: list[str]
) -> tuple[Demo, Centre, Publisher, Path]:
    """Open the centre and bring it to the hour at which the demo begins; say where its data is."""
    folder = sound(town_folder(options.town))
    town = load_town(folder)
    data = options.data or data_of(town)
    calls = _calls(options, data, folder, town)
    begin_us, start_us = calls.begin_us, calls.start_us
    clock.pause()
    clock.jump(begin_us)
    centre = open_centre(data, options.town, clock, on_fatal=died.append)
    publisher = begun(centre, data)
    feed = Feed(with_counters(calls.plan, town), town.units)
    resumed_us = centre.hub.last_us
    if resumed_us > begin_us:
        feed.skip(resumed_us - OVERLAP_US)
        clock.jump(resumed_us)
    agencies = [agency.code for agency in town.file.agencies]
    trunk = Trunk(seed=options.seed, agency=agencies[-1] if agencies else "")
    demo = Demo(centre.hub, clock, feed, begin_us, calls.end_us, made_up=calls.made_up, trunk=trunk)
    if resumed_us < start_us:
        _say(
            said("Recording the hours before {at} ...", at=f"{town.local(start_us):%Y-%m-%d %H:%M}")
        )
    else:
        at = f"{town.local(resumed_us):%Y-%m-%d %H:%M}"
        _say(said("Going on from {at}; --fresh begins anew.", at=at))
    demo.prepare(max(start_us, clock.now_us()))
    demo.run_at(options.speed)
    return demo, centre, publisher, data


def _calls(options: DemoOptions, data: Path, folder: Path, town: Town) -> DemoCalls:
    """Return the town's recorded calls, or made-up ones where it has none."""
    now_us = SystemClock().now_us()
    if not (folder / CALLS.name).is_file():
        how = MakeUp(options.per_day, options.seed)
        return made_up_calls(
            folder, town, data, options.at, how, fresh=options.fresh, now_us=now_us,
            begin_anew=lambda: _begin_anew(data), say=_say,
        )  # fmt: skip
    calls = recorded_calls(folder, town, options.at, now_us)
    if options.fresh:
        _begin_anew(data)
    return calls


def _begin_anew(data: Path) -> None:
    """Remove an old demo record, and nothing else that may lie in the folder.

    Raises RecordInUse while another process writes it, CannotBegin where it cannot be removed.
    """
    record = data / RECORD_FILE
    if not record.exists() and not checkpoint_of(record).exists():
        return
    lock = WriterLock(record)
    try:
        for file in data.glob(f"{RECORD_FILE}*"):
            if not file.name.endswith(".lock"):
                file.unlink()
        (data / KEYS_FILE).unlink(missing_ok=True)  # another record is another log
    except OSError as error:
        raise CannotBegin(
            said(
                "Not started: the old record {record} cannot be removed ({why}). "
                "Remove it by hand, or choose another folder with --data.",
                record=record,
                why=error.strerror,
            )
        ) from error
    finally:
        lock.release()


def _serve(
    data: Path, centre: Centre, demo: Demo, publisher: Publisher, listener: socket.socket,
    died: list[str],
) -> int:  # fmt: skip
    from answerable.console.app import App, application
    from answerable.console.log.service import LogService

    app = App(centre, demo)
    app.front.made_up = True
    LogService(app.front, publisher)
    url = address_of(listener)
    app.front.dialling.set_up(DiallerAt(kind="simulated"))
    callers = SelfAnswering(app.front, url)
    app.live.heard_by.append(callers.committed)
    _say(
        said("Answerable is at {url}  (Ctrl+C stops it; the record stays in {data})",
             url=url, data=data)
    )  # fmt: skip
    for role in ("call-taker", "dispatcher", "supervisor", "crew", "administrator"):
        _say(said("  sign in as {role}: {url}", role=said(role), url=f"{url}/demo/sign-in/{role}"))
    serve_until_over(application(app), listener, lambda: _feed(demo, centre, died, callers))
    if died:
        print(
            said(
                "Stopped: the record failed ({why}). Everything that was acknowledged is in it. "
                "Look at the disk, then start the demo again.",
                why=died[0],
            ),
            file=sys.stderr,
        )
        return 1
    return 0


async def _feed(demo: Demo, centre: Centre, died: list[str], callers: SelfAnswering) -> None:
    """Feed the calls and keep snapshots until the record fails."""
    running = asyncio.create_task(demo.run())
    answering = asyncio.create_task(callers.run())
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
        answering.cancel()


def _say(text: str) -> None:
    print(text, flush=True)
