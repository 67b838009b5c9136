"""Every refusal of the door itself: status, code and three sentences, as JSON or as a page."""

from __future__ import annotations

import asyncio
import re

import pytest

from answerable.console import stream
from answerable.console.sanity import Refused, read_body
from tests.console.conftest import HOST
from tests.console.test_pages import form, token_in

SAME = {"sec-fetch-site": "same-origin"}
NOTE = {"type": "intake.AddNote", "key": "note-0001", "incident": "1", "words": "hello"}


def refusal_of(answer, status: int, code: str) -> dict[str, str]:
    """Return a refusal told as JSON: never a traceback, always three sentences."""
    assert answer.status_code == status, answer.text
    told = answer.json()
    assert told["code"] == code
    assert all(told[part].endswith((".", ":")) for part in ("not_done", "because", "instead"))
    assert "Traceback" not in answer.text
    return told


@pytest.mark.parametrize("query", ["after=x", "after=-1", "limit=many", "after=" + "9" * 40])
def test_a_query_that_is_no_number_is_refused(world, query):
    async def scene(client):
        refusal_of(await client.get(f"/api/events?{query}"), 400, "console.BadQuery")

    world.run(scene)


def test_a_command_nested_beyond_reading_is_malformed_not_a_fault(world):
    body = b'{"type":' + b"[" * 30_000
    before = world.centre.hub.position

    async def scene(client):
        headers = SAME | {"content-type": "application/json"}
        answer = await client.post("/api/commands", content=body, headers=headers)
        told = refusal_of(answer, 400, "console.BadCommand")
        assert told["because"] == "It is nested too deeply."

    world.run(scene)
    assert world.centre.hub.position == before


def test_an_origin_that_is_no_address_is_another_site(world):
    async def scene(client):
        headers = {"origin": "http://["}
        answer = await client.post("/api/commands", json=NOTE, headers=headers)
        refusal_of(answer, 403, "console.OtherSite")

    world.run(scene)


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/api/commands"), ("POST", "/api/stream"), ("PUT", "/api/stream"),
     ("POST", "/api/board"), ("DELETE", "/api/incidents/1")],
)  # fmt: skip
def test_an_address_takes_its_own_method_only(world, method, path):
    async def scene(client):
        answer = await client.request(method, path)
        refusal_of(answer, 405, "console.Method")
        assert method not in answer.headers["allow"]

    world.run(scene)


def test_a_request_the_framework_does_not_take_is_refused_as_a_bad_one(world):
    async def endless():
        for _ in range(20):
            yield b"x" * 65_536

    async def scene(client):
        answer = await client.post("/session", content=endless(), headers=SAME)
        assert answer.status_code == 413
        assert "The request is not right" in answer.text

    world.run(scene)


def test_a_fault_of_the_program_is_told_without_its_words(world, monkeypatch):
    def fail(*_):
        raise KeyError("secret-words")

    monkeypatch.setattr(world.app.api, "board", fail)

    async def scene(client):
        told = refusal_of(await client.get("/api/board"), 500, "console.Faulted")
        assert "secret-words" not in str(told)

    world.run(scene)


def test_a_centre_that_is_no_demonstration_has_no_desks_and_no_speed(world):
    async def scene(client):
        token = token_in((await client.get("/board")).text)
        world.app.front.demo = None
        answer = await form(client, "/demo", token=token, do="pause")
        assert answer.status_code == 404
        assert "not a demonstration" in answer.text
        answer = await client.get("/demo/sign-in/dispatcher", headers=SAME)
        assert answer.status_code == 403

    world.run(scene)


@pytest.mark.parametrize("do", ["", "run", "rewind"])
def test_a_control_the_demonstration_does_not_have_is_refused(world, do):
    async def scene(client):
        token = token_in((await client.get("/board")).text)
        answer = await form(client, "/demo", token=token, do=do)
        assert answer.status_code == 400
        assert "no such control" in answer.text

    world.run(scene)


def test_the_button_of_a_page_loaded_while_paused_lets_it_run_on(world):
    async def scene(client):
        token = token_in((await client.get("/board")).text)
        await form(client, "/demo", token=token, do="pause")
        assert world.app.front.demo.paused
        page = (await client.get("/board")).text
        button = re.search(r'<button name="do" value="(\w+)"[^>]*data-demo="pause"', page)
        answer = await form(client, "/demo", token=token_in(page), do=button[1])
        assert answer.status_code == 202
        assert not world.app.front.demo.paused

    world.run(scene)


@pytest.mark.parametrize("desk", ["call-taker", "dispatcher", "supervisor", "administrator"])
def test_every_desk_of_a_demonstration_begins_at_a_page_it_may_open(world, desk):
    async def scene(client):
        answer = await client.get(f"/demo/sign-in/{desk}", headers=SAME, follow_redirects=True)
        assert answer.status_code == 200, answer.url

    world.run(scene, role="")


def test_there_is_no_desk_for_a_role_that_is_not_offered(world):
    async def scene(client):
        answer = await client.get("/demo/sign-in/system", headers=SAME)
        assert answer.status_code == 403
        assert "no such desk" in answer.text

    world.run(scene, role="")


@pytest.mark.parametrize(
    "name", ["board/fr", "board/en/more", "record/en/supervisor", "incident/1"]
)
def test_a_stream_of_no_page_is_refused(world, name):
    async def scene(client):
        answer = await client.get(f"/live/{name}")
        assert answer.status_code == 404
        assert "no such stream" in answer.text

    world.run(scene)


def test_one_console_too_many_is_told_to_come_again(world, monkeypatch):
    monkeypatch.setattr(stream, "SUBSCRIBERS_MAX", 0)

    async def scene(client):
        answer = await client.get("/live/board/en")
        assert answer.status_code == 503
        assert "Try again in a minute" in answer.text
        assert answer.url.copy_with(path="/") == f"{HOST}/"

    world.run(scene)


def test_a_record_that_cannot_take_it_is_a_503_with_the_reason(world):
    world.centre.hub.broken = "the disk went away"

    async def scene(client):
        answer = await client.post("/api/commands", json=NOTE, headers=SAME)
        told = refusal_of(answer, 503, "console.Unavailable")
        assert told["not_done"] == "Not recorded."
        assert "same key" in told["instead"]

    world.run(scene)


def test_a_request_that_ends_early_is_refused():
    async def receive():
        return {"type": "http.disconnect"}

    scope = {"type": "http", "headers": []}
    with pytest.raises(Refused) as refusal:
        asyncio.run(read_body(scope, receive))
    assert (refusal.value.status, refusal.value.code) == (400, "console.Broken")
