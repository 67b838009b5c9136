"""Requests that no honest program sends: smuggled, folded, endless, nested, in the wrong clothes.

Each is met by a refusal with a status, records nothing, tells nothing of the machine, and leaves
the service answering the next one.
"""

from __future__ import annotations

import asyncio
import gzip

import msgspec
import pytest
import uvicorn

from answerable.console.running import address_of, listen
from answerable.console.serve.wire import Wire
from tests.attack.scene import SAME, Answer, Besieged, form

JSON = ("content-type", "application/json")
GOOD = b"GET /enter HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n"
LEAKS = (b"Traceback", b"site-packages", b"/usr/lib", b"root:x:", b"msgspec", b"litestar",
         b"sqlite3.")  # fmt: skip


def post(head: bytes, body: bytes = b"") -> bytes:
    return b"POST /api/commands HTTP/1.1\r\nhost: 127.0.0.1\r\n" + head + b"\r\n" + body


SMUGGLED = {
    "length and chunks": post(
        b"content-length: 4\r\ntransfer-encoding: chunked\r\n", b"0\r\n\r\nGET"
    ),
    "two lengths": post(b"content-length: 4\r\ncontent-length: 40\r\n", b"abcd"),
    "two equal lengths": post(b"content-length: 4\r\ncontent-length: 4\r\n", b"abcd"),
    "length with a sign": post(b"content-length: +4\r\n", b"abcd"),
    "length below nothing": post(b"content-length: -1\r\n", b"abcd"),
    "length in words": post(b"content-length: four\r\n", b"abcd"),
    "length as a list": post(b"content-length: 4, 4\r\n", b"abcd"),
    "chunks twice": post(b"transfer-encoding: chunked, chunked\r\n", b"0\r\n\r\n"),
    "chunks in disguise": post(b"transfer-encoding: xchunked\r\n", b"0\r\n\r\n"),
    "chunks and identity": post(b"transfer-encoding: chunked, identity\r\n", b"0\r\n\r\n"),
    "a chunk of no size": post(b"transfer-encoding: chunked\r\n", b"zz\r\nabc\r\n0\r\n\r\n"),
    "a chunk beyond reason": post(b"transfer-encoding: chunked\r\n", b"f" * 20 + b"\r\n"),
    "a folded header": b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx: a\r\n b: c\r\n\r\n",
    "a blank before the colon": b"GET / HTTP/1.1\r\nhost : 127.0.0.1\r\n\r\n",
    "a null in a header": b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx: a\0b\r\n\r\n",
    "a bare return in a header": b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx: a\rb: c\r\n\r\n",
    "a header without a name": b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n: x\r\n\r\n",
    "an old version": b"GET /\r\n\r\n",
    "a version to come": b"GET / HTTP/7.3\r\nhost: 127.0.0.1\r\n\r\n",
    "another protocol": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(40),
    "a method with a bracket": b"G(T / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /enter HTTP/1.1\r\nhost: 127.0.0.1\r\nhost: evil.example\r\n\r\n",
    "a host with a person": b"GET /enter HTTP/1.1\r\nhost: 127.0.0.1@evil.example\r\n\r\n",
    "a host with a path": b"GET /enter HTTP/1.1\r\nhost: 127.0.0.1/evil\r\n\r\n",
    "another host": b"GET /enter HTTP/1.1\r\nhost: evil.example\r\n\r\n",
    "too many headers": b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n" + b"x: y\r\n" * 20_000 + b"\r\n",
    "a header without end": b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx: "
    + b"y" * 70_000
    + b"\r\n\r\n",
    "an address without end": b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n",
}  # fmt: skip
PLACES = [
    "/static/../../../../etc/passwd", "/static/%2e%2e/%2e%2e/etc/passwd", "/static/..%2f..%2fetc",
    "/static/%252e%252e/etc/passwd", "/town/..\\..\\etc\\passwd", "/town/%5c..%5cetc",
    "//etc/passwd",
    "/static/%c0%ae%c0%ae/etc/passwd", "/static/....//....//etc/passwd", "/%2e%2e/authority.toml",
    "/static/app.js%00.css", "/incidents/..%2f..%2fadmin", "/incidents/%0d%0aset-cookie:%20x=1",
    "/language/%0d%0aset-cookie:%20x=1", "/;/admin", "/admin/;x", "/ADMIN", "/admin//accounts",
    "/board%2f", "/./admin", "/board/../admin", "/%61dmin/accounts", "/live/..%2fboard",
]  # fmt: skip


