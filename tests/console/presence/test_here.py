"""Presence: what is open where, told once, forgotten in seconds."""

from __future__ import annotations

import asyncio
import json

import pytest

from answerable.console.presence.desks import desk_named, first_free, remembered, seat
from answerable.console.presence.here import LASTS_S, SAID_MAX, SHOWN_MAX, Presence, about
from answerable.console.presence.telling import Telling, told
from answerable.console.sanity import Refused
from answerable.console.session import Session
from answerable.console.stream import Channels, Subscriber
from answerable.kernel.authority import Actor
from answerable.rooms import authority

ONE = about("7")


class Time:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def presence(time) -> Presence:
    return Presence(time)


# -- coming and going ------------------------------------------------------------------------


def test_a_desk_is_on_an_incident_while_a_page_of_it_is_open(presence):
    presence.opened("Desk 3", ONE)
    presence.opened("Desk 3", ONE)
    presence.closed("Desk 3", ONE)
    assert presence.on(ONE) == (("Desk 3", "open"),)
    presence.closed("Desk 3", ONE)
    assert presence.on(ONE) == ()
    assert presence.whole() == {}


def test_a_page_without_a_desk_is_on_nothing(presence):
    presence.opened("", ONE)
    presence.closed("", ONE)
    presence.here("", "7")
    assert presence.whole() == {}


def test_typing_is_forgotten_seconds_after_it_was_last_said(presence, time):
    presence.here("Desk 3", "7", "typing")
    time.now_s += LASTS_S - 0.1
    assert presence.on(ONE) == (("Desk 3", "typing"),)
    presence.here("Desk 3", "7", "typing")
    time.now_s += LASTS_S - 0.1
    assert presence.on(ONE) == (("Desk 3", "typing"),)
    assert presence.sweep() == pytest.approx(0.1)
    time.now_s += 0.2
    assert presence.on(ONE) == ()
    assert presence.sweep() == 0.0
    assert presence.whole() == {}


def test_the_most_telling_thing_comes_first_and_a_desk_is_shown_once(presence):
    presence.opened("Desk 1", ONE)
    presence.opened("Desk 2", ONE)
    presence.here("Desk 2", "7", "typing")
    presence.here("Desk 4", "incident:7", "call")
    presence.here("Desk 4", "7", "typing")
    assert presence.on(ONE) == (("Desk 4", "call"), ("Desk 2", "typing"), ("Desk 1", "open"))


def test_leaving_the_page_takes_back_what_was_said_on_it(presence):
    presence.opened("Desk 1", ONE)
    presence.here("Desk 1", "7", "typing")
    presence.here("Desk 2", "7", "typing")
    presence.closed("Desk 1", ONE)
    assert presence.on(ONE) == (("Desk 2", "typing"),)
    presence.gone("Desk 2", "7")
    assert presence.whole() == {}


def test_an_incident_and_a_call_of_one_number_are_two_things(presence):
    presence.here("Desk 1", "call:7", "call")
    assert presence.on(about(call="7")) == (("Desk 1", "call"),)
    assert presence.on(ONE) == ()


def test_there_is_a_limit_to_what_is_kept_and_to_what_is_shown(presence):
    for number in range(SAID_MAX + 50):
        presence.here(f"Desk {number}", "7", "typing")
    assert sum(map(len, presence._said.values())) == SAID_MAX
    assert len(presence.on(ONE)) == SHOWN_MAX
    presence.here("Desk 1", "7", "no such thing")
    assert presence.on(ONE)[0][1] == "typing"


def test_what_was_told_is_not_told_again_and_passing_by_is_never_told(presence):
    presence.opened("Desk 1", ONE)
    assert presence.changes() == {ONE: (("Desk 1", "open"),)}
    assert presence.changes() == {}
    presence.opened("Desk 2", ONE)
    presence.closed("Desk 2", ONE)
    assert presence.changes() == {}
    presence.closed("Desk 1", ONE)
    assert presence.changes() == {ONE: ()}


# -- telling ---------------------------------------------------------------------------------


def listening(channels: Channels, name: str, role: str = "dispatcher") -> Subscriber:
    return channels.follow(name, 0, Actor(name="x", role=role))[1]


def heard(subscriber: Subscriber) -> list[dict[str, object]]:
    found = [json.loads(data.split(b"data: ")[1]) for data in subscriber.queue]
    subscriber.queue.clear()
    return found


