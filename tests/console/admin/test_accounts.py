"""Accounts and tokens by their pages: what is asked, what follows, what is shown this once."""

from __future__ import annotations

import hashlib
import html
import re

import pytest

from answerable.access import words as access
from answerable.access.keys import read_token
from tests.console.admin.office import DAY_US, ROOT, at_desk, refused, staffed

SECRET = re.compile(r'value="([^"]+)"[^>]*data-secret')


@pytest.fixture
def town_hall(world):
    return staffed(world)


def account(world, name: str):
    return world.centre.hub.state["access"].accounts[name]


def names(text: str) -> list[str]:
    return re.findall(r'href="/admin/accounts/([^"]+)">', text)


# -- the list --------------------------------------------------------------------------------


def test_the_list_shows_state_role_areas_and_the_day_of_the_last_sign_in(town_hall):
    async def scene(desk):
        return (await desk.get("/admin/accounts")).text

    text = at_desk(town_hall, scene)
    assert names(text) == ["d.smith", "li.na", "m.chen", "old.hand", "root.admin", "wang.wei"]
    row = re.search(r"<tr><td>[^<]*<a[^>]*>d\.smith.*?</tr>", text, re.S)[0]
    assert "locked" in row
    assert "until" in row
    assert "2 Apr 2020" in row
    row = re.search(r"<tr><td>[^<]*<a[^>]*>wang\.wei.*?</tr>", text, re.S)[0]
    assert "Mission" in row
    assert "waits for its password" in row
    assert "never" in row


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"q": "li"}, ["li.na"]),
        ({"role": "dispatcher"}, ["d.smith", "li.na"]),
        ({"state": "closed"}, ["old.hand"]),
        ({"role": "crew", "state": "ready"}, []),
        ({"sort": "account", "down": "1"},
         ["wang.wei", "root.admin", "old.hand", "m.chen", "li.na", "d.smith"]),
        ({"sort": "role"}, ["m.chen", "root.admin", "wang.wei", "old.hand", "d.smith", "li.na"]),
        ({"sort": "nonsense", "state": "waiting"}, ["wang.wei"]),
    ],
)  # fmt: skip
def test_filter_and_order_stand_in_the_address(town_hall, query, found):
    async def scene(desk):
        return (await desk.get("/admin/accounts", params=query)).text

    text = at_desk(town_hall, scene)
    assert names(text) == found
    if not found:
        assert "No account is like that." in text


def test_a_centre_without_accounts_says_what_to_do_next(world):
    async def scene(desk):
        return (await desk.get("/admin/accounts")).text

    assert "There is no account yet." in at_desk(world, scene)


def test_an_account_there_is_not_is_told(town_hall):
    async def scene(desk):
        return await desk.get("/admin/accounts/nobody")

    answer = at_desk(town_hall, scene)
    assert answer.status_code == 404
    assert "There is no account nobody." in answer.text


# -- opening and inviting --------------------------------------------------------------------


def test_an_account_is_opened_and_its_link_shown_once_and_kept_nowhere(world):
    async def scene(desk):
        opened = await desk.post(
            "/admin/accounts", account="li.na", role="dispatcher", days="3",
            area=["Mission", "B02"],
        )  # fmt: skip
        return opened, await desk.get("/admin/accounts/li.na")

    opened, page = at_desk(world, scene)
    assert opened.status_code == 201, opened.text
    link = html.unescape(SECRET.search(opened.text)[1])
    word = link.rpartition("/")[2]
    known = account(world, "li.na")
    assert known.areas == ("Mission", "B02")
    assert known.invitation == hashlib.sha256(word.encode()).hexdigest()
    assert known.invited_until_us - world.centre.now_us() <= 3 * DAY_US
    assert link.startswith("http://127.0.0.1/link/")
    assert word not in page.text
    assert not any(word in repr(row) for row in world.centre.hub.store.rows())


def test_without_a_script_the_link_is_shown_on_a_page_of_its_own(world):
    async def scene(desk):
        return await desk.post(
            "/admin/accounts", htmx=False, account="li.na", role="crew", days="1"
        )

    answer = at_desk(world, scene)
    assert answer.status_code == 201
    assert "<html" in answer.text
    assert SECRET.search(answer.text)


def test_who_signs_in_at_the_provider_gets_no_link(world):
    async def scene(desk):
        return await desk.post("/admin/accounts", account="li.na", role="crew", subject="li@idp")

    answer = at_desk(world, scene)
    assert answer.headers["hx-redirect"].startswith("/admin/accounts/li.na?done=")
    assert account(world, "li.na").subject == "li@idp"


