"""The phone page of a crew: its own unit, one job, four large buttons out of STEPS, live."""

from __future__ import annotations

import re

import httpx
import pytest

from answerable.access import crew_words as units
from answerable.access import words as access
from answerable.console.app import channel_fits
from answerable.console.crew.shown import STEPS, concerned, units_for
from answerable.dispatch import words as d
from answerable.intake import words as i
from answerable.kernel.authority import Actor
from tests.console.conftest import World

HTMX = {"hx-request": "true"}


def crew(world: World, unit: str):
    """Return a scene's client of a crew that acts for a unit."""
    sessions = world.app.front.sessions
    identifier = sessions.begin(Actor(name="crew", role="crew", unit=unit))
    session = sessions.find(identifier)
    client = httpx.AsyncClient(
        transport=httpx.ASGITransport(world.asgi), base_url="http://127.0.0.1",
        cookies={"answerable": identifier}, headers={"origin": "http://127.0.0.1"},
    )  # fmt: skip
    return client, session.token


def on_job(world: World, unit: str = "E03", **fields) -> str:
    incident = world.incident(**fields)
    world.do(d.SendUnit, incident=incident, unit=unit)
    return incident


def run(world: World, unit: str, scene):
    import asyncio

    async def play():
        client, token = crew(world, unit)
        async with client:
            return await scene(client, token)

    return asyncio.run(play())


def page_of(world: World, unit: str = "E03") -> str:
    async def scene(client, _token):
        told = await client.get("/crew")
        assert told.status_code == 200
        return told.text

    return run(world, unit, scene)


def buttons(html: str) -> list[str]:
    """Return the commands of the large buttons, in the order in which they stand."""
    four = html.split('<div class="four">')[1].split('id="crew-answer"')[0]
    return re.findall(r'name="type" value="([\w.]+)"', four)


def test_a_crew_sees_its_one_job_and_the_steps_that_the_table_allows(world):
    incident = on_job(world)
    html = page_of(world)
    assert "<h1>E03</h1>" in html
    assert incident in html
    assert "Golden Gate Av &amp; Larkin St" in html
    assert buttons(html) == [
        "dispatch.Acknowledge", "dispatch.GoEnRoute", "dispatch.Arrive", "dispatch.ClearUnit",
    ]  # fmt: skip
    world.do(d.Arrive, incident=incident, unit="E03")
    assert buttons(page_of(world)) == ["dispatch.ReportBack", "dispatch.ClearUnit"]
    assert "geo:37.781600,-122.417700" in html


def test_what_was_done_shows_when_and_what_was_left_out_says_so(world):
    incident = on_job(world)
    world.do(d.GoEnRoute, incident=incident, unit="E03")
    html = page_of(world)
    reached = world.centre.board.incidents[incident].jobs["E03"].reached["UnitEnRoute"]
    assert world.centre.town.clock(reached) in html.split('<div class="four">')[1]
    assert "left out" in html


def test_each_button_does_its_step_for_the_crews_own_unit(world):
    incident = on_job(world)

    async def scene(client, token):
        for command in ("Acknowledge", "GoEnRoute", "Arrive"):
            form = {"type": f"dispatch.{command}", "incident": incident, "unit": "E03",
                    "token": token}  # fmt: skip
            told = await client.post("/do", data=form, headers=HTMX)
            assert told.status_code == 201, told.text

    run(world, "E03", scene)
    assert world.centre.board.incidents[incident].jobs["E03"].state == "arrived"


@pytest.mark.parametrize("own", ["T03", ""])
def test_a_crew_that_acts_for_another_unit_or_none_is_denied_by_the_hub(world, own):
    incident = on_job(world)

    async def scene(client, token):
        form = {"type": "dispatch.Acknowledge", "incident": incident, "unit": "E03",
                "token": token}  # fmt: skip
        told = await client.post("/do", data=form, headers=HTMX)
        by_api = await client.post(
            "/api/commands",
            json={"type": "dispatch.Arrive", "key": "deny-1", "incident": incident, "unit": "E03"},
        )
        return told, by_api

    told, by_api = run(world, own, scene)
    assert told.status_code == by_api.status_code == 403
    assert by_api.json()["code"] == "kernel.NotYourUnit"
    assert "It is not the unit you act for" in told.text
    assert world.centre.board.incidents[incident].jobs["E03"].state == "sent"


