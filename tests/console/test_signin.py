"""The door: who comes in, who does not, how often one may try, and when a session ends."""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
import threading
import time

import httpx
import pyotp
import pytest
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from answerable.access import words as w
from answerable.access.keyring import KEYRING_FILE
from answerable.access.rules import FAILURES_MAX, LOCK_S
from answerable.console import session as sessions_module
from answerable.console.sanity import Refused
from answerable.console.session import AGE_S, COOKIE, HOST_COOKIE, IDLE_S
from answerable.console.signin import flow as flow_module
from answerable.console.signin import workers
from answerable.console.signin.door import Door, account_of_subject, begin_session
from answerable.console.signin.throttle import TRIES_BURST, address_of
from answerable.intake import words as intake
from answerable.kernel.authority import Actor
from answerable.kernel.desk import Unavailable
from tests.console.doors import GOOD, HOST, OTHER, SAME, Place, act, enter, field_of, post

WRONG = "wrong wrong wrong"


@pytest.fixture
def place(tmp_path):
    made = Place(tmp_path)
    yield made
    made.door.workers.close()
    made.centre.close()


def told(answer: httpx.Response) -> str:
    """Return the refusal of a page, as it reads."""
    match = re.search(r'id="refusal">(.*?)</p>', answer.text, re.DOTALL)
    assert match, answer.text
    return re.sub(r"<[^>]+>", " ", match[1]).strip()


# -- signing in ------------------------------------------------------------------------------


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
    [("administrator", "/admin"), ("supervisor", "/board"), ("crew", "/account")],
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


def test_an_account_closed_while_its_password_is_checked_does_not_come_in(place):
    place.account("ada")
    check = place.door.keyring.check_password

    def slowly(*asked):
        fits = check(*asked)
        asyncio.run_coroutine_threadsafe(close(), loop).result(5)
        return fits

    async def close():
        place.do(w.CloseAccount, account="ada", reason="moved")

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


# -- many at once ----------------------------------------------------------------------------


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
    held = []
    place.door.keyring.check_password = lambda *a: held.append(1) or time.sleep(0.2)

    async def scene(client):
        answers = await asyncio.gather(*(enter(client, f"n{n}", WRONG) for n in range(9)))
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


# -- cookies ---------------------------------------------------------------------------------


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


# -- the second factor -----------------------------------------------------------------------


async def asked_for_code(client, name="ada") -> str:
    """Give the password and return the ticket of the next step."""
    answer = await enter(client, name)
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert (await client.get("/board")).status_code == 303
    return field_of(answer.text, "ticket")


def test_with_a_second_factor_the_password_alone_opens_nothing(place):
    place.account("ada")
    telephone = place.factor("ada")

    async def scene(client):
        ticket = await asked_for_code(client)
        wrong = await post(client, "/enter/code", ticket=ticket, code="000000")
        assert wrong.status_code == 401
        assert "The code is wrong, too old, or was used before." in told(wrong)
        gap = place.code(telephone)[:3] + " " + place.code(telephone)[3:]
        right = await post(client, "/enter/code", ticket=ticket, code=gap, back="/units")
        assert (right.status_code, right.headers["location"]) == (303, "/units")
        assert (await client.get("/units")).status_code == 200
        again = await post(client, "/enter/code", ticket=ticket, code=place.code(telephone, 1))
        assert "It was begun too long ago." in told(again), "a ticket is used once"

    place.run(scene)
    assert [e.missed for e in place.told(w.SignInMissed)] == [w.Missed.CODE]
    assert place.told(w.SignedIn)[0].way is w.Way.PASSWORD_AND_CODE


def test_a_code_is_accepted_once_by_whoever_comes_first(place):
    place.account("ada")
    telephone = place.factor("ada")

    async def scene(client):
        code = place.code(telephone)
        first, second = await asked_for_code(client), await asked_for_code(client)
        answers = [await post(client, "/enter/code", ticket=t, code=code) for t in (first, second)]
        assert [a.status_code for a in answers] == [303, 401]

    place.run(scene)


def test_codes_are_not_guessed_for_long(place):
    place.account("ada")
    telephone = place.factor("ada")

    async def scene(client):
        ticket = await asked_for_code(client)
        for n in range(FAILURES_MAX):
            await post(client, "/enter/code", ticket=ticket, code=f"{n:06}")
        right = await post(client, "/enter/code", ticket=ticket, code=place.code(telephone))
        assert right.status_code == 409

    place.run(scene)


