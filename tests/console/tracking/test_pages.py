"""The pages of tracked matters: whose they are, by when, what was sealed, and what may be done."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

from answerable.console.tracking.listing import Asked, asked_of, found
from answerable.kernel.authority import Actor
from answerable.matters import matter_words as w
from tests.console.conftest import DISPATCHER, NOON_US, World

SUPERVISOR = Actor(name="supervisor", role="supervisor")
CREW = Actor(name="crew", role="crew", unit="E03")
DAY_US = 86_400_000_000
SUBJECT = "ask Mrs Gray of flat 4 whether the door was repaired"


def opened(world: World, **fields: Any) -> str:
    told = {"kind": "follow-up", "words": SUBJECT, "owner_sort": "unit", "owner": "E03"}
    return str(world.do(w.OpenMatter, **(told | fields)).matter)


def read(world: World, path: str, role: str = "dispatcher") -> str:
    answer = world.run(lambda client: client.get(path), role)
    assert answer.status_code == 200, answer.text
    return str(answer.text)


def numbers(html: str) -> list[str]:
    return re.findall(r'href="/matters/(M\d+)"', html)


async def sent(client: httpx.AsyncClient, path: str, **form: str) -> httpx.Response:
    page = await client.get(path if path != "/matters" else "/matters/new")
    token = re.search(r'name="token" value="([^"]+)"', page.text)
    assert token, page.text[:200]
    headers = {"origin": "http://127.0.0.1"}
    return await client.post(path, data={"token": token[1], **form}, headers=headers)


# -- the list --------------------------------------------------------------------------------


def test_an_empty_list_says_what_to_do_next(world):
    html = read(world, "/matters")
    assert "No matter is open." in html
    assert "Open one by hand, or from an incident." in html


def test_the_most_urgent_matter_stands_first(world):
    slow, quick = opened(world, kind="hazard"), opened(world)
    assert numbers(read(world, "/matters")) == [quick, slow]


def test_nothing_sealed_and_no_name_stands_in_the_list_or_its_address(world):
    opened(world)
    world.do(w.TakeMatter, Actor(name="ada", role="dispatcher"), matter="M1")
    html = read(world, "/matters")
    assert "Gray" not in html
    assert "ada" not in re.sub(r"<[^>]*>", " ", html).split()
    assert "in hand" in html


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("kind=records", ["M2"]), ("owner=role:supervisor", ["M2"]), ("owner=unit:E03", ["M1"]),
        ("origin=complaint", ["M3"]), ("list=mine", ["M3"]), ("list=unit", []),
        ("kind=nothing", []), ("list=%00&page=x", ["M1", "M2", "M3"]),
        ("page=99999", ["M1", "M2", "M3"]),
    ],
)  # fmt: skip
def test_every_filter_is_in_the_address_and_does_what_it_says(world, query, expected):
    opened(world)
    opened(world, kind="records", owner_sort="role", owner="supervisor")
    opened(world, owner="T03", origin="complaint", reference="C-17")
    world.do(w.TakeMatter, matter="M3")
    assert sorted(numbers(read(world, f"/matters?{query}"))) == expected


def test_mine_is_what_is_in_my_hand_and_ours_what_belongs_to_my_role(world):
    opened(world, owner_sort="role", owner="dispatcher")
    opened(world, owner_sort="role", owner="supervisor")
    front = world.app.front
    counts = found(front, DISPATCHER, Asked()).counts
    assert (counts.get("mine", 0), counts["unit"], counts["open"]) == (0, 1, 2)
    world.do(w.TakeMatter, matter="M2")
    assert found(front, DISPATCHER, Asked()).counts["mine"] == 1


def test_a_crew_sees_its_units_and_its_stations_matters_only(world):
    opened(world)
    opened(world, owner="T03")
    opened(world, owner_sort="station", owner=world.app.front.town.units["E03"].station)
    front = world.app.front
    assert [n for n, _m in found(front, CREW, Asked()).rows] == ["M1", "M3"]


def test_near_due_overdue_and_to_be_signed_are_told_apart(world):
    for _ in range(3):
        opened(world)
    world.do(w.FinishMatter, matter="M2", result="done", words="seen to")
    front = world.app.front
    later = {0: ([], []), 5: (["M1", "M3"], []), 8: (["M1", "M3"], ["M1", "M3"]),
             16: ([], ["M1", "M3"])}  # fmt: skip
    for days, (near, overdue) in later.items():
        world.centre.hub.clock.jump(NOON_US + days * DAY_US)
        for which, expected in (("near", near), ("overdue", overdue), ("sign", ["M2"])):
            rows = found(front, DISPATCHER, Asked(which=which)).rows
            assert [n for n, _m in rows] == expected, (days, which)


def test_a_long_list_is_paged_and_every_matter_stands_on_one_page(world):
    for _ in range(205):
        opened(world)
    seen = [n for page in (1, 2, 3) for n in numbers(read(world, f"/matters?page={page}"))]
    assert sorted(seen) == sorted(f"M{n}" for n in range(1, 206))


def test_an_address_that_makes_no_sense_asks_for_nothing():
    assert asked_of({"list": "x", "page": "0", "origin": "<b>"}) == Asked()


# -- one matter ------------------------------------------------------------------------------


def test_that_the_words_are_read_is_recorded_before_they_are_shown(world):
    opened(world)
    html = read(world, "/matters/M1")
    assert "Mrs Gray of flat 4" in html
    kinds = [row.kind for row in world.centre.store.stream("matter:M1")]
    assert kinds[-1] == "matters.MatterRead"
    read(world, "/matters/M1")
    kinds = [row.kind for row in world.centre.store.stream("matter:M1")]
    assert kinds.count("matters.MatterRead") == 1, "one reading counts for an hour"


def test_the_words_of_a_closed_matter_are_shown_once_somebody_asks(world):
    opened(world)
    world.do(w.FinishMatter, matter="M1", result="done", words="the hinge is new")
    world.do(w.SignOffMatter, SUPERVISOR, matter="M1")
    html = read(world, "/matters/M1", "call_taker")
    assert "(sealed)" in html
    assert "hinge" not in html

    async def scene(client: httpx.AsyncClient) -> str:
        answer = await sent(client, "/matters/M1", do="read")
        assert answer.status_code == 303
        return (await client.get("/matters/M1")).text

    assert "the hinge is new" in world.run(scene, "call_taker")


def test_a_matter_that_is_not_there_says_so(world):
    answer = world.run(lambda client: client.get("/matters/M9"))
    assert answer.status_code == 404
    assert "There is no matter M9." in answer.text


def test_a_crew_is_kept_away_from_another_units_matter(world):
    opened(world, owner="T03")
    answer = world.run(lambda client: client.get("/matters/M1"), "crew")
    assert answer.status_code == 403
    assert "Gray" not in answer.text


def test_the_form_of_a_new_matter_is_shown_to_whoever_may_open_one(world):
    assert 'name="words"' in read(world, "/matters/new")
    crew = read(world, "/matters/new", "crew")
    assert 'name="words"' not in crew
    assert "Your role opens no matter." in crew


def test_whoever_worked_on_it_is_told_who_signs_it_off(world):
    opened(world)
    world.do(w.FinishMatter, SUPERVISOR, matter="M1", result="done", words="seen to")
    html = read(world, "/matters/M1", "supervisor")
    assert "somebody else signs it off" in html
    assert 'value="sign"' not in html
    assert 'value="sign"' in read(world, "/matters/M1", "dispatcher")


def test_only_what_may_be_done_has_a_form(world):
    opened(world, kind="records")
    html = read(world, "/matters/M1")
    assert 'value="suspend"' not in html, "its clocks never stand still"
    assert 'value="extend"' in html
    assert 'value="reopen"' not in html
    taker = read(world, "/matters/M1", "call_taker")
    assert 'value="extend"' not in taker
    assert 'value="finish"' in taker


# -- forms -----------------------------------------------------------------------------------


def test_a_matter_is_opened_from_an_incident_and_leads_to_its_page(world):
    incident = world.incident()

    async def scene(client: httpx.AsyncClient) -> httpx.Response:
        new = await client.get(f"/matters/new?origin=incident&about={incident}")
        assert f'value="{incident}"' in new.text
        return await sent(
            client, "/matters", kind="follow-up", origin="incident", about=incident,
            owner="Supervisor", words="look at the hydrant again",
        )  # fmt: skip

    answer = world.run(scene)
    assert (answer.status_code, answer.headers["location"]) == (303, "/matters/M1")
    matter = world.centre.hub.state["matters"].tracked.open["M1"]
    assert (matter.about, matter.owner_sort, matter.owner) == (incident, "role", "supervisor")
    beside = read(world, f"/incidents/{incident}")
    assert 'href="/matters/M1"' in beside
    assert f"/matters/new?origin=incident&amp;about={incident}" in beside
    assert "/matters/" not in read(world, f"/incidents/{incident}", "crew")


def test_an_extended_term_stands_in_the_thread_of_its_incident_for_who_may_look_at_matters(world):
    incident = world.incident()
    number = opened(world, kind="order", origin="incident", about=incident)
    assert f"Matter {number}" not in read(world, f"/incidents/{incident}")
    for _nth in range(2):
        world.do(w.ExtendMatter, SUPERVISOR, matter=number, reason="the surveyor is away")
    told = read(world, f"/incidents/{incident}")
    said = f"The term of matter {number} was extended by 10 days: the surveyor is away."
    assert told.count(said) == 2
    assert told.count("and by law by") == 2  # each with its date; that of the opening is not told
    assert "29 May" in told or "05-29" in told
    assert SUBJECT not in told
    assert f"matter {number}" not in read(world, f"/incidents/{incident}", "crew").lower()


@pytest.mark.parametrize(
    ("written", "sort", "owner"),
    [("e03", "unit", "E03"), ("station 7", "station", "7"), ("call-taker", "role", "call_taker")],
)
def test_an_owner_is_written_as_people_call_it(world, written, sort, owner):
    async def scene(client: httpx.AsyncClient) -> httpx.Response:
        return await sent(client, "/matters", kind="order", owner=written, words="see to it",
                          origin="hand")  # fmt: skip

    stations = world.app.front.town.stations
    if sort == "station":
        owner = next(one for one in stations if one.lstrip("0") == owner) if stations else owner
        written = f"station {owner}"

        async def scene(client: httpx.AsyncClient) -> httpx.Response:
            return await sent(client, "/matters", kind="order", owner=written, origin="hand",
                              words="see to it")  # fmt: skip

    assert world.run(scene).status_code == 303
    matter = world.centre.hub.state["matters"].tracked.open["M1"]
    assert (matter.owner_sort, matter.owner) == (sort, owner)


def test_a_refusal_has_its_three_parts_where_it_was_asked(world):
    async def scene(client: httpx.AsyncClient) -> httpx.Response:
        return await sent(client, "/matters", kind="order", owner="nobody", words="see to it",
                          origin="hand")  # fmt: skip

    answer = world.run(scene)
    assert answer.status_code == 409
    assert "The town has no unit called nobody." in answer.text


def test_no_matter_is_opened_from_an_incident_that_is_not_there(world):
    async def scene(client: httpx.AsyncClient) -> httpx.Response:
        return await sent(client, "/matters", kind="order", owner="E03", words="see to it",
                          origin="incident", about="999999999")  # fmt: skip

    answer = world.run(scene)
    assert answer.status_code == 404
    assert "There is no incident 999999999." in answer.text


def test_the_clocks_stand_still_until_the_day_that_is_chosen(world):
    opened(world)

    async def scene(client: httpx.AsyncClient) -> list[int]:
        kept = []
        for day in ("no day", "9999-99-99", "2020-04-01", "2020-04-10"):
            answer = await sent(client, "/matters/M1", do="suspend", reason="away", until=day)
            kept.append(answer.status_code)
        return kept

    assert world.run(scene) == [409, 409, 409, 303]
    matter = world.centre.hub.state["matters"].tracked.open["M1"]
    assert f"{world.app.front.town.local(matter.until_us):%d %H:%M:%S}" == "10 23:59:59"


def test_an_act_the_page_does_not_have_is_not_done(world):
    opened(world)
    answer = world.run(lambda client: sent(client, "/matters/M1", do="burn"))
    assert answer.status_code == 400
    assert "The page has no such act." in answer.text


def test_the_pages_are_in_chinese_too(world):
    opened(world)

    async def scene(client: httpx.AsyncClient) -> tuple[str, str]:
        client.cookies.set("lang", "zh-CN", domain="127.0.0.1")
        return (await client.get("/matters")).text, (await client.get("/matters/M1")).text

    listed, one = world.run(scene)
    assert "盯办事项" in listed
    assert "警后回头看" in listed
    assert "警后回头看" in one