async def spoken(siege: Besieged, *requests: bytes) -> list[bytes]:
    """Send each request over a connection of its own; return all that came back of each."""
    listener = listen("127.0.0.1", 0, "")
    config = uvicorn.Config(siege.asgi, http=Wire, lifespan="off", log_config=None, ws="none",
                            server_header=False)  # fmt: skip
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    running = asyncio.create_task(server.serve(sockets=[listener]))
    port = int(address_of(listener).rsplit(":", 1)[1])
    told = []
    try:
        for request in requests:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(request)
            try:
                told.append(await asyncio.wait_for(reader.read(300_000), 2))
            except (TimeoutError, ConnectionError):
                told.append(b"")
            writer.close()
    finally:
        server.should_exit = True
        await running
    return told


def status_of(answer: bytes) -> int:
    """Return the status of an answer, 0 where the connection was ended without one."""
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


@pytest.fixture(scope="module")
def smuggled(siege) -> dict[str, bytes]:
    """What each of the smuggled requests was answered; a good one comes after them."""
    before = siege.position
    told = siege.run(lambda: spoken(siege, *SMUGGLED.values(), GOOD))
    assert siege.position == before
    return dict(zip((*SMUGGLED, "good"), told, strict=True))


def test_no_smuggled_or_broken_request_is_taken_for_one(smuggled):
    for name, answer in smuggled.items():
        assert not any(leak in answer for leak in LEAKS), name
        assert answer.count(b"HTTP/1.1 ") <= 1, (name, answer[:400])
        if status_of(answer):
            assert b"content-security-policy" in answer.lower(), name
        if name != "good":
            assert status_of(answer) in (0, 400, 401, 421, 431), (name, answer[:200])
    assert status_of(smuggled["good"]) == 200


AMBIGUOUS = ("length and chunks", "two lengths", "length as a list", "length with a sign",
             "length below nothing", "chunks in disguise", "chunks and identity",
             "a null in a header", "a blank before the colon",
             "a bare return in a header")  # fmt: skip


@pytest.mark.parametrize("name", AMBIGUOUS)
def test_what_two_readers_could_read_in_two_ways_is_no_request(smuggled, name):
    assert status_of(smuggled[name]) in (0, 400), smuggled[name][:200]


@pytest.mark.parametrize("name", ["two hosts", "a host with a person", "another host", "no host"])
def test_a_host_that_is_not_ours_alone_is_not_served(smuggled, name):
    assert status_of(smuggled[name]) in (400, 421), smuggled[name][:200]


def test_no_way_of_writing_an_address_leads_out_or_around(siege):
    """To nobody, and to a role that is given no page but the health of the service."""
    cookie = f"cookie: {siege.cookie('probe')[0][1]}\r\n"
    asked = [(path, who) for path in PLACES for who in ("", cookie)]
    requests = [
        f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1\r\n{who}connection: close\r\n\r\n".encode()
        for path, who in asked
    ]
    told = siege.run(lambda: spoken(siege, *requests))
    for (path, _who), answer in zip(asked, told, strict=True):
        assert status_of(answer) in (303, 400, 401, 403, 404), (path, answer[:200])
        head = answer.partition(b"\r\n\r\n")[0].lower()
        assert b"set-cookie: x=1" not in head
        assert not any(leak in answer for leak in LEAKS)
        if status_of(answer) == 303:
            assert b"location: /enter?back=/" in head or b"location: /board" in head


BODIES = {
    "nothing": b"", "null": b"null", "a number": b"1", "a list": b"[]", "a text": b'"x"',
    "an empty object": b"{}", "no JSON": b"{'type': 1}", "half": b'{"type":"intake.An',
    "two": b'{"type":"intake.AnswerCall","key":"k-000001"}{}', "depth": b"[" * 60_000,
    "depth of objects": b'{"a":' * 12_000, "nested in a field": b'{"type":"intake.AnswerCall",'
    b'"key":"k-000002","line":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
    "no text": b"\xff\xfe\x00", "a mark in front": b"\xef\xbb\xbf{}",
    "another encoding": '{"type":"intake.AnswerCall","key":"k-000003"}'.encode("utf-16"),
    "half a sign": b'{"type":"intake.AnswerCall","key":"k-000004","line":"\\ud800"}',
    "no number": b'{"type":"dispatch.SendUnit","key":"k-000005","incident":"1","unit":"E03",'
    b'"eta_s":NaN}', "beyond numbers": b'{"type":"dispatch.SendUnit","key":"k-000006",'
    b'"incident":"1","unit":"E03","eta_s":1e999999}', "a long number":
    b'{"type":"intake.StrikeNote","key":"k-000007","incident":"1","note":' + b"9" * 5000 +
    b',"reason":"xx"}', "another type": b'{"type":"__main__.Evil","key":"k-000008"}',
    "a type of no text": b'{"type":["intake.AnswerCall"],"key":"k-000009"}',
    "an unknown field": b'{"type":"intake.AnswerCall","key":"k-000010","role":"administrator"}',
    "a field of the server": b'{"type":"intake.AnswerCall","key":"k-000011","actor":"root.admin"}',
    "a key without end": b'{"type":"intake.AnswerCall","key":"' + b"k" * 60_000 + b'"}',
    "a line end in the key": b'{"type":"intake.AnswerCall","key":"k-0000\\n12"}',
    "a null in a name": b'{"type":"dispatch.TakeOffDuty","key":"k-000013","unit":"E\\u000003"}',
    "a bomb": gzip.compress(b"[" * 10_000_000), "many fields":
    b'{"type":"intake.AnswerCall","key":"k-000014",'
    + b",".join(b'"f%d":1' % n for n in range(5000)) + b"}",
}  # fmt: skip


