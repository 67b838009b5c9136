"""Outside connections and health by their pages."""

from __future__ import annotations

import asyncio
import html
import re

import httpx
import pytest

from answerable.access import words as access
from answerable.access.keys import new_word, token_text
from answerable.console.admin.health import memory_bytes
from answerable.console.serve.check import Check, Found
from tests.console.admin.office import DAY_US, ROOT, at_desk, refused
from tests.console.conftest import HOST

SECRET = re.compile(r'value="([^"]+)"[^>]*data-secret')


def page_of(world, name: str) -> str:
    async def scene(desk):
        return (await desk.get(f"/admin/{name}")).text

    text: str = at_desk(world, scene)
    return html.unescape(text)


def register(world, **fields: str) -> httpx.Response:
    async def scene(desk):
        told = {"hook": "stats", "url": "https://stats.example/h", "role": "reader", "kinds": ""}
        return await desk.post("/admin/adapters/hooks", **(told | fields))

    answer: httpx.Response = at_desk(world, scene)
    return answer


# -- hooks -----------------------------------------------------------------------------------


def test_a_hook_is_registered_and_its_secret_shown_once_and_kept_in_the_keyring(world):
    answer = register(world, kinds="dispatch.UnitSent, intake.IncidentOpened")
    assert answer.status_code == 201, answer.text
    hook = world.centre.hub.state["access"].hooks["stats"]
    secret = SECRET.search(answer.text)[1]
    assert world.centre.keyring.secret(hook.credential) == secret
    assert hook.kinds == ("dispatch.UnitSent", "intake.IncidentOpened")
    assert not any(secret in repr(row) for row in world.centre.hub.store.rows())
    text = page_of(world, "adapters")
    assert "https://stats.example/h" in text
    assert secret not in text


def test_a_kind_of_event_there_is_not_is_refused_before_anything_is_kept(world):
    answer = register(world, kinds="dispatch.UnitFlew")
    assert answer.status_code == 400
    assert refused(answer)[1] == "There is no event dispatch.UnitFlew."
    assert not world.centre.hub.state["access"].hooks


@pytest.mark.parametrize(
    ("fields", "status"), [({"role": "dispatcher"}, 409), ({"url": "ftp://x"}, 400)]
)
def test_the_secret_of_a_hook_that_was_refused_is_forgotten(world, monkeypatch, fields, status):
    kept: list[str] = []
    keep = world.centre.keyring.keep_secret
    monkeypatch.setattr(
        world.centre.keyring, "keep_secret", lambda *told: kept.append(keep(*told)) or kept[-1]
    )
    assert register(world, **fields).status_code == status
    assert [world.centre.keyring.secret(one) for one in kept] == [None]


def test_a_hook_is_removed_with_a_reason(world):
    register(world)

    async def scene(desk):
        await desk.get("/admin/adapters")
        return await desk.post(
            "/admin/adapters/do", type=access.RemoveHook.tag, hook="stats", reason="moved"
        )

    assert at_desk(world, scene).status_code == 201
    assert world.centre.hub.state["access"].hooks["stats"].state == "removed"
    assert "Nobody outside is told of events." in page_of(world, "adapters")


# -- programs that bring calls in ------------------------------------------------------------


def test_a_line_is_shown_with_when_it_last_had_something_recorded(world):
    word, until = new_word(), world.centre.now_us() + 9 * DAY_US
    for name, role in (("pbx", "line"), ("wall", "reader")):
        world.do(access.IssueToken, ROOT, token=name, label=f"The {name}", role=role,
                 digest=word.digest, until=until)  # fmt: skip
    assert "nothing yet" in page_of(world, "adapters")

    async def ring() -> httpx.Response:
        transport = httpx.ASGITransport(world.asgi)
        head = {"authorization": f"Bearer {token_text('pbx', word.text)}"}
        async with httpx.AsyncClient(transport=transport, base_url=HOST, headers=head) as client:
            body = {"type": "intake.RingCall", "key": "pbx-0001", "number": "555 0100"}
            return await client.post("/api/commands", json=body)

    assert asyncio.run(ring()).status_code == 201
    text = page_of(world, "adapters")
    assert "nothing yet" not in text
    assert "The pbx" in text
    assert "The wall" not in text


def test_without_connections_the_page_says_what_to_do_next(world):
    text = page_of(world, "adapters")
    assert "No program brings calls in." in text
    assert "Nobody outside is told of events." in text
    assert "No sign-in provider is set up." in text


def test_a_provider_is_shown_with_what_to_do(world):
    world.app.front.checks.append(
        lambda: Check(name="provider", found=Found.WATCH, means="It is down.", instead="Wait.")
    )
    text = page_of(world, "adapters")
    assert "It is down." in text
    assert "No sign-in provider is set up." not in text


# -- health ----------------------------------------------------------------------------------


def test_a_well_service_is_said_to_be_well_with_its_figures(world):
    text = page_of(world, "health")
    assert "The service is well." in text
    assert f">{world.centre.hub.position}<" in text
    assert "Memory of the program" in text
    assert "America/Los_Angeles" in text


def test_what_is_not_well_stands_first_with_what_to_do(world):
    world.app.front.checks.append(
        lambda: Check(name="hooks", found=Found.UNWELL, means="Broken.", instead="Mend it.")
    )
    text = page_of(world, "health")
    assert "The service is not well." in text
    first = text.partition("<tbody>")[2].partition("</tr>")[0]
    assert "Broken." in first
    assert "Mend it." in first
    assert "not well" in first, "the words say it, not the colour alone"


def test_the_memory_of_this_program_is_read_where_it_can_be():
    taken = memory_bytes()
    assert taken is None or taken > 10_000_000