def test_a_slip_in_the_form_opens_nothing(world):
    async def scene(desk):
        days = await desk.post("/admin/accounts", account="li.na", role="crew", days="soon")
        name = await desk.post("/admin/accounts", account="Li Na", role="crew", days="3")
        role = await desk.post("/admin/accounts", account="li.na", role="reader", days="3")
        return days, name, role

    days, name, role = at_desk(world, scene)
    assert (days.status_code, name.status_code, role.status_code) == (400, 400, 409)
    assert refused(days)[1] == "soon is not a number of days."
    assert "The role reader cannot be given to it." in role.text
    assert not world.centre.hub.state["access"].accounts


def test_a_form_that_is_malformed_is_told(world):
    async def scene(desk):
        headers = {"hx-request": "true", "content-type": "application/x-www-form-urlencoded"}
        return await desk.client.post("/admin/accounts", content=b"a=%FF&b", headers=headers)

    assert "malformed" in at_desk(world, scene).text


def test_a_name_that_is_taken_is_refused_in_three_sentences_beside_the_form(town_hall):
    async def scene(desk):
        return await desk.post("/admin/accounts", account="li.na", role="crew", days="3")

    answer = at_desk(town_hall, scene)
    assert answer.status_code == 409
    assert refused(answer) == (
        "Not made: account li.na.", "There is one of that name already.", "Choose another name.",
    )  # fmt: skip


def test_a_new_link_makes_the_one_before_worth_nothing(town_hall):
    async def scene(desk):
        first = await desk.post("/admin/accounts/invite", account="wang.wei", days="3")
        second = await desk.post("/admin/accounts/invite", account="wang.wei", days="3")
        return [SECRET.search(one.text)[1].rpartition("/")[2] for one in (first, second)]

    first, second = at_desk(town_hall, scene)
    held = account(town_hall, "wang.wei").invitation
    assert held == hashlib.sha256(second.encode()).hexdigest()
    assert held != hashlib.sha256(first.encode()).hexdigest()


# -- what may be done ------------------------------------------------------------------------


def do(world, command, name: str, **fields):
    async def scene(desk):
        answer = await desk.post(
            "/admin/accounts/do", type=command.tag, account=name, **fields
        )  # fmt: skip
        to = answer.headers.get("hx-redirect", "")
        return answer, (await desk.get(to)).text if to else ""

    return at_desk(world, scene)


def test_a_role_is_changed_with_areas_and_reason_and_what_happened_is_told(town_hall):
    answer, page = do(
        town_hall, access.ChangeRole, "li.na", role="supervisor", area="Mission", reason="promoted"
    )
    assert answer.status_code == 201
    known = account(town_hall, "li.na")
    assert (known.role, known.areas, known.sessions) == ("supervisor", ("Mission",), {})
    assert 'class="said"' in page
    assert "The account li.na acts as supervisor" in page or "Recorded at" in page


def test_no_area_chosen_means_everywhere(town_hall):
    do(town_hall, access.ChangeRole, "wang.wei", role="call_taker", reason="the whole town")
    assert account(town_hall, "wang.wei").areas == ()


@pytest.mark.parametrize(
    ("command", "name", "state"),
    [
        (access.CloseAccount, "li.na", "closed"),
        (access.ReopenAccount, "old.hand", "waiting"),
        (access.ReleaseAccount, "d.smith", "ready"),
    ],
)
def test_an_account_is_closed_reopened_and_released(town_hall, command, name, state):
    answer, page = do(town_hall, command, name, reason="because of it")
    assert answer.status_code == 201, answer.text
    assert account(town_hall, name).state == state
    assert "because of it" in page


def test_all_sessions_are_ended_without_a_reason(town_hall):
    assert account(town_hall, "li.na").sessions
    do(town_hall, access.SignOutEverywhere, "li.na")
    assert not account(town_hall, "li.na").sessions


def test_a_second_factor_is_removed(town_hall):
    actor = type(ROOT)(name="li.na", role="system")
    town_hall.do(access.SetSecondFactor, actor, account="li.na", credential="ce" * 16)
    do(town_hall, access.RemoveSecondFactor, "li.na", reason="telephone lost")
    assert not account(town_hall, "li.na").second


def test_an_act_without_its_reason_is_refused_in_the_words_of_the_field(town_hall):
    answer, _ = do(town_hall, access.CloseAccount, "li.na")
    assert answer.status_code == 400
    assert refused(answer)[1].startswith("“Why”" if "“" in answer.text else "Why")
    assert account(town_hall, "li.na").state == "ready"


