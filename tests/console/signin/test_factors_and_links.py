"""Second factors, one-time links, and what one does about one's own account."""

from __future__ import annotations

import hashlib
import re

import pyotp
import pytest

from answerable.access import words as w
from answerable.access.breached import Breached
from answerable.access.state import FAILURES_MAX
from answerable.console.session import COOKIE
from answerable.console.signin import flow as flow_module
from answerable.kernel.authority import Actor
from tests.console.doors import (
    GOOD,
    OTHER,
    WRONG,
    act,
    enter,
    field_of,
    post,
    told,
)

# -- the second factor ------------------------------------------------------------------------


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


# -- one-time links ---------------------------------------------------------------------------


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


# -- one's own account ------------------------------------------------------------------------


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
            place.pass_s(30)
            right = await post(other, "/enter/code", ticket=step, code=place.code(telephone))
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
            for password in ("", WRONG):
                kept = await act(client, "/account/session/end", session=name, password=password)
                assert (kept.status_code, "password is wrong" in told(kept)) == (401, True)
                assert (await other.get("/board")).status_code == 200
            done = await act(client, "/account/session/end", session=name, password=GOOD)
            assert done.headers["location"] == "/account?done=ended"
            assert (await other.get("/board")).status_code == 303
            again = await act(client, "/account/session/end", session=name, password=GOOD)
            assert (again.status_code, "no such session" in told(again)) == (404, True)
        kept = await act(client, "/account/everywhere", password=WRONG)
        assert (kept.status_code, "password is wrong" in told(kept)) == (401, True)
        answer = await act(client, "/account/everywhere", password=GOOD)
        assert answer.headers["location"] == "/enter"
        assert (await client.get("/board")).status_code == 303

    place.run(scene, "ada")
    assert [e.why for e in place.told(w.SignedOut)] == [w.Ended.ASKED, w.Ended.EVERYWHERE]


def test_without_a_password_one_ends_a_session_soon_after_signing_in_at_the_provider(place):
    place.do(w.OpenAccount, account="ada", role="dispatcher", provider=True, subject="s1")

    async def scene(client):
        for late in (False, True):
            held = [await place.door.begin("ada", w.Way.PROVIDER) for _ in range(2)]
            client.cookies.set(COOKIE, held[0])
            name = field_of((await client.get("/account")).text, "session")
            if late:
                place.pass_s(flow_module.FRESH_S + 1)
                kept = await act(client, "/account/session/end", session=name)
                assert (kept.status_code, "longer ago than 5 minutes" in told(kept)) == (401, True)
                assert (await act(client, "/account/everywhere")).status_code == 401
                assert len(place.front.sessions.of("ada")) == 3
            else:
                done = await act(client, "/account/session/end", session=name)
                assert done.headers["location"] == "/account?done=ended"

    place.run(scene)


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


# -- what a centre asks of every account -------------------------------------------------------


def test_where_a_second_factor_is_required_nothing_else_opens_before_it(place):
    place.account("ada")
    place.door.factor_required = True

    async def scene(client):
        await enter(client, "ada")
        assert (await client.get("/")).headers["location"] == "/account"
        for path in ("/board", "/units", "/api/board"):
            answer = await client.get(path)
            assert answer.status_code == 403, path
            assert "second factor" in answer.text, "console.FactorNeeded"
        assert (await client.get("/account")).status_code == 200
        place.factor("ada")
        assert (await client.get("/board")).status_code == 200

    place.run(scene)


def test_whoever_signs_in_at_the_provider_has_the_second_factor_there(place):
    place.account("ada", provider=True, subject="s-1")
    place.door.factor_required = True
    place.run(lambda client: opens(client, "/board", 200), "ada")


async def opens(client, path, status):
    assert (await client.get(path)).status_code == status


def test_a_breached_password_is_not_taken(place, tmp_path):
    digest = hashlib.sha1(OTHER.encode(), usedforsecurity=False).hexdigest().upper()
    (tmp_path / "breached.txt").write_text(f"{digest}:3\n")
    place.door.breached = Breached(tmp_path / "breached.txt")
    place.account("ada")

    async def scene(client):
        answer = await act(client, "/account/password", current=GOOD, password=OTHER, again=OTHER)
        assert answer.status_code == 400
        assert "breached elsewhere" in answer.text
        (tmp_path / "breached.txt").unlink()
        answer = await act(client, "/account/password", current=GOOD, password=OTHER, again=OTHER)
        assert answer.status_code == 503, "console.NoBreachedList"
        assert "cannot be read" in answer.text

    place.run(scene, "ada")
