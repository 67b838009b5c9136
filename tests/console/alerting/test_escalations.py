"""What supervisors were told: a number in the head, a page, and note taken of it once."""

from __future__ import annotations

import re

import pytest

from answerable.console.alerting import escalations
from answerable.dispatch import alert_words as a
from answerable.dispatch import words as d
from answerable.kernel.authority import Actor
from tests.console.alerting.test_proposing import follow, late
from tests.console.conftest import World

HTMX = {"hx-request": "true", "origin": "http://127.0.0.1"}


def page(world: World, path: str = "/escalations", role: str = "supervisor", tag: str = "en"):
    async def scene(client):
        client.cookies.set("lang", tag)
        return await client.get(path)

    return world.run(scene, role)


def test_a_unit_that_did_not_sign_stands_on_the_page_with_whom_to_send_instead(world):
    incident = late(world)
    [proposed] = follow(world)
    html = page(world).text
    assert f'href="/incidents/{incident}"' in html
    assert "still ringing" in html
    assert f"Send {proposed.unit}" in html
    assert 'value="E03 did not sign"' in html
    assert 'value="dispatch.AcknowledgeEscalation"' in html


def test_the_head_counts_incidents_for_whoever_may_take_note_and_for_nobody_else(world):
    late(world)
    assert escalations.count(world.app.front) == 1
    head = page(world, "/board").text
    assert re.search(r"data-escalations[^>]*>.*?data-escalations-count>1<", head)
    assert "data-escalations" not in page(world, "/board", "dispatcher").text


def test_the_beat_tells_the_number_to_every_page(world):
    late(world)
    assert b'"told": 1' in world.app.live.beat()


def test_note_is_taken_on_the_page_and_the_number_goes(world):
    incident = late(world)

    async def scene(client):
        html = (await client.get("/escalations")).text
        token = re.search(r'data-token="([^"]+)"', html)[1]
        name = re.search(r'name="escalation" value="([^"]+)"', html)[1]
        form = {"type": a.AcknowledgeEscalation.tag, "escalation": name, "token": token,
                "remark": "E36 goes"}  # fmt: skip
        told = await client.post("/do", data=form, headers=HTMX)
        again = await client.post("/do", data=form, headers=HTMX)
        return told.status_code, again, (await client.get("/escalations")).text

    done, again, html = world.run(scene, "supervisor")
    assert done == 201
    assert again.status_code == 409
    assert "a colleague has it" in again.text
    assert escalations.count(world.app.front) == 0
    assert "noted at" in html
    assert incident in html, "it stands there until the incident is closed"
    world.do(d.CancelUnit, incident=incident, unit="E03", reason="over")
    world.do(d.CloseIncident, incident=incident, outcome="done")
    assert incident not in page(world).text


@pytest.mark.parametrize("role", ["dispatcher", "call_taker", "administrator", "crew"])
def test_the_page_is_the_supervisors(world, role):
    assert page(world, role=role).status_code == 403


def test_what_still_rings_comes_before_what_was_done_since(world):
    first = late(world)
    world.do(d.Acknowledge, incident=first, unit="E03")
    second = late(world, "T03")
    html = page(world).text
    assert html.index(second) < html.index(first)
    assert "done since" in html


def test_the_list_changes_by_the_live_stream(world):
    live = world.app.live
    channel = world.app.front.channels.open("escalations/en/supervisor")
    follower = channel.join(world.app.front.recorded)
    incident = late(world)
    live.settle("escalations/en/supervisor")
    assert incident in b"".join(follower.queue).decode()


def test_an_empty_page_says_what_would_stand_there(world):
    html = page(world).text
    assert "Nothing is open." in html
    assert "没有未知悉的上报。" in page(world, tag="zh-CN").text


def test_a_crew_that_no_channel_reaches_is_told_with_its_reason(world):
    incident = world.incident()
    world.do(d.SendUnit, incident=incident, unit="E03")
    channel = Actor(name="channel/pager", role="channel")
    world.do(a.MissAlert, channel, incident=incident, unit="E03", channel="pager", why="down",
             last=True)  # fmt: skip
    assert "no channel reached the crew" in page(world).text
    assert "所有渠道都未联系上处警人员" in page(world, tag="zh-CN").text
