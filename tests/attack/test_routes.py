"""Every address of the service: denied without a session or a right, unless its line says so."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from answerable.console.pages import ADMINISTRATION
from answerable.rooms import authority
from answerable.vault.words import SealedRead
from tests.attack import tables
from tests.attack.scene import (
    INSIDE_WORDS,
    SAME,
    SEALED_WORDS,
    Answer,
    Besieged,
    Route,
    concrete,
    form,
)
from tests.attack.tables import Door

DOORS = tables.doors(tables.ROUTES.read_text("utf-8"))
ROLES = tuple(authority().roles)
ASKED_AS = {"/api/commands": "POST", "/api/places": "POST"}
LIVE = ("board", "units", "standards", "account", "record", "incident", *ADMINISTRATION)


def asked(door: Door) -> tuple[str, str]:
    """Return method and template of a line, "*" being what the address itself takes."""
    method, path = door.route
    if path == "/town":
        return "GET", "/town/{digest}/basemap.pmtiles"
    if path == "/live":
        return "GET", "/live/board/en"
    return (ASKED_AS.get(path, "GET"), path) if method == "*" else (method, path)


def address(siege: Besieged, door: Door) -> tuple[str, str]:
    """Return a method and an address to ask at."""
    method, path = asked(door)
    return method, concrete(path.replace("{digest}", "0" * 16), siege.incident)


def behind(doors: Iterable[Door], *hows: str) -> list[Door]:
    return [door for door in doors if door.how in hows]


def refused_page(answer: Answer) -> bool:
    """Say whether an answer is the refusal of a page that the role is not given."""
    return answer.status == 403 and (
        answer.code == "console.NotGiven" or "is not given this page" in answer.text
    )


def test_every_address_is_decided_and_every_line_is_an_address(siege, demo):
    served = set(siege.routes()) | set(demo.routes())
    decided = [door.route for door in DOORS]
    assert len(decided) == len(set(decided))
    assert served - set(decided) == set(), "decide who may ask there, in tests/attack/routes.txt"
    assert set(decided) - served == set()


def test_every_page_a_line_names_is_one_of_the_table_of_rights():
    pages = {page for rights in authority().roles.values() for page in rights.pages}
    assert {door.what for door in behind(DOORS, "page", "machine")} <= pages
    assert {door.how for door in DOORS} <= {"page", "session", "command", "machine", "public"}


def test_nobody_is_let_in_where_a_session_is_asked_for(siege):
    async def scene() -> dict[Route, Answer]:
        told = {}
        for door in behind(DOORS, "page", "session", "command", "machine"):
            method, path = address(siege, door)
            told[door.route] = await siege.ask(method, path, headers=SAME)
        return told

    before = siege.position
    for route, answer in siege.run(scene).items():
        led = answer.status == 303 and answer.header("location").startswith("/enter?back=/")
        assert led or answer.status == 401, (route, answer.status)
        assert not any(word in answer.text for word in (*SEALED_WORDS, *INSIDE_WORDS, "LARKIN"))
    assert siege.position == before


@pytest.mark.parametrize(
    "shown",
    [
        (("cookie", "answerable="),), (("cookie", "answerable=" + "A" * 43),),
        (("authorization", "Bearer ans_siege-reader_x"),), (("authorization", "Basic YTpi"),),
        (("authorization", "Bearer"),), (("cookie", "__Host-answerable=" + "A" * 43),),
        (("x-forwarded-user", "root.admin"),), (("x-real-ip", "127.0.0.1"),),
    ],
    ids=lambda shown: shown[0][1][:24] or "empty",
)  # fmt: skip
def test_what_only_looks_like_a_session_opens_nothing(siege, shown):
    async def scene() -> list[tuple[Route, int]]:
        told = []
        for door in behind(DOORS, "page", "session", "command", "machine"):
            method, path = address(siege, door)
            answer = await siege.ask(method, path, headers=(*SAME, *shown))
            told.append((door.route, answer.status))
        return told

    assert {status for _, status in siege.run(scene)} <= {303, 401}


@pytest.mark.parametrize("role", ROLES)
def test_a_page_is_denied_to_a_role_unless_its_cell_gives_it(siege, role):
    async def scene() -> list[tuple[Door, Answer, int]]:
        told = []
        for door in behind(DOORS, "page", "machine"):
            method, path = address(siege, door)
            sent = form(token=siege.form_token(role)) if method == "POST" else {"headers": SAME}
            if path.startswith("/api/"):
                sent = {"headers": (("content-type", "application/json"), *SAME), "body": b"{}"}
            token = ("x-token", siege.form_token(role))  # as the scripts of a page send it
            sent["headers"] = (*sent["headers"], token, *siege.cookie(role))
            before = siege.position
            answer = await siege.ask(method, path, **sent)
            told.append((door, answer, siege.position - before))
        return told

    for door, answer, recorded in siege.run(scene):
        given = tables.is_given(siege.rights, role, "page", door.what)
        if not given and door.what == "demo":
            assert answer.status in (403, 404)
        elif given:
            assert not refused_page(answer), (role, door)
            assert answer.status != 401, (role, door)
        elif door.route.method == "HEAD":
            assert answer.status == 403, (role, door)
        else:
            assert refused_page(answer), (role, door, answer.status, answer.text[:200])
        assert recorded == 0 or "/incidents/" in door.route.path, (role, door)


@pytest.mark.parametrize("role", ROLES)
def test_a_live_stream_is_denied_to_a_role_unless_its_page_is_given(siege, role):
    rest = {"record": f"/{role}", "incident": f"/{role}"}

    async def scene() -> dict[str, int]:
        told = {}
        for page in LIVE:
            name = f"incident/{siege.incident}/en" if page == "incident" else f"{page}/en"
            path = f"/live/{name}{rest.get(page, '')}"
            told[page] = (await siege.ask("GET", path, headers=siege.cookie(role))).status
        return told

    for page, status in siege.run(scene).items():
        given = tables.is_given(siege.rights, role, "page", page)
        assert status == (200 if given else 403), (role, page)


def test_a_stream_of_another_roles_marks_is_not_shown(siege):
    async def scene() -> list[int]:
        paths = [f"/live/record/en/{role}" for role in ("supervisor", "dispatcher", "system")]
        paths += [f"/live/incident/{siege.incident}/en/supervisor"]
        headers = siege.cookie("crew")
        reader = siege.bearer("reader")
        return [
            (await siege.ask("GET", path, headers=one)).status
            for path in paths
            for one in (headers, reader)
        ]

    assert set(siege.run(scene)) <= {403, 404}


@pytest.mark.parametrize("role", ROLES)
def test_no_answer_holds_words_of_a_mark_that_the_role_does_not_see(siege, role):
    sees = siege.rights.roles[role].sees
    hidden = SEALED_WORDS if "sealed" not in sees else ()
    hidden += INSIDE_WORDS if "inside" not in sees else ()
    asking = [path for method, path in (address(siege, one) for one in DOORS) if method == "GET"]
    asking += [
        "/live/board/en?after=0",
        f"/live/record/en/{role}?after=0",
        f"/live/incident/{siege.incident}/en/{role}?after=0",
        "/api/events?after=0&limit=1000",
        "/api/stream?after=0",
    ]

    async def scene() -> list[tuple[str, Answer]]:
        told = []
        for whole in asking:
            path, _, query = whole.partition("?")
            headers = siege.cookie(role)
            told.append((whole, await siege.ask("GET", path, query=query, headers=headers)))
        for line in (f"/go {siege.incident[-4:]}", "/find zeppelin"):
            sent = form(line=line, token=siege.form_token(role))
            sent["headers"] = (*sent["headers"], *siege.cookie(role))
            told.append((line, await siege.ask("POST", "/line/read", **sent)))
        return told

    for path, answer in siege.run(scene):
        for word in hidden:
            assert word not in answer.text, (role, path, word)


def test_the_words_looked_for_are_shown_to_who_may_see_them(siege):
    """Else the test above could not fail."""

    async def scene() -> str:
        headers = siege.cookie("supervisor")
        page = await siege.ask("GET", f"/incidents/{siege.incident}", headers=headers)
        events = await siege.ask("GET", "/api/events", query="limit=1000", headers=headers)
        return page.text + events.text

    shown = siege.run(scene)
    assert all(word in shown for word in INSIDE_WORDS)
    assert siege.centre.store.unseal(1, "number") is not None or SEALED_WORDS[0] not in shown


@pytest.mark.parametrize("role", ROLES)
def test_asking_records_nothing(siege, role):
    async def scene() -> None:
        for door in DOORS:
            method, path = address(siege, door)
            for asking in {method, "HEAD", "OPTIONS", "GET"} - {"POST"}:
                if not path.startswith("/sign-in/"):
                    await siege.ask(asking, path, headers=siege.cookie(role))

    before = siege.position
    siege.run(scene)
    kinds = {row.kind for row in siege.centre.store.rows(before)}
    assert kinds <= {SealedRead.tag}  # that somebody looked is recorded, on purpose


def test_this_machine_itself_is_believed_only_where_nobody_was_passed_on(siege):
    async def scene() -> list[int]:
        here = ("127.0.0.1", 50_000)
        passed = [(), (("x-forwarded-for", "127.0.0.1"),), (("forwarded", "for=127.0.0.1"),)]
        return [
            (await siege.ask("GET", "/health/live", headers=one, client=here)).status
            for one in passed
        ]

    assert siege.run(scene) == [200, 401, 401]


def test_an_address_nobody_decided_is_caught(siege, demo):
    served = set(siege.routes()) | set(demo.routes()) | {Route("GET", "/backdoor")}
    assert served - {door.route for door in DOORS} == {Route("GET", "/backdoor")}