def test_a_ticket_ends_with_time_and_with_the_factor_it_was_for(place):
    place.account("ada")
    telephone = place.factor("ada")

    async def scene(client):
        ticket = await asked_for_code(client)
        place.pass_s(flow_module.TICKET_S + 1)
        late = await post(client, "/enter/code", ticket=ticket, code=place.code(telephone))
        assert (late.status_code, "Begin again." in told(late)) == (401, True)
        ticket = await asked_for_code(client)
        place.do(w.RemoveSecondFactor, account="ada", reason="lost")
        gone = await post(client, "/enter/code", ticket=ticket, code=place.code(telephone))
        assert gone.status_code == 401
        for odd in ("", "x", "é" * 9):
            answer = await post(client, "/enter/code", ticket=odd, code="1")
            assert answer.status_code == 401

    place.run(scene)


# -- one-time links --------------------------------------------------------------------------


def test_a_link_sets_the_first_password_once_and_signs_in(place):
    place.do(w.OpenAccount, account="ada", role="dispatcher")
    word = place.link("ada")

    async def scene(client):
        page = await client.get(f"/link/{word}")
        assert page.status_code == 200
        assert "A password for ada" in page.text
        answer = await post(client, f"/link/{word}", password=GOOD, again=GOOD)
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert (await client.get("/board")).status_code == 200
        used = await post(client, f"/link/{word}", password=OTHER, again=OTHER)
        for again in (await client.get(f"/link/{word}"), used):
            assert again.status_code == 404
            assert "has been used, was replaced, or is too old" in again.text
        async with place.client("ada") as other:
            assert (await other.get("/board")).status_code == 200

    place.run(scene)
    assert place.told(w.SignedIn)[0].way is w.Way.INVITATION
    assert word not in repr(place.told(w.AccountInvited))


@pytest.mark.parametrize(
    ("password", "again", "why"),
    [("short", "short", "It has fewer than 12 characters."),
     ("kz7#mwq2" * 20, "kz7#mwq2" * 20, "It has more than 128 characters."),
     ("password1234", "password1234", "It is among the passwords that are tried first."),
     ("grace.hopper1", "grace.hopper1", "It is little more than the account&#39;s name."),
     (GOOD, OTHER, "The two passwords are not the same.")],
)  # fmt: skip
def test_a_password_that_is_not_taken_leaves_the_link_as_it_was(place, password, again, why):
    place.do(w.OpenAccount, account="grace.hopper", role="dispatcher")
    word = place.link("grace.hopper")

    async def scene(client):
        answer = await post(client, f"/link/{word}", password=password, again=again)
        assert answer.status_code == 400
        assert why in told(answer)
        assert password not in answer.text
        assert (await post(client, f"/link/{word}", password=GOOD, again=GOOD)).status_code == 303

    place.run(scene)


def test_a_link_that_is_too_old_or_none_opens_nothing(place):
    place.do(w.OpenAccount, account="ada", role="dispatcher")
    word = place.link("ada")
    place.pass_s(2 * 86_400)

    async def scene(client):
        for one in (word, "0" * 64, "-", "é"):
            assert (await client.get(f"/link/{one}")).status_code == 404
            answer = await post(client, f"/link/{one}", password=GOOD, again=GOOD)
            assert answer.status_code == 404

    place.run(scene)


def test_a_link_does_not_step_around_the_second_factor(place):
    place.account("ada")
    place.factor("ada")
    word = place.link("ada")

    async def scene(client):
        answer = await post(client, f"/link/{word}", password=OTHER, again=OTHER)
        assert answer.headers["location"] == "/enter"
        assert "set-cookie" not in answer.headers
        assert (await enter(client, "ada")).status_code == 401, "the old password is gone"
        assert "six digits" in (await enter(client, "ada", OTHER)).text

    place.run(scene)


# -- one's own account -----------------------------------------------------------------------


def test_a_password_is_changed_with_the_present_one_and_the_other_sessions_end(place):
    place.account("ada")

    async def scene(client):
        async with place.client("ada") as other:
            wrong = await act(client, "/account/password", current=WRONG, password=OTHER,
                              again=OTHER)  # fmt: skip
            assert wrong.status_code == 401
            done = await act(client, "/account/password", current=GOOD, password=OTHER,
                             again=OTHER, others="1")  # fmt: skip
            assert done.headers["location"] == "/account?done=password"
            assert "The password is changed." in (await client.get("/account?done=password")).text
            assert (await other.get("/board")).status_code == 303
        assert (await client.get("/board")).status_code == 200
        assert (await enter(client, "ada", OTHER)).status_code == 303

    place.run(scene, "ada")
    assert place.door.keyring.missing([e.credential for e in place.told(w.PasswordSet)]) == {
        place.told(w.PasswordSet)[0].credential
    }


