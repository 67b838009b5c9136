"""A gateway of short messages on real sockets: texts out, replies and receipts in."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from answerable.client import check_letter
from answerable.exchange.hooks import post
from answerable.exchange.hooks.addresses import networks
from answerable.exchange.hooks.letters import new_secret
from answerable.exchange.hooks.post import NotTaken
from answerable.exchange.texts import gateway
from answerable.exchange.texts.adapters import adapter_of
from answerable.exchange.texts.definition import TextsAt
from answerable.exchange.texts.gateway import ASK_EVERY_S, FAILED_EVERY_S, HttpTexts
from answerable.exchange.texts.text import Receipt, Reply, Text
from tests.exchange.hooks.receivers import Receiver, floods, good, hangs, nowhere, says

TOKEN, OTHER = "T" * 22, "U" * 22
NUMBER = "+1 555 0142"
TEXT = Text(id=TOKEN, number=NUMBER, words="How did we do?", lang="en")
INSIDE = networks(["127.0.0.0/8"])
SECRET = new_secret()


class Hour:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    path = tmp_path / "gateway.secret"
    path.write_text(SECRET + "\n")
    path.chmod(0o600)
    return path


def at(url: str, secret: Path, replies: str = "") -> TextsAt:
    return TextsAt(kind="http", address=url, replies=replies, secret_file=str(secret))


def play(
    texts: TextsAt, scene: Callable[[HttpTexts], Any], inside: Any = INSIDE, hour: Any = None
) -> Any:
    async def whole() -> Any:
        made = HttpTexts(texts, inside, hour or Hour())
        try:
            return await scene(made)
        finally:
            await made.close()

    return asyncio.run(whole())


def carry(texts: TextsAt, inside: Any = INSIDE) -> None:
    play(texts, lambda made: made.carry(TEXT), inside)


def answers(*bodies: Any) -> Callable[..., None]:
    """Answer each question with the next of these, the last one for ever."""
    left = list(bodies)

    def answer(receiver: Receiver, near: Any) -> None:
        body = left.pop(0) if len(left) > 1 else left[0]
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        says("200 OK", body=raw)(receiver, near)

    return answer


def test_a_gateway_gets_the_text_signed_and_the_token_stands_in_no_header(secret):
    with Receiver(good) as receiver:
        carry(at(receiver.url, secret))
        [(headers, body)] = receiver.letters
    assert json.loads(body) == {
        "id": TOKEN, "number": NUMBER, "words": "How did we do?", "lang": "en",
    }  # fmt: skip
    check_letter(SECRET, headers, body)
    assert not any(told in value for value in headers.values() for told in (TOKEN, "0142"))


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_secret_that_others_may_read_is_not_used(secret, mode):
    secret.chmod(mode)
    with Receiver(good) as receiver:
        with pytest.raises(NotTaken, match="its secret cannot be used"):
            carry(at(receiver.url, secret))
        assert receiver.letters == []


@pytest.mark.parametrize("inside", ["", "no secret at all", "whsec_!"])
def test_without_a_secret_that_signs_nothing_leaves(secret, inside):
    secret.write_text(inside)
    with Receiver(good) as receiver:
        with pytest.raises(NotTaken, match="its secret cannot be used"):
            carry(at(receiver.url, secret))
        assert receiver.letters == []
    secret.unlink()
    with pytest.raises(NotTaken, match="FileNotFoundError"):
        carry(at("http://127.0.0.1:9/", secret))


def test_a_number_leaves_unencrypted_into_ones_own_networks_only(secret, monkeypatch):
    async def world(_self: object, _host: str, _port: int) -> list[str]:
        return ["93.184.215.14"]

    with Receiver(good) as receiver:
        with pytest.raises(NotTaken, match="inside the network"):
            carry(at(receiver.url, secret), inside=())
        monkeypatch.setattr(gateway.Resolver, "__call__", world)
        with pytest.raises(NotTaken, match="http is not encrypted"):
            carry(at("http://gateway.example/", secret))
        texts = at("https://gateway.example/", secret, "http://gateway.example/r")
        with pytest.raises(NotTaken, match="http is not encrypted"):
            play(texts, lambda made: made.replies())
        assert receiver.letters == []


@pytest.mark.parametrize("answer", ["500 Oh", "301 Moved", "404 Not Found", "401 No"])
def test_a_gateway_that_refuses_has_not_taken_it(secret, answer):
    with Receiver(says(answer)) as receiver, pytest.raises(NotTaken, match=answer[:3]):
        carry(at(receiver.url, secret))


def test_a_gateway_that_is_busy_says_for_how_long(secret):
    busy = says("429 Too Many", "retry-after: 90")
    with Receiver(busy) as receiver, pytest.raises(NotTaken) as told:
        carry(at(receiver.url, secret))
    assert told.value.wait_s == 90


def test_a_dead_gateway_and_one_that_hangs_are_cut_off(secret, monkeypatch):
    with pytest.raises(NotTaken, match="nothing answers"):
        carry(at(nowhere(), secret))
    monkeypatch.setattr(post, "TIMEOUT_S", 0.2)
    with Receiver(hangs) as receiver:
        with pytest.raises(NotTaken, match="no answer came"):
            carry(at(receiver.url, secret))
        with pytest.raises(NotTaken, match="no answer came"):
            play(at(receiver.url, secret, receiver.url), lambda made: made.replies())


def test_replies_that_hang_hold_up_no_text(secret, monkeypatch):
    monkeypatch.setattr(post, "TIMEOUT_S", 30.0)

    async def scene(made: HttpTexts) -> None:
        asking = asyncio.create_task(made.replies())
        while not slow.letters:
            await asyncio.sleep(0.005)
        await made.carry(TEXT)
        assert not asking.done()
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)

    with Receiver(hangs) as slow, Receiver(good) as receiver:
        play(at(receiver.url, secret, slow.url), scene)
        assert len(receiver.letters) == 1


def test_replies_and_receipts_come_once_and_the_gateway_is_told_how_far(secret):
    first = {"next": "7", "replies": [{"id": TOKEN, "words": "4534"}],
             "receipts": [{"id": OTHER, "state": "failed"}]}  # fmt: skip
    hour = Hour()

    async def scene(made: HttpTexts) -> None:
        assert await made.receipts() == []
        assert await made.replies() == [Reply(TOKEN, "4534")]
        assert await made.receipts() == [Receipt(OTHER, "failed")]
        assert await made.receipts() == []
        assert await made.replies() == []  # too soon to ask again
        hour.now += ASK_EVERY_S
        assert await made.replies() == []

    with Receiver(answers(first, {"next": "7"})) as receiver:
        play(at("https://nobody.example/", secret, receiver.url), scene, hour=hour)
        asked = receiver.letters
    assert [json.loads(body)["after"] for _headers, body in asked] == ["", "7"]
    for headers, body in asked:
        check_letter(SECRET, headers, body)


def test_what_cannot_be_understood_spoils_nothing_else_and_is_not_repeated(secret, caplog):
    bad: list[Any] = [
        {"id": "short", "words": "x"}, {"id": TOKEN}, {"id": TOKEN, "words": "my name is Ann",
         "from": NUMBER}, {"id": TOKEN, "words": "x" * 2_000}, 7,
    ]  # fmt: skip
    states = [{"id": TOKEN, "state": "read"}, {"id": TOKEN, "state": "delivered"}]
    told = {"next": "1", "replies": [*bad, {"id": TOKEN, "words": "5555"}], "receipts": states}

    async def scene(made: HttpTexts) -> None:
        assert await made.replies() == [Reply(TOKEN, "5555")]
        assert await made.receipts() == [Receipt(TOKEN, "delivered")]
        assert made.bad == len(bad) + 1

    with caplog.at_level(logging.DEBUG), Receiver(answers(told)) as receiver:
        play(at("https://nobody.example/", secret, receiver.url), scene)
    assert "6 replies or receipts" in caplog.text
    for secret_word in ("Ann", "0142", TOKEN, SECRET):
        assert secret_word not in caplog.text


@pytest.mark.parametrize(
    "body",
    [b"", b"no json: my name is Ann", b"[]", b'{"replies":[]}', b"[" * 9_000,
     b'{"next":"1","replies":[' + b",".join([b"7"] * 501) + b"]}", b'{"next":"\xff"}'],
)  # fmt: skip
def test_an_answer_that_is_none_is_not_taken_and_is_asked_again_later(secret, body):
    hour = Hour()

    async def scene(made: HttpTexts) -> None:
        with pytest.raises(NotTaken, match=r"^its answer cannot be understood$"):
            await made.replies()
        hour.now += FAILED_EVERY_S - 1
        assert await made.replies() == []
        hour.now += 1
        with pytest.raises(NotTaken):
            await made.replies()

    with Receiver(answers(body)) as receiver:
        play(at("https://nobody.example/", secret, receiver.url), scene, hour=hour)


def test_an_answer_without_end_is_not_read(secret):
    with Receiver(floods) as receiver, pytest.raises(NotTaken, match="longer than"):
        play(at("https://nobody.example/", secret, receiver.url), lambda made: made.replies())


def test_without_an_address_for_replies_nobody_is_asked(secret):
    assert play(at("https://nobody.example/", secret), lambda made: made.replies()) == []


def test_the_settings_make_it(secret):
    texts = at("https://nobody.example/", secret)
    made = adapter_of(texts, INSIDE)
    assert isinstance(made, HttpTexts)
    assert msgspec.structs.replace(texts, address="https://other.example/").mark() != texts.mark()