def test_sealed_words_are_not_shown_to_a_crew_and_cautions_are(world):
    incident = on_job(
        world, unverified="the caller does not know", lon=None, lat=None, door="Apt 4 rear"
    )
    world.do(i.AddNote, incident=incident, words="a name and a number")
    html = page_of(world)
    assert "The place is unverified: the caller does not know" in html
    assert "geo:" not in html
    for hidden in ("a name and a number", "Apt 4 rear"):
        assert hidden not in html


def test_a_unit_without_a_job_is_told_so_and_stacked_ones_wait_below(world):
    assert "No job." in page_of(world, "T03")
    first = on_job(world)
    second = world.incident(address="9 MARKET ST")
    world.do(d.StackUnit, incident=second, unit="E03", reason="next door")
    html = page_of(world)
    assert html.index(first) < html.index("Waits for you") < html.index(second)


def test_the_words_of_the_page_are_in_both_languages(world):
    on_job(world)

    async def scene(client, _token):
        client.cookies.set("lang", "zh-CN")
        return (await client.get("/crew")).text

    html = run(world, "E03", scene)
    for word in ("签收", "出警", "到场", "完毕、反馈"):
        assert word in html


def test_the_stream_of_another_unit_is_not_given(world):
    on_job(world)

    async def scene(client, _token):
        return (await client.get("/live/crew/T03/en/crew")).status_code

    assert run(world, "E03", scene) == 404
    assert "/live/crew/E03/en/crew?after=" in page_of(world), "its own is the one the page asks for"
    assert channel_fits("crew", ["E03", "en", "crew"], "crew")


def test_a_step_taken_elsewhere_comes_to_the_phone_by_the_live_stream(world):
    incident, live = on_job(world), world.app.live
    channel = world.app.front.channels.open("crew/E03/en/crew")
    follower = channel.join(world.app.front.recorded)
    world.do(d.GoEnRoute, incident=incident, unit="E03")
    live.settle("crew/E03/en/crew")
    told = b"".join(follower.queue).decode()
    assert 'hx-target="#crew"' in told
    assert "en route" in told


def test_the_page_changes_with_its_own_unit_and_its_own_incidents_only(world):
    incident, front = on_job(world), world.app.front
    assert concerned(front, "E03", {"E03"}, set())
    assert concerned(front, "E03", set(), {incident})
    assert not concerned(front, "E03", {"T03"}, {"200939999"})
    assert not concerned(front, "X9", {"T03"}, {incident})


# -- the choice of the unit --------------------------------------------------------------------


def test_at_a_demos_desk_any_unit_on_duty_is_chosen_and_no_other(world):
    async def scene(client, token):
        wrong = await client.post("/crew/unit", data={"on": "X9", "token": token})
        right = await client.post("/crew/unit", data={"on": "T03", "token": token})
        return wrong.status_code, right.status_code, (await client.get("/crew")).text

    wrong, right, html = run(world, "", scene)
    assert (wrong, right) == (404, 303)
    assert "<h1>T03</h1>" in html


def test_an_account_may_choose_the_units_it_was_given_and_no_other(world):
    boss, front = Actor(name="root.admin", role="administrator"), world.app.front
    door = Actor(name="engine.three", role="system")
    world.do(access.OpenAccount, boss, account="engine.three", role="crew")
    assert units_for(front, door, "engine.three") == []
    world.do(units.GiveUnits, boss, account="engine.three", units=("E03", "T03"))
    assert units_for(front, door, "engine.three") == ["E03", "T03"]


def test_three_steps_and_the_end_are_four_buttons():
    assert len(STEPS) == 3
