"""From a key to what it does being wholly on the screen, at ten times the busiest hour.

    python -m benchmarks.display [--consoles 100] [--samples 1200] [--speed 10] [--no-map]

The demonstration of San Francisco runs in a process of its own, on the evening on which its calls
kept the units busiest (11 April 2020, 20:00), at ``--speed`` times the pace. Consoles look on: all
but one are open streams of the board, the last is a real Chromium in which a dispatcher works by
keyboard. A key's time runs from the browser's own stamp of the key until the second frame after the
page has everything that the key does; so it has what it was asked for, and the screen was painted:

* ``note``: Enter in the command bar; the sentence stands in the thread of the incident (a command:
  decided, synced to the disk, drawn, streamed, shown).
* ``send``: Enter in the command bar; the unit stands in the row of the board, sent, or the refusal
  is read where somebody else was quicker.
* ``select``: ``j`` or ``k`` on the board; whom to send to that incident is shown.
* ``preview``: a key in the command bar; what the line would do is said.

The map is drawn by the processor here, a graphics card draws it at a desk: ``--no-map`` takes it
away, and shows what of the time is the map's.

Prints one JSON object: percentiles of each and of all, in milliseconds, and the commands a second
that the server recorded meanwhile. Needs Debian's chromium and the ``browser`` checks.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import itertools
import json
import selectors
import socket
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.console.browser import DRAWS, FLAGS, chromium, demonstration

AT = "2020-04-11T20:00"
ROLE = "dispatcher"
BLOCK = 20
"""Samples on one incident, and as many on the board, before another one."""
WAIT_MS = 10_000
SETTLE_S = 12
WATCH = """
window.bench = {key: 0};
addEventListener('keydown', (e) => { bench.key = e.timeStamp; }, true);
bench.until = (test, most) => new Promise((done) => {
  const began = performance.now();
  const look = () => {
    if (test()) requestAnimationFrame(() => done(performance.now() - bench.key));
    else if (performance.now() - began > most) done(-1);
    else requestAnimationFrame(look);
  };
  look();
});
"""


class Audience(threading.Thread):
    """Open streams of the board, read and thrown away."""

    def __init__(self, port: int, count: int) -> None:
        super().__init__(daemon=True)
        self.port, self.count, self.bytes, self.over = port, count, 0, False
        self.cookie = signed_in(port)

    def run(self) -> None:
        """Read until told that it is over."""
        chooser = selectors.DefaultSelector()
        for _ in range(self.count):
            sock = socket.create_connection(("127.0.0.1", self.port))
            sock.sendall(
                f"GET /live/board/en HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\n"
                f"Cookie: {self.cookie}\r\nAccept: text/event-stream\r\n\r\n".encode()
            )
            chooser.register(sock, selectors.EVENT_READ)
        while not self.over:
            for key, _ in chooser.select(0.2):
                got = len(key.fileobj.recv(1 << 18))  # type: ignore[union-attr]
                assert got, "the server ended a console's stream"
                self.bytes += got


def signed_in(port: int) -> str:
    """Return the cookies of a desk that signed in to the demonstration."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    line.request("GET", f"/demo/sign-in/{ROLE}")
    answer = line.getresponse()
    answer.read()
    found = [value.partition(";")[0] for name, value in answer.getheaders() if name == "set-cookie"]
    assert found, f"nobody was let in: {answer.status}"
    return "; ".join(found)


class Desk:
    """A dispatcher at a keyboard."""

    def __init__(self, page: Any, base: str) -> None:
        self.page, self.base = page, base
        self.took: dict[str, list[float]] = {}
        self.lost: list[str] = []

    def timed(self, what: str, key: str, test: str) -> None:
        """Press a key and wait until what it does is on the screen."""
        self.page.evaluate(f"() => {{ bench.result = bench.until(() => {test}, {WAIT_MS}); }}")
        self.page.keyboard.press(key)
        took = float(self.page.evaluate("() => bench.result"))
        if took < 0:
            told = self.page.evaluate("() => document.querySelector('#hint')?.textContent ?? ''")
            self.lost.append(f"{what}: {test[-70:]}: {told.strip()[:80]}")
        else:
            self.took.setdefault(what, []).append(took)

    def at(self, path: str) -> None:
        """Go to a page and wait until its stream is open."""
        self.page.goto(self.base + path, wait_until="load")
        self.page.wait_for_selector("#line [name=line]")
        time.sleep(0.3)

    def bar(self, text: str) -> None:
        """Write a line into the command bar; the last key is a sample of the preview."""
        self.page.keyboard.press("/")
        line = self.page.locator("#line [name=line]")
        line.fill("/" + text[:-1])
        before = json.dumps(self.page.evaluate("() => document.querySelector('#bar').innerHTML"))
        self.timed(
            "preview", text[-1],
            f"(document.querySelector('#line [data-seen]').value, "
            f"document.querySelector('#bar').innerHTML !== {before}"
            f" || document.querySelector('#hint').textContent)",
        )  # fmt: skip

    def notes(self, incident: str, marks: Iterator[int], count: int) -> None:
        """Write notes on an incident from its own page."""
        self.at(f"/incidents/{incident}")
        for number in itertools.islice(marks, count):
            self.bar(f"note seen mark{number}x")
            shown = f"document.querySelector('#thread').textContent.includes('mark{number}x')"
            self.timed("note", "Enter", shown)
            self.page.keyboard.press("Escape")

    def watches(self, count: int) -> None:
        """Go up and down the open incidents of the board, and send somebody now and then."""
        self.at("/board")
        for turn in range(count):
            rows = self.page.evaluate(
                "() => [...document.querySelectorAll('#open > .row')]"
                ".map((row) => [row.dataset.incident, row.getAttribute('aria-current')])"
            )
            now = next((n for n, (_, current) in enumerate(rows) if current == "true"), 0)
            key = "j" if now < len(rows) - 1 and turn % 10 < 7 else "k"
            to = min(max(now + (1 if key == "j" else -1), 0), len(rows) - 1)
            if to == now:
                continue
            was = rows[now][0]  # the board may be ordered anew between the look and the key
            test = (
                f"(row => row && row !== '{was}' && document.querySelector('#advice')?.textContent"
                ".includes(row))(document.querySelector('#open > .row[aria-current=true]')"
                "?.dataset.incident)"
            )
            self.page.evaluate("() => document.activeElement?.blur?.()")
            self.timed("select", key, test)

    def sends(self, count: int) -> None:
        """Send free units to open incidents from the board's command bar."""
        self.at("/board")
        for _ in range(count):
            unit = self.page.evaluate(
                "() => [...document.querySelectorAll('#group-6 a')].at(-1)?.textContent.trim()"
            )
            row = self.page.evaluate(
                "() => [...document.querySelectorAll('#open > .row')].at(-1)?.dataset.incident"
            )
            if not unit or not row:
                continue
            self.bar(f"send {unit} {row} because a rehearsal")
            self.timed(
                "send", "Enter",
                f"document.querySelector('#row-{row}')?.textContent.includes('{unit}')"
                " || document.querySelector('#hint').dataset.kind === 'no'",
            )  # fmt: skip
            self.page.keyboard.press("Escape")


