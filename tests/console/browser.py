"""What browser tests share: the real demonstration, a wire that can be cut, a watched page."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

FLAGS = (
    "--no-sandbox", "--disable-quic", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
)  # fmt: skip
DRAWS = ("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
"""Maps are drawn, by software: every frame of every page then costs about twice as much."""
FLAT = ("--disable-gpu", "--disable-3d-apis")
"""No map is drawn; the page stands without it, as on a desk whose machine cannot."""
AXE = (Path(__file__).parent / "vendor/axe.min.js").read_text(encoding="utf-8")
SHOTS = os.environ.get("ANSWERABLE_SHOTS", "")
"""Where screenshots are kept; nowhere when it is not set."""
WATCH = """
window.seen = {csp: [], shift: 0};
document.addEventListener('securitypolicyviolation', e => seen.csp.push(e.violatedDirective + ' ' + e.blockedURI));
new PerformanceObserver(list => list.getEntries().forEach(e => { if (!e.hadRecentInput) seen.shift += e.value; }))
  .observe({type: 'layout-shift', buffered: true});
"""  # noqa: E501
ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)")
NOISE = ("GPU stall", "GL Driver Message", "WebGL")


def chromium() -> str:
    """Return the path of the browser."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(path for name in names if (path := shutil.which(name)))


@contextlib.contextmanager
def driven() -> Iterator[Callable[[Sequence[str]], Any]]:
    """Yield what launches a browser of further flags; all end with the block."""
    driver = pytest.importorskip("playwright.sync_api", reason="needs: pip install playwright")
    with contextlib.ExitStack() as stack:
        playwright = stack.enter_context(driver.sync_playwright())

        def launch(flags: Sequence[str]) -> Any:
            browser = playwright.chromium.launch(executable_path=chromium(), args=[*FLAGS, *flags])
            stack.callback(browser.close)
            return browser

        yield launch


@contextlib.contextmanager
def demonstration(data: Path, at: str = "2020-04-02T06:00", speed: int = 10) -> Iterator[int]:
    """Run the real demonstration in a process of its own; yield its port.

    At this speed a call that a test looks at is not over before a slow machine has looked.
    """
    words = ["demo", "--port", "0", "--data", str(data), "--at", at, "--speed", str(speed)]
    code = "import sys; from answerable.console.cli import main; sys.exit(main())"
    with running([sys.executable, "-c", code, *words]) as port:
        yield port


@contextlib.contextmanager
def running(command: Sequence[str], folder: Path | None = None) -> Iterator[int]:
    """Run what takes a free port and prints its address; yield the port once it does."""
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        found = (ADDRESS.search(line) for line in process.stdout)
        at = next((told for told in found if told), None)
        assert at is not None, "it ended before it said where it is"
        yield int(at[1])
    finally:
        process.terminate()
        process.wait(timeout=60)
        process.stdout.close()


class Wire:
    """A connection to the demonstration that can be cut and mended."""

    def __init__(self, port: int) -> None:
        self.to = port
        self.cut = False
        self.dead: set[socket.socket] = set()
        self.silent = False
        self.open: set[socket.socket] = set()
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.door.getsockname()[1])
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                near, _ = self.door.accept()
            except OSError:
                return
            if self.cut:
                near.close()
                continue
            if self.silent:
                self.dead.add(near)
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self.to))
            except OSError:  # nobody listens there now
                near.close()
                continue
            self.open |= {near, far}
            if self.cut:  # meanwhile, and not seen by whoever cut it
                self._shut({near, far})
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._pass, args=(one, other), daemon=True).start()

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65_536):
                if self.silent:
                    self.dead |= {one, other}
                if not self.dead & {one, other}:
                    other.sendall(data)
        self._shut({one, other})
        self.open -= {one, other}

    def break_off(self) -> None:
        """Cut every connection, and every new one, until it is mended."""
        self.cut = True
        self._shut(self.open)

    @staticmethod
    def _shut(ends: set[socket.socket]) -> None:
        for end in list(ends):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def swallow(self) -> None:
        """Say nothing more: nothing comes through, and no end of a connection either."""
        self.silent = True
        self.dead |= self.open

    def mend(self) -> None:
        """Let connections through again; those that were swallowed stay dead."""
        self.cut = self.silent = False

    def close(self) -> None:
        """Let go of the port."""
        self.open |= self.dead
        self.break_off()
        self.door.close()


@dataclass
class Seen:
    """What went wrong on a page."""

    base: str
    outside: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def follow(self, page: Any) -> None:
        """Watch a page: every request, every error."""
        page.on("request", lambda request: self._request(request.url))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", self._console)

    def _request(self, url: str) -> None:
        if not url.startswith(self.base):
            self.outside.append(url)

    def _console(self, message: Any) -> None:
        noisy = any(word in message.text for word in NOISE)
        if message.type in ("error", "warning") and not noisy:
            self.errors.append(f"{message.text} {message.location.get('url', '')}".strip())


def shot(page: Any, name: str) -> None:
    """Keep a screenshot where screenshots are kept."""
    if SHOTS:
        Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(SHOTS) / f"{name}.png"))
