"""What a console shows after any changes is what its page would show if it were loaded now.

Parts of the board that are the same as they were last sent are not sent again; whoever loads the
page in between, at any moment, must still end with all of it.
"""

from __future__ import annotations

import re

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from answerable.console.stream import AGAIN, Subscriber
from answerable.dispatch import words as d
from answerable.intake import words as i
from tests.console.conftest import DISPATCHER, World

PART = re.compile(r'<hx-partial hx-target="([^"]+)" hx-swap="\w+">(.*?)</hx-partial>', re.DOTALL)
CHANNEL = "board/en"


class Looker:
    """A console: the parts as its page brought them, and then what its stream sends."""

    def __init__(self, world: World) -> None:
        app = world.app
        app.pages.board(world.session("dispatcher"), app.front.phrases("en").lang, "light")
        self.parts = around(world)
        self.after = app.front.recorded
        self.reader: Subscriber | None = None

    def follow(self, world: World) -> None:
        """Open the stream, as the page does once it is loaded."""
        world.app.live.settle(CHANNEL)
        self.reader = world.app.front.channels.follow(CHANNEL, self.after)[1]

    def look(self) -> None:
        """Take up what has come."""
        assert self.reader is not None
        text = b"".join(self.reader.queue).decode()
        self.reader.queue.clear()
        assert AGAIN.decode() not in text
        lines = re.sub(r"^(data: |event: .*|id: .*)", "", text, flags=re.MULTILINE)
        self.parts |= {target: html for target, html in PART.findall(lines) if target in self.parts}


def around(world: World) -> dict[str, str]:
    live = world.app.live
    phrases = live.front.phrases("en")
    return {target: html for target, _, html in live._around("en", phrases, units=True)}


def plain(parts: dict[str, str]) -> dict[str, str]:
    """Forget line ends: a stream's message has its own."""
    return {target: " ".join(html.split()) for target, html in parts.items()}


def put(world: World, step: str, lookers: list[Looker], calls: list[str]) -> None:
    """Do one thing: to the centre, or on the side of a console."""
    live = world.app.live
    if step == "load":
        lookers.append(Looker(world))
    elif step == "follow":
        for one in lookers:
            if one.reader is None:
                one.follow(world)
    elif step == "draw":
        live._pending.get(CHANNEL, None) and setattr(live._pending[CHANNEL], "last_s", 0.0)
        live.settle(CHANNEL)
    elif step == "ring":
        calls.append(world.do(i.AnswerCall).call)
    elif step == "end" and calls:
        world.do(i.EndCall, call=calls.pop(), reason="a test")
    elif step == "off":
        world.do(d.TakeOutOfService, unit="E03", reason="a test")
        world.do(d.ReturnToService, unit="E03")
    elif step == "out" and world.centre.board.units["E36"].status == "free":
        world.do(d.TakeOutOfService, unit="E36", reason="a test")


STEPS = st.lists(
    st.sampled_from(["load", "follow", "draw", "ring", "end", "off", "out"]), max_size=25
)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None
)
@given(steps=STEPS)
def test_whenever_a_page_was_loaded_its_console_ends_with_what_holds(world, steps):
    lookers: list[Looker] = []
    calls: list[str] = []
    for step in ["load", "follow", *steps, "follow", "draw"]:
        put(world, step, lookers, calls)
    for one in lookers:
        one.look()
        assert plain(one.parts) == plain(around(world))
        assert one.reader is not None
        one.reader.end()
        world.app.front.channels.open(CHANNEL).leave(one.reader)
    for call in calls:
        world.do(i.EndCall, call=call, reason="a test")


def test_what_stays_the_same_is_not_sent_again(world):
    one = Looker(world)
    one.follow(world)
    world.do(i.AnswerCall)
    world.app.live.settle(CHANNEL)
    one.look()
    assert one.reader is not None
    world.do(d.TakeOutOfService, unit="E36", reason="a test")
    world.app.live.settle(CHANNEL)
    sent = b"".join(one.reader.queue).decode()
    assert 'hx-target="#calls"' not in sent
    assert sent.count('hx-target="#group-') == 7  # the first time, all of them
    one.reader.queue.clear()
    world.do(d.ReturnToService, unit="E36", actor=DISPATCHER)
    world.app.live.settle(CHANNEL)
    sent = b"".join(one.reader.queue).decode()
    assert sorted(set(re.findall(r'hx-target="(#group-\d)"', sent))) == ["#group-6", "#group-7"]


def test_a_page_loaded_between_a_change_and_the_change_back_is_told_of_it(world):
    lookers: list[Looker] = []
    calls: list[str] = []
    for step in ("load", "follow", "ring", "end", "draw", "ring", "load", "end", "draw", "follow"):
        put(world, step, lookers, calls)
    for one in lookers:
        one.look()
        assert plain(one.parts) == plain(around(world))