def percentiles(took_ms: list[float]) -> dict[str, float]:
    """Return count, median, p99, p99.9 and the longest."""
    ordered = sorted(took_ms)

    def at(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(len(ordered) * share))], 1)

    return {
        "count": len(ordered), "p50_ms": round(statistics.median(ordered), 1),
        "p99_ms": at(0.99), "p999_ms": at(0.999), "max_ms": at(1.0),
    }  # fmt: skip


def worked(page: Any, base: str, samples: int) -> Desk:
    """Work at the keyboard until there are so many samples."""
    desk, marks = Desk(page, base), itertools.count(1)
    while sum(map(len, desk.took.values())) < samples:
        desk.watches(BLOCK)
        desk.sends(3)
        newest = page.evaluate(
            "() => [...document.querySelectorAll('#open > .row')]"
            ".map((row) => row.dataset.incident).sort().at(-1)"
        )
        desk.notes(newest, marks, BLOCK)
        told = {what: len(took) for what, took in desk.took.items()}
        print(f"{told}, lost {len(desk.lost)}", file=sys.stderr, flush=True)
    return desk


def recorded(page: Any) -> int:
    """Return how many events the page says are recorded."""
    text = page.evaluate("() => document.querySelector('[data-recorded]').textContent")
    return int("".join(letter for letter in text if letter.isdecimal()))


def measured(consoles: int, samples: int, speed: int, flags: list[str]) -> dict[str, object]:
    """Run everything; return what was measured."""
    from playwright.sync_api import sync_playwright

    with contextlib.ExitStack() as stack:
        place = stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-display-"))
        port = stack.enter_context(demonstration(Path(place) / "data", AT, speed))
        base = f"http://127.0.0.1:{port}"
        play = stack.enter_context(sync_playwright())
        browser = play.chromium.launch(executable_path=chromium(), args=flags)
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        page.add_init_script(WATCH)
        page.goto(f"{base}/demo/sign-in/{ROLE}", wait_until="load")
        audience = Audience(port, consoles - 1)
        audience.start()
        time.sleep(SETTLE_S)  # until the demonstration has caught up with its hour
        page.goto(f"{base}/board", wait_until="load")
        before, began_s = recorded(page), time.monotonic()
        desk = worked(page, base, samples)
        page.goto(f"{base}/board", wait_until="load")
        seconds, events = time.monotonic() - began_s, recorded(page) - before
        audience.over = True
        browser.close()
    every = [one for took in desk.took.values() for one in took]
    return {
        "consoles": consoles, "speed": speed, "from": AT, "seconds": round(seconds, 1),
        "events_per_s": round(events / seconds, 2), "all": percentiles(every),
        **{what: percentiles(took) for what, took in desk.took.items()},
        "lost": len(desk.lost), "lost_of": sorted(set(desk.lost)),
        "stream_mb": round(audience.bytes / 1e6, 1),
    }  # fmt: skip


def main() -> int:
    """Measure and print, also what was pressed and not shown within ``WAIT_MS``."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--consoles", type=int, default=100)
    parser.add_argument("--samples", type=int, default=1_200)
    parser.add_argument("--speed", type=int, default=10)
    parser.add_argument("--no-map", action="store_true")
    given = parser.parse_args()
    flags = [*FLAGS, *DRAWS, *(["--disable-3d-apis"] if given.no_map else [])]
    told = measured(given.consoles, given.samples, given.speed, flags)
    print(json.dumps({"map": not given.no_map, **told}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
