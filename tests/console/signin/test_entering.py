"""Who comes in with a password, who does not, and how often one may try."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
import time

import httpx
import pytest
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from answerable.access import words as w
from answerable.access.state import FAILURES_MAX, LOCK_S
from answerable.console.sanity import Refused
from answerable.console.session import COOKIE, HOST_COOKIE
from answerable.console.signin import workers
from answerable.console.signin.door import account_of_subject, begin_session
from answerable.console.signin.throttle import TRIES_BURST, address_of
from answerable.intake import words as intake
from answerable.kernel.authority import Actor
from answerable.kernel.desk import Unavailable
from tests.console.doors import (
    GOOD,
    HOST,
    OTHER,
    SAME,
    WRONG,
    Place,
    act,
    enter,
    field_of,
    told,
)

# -- signing in -------------------------------------------------------------------------------


def test_a_password_opens_the_board_and_is_an_event(place):
    place.account("ada")

    async def scene(client):
        assert (await client.get("/")).headers["location"] == "/enter?back=/"
        assert (await client.get("/units")).headers["location"] == "/enter?back=/units"
        answer = await enter(client, " Ada ", back="/units")
        assert (answer.status_code, answer.headers["location"]) == (303, "/units")
        assert (await client.get("/units")).status_code == 200
        assert (await client.get("/")).headers["location"] == "/board"

    place.run(scene)
    (event,) = place.told(w.SignedIn)
    assert (event.account, event.way) == ("ada", w.Way.PASSWORD)
    row = list(place.centre.hub.store.rows(0))[-1]
    assert row.actor == "ada"


@pytest.mark.parametrize(
    ("role", "home"),
    [("administrator", "/admin"), ("supervisor", "/board"), ("crew", "/crew")],
)
def test_everybody_begins_on_a_page_their_role_is_given(place, role, home):
    place.account("boss", "administrator")
    place.account("ada", role)

    async def scene(client):
        assert (await client.get("/")).headers["location"] == home

    place.run(scene, "ada")


@pytest.mark.parametrize(
    "back", ["//evil.example", "https://evil.example", "/\\evil.example", "/a\nb", "x" * 300]
)
def test_nobody_is_led_to_another_site(place, back):
    place.account("ada")

    async def scene(client):
        answer = await enter(client, "ada", back=back)
        assert answer.headers["location"] == "/"
        page = await client.get("/enter", params={"back": back})
        assert field_of(page.text, "back") == "/"

    place.run(scene)


def test_an_unknown_a_closed_a_waiting_name_and_a_wrong_password_meet_one_answer(place):
    place.account("ada")
    place.account("gone")
    place.do(w.CloseAccount, account="gone", reason="moved")
    place.do(w.OpenAccount, account="new", role="dispatcher")
    tried = []
    check = place.door.keyring.check_password
    place.door.keyring.check_password = lambda *a: tried.append(a[0]) or check(*a)

    async def scene(client):
        answers = [
            await enter(client, name, password)
            for name, password in (("ada", WRONG), ("gone", GOOD), ("new", GOOD), ("nobody", GOOD),
                                   ("no such handle!", GOOD), ("", ""))
        ]  # fmt: skip
        assert {(a.status_code, told(a)) for a in answers} == {(401, told(answers[0]))}
        assert told(answers[0]) == (
            "Not done.  The name or the password is wrong.  Try again; after 8 failures the "
            "account waits for 5 minutes."
        )
        assert not any("set-cookie" in a.headers for a in answers)
        pages = {a.text.replace(field_of(a.text, "name"), "") for a in answers[:4]}
        assert len(pages) == 1

    place.run(scene)
    assert len(tried) == 6, "each of them cost one hash"
    assert [e.account for e in place.told(w.SignInMissed)] == ["ada"]


def test_a_name_that_is_no_account_locks_as_an_account_does(place):
    place.account("ada")

    async def scene(client):
        seen = {
            name: [
                ((a := await enter(client, name, WRONG)).status_code, told(a))
                for _ in range(FAILURES_MAX + 2)
            ]
            for name in ("ada", "nobody")
        }
        assert seen["ada"] == seen["nobody"]
        status, text = seen["ada"][-1]
        assert (status, text) == (
            409,
            f"Not signed in.  After 8 failed sign-ins none is tried for {LOCK_S} s.  "
            "Wait, or have an administrator release the account.",
        )
        answer = await enter(client, "ada")
        assert answer.status_code == 409, "also the right password waits"
        assert answer.headers["retry-after"] == str(LOCK_S)
        place.pass_s(LOCK_S + 1)
        assert (await enter(client, "ada")).status_code == 303
        assert (await enter(client, "nobody")).status_code == 401

    place.run(scene)
    assert len(place.told(w.AccountLocked, w.AccountReleased)) == 2


def test_a_lock_while_a_password_is_being_checked_holds(place):
    """Eight wrong guesses at once and a right one: what is decided after the lock is refused."""
    place.account("ada")

    async def scene(client):
        guesses = [enter(client, "ada", WRONG) for _ in range(FAILURES_MAX)]
        answers = await asyncio.gather(*guesses, enter(client, "ada"))
        assert [a.status_code for a in answers[:-1]] == [401] * FAILURES_MAX
        assert answers[-1].status_code == 409

    place.run(scene)


@pytest.mark.parametrize("how", ["closed", "another password"])
def test_what_changes_while_a_password_is_checked_counts(place, how):
    place.account("ada")
    check = place.door.keyring.check_password

    def slowly(*asked):
        fits = check(*asked)
        asyncio.run_coroutine_threadsafe(change(), loop).result(5)
        return fits

    async def change():
        if how == "closed":
            place.do(w.CloseAccount, account="ada", reason="moved")
        else:
            place.set_password("ada", OTHER)

    async def scene(client):
        nonlocal loop
        loop = asyncio.get_running_loop()
        place.door.keyring.check_password = slowly
        assert (await enter(client, "ada")).status_code == 401

    loop = None
    place.run(scene)
    assert place.told(w.SignedIn) == []


def test_an_address_that_tries_too_often_is_told_to_wait(place):
    async def scene(client):
        for _ in range(TRIES_BURST):
            assert (await enter(client, "nobody", WRONG)).status_code in (401, 409)
        answer = await enter(client, "nobody", WRONG)
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) >= 1
        assert "Too many sign-ins were tried from this address." in told(answer)
        place.pass_s(2)
        assert (await enter(client, "nobody2", WRONG)).status_code == 401

    place.run(scene)


@pytest.mark.parametrize(
    ("client", "address"),
    [(("192.0.2.7", 1), "192.0.2.7"), (("2001:db8:1:2:3::4", 1), "2001:db8:1:2::/64"),
     (("::ffff:192.0.2.7", 1), "192.0.2.7"), (None, ""), (("unix", 0), "unix")],
)  # fmt: skip
def test_an_address_of_ipv6_is_its_network(client, address):
    assert address_of({"client": client}) == address


def test_a_header_that_names_another_address_is_believed_from_a_trusted_proxy_only(place):
    seen = []
    take = place.door.tries.take
    place.door.tries.take = lambda address: seen.append(address) or take(address)

    async def scene():
        for asgi in (place.asgi, ProxyHeadersMiddleware(place.asgi, ["127.0.0.1"])):
            transport = httpx.ASGITransport(asgi, client=("127.0.0.1", 5))
            async with httpx.AsyncClient(transport=transport, base_url=HOST) as client:
                form = {"name": "ada", "password": WRONG}
                headers = {**SAME, "x-forwarded-for": "198.51.100.9", "x-forwarded-proto": "https"}
                await client.post("/enter", data=form, headers=headers)

    asyncio.run(scene())
    assert seen == ["127.0.0.1", "198.51.100.9"]


def test_another_site_cannot_sign_anybody_in(place):
    place.account("ada")

    async def scene(client):
        for path in ("/enter", "/enter/code", "/link/x", "/session/end"):
            answer = await client.post(path, data={}, headers={"sec-fetch-site": "cross-site"})
            assert answer.status_code == 403

    place.run(scene)


# -- many at once -----------------------------------------------------------------------------


def test_commands_are_answered_while_many_sign_in(tmp_path):
    """Real hashes; what a dispatcher waits for meanwhile is measured."""
    place = Place(tmp_path, quick=False)
    place.account("ada")

    async def scene(client):
        waits, statuses = [], []

        async def sign_in(name):
            statuses.append((await enter(client, name, WRONG)).status_code)

        signing = [asyncio.create_task(sign_in(f"nobody{n}")) for n in range(8)]
        hub, done = place.centre, Actor(name="ada", role="dispatcher")
        while not all(task.done() for task in signing):
            began = time.perf_counter()
            asked = intake.AnswerCall(key=f"while-{len(waits)}")
            await hub.desk.ask(asked, done)
            waits.append(time.perf_counter() - began)
            await asyncio.sleep(0.005)
        assert statuses == [401] * 8
        return waits

    began = time.perf_counter()
    waits = sorted(place.run(scene))
    took_s = time.perf_counter() - began
    assert took_s > 0.25, "the hashes are real"
    assert len(waits) > 20, f"{len(waits)} commands in {took_s:.1f} s"
    assert waits[len(waits) // 2] < 0.02, waits[len(waits) // 2]
    place.door.workers.close()
    place.centre.close()


def test_beyond_the_queue_one_is_told_to_come_again_and_nothing_is_hashed(place, monkeypatch):
    monkeypatch.setattr(workers, "WAITING_MAX", 3)
    place.account("ada")
    held, told_all = [], threading.Event()
    place.door.keyring.check_password = lambda *a: held.append(1) or (told_all.wait(30) and None)

    async def scene(client):
        entering = [asyncio.create_task(enter(client, f"n{n}", WRONG)) for n in range(9)]
        beyond = 9 - workers.AT_ONCE - 3
        async with asyncio.timeout(30):
            while sum(task.done() for task in entering) < beyond:
                await asyncio.sleep(0.005)
        told_all.set()
        answers = await asyncio.gather(*entering)
        told_to_wait = [a for a in answers if a.status_code == 429]
        assert len(told_to_wait) == 9 - workers.AT_ONCE - 3
        assert all(a.headers["retry-after"] == str(workers.RETRY_S) for a in told_to_wait)
        assert "More people sign in than can be served at once." in told(told_to_wait[0])
        assert place.door.workers.asked == 0

    place.run(scene)
    assert len(held) == workers.AT_ONCE + 3


def test_the_threads_stand_back_for_whoever_dispatches(place):
    async def scene(client):
        def niceness():
            return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

        assert await place.door.workers.run(niceness) == workers.NICE
        assert os.getpriority(os.PRIO_PROCESS, 0) < workers.NICE

    place.run(scene)


# -- cookies ----------------------------------------------------------------------------------


def test_over_https_the_cookie_belongs_to_this_host_alone(place):
    place.account("ada")

    async def scene(_client):
        async with place.client(base="https://127.0.0.1") as client:
            answer = await enter(client, "ada")
            cookie = answer.headers["set-cookie"]
            assert cookie.startswith(f"{HOST_COOKIE}=")
            parts = set(cookie.split("; "))
            assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"} <= parts
            assert "Domain" not in cookie
            assert (await client.get("/board")).status_code == 200
            identifier = cookie.partition("=")[2].partition(";")[0]
        async with place.client(base="https://127.0.0.1") as client:
            plain = await client.get("/board", headers={"cookie": f"{COOKIE}={identifier}"})
            assert plain.status_code == 303, "the lesser name does not count over https"

    place.run(scene)


def test_a_session_from_before_signing_in_is_not_taken_over(place):
    place.account("ada")

    async def scene(client):
        client.cookies.set(COOKIE, "chosen-by-somebody-else-before")
        answer = await enter(client, "ada")
        assert "chosen-by" not in answer.headers["set-cookie"]

    place.run(scene)


# -- when something fails ---------------------------------------------------------------------


def test_a_record_that_cannot_take_it_lets_nobody_in(place):
    place.account("ada")

    async def scene(client):
        async def full(*_):
            raise Unavailable("Not recorded. The disk is full. Try again later.")

        place.door.desk.ask = full
        answer = await enter(client, "ada")
        assert (answer.status_code, "The disk is full." in told(answer)) == (503, True)
        assert (await client.get("/board")).status_code == 303
        del place.door.desk.ask
        await place.door.sweep()

    place.run(scene)
    assert place.door.keyring.sessions() == [], "what was kept before it was recorded is gone"


def test_a_keyring_that_cannot_be_written_is_told_and_the_sweep_goes_on(place):
    place.account("ada")

    def fail(*_):
        raise sqlite3.OperationalError("disk I/O error")

    async def scene(client):
        place.door.keyring.keep_session = fail
        answer = await enter(client, "ada")
        assert answer.status_code == 503
        assert "The keyring cannot be used: disk I/O error." in told(answer)
        del place.door.keyring.keep_session
        await enter(client, "ada")
        place.pass_s(5)
        await client.get("/board")
        place.door.keyring.touch_sessions = fail
        sweeping = asyncio.create_task(place.door.run())
        await asyncio.sleep(0.05)
        assert not sweeping.done()
        sweeping.cancel()

    place.run(scene)


def test_a_fault_of_the_rules_is_told_as_one(place, monkeypatch):
    place.account("ada")

    def broken(*_):
        raise RuntimeError("words of somebody")

    room = next(r for r in place.centre.hub.rooms.rooms if r.name == "access")
    monkeypatch.setitem(room.deciders.table, w.SignIn, broken)

    async def scene(client):
        answer = await enter(client, "ada")
        assert answer.status_code == 500
        assert "words of somebody" not in answer.text

    place.run(scene)


# -- for the OpenID provider ------------------------------------------------------------------


def test_whoever_proved_it_at_the_provider_gets_a_session_of_their_account(place):
    place.do(w.OpenAccount, account="ada", role="dispatcher", provider=True, subject="u-1")
    assert account_of_subject(place.front, "u-1") == "ada"
    assert account_of_subject(place.front, "u-2") is None

    async def scene(client):
        client.cookies.set(COOKIE, await begin_session(place.front, "ada", w.Way.PROVIDER))
        assert (await client.get("/board")).status_code == 200
        page = await client.get("/account")
        assert "You sign in at the provider." in page.text
        answer = await act(client, "/account/password", current="", password=OTHER, again=OTHER)
        assert answer.status_code == 401, "there is no password to change"

    place.run(scene)
    place.do(w.CloseAccount, account="ada", reason="moved")

    async def closed(client):
        with pytest.raises(Refused) as refusal:
            await begin_session(place.front, "ada", w.Way.PROVIDER)
        assert refusal.value.status == 409

    place.run(closed)


def test_the_sign_in_page_offers_the_provider_where_there_is_one(place):
    async def scene(client):
        assert "/sign-in/provider" not in (await client.get("/enter")).text
        place.door.provider = "City ID"
        page = (await client.get("/enter?back=/units")).text
        assert 'href="/sign-in/provider?back=/units"' in page
        assert "Sign in with City ID" in page

    place.run(scene)
