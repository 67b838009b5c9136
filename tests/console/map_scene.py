"""A console over any town folder with a few units and calls that stand still, for map tests.

``python -m tests.console.map_scene FOLDER PORT`` serves it until it is told to stop.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.console.browser import running

NOON_US = 1_791_194_400_000_000
"""5 October 2026, 10:00 UTC."""
CALLS = 5


def main(folder: str) -> None:
    """Serve the scene."""
    from answerable.console.app import App, application
    from answerable.console.centre import open_centre
    from answerable.console.demo import Demo
    from answerable.console.running import address_of, listen, serve_until_over
    from answerable.exchange.calls.plan import Plan
    from answerable.exchange.calls.replay import Feed
    from answerable.kernel.clock import PacedClock
    from answerable.record.memory import MemoryStore

    clock = PacedClock(NOON_US, 1.0)
    with tempfile.TemporaryDirectory() as data:
        centre = open_centre(Path(data), folder, clock, store=MemoryStore(), on_fatal=print)
        play(centre)
        demo = Demo(centre.hub, clock, Feed(Plan(commands=[], units=[], calls=0)), NOON_US,
                    NOON_US + 3_600_000_000)  # fmt: skip
        demo.pause()  # the units stand where they are, so that the map comes to rest
        app = application(App(centre, demo))
        listener = listen("127.0.0.1", 0, "")
        print(address_of(listener), flush=True)
        serve_until_over(app, listener, lambda: asyncio.sleep(3600))


def play(centre) -> None:
    """Put units on duty, open calls along the streets, send units, let some arrive."""
    from answerable.dispatch import words as d
    from answerable.intake import words as i

    number = iter(range(1000))

    def do(command, **fields):
        told = command(key=f"scene-{next(number)}", **fields)
        outcome = centre.hub.do(told, DISPATCHER)
        assert hasattr(outcome, "recorded"), outcome
        return outcome.recorded[0].event

    from answerable.kernel.authority import Actor

    DISPATCHER = Actor(name="dispatcher", role="dispatcher")
    town, roads = centre.town, centre.places.roads
    units = list(town.units.values())[:9]
    for unit in units:
        do(d.PutOnDuty, unit=unit.unit, unit_type=unit.unit_type, station=unit.station,
           skills=unit.skills)  # fmt: skip
    free = [unit.unit for unit in units]
    for at in range(CALLS):
        node = (at * 2 + 1) * len(roads.lon) // (2 * CALLS)
        kind = town.file.kinds[at % len(town.file.kinds)]
        call = do(i.AnswerCall).call
        incident = do(
            i.OpenIncident, call=call, kind=kind.code, priority=kind.priority,
            address=f"Call {at + 1}", lon=float(roads.lon[node]), lat=float(roads.lat[node]),
        ).incident  # fmt: skip
        for unit in (free.pop(0) for _ in range(min(2 if at == 0 else 1, len(free)))):
            do(d.SendUnit, unit=unit, incident=incident)
            if at < 4:
                do(d.Acknowledge, unit=unit, incident=incident)
                do(d.GoEnRoute, unit=unit, incident=incident)
            if at == 2:
                do(d.Arrive, unit=unit, incident=incident)
    centre.hub.commit()


@contextlib.contextmanager
def scene(folder: Path) -> Iterator[int]:
    """Run the scene of a town folder in a process of its own; yield its port."""
    words = [sys.executable, "-m", "tests.console.map_scene", str(folder)]
    with running(words, Path(__file__).resolve().parents[2]) as port:
        yield port


if __name__ == "__main__":
    main(*sys.argv[1:])
