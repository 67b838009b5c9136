"""Every role against every page and form of administration: denied, or given as the table says."""

from __future__ import annotations

import pytest

from answerable.console.admin import labels
from answerable.console.pages import ADMINISTRATION
from answerable.kernel.authority import Actor
from answerable.kernel.event import Mark
from answerable.rooms import authority, product
from tests.console.admin.office import ROOT, at_desk

TABLE = authority()
ROLES = tuple(TABLE.roles)
FORMS = {
    "/admin/accounts": "accounts", "/admin/accounts/do": "accounts",
    "/admin/accounts/invite": "accounts", "/admin/tokens": "tokens", "/admin/tokens/do": "tokens",
    "/admin/town/do": "town", "/admin/town/cards": "town", "/admin/town/standard": "town",
    "/admin/town/standard/check": "town", "/admin/adapters/hooks": "adapters",
    "/admin/adapters/do": "adapters", "/admin/health/do": "health", "/admin/try": "try",
}  # fmt: skip


def posts(world) -> set[str]:
    """Return the addresses under /admin that take a form."""
    from answerable.console.admin.routes import routes

    return {
        path for handler in routes(world.app) for path in handler.paths
        if "POST" in handler.http_methods
    }  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_a_page_is_shown_to_the_roles_it_is_given_to_and_to_no_other(world, role):
    async def scene(desk):
        return {page: (await desk.get(f"/admin/{page}")).status_code for page in ADMINISTRATION}

    told = at_desk(world, scene, Actor(name=f"a.{role}", role=role))
    assert told == {
        page: 200 if page in TABLE.roles[role].pages else 403 for page in ADMINISTRATION
    }


def test_the_list_of_forms_is_whole(world):
    assert posts(world) == set(FORMS)


@pytest.mark.parametrize("role", [role for role in ROLES if role != "administrator"])
def test_no_form_is_taken_from_a_role_that_is_not_given_its_page(world, role):
    async def scene(desk):
        await desk.get("/board")
        return {path: (await desk.post(path)).status_code for path in FORMS}

    before = world.centre.hub.position
    told = at_desk(world, scene, Actor(name=f"a.{role}", role=role))
    denied = {path for path, page in FORMS.items() if page not in TABLE.roles[role].pages}
    assert {path for path, status in told.items() if status == 403} >= denied
    assert world.centre.hub.position == before


def test_a_form_without_its_sessions_token_is_not_taken(world):
    async def scene(desk):
        desk.token = "somebody else's"
        return [(await desk.post(path)).status_code for path in FORMS]

    assert set(at_desk(world, scene)) == {403}


def test_a_form_that_another_site_sends_is_not_taken(world):
    async def scene(desk):
        headers = {"sec-fetch-site": "cross-site", "hx-request": "true"}
        data = {"token": desk.token, "account": "evil", "role": "administrator", "days": "3"}
        return await desk.client.post("/admin/accounts", data=data, headers=headers)

    assert at_desk(world, scene).status_code == 403
    assert not world.centre.hub.state["access"].accounts


def test_a_form_asks_only_for_what_its_own_page_has(world):
    async def scene(desk):
        body = {"type": "standards.AdoptStandard", "text": "x"}
        return [await desk.post(path, **body) for path in FORMS if path.endswith("/do")]

    for answer in at_desk(world, scene):
        assert answer.status_code == 400
        assert "asks for something else" in answer.text


def test_nobody_who_is_not_signed_in_sees_any_of_it(world):
    async def scene(client):
        return [(await client.get(f"/admin/{page}")).headers["location"] for page in ADMINISTRATION]

    assert all(to.startswith("/enter?back=/admin/") for to in world.run(scene, role=""))


@pytest.mark.parametrize(
    ("role", "to"), [("administrator", "/admin/accounts"), ("supervisor", "/admin/health")]
)
def test_administration_leads_to_the_first_page_a_role_is_given(world, role, to):
    async def scene(desk):
        return await desk.get("/admin"), await desk.get("/standards")

    answer, page = at_desk(world, scene, Actor(name=f"a.{role}", role=role))
    assert answer.headers["location"] == to
    assert 'href="/admin"' in page.text


def test_a_role_without_any_of_its_pages_is_not_offered_administration(world):
    async def scene(desk):
        return await desk.get("/admin"), await desk.get("/board")

    answer, page = at_desk(world, scene, Actor(name="a.dispatcher", role="dispatcher"))
    assert answer.status_code == 403
    assert 'href="/admin"' not in page.text


def test_every_page_is_shown_in_both_languages_without_inline_script_or_style(world):
    async def scene(desk):
        for tag, word in (("en", "Administration"), ("zh-CN", "管理")):
            desk.client.cookies.set("lang", tag)
            for page in ADMINISTRATION:
                text = (await desk.get(f"/admin/{page}")).text
                assert word in text
                assert " style=" not in text
                assert "<script>" not in text

    at_desk(world, scene)


# -- the table of rights, as its page reads it -----------------------------------------------


def test_every_command_page_mark_and_role_of_the_product_has_words():
    assert set(labels.COMMANDS) == set(product().commands)
    assert {page for rights in TABLE.roles.values() for page in rights.pages} <= set(labels.PAGES)
    assert set(labels.MARKS) == set(Mark)
    assert set(labels.ROLES) == set(ROLES)
    assert {room for room, _ in labels.ROOMS} == {room.name for room in product().rooms}


def test_the_page_of_roles_says_what_a_role_may_do_and_who_may_do_a_thing(world):
    async def scene(desk):
        role = await desk.get("/admin/roles", params={"role": "call_taker"})
        may = await desk.get("/admin/roles", params={"may": "access.IssueToken"})
        return role.text, may.text

    role, may = at_desk(world, scene)
    answer = role.partition('id="answer"')[2].partition("</section>")[0]
    assert "Open an incident" in answer
    assert "Send a unit" not in answer
    answer = may.partition('id="answer"')[2].partition("</section>")[0]
    assert "Administrator" in answer
    assert "Dispatcher" not in answer


def test_the_table_marks_exactly_the_rights_there_are(world):
    async def scene(desk):
        return (await desk.get("/admin/roles")).text

    text = at_desk(world, scene).partition('class="rights"')[2].partition("</table>")[0]
    given = sum(
        len(rights.commands) + len(rights.pages) + len(rights.sees)
        for rights in TABLE.roles.values()
    )
    assert text.count("●") == given


def test_the_page_of_roles_names_who_holds_a_role_now(world):
    from answerable.access import words as access

    world.do(access.OpenAccount, ROOT, account="li.na", role="supervisor")
    world.do(access.OpenAccount, ROOT, account="gone", role="supervisor")
    world.do(access.CloseAccount, ROOT, account="gone", reason="left")

    async def scene(desk):
        return (await desk.get("/admin/roles", params={"role": "supervisor"})).text

    answer = at_desk(world, scene).partition('id="answer"')[2]
    assert "li.na" in answer
    assert "gone" not in answer
