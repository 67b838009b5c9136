"""Pages that read themselves again are told of what concerns them, and are sent nothing of it."""

from __future__ import annotations

import re
from html import unescape
from types import SimpleNamespace

import pytest

from answerable.console.news import NEWS, none_for
from answerable.dispatch import words as d
from answerable.followup import right_words as right
from answerable.intake import words as i
from answerable.matters import referral_words as referral
from tests.console.righting.test_pages import CALL_BACK, WORDS, step, unhappy
from tests.console.test_pages import live_bytes


def refer(world, incident: str) -> str:
    told = {"agency": "UTILITY", "kind": "Electrical Hazard", "words": "ask Mrs Quux"}
    return str(world.do(referral.ReferIncident, incident=incident, **told).referral)


def test_a_referral_and_its_answer_are_news_of_which_nothing_is_sent(world):
    incident = world.incident(kind="Electrical Hazard")
    data = live_bytes(world, "referrals/en", lambda: refer(world, incident)).decode()
    assert 'hx-target="#news"' in data
    assert f"id: {world.centre.hub.position}" in data
    told = re.sub(r"<[^>]*>", "", data)
    assert incident not in told
    assert "Quux" not in told


def test_what_is_put_right_is_news_of_which_nothing_is_sent(world):
    data = live_bytes(world, "put-right/en", lambda: unhappy(world)).decode()
    assert 'hx-target="#news"' in data
    assert WORDS not in data
    [name] = world.centre.hub.state["followup"].rights
    assert name not in data
    world.app.front.channels.open("put-right/zh-CN")
    spoke = live_bytes(
        world, "put-right/zh-CN", lambda: step(world, right.SpokeWithCaller, name, CALL_BACK)
    )
    assert b"#news" in spoke


@pytest.mark.parametrize("channel", ["referrals/en", "put-right/en", "reports/en/dispatcher"])
def test_what_concerns_no_such_page_is_no_news(world, channel):
    incident = world.incident()

    def other():
        world.do(i.AddNote, incident=incident, words="smoke")
        world.do(d.SendUnit, incident=incident, unit="E03")

    assert live_bytes(world, channel, other) == b""


def test_only_channels_of_such_pages_are_held_back():
    note = SimpleNamespace(event=i.NoteAdded(incident="1", note=1, words="x"))
    channels = ["board/en", "referrals/en", "incident/1/en/dispatcher", "put-right/en"]
    assert none_for(channels, [note]) == {"referrals/en", "put-right/en"}


@pytest.mark.parametrize("path", ["/referrals", "/put-right?list=open", "/reports?state=missing"])
def test_each_page_reads_its_own_address_again(world, path):
    async def scene(client):
        html = (await client.get(path)).text
        assert 'id="news"' in html
        assert f"/live/{path[1:].partition('?')[0]}/" in html
        parts = re.findall(
            r'data-reads(?:="idle")? hx-get="([^"]+)"[^>]*hx-select="#([^"]+)"', html
        )
        assert parts
        for again, part in parts:
            assert unescape(again) == path
            assert f'id="{part}"' in html

    world.run(scene, "supervisor")


def test_every_such_page_is_a_page_of_the_table_of_rights(world):
    rights = world.centre.hub.rooms.authority
    pages = {page for one in rights.roles.values() for page in one.pages}
    assert NEWS.keys() <= pages
