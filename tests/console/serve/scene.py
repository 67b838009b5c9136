"""A real ``answerable serve`` in a process of its own, and one in this process for short scenes."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from answerable.access import words as access
from answerable.access.keys import new_word, token_text
from answerable.console.centre import Centre, open_centre
from answerable.console.control import OPERATOR, reached
from answerable.console.serve.clock import SteadyClock
from answerable.console.serve.run_serve import Running, made
from answerable.console.serve.settings import Settings, read_settings
from answerable.kernel.hub import Accepted
from answerable.record.memory import MemoryStore

TOWN = "san_francisco"
SCRIPT = "from answerable.console.cli import main\nmain()\n"
HOUR_US = 3_600_000_000


class Server:
    """A process that serves; ``log`` is what it wrote to the standard error so far."""

    def __init__(self, folder: Path, *options: str, script: str = SCRIPT, **env: str) -> None:
        self.folder, self.log_path = folder, folder / f"log-{len(list(folder.iterdir()))}"
        self.said: list[str] = []
        command = [sys.executable, "-c", script, "serve", "--port", "0", *options]
        with self.log_path.open("wb") as log:
            self.process = subprocess.Popen(
                command, stdout=subprocess.PIPE, stderr=log, text=True, env=os.environ | env
            )
        assert self.process.stdout is not None
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._first = threading.Event()
        self._reader.start()

    def _read(self) -> None:
        for line in self.process.stdout:
            self.said.append(line.rstrip("\n"))
            self._first.set()
        self._first.set()

    @property
    def log(self) -> str:
        return self.log_path.read_text("utf-8", "replace")

    @property
    def printed(self) -> str:
        """The address it printed."""
        assert self._first.wait(60), self.log
        assert self.said, f"it did not begin:\n{self.log}"
        return self.said[0].split()[-1]

    @property
    def local(self) -> str:
        """The address on this machine, whatever the public one is."""
        assert self.printed
        return self.told("listening=").split("listening=")[1].split()[0]

    def told(self, what: str, patience_s: float = 30.0) -> str:
        """Wait for a line of the log that holds something, and return it."""
        until_s = time.monotonic() + patience_s
        while time.monotonic() < until_s:
            for line in self.log.splitlines():
                if what in line:
                    return line
            time.sleep(0.02)
        raise AssertionError(f"never told: {what}\n{self.log}")

    def end(self, number: int = signal.SIGTERM) -> int:
        """Ask it to stop, and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        code = self.process.wait(60)
        self._reader.join(30)
        return code


@contextlib.contextmanager
def serving(folder: Path, *options: str, **more: str) -> Iterator[Server]:
    """Serve a packaged town from a folder for as long as the scene lasts."""
    server = Server(folder, "--town", TOWN, "--data", str(folder / "data"), *options, **more)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.process.kill()
            server.process.wait(10)


def token(data: Path, role: str, name: str = "") -> str:
    """Issue a token at a centre, running or not, and return it."""
    word, name = new_word(), name or f"test-{role.replace('_', '-')}"
    with reached(data) as centre:
        now_us = centre.ask({"do": "about"})["now_us"]
        answer = centre.ask(
            {"command": {
                "type": "access.IssueToken", "key": f"key-{word.digest[:20]}", "token": name,
                "label": "a test", "role": role, "digest": word.digest,
                "until": now_us + HOUR_US,
            }}
        )  # fmt: skip
    assert "recorded" in answer, answer
    return token_text(name, word.text)


def bearer(text: str) -> dict[str, str]:
    return {"authorization": f"Bearer {text}"}


class Scene:
    """A service in this process, over a record in memory."""

    def __init__(self, folder: Path, **settings: object) -> None:
        self.clock = SteadyClock()
        self.died: list[str] = []
        self.centre: Centre = open_centre(
            folder, TOWN, self.clock, store=MemoryStore(), on_fatal=self.died.append
        )
        given: dict[str, object] = {"town": TOWN, "data": str(folder)}
        self.settings: Settings = read_settings(None, **(given | settings))
        self.keys = 0

    def made(self, secret: str = "") -> Running:
        return made(self.centre, self.settings, self.clock, secret, self.died)

    def do(self, command: type, **fields: object) -> None:
        """Have a command of access done by the operator."""
        self.keys += 1
        outcome = self.centre.hub.do(command(key=f"test-{self.keys:04}", **fields), OPERATOR)
        assert isinstance(outcome, Accepted), outcome
        self.centre.hub.commit()

    def token(self, role: str) -> str:
        """Issue a token."""
        word = new_word()
        self.do(
            access.IssueToken, token=f"test-{role}", label="a test", role=role,
            digest=word.digest, until=self.centre.now_us() + HOUR_US,
        )  # fmt: skip
        return token_text(f"test-{role}", word.text)


def client(running: Running, base: str = "http://127.0.0.1", **headers: str) -> httpx.AsyncClient:
    """Return a client of a service in this process."""
    transport = httpx.ASGITransport(running.asgi, client=("127.0.0.1", 40000))
    return httpx.AsyncClient(transport=transport, base_url=base, headers=headers)
