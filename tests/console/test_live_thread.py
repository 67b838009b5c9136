"""What an incident's page shows after any changes is what it would show if it were loaded now.

Only entries of the thread that are new, differ or are gone are sent; what came before is on the
page already, whenever it was loaded.
"""

from __future__ import annotations

import asyncio
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from answerable.console.stream import AGAIN, Subscriber
from answerable.dispatch import words as d
from answerable.intake import words as i
from tests.console.conftest import DISPATCHER, World

ENTRY = re.compile(r'<li [^>]*?id="((?:e|day-)\d+)"(.*?)</li>', re.DOTALL)
TOKEN = re.compile(r'<input type="hidden" name="token" value="[^"]*">')
PART = re.compile(
    r'<hx-partial hx-target="(#[\w-]+)" hx-swap="(\w+)">(.*?)</hx-partial>', re.DOTALL
)


def entries(html: str) -> dict[str, str]:
    """Return the entries of a thread by their ids; line ends are a stream's own.

    The forms of a page carry its token; what goes to everybody carries none.
    """
    html = TOKEN.sub("", html)
    return {name: " ".join(rest.split()) for name, rest in ENTRY.findall(html)}


class Looker:
    """A console at an incident: the thread as its page brought it, then what its stream sends."""

    def __init__(self, world: World, channel: str) -> None:
        self.world, self.channel = world, channel
        self.shown = entries(loaded(world, channel))
        self.after = world.app.front.recorded
        self.reader: Subscriber | None = None

    def follow(self) -> None:
        self.world.app.live.settle(self.channel)
        actor = DISPATCHER
        self.reader = self.world.app.front.channels.follow(self.channel, self.after, actor)[1]

    def sent(self) -> dict[str, str]:
        """Return what came since, by the part of the page it is for."""
        assert self.reader is not None
        text = b"".join(self.reader.queue).decode()
        self.reader.queue.clear()
        assert AGAIN.decode() not in text
        text = re.sub(r"^(data: |event: .*|id: .*)", "", text, flags=re.MULTILINE)
        parts: dict[str, str] = {}
        for target, _swap, html in PART.findall(text):
            parts[target] = parts.get(target, "") + html
        return parts

    def look(self) -> None:
        """Take up what has come, as the page does: in its place, or gone."""
        for name, rest in entries(self.sent().get("#thread", "")).items():
            self.shown.pop(name, None)
            if "data-gone" not in rest:
                self.shown[name] = rest


def loaded(world: World, channel: str) -> str:
    """Return the page as a dispatcher who reads its words loads it now."""
    session, lang = world.session("dispatcher"), world.app.front.phrases("en").lang
    incident = channel.split("/")[1]
    html: str = world.app.pages.incident(session, lang, "light", incident)
    return html[html.index('id="thread"') :].partition("</ol>")[0]


@pytest.fixture
def channel(world) -> str:
    """A channel of an incident on which somebody wrote, and which a dispatcher reads."""
    incident = world.incident()
    world.do(i.AddNote, incident=incident, words="the first words")

    async def read() -> None:
        await world.app.pages.enter(world.session("dispatcher"), incident)

    asyncio.run(read())
    return f"incident/{incident}/en/dispatcher"


def put(world: World, step: str, lookers: list[Looker], channel: str) -> None:
    live, incident = world.app.live, channel.split("/")[1]
    if step == "load":
        lookers.append(Looker(world, channel))
    elif step == "follow":
        for one in lookers:
            if one.reader is None:
                one.follow()
    elif step == "draw":
        live.settle(channel)
    elif step == "note":
        world.do(i.AddNote, incident=incident, words="water on the floor")
    elif step == "strike":
        known = world.centre.hub.state["intake"].incidents[incident]
        notes = [n for n in range(1, known.notes + 1) if n not in known.struck]
        if notes:
            world.do(i.StrikeNote, incident=incident, note=notes[-1], reason="a test")


STEPS = st.lists(st.sampled_from(["load", "follow", "draw", "note", "strike"]), max_size=20)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None
)
@given(steps=STEPS)
def test_whenever_the_page_was_loaded_it_ends_with_the_whole_thread(world, channel, steps):
    lookers: list[Looker] = []
    for step in ["load", "follow", *steps, "note", "follow", "draw"]:
        put(world, step, lookers, channel)
    for one in lookers:
        one.look()
        assert one.shown == entries(loaded(world, channel))
        assert one.reader is not None
        one.reader.end()
        world.app.front.channels.open(channel).leave(one.reader)


def test_of_a_long_thread_only_what_changed_is_sent(world, channel):
    for number in range(30):
        world.do(i.AddNote, incident=channel.split("/")[1], words=f"number {number}")
    one = Looker(world, channel)
    one.follow()
    world.do(i.AddNote, incident=channel.split("/")[1], words="this one")
    world.app.live.settle(channel)
    one.look()  # the first message of a stream holds all
    world.do(i.AddNote, incident=channel.split("/")[1], words="another one")
    world.app.live.settle(channel)
    sent = one.sent()
    assert "another one" in sent["#thread"]
    assert "this one" not in sent["#thread"]
    assert "number 3" not in sent["#thread"]
    assert "#incident-head" not in sent  # the same as before


def test_what_was_erased_is_sent_anew_to_whoever_loads_the_page_again(world, channel):
    one = Looker(world, channel)
    one.follow()
    world.do(i.AddNote, incident=channel.split("/")[1], words="this one")
    world.app.live.settle(channel)
    world.app.front.channels.forget(channel.rpartition("/en")[0], world.app.front.recorded)
    held = world.app.front.channels.open(channel)
    assert not held.kept
    assert not held.rows
    assert not held.shown


def test_a_unit_sent_changes_the_side_and_the_thread(world, channel):
    one = Looker(world, channel)
    one.follow()
    world.do(d.SendUnit, actor=DISPATCHER, incident=channel.split("/")[1], unit="E36")
    world.app.live.settle(channel)
    sent = one.sent()
    assert "E36" in sent["#side"]
    assert "E36" in sent["#thread"]