@pytest.mark.parametrize(
    ("name", "offered", "not_offered"),
    [
        ("li.na", ["Make a one-time link", "Change role", "Sign out everywhere", "Close"],
         ["Release the lock", "Open it again", "Remove the second factor"]),
        ("d.smith", ["Release the lock", "Close"], ["Open it again"]),
        ("old.hand", ["Open it again"], ["Close the account", "Make a one-time link"]),
        ("wang.wei", ["Make a one-time link", "Close"], ["Sign out everywhere"]),
        ("root.admin", ["This is your own account."], ["Close the account", "Change role"]),
    ],
)  # fmt: skip
def test_what_is_offered_is_what_the_accounts_life_allows(town_hall, name, offered, not_offered):
    async def scene(desk):
        return (await desk.get(f"/admin/accounts/{name}")).text

    text = at_desk(town_hall, scene)
    assert all(words in text for words in offered)
    assert not any(words in text for words in not_offered)


def test_a_form_says_beforehand_what_will_follow(town_hall):
    async def scene(desk):
        return (await desk.get("/admin/accounts/li.na")).text

    assert "Its open session ends. Nobody can sign in to it any more." in at_desk(town_hall, scene)


def test_the_past_of_an_account_tells_what_was_done_to_it_not_when_it_was_used(town_hall):
    async def scene(desk):
        return (await desk.get("/admin/accounts/d.smith")).text

    text = at_desk(town_hall, scene)
    assert "The account d.smith was opened as dispatcher" in text
    assert "is locked after 8 failed sign-ins" in text
    assert "signed in by" not in text
    assert "A sign-in as d.smith failed" not in text


def test_only_what_one_has_done_oneself_is_told_as_done(town_hall):
    other = town_hall.centre.hub.position

    async def scene(desk):
        pages = (f"{other}", "999999", "x", "0", "9" * 20)
        return [(await desk.get("/admin/accounts", params={"done": n})).text for n in pages]

    assert not any('class="said"' in text for text in at_desk(town_hall, scene))


# -- tokens ----------------------------------------------------------------------------------


def test_a_token_is_shown_once_and_the_record_has_only_its_digest(world):
    async def scene(desk):
        fields = {"name": "wall", "label": "Wall display", "role": "reader", "days": "30"}
        return await desk.post("/admin/tokens", **fields), await desk.get("/admin/tokens")

    issued, page = at_desk(world, scene)
    secret = SECRET.search(issued.text)[1]
    word = read_token(secret)
    held = world.centre.hub.state["access"].tokens["wall"]
    assert word is not None
    assert (word.text, word.digest) == ("wall", held.digest)
    assert "Wall display" in page.text
    assert "ends in 30 days" in page.text
    assert secret not in page.text
    assert not any(secret in repr(row) for row in world.centre.hub.store.rows())


def test_a_token_for_a_role_that_no_token_may_hold_is_refused(world):
    async def scene(desk):
        fields = {"name": "root", "label": "Everything", "role": "administrator", "days": "30"}
        return await desk.post("/admin/tokens", **fields)

    answer = at_desk(world, scene)
    assert answer.status_code == 409
    assert "cannot be given to it" in answer.text


def test_a_token_is_revoked_with_a_reason_and_stays_listed(world):
    until = world.centre.now_us() + 9 * DAY_US
    for name in ("pbx", "wall"):
        world.do(access.IssueToken, ROOT, token=name, label=f"The {name}", role="line",
                 digest="11" * 32, until=until)  # fmt: skip

    async def scene(desk):
        before = (await desk.get("/admin/tokens")).text
        answer = await desk.post(
            "/admin/tokens/do", type=access.RevokeToken.tag, named="pbx", reason="replaced"
        )
        return before, answer, (await desk.get("/admin/tokens")).text

    before, answer, after = at_desk(world, scene)
    assert "ends in 9 days" in before
    assert before.count('action="/admin/tokens/do"') == 2
    assert answer.headers["hx-redirect"].startswith("/admin/tokens?done=")
    assert world.centre.hub.state["access"].tokens["pbx"].state == "revoked"
    assert after.count('action="/admin/tokens/do"') == 1
    assert "revoked" in after


def test_a_centre_without_tokens_says_what_to_do_next(world):
    async def scene(desk):
        return (await desk.get("/admin/tokens")).text

    assert "No program has a key." in at_desk(world, scene)
