"""A centre that runs for real: accounts, no demonstration, a door that can be tried."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pyotp
from argon2 import PasswordHasher

from answerable.access import words as w
from answerable.access.keyring import KEYRING_FILE, Keyring
from answerable.access.keys import digest_of, new_word, token_text
from answerable.console.app import App, application
from answerable.console.centre import open_centre
from answerable.console.control import OPERATOR
from answerable.console.signin.throttle import Strangers, Tries
from answerable.kernel.authority import SYSTEM, Actor
from answerable.kernel.clock import SetClock
from answerable.kernel.event import Command, Event
from answerable.kernel.hub import Accepted, Refused
from answerable.kernel.store import Store
from answerable.record.memory import MemoryStore

NOON_US = 1_585_854_000_000_000
US = 1_000_000
DAY_US = 86_400 * US
HOST = "http://127.0.0.1"
SAME = {"sec-fetch-site": "same-origin"}
WRONG = "wrong wrong wrong"
GOOD = "four quiet rivers meet"
OTHER = "nine slow lanterns burn"
QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""A hasher that costs nothing: what is tested is not how slow it is."""


class Place:
    """A centre with accounts, its console, and browser-like clients."""

    def __init__(self, folder: Path, store: Store | None = None, *, quick: bool = True) -> None:
        self.folder = folder
        self.clock = SetClock(NOON_US)
        self.wall = [1_000_000.0]
        self.quick = quick
        self.open(store or MemoryStore())

    def open(self, store: Store) -> None:
        """Begin a process on a record and the keyring in the folder."""
        keyring = Keyring.open(self.folder / KEYRING_FILE)
        if self.quick:
            keyring._hasher = QUICK
        self.centre = open_centre(
            self.folder, "san_francisco", self.clock, store=store, keyring=keyring,
            on_fatal=lambda why: None,
        )  # fmt: skip
        self.app = App(self.centre, None)
        self.front = self.app.front
        self.door = self.front.door
        for part in (self.door, self.door.sessions):
            for name in ("clock", "_clock"):
                if hasattr(part, name):
                    setattr(part, name, lambda: self.wall[0])
        self.door.tries = Tries(lambda: self.wall[0])
        self.door.strangers = Strangers(lambda: self.wall[0])
        self.asgi = application(self.app)
        self.keys = 0

    def restart(self) -> None:
        """End the process and begin the next one on the same record and keyring."""
        asyncio.run(self.door.close())
        self.centre.keyring.close()
        self.open(self.centre.store.reopen())

    def pass_s(self, seconds: float) -> None:
        """Let time pass, on the wall and in the centre; alarms that fall due act."""
        self.wall[0] += seconds
        self.clock.set(self.clock.now_us() + int(seconds * US))
        while self.centre.hub.ring(self.clock.now_us()):
            self.centre.hub.commit()

    # -- doing -------------------------------------------------------------------------------

    def outcome(self, command: type[Command], actor: Actor = OPERATOR, **fields: Any) -> Any:
        """Have a command done and return what came of it."""
        self.keys += 1
        asked = command(key=f"place-{self.keys}-{self.centre.hub.position}", **fields)
        outcome = self.centre.hub.do(asked, actor)
        self.centre.hub.commit()
        return outcome

    def do(self, command: type[Command], actor: Actor = OPERATOR, **fields: Any) -> Event:
        """Have a command done that must be accepted; returns its last event."""
        outcome = self.outcome(command, actor, **fields)
        assert isinstance(outcome, Accepted), outcome
        return outcome.recorded[-1].event

    def refused(self, command: type[Command], actor: Actor = OPERATOR, **fields: Any) -> Any:
        """Have a command done that must be refused; returns the refusal."""
        outcome = self.outcome(command, actor, **fields)
        assert isinstance(outcome, Refused), outcome
        return outcome.refusal

    def account(self, name: str = "ada", role: str = "dispatcher", **fields: Any) -> str:
        """Open an account with the usual password; returns its name."""
        self.do(w.OpenAccount, account=name, role=role, **fields)
        self.set_password(name, GOOD)
        return name

    def set_password(self, name: str, password: str) -> None:
        """Set a password by a one-time link, as the door does."""
        credential = self.door.keyring.keep_password(name, password)
        digest = digest_of(self.link(name))
        actor = Actor(name, SYSTEM.role)
        self.do(w.SetPassword, actor, account=name, credential=credential, invitation=digest)

    def change_role(self, name: str, role: str) -> None:
        """Have an administrator change an account's role."""
        asked = w.ChangeRole(key=f"role-{name}-{role}", account=name, role=role, reason="so it is")
        outcome = self.centre.hub.do(asked, Actor(name="boss", role="administrator"))
        assert isinstance(outcome, Accepted), outcome
        self.centre.hub.commit()

    def link(self, name: str) -> str:
        """Return the word of a fresh one-time link."""
        word = new_word()
        until = self.clock.now_us() + DAY_US
        self.do(w.InviteAccount, account=name, digest=word.digest, until=until)
        return word.text

    def factor(self, name: str) -> pyotp.TOTP:
        """Give an account a second factor; returns what its telephone has."""
        seed = pyotp.random_base32()
        credential = self.door.keyring.keep_seed(name, seed)
        self.do(w.SetSecondFactor, Actor(name, "system"), account=name, credential=credential)
        return pyotp.TOTP(seed)

    def code(self, telephone: pyotp.TOTP, steps: int = 0) -> str:
        """Return the code a telephone shows now, or some steps from now."""
        return telephone.at(int(self.wall[0]) + 30 * steps)

    def token(self, name: str = "wall", role: str = "reader", **fields: Any) -> str:
        """Issue a token; returns what the program carries."""
        word = new_word()
        until = self.clock.now_us() + DAY_US
        self.do(w.IssueToken, token=name, label="a program", role=role, digest=word.digest,
                **({"until": until} | fields))  # fmt: skip
        return token_text(name, word.text)

    def told(self, *kinds: type[Event]) -> list[Any]:
        """Return the recorded events of some kinds."""
        hub = self.centre.hub
        tags = {kind.tag for kind in kinds}
        return [hub.rooms.decode(row) for row in hub.store.rows(0) if row.kind in tags]

    # -- browsing ----------------------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def client(self, name: str = "", base: str = HOST) -> AsyncIterator[httpx.AsyncClient]:
        """Yield a client, signed in as an account with the usual password."""
        transport = httpx.ASGITransport(self.asgi)
        async with httpx.AsyncClient(transport=transport, base_url=base) as client:
            if name:
                answer = await enter(client, name)
                assert answer.status_code == 303, answer.text
            yield client

    def run(self, scene: Callable[[httpx.AsyncClient], Any], name: str = "") -> Any:
        """Run one scene of a client to its end."""

        async def play() -> Any:
            async with self.client(name) as client:
                return await scene(client)

        return asyncio.run(play())


async def post(client: httpx.AsyncClient, path: str, **fields: str) -> httpx.Response:
    """Send a form as a page of the centre does."""
    return await client.post(path, data=fields, headers=SAME)


async def enter(
    client: httpx.AsyncClient, name: str, password: str = GOOD, **more: str
) -> httpx.Response:
    """Try to sign in."""
    return await post(client, "/enter", name=name, password=password, **more)


async def act(client: httpx.AsyncClient, path: str, **fields: str) -> httpx.Response:
    """Send a form of one's own account, with its session's token."""
    page = (await client.get("/account")).text
    return await post(client, path, token=field_of(page, "token"), **fields)


def field_of(page: str, name: str) -> str:
    """Return the value of a hidden field."""
    match = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert match, page
    return match[1]


def told(answer: httpx.Response) -> str:
    """Return the refusal of a page, as it reads."""
    match = re.search(r'id="refusal">(.*?)</p>', answer.text, re.DOTALL)
    assert match, answer.text
    return re.sub(r"<[^>]+>", " ", match[1]).strip()