@pytest.mark.parametrize("name", BODIES)
def test_a_body_that_is_no_command_is_a_400_with_a_reason_and_nothing_recorded(siege, name):
    before = siege.position
    headers = (JSON, *SAME, *siege.cookie("supervisor"))
    if name == "a bomb":
        headers = (*headers, ("content-encoding", "gzip"))
    answer: Answer = siege.run(
        lambda: siege.ask("POST", "/api/commands", headers=headers, body=BODIES[name])
    )
    assert (answer.status, answer.code) == (400, "console.BadCommand"), answer.text[:200]
    assert not any(leak in answer.body for leak in LEAKS)
    assert len(answer.body) < 2000
    assert siege.position == before


@pytest.mark.parametrize("declared", ["", "10", "70000", "99999999999999999999"])
@pytest.mark.parametrize("path", ["/api/commands", "/do", "/enter", "/admin/accounts"])
def test_a_body_without_end_is_refused_whatever_it_says_of_its_length(siege, path, declared):
    """Read no further than the limit, though it comes in pieces and never stops."""
    pieces = (b"x=" + b"y" * 65_000 for _ in range(40))
    headers = (
        *SAME, *siege.cookie("administrator"),
        JSON if path.startswith("/api") else ("content-type", "application/x-www-form-urlencoded"),
        *([("content-length", declared)] if declared else []),
    )  # fmt: skip
    before = siege.position
    answer = siege.run(lambda: siege.ask("POST", path, headers=headers, body=list(pieces)))
    assert answer.status in (400, 413), answer.text[:200]
    assert siege.position == before


FORMS = {
    "no form": b"\xff\xfe", "half a sign": b"line=%ff", "bare": b"line", "many": b"a=1&" * 5000,
    "the same field twice": b"type=intake.AnswerCall&type=access.OpenAccount",
    "parts": b'--x\r\ncontent-disposition: form-data; name="line"\r\n\r\nx\r\n--x--\r\n',
    "JSON": b'{"type":"intake.AnswerCall"}', "null": b"line=%00", "a template": b"line={{7*7}}",
    "an entity": b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>",
}  # fmt: skip


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize(
    "path", ["/do", "/line", "/line/read", "/take", "/enter", "/account/password"]
)
def test_a_form_that_is_none_is_refused_and_nothing_recorded(siege, path, name):
    token = siege.form_token("supervisor")
    sent = form()
    sent["headers"] = (*sent["headers"], *siege.cookie("supervisor"), ("x-token", token))
    before = siege.position
    answer = siege.run(lambda: siege.ask("POST", path, **(sent | {"body": FORMS[name]})))
    assert answer.status in (200, 400, 401, 403), (answer.status, answer.text[:200])
    assert not any(leak in answer.body for leak in LEAKS)
    assert b"49" not in answer.body or name != "a template"
    assert siege.position == before


def test_what_is_typed_is_shown_as_it_was_typed_and_never_as_a_page(siege):
    """In the line's hint, on a refused form, in an incident's thread."""
    evil = '<img src=x onerror="alert(1)">{{7*7}}'

    async def scene() -> list[str]:
        headers = siege.cookie("supervisor")
        typed = form(line=f"/send {evil}", token=siege.form_token("supervisor"))
        typed["headers"] = (*typed["headers"], *headers)
        hint = await siege.ask("POST", "/line/read", **typed)
        assert hint.status == 200
        key = "typed-words-1"
        body = msgspec.json.encode({"type": "intake.AddNote", "key": key, "words": evil,
                                    "incident": siege.incident})  # fmt: skip
        noted = await siege.ask("POST", "/api/commands", headers=(JSON, *SAME, *headers), body=body)
        assert noted.status == 201
        siege.front.recorded = siege.position
        page = await siege.ask("GET", f"/incidents/{siege.incident}", headers=headers)
        sent = form(name=evil, password="x", back="/")
        door = await siege.ask("POST", "/enter", **sent)
        return [hint.text, page.text, door.text]

    for text in siege.run(scene):
        assert "<img src=x" not in text
    assert "&lt;img" in "".join(siege.run(scene_again(siege)))


def scene_again(siege: Besieged):
    async def scene() -> list[str]:
        sent = form(name="<img src=x>", password="x", back="/")
        return [(await siege.ask("POST", "/enter", **sent)).text]

    return scene
