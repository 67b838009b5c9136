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
from answerable.kernel.authority import Actor
from answerable.matters import matter_words as matter
from answerable.matters import problem_words as problem
from answerable.matters import referral_words as referral
from tests.console.righting.test_pages import CALL_BACK, WORDS, step, unhappy
from tests.console.test_pages import live_bytes

SUPERVISOR = Actor(name="supervisor", role="supervisor")


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


def open_matter(world, words: str = "ask Mrs Quux") -> str:
    told = {"kind": "follow-up", "owner_sort": matter.OwnerSort.ROLE, "owner": "dispatcher"}
    return str(world.do(matter.OpenMatter, words=words, **told).matter)


def open_problem(world, place: str = "POST ST/JONES ST") -> str:
    return str(world.do(problem.OpenProblem, place=place, because="a lot").problem)


@pytest.mark.parametrize(
    ("channel", "opens", "read"),
    [
        ("matters/en", open_matter, lambda n: (matter.ReadMatter, {"matter": n})),
        ("problems/en", open_problem, lambda n: (problem.ReadNotes, {"problem": n})),
    ],
)
def test_a_matter_and_a_problem_are_news_and_that_somebody_read_is_none(
    world, channel, opens, read
):
    made = []
    data = live_bytes(world, channel, lambda: made.append(opens(world))).decode()
    assert 'hx-target="#news"' in data
    told = re.sub(r"<[^>]*>", "", data)
    assert "Quux" not in told
    assert "JONES" not in told
    if opens is open_problem:
        world.do(problem.TakeProblem, SUPERVISOR, problem=made[0], owner="supervisor")
        world.do(problem.NoteProblem, problem=made[0], words="Mrs Quux was seen")
    command, fields = read(made[0])
    other = channel.replace("/en", "/zh-CN")
    assert live_bytes(world, other, lambda: world.do(command, **fields)) == b""


def test_a_call_may_count_at_a_problem_and_concerns_no_matter(world):
    assert b"#news" in live_bytes(world, "problems/en", world.incident)
    assert live_bytes(world, "matters/en", world.incident) == b""


def test_a_page_that_reads_itself_again_records_no_reading_and_shows_nothing_unread(world):
    number = open_matter(world)
    stream = lambda: [r.kind for r in world.centre.hub.store.stream(f"matter:{number}")]  # noqa: E731

    async def scene(client):
        again = (await client.get(f"/matters/{number}", headers={"hx-request": "true"})).text
        assert "Quux" not in again
        assert "matters.MatterRead" not in stream()
        opened = (await client.get(f"/matters/{number}")).text
        assert "Quux" in opened
        assert stream().count("matters.MatterRead") == 1

    world.run(scene, "dispatcher")


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


@pytest.mark.parametrize(
    "path",
    [
        "/referrals",
        "/put-right?list=open",
        "/reports?state=missing",
        "/matters?list=overdue",
        "/problems?show=over",
        "/problems",
    ],
)
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
