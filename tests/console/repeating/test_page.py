"""What the page of repeat places shows, of whose calls, and what it leads to."""

from __future__ import annotations

import asyncio
import re

import msgspec
import pytest

from answerable.console.repeating import finder as module
from answerable.console.repeating import worker
from answerable.console.repeating.pages import Asked, asked_of, weeks_of
from answerable.dispatch import words as d
from tests.console.conftest import MINUTE_US
from tests.console.doors import SAME

TOKEN = re.compile(r'data-token="([^"]+)"')
HYDE = {"address": "200 Block of HYDE ST", "lon": -122.4159, "lat": 37.7812}
DAY_US = 1_440 * MINUTE_US


@pytest.fixture
def at_once(monkeypatch):
    """Look in this process, and remember the jobs."""
    jobs = []

    async def run(look, job):
        jobs.append(job)
        return worker.look(job)

    monkeypatch.setattr(module, "_run", run)
    return jobs


def text(html: str) -> str:
    """Return the page itself as it reads."""
    html = html.partition("<main")[2].partition("</main>")[0]
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


async def look(client, path: str = "/repeats") -> str:
    """Return the page once something is found."""
    for _try in range(1_200):
        html = (await client.get(path)).text
        if 'id="look"' not in html:
            return html
        await asyncio.sleep(0.05)
    raise AssertionError("nothing was found in time")


def fires(world, count: int = 4, **fields) -> None:
    """Let fires have come to one place, one every other day."""
    for _number in range(count):
        number = world.incident(kind="Outside Fire", **(HYDE | fields))
        world.do(d.CloseIncident, incident=number, outcome="Fire")
        clock = world.demo._clock
        clock.jump(clock.now_us() + 2 * DAY_US)


def test_a_place_that_keeps_calling_stands_with_count_usual_and_why(world, at_once):
    fires(world)

    async def scene(client):
        html = await look(client)
        told = text(html)
        assert "200 block of Hyde St Tenderloin" in told
        assert "Fire and smoke · keeps happening" in told
        assert "4 in 28 days" in told
        assert "4 calls of fire and smoke at 200 block of Hyde St in 28 days; what" in told
        assert "is usual there is not known yet: the record before is shorter" in told
        assert 'data-lon="-122.4159"' in html
        assert "of the 56 days of record that it needs there are 9" in told

    world.run(scene)
    assert at_once[0].calls is not None


def test_nothing_found_says_what_would_be_and_what_else_there_is(world, at_once):
    async def scene(client):
        html = await look(client)
        assert "No place keeps calling." in html
        assert "Alarm: 4 separate events in 30 days" in html
        assert 'href="/repeats?of=before"' in html

    world.run(scene)


def test_filters_stand_in_the_address_and_leave_what_fits(world, at_once):
    fires(world)

    async def scene(client):
        assert "Hyde St" in text(await look(client, "/repeats?cause=fire&class=keeps"))
        none = await look(client, "/repeats?cause=fire&class=again")
        assert "None of them is such a place." in none
        assert 'href="/repeats"' in none
        assert "None of them" in await look(client, "/repeats?area=Mission")

    world.run(scene)


def test_a_place_is_made_a_problem_from_its_row_and_leads_there_afterwards(world, at_once):
    fires(world)

    async def scene(client):
        html = await look(client)
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html))
        form = re.search(r'<form class="act".*?</form>', html, re.DOTALL)[0]
        fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
        assert (fields["do"], fields["cause"], fields["kinds"]) == (
            "open",
            "premises",
            "Outside Fire",
        )
        answer = await client.post("/problems", data=fields | {"key": "problem-1"}, headers=SAME)
        assert answer.headers["location"] == "/problems/P1"
        assert 'href="/problems/P1"' in await look(client)

    world.run(scene)
    problem = world.centre.hub.state["matters"].problems["P1"]
    assert (problem.place, problem.kinds) == ("200 Block of Hyde St", ("Outside Fire",))


def test_the_towns_past_calls_are_looked_through_up_to_any_day(world, at_once):
    rules = world.centre.town.repeats
    quick = msgspec.structs.replace(rules.scan, runs=99, alpha=0.05)
    world.centre.town.repeats = msgspec.structs.replace(rules, scan=quick)

    async def scene(client):
        told = text(await look(client, "/repeats?of=before&on=2018-06-23"))
        assert "2100 block of Hyde St Russian Hill" in told
        assert "more than usual" in told
        early = text(await look(client, "/repeats?of=before&on=2018-02-10"))
        assert "of the 56 days of record that it needs there are 41" in early
        await look(client, "/repeats?of=before&on=2018-02-10")

    world.run(scene)
    assert [job.on for job in at_once] == ["2018-06-23", "2018-02-10"]


def test_it_is_looked_for_by_a_process_of_its_own_and_told_how_far(world):
    """The one test that starts the process."""
    fires(world)

    async def scene(client):
        first = (await client.get("/repeats")).text
        assert "Looking through the calls" in first
        state = await client.get("/repeats/state")
        for _try in range(1_200):
            state = await client.get("/repeats/state")
            if "hx-redirect" in state.headers:
                break
            assert "<progress" in state.text
            await asyncio.sleep(0.05)
        assert state.headers["hx-redirect"] == "/repeats"
        assert "Hyde St" in text((await client.get("/repeats")).text)

    world.run(scene)


