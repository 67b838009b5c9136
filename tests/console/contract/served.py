"""The console of a test world behind a real socket, in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from answerable.access import words as access
from answerable.access.keys import new_word, token_text
from answerable.console.centre import open_centre
from answerable.console.demo import Demo
from answerable.console.session import COOKIE
from answerable.dispatch import words as d
from answerable.exchange.calls.plan import Plan
from answerable.exchange.calls.replay import Feed
from answerable.kernel.authority import Actor
from answerable.kernel.clock import PacedClock
from answerable.kernel.store import Store
from answerable.record.memory import MemoryStore
from tests.console.conftest import MINUTE_US, NOON_US, World

ADMINISTRATOR = Actor(name="ada", role="administrator")


class Served:
    """A world and its address. Whatever touches the centre goes through ``call``."""

    def __init__(self, world: World, server: uvicorn.Server, port: int) -> None:
        self.world, self.server, self.port = world, server, port
        self.loop: asyncio.AbstractEventLoop | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def call(self, act: Callable[..., Any], *args: Any, **named: Any) -> Any:
        """Run something on the thread that owns the centre and return what it returns."""
        assert self.loop is not None

        async def there() -> Any:
            return act(*args, **named)

        return asyncio.run_coroutine_threadsafe(there(), self.loop).result(60)

    def cookie(self, role: str = "dispatcher") -> str:
        """Sign a program in at a desk and return its cookie."""
        begin = self.world.app.front.sessions.begin
        return f"{COOKIE}={self.call(begin, Actor(name=role, role=role))}"

    def token(self, role: str = "dispatcher", name: str = "") -> str:
        """Issue a token to a program and return it."""
        word = new_word()
        token = name or f"test-{role.replace('_', '-')}-{word.digest[:8]}"
        until = self.call(self.world.centre.now_us) + 3_600_000_000
        self.call(
            self.world.do, access.IssueToken, ADMINISTRATOR, token=token, label="a test", role=role,
            digest=word.digest, until=until,
        )  # fmt: skip
        return token_text(token, word.text)

    def client(self, role: str = "dispatcher", **headers: str) -> httpx.Client:
        """Return an HTTP client signed in at a desk; "" for nobody."""
        signed = {"cookie": self.cookie(role)} if role else {}
        return httpx.Client(base_url=self.url, headers=signed | headers, timeout=60)


def make_world(folder: Path, store: Store | None = None) -> World:
    """Return a world like that of the page tests, on the thread that calls."""
    return _world(folder, store or MemoryStore())


def make_world_on_disk(folder: Path) -> World:
    """Return a world whose record, keyring and book of hooks lie in a folder; or go on with it."""
    return _world(folder, None)


def _world(folder: Path, store: Store | None) -> World:
    clock = PacedClock(NOON_US, 1.0)
    centre = open_centre(folder, "san_francisco", clock, store=store, on_fatal=lambda why: None)
    plan = Plan(commands=[], units=[], calls=0)
    demo = Demo(centre.hub, clock, Feed(plan), NOON_US, NOON_US + 600 * MINUTE_US)
    made = World(centre, demo)
    if centre.board.units:
        made.keys = 10_000 * centre.store.epoch  # those of the earlier run are not used again
        return made
    for unit in ("E03", "T03", "E36"):
        made.do(d.PutOnDuty, unit=unit, unit_type="ENGINE", station="3", skills=("ALS",))
    return made


@contextlib.contextmanager
def serving(
    folder: Path, make: Callable[[Path], World] = make_world, port: int = 0
) -> Iterator[Served]:
    """Serve a world until the block ends, in a thread that opens, owns and closes it."""
    # said to be TCP: asyncio sends at once on such sockets only
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen()
    ready: list[Served] = []
    up = threading.Event()
    thread = threading.Thread(target=_run, args=(folder, make, listener, ready, up), daemon=True)
    thread.start()
    assert up.wait(60)
    assert ready, "the world did not come up"
    try:
        yield ready[0]
    finally:
        ready[0].server.should_exit = True
        thread.join(60)
        assert not thread.is_alive()


def _run(
    folder: Path, make: Callable[[Path], World], listener: socket.socket,
    ready: list[Served], up: threading.Event,
) -> None:  # fmt: skip
    try:
        world = make(folder)
        config = uvicorn.Config(
            world.asgi, log_level="error", access_log=False, lifespan="on",
            timeout_graceful_shutdown=2,
        )  # fmt: skip
        served = Served(world, uvicorn.Server(config), listener.getsockname()[1])
        asyncio.run(_serve(served, listener, ready, up))
    finally:
        up.set()
        listener.close()
    world.centre.close()


async def _serve(
    served: Served, listener: socket.socket, ready: list[Served], up: threading.Event
) -> None:
    served.loop = asyncio.get_running_loop()
    served.server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    begin = functools.partial(served.loop.call_soon, up.set)

    async def tell_when_up() -> None:
        while not served.server.started:
            await asyncio.sleep(0.01)
        ready.append(served)
        begin()

    telling = asyncio.create_task(tell_when_up())
    await served.server.serve(sockets=[listener])
    await telling
