"""An administrator at their desk: pages asked for and forms sent as a browser would."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from answerable.access import words as access
from answerable.console.session import cookie_name
from answerable.kernel.authority import SYSTEM, Actor
from tests.console.conftest import HOST, World

ROOT = Actor(name="root.admin", role="administrator")
DAY_US = 86_400_000_000


class Desk:
    """A signed-in client with the token of its forms."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.token = ""

    async def get(self, path: str, **more: Any) -> httpx.Response:
        """Ask for a page."""
        answer = await self.client.get(path, **more)
        if found := re.search(r'data-token="([^"]+)"', answer.text):
            self.token = found[1]
        return answer

    async def post(self, path: str, *, htmx: bool = True, **fields: Any) -> httpx.Response:
        """Send a form; a field named ``area`` may be a list."""
        headers = {"sec-fetch-site": "same-origin"} | ({"hx-request": "true"} if htmx else {})
        form = {"token": self.token, "key": "", **fields}
        return await self.client.post(path, data=form, headers=headers)


def at_desk(world: World, scene: Callable[[Desk], Awaitable[Any]], actor: Actor = ROOT) -> Any:
    """Run one scene of somebody in a role to its end."""

    async def play() -> Any:
        transport = httpx.ASGITransport(world.asgi)
        identifier = world.app.front.sessions.begin(actor)
        cookies = {cookie_name(secure=False): identifier}
        async with httpx.AsyncClient(transport=transport, base_url=HOST, cookies=cookies) as client:
            desk = Desk(client)
            page = "/board" if actor.role != "administrator" else "/admin/accounts"
            await desk.get(page)
            return await scene(desk)

    return asyncio.run(play())


def staffed(world: World) -> World:
    """Open accounts in every state: ready, locked, closed, waiting; two administrators."""
    now_us = world.centre.now_us()
    people = {"root.admin": "administrator", "m.chen": "administrator", "li.na": "dispatcher",
              "d.smith": "dispatcher", "old.hand": "crew", "wang.wei": "call_taker"}  # fmt: skip
    for name, role in people.items():
        areas = ("Mission",) if name == "wang.wei" else ()
        world.do(access.OpenAccount, ROOT, account=name, role=role, areas=areas)
        if name != "wang.wei":
            digest = name.encode().hex().ljust(64, "0")[:64]
            until = now_us + DAY_US
            world.do(access.InviteAccount, ROOT, account=name, digest=digest, until=until)
            world.do(access.SetPassword, SYSTEM, account=name, credential="cd" * 16,
                     invitation=digest)  # fmt: skip
            world.do(access.SignIn, SYSTEM, account=name, session="0123456789ab", way="password")
    world.do(access.CloseAccount, ROOT, account="old.hand", reason="left the service")
    for _ in range(8):
        world.do(access.MissSignIn, SYSTEM, account="d.smith", missed="password")
    return world


def refused(answer: httpx.Response) -> tuple[str, str, str]:
    """Return the three sentences of a refusal that is shown beside its form."""
    found = re.search(
        r'class="refusal"[^>]*><b>(.*?)</b><span>(.*?)</span><span>(.*?)</span>', answer.text, re.S
    )
    assert found, answer.text
    return found[1], found[2], found[3]
