"""How long a day's queue of call-backs takes to open, and the figures, at 30,000 calls a day.

    python -m benchmarks.call_backs [--calls 30000] [--asks 60]

Every call is rung, answered, opened and closed through the real hub (in memory), so every caller
stands in the queue as in a centre that has that many; a quarter is asked. Then the pages are opened
over a real socket to a real server, signed in:

* ``first_ms``: the queue for the first time after all that (nothing is at hand yet).
* ``queue_ms``, ``answered_ms``, ``one_ms``, ``figures_ms``: the queue of who is to be rung now, of
  who has answered, one caller's page, and the figures by area; wall time.
* ``…_cpu_ms``: the processor's time of the whole process for one of them, client and all, which a
  busy machine does not lengthen.

``close_cpu_us`` is what a call costs the processor until its caller is in the queue (four commands,
their reactions and views). Prints one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import random
import socket
import tempfile
import time
from pathlib import Path
from typing import Any

import uvicorn
import uvloop

from answerable.console.app import App, application
from answerable.console.centre import Centre, open_centre
from answerable.console.demo import Demo
from answerable.console.serve.wire import Wire
from answerable.console.session import COOKIE
from answerable.dispatch import words as d
from answerable.exchange.calls.mapping import load_mapping
from answerable.exchange.calls.plan import Plan
from answerable.exchange.calls.replay import Feed
from answerable.exchange.calls.rows import read_calls
from answerable.followup import back_words as b
from answerable.intake import words as i
from answerable.kernel.authority import Actor
from answerable.kernel.clock import PacedClock
from answerable.kernel.event import Command
from answerable.kernel.hub import Accepted
from answerable.record.memory import MemoryStore
from answerable.towns.load import town_folder
from benchmarks.taking import spread

NOON_US = 1_585_854_000_000_000
"""2 April 2020, 12:00 in San Francisco: an hour in which callers may be rung."""
STAFF = Actor(name="bench", role="supervisor")
ASKED = 4
"""Every so-many-th caller is asked before the queue is opened."""
UNHAPPY = 300
"""Every so-many-th caller, of those asked and the others, would be asked and unhappy: 1.3 % of
those asked, as services publish it (98.68 % satisfied, Inner Mongolia 2023)."""


class Desk:
    """Whoever does all of it."""

    def __init__(self, centre: Centre) -> None:
        self.centre, self.done = centre, 0

    def do(self, command: type[Command], **fields: Any) -> Any:
        """Have a command done; returns its first event."""
        self.done += 1
        outcome = self.centre.hub.do(command(key=f"bench-{self.done}", **fields), STAFF)
        assert isinstance(outcome, Accepted), outcome
        if self.done % 200 == 0:
            self.centre.hub.commit()
        return outcome.recorded[0].event

    def call(self, kind: str, lon: float, lat: float, address: str, nth: int) -> str:
        """Have one caller's incident come and go; returns the call."""
        call = str(self.do(i.AnswerCall, number=f"+1 555 {nth:07d}").call)
        incident = self.do(
            i.OpenIncident, call=call, kind=kind, priority="3", address=address, lon=lon, lat=lat
        ).incident
        self.do(d.CloseIncident, incident=incident, outcome="nothing found")
        if nth % ASKED == 0:
            mark = 2 if nth % UNHAPPY == 0 else 4 + nth // ASKED % 2
            marks = dict.fromkeys(b.QUESTIONS, mark)
            self.do(b.AnswerCallBack, incident=incident, call=call, **marks)
        return call


def filled(centre: Centre, calls: int, seed: int = 1) -> tuple[str, float]:
    """Have so many calls come and go; returns one that waits, and CPU microseconds a call."""
    folder, pick = town_folder("san_francisco"), random.Random(seed)
    source = read_calls(folder / "calls.csv.gz", load_mapping(folder / "mapping.toml"), 10**16)
    barred = centre.town.following.barred
    kinds = {*barred.kinds, *barred.alarms}
    rows = [row for row in source.rows if row.point and row.kind and row.kind not in kinds]
    desk, waits, began = Desk(centre), "", time.process_time()
    for nth, row in enumerate(pick.choices(rows, k=calls)):
        assert row.point is not None
        call = desk.call(row.kind, *row.point, "100 Block of MAIN ST", nth)
        waits = call if nth % ASKED else waits
    centre.hub.commit()
    return waits, (time.process_time() - began) * 1e6 / calls


def asked(door: http.client.HTTPConnection, path: str, cookie: str) -> tuple[float, bytes]:
    """Open a page; returns milliseconds and the page."""
    began = time.perf_counter()
    door.request("GET", path, headers={"cookie": cookie})
    answer = door.getresponse()
    body = answer.read()
    took = (time.perf_counter() - began) * 1000
    assert answer.status == 200, (path, answer.status, body[:400])
    return took, body


def opened(port: int, cookie: str, call: str, calls: int, asks: int) -> dict[str, object]:
    """Open the pages as a browser does, one after the other."""
    door = http.client.HTTPConnection("127.0.0.1", port)
    first, page = asked(door, "/call-backs", cookie)
    waiting = calls - (calls + ASKED - 1) // ASKED
    assert f"{waiting:,}".encode() in page, "the queue has not as many as were called"
    found: dict[str, object] = {"first_ms": round(first, 3), "page_kb": round(len(page) / 1000, 1)}
    for name, path in (
        ("queue", "/call-backs"), ("answered", "/call-backs?show=answered"),
        ("one", f"/call-backs/{call}"), ("figures", "/call-backs/figures?by=area&weeks=52"),
    ):  # fmt: skip
        began = time.process_time()
        took = [asked(door, path, cookie)[0] for _ in range(asks)]
        cpu_ms = (time.process_time() - began) * 1000 / asks
        found |= {f"{name}_ms": spread(took), f"{name}_cpu_ms": round(cpu_ms, 3)}
    return found


async def served(app: App, ask: Any) -> dict[str, object]:
    """Serve on a port of the loopback while a client asks in a thread of its own."""
    door = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(application(app), log_level="error", http=Wire))
    serving = asyncio.create_task(server.serve([door]))
    while not server.started:
        await asyncio.sleep(0.02)
    found: dict[str, object] = await asyncio.to_thread(ask, door.getsockname()[1])
    server.should_exit = True
    await serving
    return found


def measure(calls: int, asks: int) -> dict[str, object]:
    """Fill a centre, serve it, and open its pages."""
    clock = PacedClock(NOON_US, 1.0)
    with tempfile.TemporaryDirectory() as data:
        centre = open_centre(
            Path(data), "san_francisco", clock, store=MemoryStore(), on_fatal=lambda why: None
        )
        call, close_us = filled(centre, calls)
        demo = Demo(centre.hub, clock, Feed(Plan([], [], 0)), NOON_US, NOON_US)
        app = App(centre, demo)
        identifier = app.front.sessions.begin(STAFF)
        cookie = f"{COOKIE}={identifier}"
        found = uvloop.run(served(app, lambda port: opened(port, cookie, call, calls, asks)))
        return {"calls": calls, "asks": asks, "close_cpu_us": round(close_us, 1), **found}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=30_000)
    parser.add_argument("--asks", type=int, default=60)
    options = parser.parse_args()
    print(json.dumps(measure(options.calls, options.asks), indent=2))


if __name__ == "__main__":
    main()