def test_a_process_that_fails_is_told_with_a_way_out(world, monkeypatch):
    async def run(look, job):
        raise OSError("gone")

    monkeypatch.setattr(module, "_run", run)

    async def scene(client):
        told = text(await look(client))
        assert "Repeat places were not looked for. The process that looks did not end well." in told

    world.run(scene)


def test_what_was_found_is_shown_while_it_is_looked_for_again(world, at_once, monkeypatch):
    monkeypatch.setattr(module, "LEAST_S", 0.0)
    fires(world)

    async def scene(client):
        await look(client)
        clock = world.demo._clock
        clock.jump(clock.now_us() + module.FRESH_US)
        told = text((await client.get("/repeats")).text)
        assert "Hyde St" in told
        assert "It is being looked at again." in told
        while len(at_once) < 2:
            await asyncio.sleep(0.01)

    world.run(scene)
    assert len(at_once) == 2


def test_whoever_has_not_the_page_is_not_shown_it(world, at_once):
    async def scene(client):
        assert (await client.get("/repeats")).status_code == 403
        assert (await client.get("/repeats/state")).status_code == 403
        assert "/repeats" not in (await client.get("/board")).text

    world.run(scene, "call_taker")
    assert at_once == []


def test_the_page_speaks_chinese(world, at_once):
    fires(world)

    async def scene(client):
        await client.get("/language/zh-CN?back=/repeats")
        told = text(await look(client))
        assert "重复警情点" in told
        assert "火与烟 · 持续发生" in told
        assert "在 28 天内有 4 起火与烟警情" in told

    world.run(scene)


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ({}, Asked()),
        ({"of": "before", "on": "2018-05-14"}, Asked("before", "2018-05-14")),
        ({"of": "before", "on": "yesterday"}, Asked("before")),
        ({"of": "nobody", "on": "2018-05-14", "class": "x"}, Asked()),
        ({"area": "Nob Hill", "cause": "fire", "class": "one"},
         Asked(area="Nob Hill", cause="fire", sort="one")),
    ],
)  # fmt: skip
def test_an_address_asks_for_so_much(query, asked):
    assert asked_of(query, past=True) == asked
    assert asked_of(dict(part.split("=") for part in
                         asked.href().partition("?")[2].replace("+", " ").split("&") if part),
                    past=True) == asked  # fmt: skip


def test_a_town_without_past_calls_has_only_its_own(world, at_once):
    assert asked_of({"of": "before"}, past=False).source == "own"


def test_weeks_are_counted_back_from_today():
    assert weeks_of((0,) * 84 + (1, 0, 0, 2, 0, 0, 3)) == [0] * 12 + [6]


def test_the_finder_ends_what_is_under_way(world, monkeypatch):
    begun = []

    async def run(look, job):
        begun.append(job)
        await asyncio.sleep(60)

    monkeypatch.setattr(module, "_run", run)

    async def scene(client):
        await client.get("/repeats")
        await asyncio.sleep(0.01)
        await world.app.finder.close()
        assert not world.app.finder.look("own").ended

    world.run(scene)
    assert begun


def test_a_demonstration_that_has_found_nothing_yet_offers_to_go_on_and_follows(world, at_once):
    world.demo.end_us += 12 * DAY_US

    async def scene(client):
        html = await look(client)
        form = re.search(r'<form class="ahead".*?</form>', html, re.DOTALL)[0]
        fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
        assert "Go on to 7 Apr 2020, 14:00" in text(html)
        seen = re.search(r'hx-get="(/repeats/state[?]seen=\d+&amp;none)"', html)[1]
        seen = seen.replace("&amp;", "&")
        same = await client.get(seen)
        assert (same.text, "hx-redirect" in same.headers) == ("", False)
        assert (await client.post("/demo", data=fields, headers=SAME)).status_code == 202
        assert world.demo.target_us == int(fields["hour"])
        fires(world)
        world.app.finder._looks.clear()
        await look(client)
        newer = await client.get(seen)
        assert newer.headers["hx-redirect"] == "/repeats"

    world.run(scene)


def test_a_list_that_is_read_is_told_of_a_newer_look_and_left_alone(world, at_once):
    fires(world)

    async def scene(client):
        html = await look(client, "/repeats?cause=fire")
        assert 'class="ahead"' not in html
        seen = re.search(r'hx-get="(/repeats/state[?]cause=fire&amp;seen=\d+)"', html)[1]
        seen = seen.replace("&amp;", "&")
        assert (await client.get(seen)).text == ""
        world.demo._clock.jump(world.demo._clock.now_us() + DAY_US)
        world.app.finder._looks.clear()
        await look(client)
        newer = await client.get(seen)
        assert 'There is a newer look. <a href="/repeats?cause=fire">' in newer.text
        assert "hx-redirect" not in newer.headers

    world.run(scene)


def test_a_place_nearing_a_rule_says_so_and_of_which_record(world, at_once):
    for _number in range(10):
        number = world.incident(kind="Medical Incident", **HYDE)
        world.do(d.CloseIncident, incident=number, outcome="Done")
        clock = world.demo._clock
        clock.jump(clock.now_us() + 60 * MINUTE_US)

    async def scene(client):
        told = text(await look(client))
        assert "10 in 1 days usual – nearing the rule" in told
        assert "days of record there are: 1. If it goes on like that, the rule is met" in told
        assert "Days of record: 1, fewer than some rules look back." in told

    world.run(scene)
