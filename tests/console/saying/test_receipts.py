"""What a gateway tells of texts: counted once; a text that reached nobody opens nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from answerable.console.saying.service import RECEIPTS_KEPT
from answerable.console.serve.check import Found
from answerable.exchange.hooks.addresses import networks
from answerable.exchange.hooks.letters import new_secret
from answerable.exchange.texts.definition import TextsAt
from answerable.exchange.texts.gateway import HttpTexts
from answerable.exchange.texts.text import Receipt
from answerable.followup import back_words as b
from answerable.kernel.authority import Actor
from tests.console.saying.conftest import Asked
from tests.console.saying.test_texts import Scene
from tests.exchange.hooks.receivers import Receiver, hangs

STAFF = Actor(name="supervisor", role="supervisor")


def told(scene: Scene, *receipts: Receipt) -> None:
    scene.gateway.reported += receipts
    asyncio.run(scene.saying._look(scene.gateway))


def test_a_receipt_is_counted_once_and_one_nobody_knows_never(asked):
    scene = Scene(asked)
    _incident, _call, text = scene.sent()
    told(scene, *[Receipt(text.id, "delivered")] * 2, Receipt("X" * 22, "delivered"))
    told(scene, Receipt(text.id, "delivered"), Receipt("X" * 22, "failed"))
    assert (scene.saying.delivered, scene.saying.undelivered) == (1, 0)
    assert asked.saying.find(text.id) is not None
    assert scene.saying.check().found is Found.WELL


def test_a_text_that_reached_nobody_opens_nothing_and_its_caller_is_rung(asked):
    scene = Scene(asked)
    incident, call, text = scene.sent()
    told(scene, Receipt(text.id, "failed"))
    assert (scene.saying.delivered, scene.saying.undelivered) == (0, 1)
    assert asked.saying.find(text.id) is None
    assert scene.saying.check().found is Found.WATCH
    assert asked.front.gauges["texts_undelivered"][1]() == 1
    asked.world.do(b.AnswerCallBack, STAFF, incident=incident, call=call, overall=4)
    assert len(asked.answers()) == 1


def test_an_adapter_whose_manifest_promises_no_receipts_is_not_asked_for_any(asked):
    scene = Scene(asked)
    _incident, _call, text = scene.sent()
    scene.saying._receipts = False
    told(scene, Receipt(text.id, "failed"))
    assert scene.saying.undelivered == 0
    assert scene.gateway.reported


def test_what_is_known_of_receipts_is_bounded(asked, monkeypatch):
    from answerable.console.saying import service

    monkeypatch.setattr(service, "RECEIPTS_KEPT", 1)
    scene = Scene(asked)
    for nth in range(3):
        told(scene, Receipt(asked.token(*asked.over(call=f"C{nth}")), "delivered"))
    assert scene.saying.delivered == 3
    assert len(scene.saying._told) == 1
    assert RECEIPTS_KEPT > 1_000


@pytest.mark.parametrize("dead", [False, True])
def test_a_gateway_on_the_network_that_is_slow_or_dead_holds_up_no_command(
    asked: Asked, tmp_path: Path, dead: bool
):
    secret = tmp_path / "secret"
    secret.write_text(new_secret())
    secret.chmod(0o600)

    async def whole(url: str) -> int:
        texts = TextsAt(kind="http", address=url, replies=url, secret_file=str(secret))
        asked.saying.set_up(
            texts, "https://centre.example", HttpTexts(texts, networks(["127.0.0.0/8"]))
        )
        running = asyncio.create_task(asked.saying.run())
        incident, call = asked.over()
        asked.world.do(b.SendLink, STAFF, incident=incident, call=call, way="link")
        sender = asked.saying.sender
        assert sender is not None
        done = 0
        while sender.failures == 0 if dead else not receiver.letters:
            asked.over()  # the centre works on while the gateway does not
            done += 1
            await asyncio.sleep(0.01)
        done += bool(asked.over())
        assert sender.carried == 0
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return done

    with Receiver(hangs) as receiver:
        url = receiver.url
        if dead:
            receiver.__exit__()
        assert asyncio.run(whole(url)) >= 1
