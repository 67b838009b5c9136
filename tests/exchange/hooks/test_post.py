"""A letter on real sockets: taken, or not taken for a reason, soon, wherever it leads."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
import subprocess
import threading
import time

import pytest

from answerable.exchange.hooks import addresses, post
from answerable.exchange.hooks.addresses import (
    NotThere,
    Resolver,
    allowed,
    networks,
    parts_of,
    place_of,
)
from answerable.exchange.hooks.post import NotTaken, Post
from tests.exchange.hooks.receivers import Receiver, drips, floods, good, hangs, nowhere, says

LOOPBACK = networks(["127.0.0.0/8"])


def carried(url: str, inside=LOOPBACK, times: int = 1) -> str:
    """Carry a letter and return why it was not taken, "" where it was."""

    async def carry() -> str:
        resolver = Resolver()
        carrier = Post(resolver, inside)
        try:
            for _ in range(times):
                await carrier.carry(url, {"webhook-id": "msg_1"}, b'{"a":1}')
        except NotTaken as error:
            return f"{error.why} {error.wait_s:g}".removesuffix(" 0")
        finally:
            await carrier.close()
            resolver.close()
        return ""

    return asyncio.run(carry())


def test_a_letter_is_posted_to_its_address_with_its_headers_over_one_connection():
    with Receiver(good) as receiver:
        assert carried(receiver.url, times=3) == ""
        assert len(receiver._open) == 1
        headers, body = receiver.letters[0]
    assert headers["request"] == "POST /hook?from=answerable HTTP/1.1"
    assert headers["host"] == receiver.url.split("/")[2]
    assert (headers["webhook-id"], body) == ("msg_1", b'{"a":1}')


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (says("500 Oh"), "it answered 500"), (says("404 No"), "it answered 404"),
        (says("429 Slow", "retry-after: 30"), "it answered 429 30"),
        (says("503 Busy", "retry-after: 999999"), "it answered 503 3600"),
        (says("503 Busy", "retry-after: soon"), "it answered 503"),
        (says("301 Moved", "location: http://127.0.0.1:9/"),
         "it leads elsewhere (301), which is not followed"),
        (lambda _receiver, near: near.sendall(b"SSH-2.0-OpenSSH\r\n\r\n"),
         "the connection broke before the answer"),
        (lambda _receiver, near: near.close(), "the connection broke before the answer"),
    ],
)  # fmt: skip
def test_a_letter_that_is_not_taken_says_why(answer, why):
    with Receiver(answer) as receiver:
        assert carried(receiver.url) == why
        assert receiver.called == 1, "a redirect must not be followed"


def test_nobody_there_is_told():
    assert carried(nowhere()) == "nothing answers there"
    assert carried("http://no-such-name.invalid/") == "there is no such name"


@pytest.mark.parametrize("way", [hangs, drips])
def test_who_does_not_come_to_an_end_is_left_after_the_whole_time(way, monkeypatch):
    monkeypatch.setattr(post, "TIMEOUT_S", 0.4)
    with Receiver(way) as receiver:
        begun_s = time.monotonic()
        assert carried(receiver.url) == "no answer came within 0.4 s"
        assert time.monotonic() - begun_s < 3


def test_a_flood_is_taken_as_a_success_and_hardly_read():
    with Receiver(floods) as receiver:
        begun_s = time.monotonic()
        assert carried(receiver.url) == ""
        assert time.monotonic() - begun_s < 3


def test_a_certificate_that_nobody_signed_is_not_believed(tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "own.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj",
         "/CN=localhost", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    def secure(receiver, near):
        raise AssertionError("it must not get that far")

    with Receiver(secure) as receiver:
        receiver.read = lambda near: context.wrap_socket(near, server_side=True) and False
        assert carried(receiver.url.replace("http:", "https:")) == "its certificate is not believed"


# -- where letters may go --------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.5.5", "169.254.169.254", "0.0.0.0", "::1",
     "fe80::1", "fc00::1", "::ffff:127.0.0.1", "224.0.0.1", "100.64.0.1", "255.255.255.255"],
)  # fmt: skip
def test_the_inside_of_the_network_is_closed_unless_it_is_named(address):
    found = ipaddress.ip_address(address)
    assert not allowed(found, ())
    net = networks([address.removeprefix("::ffff:")])
    assert allowed(found, net)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1"])
def test_the_world_is_open(address):
    assert allowed(ipaddress.ip_address(address), ())


def test_a_letter_to_this_machine_is_not_sent_unless_it_is_allowed():
    with Receiver(good) as receiver:
        assert "inside the network" in carried(receiver.url, inside=())
        assert "inside the network" in carried(receiver.url.replace("127.0.0.1", "localhost"), ())
        assert receiver.called == 0


def test_a_name_with_one_address_inside_is_not_reached_at_all():
    async def both(_host, _port):
        return ["93.184.216.34", "10.0.0.1"]

    with pytest.raises(NotThere, match=r"leads to 10\.0\.0\.1"):
        asyncio.run(place_of("two.example", 443, (), both))


def test_without_encryption_a_letter_goes_nowhere_but_into_ones_own_networks():
    async def found(host, _port):
        return [host]

    def goes(address, inside, plain):
        return asyncio.run(place_of(address, 80, networks(inside), found, plain=plain))

    assert goes("10.0.4.7", ["10.0.4.0/24"], True) == "10.0.4.7"
    assert goes("93.184.216.34", [], False) == "93.184.216.34"
    with pytest.raises(NotThere, match="http is not encrypted"):
        goes("93.184.216.34", ["10.0.4.0/24"], True)
    assert "http is not encrypted" in carried("http://93.184.216.34/", inside=())


def test_what_was_looked_up_is_what_is_connected_to():
    """A name that changes its address between the look and the connection wins nothing."""
    answers = iter([["127.0.0.1"], ["127.0.0.2"]])

    async def changing(_host, _port):
        return next(answers)

    async def carry(url):
        carrier = Post(changing, LOOPBACK)
        try:
            await carrier.carry(url, {}, b"")
        finally:
            await carrier.close()

    with Receiver(good) as receiver:
        asyncio.run(carry(receiver.url.replace("127.0.0.1", "rebound.example")))
        assert receiver.letters[0][0]["host"].startswith("rebound.example:")
    assert next(answers) == ["127.0.0.2"], "it was looked up once"


@pytest.mark.parametrize(
    ("url", "why"),
    [("ftp://x.example/", "http or https"), ("file:///etc/passwd", "http or https"),
     ("http:///path", "http or https"), ("https://u:p@x.example/", "a name or a password"),
     ("https://u@x.example/", "a name or a password"), ("http://x.example:99999/", "malformed"),
     ("http://[x/", "malformed")],
)  # fmt: skip
def test_an_address_that_is_not_taken_says_why(url, why):
    with pytest.raises(NotThere, match=why):
        parts_of(url)
    assert why in carried(url)


def test_a_name_server_that_hangs_holds_up_its_own_threads_only(monkeypatch):
    release = threading.Event()
    monkeypatch.setattr(addresses, "_look_up", lambda *_: release.wait(20) and [])
    monkeypatch.setattr(post, "TIMEOUT_S", 0.2)

    async def scene() -> float:
        resolver = Resolver()
        carriers = [Post(resolver) for _ in range(addresses.RESOLVERS + 3)]
        tries = [one.carry("http://slow.example/", {}, b"") for one in carriers]
        begun_s = time.monotonic()
        told = await asyncio.gather(*tries, return_exceptions=True)
        assert all("no answer came" in str(one) for one in told)
        await asyncio.to_thread(int)  # the loop's own threads are free
        took_s = time.monotonic() - begun_s
        release.set()
        for one in carriers:
            await one.close()
        resolver.close()
        return took_s

    assert asyncio.run(scene()) < 3