def test_a_second_factor_is_set_up_asked_for_and_removed(place):
    place.account("ada")

    async def scene(client):
        page = await act(client, "/account/factor")
        assert "<svg" in page.text
        ticket = field_of(page.text, "ticket")
        shown = re.search(r'<code class="num">([A-Z2-7 ]+)</code>', page.text)
        seed = shown[1].replace(" ", "")
        telephone = pyotp.TOTP(seed)
        wrong = await act(client, "/account/factor/add", ticket=ticket, code="000000",
                          password=GOOD)  # fmt: skip
        assert (wrong.status_code, seed[:4] in wrong.text) == (401, True)
        wrong = await act(client, "/account/factor/add", ticket=ticket,
                          code=place.code(telephone), password=WRONG)  # fmt: skip
        assert wrong.status_code == 401
        assert place.told(w.SecondFactorSet) == []
        done = await act(client, "/account/factor/add", ticket=ticket,
                         code=place.code(telephone), password=GOOD)  # fmt: skip
        assert done.headers["location"] == "/account?done=added"
        async with place.client() as other:
            step = field_of((await enter(other, "ada")).text, "ticket")
            used = await post(other, "/enter/code", ticket=step, code=place.code(telephone))
            assert used.status_code == 401, "the code that set it up is used up"
            right = await post(other, "/enter/code", ticket=step, code=place.code(telephone, 1))
            assert right.status_code == 303
        bad = await act(client, "/account/factor/remove", password=GOOD, reason=" ")
        assert (bad.status_code, "No reason is given." in told(bad)) == (400, True)
        done = await act(client, "/account/factor/remove", password=GOOD, reason="new telephone")
        assert done.headers["location"] == "/account?done=removed"
        assert (await enter(client, "ada")).status_code == 303

    place.run(scene, "ada")
    events = [type(e).__name__ for e in place.told(w.SecondFactorSet, w.SecondFactorRemoved)]
    assert events == ["SecondFactorSet", "SecondFactorRemoved"]


def test_an_enrolment_is_its_own_accounts_and_ends_with_time(place):
    place.account("ada")
    place.account("bo")

    async def scene(client):
        ticket = field_of((await act(client, "/account/factor")).text, "ticket")
        async with place.client("bo") as other:
            answer = await act(other, "/account/factor/add", ticket=ticket, code="1", password=GOOD)
            assert "It was begun too long ago." in told(answer)
        place.pass_s(flow_module.ENROL_S + 1)
        answer = await act(client, "/account/factor/add", ticket=ticket, code="1", password=GOOD)
        assert answer.status_code == 401

    place.run(scene, "ada")


def test_one_ends_another_session_or_all_of_them(place):
    place.account("ada")

    async def scene(client):
        async with place.client("ada") as other:
            name = field_of((await client.get("/account")).text, "session")
            done = await act(client, "/account/session/end", session=name)
            assert done.headers["location"] == "/account?done=ended"
            assert (await other.get("/board")).status_code == 303
            again = await act(client, "/account/session/end", session=name)
            assert (again.status_code, "no such session" in told(again)) == (404, True)
        answer = await act(client, "/account/everywhere")
        assert answer.headers["location"] == "/enter"
        assert (await client.get("/board")).status_code == 303

    place.run(scene, "ada")
    assert [e.why for e in place.told(w.SignedOut)] == [w.Ended.ASKED, w.Ended.EVERYWHERE]


def test_the_forms_of_an_account_need_the_token_of_their_session(place):
    place.account("ada")

    async def scene(client):
        for path in ("password", "factor", "factor/add", "factor/remove", "session/end",
                     "everywhere"):  # fmt: skip
            assert (await post(client, f"/account/{path}", token="x")).status_code == 403
        async with place.client() as nobody:
            assert (await post(nobody, "/account/everywhere")).status_code == 401

    place.run(scene, "ada")


def test_a_desk_without_an_account_has_nothing_to_change(place):
    identifier = place.front.sessions.begin(Actor(name="dispatcher", role="dispatcher"))

    async def scene(client):
        client.cookies.set(COOKIE, identifier)
        assert "This desk has no account." in (await client.get("/account")).text
        token = field_of((await client.get("/board")).text, "token")
        answer = await post(client, "/account/everywhere", token=token)
        assert answer.status_code == 403
        assert "Nobody&#39;s account is signed in here." in answer.text
        assert (await post(client, "/session/end")).headers["location"] == "/enter"
        assert place.front.sessions.find(identifier) is None

    place.run(scene)


# -- the end of a session --------------------------------------------------------------------


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
        done = await act(client, "/account/everywhere")
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


# -- when something fails --------------------------------------------------------------------


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


# -- for the OpenID provider -----------------------------------------------------------------


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
