"""What is no HTTP, too long or too slow; what fails while answering; how a refusal is told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn

from answerable.console.headers import HEADERS
from answerable.console.running import address_of, listen
from answerable.console.serve import around, wire
from answerable.console.serve.around import Refusals, observed
from answerable.console.serve.metrics import Counts
from answerable.console.serve.wire import Wire
from tests.console.serve.scene import client

OURS = {name.decode() for name, _ in HEADERS} | {"cache-control"}


async def echo(scope, receive, send):
    """Answer with how much was sent, once all of it is there."""
    if scope["type"] != "http":
        return
    size, more = 0, True
    while more:
        message = await receive()
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
    body = str(size).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@asynccontextmanager
async def connected(
    **more: object,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Yield a bare connection to a server with our wire."""
    listener = listen("127.0.0.1", 0, "")
    config = uvicorn.Config(echo, http=Wire, lifespan="off", log_config=None, ws="none", **more)
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None
    running = asyncio.create_task(server.serve(sockets=[listener]))
    port = int(address_of(listener).rsplit(":", 1)[1])
    listener.listen()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()
        server.should_exit = True
        await running


def exchange(*parts: bytes, patience_s: float = 5.0) -> bytes:
    """Send parts one after the other and return all that comes back until the end."""

    async def play() -> bytes:
        async with connected() as (reader, writer):
            for part in parts:
                writer.write(part)
                await asyncio.sleep(0.02)
            return await asyncio.wait_for(reader.read(), patience_s)

    return asyncio.run(play())


def dressed(answer: bytes) -> tuple[int, str]:
    """Return status and body, having seen that all our headers are there once."""
    head, _, body = answer.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    names = [line.partition(":")[0].lower() for line in lines[1:]]
    assert set(names) >= OURS
    assert len(names) == len(set(names))
    return int(lines[0].split()[1]), body.decode()


@pytest.mark.parametrize(
    "bytes_sent", [b"nonsense\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01\x02\x00\x01",
                   b"GET /\xff HTTP/1.1\r\nhost: a\r\n\r\n"],
)  # fmt: skip
def test_what_is_no_http_is_refused_in_our_words_with_our_headers(bytes_sent):
    status, body = dressed(exchange(bytes_sent))
    assert status == 400
    assert body.startswith("Not read: ")


@pytest.mark.parametrize("shape", [b"x: " + b"a" * 70_000, b"x: a\r\n" * 12_000])
def test_a_head_without_end_is_cut_off(shape):
    status, body = dressed(exchange(b"GET / HTTP/1.1\r\nhost: a\r\n" + shape))
    assert status == 431
    assert "too long" in body


def test_a_request_without_end_is_cut_off(monkeypatch):
    monkeypatch.setattr(wire, "REQUEST_BYTES_MAX", 100)
    head = b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 900000\r\n\r\n"
    status, _ = dressed(exchange(head, b"a" * 90))
    assert status == 431


def test_many_requests_on_one_connection_are_each_counted_anew(monkeypatch):
    monkeypatch.setattr(wire, "HEAD_BYTES_MAX", 200)
    one = b"GET / HTTP/1.1\r\nhost: a\r\nx: " + b"a" * 100 + b"\r\n\r\n"
    last = one.replace(b"host: a", b"host: a\r\nconnection: close")
    assert exchange(one, one, one, last).count(b"200 OK") == 4


@pytest.mark.parametrize(
    "part", [b"", b"GET / HTTP/1.1\r\nhost:",
             b"POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 9\r\n\r\nabc"],
)  # fmt: skip
def test_who_does_not_finish_a_request_loses_the_connection(part, monkeypatch):
    monkeypatch.setattr(wire, "PATIENCE_S", 0.2)

    async def play() -> bytes:
        async with connected() as (reader, writer):
            writer.write(part)
            try:
                return await asyncio.wait_for(reader.read(), 5)
            except ConnectionResetError:
                return b""

    assert asyncio.run(play()) == b""


