"""From the administrator's form to the crew's phone: units given, one taken, held to by the hub."""

from __future__ import annotations

import asyncio
import re

import httpx

from answerable.access import words as access
from answerable.access.crew_words import GiveUnits
from answerable.dispatch import words as d
from answerable.kernel.authority import SYSTEM
from tests.console.admin.office import ROOT, at_desk
from tests.console.conftest import HOST, World

NAME = "engine.three"


def account(world: World):
    return world.centre.hub.state["access"].accounts[NAME]


def opened(world: World) -> World:
    world.do(access.OpenAccount, ROOT, account=NAME, role="crew")
    digest = "e" * 64
    world.do(access.InviteAccount, ROOT, account=NAME, digest=digest,
             until=world.centre.now_us() + 86_400_000_000)  # fmt: skip
    world.do(
        access.SetPassword, SYSTEM, account=NAME, credential="cd" * 16, invitation=digest
    )  # fmt: skip
    return world


def as_crew(world: World, scene):
    """Run a scene of somebody who signed in with the account."""

    async def play():
        door = world.app.front.door
        identifier = await door.begin(NAME, access.Way.PASSWORD)
        transport = httpx.ASGITransport(world.asgi)
        async with httpx.AsyncClient(
            transport=transport, base_url=HOST, cookies={"answerable": identifier},
            headers={"sec-fetch-site": "same-origin"},
        ) as client:  # fmt: skip
            html = (await client.get("/crew")).text
            token = re.search(r'data-token="([^"]+)"', html)[1]
            return await scene(client, token, html)

    return asyncio.run(play())


def test_an_administrator_gives_units_on_the_accounts_page(world):
    opened(world)

    async def scene(desk):
        before = (await desk.get(f"/admin/accounts/{NAME}")).text
        told = await desk.post(
            "/admin/accounts/do", type="access.GiveUnits", account=NAME, units="E03  T03"
        )
        return before, told, (await desk.get(f"/admin/accounts/{NAME}")).text

    before, told, after = at_desk(world, scene)
    assert "Give it units" in before
    assert told.status_code == 201
    assert account(world).units == ("E03", "T03")
    assert "may act for E03, T03" in after


def test_a_crew_chooses_one_of_its_units_and_acts_for_that_alone(world):
    opened(world)
    world.do(GiveUnits, ROOT, account=NAME, units=("E03", "T03"))
    incident = world.incident()
    for unit in ("E03", "T03"):
        world.do(d.SendUnit, incident=incident, unit=unit)

    async def scene(client, token, html):
        assert "Which unit do you act for?" in html
        assert 'value="E36"' not in html, "it was not given that one"

        async def take(unit: str) -> int:
            return (await client.post("/crew/unit", data={"on": unit, "token": token})).status_code

        async def sign(unit: str, key: str) -> int:
            body = {"type": "dispatch.Acknowledge", "key": key, "incident": incident, "unit": unit}
            headers = {"x-token": token}
            return (await client.post("/api/commands", json=body, headers=headers)).status_code

        assert await sign("E03", "none-1") == 403, "no unit was chosen yet"
        assert await take("E36") == 409
        assert await take("E03") == 303
        assert await sign("T03", "other-1") == 403
        assert await sign("E03", "own-1") == 201
        assert await take("T03") == 303
        assert await sign("E03", "old-1") == 403, "that was the unit before"
        assert await sign("T03", "own-2") == 201
        return (await client.get("/crew")).text

    assert "<h1>T03</h1>" in as_crew(world, scene)
    assert list(account(world).on.values()) == ["T03"]


def test_a_unit_that_is_taken_away_is_gone_at_the_next_request(world):
    opened(world)
    world.do(GiveUnits, ROOT, account=NAME, units=("E03",))

    async def scene(client, token, _html):
        await client.post("/crew/unit", data={"on": "E03", "token": token})
        assert "<h1>E03</h1>" in (await client.get("/crew")).text
        world.do(GiveUnits, ROOT, account=NAME, units=())
        return (await client.get("/crew")).text

    html = as_crew(world, scene)
    assert "<h1>E03</h1>" not in html
    assert "Your account was given no unit." in html
