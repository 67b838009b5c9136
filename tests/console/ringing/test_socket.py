"""The socket of switchboards in a running centre: by a token of the record, words opened once."""

from __future__ import annotations

import asyncio
import json
import socket

import pytest

from answerable.access import words as access
from answerable.access.keys import new_word, token_text
from answerable.console.ringing.socket import listening
from answerable.console.running import CannotBegin
from answerable.intake import line_words as w
from answerable.intake import words as i
from answerable.kernel.authority import Actor
from tests.console.conftest import World
from tests.console.ringing.test_strip import ANN

ROOT = Actor(name="root", role="administrator")


def token(world: World, role: str) -> str:
    word = new_word()
    until = world.centre.now_us() + 3_600_000_000
    world.do(access.IssueToken, ROOT, token="pbx", label="exchange", role=role,
             digest=word.digest, until=until)  # fmt: skip
    return token_text("pbx", word.text)


async def said(at: str, *lines: dict[str, str], more: int = 0) -> list[dict[str, str]]:
    """Say lines over a connection; return what was told, and so many further lines."""
    host, _, port = at.rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    told = []
    for line in lines:
        writer.write(json.dumps(line).encode() + b"\n")
        told.append(json.loads(await asyncio.wait_for(reader.readline(), 5)))
    told += [json.loads(await asyncio.wait_for(reader.readline(), 5)) for _ in range(more)]
    writer.close()
    return told


def where(lines: object) -> str:
    name = lines._server.sockets[0].getsockname()  # type: ignore[attr-defined]
    return f"{name[0]}:{name[1]}"


def test_a_line_speaks_by_its_token_and_sends_what_a_desk_writes(world):
    hello = {"say": "hello", "token": token(world, "line")}

    async def scene() -> None:
        lines = await listening(world.app.front, "127.0.0.1:0")
        at = where(lines)
        text = {"say": "text", "id": "sms", "words": "help"}
        ready, known = await said(at, hello, text)
        assert (ready["told"], known["told"]) == ("ready", "known")
        while lines.connected:
            await asyncio.sleep(0.01)
        world.do(i.AnswerCall, ANN, call=known["call"])
        world.do(w.TextCaller, ANN, call=known["call"], words="Where are you?")
        *_rest, sent = await said(at, hello, more=1)
        assert (sent["told"], sent["id"], sent["words"]) == ("send", "sms", "Where are you?")
        await lines.close()

    asyncio.run(scene())


def test_a_token_of_another_role_does_not_speak_for_a_line(world):
    hello = {"say": "hello", "token": token(world, "reader")}

    async def scene() -> None:
        lines = await listening(world.app.front, "127.0.0.1:0")
        [told] = await said(where(lines), hello)
        assert told["code"] == "lines.NotConnected"
        await lines.close()

    asyncio.run(scene())


def test_a_socket_that_cannot_be_opened_says_which_and_what_to_do(world):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        at = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(CannotBegin, match=f"lines' socket {at} cannot be opened"):
            asyncio.run(listening(world.app.front, at))


def test_without_the_setting_nobody_listens_and_no_word_is_opened(world):
    async def scene() -> None:
        lines = await listening(world.app.front, "")
        call = world.do(i.AnswerCall, ANN, number="555").call
        world.do(w.TextCaller, ANN, call=call, words="hello")
        assert not lines.waiting
        await lines.close()

    asyncio.run(scene())