def test_a_connection_at_rest_is_kept_beyond_that(monkeypatch):
    monkeypatch.setattr(wire, "PATIENCE_S", 0.1)

    async def play() -> None:
        async with connected() as (reader, writer):
            for _ in range(2):
                writer.write(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
                assert b"200 OK" in await reader.readuntil(b"\r\n\r\n0")
                await asyncio.sleep(0.3)

    asyncio.run(play())


def test_one_connection_too_many_is_told_so_and_the_others_go_on():
    async def play() -> tuple[bytes, bytes]:
        async with connected(limit_concurrency=1) as (reader, writer):
            port = writer.get_extra_info("peername")[1]
            more_reader, more = await asyncio.open_connection("127.0.0.1", port)
            more.write(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n")
            refused = await more_reader.read()
            more.close()
            await asyncio.sleep(0.05)
            writer.write(b"GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
            return refused, await reader.read()

    refused, served = asyncio.run(play())
    status, body = dressed(refused)
    assert status == 503
    assert body.endswith("Try again in 5 s.\n")
    assert b"200 OK" in served


# -- around the application ------------------------------------------------------------------


def test_every_answer_has_a_number_of_its_own(scene):
    running = scene().made()

    async def play() -> list[str]:
        async with client(running) as asker:
            paths = ("/health/live", "/nowhere", "/enter", "/api/board")
            return [(await asker.get(path)).headers["x-request-id"] for path in paths]

    numbers = asyncio.run(play())
    assert len(set(numbers)) == 4
    assert sum(running.service.counts.answers.values()) == 4


def test_a_name_that_is_not_ours_is_refused_and_told(scene, caplog):
    running = scene(names=("dispatch.example",)).made()

    async def play() -> list[int]:
        statuses = []
        for host in ("http://evil.example", "http://dispatch.example", "http://127.0.0.1"):
            async with client(running, host) as asker:
                statuses.append((await asker.get("/health/live")).status_code)
        return statuses

    assert asyncio.run(play()) == [421, 200, 200]
    assert [record.status for record in caplog.records if record.name == around.log.name] == [421]


def play_app(app, counts: Counts, refusals: Refusals, times: int = 1) -> list[dict]:
    """Ask an application behind the watch, and return what it sent."""
    sent: list[dict] = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    async def play() -> None:
        for _ in range(times):
            scope = {"type": "http", "headers": [], "method": "GET", "client": ("192.0.2.7", 1),
                     "path": "/secret-words"}  # fmt: skip
            await observed(app, counts, refusals)(scope, receive, send)

    asyncio.run(play())
    return sent


def test_a_fault_is_told_without_its_words_and_dressed(caplog):
    async def fail(scope, receive, send):
        raise KeyError("secret-words")

    counts = Counts()
    sent = play_app(fail, counts, Refusals())
    assert sent[0]["status"] == 500
    assert {name for name, _ in HEADERS} <= {name for name, _ in sent[0]["headers"]}
    assert b"secret" not in sent[1]["body"]
    assert counts.answers[500] == 1
    assert "KeyError in test_wire_and_door.py" in caplog.text
    assert "secret" not in caplog.text


def test_a_fault_in_the_middle_of_an_answer_ends_the_connection():
    async def half(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise KeyError("secret-words")

    with pytest.raises(ConnectionAbortedError) as end:
        play_app(half, Counts(), Refusals())
    assert end.value.__cause__ is None
    assert end.value.__suppress_context__


async def refuse(scope, receive, send):
    scope["refused"] = "console.NoPage"
    await send({"type": "http.response.start", "status": 404, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def test_a_class_of_refused_requests_is_told_once_a_minute_with_how_many_more(caplog):
    now_s = [1000.0]
    refusals = Refusals(lambda: now_s[0])
    with caplog.at_level(logging.WARNING):
        play_app(refuse, Counts(), refusals, times=500)
        assert len(caplog.records) == 1
        now_s[0] += 61
        play_app(refuse, Counts(), refusals)
    first, second = caplog.records
    assert (first.status, first.code, first.client) == (404, "console.NoPage", "192.0.2.7")
    assert (first.also, second.also) == (0, 499)
    assert first.route == "(none)", "the address asked for is not named"


def test_classes_without_end_do_not_fill_the_memory(caplog):
    refusals = Refusals()
    for nth in range(3 * around.CLASSES_MAX):
        scope = {"path_template": f"/{nth}", "client": None, "method": "GET"}
        refusals.note(404, scope)
    assert len(refusals._told_s) <= around.CLASSES_MAX
