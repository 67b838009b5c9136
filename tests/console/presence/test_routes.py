"""What a page says of its desk, what a desk is called, and who is told."""

from __future__ import annotations

import asyncio
import re

import pytest

from answerable.dispatch import words as d
from answerable.intake import words as i
from tests.console.doors import GOOD, SAME, Place

TOKEN = re.compile(r'data-token="([^"]+)"')


@pytest.fixture
def place(tmp_path):
    made = Place(tmp_path)
    yield made
    asyncio.run(made.door.close())
    made.centre.close()


async def page(client, path="/board"):
    html = (await client.get(path)).text
    return html, TOKEN.search(html)[1]


async def said(client, token, subject, doing="typing", path="/presence"):
    form = {"token": token, "about": subject, "doing": doing}
    return await client.post(path, data=form, headers=SAME)


def test_every_desk_has_a_name_that_its_pages_show(world):
    async def scene(client):
        html, _ = await page(client)
        assert 'data-desk="Desk 1"' in html
        assert '<a class="desk" href="/hand-over"' in html
        async with world.client("supervisor") as other:
            assert 'data-desk="Desk 2"' in (await page(other))[0]

    world.run(scene)


def test_whoever_signs_in_at_the_same_browser_sits_at_the_same_desk(world):
    async def scene(client):
        await page(client)
        await client.get("/demo/sign-in/supervisor")
        assert 'data-desk="Desk 1"' in (await page(client))[0]

    world.run(scene)


def test_what_a_page_says_is_told_and_taken_back(world):
    incident = world.incident()

    async def scene(client):
        _html, token = await page(client)
        assert (await said(client, token, f"incident:{incident}")).status_code == 204
        whole = (await client.get("/presence")).json()
        assert whole == {"whole": True, "on": {f"incident:{incident}": [["Desk 1", "typing"]]}}
        assert (await said(client, token, f"incident:{incident}", "gone")).status_code == 204
        assert (await client.get("/presence")).json()["on"] == {}

    before = world.app.front.recorded
    world.run(scene)
    assert world.app.front.recorded == before  # nothing of it is ever recorded


def test_a_call_that_is_being_taken_is_told(world):
    call = world.do(i.AnswerCall).call

    async def scene(client):
        _html, token = await page(client)
        assert (await said(client, token, f"call:{call}", "call")).status_code == 204
        assert (await client.get("/presence")).json()["on"] == {
            f"call:{call}": [["Desk 1", "call"]]
        }

    world.run(scene)


def test_an_incident_that_ends_while_somebody_types_at_it_is_let_go(world):
    incident = world.incident()

    async def scene(client):
        _html, token = await page(client)
        assert (await said(client, token, f"incident:{incident}")).status_code == 204
        world.do(d.CloseIncident, incident=incident, outcome="over")
        assert (await said(client, token, f"incident:{incident}")).status_code == 204
        assert world.app.front.presence.whole() == {}

    world.run(scene)


@pytest.mark.parametrize(
    ("subject", "doing", "status", "code"),
    [
        ("incident:999", "typing", 404, "console.NotAtHand"),
        ("person:Ada", "open", 404, "console.NotAtHand"),
        ("", "open", 404, "console.NotAtHand"),
        ("incident:1", "watching", 400, "console.NoDoing"),
        ("incident:1", "", 400, "console.NoDoing"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(world, subject, doing, status, code):
    async def scene(client):
        _html, token = await page(client)
        answer = await said(client, token, subject, doing)
        assert answer.status_code == status
        assert "Not shown to the others." in answer.text
        assert world.app.front.presence.whole() == {}

    world.run(scene)


def test_nobody_says_anything_for_another_session(world):
    async def scene(client):
        assert (await said(client, "x", "incident:1")).status_code == 403
        async with world.client("") as nobody:
            assert (await said(nobody, "x", "incident:1")).status_code == 401
            assert (
                await nobody.get("/presence", headers={"hx-request": "true"})
            ).status_code == 401

    world.run(scene)


def test_a_desk_is_called_otherwise_and_the_browser_remembers_it(world):
    async def scene(client):
        _html, token = await page(client)
        form = {"token": token, "desk": " Fire  2 "}
        answer = await client.post("/desk", data=form, headers=SAME)
        assert (answer.status_code, answer.headers["location"]) == (303, "/hand-over")
        kept = answer.headers["set-cookie"].lower()
        assert kept.startswith("desk=fire%202;")
        for part in ("httponly", "samesite=strict", "path=/", "max-age="):
            assert part in kept
        assert 'data-desk="Fire 2"' in (await page(client))[0]
        await client.get("/demo/sign-in/call-taker")
        assert 'data-desk="Fire 2"' in (await page(client))[0]

    world.run(scene)


@pytest.mark.parametrize("name", ["Ada", "", "supervisor", "x" * 40])
def test_a_desk_is_not_called_by_what_is_no_place(world, name):
    async def scene(client):
        _html, token = await page(client)
        answer = await client.post("/desk", data={"token": token, "desk": name}, headers=SAME)
        assert answer.status_code == 400
        assert "A desk is named by a place with a number" in answer.text

    world.run(scene)


def test_a_desk_where_a_page_is_open_is_not_taken(world):
    async def scene(client):
        _html, token = await page(client)
        async with world.client("supervisor") as other:
            await page(other)
            for session in world.app.front.sessions.every():
                session.streams.add(object())  # type: ignore[arg-type]
            answer = await client.post(
                "/desk", data={"token": token, "desk": "Desk 2"}, headers=SAME
            )
            assert answer.status_code == 409
            assert "Another page is open there." in answer.text
            for session in world.app.front.sessions.every():
                session.streams.clear()

    world.run(scene)


def test_a_desk_is_chosen_at_sign_in_and_is_nobodys_name(place):
    place.account("ada.7")

    async def scene(client):
        form = {"name": "ada.7", "password": GOOD, "desk": "ADA.7"}
        answer = await client.post("/enter", data=form, headers=SAME)
        assert answer.status_code == 400
        assert "That is the name of an account" in answer.text
        answer = await client.post("/enter", data=form | {"desk": "Desk 9"}, headers=SAME)
        assert answer.status_code == 303
        assert 'data-desk="Desk 9"' in (await client.get("/board")).text
        await client.post("/session/end", headers=SAME)
        assert 'value="Desk 9"' in (await client.get("/enter")).text

    place.run(scene)


def test_a_crew_has_no_desk_and_a_program_has_none(place):
    place.account("crew.3", "crew")

    async def scene(client):
        form = {"name": "crew.3", "password": GOOD}
        await client.post("/enter", data=form, headers=SAME)
        html = (await client.get("/account")).text
        assert 'data-desk=""' in html
        assert 'class="desk"' not in html

    place.run(scene)
