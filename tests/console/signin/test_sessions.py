"""When a session ends, and that each end is an event."""

from __future__ import annotations

import asyncio

import pytest

from answerable.access import words as w
from answerable.access.keyring import KEYRING_FILE
from answerable.console import session as sessions_module
from answerable.console.session import AGE_S, COOKIE, IDLE_S
from answerable.console.signin.door import Door
from answerable.kernel.authority import Actor
from tests.console.doors import (
    GOOD,
    OTHER,
    act,
    enter,
    post,
    told,
)

# -- the end of a session ---------------------------------------------------------------------


def test_a_session_ends_idle_and_old_each_as_an_event(place):
    place.account("ada")

    async def scene(client):
        place.pass_s(IDLE_S - 5)
        assert (await client.get("/board")).status_code == 200
        place.pass_s(IDLE_S + 5)
        assert (await client.get("/board")).status_code == 303
        await place.door.sweep()
        await enter(client, "ada")
        for _ in range(int(AGE_S / IDLE_S * 2)):
            place.pass_s(IDLE_S / 2)
            await client.get("/board")
        place.pass_s(5)
        assert (await client.get("/board")).status_code == 303
        await place.door.sweep()
        await place.door.sweep()

    place.run(scene, "ada")
    assert [e.why for e in place.told(w.SignedOut)] == [w.Ended.IDLE, w.Ended.TOO_LONG]
    assert len(place.front.sessions) == 0
    assert place.door.keyring.sessions() == []


def test_signing_out_is_an_event_and_at_once(place):
    place.account("ada")

    async def scene(client):
        answer = await post(client, "/session/end")
        assert "Max-Age=0" in answer.headers["set-cookie"]
        assert (await client.get("/board")).status_code == 303

    place.run(scene, "ada")
    assert [e.why for e in place.told(w.SignedOut)] == [w.Ended.ASKED]


@pytest.mark.parametrize("how", ["role", "close", "everywhere", "link"])
def test_what_an_administrator_does_counts_for_the_very_next_request_and_the_streams(place, how):
    place.account("ada")
    place.account("boss", "administrator")

    async def scene(client):
        session = place.front.sessions.of("ada")[0]
        _channel, stream = place.front.channels.follow("board/en", place.front.recorded)
        session.streams.add(stream)
        assert (await client.get("/board")).status_code == 200
        if how == "role":
            place.change_role("ada", "call_taker")
        elif how == "close":
            place.do(w.CloseAccount, account="ada", reason="moved")
        elif how == "everywhere":
            place.do(w.SignOutEverywhere, account="ada")
        else:
            word = place.link("ada")
            await post(client, f"/link/{word}", password=OTHER, again=OTHER)
            client.cookies.clear()
        assert stream.ended
        assert (await client.get("/board")).status_code == 303

    place.run(scene, "ada")


def test_what_the_record_does_not_call_open_is_none(place):
    place.account("ada")

    async def scene(client):
        assert (await client.get("/board")).status_code == 200
        place.door.state.accounts["ada"].sessions.clear()
        assert (await client.get("/board")).status_code == 303

    place.run(scene, "ada")


def test_role_and_areas_are_those_of_the_record_now(place):
    place.account("ada")

    async def scene(client):
        account = place.door.state.accounts["ada"]
        account.areas = ("Mission",)
        session = place.front.sessions.of("ada")[0]
        assert session.actor == Actor("ada", "dispatcher", ("Mission",))

    place.run(scene, "ada")


def test_a_restart_signs_nobody_out_and_forgets_no_end(place):
    place.account("ada")

    async def scene(client):
        return client.cookies[COOKIE]

    kept = place.run(scene, "ada")
    gone = place.run(scene, "ada")
    names = [s.name for s in place.front.sessions.of("ada")]
    place.pass_s(100)
    place.restart()
    place.do(w.SignOut, Actor("ada", "system"), account="ada", session=names[1])

    async def later(client):
        client.cookies.set(COOKIE, kept)
        page = await client.get("/account")
        assert page.status_code == 200
        done = await act(client, "/account/everywhere", password=GOOD)
        assert done.headers["location"] == "/enter", "its forms still carry the right token"
        client.cookies.clear()
        client.cookies.set(COOKIE, gone)
        assert (await client.get("/board")).status_code == 303

    place.run(later)


def test_a_keyring_that_is_lost_opens_nothing_and_a_new_link_is_the_way_out(place):
    place.account("ada")

    async def scene(client):
        return client.cookies[COOKIE]

    cookie = place.run(scene, "ada")
    asyncio.run(place.door.close())
    place.centre.keyring.close()
    for file in place.folder.glob(f"{KEYRING_FILE}*"):
        file.unlink()
    place.open(place.centre.store.reopen())

    async def later(client):
        client.cookies.set(COOKIE, cookie)
        assert (await client.get("/board")).status_code == 303
        client.cookies.clear()
        assert (await enter(client, "ada")).status_code == 401
        sweeping = asyncio.create_task(place.door.run())
        while not place.told(w.SignedOut):
            await asyncio.sleep(0.01)
        sweeping.cancel()
        word = place.link("ada")
        answer = await post(client, f"/link/{word}", password=OTHER, again=OTHER)
        assert answer.status_code == 303
        assert (await enter(client, "ada", OTHER)).status_code == 303

    place.run(later)
    assert [e.why for e in place.told(w.SignedOut)] == [w.Ended.LOST]


def test_an_old_keyring_brings_no_old_password_back(place):
    place.account("ada")
    asyncio.run(place.door.close())
    place.centre.keyring.close()
    old = {f.name: f.read_bytes() for f in place.folder.glob(f"{KEYRING_FILE}*")}
    place.open(place.centre.store.reopen())

    async def scene(client):
        await act(client, "/account/password", current=GOOD, password=OTHER, again=OTHER)

    place.run(scene, "ada")
    asyncio.run(place.door.close())
    place.centre.keyring.close()
    for file in place.folder.glob(f"{KEYRING_FILE}*"):
        file.unlink()
    for name, text in old.items():
        (place.folder / name).write_bytes(text)
    place.open(place.centre.store.reopen())

    async def later(client):
        for password in (GOOD, OTHER):
            assert (await enter(client, "ada", password)).status_code == 401

    place.run(later)


def test_a_session_from_the_future_is_not_taken_up(place):
    place.account("ada")
    place.run(lambda client: asyncio.sleep(0), "ada")
    put_back = place.wall[0] - 86_400
    door = Door(place.centre.hub, place.centre.desk, place.centre.keyring, str, lambda: put_back)
    assert len(door.sessions) == 0
    assert door.lost() == [("ada", place.told(w.SignedIn)[0].session)]
    door.workers.close()


def test_as_many_sessions_as_the_centre_takes_and_no_more(place, monkeypatch):
    place.account("ada")
    monkeypatch.setattr(sessions_module, "SESSIONS_MAX", 0)

    async def scene(client):
        answer = await enter(client, "ada")
        assert answer.status_code == 503
        assert "As many sessions are open as this centre takes." in told(answer)

    place.run(scene)
