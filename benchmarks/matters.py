"""How long the list of tracked matters takes over HTTP while ten thousand are open.

    python -m benchmarks.matters [--open 10000] [--asks 60]

A centre of the packaged town with so many open matters of every kind, owner and age; the console
serves on the loopback as it does for a desk (uvicorn, one process), and somebody signed in asks for
the lists and filters of the page one after the other. A time is from the first byte of the question
to the last of the answer, everything between included: rights, one pass over all matters, words,
HTML. Prints one JSON object; ``cpu_ms`` is the processor's time alone, for a busy machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
import uvicorn
import uvloop

from answerable.console.app import App, application
from answerable.console.centre import Centre, open_centre
from answerable.console.serve.wire import Wire
from answerable.console.session import cookie
from answerable.kernel.authority import Actor
from answerable.kernel.clock import PacedClock
from answerable.kernel.hub import Accepted
from answerable.matters import matter_words as w
from answerable.record.memory import MemoryStore

NOON_US = 1_585_854_000_000_000
DAY_US = 86_400_000_000
ACTOR = Actor(name="supervisor", role="supervisor")
PAGES = (
    "/matters", "/matters?list=mine", "/matters?list=unit", "/matters?list=near",
    "/matters?list=overdue", "/matters?list=sign", "/matters?kind=hazard",
    "/matters?kind=follow-up&origin=hand", "/matters?owner=role%3Asupervisor&list=overdue",
    "/matters?page=50",
)  # fmt: skip


def fill(centre: Centre, count: int) -> None:
    """Open so many matters: every kind, 40 owners, up to 40 days old; some taken, some done."""
    kinds = [one.code for one in centre.town.matters.kinds]
    units = list(centre.town.units)[:39]
    for nth in range(count):
        unit = nth % 40 < 39
        done(centre, w.OpenMatter(
            key=f"open-{nth}", at=NOON_US - nth * 40 * DAY_US // count,
            kind=kinds[nth % len(kinds)], words="see to it",
            owner_sort=w.OwnerSort.UNIT if unit else w.OwnerSort.ROLE,
            owner=units[nth % 40] if unit else "supervisor",
        ))  # fmt: skip
        if nth % 5 == 0:
            done(centre, w.TakeMatter(key=f"take-{nth}", matter=f"M{nth + 1}"))
        if nth % 25 == 0:
            done(centre, w.FinishMatter(
                key=f"done-{nth}", matter=f"M{nth + 1}", result="done", words="seen to"
            ))  # fmt: skip
        if nth % 128 == 0:
            centre.hub.commit()
    centre.hub.commit()


def done(centre: Centre, command: Any) -> None:
    """Have a command done that must be accepted."""
    outcome = centre.hub.do(command, ACTOR)
    if not isinstance(outcome, Accepted):
        raise SystemExit(f"the centre could not be filled: {outcome}")


async def measured(app: App, asks: int) -> dict[str, object]:
    """Serve on the loopback and ask for every page; returns the times in milliseconds."""
    config = uvicorn.Config(
        application(app), host="127.0.0.1", port=0, log_level="error", http=Wire
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    identifier = app.front.sessions.begin(ACTOR)
    headers = {"cookie": cookie(identifier, secure=False).partition(";")[0]}
    took: dict[str, list[float]] = {page: [] for page in PAGES}
    cpu: list[float] = []
    size = 0
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers) as client:
        for nth in range(asks + len(PAGES)):
            page = PAGES[nth % len(PAGES)]
            began, worked = time.perf_counter(), time.process_time()
            answer = await client.get(page)
            if answer.status_code != 200:
                raise SystemExit(f"{page} answered {answer.status_code}")
            size = max(size, len(answer.content))
            if nth >= len(PAGES):  # the first round compiles the templates
                took[page].append((time.perf_counter() - began) * 1e3)
                cpu.append((time.process_time() - worked) * 1e3)
    server.should_exit = True
    await serving
    return told(took, cpu, size)


def told(took: dict[str, list[float]], cpu: list[float], size: int) -> dict[str, object]:
    """Return the times as figures."""
    every = sorted(one for times in took.values() for one in times)
    return {
        "p50_ms": round(statistics.median(every), 1),
        "p95_ms": round(every[int(0.95 * (len(every) - 1))], 1),
        "max_ms": round(every[-1], 1),
        "cpu_p50_ms": round(statistics.median(cpu), 1),
        "bytes": size,
        "pages": {page: round(statistics.median(t), 1) for page, t in took.items() if t},
    }


def main() -> None:
    """Fill a centre, serve it, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--open", type=int, default=10_000)
    parser.add_argument("--asks", type=int, default=200)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        centre = open_centre(
            Path(folder), "san_francisco", PacedClock(NOON_US, 0.0), store=MemoryStore(),
            on_fatal=lambda why: None,
        )  # fmt: skip
        try:
            fill(centre, options.open)
            figures = uvloop.run(measured(App(centre, None), options.asks))
        finally:
            centre.close()
    print(json.dumps({"open": options.open, "limit_ms": 200, **figures}, indent=2))


if __name__ == "__main__":
    main()
