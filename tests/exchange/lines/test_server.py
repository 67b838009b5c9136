"""The socket of switchboards: who may speak, what is answered, what waits, what is cut off."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from answerable.exchange.lines import protocol as p
from answerable.exchange.lines.server import Behind, Lines
from answerable.intake import line_words as w
from answerable.intake import words as i
from answerable.kernel.authority import Actor
from answerable.kernel.event import Command, Row
from answerable.kernel.hub import Ask, Outcome
from tests.story import Centre

TOKENS = {"good": Actor("token/pbx", "line"), "reader": Actor("token/r", "reader")}


class Place:
    """A centre and its lines, without a console."""

    def __init__(self) -> None:
        self.centre, self.tokens, self.down = Centre(), dict(TOKENS), ""
        self.lines = Lines(Behind(self._ask, self.tokens.get, self._words))
        self.centre.hub.subscribe(lambda recorded, _head: self.lines.committed(recorded))

    async def _ask(self, command: Command, actor: Actor) -> Outcome:
        if self.down:
            raise RuntimeError(self.down)
        return self.centre.hub.handle([Ask(command, actor)])[0]

    def _words(self, row: Row) -> str | None:
        return self.centre.store.unseal(row.position, "words")


class Pbx:
    """A switchboard's script: a few lines of text over a socket."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    def say(self, **said: Any) -> None:
        self._writer.write(json.dumps(said).encode() + b"\n")

    async def hear(self) -> dict[str, Any]:
        text = await asyncio.wait_for(self._reader.readline(), 5)
        return json.loads(text) if text else {}

    async def ask(self, **said: Any) -> dict[str, Any]:
        self.say(**said)
        return await self.hear()

    def close(self) -> None:
        self._writer.close()


@asynccontextmanager
async def connected(place: Place, address: str, token: str = "good") -> AsyncIterator[Pbx]:
    if "/" in address:
        reader, writer = await asyncio.open_unix_connection(address)
    else:
        host, _, port = address.rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
    pbx = Pbx(reader, writer)
    try:
        if token:
            assert await pbx.ask(say="hello", token=token) == {"told": "ready", "role": "line"}
        yield pbx
    finally:
        pbx.close()


def play(scene: Callable[[Place, str], Any], address: str = "127.0.0.1:0") -> Place:
    """Run a scene against a listening socket."""
    place = Place()

    async def run() -> None:
        at = await place.lines.listen(address)
        try:
            await scene(place, at)
        finally:
            await place.lines.close()

    asyncio.run(run())
    return place


def test_a_switchboard_rings_texts_and_hangs_up_and_is_told_when_it_is_recorded():
    async def scene(place: Place, at: str) -> None:
        async with connected(place, at) as pbx:
            known = {"told": "known", "id": "a", "call": "C200930001"}
            assert await pbx.ask(say="rings", id="a", line="911-3", number="555") == known
            assert await pbx.ask(say="hung up", id="a") == known
            assert await pbx.ask(say="text", id="a", words="please come") == known
        kinds = [type(one).__name__ for one in place.centre.events()]
        assert kinds == ["CallRung", "CallAbandoned", "TextTaken"]

    play(scene)


def test_a_text_written_to_a_caller_goes_out_over_the_line_of_the_call():
    async def scene(place: Place, at: str) -> None:
        async with connected(place, at) as pbx:
            call = (await pbx.ask(say="text", id="sms", words="help"))["call"]
            place.centre.done(i.AnswerCall, call=call)
            place.centre.done(w.TextCaller, call=call, words="Where are you?")
            sent = {"told": "send", "id": "sms", "call": call, "words": "Where are you?"}
            assert await pbx.hear() == sent

    play(scene)


def test_a_text_waits_for_its_line_to_come_back():
    async def scene(place: Place, at: str) -> None:
        async with connected(place, at) as pbx:
            call = (await pbx.ask(say="text", id="sms", words="help"))["call"]
        while place.lines.connected:
            await asyncio.sleep(0.01)
        place.centre.done(i.AnswerCall, call=call)
        place.centre.done(w.TextCaller, call=call, words="Where are you?")
        assert len(place.lines.waiting) == 1
        async with connected(place, at) as pbx:
            assert (await pbx.hear())["words"] == "Where are you?"
        assert not place.lines.waiting

    play(scene)


@pytest.mark.parametrize("token", ["wrong", "reader", ""])
def test_nobody_speaks_without_a_token_of_a_line(token):
    async def scene(place: Place, at: str) -> None:
        async with connected(place, at, token="") as pbx:
            told = await pbx.ask(say="hello", token=token)
            assert told["code"] == "lines.NotConnected"
            assert await pbx.hear() == {}
        assert not place.centre.events()

    play(scene)


def test_a_token_that_was_revoked_ends_the_connection_at_the_next_word():
    async def scene(place: Place, at: str) -> None:
        async with connected(place, at) as pbx:
            del place.tokens["good"]
            assert (await pbx.ask(say="rings", id="a"))["code"] == "lines.NotConnected"
        assert not place.centre.events()

    play(scene)


def test_a_refusal_comes_with_its_words_and_the_line_goes_on():
    async def scene(place: Place, at: str) -> None:
        async with connected(place, at) as pbx:
            told = await pbx.ask(say="hung up", id="never-rang")
            assert (told["told"], told["code"]) == ("not done", "kernel.Unknown")
            assert (await pbx.ask(say="rings", id="a"))["told"] == "known"

    play(scene)


def test_a_centre_that_cannot_record_says_so_and_the_same_word_is_sent_again():
    async def scene(place: Place, at: str) -> None:
        async with connected(place, at) as pbx:
            place.down = "Not recorded. The disk is full. Send it again."
            told = await pbx.ask(say="rings", id="a")
            assert (told["why"], told["again"]) == (place.down, True)
            place.down = ""
            assert (await pbx.ask(say="rings", id="a"))["told"] == "known"
        assert len(place.centre.events()) == 1

    play(scene)


@pytest.mark.parametrize("text", [b"not json\n", b'{"say":"rings"}\n', b"x" * 40_000 + b"\n"])
def test_what_cannot_be_read_is_said_and_ends_the_connection(text):
    async def scene(place: Place, at: str) -> None:
        async with connected(place, at) as pbx:
            pbx._writer.write(text)
            assert (await pbx.hear())["why"].startswith("Not taken.")
            assert await pbx.hear() == {}

    play(scene)


def test_a_line_that_does_not_read_is_cut_off_and_delays_nothing():
    async def scene(place: Place, at: str) -> None:
        async with connected(place, at) as pbx:
            call = (await pbx.ask(say="text", id="sms", words="help"))["call"]
            place.centre.done(i.AnswerCall, call=call)
            for _ in range(4_000):
                place.centre.done(w.TextCaller, call=call, words="x" * 4_000)
                if not place.lines.connected:
                    break
                await asyncio.sleep(0)
            assert not place.lines.connected

    play(scene)


def test_a_socket_of_this_machine_is_for_its_owner_alone(tmp_path: Path):
    path = tmp_path / "lines.sock"

    async def scene(place: Place, at: str) -> None:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        async with connected(place, at) as pbx:
            assert (await pbx.ask(say="rings", id="a"))["told"] == "known"

    play(scene, str(path))


def test_an_address_that_others_could_reach_is_refused():
    with pytest.raises(ValueError, match="not an address of this machine"):
        asyncio.run(Place().lines.listen("0.0.0.0:0"))


def test_a_word_is_at_most_so_long():
    assert p.LINE_BYTES_MAX > 4 * 4_000
