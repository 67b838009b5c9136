"""A crew's phone shows the problems of its station: the next step, a note, and nobody's words."""

from __future__ import annotations

import asyncio
import re

import pytest

from answerable.console.problems import crew
from answerable.kernel.authority import Actor
from answerable.matters import problem_words as w
from tests.console.conftest import NOON_US
from tests.console.crew import test_phone as phone
from tests.console.doors import SAME
from tests.console.problems.test_page import text

HX = SAME | {"hx-request": "true"}
SUPERVISOR = Actor(name="supervisor", role="supervisor")
DAY_US = 86_400_000_000


def planned(world, owner: str = "", place: str = "GOLDEN GATE AV/LARKIN ST") -> str:
    """Return a problem of the station of E03, or of another owner, with two steps to do."""
    owner = owner or world.centre.town.units["E03"].station
    name = str(world.do(w.OpenProblem, place=place, cause="noise", because="every night").problem)
    world.do(w.TakeProblem, SUPERVISOR, problem=name, owner=owner)
    world.do(w.PlanProblem, problem=name, goal="quiet nights", plan="talk to the house")
    for what, days in (("look at the door", 9), ("a letter to the house", 3)):
        world.do(w.AddStep, problem=name, what=what, due=NOON_US + days * DAY_US)
    return name


def section(world, unit: str = "E03") -> str:
    html = phone.page_of(world, unit)
    return html[html.index('id="crew-problems"') :].partition('<details class="choose"')[0]


async def sent(client, token, **form):
    return await client.post("/do", data={"token": token, "key": "crew-1", **form}, headers=HX)


def test_a_problem_of_the_station_stands_there_with_the_step_that_is_due_next(world):
    name = planned(world)
    told = text(section(world))
    assert "Problems of your station" in told
    assert f"Golden Gate Av &amp; Larkin St {name}" in told
    assert "a letter to the house · by 5 Apr 2020" in told
    assert "look at the door" not in told


@pytest.mark.parametrize("owner", ["supervisor", "E36"])
def test_a_problem_of_others_does_not(world, owner):
    planned(world, owner)
    assert "Problems of your station" not in section(world)


def test_a_problem_that_is_over_or_has_no_owner_does_not(world):
    world.do(w.OpenProblem, place="MISSION ST/8TH ST", because="often")
    name = str(world.do(w.OpenProblem, place="GOLDEN GATE AV/LARKIN ST", because="often").problem)
    world.do(w.TakeProblem, SUPERVISOR, problem=name, owner="E03")
    assert name in section(world)
    world.do(w.DeclineProblem, SUPERVISOR, problem=name, reason="roadworks")
    assert "Problems of your station" not in section(world)


def test_a_step_is_done_and_a_note_written_and_neither_word_nor_name_is_shown(world):
    name = planned(world)

    async def scene(client, token):
        step = {"type": "matters.DoneStep", "problem": name, "step": f"{name}.2"}
        assert (await sent(client, token, **step)).status_code == 201
        note = {"type": "matters.NoteProblem", "problem": name, "words": "Mrs Gray was loud"}
        answer = await sent(client, token, **note | {"key": "crew-2"})
        assert answer.status_code == 201, answer.text
        return (await client.get("/crew")).text

    told = text(phone.run(world, "E03", scene))
    assert "look at the door · by 11 Apr 2020" in told
    assert "Last note 2 Apr 2020" in told
    assert "Gray" not in told
    problem = world.centre.hub.state["matters"].problems[name]
    assert problem.steps[f"{name}.2"].state == "done"


def test_what_is_not_of_the_unit_is_refused_by_the_hub(world):
    name = planned(world, "supervisor")

    async def scene(client, token):
        return await sent(client, token, type="matters.NoteProblem", problem=name, words="x")

    answer = phone.run(world, "E03", scene)
    assert answer.status_code == 403
    assert "not the unit you act for" in answer.text


def test_who_has_no_part_in_problems_sees_none(world):
    planned(world)
    front = world.app.front
    assert crew.of_crew(front, front.phrases("en"), "call_taker", "E03") == []
    assert crew.marks_of(front, "call_taker", "E03") == ""
    assert crew.of_crew(front, front.phrases("en"), "crew", "") == []


def test_a_phone_reads_its_problems_again_only_when_they_changed(world):
    name = planned(world)
    world.app.front.channels.open("crew/E03/en/crew")

    def news() -> int:
        world.app.live.flush()
        kept = world.app.front.channels.open("crew/E03/en/crew").kept
        return len(re.findall(rb'hx-target="#news"', b"".join(data for _, data in kept)))

    async def scene():
        world.do(w.NoteProblem, problem=name, words="x")
        world.app.live.settle("crew/E03/en/crew")
        first = news()
        world.do(w.JoinAgency, problem=name, agency=world.centre.town.file.agencies[0].code)
        world.app.live.settle("crew/E03/en/crew")
        return first, news()

    assert asyncio.run(scene()) == (1, 1)


def test_the_section_is_in_chinese_too(world):
    planned(world)

    async def scene(client, _token):
        await client.get("/language/zh-CN")
        return (await client.get("/crew")).text

    html = phone.run(world, "E03", scene)
    told = text(html[html.index('id="crew-problems"') :].partition('<details class="choose"')[0])
    for word in ("本站的突出问题", "已完成：a letter to the house", "今日情况（密封）"):
        assert word in told
