"""How long the form for taking a call waits: for a proposal, and for all it shows, through HTTP.

    python -m benchmarks.taking [--incidents 10000] [--asks 400]

``proposal_ms`` is the word rules of the packaged town alone, on narratives of made-up callers.
``heard_ms`` is what the page waits for while the caller speaks: proposal, questions, and the
incidents this call may be about among ``incidents`` open and recent ones (made as in
``benchmarks.nearby``), as ``POST /take/heard`` over a real socket to a real server, signed in.
``heard_cpu_ms`` is the processor's time of the whole process an ask, client and all, which a busy
machine does not lengthen. Prints one JSON object.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import random
import re
import socket
import statistics
import tempfile
import time
from pathlib import Path

import uvicorn
import uvloop

from answerable.console.app import App, application
from answerable.console.centre import Centre, open_centre
from answerable.console.demo import Demo
from answerable.console.serve.wire import Wire
from answerable.console.session import COOKIE
from answerable.console.taking.heard import rules_of
from answerable.exchange.calls.mapping import load_mapping
from answerable.exchange.calls.plan import Plan
from answerable.exchange.calls.replay import Feed
from answerable.exchange.calls.rows import read_calls
from answerable.kernel.authority import Actor
from answerable.kernel.clock import PacedClock
from answerable.record.memory import MemoryStore
from answerable.towns.load import town_folder
from benchmarks.nearby import NOW_US, Place, made

SAID = (
    "there is smoke coming from the kitchen window on the third floor",
    "my husband fell down the stairs and he is not breathing",
    "two cars crashed at the corner, nobody is hurt but one leaks fuel",
    "三楼厨房冒烟，有人被困", "no fire, only the smoke alarm has been beeping for an hour",
    "an old woman on the bench outside does not answer, maybe she sleeps",
)  # fmt: skip


def spread(took: list[float]) -> dict[str, float]:
    """Return median, 99th percentile and the longest, milliseconds."""
    took = sorted(took)
    figures = {"p50": statistics.median(took), "p99": took[int(0.99 * len(took))], "max": took[-1]}
    return {name: round(value, 3) for name, value in figures.items()}


def proposals(centre: Centre, asks: int, pick: random.Random) -> dict[str, float]:
    """Time the word rules alone."""
    rules = rules_of(centre.town)
    took = []
    for _ in range(asks):
        words = " ".join(pick.choices(SAID, k=2))
        began = time.thread_time()
        rules.propose(words)
        took.append((time.thread_time() - began) * 1000)
    return spread(took)


def asked(
    port: int, cookie: str, places: list[Place], pick: random.Random
) -> tuple[list[float], int]:
    """Ask over one connection as the page does; return milliseconds, and how many found any."""
    door = http.client.HTTPConnection("127.0.0.1", port)
    door.request("GET", "/take", headers={"cookie": cookie})
    page = door.getresponse().read().decode()
    token = re.search(r'data-token="([^"]+)"', page)
    assert token is not None
    headers = {"cookie": cookie, "x-token": token[1], "content-type": "application/json"}
    took, found = [], 0
    for _kind, lon, lat in places:
        body = json.dumps({"words": pick.choice(SAID), "lon": lon, "lat": lat})
        began = time.perf_counter()
        door.request("POST", "/take/heard", body, headers)
        answer = door.getresponse()
        told = json.loads(answer.read())
        took.append((time.perf_counter() - began) * 1000)
        found += "data-attach" in told["near"]
    return took, found


async def served(
    app: App, cookie: str, places: list[Place], pick: random.Random
) -> tuple[list[float], int, float]:
    """Serve on a port of the loopback while a client asks in a thread of its own."""
    door = socket.create_server(("127.0.0.1", 0))
    port = door.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(application(app), log_level="error", http=Wire))
    serving = asyncio.create_task(server.serve([door]))
    while not server.started:
        await asyncio.sleep(0.02)
    await asyncio.to_thread(asked, port, cookie, places[:5], pick)
    began = time.process_time()
    took, found = await asyncio.to_thread(asked, port, cookie, places, pick)
    cpu_ms = (time.process_time() - began) * 1000 / len(places)
    server.should_exit = True
    await serving
    return took, found, cpu_ms


def measure(incidents: int, asks: int, seed: int = 1) -> dict[str, object]:
    """Fill a board, serve it, and ask."""
    folder = town_folder("san_francisco")
    pick = random.Random(seed)
    source = read_calls(folder / "calls.csv.gz", load_mapping(folder / "mapping.toml"), 10**16)
    rows = [row for row in source.rows if row.point is not None and row.kind]
    real: list[Place] = [(row.kind, *row.point) for row in rows]  # type: ignore[list-item]
    clock = PacedClock(NOW_US, 1.0)
    with tempfile.TemporaryDirectory() as data:
        centre = open_centre(
            Path(data), "san_francisco", clock, store=MemoryStore(), on_fatal=lambda why: None
        )
        board = made(pick.choices(real, k=incidents), pick)
        centre.board.incidents.update(board.incidents)
        centre.board.closed.update(board.closed)
        centre.nearby.follow(centre.board)
        demo = Demo(centre.hub, clock, Feed(Plan([], [], 0)), NOW_US, NOW_US)
        app = App(centre, demo)
        identifier = app.front.sessions.begin(Actor(name="bench", role="dispatcher"))
        cookie = f"{COOKIE}={identifier}"
        places = pick.choices(real, k=asks)
        took, found, cpu_ms = uvloop.run(served(app, cookie, places, pick))
        return {
            "incidents": incidents,
            "asks": asks,
            "asks_that_found_an_incident": found,
            "proposal_ms": proposals(centre, asks, pick),
            "heard_ms": spread(took),
            "heard_cpu_ms": round(cpu_ms, 3),
        }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--incidents", type=int, default=10_000)
    parser.add_argument("--asks", type=int, default=400)
    options = parser.parse_args()
    print(json.dumps(measure(options.incidents, options.asks), indent=2))


if __name__ == "__main__":
    main()
