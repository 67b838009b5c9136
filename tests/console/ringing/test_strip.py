"""The strip of calls that ring: what it says, who is told, and how fast."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from answerable.console.ringing import strip
from answerable.console.stream import Subscriber
from answerable.intake import line_words as w
from answerable.intake import words as i
from answerable.kernel.authority import Actor
from tests.console.conftest import DISPATCHER, World

LINE = Actor(name="pbx", role="line")
ANN = Actor(name="ann", role="call_taker")


def ring(world: World, **fields: Any) -> str:
    told = {"line": "911-3", "number": "+1 415 555 0100", **fields}
    return str(world.do(i.RingCall, LINE, **told).call)


def of(world: World) -> dict[str, Any]:
    return strip.of(world.app.front)


def told(subscriber: Subscriber) -> list[dict[str, Any]]:
    """Return what a console was told about ringing calls."""
    found = []
    for data in subscriber.queue:
        kind, _, body = data.decode().strip().partition("\n")
        if kind == "event: ringing":
            found.append(json.loads(body.removeprefix("data: ")))
    return found


def test_a_ringing_call_stands_with_its_line_and_medium_and_never_with_its_number(world):
    call = ring(world, medium="text")
    [one] = of(world)["ringing"]
    assert (one["call"], one["line"], one["medium"]) == (call, "911-3", "text")
    assert "555" not in json.dumps(of(world))


def test_a_claimed_call_is_held_until_something_follows(world):
    call = ring(world)
    world.do(i.AnswerCall, ANN, call=call, desk="Desk 3")
    [one] = of(world)["held"]
    assert (one["call"], one["by"], one["desk"]) == (call, "ann", "Desk 3")
    world.do(w.MarkSilent, ANN, call=call)
    assert of(world)["held"] == []


def test_what_waits_is_counted(world):
    back, texting, moved = ring(world), ring(world, medium="text"), ring(world)
    world.do(w.HangUp, LINE, call=back)
    world.do(i.AnswerCall, ANN, call=texting)
    world.do(w.TakeText, LINE, call=texting, words="help")
    world.do(i.AnswerCall, ANN, call=moved)
    world.do(w.TransferCall, ANN, call=moved, agency="USCG", reason="a boat")
    counts = {name: of(world)[name] for name in ("back", "texts", "transfers")}
    assert counts == {"back": 1, "texts": 1, "transfers": 1}


def test_what_an_old_record_answered_was_claimed_by_no_desk(world):
    world.do(i.AnswerCall, Actor(name="importer", role="importer"))
    assert of(world)["held"] == []


def test_more_calls_than_there_is_room_for_are_counted(world):
    for _ in range(strip.SHOWN + 3):
        ring(world)
    assert (len(of(world)["ringing"]), of(world)["more"]) == (strip.SHOWN, 3)


def test_every_page_of_whoever_may_answer_is_told_at_once_and_nobody_else(world):
    async def scene() -> None:
        channels = world.app.front.channels
        desk = channels.follow("units/en", 0, DISPATCHER)[1]
        other = channels.follow("board/en", 0, Actor(name="wall", role="reader"))[1]
        ring(world)
        await asyncio.sleep(strip.PACE_S * 4)
        [first] = told(desk)
        assert len(first["ringing"]) == 1
        assert told(other) == []

    asyncio.run(scene())


def test_a_burst_is_told_in_one_message_and_what_changes_nothing_in_none(world):
    async def scene() -> None:
        desk = world.app.front.channels.follow("board/en", 0, DISPATCHER)[1]
        calls = [ring(world) for _ in range(5)]
        await asyncio.sleep(strip.PACE_S * 4)
        world.do(i.AnswerCall, Actor(name="importer", role="importer"))
        await asyncio.sleep(strip.PACE_S * 4)
        [only] = told(desk)
        assert [one["call"] for one in only["ringing"]] == calls

    asyncio.run(scene())


def test_a_console_that_comes_back_is_told_what_rings_now(world):
    call = ring(world)
    subscriber = Subscriber()
    subscriber.actor = DISPATCHER
    world.app.ringing.greet(subscriber)
    [one] = told(subscriber)
    assert one["ringing"][0]["call"] == call


@pytest.mark.parametrize(
    ("role", "may"),
    [("call_taker", True), ("dispatcher", True), ("supervisor", True), ("administrator", False),
     ("reader", False), ("crew", False), ("line", False)],
)  # fmt: skip
def test_who_may_not_answer_has_no_strip(world, role, may):
    assert strip.may_answer(world.app.front, Actor(name="x", role=role)) is may