def test_changes_are_gathered_and_each_page_is_told_of_what_it_shows(presence):
    channels = Channels(lambda: 0)

    async def scene() -> None:
        Telling(presence, channels, authority())
        board, seven = listening(channels, "board/en"), listening(channels, "incident/7/en/x")
        eight, wall = listening(channels, "incident/8/en/x"), listening(channels, "board/zh-CN")
        reader = listening(channels, "board/en", "reader")
        for desk in ("Desk 1", "Desk 2"):
            presence.opened(desk, ONE)
        presence.opened("Desk 5", about("9"))
        assert not board.queue
        await asyncio.sleep(0.35)
        on = {"incident:7": [["Desk 1", "open"], ["Desk 2", "open"]]}
        whole = [{"whole": False, "on": on | {"incident:9": [["Desk 5", "open"]]}}]
        assert heard(board) == whole == heard(wall)
        assert heard(seven) == [{"whole": False, "on": on}]
        assert not eight.queue
        assert not reader.queue

    asyncio.run(scene())


def test_what_runs_out_is_told_by_itself(presence, time):
    channels = Channels(lambda: 0)

    async def scene() -> None:
        Telling(presence, channels, authority())
        board = listening(channels, "board/en")
        presence.here("Desk 1", "7", "typing")
        await asyncio.sleep(0.3)
        assert heard(board)[0]["on"] == {"incident:7": [["Desk 1", "typing"]]}
        time.now_s += LASTS_S - 0.02  # the loop's own clock has 8 s to go; hurry it
        presence.here("Desk 2", "8", "typing")
        await asyncio.sleep(0.4)
        time.now_s += 0.1
        presence.opened("Desk 9", about("9"))
        await asyncio.sleep(0.4)
        on = {subject: desks for one in heard(board) for subject, desks in one["on"].items()}
        assert on["incident:7"] == []

    asyncio.run(scene())


def test_whoever_comes_is_told_all_of_it(presence):
    channels = Channels(lambda: 0)
    telling = Telling(presence, channels, authority())
    presence.opened("Desk 1", ONE)
    presence.opened("Desk 2", about("9"))
    for name, numbers in (("board/en", {"7", "9"}), ("incident/9/en/x", {"9"}), ("units/en", None)):
        one = listening(channels, name)
        telling.greet(name, one)
        found = heard(one)
        if numbers is None:
            assert found == []
        else:
            assert found[0]["whole"] is True
            assert set(found[0]["on"]) == {about(n) for n in numbers}
    reader = listening(channels, "board/en", "reader")
    telling.greet("board/en", reader)
    assert not reader.queue


def test_a_message_is_small_and_has_no_position():
    data = told({ONE: (("Desk 1", "open"),)})
    assert data.startswith(b"event: presence\ndata: {")
    assert b"id:" not in data
    assert len(data) < 100


# -- a desk's name ---------------------------------------------------------------------------


def sessions(*desks: str) -> list[Session]:
    return [Session(Actor(name="x", role="dispatcher"), "t", desk=desk) for desk in desks]


def test_a_desk_is_given_the_first_number_that_is_free():
    held = sessions("Desk 1", "Desk 3", "Fire 2", "")
    assert seat(held[3], "", held) == "Desk 2"
    assert first_free([]) == "Desk 1"


def test_the_desk_a_browser_remembers_is_its_own_where_nobody_is():
    held = sessions("Desk 1", "Desk 4", "")
    assert seat(held[2], "Fire 2", held) == "Fire 2"
    assert seat(held[2], "Desk 4", held) == "Desk 4"
    assert held[1].desk == ""  # it was left without a page
    held[0].streams.add(Subscriber())
    assert seat(held[2], "Desk 1", held) == "Desk 2"


@pytest.mark.parametrize("name", ["Ada", "", "x" * 25 + "1", "1\n2x\x00", "<1>"])
def test_what_is_no_place_is_no_desk(name):
    with pytest.raises(Refused) as refused:
        desk_named(name)
    assert refused.value.code == "console.NoDeskName"
    assert remembered(name) == ""


def test_a_browser_remembers_a_desk_in_any_script():
    assert remembered("%E5%8F%B0%203") == "台 3"
    assert remembered("%ff3") == ""
    assert remembered("") == ""
